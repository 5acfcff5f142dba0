//! RES-13: SageMaker notebooks have no direct internet access and no root access.
//!
//! Sources: "CreateNotebookInstance", "UpdateNotebookInstance" (SageMaker API reference): both are enabled unless the request says otherwise, and no
//! call changes the access to the internet afterwards.

use crate::engine::notice::prelude::*;

/// Notebooks.
pub type Notebooks = Notices<Notebook>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Notebook;

impl Notice for Notebook {
    type Settings = NoSettings;

    const KIND: &'static str = "sagemaker-notebook";
    const ABOUT: &'static About = &About {
        name: "sagemaker-notebook-open",
        catalogue_id: "RES-13",
        title: "A SageMaker notebook has direct internet access or root access",
        description: "A notebook was made with direct internet access, which goes past the VPC and what it filters and logs, or its users may become root on \
            it, which is how its lifecycle configuration and its monitoring are switched off. SageMaker allows both unless a request says otherwise.",
        severity: Severity::Medium,
        class: Class::R0,
        controls: &["SageMaker.1", "SageMaker.3"],
        technique: "T1578.002",
        triggers: &["CreateNotebookInstance", "UpdateNotebookInstance"],
        remediation: "Notifies: no call changes the access to the internet of a notebook that exists, and root access only of one that is stopped.",
        actions: &[],
        ids: &["arn:%:sagemaker:%:%:notebook-instance/%"],
        not_watched: &[("CreatePresignedNotebookInstanceUrl", "it opens a notebook, as its users do every day")],
    };

    const PLANNED: &'static [PlannedForm<Noticed>] = &[
        PlannedForm::one("AWS::SageMaker::NotebookInstance", |it| {
            Ok(Some(planned(it, "NotebookInstanceName", "DirectInternetAccess", "RootAccess")))
        }),
        PlannedForm::one("aws_sagemaker_notebook_instance", |it| {
            Ok(Some(planned(it, "name", "direct_internet_access", "root_access")))
        }),
    ];

    /// An update leaves as it is what it does not name, and cannot change the access to the internet.
    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !event.is_one_of("sagemaker.amazonaws.com", Self::ABOUT.triggers) {
            return Ok(None);
        }
        let unnamed = || Unlocatable::new(event, "the record names no notebook");
        let name = event.request.text(&["notebookInstanceName"]).ok_or_else(unnamed)?;
        let is_made = event.name == "CreateNotebookInstance";
        let is_on = |member: &str| match event.request.text(&[member]) {
            Some(value) => value == "Enabled",
            None => is_made,
        };
        let internet = is_made && is_on("directInternetAccess");
        Ok(Some(open(Noticed::of(event, name), internet, is_on("rootAccess"))))
    }

    /// ARNs have the name in small letters.
    fn named(name: &str, Place { partition, account, region }: &Place) -> Resource {
        let id = format!("arn:{partition}:sagemaker:{region}:{account}:notebook-instance/{}", name.to_lowercase());
        Resource { id, kind: "AwsSageMakerNotebookInstance", name: name.to_owned() }
    }
}

fn open(seen: Noticed, internet: bool, root: bool) -> Noticed {
    let name = &seen.name;
    let internet = internet.then(|| format!("notebook `{name}` has direct internet access, past the VPC"));
    let root = root.then(|| format!("users of notebook `{name}` may become root on it"));
    seen.sign("direct internet access", internet).sign("root access", root)
}

/// Both are enabled unless a template or a plan says otherwise. One that is known to be is enough, whatever the other is.
fn planned(it: &PlannedResource<'_>, name: &str, internet: &str, root: &str) -> Noticed {
    let is_on = |path: &str| it.text(path).map(|value| value.is_none_or(|value| value == "Enabled"));
    let (internet, root) = (is_on(internet), is_on(root));
    let seen = Noticed::planned(&it.named(&[name]));
    let unknown = internet.as_ref().err().or(root.as_ref().err()).map(ToString::to_string);
    Noticed { unknown, ..open(seen, internet.unwrap_or_default(), root.unwrap_or_default()) }
}
