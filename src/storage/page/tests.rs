//! What identity providers ask at every turn must not cost more in a larger node.

use super::*;
use crate::scim::compare::Key;
use crate::scim::filter::{Filter, FilterLimits};
use crate::scim::path::ResolvedPath;
use crate::scim::schema::Registry;
use crate::storage::{Column, Connect};

/// 20 000 users and 500 groups in two nodes, and 100 000 memberships.
const ROWS: &str = "
    INSERT INTO organization VALUES (1, 'o', NULL, '[]', 3401, 0);
    INSERT INTO node VALUES (1, 1, NULL, 'a', 0), (1, 2, 1, 'b', 0);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20500)
    INSERT INTO resource SELECT 1, unhex(printf('%032x', i)), 1 + i % 2,
        CASE WHEN i > 20000 THEN 'Group' ELSE 'User' END, 1, i, i, 'k' || i,
        'name' || i || '@x.example', CASE WHEN i % 3 > 0 THEN 'external' || i END, 'n', 0, 0, 0, '{}', NULL, NULL
    FROM n;
    INSERT INTO membership SELECT 1, unhex(printf('%032x', 20001 + (u.i * 7 + g.value * 31) % 500)),
        u.id, 0
    FROM (SELECT id, created_at AS i FROM resource WHERE resource_type = 'User') AS u,
        json_each('[1,2,3,4,5]') AS g;
    ANALYZE;";
const ID: &str = "00000000-0000-0000-0000-000000000064";

fn columns(path: &ResolvedPath) -> Option<Column> {
    Some(match path.to_string().as_str() {
        "userName" | "displayName" | "emails.value" => Column::NameKey,
        "emails.type" => Column::Constant(Key::Text("work".to_owned())),
        "externalId" => Column::ExternalId,
        "id" => Column::Id,
        "members.value" => Column::MemberOfGroup,
        "groups.value" => Column::GroupOfUser,
        _ => return None,
    })
}

async fn populated(folder: &tempfile::TempDir) -> Store {
    let url = format!("sqlite:{}", folder.path().join("x.db").display());
    let store = Store::open(Connect { url: &url, connections: 1 }).await.unwrap();
    store.migrate().await.unwrap();
    let mut tx = store.db.begin().await.unwrap();
    for statement in ROWS.split_inclusive(';') {
        tx.execute(Sql::new(statement)).await.unwrap();
    }
    tx.commit().await.unwrap();
    store
}

/// The plan of the first page, one line per step.
async fn plan(store: &Store, resource_type: &str, filter: &str, hide_removed: bool) -> String {
    let registry = Registry::built_in().unwrap();
    let filter = Filter::parse(filter, FilterLimits::default()).unwrap();
    let filter = filter.resolve(registry.resource_type(resource_type).unwrap()).unwrap();
    let scope = Scope { organization_id: 1, node_id: 1, resource_type, hide_removed };
    let selection = store.selection(&scope, Some(&filter), columns);
    assert!(selection.is_exact());
    let n = selection.next_parameter();
    let text = format!(
        "EXPLAIN QUERY PLAN SELECT {COLUMNS} FROM resource WHERE {} ORDER BY {} \
         LIMIT ${n} OFFSET ${}",
        selection.condition.text,
        Order::BY_ID.text(),
        n + 1
    );
    let sql = Sql::with(text, selection.condition.args.clone()).bind(100).bind(0);
    let steps: Vec<(i64, i64, i64, String)> = store.db.fetch_all(sql).await.unwrap();
    steps.into_iter().map(|(_, _, _, step)| step).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn frequent_filters_use_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let store = populated(&folder).await;
    let (of_id, of_member) = (format!("id eq \"{ID}\""), format!("members.value eq \"{ID}\""));
    let of_group = format!("groups.value eq \"{ID}\"");
    let name = "USING INDEX resource_by_name (organization_id=? AND node_id=? AND \
                resource_type=? AND name_key";
    let by_id = "USING INDEX sqlite_autoindex_resource_1 (organization_id=? AND id=?)";
    for (resource_type, filter, index) in [
        ("User", "userName eq \"name100@x.example\"", name),
        ("User", "userName sw \"name100@\"", name),
        ("User", "emails[type eq \"work\"].value eq \"name100@x.example\"", name),
        ("Group", "displayName eq \"name20100@x.example\"", name),
        ("User", "externalId eq \"external100\"", "USING INDEX resource_by_external_id"),
        ("User", &of_id, by_id),
        ("Group", &of_member, "INDEX membership_by_user (organization_id=? AND user_id=?)"),
        (
            "User",
            &of_group,
            "INDEX sqlite_autoindex_membership_1 (organization_id=? AND group_id=?)",
        ),
    ] {
        for hide_removed in [false, true] {
            let plan = plan(&store, resource_type, filter, hide_removed).await;
            assert!(plan.contains(index) && !plan.contains("SCAN"), "{filter}\n{plan}");
        }
    }
}
