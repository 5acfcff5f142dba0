//! LOG-13: the functions of Parapet, and the layer with its policy file, are changed by deployments alone.
//!
//! Source: the actions of these names in the Lambda API reference. The name of a record carries the date of the API.

use super::{noticed, part};
use crate::engine::arn::arn_part;
use crate::engine::event::Body;
use crate::engine::notice::prelude::*;
use crate::resources::lambda::record::function_arn;
use crate::resources::parapet::manifest::MANIFEST;
use serde_json::Value;

/// Changes of Parapet's functions.
pub type FunctionChanges = Notices<FunctionChange>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FunctionChange;

impl Notice for FunctionChange {
    type Settings = NoSettings;

    const KIND: &'static str = "parapet-function-change";
    const HEARS_ITSELF: bool = true;
    const ABOUT: &'static About = &About {
        name: "parapet-function-changed",
        catalogue_id: "LOG-13",
        title: "A function of Parapet was changed, replaced or deleted",
        description: "The code, configuration, permissions or retries of a function of Parapet's stack were changed, the function was deleted, or a version of the \
            layer with the policy file was published or deleted. Deployments by CloudFormation are notified as well. Functions are recognised by the names that \
            CloudFormation gives them, the layer by its name.",
        severity: Severity::Critical,
        class: Class::R0,
        controls: &[],
        technique: "T1562.001",
        triggers: &[
            "UpdateFunctionCode",
            "UpdateFunctionCode20150331",
            "UpdateFunctionCode20150331v2",
            "UpdateFunctionConfiguration",
            "UpdateFunctionConfiguration20150331",
            "UpdateFunctionConfiguration20150331v2",
            "DeleteFunction",
            "DeleteFunction20150331",
            "RemovePermission",
            "RemovePermission20150331",
            "RemovePermission20150331v2",
            "PutResourcePolicy",
            "PutResourcePolicy20260709",
            "DeleteResourcePolicy",
            "DeleteResourcePolicy20260709",
            "PutFunctionEventInvokeConfig",
            "UpdateFunctionEventInvokeConfig",
            "DeleteFunctionEventInvokeConfig",
            "PutFunctionRecursionConfig",
            "PublishLayerVersion",
            "PublishLayerVersion20181031",
            "DeleteLayerVersion",
            "DeleteLayerVersion20181031",
        ],
        remediation: "Notifies: the record does not show the code or the configuration of before. Deploy the stack again.",
        actions: &[],
        ids: &["arn:%:lambda:%:%:function:%", "arn:%:lambda:%:%:function:%:%", "arn:%:lambda:%:%:layer:%"],
        not_watched: &[
            ("AddPermission20150331v2", "who may invoke a function is another guardrail's"),
            (
                "PublishVersion20150331, UpdateAlias20150331",
                "the rules invoke the function itself, and no version of it",
            ),
            (
                "PutRuntimeManagementConfig",
                "which runtime of AWS starts the function's binary, which brings all it needs",
            ),
            ("TagResource, UntagResource", "nothing depends on a function's tags"),
        ],
    };

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !event.is_one_of("lambda.amazonaws.com", Self::ABOUT.triggers) {
            return Ok(None);
        }
        // A dry run changes nothing.
        if event.request.at(&["dryRun"]).and_then(Value::as_bool) == Some(true) {
            return Ok(None);
        }
        let arn_at = |body: &Body, member: &str| body.text(&[member]).map(str::to_owned);
        let layer = event
            .request
            .text(&["layerName"])
            .map(|name| super::arn_of(event, "lambda", &event.region, "layer:", name));
        let of_policy = || arn_at(&event.request, "resourceArn");
        let answered = || arn_at(&event.response, "functionArn");
        let arn = layer.or_else(|| function_arn(event)).or_else(of_policy).or_else(answered);
        let arn = arn.ok_or_else(|| Unlocatable::new(event, "the record names no function"))?;
        let what = match event.name.as_str() {
            name if name.starts_with("UpdateFunctionCode") => "the code was replaced",
            name if name.starts_with("UpdateFunctionConfiguration") => "the configuration was changed",
            name if name.starts_with("DeleteFunction2") || name == "DeleteFunction" => "the function was deleted",
            name if name.starts_with("RemovePermission") => "a permission to invoke the function was removed",
            name if name.contains("ResourcePolicy") => {
                "the policy that says who may invoke the function was replaced or deleted"
            }
            name if name.contains("LayerVersion") => {
                "a version of the layer with the policy file was published or deleted"
            }
            _ => "how failed invocations are handled was changed",
        };
        Ok(Some(noticed(event, &arn, &event.name, what)))
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        let (kind, name) = (arn_part(&seen.name, 5), name_of(&seen.name));
        match kind {
            // SAM calls a layer by its logical id.
            Some(kind) if kind.starts_with("layer") => {
                super::stack_here(terms).is_some()
                    && MANIFEST.parts.get(name).is_some_and(|kind| kind == "AWS::Serverless::LayerVersion")
            }
            _ => part(name, terms).is_some(),
        }
    }

    fn named(arn: &str, _: &Place) -> Resource {
        Resource { id: arn.to_owned(), kind: "AwsLambdaFunction", name: name_of(arn).to_owned() }
    }
}

/// The name of a function or layer, without its version.
fn name_of(arn: &str) -> &str {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    resource.split(':').nth(1).unwrap_or(resource)
}
