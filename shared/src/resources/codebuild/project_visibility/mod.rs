//! RES-11: the builds of a CodeBuild project are not public.
//!
//! Sources: "Public build projects in AWS CodeBuild" (user guide); "UpdateProjectVisibility", "BatchGetProjects" (API reference): a project that is made
//! private keeps its alias, and has the same URL when it is public again.

use super::{CODEBUILD, SOURCE};
use crate::engine::setting::prelude::*;
use serde_json::json;

const ARNS: &[&str] = &["codebuild:${Region}:${Account}:project/*"];
const GET: Permission = Permission::on("codebuild:BatchGetProjects", ARNS);
const UPDATE: Permission = Permission::on("codebuild:UpdateProjectVisibility", ARNS);
const LIST: Permission = Permission::read("codebuild:ListProjects");

/// Who sees the builds of projects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProjectVisibilities;

/// A project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visibility {
    /// Its ARN, by which calls name it.
    pub project: String,
    /// `projectVisibility` is `PUBLIC_READ`.
    pub is_public: Observed<bool>,
}

fn is_public(visibility: Option<&str>) -> Observed<bool> {
    match visibility {
        Some("PUBLIC_READ") => Observed::Known(true),
        Some("PRIVATE") => Observed::Known(false),
        Some(other) => Observed::Unknown { why: format!("the project's visibility is not known: `{other}`") },
        None => Observed::Unknown { why: "the project's visibility is not shown".to_owned() },
    }
}

impl Setting for ProjectVisibilities {
    type Key = String;
    type State = Visibility;
    type Subject = String;
    type Value = bool;
    type Settings = NoSettings;

    const KIND: &'static str = "codebuild-project-visibility";
    const STRICTEST: bool = false;
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST];
    const UNDOES: &'static [Permission] = &[UPDATE];
    const ABOUT: &'static About = &About {
        name: "codebuild-project-public",
        catalogue_id: "RES-11",
        title: "The builds of a CodeBuild project are public",
        description: "A project's visibility is `PUBLIC_READ`: everyone can read its builds, their logs and artifacts, as far as its `resourceAccessRole` \
            allows, those of before included. Builds print tokens, names of hosts and environment variables. A project of open source is a case for an \
            exemption.",
        severity: Severity::High,
        class: Class::R1,
        controls: &[],
        technique: "T1213",
        triggers: &["UpdateProjectVisibility"],
        remediation: "Sets the visibility to `PRIVATE`. The project, its builds and its role stay, and so does the alias: made public again, it has the \
            same URL.",
        actions: &[UPDATE],
        ids: &["arn:%:codebuild:%:%:project/%"],
        not_watched: &[("CreateProject, UpdateProject", "they cannot make a project public")],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(
            false,
            &["hide"],
            UPDATE,
            "make project {} private",
            "aws codebuild update-project-visibility --project-visibility PRIVATE --project-arn {}",
        ),
        Call::new(
            true,
            &["publish"],
            UPDATE,
            "make project {} public",
            "aws codebuild update-project-visibility --project-visibility PUBLIC_READ --project-arn {}",
        ),
    ];

    const PLANNED: &'static [PlannedForm<Visibility>] = &[
        PlannedForm::one("AWS::CodeBuild::Project", |it| planned(it, "Visibility")),
        PlannedForm::one("aws_codebuild_project", |it| planned(it, "project_visibility")),
    ];

    fn changed_by(event: &Event) -> Result<Vec<Target<String, Visibility>>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let unnamed = || Unlocatable::new(event, "the record names no project");
        let shown = |name: &str| event.response.text(&[name]).or_else(|| event.request.text(&[name]));
        let project = shown("projectArn").ok_or_else(unnamed)?.to_owned();
        let is_public = is_public(shown("projectVisibility"));
        let name = project.split_once(":project/").map(|(_, name)| name.to_owned()).ok_or_else(unnamed)?;
        let proven = is_public.known().is_some().then_some(Visibility { project, is_public });
        Ok(vec![Target { key: name, proven, changed: None }])
    }

    fn named(name: &String, Place { partition, account, region }: &Place) -> Resource {
        let id = format!("arn:{partition}:codebuild:{region}:{account}:project/{name}");
        Resource { id, kind: "AwsCodeBuildProject", name: name.clone() }
    }

    fn shown(project: &Visibility) -> Shown<String, bool> {
        let (subject, value) = (project.project.clone(), project.is_public.clone());
        Shown { subject, value, element: "PUBLIC_READ".to_owned(), is_fixed: false }
    }

    fn why(project: &Visibility, _: &Terms<'_>) -> String {
        format!("everyone can read the builds of `{}` (`PUBLIC_READ`)", project.project)
    }
}

/// A project is private unless it is asked for ("AWS::CodeBuild::Project", CloudFormation user guide).
fn planned(it: &PlannedResource<'_>, visibility: &str) -> Result<Option<Visibility>, Unreadable> {
    let is_public = is_public(Some(it.text(visibility)?.as_deref().unwrap_or("PRIVATE")));
    Ok(Some(Visibility { project: it.named(&["Name", "name"]), is_public }))
}

impl SignedSetting for ProjectVisibilities {
    const API: &'static Api = &CODEBUILD;

    fn get(name: &String) -> Request {
        Request::named("BatchGetProjects", json!({ "names": [name] }))
    }

    /// One that is not there stands among those not found.
    fn got(name: &String, answer: &Answer) -> Observed<Visibility> {
        let Some(found) = answer.list("projects").first() else { return Observed::Absent };
        let Some(project) = found["arn"].as_str().map(str::to_owned) else {
            return Observed::Unknown { why: format!("the answer does not show the ARN of project `{name}`") };
        };
        Observed::Known(Visibility { project, is_public: is_public(found["projectVisibility"].as_str()) })
    }

    fn set(arn: &String, is_public: bool) -> Request {
        let visibility = if is_public { "PUBLIC_READ" } else { "PRIVATE" };
        Request::named("UpdateProjectVisibility", json!({"projectArn": arn, "projectVisibility": visibility}))
    }

    fn list(from: Option<&str>) -> Option<Request> {
        Some(Request::named("ListProjects", json!({})).member("nextToken", from))
    }

    fn listed(answer: &Answer) -> Listing<Self> {
        let names = answer.list("projects").iter().filter_map(|name| name.as_str().map(str::to_owned));
        Listing::named(names, answer.text("nextToken"))
    }
}
