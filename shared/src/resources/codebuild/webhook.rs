//! RES-16: strangers cannot start builds of a CodeBuild project through its webhook.
//!
//! Sources: "GitHub webhook events", "Pull request comment approval" (CodeBuild user guide); "WebhookFilter", "UpdateWebhook" (API reference): a pattern is
//! a regular expression, which matches anywhere in the text unless it is anchored.

use super::SOURCE;
use crate::engine::notice::prelude::*;
use serde_json::{Value, json};

/// Webhooks of projects.
pub type Webhooks = Notices<Webhook>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Webhook;

/// Whether a regular expression is a list of ids, each bound at both ends, and nothing else: what a wider one matches is not weighed here.
fn names_ids_alone(pattern: &str) -> bool {
    let is_id = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let bound = |part: &str| part.strip_prefix('^')?.strip_suffix('$').map(str::to_owned);
    let of_list = |inner: &str| inner.split('|').all(is_id);
    let grouped = bound(pattern).and_then(|inner| inner.strip_prefix('(')?.strip_suffix(')').map(str::to_owned));
    match grouped {
        Some(inner) => of_list(inner.strip_prefix("?:").unwrap_or(&inner)),
        None => pattern.split('|').all(|part| bound(part).is_some_and(|id| is_id(&id))),
    }
}

/// The filters of a group that are of a kind, and do not exclude.
fn patterns<'a>(group: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a str> {
    let excludes = |filter: &Value| filter["excludeMatchedPattern"].as_bool() == Some(true);
    let of_kind = group.iter().filter(move |filter| filter["type"].as_str() == Some(kind) && !excludes(filter));
    of_kind.filter_map(|filter| filter["pattern"].as_str())
}

fn needs_approval(policy: Option<&str>) -> bool {
    matches!(policy, Some("ALL_PULL_REQUESTS" | "FORK_PULL_REQUESTS"))
}

/// What these groups of filters let in, of the project that `seen` names.
fn weighed(mut seen: Noticed, groups: &[&[Value]], is_approved: bool) -> Noticed {
    let project = seen.name.clone();
    if groups.is_empty() && !is_approved {
        let why = format!("the webhook of project `{project}` has no filter: every pull request is built");
        return seen.sign("no filter", Some(why));
    }
    for group in groups {
        let is_by_pull = patterns(group, "EVENT").any(|events| events.contains("PULL_REQUEST_"));
        let actors: Vec<&str> = patterns(group, "ACTOR_ACCOUNT_ID").collect();
        if is_by_pull && actors.is_empty() && !is_approved {
            let why = format!(
                "a group of filters of project `{project}` builds pull requests of everyone: it has no `ACTOR_ACCOUNT_ID`"
            );
            seen = seen.sign("no ACTOR_ACCOUNT_ID", Some(why));
        }
        for pattern in actors.into_iter().filter(|pattern| !names_ids_alone(pattern)) {
            let why = format!(
                "`ACTOR_ACCOUNT_ID` of project `{project}` is `{pattern}`, which is no list of ids between `^` and `$`: it matches other ids as well"
            );
            seen = seen.sign(pattern, Some(why));
        }
    }
    seen
}

/// A webhook of a template or a plan. Where nothing is said of comment approval it is required: "enabled for all newly created CodeBuild projects" ("Pull request comment
/// approval", CodeBuild user guide).
fn planned(it: &PlannedResource<'_>, filters: &str, approval: &str) -> Result<Option<Noticed>, Unreadable> {
    let approval = it.text(approval)?;
    let is_approved = approval.is_none() || needs_approval(approval.as_deref());
    let filter = |of: &PlannedResource<'_>| {
        Ok(json!({
            "type": of.text(of.called("Type", "type"))?,
            "pattern": of.text(of.called("Pattern", "pattern"))?,
            "excludeMatchedPattern": of.flag(of.called("ExcludeMatchedPattern", "exclude_matched_pattern"))?,
        }))
    };
    let group = |group: &PlannedResource<'_>| {
        group.parts(group.called("", "filter"))?.iter().map(filter).collect::<Result<Vec<Value>, Unreadable>>()
    };
    let groups = it.parts(filters)?.iter().map(group).collect::<Result<Vec<_>, _>>()?;
    let groups: Vec<&[Value]> = groups.iter().map(Vec::as_slice).collect();
    Ok(Some(weighed(Noticed::planned(&it.named(&["Name", "project_name"])), &groups, is_approved)))
}

impl Notice for Webhook {
    type Settings = NoSettings;

    const KIND: &'static str = "codebuild-webhook";
    const ABOUT: &'static About = &About {
        name: "codebuild-webhook-open-to-strangers",
        catalogue_id: "RES-16",
        title: "The filter of a CodeBuild webhook lets strangers start builds",
        description: "A webhook starts builds for everyone who opens a pull request, since no `ACTOR_ACCOUNT_ID` filter stands in the group and no comment \
            approval is required, or for actors other than those that a filter means, since its pattern is no list of ids between `^` and `$`: ids of GitHub \
            that contain another can be had. A build runs the code of the pull request with the project's role.",
        severity: Severity::High,
        class: Class::R0,
        controls: &[],
        technique: "T1195.002",
        triggers: &["CreateWebhook", "UpdateWebhook"],
        remediation: "Notifies: who may build is the project's to say, an update writes all filters at once, and without the webhook no build starts.",
        actions: &[],
        ids: &["arn:%:codebuild:%:%:project/%"],
        not_watched: &[("CreateProject, UpdateProject", "they leave webhooks as they are")],
    };

    const PLANNED: &'static [PlannedForm<Noticed>] = &[
        PlannedForm::one("AWS::CodeBuild::Project", |it| match it.flag("Triggers.Webhook")? {
            Some(true) => {
                planned(it, "Triggers.FilterGroups", "Triggers.PullRequestBuildPolicy.RequiresCommentApproval")
            }
            Some(false) | None => Ok(None),
        }),
        PlannedForm::one("aws_codebuild_webhook", |it| {
            planned(it, "filter_group", "pull_request_build_policy.requires_comment_approval")
        }),
    ];

    /// The response shows the webhook as it is from then on.
    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(None);
        }
        let unnamed = || Unlocatable::new(event, "the record names no project");
        let project = event.request.text(&["projectName"]).ok_or_else(unnamed)?;
        let mut seen = Noticed::of(event, project);
        let shown = |name: &str| event.response.at(&["webhook", name]).or_else(|| event.request.at(&[name]));
        let groups: Vec<&[Value]> = match shown("filterGroups").and_then(Value::as_array) {
            Some(groups) => groups.iter().filter_map(|group| group.as_array().map(Vec::as_slice)).collect(),
            None if event.response.value().is_none() && event.name == "UpdateWebhook" => {
                seen.unknown = Some(format!("the record does not show the filters of project `{project}`"));
                return Ok(Some(seen));
            }
            None => Vec::new(),
        };
        let approval = shown("pullRequestBuildPolicy").and_then(|policy| policy["requiresCommentApproval"].as_str());
        Ok(Some(weighed(seen, &groups, needs_approval(approval))))
    }

    fn named(project: &str, Place { partition, account, region }: &Place) -> Resource {
        let id = format!("arn:{partition}:codebuild:{region}:{account}:project/{project}");
        Resource { id, kind: "AwsCodeBuildProject", name: project.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_names_ids_and_nothing_else() {
        for (pattern, expected) in [
            ("^(?:123|456)$", true),
            ("^.*$", false),
            ("^[0-9]+$", false),
            ("^[(]9$|.*$", false),
            ("^()$", false),
            ("^$", false),
            ("^123$", true),
            ("^123$|^456$", true),
            ("^(123|456)$", true),
            ("^123|456$", false),
            ("123", false),
            ("^123", false),
            ("^123\\$", false),
            ("", false),
        ] {
            assert_eq!(names_ids_alone(pattern), expected, "{pattern}");
        }
    }
}
