//! What an appearance paints beside its letters, and how it paints these: a frame and a background, what
//! its kind of field has besides, and text that is seen (ISO 32000-2 §8.5, §9.3.6, §12.7.5).

use sceau_pdf::{Object, Operation};

use super::super::mark::luminance;
use super::shape::{Box, IDENTITY, Point, around, frames, is_rectangle, margin, then};

/// How much a letter differs from what lies beneath, in luminance.
const CONTRAST: f64 = 0.15;
/// States that `q` keeps.
const MAX_SAVED: usize = 64;
/// What sets how text and lines look, and marked content; nothing here decides what is read.
const QUIET: [&str; 17] = [
    "J", "j", "M", "d", "i", "ri", "ET", "Tc", "Tw", "TL", "Ts", "Td", "TD", "T*", "BMC", "BDC",
    "EMC",
];

/// What a field of this kind may show beside a frame.
#[derive(Clone, Copy, Default)]
pub(super) struct Style {
    /// The box of the appearance.
    pub(super) bounds: Box,
    /// A field of so many cells has lines between them.
    pub(super) cells: Option<u32>,
    /// A list shows by bars what is chosen.
    pub(super) list: bool,
    /// A choice that opens has a button at its right.
    pub(super) combo: bool,
    /// The luminance of the signed default appearance's colour.
    pub(super) ink: Option<f64>,
    /// A box has a sign of the font for signs.
    pub(super) signs: bool,
}

/// What was painted.
#[derive(Default)]
pub(super) struct Canvas {
    /// Bars behind lines of a list.
    pub(super) bars: Vec<Box>,
    /// Into which direction the text runs, in quarters of a turn; none where there is none.
    pub(super) turn: Option<u8>,
}

#[derive(Clone, Copy)]
struct State {
    matrix: [f64; 6],
    fill: f64,
    stroke: f64,
    /// How many numbers a colour has that fills, and one that strokes.
    fill_space: usize,
    stroke_space: usize,
    width: f64,
    mode: i64,
}

impl Default for State {
    fn default() -> Self {
        let (fill, stroke, width, mode) = (0.0, 0.0, 1.0, 0);
        Self { matrix: IDENTITY, fill, stroke, fill_space: 1, stroke_space: 1, width, mode }
    }
}

struct Painter<'p> {
    style: &'p Style,
    state: State,
    saved: Vec<State>,
    text: [f64; 6],
    path: Vec<Vec<Point>>,
    button: Option<Box>,
    /// Luminances of what text may stand on; the background first.
    grounds: Vec<f64>,
    bare: bool,
    written: bool,
    canvas: Canvas,
}

/// What `content` paints; none where it paints what such a field has not, or text that is not seen.
pub(super) fn look(content: &[Operation], style: &Style) -> Option<Canvas> {
    let mut painter = Painter {
        style,
        state: State::default(),
        saved: Vec::new(),
        text: IDENTITY,
        path: Vec::new(),
        button: None,
        grounds: vec![1.0],
        bare: true,
        written: false,
        canvas: Canvas::default(),
    };
    content.iter().all(|operation| painter.allows(operation)).then_some(painter.canvas)
}

impl Painter<'_> {
    fn allows(&mut self, operation: &Operation) -> bool {
        let numbers: Vec<f64> = operation.operands.iter().filter_map(Object::as_number).collect();
        match (operation.operator.as_str(), &numbers[..]) {
            ("q", _) => {
                self.saved.push(self.state);
                self.saved.len() <= MAX_SAVED
            }
            ("Q", _) => self.saved.pop().map(|state| self.state = state).is_some(),
            ("cm", [a, b, c, d, e, f]) => {
                self.state.matrix = then([*a, *b, *c, *d, *e, *f], self.state.matrix);
                true
            }
            ("w", [width]) => {
                self.state.width = width.abs();
                true
            }
            ("g" | "rg" | "k" | "G" | "RG" | "K" | "cs" | "CS" | "sc" | "SC", colour) => {
                self.colours(operation, colour)
            }
            // Letters that are not painted, or that clip what comes (table 104).
            ("Tr", [mode]) => {
                self.state.mode = *mode as i64;
                (0..=2).contains(&self.state.mode)
            }
            ("Tz", [scale]) => (20.0..=500.0).contains(scale),
            // A size below zero turns letters: a 6 becomes a 9.
            ("Tf", [size]) => *size > 0.0,
            ("BT", _) => {
                self.text = IDENTITY;
                true
            }
            ("Tm", [a, b, c, d, e, f]) => {
                self.text = [*a, *b, *c, *d, *e, *f];
                true
            }
            ("Tj" | "TJ" | "'" | "\"", _) => self.writes(),
            (operator, numbers) => QUIET.contains(&operator) || self.path(operator, numbers),
        }
    }

    /// A colour of a space of the device (§8.6.4), by its own operator or that of its space.
    fn colours(&mut self, operation: &Operation, numbers: &[f64]) -> bool {
        let operator = operation.operator.as_str();
        let named = operation.operands.first().and_then(Object::as_name);
        let State { fill, stroke, fill_space, stroke_space, .. } = &mut self.state;
        let fills = operator.starts_with(|c: char| c.is_ascii_lowercase());
        let (colour, space) = if fills { (fill, fill_space) } else { (stroke, stroke_space) };
        match (operator, named) {
            ("cs" | "CS", Some("DeviceGray")) => (*space, *colour) = (1, 0.0),
            ("cs" | "CS", Some("DeviceRGB")) => (*space, *colour) = (3, 0.0),
            ("cs" | "CS", Some("DeviceCMYK")) => (*space, *colour) = (4, 0.0),
            ("sc" | "SC", None) if numbers.len() == *space => *colour = luminance(numbers),
            ("g" | "rg" | "k" | "G" | "RG" | "K", None) => {
                (*space, *colour) = (numbers.len(), luminance(numbers));
            }
            _ => return false,
        }
        true
    }

    /// Upright or turned by quarters, all in one direction, in a colour that is seen.
    fn writes(&mut self) -> bool {
        self.written = true;
        let [a, b, c, d, ..] = then(self.text, self.state.matrix);
        let turn = match (a, b) {
            (a, b) if b.abs() < 0.01 * a.abs() => {
                if a > 0.0 {
                    0
                } else {
                    2
                }
            }
            (a, b) if a.abs() < 0.01 * b.abs() => {
                if b > 0.0 {
                    1
                } else {
                    3
                }
            }
            _ => return false,
        };
        let one_way = *self.canvas.turn.get_or_insert(turn) == turn && a * d - b * c > 0.0;
        let colour = if self.state.mode == 1 { self.state.stroke } else { self.state.fill };
        let seen = self.grounds.iter().any(|ground| (ground - colour).abs() >= CONTRAST);
        // On a page whose colour is not known here, the signed form knows it.
        let meant = self.style.ink.is_some_and(|ink| (ink - colour).abs() < 0.01) && self.bare;
        one_way && (seen || meant)
    }

    fn path(&mut self, operator: &str, numbers: &[f64]) -> bool {
        match (operator, numbers) {
            ("m", [x, y]) => self.path.push(vec![self.point(*x, *y)]),
            ("l", [x, y]) => {
                let point = self.point(*x, *y);
                let Some(last) = self.path.last_mut() else { return false };
                last.push(point);
                return last.len() <= 8;
            }
            ("re", [x, y, w, h]) => {
                let corners = [(*x, *y), (x + w, *y), (x + w, y + h), (*x, y + h)];
                self.path.push(corners.map(|(x, y)| self.point(x, y)).to_vec());
            }
            ("h" | "W" | "W*", _) => return true,
            ("S" | "s" | "f" | "F" | "f*" | "B" | "B*" | "b" | "b*" | "n", _) => {
                return self.paints(operator);
            }
            _ => return false,
        }
        self.path.len() <= 200
    }

    fn point(&self, x: f64, y: f64) -> Point {
        let [a, b, c, d, e, f] = self.state.matrix;
        (a * x + c * y + e, b * x + d * y + f)
    }

    fn paints(&mut self, operator: &str) -> bool {
        let path = std::mem::take(&mut self.path);
        let fills = matches!(operator, "f" | "F" | "f*" | "B" | "B*" | "b" | "b*");
        let even_odd = operator.ends_with('*');
        let [a, b, ..] = self.state.matrix;
        let strokes = !matches!(operator, "f" | "F" | "f*" | "n");
        let width = self.state.width * a.hypot(b);
        if strokes && width > margin(self.style.bounds) {
            return false;
        }
        let whole = fills && !(even_odd && path.len() > 1);
        path.iter().all(|lines| match frames(lines, self.style.bounds, self.slack()) {
            true if whole && is_rectangle(lines) => self.ground(around(lines)),
            true => true,
            false if operator == "n" => false,
            false => self.divides(lines) || self.bar(lines, fills) || self.button(lines),
        })
    }

    /// A filled rectangle along the edges: the background, or a strip. What was written before would lie
    /// beneath.
    fn ground(&mut self, around: Box) -> bool {
        let ([_, y0, _, y1], margin) = (self.style.bounds, margin(self.style.bounds));
        if around[1] <= y0 + margin && around[3] >= y1 - margin {
            (self.grounds, self.bare) = (vec![self.state.fill], false);
            return !self.written;
        }
        if self.style.list {
            self.grounds.push(self.state.fill);
            self.canvas.bars.push(around);
        }
        true
    }

    /// How far from the right edge a frame or a clip may end.
    fn slack(&self) -> f64 {
        if self.style.combo { 24.0 } else { 0.0 }
    }

    /// A line from the lower edge to the upper one, between two cells.
    fn divides(&self, lines: &[Point]) -> bool {
        let (Some(cells), [from, to]) = (self.style.cells, lines) else { return false };
        let [x0, y0, x1, y1] = self.style.bounds;
        let cell = (from.0 - x0) / (x1 - x0) * f64::from(cells);
        let between = (cell - cell.round()).abs() * (x1 - x0) / f64::from(cells) <= 1.5;
        let margin = margin(self.style.bounds);
        let (low, high) = (from.1.min(to.1), from.1.max(to.1));
        let whole = low <= y0 + margin && high >= y1 - margin && (from.0 - to.0).abs() < 0.1;
        whole && between && self.state.width <= 2.0
    }

    fn bar(&mut self, lines: &[Point], fills: bool) -> bool {
        let ([x0, _, x1, _], around) = (self.style.bounds, around(lines));
        let wide = around[2] - around[0] >= 0.5 * (x1 - x0);
        if !(self.style.list && fills && wide && is_rectangle(lines)) {
            return false;
        }
        self.grounds.push(self.state.fill);
        self.canvas.bars.push(around);
        true
    }

    /// A square at the right edge, its edges, and a small triangle in its middle.
    fn button(&mut self, lines: &[Point]) -> bool {
        let ([_, y0, x1, y1], around) = (self.style.bounds, around(lines));
        let margin = margin(self.style.bounds);
        if !self.style.combo {
            return false;
        }
        let Some(button) = self.button else {
            let square = is_rectangle(lines) && (8.0..=24.0).contains(&(around[2] - around[0]));
            let right = around[2] >= x1 - margin && around[1] <= y0 + margin;
            let fits = square && right && around[3] >= y1 - margin;
            self.button = fits.then_some(around);
            return fits;
        };
        let (width, height) = (around[2] - around[0], around[3] - around[1]);
        let middle = (around[0] + around[2] - button[0] - button[2]).abs() <= 2.0
            && (around[1] + around[3] - button[1] - button[3]).abs() <= 2.0;
        let arrow = lines.len() <= 4 && !is_rectangle(lines) && width <= 8.0 && height <= 6.0;
        frames(lines, button, 0.0) || (arrow && middle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style = Style {
        bounds: [0.0, 0.0, 100.0, 20.0],
        cells: None,
        list: false,
        combo: false,
        ink: None,
        signs: false,
    };

    fn look_at(content: &str, style: Style) -> Option<Canvas> {
        look(&sceau_pdf::operations(content.as_bytes(), 1000).unwrap(), &style)
    }

    fn allowed(content: &str, style: Style) -> bool {
        look_at(content, style).is_some()
    }

    #[test]
    fn a_background_and_a_frame_are_allowed_and_nothing_that_could_be_a_letter() {
        for frame in [
            "1 g 0 0 100 20 re f 0 G 0.5 0.5 99 19 re s",
            "0 g 0 0 100 20 re 1 1 98 18 re f*",
            "1 1 m 1 19 l 99 19 l 98 18 l 2 18 l 2 2 l f",
            "0 0.5 m 100 0.5 l S",
            "q 1 0 0 1 0.5 0.5 cm 0 0 m 0 19 l 99 19 l 99 0 l h B Q",
            "2 2 96 16 re W n",
        ] {
            assert!(allowed(frame, STYLE), "{frame}");
        }
        for letter in [
            "0 0 2 20 re f",
            "50 0 m 50 20 l S",
            "30 5 5 9 re s",
            "0 10 m 100 10 l S",
            "0 0 m 100 20 l S",
            "0 0 m 50 20 l 100 0 l S",
            "30 5 m 30 5 40 5 40 9 c f",
            "9 w 0 1 m 100 1 l S",
            "0 0 50 20 re W n",
            "/Im Do",
            "BI",
        ] {
            assert!(!allowed(letter, STYLE), "{letter}");
        }
    }

    #[test]
    fn text_is_painted_upright_and_seen() {
        let text = |before: &str| format!("BT /F 9 Tf {before} (100) Tj ET");
        let spaces = ["/DeviceGray cs 0.5 sc", "1 g /DeviceRGB cs", "/DeviceRGB cs 1 0 0 sc"];
        for seen in ["", "0.5 g", "1 Tr 0 G", "0 0 1 rg", "0 1 -1 0 20 2 Tm", "90 Tz"]
            .into_iter()
            .chain(spaces)
        {
            assert!(allowed(&text(seen), STYLE), "{seen}");
        }
        for unseen in
            ["/DeviceGray cs 1 sc", "/Papier cs 0 sc", "/DeviceRGB cs 0 sc", "0 scn", "5 g"]
        {
            assert!(!allowed(&text(unseen), STYLE), "{unseen}");
        }
        for unseen in
            ["1 g", "3 Tr", "7 Tr", "-100 Tz", "/F -9 Tf", "-1 0 0 1 50 5 Tm", "1 1 -1 1 9 9 Tm"]
        {
            assert!(!allowed(&text(unseen), STYLE), "{unseen}");
        }
        assert!(!allowed("0 g 0 0 100 20 re f BT /F 9 Tf (1) Tj ET", STYLE), "black upon black");
        assert!(allowed("0 g 0 0 100 20 re f 1 g BT /F 9 Tf (1) Tj ET", STYLE));
        assert!(
            !allowed("BT /F 9 Tf (1) Tj ET 0.9 g 0 0 100 20 re f", STYLE),
            "a background above"
        );
        let meant = Style { ink: Some(1.0), ..STYLE };
        assert!(allowed(&text("1 g"), meant), "as the signed form writes");
        assert!(!allowed("BT /F 9 Tf (1) Tj 90 0 0 90 0 0 Tm 0 1 -1 0 9 9 Tm (1) Tj ET", STYLE));
    }

    #[test]
    fn a_comb_a_list_and_a_choice_have_what_is_theirs() {
        let comb = Style { cells: Some(4), ..STYLE };
        assert!(allowed("25 0 m 25 20 l 50 0 m 50 20 l S", comb));
        assert!(!allowed("30 0 m 30 20 l S", comb), "not between two cells");
        let list = Style { list: true, bounds: [0.0, 0.0, 100.0, 60.0], ..STYLE };
        let bars = look_at("0.6 g 2 20 96 12 re f", list).unwrap().bars;
        assert_eq!(bars, [[2.0, 20.0, 98.0, 32.0]]);
        assert!(!allowed("0.6 g 2 20 9 12 re f", list), "too narrow for a bar");
        let combo = Style { combo: true, ..STYLE };
        let button = "0.86 g 86 1 13 18 re f 0 g 90 11 m 96 11 l 93 8 l 90 11 l f";
        assert!(allowed(button, combo));
        assert!(!allowed(button, STYLE));
        assert!(!allowed("86 1 3 18 re f", combo), "too narrow for a button");
        assert!(!allowed(&format!("{button} 88 3 3 9 re f"), combo), "a digit on the button");
    }
}
