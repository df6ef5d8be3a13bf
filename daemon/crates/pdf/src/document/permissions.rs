//! Certification and locks (ISO 32000-2, 12.8.2 and 12.8.6).

use super::Document;
use crate::{Dictionary, Object, ReadError};

/// What a certification allows (ISO 32000-2, table 257).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum DocMdp {
    /// `/P 1`: nothing.
    NoChange,
    /// `/P 2`: filling in forms and signing.
    FillForms,
    /// `/P 3`: the same and annotations.
    Annotate,
}

impl DocMdp {
    fn of(parameters: &Dictionary) -> Self {
        match parameters.integer("P") {
            Some(1) => Self::NoChange,
            Some(3) => Self::Annotate,
            _ => Self::FillForms,
        }
    }
}

/// The fields that a signature locks (ISO 32000-2, table 258).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FieldLock {
    All,
    Include(Vec<String>),
    Exclude(Vec<String>),
}

impl FieldLock {
    /// Whether the field of this full name, or one above it, is locked.
    pub(crate) fn covers(&self, name: &str) -> bool {
        let listed = |names: &[String]| names.iter().any(|listed| is_within(name, listed));
        match self {
            Self::All => true,
            Self::Include(names) => listed(names),
            Self::Exclude(names) => !listed(names),
        }
    }
}

/// The signatures of a document, by the names of their fields, and what each locks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Locks(Vec<(String, Vec<FieldLock>)>);

impl Locks {
    /// The signature that locks the field of this full name; none where it may be filled.
    #[must_use]
    pub fn of(&self, name: &str) -> Option<&str> {
        let locks = |(_, locks): &&(String, Vec<FieldLock>)| locks.iter().any(|l| l.covers(name));
        self.0.iter().find(locks).map(|(signature, _)| signature.as_str())
    }
}

fn is_within(name: &str, above: &str) -> bool {
    name.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

impl Document<'_> {
    /// What the certification allows, where the document is certified.
    ///
    /// # Errors
    /// [`ReadError`] where `/Perms` is broken.
    pub fn doc_mdp(&self) -> Result<Option<DocMdp>, ReadError> {
        let Object::Dictionary(permissions) = self.get(&self.catalog()?, "Perms")? else {
            return Ok(None);
        };
        let Object::Dictionary(signature) = self.get(&permissions, "DocMDP")? else {
            return Ok(None);
        };
        let method = self.transform(&signature, "DocMDP")?;
        Ok(Some(method.map_or(DocMdp::FillForms, |parameters| DocMdp::of(&parameters))))
    }

    /// The strictest of what the certification and the signatures allow to come after them: `/Perms`,
    /// the transform of each signature, and `/P` of the lock of each signed field (ISO 32000-2, table
    /// 236). None where nothing restricts.
    ///
    /// # Errors
    /// [`ReadError`] where the form or a signature is broken.
    pub fn strictest_mdp(&self) -> Result<Option<DocMdp>, ReadError> {
        let mut strictest = self.doc_mdp()?;
        for field in self.signature_fields()? {
            let Some(value) = &field.value else { continue };
            let method = self.transform(&value.dictionary, "DocMDP")?;
            let own = method.map(|parameters| DocMdp::of(&parameters));
            let lock = self.get(&field.dictionary, "Lock")?;
            let lock = lock.as_dictionary().filter(|lock| lock.contains("P")).map(DocMdp::of);
            strictest = [strictest, own, lock].into_iter().flatten().min();
        }
        Ok(strictest)
    }

    /// What the signatures lock, by their transforms and by the `/Lock` of their fields.
    ///
    /// # Errors
    /// As [`strictest_mdp`](Self::strictest_mdp).
    pub fn locks(&self) -> Result<Locks, ReadError> {
        let mut locks = Locks::default();
        for field in self.signature_fields()? {
            let Some(value) = &field.value else { continue };
            let stated = self.field_lock(&value.dictionary)?;
            let own = match self.get(&field.dictionary, "Lock")? {
                Object::Dictionary(lock) => Some(self.lock_of(&lock)?),
                _ => None,
            };
            locks.0.push((field.name, stated.into_iter().chain(own).collect()));
        }
        Ok(locks)
    }

    /// The fields that a signature dictionary locks.
    pub(crate) fn field_lock(
        &self,
        signature: &Dictionary,
    ) -> Result<Option<FieldLock>, ReadError> {
        match self.transform(signature, "FieldMDP")? {
            Some(parameters) => self.lock_of(&parameters).map(Some),
            None => Ok(None),
        }
    }

    /// The lock that a dictionary with `/Action` and `/Fields` states.
    pub(crate) fn lock_of(&self, parameters: &Dictionary) -> Result<FieldLock, ReadError> {
        let mut names = Vec::new();
        if let Object::Array(items) = self.get(parameters, "Fields")? {
            for item in &items {
                names.extend(self.resolve(item)?.as_string().map(crate::PdfString::to_text));
            }
        }
        Ok(match parameters.name("Action") {
            Some("Include") => FieldLock::Include(names),
            Some("Exclude") => FieldLock::Exclude(names),
            _ => FieldLock::All,
        })
    }

    /// The parameters of a transform of a signature's `/Reference`.
    fn transform(
        &self,
        signature: &Dictionary,
        method: &str,
    ) -> Result<Option<Dictionary>, ReadError> {
        const MAX_REFERENCES: usize = 64;
        let Object::Array(references) = self.get(signature, "Reference")? else { return Ok(None) };
        for reference in references.iter().take(MAX_REFERENCES) {
            let Object::Dictionary(reference) = self.resolve(reference)? else { continue };
            if reference.name("TransformMethod") == Some(method) {
                let parameters = self.get(&reference, "TransformParams")?;
                return Ok(Some(parameters.as_dictionary().cloned().unwrap_or_default()));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_covers_what_lies_under_a_name() {
        let include = FieldLock::Include(vec!["a.b".to_owned()]);
        assert!(include.covers("a.b") && include.covers("a.b.c"));
        assert!(!include.covers("a.bc") && !include.covers("a"));
        assert!(!FieldLock::Exclude(vec!["a".to_owned()]).covers("a"));
        assert!(FieldLock::Exclude(vec![]).covers("a") && FieldLock::All.covers("a"));
    }
}
