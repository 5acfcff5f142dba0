//! Who is inside: the owner of the resource and whom the owner trusts.
//!
//! What must hold: a principal that is not known to be inside is outside. The zone of trust is the notion of IAM Access
//! Analyzer: <https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-concepts.html>

use ipnet::IpNet;

use super::arn::is_account;
use super::audience::{Audience, Outsider};
use super::network::{self, Networks};

/// What is known around a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// What the document is attached to.
    pub kind: Kind,
    /// The account that owns it. Without it every named account that is not trusted is foreign.
    pub owner: Option<String>,
    /// Trusted accounts, and trusted identity providers by name.
    pub accounts: Vec<String>,
    /// Trusted organisations (`o-...`) and parts of them (`o-.../r-.../ou-...`).
    pub organizations: Vec<String>,
    /// Own VPCs. When none is listed, an unknown one is not held against the document.
    pub vpcs: Vec<String>,
    /// Own VPC endpoints; the same holds.
    pub endpoints: Vec<String>,
    /// Trusted networks.
    pub networks: Vec<IpNet>,
}

/// What a document is attached to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// Any resource that takes a policy.
    #[default]
    Resource,
    /// An access point of S3, where a pattern for access points says nothing.
    AccessPoint,
    /// The trust policy of a role: only the ways to assume it count.
    Trust,
}

impl Context {
    /// A resource of this account, with no other principal trusted.
    pub fn resource(owner: impl Into<String>) -> Self {
        Self { owner: Some(owner.into()), ..Self::default() }
    }

    /// A role of this account, with no other principal trusted.
    pub fn trust(owner: impl Into<String>) -> Self {
        Self { kind: Kind::Trust, owner: Some(owner.into()), ..Self::default() }
    }

    /// Adds a trusted network; `false` when the text is none.
    pub fn trust_network(&mut self, text: &str) -> bool {
        let network = network::read(text);
        self.networks.extend(network);
        network.is_some()
    }

    /// `None` when the text is no account.
    pub(crate) fn account(&self, id: &str) -> Option<Audience> {
        is_account(id).then(|| {
            if self.is_inside(id) { Audience::INSIDE } else { Audience::foreign(Outsider::Account(id.to_owned())) }
        })
    }

    pub(crate) fn is_inside(&self, id: &str) -> bool {
        self.owner.as_deref() == Some(id) || self.accounts.iter().any(|known| known == id)
    }

    pub(crate) fn organization(&self, id: &str) -> Audience {
        if self.organizations.iter().any(|known| known == id) {
            Audience::INSIDE
        } else {
            Audience::foreign(Outsider::Organization(id.to_owned()))
        }
    }

    /// `None` when the organisation is not fixed. A path ends in `/*` as a rule; ids of units are never shared
    /// between organisations, so a trusted unit that is a whole segment pins the path whatever the others are.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgpaths>
    pub(crate) fn organization_path(&self, path: &str) -> Option<Audience> {
        let mut segments = path.split('/');
        let organization = segments.next()?;
        if organization.is_empty() || organization.contains(['*', '?', '$']) {
            return None;
        }
        let units: Vec<&str> = segments.collect();
        let trusted = self.organizations.iter().any(|known| match known.split_once('/') {
            None => known == organization,
            Some((known, below)) => {
                let unit = below.trim_end_matches(['*', '/']).rsplit('/').next().unwrap_or_default();
                known == organization && !unit.is_empty() && units.contains(&unit)
            }
        });
        Some(if trusted { Audience::INSIDE } else { Audience::foreign(Outsider::OrganizationPath(path.to_owned())) })
    }

    pub(crate) fn vpc(&self, id: &str) -> Audience {
        listed(&self.vpcs, id, Outsider::Vpc)
    }

    pub(crate) fn endpoint(&self, id: &str) -> Audience {
        listed(&self.endpoints, id, Outsider::Endpoint)
    }

    /// The audience, and the value at fault when it is everyone.
    pub(crate) fn addresses(&self, values: &[String]) -> (Audience, Option<String>) {
        match network::judge(values, &self.networks) {
            Networks::TheInternet(why) => (Audience::EVERYONE, Some(why)),
            Networks::Private => (Audience::UNOWNED, None),
            Networks::Trusted => (Audience::INSIDE, None),
            Networks::Foreign(ranges) => {
                let outsiders = ranges.into_iter().map(|range| Audience::foreign(Outsider::Network(range)));
                (outsiders.fold(Audience::INSIDE, Audience::widen), None)
            }
        }
    }
}

fn listed(own: &[String], id: &str, outsider: fn(String) -> Outsider) -> Audience {
    if own.is_empty() {
        Audience::UNOWNED
    } else if own.iter().any(|known| known == id) {
        Audience::INSIDE
    } else {
        Audience::foreign(outsider(id.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Audience, Context};
    use crate::audience::Breadth;

    fn with(organizations: &[&str]) -> Context {
        Context { organizations: organizations.iter().map(|id| (*id).to_owned()).collect(), ..Context::default() }
    }

    fn path(trusted: &str, path: &str) -> Option<Breadth> {
        with(&[trusted]).organization_path(path).map(|audience| audience.breadth)
    }

    #[test]
    fn a_path_is_trusted_with_its_organisation_or_its_unit() {
        assert_eq!(path("o-a", "o-a/r-1/ou-1/*"), Some(Breadth::Inside));
        assert_eq!(path("o-a/r-1/ou-1", "o-a/r-1/ou-1/*"), Some(Breadth::Inside));
        assert_eq!(path("o-a/r-1/ou-1/*", "o-a/*/ou-1/ou-2/*"), Some(Breadth::Inside));
        assert_eq!(path("o-a/r-1/ou-1/ou-2", "o-a/r-1/ou-1/*"), Some(Breadth::Foreign), "wider than the trusted unit");
        assert_eq!(path("o-a/r-1/ou-1", "o-a/r-1/ou-1*"), Some(Breadth::Foreign), "also ou-10");
        assert_eq!(path("o-a/r-1/ou-1", "o-b/r-1/ou-1/*"), Some(Breadth::Foreign));
        assert_eq!(path("o-a/r-1/ou-1", "*/r-1/ou-1/*"), None);
        assert_eq!(path("o-a", "o-*/r-1/*"), None);
    }

    #[test]
    fn an_unknown_vpc_counts_only_when_the_own_ones_are_listed() {
        let mut context = Context::default();
        assert_eq!(context.vpc("vpc-1"), Audience::UNOWNED);
        context.vpcs.push("vpc-2".into());
        assert_eq!(context.vpc("vpc-1").breadth, Breadth::Foreign);
        assert_eq!(context.vpc("vpc-2"), Audience::INSIDE);
        assert_eq!(context.endpoint("vpce-1"), Audience::UNOWNED);
    }
}
