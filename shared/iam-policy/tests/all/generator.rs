//! Policies and requests made up for the property tests, and the independent evaluator that answers them.
//!
//! Everything comes from a seed, so that a failure can be looked at again. Policies are built from the pieces that
//! real ones are built from; the requests take their values from the same stock, so that conditions are met often.
//!
//! Where the evaluator (`iam-rs`) differs from AWS, the generator stays out of the way:
//! - it compares `ArnEquals` byte by byte, so patterns only stand under `ArnLike`;
//! - it lets `*` of `ArnLike` run across colons, so an ARN that holds another account further back is only sent
//!   where strings are compared;
//! - it does not take `{"AWS": "*"}` for services, though AWS says that it is the same as `"*"`: no Deny says it;
//! - it takes an account in a Deny for its root user alone, AWS for everybody in it: no Deny names an account;
//! - it takes one kind of principal per statement, wants `Resource`, and reads names of keys as they are written.

use iam_policy::Context;
use iam_rs::{
    Arn, Context as Facts, ContextValue, Decision, IAMPolicy, IAMRequest, Principal, PrincipalId, evaluate_policy,
};
use serde_json::{Map, Value, json};

pub(crate) const OWNER: &str = "111122223333";
pub(crate) const TRUSTED: &str = "222233334444";
pub(crate) const PARTNER: &str = "999988887777";
/// One of them has the digits that the patterns ask for.
pub(crate) const STRANGERS: [&str; 2] = ["777766665555", "999955556666"];

/// SplitMix64: small, and good enough to pick from lists.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(limit).unwrap()).unwrap()
    }

    /// True in so many of a hundred.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.roll() % 100 < percent
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }

    fn some<'a>(&mut self, list: &[&'a str]) -> Vec<&'a str> {
        let count = 1 + self.below(2);
        (0..count).map(|_| self.pick(list)).collect()
    }
}

/// The zone of trust that every generated policy is judged in.
pub(crate) fn context() -> Context {
    let mut context = Context::resource(OWNER);
    context.accounts.push(TRUSTED.to_owned());
    context.organizations.push("o-own".to_owned());
    context.vpcs.push("vpc-own".to_owned());
    context.endpoints.push("vpce-own".to_owned());
    assert!(context.trust_network("203.0.113.0/24"));
    context
}

const ACTIONS: &[&str] = &["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "s3:GetBucketPolicy"];
const ACTION_PATTERNS: &[&str] =
    &["s3:GetObject", "s3:PutObject", "s3:Get*", "s3:*", "*", "S3:*object", "s3:ListBucket", "s3:?etObject"];
const RESOURCES: &[&str] =
    &["arn:aws:s3:::own-bucket", "arn:aws:s3:::own-bucket/a.txt", "arn:aws:s3:::own-bucket/public/b.txt"];
const RESOURCE_PATTERNS: &[&str] = &[
    "*",
    "arn:aws:s3:::own-bucket",
    "arn:aws:s3:::own-bucket/*",
    "arn:aws:s3:::own-bucket*",
    "arn:aws:s3:::own-bucket/public/*",
    "arn:aws:s3:::*",
];

/// A policy of one to four statements.
pub(crate) fn policy(dice: &mut Dice) -> Value {
    let count = 1 + dice.below(3) + dice.below(2);
    let mut statements: Vec<Value> = (0..count).map(|index| statement(dice, index)).collect();
    if !statements.iter().any(|statement| statement["Effect"] == "Allow") {
        statements[0]["Effect"] = json!("Allow");
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn statement(dice: &mut Dice, index: usize) -> Value {
    let is_deny = dice.chance(35);
    let mut members = Map::new();
    members.insert("Sid".to_owned(), json!(format!("S{index}")));
    members.insert("Effect".to_owned(), json!(if is_deny { "Deny" } else { "Allow" }));
    let (name, value) = principal(dice, is_deny);
    members.insert(name.to_owned(), value);
    let actions = list(dice, ACTION_PATTERNS);
    members.insert(if dice.chance(8) { "NotAction" } else { "Action" }.to_owned(), actions);
    let resources = list(dice, RESOURCE_PATTERNS);
    members.insert(if dice.chance(5) { "NotResource" } else { "Resource" }.to_owned(), resources);
    let mut block = Map::new();
    for _ in 0..[0, 1, 1, 1, 2, 3][dice.below(6)] {
        let (operator, key, values) = condition(dice, is_deny);
        let keys = block.entry(operator).or_insert_with(|| json!({}));
        keys[key] = values;
    }
    if !block.is_empty() {
        members.insert("Condition".to_owned(), Value::Object(block));
    }
    Value::Object(members)
}

fn list(dice: &mut Dice, from: &[&str]) -> Value {
    let mut chosen = dice.some(from);
    chosen.dedup();
    if chosen.len() == 1 && dice.chance(50) { json!(chosen[0]) } else { json!(chosen) }
}

fn principal(dice: &mut Dice, is_deny: bool) -> (&'static str, Value) {
    let root = format!("arn:aws:iam::{OWNER}:root");
    let role = format!("arn:aws:iam::{OWNER}:role/app");
    let partner = format!("arn:aws:iam::{PARTNER}:role/partner");
    if dice.chance(if is_deny { 10 } else { 4 }) {
        return ("NotPrincipal", json!({"AWS": [root, role]}));
    }
    let value = match dice.below(if is_deny { 6 } else { 14 }) {
        0..=2 => json!("*"),
        3 | 4 if is_deny => json!("*"),
        3 => json!({"AWS": "*"}),
        4 => json!({"AWS": ["*", role]}),
        5 if !is_deny => json!({"AWS": format!("arn:aws:iam::{PARTNER}:root")}),
        5 => json!({"AWS": partner}),
        6 => json!({"AWS": partner}),
        7 => json!({"AWS": [role, partner]}),
        8 => json!({"AWS": [root, role]}),
        9 => json!({"AWS": format!("arn:aws:iam::{TRUSTED}:role/reader")}),
        10 => json!({"Service": "sns.amazonaws.com"}),
        11 => json!({"Service": ["sns.amazonaws.com", "cloudtrail.amazonaws.com"]}),
        12 => json!({"AWS": "AROADBQP57FF2AEXAMPLE"}),
        _ => json!({"AWS": role}),
    };
    ("Principal", value)
}

const TEXTS: &[(&str, &[&str])] = &[
    ("aws:PrincipalOrgID", &["o-own", "o-partner", "o-own", "o-*", "*"]),
    ("aws:PrincipalAccount", &[OWNER, TRUSTED, PARTNER, "9999*", "*", OWNER]),
    ("aws:SourceAccount", &[OWNER, TRUSTED, PARTNER, "*"]),
    ("kms:CallerAccount", &[OWNER, PARTNER]),
    ("aws:SourceVpc", &["vpc-own", "vpc-partner", "vpc-*"]),
    ("aws:SourceVpce", &["vpce-own", "vpce-partner", "*"]),
    ("aws:userid", &["AROAOWNROLE000000001:*", "AROAPARTNER000000001:*", "*:session"]),
    ("aws:PrincipalTag/team", &["red", "blue", "*"]),
    ("aws:UserAgent", &["curl", "backup-*"]),
    ("sts:ExternalId", &["12345"]),
    ("s3:x-amz-acl", &["bucket-owner-full-control"]),
    ("aws:ResourceAccount", &[OWNER]),
    ("aws:RequestedRegion", &["eu-west-1", "eu-*"]),
    ("aws:PrincipalType", &["AssumedRole", "Anonymous"]),
];
const ARNS: &[(&str, &[&str])] = &[
    (
        "aws:PrincipalArn",
        &[
            "arn:aws:iam::111122223333:role/app",
            "arn:aws:iam::111122223333:role/*",
            "arn:aws:iam::*:role/app",
            "arn:aws:iam::999988887777:role/partner",
            "arn:aws:iam::9999*:role/*",
        ],
    ),
    (
        "aws:SourceArn",
        &[
            "arn:aws:sns:us-east-1:111122223333:own",
            "arn:aws:sns:*:111122223333:*",
            "arn:aws:sns:us-east-1:999988887777:partner",
            "arn:aws:sns:us-east-1:*:own",
            "arn:aws:s3:::own-bucket",
            "arn:aws:s3:::*",
            "*",
        ],
    ),
];
const NETWORKS: &[&str] = &[
    "203.0.113.0/24",
    "203.0.113.7",
    "54.0.0.0/8",
    "54.1.2.0/24",
    "10.0.0.0/8",
    "10.0.0.0/7",
    "0.0.0.0/0",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "::/0",
    "2001:db8::/32",
];

fn condition(dice: &mut Dice, is_deny: bool) -> (String, String, Value) {
    match dice.below(10) {
        0..=4 => {
            let (key, values) = TEXTS[dice.below(TEXTS.len())];
            let values = list(dice, values);
            let is_pattern = values.to_string().contains('*');
            let base = match (is_deny && dice.chance(70), is_pattern && dice.chance(85)) {
                (true, true) => "StringNotLike",
                (true, false) => dice.pick(&["StringNotEquals", "StringNotEqualsIgnoreCase"]),
                (false, true) => "StringLike",
                (false, false) => dice.pick(&["StringEquals", "StringEquals", "StringEqualsIgnoreCase"]),
            };
            (dress(dice, base, true), key.to_owned(), values)
        }
        5 | 6 => {
            let (key, values) = ARNS[dice.below(ARNS.len())];
            let values = list(dice, values);
            let is_pattern = values.to_string().contains('*');
            let base = match (is_deny && dice.chance(70), is_pattern) {
                (true, true) => dice.pick(&["ArnNotLike", "StringNotLike"]),
                (true, false) => dice.pick(&["ArnNotEquals", "StringNotEquals"]),
                (false, true) => dice.pick(&["ArnLike", "StringLike"]),
                (false, false) => dice.pick(&["ArnEquals", "StringEquals", "ArnLike"]),
            };
            (dress(dice, base, true), key.to_owned(), values)
        }
        7 => {
            let base = if is_deny && dice.chance(70) { "NotIpAddress" } else { "IpAddress" };
            (dress(dice, base, false), "aws:SourceIp".to_owned(), list(dice, NETWORKS))
        }
        8 => {
            let base = if is_deny { "ForAllValues:StringNotLike" } else { "ForAnyValue:StringLike" };
            let base = if dice.chance(20) { "ForAllValues:StringLike" } else { base };
            let paths = ["o-own/r-1/*", "o-own/*", "o-partner/r-2/ou-2/*", "o-*/r-1/*"];
            (base.to_owned(), "aws:PrincipalOrgPaths".to_owned(), list(dice, &paths))
        }
        _ => match dice.below(4) {
            0 => ("Bool".to_owned(), "aws:SecureTransport".to_owned(), json!(dice.chance(50))),
            1 => {
                let operator = dice.pick(&["Bool", "BoolIfExists"]);
                (operator.to_owned(), "aws:PrincipalIsAWSService".to_owned(), json!(!is_deny))
            }
            2 => {
                let key = dice.pick(&["aws:PrincipalOrgID", "aws:SourceVpce", "aws:PrincipalTag/team"]);
                ("Null".to_owned(), key.to_owned(), json!(dice.chance(50)))
            }
            _ => {
                let time = json!("2020-01-01T00:00:00Z");
                ("DateGreaterThan".to_owned(), "aws:CurrentTime".to_owned(), time)
            }
        },
    }
}

fn dress(dice: &mut Dice, base: &str, has_sets: bool) -> String {
    match dice.below(12) {
        0 | 1 => format!("{base}IfExists"),
        2 if has_sets => format!("ForAllValues:{base}"),
        3 if has_sets => format!("ForAnyValue:{base}"),
        _ => base.to_owned(),
    }
}

/// A request, with the facts that the evaluator looks at.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) principal: Principal,
    pub(crate) action: &'static str,
    pub(crate) resource: &'static str,
    pub(crate) facts: Vec<(&'static str, ContextValue)>,
    /// A principal that no generated policy names.
    pub(crate) is_stranger: bool,
    /// A service calls on behalf of an account.
    pub(crate) is_service: bool,
}

fn text(value: &str) -> ContextValue {
    ContextValue::String(value.to_owned())
}

/// A principal outside the zone of trust: another account, a caller without credentials, or a service that acts for
/// another account.
/// `has_arn_operators`: the policy compares ARNs.
pub(crate) fn outsider(dice: &mut Dice, has_arn_operators: bool) -> Request {
    let is_stranger = dice.chance(60);
    let (account, organization, network) = if is_stranger {
        (dice.pick(&STRANGERS), "o-stranger", dice.pick(&["8.8.8.8", "11.1.1.1", "190.1.1.1", "2a00:1450::1"]))
    } else {
        (PARTNER, "o-partner", dice.pick(&["54.1.2.3", "54.200.1.1", "2001:db8::9"]))
    };
    let name = if is_stranger { dice.pick(&["app", "anything"]) } else { "partner" };
    let arn = format!("arn:aws:iam::{account}:role/{name}");
    let is_service = dice.chance(20);
    let is_anonymous = !is_service && dice.chance(25);
    let mut facts = chosen(dice);
    facts.push(("aws:ResourceAccount", text(OWNER)));
    if dice.chance(80) || is_service {
        facts.push(("aws:SourceIp", text(network)));
    } else {
        let suffix = if is_stranger { "stranger" } else { "partner" };
        facts.push(("aws:SourceVpc", text(&format!("vpc-{suffix}"))));
        facts.push(("aws:SourceVpce", text(&format!("vpce-{suffix}"))));
    }
    if is_service {
        let source = match (dice.below(3), is_stranger) {
            (1, _) if !has_arn_operators => format!("arn:aws:sns:us-east-1:{account}:{OWNER}:own"),
            (0, true) => "arn:aws:s3:::stranger-bucket".to_owned(),
            (_, true) => format!("arn:aws:sns:us-east-1:{account}:{}", dice.pick(&["own", "other"])),
            (_, false) => format!("arn:aws:sns:us-east-1:{account}:partner"),
        };
        facts.push(("aws:SourceArn", text(&source)));
        facts.push(("aws:SourceAccount", text(account)));
        facts.push(("aws:PrincipalIsAWSService", ContextValue::Boolean(true)));
    } else if is_anonymous {
        facts.push(("aws:PrincipalType", text("Anonymous")));
    } else {
        facts.extend(identity(account, &arn, dice.chance(70).then_some(organization)));
        facts.push((
            "aws:userid",
            text(if is_stranger { "AROASTRANGER00000001:session" } else { "AROAPARTNER000000001:session" }),
        ));
        facts.push(("aws:PrincipalIsAWSService", ContextValue::Boolean(false)));
    }
    let principal = if is_service {
        Principal::Service(PrincipalId::String("sns.amazonaws.com".to_owned()))
    } else if is_anonymous {
        // The evaluator has no caller without credentials: one that no policy names, without any fact of its own.
        Principal::Aws(PrincipalId::String("arn:aws:iam::000000000000:user/anonymous".to_owned()))
    } else {
        let root = format!("arn:aws:iam::{account}:root");
        Principal::Aws(PrincipalId::String(if dice.chance(50) { root } else { arn }))
    };
    Request { principal, action: dice.pick(ACTIONS), resource: dice.pick(RESOURCES), facts, is_stranger, is_service }
}

/// The owner's own role, from the owner's organisation, network or VPC.
pub(crate) fn insider(dice: &mut Dice) -> Request {
    let arn = format!("arn:aws:iam::{OWNER}:role/app");
    let mut facts = chosen(dice);
    facts.push(("aws:ResourceAccount", text(OWNER)));
    facts.extend(identity(OWNER, &arn, Some("o-own")));
    facts.push(("aws:userid", text("AROAOWNROLE000000001:session")));
    facts.push(("aws:PrincipalIsAWSService", ContextValue::Boolean(false)));
    if dice.chance(50) {
        facts.push(("aws:SourceIp", text("203.0.113.7")));
    } else {
        facts.push(("aws:SourceVpc", text("vpc-own")));
        facts.push(("aws:SourceVpce", text("vpce-own")));
    }
    Request {
        principal: Principal::Aws(PrincipalId::String(arn)),
        action: dice.pick(ACTIONS),
        resource: dice.pick(RESOURCES),
        facts,
        is_stranger: false,
        is_service: false,
    }
}

/// What any caller can choose.
fn chosen(dice: &mut Dice) -> Vec<(&'static str, ContextValue)> {
    let mut facts = vec![
        ("aws:SecureTransport", ContextValue::Boolean(dice.chance(60))),
        ("aws:UserAgent", text(dice.pick(&["curl", "backup-1", "other"]))),
        ("aws:RequestedRegion", text(dice.pick(&["eu-west-1", "us-east-1"]))),
        ("aws:CurrentTime", text("2026-06-01T12:00:00Z")),
    ];
    if dice.chance(60) {
        facts.push(("sts:ExternalId", text(dice.pick(&["12345", "other"]))));
    }
    if dice.chance(60) {
        facts.push(("s3:x-amz-acl", text(dice.pick(&["bucket-owner-full-control", "private"]))));
    }
    if dice.chance(60) {
        facts.push(("aws:PrincipalTag/team", text(dice.pick(&["red", "blue", "green"]))));
    }
    facts
}

fn identity(account: &str, arn: &str, organization: Option<&str>) -> Vec<(&'static str, ContextValue)> {
    let mut facts = vec![
        ("aws:PrincipalAccount", text(account)),
        ("aws:PrincipalArn", text(arn)),
        ("aws:PrincipalType", text("AssumedRole")),
        ("kms:CallerAccount", text(account)),
    ];
    if let Some(id) = organization {
        let path = match id {
            "o-partner" => "o-partner/r-2/ou-2/".to_owned(),
            other => format!("{other}/r-1/ou-1/"),
        };
        facts.push(("aws:PrincipalOrgID", text(id)));
        facts.push(("aws:PrincipalOrgPaths", ContextValue::StringList(vec![path])));
    }
    facts
}

/// The independent evaluator, with a policy that it could read.
pub(crate) struct Evaluator(IAMPolicy);

impl Evaluator {
    pub(crate) fn new(policy: &Value) -> Result<Self, String> {
        IAMPolicy::from_json(&policy.to_string()).map(Self).map_err(|error| error.to_string())
    }

    /// Whether a token with this subject opens the role.
    pub(crate) fn assumes(&self, provider: &str, key: &str, subject: &str) -> Option<bool> {
        let mut facts = Facts::new();
        facts.insert(key.to_owned(), text(subject));
        let role = Arn::parse("arn:aws:iam::111122223333:role/deploy").expect("a role");
        let principal = Principal::Federated(PrincipalId::String(provider.to_owned()));
        let asked = IAMRequest::new_with_context(principal, "sts:AssumeRoleWithWebIdentity", role, facts);
        evaluate_policy(&self.0, &asked).ok().map(|decision| decision == Decision::Allow)
    }

    /// `None` when it has no answer.
    pub(crate) fn allows(&self, request: &Request) -> Option<bool> {
        let mut facts = Facts::new();
        for (key, value) in &request.facts {
            facts.insert((*key).to_owned(), value.clone());
        }
        let resource = Arn::parse(request.resource).expect("a resource");
        let asked = IAMRequest::new_with_context(request.principal.clone(), request.action, resource, facts);
        evaluate_policy(&self.0, &asked).ok().map(|decision| decision == Decision::Allow)
    }
}
