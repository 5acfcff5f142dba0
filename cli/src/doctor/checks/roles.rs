//! Roles: who may assume them, and that they hold what the template says, no less and no more.

use crate::doctor::answers::Answers;
use crate::doctor::calls::{self, Call};
use crate::doctor::deployed::{Deployed, Part};
use crate::doctor::documents::{Grants, compare, grants, wanted};
use crate::doctor::line::{Check, DEPLOY, Line, some};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use shared::engine::count::counted;
use std::collections::BTreeSet;

const ROLE: &str = "AWS::IAM::Role";
const POLICY: &str = "AWS::IAM::ManagedPolicy";
/// An inline policy of a role, as a part of its own.
const INLINE: &str = "AWS::IAM::RolePolicy";

/// The calls of a role: the role, its inline policies' names, its managed policies.
fn of_role(region: &str, role: &str) -> [Call; 3] {
    [
        calls::get_role(region, role),
        calls::list_role_policies(region, role),
        calls::list_attached_role_policies(region, role),
    ]
    .map(|call| call.at_iam(region))
}

/// What is asked.
#[must_use]
pub fn asks(deployed: &Deployed) -> Vec<Call> {
    let region = &deployed.place.region;
    let roles = deployed.of(ROLE).flat_map(|(_, name, _)| of_role(region, name));
    roles.chain(deployed.of(POLICY).map(|(_, arn, _)| calls::get_managed_policy(region, arn).at_iam(region))).collect()
}

/// What is asked of the policies that were found.
#[must_use]
pub fn more(deployed: &Deployed, answers: &Answers) -> Vec<Call> {
    let region = &deployed.place.region;
    let inline = deployed.of(ROLE).flat_map(|(_, role, _)| {
        names(answers, region, role).into_iter().map(|name| calls::get_role_policy(region, role, &name).at_iam(region))
    });
    let managed = deployed.of(POLICY).filter_map(|(_, arn, _)| version(answers, region, arn));
    inline.chain(managed).collect()
}

fn names(answers: &Answers, region: &str, role: &str) -> Vec<String> {
    let [_, listed, _] = of_role(region, role);
    let listed = answers.of(&listed).known().map(|answer| answer.list("PolicyNames").to_vec()).unwrap_or_default();
    listed.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The call for the version of a managed policy that is in force.
fn version(answers: &Answers, region: &str, arn: &str) -> Option<Call> {
    let call = calls::get_managed_policy(region, arn).at_iam(region);
    let version = answers.of(&call).known()?.at(&["Policy", "DefaultVersionId"])?.as_str()?.to_owned();
    Some(calls::get_policy_version(region, arn, &version).at_iam(region))
}

/// IAM writes documents as parts of an address.
fn document(value: Option<&Value>) -> Result<Grants, String> {
    let text = value.and_then(Value::as_str).ok_or("the answer shows no policy document")?;
    let decoded = percent_decode_str(text).decode_utf8().map_err(|error| format!("the policy is no text: {error}"))?;
    grants(&Value::String(decoded.into_owned()))
}

/// Its lines.
#[must_use]
pub fn judge(deployed: &Deployed, answers: &Answers) -> Vec<Line> {
    let region = &deployed.place.region;
    let mut check = Check::new("roles", region);
    let (mut roles, mut policies) = (0, 0);
    for (id, name, part) in deployed.of(ROLE) {
        roles += 1;
        let [get, list, attached] = of_role(region, name);
        let Some(found) = check.need(answers, &get, name) else { continue };
        let role = found.at(&["Role"]);
        compare(
            &mut check,
            name,
            "its trust policy",
            wanted(&part.properties["AssumeRolePolicyDocument"]),
            document(role.and_then(|role| role.get("AssumeRolePolicyDocument"))),
        );
        let boundary = role.and_then(|role| role["PermissionsBoundary"]["PermissionsBoundaryArn"].as_str());
        let should = &part.properties["PermissionsBoundary"];
        if check.is_resolved(name, "its permissions boundary", should) && boundary != should.as_str() {
            check.fault(name, format!("its permissions boundary is {}", boundary.unwrap_or("missing")), DEPLOY);
        }
        if check.need(answers, &list, name).is_some() {
            inline(&mut check, deployed, answers, (id, name, part));
        }
        if let Some(found) = check.need(answers, &attached, name) {
            managed(&mut check, name, part, &found.texts("AttachedPolicies", "PolicyArn"));
        }
    }
    for (_, arn, part) in deployed.of(POLICY) {
        policies += 1;
        let Some(_) = check.need(answers, &calls::get_managed_policy(region, arn).at_iam(region), arn) else {
            continue;
        };
        let Some(call) = version(answers, region, arn) else {
            check.unknown(arn, "the answer does not show which version is in force");
            continue;
        };
        if let Some(found) = check.need(answers, &call, arn) {
            compare(
                &mut check,
                arn,
                "it",
                wanted(&part.properties["PolicyDocument"]),
                document(found.at(&["PolicyVersion", "Document"])),
            );
        }
    }
    let says = format!(" and {} hold exactly what the template says", counted(policies, "managed policy"));
    check.or_all_well(&deployed.stack, (roles, "role"), &says)
}

/// All inline policies together: in which of them a permission stands says nothing.
fn inline(check: &mut Check, deployed: &Deployed, answers: &Answers, (id, name, part): (&str, &str, &Part)) {
    let region = &deployed.place.region;
    let own = part.properties["Policies"].as_array().into_iter().flatten();
    let beside = deployed
        .of(INLINE)
        .filter(|(_, _, part)| part.properties["RoleName"] == name)
        .map(|(_, _, part)| &part.properties);
    let mut expected = Ok(Grants::new());
    for policy in own.chain(beside) {
        expected = expected.and_then(|mut all: Grants| {
            all.extend(wanted(&policy["PolicyDocument"]).map_err(|why| format!("`{id}`: {why}"))?);
            Ok(all)
        });
    }
    let mut found = Ok(Grants::new());
    for policy in names(answers, region, name) {
        let call = calls::get_role_policy(region, name, &policy).at_iam(region);
        let Some(answer) = check.need(answers, &call, name) else { return };
        found = found.and_then(|mut all: Grants| {
            all.extend(document(answer.body.get("PolicyDocument"))?);
            Ok(all)
        });
    }
    compare(check, name, "its inline policy", expected, found);
}

fn managed(check: &mut Check, name: &str, part: &Part, attached: &[String]) {
    let wanted = &part.properties["ManagedPolicyArns"];
    if !check.is_resolved(name, "its managed policies", wanted) {
        return;
    }
    let wanted: BTreeSet<&str> = wanted.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let attached: BTreeSet<&str> = attached.iter().map(String::as_str).collect();
    let shown = |arns: Vec<&&str>| some(&arns.into_iter().map(|arn| format!("`{arn}`")).collect::<Vec<_>>());
    let (missing, more) =
        (wanted.difference(&attached).collect::<Vec<_>>(), attached.difference(&wanted).collect::<Vec<_>>());
    if !missing.is_empty() {
        check.fault(name, format!("it lacks the managed policies {}", shown(missing)), DEPLOY);
    }
    if !more.is_empty() {
        check.fault(name, format!("it has managed policies that the template does not have: {}", shown(more)), DEPLOY);
    }
}

#[cfg(test)]
mod tests;
