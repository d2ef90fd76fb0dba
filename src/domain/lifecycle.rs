//! The life of a user (K3, K4): a pure state machine. Two locks lie over one another, the
//! administrator's and the identity provider's, over an account that is invited or active; nothing a
//! SCIM client does destroys it.

use std::fmt;
use std::str::FromStr;

use crate::storage::rows::ResourceRow;

/// Where a user stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifecycle {
    /// Whether the invitation was accepted.
    pub accepted: bool,
    /// Whether an administrator locked the account.
    pub admin_locked: bool,
    /// Whether the identity provider locked it, and why.
    pub idp_lock: IdpLock,
}

/// The lock of the identity provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdpLock {
    /// Not locked.
    None,
    /// Locked by `active: false`.
    Disabled,
    /// Locked by DELETE.
    Removed,
}

/// The status that people see (K4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Created, the invitation not accepted yet.
    Invited,
    /// In use.
    Active,
    /// Locked by an administrator; only an administrator lifts it.
    Locked,
    /// Locked by the identity provider.
    LockedByIdp,
}

impl Lifecycle {
    /// The life of a group, which cannot be locked.
    pub const UNLOCKED: Self =
        Self { accepted: true, admin_locked: false, idp_lock: IdpLock::None };

    /// The beginning: invited, or active where the node's `new_users` says so.
    pub fn begin(accepted: bool) -> Self {
        Self { accepted, ..Self::UNLOCKED }
    }

    /// The life that a row records.
    pub fn of(row: &ResourceRow) -> Self {
        let idp_lock = match row.idp_lock {
            0 => IdpLock::None,
            2 => IdpLock::Removed,
            _ => IdpLock::Disabled,
        };
        Self { accepted: row.accepted, admin_locked: row.admin_locked, idp_lock }
    }

    /// The number under which a row keeps the lock of the identity provider.
    pub fn idp_lock_number(self) -> i64 {
        match self.idp_lock {
            IdpLock::None => 0,
            IdpLock::Disabled => 1,
            IdpLock::Removed => 2,
        }
    }

    /// What SCIM calls `active`; such a user holds a seat (K6).
    pub fn is_active(self) -> bool {
        !self.admin_locked && self.idp_lock == IdpLock::None
    }

    /// The status for people. An administrator's lock shows before the identity provider's.
    pub fn status(self) -> Status {
        match self {
            Self { admin_locked: true, .. } => Status::Locked,
            Self { idp_lock: IdpLock::Disabled | IdpLock::Removed, .. } => Status::LockedByIdp,
            Self { accepted: true, .. } => Status::Active,
            Self { accepted: false, .. } => Status::Invited,
        }
    }

    /// SCIM `active`: false locks, true lifts the identity provider's lock and no other.
    #[must_use]
    pub fn set_active(self, active: bool) -> Self {
        let idp_lock = match (active, self.idp_lock) {
            (true, _) => IdpLock::None,
            (false, IdpLock::None) => IdpLock::Disabled,
            (false, lock) => lock,
        };
        Self { idp_lock, ..self }
    }

    /// SCIM DELETE: locks, whatever the state was (K3).
    #[must_use]
    pub fn remove(self) -> Self {
        Self { idp_lock: IdpLock::Removed, ..self }
    }

    /// The invitation is accepted.
    #[must_use]
    pub fn accept(self) -> Self {
        Self { accepted: true, ..self }
    }

    /// An administrator locks.
    #[must_use]
    pub fn lock(self) -> Self {
        Self { admin_locked: true, ..self }
    }

    /// An administrator unlocks: both locks are lifted.
    #[must_use]
    pub fn unlock(self) -> Self {
        Self { admin_locked: false, idp_lock: IdpLock::None, ..self }
    }
}

impl Status {
    /// The word for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "Invited",
            Self::Active => "Active",
            Self::Locked => "Locked",
            Self::LockedByIdp => "Locked by IdP",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Status {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_lowercase().replace(['-', '_'], " ").as_str() {
            "invited" => Ok(Self::Invited),
            "active" => Ok(Self::Active),
            "locked" => Ok(Self::Locked),
            "locked by idp" => Ok(Self::LockedByIdp),
            _ => Err("a status is one of invited, active, locked, locked-by-idp".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(life: Lifecycle, status: Status, active: bool) {
        assert_eq!((life.status(), life.is_active()), (status, active));
    }

    #[test]
    fn k4_unlocking_returns_a_user_to_what_it_was() {
        for (accepted, status) in [(false, Status::Invited), (true, Status::Active)] {
            let life = Lifecycle::begin(accepted);
            check(life, status, true);
            check(life.set_active(false), Status::LockedByIdp, false);
            check(life.set_active(false).set_active(true), status, true);
            check(life.remove().set_active(true), status, true);
        }
    }

    #[test]
    fn k4_active_true_does_not_lift_an_administrators_lock() {
        let locked = Lifecycle::begin(true).lock();
        check(locked.set_active(true), Status::Locked, false);
        check(locked.set_active(false).set_active(true), Status::Locked, false);
        check(locked.set_active(false).unlock(), Status::Active, true);
    }

    #[test]
    fn k3_delete_locks_whatever_the_state_was_and_a_removed_user_stays_removed() {
        for life in [Lifecycle::begin(false), Lifecycle::begin(true), Lifecycle::begin(true).lock()]
        {
            assert_eq!(life.remove().idp_lock, IdpLock::Removed);
            assert_eq!(life.remove().set_active(false).idp_lock, IdpLock::Removed);
            assert!(!life.remove().is_active());
        }
    }

    #[test]
    fn accepting_makes_an_invited_user_active_also_under_a_lock() {
        check(Lifecycle::begin(false).accept(), Status::Active, true);
        check(Lifecycle::begin(false).lock().accept().unlock(), Status::Active, true);
    }
}
