use super::*;
use aws_sdk_iam::types::{AttachedPermissionsBoundary, GroupDetail, ManagedPolicyDetail, PolicyVersion, UserDetail};

const OWN: &str = "arn:aws:iam::111122223333:policy/team/run";
const AWS: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

fn document(action: &str) -> String {
    format!(r#"{{"Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}"#)
}

/// As the API writes it.
fn encoded(action: &str) -> String {
    document(action).bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn attached(arn: &str) -> AttachedPolicy {
    AttachedPolicy::builder().policy_arn(arn).build()
}

fn inline(name: &str, action: &str) -> PolicyDetail {
    PolicyDetail::builder().policy_name(name).policy_document(encoded(action)).build()
}

fn policy(arn: &str, action: &str) -> ManagedPolicyDetail {
    let version = |id: &str, action: &str, is_default: bool| {
        PolicyVersion::builder().version_id(id).document(encoded(action)).is_default_version(is_default).build()
    };
    let versions = [version("v2", action, true), version("v1", "s3:GetObject", false)];
    let call = ManagedPolicyDetail::builder().arn(arn).attachment_count(2).default_version_id("v2");
    call.set_policy_version_list(Some(versions.to_vec())).build()
}

/// Eve, of the group of those who pass roles, holds `OWN` and an inline policy; a role holds a policy of another page.
fn page() -> Details {
    let group =
        GroupDetail::builder().group_name("passers").path("/").group_policy_list(inline("pass", "iam:PassRole"));
    let eve = UserDetail::builder().user_name("eve").path("/").group_list("passers");
    let eve = eve.attached_managed_policies(attached(OWN)).user_policy_list(inline("work", "s3:PutObject"));
    let boundary = AttachedPermissionsBoundary::builder().permissions_boundary_arn(AWS).build();
    let role = RoleDetail::builder().role_name("AWSReservedSSO_Look_0").path("/aws-reserved/sso.amazonaws.com/");
    let role = role.attached_managed_policies(attached(OWN)).permissions_boundary(boundary);
    let answer = GetAccountAuthorizationDetailsOutput::builder();
    let answer = answer.user_detail_list(eve.build()).role_detail_list(role.build()).group_detail_list(group.build());
    read(answer.policies(policy(OWN, "ec2:RunInstances")).is_truncated(true).marker("next").build())
}

fn known(documents: &[String]) -> Observed<Beside> {
    Observed::Known(Beside { documents: documents.to_vec(), boundary: None })
}

#[test]
fn an_attachment_shows_what_the_policy_says_and_what_is_beside_it() {
    let page = page().attachments();
    assert_eq!(page.next.as_deref(), Some("next"));
    let [(_, Observed::Known(eve)), (pair, Observed::Known(role))] = page.found.as_slice() else {
        panic!("two attachments: {:?}", page.found)
    };
    assert_eq!(eve.document, Observed::Known(document("ec2:RunInstances")));
    assert_eq!(eve.beside, known(&[document("s3:PutObject"), document("iam:PassRole")]));
    assert!(eve.is_standing);
    assert_eq!((pair.pair.holder.to_string().as_str(), pair.pair.policy.as_str()), ("role/AWSReservedSSO_Look_0", OWN));
    assert_eq!(role.path, Observed::Known("/aws-reserved/sso.amazonaws.com/".to_owned()));
    assert_eq!(role.beside, unread(), "its boundary is on another page");
}

#[test]
fn what_is_on_another_page_is_read_once() {
    let mut details = page();
    assert_eq!(details.unread(), BTreeSet::from([AWS.to_owned()]));
    details.documents.insert(AWS.to_owned(), Observed::Known(document("ec2:*")));
    assert!(details.unread().is_empty());
    let found = details.attachments().found;
    let boundary = Some(document("ec2:*"));
    let expected = Observed::Known(Beside { documents: Vec::new(), boundary });
    assert!(matches!(&found[1].1, Observed::Known(role) if role.beside == expected));
}

#[test]
fn inline_policies_and_the_account_s_own_managed_ones() {
    let found = page().inline().found;
    let names: Vec<String> = found.iter().map(|(key, _)| format!("{}/{}", key.holder, key.name)).collect();
    assert_eq!(names, ["user/eve/work", "group/passers/pass"]);
    assert!(matches!(&found[1].1, Observed::Known(it) if it.document == Observed::Known(document("iam:PassRole"))));

    let found = page().managed().found;
    let [(key, Observed::Known(policy))] = found.as_slice() else { panic!("one policy: {found:?}") };
    assert_eq!((key.arn.as_str(), policy.default.id.as_str()), (OWN, "v2"));
    assert_eq!(policy.default.document, document("ec2:RunInstances"));
    assert_eq!((&policy.holders, policy.since), (&Observed::Known(2), Since::Before));
    assert_eq!(policy.versions, Observed::Known(vec!["v2".to_owned(), "v1".to_owned()]));
}

#[test]
fn a_version_that_the_listing_leaves_out_is_unknown() {
    let bare = ManagedPolicyDetail::builder().arn(OWN).build();
    let role = RoleDetail::builder().role_name("web").attached_managed_policies(attached(OWN)).build();
    let answer = GetAccountAuthorizationDetailsOutput::builder().policies(bare).role_detail_list(role).build();
    let details = read(answer);
    assert!(matches!(details.document(OWN), Observed::Unknown { .. }));
    assert!(details.managed().found.is_empty());
}
