//! Sign-ins and what root does, by the real binary: notified at once, once, and nothing is asked of AWS but that.

use serde_json::{Value, json};
use tests::host::{Host, Settings};
use tests::lab::Lab;
use tests::records::{self, Caller};
use tests::world::World;

static WORLD: World = World::new();

fn signed_in(caller: &Caller, mfa: &str) -> Value {
    let mut event =
        records::event(caller, "signin.amazonaws.com", "ConsoleLogin", Value::Null, json!({"ConsoleLogin": "Success"}));
    event["detail-type"] = json!("AWS Console Sign In via CloudTrail");
    event["detail"]["eventType"] = json!("AwsConsoleSignIn");
    event["detail"]["additionalEventData"] = json!({"MFAUsed": mfa, "MobileVersion": "No"});
    event
}

/// The subject of each notification, and that nothing else was done.
async fn notified(lab: &Lab, function: &mut Host, event: &Value) -> Vec<String> {
    function.send(event).await.unwrap();
    function.send(event).await.unwrap();
    let actions = lab.proxy.take_actions();
    assert!(actions.iter().all(|action| action == "Publish"), "{actions:?}");
    let heard = lab.channel.hear().await.unwrap();
    heard.iter().map(|message| message["Subject"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn root_signs_in_without_mfa_and_is_notified_once_for_both_guardrails() {
    let lab = WORLD.lab("root-sign-in").await.unwrap();
    let mut function = lab.function("sign-in", None).await.unwrap();
    let subjects = notified(&lab, &mut function, &signed_in(&Caller::root(), "No")).await;
    assert_eq!(subjects.len(), 1, "{subjects:?}");
    assert!(subjects[0].contains("Root signed in to the console"), "{subjects:?}");
}

#[tokio::test]
async fn a_user_signs_in_without_mfa() {
    let lab = WORLD.lab("user-sign-in").await.unwrap();
    let mut function = lab.function("sign-in", None).await.unwrap();
    let subjects = notified(&lab, &mut function, &signed_in(&Caller::user("ben"), "No")).await;
    assert!(subjects.len() == 1 && subjects[0].contains("without MFA"), "{subjects:?}");
    assert!(notified(&lab, &mut function, &signed_in(&Caller::user("ben"), "Yes")).await.is_empty());
    assert!(
        notified(&lab, &mut function, &signed_in(&Caller::session("AWSReservedSSO_x", "ana"), "No")).await.is_empty()
    );
}

/// Two processes count in one ledger: what is too many is notified once, and again each time that it has doubled. A repeated delivery counts nothing twice.
#[tokio::test]
async fn a_burst_of_failed_sign_ins_is_notified_and_each_failure_is_not() {
    let lab = WORLD.lab("failed-sign-ins").await.unwrap();
    let settings = Settings { ledger: Some(lab.ledger().await.unwrap()), ..lab.settings() };
    let mut functions =
        [Host::start("sign-in", &settings).await.unwrap(), Host::start("sign-in", &settings).await.unwrap()];
    let mut time = None;
    let mut heard = Vec::new();
    for at in 1..=80 {
        // A name that is no user's has no ARN in its record.
        let mut event = signed_in(&Caller::user("ben"), "No");
        event["detail"]["userIdentity"] =
            json!({"type": "IAMUser", "accountId": "123456789012", "userName": "HIDDEN_DUE_TO_SECURITY_REASONS"});
        event["detail"]["responseElements"] = json!({"ConsoleLogin": "Failure"});
        event["detail"]["errorMessage"] = json!("No username found in supplied account");
        // All within one hour, whenever this runs.
        let time: &Value = time.get_or_insert_with(|| event["detail"]["eventTime"].clone());
        event["detail"]["eventTime"] = time.clone();
        functions[at % 2].send(&event).await.unwrap();
        if at % 9 == 0 {
            functions[(at + 1) % 2].send(&event).await.unwrap();
        }
        for message in lab.channel.hear().await.unwrap() {
            heard.push((at, message["Subject"].as_str().unwrap().to_owned()));
        }
    }
    let times: Vec<usize> = heard.iter().map(|(at, _)| *at).collect();
    assert_eq!(times, [10, 20, 40, 80], "{heard:?}");
    assert!(heard.iter().all(|(_, subject)| subject.contains("Many console sign-ins failed")), "{heard:?}");
}

#[tokio::test]
async fn root_makes_a_call_whatever_the_service() {
    let lab = WORLD.lab("root-call").await.unwrap();
    let mut function = lab.function("sign-in", None).await.unwrap();
    let call = |source: &str, name: &str| records::event(&Caller::root(), source, name, json!({}), Value::Null);
    for event in [call("ec2.amazonaws.com", "RunInstances"), call("account.amazonaws.com", "CloseAccount")] {
        let subjects = notified(&lab, &mut function, &event).await;
        assert!(subjects.len() == 1 && subjects[0].contains("Root made an API call"), "{subjects:?}");
    }
    let mut for_root = call("ec2.amazonaws.com", "RunInstances");
    for_root["detail"]["userIdentity"]["invokedBy"] = json!("autoscaling.amazonaws.com");
    assert!(notified(&lab, &mut function, &for_root).await.is_empty());
}
