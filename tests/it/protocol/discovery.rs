//! Discovery (RFC 7644 section 4, RFC 7643 sections 5 to 8).

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{ENTERPRISE, GROUP, TestServer, USER};

const CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";

fn attribute<'a>(schema: &'a Value, name: &str) -> &'a Value {
    let attributes = schema["attributes"].as_array().unwrap();
    attributes.iter().find(|attribute| attribute["name"] == name).unwrap_or(&Value::Null)
}

both_engines! {
    /// one object, every key with its JSON type, and `ETag`, sort, filter and PATCH as they are.
    async fn x01_service_provider_config(server: TestServer) {
        let client = server.client();
        let config = client.get("/ServiceProviderConfig").await.expect(200);
        assert_eq!(config["schemas"], json!([CONFIG]));
        assert_eq!(config["meta"]["resourceType"], "ServiceProviderConfig");
        for feature in ["patch", "filter", "sort", "etag"] {
            assert_eq!(config[feature]["supported"], json!(true), "{feature}");
        }
        for feature in ["bulk", "changePassword"] {
            assert!(config[feature]["supported"].is_boolean(), "{feature}");
        }
        assert!(config["filter"]["maxResults"].as_u64().unwrap() >= 10_000);
        assert!(config["bulk"]["maxOperations"].is_u64());
        assert!(config["bulk"]["maxPayloadSize"].is_u64());
        let schemes = config["authenticationSchemes"].as_array().unwrap();
        assert!(!schemes.is_empty());
        for scheme in schemes {
            assert_eq!(scheme["type"], "oauthbearertoken");
            assert!(scheme["name"].is_string() && scheme["description"].is_string());
        }
        let bulk = client.post("/Bulk", json!({"Operations": []})).await;
        if config["bulk"]["supported"] == json!(false) {
            bulk.expect_error(501, "");
        }
        // M-01, B-17: what is not offered says so.
        client.get("/Me").await.expect_error(501, "");
        client.patch("/Me", json!({})).await.expect_error(501, "");
    }

    /// both lists are whole whatever is asked, and every URN resolves.
    async fn x05_lists_are_whole(server: TestServer) {
        let client = server.client();
        for path in ["/Schemas", "/ResourceTypes"] {
            let plain = client.get(path).await.expect(200);
            let query = format!("{path}?count=1&startIndex=2&sortBy=x&attributes=id");
            assert_eq!(client.get(&query).await.expect(200), plain);
            let items = plain["Resources"].as_array().unwrap();
            assert_eq!(plain["totalResults"].as_u64(), u64::try_from(items.len()).ok());
            for item in items {
                let url = item["meta"]["location"].as_str().unwrap();
                let path = url.strip_prefix(&client.base).expect("below the node's URL");
                assert_eq!(&client.get(path).await.expect(200), item);
            }
        }
        let types = client.get("/ResourceTypes").await.resources();
        let names: Vec<&str> = types.iter().map(|kind| kind["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["User", "Group"]);
        for kind in &types {
            assert_eq!(kind["id"], kind["name"]);
            let extensions = kind["schemaExtensions"].as_array().into_iter().flatten();
            let used = extensions.map(|extension| &extension["schema"]).chain([&kind["schema"]]);
            for urn in used {
                let path = format!("/Schemas/{}", urn.as_str().unwrap());
                assert_eq!(&client.get(&path).await.expect(200)["id"], urn);
            }
            client.get(kind["endpoint"].as_str().unwrap()).await.expect(200);
        }
    }

    /// one schema by URN in any case; unknown ones are 404.
    async fn x06_single_items(server: TestServer) {
        let client = server.client();
        let user = client.get(&format!("/Schemas/{}", USER.to_uppercase())).await.expect(200);
        assert_eq!(user["id"], USER);
        assert_eq!(user["meta"]["resourceType"], "Schema");
        let kind = client.get("/ResourceTypes/User").await.expect(200);
        assert_eq!(kind["meta"]["resourceType"], "ResourceType");
        client.get("/Schemas/urn:nope").await.expect_error(404, "");
        client.get("/ResourceTypes/Nope").await.expect_error(404, "");
    }

    /// discovery cannot be filtered.
    async fn x07_filters_are_forbidden(server: TestServer) {
        let client = server.client();
        for path in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig"] {
            client.find(path, "id pr").await.expect_error(403, "");
        }
    }

    /// discovery cannot be written.
    async fn x13_discovery_is_read_only(server: TestServer) {
        let client = server.client();
        for path in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig", "/Schemas/x",
            "/ResourceTypes/User"] {
            for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
                let answer = client.send(method, path, &[], Some("{}".to_owned())).await;
                answer.expect_error(405, "");
            }
        }
    }

    /// S-03, S-10, X-11, X-12, X-15, K-14, K5: what the schemas say, effective values printed.
    async fn x11_schemas_say_what_happens(server: TestServer) {
        let client = server.client();
        let schemas = client.get("/Schemas").await.resources();
        let ids: Vec<&str> = schemas.iter().map(|schema| schema["id"].as_str().unwrap()).collect();
        let meta = "urn:ietf:params:scim:schemas:core:2.0:";
        for wanted in [USER, GROUP, ENTERPRISE, CONFIG, &format!("{meta}Schema"),
            &format!("{meta}ResourceType")] {
            assert!(ids.contains(&wanted), "{wanted} in {ids:?}");
        }
        let find = |id: &str| schemas.iter().find(|schema| schema["id"] == id).unwrap();
        for schema in &schemas {
            for attribute in schema["attributes"].as_array().unwrap() {
                check_attribute(attribute, schema["id"] == json!(format!("{meta}Schema")), 0);
            }
        }
        let user = find(USER);
        let user_name = attribute(user, "userName");
        assert_eq!(user_name["required"], json!(true));
        assert_eq!(user_name["uniqueness"], "server");
        assert_eq!(user_name["caseExact"], json!(false));
        assert_eq!(attribute(user, "password")["returned"], "never");
        assert_eq!(attribute(user, "password")["mutability"], "writeOnly");
        assert_eq!(attribute(user, "groups")["mutability"], "readWrite", "K5");
        let certificate = &attribute(user, "x509Certificates")["subAttributes"];
        let value = certificate.as_array().unwrap().iter().find(|part| part["name"] == "value");
        assert_eq!(value.unwrap()["type"], "binary");
        assert_eq!(attribute(find(GROUP), "displayName")["required"], json!(true));
        for schema in [USER, GROUP] {
            let external_id = attribute(find(schema), "externalId");
            assert_eq!(external_id["caseExact"], json!(true), "Entra looks for it in {schema}");
        }
    }
}

fn check_attribute(attribute: &Value, nested_allowed: bool, depth: usize) {
    let kinds =
        ["string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"];
    let kind = attribute["type"].as_str().unwrap();
    assert!(kinds.contains(&kind), "{attribute}");
    for key in ["multiValued", "required"] {
        assert!(attribute[key].is_boolean(), "{key} in {attribute}");
    }
    let one_of = |key: &str, words: &[&str]| {
        assert!(
            words.contains(&attribute[key].as_str().unwrap_or_default()),
            "{key} in {attribute}"
        );
    };
    one_of("mutability", &["readOnly", "readWrite", "immutable", "writeOnly"]);
    one_of("returned", &["always", "never", "default", "request"]);
    one_of("uniqueness", &["none", "server", "global"]);
    assert!(attribute["name"].is_string() && attribute["description"].is_string(), "{attribute}");
    if kind == "complex" {
        assert!(depth == 0 || nested_allowed, "nested complex: {attribute}");
        for part in attribute["subAttributes"].as_array().unwrap() {
            check_attribute(part, nested_allowed, depth + 1);
        }
    } else {
        assert!(attribute["caseExact"].is_boolean(), "{attribute}");
    }
}
