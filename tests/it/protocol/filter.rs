//! Filters (RFC 7644 section 3.4.2.2): what they find, and that the wrong ones find nothing.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::id;
use crate::support::{Client, ENTERPRISE, TestServer, USER};

/// Four people who differ in everything a filter may ask.
async fn people(client: &Client) {
    let schemas = json!([USER, ENTERPRISE]);
    for (name, more) in [
        (
            "ann@x.example",
            json!({"displayName": "Ann", "title": "Boss", "externalId": "Ext-A",
            "name": {"givenName": "Ann", "familyName": "or and not ( ["},
            "phoneNumbers": [{"type": "work", "value": "111"}, {"type": "home", "value": "222"}],
            "schemas": schemas, ENTERPRISE: {"department": "R&D", "manager": {"value": "77"}}}),
        ),
        (
            "bob+x@y.example",
            json!({"displayName": "Bob \"B\" O'Neil", "title": "boss",
            "phoneNumbers": [{"type": "work", "value": "222"}]}),
        ),
        ("Cid@x.example", json!({"displayName": "C\u{ed}d", "active": false, "nickName": ""})),
        (
            "dee@z.example",
            json!({"displayName": "Dee \\ \u{1f680}", "title": "Clerk",
            "userType": "Intern"}),
        ),
    ] {
        client.create_user(name, more).await;
    }
}

async fn found(client: &Client, filter: &str) -> BTreeSet<String> {
    let users: Vec<Value> = client.find("/Users", filter).await.resources();
    users.iter().map(|user| user["userName"].as_str().unwrap()[..1].to_lowercase()).collect()
}

/// Asserts which of a, b, c, d each filter finds.
async fn check(client: &Client, table: &[(&str, &str)]) {
    for (filter, expected) in table {
        let expected: BTreeSet<String> = expected.chars().map(String::from).collect();
        assert_eq!(found(client, filter).await, expected, "{filter}");
    }
}

both_engines! {
    /// F-01, F-02, F-04, F-05, K-01: operators, names and values without case where the schema says so.
    async fn f02_case_and_operators(server: TestServer) {
        let client = server.client();
        people(&client).await;
        check(&client, &[
            ("userName eq \"none@x.example\"", ""),
            ("userName eq \"ANN@X.EXAMPLE\"", "a"),
            ("USERNAME Eq \"cid@x.example\"", "c"),
            ("username EQ \"Cid@X.example\" AND Active EQ FALSE", "c"),
            ("userName sw \"ANN\" OR userName EW \"z.EXAMPLE\"", "ad"),
            ("userName co \"@X.\"", "ac"),
            ("userName ne \"ann@x.example\"", "bcd"),
            ("title eq \"BOSS\"", "ab"),
            ("externalId eq \"Ext-A\"", "a"),
            ("externalId eq \"ext-a\"", ""),
            ("externalId sw \"Ext\"", "a"),
            ("externalId co \"ext\"", ""),
            ("displayName eq \"C\u{cd}D\"", "c"),
            ("displayName sw \"\"", "abcd"),
            ("userName sw \"ann@x.example\" and userName ew \"ann@x.example\"", "a"),
            ("urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"ann@x.example\"", "a"),
        ]).await;
    }

    /// F-03, F-29: grouping, then not, then and, then or; spaces do not matter.
    async fn f03_precedence(server: TestServer) {
        let client = server.client();
        people(&client).await;
        check(&client, &[
            ("title eq \"clerk\" or title eq \"boss\" and externalId pr", "ad"),
            ("(title eq \"clerk\" or title eq \"boss\") and externalId pr", "a"),
            ("not (title eq \"boss\") and active eq true", "d"),
            ("not (title eq \"boss\" and externalId pr)", "bcd"),
            ("NOT(title pr)", "c"),
            ("externalId pr or title eq \"clerk\" or active eq false", "acd"),
            ("( title  eq  \"clerk\" )", "d"),
            ("not (not (title eq \"clerk\"))", "d"),
        ]).await;
    }

    /// F-06, F-20, F-21, F-22: presence, null, and what `ne` says of a missing value.
    async fn f06_presence(server: TestServer) {
        let client = server.client();
        people(&client).await;
        check(&client, &[
            ("title pr", "abd"),
            ("nickName pr", ""),
            ("name.familyName pr", "a"),
            ("phoneNumbers pr", "ab"),
            ("title eq null", "c"),
            ("title ne null", "abd"),
            ("not (title eq \"boss\")", "cd"),
            ("title ne \"boss\"", "cd"),
            ("phoneNumbers.value ne \"222\"", "acd"),
            ("active eq true", "abd"),
        ]).await;
    }

    /// F-10, F-24, F-26: escapes, operator words in text, `+` and quotes in the URL.
    async fn f26_text_survives_the_url(server: TestServer) {
        let client = server.client();
        people(&client).await;
        check(&client, &[
            ("userName eq \"bob+x@y.example\"", "b"),
            ("displayName eq \"Bob \\\"B\\\" O'Neil\"", "b"),
            ("displayName ew \"\\u0022B\\u0022 o'neil\"", "b"),
            ("displayName eq \"Dee \\\\ \\uD83D\\uDE80\"", "d"),
            ("name.familyName eq \"or and not ( [\"", "a"),
            ("displayName eq \"x' OR '1'='1\"", ""),
            ("displayName co \"%\" or displayName co \"_\"", ""),
        ]).await;
        let spaces = "/Users?filter=userName%20eq%20%22bob%2Bx@y.example%22";
        assert_eq!(client.get(spaces).await.total(), 1);
        let lost = "/Users?filter=userName+eq+%22bob+x%40y.example%22";
        assert_eq!(client.get(lost).await.total(), 0, "a plus is a space");
        client.find("/Users", "displayName eq \"\\x\"").await.expect_error(400, "invalidFilter");
    }

    /// F-12, F-13, F-14, F-15, F-16: multi-valued attributes and value paths.
    async fn f15_value_paths(server: TestServer) {
        let client = server.client();
        people(&client).await;
        check(&client, &[
            ("phoneNumbers.value eq \"222\"", "ab"),
            ("phoneNumbers[type eq \"work\" and value eq \"222\"]", "b"),
            ("phoneNumbers.type eq \"work\" and phoneNumbers.value eq \"222\"", "ab"),
            ("phoneNumbers[type eq \"work\"].value eq \"222\"", "b"),
            ("phoneNumbers[Type EQ \"WORK\"].value sw \"1\"", "a"),
            ("phoneNumbers[type eq \"home\" or (type eq \"work\" and value ew \"11\")]", "a"),
            ("phoneNumbers[not (type eq \"work\")]", "a"),
            ("phoneNumbers[type eq \"work\"] and title eq \"boss\"", "ab"),
            ("phoneNumbers eq \"111\"", "a"),
            ("name pr", "a"),
        ]).await;
        for bad in ["name eq \"x\"", "phoneNumbers[type eq \"work\"", "phoneNumbers[]",
            "phoneNumbers[type[value eq \"x\"] eq \"y\"]"] {
            client.find("/Users", bad).await.expect_error(400, "invalidFilter");
        }
    }

    /// K2, F-15: every form of an e-mail filter is answered from userName.
    async fn k2_email_filters_are_answered_from_user_name(server: TestServer) {
        let client = server.client();
        people(&client).await;
        check(&client, &[
            ("emails eq \"ann@x.example\"", "a"),
            ("emails.value eq \"ANN@x.example\"", "a"),
            ("emails[type eq \"work\" and value eq \"ann@x.example\"]", "a"),
            ("emails[type eq \"work\"].value eq \"ann@x.example\"", "a"),
            ("emails[value eq \"ann@x.example\"]", "a"),
            ("emails[primary eq true and value sw \"ann\"]", "a"),
            ("emails[type eq \"home\"]", ""),
            ("emails co \"x.example\"", "ac"),
            ("emails.type eq \"work\" and emails.value co \"@x\"", "ac"),
            ("emails pr", "abcd"),
        ]).await;
    }

    /// F-17, F-19, N-11: extensions by `schemas` and by qualified names.
    async fn f19_extension_attributes(server: TestServer) {
        let client = server.client();
        people(&client).await;
        check(&client, &[
            (&format!("schemas eq \"{ENTERPRISE}\""), "a"),
            (&format!("{ENTERPRISE}:department eq \"r&d\""), "a"),
            (&format!("{ENTERPRISE}:manager.value eq \"77\""), "a"),
            (&format!("not ({ENTERPRISE}:department pr)"), "bcd"),
        ]).await;
    }

    /// F-28: membership from both sides.
    async fn f28_membership_filters(server: TestServer) {
        let client = server.client();
        people(&client).await;
        let ann = client.find("/Users", "userName sw \"ann\"").await.resources().remove(0);
        let bob = client.find("/Users", "userName sw \"bob\"").await.resources().remove(0);
        let group = client.create_group("Both", &[id(&ann), id(&bob)]).await;
        client.create_group("One", &[id(&bob)]).await;
        check(&client, &[(&format!("groups.value eq \"{}\"", id(&group)), "ab"),
            (&format!("groups[value eq \"{}\"]", id(&group)), "ab"), ("groups pr", "ab"),
            ("not (groups pr)", "cd")]).await;
        for (filter, count) in [
            (format!("members.value eq \"{}\"", id(&ann)), 1),
            (format!("members[value eq \"{}\"]", id(&bob)), 2),
            (format!("members eq \"{}\"", id(&bob)), 2),
            (format!("id eq \"{}\" and members eq \"{}\"", id(&group), id(&ann)), 1),
            ("members.value eq \"nobody\"".to_owned(), 0),
            ("displayName eq \"BOTH\"".to_owned(), 1),
        ] {
            assert_eq!(client.find("/Groups", &filter).await.total(), count, "{filter}");
        }
    }
}
