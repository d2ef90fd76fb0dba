//! The few expressions that the two engines spell differently.

/// The SQL dialect of an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Postgres,
    Sqlite,
}

impl Dialect {
    /// A sub-select of the UUIDs in a JSON array of texts: any number of ids in one parameter, and
    /// one prepared statement for all of them.
    pub(super) fn ids(self, parameter: usize) -> String {
        match self {
            Self::Postgres => format!("SELECT id FROM unnest({}) AS id", uuids(parameter)),
            // The column is named so that both engines see `id`.
            Self::Sqlite => format!("SELECT unhex(value, '-') AS id FROM json_each(${parameter})"),
        }
    }

    /// Whether `column` is one of the UUIDs in a JSON array of texts.
    pub(super) fn is_one_of(self, column: &str, parameter: usize) -> String {
        match self {
            Self::Postgres => format!("{column} = ANY ({})", uuids(parameter)),
            Self::Sqlite => format!("{column} IN ({})", self.ids(parameter)),
        }
    }

    /// Whether `column` is one of what `select` gives. On Postgres by an array, which is always looked up in
    /// an index: without statistics the planner takes a sub-select for a reason to read the whole table.
    pub(super) fn is_in(self, column: &str, select: &str) -> String {
        match self {
            Self::Postgres => format!("{column} = ANY (ARRAY({select}))"),
            Self::Sqlite => format!("{column} IN ({select})"),
        }
    }

    /// Whether the text `needle` (a parameter) occurs in `column`, compared by code points.
    pub(super) fn contains(self, column: &str, parameter: usize) -> String {
        match self {
            Self::Postgres => format!("strpos({column}, ${parameter}) > 0"),
            Self::Sqlite => format!("instr({column}, ${parameter}) > 0"),
        }
    }

    /// Keeps the selected rows from being changed until the transaction ends.
    pub(super) fn for_share(self) -> &'static str {
        match self {
            Self::Postgres => " FOR SHARE",
            Self::Sqlite => "",
        }
    }

    /// Locks rows for an update that changes no key, in the order of their ids: transactions that lock the
    /// same rows then wait for each other, and none for ever. Takes what selects the rows. SQLite has one
    /// writer and needs no statement.
    pub(super) fn lock_in_order(self, condition: &str) -> Option<String> {
        match self {
            Self::Postgres => Some(format!(
                "SELECT id FROM resource WHERE {condition} ORDER BY id FOR NO KEY UPDATE"
            )),
            Self::Sqlite => None,
        }
    }

    /// Locks the selected rows until the transaction ends. SQLite has one writer: nothing to lock.
    pub(super) fn for_update(self) -> &'static str {
        match self {
            Self::Postgres => " FOR UPDATE",
            Self::Sqlite => "",
        }
    }
}

/// A JSON array of UUIDs as an array of Postgres. The planner sees how many there are; of a set made of JSON
/// it assumes a hundred, which makes it read whole tables for the members of one group.
fn uuids(parameter: usize) -> String {
    format!("CAST(translate(${parameter}, '[]\"', '{{}}') AS uuid[])")
}
