//! A SCIM client that holds every single answer to what all answers must be.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use serde_json::{Value, json};

use super::{GROUP, PATCH_OP, USER};

const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// Talks to one node with one token.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) base: String,
    pub(crate) token: Option<String>,
    pub(crate) content_type: Option<&'static str>,
}

/// One answer, already checked by [`check`].
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Value>,
    pub(crate) request: String,
}

/// Encodes a query value as .NET does: a space becomes `+`, `@` becomes `%40`, a quote `%22`.
pub(crate) fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

impl Client {
    pub(crate) fn new(base: &str, token: &str) -> Self {
        Self {
            http: reqwest::Client::builder()
                .no_proxy()
                .pool_idle_timeout(Duration::from_secs(5))
                .build()
                .unwrap(),
            base: base.to_owned(),
            token: Some(token.to_owned()),
            content_type: Some("application/scim+json; charset=utf-8"),
        }
    }

    /// The same client with another token, or without.
    pub(crate) fn with_token(&self, token: Option<&str>) -> Self {
        Self { token: token.map(str::to_owned), ..self.clone() }
    }

    /// The same client that names another media type for its bodies, or none.
    pub(crate) fn with_content_type(&self, content_type: Option<&'static str>) -> Self {
        Self { content_type, ..self.clone() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, &[], Some(body.to_string())).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, &[], Some(body.to_string())).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, &[], Some(body.to_string())).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[], None).await
    }

    /// PATCH with these operations in a proper message.
    pub(crate) async fn operations(&self, path: &str, operations: Value) -> Answer {
        self.patch(path, json!({"schemas": [PATCH_OP], "Operations": operations})).await
    }

    /// A list of `path` with `filter`.
    pub(crate) async fn find(&self, path: &str, filter: &str) -> Answer {
        self.get(&format!("{path}?filter={}", encode(filter))).await
    }

    /// POSTs a user and returns what the server made of it.
    pub(crate) async fn create_user(&self, user_name: &str, more: Value) -> Value {
        let mut body = json!({"schemas": [USER], "userName": user_name});
        merge(&mut body, more);
        self.post("/Users", body).await.expect(201)
    }

    /// POSTs a group with these members and returns what the server made of it.
    pub(crate) async fn create_group(&self, display_name: &str, members: &[&str]) -> Value {
        let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
        let body = json!({"schemas": [GROUP], "displayName": display_name, "members": members});
        self.post("/Groups", body).await.expect(201)
    }

    /// Any request; `path` follows the node's URL.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Answer {
        self.try_send(method, path, headers, body).await.unwrap()
    }

    /// As [`Self::send`], for tests in which the server may be gone.
    pub(crate) async fn try_send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Result<Answer, reqwest::Error> {
        let said = format!("{method} {path} {}", body.as_deref().unwrap_or_default());
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let mut all = HeaderMap::new();
        if let (Some(_), Some(content_type)) = (&body, self.content_type) {
            all.insert("content-type", content_type.parse().unwrap());
        }
        for (name, value) in headers {
            all.insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        request = request.headers(all);
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await?;
        let status = response.status();
        let headers = response.headers().clone();
        let bytes = response.bytes().await?;
        Ok(check(&method, said, status, headers, &bytes))
    }
}

impl Answer {
    /// Asserts the status and returns the body (null when there is none).
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{} -> {:?}", self.request, self.body);
        self.body.unwrap_or(Value::Null)
    }

    /// Asserts an error with this status and `scimType` (empty: none is asked for) and returns its detail.
    #[track_caller]
    pub(crate) fn expect_error(self, status: u16, scim_type: &str) -> String {
        let request = self.request.clone();
        let body = self.expect(status);
        if !scim_type.is_empty() {
            assert_eq!(body["scimType"], scim_type, "{request} -> {body}");
        }
        body["detail"].as_str().unwrap_or_default().to_owned()
    }

    /// Asserts any of the 2xx.
    #[track_caller]
    pub(crate) fn expect_success(self) -> Value {
        assert!((200..300).contains(&self.status), "{} -> {self:?}", self.request);
        self.body.unwrap_or(Value::Null)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Asserts a list and returns its resources.
    #[track_caller]
    pub(crate) fn resources(self) -> Vec<Value> {
        let body = self.expect(200);
        body["Resources"].as_array().expect("a ListResponse").clone()
    }

    /// Asserts a list and returns its `totalResults`.
    #[track_caller]
    pub(crate) fn total(self) -> u64 {
        self.expect(200)["totalResults"].as_u64().expect("a ListResponse")
    }
}

/// What holds for every answer: E-01, D-01, H-01, K-05, L-03, L-05, L-06, L-07, S-45, S-46, V-01.
fn check(
    method: &Method,
    request: String,
    status: StatusCode,
    headers: HeaderMap,
    bytes: &[u8],
) -> Answer {
    let code = status.as_u16();
    if matches!(code, 204 | 304) || method == Method::HEAD {
        assert!(bytes.is_empty(), "{request} -> {code} with a body");
        return Answer { status: code, headers, body: None, request };
    }
    let text = String::from_utf8_lossy(bytes);
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let content_type = header("content-type").unwrap_or_default();
    assert!(
        content_type.starts_with("application/scim+json"),
        "{request} -> {code} {content_type:?} {text}"
    );
    let body: Value = serde_json::from_slice(bytes)
        .unwrap_or_else(|error| panic!("{request} -> {code} {text}: {error}"));
    assert!(!has_key(&body, "password"), "{request} shows a password: {body}");
    if code >= 400 {
        assert_eq!(body["schemas"], json!([ERROR]), "{request} -> {body}");
        assert_eq!(body["status"], json!(code.to_string()), "{request} -> {body}");
        assert!(body["detail"].is_string(), "{request} -> {body}");
    } else if body["schemas"] == json!([LIST]) {
        check_list(&request, &body);
    } else if let Some(meta) = body.get("meta") {
        check_meta(&request, code, meta, header("location"), header("etag"));
    }
    Answer { status: code, headers, body: Some(body), request }
}

fn check_list(request: &str, body: &Value) {
    for number in ["totalResults", "startIndex", "itemsPerPage"] {
        assert!(body[number].is_u64(), "{request}: {number} in {body}");
    }
    let resources = body["Resources"].as_array().expect("Resources");
    assert_eq!(body["itemsPerPage"].as_u64(), u64::try_from(resources.len()).ok(), "{request}");
}

fn check_meta(request: &str, code: u16, meta: &Value, location: Option<&str>, etag: Option<&str>) {
    if code == 201 {
        assert!(location.is_some(), "{request}: 201 without Location");
    }
    if let (Some(header), Some(body)) = (location, meta["location"].as_str()) {
        assert_eq!(header, body, "{request}: Location and meta.location");
    }
    if let Some(version) = meta["version"].as_str() {
        assert_eq!(etag, Some(version), "{request}: ETag and meta.version");
    }
}

fn has_key(value: &Value, key: &str) -> bool {
    match value {
        Value::Object(object) => {
            object.iter().any(|(name, value)| name.eq_ignore_ascii_case(key) || has_key(value, key))
        }
        Value::Array(items) => items.iter().any(|item| has_key(item, key)),
        _ => false,
    }
}

/// Puts every member of `more` into `body`.
pub(crate) fn merge(body: &mut Value, more: Value) {
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
}
