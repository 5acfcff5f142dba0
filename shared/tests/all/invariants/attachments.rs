//! A managed policy attached to a user: AWS's own, which is taken away by its name, or the account's, which may say something else
//! by now and so is overwritten.

use crate::invariants::account::Writer;
use crate::invariants::random::Random;
use crate::invariants::sets::record;
use crate::invariants::story::{Change, Stale, Story};
use crate::world::Living;
use serde_json::{Value, json};
use shared::engine::holder::{Holder, HolderKind};
use shared::engine::observed::Observed;
use shared::resources::iam::policy_attachment::PolicyAttachments;
use shared::resources::iam::policy_attachment::state::{Attachment, AttachmentRef, Pair};
use std::cell::Cell;

const OF_AWS: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const OWN: &str = "arn:aws:iam::111122223333:policy/ops";
const USER: &str = "cy";

thread_local! {
    /// The policy that this sequence is about.
    static POLICY: Cell<&'static str> = const { Cell::new(OWN) };
}

fn document(is_admin: bool) -> Value {
    let (action, resource) = if is_admin { ("*", "*") } else { ("s3:GetObject", "arn:aws:s3:::reports/*") };
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]})
}

fn attached(is_admin: bool) -> Observed<Attachment> {
    PolicyAttachments::live(&json!({
        "Pair": {"holder": {"kind": "user", "name": USER}, "policy": POLICY.get()},
        "Document": document(is_admin).to_string(), "Path": "/", "Beside": {"Documents": []},
    }))
}

/// Whether what is attached makes administrators; none where nothing is.
fn is_admin(state: &Observed<Attachment>) -> Option<bool> {
    let admin = document(true).to_string();
    Some(state.known()?.document.known() == Some(&admin))
}

impl Story for PolicyAttachments {
    const GUARDRAIL: &'static str = "attached-policy-grants-admin";
    const STALE: Stale = Stale::Unnoticed;

    fn start(random: &mut Random) -> Observed<Attachment> {
        POLICY.set(if random.chance(40) { OF_AWS } else { OWN });
        if POLICY.get() == OWN && random.chance(50) { attached(false) } else { Observed::Absent }
    }

    fn change_by(by: Writer, random: &mut Random, state: &Observed<Attachment>) -> Option<Change<Attachment>> {
        let (name, to) = match (by, is_admin(state)) {
            // The policy itself says less: another family's record.
            (Writer::Owner, Some(true)) if POLICY.get() == OWN && random.chance(60) => ("", attached(false)),
            (Writer::Owner, Some(_)) => ("DetachUserPolicy", Observed::Absent),
            (Writer::Owner, None) if POLICY.get() == OWN => ("AttachUserPolicy", attached(false)),
            (Writer::Attacker, None) => ("AttachUserPolicy", attached(true)),
            (Writer::Owner | Writer::Attacker | Writer::Parapet, _) => return None,
        };
        let request = json!({"userName": USER, "policyArn": POLICY.get()});
        let made = by == Writer::Attacker;
        Some(Change {
            says: format!("{name} {} {:?}", POLICY.get(), is_admin(&to)),
            state: to,
            record: (!name.is_empty()).then(|| record("iam", name, request, json!(null))),
            made: made.then(|| POLICY.get().to_owned()).into_iter().collect(),
        })
    }

    fn open(state: &Observed<Attachment>) -> Vec<String> {
        is_admin(state).filter(|is_admin| *is_admin).map(|_| POLICY.get().to_owned()).into_iter().collect()
    }

    fn allows(state: &Observed<Attachment>) -> Vec<String> {
        is_admin(state).map(|is_admin| if is_admin { "everything" } else { "reading" }.to_owned()).into_iter().collect()
    }

    fn key() -> AttachmentRef {
        let holder = Holder { kind: HolderKind::User, name: USER.to_owned() };
        AttachmentRef { pair: Pair { holder, policy: POLICY.get().to_owned() }, by_service: None }
    }
}
