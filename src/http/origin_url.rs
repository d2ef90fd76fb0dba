//! The URL under which clients see this server: the configured one, or, behind a proxy that is
//! trusted, what the proxy says (RFC 7239 `Forwarded`, or the `X-Forwarded-*` headers).

use axum::http::HeaderMap;

/// The public URL for a request, without a slash at the end.
pub(super) fn public_url(configured: &str, trust_proxy: bool, headers: &HeaderMap) -> String {
    let forwarded = if trust_proxy { forwarded(headers) } else { None };
    forwarded.unwrap_or_else(|| configured.to_owned())
}

fn forwarded(headers: &HeaderMap) -> Option<String> {
    let first = |name: &str| {
        let value = headers.get(name)?.to_str().ok()?;
        Some(value.split(',').next()?.trim().to_owned())
    };
    let (scheme, host) = match first("forwarded") {
        Some(element) => (parameter(&element, "proto"), parameter(&element, "host")),
        None => (first("x-forwarded-proto"), first("x-forwarded-host")),
    };
    let host = host.or_else(|| first("host")).filter(|host| is_host(host))?;
    let scheme = scheme.map(|scheme| scheme.to_ascii_lowercase());
    let scheme = scheme.filter(|scheme| scheme == "http" || scheme == "https")?;
    let prefix = first("x-forwarded-prefix").unwrap_or_default();
    let prefix = prefix.trim_matches('/');
    let is_path = prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/".contains(&b));
    Some(match prefix {
        "" => format!("{scheme}://{host}"),
        prefix if is_path => format!("{scheme}://{host}/{prefix}"),
        _ => return None,
    })
}

/// A parameter of a `Forwarded` element, without its quotes.
fn parameter(element: &str, name: &str) -> Option<String> {
    element.split(';').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        let is_named = key.trim().eq_ignore_ascii_case(name);
        is_named.then(|| value.trim().trim_matches('"').to_owned())
    })
}

fn is_host(host: &str) -> bool {
    !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(trust: bool, headers: &[(&'static str, &str)], expected: &str) {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        assert_eq!(public_url("http://configured", trust, &headers), expected);
    }

    /// H-05.
    #[test]
    fn a_proxy_is_believed_only_when_it_is_trusted() {
        let proxy = [("x-forwarded-proto", "https"), ("x-forwarded-host", "id.corp.example")];
        check(false, &proxy, "http://configured");
        check(true, &proxy, "https://id.corp.example");
        check(true, &[], "http://configured");
        let rfc = [("forwarded", "for=192.0.2.1;proto=https;host=\"id.corp.example:8443\", for=x")];
        check(true, &rfc, "https://id.corp.example:8443");
        let with_host = [("x-forwarded-proto", "https"), ("host", "id.corp.example")];
        check(true, &with_host, "https://id.corp.example");
        let prefix = [proxy[0], proxy[1], ("x-forwarded-prefix", "/scim/")];
        check(true, &prefix, "https://id.corp.example/scim");
        for (name, value) in [
            ("x-forwarded-host", "evil.example/\"><script>"),
            ("x-forwarded-proto", "javascript"),
            ("x-forwarded-prefix", "/\"><"),
        ] {
            let mut headers = proxy.to_vec();
            headers.retain(|(other, _)| *other != name);
            headers.push((name, value));
            check(true, &headers, "http://configured");
        }
    }
}
