use std::sync::Arc;

use serde_json::{Value, json};

use crate::scim::quirk::Quirks;
use crate::scim::resource::Resource;
use crate::scim::resource_type::ResourceType;
use crate::scim::schema::{
    ENTERPRISE_USER_URN, GROUP_URN, RESOURCE_TYPE_URN, Registry, SCHEMA_URN,
    SERVICE_PROVIDER_CONFIG_URN, Schema, USER_URN,
};
use crate::scim::service_provider_config::{BulkLimits, ServiceProviderConfig};
use crate::scim::validate::{self, Dialect};

const BASE: &str = "https://x.io/scim/v2";

fn config() -> ServiceProviderConfig {
    ServiceProviderConfig { documentation_uri: None, bulk: None, max_results: 10_000 }
}

/// Everything that the three discovery endpoints send.
fn sent(registry: &Registry) -> Vec<Value> {
    let limits = BulkLimits { max_operations: 5, max_payload_size: 9 };
    let all = ServiceProviderConfig {
        documentation_uri: Some("https://x.io/docs".to_owned()),
        bulk: Some(limits),
        ..config()
    };
    let mut sent: Vec<Value> =
        registry.schemas().iter().map(|schema| schema.to_json(BASE).unwrap()).collect();
    sent.extend(registry.resource_types().iter().map(|resource_type| resource_type.to_json(BASE)));
    sent.extend([config().to_json(BASE), all.to_json(BASE)]);
    sent
}

/// A stand-in resource type for a discovery schema, with everything writable, so that what is sent can
/// be read back.
fn readable(registry: &Registry, urn: &str) -> ResourceType {
    let text = serde_json::to_string(&**registry.schema(urn).unwrap()).unwrap();
    let schema: Schema = serde_json::from_str(&text.replace("readOnly", "readWrite")).unwrap();
    let common = registry.resource_type("Group").unwrap().common.clone();
    ResourceType {
        name: "Discovery".to_owned(),
        endpoint: String::new(),
        description: String::new(),
        schema: Arc::new(schema),
        extensions: Vec::new(),
        common,
    }
}

/// what is sent fits the schema that is sent for it, to the letter.
#[test]
fn discovery_resources_fit_their_own_schemas() {
    let registry = Registry::built_in().unwrap();
    for mut body in sent(&registry) {
        if body["id"] == SCHEMA_URN {
            // The Schema schema describes its own nesting only once (RFC 7643 section 8.7.2).
            let nested = body.pointer_mut("/attributes/3/subAttributes/11").unwrap();
            assert!(nested.as_object_mut().unwrap().shift_remove("subAttributes").is_some());
        }
        let urn = body["schemas"][0].as_str().unwrap().to_owned();
        let resource_type = readable(&registry, &urn);
        let quirks = &mut Quirks::default();
        let read = validate::canonical(&resource_type, body.clone(), Dialect::Strict, quirks);
        let read = read.unwrap_or_else(|error| panic!("{urn}: {error}"));
        validate::required(&resource_type, &read).unwrap();
        // `id` is a read-only common attribute; unassigned lists and `meta` are left out on reading.
        let body = body.as_object_mut().unwrap();
        for name in ["schemas", "id", "meta"] {
            body.shift_remove(name);
        }
        body.retain(|_, value| *value != json!([]));
        assert_eq!(&read, &Resource::from_canonical(body.clone()), "{urn}");
    }
}

/// each names its kind and where it is.
#[test]
fn discovery_resources_say_where_they_are() {
    let registry = Registry::built_in().unwrap();
    for body in sent(&registry) {
        let kind = body["meta"]["resourceType"].as_str().unwrap();
        let place = match kind {
            "ServiceProviderConfig" => format!("{BASE}/{kind}"),
            _ => format!("{BASE}/{kind}s/{}", body["id"].as_str().unwrap()),
        };
        assert_eq!(body["meta"]["location"], place);
        assert_eq!(
            body["schemas"],
            json!([format!("urn:ietf:params:scim:schemas:core:2.0:{kind}")])
        );
    }
}

/// every part is there with its JSON type, also of what is not offered.
#[test]
fn the_configuration_is_complete() {
    let body = config().to_json(BASE);
    for feature in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
        let expected = !["bulk", "changePassword"].contains(&feature);
        assert_eq!(body[feature]["supported"], expected, "{feature}");
    }
    assert_eq!(body["bulk"]["maxOperations"], 0);
    assert_eq!(body["bulk"]["maxPayloadSize"], 0);
    assert_eq!(body["filter"]["maxResults"], 10_000);
    let schemes = body["authenticationSchemes"].as_array().unwrap();
    let scheme = &schemes[0];
    assert_eq!((schemes.len(), &scheme["type"]), (1, &json!("oauthbearertoken")));
    assert!(scheme["name"].is_string() && scheme["description"].is_string());
    assert_eq!(body.get("documentationUri"), None);
}

///
#[test]
fn resource_types_name_schemas_that_are_sent() {
    let registry = Registry::built_in().unwrap();
    let user = registry.resource_type("User").unwrap().to_json(BASE);
    assert_eq!(
        (&user["id"], &user["name"], &user["endpoint"]),
        (&json!("User"), &json!("User"), &json!("/Users"))
    );
    assert_eq!(user["schema"], USER_URN);
    let extension = json!([{"schema": ENTERPRISE_USER_URN, "required": false}]);
    assert_eq!(user["schemaExtensions"], extension);
    let ids: Vec<_> = registry.schemas().iter().map(|schema| schema.id.as_str()).collect();
    let all = [
        USER_URN,
        ENTERPRISE_USER_URN,
        GROUP_URN,
        SERVICE_PROVIDER_CONFIG_URN,
        RESOURCE_TYPE_URN,
        SCHEMA_URN,
    ];
    assert_eq!(ids, all);
}

/// S-03, X-11, X-12: every attribute prints all its characteristics, and they are those of RFC 7643
/// section 8.7.1 with its errata. Columns: type, multi-valued, required, caseExact, mutability, returned,
/// uniqueness.
#[test]
fn attributes_have_the_characteristics_of_the_rfc() {
    let expected = [
        (USER_URN, "userName", "string - required - readWrite default server"),
        (USER_URN, "externalId", "string - - exact readWrite default none"),
        (USER_URN, "name.givenName", "string - - - readWrite default none"),
        (USER_URN, "profileUrl", "reference - - exact readWrite default none"),
        (USER_URN, "active", "boolean - - - readWrite default none"),
        (USER_URN, "password", "string - - - writeOnly never none"),
        (USER_URN, "emails", "complex many - - readWrite default none"),
        (USER_URN, "emails.primary", "boolean - - - readWrite default none"),
        (USER_URN, "photos.value", "reference - - exact readWrite default none"),
        (USER_URN, "groups", "complex many - - readWrite default none"),
        (USER_URN, "groups.value", "string - - exact readWrite default none"),
        (USER_URN, "groups.display", "string - - - readOnly default none"),
        (USER_URN, "x509Certificates.value", "binary - - exact readWrite default none"),
        (GROUP_URN, "displayName", "string - required - readWrite default server"),
        (GROUP_URN, "externalId", "string - - exact readWrite default none"),
        (GROUP_URN, "members", "complex many - - readWrite default none"),
        (GROUP_URN, "members.value", "string - - exact immutable default none"),
        (GROUP_URN, "members.$ref", "reference - - exact immutable default none"),
        (ENTERPRISE_USER_URN, "manager.value", "string - - exact readWrite default none"),
        (ENTERPRISE_USER_URN, "manager.displayName", "string - - - readOnly default none"),
        (SCHEMA_URN, "id", "string - required exact readOnly always none"),
        (SCHEMA_URN, "attributes.referenceTypes", "string many - exact readOnly default none"),
        (
            SERVICE_PROVIDER_CONFIG_URN,
            "authenticationSchemes.type",
            "string - required - readOnly default none",
        ),
    ];
    let registry = Registry::built_in().unwrap();
    for (urn, path, characteristics) in expected {
        let schema = registry.schema(urn).unwrap().to_json(BASE).unwrap();
        let found =
            path.split('.').fold(json!({"subAttributes": schema["attributes"]}), |at, name| {
                let parts = at["subAttributes"].as_array().unwrap();
                parts.iter().find(|part| part["name"] == name).unwrap().clone()
            });
        let flag = |name: &str, text: &'static str| {
            if found[name].as_bool().unwrap() { text } else { "-" }
        };
        let printed = [
            found["type"].as_str().unwrap(),
            flag("multiValued", "many"),
            flag("required", "required"),
            flag("caseExact", "exact"),
            found["mutability"].as_str().unwrap(),
            found["returned"].as_str().unwrap(),
            found["uniqueness"].as_str().unwrap(),
        ];
        assert_eq!(printed.join(" "), characteristics, "{urn} {path}");
    }
}

/// nothing is left to defaults in the files, and only references have reference types.
#[test]
fn every_attribute_is_described() {
    fn check(attributes: &Value) {
        for attribute in attributes.as_array().unwrap() {
            let is_reference = attribute["type"] == "reference";
            assert_eq!(is_reference, attribute["referenceTypes"].is_array(), "{attribute}");
            assert_ne!(attribute["description"], "", "{attribute}");
            if attribute["type"] == "complex" {
                check(&attribute["subAttributes"]);
            }
        }
    }
    for schema in Registry::built_in().unwrap().schemas() {
        check(&schema.to_json(BASE).unwrap()["attributes"]);
    }
}
