//! The fields of records of Secrets Manager.

use crate::engine::arn::arn_part;
use crate::engine::event::Event;
use crate::engine::family::Unlocatable;
use crate::engine::observed::{Observed, Place, Resource};

/// The source of its records.
pub(super) const SECRETS_MANAGER: &str = "secretsmanager.amazonaws.com";

/// The secret that the event is about: by its ARN where the response has it, else as the caller named it (its name, its ARN, or its ARN
/// without the six characters at its end).
pub(super) fn secret_id(event: &Event) -> Result<String, Unlocatable> {
    let answered = event.response.text(&["aRN"]).or_else(|| event.response.text(&["arn"]));
    let secret = answered.or_else(|| event.request.text(&["secretId"]));
    secret.map(str::to_owned).ok_or_else(|| Unlocatable::new(event, "the record names no secret"))
}

/// How findings name a secret.
pub(super) fn named(secret: &str, place: &Place) -> Resource {
    let Place { partition, account, region } = place;
    let kind = "AwsSecretsManagerSecret";
    match arn_part(secret, 5).and_then(|rest| rest.strip_prefix("secret:")) {
        Some(name) => Resource { id: secret.to_owned(), kind, name: name.to_owned() },
        None => {
            let id = format!("arn:{partition}:secretsmanager:{region}:{account}:secret:{secret}");
            Resource { id, kind, name: secret.to_owned() }
        }
    }
}

/// Whether another AWS service manages it: `rds!db-…`. No caller can give such a name ("Secrets managed by other services", user guide).
pub(super) fn is_managed(secret: &str) -> bool {
    secret.contains('!')
}

/// What was not said, as an answer.
pub(super) fn unsaid(secret: &str, what: &str) -> Observed<bool> {
    Observed::Unknown { why: format!("nothing shows whether secret `{secret}` {what}: a read is needed") }
}
