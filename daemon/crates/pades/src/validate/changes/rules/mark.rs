//! What a mark upon text may look like: thin lines, and light colours that multiply with what lies
//! beneath, so that every letter stays readable (ISO 32000-2 §12.5.6.10, §11.3.5.2).

use sceau_pdf::{Dictionary, Object, Operation, ReadError, Stream, operations};

use super::super::step::Step;

const MAX_OPERATIONS: usize = 5_000;
/// How deep forms may lie in each other.
const MAX_DEPTH: usize = 3;
/// The widest line.
const THIN: f64 = 2.0;
/// How much of its box a mark may draw with lines; a line through a word takes a tenth.
const MOST_LINES: f64 = 0.25;
/// The least luminance of a colour on which black letters are read.
const LIGHT: f64 = 0.4;

/// Operators that draw nothing by themselves; no matrix, which would make a thin line a thick one.
const QUIET: [&str; 21] = [
    "w", "J", "j", "M", "d", "i", "ri", "m", "l", "c", "v", "y", "h", "re", "n", "W", "W*", "BMC",
    "BDC", "EMC", "G",
];
const STROKE_COLOURS: [&str; 2] = ["RG", "K"];

/// Whether all that lies beneath an appearance is still seen.
pub(super) fn lets_through(step: &Step<'_, '_>, state: &Object) -> Result<bool, ReadError> {
    let Object::Stream(stream) = state else { return Ok(false) };
    let mut mark = Mark {
        step,
        state: State::default(),
        saved: Vec::new(),
        lines: 0.0,
        path: Path::default(),
    };
    if !mark.follow(stream, 0)? {
        return Ok(false);
    }
    let bounds = step.new.get(&stream.dictionary, "BBox")?;
    let area =
        super::signature::corners(&bounds).map_or(0.0, |[x0, y0, x1, y1]| (x1 - x0) * (y1 - y0));
    Ok(mark.lines <= MOST_LINES * area)
}

/// The part of the graphics state that decides.
#[derive(Clone, Copy)]
struct State {
    multiplies: bool,
    light: bool,
    width: f64,
}

impl Default for State {
    fn default() -> Self {
        Self { multiplies: false, light: false, width: 1.0 }
    }
}

/// How long the path is, its curves as their corners.
#[derive(Clone, Copy, Default)]
struct Path {
    at: (f64, f64),
    length: f64,
}

struct Mark<'m, 'd, 's> {
    step: &'m Step<'d, 's>,
    state: State,
    saved: Vec<State>,
    /// Area that lines take.
    lines: f64,
    path: Path,
}

impl Mark<'_, '_, '_> {
    fn follow(&mut self, stream: &Stream, depth: usize) -> Result<bool, ReadError> {
        let data = match self.step.new.stream_data(stream) {
            Ok(data) => data,
            Err(ReadError::Io(error)) => return Err(error.into()),
            Err(_) => return Ok(false),
        };
        let Ok(content) = operations(&data, MAX_OPERATIONS) else { return Ok(false) };
        let resources = self.step.new.get(&stream.dictionary, "Resources")?;
        let resources = resources.as_dictionary().cloned().unwrap_or_default();
        for operation in &content {
            if !self.allows(operation, &resources, depth)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn allows(
        &mut self,
        operation: &Operation,
        resources: &Dictionary,
        depth: usize,
    ) -> Result<bool, ReadError> {
        let numbers: Vec<f64> = operation.operands.iter().filter_map(Object::as_number).collect();
        Ok(match operation.operator.as_str() {
            "q" => {
                self.saved.push(self.state);
                self.saved.len() <= 64
            }
            "Q" => {
                self.state = self.saved.pop().unwrap_or_default();
                true
            }
            "w" => {
                self.state.width = numbers.first().copied().unwrap_or(THIN * 2.0);
                self.state.width <= THIN
            }
            "g" | "rg" | "k" => {
                self.state.light = is_light(&numbers);
                true
            }
            "gs" => {
                self.state.multiplies = self.is_multiply(operation, resources)?;
                self.state.multiplies
            }
            "Do" => return self.form(operation, resources, depth),
            "S" | "s" => {
                self.stroke();
                true
            }
            "f" | "F" | "f*" => {
                self.path.length = 0.0;
                self.state.multiplies && self.state.light
            }
            "B" | "B*" | "b" | "b*" => {
                self.stroke();
                self.state.multiplies && self.state.light
            }
            operator => {
                self.path.add(operator, &numbers);
                QUIET.contains(&operator) || STROKE_COLOURS.contains(&operator)
            }
        })
    }

    fn stroke(&mut self) {
        self.lines += self.path.length * self.state.width.max(0.2);
        self.path.length = 0.0;
    }

    /// Whether the graphics state is one that multiplies.
    fn is_multiply(
        &self,
        operation: &Operation,
        resources: &Dictionary,
    ) -> Result<bool, ReadError> {
        let states = self.step.new.get(resources, "ExtGState")?;
        let name = operation.operands.first().and_then(Object::as_name);
        let state = states.as_dictionary().zip(name).and_then(|(states, name)| states.get(name));
        let Some(state) = state else { return Ok(false) };
        let state = self.step.new.resolve(state)?;
        Ok(state.as_dictionary().and_then(|state| state.name("BM")) == Some("Multiply"))
    }

    fn form(
        &mut self,
        operation: &Operation,
        resources: &Dictionary,
        depth: usize,
    ) -> Result<bool, ReadError> {
        let objects = self.step.new.get(resources, "XObject")?;
        let name = operation.operands.first().and_then(Object::as_name);
        let object = objects.as_dictionary().zip(name).and_then(|(all, name)| all.get(name));
        let Some(object) = object.filter(|_| depth < MAX_DEPTH) else { return Ok(false) };
        let Object::Stream(stream) = self.step.new.resolve(object)? else { return Ok(false) };
        let is_form = stream.dictionary.name("Subtype") == Some("Form");
        if !is_form || stream.dictionary.contains("Matrix") {
            return Ok(false);
        }
        let (state, saved) = (self.state, std::mem::take(&mut self.saved));
        let fits = self.follow(&stream, depth + 1)?;
        (self.state, self.saved) = (state, saved);
        Ok(fits)
    }
}

impl Path {
    fn add(&mut self, operator: &str, numbers: &[f64]) {
        match (operator, numbers) {
            ("re", [_, _, width, height]) => self.length += 2.0 * (width.abs() + height.abs()),
            ("m", [x, y]) => self.at = (*x, *y),
            ("l" | "c" | "v" | "y", points) => {
                for point in points.chunks_exact(2) {
                    self.length += (point[0] - self.at.0).hypot(point[1] - self.at.1);
                    self.at = (point[0], point[1]);
                }
            }
            _ => {}
        }
    }
}

/// Whether black is read upon a colour.
fn is_light(numbers: &[f64]) -> bool {
    luminance(numbers) >= LIGHT
}

/// The luminance of a colour of DeviceGray, DeviceRGB or DeviceCMYK, from 0 to 1.
pub(super) fn luminance(numbers: &[f64]) -> f64 {
    let numbers: Vec<f64> = numbers.iter().map(|number| number.clamp(0.0, 1.0)).collect();
    match &numbers[..] {
        [grey] => *grey,
        [r, g, b] => 0.2126 * r + 0.7152 * g + 0.0722 * b,
        [c, m, y, k] => (1.0 - k) * (1.0 - (0.2126 * c + 0.7152 * m + 0.0722 * y)),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::is_light;

    #[test]
    fn the_colours_of_highlighters_are_light() {
        for colour in [
            &[1.0, 1.0, 0.0][..],
            &[0.6, 1.0, 0.6],
            &[1.0, 0.8, 0.9],
            &[0.8],
            &[0.0, 0.0, 1.0, 0.0],
        ] {
            assert!(is_light(colour), "{colour:?}");
        }
        for colour in [&[0.0, 0.0, 0.0][..], &[0.0, 0.0, 1.0], &[0.2], &[0.0, 0.0, 0.0, 1.0], &[]] {
            assert!(!is_light(colour), "{colour:?}");
        }
    }
}
