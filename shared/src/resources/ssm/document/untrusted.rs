//! RES-10: documents of Systems Manager are shared with trusted accounts alone.

use super::state::{ALL, Document, DocumentAction, MODIFY, unshare};
use super::{IDS, NOT_WATCHED, TRIGGERS};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;

/// See the module.
pub struct SsmDocumentSharedWithUntrusted;

static ABOUT: About = About {
    name: "ssm-document-shared-with-untrusted",
    catalogue_id: "RES-10",
    title: "A Systems Manager document is shared with an account that is not trusted",
    description: "A document is shared with an account that is not among `trusted_accounts`, which can read and run it from then on. An event is \
        evaluated for what it added, a sweep for all shares.",
    severity: Severity::High,
    class: Class::R1,
    controls: &[],
    technique: "T1537",
    triggers: TRIGGERS,
    remediation: "Removes exactly these accounts from the document's permissions; an undo shares the same version with them again.",
    actions: &[MODIFY],
    ids: IDS,
    not_watched: NOT_WATCHED,
};

impl Guardrail<Document, DocumentAction> for SsmDocumentSharedWithUntrusted {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, document: &Document, terms: &Terms<'_>) -> Verdict {
        let name = &document.name;
        let shares = document.shares.iter().filter(|share| share.in_question && share.account != ALL);
        let untrusted = shares.filter(|share| !terms.trusts(&share.account)).map(|share| Evidence {
            element: share.account.clone(),
            why: format!(
                "document `{name}` is shared with account {}, which is not among `trusted_accounts`",
                share.account
            ),
        });
        let evidence: Vec<Evidence> = untrusted.collect();
        match (evidence.is_empty(), document.is_whole) {
            (false, _) => Verdict::Violation(Violation { severity: ABOUT.severity, evidence }),
            (true, true) => Verdict::Compliant,
            (true, false) => {
                Verdict::Undetermined { why: format!("document `{name}` is shared with more than one read shows") }
            }
        }
    }

    fn plan(&self, document: &Document, violation: &Violation, _: &Terms<'_>) -> Plan<DocumentAction> {
        unshare(document, violation)
    }
}
