//! The hub: what happens in a member, in whichever of its regions, is closed there and nowhere else, by a role that may do
//! nothing but that; and no event makes the hub act in another account than the one that it comes from.
//!
//! The local AWS has three accounts here and enforces IAM in all of them: each role holds its template's actions.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::aws::{Clients, Keys};
use tests::bus::Members;
use tests::host::{Answer, Host, Settings};
use tests::http::Message;
use tests::lab::{Lab, authorize, on_port};
use tests::moto::{ACCOUNT, REGION};
use tests::proxy::Fault;
use tests::records::{self, Caller};
use tests::roles;
use tests::view::View;
use tests::world::World;
use tokio::sync::OnceCell;

static WORLD: World = World::new();

const FAMILY: &str = "security-group";
const ROLE: &str = "parapet-member-security-group";
const ADMIN_PORT: &str = "security-group-admin-port-open";
/// A member as template-spoke.yaml makes it.
const MEMBER: &str = "111122223333";
/// One whose role was cut down afterwards.
const CUT: &str = "222233334444";
const FAR: &str = "eu-west-1";

/// The administrators: of the hub, and of each member.
struct Admins {
    hub: Keys,
    members: BTreeMap<&'static str, Keys>,
}

/// Made before anything is enforced: from then on no principal without permission does anything.
async fn admins() -> &'static Admins {
    static ADMINS: OnceCell<Admins> = OnceCell::const_new();
    let make = || async {
        let lab = WORLD.lab("setup").await.unwrap();
        let all = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
        let iam = &lab.clients.iam;
        iam.create_user().user_name("admin").send().await.unwrap();
        let call = iam.put_user_policy().user_name("admin").policy_name("all").policy_document(all.to_string());
        call.send().await.unwrap();
        let key = iam.create_access_key().user_name("admin").send().await.unwrap().access_key.unwrap();
        let hub = Keys { id: key.access_key_id, secret: key.secret_access_key, token: None };

        let mut members = BTreeMap::new();
        for account in [MEMBER, CUT] {
            let keys = roles::session(&lab.clients, &format!("arn:aws:iam::{account}:role/admin")).await.unwrap();
            let clients = Clients::new(&WORLD.moto().await.unwrap().url(), &keys).await;
            roles::make(&clients, "admin", all["Statement"].as_array().unwrap()).await.unwrap();
            let mut statements = roles::on_everything(&roles::in_member(FAMILY, account).unwrap());
            if account == CUT {
                statements = roles::without(&statements, "ec2:RevokeSecurityGroupIngress");
            }
            assert_eq!(
                roles::make(&clients, ROLE, &statements).await.unwrap(),
                format!("arn:aws:iam::{account}:role/{ROLE}")
            );
            members.insert(account, keys);
        }
        WORLD.moto().await.unwrap().enforce_iam(true).await.unwrap();
        Admins { hub, members }
    };
    ADMINS.get_or_init(make).await
}

/// A hub with a function, and a way to its members.
struct Hub {
    lab: Lab,
    function: Host,
}

impl Hub {
    async fn new(name: &str) -> Self {
        let lab = WORLD.lab_of(name, &admins().await.hub).await.unwrap();
        let mut statements = roles::statements(FAMILY, &lab.channel.topic).unwrap();
        statements.extend(roles::into_members(FAMILY).unwrap());
        // moto knows no conditions on organisations, and asks for every action about `*`.
        let mut statements = roles::on_everything(&statements);
        for statement in &mut statements {
            statement.as_object_mut().unwrap().remove("Condition");
        }
        let (arn, keys) = roles::assume(&lab.clients, &format!("parapet-{name}"), &statements).await.unwrap();
        let more = BTreeMap::from([("PARAPET_ROLE_NAME", ROLE.to_owned())]);
        let settings = Settings { keys, own_role: Some(arn), more, ..lab.settings() };
        let function = Host::start(FAMILY, &settings).await.unwrap();
        Self { lab, function }
    }

    /// The people of a member.
    async fn member(account: &str, region: &str) -> Clients {
        Clients::in_region(&WORLD.moto().await.unwrap().url(), &admins().await.members[account], region).await
    }

    async fn notified(&self) -> Vec<String> {
        let heard = self.lab.channel.hear().await.unwrap();
        heard.iter().map(|message| message["Message"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

/// A group with HTTPS for everybody, open for SSH: whose it is, how it can be looked at, the event of it.
struct Opened {
    clients: Clients,
    view: View,
    closed: Vec<String>,
    open: Vec<String>,
    event: Value,
}

async fn opened(clients: Clients, name: &str, account: &str, region: &str) -> Opened {
    let vpc = clients.ec2.create_vpc().cidr_block("10.9.0.0/16").send().await.unwrap().vpc.unwrap().vpc_id.unwrap();
    let call = clients.ec2.create_security_group().group_name(name).description("of a test").vpc_id(vpc);
    let group = call.send().await.unwrap().group_id.unwrap();
    authorize(&clients, &group, &[on_port(443, "0.0.0.0/0", "public web site")]).await.unwrap();
    let view = View::Group(group.clone());
    let closed = view.lines(&clients).await.unwrap();
    let asked = [on_port(22, "0.0.0.0/0", "")];
    let made = authorize(&clients, &group, &asked).await.unwrap();
    let event = records::authorized(&Caller::user("ben"), &group, &asked, &made);
    let event = records::elsewhere(&event, account, region).unwrap();
    let open = view.lines(&clients).await.unwrap();
    assert_ne!(open, closed);
    Opened { clients, view, closed, open, event }
}

impl Opened {
    async fn lines(&self) -> Vec<String> {
        self.view.lines(&self.clients).await.unwrap()
    }
}

#[tokio::test]
async fn a_hole_in_a_member_is_closed_there_and_nowhere_else() {
    let mut hub = Hub::new("hub-there").await;
    let own = opened(hub.lab.clients.clone(), "same", ACCOUNT, REGION).await;
    let near = opened(Hub::member(MEMBER, REGION).await, "same", MEMBER, REGION).await;
    let far = opened(Hub::member(MEMBER, FAR).await, "same", MEMBER, FAR).await;

    let members = Members::new(MEMBER).unwrap();
    assert!(members.is_forwarded(&far.event));
    assert_eq!(members.targets(&far.event), [FAMILY]);
    let _ = hub.lab.proxy.take_actions();
    let answer = hub.function.send(&far.event).await.unwrap();
    assert_eq!(answer.result(ADMIN_PORT).unwrap(), "remediated", "{answer:?}; {:#?}", hub.function.log());
    assert_eq!(hub.lab.proxy.take_actions()[..2], ["AssumeRole", "RevokeSecurityGroupIngress"]);
    assert_eq!(far.lines().await, far.closed);
    assert_eq!(near.lines().await, near.open, "the same account's other region");
    assert_eq!(own.lines().await, own.open, "the hub's own account");
    let resource = answer.outcome(ADMIN_PORT).unwrap()["resource"].as_str().unwrap().to_owned();
    assert!(resource.starts_with(&format!("arn:aws:ec2:{FAR}:{MEMBER}:security-group/")), "{resource}");
    let notified = hub.notified().await;
    assert!(notified.len() == 1 && notified[0].contains(&resource), "{notified:#?}");

    // The session is kept: the next event's first call is the closing one, in another region as well.
    let answer = hub.function.send(&near.event).await.unwrap();
    assert_eq!(answer.result(ADMIN_PORT).unwrap(), "remediated");
    assert_eq!(hub.lab.proxy.take_actions()[0], "RevokeSecurityGroupIngress");
    assert_eq!((near.lines().await, own.lines().await), (near.closed, own.open));
}

#[tokio::test]
async fn the_hubs_own_account_is_served_without_a_role() {
    let mut hub = Hub::new("hub-own").await;
    let own = opened(hub.lab.clients.clone(), "own", ACCOUNT, REGION).await;
    // Its events come from its default bus; on the members' bus no rule matches them.
    assert!(Members::new(MEMBER).unwrap().targets(&own.event).is_empty());
    let _ = hub.lab.proxy.take_actions();
    assert_eq!(hub.function.send(&own.event).await.unwrap().result(ADMIN_PORT).unwrap(), "remediated");
    assert_eq!(hub.lab.proxy.take_actions()[0], "RevokeSecurityGroupIngress");
    assert_eq!(own.lines().await, own.closed);
}

/// A principal that can put a record on a bus must not be able to point the hub at another account or region.
#[tokio::test]
async fn a_forged_event_is_refused_and_notified() {
    let mut hub = Hub::new("hub-forged").await;
    let own = opened(hub.lab.clients.clone(), "victim", ACCOUNT, REGION).await;
    let far = opened(Hub::member(MEMBER, FAR).await, "victim", MEMBER, FAR).await;
    let _ = hub.lab.proxy.take_actions();
    let forgeries = [
        ("account", json!(CUT), far.event.clone()),
        ("account", json!(MEMBER), own.event.clone()),
        ("region", json!(REGION), far.event.clone()),
    ];
    for (key, envelope, mut event) in forgeries {
        event[key] = envelope;
        let answer = hub.function.send(&event).await.unwrap();
        let Answer::Report(report) = answer else { panic!("{answer:?}") };
        assert_eq!(report["outcomes"], json!([]), "{key}");
        let notified = hub.notified().await;
        assert!(notified.len() == 1 && notified[0].contains("Event refused"), "{key}: {notified:#?}");
        assert_eq!(hub.lab.proxy.take_actions(), ["Publish"], "{key}");
    }
    assert_eq!((own.lines().await, far.lines().await), (own.open, far.open));
}

#[tokio::test]
async fn an_event_that_no_aws_service_made_reaches_no_function() {
    let mut hub = Hub::new("hub-source").await;
    let far = opened(Hub::member(MEMBER, FAR).await, "source", MEMBER, FAR).await;
    let members = Members::new(MEMBER).unwrap();
    let _ = hub.lab.proxy.take_actions();
    let mut event = far.event.clone();
    for source in ["com.example", "ec2", "ec2.amazonaws.com"] {
        event["source"] = json!(source);
        assert!(!members.is_forwarded(&event) && members.targets(&event).is_empty(), "{source}");
        // And if a pattern let it through.
        let answer = hub.function.send(&event).await.unwrap();
        assert!(matches!(&answer, Answer::Report(report) if report["outcomes"] == json!([])), "{answer:?}");
    }
    assert!(hub.lab.proxy.take_actions().is_empty());
    assert_eq!(far.lines().await, far.open);
}

#[tokio::test]
async fn an_account_without_the_role_is_said_so() {
    let mut hub = Hub::new("hub-no-role").await;
    let far = opened(Hub::member(MEMBER, FAR).await, "no-role", MEMBER, FAR).await;
    // "AssumeRole" in the STS API reference: AccessDenied for a role that is not there as for one that does not trust.
    let body = "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
                <Code>AccessDenied</Code><Message>not authorized</Message></Error><RequestId>x</RequestId></ErrorResponse>";
    hub.lab.proxy.fault("AssumeRole", Fault::Answer(Message::answer(403, "text/xml", body)), 1);
    let answer = hub.function.send(&far.event).await.unwrap();
    let outcome = answer.outcome(ADMIN_PORT).unwrap();
    assert_eq!(outcome["verdict"], "undetermined", "{outcome}");
    let notified = hub.notified().await.join("\n");
    for part in [format!("account {MEMBER} does not let this function in"), format!("role/{ROLE}")] {
        assert!(outcome["reasons"].to_string().contains(&part), "{outcome}");
        assert!(notified.contains(&part), "{notified}");
    }
    assert_eq!(far.lines().await, far.open);
    // Once the member's stack is there, the next event is handled: nothing remembers the refusal.
    assert_eq!(hub.function.send(&far.event).await.unwrap().result(ADMIN_PORT).unwrap(), "remediated");
    assert_eq!(far.lines().await, far.closed);
}

/// Taking a member for the own account would be to act in the wrong one, with the wrong role.
#[tokio::test]
async fn a_function_that_does_not_know_its_own_account_acts_nowhere() {
    let hub = Hub::new("hub-unserved").await;
    let far = opened(Hub::member(MEMBER, FAR).await, "unserved", MEMBER, FAR).await;
    let more = BTreeMap::from([("PARAPET_ROLE_NAME", ROLE.to_owned())]);
    let settings = Settings { keys: admins().await.hub.clone(), more, ..hub.lab.settings() };
    let mut function = Host::start(FAMILY, &settings).await.unwrap();
    let _ = hub.lab.proxy.take_actions();
    let answer = function.send(&far.event).await.unwrap();
    let outcome = answer.outcome(ADMIN_PORT).unwrap();
    assert_eq!(outcome["verdict"], "undetermined", "{outcome}");
    assert!(outcome["reasons"].to_string().contains("PARAPET_SELF_ROLE_ARN"), "{outcome}");
    let actions = hub.lab.proxy.take_actions();
    assert!(!actions.is_empty() && actions.iter().all(|action| action == "Publish"), "{actions:?}");
    assert_eq!(far.lines().await, far.open);
}

/// Throttled or broken STS is worth another try; the hole must not be forgotten.
#[tokio::test]
async fn a_role_that_cannot_be_assumed_just_now_is_tried_again() {
    let mut hub = Hub::new("hub-throttled").await;
    let far = opened(Hub::member(MEMBER, FAR).await, "throttled", MEMBER, FAR).await;
    let body = "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>slow</Message></Error></ErrorResponse>";
    hub.lab.proxy.fault("AssumeRole", Fault::Answer(Message::answer(400, "text/xml", body)), 100);
    let answer = hub.function.send(&far.event).await.unwrap();
    assert!(matches!(&answer, Answer::Error { kind, .. } if kind == "WorthAnotherTry"), "{answer:?}");
    hub.lab.proxy.mend();
    assert_eq!(hub.function.send(&far.event).await.unwrap().result(ADMIN_PORT).unwrap(), "remediated");
    assert_eq!(far.lines().await, far.closed);
}

#[tokio::test]
async fn a_role_that_was_cut_down_names_what_it_lacks() {
    let mut hub = Hub::new("hub-cut").await;
    let far = opened(Hub::member(CUT, FAR).await, "cut", CUT, FAR).await;
    let answer = hub.function.send(&far.event).await.unwrap();
    let outcome = answer.outcome(ADMIN_PORT).unwrap();
    assert_eq!(outcome["result"], "failed", "{outcome}");
    assert!(outcome["reasons"].to_string().contains("lacks `ec2:RevokeSecurityGroupIngress`"), "{outcome}");
    assert_eq!(far.lines().await, far.open);
}

/// Its own calls in the member are not forwarded, and lead nowhere if they were; a role of that name elsewhere is a stranger.
#[tokio::test]
async fn the_members_role_is_recognised_whole() {
    let mut hub = Hub::new("hub-itself").await;
    let far = opened(Hub::member(MEMBER, FAR).await, "itself", MEMBER, FAR).await;
    let members = Members::new(MEMBER).unwrap();
    let by = |role: &str| {
        let mut event = far.event.clone();
        let issuer = json!({"type": "Role", "arn": role, "accountId": MEMBER});
        event["detail"]["userIdentity"] = json!({"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/x/y",
            "accountId": MEMBER, "sessionContext": {"sessionIssuer": issuer}});
        event
    };
    let own = by(&format!("arn:aws:iam::{MEMBER}:role/{ROLE}"));
    assert!(!members.is_forwarded(&own));
    let answer = hub.function.send(&own).await.unwrap();
    assert!(matches!(&answer, Answer::Report(report) if report["outcomes"] == json!([])), "{answer:?}");
    assert_eq!(far.lines().await, far.open);
    let stranger = by(&format!("arn:aws:iam::{CUT}:role/{ROLE}"));
    assert!(members.is_forwarded(&stranger));
    assert_eq!(hub.function.send(&stranger).await.unwrap().result(ADMIN_PORT).unwrap(), "remediated");
    assert_eq!(far.lines().await, far.closed);
}

#[tokio::test]
async fn a_sweep_goes_to_the_members() {
    let mut hub = Hub::new("hub-sweep").await;
    let sweep = "sa-east-1";
    let stood = opened(Hub::member(MEMBER, sweep).await, "stood", MEMBER, sweep).await;
    let place = json!({"partition": "aws", "account": MEMBER, "region": sweep});
    let order = json!({"parapet": {"task": "sweep", "only": {"kind": "security-group", "place": place}}});
    let answer = hub.function.send(&order).await.unwrap();
    assert!(matches!(&answer, Answer::Report(report) if report["unlisted"] == json!([])), "{answer:?}");
    assert_eq!(stood.lines().await, stood.closed, "{answer:?}");
}
