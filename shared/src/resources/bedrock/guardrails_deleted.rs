//! LOG-15: Bedrock's guardrails, and their enforcement in the account, are not deleted.
//!
//! Sources: "DeleteGuardrail", "DeleteEnforcedGuardrailConfiguration" (Amazon Bedrock API reference): a guardrail that is deleted without a version goes with all of its versions,
//! and invocations that name it fail; an enforced one applies to invocations that name none.

use crate::engine::notice::prelude::*;
use crate::resources::callers::AllowedPrincipals;

/// Deletions of guardrails.
pub type DeletedGuardrails = Notices<DeletedGuardrail>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeletedGuardrail;

const ENFORCED: &str = "DeleteEnforcedGuardrailConfiguration";

impl Notice for DeletedGuardrail {
    type Settings = AllowedPrincipals;

    const KIND: &'static str = "bedrock-guardrail-deletion";
    const ABOUT: &'static About = &About {
        name: "bedrock-guardrail-deleted",
        catalogue_id: "LOG-15",
        title: "A guardrail of Bedrock was deleted, or is not enforced any more",
        description: "A principal that is not among `allowed_principals` deleted a guardrail of Amazon Bedrock or one of its versions, or the configuration that enforces one for \
            all invocations of the account: what it kept from models and from their answers is kept from them no longer.",
        severity: Severity::High,
        class: Class::R0,
        controls: &[],
        technique: "T1562.001",
        triggers: &["DeleteGuardrail", ENFORCED],
        remediation: "Notifies: a guardrail that is made again has another id, which applications do not name; which guardrail was enforced is in no record.",
        actions: &[],
        ids: &["arn:%:bedrock:%:%:guardrail/%", "arn:%:bedrock:%:%:enforced-guardrails-configuration/%"],
        not_watched: &[
            ("UpdateGuardrail", "it changes the draft alone: a version that is in use cannot be changed"),
            ("PutEnforcedGuardrailConfiguration", "which guardrail and version it had before is in no record"),
        ],
    };

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !event.is_one_of("bedrock.amazonaws.com", Self::ABOUT.triggers) {
            return Ok(None);
        }
        let shown = |name: &str| event.request.text(&[name]);
        if event.name == ENFORCED {
            let id = shown("configId").ok_or_else(|| Unlocatable::new(event, "the record names no configuration"))?;
            let why =
                format!("configuration `{id}`, which enforced a guardrail for all invocations of models, was deleted");
            return Ok(Some(Noticed::of(event, &format!("{CONFIGURATION}{id}")).sign("not enforced", Some(why))));
        }
        let named =
            shown("guardrailIdentifier").ok_or_else(|| Unlocatable::new(event, "the record names no guardrail"))?;
        let id = named.rsplit_once('/').map_or(named, |(_, id)| id);
        let why = match shown("guardrailVersion") {
            Some(version) => format!("version {version} of guardrail `{id}` was deleted"),
            None => format!("guardrail `{id}` was deleted with all of its versions"),
        };
        Ok(Some(Noticed::of(event, &format!("guardrail/{id}")).sign("deleted", Some(why))))
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&seen.by)
    }

    fn named(path: &str, Place { partition, account, region }: &Place) -> Resource {
        let id = format!("arn:{partition}:bedrock:{region}:{account}:{path}");
        Resource { id, kind: "Other", name: path.rsplit_once('/').map_or(path, |(_, id)| id).to_owned() }
    }
}

/// How the name of such a configuration begins: it has no ARN of its own.
const CONFIGURATION: &str = "enforced-guardrails-configuration/";
