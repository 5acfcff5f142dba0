//! What another principal writes while a remediation is under way, and what is then said of it, for the calls that write a
//! part of a resource, a setting or something that is made anew. Documents are in `believing.rs`.

use crate::world::{Living, Watch, World, now};
use serde_json::{Value, json};
use shared::engine::event::Event;
use shared::engine::observed::Observed;
use shared::engine::pipeline::{Handled, Rules, RunContext, handle};
use shared::policy::{Mode, Policy};
use shared::resources::ec2::ebs_encryption::EbsEncryption;
use shared::resources::ec2::network_acl::NetworkAcls;
use shared::resources::ec2::snapshot_block_public_access::SnapshotBlockPublicAccess;
use shared::resources::iam::identity_provider::IdentityProviders;
use shared::resources::iam::managed_policy::ManagedPolicies;
use shared::resources::iam::password_policy::PasswordPolicies;
use shared::resources::iam::policy_attachment::PolicyAttachments;

/// The clock of this world says so.
const WITHIN: &str = "2026-03-02T09:14:20Z";
const AFTER: &str = "2026-03-02T09:14:50Z";

/// A situation of `tests/fixtures`: what a remediation closes, and what was made of it.
struct Story<F: Living> {
    family: F,
    world: World<F>,
    record: Value,
    rules: Rules,
}

impl<F: Living> Story<F> {
    fn of(family: F, place: &str) -> Self {
        let (guardrail, name) = place.split_once('/').unwrap();
        let situation = crate::fixtures::situation(guardrail, name);
        let policy = situation.get("policy").map(|policy| Policy::parse(&policy.to_string()).unwrap());
        let mut record = situation["event"]["detail"].clone();
        record["eventTime"] = WITHIN.into();
        let event = Event::from_record(&record).unwrap();
        let proven = || family.locate(&event).unwrap().swap_remove(0).proven.map(Observed::Known);
        let live = situation.get("live").map(F::live).or_else(proven).unwrap();
        let world = World::<F>::new(live).keeping(situation.get("kept").map(Value::to_string));
        let rules = Rules { fallback: Mode::Enforce, policy: policy.unwrap_or_default(), ..Rules::default() };
        Self { family, world, record, rules }
    }

    fn handle(&self, record: &Value) -> Handled {
        let context =
            RunContext { world: &self.world, clock: &Watch::default(), memory: &self.world, rules: &self.rules };
        now(handle(&self.family, context, &Event::from_record(record).unwrap()))
    }

    /// Closes what the event opened. What led to it is no change that was overwritten, however it is delivered.
    fn close(&self) {
        let handled = self.handle(&self.record);
        assert_eq!((handled.notices.len(), self.world.calls().len()), (0, 1), "{:?}", self.world.log());
        assert!(self.handle(&self.record).notices.is_empty(), "a second delivery");
    }

    /// What the record of another principal's call leads to: what is said, and the command that writes it again.
    fn meanwhile(&self, name: &str, time: &str, request: Value, response: Value) -> Option<(String, String)> {
        let mut record = self.record.clone();
        record["eventID"] = format!("e-{name}-{time}").into();
        record["eventName"] = name.into();
        record["eventTime"] = time.into();
        record["requestParameters"] = request;
        record["responseElements"] = response;
        let notices = self.handle(&record).notices;
        assert!(notices.len() < 2, "{notices:?}");
        let notice = notices.into_iter().next()?;
        assert_eq!(notice.kind, "overwritten");
        Some((notice.says.join("\n"), notice.next.join("\n")))
    }
}

fn entry(number: i32, action: &str, port: i32) -> Value {
    json!({"networkAclId": "acl-0a1b2c3d4e5f60718", "ruleNumber": number, "aclProtocol": "6", "ruleAction": action,
        "egress": false, "portRange": {"from": port, "to": port}, "icmpTypeCode": {}, "cidrBlock": "203.0.113.0/24"})
}

#[test]
fn an_entry_that_another_principal_replaced_before_it_was_deleted() {
    let story = Story::of(NetworkAcls, "network-acl-admin-port-open/violates-created");
    story.close();
    let name = "ReplaceNetworkAclEntry";
    let (says, next) = story.meanwhile(name, WITHIN, entry(90, "allow", 443), Value::Null).unwrap();
    assert!(says.contains("delete entry ingress 90") && says.contains("203.0.113.0/24"), "{says}");
    assert!(next.contains("create-network-acl-entry") && next.contains("--rule-number 90"), "nothing is left: {next}");
    assert_eq!(story.meanwhile(name, WITHIN, entry(95, "allow", 443), Value::Null), None, "another entry");
    assert_eq!(story.meanwhile(name, AFTER, entry(90, "allow", 443), Value::Null), None, "later");
    let gone = json!({"networkAclId": "acl-0a1b2c3d4e5f60718", "ruleNumber": 90, "egress": false});
    assert_eq!(story.meanwhile("DeleteNetworkAclEntry", WITHIN, gone, Value::Null), None, "it is gone either way");
}

#[test]
fn an_entry_that_another_principal_replaced_before_it_was_put_back() {
    let story = Story::of(NetworkAcls, "network-acl-admin-port-open/violates-replaced");
    story.close();
    let (_, next) = story.meanwhile("ReplaceNetworkAclEntry", WITHIN, entry(90, "deny", 22), Value::Null).unwrap();
    assert!(next.contains("replace-network-acl-entry") && next.contains("--rule-action deny"), "{next}");
}

#[test]
fn a_password_policy_that_another_principal_set_meanwhile() {
    let story = Story::of(PasswordPolicies, "password-policy-weak/violates-weakened");
    story.close();
    let stricter = json!({"minimumPasswordLength": 20, "requireSymbols": true, "requireNumbers": true,
        "requireUppercaseCharacters": true, "requireLowercaseCharacters": true, "passwordReusePrevention": 24});
    let (_, next) = story.meanwhile("UpdateAccountPasswordPolicy", WITHIN, stricter, Value::Null).unwrap();
    assert!(next.contains("update-account-password-policy --minimum-password-length 20"), "{next}");
    let (says, next) = story.meanwhile("DeleteAccountPasswordPolicy", WITHIN, Value::Null, Value::Null).unwrap();
    assert!(says.contains("null") && next.contains("delete-account-password-policy"), "{says} {next}");
}

#[test]
fn a_default_key_that_another_principal_set_meanwhile() {
    let story = Story::of(EbsEncryption, "ebs-default-key-changed/violates-another-key");
    story.close();
    let key = "arn:aws:kms:eu-central-1:111122223333:key/0ea3fef3-80a7-4778-9d8c-1c0c6d8f0009";
    let (request, response) = (
        json!({"ModifyEbsDefaultKmsKeyIdRequest": {"KmsKeyId": key}}),
        json!({"ModifyEbsDefaultKmsKeyIdResponse": {"kmsKeyId": key}}),
    );
    let (_, next) = story.meanwhile("ModifyEbsDefaultKmsKeyId", WITHIN, request, response).unwrap();
    assert!(next.contains(&format!("modify-ebs-default-kms-key-id --kms-key-id {key}")), "{next}");
    // Encryption is switched by another call, which leaves the key as it is.
    let off = json!({"DisableEbsEncryptionByDefaultResponse": {"ebsEncryptionByDefault": false}});
    assert_eq!(story.meanwhile("DisableEbsEncryptionByDefault", WITHIN, Value::Null, off), None);
}

/// The weaker level is set only where nothing more stood: a principal that blocked everything meanwhile has lost that.
#[test]
fn a_stricter_block_that_another_principal_set_meanwhile() {
    let place = "snapshot-block-public-access-off/violates-disabled-after-block-new";
    let story = Story::of(SnapshotBlockPublicAccess, place);
    story.close();
    let request = json!({"EnableSnapshotBlockPublicAccessRequest": {"State": "block-all-sharing"}});
    let name = "EnableSnapshotBlockPublicAccess";
    let (_, next) = story.meanwhile(name, WITHIN, request.clone(), Value::Null).unwrap();
    assert!(next.contains("enable-snapshot-block-public-access --state block-all-sharing"), "{next}");
    assert_eq!(story.meanwhile(name, AFTER, request, Value::Null), None);
}

#[test]
fn a_provider_that_another_principal_changed_or_made_anew_before_it_was_deleted() {
    let story = Story::of(IdentityProviders, "identity-provider-not-allowed/violates-oidc-made-and-is-deleted");
    story.close();
    let arn = "arn:aws:iam::111122223333:oidc-provider/idp.example.com";
    let audience = json!({"openIDConnectProviderArn": arn, "clientID": "orders"});
    let (says, next) =
        story.meanwhile("AddClientIDToOpenIDConnectProvider", WITHIN, audience.clone(), Value::Null).unwrap();
    assert!(says.contains("orders") && next.contains("no single call"), "{says} {next}");
    assert_eq!(story.meanwhile("AddClientIDToOpenIDConnectProvider", AFTER, audience, Value::Null), None);
    let anew = json!({"url": "https://idp.example.com", "clientIDList": ["orders"], "thumbprintList": []});
    let made = json!({ "openIDConnectProviderArn": arn });
    let (_, next) = story.meanwhile("CreateOpenIDConnectProvider", WITHIN, anew, made).unwrap();
    assert!(next.contains("create-open-id-connect-provider") && next.contains("orders"), "{next}");
}

const OPS: &str = "arn:aws:iam::111122223333:policy/ops/everything";

fn says(action: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})
}

/// What the record of a change of the policy itself leads to, after a user has lost it: another family's, with the same ledger.
/// `v1` is what it was; `v2` says this.
fn policy_changed(
    lost: &Story<PolicyAttachments>,
    name: &str,
    default: &str,
    time: &str,
    document: &Value,
) -> Option<String> {
    let versions = json!({"v1": says("*"), "v2": document});
    let live = json!({"Arn": OPS, "AttachmentCount": 0, "DefaultVersionId": default, "Versions": versions});
    let world = World::<ManagedPolicies>::new(ManagedPolicies::live(&live));
    world.noted.lock().unwrap().clone_from(&lost.world.noted.lock().unwrap());
    let mut record = lost.record.clone();
    record["eventTime"] = time.into();
    record["eventID"] = format!("e-{name}-{time}").into();
    record["eventName"] = name.into();
    (record["requestParameters"], record["responseElements"]) = if name == "SetDefaultPolicyVersion" {
        (json!({"policyArn": OPS, "versionId": default}), Value::Null)
    } else {
        let request = json!({"policyArn": OPS, "policyDocument": document.to_string(), "setAsDefault": true});
        (request, json!({"policyVersion": {"versionId": default, "isDefaultVersion": true}}))
    };
    let context = RunContext { world: &world, clock: &Watch::default(), memory: &world, rules: &lost.rules };
    let notices = now(handle(&ManagedPolicies, context, &Event::from_record(&record).unwrap())).notices;
    assert!(notices.len() < 2, "{notices:?}");
    notices.into_iter().next().map(|notice| format!("{}\n{}", notice.says.join("\n"), notice.next.join("\n")))
}

/// Its owner mends the policy while a user loses it for what it said before: neither call is about the other's resource.
#[test]
fn a_policy_that_says_something_else_by_the_time_that_it_is_detached() {
    let story = Story::of(PolicyAttachments, "attached-policy-grants-admin/violates-policy-of-the-account");
    story.close();
    let (good, made, chosen) = (says("s3:GetObject"), "CreatePolicyVersion", "SetDefaultPolicyVersion");
    let attach = format!("aws iam attach-user-policy --user-name eve --policy-arn {OPS}");
    let missed = policy_changed(&story, made, "v2", WITHIN, &good).unwrap();
    assert!(
        missed.contains("detach policy") && missed.contains("s3:GetObject") && missed.contains(&attach),
        "{missed}"
    );
    assert_eq!(policy_changed(&story, made, "v2", AFTER, &good), None, "later");
    assert_eq!(policy_changed(&story, made, "v2", WITHIN, &says("*")), None, "what it was detached for");
    assert_eq!(policy_changed(&story, made, "v2", WITHIN, &says("iam:*")), None, "no better");
    // Of a version that is chosen, the record does not say what it says: a look does.
    let missed = policy_changed(&story, chosen, "v2", WITHIN, &good).unwrap();
    assert!(missed.contains(&attach), "{missed}");
    assert_eq!(policy_changed(&story, chosen, "v1", WITHIN, &good), None, "no better");
}
