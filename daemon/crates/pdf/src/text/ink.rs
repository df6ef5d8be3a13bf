//! The part of the graphics state that decides what hides what, and what is kept of it while content
//! is read (ISO 32000-2, 8.4 and 8.5).

use super::content::{Reader, Run};
use super::matrix::Matrix;
use super::paint::{Area, Cover, Path, Rule, Source, rectangle};
use crate::{Dictionary, Object, ReadError, Stream};
use std::rc::Rc;

/// Areas of one page that are kept, and their corners together.
const MAX_COVERS: usize = 20_000;
const MAX_CORNERS: usize = 500_000;

/// How painting shows.
#[derive(Debug, Clone, Default)]
pub(super) struct Ink {
    /// What lies beneath shines through, by constant alpha, blend mode or soft mask.
    see_through: [bool; 3],
    /// The same of a group around, whose own counts too (11.4).
    group: bool,
    /// A pattern may leave gaps.
    pattern: bool,
    /// Text is not painted, or its letters only clip (9.3.6).
    pub(super) invisible: bool,
    clip: Option<Rc<Area>>,
}

impl Ink {
    fn covers(&self) -> bool {
        !(self.group || self.see_through.contains(&true))
    }

    fn shows(&self, point: (f64, f64)) -> bool {
        !self.invisible && self.clip.as_ref().is_none_or(|clip| clip.contains(point))
    }

    /// Within an area only.
    pub(super) fn cut(&mut self, area: Rc<Area>) {
        self.clip = Some(area);
    }

    /// What a form begins with: its box cuts, and a group has an alpha of its own.
    pub(super) fn within(
        &self,
        form: &Dictionary,
        matrix: Matrix,
        bounds: Option<[f64; 4]>,
    ) -> Self {
        let mut inner = self.clone();
        inner.invisible = false;
        if form.contains("Group") {
            inner.group |= self.see_through.contains(&true);
            inner.see_through = [false; 3];
        }
        if let Some(bounds) = bounds {
            inner.cut(rectangle(matrix, bounds, self.clip.as_ref()));
        }
        inner
    }
}

/// What is kept of a page where it is asked what lies over what.
#[derive(Debug, Default)]
pub(super) struct Painted {
    pub(super) covers: Vec<Cover>,
    /// Where letters of another stream begin, and of which.
    pub(super) sources: Vec<(usize, Source)>,
    corners: usize,
    /// There was more than is kept.
    pub(super) is_cut_off: bool,
}

impl Painted {
    /// Letters from number `at` on are painted by `source`.
    pub(super) fn letters_of(&mut self, at: usize, source: &Source) {
        if self.sources.last().is_none_or(|(_, last)| !Rc::ptr_eq(last, source)) {
            self.sources.push((at, Rc::clone(source)));
        }
    }

    pub(super) fn cover(&mut self, area: Rc<Area>, source: &Source, above: usize) {
        self.corners += area.cost();
        if self.covers.len() >= MAX_COVERS || self.corners > MAX_CORNERS {
            self.is_cut_off = true;
            return;
        }
        self.covers.push(Cover { area, source: Rc::clone(source), above });
    }
}

impl Reader<'_, '_> {
    /// What an operator paints or changes of the ink; nothing where nobody asks what lies over what.
    pub(super) fn paint(
        &mut self,
        word: &[u8],
        operands: &[Object],
        run: &mut Run<'_>,
    ) -> Result<(), ReadError> {
        let number = |at: usize| operands.get(at).and_then(Object::as_number).unwrap_or(0.0);
        let named = operands.last().is_some_and(|last| last.as_name().is_some());
        let ink = &mut run.state.ink;
        match word {
            b"Tr" => ink.invisible = matches!(number(0) as i64, 3 | 7),
            b"g" | b"rg" | b"k" | b"sc" | b"cs" => ink.pattern = false,
            b"scn" => ink.pattern = named,
            b"gs" => self.set_state(operands.first(), run)?,
            b"m" | b"l" | b"c" | b"v" | b"y" | b"h" | b"re" => {
                run.path.build(word, run.state.matrix, number);
            }
            b"W" => run.path.clips = Some(Rule::NonZero),
            b"W*" => run.path.clips = Some(Rule::EvenOdd),
            b"f" | b"F" | b"B" | b"b" => self.fill(Some(Rule::NonZero), run),
            b"f*" | b"B*" | b"b*" => self.fill(Some(Rule::EvenOdd), run),
            b"n" | b"S" | b"s" => self.fill(None, run),
            b"ID" if !is_mask(operands) => self.picture(&Rc::clone(&run.source), run),
            _ => {}
        }
        Ok(())
    }

    /// Ends a path: fills it by a rule, and clips where that was said.
    fn fill(&mut self, rule: Option<Rule>, run: &mut Run<'_>) {
        let ink = &mut run.state.ink;
        let fills = rule.filter(|_| ink.covers() && !ink.pattern);
        let mut path = std::mem::take::<Path>(&mut run.path);
        let Some(by) = path.clips.or(fills) else { return };
        let area = path.take(by, ink.clip.as_ref());
        if path.clips.is_some() {
            ink.cut(Rc::clone(&area));
        }
        let above = self.letters.len();
        if let Some(painted) = self.painted.as_mut().filter(|_| fills.is_some()) {
            painted.cover(area, &run.source, above);
        }
    }

    /// A picture fills the unit square (8.9.5).
    pub(super) fn picture(&mut self, source: &Source, run: &Run<'_>) {
        let above = self.letters.len();
        let ink = &run.state.ink;
        if let Some(painted) = self.painted.as_mut().filter(|_| ink.covers()) {
            let area = rectangle(run.state.matrix, [0.0, 0.0, 1.0, 1.0], ink.clip.as_ref());
            painted.cover(area, source, above);
        }
    }

    /// A picture that is an object of its own, where nothing of it shines through.
    pub(super) fn picture_of(&mut self, image: &Stream, run: &Run<'_>) -> Result<(), ReadError> {
        let dictionary = &image.dictionary;
        let is = |key: &str| self.doc.get(dictionary, key).map(|value| value != Object::Null);
        let mask = self.doc.get(dictionary, "ImageMask")? == Object::Boolean(true);
        let within = self.doc.get(dictionary, "SMaskInData")?.as_integer().unwrap_or(0) != 0;
        if mask || within || is("SMask")? || is("Mask")? {
            return Ok(());
        }
        let source = deeper(&run.source, image);
        self.picture(&source, run);
        Ok(())
    }

    /// `gs` (8.4.5).
    fn set_state(&mut self, name: Option<&Object>, run: &mut Run<'_>) -> Result<(), ReadError> {
        let Some(name) = name.and_then(Object::as_name) else { return Ok(()) };
        let states = self.doc.get(run.resources, "ExtGState")?;
        let Some(states) = states.as_dictionary() else { return Ok(()) };
        let Object::Dictionary(state) = self.doc.get(states, name)? else { return Ok(()) };
        for (at, key) in ["ca", "BM", "SMask"].into_iter().enumerate() {
            let value = self.doc.get(&state, key)?;
            if value != Object::Null {
                run.state.ink.see_through[at] = !is_opaque(&value);
            }
        }
        Ok(())
    }

    /// Whether a letter of this box is seen when it is painted.
    pub(super) fn is_seen(&self, at: [f64; 4], run: &Run<'_>) -> bool {
        let [x0, y0, x1, y1] = at;
        self.painted.is_none() || run.state.ink.shows(((x0 + x1) / 2.0, (y0 + y1) / 2.0))
    }
}

/// A constant alpha, a blend mode or a soft mask that hides all beneath.
fn is_opaque(value: &Object) -> bool {
    let plain = |mode: &str| matches!(mode, "Normal" | "Compatible" | "None");
    let first = value.as_array().and_then(|modes| modes.first()).unwrap_or(value);
    first.as_number().is_some_and(|alpha| alpha > 0.98) || first.as_name().is_some_and(plain)
}

/// An inline image that is a stencil: its operands stand before `ID` (8.9.7).
fn is_mask(operands: &[Object]) -> bool {
    operands.chunks(2).any(|pair| {
        let key = pair[0].as_name();
        matches!(key, Some("IM" | "ImageMask")) && pair.get(1) == Some(&Object::Boolean(true))
    })
}

/// `stream` within what `source` names.
pub(super) fn deeper(source: &Source, stream: &Stream) -> Source {
    source.iter().copied().chain(stream.id).collect()
}
