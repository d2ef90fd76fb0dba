//! The SCIM provisioning method of a node and its settings: the faces of K3, K4, K5 and K8 that an
//! administrator chooses.

use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value, json};

use super::organization::ORGANIZATION;
use crate::scim::validate::Dialect;
use crate::storage::rows::MethodRow;

/// What SCIM shows of users that were removed by DELETE (K3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RemovedUsers {
    /// They are listed with `active: false`.
    #[default]
    Listed,
    /// They are not found.
    Hidden,
}

/// What a POST for a locked user's address does (K3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Repost {
    /// 409.
    #[default]
    Conflict,
    /// The same user is unlocked and updated.
    Revive,
}

/// What new users are (K4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NewUsers {
    /// Invited, until an administrator notes that they accepted.
    #[default]
    Invited,
    /// Active at once.
    Active,
}

/// Gives a setting its words.
macro_rules! words {
    ($type:ty, $($variant:path => $word:literal),+) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(match self { $($variant => $word),+ })
            }
        }

        impl FromStr for $type {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok($variant),)+
                    _ => Err(format!("{text:?} is none of: {}", [$($word),+].join(", "))),
                }
            }
        }
    };
}

words!(RemovedUsers, RemovedUsers::Listed => "listed", RemovedUsers::Hidden => "hidden");
words!(Repost, Repost::Conflict => "conflict", Repost::Revive => "revive");
words!(NewUsers, NewUsers::Invited => "invited", NewUsers::Active => "active");
words!(Dialect, Dialect::Tolerant => "tolerant", Dialect::Strict => "strict");

/// The settings of a provisioning method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Method {
    /// Prefix that makes a group a role (K5).
    pub role_prefix: Option<String>,
    /// Whether displayName of groups is unique in the node (K5).
    pub unique_groups: bool,
    /// What SCIM shows of removed users.
    pub removed_users: RemovedUsers,
    /// What a POST for a locked user's address does.
    pub repost: Repost,
    /// What new users are.
    pub new_users: NewUsers,
    /// How requests are read (K8).
    pub dialect: Dialect,
}

impl Default for Method {
    fn default() -> Self {
        Self {
            role_prefix: None,
            unique_groups: true,
            removed_users: RemovedUsers::default(),
            repost: Repost::default(),
            new_users: NewUsers::default(),
            dialect: Dialect::default(),
        }
    }
}

impl Method {
    /// Whether removed users are out of SCIM's sight.
    pub fn hides_removed(&self) -> bool {
        self.removed_users == RemovedUsers::Hidden
    }

    /// The settings that a row records.
    pub(super) fn of(row: &MethodRow) -> Self {
        // Words that a newer release wrote fall back to the defaults.
        Self {
            role_prefix: row.role_prefix.clone(),
            unique_groups: row.unique_groups,
            removed_users: row.removed_users.parse().unwrap_or_default(),
            repost: row.repost.parse().unwrap_or_default(),
            new_users: row.new_users.parse().unwrap_or_default(),
            dialect: row.dialect.parse().unwrap_or_default(),
        }
    }

    pub(super) fn row(&self, node_id: i64, created_at: i64) -> MethodRow {
        MethodRow {
            organization_id: ORGANIZATION,
            node_id,
            role_prefix: self.role_prefix.clone(),
            unique_groups: self.unique_groups,
            removed_users: self.removed_users.to_string(),
            repost: self.repost.to_string(),
            new_users: self.new_users.to_string(),
            dialect: self.dialect.to_string(),
            created_at,
            last_synced: None,
            client: None,
        }
    }

    pub(super) fn settings(&self) -> Map<String, Value> {
        let settings = json!({
            "rolePrefix": self.role_prefix,
            "uniqueGroups": self.unique_groups,
            "removedUsers": self.removed_users.to_string(),
            "repost": self.repost.to_string(),
            "newUsers": self.new_users.to_string(),
            "dialect": self.dialect.to_string(),
        });
        if let Value::Object(settings) = settings { settings } else { Map::new() }
    }
}

/// What to change of a method; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MethodChange {
    /// New role prefix; empty for none.
    pub role_prefix: Option<String>,
    /// Whether group names are unique.
    pub unique_groups: Option<bool>,
    /// What SCIM shows of removed users.
    pub removed_users: Option<RemovedUsers>,
    /// What a POST for a locked user's address does.
    pub repost: Option<Repost>,
    /// What new users are.
    pub new_users: Option<NewUsers>,
    /// How requests are read.
    pub dialect: Option<Dialect>,
}
