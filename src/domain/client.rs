//! Which identity provider is calling, told from its habits (K7). A guess for people; nothing depends
//! on it.

/// Names by what their `User-Agent` contains, in lower case; the first that fits counts.
const AGENTS: [(&str, &str); 10] = [
    ("okta", "Okta"),
    ("jumpcloud", "JumpCloud"),
    ("onelogin", "OneLogin"),
    ("sailpoint", "SailPoint"),
    ("google", "Google"),
    ("azure", "Entra ID"),
    ("microsoft", "Entra ID"),
    ("python-requests", "Keeper Commander"),
    ("go-http-client", "Keeper Google bridge"),
    ("curl", "curl"),
];

/// The client's name. Takes the `User-Agent` header and the query of the URL.
pub fn recognize(user_agent: Option<&str>, query: Option<&str>) -> Option<&'static str> {
    let query = query.unwrap_or_default();
    // Entra sends no name, but its flags and its way to write filters.
    if query.contains("aadOptscim") || query.contains("AzureAdScimPatch") {
        return Some("Entra ID");
    }
    let Some(agent) = user_agent.filter(|agent| !agent.is_empty()) else {
        return query.contains("+eq+%22").then_some("Entra ID");
    };
    let agent = agent.to_lowercase();
    AGENTS.iter().find(|(part, _)| agent.contains(part)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_told_by_their_habits() {
        for (agent, query, expected) in [
            (Some("Okta SCIM Client 1.0.0"), None, Some("Okta")),
            (
                Some("python-requests/2.31"),
                Some("startIndex=1&count=500"),
                Some("Keeper Commander"),
            ),
            (Some("Go-http-client/1.1"), None, Some("Keeper Google bridge")),
            (None, Some("filter=userName+eq+%22a%40b.example%22"), Some("Entra ID")),
            (Some("x"), Some("aadOptscim062020"), Some("Entra ID")),
            (Some("something else"), None, None),
            (None, None, None),
        ] {
            assert_eq!(recognize(agent, query), expected, "{agent:?} {query:?}");
        }
    }
}
