//! One fault, and how it looks.

use std::cell::RefCell;
use std::fmt::{self, Write as _};

use serde::{Serialize, Serializer};

/// What kind of fault it is. Each has a page that explains it ([`FaultCode::page`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultCode {
    /// Not TOML.
    Syntax,
    /// A key that nothing reads.
    UnknownKey,
    /// A key that must be there.
    MissingKey,
    /// A value of another type.
    WrongType,
    /// A value that is none of those allowed, or not in their form.
    BadValue,
    /// A number, size or duration beyond its bounds.
    OutOfRange,
    /// A name that is given twice.
    Duplicate,
    /// A schema that this version does not read.
    Schema,
    /// A name that nothing bears.
    UnknownName,
    /// Steps in an order that cannot work.
    StepOrder,
    /// A file or directory that is not there, or not of the right sort.
    Path,
    /// A file or directory that others may read or write.
    Permissions,
    /// Two folders that lie within each other.
    Overlap,
    /// An address that would open the daemon to the network without protection.
    Exposure,
}

impl FaultCode {
    /// All codes.
    pub const ALL: [Self; 14] = [
        Self::Syntax,
        Self::UnknownKey,
        Self::MissingKey,
        Self::WrongType,
        Self::BadValue,
        Self::OutOfRange,
        Self::Duplicate,
        Self::Schema,
        Self::UnknownName,
        Self::StepOrder,
        Self::Path,
        Self::Permissions,
        Self::Overlap,
        Self::Exposure,
    ];

    /// The code as it is shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::UnknownKey => "unknown-key",
            Self::MissingKey => "missing-key",
            Self::WrongType => "wrong-type",
            Self::BadValue => "bad-value",
            Self::OutOfRange => "out-of-range",
            Self::Duplicate => "duplicate",
            Self::Schema => "schema",
            Self::UnknownName => "unknown-name",
            Self::StepOrder => "step-order",
            Self::Path => "path",
            Self::Permissions => "permissions",
            Self::Overlap => "overlap",
            Self::Exposure => "exposure",
        }
    }
}

impl fmt::Display for FaultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for FaultCode {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

/// Where in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Spot {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// How many characters are meant, on this line; at least 1.
    pub width: usize,
    /// The line itself, at most 200 characters of it.
    pub shown: String,
}

/// A fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Of what kind.
    pub code: FaultCode,
    /// In which file, as the user named it.
    pub file: String,
    /// Where in it; `None` when the file as a whole is meant.
    pub spot: Option<Spot>,
    /// What is wrong.
    pub message: String,
    /// What was probably meant, or what to do.
    pub suggestion: Option<String>,
}

impl fmt::Display for Fault {
    /// The fault as the Rust compiler shows its own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error[{}]: {}", self.code, self.message)?;
        let gutter = match &self.spot {
            Some(spot) => self.show(spot, f)?,
            None => {
                writeln!(f, " --> {}", self.file)?;
                1
            }
        };
        match &self.suggestion {
            Some(suggestion) => writeln!(f, "{:gutter$} = help: {suggestion}", ""),
            None => Ok(()),
        }
    }
}

impl Fault {
    fn show(&self, spot: &Spot, f: &mut fmt::Formatter<'_>) -> Result<usize, fmt::Error> {
        let gutter = spot.line.to_string().len();
        let before: String = spot
            .shown
            .chars()
            .take(spot.column - 1)
            .map(|c| if c == '\t' { c } else { ' ' })
            .collect();
        writeln!(f, "{:gutter$}--> {}:{}:{}", "", self.file, spot.line, spot.column)?;
        writeln!(f, "{:gutter$} |", "")?;
        writeln!(f, "{} | {}", spot.line, spot.shown)?;
        writeln!(f, "{:gutter$} | {before}{}", "", "^".repeat(spot.width))?;
        Ok(gutter)
    }
}

/// The faults found so far.
#[derive(Debug, Default)]
pub struct Faults(RefCell<Vec<Fault>>);

impl Faults {
    /// Notes a fault.
    pub fn note(&self, fault: Fault) {
        self.0.borrow_mut().push(fault);
    }

    /// Notes a fault of a whole file.
    pub fn note_file(&self, code: FaultCode, file: &str, message: String, help: Option<String>) {
        let (file, suggestion) = (file.to_owned(), help);
        self.note(Fault { code, file, spot: None, message, suggestion });
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes back what was noted as absent after the first `kept` faults: in a text that could only
    /// be read in part, nobody knows.
    pub(super) fn forget_absences(&self, kept: usize) {
        let absence =
            |code| matches!(code, FaultCode::MissingKey | FaultCode::Schema | FaultCode::StepOrder);
        let mut faults = self.0.borrow_mut();
        let later = faults.split_off(kept);
        faults.extend(later.into_iter().filter(|fault| !absence(fault.code)));
    }

    /// All of them, in the order of file, line and column.
    pub fn into_sorted(self) -> Vec<Fault> {
        let mut faults = self.0.into_inner();
        let place = |fault: &Fault| fault.spot.as_ref().map(|spot| (spot.line, spot.column));
        faults.sort_by(|a, b| (&a.file, place(a)).cmp(&(&b.file, place(b))));
        faults
    }

    /// All of them as one text for people, ending with their number.
    pub fn render(faults: &[Fault]) -> String {
        let mut text = String::new();
        for fault in faults {
            let _ = writeln!(text, "{fault}");
        }
        let plural = if faults.len() == 1 { "fault" } else { "faults" };
        let _ = writeln!(text, "{} {plural} found", faults.len());
        text
    }
}
