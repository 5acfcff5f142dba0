//! RES-02: the URL of a Lambda function asks for a signature.
//!
//! Sources: "Control access to Lambda function URLs", "Monitoring Lambda function URLs" (Lambda developer guide); "GetFunctionUrlConfig",
//! "UpdateFunctionUrlConfig" (API reference): an update changes the members that it names. The name of a record carries the date of the API.

use super::LAMBDA;
use super::record::function_arn;
use crate::engine::arn::arn_part;
use crate::engine::setting::prelude::*;

const ARNS: &[&str] = &["lambda:${Region}:${Account}:function:*"];
const GET: Permission = Permission::on("lambda:GetFunctionUrlConfig", ARNS);
const UPDATE: Permission = Permission::on("lambda:UpdateFunctionUrlConfig", ARNS);
const LIST: Permission = Permission::read("lambda:ListFunctions");

/// The date of the API that function URLs came with.
const API_DATE: &str = "2021-10-31";

/// The URLs of Lambda functions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FunctionUrls;

/// A function, or an alias of one, with a URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionUrl {
    /// The ARN of the function, with the alias where it is the alias's URL.
    pub function: String,
    /// Whether a request has to be signed (`AWS_IAM`).
    pub is_signed: Observed<bool>,
}

/// `AuthType`.
fn is_signed(auth: Option<&str>) -> Observed<bool> {
    match auth {
        Some("AWS_IAM") => Observed::Known(true),
        Some("NONE") => Observed::Known(false),
        Some(other) => Observed::Unknown { why: format!("the URL has an `AuthType` that is not known: `{other}`") },
        None => Observed::Unknown { why: "the `AuthType` of the URL is not shown".to_owned() },
    }
}

/// The function's own ARN, and the alias.
fn parts(arn: &str) -> (&str, Option<&str>) {
    match arn.split_once(":function:").and_then(|(_, name)| name.split_once(':')) {
        Some((_, alias)) => (arn.strip_suffix(alias).and_then(|arn| arn.strip_suffix(':')).unwrap_or(arn), Some(alias)),
        None => (arn, None),
    }
}

impl Setting for FunctionUrls {
    type Key = String;
    type State = FunctionUrl;
    type Subject = String;
    type Value = bool;
    type Settings = NoSettings;

    const KIND: &'static str = "lambda-function-url";
    const STRICTEST: bool = true;
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST];
    const UNDOES: &'static [Permission] = &[UPDATE];
    const ABOUT: &'static About = &About {
        name: "lambda-function-url-unauthenticated",
        catalogue_id: "RES-02",
        title: "The URL of a Lambda function takes requests without a signature",
        description: "A function URL has the `AuthType` `NONE`: Lambda checks no signature, and any caller that knows the URL may invoke the function where \
            its policy allows that to everyone, as the console writes it there. That permission is the policy's: \
            `lambda-function-policy-public` (RES-01) removes it. A webhook that checks its requests by itself is a case for an exemption.",
        severity: Severity::High,
        class: Class::R1,
        controls: &["Lambda.1"],
        technique: "T1648",
        triggers: &[
            "CreateFunctionUrlConfig",
            "CreateFunctionUrlConfig20211031",
            "UpdateFunctionUrlConfig",
            "UpdateFunctionUrlConfig20211031",
        ],
        remediation: "Sets `AuthType` to `AWS_IAM`: the URL, its CORS settings and the policy stay, and a request has to be signed by a principal that \
            may invoke the function. Deleting the URL could not be undone: the next one is another.",
        actions: &[UPDATE],
        ids: &["arn:%:lambda:%:%:function:%", "arn:%:lambda:%:%:function:%:%"],
        not_watched: &[
            ("DeleteFunctionUrlConfig", "a function without a URL cannot be called by one"),
            ("AddPermission20150331v2", "what the policy allows is RES-01's"),
        ],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(
            true,
            &["sign"],
            UPDATE,
            "set the URL of {} to AWS_IAM",
            "aws lambda update-function-url-config --auth-type AWS_IAM --function-name {}",
        ),
        Call::new(
            false,
            &["open"],
            UPDATE,
            "set the URL of {} to NONE",
            "aws lambda update-function-url-config --auth-type NONE --function-name {}",
        ),
    ];

    const PLANNED: &'static [PlannedForm<FunctionUrl>] = &[
        PlannedForm::one("AWS::Lambda::Url", |it| planned(it, "TargetFunctionArn", "AuthType")),
        PlannedForm::one("aws_lambda_function_url", |it| planned(it, "function_name", "authorization_type")),
        PlannedForm::one("AWS::Serverless::Function", |it| {
            let has_one = it.get("FunctionUrlConfig")?.is_some();
            if has_one { planned(it, "FunctionName", "FunctionUrlConfig.AuthType") } else { Ok(None) }
        }),
    ];

    /// The response shows what holds from then on, the request what was asked for.
    fn changed_by(event: &Event) -> Result<Vec<Target<String, FunctionUrl>>, Unlocatable> {
        if !event.is_one_of("lambda.amazonaws.com", Self::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let answered = || event.response.text(&["functionArn"]).map(str::to_owned);
        let unnamed = || Unlocatable::new(event, "the record names no function");
        let arn = function_arn(event).or_else(answered).ok_or_else(unnamed)?;
        let auth = event.response.text(&["authType"]).or_else(|| event.request.text(&["authType"]));
        let is_signed = is_signed(auth);
        let proven = is_signed.known().is_some().then(|| FunctionUrl { function: arn.clone(), is_signed });
        Ok(vec![Target { key: arn, proven, changed: None }])
    }

    fn named(arn: &String, _: &Place) -> Resource {
        let name = arn.split_once(":function:").map_or(arn.as_str(), |(_, name)| name).to_owned();
        Resource { id: arn.clone(), kind: "AwsLambdaFunction", name }
    }

    fn line(call: &Call<bool>, arn: &String) -> String {
        let (function, alias) = parts(arn);
        let line = call.line.replacen("{}", function, 1);
        alias.map_or(line.clone(), |alias| format!("{line} --qualifier {alias}"))
    }

    fn shown(url: &FunctionUrl) -> Shown<String, bool> {
        let (subject, value) = (url.function.clone(), url.is_signed.clone());
        Shown { subject, value, element: "AuthType NONE".to_owned(), is_fixed: false }
    }

    /// What another account owns is that account's to judge.
    fn is_in_question(url: &FunctionUrl, terms: &Terms<'_>) -> bool {
        arn_part(&url.function, 4).is_none_or(|owner| owner == terms.place.account)
    }

    fn why(url: &FunctionUrl, _: &Terms<'_>) -> String {
        format!("the URL of `{}` takes requests without a signature (`AuthType` is `NONE`)", url.function)
    }
}

/// All three ask for an `AuthType`.
fn planned(it: &PlannedResource<'_>, function: &str, auth: &str) -> Result<Option<FunctionUrl>, Unreadable> {
    let is_signed = is_signed(it.text(auth)?.as_deref());
    Ok(Some(FunctionUrl { function: it.named(&[function]), is_signed }))
}

impl SignedSetting for FunctionUrls {
    const API: &'static Api = &LAMBDA;

    fn get(arn: &String) -> Request {
        let (function, alias) = parts(arn);
        Request::rest("GetFunctionUrlConfig", "GET", &[API_DATE, "functions", function, "url"])
            .query("Qualifier", alias)
    }

    fn got(arn: &String, answer: &Answer) -> Observed<FunctionUrl> {
        let function = answer.text("FunctionArn").unwrap_or(arn).to_owned();
        Observed::Known(FunctionUrl { function, is_signed: is_signed(answer.text("AuthType")) })
    }

    fn set(arn: &String, is_signed: bool) -> Request {
        let (function, alias) = parts(arn);
        let call = Request::rest("UpdateFunctionUrlConfig", "PUT", &[API_DATE, "functions", function, "url"]);
        call.query("Qualifier", alias).member("AuthType", Some(if is_signed { "AWS_IAM" } else { "NONE" }))
    }

    /// Functions are listed, and each is asked for its URL; an alias's is found when it changes.
    fn list(from: Option<&str>) -> Option<Request> {
        Some(Request::rest("ListFunctions", "GET", &["2015-03-31", "functions"]).query("Marker", from))
    }

    fn listed(answer: &Answer) -> Listing<Self> {
        let arns = answer.list("Functions").iter().filter_map(|one| one["FunctionArn"].as_str().map(str::to_owned));
        Listing::named(arns, answer.text("NextMarker"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_is_named_beside_its_function() {
        let arn = "arn:aws:lambda:eu-central-1:111122223333:function:orders";
        assert_eq!(parts(arn), (arn, None));
        assert_eq!(parts(&format!("{arn}:live")), (arn, Some("live")));
        assert_eq!(FunctionUrls::get(&format!("{arn}:live")).query, [("Qualifier", "live".to_owned())]);
    }
}
