//! What a principal holds, over all the resources of a file that put policies into it or attach them to it.

use super::planned::{document, elsewhere, is_open, managed_policy};
use super::policy_attachment::known;
use crate::engine::holder::Beside;
use crate::engine::observed::Observed;
use crate::engine::planned::{Others, PlannedResource};
use std::collections::BTreeMap;

/// What other resources say that a principal holds.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(crate) documents: Vec<String>,
    boundary: Option<String>,
    /// The file makes the principal itself.
    is_made: bool,
}

/// A type of resource that gives policies to principals: the properties that name them, that hold a document with its policy, and that name managed policies.
struct Giver {
    kind: &'static str,
    holders: &'static [&'static str],
    inline: Option<&'static str>,
    attached: Option<&'static str>,
}

const fn puts(kind: &'static str, holders: &'static [&'static str], inline: &'static str) -> Giver {
    Giver { kind, holders, inline: Some(inline), attached: None }
}

const fn attaches(kind: &'static str, holders: &'static [&'static str], attached: &'static str) -> Giver {
    Giver { kind, holders, inline: None, attached: Some(attached) }
}

const GIVERS: &[Giver] = &[
    puts("AWS::IAM::GroupPolicy", &["GroupName"], "PolicyDocument"),
    puts("AWS::IAM::ManagedPolicy", &["Groups", "Roles", "Users"], "PolicyDocument"),
    puts("AWS::IAM::Policy", &["Groups", "Roles", "Users"], "PolicyDocument"),
    puts("AWS::IAM::RolePolicy", &["RoleName"], "PolicyDocument"),
    puts("AWS::IAM::UserPolicy", &["UserName"], "PolicyDocument"),
    puts("aws_iam_group_policy", &["group"], "policy"),
    puts("aws_iam_role_policy", &["role"], "policy"),
    puts("aws_iam_user_policy", &["user"], "policy"),
    attaches("aws_iam_group_policy_attachment", &["group"], "policy_arn"),
    attaches("aws_iam_policy_attachment", &["groups", "roles", "users"], "policy_arn"),
    attaches("aws_iam_role_policy_attachment", &["role"], "policy_arn"),
    attaches("aws_iam_user_policy_attachment", &["user"], "policy_arn"),
];

/// The types of principals: their name, and what they hold by themselves.
const PRINCIPALS: &[(&str, &str, [&str; 3])] = &[
    ("AWS::IAM::Group", "GroupName", ["Policies", "PolicyDocument", "ManagedPolicyArns"]),
    ("AWS::IAM::Role", "RoleName", ["Policies", "PolicyDocument", "ManagedPolicyArns"]),
    ("AWS::IAM::User", "UserName", ["Policies", "PolicyDocument", "ManagedPolicyArns"]),
    ("aws_iam_group", "name", ["", "", ""]),
    ("aws_iam_role", "name", ["inline_policy", "policy", "managed_policy_arns"]),
    ("aws_iam_user", "name", ["", "", ""]),
];

/// A type of resource that puts users into groups: the properties that name the users and the groups.
const MEMBERSHIPS: &[(&str, &str, &str)] = &[
    ("AWS::IAM::User", "", "Groups"),
    ("AWS::IAM::UserToGroupAddition", "Users", "GroupName"),
    ("aws_iam_group_membership", "users", "group"),
    ("aws_iam_user_group_membership", "user", "groups"),
];

/// Types that no guardrail judges by themselves, and that principals are judged with.
pub const JUDGED_WITH: &[&str] = &[
    "AWS::IAM::UserToGroupAddition",
    "aws_iam_group",
    "aws_iam_group_membership",
    "aws_iam_user",
    "aws_iam_user_group_membership",
];

/// Who gives what to whom in a file.
#[derive(Debug, Default)]
struct Index {
    /// The principals, by the name that IAM will give them.
    named: BTreeMap<String, String>,
    /// The resources that give policies to each principal, both by their names in the file.
    givers: BTreeMap<String, Vec<String>>,
    /// The groups of each user: by their names in the file, or why that is not known.
    groups: BTreeMap<String, Vec<Result<String, String>>>,
}

impl Index {
    fn of<'a>(file: &'a Others<'a>) -> Self {
        let mut index = Self::default();
        for it in file.all() {
            let name = PRINCIPALS.iter().find(|(kind, ..)| *kind == it.kind).map(|(_, name, _)| *name);
            if let Some(name) = name.and_then(|name| it.text(name).ok().flatten()) {
                index.named.insert(name, it.name.to_owned());
            }
        }
        for it in file.all() {
            let Some(giver) = GIVERS.iter().find(|giver| giver.kind == it.kind) else { continue };
            for holder in giver.holders.iter().filter_map(|list| it.parts(list).ok()).flatten() {
                if let Some(principal) = index.principal(&holder) {
                    index.givers.entry(principal).or_default().push(it.name.to_owned());
                }
            }
        }
        for it in file.all() {
            let Some((_, users, groups)) = MEMBERSHIPS.iter().find(|(kind, ..)| *kind == it.kind) else { continue };
            let groups = index.groups_of(&it, groups);
            let users = match *users {
                "" => vec![it.name.to_owned()],
                users => it.parts(users).unwrap_or_default().iter().filter_map(|user| index.principal(user)).collect(),
            };
            for user in users {
                index.groups.entry(user).or_default().extend(groups.iter().cloned());
            }
        }
        index
    }

    fn groups_of(&self, it: &PlannedResource<'_>, property: &str) -> Vec<Result<String, String>> {
        let named = |group: &PlannedResource<'_>| match (self.principal(group), group.text("")) {
            (Some(made), _) => Ok(made),
            (None, Ok(name)) => {
                let name = name.unwrap_or_default();
                Err(format!("what the user has by group `{name}` is not part of the file"))
            }
            (None, Err(why)) => Err(format!("a group of the user: {why}")),
        };
        match it.parts(property) {
            Ok(groups) => groups.iter().map(named).collect(),
            Err(why) => vec![Err(why.to_string())],
        }
    }

    /// The principal of the file that a value names: by reference, or by its name.
    fn principal(&self, holder: &PlannedResource<'_>) -> Option<String> {
        let is_principal = |made: &PlannedResource<'_>| PRINCIPALS.iter().any(|(kind, ..)| *kind == made.kind);
        if let Some(made) = holder.made("").filter(is_principal) {
            return Some(made.name.to_owned());
        }
        let named = holder.text("").ok().flatten()?;
        self.named.get(named.rsplit('/').next().unwrap_or(&named)).cloned()
    }
}

fn index<'a>(it: &PlannedResource<'a>) -> Option<(&'a Others<'a>, &'a Index)> {
    let file = it.file()?;
    Some((file, file.index(Index::of)?))
}

/// What the principal that a property of the resource names holds beside it, by the other resources of the file. Unknown where the file does not make the
/// principal: others may have given it more.
pub(crate) fn beside(it: &PlannedResource<'_>, holder: &PlannedResource<'_>) -> Observed<Beside> {
    let Some(principal) = index(it).and_then(|(_, index)| index.principal(holder)) else { return elsewhere() };
    match gather(it, &principal) {
        Ok(Gathered { documents, boundary, is_made: true }) => Observed::Known(Beside { documents, boundary }),
        Ok(Gathered { is_made: false, .. }) => elsewhere(),
        Err(why) => Observed::Unknown { why },
    }
}

/// What the other resources of the file give to the principal of this name in the file, what it holds by itself, and what a user has by its groups.
///
/// # Errors
/// A part of it is known at deployment only, or not part of the file.
pub(crate) fn gather(it: &PlannedResource<'_>, principal: &str) -> Result<Gathered, String> {
    let mut gathered = Gathered::default();
    let Some((file, index)) = index(it) else { return Ok(gathered) };
    index.add(file, principal, it.name, &mut gathered)?;
    for group in index.groups.get(principal).into_iter().flatten() {
        let mut of_group = Gathered::default();
        index.add(file, group.as_ref().map_err(Clone::clone)?, it.name, &mut of_group)?;
        gathered.documents.append(&mut of_group.documents);
    }
    Ok(gathered)
}

impl Index {
    /// Adds what one principal holds, but for what the resource `without` says.
    fn add<'a>(
        &self,
        file: &'a Others<'a>,
        principal: &str,
        without: &str,
        gathered: &mut Gathered,
    ) -> Result<(), String> {
        if let Some(made) = file.get(principal).filter(|made| made.name != without) {
            own(&made, gathered)?;
        }
        let givers = self.givers.get(principal).map(Vec::as_slice).unwrap_or_default();
        for giver in givers.iter().filter(|giver| *giver != without).filter_map(|giver| file.get(giver)) {
            given(&giver, gathered)?;
        }
        Ok(())
    }
}

fn own(it: &PlannedResource<'_>, gathered: &mut Gathered) -> Result<(), String> {
    let Some((_, _, [inline, text, attached])) = PRINCIPALS.iter().find(|(kind, ..)| *kind == it.kind) else {
        return Ok(());
    };
    gathered.is_made = true;
    if !inline.is_empty() {
        for part in it.parts(inline).map_err(said)? {
            gathered.documents.extend(closed(&part, text)?);
        }
        attach(it, attached, gathered)?;
    }
    if let Some(arn) = it.text(it.called("PermissionsBoundary", "permissions_boundary")).map_err(said)? {
        let boundary = known::document(&arn).ok_or_else(|| super::planned::unread(&arn))?;
        gathered.boundary = Some(boundary.to_owned());
    }
    Ok(())
}

fn given(it: &PlannedResource<'_>, gathered: &mut Gathered) -> Result<(), String> {
    let Some(giver) = GIVERS.iter().find(|giver| giver.kind == it.kind) else { return Ok(()) };
    if let Some(inline) = giver.inline {
        gathered.documents.extend(closed(it, inline)?);
    }
    giver.attached.map_or(Ok(()), |attached| attach(it, attached, gathered))
}

/// A document that is known as a whole.
fn closed(it: &PlannedResource<'_>, path: &str) -> Result<Option<String>, String> {
    let text = document(it, path).map_err(said)?;
    text.map(|text| is_open(&text).map_or(Ok(text), Err)).transpose()
}

fn attach(it: &PlannedResource<'_>, list: &str, gathered: &mut Gathered) -> Result<(), String> {
    for part in it.parts(list).map_err(said)? {
        let policy = managed_policy(&part, "").map_err(said)?;
        gathered.documents.extend(policy.map(|policy| policy.matters()).transpose()?.flatten());
    }
    Ok(())
}

fn said(why: crate::engine::unreadable::Unreadable) -> String {
    why.to_string()
}
