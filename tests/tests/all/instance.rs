//! The families of the function `instance` against the local AWS with the real binary: a principal breaks a setting or an
//! instance, the function closes it and nothing else, a second delivery changes nothing, the undo command of the
//! notification restores what stood.

use aws_sdk_ec2::types::{
    HttpTokensState, InstanceMetadataEndpointState, InstanceMetadataOptionsRequest, InstanceMetadataTagsState,
};
use serde_json::{Value, json};
use tests::host::{Host, Settings};
use tests::lab::Lab;
use tests::moto::{ACCOUNT, REGION};
use tests::records::{self, Caller};
use tests::story::{self, run_story};
use tests::world::World;

static WORLD: World = World::new();

const EC2: &str = "ec2.amazonaws.com";
const R2: &str = "{version: 1, defaults: {mode: enforce, max_class: R2}}";

/// What a story is about.
enum Subject {
    /// The settings that moto lacks, of this test's own stand-in.
    Settings,
    /// Encryption by default, which moto keeps for all tests of this file: one story at a time asks for it.
    Ebs,
    /// An instance's metadata options.
    Instance(String),
}

impl story::Subject for Subject {
    async fn lines(&self, lab: &Lab) -> tests::Result<Vec<String>> {
        Ok(Self::lines(self, lab).await)
    }
}

impl Subject {
    async fn lines(&self, lab: &Lab) -> Vec<String> {
        match self {
            Self::Settings => lab.standin.lines(),
            Self::Ebs => {
                let answer = lab.clients.ec2.get_ebs_encryption_by_default().send().await.unwrap();
                let mut lines = lab.standin.lines();
                lines.push(format!("encryption by default {}", answer.ebs_encryption_by_default().unwrap()));
                lines
            }
            Self::Instance(id) => {
                let answer = lab.clients.ec2.describe_instances().instance_ids(id).send().await.unwrap();
                let options = answer.reservations()[0].instances()[0].metadata_options().unwrap();
                vec![
                    format!("tokens {}", options.http_tokens().unwrap()),
                    format!("endpoint {}", options.http_endpoint().unwrap()),
                    format!("hop limit {}", options.http_put_response_hop_limit().unwrap()),
                    format!("ipv6 {}", options.http_protocol_ipv6().unwrap()),
                    format!("tags {}", options.instance_metadata_tags().unwrap()),
                ]
            }
        }
    }
}

/// A call without parameters, in the wrapped shape.
fn bare_call(name: &str, response: &Value) -> Value {
    let request = json!({format!("{name}Request"): ""});
    records::event(&Caller::user("ben"), EC2, name, request, json!({format!("{name}Response"): response}))
}

#[tokio::test]
async fn the_serial_console() {
    let lab = WORLD.lab("serial-console").await.unwrap();
    let subject = Subject::Settings;
    let closed = subject.lines(&lab).await;
    lab.clients.ec2.enable_serial_console_access().send().await.unwrap();
    let event = bare_call("EnableSerialConsoleAccess", &json!({"serialConsoleAccessEnabled": true}));
    let mut function = lab.function("instance", None).await.unwrap();
    let (called, _) =
        run_story(&lab, &mut function, "serial-console-access-enabled", &subject, &event, &closed).await.unwrap();
    assert_eq!(called, ["DisableSerialConsoleAccess", "GetSerialConsoleAccessStatus", "Publish"]);
}

/// A sweep of one family.
fn page(kind: &str) -> Value {
    let place = json!({"partition": "aws", "account": ACCOUNT, "region": REGION});
    json!({"parapet": {"task": "sweep", "only": {"kind": kind, "place": place}}})
}

#[tokio::test]
async fn a_sweep_sees_settings_and_instances() {
    let lab = WORLD.lab("instance-sweep").await.unwrap();
    lab.clients.ec2.enable_serial_console_access().send().await.unwrap();
    lab.clients.ec2.run_instances().image_id("ami-12c6146b").min_count(1).max_count(1).send().await.unwrap();
    let mut function = lab.function("instance", None).await.unwrap();
    for kind in ["serial-console", "instance-metadata-defaults"] {
        let answer = function.send(&page(kind)).await.unwrap();
        let report = answer.report().unwrap();
        assert_eq!((&report["seen"], &report["violations"]), (&json!(1), &json!(1)), "{kind}: {answer:?}");
    }
    let lines = lab.standin.lines();
    assert!(lines.contains(&"serial-console-access false".to_owned()), "{lines:?}");
    assert!(lines.contains(&"metadata-http-tokens required".to_owned()), "{lines:?}");

    // What moto keeps is everybody's: it is only notified.
    let settings = Settings { mode: Some("notify".to_owned()), ..lab.settings() };
    let mut function = Host::start("instance", &settings).await.unwrap();
    let answer = function.send(&page("instance-metadata")).await.unwrap();
    let report = answer.report().unwrap();
    assert!(report["seen"].as_u64().unwrap() >= 1 && report["violations"].as_u64().unwrap() >= 1, "{answer:?}");
    let answer = function.send(&page("ebs-encryption-default")).await.unwrap();
    assert_eq!(answer.report().unwrap()["seen"], 1, "{answer:?}");
}

/// The switch and the key, one after the other: moto keeps the switch for all tests of this file.
#[tokio::test]
async fn encryption_of_new_volumes() {
    let lab = WORLD.lab("ebs-encryption").await.unwrap();
    let table = lab.ledger().await.unwrap();
    let ec2 = &lab.clients.ec2;
    let key = |name: &str| format!("arn:aws:kms:us-east-1:123456789012:key/{name}");
    ec2.modify_ebs_default_kms_key_id().kms_key_id(key("own")).send().await.unwrap();
    ec2.enable_ebs_encryption_by_default().send().await.unwrap();
    let subject = Subject::Ebs;
    let closed = subject.lines(&lab).await;
    let settings = Settings { ledger: Some(table), ..lab.settings() };
    let mut function = Host::start("instance", &settings).await.unwrap();

    // Nothing was kept yet: the good event is what shows the key.
    let on = bare_call("EnableEbsEncryptionByDefault", &json!({"ebsEncryptionByDefault": true}));
    let answer = function.send(&on).await.unwrap();
    assert_eq!(answer.result("ebs-default-key-changed").unwrap(), "already-compliant", "{answer:?}");
    assert!(lab.channel.hear().await.unwrap().is_empty());

    ec2.disable_ebs_encryption_by_default().send().await.unwrap();
    let off = bare_call("DisableEbsEncryptionByDefault", &json!({"ebsEncryptionByDefault": false}));
    let volume = ec2.create_volume().availability_zone("us-east-1a").size(1).encrypted(false).send().await.unwrap();
    let (called, finding) =
        run_story(&lab, &mut function, "ebs-encryption-default-off", &subject, &off, &closed).await.unwrap();
    let first = called.iter().find(|action| action.contains("Ebs")).unwrap();
    assert_eq!(first, "EnableEbsEncryptionByDefault", "{called:?}");
    let reasons = finding["unmapped"]["reasons"].to_string();
    assert!(reasons.contains(volume.volume_id().unwrap()), "the volume of the window is named: {reasons}");
    ec2.enable_ebs_encryption_by_default().send().await.unwrap();

    let foreign = "arn:aws:kms:us-east-1:999999999999:key/theirs";
    ec2.modify_ebs_default_kms_key_id().kms_key_id(foreign).send().await.unwrap();
    let request = json!({"ModifyEbsDefaultKmsKeyIdRequest": {"KmsKeyId": foreign}});
    let response = json!({"ModifyEbsDefaultKmsKeyIdResponse": {"kmsKeyId": foreign}});
    let event = records::event(&Caller::user("ben"), EC2, "ModifyEbsDefaultKmsKeyId", request, response);
    let (called, finding) =
        run_story(&lab, &mut function, "ebs-default-key-changed", &subject, &event, &closed).await.unwrap();
    assert_eq!(finding["severity"], "Critical");
    assert!(!called.contains(&"EnableEbsEncryptionByDefault".to_owned()), "{called:?}");
}

#[tokio::test]
async fn the_metadata_of_an_instance_that_was_launched() {
    let lab = WORLD.lab("instance-launched").await.unwrap();
    let options = InstanceMetadataOptionsRequest::builder().http_tokens(HttpTokensState::Optional);
    let options = options.http_endpoint(InstanceMetadataEndpointState::Enabled).http_put_response_hop_limit(2);
    let options = options.instance_metadata_tags(InstanceMetadataTagsState::Enabled).build();
    let call = lab.clients.ec2.run_instances().image_id("ami-12c6146b").min_count(2).max_count(2);
    let made = call.metadata_options(options).send().await.unwrap();
    let ids: Vec<String> = made.instances().iter().map(|made| made.instance_id().unwrap().to_owned()).collect();
    let item = |id: &String| {
        json!({"instanceId": id, "instanceState": {"code": 0, "name": "pending"}, "tagSet": {},
            "metadataOptions": {"state": "pending", "httpTokens": "optional", "httpPutResponseHopLimit": 2,
                "httpEndpoint": "enabled", "httpProtocolIpv6": "disabled", "instanceMetadataTags": "enabled"}})
    };
    let items: Vec<Value> = ids.iter().map(item).collect();
    let request = json!({"instancesSet": {"items": [{"imageId": "ami-12c6146b", "minCount": 2, "maxCount": 2}]}});
    let event =
        records::event(&Caller::user("ben"), EC2, "RunInstances", request, json!({"instancesSet": {"items": items}}));
    let subjects: Vec<Subject> = ids.into_iter().map(Subject::Instance).collect();
    let before = subjects[0].lines(&lab).await;
    let expected = ["tokens optional", "endpoint enabled", "hop limit 2", "ipv6 disabled", "tags enabled"];
    assert_eq!(before, expected);

    let mut function = lab.function("instance", Some(R2)).await.unwrap();
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("instance-metadata-v1-allowed").unwrap(), "remediated", "{answer:?}");
    assert_eq!(lab.proxy.take_actions()[0], "ModifyInstanceMetadataOptions");
    for subject in &subjects {
        let lines = subject.lines(&lab).await;
        assert_eq!(lines[0], "tokens required");
        assert_eq!(lines[1..], expected[1..], "only tokens");
    }
    assert_eq!(lab.channel.hear().await.unwrap().len(), 2, "each instance is notified");
}

#[tokio::test]
async fn the_metadata_of_an_instance_that_was_changed() {
    let lab = WORLD.lab("instance-changed").await.unwrap();
    let ec2 = &lab.clients.ec2;
    let options = InstanceMetadataOptionsRequest::builder().http_tokens(HttpTokensState::Required);
    let call = ec2.run_instances().image_id("ami-12c6146b").min_count(1).max_count(1);
    let made = call.metadata_options(options.http_put_response_hop_limit(1).build()).send().await.unwrap();
    let id = made.instances()[0].instance_id().unwrap().to_owned();
    let subject = Subject::Instance(id.clone());
    let closed = subject.lines(&lab).await;
    ec2.modify_instance_metadata_options()
        .instance_id(&id)
        .http_tokens(HttpTokensState::Optional)
        .send()
        .await
        .unwrap();
    let request = json!({"ModifyInstanceMetadataOptionsRequest": {"InstanceId": id, "HttpTokens": "optional"}});
    let response = json!({"ModifyInstanceMetadataOptionsResponse": {"instanceId": id, "instanceMetadataOptions":
        {"state": "pending", "httpTokens": "optional", "httpPutResponseHopLimit": 1, "httpEndpoint": "enabled"}}});
    let event = records::event(&Caller::user("ben"), EC2, "ModifyInstanceMetadataOptions", request, response);
    let mut function = lab.function("instance", Some(R2)).await.unwrap();
    let (called, finding) =
        run_story(&lab, &mut function, "instance-metadata-v1-allowed", &subject, &event, &closed).await.unwrap();
    assert_eq!(called, ["ModifyInstanceMetadataOptions", "DescribeInstances", "Publish"]);
    assert!(finding["unmapped"]["reasons"].to_string().contains("hop limit is 1"));
}

#[tokio::test]
async fn the_defaults_of_instance_metadata() {
    let lab = WORLD.lab("metadata-defaults").await.unwrap();
    let ec2 = &lab.clients.ec2;
    let required = aws_sdk_ec2::types::MetadataDefaultHttpTokensState::Required;
    ec2.modify_instance_metadata_defaults().http_tokens(required).http_put_response_hop_limit(2).send().await.unwrap();
    let subject = Subject::Settings;
    let closed = subject.lines(&lab).await;
    let none = aws_sdk_ec2::types::MetadataDefaultHttpTokensState::NoPreference;
    ec2.modify_instance_metadata_defaults().http_tokens(none).send().await.unwrap();
    let request = json!({"ModifyInstanceMetadataDefaultsRequest": {"HttpTokens": "no-preference"}});
    let response = json!({"ModifyInstanceMetadataDefaultsResponse": {"return": true}});
    let event = records::event(&Caller::user("ben"), EC2, "ModifyInstanceMetadataDefaults", request, response);
    let mut function = lab.function("instance", None).await.unwrap();
    let (called, _) =
        run_story(&lab, &mut function, "instance-metadata-defaults-weak", &subject, &event, &closed).await.unwrap();
    assert_eq!(called, ["ModifyInstanceMetadataDefaults", "GetInstanceMetadataDefaults", "Publish"]);
}
