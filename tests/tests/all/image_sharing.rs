//! The families of the function `image-sharing` against the local AWS with the real binary: a principal shares a snapshot
//! or an image, or switches a block off; the function closes that and nothing else, a second delivery changes nothing, the
//! undo command of the notification restores what stood.
//!
//! moto keeps the permissions of snapshots and images; `standin.rs` keeps the two settings that it lacks.

use aws_sdk_ec2::types::{
    ImageAttributeName, ImageBlockPublicAccessEnabledState, LaunchPermission, LaunchPermissionModifications,
    OperationType, PermissionGroup, SnapshotAttributeName, SnapshotBlockPublicAccessState,
};
use serde_json::{Value, json};
use shared::engine::family::{Family, List};
use shared::engine::observed::Observed;
use shared::resources::ec2::client::Ec2;
use shared::resources::ec2::image::Images;
use shared::resources::ec2::sharing::{Grantee, Shared, SharedRef};
use shared::resources::ec2::snapshot::Snapshots;
use tests::aws::{Clients, Keys};
use tests::host::{Answer, Host, Settings};
use tests::lab::Lab;
use tests::moto::ACCOUNT;
use tests::records::{self, Caller};
use tests::story::{self, notified, run_story};
use tests::world::World;

static WORLD: World = World::new();

const EC2: &str = "ec2.amazonaws.com";
const TRUSTED: &str = "777788889999";
const STRANGER: &str = "444455556666";
const POLICY: &str = "{version: 1, defaults: {mode: enforce}, trusted_accounts: [\"777788889999\"], trusted_organizations: [o-a1b2c3d4e5]}";
const OUR_UNIT: &str = "arn:aws:organizations::999900001111:ou/o-a1b2c3d4e5/ou-a1b2-c3d4e5f6";
const THEIR_ORGANIZATION: &str = "arn:aws:organizations::555500001111:organization/o-z9y8x7w6v5";
const THEIR_UNIT: &str = "arn:aws:organizations::555500001111:ou/o-z9y8x7w6v5/ou-z9y8-x7w6v5u4";

/// What a story is about.
enum Subject {
    Snapshot(String),
    Image(String),
    /// The settings, of this test's own stand-in.
    Settings,
}

impl story::Subject for Subject {
    async fn lines(&self, lab: &Lab) -> tests::Result<Vec<String>> {
        Ok(Self::lines(self, lab).await)
    }
}

impl Subject {
    async fn lines(&self, lab: &Lab) -> Vec<String> {
        let ec2 = &lab.clients.ec2;
        let mut lines: Vec<String> = match self {
            Self::Snapshot(id) => {
                let call = ec2.describe_snapshot_attribute().snapshot_id(id);
                let answer = call.attribute(SnapshotAttributeName::CreateVolumePermission).send().await.unwrap();
                let all = answer.create_volume_permissions().iter();
                all.map(|it| format!("{:?} {:?}", it.group(), it.user_id())).collect()
            }
            Self::Image(id) => {
                let call = ec2.describe_image_attribute().image_id(id);
                let answer = call.attribute(ImageAttributeName::LaunchPermission).send().await.unwrap();
                answer.launch_permissions().iter().map(|it| format!("{it:?}")).collect()
            }
            Self::Settings => lab.standin.lines(),
        };
        lines.sort();
        lines
    }
}

async fn snapshot(lab: &Lab) -> String {
    snapshot_in(lab, "us-east-1a").await
}

async fn snapshot_in(lab: &Lab, zone: &str) -> String {
    let ec2 = &lab.clients.ec2;
    let volume = ec2.create_volume().availability_zone(zone).size(1).send().await.unwrap();
    let made = ec2.create_snapshot().volume_id(volume.volume_id().unwrap()).send().await.unwrap();
    made.snapshot_id().unwrap().to_owned()
}

async fn image(lab: &Lab) -> String {
    let call = lab.clients.ec2.run_instances().image_id("ami-12c6146b").min_count(1).max_count(1);
    let made = call.send().await.unwrap();
    let call = lab.clients.ec2.create_image().instance_id(made.instances()[0].instance_id().unwrap());
    call.name("of a test").send().await.unwrap().image_id().unwrap().to_owned()
}

/// Shares a snapshot with these accounts; the event of it.
async fn share_snapshot(lab: &Lab, id: &str, accounts: &[&str], with_everyone: bool) -> Value {
    let call = lab.clients.ec2.modify_snapshot_attribute().snapshot_id(id).operation_type(OperationType::Add);
    let call = call.attribute(SnapshotAttributeName::CreateVolumePermission);
    let call = call.set_user_ids(Some(accounts.iter().map(|id| (*id).to_owned()).collect()));
    let call = if with_everyone { call.group_names("all") } else { call };
    call.send().await.unwrap();
    let mut added: Vec<Value> = accounts.iter().map(|id| json!({"userId": id})).collect();
    added.extend(with_everyone.then(|| json!({"group": "all"})));
    records::shared_snapshot(&Caller::user("ben"), id, &json!(added))
}

/// Shares an image with all of these; the event of it.
async fn share_image(lab: &Lab, id: &str, with: &[LaunchPermission]) -> Value {
    let change = LaunchPermissionModifications::builder().set_add(Some(with.to_vec())).build();
    lab.clients.ec2.modify_image_attribute().image_id(id).launch_permission(change).send().await.unwrap();
    let item = |it: &LaunchPermission| match (it.group(), it.user_id(), it.organization_arn()) {
        (Some(group), ..) => json!({"group": group.as_str()}),
        (None, Some(id), _) => json!({"userId": id}),
        (None, None, Some(arn)) => json!({"organizationArn": arn}),
        (None, None, None) => json!({"organizationalUnitArn": it.organizational_unit_arn()}),
    };
    let added: Vec<Value> = with.iter().map(item).collect();
    records::shared_image(&Caller::session("images", "ci"), id, &json!(added))
}

/// A call on one of the settings, in the wrapped shape.
fn setting(name: &str, request: &Value) -> Value {
    let request = json!({format!("{name}Request"): request});
    records::event(&Caller::user("ben"), EC2, name, request, json!({format!("{name}Response"): {"requestId": "r"}}))
}

#[tokio::test]
async fn a_snapshot_for_everyone() {
    let lab = WORLD.lab("snapshot-public").await.unwrap();
    let id = snapshot(&lab).await;
    share_snapshot(&lab, &id, &[TRUSTED, STRANGER], false).await;
    let subject = Subject::Snapshot(id.clone());
    let closed = subject.lines(&lab).await;
    let event = share_snapshot(&lab, &id, &[], true).await;
    let mut function = lab.function("image-sharing", Some(POLICY)).await.unwrap();
    let (called, finding) = run_story(&lab, &mut function, "snapshot-public", &subject, &event, &closed).await.unwrap();
    assert_eq!(called, ["ModifySnapshotAttribute", "DescribeSnapshotAttribute", "Publish"], "the first call closes it");
    assert_eq!(finding["severity"], "Critical");
    assert!(finding.to_string().contains("SharedSnapshotVolumeCreated"), "copies may exist: {finding:#}");
}

#[tokio::test]
async fn a_snapshot_for_a_stranger() {
    let lab = WORLD.lab("snapshot-shared").await.unwrap();
    let id = snapshot(&lab).await;
    let subject = Subject::Snapshot(id.clone());
    share_snapshot(&lab, &id, &[TRUSTED], false).await;
    let closed = subject.lines(&lab).await;
    let event = share_snapshot(&lab, &id, &[TRUSTED, STRANGER], false).await;
    let mut function = lab.function("image-sharing", Some(POLICY)).await.unwrap();
    run_story(&lab, &mut function, "snapshot-shared-with-untrusted", &subject, &event, &closed).await.unwrap();
}

/// Two guardrails object to one call, each to its part: one call takes both away.
#[tokio::test]
async fn a_snapshot_for_everyone_and_a_stranger() {
    let lab = WORLD.lab("snapshot-both").await.unwrap();
    let id = snapshot(&lab).await;
    let subject = Subject::Snapshot(id.clone());
    share_snapshot(&lab, &id, &[TRUSTED], false).await;
    let closed = subject.lines(&lab).await;
    let event = share_snapshot(&lab, &id, &[STRANGER], true).await;
    let mut function = lab.function("image-sharing", Some(POLICY)).await.unwrap();
    let answer = function.send(&event).await.unwrap();
    for guardrail in ["snapshot-public", "snapshot-shared-with-untrusted"] {
        assert_eq!(answer.result(guardrail).unwrap(), "remediated", "{answer:?}");
    }
    let called = lab.proxy.take_actions();
    assert_eq!(called.iter().filter(|call| *call == "ModifySnapshotAttribute").count(), 1, "{called:?}");
    assert_eq!(subject.lines(&lab).await, closed);
    assert_eq!(lab.channel.hear().await.unwrap().len(), 2, "each part is notified");
}

#[tokio::test]
async fn an_image_for_everyone() {
    let lab = WORLD.lab("image-public").await.unwrap();
    let id = image(&lab).await;
    let subject = Subject::Image(id.clone());
    share_image(&lab, &id, &[LaunchPermission::builder().organizational_unit_arn(OUR_UNIT).build()]).await;
    let closed = subject.lines(&lab).await;
    let event = share_image(&lab, &id, &[LaunchPermission::builder().group(PermissionGroup::All).build()]).await;
    let mut function = lab.function("image-sharing", Some(POLICY)).await.unwrap();
    let (called, _) = run_story(&lab, &mut function, "image-public", &subject, &event, &closed).await.unwrap();
    assert_eq!(called, ["ModifyImageAttribute", "DescribeImageAttribute", "Publish"], "the first call closes it");
}

#[tokio::test]
async fn an_image_for_a_stranger_their_organisation_and_a_unit_of_it() {
    let lab = WORLD.lab("image-shared").await.unwrap();
    let id = image(&lab).await;
    let subject = Subject::Image(id.clone());
    let with = || LaunchPermission::builder();
    let ours = [with().user_id(TRUSTED).build(), with().organizational_unit_arn(OUR_UNIT).build()];
    share_image(&lab, &id, &ours).await;
    let closed = subject.lines(&lab).await;
    let theirs = [
        with().user_id(STRANGER).build(),
        with().organization_arn(THEIR_ORGANIZATION).build(),
        with().organizational_unit_arn(THEIR_UNIT).build(),
    ];
    let event = share_image(&lab, &id, &[&ours[..], &theirs[..]].concat()).await;
    let mut function = lab.function("image-sharing", Some(POLICY)).await.unwrap();
    run_story(&lab, &mut function, "image-shared-with-untrusted", &subject, &event, &closed).await.unwrap();
}

#[tokio::test]
async fn the_block_of_snapshots_comes_back_as_it_was() {
    let lab = WORLD.lab("snapshot-block").await.unwrap();
    let table = lab.ledger().await.unwrap();
    let settings = Settings { ledger: Some(table), ..lab.settings() };
    let mut function = Host::start("image-sharing", &settings).await.unwrap();

    let (subject, ec2, guardrail) = (Subject::Settings, &lab.clients.ec2, "snapshot-block-public-access-off");
    let all = SnapshotBlockPublicAccessState::BlockAllSharing;
    ec2.enable_snapshot_block_public_access().state(all).send().await.unwrap();
    let closed = subject.lines(&lab).await;
    let on = setting("EnableSnapshotBlockPublicAccess", &json!({"State": "block-all-sharing"}));
    assert_eq!(function.send(&on).await.unwrap().result(guardrail).unwrap(), "already-compliant");

    ec2.disable_snapshot_block_public_access().send().await.unwrap();
    let off = setting("DisableSnapshotBlockPublicAccess", &json!(""));
    let (called, finding) = run_story(&lab, &mut function, guardrail, &subject, &off, &closed).await.unwrap();
    let up_to = called.iter().position(|call| call == "EnableSnapshotBlockPublicAccess").unwrap();
    assert!(up_to <= 2, "what was kept is recalled and the setting read, no more: {called:?}");
    assert!(finding.to_string().contains("it was `block-all-sharing`"), "{finding:#}");

    let new = SnapshotBlockPublicAccessState::BlockNewSharing;
    ec2.enable_snapshot_block_public_access().state(new).send().await.unwrap();
    let weaker = setting("EnableSnapshotBlockPublicAccess", &json!({"State": "block-new-sharing"}));
    run_story(&lab, &mut function, guardrail, &subject, &weaker, &closed).await.unwrap();
}

/// Nothing was kept: the smallest level that takes away what the call allowed, and never less than what stands.
#[tokio::test]
async fn the_block_of_snapshots_without_a_ledger() {
    let lab = WORLD.lab("snapshot-block-unknown").await.unwrap();
    let (subject, ec2, guardrail) = (Subject::Settings, &lab.clients.ec2, "snapshot-block-public-access-off");
    let new = SnapshotBlockPublicAccessState::BlockNewSharing;
    ec2.enable_snapshot_block_public_access().state(new).send().await.unwrap();
    let closed = subject.lines(&lab).await;
    ec2.disable_snapshot_block_public_access().send().await.unwrap();
    let off = || setting("DisableSnapshotBlockPublicAccess", &json!(""));
    let mut function = lab.function("image-sharing", None).await.unwrap();
    let (called, _) = run_story(&lab, &mut function, guardrail, &subject, &off(), &closed).await.unwrap();
    // Read, and compared right before the call.
    let get = "GetSnapshotBlockPublicAccessState";
    assert_eq!(called[..3], [get, get, "EnableSnapshotBlockPublicAccess"], "{called:?}");

    let all = SnapshotBlockPublicAccessState::BlockAllSharing;
    ec2.enable_snapshot_block_public_access().state(all).send().await.unwrap();
    let stands = subject.lines(&lab).await;
    assert_eq!(function.send(&off()).await.unwrap().result(guardrail).unwrap(), "already-compliant");
    assert_eq!(subject.lines(&lab).await, stands, "a late record weakened the setting");
}

#[tokio::test]
async fn the_block_of_images() {
    let lab = WORLD.lab("image-block").await.unwrap();
    let (subject, ec2, guardrail) = (Subject::Settings, &lab.clients.ec2, "image-block-public-access-off");
    let on = ImageBlockPublicAccessEnabledState::BlockNewSharing;
    ec2.enable_image_block_public_access().image_block_public_access_state(on).send().await.unwrap();
    let closed = subject.lines(&lab).await;
    ec2.disable_image_block_public_access().send().await.unwrap();
    let mut function = lab.function("image-sharing", None).await.unwrap();
    let off = setting("DisableImageBlockPublicAccess", &json!(""));
    let (called, _) = run_story(&lab, &mut function, guardrail, &subject, &off, &closed).await.unwrap();
    assert_eq!(called, ["EnableImageBlockPublicAccess", "GetImageBlockPublicAccessState", "Publish"]);
}

/// AWS takes up to ten minutes: what is not seen yet is not called done, and no second request is made for it.
#[tokio::test]
async fn the_block_of_images_that_does_not_show_yet() {
    let lab = WORLD.lab("image-block-late").await.unwrap();
    lab.standin.lag("image-block-public-access", 100).unwrap();
    let mut function = lab.function("image-sharing", None).await.unwrap();
    let off = setting("DisableImageBlockPublicAccess", &json!(""));
    let answer = function.send(&off).await.unwrap();
    let outcome = answer.outcome("image-block-public-access-off").unwrap();
    assert_eq!(outcome["result"], "partial", "{outcome:#}");
    assert!(outcome["reasons"].to_string().contains("up to ten minutes"), "{outcome:#}");
    let called = lab.proxy.take_actions();
    assert_eq!(called, ["EnableImageBlockPublicAccess", "GetImageBlockPublicAccessState", "Publish"]);
    assert!(Subject::Settings.lines(&lab).await.contains(&"image-block-public-access block-new-sharing".to_owned()));
    assert_eq!(notified(&lab).await.unwrap()["unmapped"]["result"], "partial");
}

/// Every page of a family, as the sweep walks through them.
async fn pages<F: Family<Key = SharedRef, State = Shared>>(ec2: &Ec2) -> Vec<(String, Shared)>
where
    Ec2: List<F>,
{
    let (mut all, mut from) = (Vec::new(), None);
    loop {
        let Observed::Known(page) = List::<F>::page(ec2, from.as_deref()).await.unwrap() else { break };
        all.extend(page.found.into_iter().filter_map(|(key, state)| Some((key.id, state.known()?.clone()))));
        match page.next {
            Some(next) => from = Some(next),
            None => break,
        }
    }
    all
}

#[tokio::test]
async fn a_sweep_sees_what_is_shared() {
    let lab = WORLD.lab("sweep-lists").await.unwrap();
    let (shared, ami) = (snapshot(&lab).await, image(&lab).await);
    share_snapshot(&lab, &shared, &[STRANGER], true).await;
    share_image(&lab, &ami, &[LaunchPermission::builder().organization_arn(THEIR_ORGANIZATION).build()]).await;
    let ec2 = Ec2::new(&lab.clients.config);
    let grants = |state: &Shared| state.grants.iter().map(|grant| grant.to.clone()).collect::<Vec<_>>();
    let snapshots = pages::<Snapshots>(&ec2).await;
    let found = &snapshots.iter().find(|(id, _)| *id == shared).unwrap().1;
    assert_eq!(grants(found), [Grantee::Everyone, Grantee::Account(STRANGER.to_owned())]);
    let images = pages::<Images>(&ec2).await;
    let found = &images.iter().find(|(id, _)| *id == ami).unwrap().1;
    assert_eq!(grants(found), [Grantee::Organization(THEIR_ORGANIZATION.to_owned())]);
}

/// A page of a sweep through the function: what no event showed is read, and closed. In a region of its own, because the
/// sweep looks at everything that is there.
#[tokio::test]
async fn a_sweep_closes_what_no_event_showed() {
    let region = "eu-west-1";
    let mut lab = WORLD.lab("sweep-closes").await.unwrap();
    lab.clients = Clients::in_region(&lab.standin.url(), &Keys::default(), region).await;
    let id = snapshot_in(&lab, "eu-west-1a").await;
    share_snapshot(&lab, &id, &[TRUSTED], false).await;
    let subject = Subject::Snapshot(id.clone());
    let closed = subject.lines(&lab).await;
    share_snapshot(&lab, &id, &[STRANGER], true).await;
    let place = json!({"partition": "aws", "account": ACCOUNT, "region": region});
    let order = json!({"parapet": {"task": "sweep", "only": {"kind": "snapshot", "place": place}}});
    let settings = Settings {
        region: Some(region.to_owned()),
        policy: Some(POLICY.to_owned()),
        own_role: Some(format!("arn:aws:iam::{ACCOUNT}:role/parapet")),
        topic: None,
        ..lab.settings()
    };
    let mut function = Host::start("image-sharing", &settings).await.unwrap();
    for violations in [2, 0] {
        let Answer::Report(report) = function.send(&order).await.unwrap() else { panic!("no report") };
        assert_eq!(report["violations"], violations, "{report}");
        assert_eq!(subject.lines(&lab).await, closed);
    }
    let called = lab.proxy.take_actions();
    assert_eq!(called.iter().filter(|call| *call == "ModifySnapshotAttribute").count(), 1, "{called:?}");
}
