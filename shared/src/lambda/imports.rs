//! Findings, sent to AWS Security Hub: where a team works there, and has said so (`PARAPET_SECURITY_HUB`).
//!
//! It comes last, after containment and the security channel, and is best effort: what Security Hub does not take is notified once for each reason. A finding is
//! sent from its own account and region, because Security Hub takes it from no other.

use crate::aws::dynamodb::Table;
use crate::aws::service::Clients;
use crate::aws::signed::Signed;
use crate::aws::sns::Topic;
use crate::engine::finding::Finding;
use crate::engine::hint::SECURITY_HUB;
use crate::engine::observed::Place;
use crate::engine::verdict::Severity;
use crate::lambda::announce;
use crate::notify::{Notice, asff};
use crate::operations::channel::Channel;
use tracing::info;

/// Who sends, and says what was not taken.
pub(super) struct Imports<'a> {
    /// The accounts.
    pub(super) clients: &'a Clients,
    /// The security channel.
    pub(super) channel: &'a Channel<Topic, Table>,
    /// The function's name.
    pub(super) function: &'a str,
}

impl Imports<'_> {
    /// Sends findings that the security channel hears of.
    pub(super) async fn send(&self, findings: &[&Finding]) {
        for of_place in findings.chunk_by(|one, other| one.place == other.place) {
            for batch in of_place.chunks(asff::MOST_FINDINGS) {
                let Some(first) = batch.first() else { continue };
                match self.import(&first.place, batch).await {
                    Ok(()) => info!(findings = batch.len(), "sent to Security Hub"),
                    Err(why) => announce(self.channel, &self.unsent(&first.place, &why)).await,
                }
            }
        }
    }

    async fn import(&self, place: &Place, findings: &[&Finding]) -> Result<(), String> {
        let access = self.clients.accounts.at(place).await.map_err(|unserved| unserved.to_string())?;
        let answer = Signed::new(&access.config).call(&SECURITY_HUB, asff::import(findings)).await;
        asff::refused(&answer.map_err(|failure| failure.to_string())?.body).map_or(Ok(()), Err)
    }

    fn unsent(&self, place: &Place, why: &str) -> Notice {
        Notice {
            key: format!("{}\n{}\n{}\n{why}", self.function, place.account, place.region),
            title: "Security Hub does not have every finding".to_owned(),
            subject: place.account.clone(),
            kind: "finding-not-imported",
            guardrail: "parapet",
            severity: Severity::Low,
            account: place.account.clone(),
            region: place.region.clone(),
            says: vec![
                format!("findings were not sent to Security Hub: {why}"),
                "this channel and the ledger have them".to_owned(),
            ],
            next: vec![
                "Enable Security Hub in this account and region".to_owned(),
                "Let the role there call securityhub:BatchImportFindings: the templates' parameter `SecurityHubImports`"
                    .to_owned(),
            ],
        }
    }
}
