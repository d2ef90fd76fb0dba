//! `scimd organization`: what counts for all nodes.

use std::str::FromStr;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::domain::organization::{self, OrganizationChange};

use super::Desk;
use super::failure::Failure;
use super::output::{Answer, facts};

#[derive(Debug, Subcommand)]
pub(super) enum Organization {
    /// Print name, seats and reserved domains
    Show,
    /// Change what is named; the rest stays
    Set(Set),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example: scimd organization set --seats 250 --domains example.com,example.org"
)]
#[group(required = true, multiple = true)]
pub(super) struct Set {
    /// Name
    #[arg(long)]
    name: Option<String>,
    /// Seats that active and invited users may take, or none for no limit
    #[arg(long, value_name = "N|none", allow_negative_numbers = true)]
    seats: Option<Seats>,
    /// Domains new users must belong to, separated by commas, or any
    #[arg(long, value_name = "LIST|any")]
    domains: Option<String>,
}

/// A number of seats, or nothing for no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seats(Option<i64>);

impl FromStr for Seats {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.parse::<u32>()) {
            ("none", _) => Ok(Self(None)),
            (_, Ok(number)) => Ok(Self(Some(number.into()))),
            _ => Err("write a number of seats, or none for no limit".to_owned()),
        }
    }
}

impl Organization {
    pub(super) async fn run(self, desk: &Desk) -> Result<Answer, Failure> {
        match self {
            Self::Show => {
                let organization = organization::get(&desk.service).await?;
                Ok(Answer::data(shown(&organization), to_json(&organization)))
            }
            Self::Set(set) => {
                let change = OrganizationChange::from(set);
                let organization = organization::set(&desk.service, &desk.origin, &change).await?;
                let json = to_json(&organization);
                Ok(Answer { text: shown(&organization), ..Answer::done("✔ Organization", json) })
            }
        }
    }
}

impl From<Set> for OrganizationChange {
    fn from(set: Set) -> Self {
        let domains = |list: String| match list.as_str() {
            "any" | "" => Vec::new(),
            list => list.split(',').map(str::to_owned).collect(),
        };
        Self {
            name: set.name,
            seats: set.seats.map(|Seats(seats)| seats),
            reserved_domains: set.domains.map(domains),
        }
    }
}

fn shown(organization: &organization::Organization) -> String {
    let used = organization.seats_used;
    let domains = organization.reserved_domains.join(", ");
    facts([
        ("name", organization.name.clone()),
        (
            "seats",
            organization.seats.map_or(format!("{used} used, no limit"), |seats| {
                format!("{used} of {seats} used")
            }),
        ),
        ("domains", if domains.is_empty() { "any".to_owned() } else { domains }),
    ])
}

fn to_json(organization: &organization::Organization) -> Value {
    json!({
        "name": organization.name,
        "seats": organization.seats,
        "seats_used": organization.seats_used,
        "reserved_domains": organization.reserved_domains,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_a_number_or_none() {
        assert_eq!("250".parse(), Ok(Seats(Some(250))));
        assert_eq!("none".parse(), Ok(Seats(None)));
        for text in ["", "-1", "many", "1.5"] {
            assert!(text.parse::<Seats>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_not_named_is_not_changed() {
        let change = |domains: Option<&str>| {
            let domains = domains.map(str::to_owned);
            OrganizationChange::from(Set { name: None, seats: None, domains }).reserved_domains
        };
        assert_eq!(change(None), None);
        assert_eq!(change(Some("any")), Some(Vec::new()));
        assert_eq!(change(Some("a.example,b.example")).unwrap(), ["a.example", "b.example"]);
    }
}
