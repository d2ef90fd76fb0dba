use super::*;
use crate::scim::schema::Registry;

/// N-09, S-01: a path of any spelling is bound to the name that the schema spells.
#[test]
fn paths_resolve_in_any_case_and_print_in_canonical_notation() {
    let registry = Registry::built_in().unwrap();
    let user = registry.resource_type("User").unwrap();
    let path = "URN:ietf:params:scim:schemas:extension:ENTERPRISE:2.0:user:DEPARTMENT";
    let Some(Named::Attribute(found)) = AttributePath::parse(path).unwrap().resolve(user) else {
        panic!("{path} names an attribute");
    };
    let canonical = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
    assert_eq!(found.to_string(), canonical);
}
