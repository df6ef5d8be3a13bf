//! The text operators of content streams (ISO 32000-2, 9.3 and 9.4), those of forms included.

use super::font::{Font, passable};
use super::matrix::Matrix;
use super::{Letter, MAX_LETTERS, plain};
use crate::syntax::{Lexer, Parser, Token};
use crate::{Dictionary, Document, Object, ObjectId, Page, ReadError};
use std::collections::HashMap;
use std::rc::Rc;

/// Forms within forms.
const DEPTH: u8 = 6;
/// States that `q` keeps.
const MAX_SAVED: usize = 256;
/// Operands that an operator has.
const MAX_OPERANDS: usize = 64;

pub(super) struct Reader<'d, 's> {
    doc: &'d Document<'s>,
    fonts: HashMap<ObjectId, Rc<Font>>,
    letters: Vec<Letter>,
}

/// The graphics state, as far as text needs it.
#[derive(Clone)]
struct State {
    matrix: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    spacing: f64,
    word_spacing: f64,
    /// As a share, not in hundredths.
    scale: f64,
    leading: f64,
    rise: f64,
}

struct Run<'c> {
    state: State,
    saved: Vec<State>,
    line: Matrix,
    text: Matrix,
    resources: &'c Dictionary,
    depth: u8,
}

impl<'d, 's> Reader<'d, 's> {
    pub(super) fn new(doc: &'d Document<'s>) -> Self {
        Self { doc, fonts: HashMap::new(), letters: Vec::new() }
    }

    /// The letters of a page.
    pub(super) fn read(mut self, page: &Page) -> Result<Vec<Letter>, ReadError> {
        let content = self.content(&self.doc.get(&page.dictionary, "Contents")?)?;
        let resources = self.doc.resolve(&page.resources)?;
        let resources = resources.as_dictionary().cloned().unwrap_or_default();
        self.run(&content, &resources, Matrix::IDENTITY, DEPTH)?;
        Ok(self.letters)
    }

    /// One stream, or several that are read as one (7.8.2).
    fn content(&self, contents: &Object) -> Result<Vec<u8>, ReadError> {
        const MAX_STREAMS: usize = 4096;
        let mut joined = Vec::new();
        let single = [contents.clone()];
        for part in contents.as_array().unwrap_or(&single).iter().take(MAX_STREAMS) {
            if let Object::Stream(stream) = self.doc.resolve(part)?
                && let Some(data) = passable(self.doc.stream_data(&stream))?
            {
                joined.extend(data);
                joined.push(b'\n');
            }
            if joined.len() > self.doc.limits().decoded_len {
                break;
            }
        }
        Ok(joined)
    }

    fn run(
        &mut self,
        content: &[u8],
        resources: &Dictionary,
        matrix: Matrix,
        depth: u8,
    ) -> Result<(), ReadError> {
        let state = State {
            matrix,
            font: None,
            size: 1.0,
            spacing: 0.0,
            word_spacing: 0.0,
            scale: 1.0,
            leading: 0.0,
            rise: 0.0,
        };
        let (line, text) = (Matrix::IDENTITY, Matrix::IDENTITY);
        let mut run = Run { state, saved: Vec::new(), line, text, resources, depth };
        let mut parser = Parser::new(content, true, 32);
        let mut operands = Vec::new();
        while let Some(word) = next(&mut parser, &mut operands) {
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
        let letters = text.chars().flat_map(ligature).filter_map(plain);
        self.letters.extend(letters.map(|letter| Letter { letter, at }));
    }

    fn form(&mut self, name: Option<&Object>, run: &Run<'_>) -> Result<(), ReadError> {
        let (Some(name), Some(depth)) = (name.and_then(Object::as_name), run.depth.checked_sub(1))
        else {
            return Ok(());
        };
        let Object::Dictionary(forms) = self.doc.get(run.resources, "XObject")? else {
            return Ok(());
        };
        let Object::Stream(form) = self.doc.get(&forms, name)? else { return Ok(()) };
        if form.dictionary.name("Subtype") != Some("Form") {
            return Ok(());
        }
        let Some(content) = passable(self.doc.stream_data(&form))? else { return Ok(()) };
        let matrix = match self.doc.get(&form.dictionary, "Matrix")? {
            Object::Array(items) if items.len() == 6 => {
                Matrix([0, 1, 2, 3, 4, 5].map(|at: usize| items[at].as_number().unwrap_or(0.0)))
            }
            _ => Matrix::IDENTITY,
        };
        let own = self.doc.get(&form.dictionary, "Resources")?;
        let resources = own.as_dictionary().unwrap_or(run.resources);
        self.run(&content, resources, matrix.then(run.state.matrix), depth)
    }
}

impl Run<'_> {
    fn next_line(&mut self, x: f64, y: f64) {
        self.line = Matrix::translation(x, y).then(self.line);
        self.text = self.line;
    }
}

/// The next operator, its operands gathered; none at the end or where nothing can be read.
fn next<'c>(parser: &mut Parser<'c>, operands: &mut Vec<Object>) -> Option<&'c [u8]> {
    loop {
        let before = parser.lexer().position();
        match parser.lexer().next() {
            Ok(Some(Token::Keyword(word))) if !matches!(word, b"true" | b"false" | b"null") => {
                return Some(word);
            }
            Ok(Some(Token::ArrayClose | Token::DictionaryClose)) => continue,
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => return None,
        }
        let after = parser.lexer().position();
        parser.lexer().seek(before);
        match parser.object() {
            Ok(object) if operands.len() < MAX_OPERANDS => operands.push(object),
            Ok(_) => {}
            Err(_) => parser.lexer().seek(after),
        }
    }
}

/// The data of an inline image ends with `EI` between white space (8.9.7).
fn skip_image(lexer: &mut Lexer<'_>) {
    let rest = lexer.rest();
    let end = memchr::memmem::find_iter(rest, b"EI").find(|at| {
        let before = at.checked_sub(1).and_then(|at| rest.get(at));
        let after = rest.get(at + 2);
        let space = |byte: Option<&u8>| byte.is_none_or(|byte| crate::syntax::is_space(*byte));
        space(before) && space(after)
    });
    let skipped = end.map_or(rest.len(), |at| at + 2);
    lexer.seek(lexer.position() + skipped);
}

fn ligature(letter: char) -> Vec<char> {
    match letter {
        'ﬁ' => vec!['f', 'i'],
        'ﬂ' => vec!['f', 'l'],
        'ﬀ' => vec!['f', 'f'],
        letter => vec![letter],
    }
}
