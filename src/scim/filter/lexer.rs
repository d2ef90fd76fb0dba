//! Cuts the text of a filter into tokens, one at a time.

use std::iter::Peekable;
use std::str::CharIndices;

/// A token and the character where it begins, counted from 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) kind: TokenKind<'a>,
    pub(super) position: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind<'a> {
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    /// A JSON string, its escapes resolved.
    Text(String),
    /// Anything else between blanks: names, operators, numbers, `true`, `false`, `null`.
    Word(&'a str),
    /// A quote that does not begin a JSON string.
    BadText,
    End,
}

pub(super) struct Lexer<'a> {
    text: &'a str,
    rest: Peekable<CharIndices<'a>>,
    /// Characters before `rest`.
    passed: usize,
}

impl<'a> Lexer<'a> {
    /// Cuts `text`, which begins behind `passed` characters of a longer text.
    pub(super) fn new(text: &'a str, passed: usize) -> Self {
        Self { text, rest: text.char_indices().peekable(), passed }
    }

    /// The next token; [`TokenKind::End`] again and again behind the last.
    pub(super) fn next(&mut self) -> Token<'a> {
        while self.next_if(|c| c.is_ascii_whitespace()).is_some() {}
        let position = self.passed + 1;
        let kind = match self.next_if(|_| true) {
            None => TokenKind::End,
            Some((_, '(')) => TokenKind::Open,
            Some((_, ')')) => TokenKind::Close,
            Some((_, '[')) => TokenKind::OpenBracket,
            Some((_, ']')) => TokenKind::CloseBracket,
            Some((start, '"')) => self.string(start),
            Some((start, _)) => {
                while self.next_if(is_word).is_some() {}
                TokenKind::Word(&self.text[start..self.offset()])
            }
        };
        Token { kind, position }
    }

    fn string(&mut self, start: usize) -> TokenKind<'a> {
        loop {
            match self.next_if(|_| true) {
                None => return TokenKind::BadText,
                Some((_, '"')) => break,
                Some((_, '\\')) => {
                    self.next_if(|_| true);
                }
                Some(_) => {}
            }
        }
        let quoted = &self.text[start..self.offset()];
        serde_json::from_str(quoted).map_or(TokenKind::BadText, TokenKind::Text)
    }

    fn next_if(&mut self, condition: impl FnOnce(char) -> bool) -> Option<(usize, char)> {
        let next = self.rest.next_if(|(_, c)| condition(*c))?;
        self.passed += 1;
        Some(next)
    }

    fn offset(&mut self) -> usize {
        self.rest.peek().map_or(self.text.len(), |(offset, _)| *offset)
    }
}

fn is_word(c: char) -> bool {
    !c.is_ascii_whitespace() && !matches!(c, '(' | ')' | '[' | ']' | '"')
}
