//! Membership by row: adding one member costs the same in a group of ten and of a million.

use serde_json::{Value, json};
use uuid::Uuid;

use super::engine::{Sql, Tx};
use super::rows::{MembershipRow, ResourceRow};
use super::{StorageError, Store};

/// From which side memberships are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The resource is a group; the others are its members.
    Group,
    /// The resource is a user; the others are its groups.
    User,
}

/// Changes of the memberships of one resource.
#[derive(Debug, Clone)]
pub struct MembershipWrite {
    /// Which side the resource is.
    pub side: Side,
    /// Name of the attribute, for the change record.
    pub attribute: String,
    /// What to do, in order.
    pub steps: Vec<MembershipStep>,
    /// Time of the change.
    pub at: i64,
    /// The other sides that must be there before, ordered by id; none when any may.
    pub expected: Option<Vec<Uuid>>,
    /// Whether members whom the identity provider removed stay, whatever is removed: a client that does not
    /// see them cannot mean them (K3, `hidden`).
    pub keep_removed: bool,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MembershipStep {
    /// Adds those that are not there yet.
    Add(Vec<Uuid>),
    /// Removes those that are there.
    Remove(Vec<Uuid>),
    /// Makes it exactly these.
    Replace(Vec<Uuid>),
}

/// What really changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Delta {
    pub(super) added: Vec<Uuid>,
    pub(super) removed: Vec<Uuid>,
}

impl Delta {
    pub(super) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }

    pub(super) fn to_json(&self) -> Value {
        json!({ "added": self.added, "removed": self.removed })
    }

    /// Adds a later step; what is added and removed again has not changed.
    fn then(&mut self, later: Self) {
        for id in later.added {
            match self.removed.iter().position(|removed| *removed == id) {
                Some(at) => drop(self.removed.swap_remove(at)),
                None => self.added.push(id),
            }
        }
        for id in later.removed {
            match self.added.iter().position(|added| *added == id) {
                Some(at) => drop(self.added.swap_remove(at)),
                None => self.removed.push(id),
            }
        }
    }
}

impl Side {
    /// The column of the resource itself, and that of the other side.
    pub(super) fn columns(self) -> (&'static str, &'static str) {
        match self {
            Self::Group => ("group_id", "user_id"),
            Self::User => ("user_id", "group_id"),
        }
    }
}

pub(super) async fn apply(
    tx: &mut Tx,
    row: &ResourceRow,
    write: &MembershipWrite,
) -> Result<Delta, StorageError> {
    lock_groups(tx, row, write).await?;
    if let Some(expected) = &write.expected {
        expect(tx, row, write.side, expected).await?;
    }
    let mut delta = Delta::default();
    for step in &write.steps {
        let mut done = Delta::default();
        match step {
            MembershipStep::Add(ids) => done.added = add(tx, row, write, ids).await?,
            MembershipStep::Remove(ids) => {
                done.removed = remove(tx, row, write, Ids::These(ids)).await?;
            }
            MembershipStep::Replace(ids) => {
                done.removed = remove(tx, row, write, Ids::AllBut(ids)).await?;
                done.added = add(tx, row, write, ids).await?;
            }
        }
        delta.then(done);
    }
    Ok(delta)
}

/// Locks the groups whose memberships change, in the order of their ids and before anything else: whoever
/// changes memberships takes groups first, so that two transactions wait for each other one way only.
async fn lock_groups(
    tx: &mut Tx,
    row: &ResourceRow,
    write: &MembershipWrite,
) -> Result<(), StorageError> {
    let ids: Vec<Uuid> = match write.side {
        Side::Group => vec![row.id],
        Side::User => {
            let named = write.steps.iter().flat_map(|step| match step {
                MembershipStep::Add(ids)
                | MembershipStep::Remove(ids)
                | MembershipStep::Replace(ids) => ids.iter().copied(),
            });
            let mut ids: Vec<Uuid> = named.collect();
            if write.steps.iter().any(|step| matches!(step, MembershipStep::Replace(_))) {
                ids.extend(groups_of(tx, row).await?);
            }
            ids
        }
    };
    lock_in_order(tx, row.organization_id, &json!(ids).to_string()).await
}

/// Locks resources in the order of their ids (a JSON array), where the engine has more than one writer.
async fn lock_in_order(tx: &mut Tx, organization_id: i64, ids: &str) -> Result<(), StorageError> {
    let condition = format!("organization_id = $1 AND {}", tx.dialect().is_one_of("id", 2));
    if let Some(lock) = tx.dialect().lock_in_order(&condition) {
        tx.fetch_all::<(Uuid,)>(Sql::new(lock).bind(organization_id).bind(ids)).await?;
    }
    Ok(())
}

async fn groups_of(tx: &mut Tx, user: &ResourceRow) -> Result<Vec<Uuid>, StorageError> {
    let sql =
        Sql::new("SELECT group_id FROM membership WHERE organization_id = $1 AND user_id = $2")
            .bind(user.organization_id)
            .bind(user.id);
    Ok(tx.fetch_all::<(Uuid,)>(sql).await?.into_iter().map(|(id,)| id).collect())
}

/// Makes sure that the memberships are those that were read. The row is locked, so that nobody adds one
/// before this transaction ends.
async fn expect(
    tx: &mut Tx,
    row: &ResourceRow,
    side: Side,
    expected: &[Uuid],
) -> Result<(), StorageError> {
    let lock = tx.dialect().for_update();
    let own = format!("SELECT id FROM resource WHERE organization_id = $1 AND id = $2{lock}");
    tx.fetch_all::<(Uuid,)>(Sql::new(own).bind(row.organization_id).bind(row.id)).await?;
    let (own, other) = side.columns();
    let text = format!(
        "SELECT {other} FROM membership WHERE organization_id = $1 AND {own} = $2 ORDER BY {other}"
    );
    let ids: Vec<(Uuid,)> =
        tx.fetch_all(Sql::new(text).bind(row.organization_id).bind(row.id)).await?;
    let same = ids.iter().map(|(id,)| id).eq(expected);
    if same { Ok(()) } else { Err(StorageError::Stale) }
}

async fn add(
    tx: &mut Tx,
    row: &ResourceRow,
    write: &MembershipWrite,
    ids: &[Uuid],
) -> Result<Vec<Uuid>, StorageError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (own, other) = write.side.columns();
    // Who was erased meanwhile is no member. The order keeps two transactions from waiting for each other.
    let text = format!(
        "INSERT INTO membership (organization_id, {own}, {other}, added_at) \
         SELECT $1, $2, r.id, $4 FROM resource r \
         WHERE r.organization_id = $1 AND {} AND r.erased_at IS NULL ORDER BY r.id \
         ON CONFLICT (organization_id, group_id, user_id) DO NOTHING RETURNING {other}",
        tx.dialect().is_one_of("r.id", 3)
    );
    let sql = Sql::new(text)
        .bind(row.organization_id)
        .bind(row.id)
        .bind(json!(ids).to_string())
        .bind(write.at);
    Ok(tx.fetch_all::<(Uuid,)>(sql).await?.into_iter().map(|(id,)| id).collect())
}

/// Which of the other sides.
enum Ids<'a> {
    These(&'a [Uuid]),
    AllBut(&'a [Uuid]),
}

async fn remove(
    tx: &mut Tx,
    row: &ResourceRow,
    write: &MembershipWrite,
    ids: Ids<'_>,
) -> Result<Vec<Uuid>, StorageError> {
    let (own, other) = write.side.columns();
    let kept = if write.keep_removed {
        " AND (SELECT r.idp_lock <> 2 FROM resource r \
         WHERE r.organization_id = $1 AND r.id = user_id)"
    } else {
        ""
    };
    let (condition, ids) = match ids {
        Ids::These(ids) => (tx.dialect().is_one_of(other, 3), ids),
        Ids::AllBut(ids) => (format!("{other} NOT IN ({})", tx.dialect().ids(3)), ids),
    };
    let text = format!(
        "DELETE FROM membership WHERE organization_id = $1 AND {own} = $2 AND {condition}{kept} \
         RETURNING {other}"
    );
    let sql = Sql::new(text).bind(row.organization_id).bind(row.id).bind(json!(ids).to_string());
    Ok(tx.fetch_all::<(Uuid,)>(sql).await?.into_iter().map(|(id,)| id).collect())
}

/// A change made from the user's side is a change of each group too: its version and time move. The
/// reverse is not done: the version of a user's answer covers its groups by a digest.
pub(super) async fn touch_other_side(
    tx: &mut Tx,
    row: &ResourceRow,
    side: Side,
    delta: &Delta,
) -> Result<(), StorageError> {
    if side == Side::Group || delta.is_empty() {
        return Ok(());
    }
    let ids = [delta.added.as_slice(), &delta.removed].concat();
    touch_groups(tx, row, &ids).await
}

/// Locks all groups of a user, for [`touch_groups`] to come.
pub(super) async fn lock_groups_of(
    tx: &mut Tx,
    user: &ResourceRow,
) -> Result<Vec<Uuid>, StorageError> {
    let ids = groups_of(tx, user).await?;
    lock_in_order(tx, user.organization_id, &json!(ids).to_string()).await?;
    Ok(ids)
}

/// Moves version and time of these groups, at the time of `row`.
pub(super) async fn touch_groups(
    tx: &mut Tx,
    row: &ResourceRow,
    ids: &[Uuid],
) -> Result<(), StorageError> {
    if ids.is_empty() {
        return Ok(());
    }
    let text = format!(
        "UPDATE resource SET version = version + 1, modified_at = $3 \
         WHERE organization_id = $1 AND {}",
        tx.dialect().is_one_of("id", 2)
    );
    let sql =
        Sql::new(text).bind(row.organization_id).bind(json!(ids).to_string()).bind(row.modified_at);
    tx.execute(sql).await?;
    Ok(())
}

impl Store {
    /// The other sides of the memberships of these resources, ordered by their ids. With
    /// `hide_removed`, users whom the identity provider removed are left out (K3, `hidden`).
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn memberships(
        &self,
        organization_id: i64,
        side: Side,
        ids: &[Uuid],
        hide_removed: bool,
    ) -> Result<Vec<MembershipRow>, StorageError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let (own, other) = side.columns();
        let hidden = if hide_removed { " AND r.idp_lock <> 2" } else { "" };
        // One look-up by key for each membership, whatever the planner thinks of the tables: a join may
        // read all resources.
        let text = format!(
            "SELECT m.{own} AS owner_id, m.{other} AS id, \
             (SELECT r.display FROM resource r \
             WHERE r.organization_id = m.organization_id AND r.id = m.{other} \
             AND r.erased_at IS NULL{hidden}) AS display \
             FROM membership m WHERE m.organization_id = $1 AND {} ORDER BY m.{own}, m.{other}",
            self.db.dialect().is_one_of(&format!("m.{own}"), 2)
        );
        let sql = Sql::new(text).bind(organization_id).bind(json!(ids).to_string());
        let rows: Vec<(Uuid, Uuid, Option<String>)> = self.db.fetch_all(sql).await?;
        let seen = |(owner_id, id, display): (Uuid, Uuid, Option<String>)| {
            Some(MembershipRow { owner_id, id, display: display? })
        };
        Ok(rows.into_iter().filter_map(seen).collect())
    }
}
