//! Taking a finding back, by the command and by the `operate` function, with the real binaries: what stood is there again, tags
//! and descriptions included; no guardrail fights it; what has changed since is not overridden by accident.

use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::command::parapet;
use tests::host::{Host, Settings};
use tests::lab::{Lab, on_port};
use tests::records::{self, Caller};
use tests::view::View;
use tests::world::World;

static WORLD: World = World::new();

const ADMIN_PORT: &str = "security-group-admin-port-open";

struct Story {
    lab: Lab,
    table: String,
    group: String,
    view: View,
    /// Exactly what stood before the function closed it, but for the rules' ids.
    open: Vec<String>,
    event: Value,
    finding: String,
}

/// SSH opened with a description and a tag, and closed by a function with a ledger.
async fn story(name: &str) -> Story {
    let lab = WORLD.lab(name).await.unwrap();
    let table = lab.ledger().await.unwrap();
    let group = lab.group().await.unwrap();
    let view = View::Group(group.clone());
    let tags = TagSpecification::builder().resource_type(ResourceType::SecurityGroupRule);
    let tags = tags.tags(Tag::builder().key("team").value("web").build()).build();
    let asked = [on_port(22, "0.0.0.0/0", "only for a minute")];
    let call = lab.clients.ec2.authorize_security_group_ingress().group_id(&group).tag_specifications(tags);
    let made = call.set_ip_permissions(Some(asked.to_vec())).send().await.unwrap().security_group_rules.unwrap();
    // The record leaves the tags out: what is read before acting has them.
    let _ = &made;
    let event = records::authorized_without_ids(&Caller::user("ben"), &group, &asked);
    let open = view.exactly(&lab.clients).await.unwrap();
    let mut story = Story { lab, table, group, view, open: without_ids(&open), event, finding: String::new() };
    let answer = story.function("security-group").await.send(&story.event).await.unwrap();
    assert_eq!(answer.result(ADMIN_PORT).unwrap(), "remediated", "{answer:?}");
    answer.outcome(ADMIN_PORT).unwrap()["finding_id"].as_str().unwrap().clone_into(&mut story.finding);
    assert_eq!(story.lab.channel.hear().await.unwrap().len(), 1);
    story
}

/// A rule that is put back has another id: that cannot be chosen.
fn without_ids(lines: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = lines
        .iter()
        .map(|line| line.split_whitespace().filter(|word| !word.contains("sgr-")).collect::<Vec<_>>().join(" "))
        .collect();
    lines.sort();
    lines
}

impl Story {
    async fn function(&self, name: &str) -> Host {
        let settings = Settings {
            ledger: Some(self.table.clone()),
            // Every event asks anew: a test does not wait a minute for what was just decided.
            more: BTreeMap::from([("PARAPET_REFRESH_SECONDS", "0".to_owned())]),
            ..self.lab.settings()
        };
        Host::start(name, &settings).await.unwrap()
    }

    async fn exactly(&self) -> Vec<String> {
        without_ids(&self.view.exactly(&self.lab.clients).await.unwrap())
    }

    async fn undo(&self, more: &[&str]) -> tests::command::Ran {
        let topic = self.lab.channel.topic.clone();
        let mut args = vec!["undo", &self.finding, "--table", &self.table, "--topic", &topic];
        args.extend(more);
        parapet(&self.lab.proxy.url(), &args).await.unwrap()
    }

    /// The event of the principal that opened it again.
    async fn opened_again(&self) -> Value {
        records::authorized_without_ids(
            &Caller::user("ben"),
            &self.group,
            &[on_port(22, "0.0.0.0/0", "only for a minute")],
        )
    }
}

#[tokio::test]
async fn the_command_shows_it_takes_it_back_and_no_guardrail_fights_it() {
    let story = story("undo-command").await;
    let closed = story.exactly().await;

    let shown = story.undo(&["--dry-run"]).await;
    assert_eq!(shown.status, 0, "{shown:?}");
    assert!(
        shown.out.contains("authorize") && shown.out.contains("aws ec2 authorize-security-group-ingress"),
        "{shown:?}"
    );
    assert_eq!(story.exactly().await, closed, "a dry run changed something");

    let unanswered = story.undo(&[]).await;
    assert_eq!(unanswered.status, 2, "{unanswered:?}");
    assert!(unanswered.err.contains("--yes"), "{unanswered:?}");
    assert_eq!(story.exactly().await, closed, "without --yes");

    let done = story.undo(&["--yes", "--for", "2h", "--reason", "needed for the migration"]).await;
    assert_eq!(done.status, 0, "{done:?}");
    assert_eq!(story.exactly().await, story.open, "it is not what it was");
    assert!(done.out.contains("needed for the migration"), "{done:?}");

    let heard = story.lab.channel.hear().await.unwrap();
    assert_eq!(heard.len(), 1, "{heard:#?}");
    let said: Value = serde_json::from_str(heard[0]["Message"].as_str().unwrap()).unwrap();
    assert_eq!(said["unmapped"]["result"], "undone");

    // The call that took it back is an event of its own.
    let answer = story.function("security-group").await.send(&story.opened_again().await).await.unwrap();
    assert_eq!(answer.result(ADMIN_PORT).unwrap(), "exempt", "{answer:?}");
    assert_eq!(story.exactly().await, story.open, "the guardrail fought the undo");

    let again = story.undo(&["--yes"]).await;
    assert_eq!(again.status, 2, "{again:?}");
    assert!(again.err.contains("was undone at"), "{again:?}");

    let list = ["stops", "list", "--table", &story.table, "--format", "json"];
    let stops = parapet(&story.lab.proxy.url(), &list).await.unwrap();
    assert!(stops.out.contains("\"exemptions\"") && stops.out.contains("needed for the migration"), "{stops:?}");
}

#[tokio::test]
async fn what_has_changed_since_is_shown_and_needs_force() {
    let story = story("undo-changed").await;
    let other = on_port(8443, "10.0.0.0/8", "new since");
    story
        .lab
        .clients
        .ec2
        .authorize_security_group_ingress()
        .group_id(&story.group)
        .ip_permissions(other)
        .send()
        .await
        .unwrap();
    let changed = story.exactly().await;

    let refused = story.undo(&["--yes"]).await;
    assert_eq!(refused.status, 2, "{refused:?}");
    assert!(refused.out.contains("8443") && refused.out.contains("is new"), "the difference is shown: {refused:?}");
    assert!(refused.err.contains("--force"), "{refused:?}");
    assert_eq!(story.exactly().await, changed, "nothing was changed");
    let answer = story.function("security-group").await.send(&story.opened_again().await).await.unwrap();
    assert_ne!(answer.result(ADMIN_PORT).unwrap(), "exempt", "a refusal exempts nothing");

    let forced = story.undo(&["--yes", "--force"]).await;
    assert_eq!(forced.status, 0, "{forced:?}");
    assert!(forced.out.contains("overridden with force"), "{forced:?}");
    let now = story.exactly().await;
    assert!(story.open.iter().all(|line| now.contains(line)) && now.len() == story.open.len() + 1, "{now:#?}");
}

#[tokio::test]
async fn a_finding_that_is_not_there_or_changed_nothing_is_named() {
    let story = story("undo-unknown").await;
    let unknown = "00000000-0000-4000-8000-000000000000";
    let args = ["undo", unknown, "--table", &story.table, "--yes"];
    let ran = parapet(&story.lab.proxy.url(), &args).await.unwrap();
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.err.contains(unknown) && ran.err.contains(&story.table), "{ran:?}");

    let ran = parapet(&story.lab.proxy.url(), &["undo", unknown, "--table", "no-such-table", "--yes"]).await.unwrap();
    assert!(ran.status == 2 && ran.err.contains("no-such-table"), "{ran:?}");
    let ran = parapet(&story.lab.proxy.url(), &["undo", unknown]).await.unwrap();
    assert!(ran.status == 2 && ran.err.contains("--table"), "{ran:?}");
}

#[tokio::test]
async fn the_function_does_the_same_for_a_button() {
    let story = story("undo-function").await;
    let mut operate = story.function("operate").await;
    let ask = |action: &str| json!({"action": action, "finding_id": story.finding, "by": "ana", "reason": "a button"});

    let preview = operate.send(&json!({"action": "preview", "finding_id": story.finding})).await.unwrap();
    assert_eq!(preview.report().unwrap()["differences"], json!([]), "{preview:?}");

    let done = operate.send(&ask("undo")).await.unwrap();
    assert_eq!(done.report().unwrap()["result"], "undone", "{done:?}");
    assert_eq!(story.exactly().await, story.open);
    let heard = story.lab.channel.hear().await.unwrap();
    assert_eq!(heard.len(), 1, "{heard:#?}");
    let answer = story.function("security-group").await.send(&story.opened_again().await).await.unwrap();
    assert_eq!(answer.result(ADMIN_PORT).unwrap(), "exempt", "{answer:?}");

    for (payload, part) in [
        (ask("undo"), "was undone at"),
        (json!({"action": "undo", "finding_id": "no id"}), "no finding's id"),
        (json!({"action": "destroy"}), "one of the actions preview, undo, exempt, lift"),
        (json!([]), "was expected"),
    ] {
        let refused = operate.send(&payload).await.unwrap();
        let report = refused.report().unwrap();
        assert_eq!(report["result"], "refused", "{refused:?}");
        assert!(report["reasons"][0].as_str().unwrap().contains(part), "{refused:?}");
    }
}

#[tokio::test]
async fn a_finding_that_was_only_notified_can_be_exempted() {
    let lab = WORLD.lab("exempt-button").await.unwrap();
    let table = lab.ledger().await.unwrap();
    let group = lab.group().await.unwrap();
    let event = lab.open(&group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap();
    let settings = |mode: &str| Settings {
        ledger: Some(table.clone()),
        mode: Some(mode.to_owned()),
        more: BTreeMap::from([("PARAPET_REFRESH_SECONDS", "0".to_owned())]),
        ..lab.settings()
    };
    let notified = Host::start("security-group", &settings("notify")).await.unwrap().send(&event).await.unwrap();
    let finding = notified.outcome(ADMIN_PORT).unwrap()["finding_id"].clone();
    let mut operate = Host::start("operate", &settings("notify")).await.unwrap();
    let answer = operate.send(&json!({"action": "exempt", "finding_id": finding, "hours": 24})).await.unwrap();
    assert_eq!(answer.report().unwrap()["result"], "exempt", "{answer:?}");
    let again = Host::start("security-group", &settings("enforce")).await.unwrap().send(&event).await.unwrap();
    assert_eq!(again.result(ADMIN_PORT).unwrap(), "exempt", "{again:?}");
}
