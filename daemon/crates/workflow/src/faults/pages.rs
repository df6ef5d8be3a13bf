//! The page of each fault: what it means and what to do.

use super::fault::FaultCode;

impl FaultCode {
    /// The code with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == name)
    }

    /// What `sceau check --explain CODE` prints.
    pub const fn page(self) -> &'static str {
        match self {
            Self::Syntax => {
                "The file is not TOML. The place shown is where reading stopped; the cause often \
                 stands on the line before it: a quotation mark or bracket that was not closed, a \
                 key without a value, the same key twice in one table. Texts stand in quotation \
                 marks, lists in square brackets. The other faults of the file are shown as far as \
                 they could be read."
            }
            Self::UnknownKey => {
                "Nothing reads this key, so what it says would silently have no effect; that is why \
                 it stops the daemon. Look for a spelling mistake (the nearest key is shown), or for \
                 a key that stands under the wrong [table]. To keep a note, write a comment (#)."
            }
            Self::MissingKey => {
                "A key that has no default is not there. It belongs into the table whose first line \
                 is shown."
            }
            Self::WrongType => {
                "The value is of another type than expected: a text stands in quotation marks, a \
                 number or true/false does not, a list stands in [square brackets]. Durations and \
                 sizes are texts with a unit: \"30s\", \"2h\", \"21d\", \"10MiB\"."
            }
            Self::BadValue => {
                "The value is none of those that are allowed here, or not in their form. The message \
                 lists what is allowed."
            }
            Self::OutOfRange => {
                "The number, duration or size is smaller or larger than what can work. The message \
                 tells the bounds."
            }
            Self::Duplicate => {
                "Two things bear the same name; orders and records could not tell them apart. Rename \
                 one of them."
            }
            Self::Schema => {
                "The first line of a workflow file tells the version of its form: `schema = 1`. It is \
                 missing, or the file was written for another version of Sceau."
            }
            Self::UnknownName => {
                "The value names something (a workflow, a parameter, a kind of step) that does not \
                 exist. The nearest name is shown; names are compared letter by letter."
            }
            Self::StepOrder => {
                "The steps of the workflow cannot work in this order. What rewrites the document \
                 (prepare) comes before what signs it (collect, seal), because signed bytes are never \
                 rewritten; a workflow ends with exactly one deliver."
            }
            Self::Path => {
                "A file or directory is not there, is of the wrong sort, or cannot be reached by the \
                 user who runs the check. Relative paths begin at the directory of the file in which \
                 they are written. Create a missing directory with `mkdir`, and run the check as the \
                 user of the service."
            }
            Self::Permissions => {
                "More people may read or write there than should. Whoever can write into a watched \
                 folder can cause a document to be sealed in the name of the folder's account, so \
                 folders that everybody may write are refused (`chmod o-w`). A secret is readable by \
                 its owner only (`chmod 600`)."
            }
            Self::Overlap => {
                "Two folders are the same, or one lies within the other: a document dropped there \
                 would belong to both. Give each its own place. The state directory never lies within \
                 a watched folder, nor the reverse."
            }
            Self::Exposure => {
                "The address can be reached from other machines, but the connection would not be \
                 encrypted: tokens and documents would travel in clear. Configure TLS (tls_certificate \
                 and tls_key), listen on 127.0.0.1 behind a reverse proxy that does, or say \
                 `allow_cleartext = true` where the network itself is protected."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_name_and_page() {
        for code in FaultCode::ALL {
            assert_eq!(FaultCode::from_name(code.as_str()), Some(code));
            assert!(code.page().len() > 60, "{code}");
        }
    }
}
