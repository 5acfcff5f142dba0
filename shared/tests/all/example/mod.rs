//! The examples of docs/adding-a-guardrail.md: they are built, they close, it is undone, and the page shows these very files.

mod egress_open;
mod zone_signing;

use crate::world::setting::{Fake, living};
use crate::world::{Watch, World, now};
use egress_open::{EgressSettings, SecurityGroupEgressOpen};
use serde_json::{Value, json};
use shared::engine::event::Event;
use shared::engine::family::Family;
use shared::engine::finding::{Finding, Outcome};
use shared::engine::guardrail::{Guardrail, Terms};
use shared::engine::observed::{Observed, Place};
use shared::engine::own::Own;
use shared::engine::pipeline::{By, Kept, Rules, RunContext, handle, undo};
use shared::engine::plan::{Action, Effect, Plan};
use shared::engine::setting::Set;
use shared::engine::verdict::{Verdict, VerdictKind};
use shared::policy::{GuardrailPolicy, GuardrailSettings, Mode, Policy};
use shared::resources::ec2::security_group::state::{
    Direction, GroupAction, Rule, RuleSet, SecurityGroup, Source, Traffic,
};
use std::collections::BTreeMap;
use std::path::Path;
use zone_signing::{Zone, ZoneSigning};

living!(ZoneSigning);

impl Fake for ZoneSigning {
    fn put(zone: &mut Zone, is_signed: bool) {
        zone.is_signed = is_signed;
    }

    /// Like `GetDNSSEC`
    fn answer(value: &Value) -> Zone {
        let id = value["Id"].as_str().unwrap().to_owned();
        Zone { id, is_signed: value["Signed"] == true }
    }

    fn line(zone: &Zone) -> String {
        format!("{} signed {}", zone.id, zone.is_signed)
    }

    fn subject() -> String {
        "Z1234".to_owned()
    }

    fn is_of(zone: &Zone, id: &String) -> bool {
        zone.id == *id
    }
}

fn event(source: &str, name: &str, request: Value) -> Event {
    Event::from_record(&json!({
        "eventID": "e", "eventSource": source, "eventName": name, "eventTime": "2026-03-02T09:14:07Z",
        "awsRegion": "eu-west-1", "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ben", "accountId": "111122223333"},
        "requestParameters": request, "responseElements": null,
    }))
    .unwrap()
}

fn world(is_signed: bool) -> World<ZoneSigning> {
    World::new(Observed::Known(ZoneSigning::answer(&json!({"Id": "Z1234", "Signed": is_signed}))))
}

fn findings(world: &World<ZoneSigning>, event: &Event) -> Vec<Finding> {
    let rules = Rules { fallback: Mode::Enforce, ..Rules::default() };
    let context = RunContext { world, clock: &Watch::default(), memory: world, rules: &rules };
    now(handle(&ZoneSigning, context, event)).findings
}

const ROUTE_53: &str = "route53.amazonaws.com";

#[test]
fn what_it_closes_is_closed_by_the_first_call_and_can_be_taken_back() {
    let world = world(false);
    let found = findings(&world, &event(ROUTE_53, "DisableHostedZoneDNSSEC", json!({"hostedZoneId": "Z1234"})));
    let [finding] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((finding.verdict, finding.outcome), (VerdictKind::Violation, Outcome::Remediated));
    assert_eq!(world.calls(), ["sign Z1234"]);
    assert_eq!(world.calls_before_containment(), Some(1));
    assert_eq!(world.lines(), ["Z1234 signed true"]);

    let kept = Kept::of(finding).unwrap();
    let rules = Rules::default();
    let context = RunContext { world: &world, clock: &Watch::default(), memory: &world, rules: &rules };
    let undone = now(undo(&ZoneSigning, context, &kept, &By { who: "ana".to_owned(), force: false })).unwrap();
    assert_eq!(undone.outcome, Outcome::Undone);
    assert_eq!(world.lines(), ["Z1234 signed false"]);
}

#[test]
fn another_service_s_event_is_not_for_it_and_a_record_without_the_zone_cannot_tell() {
    assert!(findings(&world(false), &event("ec2.amazonaws.com", "DisableHostedZoneDNSSEC", json!({}))).is_empty());
    let found = findings(&world(false), &event(ROUTE_53, "DisableHostedZoneDNSSEC", json!({})));
    assert_eq!(found.iter().map(|finding| finding.verdict).collect::<Vec<_>>(), [VerdictKind::Undetermined]);
}

/// The ledger's form of an action, its effect and its permission follow from the description.
#[test]
fn what_follows_from_the_description() {
    let call = |value| Set::<ZoneSigning>::to("Z1234".to_owned(), value).unwrap();
    for (value, stored, effect) in [
        (true, json!({"enable": "Z1234"}), Effect::Restoring),
        (false, json!({"disable": "Z1234"}), Effect::Overwriting),
    ] {
        assert_eq!(serde_json::to_value(call(value)).unwrap(), stored);
        assert_eq!(serde_json::from_value::<Set<ZoneSigning>>(stored).unwrap(), call(value));
        assert_eq!(call(value).effect(), effect);
    }
    for unreadable in [json!("enable"), json!({"sign": "Z1234"}), json!({"enable": "1", "disable": "1"}), json!(null)] {
        assert!(serde_json::from_value::<Set<ZoneSigning>>(unreadable.clone()).is_err(), "{unreadable}");
    }
    assert_eq!(call(false).permission(), ZoneSigning.undoes()[0].action);
    assert_eq!(
        call(false).command("eu-west-1"),
        "aws route53 disable-hosted-zone-dnssec --hosted-zone-id Z1234 --region eu-west-1"
    );
    let hostile = Set::<ZoneSigning>::to("x; rm -rf /".to_owned(), true).unwrap();
    assert_eq!(hostile.command(""), "aws route53 enable-hosted-zone-dnssec --hosted-zone-id 'x; rm -rf /'");
}

/// The page shows these files, in this order.
const SHOWN: [(&str, usize); 2] = [("egress_open.rs", 100), ("zone_signing.rs", 80)];

#[test]
fn the_page_shows_the_examples_and_they_are_short() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("../docs/adding-a-guardrail.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (mut should, mut rest) = (String::new(), page.as_str());
    for (file, most) in SHOWN {
        let code = std::fs::read_to_string(root.join("tests/all/example").join(file)).unwrap();
        assert!(code.lines().count() <= most, "{file} has {} lines: at most {most}", code.lines().count());
        let (before, shown) = rest.split_once("```rust\n").unwrap();
        should += &format!("{before}```rust\n{code}```\n");
        rest = shown.split_once("```\n").unwrap().1;
    }
    should += rest;
    if std::env::var_os("PARAPET_UPDATE_DOCS").is_some() {
        std::fs::write(&path, &should).unwrap();
    }
    assert!(
        page == should,
        "docs/adding-a-guardrail.md: `PARAPET_UPDATE_DOCS=1 cargo test -p shared --test all example`"
    );
}

fn rule(direction: Direction, net: &str) -> Rule {
    let source = Source::Cidr(net.parse().unwrap());
    let tags = BTreeMap::new();
    Rule { id: None, direction, traffic: Traffic::All, source, description: None, tags, in_question: true }
}

fn place() -> Place {
    Place { partition: "aws".to_owned(), account: "111122223333".to_owned(), region: "eu-west-1".to_owned() }
}

fn group(rules: Vec<Rule>) -> SecurityGroup {
    SecurityGroup { id: "sg-1".to_owned(), name: Observed::Known("web".to_owned()), rules, is_whole: true, stack: None }
}

#[test]
fn another_guardrail_of_a_resource_finds_the_one_rule_and_revokes_nothing_else() {
    let (policy, place) = (Policy::default(), place());
    let terms = Terms { policy: &policy, place: &place, own: Own::default() };
    let open = rule(Direction::Egress, "0.0.0.0/0");
    let good = [rule(Direction::Egress, "10.0.0.0/8"), rule(Direction::Ingress, "0.0.0.0/0")];
    assert_eq!(SecurityGroupEgressOpen.judge(&group(good.to_vec()), &terms), Verdict::Compliant);

    let both = group([good.to_vec(), vec![open.clone()]].concat());
    let Verdict::Violation(violation) = SecurityGroupEgressOpen.judge(&both, &terms) else { panic!("it is open") };
    let plan = SecurityGroupEgressOpen.plan(&both, &violation, &terms);
    let set = RuleSet { group: "sg-1".to_owned(), direction: Direction::Egress, rules: vec![open] };
    assert_eq!(plan, Plan::one(GroupAction::Revoke(set.clone()), GroupAction::Authorize(set)));
}

/// The operator's word for it, and what `policy validate` would say of a list that is not what it seems.
#[test]
fn its_settings_are_read_and_warned_of_by_their_own_type() {
    let settings = EgressSettings { allowed_groups: vec!["sg-1".to_owned()] };
    let mut policy = Policy::default();
    let entry = GuardrailPolicy { settings: settings.clone(), ..GuardrailPolicy::default() };
    policy.guardrails.set(SecurityGroupEgressOpen.about(), entry);
    let place = place();
    let terms = Terms { policy: &policy, place: &place, own: Own::default() };
    let open = group(vec![rule(Direction::Egress, "::/0")]);
    assert_eq!(SecurityGroupEgressOpen.judge(&open, &terms), Verdict::Compliant);
    let lists = settings.lists();
    let [list] = lists.as_slice() else { panic!("{lists:?}") };
    assert_eq!((list.name, list.entries), ("allowed_groups", ["sg-1".to_owned()].as_slice()));
}
