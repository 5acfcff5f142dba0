//! What AWS's own managed policies grant, without a read: a generated table (`managed.txt`).
//!
//! `PARAPET_CORPORA=<folder> PARAPET_UPDATE_DOCS=1 cargo test -p iam-policy-analyser managed_policies` writes it from the documents of all of
//! them. It says what they granted then; AWS changes a policy now and then, and the sweep reads what they say today.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use super::document::{Document, Statement};
use super::methods::{METHODS, Method, Tier};
use super::power::{gives_a_part, gives_a_part_of_admin, power};

/// What a policy of AWS's own grants to its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The version that was looked at, such as `v3`.
    pub version: String,
    /// It makes an administrator; whether conditions stand in the way.
    pub admin: Option<Constrained>,
    /// The ways to more permissions, of every tier.
    pub ways: Vec<(Method, Constrained)>,
    /// It holds a Deny: detaching it lets its holder do more.
    pub denies: bool,
    /// It may be a part of a way whose other parts come from other policies.
    pub is_part_of_a_way: bool,
    /// The same of an administrator.
    pub is_part_of_admin: bool,
}

/// Conditions stand in the way without ending it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Constrained(pub bool);

impl Known {
    /// The ways of this tier or a stronger one.
    pub fn up_to(&self, tier: Tier) -> impl Iterator<Item = &(Method, Constrained)> {
        self.ways.iter().filter(move |(method, _)| method.tier <= tier)
    }
}

/// What is known of the policy of AWS's own that has this ARN, in whichever partition.
pub fn known(arn: &str) -> Option<&'static Known> {
    let mut fields = arn.splitn(6, ':');
    let is_arn = fields.next() == Some("arn") && fields.next().is_some_and(|partition| partition.starts_with("aws"));
    // No customer's policy has `aws` for its account.
    let is_aws_own =
        is_arn && fields.next() == Some("iam") && fields.next() == Some("") && fields.next() == Some("aws");
    TABLE.get(fields.next().filter(|_| is_aws_own)?.strip_prefix("policy/")?)?.known()
}

/// Every policy of the table: its name in the ARN, and what is known of it.
pub fn all() -> impl Iterator<Item = (&'static str, &'static Known)> {
    TABLE.iter().filter_map(|(name, line)| Some((*name, line.known()?)))
}

/// By the policy's name. A process asks for a few of them: each line is read when it is asked for.
static TABLE: LazyLock<BTreeMap<&'static str, Line>> =
    LazyLock::new(|| include_str!("managed.txt").lines().filter_map(Line::of).collect());

struct Line {
    fields: &'static str,
    known: OnceLock<Option<Known>>,
}

impl Line {
    /// A line of the table, and the name before it. `None` for a comment.
    fn of(line: &'static str) -> Option<(&'static str, Self)> {
        let (name, fields) = line.split_once('\t')?;
        Some((name, Self { fields, known: OnceLock::new() }))
    }

    fn known(&self) -> Option<&Known> {
        self.known.get_or_init(|| read(self.fields)).as_ref()
    }
}

/// The fields of a line behind the name: version, flags, ways.
fn read(fields: &str) -> Option<Known> {
    let mut fields = fields.split('\t');
    let (version, flags) = (fields.next()?, fields.next()?);
    let ways = fields.next().unwrap_or_default().split(',').filter_map(|way| {
        let (name, is_constrained) = match way.strip_suffix('?') {
            Some(name) => (name, true),
            None => (way, false),
        };
        let method = METHODS.iter().find(|method| method.name() == name)?;
        Some((*method, Constrained(is_constrained)))
    });
    let admin = match (flags.contains('A'), flags.contains('a')) {
        (true, _) => Some(Constrained(false)),
        (false, true) => Some(Constrained(true)),
        (false, false) => None,
    };
    Some(Known {
        version: version.to_owned(),
        admin,
        ways: ways.collect(),
        denies: flags.contains('D'),
        is_part_of_a_way: flags.contains('P'),
        is_part_of_admin: flags.contains('Q'),
    })
}

/// The line that says this of a policy whose name in the ARN is `name`.
pub fn line(name: &str, version: &str, document: &Document) -> String {
    let documents = std::slice::from_ref(document);
    let power = power(documents, None);
    // What cannot be read as a whole may be anything: then the document is read where it matters.
    let is_unread = !power.problems.is_empty();
    let denies = document.statements.iter().any(Statement::denies);
    let of_a_way = is_unread || gives_a_part(documents, Tier::Existing);
    let of_admin = is_unread || gives_a_part_of_admin(documents);
    let admin = power.admin.as_ref().map(|admin| if admin.constraints.is_empty() { 'A' } else { 'a' });
    let flags: String = [admin, denies.then_some('D'), of_a_way.then_some('P'), of_admin.then_some('Q')]
        .into_iter()
        .flatten()
        .collect();
    let way = |way: &super::power::Escalation| {
        let constrained = if way.constraints.is_empty() { "" } else { "?" };
        format!("{}{constrained}", way.method.name())
    };
    let ways: Vec<String> = power.escalations.iter().map(way).collect();
    format!("{name}\t{version}\t{}\t{}", if flags.is_empty() { "-" } else { &flags }, ways.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_aws_s_own_policies_are_known() {
        assert!(known("arn:aws:iam::aws:policy/IAMFullAccess").is_some_and(|known| !known.ways.is_empty()));
        assert!(known("arn:aws-cn:iam::aws:policy/IAMFullAccess").is_some());
        assert!(known("arn:aws:iam::111122223333:policy/IAMFullAccess").is_none());
        assert!(known("arn:aws:iam::aws:policy/x/IAMFullAccess").is_none());
        assert!(known("IAMFullAccess").is_none());
    }

    #[test]
    fn a_policy_that_denies_is_known_for_it() {
        let quarantine = known("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3");
        assert!(quarantine.is_some_and(|known| known.denies && known.ways.is_empty()));
        assert!(known("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess").is_some_and(|known| !known.denies));
    }

    #[test]
    fn every_line_is_read() {
        let lines = include_str!("managed.txt").lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(lines, all().count());
        assert!(lines > 1500, "{lines}");
    }
}
