//! The metadata options of instances, and of the launch templates and configurations that they are launched from.
//!
//! A template is no instance: at the gate it stands for those that will be launched from it. What it leaves out is EC2's default, tokens `optional` and the endpoint
//! `enabled`, unless the account's defaults or the image say otherwise, which no file shows ("Order of precedence for instance metadata options", EC2 user guide).

use super::state::{Instance, Switch, Tokens};
use crate::engine::observed::Observed;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;

pub(super) const FORMS: &[PlannedForm<Instance>] = &[
    PlannedForm::one("AWS::EC2::Instance", |it| of_instance(it, "LaunchTemplate", "MetadataOptions.", CLOUDFORMATION)),
    PlannedForm::one("AWS::EC2::LaunchTemplate", |it| {
        options(it, "LaunchTemplateData.MetadataOptions.", CLOUDFORMATION)
    }),
    PlannedForm::one("AWS::AutoScaling::LaunchConfiguration", |it| options(it, "MetadataOptions.", CLOUDFORMATION)),
    PlannedForm::one("aws_instance", |it| of_instance(it, "launch_template", "metadata_options.", TERRAFORM)),
    PlannedForm::one("aws_spot_instance_request", |it| {
        of_instance(it, "launch_template", "metadata_options.", TERRAFORM)
    }),
    PlannedForm::one("aws_launch_template", |it| options(it, "metadata_options.", TERRAFORM)),
    PlannedForm::one("aws_launch_configuration", |it| options(it, "metadata_options.", TERRAFORM)),
];

const CLOUDFORMATION: (&str, &str) = ("HttpTokens", "HttpEndpoint");
const TERRAFORM: (&str, &str) = ("http_tokens", "http_endpoint");

/// How an instance names its launch template.
const NAMES: [&str; 4] = ["LaunchTemplateId", "LaunchTemplateName", "id", "name"];

/// An instance that says nothing itself and names a launch template has the template's options: that one is judged where it is made.
fn of_instance(
    it: &PlannedResource<'_>,
    template: &str,
    path: &str,
    names: (&str, &str),
) -> Result<Option<Instance>, Unreadable> {
    let says = |name: &str| it.get(&format!("{path}{name}"));
    let is_silent = says(names.0)?.is_none() && says(names.1)?.is_none();
    let templates = if is_silent { it.parts(template)? } else { Vec::new() };
    match templates.first() {
        None => options(it, path, names),
        Some(named) if NAMES.iter().any(|name| named.made(name).is_some()) => Ok(None),
        Some(_) => Err("the launch template that decides is not in this file".into()),
    }
}

fn options(
    it: &PlannedResource<'_>,
    path: &str,
    (tokens, endpoint): (&str, &str),
) -> Result<Option<Instance>, Unreadable> {
    let word = |name: &str| it.text(&format!("{path}{name}"));
    let unknown = |word: &str| Unreadable::from(format!("`{word}` is no metadata option"));
    let endpoint = match word(endpoint)? {
        Some(word) => Switch::read(&word).ok_or_else(|| unknown(&word))?,
        None => Switch::Enabled,
    };
    let tokens = match word(tokens)? {
        Some(word) => Tokens::read(&word).ok_or_else(|| unknown(&word))?,
        None => Tokens::Optional,
    };
    Ok(Some(Instance {
        id: it.name.to_owned(),
        tokens: Observed::Known(tokens),
        endpoint: Observed::Known(endpoint),
        hop_limit: None,
        ipv6: None,
        tags: None,
        in_question: true,
        stack: None,
    }))
}
