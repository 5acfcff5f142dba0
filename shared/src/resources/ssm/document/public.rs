//! RES-10: no document of Systems Manager is public.

use super::state::{ALL, Document, DocumentAction, MODIFY, unshare};
use super::{IDS, NOT_WATCHED, TRIGGERS};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;

/// See the module.
pub struct SsmDocumentPublic;

static ABOUT: About = About {
    name: "ssm-document-public",
    catalogue_id: "RES-10",
    title: "A Systems Manager document is public",
    description: "A document is shared with `all`: every AWS account can read and run it. Documents hold scripts, and often names of hosts and secrets. \
        An event is evaluated for what it added, a sweep for all shares.",
    severity: Severity::Critical,
    class: Class::R1,
    controls: &["SSM.4"],
    technique: "T1537",
    triggers: TRIGGERS,
    remediation: "Removes `all` from the document's permissions; accounts keep theirs.",
    actions: &[MODIFY],
    ids: IDS,
    not_watched: NOT_WATCHED,
};

impl Guardrail<Document, DocumentAction> for SsmDocumentPublic {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, document: &Document, _: &Terms<'_>) -> Verdict {
        let name = &document.name;
        let is_public = document.shares.iter().any(|share| share.in_question && share.account == ALL);
        if is_public {
            let why = format!("document `{name}` is shared with every AWS account (`{ALL}`)");
            let evidence = vec![Evidence { element: ALL.to_owned(), why }];
            return Verdict::Violation(Violation { severity: ABOUT.severity, evidence });
        }
        if !document.is_whole {
            return Verdict::Undetermined { why: format!("document `{name}` is shared with more than one read shows") };
        }
        Verdict::Compliant
    }

    fn plan(&self, document: &Document, violation: &Violation, _: &Terms<'_>) -> Plan<DocumentAction> {
        unshare(document, violation)
    }
}
