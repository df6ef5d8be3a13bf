//! Which letters of a page lie beneath something opaque that is painted after them.

use super::content::{Reader, matrix_of};
use super::ink::Painted;
use super::matrix::Matrix;
use super::paint::{Area, Cover, Source};
use super::{Letter, MAX_LETTERS, written};
use crate::{Document, Object, ObjectId, Page, ReadError, Stream};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::rc::Rc;

/// Comparisons of letters with areas, for one document.
const MAX_LOOKS: usize = 20_000_000;
/// Letters of a finding that are told.
const MAX_TOLD: usize = 80;
/// All five points of a letter are covered.
const ALL: u8 = 0b1_1111;

/// Letters beneath one thing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Beneath {
    /// The streams within each other that paint what lies above; an annotation stands first.
    pub(crate) source: Vec<ObjectId>,
    /// Whether one of them is none of those that show the letters: without it they would be seen.
    pub(crate) apart: bool,
    pub(crate) letters: u32,
    pub(crate) text: String,
}

/// Looks page after page, within bounds.
pub(crate) struct Look<'d, 's> {
    reader: Reader<'d, 's>,
    looks: usize,
}

impl<'d, 's> Look<'d, 's> {
    /// Leaves so many bytes of the document's work alone.
    pub(crate) fn new(doc: &'d Document<'s>, reserve: u64) -> Self {
        let mut reader = Reader::new(doc);
        reader.reserve = reserve;
        Self { reader, looks: MAX_LOOKS }
    }

    /// Begins a page with its content.
    pub(crate) fn page(&mut self, page: &Page) -> Result<(), ReadError> {
        self.reader.letters.clear();
        self.reader.painted = Some(Painted::default());
        self.reader.page(page)
    }

    /// Goes on with the appearance of an annotation in its rectangle (12.5.5).
    pub(crate) fn appearance(
        &mut self,
        annotation: Option<ObjectId>,
        form: &Stream,
        rectangle: [f64; 4],
    ) -> Result<(), ReadError> {
        let dictionary = &form.dictionary;
        let Some(bounds) = self.reader.doc.rectangle_of(dictionary, "BBox")? else { return Ok(()) };
        let from = matrix_of(self.reader.doc, dictionary)?.around(bounds);
        let before: Source = annotation.into_iter().collect();
        self.reader.appearance(form, onto(from, rectangle), &before)
    }

    /// What is beneath what on the page; none where there was more than can be looked at.
    pub(crate) fn end(&mut self) -> Option<Vec<Beneath>> {
        let painted = self.reader.painted.take()?;
        if painted.is_cut_off || self.reader.letters.len() > MAX_LETTERS {
            return None;
        }
        let letters = &self.reader.letters;
        let beneath = covered(letters, &painted.covers, &mut self.looks)?;
        Some(told(letters, &painted, &beneath))
    }
}

impl Document<'_> {
    /// The text of the page beneath an annotation of it that nothing shines through; none where it covers
    /// none. Empty where there is more than can be looked at.
    ///
    /// # Errors
    /// [`ReadError`] where the medium fails or the document's budget ends.
    pub fn text_beneath(&self, annotation: ObjectId) -> Result<Option<String>, ReadError> {
        let Object::Dictionary(dictionary) = self.object(annotation)? else { return Ok(None) };
        let (Some(form), Some(rectangle)) =
            (normal_appearance(self, &dictionary)?, self.rectangle_of(&dictionary, "Rect")?)
        else {
            return Ok(None);
        };
        let Some(page) = self.page_with(annotation)? else { return Ok(None) };
        let mut look = Look::new(self, 0);
        look.page(&page)?;
        look.appearance(Some(annotation), &form, rectangle)?;
        let Some(beneath) = look.end() else { return Ok(Some(String::new())) };
        let by = |one: &Beneath| one.apart && one.source.first() == Some(&annotation);
        Ok(beneath.into_iter().find(by).map(|one| one.text))
    }

    /// The first page that has the annotation.
    fn page_with(&self, annotation: ObjectId) -> Result<Option<Page>, ReadError> {
        let mut found = None;
        self.for_each_page(|page| {
            let listed = self.get(&page.dictionary, "Annots")?;
            let listed = listed.as_array().unwrap_or_default();
            let has = listed.iter().any(|one| one.as_reference() == Some(annotation));
            if has {
                found = Some(page);
            }
            Ok::<_, ReadError>(if has { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        Ok(found)
    }
}

/// What moves and scales one box onto another.
fn onto([x0, y0, x1, y1]: [f64; 4], to: [f64; 4]) -> Matrix {
    let share = |from: f64, to: f64| if from > 0.0 { to / from } else { 1.0 };
    let (x, y) = (share(x1 - x0, to[2] - to[0]), share(y1 - y0, to[3] - to[1]));
    Matrix([x, 0.0, 0.0, y, to[0] - x0 * x, to[1] - y0 * y])
}

/// For each covered letter, what covered the last of it.
fn covered(
    letters: &[Letter],
    covers: &[Cover],
    looks: &mut usize,
) -> Option<BTreeMap<usize, usize>> {
    let by_height = ByHeight::of(letters);
    let (mut points, mut found) = (vec![0u8; letters.len()], BTreeMap::new());
    for (number, cover) in covers.iter().enumerate() {
        for at in by_height.within(cover.area.around()) {
            *looks = looks.checked_sub(1)?;
            if at >= cover.above || points[at] == ALL || !meet(letters[at].at, cover.area.around())
            {
                continue;
            }
            *looks = looks.checked_sub(cover.area.cost())?;
            points[at] |= points_within(letters[at].at, &cover.area);
            if points[at] == ALL && matters(letters[at].letter) {
                found.insert(at, number);
            }
        }
    }
    Some(found)
}

/// Points that fill lines and dots, and signs that nobody can name by themselves, say nothing.
fn matters(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '\u{fffd}'
}

/// The middle of a letter and four points around it: a thin line through it hides none.
fn points_within([x0, y0, x1, y1]: [f64; 4], area: &Rc<Area>) -> u8 {
    const POINTS: [(f64, f64); 5] = [(0.5, 0.45), (0.3, 0.3), (0.7, 0.3), (0.3, 0.6), (0.7, 0.6)];
    let within = |(x, y): (f64, f64)| area.contains((x0 + x * (x1 - x0), y0 + y * (y1 - y0)));
    POINTS.iter().enumerate().map(|(at, point)| u8::from(within(*point)) << at).sum()
}

fn meet(a: [f64; 4], b: [f64; 4]) -> bool {
    a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3]
}

/// Letters by the height of their lower edge.
struct ByHeight {
    sorted: Vec<(f64, usize)>,
    tallest: f64,
}

impl ByHeight {
    fn of(letters: &[Letter]) -> Self {
        let mut sorted: Vec<(f64, usize)> =
            letters.iter().enumerate().map(|(at, letter)| (letter.at[1], at)).collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let tallest = letters.iter().map(|letter| letter.at[3] - letter.at[1]).fold(0.0, f64::max);
        Self { sorted, tallest }
    }

    fn within(&self, [_, low, _, high]: [f64; 4]) -> impl Iterator<Item = usize> + '_ {
        let from = self.sorted.partition_point(|(y, _)| *y < low - self.tallest);
        let to = self.sorted.partition_point(|(y, _)| *y <= high).max(from);
        self.sorted[from..to].iter().map(|(_, at)| *at)
    }
}

/// One finding for each thing that covers.
fn told(letters: &[Letter], painted: &Painted, beneath: &BTreeMap<usize, usize>) -> Vec<Beneath> {
    let mut by_source: BTreeMap<(&[ObjectId], bool), Vec<Letter>> = BTreeMap::new();
    for (at, cover) in beneath {
        let (source, own) = (&*painted.covers[*cover].source, shown_by(painted, *at));
        let apart = source.iter().any(|stream| !own.contains(stream));
        by_source.entry((source, apart)).or_default().push(letters[*at]);
    }
    let finding = |((source, apart), hidden): ((&[ObjectId], bool), Vec<Letter>)| Beneath {
        source: source.to_vec(),
        apart,
        letters: u32::try_from(hidden.len()).unwrap_or(u32::MAX),
        text: written(&hidden).chars().take(MAX_TOLD).collect(),
    };
    by_source.into_iter().map(finding).collect()
}

fn shown_by(painted: &Painted, letter: usize) -> &[ObjectId] {
    let after = painted.sources.partition_point(|(from, _)| *from <= letter);
    after.checked_sub(1).map_or(&[], |at| &painted.sources[at].1)
}

/// The normal appearance of an annotation, by its state where it has several (12.5.5).
pub(crate) fn normal_appearance(
    doc: &Document<'_>,
    annotation: &crate::Dictionary,
) -> Result<Option<Stream>, ReadError> {
    let Object::Dictionary(looks) = doc.get(annotation, "AP")? else { return Ok(None) };
    Ok(match doc.get(&looks, "N")? {
        Object::Stream(form) => Some(form),
        Object::Dictionary(states) => {
            match annotation.name("AS").map(|state| doc.get(&states, state)) {
                Some(Ok(Object::Stream(form))) => Some(form),
                Some(Err(error)) => return Err(error),
                _ => None,
            }
        }
        _ => None,
    })
}
