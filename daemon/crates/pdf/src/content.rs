//! The operations of a content stream, one after the other (ISO 32000-2, 7.8.2).

use crate::syntax::{Lexer, Parser, SyntaxError, Token};
use crate::{Object, ReadError};

/// How deep an operand may nest.
const NESTING: usize = 16;

/// An operator and what stands before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// The operator, as in `Tj`.
    pub operator: String,
    /// Its operands, in order.
    pub operands: Vec<Object>,
}

/// The operations of decoded content, at most `limit`. An inline image ends the list with `BI`: its
/// data is not read past.
///
/// # Errors
/// [`ReadError`] where it is no content, or longer than the limit.
pub fn operations(content: &[u8], limit: usize) -> Result<Vec<Operation>, ReadError> {
    let mut parser = Parser::new(content, true, NESTING);
    let (mut found, mut operands) = (Vec::new(), Vec::new());
    loop {
        let mut ahead: Lexer<'_> = parser.lexer().clone();
        match ahead.next().map_err(malformed)? {
            None => return Ok(found),
            Some(Token::Keyword(word)) if !is_value(word) => {
                *parser.lexer() = ahead;
                let operator = String::from_utf8_lossy(word).into_owned();
                let ends = operator == "BI";
                found.push(Operation { operator, operands: std::mem::take(&mut operands) });
                if ends {
                    return Ok(found);
                }
            }
            Some(_) => operands.push(parser.object().map_err(malformed)?),
        }
        if found.len() + operands.len() > limit {
            return Err(ReadError::TooComplex { limit: "content operations" });
        }
    }
}

fn is_value(word: &[u8]) -> bool {
    matches!(word, b"true" | b"false" | b"null")
}

fn malformed(error: SyntaxError) -> ReadError {
    match error {
        SyntaxError::TooDeep => ReadError::TooComplex { limit: "nesting" },
        SyntaxError::TooLarge => ReadError::TooComplex { limit: "things in one object" },
        _ => ReadError::damaged("the content of a stream is malformed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_get_their_operands() {
        let found =
            operations(b"/Tx BMC q BT /F1 12 Tf (a\\)b) Tj [(c) -2 <64>] TJ ET Q", 99).unwrap();
        let names: Vec<&str> = found.iter().map(|one| one.operator.as_str()).collect();
        assert_eq!(names, ["BMC", "q", "BT", "Tf", "Tj", "TJ", "ET", "Q"]);
        assert_eq!(found[4].operands[0].as_string().unwrap().to_text(), "a)b");
        assert_eq!(found[5].operands[0].as_array().unwrap().len(), 3);
    }

    #[test]
    fn an_inline_image_ends_the_list_and_a_limit_holds() {
        let found = operations(b"q BI /W 1 ID \x00\xff EI Q", 99).unwrap();
        assert_eq!(found.last().unwrap().operator, "BI");
        assert!(operations(&b"q ".repeat(100), 99).is_err());
        assert!(operations(b"[[[[[[[[[[[[[[[[[[[[[[", 99).is_err());
    }
}
