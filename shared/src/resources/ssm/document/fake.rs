//! With whom a document is shared. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::engine::request::Answer;
use shared::engine::signed::SignedFamily;
use shared::resources::ssm::DocumentShares;
use shared::resources::ssm::document::state::{Document, DocumentAction, Share};

impl Living for DocumentShares {
    fn change(live: &mut Observed<Document>, action: &DocumentAction) -> Result<(), ApplyError> {
        let Observed::Known(document) = live else { return Err(not_there("InvalidDocument")) };
        let call = action.accounts();
        assert_eq!(call.name, document.name, "a call about another document");
        assert!((1..=20).contains(&call.accounts.len()), "Systems Manager takes one to twenty accounts");
        document.shares.retain(|share| !call.accounts.contains(&share.account));
        if let DocumentAction::Share(_) = action {
            document.shares.extend(call.accounts.iter().filter_map(|account| Share::of(account, call.version.clone())));
        }
        Ok(())
    }

    fn read(live: &Observed<Document>, name: &String) -> Observed<Document> {
        match live {
            Observed::Known(document) if document.name != *name => Observed::Absent,
            other => other.clone(),
        }
    }

    /// `DescribeDocumentPermission`, with the document's `Name`.
    fn live(value: &Value) -> Observed<Document> {
        let answer = Answer { body: value.clone(), request_id: None };
        Self::got(&value["Name"].as_str().unwrap().to_owned(), &answer)
    }

    fn lines(live: &Observed<Document>) -> Vec<String> {
        let line = |share: &Share| match &share.version {
            Some(version) => format!("version {version} for {}", share.account),
            None => format!("for {}", share.account),
        };
        live.known().map(|document| document.shares.iter().map(line).collect()).unwrap_or_default()
    }

    fn samples() -> Vec<Value> {
        Self::actions().iter().map(|action| serde_json::to_value(action).unwrap()).collect()
    }
}
