//! What a condition says about who calls.
//!
//! What must hold: on an Allow, a condition only counts when a request without the key, or with a value that a
//! stranger can have, fails it. On a Deny it is the other way round: it only counts when every stranger meets it. A
//! key or operator that is not known to say something about the caller says nothing.
//!
//! Fixed values: "The meaning of public",
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>;
//! absent keys, <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
//! and <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>.

use super::arn::{Arn, is_open_ended, up_to_account};
use super::audience::{Audience, Outsider};
use super::condition::{Comparison, Condition, Operator, Quantifier};
use super::context::{Context, Kind};
use super::keys::Key;
use super::provider::Provider;
use super::words::clip;

/// Whom one condition leaves, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) audience: Audience,
    pub(crate) why: String,
}

impl Judged {
    fn open(why: impl Into<String>) -> Self {
        Self { audience: Audience::EVERYONE, why: why.into() }
    }
}

/// The conditions of one statement, judged one by one.
pub(crate) struct Judge<'a> {
    pub(crate) context: &'a Context,
    /// The identity provider that the grant is for, if it is for one.
    pub(crate) provider: Option<&'a Provider>,
}

impl Judge<'_> {
    /// Whom a condition of an Allow leaves. `all` are the conditions of the statement.
    pub(crate) fn allow(&self, condition: &Condition, all: &[Condition]) -> Judged {
        let Some(operator) = condition.operator else {
            return Judged::open("no operator of this name exists, so what it does is unknown");
        };
        if operator.negated {
            return Judged::open("a negated operator lets in everybody but the values");
        }
        if condition.values.is_empty() {
            return Judged::open("no value is named");
        }
        let is_present = all.iter().any(|other| other.key == condition.key && other.requires_presence())
            || self.provider.is_some_and(|provider| provider.is_always_present(&condition.key));
        if operator.if_exists && !is_present {
            return Judged::open("an operator with `IfExists` also holds when the request has no such key");
        }
        if operator.quantifier == Some(Quantifier::ForAllValues) && !is_present {
            return Judged::open("`ForAllValues` also holds when the request has no such key");
        }
        self.values(condition, operator, "true")
    }

    /// Whom a condition of a Deny spares, among all callers. Everyone, unless every stranger meets it.
    pub(crate) fn deny(&self, condition: &Condition) -> Judged {
        let Some(operator) = condition.operator else {
            return Judged::open("no operator of this name exists, so what it does is unknown");
        };
        if operator.comparison == Comparison::Bool {
            // `false` with IfExists holds for callers without credentials as well.
            return match operator {
                Operator { if_exists: true, quantifier: None, .. } => self.values(condition, operator, "false"),
                _ => Judged::open("does not hold for a request without the key"),
            };
        }
        if !operator.negated {
            return Judged::open("only holds for the callers that it names");
        }
        if operator.quantifier == Some(Quantifier::ForAnyValue) {
            return Judged::open("`ForAnyValue` does not hold for a request without the key");
        }
        if condition.values.is_empty() {
            return Judged::open("no value is named");
        }
        self.values(condition, operator, "true")
    }

    /// The callers whose request has one of the values.
    fn values(&self, condition: &Condition, operator: Operator, truth: &str) -> Judged {
        match operator.comparison {
            Comparison::Null => Judged::open("says that a key is there, not whose it is"),
            Comparison::Numeric | Comparison::Date | Comparison::Binary => Judged::open("says nothing about who calls"),
            Comparison::Bool => self.truth(condition, truth),
            Comparison::Ip => match Key::of(&condition.key) {
                Key::Address => self.addresses(condition),
                _ => Judged::open("networks are compared with a key that holds none"),
            },
            Comparison::StringEquals | Comparison::StringLike | Comparison::Arn => {
                self.texts(condition, operator.comparison)
            }
        }
    }

    fn truth(&self, condition: &Condition, truth: &str) -> Judged {
        let holds =
            !condition.values.is_empty() && condition.values.iter().all(|value| value.eq_ignore_ascii_case(truth));
        match condition.key.as_str() {
            "aws:principalisawsservice" if holds => {
                Judged { audience: Audience::INSIDE, why: "only services of AWS call themselves".to_owned() }
            }
            "elasticfilesystem:accessedviamounttarget" if holds => {
                Judged { audience: Audience::UNOWNED, why: "a mount target is inside a VPC".to_owned() }
            }
            _ => Judged::open("says nothing about who calls"),
        }
    }

    fn addresses(&self, condition: &Condition) -> Judged {
        let (audience, why) = self.context.addresses(&condition.values);
        let why = why.unwrap_or_else(|| "the networks are narrow".to_owned());
        Judged { audience, why }
    }

    fn texts(&self, condition: &Condition, comparison: Comparison) -> Judged {
        let wildcards = comparison != Comparison::StringEquals;
        if let Some(provider) = self.provider
            && let Some((audience, why)) = provider.claim(&condition.key, &condition.values, wildcards)
        {
            return Judged { audience, why };
        }
        let key = Key::of(&condition.key);
        match key {
            Key::Nothing(why) => return Judged::open(why),
            Key::Address => return self.addresses(condition),
            _ => {}
        }
        let mut audience = Audience::EMPTY;
        for value in &condition.values {
            match self.value(key, value, comparison, &condition.key) {
                Ok(one) => audience = audience.widen(one),
                Err(why) => return Judged::open(format!("`{}` {why}", clip(value))),
            }
        }
        let why = match audience.breadth {
            super::audience::Breadth::Unowned => "the values are fixed, but whose they are is unknown",
            super::audience::Breadth::Foreign => "the values are fixed, but not all are trusted",
            _ => "every value is the owner's or trusted",
        };
        Judged { audience, why: why.to_owned() }
    }

    /// Every principal that can have one value of a key, or why anybody can.
    fn value(&self, key: Key, value: &str, comparison: Comparison, name: &str) -> Result<Audience, &'static str> {
        if value.contains("${") {
            return Err("holds a policy variable, which AWS does not count as fixed");
        }
        let wild = value.contains(['*', '?']);
        match key {
            Key::Arn => return self.arn(value, comparison, name),
            Key::OrganizationPath => {
                return self.context.organization_path(value).ok_or("does not fix the organisation");
            }
            Key::UserId if wild && comparison == Comparison::StringLike => {
                // Read as the sessions of one role: the id before the colon is AWS's own and unique.
                let id = value.split(':').next().unwrap_or_default();
                let is_role = id.starts_with("ARO") && id.len() >= 16 && !is_open_ended(id);
                return if is_role { Ok(user_id(id)) } else { Err("does not fix the principal") };
            }
            _ if wild && comparison == Comparison::StringEquals => {
                return Err(
                    "holds a wildcard, which is literal under this operator and which AWS does not count as fixed",
                );
            }
            _ if wild => return Err("holds a wildcard"),
            _ => {}
        }
        let context = self.context;
        Ok(match key {
            Key::Account => context.account(value).unwrap_or_else(|| other(value)),
            Key::Organization => context.organization(value),
            Key::Vpc => context.vpc(value),
            Key::Endpoint => context.endpoint(value),
            Key::UserId => context.account(value).unwrap_or_else(|| user_id(value)),
            Key::Token => other(value),
            Key::Arn | Key::OrganizationPath | Key::Address | Key::Nothing(_) => Audience::EVERYONE,
        })
    }

    /// Every principal with an ARN like this: the account must be fixed, the name need not.
    fn arn(&self, value: &str, comparison: Comparison, name: &str) -> Result<Audience, &'static str> {
        let wild = is_open_ended(value);
        match comparison {
            Comparison::StringEquals if wild => {
                return Err(
                    "holds a wildcard, which is literal under this operator and which AWS does not count as fixed",
                );
            }
            // A wildcard of a string operator crosses the colons: `arn:aws:*:111122223333:*` also fits a resource
            // of another account that has this account in its name.
            Comparison::StringLike if is_open_ended(up_to_account(value)) => {
                return Err("has a wildcard before the account, and wildcards of strings run across colons");
            }
            _ => {}
        }
        let Some(arn) = Arn::read(value) else {
            return if wild { Err("does not fix the account") } else { Ok(other(value)) };
        };
        if name == "s3:dataaccesspointarn" && self.context.kind == Kind::AccessPoint && is_open_ended(arn.resource) {
            return Err("is a pattern for access points, in the policy of one");
        }
        if let Some(audience) = self.context.account(arn.account) {
            return Ok(audience);
        }
        if is_open_ended(arn.account) {
            return Err("does not fix the account");
        }
        if !arn.account.is_empty() {
            return Ok(other(value));
        }
        // A bucket: its name is unique, but does not show the account. Any account can make one that fits a pattern.
        let named = arn.resource.split('/').next().unwrap_or_default();
        if named.is_empty() || is_open_ended(named) || is_open_ended(arn.service) {
            Err("names no account, and a stranger can have a resource that fits")
        } else {
            Ok(Audience::UNOWNED)
        }
    }
}

fn other(value: &str) -> Audience {
    Audience::foreign(Outsider::Other(value.to_owned()))
}

fn user_id(id: &str) -> Audience {
    Audience::foreign(Outsider::UserId(id.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Judge;
    use crate::audience::{Audience, Breadth};
    use crate::condition;
    use crate::context::{Context, Kind};
    use crate::document::Problems;

    fn judge(kind: Kind, block: &Value, is_deny: bool) -> Breadth {
        let mut context = Context::resource("111122223333");
        context.kind = kind;
        context.organizations.push("o-own".to_owned());
        let conditions = condition::read(block, "Condition", &mut Problems::default());
        let judge = Judge { context: &context, provider: None };
        let judged = conditions.iter().map(|condition| {
            if is_deny { judge.deny(condition).audience } else { judge.allow(condition, &conditions).audience }
        });
        if is_deny {
            judged.fold(Audience::EMPTY, Audience::widen).breadth
        } else {
            judged.fold(Audience::EVERYONE, |left, one| left.narrow(&one)).breadth
        }
    }

    fn allow(block: Value) -> Breadth {
        judge(Kind::Resource, &block, false)
    }

    fn deny(block: Value) -> Breadth {
        judge(Kind::Resource, &block, true)
    }

    #[test]
    fn the_account_of_an_arn_must_be_fixed_and_nothing_else() {
        for (operator, value, breadth) in [
            ("ArnLike", "arn:aws:iam::111122223333:role/app-*", Breadth::Inside),
            ("ArnLike", "arn:aws:sns:*:111122223333:*", Breadth::Inside),
            ("ArnEquals", "arn:aws:iam::*:role/app", Breadth::Everyone),
            ("ArnLike", "arn:aws:iam::1111222233??:role/app", Breadth::Everyone),
            ("StringLike", "arn:aws:iam::111122223333:role/*", Breadth::Inside),
            ("StringLike", "arn:aws:*:*:111122223333:role/x", Breadth::Everyone),
            ("StringEquals", "arn:aws:iam::111122223333:role/*", Breadth::Everyone),
            ("StringEquals", "arn:aws:iam::999988887777:role/x", Breadth::Foreign),
            ("ArnLike", "arn:aws:s3:::bucket", Breadth::Unowned),
            ("ArnLike", "arn:aws:s3:::bucket*", Breadth::Everyone),
            ("ArnLike", "arn:aws:s3:::*", Breadth::Everyone),
            ("ArnLike", "*", Breadth::Everyone),
            ("ArnEquals", "arn:aws:iam::${aws:PrincipalAccount}:role/x", Breadth::Everyone),
        ] {
            let mut block = json!({});
            block[operator] = json!({ "aws:SourceArn": value });
            assert_eq!(allow(block), breadth, "{operator} {value}");
        }
    }

    #[test]
    fn absent_keys_make_an_operator_worthless_unless_presence_is_required() {
        assert_eq!(allow(json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-own"}})), Breadth::Everyone);
        assert_eq!(allow(json!({"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-own"}})), Breadth::Everyone);
        assert_eq!(allow(json!({"ForAnyValue:StringEquals": {"aws:PrincipalOrgID": "o-own"}})), Breadth::Inside);
        let required = json!({
            "StringEqualsIfExists": {"aws:PrincipalOrgID": "o-own"},
            "Null": {"AWS:principalorgid": "false"}
        });
        assert_eq!(allow(required), Breadth::Inside);
        assert_eq!(allow(json!({"Null": {"aws:PrincipalOrgID": "false"}})), Breadth::Everyone);
    }

    #[test]
    fn a_deny_spares_whom_its_negated_condition_names() {
        assert_eq!(deny(json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-own"}})), Breadth::Inside);
        assert_eq!(deny(json!({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-own"}})), Breadth::Inside);
        assert_eq!(deny(json!({"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": "o-own/*"}})), Breadth::Inside);
        assert_eq!(deny(json!({"ForAnyValue:StringNotLike": {"aws:PrincipalOrgPaths": "o-own/*"}})), Breadth::Everyone);
        assert_eq!(deny(json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}})), Breadth::Unowned);
        assert_eq!(deny(json!({"StringEquals": {"aws:PrincipalOrgID": "o-own"}})), Breadth::Everyone);
        assert_eq!(deny(json!({"Bool": {"aws:SecureTransport": "false"}})), Breadth::Everyone);
        assert_eq!(deny(json!({"NotIpAddress": {"aws:SourceIp": "0.0.0.0/0"}})), Breadth::Everyone);
    }

    #[test]
    fn two_conditions_of_a_deny_spare_more_than_one() {
        let both = json!({
            "StringNotEquals": {"aws:PrincipalOrgID": "o-own"},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}
        });
        assert_eq!(deny(both), Breadth::Inside);
        let weak = json!({
            "StringNotEquals": {"aws:PrincipalOrgID": "o-own"},
            "Bool": {"aws:SecureTransport": "false"}
        });
        assert_eq!(deny(weak), Breadth::Everyone);
        assert_eq!(deny(json!({"Bool": {"aws:PrincipalIsAWSService": "false"}})), Breadth::Everyone);
    }

    #[test]
    fn a_pattern_for_access_points_is_open_in_the_policy_of_one() {
        let block = json!({"StringLike": {"s3:DataAccessPointArn": "arn:aws:s3:us-west-2:111122223333:accesspoint/*"}});
        assert_eq!(judge(Kind::Resource, &block, false), Breadth::Inside);
        assert_eq!(judge(Kind::AccessPoint, &block, false), Breadth::Everyone);
    }

    #[test]
    fn ids_and_tokens() {
        assert_eq!(allow(json!({"StringLike": {"aws:userid": "AROAI1111111111111111:*"}})), Breadth::Foreign);
        assert_eq!(allow(json!({"StringLike": {"aws:userid": "*:name"}})), Breadth::Everyone);
        assert_eq!(allow(json!({"StringEquals": {"lambda:EventSourceToken": "amzn1.ask.skill.x"}})), Breadth::Foreign);
        assert_eq!(allow(json!({"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}})), Breadth::Everyone);
        assert_eq!(allow(json!({"Bool": {"aws:PrincipalIsAWSService": true}})), Breadth::Inside);
        assert_eq!(allow(json!({"StringEquals": {"sts:ExternalId": "x"}})), Breadth::Everyone);
    }
}
