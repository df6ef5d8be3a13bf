//! One revision against an older one of the same file: which objects lie elsewhere.

use super::Document;
use crate::xref::Entry;
use crate::{ObjectId, ReadError};
use std::collections::HashMap;

impl Document<'_> {
    /// Every object in use, by the cross-references.
    ///
    /// # Errors
    /// [`ReadError::TooComplex`] for more than `limit` entries; [`ReadError`] where they are broken.
    pub fn object_ids(&self, limit: u64) -> Result<Vec<ObjectId>, ReadError> {
        let all = self.in_use(limit)?;
        Ok(all.into_iter().map(|(number, entry)| id_of(number, entry)).collect())
    }

    /// Whether the cross-references give a place to this number.
    ///
    /// # Errors
    /// [`ReadError`] where they are broken.
    pub fn defines(&self, number: u32) -> Result<bool, ReadError> {
        Ok(self.entry(number)? != Entry::Free)
    }

    /// The objects whose place differs from that in `older`, a prefix of the same file: added,
    /// replaced and removed ones. An object that is not named has the same bytes in both, though
    /// what it refers to may differ.
    ///
    /// # Errors
    /// As [`object_ids`](Self::object_ids).
    pub fn changed_objects(
        &self,
        older: &Document<'_>,
        limit: u64,
    ) -> Result<Vec<ObjectId>, ReadError> {
        let before: HashMap<u32, Entry> = older.in_use(limit)?.into_iter().collect();
        let now: HashMap<u32, Entry> = self.in_use(limit)?.into_iter().collect();
        let same = |number: u32| before.get(&number) == now.get(&number);
        // The same place in an object stream that was replaced is another place.
        let kept = |number: u32, entry: Entry| match entry {
            Entry::InStream { container, .. } => same(number) && same(container),
            _ => same(number),
        };
        let added = now.iter().filter(|(number, entry)| !kept(**number, **entry));
        let removed = before.iter().filter(|(number, _)| !now.contains_key(number));
        let mut changed: Vec<ObjectId> =
            added.chain(removed).map(|(number, entry)| id_of(*number, *entry)).collect();
        changed.sort_unstable();
        Ok(changed)
    }
}

fn id_of(number: u32, entry: Entry) -> ObjectId {
    let generation = match entry {
        Entry::InFile { generation, .. } => generation,
        _ => 0,
    };
    ObjectId::new(number, generation)
}

#[cfg(test)]
mod tests {
    use crate::{Document, Limits, ObjectId, Prefix};

    /// Three objects; then the second replaced, the third freed and a fourth added.
    fn two_revisions() -> (Vec<u8>, u64) {
        let mut file = b"%PDF-1.7\n".to_vec();
        let mut places = Vec::new();
        let objects =
            ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>", "(three)"];
        for (index, object) in objects.iter().enumerate() {
            places.push(file.len());
            file.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).bytes());
        }
        let first = file.len();
        file.extend(b"xref\n0 4\n0000000000 65535 f \n");
        places.iter().for_each(|at| file.extend(format!("{at:010} 00000 n \n").bytes()));
        file.extend(
            format!("trailer\n<</Root 1 0 R/Size 4>>\nstartxref\n{first}\n%%EOF\n").bytes(),
        );
        let end = file.len() as u64;
        let second = file.len();
        file.extend(b"2 0 obj\n<</Type/Pages/Kids[]/Count 0/X 1>>\nendobj\n");
        let fourth = file.len();
        file.extend(b"4 0 obj\n(four)\nendobj\n");
        let xref = file.len();
        let entries =
            format!("{second:010} 00000 n \n0000000000 00001 f \n{fourth:010} 00000 n \n");
        file.extend(format!("xref\n2 3\n{entries}").bytes());
        let trailer =
            format!("trailer\n<</Root 1 0 R/Size 5/Prev {first}>>\nstartxref\n{xref}\n%%EOF\n");
        file.extend(trailer.bytes());
        (file, end)
    }

    #[test]
    fn replaced_removed_and_added_objects_are_named() {
        let (file, end) = two_revisions();
        let (limits, prefix) = (Limits::default(), Prefix::new(&file, end));
        let (old, new) =
            (Document::open(&prefix, &limits).unwrap(), Document::open(&file, &limits).unwrap());
        let ids =
            |numbers: &[u32]| numbers.iter().map(|n| ObjectId::new(*n, 0)).collect::<Vec<_>>();
        assert_eq!(new.changed_objects(&old, 100).unwrap(), ids(&[2, 3, 4]));
        assert_eq!(new.changed_objects(&new, 100).unwrap(), []);
        assert!(old.defines(3).unwrap() && !new.defines(3).unwrap());
        assert_eq!(old.object_ids(100).unwrap(), ids(&[1, 2, 3]));
        assert!(new.object_ids(2).is_err());
    }
}
