//! The planned lens of principals: what they hold, as their own resources in templates and plans say it.

use super::policy_attachment::known;
use super::together::{beside, gather};
use crate::engine::guardrail::Terms;
use crate::engine::holder::{Beside, Holder, HolderKind};
use crate::engine::observed::Observed;
use crate::engine::planned::document::marked;
use crate::engine::planned::{PlannedForm, PlannedResource, is_unresolved, unresolved_reason};
use crate::engine::unreadable::Unreadable;
use iam_policy::managed;
use serde_json::Value;

/// Stands in ARNs for the account, which a resource does not say.
const ACCOUNT: &str = "${AWS::AccountId}";

/// The name of a principal that is known at deployment only.
const UNNAMED: &str = "(known at deployment only)";

/// An ARN of IAM in the account that it is deployed to.
pub(crate) fn arn(resource: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{resource}")
}

/// The same with the account that is asked about.
pub(crate) fn in_account(arn: &str, terms: &Terms<'_>) -> String {
    if terms.place.account.is_empty() { arn.to_owned() } else { arn.replace(ACCOUNT, &terms.place.account) }
}

/// A document as text, its open parts as the calls that will answer them; none where there is none.
///
/// # Errors
/// It is known at deployment only, or is no document.
pub(crate) fn document(it: &PlannedResource<'_>, path: &str) -> Result<Option<String>, Unreadable> {
    match it.get(path)? {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
        Some(Value::Object(document)) => Ok(Some(marked(document))),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_)) => {
            Err(format!("`{path}` is no document").into())
        }
    }
}

/// The path that IAM takes where none is given is the root.
pub(crate) fn path(it: &PlannedResource<'_>, property: &str) -> Observed<String> {
    match it.text(property) {
        Ok(path) => Observed::Known(path.unwrap_or_else(|| "/".to_owned())),
        Err(why) => Observed::Unknown { why: why.to_string() },
    }
}

/// The principal that a property names.
pub(crate) fn holder(it: &PlannedResource<'_>, kind: HolderKind, property: &str) -> Holder {
    let name = it.text(property).ok().flatten().unwrap_or_else(|| UNNAMED.to_owned());
    // SDKs and templates take the name; some write the ARN.
    let name = name.rsplit('/').next().unwrap_or(&name).to_owned();
    Holder { kind, name }
}

/// The principals that properties name, by one name or a list, and what each holds beside. A list that is known at deployment only names one at least.
pub(crate) fn each_holder(it: &PlannedResource<'_>, lists: &[(HolderKind, &str)]) -> Vec<(Holder, Observed<Beside>)> {
    let of = |(kind, list): &(HolderKind, &str)| match it.parts(list) {
        Ok(parts) => parts.iter().map(|part| (holder(part, *kind, ""), beside(it, part))).collect(),
        Err(_) => vec![(Holder { kind: *kind, name: UNNAMED.to_owned() }, elsewhere())],
    };
    lists.iter().flat_map(of).collect()
}

/// How a type of principal says what it holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Principal {
    pub(crate) kind: HolderKind,
    pub(crate) name: &'static str,
    pub(crate) path: &'static str,
    /// The inline policies, and the name and the document of each.
    pub(crate) inline: (&'static str, &'static str, &'static str),
    pub(crate) attached: &'static str,
    pub(crate) boundary: &'static str,
    pub(crate) trust: &'static str,
}

const CLOUDFORMATION: Principal = Principal {
    kind: HolderKind::Role,
    name: "RoleName",
    path: "Path",
    inline: ("Policies", "PolicyName", "PolicyDocument"),
    attached: "ManagedPolicyArns",
    boundary: "PermissionsBoundary",
    trust: "AssumeRolePolicyDocument",
};

/// `AWS::IAM::Role`
pub(crate) const ROLE: Principal = CLOUDFORMATION;
/// `AWS::IAM::User`
pub(crate) const USER: Principal = Principal { kind: HolderKind::User, name: "UserName", ..CLOUDFORMATION };
/// `AWS::IAM::Group`
pub(crate) const GROUP: Principal = Principal { kind: HolderKind::Group, name: "GroupName", ..CLOUDFORMATION };
/// `aws_iam_role`: users and groups of Terraform hold nothing by themselves.
pub(crate) const TERRAFORM_ROLE: Principal = Principal {
    kind: HolderKind::Role,
    name: "name",
    path: "path",
    inline: ("inline_policy", "name", "policy"),
    attached: "managed_policy_arns",
    boundary: "permissions_boundary",
    trust: "assume_role_policy",
};

/// What a principal holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Held {
    pub(crate) holder: Holder,
    pub(crate) path: Observed<String>,
    /// The inline policies: name and document.
    pub(crate) inline: Vec<(String, Result<String, Unreadable>)>,
    /// The managed policies.
    pub(crate) attached: Vec<Result<Managed, Unreadable>>,
    pub(crate) boundary: Result<Option<String>, Unreadable>,
    /// What other resources of the file put into it and attach to it.
    pub(crate) elsewhere: Result<Vec<String>, String>,
    /// Of a role.
    pub(crate) trust: Observed<String>,
}

impl Principal {
    /// What it holds; what is open stands among it.
    fn held(&self, it: &PlannedResource<'_>) -> Held {
        let (list, name, text) = self.inline;
        let inline = match it.parts(list) {
            Ok(parts) => {
                let each = parts.into_iter().filter_map(|part| {
                    let read = document(&part, text).transpose()?;
                    Some((part.text(name).ok().flatten().unwrap_or_else(|| UNNAMED.to_owned()), read))
                });
                each.collect()
            }
            Err(why) => vec![(UNNAMED.to_owned(), Err(why))],
        };
        let attached = match it.parts(self.attached) {
            Ok(parts) => parts.into_iter().filter_map(|part| managed_policy(&part, "").transpose()).collect(),
            Err(why) => vec![Err(why)],
        };
        let gathered = gather(it, it.name);
        Held {
            holder: Holder { kind: self.kind, name: it.named(&[self.name]) },
            path: path(it, self.path),
            inline,
            attached,
            boundary: it.text(self.boundary),
            elsewhere: gathered.map(|gathered| gathered.documents),
            trust: match document(it, self.trust).map(|text| text.map(|text| (is_open(&text), text))) {
                Ok(Some((None, text))) => Observed::Known(text),
                Ok(Some((Some(why), _))) => Observed::Unknown { why },
                Ok(None) => Observed::Absent,
                Err(why) => Observed::Unknown { why: why.to_string() },
            },
        }
    }
}

/// What is read of each policy that a principal holds.
pub(crate) trait OfHeld: Sized + 'static {
    /// The states.
    fn each(held: &Held) -> Vec<Result<Self, Unreadable>>;
}

/// The types of resources that make a principal with what it holds.
pub(crate) fn of_principals<S: OfHeld>() -> [PlannedForm<S>; 6] {
    fn of_serverless<S: OfHeld>(it: &PlannedResource<'_>, service: &str) -> Vec<Result<S, Unreadable>> {
        match serverless(it, service) {
            Ok(held) => held.map(|held| S::each(&held)).unwrap_or_default(),
            Err(why) => vec![Err(why)],
        }
    }
    [
        PlannedForm::each("AWS::IAM::Role", |it| S::each(&ROLE.held(it))),
        PlannedForm::each("AWS::IAM::User", |it| S::each(&USER.held(it))),
        PlannedForm::each("AWS::IAM::Group", |it| S::each(&GROUP.held(it))),
        PlannedForm::each("aws_iam_role", |it| S::each(&TERRAFORM_ROLE.held(it))),
        PlannedForm::each("AWS::Serverless::Function", |it| of_serverless(it, "lambda.amazonaws.com")),
        PlannedForm::each("AWS::Serverless::StateMachine", |it| of_serverless(it, "states.amazonaws.com")),
    ]
}

/// A policy of CloudFormation that names its holders: whose it is, the document, and what is beside it.
pub(crate) fn of_holders<S>(
    it: &PlannedResource<'_>,
    read: impl Fn(Holder, &str, Observed<Beside>) -> S,
) -> Vec<Result<S, Unreadable>> {
    const LISTS: &[(HolderKind, &str)] =
        &[(HolderKind::Group, "Groups"), (HolderKind::Role, "Roles"), (HolderKind::User, "Users")];
    match document(it, "PolicyDocument") {
        Ok(Some(text)) => {
            each_holder(it, LISTS).into_iter().map(|(holder, beside)| Ok(read(holder, &text, beside))).collect()
        }
        Ok(None) => Vec::new(),
        Err(why) => vec![Err(why)],
    }
}

/// `AWS::Serverless::Function` and `StateMachine`, for which SAM makes a role of these policies unless one is given
/// ("AWS::Serverless::Function", SAM developer guide). A policy template of SAM's grants what its name says on one resource.
///
/// # Errors
/// Whether there are policies is known at deployment only.
fn serverless(it: &PlannedResource<'_>, service: &str) -> Result<Option<Held>, Unreadable> {
    if let Some(role) = it.properties.get("Role").filter(|role| !role.is_null()) {
        // With a branch that is `AWS::NoValue`, which is not there any more, SAM may make a role.
        let is_there = role.get("Fn::If").and_then(Value::as_array).is_none_or(|parts| parts.len() > 2);
        return if is_there { Ok(None) } else { Err(unresolved_reason(role).unwrap_or_default().into()) };
    }
    let (mut inline, mut attached) = (Vec::new(), Vec::new());
    for (at, part) in it.parts("Policies")?.into_iter().enumerate() {
        match part.get("") {
            Ok(Some(Value::Object(document))) if document.contains_key("Statement") => {
                inline.push((format!("{}RolePolicy{at}", it.name), Ok(marked(document))));
            }
            Ok(Some(Value::String(name))) => attached.push(match managed_policy(&part, "") {
                Ok(Some(policy)) if policy.document.is_some() => Ok(policy),
                Ok(_) | Err(_) => Ok(Managed::of(policy_of_aws(name))),
            }),
            Ok(_) => {}
            Err(why) => attached.push(Err(why)),
        }
    }
    let trust = serde_json::json!({"Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}});
    Ok(Some(Held {
        holder: Holder { kind: HolderKind::Role, name: format!("{}Role", it.name) },
        path: Observed::Known("/".to_owned()),
        inline,
        attached,
        boundary: it.text("PermissionsBoundary"),
        elsewhere: Ok(Vec::new()),
        trust: Observed::Known(trust.to_string()),
    }))
}

/// SAM takes the names of AWS's own policies, too.
fn policy_of_aws(name: &str) -> String {
    if name.starts_with("arn:") {
        return name.to_owned();
    }
    let arns = ["", "service-role/", "job-function/"].map(|path| format!("arn:aws:iam::aws:policy/{path}{name}"));
    let is_known = |arn: &&String| known::document(arn).is_some() || managed::known(arn).is_some();
    arns.iter().find(is_known).unwrap_or(&arns[0]).clone()
}

/// Why a document is not known as a whole.
pub(crate) fn is_open(document: &str) -> Option<String> {
    let document = serde_json::from_str::<Value>(document).ok().filter(is_unresolved)?;
    unresolved_reason(&document)
}

impl Held {
    /// What it holds beside its inline policy at this place.
    pub(crate) fn beside_inline(&self, at: usize) -> Observed<Beside> {
        known_or_not(self.others(Some(at), None))
    }

    /// What it holds beside its managed policy at this place.
    pub(crate) fn beside_attached(&self, at: usize) -> Observed<Beside> {
        known_or_not(self.others(None, Some(at)))
    }

    fn others(&self, inline: Option<usize>, attached: Option<usize>) -> Result<Beside, String> {
        let mut documents = Vec::new();
        for (_, (_, document)) in self.inline.iter().enumerate().filter(|(at, _)| Some(*at) != inline) {
            let document = document.as_ref().map_err(ToString::to_string)?;
            is_open(document).map_or(Ok(()), Err)?;
            documents.push(document.clone());
        }
        for (_, policy) in self.attached.iter().enumerate().filter(|(at, _)| Some(*at) != attached) {
            documents.extend(policy.as_ref().map_err(ToString::to_string)?.matters()?);
        }
        documents.extend(self.elsewhere.clone()?);
        let boundary = match self.boundary.as_ref().map_err(ToString::to_string)? {
            None => None,
            Some(arn) => Some(known::document(arn).ok_or_else(|| unread(arn))?.to_owned()),
        };
        Ok(Beside { documents, boundary })
    }
}

fn known_or_not(read: Result<Beside, String>) -> Observed<Beside> {
    read.map_or_else(|why| Observed::Unknown { why }, Observed::Known)
}

/// A managed policy that is attached.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Managed {
    pub(crate) arn: String,
    /// What it says, where the file makes it or AWS publishes it.
    pub(crate) document: Option<String>,
}

impl Managed {
    /// One that the file does not make.
    pub(crate) fn of(arn: String) -> Self {
        let document = known::document(&arn).map(str::to_owned);
        Self { arn, document }
    }

    /// What it says that matters beside others; none where it is known that nothing in it does.
    pub(crate) fn matters(&self) -> Result<Option<String>, String> {
        if let Some(document) = &self.document {
            is_open(document).map_or(Ok(()), Err)?;
            return Ok(Some(document.clone()));
        }
        match managed::known(&self.arn) {
            Some(known) if !known.is_part_of_a_way && !known.is_part_of_admin && !known.denies => Ok(None),
            Some(_) | None => Err(unread(&self.arn)),
        }
    }
}

/// The managed policy that the value at a path names: one that the same file makes, or one by its ARN.
///
/// # Errors
/// It is known at deployment only.
pub(crate) fn managed_policy(it: &PlannedResource<'_>, path: &str) -> Result<Option<Managed>, Unreadable> {
    let of_file = it.made(path).and_then(|made| {
        let (text, name) = match made.kind {
            "AWS::IAM::ManagedPolicy" => ("PolicyDocument", "ManagedPolicyName"),
            "aws_iam_policy" => ("policy", "name"),
            _ => return None,
        };
        let arn = arn(&format!("policy/{}", made.named(&[name])));
        document(&made, text).ok().flatten().map(|document| Managed { arn, document: Some(document) })
    });
    match of_file {
        Some(made) => Ok(Some(made)),
        None => Ok(it.text(path)?.map(Managed::of)),
    }
}

/// Why what a managed policy says is not known.
pub(crate) fn unread(arn: &str) -> String {
    format!("what policy `{arn}` says is not part of the file")
}

/// What the holder of a policy has beside it, where the policy is a resource of its own.
pub(crate) fn elsewhere() -> Observed<Beside> {
    Observed::Unknown {
        why: "together with other policies of its holder it may grant more, and they are other resources".to_owned(),
    }
}
