//! With whom documents of Systems Manager are shared: RES-10.
//!
//! A document can be shared with accounts and with `all`, each with one version of it or with the default one.
//! Sources: "Sharing SSM documents" (Systems Manager user guide); "ModifyDocumentPermission", "DescribeDocumentPermission" (API reference).

pub mod public;
pub mod state;
pub mod untrusted;

use super::{SOURCE, SSM};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::{NotWatched, guardrails};
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::PlannedForm;
use crate::engine::request::{Answer, Api, Request};
use crate::engine::signed::{Listing, SignedAction, SignedFamily};
use public::SsmDocumentPublic;
use serde_json::{Value, json};
use state::{Accounts, Document, DocumentAction, MODIFY, Share};
use std::borrow::Cow;
use std::collections::BTreeSet;
use untrusted::SsmDocumentSharedWithUntrusted;

const DESCRIBE: Permission = Permission::on("ssm:DescribeDocumentPermission", state::ARNS);
const LIST: Permission = Permission::read("ssm:ListDocuments");

/// See [`About`](crate::engine::guardrail::About).
const TRIGGERS: &[&str] = &["ModifyDocumentPermission"];
const IDS: &[&str] = &["arn:%:ssm:%:%:document/%"];
const NOT_WATCHED: &[NotWatched] = &[
    ("CreateDocument, UpdateDocument", "a document that is made or changed is not shared by that"),
    ("UpdateDocumentDefaultVersion", "it chooses which version those see with whom the document is shared already"),
];

/// The family of the sharing of documents.
#[derive(Clone, Copy, Debug, Default)]
pub struct DocumentShares;

impl Family for DocumentShares {
    /// The document's name.
    type Key = String;
    type State = Document;
    type Action = DocumentAction;

    fn kind(&self) -> &'static str {
        "ssm-document"
    }

    fn reads(&self) -> &'static [Permission] {
        &[DESCRIBE]
    }

    fn lists(&self) -> &'static [Permission] {
        &[LIST]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[MODIFY]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Self::State>]> {
        Cow::Borrowed(FORMS)
    }

    guardrails![SsmDocumentPublic, SsmDocumentSharedWithUntrusted];

    /// The request names the accounts that it added; it also removes some.
    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of(SOURCE, TRIGGERS) {
            return Ok(Vec::new());
        }
        let unnamed = || Unlocatable::new(event, "the record names no document");
        let named = event.request.text(&["name"]).ok_or_else(unnamed)?;
        let name = named.split_once(":document/").map_or(named, |(_, name)| name).to_owned();
        let added = event.request.at(&["accountIdsToAdd"]).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let version = event.request.text(&["sharedDocumentVersion"]).map(str::to_owned);
        let share = |account: &Value| Share::of(account.as_str()?, version.clone());
        let shares: Vec<Share> = added.iter().filter_map(share).collect();
        if shares.is_empty() {
            return Ok(Vec::new());
        }
        let changed = shares.iter().map(|share| share.account.clone()).collect::<BTreeSet<_>>();
        let proven = Document { name: name.clone(), shares, is_whole: true };
        Ok(vec![Target { key: name, proven: Some(proven), changed: Some(changed) }])
    }

    /// Only what the event added is in question.
    fn focus(&self, document: &mut Document, target: &TargetOf<Self>) {
        let Some(changed) = &target.changed else { return };
        for share in &mut document.shares {
            share.in_question = changed.contains(&share.account);
        }
    }

    fn resource(&self, name: &String, _: Option<&Document>, place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        let id = format!("arn:{partition}:ssm:{region}:{account}:document/{name}");
        Resource { id, kind: "AwsSsmDocument", name: name.clone() }
    }
}

/// CloudFormation makes documents that are not shared.
const FORMS: &[PlannedForm<Document>] = &[PlannedForm::one("aws_ssm_document", |it| {
    // Accounts with commas between; `type` is `Share` always.
    let accounts = it.text("permissions.account_ids")?.unwrap_or_default();
    let shares = accounts.split(',').filter_map(|account| Share::of(account.trim(), None)).collect();
    Ok(Some(Document { name: it.named(&["name"]), shares, is_whole: true }))
})];

impl SignedFamily for DocumentShares {
    const API: &'static Api = &SSM;

    fn get(name: &String) -> Request {
        Request::named(
            "DescribeDocumentPermission",
            json!({"Name": name, "PermissionType": "Share", "MaxResults": 200}),
        )
    }

    /// One that is shared with more than a page shows is not whole.
    fn got(name: &String, answer: &Answer) -> Observed<Document> {
        let shared = answer.list("AccountSharingInfoList");
        let version = |account: &str| {
            let found = shared.iter().find(|one| one["AccountId"].as_str() == Some(account))?;
            found["SharedDocumentVersion"].as_str().map(str::to_owned)
        };
        let share = |account: &Value| account.as_str().and_then(|id| Share::of(id, version(id)));
        let shares = answer.list("AccountIds").iter().filter_map(share).collect();
        let is_whole = answer.text("NextToken").is_none_or(str::is_empty);
        Observed::Known(Document { name: name.clone(), shares, is_whole })
    }

    fn list(from: Option<&str>) -> Option<Request> {
        let own = json!({"Filters": [{"Key": "Owner", "Values": ["Self"]}]});
        Some(Request::named("ListDocuments", own).member("NextToken", from))
    }

    fn listed(answer: &Answer) -> Listing<Self> {
        let names = answer.list("DocumentIdentifiers").iter().filter_map(|one| one["Name"].as_str().map(str::to_owned));
        Listing::named(names, answer.text("NextToken"))
    }

    fn actions() -> Vec<DocumentAction> {
        let accounts =
            Accounts { name: "restart".to_owned(), accounts: vec!["all".to_owned()], version: Some("3".to_owned()) };
        vec![DocumentAction::Unshare(accounts.clone()), DocumentAction::Share(accounts)]
    }
}

impl SignedAction for DocumentAction {
    const API: &'static Api = &SSM;

    fn request(&self) -> Request {
        let Accounts { name, accounts, version } = self.accounts();
        let of = json!({"Name": name, "PermissionType": "Share"});
        let call = Request::named("ModifyDocumentPermission", of);
        match self {
            Self::Unshare(_) => call.member("AccountIdsToRemove", Some(json!(accounts))),
            Self::Share(_) => call
                .member("AccountIdsToAdd", Some(json!(accounts)))
                .member("SharedDocumentVersion", version.as_deref()),
        }
    }
}
