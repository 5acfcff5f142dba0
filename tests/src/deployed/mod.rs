//! The whole stack as the template describes it, put up in the local AWS part by part, with a stand-in for CloudFormation that shows it.

mod parts;
mod sam;

pub use sam::processed;

use crate::cloudformation::{CloudFormation, Stack};
use crate::lab::Lab;
use crate::moto::{ACCOUNT, REGION};
use crate::{Result, paths};
use parapet::doctor::deployed::{Deployed, Part};
use parapet::template::Node;
use serde_json::{Value, json};
use shared::engine::observed::Place;
use shared::engine::request::Answer;
use std::collections::BTreeMap;

/// The stack's name.
pub const STACK: &str = "parapet";

/// How CloudFormation ends the names of its parts.
pub const ENDING: &str = "1A2B3C4D5E6F";

/// A stack that stands, and what shows it.
pub struct Deployment {
    /// Before the lab's proxy.
    pub cloudformation: CloudFormation,
    /// What CloudFormation shows.
    pub stack: Deployed,
}

fn answer(body: Value) -> Answer {
    Answer { body, request_id: None }
}

impl Deployment {
    /// Puts up the stack of template.yaml with these parameters.
    ///
    /// # Errors
    /// AWS's.
    pub async fn of(lab: &Lab, parameters: &[(&str, &str)]) -> Result<Self> {
        let template = Node::parse(&std::fs::read_to_string(paths::root().join("template.yaml"))?)?.to_value();
        let template = processed(&template);
        let names = parts::named(lab, &template).await?;
        let stack = shown(&template, &names, parameters);
        let place = Place { partition: "aws".to_owned(), account: ACCOUNT.to_owned(), region: REGION.to_owned() };
        let answers = [
            json!({"Stacks": [stack.shown]}),
            json!({"TemplateBody": stack.template.to_string()}),
            json!({"StackResourceSummaries": stack.resources}),
        ];
        let [stacks, body, resources] = answers.map(answer);
        let deployed = Deployed::read(STACK, &place, &stacks, &body, &resources)?;
        parts::make(lab, &deployed).await?;
        let cloudformation = CloudFormation::start(lab.proxy.address()).await?;
        // What the stack does not have under its conditions, CloudFormation does not show.
        let made = |one: &&Value| one["LogicalResourceId"].as_str().is_some_and(|id| deployed.parts.contains_key(id));
        let resources = stack.resources.iter().filter(made).cloned().collect();
        cloudformation.set(REGION, Stack { resources, ..stack });
        Ok(Self { cloudformation, stack: deployed })
    }

    /// A part by its logical id.
    ///
    /// # Errors
    /// The stack has no such part.
    pub fn part(&self, id: &str) -> Result<&Part> {
        Ok(self.stack.parts.get(id).ok_or_else(|| format!("the stack has no `{id}`"))?)
    }

    /// What a part is called.
    ///
    /// # Errors
    /// The stack has no such part.
    pub fn name(&self, id: &str) -> Result<&str> {
        Ok(self.part(id)?.name().ok_or_else(|| format!("`{id}` was not made"))?)
    }

    /// A function's variables.
    ///
    /// # Errors
    /// The stack has no such function.
    pub fn variables(&self, id: &str) -> Result<BTreeMap<String, String>> {
        let all = self.part(id)?.properties["Environment"]["Variables"].as_object().cloned().unwrap_or_default();
        Ok(all
            .into_iter()
            .filter_map(|(name, value)| Some((name, shared::engine::planned::scalar_text(&value)?)))
            .collect())
    }
}

/// What CloudFormation shows of a stack that was deployed ten days ago.
fn shown(template: &Value, names: &BTreeMap<String, String>, parameters: &[(&str, &str)]) -> Stack {
    let ago = |days: i64| (jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * days)).to_string();
    let resource = |(id, name): (&String, &String)| {
        json!({"LogicalResourceId": id, "PhysicalResourceId": name, "ResourceType": template["Resources"][id]["Type"],
            "ResourceStatus": "CREATE_COMPLETE", "LastUpdatedTimestamp": (jiff::Timestamp::now() + jiff::SignedDuration::from_mins(30)).to_string()})
    };
    let parameter = |(name, value): &(&str, &str)| json!({"ParameterKey": name, "ParameterValue": value});
    Stack {
        shown: json!({"StackName": STACK, "StackId": format!("arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}/0"),
            "StackStatus": "UPDATE_COMPLETE", "CreationTime": ago(10), "Parameters": parameters.iter().map(parameter).collect::<Vec<_>>()}),
        template: template.clone(),
        resources: names.iter().map(resource).collect(),
    }
}
