//! Each function under a role that holds exactly its template's actions, in an account that enforces IAM: everything works;
//! and without any one of them something is denied, said so, and not called done. The function of users: `iam_user.rs`.

use aws_sdk_ec2::types::{AddPrefixListEntry, IpPermission, PrefixListId};
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::engine::family::Family;
use shared::engine::observed::Place;
use shared::operations::sweeps::Order;
use shared::resources::{Visitor, catalogue, visit_all};
use std::collections::BTreeSet;
use tests::databases as db;
use tests::host::{Answer, Host, Settings};
use tests::lab::{Lab, on_port};
use tests::moto::{ACCOUNT, REGION};
use tests::records::{self, Caller};
use tests::resource_policies::Owner;
use tests::roles;
use tests::world::{World, in_worlds};

static WORLD: World = World::new();

/// What is read for a person to see after containment: without it the message says that it is unknown, and everything else is as it was.
const FELT: [&str; 1] = ["sns:ListSubscriptionsByTopic"];

async fn function(lab: &Lab, family: &str, role: &str, statements: &[Value]) -> Host {
    let (_, keys) = roles::assume(&lab.clients, role, statements).await.unwrap();
    // moto does not see the calls that the stand-in answers.
    lab.standin.hold(&keys.id, roles::actions(statements, ""));
    let policy = "{version: 1, defaults: {mode: enforce, max_class: R2}}".to_owned();
    let settings = Settings { keys, policy: Some(policy), ..lab.settings() };
    Host::start(family, &settings).await.unwrap()
}

/// Events that between them need every permission of the family of security groups.
async fn group_events(lab: &Lab) -> Vec<Value> {
    let group = lab.group().await.unwrap();
    let vpc = lab.vpc().await.unwrap();
    let list =
        lab.clients.ec2.create_managed_prefix_list().prefix_list_name(&group).address_family("IPv4").max_entries(5);
    let list = list.entries(AddPrefixListEntry::builder().cidr("0.0.0.0/0").build()).send().await.unwrap();
    let list = list.prefix_list.and_then(|list| list.prefix_list_id).unwrap();
    let asked = IpPermission::builder().ip_protocol("tcp").from_port(3389).to_port(3389);
    let asked = asked.prefix_list_ids(PrefixListId::builder().prefix_list_id(&list).build()).build();
    // A rule of another group names the list already when the world is put into it.
    let other = lab.group().await.unwrap();
    let call = lab.clients.ec2.authorize_security_group_ingress().group_id(&other);
    call.ip_permissions(asked.clone()).send().await.unwrap();
    let added = json!({"ModifyManagedPrefixListRequest":
        {"PrefixListId": list, "AddEntry": {"Cidr": "0.0.0.0/0", "tag": 1}}});
    vec![
        lab.open(&group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap(),
        lab.open(&group, &[asked]).await.unwrap(),
        records::event(&Caller::user("ben"), "ec2.amazonaws.com", "ModifyManagedPrefixList", added, Value::Null),
        records::created_vpc(&Caller::user("ben"), &vpc, "10.9.0.0/16"),
    ]
}

/// Events that between them need every permission of the families of shared snapshots and images, but those of a sweep.
async fn sharing_events(lab: &Lab) -> Vec<Value> {
    let (ec2, ben) = (&lab.clients.ec2, Caller::user("ben"));
    let volume = ec2.create_volume().availability_zone("us-east-1a").size(1).send().await.unwrap();
    let snapshot = ec2.create_snapshot().volume_id(volume.volume_id().unwrap()).send().await.unwrap();
    let image = ec2.register_image().name("of a test").send().await.unwrap();
    let everyone = json!([{"group": "all"}]);
    let bare = |name: &str| records::event(&ben, "ec2.amazonaws.com", name, json!({}), Value::Null);
    vec![
        records::shared_snapshot(&ben, snapshot.snapshot_id().unwrap(), &everyone),
        records::shared_image(&ben, image.image_id().unwrap(), &everyone),
        bare("DisableSnapshotBlockPublicAccess"),
        bare("DisableImageBlockPublicAccess"),
    ]
}

async fn database_events(lab: &Lab, name: &str) -> Vec<Value> {
    db::snapshot(&lab.clients, name).await.unwrap();
    db::cluster_snapshot(&lab.clients, &format!("{name}-cluster")).await.unwrap();
    db::table(&lab.clients, name).await.unwrap();
    let arn = db::load_balancer(&lab.clients, name).await.unwrap();
    vec![
        db::share(&lab.clients, name, &["all"]).await.unwrap(),
        db::share_cluster(&lab.clients, &format!("{name}-cluster"), "all").await.unwrap(),
        db::modify(&lab.clients, &format!("{name}-db"), Some(true), Some(false)).await.unwrap(),
        db::unprotect_cluster(&lab.clients, &format!("{name}-cluster-db")).await.unwrap(),
        db::unprotect_table(&lab.clients, name).await.unwrap(),
        db::unprotect_load_balancer(&lab.clients, &arn).await.unwrap(),
    ]
}

/// Policies that let everybody in: of each resource one that is left with another statement, and one with nothing.
async fn policy_events(lab: &Lab, owners: &[(Owner, Owner, Written)]) -> Vec<Value> {
    let mut events = Vec::new();
    for (reduced, emptied, written) in owners {
        for (owner, is_emptied) in [(reduced, false), (emptied, true)] {
            let resource = (written.resource)(owner);
            let of = |sid: &str, principal: Value| json!({"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": written.action, "Resource": resource});
            let own = of("own", json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}));
            let open = of("open", json!("*"));
            let statements = if is_emptied { vec![open] } else { vec![own, open] };
            let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
            owner.write(&lab.clients, Some(&document)).await.unwrap();
            let request = (written.request)(owner, &document);
            events.push(records::event(&Caller::user("ben"), written.source, written.call, request, Value::Null));
        }
    }
    events
}

/// How a record writes a policy.
struct Written {
    source: &'static str,
    call: &'static str,
    action: &'static str,
    resource: fn(&Owner) -> String,
    request: fn(&Owner, &str) -> Value,
}

async fn messaging_events(lab: &Lab, name: &str) -> Vec<Value> {
    let (clients, other) = (&lab.clients, format!("{name}-other"));
    let topic = Written {
        source: "sns.amazonaws.com",
        call: "SetTopicAttributes",
        action: "SNS:Publish",
        resource: |owner| owner.name().to_owned(),
        request: |owner, document| json!({"topicArn": owner.name(), "attributeName": "Policy", "attributeValue": document}),
    };
    let queue = Written {
        source: "sqs.amazonaws.com",
        call: "SetQueueAttributes",
        action: "sqs:SendMessage",
        resource: |owner| {
            format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{}", owner.name().rsplit('/').next().unwrap_or_default())
        },
        request: |owner, document| json!({"queueUrl": owner.name(), "attributes": {"Policy": document}}),
    };
    let bus = Written {
        source: "events.amazonaws.com",
        call: "PutPermission",
        action: "events:PutEvents",
        resource: |owner| format!("arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{}", owner.name()),
        request: |owner, document| json!({"eventBusName": owner.name(), "policy": document}),
    };
    let owners = [
        (Owner::topic(clients, name).await.unwrap(), Owner::topic(clients, &other).await.unwrap(), topic),
        (Owner::queue(clients, name).await.unwrap(), Owner::queue(clients, &other).await.unwrap(), queue),
        (Owner::bus(clients, name).await.unwrap(), Owner::bus(clients, &other).await.unwrap(), bus),
    ];
    policy_events(lab, &owners).await
}

/// Events that between them need every permission of the function.
async fn events(function: &str, lab: &Lab, at: usize) -> Vec<Value> {
    match function {
        "image-sharing" => sharing_events(lab).await,
        "database" => database_events(lab, &format!("orders-{at}")).await,
        "messaging" => messaging_events(lab, &format!("orders-{at}")).await,
        _ => group_events(lab).await,
    }
}

/// What is said of each event; an error is an answer too.
async fn answers(function: &mut Host, events: &[Value]) -> Vec<Answer> {
    let mut answers = Vec::new();
    for event in events {
        answers.push(function.send(event).await.unwrap());
    }
    answers
}

/// Every result that an answer reports of violations and of undetermined verdicts.
fn results(answers: &[Answer]) -> Vec<String> {
    let outcomes = answers.iter().flat_map(|answer| match answer {
        Answer::Report(report) if report["unlisted"].as_array().is_some_and(|list| !list.is_empty()) => {
            vec![json!({"verdict": "unlisted", "result": "unlisted"})]
        }
        Answer::Report(report) => report["outcomes"].as_array().cloned().unwrap_or_default(),
        Answer::Error { .. } => vec![json!({"verdict": "error", "result": "error"})],
    });
    let reported = outcomes.filter(|outcome| outcome["verdict"] != "compliant");
    reported.map(|outcome| outcome["result"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn sweeper(lab: &Lab, family: &str, role: &str, statements: &[Value]) -> Host {
    let (_, keys) = roles::assume(&lab.clients, role, statements).await.unwrap();
    lab.standin.hold(&keys.id, roles::actions(statements, ""));
    let settings = Settings { keys, mode: Some("notify".to_owned()), topic: None, ..lab.settings() };
    Host::start(family, &settings).await.unwrap()
}

/// Kinds that no event is made of here. What their families may is held against what they declare (`template.rs`), not by leaving it out.
const NOT_MADE: [&str; 11] = [
    "db-activity-stream",
    "db-backup",
    "db-deleted-backup",
    "db-export",
    "dynamodb-export",
    "dynamodb-recovery",
    "dynamodb-policy",
    "listener",
    "redshift-cluster",
    "redshift-logging",
    "redshift-snapshot",
];

/// The kinds that the function serves and that events are made of.
fn kinds(function: &str) -> BTreeSet<&'static str> {
    let all = catalogue();
    let kinds = all.iter().filter(|entry| entry.family == function).map(|entry| entry.kind);
    kinds.filter(|kind| !NOT_MADE.contains(kind)).collect()
}

/// What the families of these kinds may.
fn permitted(kinds: &BTreeSet<&'static str>) -> BTreeSet<String> {
    struct Permitted<'a>(&'a BTreeSet<&'static str>, BTreeSet<String>);

    impl Visitor for Permitted<'_> {
        fn visit<F: Family + 'static>(&mut self, _: &'static str, family: F) {
            if self.0.contains(family.kind()) {
                let actions = family.guardrails().iter().flat_map(|guardrail| guardrail.about().actions);
                let all = family.reads().iter().chain(family.lists()).chain(actions);
                self.1.extend(all.map(|permission| permission.action.to_owned()));
            }
        }
    }

    let mut permitted = Permitted(kinds, BTreeSet::new());
    visit_all(&mut permitted);
    permitted.1
}

/// A sweep of each of these kinds.
fn sweeps(function: &str) -> Vec<Value> {
    let kinds = kinds(function);
    let place = Place { partition: "aws".to_owned(), account: ACCOUNT.to_owned(), region: REGION.to_owned() };
    kinds.iter().map(|kind| Order::of_kind(kind, place.clone(), Timestamp::now()).payload().unwrap()).collect()
}

/// Runs the family's events under its whole role, then under the role without each of its actions in turn.
async fn hold(family: &str, lab: &Lab) {
    let whole = roles::on_everything(&roles::statements(family, &lab.channel.topic).unwrap());
    let mut lacking = vec![None];
    let made = permitted(&kinds(family));
    let of_families = roles::actions(&whole, "Family").into_iter().filter(|action| made.contains(action));
    let used = of_families.chain(roles::actions(&whole, "Notify"));
    lacking.extend(used.filter(|action| !FELT.contains(&action.as_str())).map(Some));
    let whole = &whole;
    in_worlds(lacking.into_iter().enumerate(), |(at, action), world| async move {
        let statements = action.as_deref().map_or_else(|| whole.clone(), |action| roles::without(whole, action));
        let own = world.lab_of(&format!("{family}-{at}"), world.admin().await.unwrap()).await.unwrap();
        let events = events(family, &own, at).await;
        let mut function = function(&own, family, &format!("{family}-{at}"), &statements).await;
        let mut answers = answers(&mut function, &events).await;
        // The sweep's reads, in a process that only notifies: what else is in this account is none of this test's business.
        let mut sweeper = sweeper(&own, family, &format!("{family}-sweep-{at}"), &statements).await;
        answers.extend(self::answers(&mut sweeper, &sweeps(family)).await);
        let results = results(&answers);
        match action {
            None => {
                assert!(results.len() >= events.len(), "{answers:#?}");
                assert!(results.iter().all(|result| result == "remediated"), "{answers:#?}");
            }
            Some(action) => {
                let text = format!("{answers:?}");
                assert!(results.iter().any(|result| result != "remediated"), "nothing misses `{action}`: {answers:#?}");
                let names_it = text.contains(&format!("lacks `{action}`"));
                let is_publish = action == "sns:Publish" && text.contains("`sns:Publish` to");
                assert!(names_it || is_publish, "no answer says that `{action}` is missing: {answers:#?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_security_group_function_needs_all_that_it_has() {
    let lab = WORLD.lab_of("security-group", WORLD.admin().await.unwrap()).await.unwrap();
    hold("security-group", &lab).await;
}

#[tokio::test]
async fn the_image_sharing_function_needs_all_that_it_has() {
    let lab = WORLD.lab_of("image-sharing", WORLD.admin().await.unwrap()).await.unwrap();
    hold("image-sharing", &lab).await;
}

#[tokio::test]
async fn the_database_function_needs_all_that_it_has() {
    let lab = WORLD.lab_of("database", WORLD.admin().await.unwrap()).await.unwrap();
    hold("database", &lab).await;
}

#[tokio::test]
async fn the_messaging_function_needs_all_that_it_has() {
    let lab = WORLD.lab_of("messaging", WORLD.admin().await.unwrap()).await.unwrap();
    hold("messaging", &lab).await;
}
