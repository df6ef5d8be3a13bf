//! The text operators of content streams (ISO 32000-2, 9.3 and 9.4), those of forms included.

use super::font::{Font, passable};
use super::ink::{Ink, Painted, deeper};
use super::matrix::Matrix;
use super::paint::{Path, Source};
use super::words::{next, skip_image};
use super::{Letter, MAX_LETTERS, plain};
use crate::syntax::Parser;
use crate::{Dictionary, Document, Object, ObjectId, Page, ReadError, Stream};
use std::collections::HashMap;
use std::rc::Rc;

/// Forms within forms.
const DEPTH: u8 = 6;
/// States that `q` keeps.
const MAX_SAVED: usize = 256;
/// Fonts that are kept from page to page.
const MAX_FONTS: usize = 64;

pub(super) struct Reader<'d, 's> {
    pub(super) doc: &'d Document<'s>,
    fonts: HashMap<ObjectId, Rc<Font>>,
    pub(super) letters: Vec<Letter>,
    /// Where it is asked what lies over what. Letters that are not seen are left out then, and those
    /// that nobody can name are kept.
    pub(super) painted: Option<Painted>,
    /// Whether letters are kept that a clip cuts off.
    pub(super) keeps_clipped: bool,
    /// Bytes of the document's work that are left alone.
    pub(super) reserve: u64,
}

/// What is read as one content, and where its parts end.
#[derive(Default)]
struct Content {
    data: Vec<u8>,
    parts: Vec<(usize, Source)>,
    /// There are more parts than are read.
    is_cut_off: bool,
}

/// The graphics state, as far as text needs it.
#[derive(Clone)]
pub(super) struct State {
    pub(super) matrix: Matrix,
    pub(super) ink: Ink,
    font: Option<Rc<Font>>,
    size: f64,
    spacing: f64,
    word_spacing: f64,
    /// As a share, not in hundredths.
    scale: f64,
    leading: f64,
    rise: f64,
}

pub(super) struct Run<'c> {
    pub(super) state: State,
    saved: Vec<State>,
    line: Matrix,
    text: Matrix,
    pub(super) resources: &'c Dictionary,
    depth: u8,
    pub(super) path: Path,
    /// The streams that are being read, one within the other.
    pub(super) source: Source,
}

/// Where a run begins.
struct Start<'c> {
    resources: &'c Dictionary,
    matrix: Matrix,
    ink: Ink,
    depth: u8,
}

impl<'d, 's> Reader<'d, 's> {
    pub(super) fn new(doc: &'d Document<'s>) -> Self {
        let (fonts, letters) = (HashMap::new(), Vec::new());
        Self { doc, fonts, letters, painted: None, keeps_clipped: false, reserve: 0 }
    }

    /// The letters of a page.
    pub(super) fn read(mut self, page: &Page) -> Result<Vec<Letter>, ReadError> {
        self.page(page)?;
        Ok(self.letters)
    }

    /// Reads the letters of a page, behind those that are there.
    pub(super) fn page(&mut self, page: &Page) -> Result<(), ReadError> {
        if self.fonts.len() > MAX_FONTS {
            self.fonts.clear();
        }
        let content = self.content(&self.doc.get(&page.dictionary, "Contents")?)?;
        if let Some(painted) = &mut self.painted {
            painted.is_cut_off |= content.is_cut_off;
        }
        let resources = self.doc.resolve(&page.resources)?;
        let resources = resources.as_dictionary().cloned().unwrap_or_default();
        let (matrix, ink) = (Matrix::IDENTITY, Ink::default());
        self.run(&content, Start { resources: &resources, matrix, ink, depth: DEPTH })
    }

    /// Reads a form that stands by itself, as the appearance of an annotation does: `before` names what
    /// shows it.
    pub(super) fn appearance(
        &mut self,
        form: &Stream,
        matrix: Matrix,
        before: &Source,
    ) -> Result<(), ReadError> {
        let none = Dictionary::new();
        let ink = Ink::default();
        self.form_content(form, before, Start { resources: &none, matrix, ink, depth: DEPTH })
    }

    /// Reads a form in its own space, without its matrix.
    pub(super) fn form_alone(
        &mut self,
        data: Vec<u8>,
        resources: &Dictionary,
    ) -> Result<(), ReadError> {
        let content =
            Content { parts: vec![(data.len(), Source::default())], data, is_cut_off: false };
        let (matrix, ink) = (Matrix::IDENTITY, Ink::default());
        self.run(&content, Start { resources, matrix, ink, depth: DEPTH })
    }

    /// One stream, or several that are read as one (7.8.2).
    fn content(&self, contents: &Object) -> Result<Content, ReadError> {
        const MAX_STREAMS: usize = 4096;
        let mut joined = Content::default();
        let single = [contents.clone()];
        let parts = contents.as_array().unwrap_or(&single);
        joined.is_cut_off = parts.len() > MAX_STREAMS;
        for part in parts.iter().take(MAX_STREAMS) {
            if let Object::Stream(stream) = self.doc.resolve(part)?
                && let Some(data) = self.data(&stream)?
            {
                joined.data.extend(data);
                joined.data.push(b'\n');
                joined.parts.push((joined.data.len(), stream.id.into_iter().collect()));
            }
            if joined.data.len() > self.doc.limits().decoded_len {
                joined.is_cut_off = true;
                break;
            }
        }
        Ok(joined)
    }

    /// The data of a stream; where it is asked what lies over what, none may be passed over.
    fn data(&self, stream: &Stream) -> Result<Option<Vec<u8>>, ReadError> {
        let data = self.doc.stream_data(stream);
        if self.painted.is_some() { data.map(Some) } else { passable(data) }
    }

    fn run(&mut self, content: &Content, start: Start<'_>) -> Result<(), ReadError> {
        if self.doc.work_left() < self.reserve {
            return Err(ReadError::TooComplex { limit: "work" });
        }
        let mut run = Run::new(start);
        let mut parts = content.parts.iter().peekable();
        let mut parser = Parser::new(&content.data, true, 32);
        let mut operands = Vec::new();
        while let Some(word) = next(&mut parser, &mut operands) {
            let at = parser.lexer().position();
            while parts.next_if(|(end, _)| at > *end).is_some() {}
            if let Some((_, source)) = parts.peek() {
                run.source.clone_from(source);
            }
            self.operator(word, &operands, &mut run)?;
            if word == b"ID" {
                skip_image(parser.lexer());
            }
            operands.clear();
            if self.letters.len() > MAX_LETTERS {
                break;
            }
        }
        Ok(())
    }

    fn operator(
        &mut self,
        word: &[u8],
        operands: &[Object],
        run: &mut Run<'_>,
    ) -> Result<(), ReadError> {
        let number = |at: usize| operands.get(at).and_then(Object::as_number).unwrap_or(0.0);
        let matrix = || Matrix([0, 1, 2, 3, 4, 5].map(number));
        match word {
            b"q" if run.saved.len() < MAX_SAVED => run.saved.push(run.state.clone()),
            b"Q" => run.state = run.saved.pop().unwrap_or_else(|| run.state.clone()),
            b"cm" => run.state.matrix = matrix().then(run.state.matrix),
            b"BT" => (run.line, run.text) = (Matrix::IDENTITY, Matrix::IDENTITY),
            b"Tc" => run.state.spacing = number(0),
            b"Tw" => run.state.word_spacing = number(0),
            b"Tz" => run.state.scale = number(0) / 100.0,
            b"TL" => run.state.leading = number(0),
            b"Ts" => run.state.rise = number(0),
            b"Tf" => {
                run.state.size = number(1);
                run.state.font = self.font(operands.first(), run.resources)?;
            }
            b"Td" => run.next_line(number(0), number(1)),
            b"TD" => {
                run.state.leading = -number(1);
                run.next_line(number(0), number(1));
            }
            b"Tm" => (run.line, run.text) = (matrix(), matrix()),
            b"T*" => run.next_line(0.0, -run.state.leading),
            b"Tj" => self.show(operands.first(), run),
            b"'" => {
                run.next_line(0.0, -run.state.leading);
                self.show(operands.first(), run);
            }
            b"\"" => {
                (run.state.word_spacing, run.state.spacing) = (number(0), number(1));
                run.next_line(0.0, -run.state.leading);
                self.show(operands.get(2), run);
            }
            b"TJ" => self.show_array(operands.first(), run),
            b"Do" => self.form(operands.first(), run)?,
            word if self.painted.is_some() => self.paint(word, operands, run)?,
            _ => {}
        }
        Ok(())
    }

    fn font(
        &mut self,
        name: Option<&Object>,
        resources: &Dictionary,
    ) -> Result<Option<Rc<Font>>, ReadError> {
        let Some(name) = name.and_then(Object::as_name) else { return Ok(None) };
        let Object::Dictionary(fonts) = self.doc.get(resources, "Font")? else { return Ok(None) };
        let id = fonts.get(name).and_then(Object::as_reference);
        if let Some(known) = id.and_then(|id| self.fonts.get(&id)) {
            return Ok(Some(Rc::clone(known)));
        }
        let Object::Dictionary(font) = self.doc.get(&fonts, name)? else { return Ok(None) };
        let read = passable(Font::read(self.doc, &font))?.map(Rc::new);
        if let (Some(id), Some(read)) = (id, &read) {
            self.fonts.insert(id, Rc::clone(read));
        }
        Ok(read)
    }

    fn show_array(&mut self, array: Option<&Object>, run: &mut Run<'_>) {
        for item in array.and_then(Object::as_array).unwrap_or_default() {
            match item.as_number() {
                Some(back) => {
                    let x = -back / 1000.0 * run.state.size * run.state.scale;
                    run.text = Matrix::translation(x, 0.0).then(run.text);
                }
                None => self.show(Some(item), run),
            }
        }
    }

    fn show(&mut self, string: Option<&Object>, run: &mut Run<'_>) {
        let (Some(string), Some(font)) =
            (string.and_then(Object::as_string), run.state.font.clone())
        else {
            return;
        };
        for (text, width, is_space) in font.codes(&string.bytes()) {
            let width = width / 1000.0 * run.state.size;
            self.keep(text, width, run);
            let spacing = if is_space { run.state.word_spacing } else { 0.0 };
            let advance = (width + run.state.spacing + spacing) * run.state.scale;
            run.text = Matrix::translation(advance, 0.0).then(run.text);
        }
    }

    /// Letters of one code share its box, which reaches from descenders to capitals.
    fn keep(&mut self, text: &str, width: f64, run: &Run<'_>) {
        let State { matrix, size, rise, scale, .. } = run.state;
        let upright = [0.0, rise - 0.2 * size, width * scale, rise + 0.8 * size];
        let at = run.text.then(matrix).around(upright);
        if let Some(painted) = &mut self.painted {
            painted.letters_of(self.letters.len(), &run.source);
        }
        if !self.keeps_clipped && !self.is_seen(at, run) {
            return;
        }
        let unknown = self.painted.is_some() && text.is_empty() && width > 0.0;
        let text = if unknown { "\u{fffd}" } else { text };
        let letters = text.chars().flat_map(ligature).filter_map(plain);
        self.letters.extend(letters.map(|letter| Letter { letter, at }));
    }

    fn form(&mut self, name: Option<&Object>, run: &Run<'_>) -> Result<(), ReadError> {
        let Some(name) = name.and_then(Object::as_name) else { return Ok(()) };
        let Some(depth) = run.depth.checked_sub(1) else {
            self.painted.iter_mut().for_each(|painted| painted.is_cut_off = true);
            return Ok(());
        };
        let Object::Dictionary(forms) = self.doc.get(run.resources, "XObject")? else {
            return Ok(());
        };
        let Object::Stream(form) = self.doc.get(&forms, name)? else { return Ok(()) };
        match form.dictionary.name("Subtype") {
            Some("Form") => {}
            Some("Image") if self.painted.is_some() => return self.picture_of(&form, run),
            _ => return Ok(()),
        }
        let (matrix, ink) = (run.state.matrix, run.state.ink.clone());
        let start = Start { resources: run.resources, matrix, ink, depth };
        self.form_content(&form, &run.source, start)
    }

    fn form_content(
        &mut self,
        form: &Stream,
        within: &Source,
        start: Start<'_>,
    ) -> Result<(), ReadError> {
        let Some(data) = self.data(form)? else { return Ok(()) };
        let matrix = matrix_of(self.doc, &form.dictionary)?.then(start.matrix);
        let ink = match &self.painted {
            Some(_) => {
                let bounds = self.doc.rectangle_of(&form.dictionary, "BBox")?;
                start.ink.within(&form.dictionary, matrix, bounds)
            }
            None => start.ink,
        };
        let own = self.doc.get(&form.dictionary, "Resources")?;
        let resources = own.as_dictionary().unwrap_or(start.resources);
        let parts = vec![(data.len(), deeper(within, form))];
        let content = Content { parts, data, is_cut_off: false };
        self.run(&content, Start { resources, matrix, ink, depth: start.depth })
    }
}

/// The matrix of a form (8.10.2).
pub(super) fn matrix_of(doc: &Document<'_>, form: &Dictionary) -> Result<Matrix, ReadError> {
    Ok(match doc.get(form, "Matrix")? {
        Object::Array(items) if items.len() == 6 => {
            Matrix([0, 1, 2, 3, 4, 5].map(|at: usize| items[at].as_number().unwrap_or(0.0)))
        }
        _ => Matrix::IDENTITY,
    })
}

impl<'c> Run<'c> {
    fn new(Start { resources, matrix, ink, depth }: Start<'c>) -> Self {
        let state = State {
            matrix,
            ink,
            font: None,
            size: 1.0,
            spacing: 0.0,
            word_spacing: 0.0,
            scale: 1.0,
            leading: 0.0,
            rise: 0.0,
        };
        let (line, text) = (Matrix::IDENTITY, Matrix::IDENTITY);
        let (path, source) = (Path::default(), Source::default());
        Self { state, saved: Vec::new(), line, text, resources, depth, path, source }
    }

    fn next_line(&mut self, x: f64, y: f64) {
        self.line = Matrix::translation(x, y).then(self.line);
        self.text = self.line;
    }
}

fn ligature(letter: char) -> Vec<char> {
    match letter {
        'ﬁ' => vec!['f', 'i'],
        'ﬂ' => vec!['f', 'l'],
        'ﬀ' => vec!['f', 'f'],
        letter => vec![letter],
    }
}
