//! Lists of names and patterns: entries that can match nothing, and entries that match everything.

use crate::policy::Policy;
use crate::policy::warnings::shape::{is_everything, meets};
use crate::policy::warnings::{Entry, Found};

/// A list of names or patterns among a guardrail's settings.
#[derive(Clone, Copy, Debug)]
pub struct List<'a> {
    /// The setting.
    pub name: &'static str,
    /// What the file says.
    pub entries: &'a [String],
    /// What it is for.
    pub holds: Holds,
}

/// What a list holds.
#[derive(Clone, Copy, Debug)]
pub struct Holds {
    /// What an entry has to look like to match anything: `*` is any text and `%` any without `:` and `/`.
    pub shapes: &'static [&'static str],
    /// How an entry is written, for a person.
    pub form: &'static str,
    /// What an entry that matches everything does; nothing where it does no harm.
    pub everything: Option<&'static str>,
}

impl Holds {
    /// Names of IAM have neither slashes nor colons; paths are not part of them.
    pub const NAME: &'static [&'static str] = &["%"];
    /// Callers: of a session, its role; the session's name is its caller's choice and is not matched.
    pub const CALLERS: &'static [&'static str] =
        &["arn:%:iam::%:*", "arn:%:sts::%:assumed-role/%/", "arn:%:sts::%:federated-user/"];
}

const PRINCIPALS: Holds = Holds {
    shapes: &["user/%", "role/%", "group/%"],
    form: "`user/NAME`, `role/NAME` or `group/NAME`, without a path",
    everything: Some("protects every principal: no guardrail removes a permission any more"),
};

pub(super) fn warnings(policy: &Policy) -> Vec<Found> {
    let protected = policy.protected_principals.as_deref().unwrap_or_default();
    let settings = policy.guardrails.lists();
    let lists = settings.map(|(of, List { name, entries, holds })| (Entry::setting(of, name), entries, holds));
    let lists = [(Entry::of(["protected_principals"]), protected, PRINCIPALS)].into_iter().chain(lists);
    let of_lists = lists.flat_map(|(entry, list, holds)| {
        list.iter()
            .enumerate()
            .filter_map(move |(at, value)| Some((entry.item(at), warning(value, holds)?)))
            .collect::<Vec<_>>()
    });
    of_lists.chain(organizations(policy)).collect()
}

fn warning(value: &str, holds: Holds) -> Option<String> {
    let Holds { shapes, form, everything } = holds;
    if let Some(harm) = everything.filter(|_| matches_all(value, shapes)) {
        return Some(format!("`{value}` {harm}"));
    }
    let matches_nothing = value.is_empty() || !shapes.iter().any(|shape| meets(value, shape));
    let is_arn = if value.starts_with("arn:") { "is an ARN and " } else { "" };
    matches_nothing.then(|| format!("`{value}` {is_arn}matches nothing: {form} is expected here"))
}

/// `*`, or `role/*` where the kind stands before the name.
fn matches_all(value: &str, shapes: &[&str]) -> bool {
    let kinds = shapes.iter().filter_map(|shape| shape.strip_suffix("/%"));
    let rest = kinds.into_iter().find_map(|kind| value.strip_prefix(kind)?.strip_prefix('/'));
    is_everything(rest.unwrap_or(value))
}

/// Organizations are compared whole: "The regex pattern for an organization ID", AWS Organizations API reference.
fn organizations(policy: &Policy) -> Vec<Found> {
    let is_id = |id: &str| {
        let letters = id.strip_prefix("o-").unwrap_or_default();
        (10..=32).contains(&letters.len()) && letters.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    let wrong = policy.trusted_organizations.iter().enumerate().filter(|(_, id)| !is_id(id));
    let entry = Entry::of(["trusted_organizations"]);
    wrong
        .map(|(at, id)| {
            let says = "is not the id of an organization and matches nothing: `o-` and 10 to 32 lower-case letters or digits are expected";
            (entry.item(at), format!("`{id}` {says}"))
        })
        .collect()
}
