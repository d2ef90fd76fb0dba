//! Reserved domains (K6): where an organization has reserved domains, its users come from them.

use crate::scim::compare::text_key;
use crate::scim::error::ScimError;

/// Checks that the address is of one of the reserved domains, compared without case. No reserved
/// domain means any.
///
/// # Errors
/// 400 `invalidValue`.
pub fn check_reserved(user_name: &str, reserved: &[String]) -> Result<(), ScimError> {
    let domain = user_name.rsplit_once('@').map_or("", |(_, domain)| domain);
    let is_reserved = |name: &String| text_key(name, false) == text_key(domain, false);
    if reserved.is_empty() || reserved.iter().any(is_reserved) {
        return Ok(());
    }
    Err(ScimError::invalid_value(format!(
        "userName: the domain {domain:?} cannot be used for provisioning, as it is not reserved for \
         this organization: use another address, or reserve it (scimd organization set --domains)"
    )))
}

/// Reads a domain that an administrator names; a leading `@` is let go.
///
/// # Errors
/// 400 `invalidValue` for what is no domain.
pub fn parse(text: &str) -> Result<String, ScimError> {
    let domain = text.trim().trim_start_matches('@').to_lowercase();
    let is_domain = domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !domain.chars().any(|c| c.is_whitespace() || c.is_control() || c == '@');
    if is_domain {
        Ok(domain)
    } else {
        Err(ScimError::invalid_value(format!("{text:?} is no domain; write it as corp.example")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k6_only_reserved_domains_are_let_in() {
        let reserved = ["corp.example".to_owned()];
        assert_eq!(check_reserved("a@CORP.example", &reserved), Ok(()));
        assert_eq!(check_reserved("a@else.example", &[]), Ok(()));
        for other in ["a@else.example", "a@sub.corp.example", "a@corp.example.evil.example"] {
            assert!(check_reserved(other, &reserved).is_err(), "{other}");
        }
    }

    #[test]
    fn domains_are_read_as_people_write_them() {
        assert_eq!(parse(" @Corp.Example "), Ok("corp.example".to_owned()));
        for bad in ["", "corp", ".corp.example", "corp.example.", "a@corp.example", "a b.example"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
