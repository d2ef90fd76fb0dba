//! The names of what tolerant reading put right (Keeper rule K8). The code that puts it right stands
//! where the value is read; the provisioning log tells the administrator by these names.

/// A habit of a client that the RFCs do not allow and a tolerant reading accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quirk {
    /// `"False"` where `false` is due.
    BooleanAsText,
    /// One value where a list is due.
    ScalarForList,
    /// A list of one where a single value is due.
    ListForScalar,
    /// A text where an object with a `value` is due.
    TextForComplex,
    /// An object with a `value` where that value itself is due.
    ComplexForText,
    /// `""` for an identifier, or where no text is due: read as unassigned.
    EmptyText,
    /// A semicolon behind a schema URN.
    StraySemicolon,
    /// An attribute that no schema of the resource type has; left out.
    UnknownAttribute,
    /// `"op": "Replace"`.
    CapitalisedOp,
    /// A PATCH without operations.
    EmptyOperations,
    /// `"name.givenName"` as a key of a PATCH value without a path.
    DottedKey,
    /// An attribute with its URN as a key of a PATCH value without a path.
    QualifiedKey,
    /// `"emails[type eq \"work\"].value"` as a key of a PATCH value without a path.
    FilterPathAsKey,
    /// An attribute of an extension without the URN.
    UnqualifiedExtension,
    /// A list of what to remove, as the value of a remove.
    ValueOnRemove,
    /// A JSON document as text in the `value` of an element.
    JsonInValue,
    /// A replace whose filter selects nothing; it creates the element.
    ReplaceWithoutMatch,
}

impl Quirk {
    /// The name that stands in the provisioning log and the documentation.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BooleanAsText => "boolean-as-text",
            Self::ScalarForList => "scalar-for-list",
            Self::ListForScalar => "list-for-scalar",
            Self::TextForComplex => "text-for-complex",
            Self::ComplexForText => "complex-for-text",
            Self::EmptyText => "empty-text",
            Self::StraySemicolon => "stray-semicolon",
            Self::UnknownAttribute => "unknown-attribute",
            Self::CapitalisedOp => "capitalised-op",
            Self::EmptyOperations => "empty-operations",
            Self::DottedKey => "dotted-key",
            Self::QualifiedKey => "qualified-key",
            Self::FilterPathAsKey => "filter-path-as-key",
            Self::UnqualifiedExtension => "unqualified-extension",
            Self::ValueOnRemove => "value-on-remove",
            Self::JsonInValue => "json-in-value",
            Self::ReplaceWithoutMatch => "replace-without-match",
        }
    }
}

/// The quirks applied to one request, each once, in the order in which they were met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quirks(Vec<Quirk>);

impl Quirks {
    /// Takes note of a quirk.
    pub fn note(&mut self, quirk: Quirk) {
        if !self.0.contains(&quirk) {
            self.0.push(quirk);
        }
    }

    /// The quirks, in the order in which they were met.
    pub fn iter(&self) -> impl Iterator<Item = Quirk> {
        self.0.iter().copied()
    }

    /// Whether the request was as the RFCs want it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
