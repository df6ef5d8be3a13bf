//! The operators of a content stream, one after the other, as lenient readers take them (ISO 32000-2, 7.8.2).

use crate::Object;
use crate::syntax::{Lexer, Parser, Token};

/// Operands that an operator has.
const MAX_OPERANDS: usize = 64;

/// The next operator, its operands gathered; none at the end or where nothing can be read.
pub(super) fn next<'c>(parser: &mut Parser<'c>, operands: &mut Vec<Object>) -> Option<&'c [u8]> {
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
pub(super) fn skip_image(lexer: &mut Lexer<'_>) {
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
