//! The channel: that a notification reaches someone, and that what a function could not do does not lie unseen.

use crate::doctor::answers::Answers;
use crate::doctor::calls::{self, Call};
use crate::doctor::deployed::{Deployed, Part, first_unresolved};
use crate::doctor::documents::{Grants, compare, grants, wanted};
use crate::doctor::line::{Check, DEPLOY, Line};
use serde_json::Value;
use shared::engine::count::counted;
use shared::engine::planned::scalar_text;

const TOPIC: &str = "AWS::SNS::Topic";
const QUEUE: &str = "AWS::SQS::Queue";

/// What is asked.
#[must_use]
pub fn asks(deployed: &Deployed) -> Vec<Call> {
    let region = &deployed.place.region;
    let topics = deployed.of(TOPIC).flat_map(|(_, topic, _)| {
        [calls::get_topic_attributes(region, topic), calls::list_subscriptions(region, topic)]
    });
    topics.chain(deployed.of(QUEUE).map(|(_, queue, _)| calls::get_queue_attributes(region, queue))).collect()
}

/// The topic's lines.
#[must_use]
pub fn topic(deployed: &Deployed, answers: &Answers) -> Vec<Line> {
    let region = &deployed.place.region;
    let mut check = Check::new("topic", region);
    let (mut all, mut says) = (0, String::new());
    for (_, topic, _) in deployed.of(TOPIC) {
        all += 1;
        let Some(found) = check.need(answers, &calls::get_topic_attributes(region, topic), topic) else { continue };
        let attribute = |name: &str| found.at(&["Attributes", name]).and_then(Value::as_str);
        resource_policy(&mut check, deployed, ("AWS::SNS::TopicPolicy", "Topics"), topic, attribute("Policy"));
        let Some(confirmed) = attribute("SubscriptionsConfirmed").and_then(|text| text.parse::<u64>().ok()) else {
            check.unknown(topic, "the answer does not show how many subscriptions are confirmed");
            continue;
        };
        if confirmed == 0 {
            let todo =
                "subscribe to it (`NotificationEmail`, or `aws sns subscribe`), and confirm the message that SNS sends";
            check.fault(topic, "it has no confirmed subscription: notifications are not delivered", todo);
        }
        if let Some(listed) = check.need(answers, &calls::list_subscriptions(region, topic), topic) {
            pending(&mut check, topic, listed.list("Subscriptions"));
        }
        says = format!(" with {}, none is pending", counted(confirmed, "confirmed subscription"));
    }
    check.or_all_well(&deployed.stack, (all, "topic"), &says)
}

fn pending(check: &mut Check, topic: &str, subscriptions: &[Value]) {
    // "ListSubscriptionsByTopic", SNS API reference: it stands in the place of the ARN.
    let is_pending = |one: &&Value| one["SubscriptionArn"] == "PendingConfirmation";
    for one in subscriptions.iter().filter(is_pending) {
        let whose = ["Protocol", "Endpoint"].map(|name| one[name].as_str().unwrap_or_default()).join(" ");
        let todo = "confirm it by the link in the message that SNS sent, or subscribe again after three days";
        check.fault(topic, format!("the subscription of {whose} is not confirmed"), todo);
    }
}

/// The policies that the template attaches to a topic or a queue, against the one that it has.
fn resource_policy(
    check: &mut Check,
    deployed: &Deployed,
    (kind, list): (&str, &str),
    name: &str,
    found: Option<&str>,
) {
    let is_about = |part: &Part| part.properties[list].as_array().is_some_and(|all| all.iter().any(|one| one == name));
    let should = match deployed.of(kind).find(|(_, _, part)| is_about(part)) {
        Some((_, _, part)) => wanted(&part.properties["PolicyDocument"]),
        // One of which it is not known may be about this one.
        None => match deployed.of(kind).find_map(|(_, _, part)| first_unresolved(&part.properties[list])) {
            Some(unresolved) => Err(format!("whether the template has one is not known: {unresolved}")),
            None => return check.fault(name, format!("the stack has no {kind} for it"), DEPLOY),
        },
    };
    let found = found.filter(|text| !text.is_empty()).map(|text| grants(&Value::String(text.to_owned())));
    if found.is_none() && should.is_ok() {
        return check.fault(name, "it has no policy: AWS's services may not write to it", DEPLOY);
    }
    compare(check, name, "its policy", should, found.unwrap_or_else(|| Ok(Grants::new())));
}

/// The queue's lines.
#[must_use]
pub fn dead_letters(deployed: &Deployed, answers: &Answers) -> Vec<Line> {
    let region = &deployed.place.region;
    let mut check = Check::new("dead-letters", region);
    let mut all = 0;
    for (_, queue, part) in deployed.of(QUEUE) {
        all += 1;
        let Some(found) = check.need(answers, &calls::get_queue_attributes(region, queue), queue) else { continue };
        let attribute = |name: &str| found.at(&["Attributes", name]).and_then(Value::as_str);
        let numbers = ["", "NotVisible", "Delayed"].map(|rest| {
            attribute(&format!("ApproximateNumberOfMessages{rest}")).and_then(|text| text.parse::<u64>().ok())
        });
        match numbers.into_iter().sum::<Option<u64>>() {
            Some(0) => {}
            Some(number) => {
                let key = deployed.parameter("KmsKeyArn").filter(|key| !key.is_empty());
                let key = key.map(|key| format!(" --kms-key {key}")).unwrap_or_default();
                let todo = format!(
                    "mend what the messages say, then `parapet redrive --dead-letters {queue} --stack {}{key}`",
                    deployed.stack
                );
                let says = "events that no function could handle, whose violations may be open";
                check.fault(queue, format!("{}: {says}", counted(number, "message")), &todo);
            }
            None => check.unknown(queue, "the answer does not show how many messages it has"),
        }
        resource_policy(&mut check, deployed, ("AWS::SQS::QueuePolicy", "Queues"), queue, attribute("Policy"));
        let retention = &part.properties["MessageRetentionPeriod"];
        let (wanted, is) = (scalar_text(retention), attribute("MessageRetentionPeriod"));
        if check.is_resolved(queue, "its retention", retention)
            && wanted.as_deref().is_some_and(|wanted| Some(wanted) != is)
        {
            let says = format!(
                "it keeps messages for {} s, the template says {}",
                is.unwrap_or("unknown"),
                wanted.unwrap_or_default()
            );
            check.fault(queue, says, DEPLOY);
        }
    }
    check.or_all_well(&deployed.stack, (all, "queue"), " without messages, and AWS's services may write to it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::line::State;
    use crate::doctor::tests::{deployed, is_said, known, said, unknown};
    use serde_json::json;
    use shared::engine::observed::Observed;
    use shared::engine::request::Answer;

    const TOPIC_ARN: &str = "arn:aws:sns:eu-west-1:111122223333:parapet-Topic-1";
    const QUEUE_URL: &str = "https://sqs.eu-west-1.amazonaws.com/111122223333/parapet-DeadLetters-1";

    fn policy(service: &str) -> Value {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sns:Publish", "Resource": "*"}]})
    }

    fn template() -> Value {
        json!({"Parameters": {"KmsKeyArn": {"Type": "String", "Default": ""}}, "Resources": {
            "Topic": {"Type": TOPIC}, "Queue": {"Type": QUEUE, "Properties": {"MessageRetentionPeriod": 1_209_600}},
            "TopicPolicy": {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": [{"Ref": "Topic"}], "PolicyDocument": policy("cloudwatch.amazonaws.com")}},
            "QueuePolicy": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Queue"}], "PolicyDocument": policy("events.amazonaws.com")}},
        }})
    }

    fn made_of(template: &Value) -> Deployed {
        deployed(template, &[("Topic", TOPIC_ARN), ("Queue", QUEUE_URL), ("TopicPolicy", "p"), ("QueuePolicy", "q")])
    }

    fn stack() -> Deployed {
        made_of(&template())
    }

    fn topic_said(attributes: Observed<Answer>, subscriptions: Observed<Answer>) -> Vec<(State, String)> {
        let region = "eu-west-1";
        let answers = Answers::default()
            .with(&calls::get_topic_attributes(region, TOPIC_ARN), attributes)
            .with(&calls::list_subscriptions(region, TOPIC_ARN), subscriptions);
        said(topic(&stack(), &answers))
    }

    fn attributes(confirmed: &str, service: &str) -> Observed<Answer> {
        known(json!({"Attributes": {"SubscriptionsConfirmed": confirmed, "Policy": policy(service).to_string()}}))
    }

    #[test]
    fn a_topic_is_heard_by_someone_or_not() {
        let one = |arn: &str| {
            known(
                json!({"Subscriptions": [{"SubscriptionArn": arn, "Protocol": "email", "Endpoint": "team@example.com"}]}),
            )
        };
        let (good, pending) = (|| one("arn:x"), || one("PendingConfirmation"));
        let of_cloudwatch = |confirmed: &str| attributes(confirmed, "cloudwatch.amazonaws.com");
        for (attributes, subscriptions, state, part) in [
            (of_cloudwatch("2"), good(), State::Ok, "2 confirmed"),
            (of_cloudwatch("0"), known(json!({"Subscriptions": ""})), State::Fault, "no confirmed subscription"),
            (of_cloudwatch("1"), pending(), State::Fault, "team@example.com is not confirmed"),
            (attributes("1", "cloudwatch.amazonaws.com"), unknown(), State::Unknown, "lacks"),
            (
                known(json!({"Attributes": {"Policy": policy("cloudwatch.amazonaws.com").to_string()}})),
                good(),
                State::Unknown,
                "how many",
            ),
            (known(json!({"Attributes": {"SubscriptionsConfirmed": "1"}})), good(), State::Fault, "no policy"),
            (
                known(json!({"Attributes": {"SubscriptionsConfirmed": "1", "Policy": "{"}})),
                good(),
                State::Unknown,
                "no JSON",
            ),
            (Observed::Absent, good(), State::Fault, "does not exist"),
        ] {
            is_said(&topic_said(attributes, subscriptions), state, part);
        }
        let said = topic_said(attributes("1", "sns.amazonaws.com"), good());
        assert!(
            said.len() == 2 && said.iter().all(|(state, says)| *state == State::Fault && says.contains("policy")),
            "{said:?}"
        );
    }

    #[test]
    fn dead_letters_are_counted_wherever_they_are() {
        let of = |name: &str, value: &str| {
            let mut all = json!({"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "0", "ApproximateNumberOfMessagesDelayed": "0",
                "MessageRetentionPeriod": "1209600", "Policy": policy("events.amazonaws.com").to_string()});
            all[name] = value.into();
            known(json!({ "Attributes": all }))
        };
        for (attributes, state, part) in [
            (of("ApproximateNumberOfMessages", "0"), State::Ok, "1 queue without messages"),
            (of("ApproximateNumberOfMessages", "3"), State::Fault, "3 messages"),
            (of("ApproximateNumberOfMessagesNotVisible", "1"), State::Fault, "1 message:"),
            (of("ApproximateNumberOfMessagesDelayed", "?"), State::Unknown, "how many"),
            (of("MessageRetentionPeriod", "60"), State::Fault, "for 60 s"),
            (of("Policy", ""), State::Fault, "no policy"),
            (unknown(), State::Unknown, "lacks"),
            (Observed::Absent, State::Fault, "does not exist"),
        ] {
            let answers = Answers::default().with(&calls::get_queue_attributes("eu-west-1", QUEUE_URL), attributes);
            is_said(&said(dead_letters(&stack(), &answers)), state, part);
        }
        let mut with_key = template();
        with_key["Parameters"]["KmsKeyArn"]["Default"] = "arn:of:the:key".into();
        let full = of("ApproximateNumberOfMessages", "3");
        let answers = Answers::default().with(&calls::get_queue_attributes("eu-west-1", QUEUE_URL), full);
        for (stack, has_key) in [(made_of(&with_key), true), (stack(), false)] {
            let todo = dead_letters(&stack, &answers)[0].todo.clone().unwrap();
            assert!(todo.contains("--stack parapet") && todo.contains("--kms-key arn:of:the:key") == has_key, "{todo}");
        }
    }

    #[test]
    fn what_the_template_leaves_open_is_unknown_and_what_it_lacks_a_fault() {
        let good = json!({"Attributes": {"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "0",
            "ApproximateNumberOfMessagesDelayed": "0", "MessageRetentionPeriod": "1209600", "Policy": policy("events.amazonaws.com").to_string()}});
        let with = |change: fn(&mut Value)| {
            let mut template = template();
            change(&mut template["Resources"]);
            let answers =
                Answers::default().with(&calls::get_queue_attributes("eu-west-1", QUEUE_URL), known(good.clone()));
            said(dead_letters(&made_of(&template), &answers))
        };
        for (change, state, part) in [
            (
                (|all| all["QueuePolicy"]["Properties"]["Queues"] = json!([{"Ref": "Gone"}])) as fn(&mut Value),
                State::Unknown,
                "whether the template has one",
            ),
            (
                |all| all["QueuePolicy"]["Properties"]["PolicyDocument"] = json!({"Ref": "Gone"}),
                State::Unknown,
                "what the template says",
            ),
            (
                |all| all["Queue"]["Properties"]["MessageRetentionPeriod"] = json!({"Ref": "Gone"}),
                State::Unknown,
                "its retention",
            ),
            (
                |all| drop(all.as_object_mut().unwrap().remove("QueuePolicy")),
                State::Fault,
                "no AWS::SQS::QueuePolicy for it",
            ),
            (|all| drop(all.as_object_mut().unwrap().remove("Queue")), State::Fault, "the stack has no queue"),
        ] {
            is_said(&with(change), state, part);
        }
        let mut none = template();
        none["Resources"].as_object_mut().unwrap().remove("Topic");
        is_said(&said(topic(&made_of(&none), &Answers::default())), State::Fault, "the stack has no topic");
    }
}
