//! The messages of the protocol that are no resources (RFC 7644 sections 3.4.2 and 8.1).

use serde_json::{Map, Value, json};

/// URN of the list of resources that answers a query (RFC 7644 section 3.4.2).
pub const LIST_RESPONSE_URN: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// The answer to a query: how many resources match in all, the 1-based index of the first one sent, and
/// the resources of this page. All counts are sent, also when they are 0 (K9).
pub fn list_response(total: u64, start_index: u64, resources: Vec<Value>) -> Value {
    let mut head = list_head(total, start_index, resources.len());
    head.insert("Resources".to_owned(), Value::Array(resources));
    Value::Object(head)
}

/// As [`list_response`], from resources that are JSON text already; they are copied and not looked at.
pub fn list_response_bytes(
    total: u64,
    start_index: u64,
    resources: &[impl AsRef<[u8]>],
) -> Vec<u8> {
    let head = Value::Object(list_head(total, start_index, resources.len())).to_string();
    let size: usize = resources.iter().map(|resource| resource.as_ref().len() + 1).sum();
    let mut bytes = Vec::with_capacity(head.len() + size + 16);
    bytes.extend_from_slice(head.trim_end_matches('}').as_bytes());
    bytes.extend_from_slice(br#","Resources":["#);
    for (index, resource) in resources.iter().enumerate() {
        if index > 0 {
            bytes.push(b',');
        }
        bytes.extend_from_slice(resource.as_ref());
    }
    bytes.extend_from_slice(b"]}");
    bytes
}

fn list_head(total: u64, start_index: u64, items: usize) -> Map<String, Value> {
    Map::from_iter([
        ("schemas".to_owned(), json!([LIST_RESPONSE_URN])),
        ("totalResults".to_owned(), json!(total)),
        ("startIndex".to_owned(), json!(start_index)),
        ("itemsPerPage".to_owned(), json!(items)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// L-03, L-05, K9: both builders say the same, with integers and with `Resources`, also of an empty page.
    #[test]
    fn lists_carry_all_counts() {
        let urn = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
        let pages = [
            (
                vec![],
                0,
                json!({"schemas": [urn], "totalResults": 0, "startIndex": 1,
                "itemsPerPage": 0, "Resources": []}),
            ),
            (
                vec![json!({"id": "1", "meta": {}}), json!({"id": "}"})],
                7,
                json!({"schemas": [urn],
                "totalResults": 7, "startIndex": 1, "itemsPerPage": 2,
                "Resources": [{"id": "1", "meta": {}}, {"id": "}"}]}),
            ),
        ];
        for (resources, total, expected) in pages {
            let texts: Vec<String> = resources.iter().map(Value::to_string).collect();
            let bytes = list_response_bytes(total, 1, &texts);
            assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap(), expected);
            assert_eq!(list_response(total, 1, resources), expected);
        }
    }
}
