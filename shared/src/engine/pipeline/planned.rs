//! A state alone, without an event: what a template would create, or what an API says is there, by the same judges.

use super::Rules;
use super::evaluation::step_record;
use crate::engine::family::Family;
use crate::engine::finding::StepRecord;
use crate::engine::guardrail::{About, Terms};
use crate::engine::observed::Place;
use crate::engine::planned::PlannedResource;
use crate::engine::verdict::{Severity, Verdict};
use crate::policy::{Mode, Subject};
use jiff::Timestamp;

/// What one guardrail says of one planned resource.
#[derive(Clone, Debug)]
pub struct PlannedAnswer {
    /// The guardrail.
    pub about: &'static About,
    /// Its answer.
    pub verdict: Verdict,
    /// How bad, as policy says.
    pub severity: Severity,
    /// Why it may be all the same, until when and who says so.
    pub exemption: Option<String>,
    /// What would close a violation, and take that back.
    pub steps: Vec<StepRecord>,
}

/// Where and when a plan is judged.
#[derive(Clone, Copy, Debug)]
pub struct PlannedIn<'a> {
    /// The resource as the plan names it; exemptions are held against this.
    pub resource: &'a str,
    /// The account that it is for, where that is known.
    pub account: Option<&'a str>,
    /// Decides which exemptions still hold.
    pub now: Timestamp,
}

/// What of a plan is known at deployment only.
#[derive(Debug)]
pub struct Unread<'a, S> {
    /// For a person.
    pub why: &'a str,
    /// The state with each of the widest values in the open places, where there are such: who complies with all of them
    /// complies whatever will be deployed. Empty where the open places cannot be filled.
    pub widest: &'a [S],
}

/// What the guardrails of the family say of a resource of a file: of each state that it would make, and undetermined of what is known at deployment only.
#[must_use]
pub fn judge_resource<F: Family>(
    family: &F,
    resource: &PlannedResource<'_>,
    place: PlannedIn<'_>,
    rules: &Rules,
) -> Vec<PlannedAnswer> {
    let mut answers = Vec::new();
    for form in family.forms().iter().filter(|form| form.kind == resource.kind) {
        for state in form.states(resource) {
            let said = match state {
                Ok((state, open)) => {
                    let unread = open.as_ref().map(|open| Unread { why: &open.why, widest: &open.widest });
                    judge_planned(family, &state, unread, place, rules)
                }
                Err(why) => unread(family, &why.to_string(), place, rules),
            };
            answers.extend(said.into_iter().filter(|answer| form.is_about(answer.about.name)));
        }
    }
    answers
}

fn unread<F: Family>(family: &F, why: &str, place: PlannedIn<'_>, rules: &Rules) -> Vec<PlannedAnswer> {
    let account = place.account.unwrap_or_default();
    let abouts = family.guardrails().iter().map(|guardrail| guardrail.about());
    let on = abouts.filter(|about| rules.policy.mode(about, account, rules.fallback) != Mode::Off);
    on.map(|about| PlannedAnswer {
        about,
        verdict: Verdict::Undetermined { why: why.to_owned() },
        severity: rules.policy.severity(about, about.severity),
        exemption: None,
        steps: Vec::new(),
    })
    .collect()
}

/// Every guardrail of the family that is not off, about what is known of the resource. `unread` is what cannot: a
/// violation stands all the same, compliance becomes undetermined unless nothing could end it.
#[must_use]
pub fn judge_planned<F: Family>(
    family: &F,
    state: &F::State,
    unread: Option<Unread<'_, F::State>>,
    place: PlannedIn<'_>,
    rules: &Rules,
) -> Vec<PlannedAnswer> {
    let account = place.account.unwrap_or_default();
    let policy = &rules.policy;
    let nowhere = Place { partition: "aws".to_owned(), account: account.to_owned(), region: String::new() };
    let terms = Terms { policy, place: &nowhere, own: rules.own() };
    let on = family.guardrails().iter().filter(|guardrail| {
        let mode = policy.mode(guardrail.about(), account, rules.fallback);
        mode != Mode::Off
    });
    on.map(|guardrail| {
        let about = guardrail.about();
        let judge = |state: &F::State| guardrail.judge(state, &terms);
        let verdict = match (judge(state), &unread, policy.guardrails.callers(about.name)) {
            (Verdict::Compliant, Some(Unread { why, widest }), _) => {
                let complies = !widest.is_empty() && widest.iter().all(|state| judge(state) == Verdict::Compliant);
                if complies { Verdict::Compliant } else { Verdict::Undetermined { why: (*why).to_owned() } }
            }
            // Who deploys a template or a plan is not known.
            (Verdict::Violation(violation), _, Some(list)) => {
                let why = violation.evidence.into_iter().next().map(|evidence| evidence.why).unwrap_or_default();
                let why = format!("whether the principal that deploys it is among `{list}` is not known: {why}");
                Verdict::Undetermined { why }
            }
            (verdict, _, _) => verdict,
        };
        let steps = match &verdict {
            Verdict::Violation(violation) => {
                guardrail.plan(state, violation, &terms).steps.iter().map(|step| step_record(step, "")).collect()
            }
            Verdict::Compliant | Verdict::Undetermined { .. } => Vec::new(),
        };
        let found = match &verdict {
            Verdict::Violation(violation) => violation.severity,
            Verdict::Compliant | Verdict::Undetermined { .. } => about.severity,
        };
        let subject = Subject { guardrail: about.name, resource: place.resource, account, actor: None, role: None };
        let covering = policy.exemptions.iter().find(|exemption| exemption.covers(subject, place.now));
        PlannedAnswer {
            about,
            verdict,
            severity: policy.severity(about, found),
            exemption: covering.map(crate::policy::Exemption::sentence),
            steps,
        }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::observed::Observed;
    use crate::policy::Policy;
    use crate::resources::ec2::security_group::state::SecurityGroup;
    use crate::resources::ec2::security_group::{SecurityGroups, planned};
    use serde_json::json;

    fn answers(policy: &str, cidr: &str, unread: Option<&str>) -> Vec<(&'static str, &'static str, bool)> {
        answers_at_widest(policy, cidr, unread, false)
    }

    fn answers_at_widest(
        policy: &str,
        cidr: &str,
        unread: Option<&str>,
        widest: bool,
    ) -> Vec<(&'static str, &'static str, bool)> {
        let rule = json!({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": cidr});
        let properties = json!({"SecurityGroupIngress": [rule]});
        let group = planned("Web", "AWS::EC2::SecurityGroup", &properties).unwrap().unwrap();
        let rules = Rules { policy: Policy::parse(policy).unwrap(), ..Rules::default() };
        let place = PlannedIn { resource: "Web", account: None, now: Timestamp::UNIX_EPOCH };
        let widest = widest.then(|| SecurityGroup { name: Observed::Known("default".to_owned()), ..group.clone() });
        let widest: Vec<SecurityGroup> = widest.into_iter().collect();
        let unread = unread.map(|why| Unread { why, widest: &widest });
        let answers = judge_planned(&SecurityGroups, &group, unread, place, &rules);
        answers.into_iter().map(|one| (one.about.name, one.verdict.kind().word(), one.exemption.is_some())).collect()
    }

    #[test]
    fn the_same_judges_say_the_same_of_a_plan() {
        let open = answers("version: 1\n", "0.0.0.0/0", None);
        assert!(open.contains(&("security-group-admin-port-open", "violation", false)), "{open:?}");
        assert!(answers("version: 1\n", "10.0.0.0/8", None).iter().all(|(_, word, _)| *word == "compliant"));
    }

    #[test]
    fn what_cannot_be_read_outweighs_compliance_and_not_a_violation() {
        let open = answers("version: 1\n", "0.0.0.0/0", Some("a reference"));
        assert!(open.contains(&("security-group-admin-port-open", "violation", false)), "{open:?}");
        let closed = answers("version: 1\n", "10.0.0.0/8", Some("a reference"));
        assert!(closed.iter().all(|(_, word, _)| *word == "undetermined"), "{closed:?}");
    }

    #[test]
    fn what_complies_at_its_widest_complies() {
        let answers = answers_at_widest("version: 1\n", "10.0.0.0/8", Some("a reference"), true);
        for (name, word, _) in answers {
            let expected = if name == "security-group-default-has-rules" { "undetermined" } else { "compliant" };
            assert_eq!(word, expected, "{name}");
        }
    }

    #[test]
    fn policy_switches_off_and_exempts() {
        let off =
            answers("version: 1\nguardrails: { security-group-admin-port-open: { mode: off } }\n", "0.0.0.0/0", None);
        assert!(!off.iter().any(|(name, _, _)| *name == "security-group-admin-port-open"));
        let policy = "version: 1\nexemptions:\n  - { guardrail: security-group-admin-port-open, resource: We?, reason: r, \
            owner: o, expires: 2030-01-01 }\n";
        assert!(answers(policy, "0.0.0.0/0", None).contains(&("security-group-admin-port-open", "violation", true)));
    }
}
