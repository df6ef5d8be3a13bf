//! Délégations from a CSV file: parsed as a whole, every fault with its line.
//!
//! The first line names the columns, in any order, in French or English:
//!
//! | column | also | holds |
//! |---|---|---|
//! | `email` | `adresse`, `mail` | the address of the délégataire |
//! | `droits` | `rights` | `signer`, `sceller`, `preparer`, several with `+`, `,` or a space |
//! | `societe` | `société` | the code of the société |
//! | `workflows` | `circuits` | names, several with `+`, `,` or a space; empty: all |
//! | `channels` | `canaux` | `folder:NAME`, `folders`, `api`, `web`, several likewise; empty: all |
//! | `first` | `debut`, `début` | first day, `2026-01-31` or `31/01/2026`; empty: at once |
//! | `last` | `fin` | last day, likewise; empty: until revoked |
//!
//! The first three must be there. Fields are separated by `;` or `,` (the one that the first line
//! has); a field that holds the separator stands in quotation marks, doubled within it (RFC 4180).

use std::collections::BTreeSet;
use std::str::FromStr;

use jiff::civil::Date;

use crate::address::EmailAddress;
use crate::channel::ChannelGrant;
use crate::delegation::Days;
use crate::ids::SocieteId;
use crate::right::{Right, Rights};

/// Longest text that is read, in bytes.
const MAX_LEN: usize = 4 << 20;
/// Most lines that are read.
const MAX_LINES: usize = 20_000;

/// One line of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Its line, from 1.
    pub line: usize,
    /// The address of the délégataire.
    pub email: EmailAddress,
    /// The rights; never empty.
    pub rights: Rights,
    /// The société.
    pub societe: SocieteId,
    /// The workflows; `None`: all.
    pub workflows: Option<BTreeSet<String>>,
    /// The doors; `None`: all.
    pub channels: Option<BTreeSet<ChannelGrant>>,
    /// First and last day.
    pub days: Days,
}

/// What is wrong, and where. The file is at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct ImportFault {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, for a person to read.
    pub what: String,
}

/// Reads a CSV text: all rows, or all faults.
///
/// # Errors
/// Every fault of the text.
pub fn parse_import(text: &str) -> Result<Vec<ImportRow>, Vec<ImportFault>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() > MAX_LEN || text.lines().count() > MAX_LINES {
        let what = format!("the file is larger than {MAX_LEN} bytes or {MAX_LINES} lines");
        return Err(vec![ImportFault { line: 1, what }]);
    }
    let mut reader = Reader::default();
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let Some((first, head)) = lines.next() else {
        reader.fault(1, "the file is empty");
        return Err(reader.faults);
    };
    let separator = if head.contains(';') { ';' } else { ',' };
    let Some(columns) = reader.head(first + 1, &fields(head, separator).unwrap_or_default()) else {
        return Err(reader.faults);
    };
    for (index, line) in lines {
        reader.line(index + 1, line, separator, &columns);
    }
    reader.finish()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Email,
    Rights,
    Societe,
    Workflows,
    Channels,
    First,
    Last,
}

impl Column {
    fn named(text: &str) -> Option<Self> {
        Some(match text.trim().to_lowercase().as_str() {
            "email" | "e-mail" | "mail" | "adresse" => Self::Email,
            "droits" | "rights" => Self::Rights,
            "societe" | "société" => Self::Societe,
            "workflows" | "circuits" => Self::Workflows,
            "channels" | "canaux" => Self::Channels,
            "first" | "debut" | "début" => Self::First,
            "last" | "fin" => Self::Last,
            _ => return None,
        })
    }
}

#[derive(Default)]
struct Reader {
    rows: Vec<ImportRow>,
    faults: Vec<ImportFault>,
}

impl Reader {
    fn fault(&mut self, line: usize, what: impl Into<String>) {
        self.faults.push(ImportFault { line, what: what.into() });
    }

    fn finish(self) -> Result<Vec<ImportRow>, Vec<ImportFault>> {
        if self.faults.is_empty() { Ok(self.rows) } else { Err(self.faults) }
    }

    /// The columns in their order.
    fn head(&mut self, line: usize, names: &[String]) -> Option<Vec<Column>> {
        let mut columns = Vec::new();
        for name in names {
            match Column::named(name) {
                Some(column) if columns.contains(&column) => {
                    self.fault(line, format!("the column `{}` stands twice", clip(name)));
                }
                Some(column) => columns.push(column),
                None => self.fault(
                    line,
                    format!(
                        "`{}` is no column: email, droits, societe, workflows, channels, first, last \
                         are",
                        clip(name)
                    ),
                ),
            }
        }
        let needed =
            [(Column::Email, "email"), (Column::Rights, "droits"), (Column::Societe, "societe")];
        for (column, name) in needed {
            if !columns.contains(&column) {
                self.fault(line, format!("the column `{name}` is missing"));
            }
        }
        self.faults.is_empty().then_some(columns)
    }

    fn line(&mut self, line: usize, text: &str, separator: char, columns: &[Column]) {
        let Some(fields) = fields(text, separator) else {
            return self.fault(line, "a quotation mark is not closed");
        };
        let surplus = fields.get(columns.len()..).unwrap_or_default();
        if surplus.iter().any(|field| !field.trim().is_empty()) {
            let (found, expected) = (fields.len(), columns.len());
            return self.fault(line, format!("{found} fields, where {expected} are expected"));
        }
        let field = |wanted: Column| {
            let place = columns.iter().position(|column| *column == wanted);
            place.and_then(|place| fields.get(place)).map_or("", |field| field.trim())
        };
        let email = self.parsed(line, field(Column::Email));
        let societe = self.parsed(line, field(Column::Societe));
        let rights = self.rights(line, field(Column::Rights));
        let workflows = several(field(Column::Workflows)).map(str::to_owned).collect();
        let channels = self.channels(line, field(Column::Channels));
        let first = self.day(line, field(Column::First));
        let last = self.day(line, field(Column::Last));
        if first.zip(last).is_some_and(|(first, last)| first > last) {
            self.fault(line, "the first day comes after the last day");
        }
        let (Some(email), Some(societe)) = (email, societe) else { return };
        let (workflows, channels) = (all_if_empty(workflows), all_if_empty(channels));
        let days = Days { first, last };
        self.rows.push(ImportRow { line, email, rights, societe, workflows, channels, days });
    }

    fn parsed<T: FromStr<Err: std::fmt::Display>>(&mut self, line: usize, text: &str) -> Option<T> {
        text.parse().map_err(|fault: T::Err| self.fault(line, fault.to_string())).ok()
    }

    fn rights(&mut self, line: usize, text: &str) -> Rights {
        let mut rights = Rights::new();
        for word in several(text) {
            match word.parse::<Right>() {
                Ok(right) => drop(rights.insert(right)),
                Err(word) => {
                    self.fault(
                        line,
                        format!("`{word}` is no right: signer, sceller, preparer are"),
                    );
                }
            }
        }
        if several(text).next().is_none() {
            self.fault(line, "no right is named: signer, sceller, preparer");
        }
        rights
    }

    fn channels(&mut self, line: usize, text: &str) -> BTreeSet<ChannelGrant> {
        several(text).filter_map(|word| self.parsed(line, word)).collect()
    }

    fn day(&mut self, line: usize, text: &str) -> Option<Date> {
        if text.is_empty() {
            return None;
        }
        let day = text.parse::<Date>().or_else(|_| Date::strptime("%d/%m/%Y", text));
        day.map_err(|_| {
            self.fault(line, format!("`{}` is no day: 2026-01-31 or 31/01/2026", clip(text)));
        })
        .ok()
    }
}

fn several(text: &str) -> impl Iterator<Item = &str> {
    text.split(['+', ',', ' ']).map(str::trim).filter(|word| !word.is_empty())
}

fn all_if_empty<T>(set: BTreeSet<T>) -> Option<BTreeSet<T>> {
    (!set.is_empty()).then_some(set)
}

/// The fields of one line; `None` where a quotation mark is not closed.
fn fields(line: &str, separator: char) -> Option<Vec<String>> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.trim_end_matches('\r').chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            c if c == separator && !quoted => fields.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    fields.push(field);
    (!quoted).then_some(fields)
}

fn clip(text: &str) -> String {
    text.trim().chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_french_file_is_read() {
        let text = "\u{feff}email;droits;societe;workflows;canaux;début;fin\r\n\
                    paul@x.fr;sceller, préparer;martin;attestation+plaquette;folders;01/02/2026;\r\n\
                    \r\n\
                    anne@x.fr;signer;martin;;;;2026-12-31\r\n";
        let rows = parse_import(text).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].rights, Rights::from([Right::Sceller, Right::Preparer]));
        assert_eq!(rows[0].workflows.as_ref().unwrap().len(), 2);
        assert_eq!(rows[0].days.first, Some(jiff::civil::date(2026, 2, 1)));
        assert_eq!((rows[1].line, &rows[1].workflows, &rows[1].channels), (4, &None, &None));
        assert_eq!(rows[1].days.last, Some(jiff::civil::date(2026, 12, 31)));
    }

    #[test]
    fn commas_columns_in_any_order_and_quotation_marks() {
        let text = "societe,rights,email\nmartin,\"sceller,signer\",paul@x.fr\n";
        let rows = parse_import(text).unwrap();
        assert_eq!(rows[0].rights.len(), 2);
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        let text = "email;droits;societe;first\n\
                    paul;sceler;Martin;31-12\n\
                    anne@x.fr;sceller;martin\n\
                    eve@x.fr;;martin;\n\
                    bob@x.fr;\"sceller;martin\n\
                    zoe@x.fr;sceller;martin;;x\n";
        let faults = parse_import(text).unwrap_err();
        let lines: Vec<usize> = faults.iter().map(|fault| fault.line).collect();
        assert_eq!(lines, [2, 2, 2, 2, 4, 5, 6], "{faults:?}");
    }

    #[test]
    fn a_head_that_lacks_columns_is_refused() {
        let faults = parse_import("mail;right\n").unwrap_err();
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(parse_import("").is_err());
        assert!(parse_import(&"\n".repeat(MAX_LINES + 1)).is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_text_brings_it_down(text in "\\PC{0,200}(;|,|\"|\n){0,20}\\PC{0,100}") {
            let _ = parse_import(&text);
        }
    }
}
