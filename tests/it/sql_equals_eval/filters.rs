//! Random filters of a resource type, about values that occur and values that do not.

use std::sync::Arc;

use scimd::scim::path::{AttributePath, Named, ResolvedPath};
use scimd::scim::resource::Resource;
use scimd::scim::resource_type::ResourceType;
use scimd::scim::schema::{Attribute, Returned, Type};
use serde_json::{Value, json};

use super::population::WORDS;
use super::random::Random;

/// What the database can answer; half of all tests are about these.
const USER_COLUMNS: &[&str] = &[
    "userName",
    "emails",
    "emails.value",
    "emails.type",
    "emails.primary",
    "active",
    "groups",
    "groups.value",
    "meta.resourceType",
    "meta.created",
    "meta.lastModified",
    "id",
    "externalId",
];
const GROUP_COLUMNS: &[&str] = &[
    "displayName",
    "members",
    "members.value",
    "meta.resourceType",
    "meta.created",
    "meta.lastModified",
    "id",
    "externalId",
];
const TIMES: &[&str] = &[
    "1970-01-01T00:00:00Z",
    "2200-01-01T00:00:00+01:00",
    "-005000-01-01T00:00:00Z",
    "9999-12-30T00:00:00.999999Z",
];

pub(super) struct Filters<'a> {
    pub(super) resource_type: &'a Arc<ResourceType>,
    pub(super) resources: &'a [Resource],
}

impl Filters<'_> {
    /// A filter that nests at most `depth` levels of and, or and not.
    pub(super) fn any(&self, random: &mut Random, depth: usize) -> String {
        if depth == 0 || random.one_in(2) {
            return if random.one_in(4) { self.element(random) } else { self.simple(random) };
        }
        combined(random, |random| self.any(random, depth - 1))
    }

    /// A path that a list can be sorted by.
    pub(super) fn sortable(&self, random: &mut Random) -> ResolvedPath {
        loop {
            if let Some(path) = self.path(random).comparable() {
                return path;
            }
        }
    }

    fn path(&self, random: &mut Random) -> ResolvedPath {
        let columns = if self.resource_type.name == "User" { USER_COLUMNS } else { GROUP_COLUMNS };
        if random.one_in(2) {
            let path = AttributePath((*random.pick(columns)).to_owned());
            match path.resolve(self.resource_type) {
                Some(Named::Attribute(path)) => return path,
                other => panic!("{path} is {other:?}"),
            }
        }
        let core = self.resource_type.attributes().map(|attribute| (None, attribute));
        let extended = self.resource_type.extensions.iter().flat_map(|extension| {
            let own = extension.schema.attributes.iter();
            own.map(|attribute| (Some(extension.schema.id.clone()), attribute))
        });
        let all: Vec<(Option<String>, &Arc<Attribute>)> = core
            .chain(extended)
            .filter(|(_, attribute)| attribute.returned != Returned::Never)
            .collect();
        let (extension, attribute) = random.pick(&all).clone();
        let subs = &attribute.sub_attributes;
        let sub_attribute =
            (!subs.is_empty() && !random.one_in(4)).then(|| Arc::clone(random.pick(subs)));
        ResolvedPath { extension, attribute: Arc::clone(attribute), sub_attribute }
    }

    fn simple(&self, random: &mut Random) -> String {
        let path = self.path(random);
        let name = respelled(random, &path.to_string());
        match path.comparable() {
            Some(leaf) => {
                let known = self.value(random, &leaf);
                test(random, &name, leaf.leaf(), known)
            }
            None => presence(random, &name),
        }
    }

    /// `attribute[filter]`, sometimes with a test behind it as Entra writes it.
    fn element(&self, random: &mut Random) -> String {
        let path = loop {
            let path = ResolvedPath { sub_attribute: None, ..self.path(random) };
            if path.attribute.multi_valued || path.attribute.is_complex() {
                break path;
            }
        };
        let depth = random.below(3);
        let inner = self.inner(random, &path, depth);
        let behind = match self.part(random, &path) {
            Some((name, leaf, known)) if random.one_in(4) => {
                format!(".{}", test(random, &name, &leaf, known))
            }
            _ => String::new(),
        };
        format!("{path}[{inner}]{behind}")
    }

    fn inner(&self, random: &mut Random, outer: &ResolvedPath, depth: usize) -> String {
        if depth > 0 {
            return combined(random, |random| self.inner(random, outer, depth - 1));
        }
        let simple = || ("value".to_owned(), Arc::clone(&outer.attribute), None);
        let (name, leaf, known) = self.part(random, outer).unwrap_or_else(simple);
        test(random, &name, &leaf, known)
    }

    /// A sub-attribute: its name, itself, and a value that occurs.
    fn part(
        &self,
        random: &mut Random,
        outer: &ResolvedPath,
    ) -> Option<(String, Arc<Attribute>, Option<Value>)> {
        let subs = &outer.attribute.sub_attributes;
        let value = subs.iter().find(|sub| sub.name == "value" && random.one_in(2));
        let sub = value.or_else(|| subs.get(random.below(subs.len().max(1))))?;
        let sub = Arc::clone(sub);
        let path = ResolvedPath { sub_attribute: Some(Arc::clone(&sub)), ..outer.clone() };
        let known = self.value(random, &path);
        Some((sub.name.clone(), sub, known))
    }

    /// Half of the time a value that occurs.
    fn value(&self, random: &mut Random, path: &ResolvedPath) -> Option<Value> {
        let start = random.below(2 * self.resources.len());
        let mut values =
            self.resources.iter().skip(start).flat_map(|resource| path.values(resource));
        values.next().cloned()
    }
}

fn combined(random: &mut Random, mut part: impl FnMut(&mut Random) -> String) -> String {
    match random.below(5) {
        0 => format!("not ({})", part(random)),
        n => {
            let word = if n % 2 == 0 { " and " } else { " or " };
            let parts: Vec<String> =
                (0..2 + random.below(5) / 4).map(|_| format!("({})", part(random))).collect();
            parts.join(word)
        }
    }
}

fn presence(random: &mut Random, name: &str) -> String {
    format!("{name} {}", random.pick(&["pr", "PR", "eq null", "ne null"]))
}

/// A comparison, or now and then a test of presence; once in a while one that must be refused.
fn test(random: &mut Random, name: &str, leaf: &Attribute, known: Option<Value>) -> String {
    if random.one_in(8) {
        return presence(random, name);
    }
    if random.one_in(400) {
        return format!("{name} co null");
    }
    let ops: &[&str] = match leaf.kind {
        Type::Boolean | Type::Binary => &["eq", "ne"],
        Type::DateTime => &["eq", "ne", "gt", "ge", "lt", "le"],
        _ => &["eq", "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "Eq"],
    };
    format!("{name} {} {}", random.pick(ops), operand(random, leaf, known))
}

fn operand(random: &mut Random, leaf: &Attribute, known: Option<Value>) -> Value {
    match (leaf.kind, known) {
        (Type::Boolean, _) => {
            random.pick(&[json!(true), json!(false), json!("True"), json!("False")]).clone()
        }
        (Type::DateTime, Some(known)) => known,
        (Type::DateTime, None) => json!(random.pick(TIMES)),
        (Type::Binary, _) => json!(random.pick(&["AQID", "", "AQIE"])),
        (_, Some(Value::String(text))) => json!(varied(random, &text)),
        _ if random.one_in(40) => json!("a\u{0}b"),
        _ => json!(random.pick(WORDS)),
    }
}

/// The text, a piece of it, or the same in another case.
fn varied(random: &mut Random, text: &str) -> String {
    let length = text.chars().count();
    match random.below(8) {
        0 => text.chars().take(random.below(length + 1)).collect(),
        1 => text.chars().skip(random.below(length + 1)).collect(),
        2 => text.to_uppercase(),
        3 => text.to_lowercase(),
        4 => format!("{text}a"),
        _ => text.to_owned(),
    }
}

/// Names are read without case.
fn respelled(random: &mut Random, name: &str) -> String {
    if random.one_in(8) { name.to_ascii_uppercase() } else { name.to_owned() }
}
