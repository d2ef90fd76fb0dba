//! Roles (K5): a group whose displayName starts with the method's role prefix is a role for people and
//! for the admin API; to SCIM it stays a group.

use std::fmt;

/// What a group is to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupKind {
    /// A team.
    Team,
    /// A role; its members hold it.
    Role,
}

impl GroupKind {
    /// What a group of this name is under a role prefix. The prefix is compared with its case; an empty
    /// one is none.
    pub fn of(display_name: &str, role_prefix: Option<&str>) -> Self {
        match role_prefix.filter(|prefix| !prefix.is_empty()) {
            Some(prefix) if display_name.starts_with(prefix) => Self::Role,
            _ => Self::Team,
        }
    }

    /// The word for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Team => "team",
            Self::Role => "role",
        }
    }
}

impl fmt::Display for GroupKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k5_the_prefix_makes_the_role() {
        for (name, prefix, kind) in [
            ("role-Admins", Some("role-"), GroupKind::Role),
            ("Role-Admins", Some("role-"), GroupKind::Team),
            ("Admins", Some("role-"), GroupKind::Team),
            ("role-Admins", None, GroupKind::Team),
            ("role-Admins", Some(""), GroupKind::Team),
        ] {
            assert_eq!(GroupKind::of(name, prefix), kind, "{name} {prefix:?}");
        }
    }
}
