//! What the database answers is what `scim::filter` means: random filters, orders and pages over a random population,
//! held against the same filters on the resources themselves. `SCIMD_TEST_FILTERS` says how many per engine,
//! `SCIMD_TEST_SEED` repeats a run.

mod filters;
mod population;
mod random;

use std::cmp::Ordering;
use std::sync::Arc;

use scimd::scim::compare::{Key, sort_key};
use scimd::scim::filter::{Filter, FilterLimits, ResolvedFilter};
use scimd::scim::path::ResolvedPath;
use scimd::scim::resource::Resource;
use scimd::scim::resource_type::ResourceType;
use scimd::scim::schema::Registry;
use serde_json::Value;

use crate::support::{Client, TestServer, announce, encode};
use filters::Filters;
use population::Population;
use random::Random;

/// Filters per engine, half of them for users, half for each way to treat removed users.
const FILTERS: usize = 2000;

/// Differences after which a run ends; one alone often hides what they have in common.
const ENOUGH: usize = 20;

/// The resources of one type, as the server shows each alone, in the order of ids.
struct Shown<'a> {
    client: &'a Client,
    resource_type: &'a Arc<ResourceType>,
    resources: Vec<Resource>,
}

/// A list request, and in which order and from where to where its answer is.
struct Request {
    filter: String,
    resolved: Option<ResolvedFilter>,
    sort: Option<(ResolvedPath, bool)>,
    start: Option<i64>,
    count: Option<i64>,
    url: String,
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

fn id(resource: &Resource) -> &str {
    resource.text("id").expect("every resource has an id")
}

both_engines! {
    /// F-01 to F-30, O-01 to O-05: the same ids, total and order, for removed users listed and hidden.
    async fn filters_orders_and_pages(server: TestServer) {
        let seed = number("SCIMD_TEST_SEED").unwrap_or_else(random::seed);
        let mut random = Random::new(seed);
        let population = Population::create(&server, &mut random).await;
        let count = number("SCIMD_TEST_FILTERS")
            .map_or(FILTERS, |count| usize::try_from(count).unwrap());
        let registry = Registry::built_in().unwrap();
        let mut tally = Tally::default();
        for removed_users in ["listed", "hidden"] {
            if removed_users == "hidden" {
                server.set("removed_users", removed_users).await;
            }
            for (name, ids) in population.visible(removed_users == "hidden") {
                let resource_type = registry.resource_type(name).unwrap();
                let shown = Shown::read(&population.client, resource_type, &ids).await;
                for filter in population.corners(name) {
                    shown.compare(shown.plain(filter), &mut tally).await;
                }
                for _ in 0..count / 4 {
                    shown.compare(shown.request(&mut random), &mut tally).await;
                    if tally.differences.len() >= ENOUGH {
                        break;
                    }
                }
            }
        }
        // The shortest first: it is the easiest to understand.
        tally.differences.sort_by_key(String::len);
        let differences = tally.differences.join("\n");
        assert!(differences.is_empty(), "SCIMD_TEST_SEED={seed}:\n{differences}");
        announce(&format!(
            "{} filters: {} select some resources, {} all, {} none, {} are refused",
            tally.some + tally.all + tally.none + tally.refused,
            tally.some, tally.all, tally.none, tally.refused
        ));
        // A generator that misses the grammar, or asks for nothing, would prove nothing.
        assert!(count < 400 || (tally.some > count / 5 && tally.refused < count / 10));
    }
}

/// What the filters were like, and where the answers differ.
#[derive(Default)]
struct Tally {
    some: usize,
    all: usize,
    none: usize,
    refused: usize,
    differences: Vec<String>,
}

impl<'a> Shown<'a> {
    async fn read(
        client: &'a Client,
        resource_type: &'a Arc<ResourceType>,
        ids: &[String],
    ) -> Self {
        let mut resources = Vec::new();
        for id in ids {
            let path = format!("{}/{id}", resource_type.endpoint);
            match client.get(&path).await.expect(200) {
                Value::Object(attributes) => resources.push(Resource::from_canonical(attributes)),
                other => panic!("{path} is {other}"),
            }
        }
        resources.sort_by(|a, b| id(a).cmp(id(b)));
        Self { client, resource_type, resources }
    }

    /// Sends one request and notes how its answer differs from what it should be.
    async fn compare(&self, request: Request, tally: &mut Tally) {
        let answer = self.client.get(&request.url).await;
        let (_, rest) = request.url.split_once('&').unwrap_or_default();
        let said = format!("{} {rest} filter: {}", self.resource_type.name, request.filter);
        let Some(filter) = &request.resolved else {
            tally.refused += 1;
            if answer.status != 400 {
                tally.differences.push(format!("{said} -> {}, must be refused", answer.status));
            }
            return;
        };
        if answer.status != 200 {
            tally.differences.push(format!("{said} -> {} {:?}", answer.status, answer.body));
            return;
        }
        let body = answer.expect(200);
        let matching = self.matching(filter, request.sort.as_ref());
        match matching.len() {
            0 => tally.none += 1,
            n if n == self.resources.len() => tally.all += 1,
            _ => tally.some += 1,
        }
        let skip = usize::try_from(request.start.unwrap_or(1).max(1) - 1).unwrap();
        let take = request.count.map_or(usize::MAX, |count| usize::try_from(count).unwrap_or(0));
        let expected: Vec<&str> =
            matching.iter().skip(skip).take(take).map(|resource| id(resource)).collect();
        let resources = body["Resources"].as_array().unwrap();
        let found: Vec<&str> =
            resources.iter().map(|resource| resource["id"].as_str().unwrap()).collect();
        let total = body["totalResults"].as_u64().unwrap();
        if found != expected || total != matching.len() as u64 {
            tally.differences.push(format!(
                "{said}\n  total {total}, must be {}\n  found  {found:?}\n  expect {expected:?}",
                matching.len()
            ));
        }
    }

    /// Everything that fulfils a filter.
    fn plain(&self, filter: String) -> Request {
        let resolved = Filter::parse(&filter, FilterLimits::default())
            .and_then(|filter| filter.resolve(self.resource_type))
            .ok();
        let url = format!("{}?filter={}", self.resource_type.endpoint, encode(&filter));
        Request { filter, resolved, sort: None, start: None, count: None, url }
    }

    fn request(&self, random: &mut Random) -> Request {
        let filters = Filters { resource_type: self.resource_type, resources: &self.resources };
        let Request { filter, resolved, mut url, .. } = self.plain(filters.any(random, 4));
        let (mut sort, mut start, mut count) = (None, None, None);
        if random.one_in(2) {
            let path = filters.sortable(random);
            let descending = random.one_in(2);
            url.extend(["&sortBy=", &encode(&path.to_string())]);
            url.push_str(if descending { "&sortOrder=descending" } else { "" });
            sort = Some((path, descending));
        }
        if random.one_in(2) {
            let bound = self.resources.len() + 4;
            // From less than the first to more than the last.
            let mut within = || i64::try_from(random.below(bound)).unwrap() - 2;
            let (from, most) = (within(), within());
            url.extend(["&startIndex=", &from.to_string(), "&count=", &most.to_string()]);
            (start, count) = (Some(from), Some(most));
        }
        let view: &&str = random.pick(&["", "&attributes=id", "&excludedAttributes=members"]);
        url.push_str(view);
        Request { filter, resolved, sort, start, count, url }
    }

    /// The resources that fulfil the filter, in order (RFC 7644 section 3.4.2.3).
    fn matching(
        &self,
        filter: &ResolvedFilter,
        sort: Option<&(ResolvedPath, bool)>,
    ) -> Vec<&Resource> {
        let matching = self.resources.iter().filter(|resource| filter.matches(resource));
        let Some((path, descending)) = sort else {
            return matching.collect();
        };
        let mut keyed: Vec<(Option<Key>, &Resource)> =
            matching.map(|resource| (sort_key(path, resource), resource)).collect();
        keyed.sort_by(|(one, a), (other, b)| {
            let by_key = match (one, other) {
                (Some(one), Some(other)) => one.cmp(other),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => Ordering::Equal,
            };
            by_key.then_with(|| id(a).cmp(id(b)))
        });
        if *descending {
            keyed.reverse();
        }
        keyed.into_iter().map(|(_, resource)| resource).collect()
    }
}
