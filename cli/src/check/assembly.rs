//! What is checked besides single files: the cloud assembly that `cdk synth` leaves in `cdk.out`, and change sets of CloudFormation.

use crate::failure::Failure;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A file to check, and for where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Input {
    pub(super) path: PathBuf,
    pub(super) account: Option<String>,
    pub(super) region: Option<String>,
}

/// `manifest.json` of an assembly ("Cloud assembly schema", CDK's documentation).
#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    artifacts: BTreeMap<String, Artifact>,
}

#[derive(Deserialize)]
struct Artifact {
    #[serde(rename = "type")]
    kind: String,
    /// `aws://111122223333/eu-central-1`, with `unknown-account` and `unknown-region` where it is for any.
    environment: Option<String>,
    #[serde(default)]
    properties: Properties,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    template_file: Option<String>,
    directory_name: Option<String>,
}

/// The files to check: a folder stands for the templates of its assembly, those of nested stacks and stages among them.
///
/// # Errors
/// A folder is no assembly.
pub(super) fn inputs(paths: &[PathBuf]) -> Result<Vec<Input>, Failure> {
    let mut inputs = Vec::new();
    for path in paths {
        if path.is_dir() {
            of_assembly(path, &mut inputs)?;
        } else {
            inputs.push(Input { path: path.clone(), account: None, region: None });
        }
    }
    Ok(inputs)
}

fn of_assembly(folder: &Path, inputs: &mut Vec<Input>) -> Result<(), Failure> {
    let manifest = folder.join("manifest.json");
    let of_it = |what: &str| format!("{what} `{}`", manifest.display());
    if !manifest.exists() {
        let why = "is a folder without `manifest.json`: name files, or the `cdk.out` that `cdk synth` has made";
        return Err(Failure::new(format!("`{}` {why}", folder.display())));
    }
    let text = std::fs::read_to_string(&manifest).map_err(|why| Failure::with(of_it("cannot read"), why))?;
    let manifest: Manifest =
        serde_json::from_str(&text).map_err(|why| Failure::with(of_it("cannot understand"), why))?;
    let mut environments = Vec::new();
    for (name, artifact) in manifest.artifacts {
        let Properties { template_file, directory_name } = artifact.properties;
        match (artifact.kind.as_str(), template_file, directory_name) {
            ("aws:cloudformation:stack", Some(file), _) => {
                let environment = environment(artifact.environment.as_deref().unwrap_or_default());
                environments.push(environment.clone());
                inputs.push(Input { path: folder.join(file), account: environment.0, region: environment.1 });
            }
            ("cdk:cloud-assembly", _, Some(inner)) => of_assembly(&folder.join(inner), inputs)?,
            ("aws:cloudformation:stack" | "cdk:cloud-assembly", ..) => {
                return Err(Failure::new(format!("{}: `{name}` names no template", of_it("cannot understand"))));
            }
            // The tree of constructs, assets, and what later versions add: no resources.
            _ => {}
        }
    }
    // Which of several stacks a nested one belongs to, only their templates say: its place is known where they share one.
    environments.dedup();
    let (account, region) = <[_; 1]>::try_from(environments).map(|[one]| one).unwrap_or_default();
    let unlisted = |why| Failure::with(format!("cannot list `{}`", folder.display()), why);
    let listed = std::fs::read_dir(folder).map_err(unlisted)?;
    let mut nested = listed.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>().map_err(unlisted)?;
    nested.retain(|path| path.to_string_lossy().ends_with(".nested.template.json"));
    nested.sort_unstable();
    inputs.extend(nested.into_iter().map(|path| Input { path, account: account.clone(), region: region.clone() }));
    Ok(())
}

/// Account and region of `aws://111122223333/eu-central-1`, where they are known.
fn environment(text: &str) -> (Option<String>, Option<String>) {
    let (account, region) = text.strip_prefix("aws://").and_then(|text| text.split_once('/')).unwrap_or_default();
    let known = |word: &str| Some(word.to_owned()).filter(|word| !word.is_empty() && !word.starts_with("unknown-"));
    (known(account), known(region))
}

/// What `aws cloudformation describe-change-set` prints.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ChangeSet {
    #[serde(default)]
    stack_id: String,
    changes: Vec<ListedChange>,
    #[serde(default)]
    parameters: Vec<Chosen>,
    next_token: Option<String>,
    status: Option<String>,
    status_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedChange {
    resource_change: Option<ResourceChange>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResourceChange {
    action: String,
    logical_resource_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Chosen {
    parameter_key: String,
    parameter_value: Option<String>,
    resolved_value: Option<String>,
}

impl ChangeSet {
    /// Reads the answer.
    ///
    /// # Errors
    /// The file is none, or holds the first page of several.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let of_it = |what: &str| format!("{what} the change set `{}`", path.display());
        let text = crate::input::text(path).map_err(|why| Failure::with(of_it("cannot read"), why))?;
        let read: Self = serde_json::from_str(&text).map_err(|why| Failure::with(of_it("cannot understand"), why))?;
        if read.status.as_deref() == Some("FAILED") {
            let why = read.status_reason.unwrap_or_else(|| "it says no reason".to_owned());
            return Err(Failure::new(format!("{}: it failed: {why}", of_it("cannot use"))));
        }
        match read.next_token {
            None => Ok(read),
            Some(_) => Err(Failure::new(format!(
                "{}: it goes on (`NextToken`); describe it without `--no-paginate`",
                of_it("cannot use")
            ))),
        }
    }

    /// What it makes or changes, by logical id.
    pub(super) fn changed(&self) -> impl Iterator<Item = &str> {
        let changes = self.changes.iter().filter_map(|change| change.resource_change.as_ref());
        changes.filter(|change| change.action != "Remove").map(|change| change.logical_resource_id.as_str())
    }

    /// Whether the deployment makes or changes the resource. What `Dynamic` leads to is known at deployment only.
    pub(super) fn changes(&self, resource: &str) -> bool {
        self.changed().any(|changed| changed == resource)
    }

    /// The values that it was made with; of an SSM parameter, what it held.
    pub(super) fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters.iter().filter_map(|chosen| {
            let value = chosen.resolved_value.as_deref().or(chosen.parameter_value.as_deref())?;
            // A parameter with `NoEcho`.
            (value != "****").then_some((chosen.parameter_key.as_str(), value))
        })
    }

    /// Region and account of the stack, by its ARN.
    pub(super) fn place(&self) -> (Option<String>, Option<String>) {
        let part = |at| self.stack_id.split(':').nth(at).filter(|part| !part.is_empty()).map(str::to_owned);
        (part(4), part(3))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environments_of_an_assembly() {
        let known = |text: &str| Some(text.to_owned());
        assert_eq!(environment("aws://111122223333/eu-central-1"), (known("111122223333"), known("eu-central-1")));
        assert_eq!(environment("aws://unknown-account/unknown-region"), (None, None));
        assert_eq!(environment(""), (None, None));
    }
}
