//! What the server offers (RFC 7643 section 5).

use serde_json::{Value, json};

use super::discovery::meta;
use super::schema::SERVICE_PROVIDER_CONFIG_URN;

/// What differs between servers. The rest of the answer is what this engine always does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceProviderConfig {
    /// Where people read how to use the server.
    pub documentation_uri: Option<String>,
    /// Limits of bulk requests; `None` when they are not offered.
    pub bulk: Option<BulkLimits>,
    /// Most resources in one answer.
    pub max_results: u64,
}

/// Limits of bulk requests (RFC 7644 section 3.7.4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BulkLimits {
    /// Most operations in one request.
    pub max_operations: u64,
    /// Most bytes in one request.
    pub max_payload_size: u64,
}

impl ServiceProviderConfig {
    /// The resource as it is sent. `base_url` is the service root without a trailing slash.
    pub fn to_json(&self, base_url: &str) -> Value {
        let limits = self.bulk.unwrap_or_default();
        let mut body = json!({
            "schemas": [SERVICE_PROVIDER_CONFIG_URN],
            "patch": { "supported": true },
            "bulk": {
                "supported": self.bulk.is_some(),
                "maxOperations": limits.max_operations,
                "maxPayloadSize": limits.max_payload_size,
            },
            "filter": { "supported": true, "maxResults": self.max_results },
            "changePassword": { "supported": false },
            "sort": { "supported": true },
            "etag": { "supported": true },
            "authenticationSchemes": [{
                "type": "oauthbearertoken",
                "name": "OAuth Bearer Token",
                "description": "The provisioning token of the node, in the Authorization header",
                "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
                "primary": true,
            }],
            "meta": meta("ServiceProviderConfig", &format!("{base_url}/ServiceProviderConfig")),
        });
        if let Some(uri) = &self.documentation_uri {
            body["documentationUri"] = Value::from(uri.as_str());
        }
        body
    }
}
