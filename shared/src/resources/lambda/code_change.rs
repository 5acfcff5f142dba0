//! RES-04: the code and the layers of Lambda functions are changed by the pipeline alone.
//!
//! Sources: "UpdateFunctionCode", "UpdateFunctionConfiguration" (Lambda API reference). The name of a record carries the date of the API.

use super::record::function_arn;
use crate::engine::notice::prelude::*;
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Changes of a function's code and layers.
pub type CodeChanges = Notices<CodeChange>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CodeChange;

/// Who may change the code of functions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CodeChangeSettings {
    /// ARNs of the principals (or of the roles behind their sessions) that change the code and layers of functions; `*` and `?` match as
    /// in IAM. Without any, the guardrail finds nothing.
    pub allowed_principals: Vec<String>,
}

impl GuardrailSettings for CodeChangeSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "allowed_principals", entries: &self.allowed_principals, holds: PRINCIPALS }]
    }
}

const PRINCIPALS: Holds = Holds {
    shapes: Holds::CALLERS,
    form: "the ARN of a user or a role",
    everything: Some("allows every principal: the guardrail finds nothing"),
};

impl Notice for CodeChange {
    type Settings = CodeChangeSettings;

    const KIND: &'static str = "lambda-code-change";
    const ABOUT: &'static About = &About {
        name: "lambda-code-changed-outside-pipeline",
        catalogue_id: "RES-04",
        title: "The code or layers of a Lambda function were changed outside the pipeline",
        description: "A principal that is not among `allowed_principals` changed the code of a function, or put layers into it: they run with the \
            function's role from the next invocation on. Without `allowed_principals` the guardrail finds nothing, since every deployment makes \
            these calls. Other changes of the configuration are left alone.",
        severity: Severity::High,
        class: Class::R0,
        controls: &[],
        technique: "T1525",
        triggers: &[
            "UpdateFunctionCode",
            "UpdateFunctionCode20150331",
            "UpdateFunctionCode20150331v2",
            "UpdateFunctionConfiguration",
            "UpdateFunctionConfiguration20150331",
            "UpdateFunctionConfiguration20150331v2",
        ],
        remediation: "Notifies: Lambda keeps the code of before only in a published version, and a reserved concurrency of 0 would stop the function.",
        actions: &[],
        ids: &["arn:%:lambda:%:%:function:%", "arn:%:lambda:%:%:function:%:%"],
        not_watched: &[
            ("CreateFunction20150331", "a new function replaces nothing that runs"),
            ("PublishVersion20150331, UpdateAlias20150331", "they publish or point to code that was there before"),
        ],
    };

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !event.is_one_of("lambda.amazonaws.com", Self::ABOUT.triggers) {
            return Ok(None);
        }
        let is_code = event.name.starts_with("UpdateFunctionCode");
        let layers: Option<Vec<&str>> = event
            .request
            .at(&["layers"])
            .and_then(Value::as_array)
            .map(|layers| layers.iter().filter_map(Value::as_str).collect());
        // A dry run changes nothing.
        let is_dry = event.request.at(&["dryRun"]).and_then(Value::as_bool) == Some(true);
        if is_dry || !(is_code || layers.is_some()) {
            return Ok(None);
        }
        let answered = || event.response.text(&["functionArn"]).map(str::to_owned);
        let unnamed = || Unlocatable::new(event, "the record names no function");
        let arn = function_arn(event).or_else(answered).ok_or_else(unnamed)?;
        let seen = Noticed::of(event, &arn);
        let caller = event.actor.role.as_deref().or(event.actor.arn.as_deref()).unwrap_or("an unknown principal");
        let what = |what: &str| {
            Some(format!("{what} of `{arn}` was changed by `{caller}`, which is not among `allowed_principals`"))
        };
        Ok(Some(match layers {
            Some(layers) if !is_code => {
                let all = if layers.is_empty() { "none".to_owned() } else { layers.join(", ") };
                seen.sign("layers", what(&format!("the list of layers (now: {all})")))
            }
            Some(_) | None => seen.sign("code", what("the code")),
        }))
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        let settings = Self::settings(terms);
        let allowed = &settings.allowed_principals;
        let may = |arn: &String| allowed.iter().any(|pattern| matches_pattern(pattern, arn));
        !allowed.is_empty() && !seen.by.iter().any(may)
    }

    fn named(arn: &str, _: &Place) -> Resource {
        let name = arn.split_once(":function:").map_or(arn, |(_, name)| name).to_owned();
        Resource { id: arn.to_owned(), kind: "AwsLambdaFunction", name }
    }
}
