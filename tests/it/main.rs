//! The one integration binary: the real router, and for the faults the real program, over HTTP, on `SQLite` and on
//! Postgres. `support` holds what starts and stops things, `model` says what the server should hold.

#[cfg(test)]
#[macro_use]
mod support;

#[cfg(test)]
mod administration;
#[cfg(test)]
mod bounds;
#[cfg(test)]
mod command_line;
#[cfg(test)]
mod concurrency;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod disk;
#[cfg(test)]
mod engines;
#[cfg(test)]
mod entra;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod keeper_clients;
#[cfg(test)]
mod keeper_rules;
#[cfg(test)]
mod memberships;
#[cfg(test)]
mod model;
#[cfg(test)]
mod okta;
#[cfg(test)]
mod other_clients;
#[cfg(test)]
mod plans;
#[cfg(test)]
mod protocol;
#[cfg(test)]
mod races;
#[cfg(test)]
mod removed;
#[cfg(test)]
mod sql_equals_eval;
