//! A CodeBuild project's visibility. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, answered, living};
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::resources::codebuild::ProjectVisibilities;
use shared::resources::codebuild::project_visibility::Visibility;

living!(ProjectVisibilities);

impl Fake for ProjectVisibilities {
    fn put(project: &mut Visibility, is_public: bool) {
        project.is_public = Observed::Known(is_public);
    }

    /// `BatchGetProjects`
    fn answer(value: &Value) -> Visibility {
        answered::<Self>(value)
    }

    fn line(project: &Visibility) -> String {
        format!("{} public: {}", project.project, project.is_public == Observed::Known(true))
    }

    fn is_of(project: &Visibility, name: &String) -> bool {
        project.project.ends_with(&format!("/{name}"))
    }

    fn subject() -> String {
        "arn:aws:codebuild:eu-central-1:111122223333:project/site".to_owned()
    }
}
