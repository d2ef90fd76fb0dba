//! What a command has to say, and where it goes.

use std::io::{self, Write};

use comfy_table::{Table, presets};
use serde_json::Value;

use super::failure::Failure;

/// The outcome of a command, for people and for programs.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// Standard error, always: what was done, what comes next.
    pub(super) message: String,
    /// Standard output for people.
    pub(super) text: String,
    /// Standard output with `--json`. Nothing where `text` is the same for both.
    pub(super) json: Option<Value>,
}

impl Answer {
    /// Data alone.
    pub(super) fn data(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json: Some(json), ..Self::default() }
    }

    /// Output that programs and people read in the same form.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A change that was made, with what it changed.
    pub(super) fn done(message: impl Into<String>, json: Value) -> Self {
        Self { message: message.into(), json: Some(json), ..Self::default() }
    }
}

/// Writes an answer.
pub(super) fn print(answer: &Answer, json: bool) -> Result<(), Failure> {
    if !answer.message.is_empty() {
        message(&answer.message);
    }
    let for_programs = answer.json.as_ref().filter(|_| json).map(|value| format!("{value:#}"));
    let text = for_programs.as_deref().unwrap_or(&answer.text);
    if text.is_empty() {
        return Ok(());
    }
    let end = if text.ends_with('\n') { "" } else { "\n" };
    let mut stdout = io::stdout().lock();
    match write!(stdout, "{text}{end}").and_then(|()| stdout.flush()) {
        // The reader has seen enough: `scimd user list | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(|error| Failure::failed(format!("cannot write: {error}"))),
    }
}

/// Writes a line for people to standard error.
pub(super) fn message(text: &str) {
    // Where standard error is gone there is nowhere left to say so.
    let _nowhere_to_report = writeln!(io::stderr(), "{text}");
}

/// A table without lines, in columns two blanks apart.
pub(super) fn table<const N: usize>(
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.set_header(head);
    aligned(table, rows)
}

/// Two columns, one fact per line.
pub(super) fn facts<'a>(facts: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let rows = facts.into_iter().map(|(name, value)| [name.to_owned(), value]);
    aligned(Table::new(), rows)
}

fn aligned<const N: usize>(
    mut table: Table,
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    // Names come from identity providers: what steers a terminal is not sent to one.
    let harmless = |cell: String| cell.replace(char::is_control, "\u{fffd}");
    table.load_style(presets::NOTHING).add_rows(rows.into_iter().map(|row| row.map(harmless)));
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_control_characters_do_not_reach_the_terminal() {
        let rows = [["1".to_owned(), "Ada\u{1b}[2J".to_owned()], ["22".to_owned(), "B".to_owned()]];
        assert_eq!(table(["ID", "NAME"], rows), "ID  NAME\n1   Ada\u{fffd}[2J\n22  B");
        assert_eq!(facts([("a", "1".to_owned()), ("bcd", "2".to_owned())]), "a    1\nbcd  2");
    }
}
