//! Conditional requests (RFC 7644 section 3.14): versions are weak, and are compared weakly, as SCIM's
//! own examples do.

use crate::scim::error::ScimError;

/// What `If-Match` or `If-None-Match` asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Precondition {
    /// The header was not sent: anything goes.
    #[default]
    None,
    /// `*`: any version.
    Any,
    /// One of these tags, without `W/`.
    Tags(Vec<String>),
}

impl Precondition {
    /// Reads the value of a header; tags may stand with or without quotes and `W/`.
    pub fn parse(header: Option<&str>) -> Self {
        let Some(header) = header.map(str::trim) else {
            return Self::None;
        };
        if header == "*" {
            return Self::Any;
        }
        Self::Tags(header.split(',').map(opaque).map(str::to_owned).collect())
    }

    /// Whether a version is among those that were named.
    pub fn matches(&self, etag: &str) -> bool {
        match self {
            Self::None => false,
            Self::Any => true,
            Self::Tags(tags) => tags.iter().any(|tag| tag == opaque(etag)),
        }
    }

    /// Whether the header was sent.
    pub fn is_given(&self) -> bool {
        *self != Self::None
    }

    /// For `If-Match`: refuses a version that was not named.
    ///
    /// # Errors
    /// 412.
    pub fn check(&self, etag: &str) -> Result<(), ScimError> {
        if !self.is_given() || self.matches(etag) {
            return Ok(());
        }
        Err(ScimError::precondition_failed(format!(
            "The resource was changed by another request: it is at version {etag}. Read it again, \
             then repeat the change"
        )))
    }
}

fn opaque(tag: &str) -> &str {
    let tag = tag.trim();
    tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// V-03, V-05.
    #[test]
    fn tags_are_compared_weakly_with_and_without_quotes() {
        for header in ["W/\"7\"", "\"7\"", "7", "W/\"6\", W/\"7\"", " * "] {
            assert!(Precondition::parse(Some(header)).matches("W/\"7\""), "{header}");
        }
        for header in ["W/\"6\"", "\"77\"", "w/\"7\""] {
            assert!(!Precondition::parse(Some(header)).matches("W/\"7\""), "{header}");
        }
        assert_eq!(Precondition::parse(None).check("W/\"7\""), Ok(()));
        // A condition that is there but names nothing holds for nothing.
        for header in ["", "  ", "\u{FFFD}"] {
            assert!(Precondition::parse(Some(header)).check("W/\"7\"").is_err(), "{header:?}");
        }
        assert_eq!(Precondition::parse(Some("\"6\"")).check("W/\"7\"").unwrap_err().status, 412);
    }
}
