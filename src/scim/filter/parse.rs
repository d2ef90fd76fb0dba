//! Text to [`Filter`]: recursive descent over RFC 7644 figure 1, one token ahead, never back.
//!
//! Wider than the grammar where clients are: keywords in any case, any number of blanks, `not(`, and
//! `emails[type eq "work"].value eq "x"`, which Entra sends.

use super::lexer::{Lexer, Token, TokenKind};
use super::{CompareOp, Filter, FilterLimits, Literal};
use crate::scim::error::ScimError;
use crate::scim::path::AttributePath;

const TERM: &str = "an attribute name, \"not (\" or \"(\"";
const OPERATOR: &str = "an operator: eq, ne, co, sw, ew, gt, ge, lt, le or pr";
const VALUE: &str = "a value: text in double quotes, a number, true, false or null";

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// 400 `invalidFilter`; the detail says at which character, and what was expected there.
    pub fn parse(text: &str, limits: FilterLimits) -> Result<Self, ScimError> {
        Parser::new(text, 0, limits)?.whole(Brackets::Allowed)
    }

    /// Reads what stands between the brackets of a path, where no further brackets may be.
    /// `passed` characters stand before it.
    ///
    /// # Errors
    /// As for [`Filter::parse`]; characters are counted from the start of the path.
    pub(in crate::scim) fn parse_inner(
        text: &str,
        passed: usize,
        limits: FilterLimits,
    ) -> Result<Self, ScimError> {
        Parser::new(text, passed, limits)?.whole(Brackets::Refused)
    }
}

/// Whether `attribute[filter]` may occur: not within brackets (RFC 7644 erratum 4690).
#[derive(Clone, Copy, PartialEq)]
enum Brackets {
    Allowed,
    Refused,
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    current: Token<'a>,
    /// How many more levels may be opened.
    levels_left: usize,
    limits: FilterLimits,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, passed: usize, limits: FilterLimits) -> Result<Self, ScimError> {
        if text.len() > limits.length {
            return Err(ScimError::invalid_filter(format!(
                "The filter is longer than {} bytes; shorten it or split the query.",
                limits.length
            )));
        }
        let mut lexer = Lexer::new(text, passed);
        let current = lexer.next();
        Ok(Self { lexer, current, levels_left: limits.depth, limits })
    }

    fn whole(mut self, brackets: Brackets) -> Result<Filter, ScimError> {
        if self.current.kind == TokenKind::End {
            return Err(ScimError::invalid_filter(
                "The filter is empty; write one such as userName eq \"ana@example.com\", or leave \
                 it out.",
            ));
        }
        let filter = self.any_of(brackets)?;
        match self.current.kind {
            TokenKind::End => Ok(filter),
            _ => Err(self.expected("\"and\", \"or\" or the end")),
        }
    }

    /// `part *("or" part)`
    fn any_of(&mut self, brackets: Brackets) -> Result<Filter, ScimError> {
        self.joined("or", Filter::Or, |parser| parser.all_of(brackets))
    }

    /// `term *("and" term)`: binds tighter than `or`.
    fn all_of(&mut self, brackets: Brackets) -> Result<Filter, ScimError> {
        self.joined("and", Filter::And, |parser| parser.term(brackets))
    }

    fn joined(
        &mut self,
        keyword: &str,
        join: fn(Vec<Filter>) -> Filter,
        mut part: impl FnMut(&mut Self) -> Result<Filter, ScimError>,
    ) -> Result<Filter, ScimError> {
        let first = part(self)?;
        if !self.is_keyword(keyword) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.is_keyword(keyword) {
            self.advance();
            parts.push(part(self)?);
        }
        Ok(join(parts))
    }

    /// `"not" "(" filter ")"`, `"(" filter ")"` or an expression on an attribute.
    fn term(&mut self, brackets: Brackets) -> Result<Filter, ScimError> {
        if self.is_keyword("not") {
            self.advance();
            if self.current.kind != TokenKind::Open {
                return Err(self.expected("\"(\" behind \"not\""));
            }
            return Ok(Filter::Not(Box::new(self.group(brackets)?)));
        }
        match self.current.kind {
            TokenKind::Open => self.group(brackets),
            TokenKind::Word(word) => self.expression(word, brackets),
            _ => Err(self.expected(TERM)),
        }
    }

    fn group(&mut self, brackets: Brackets) -> Result<Filter, ScimError> {
        self.nested(&TokenKind::Close, "\")\"", |parser| parser.any_of(brackets))
    }

    /// What stands between the current token and its counterpart. The depth is checked before the
    /// descent, as the stack pays for each level.
    fn nested(
        &mut self,
        close: &TokenKind<'_>,
        close_name: &str,
        inner: impl FnOnce(&mut Self) -> Result<Filter, ScimError>,
    ) -> Result<Filter, ScimError> {
        self.levels_left = self.levels_left.checked_sub(1).ok_or_else(|| {
            ScimError::invalid_filter(format!(
                "The filter nests more than {} parentheses and brackets at character {}; write it \
                 flatter.",
                self.limits.depth, self.current.position
            ))
        })?;
        self.advance();
        let filter = inner(self)?;
        if self.current.kind != *close {
            return Err(self.expected(&format!("\"and\", \"or\" or {close_name}")));
        }
        self.advance();
        self.levels_left += 1;
        Ok(filter)
    }

    /// `path "pr"`, `path op value` or `path "[" filter "]"`.
    fn expression(&mut self, word: &str, brackets: Brackets) -> Result<Filter, ScimError> {
        let path = AttributePath::parse(word).ok_or_else(|| self.expected(TERM))?;
        self.advance();
        if self.current.kind != TokenKind::OpenBracket {
            return self.test(path);
        }
        if brackets == Brackets::Refused {
            return Err(self.expected("an operator; brackets do not nest"));
        }
        let inner = self
            .nested(&TokenKind::CloseBracket, "\"]\"", |parser| parser.any_of(Brackets::Refused))?;
        let filter = match self.current.kind {
            TokenKind::Word(word) if word.starts_with('.') => self.with_test_behind(word, inner)?,
            _ => inner,
        };
        Ok(Filter::Element { path, filter: Box::new(filter) })
    }

    /// `path[inner].name op value` means `path[inner and name op value]`.
    fn with_test_behind(&mut self, word: &str, inner: Filter) -> Result<Filter, ScimError> {
        let name = AttributePath::parse(&word[1..]).filter(|path| !path.0.contains(['.', ':']));
        let name = name.ok_or_else(|| self.expected("a sub-attribute such as .value"))?;
        self.advance();
        let mut parts = match inner {
            Filter::And(parts) => parts,
            other => vec![other],
        };
        parts.push(self.test(name)?);
        Ok(Filter::And(parts))
    }

    /// `"pr"` or `op value`.
    fn test(&mut self, path: AttributePath) -> Result<Filter, ScimError> {
        if self.is_keyword("pr") {
            self.advance();
            return Ok(Filter::Present(path));
        }
        let op = match self.current.kind {
            TokenKind::Word(word) => CompareOp::from_keyword(word),
            _ => None,
        };
        let op = op.ok_or_else(|| self.expected(OPERATOR))?;
        self.advance();
        let value = match &mut self.current.kind {
            TokenKind::Text(text) => Some(Literal::Text(std::mem::take(text))),
            TokenKind::Word(word) => Literal::from_word(word),
            _ => None,
        };
        let value = value.ok_or_else(|| self.expected(VALUE))?;
        self.advance();
        Ok(Filter::Compare { path, op, value })
    }

    fn is_keyword(&self, keyword: &str) -> bool {
        matches!(self.current.kind, TokenKind::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    fn advance(&mut self) {
        self.current = self.lexer.next();
    }

    fn expected(&self, what: &str) -> ScimError {
        let position = self.current.position;
        let reason = match self.current.kind {
            TokenKind::BadText => {
                " The text that begins there is no JSON string: its closing quote is missing or an \
                 escape is wrong."
            }
            _ => "",
        };
        ScimError::invalid_filter(format!(
            "The filter stops making sense at character {position}: expected {what}.{reason}"
        ))
    }
}

impl Literal {
    fn from_word(word: &str) -> Option<Self> {
        if let Some(truth) = Self::boolean(word) {
            return Some(Self::Boolean(truth));
        }
        if word.eq_ignore_ascii_case("null") {
            return Some(Self::Null);
        }
        serde_json::from_str(word).ok().map(Self::Number)
    }

    /// `true` or `false` in any case.
    pub(super) fn boolean(word: &str) -> Option<bool> {
        [true, false].into_iter().find(|truth| word.eq_ignore_ascii_case(&truth.to_string()))
    }
}

#[cfg(test)]
mod tests;
