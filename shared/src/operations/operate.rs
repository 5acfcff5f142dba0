//! Operating findings: taking one back, exempting its resource for a while, letting a guardrail enforce again. The same for
//! the `operate` function, which the chat's buttons invoke, and for the command line.

use crate::aws::dynamodb::Table;
use crate::aws::service::{Clients, Service, SystemClock};
use crate::engine::finding::Finding;
use crate::engine::orders::{Scope, Stored};
use crate::engine::pipeline::{By, Clock, Kept, Preview, Rules, UndoError};
use crate::operations::ledger::{Book, LedgerError};
use crate::operations::signature::Trust;
use crate::policy::{Exemption, LONGEST_DAYS, NonEmpty, Until, exact_pattern};
use jiff::SignedDuration;
use thiserror::Error;
use uuid::Uuid;

/// The operator's tools: the ledger, and a way to every family.
pub struct Operator {
    /// Every family.
    pub services: Vec<Box<dyn Service>>,
    /// Where they work.
    pub clients: Clients,
    /// The ledger: without it there is nothing to operate on.
    pub table: Table,
    /// For judging whether what was undone is in force again.
    pub rules: Rules,
}

/// Who says so, why, and for how long.
#[derive(Clone, Debug)]
pub struct Order {
    /// Their ARN, or what is known of them.
    pub who: String,
    /// Why.
    pub reason: String,
    /// How long the exemption holds.
    pub lasts: SignedDuration,
    /// Although the resource has changed since.
    pub force: bool,
    /// Although it is unknown who wrote the undo steps into the ledger: the operator who says so has read the calls. Never said by a
    /// function, whose role does more than its caller may.
    pub unsigned: bool,
}

/// Why it was not done.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum OperateError {
    /// The ledger does not know the finding.
    #[error(
        "the ledger `{table}` holds no finding {id}: a finding is kept for {days} days, under the id that its notification names"
    )]
    NoFinding {
        /// The finding.
        id: Uuid,
        /// The table.
        table: String,
        /// How long findings are kept.
        days: i64,
    },
    /// Nor does this version know its guardrail.
    #[error("finding {id} is of guardrail `{guardrail}`, which this version does not know")]
    NoGuardrail {
        /// The finding.
        id: Uuid,
        /// The guardrail's name.
        guardrail: String,
    },
    /// What the ledger holds of the finding is not believed. Nothing was changed.
    #[error("what the ledger holds of finding {id} is not used: {why}; {advice}")]
    Untrusted {
        /// The finding.
        id: Uuid,
        /// What is to be thought of it.
        why: String,
        /// What to do.
        advice: &'static str,
    },
    /// The ledger is signed, and this command was not given the key.
    #[error(
        "the ledger `{table}` is signed: name its keys with `{}` and `{}` (the stack's outputs), or the functions will not believe the \
         exemption",
        crate::aws::kms::LEDGER_KEY,
        crate::aws::kms::OPERATORS_KEY
    )]
    NoKeys {
        /// The table.
        table: String,
    },
    /// An exemption needs a word of this kind.
    #[error("an exemption needs {0}")]
    Order(String),
    /// The ledger does not answer.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// It cannot be undone.
    #[error(transparent)]
    Undo(#[from] UndoError),
}

impl Operator {
    async fn kept(&self, id: Uuid) -> Result<Kept, OperateError> {
        let days = crate::operations::ledger::KEPT.as_hours() / 24;
        let table = self.table.name().to_owned();
        self.table.kept(id).await?.ok_or(OperateError::NoFinding { id, table, days })
    }

    fn service(&self, kept: &Kept) -> Result<&dyn Service, OperateError> {
        if kept.remedy.steps.is_empty() {
            return Err(UndoError::NothingDone(kept.id).into());
        }
        let service = self.services.iter().find(|service| service.kind() == kept.remedy.kind);
        service
            .map(AsRef::as_ref)
            .ok_or_else(|| OperateError::NoGuardrail { id: kept.id, guardrail: kept.guardrail.clone() })
    }

    /// What taking the finding back would do. An unsigned one is shown, so that a person can read it before saying
    /// `--unsigned`; one that is forged is not even shown.
    ///
    /// # Errors
    /// [`OperateError`].
    pub async fn preview(&self, id: Uuid) -> Result<(Kept, Preview), OperateError> {
        let kept = self.kept(id).await?;
        believe(&kept, true)?;
        let preview = self.service(&kept)?.preview(&self.clients, &kept).await?;
        Ok((kept, preview))
    }

    /// Takes the finding back: first the exemption, so that no guardrail fights it, then the calls. Where a call fails, the
    /// exemption stays: part of what it is about may be in force.
    ///
    /// # Errors
    /// [`OperateError`]; nothing was changed where what the ledger holds is not believed, nor where the resource has changed
    /// since and `force` was not said.
    pub async fn undo(&self, id: Uuid, order: &Order) -> Result<(Finding, Vec<Exemption>), OperateError> {
        let (kept, preview) = self.preview(id).await?;
        believe(&kept, order.unsigned)?;
        if !preview.differences.is_empty() && !order.force {
            return Err(UndoError::Changed { resource: kept.resource, differences: preview.differences }.into());
        }
        let exemptions = self.exempt_kept(&kept, order).await?;
        let by = By { who: order.who.clone(), force: order.force };
        let mut finding = self.service(&kept)?.undo(&self.clients, &self.rules, &kept, &by).await?;
        // What was done is said whatever the ledger answers.
        let is_whole = finding.steps.iter().all(|step| step.answer.as_deref() == Some("done"));
        if is_whole && let Err(problem) = self.table.undone(id, SystemClock.now()).await {
            finding.reasons.push(format!("the ledger does not record yet that it was undone: {problem}"));
        }
        Ok((finding, exemptions))
    }

    /// Exempts the finding's resource from its guardrails.
    ///
    /// # Errors
    /// [`OperateError`].
    pub async fn exempt(&self, id: Uuid, order: &Order) -> Result<Vec<Exemption>, OperateError> {
        let kept = self.kept(id).await?;
        believe(&kept, order.unsigned)?;
        self.exempt_kept(&kept, order).await
    }

    async fn exempt_kept(&self, kept: &Kept, order: &Order) -> Result<Vec<Exemption>, OperateError> {
        if kept.is_sealed && !self.table.is_sealed() {
            return Err(OperateError::NoKeys { table: self.table.name().to_owned() });
        }
        let longest = SignedDuration::from_hours(24 * LONGEST_DAYS);
        if order.lasts <= SignedDuration::ZERO || order.lasts > longest {
            return Err(OperateError::Order(format!("an end within {LONGEST_DAYS} days")));
        }
        let text = |text: &str, what: &str| {
            NonEmpty::try_from(text.to_owned()).map_err(|_| OperateError::Order(what.to_owned()))
        };
        let mut exemptions = Vec::new();
        for name in std::iter::once(&kept.guardrail).chain(&kept.also) {
            let guardrail = serde_json::from_value(name.clone().into())
                .map_err(|_| OperateError::NoGuardrail { id: kept.id, guardrail: name.clone() })?;
            let exemption = Exemption {
                guardrail,
                // A name may hold pattern characters: an exemption made of a finding is about that resource alone.
                resource: exact_pattern(&kept.resource),
                account: kept.place.account.clone().try_into().ok(),
                actor: None,
                reason: text(&order.reason, "a reason")?,
                owner: text(&order.who, "an owner")?,
                expires: Until::Moment(SystemClock.now() + order.lasts),
            };
            self.table.exempt(&exemption).await?;
            exemptions.push(exemption);
        }
        Ok(exemptions)
    }

    /// What was decided beside the policy file, each order by itself, and also those that hold nothing.
    ///
    /// # Errors
    /// [`OperateError::Ledger`].
    pub async fn stored(&self) -> Result<Vec<Stored>, OperateError> {
        Ok(self.table.stored().await?)
    }

    /// Whether signatures are checked here.
    #[must_use]
    pub fn checks_signatures(&self) -> bool {
        self.table.is_sealed()
    }

    /// Removes this one order. False when it was gone already.
    ///
    /// # Errors
    /// [`OperateError::Ledger`].
    pub async fn end(&self, order: &Stored) -> Result<bool, OperateError> {
        Ok(self.table.end(&order.name).await?)
    }

    /// Lets a guardrail enforce again. False when it was not stopped there.
    ///
    /// # Errors
    /// [`OperateError::Ledger`].
    pub async fn lift(&self, guardrail: &str, scope: &Scope) -> Result<bool, OperateError> {
        Ok(self.table.lift(guardrail, scope).await?)
    }
}

/// Whether what the ledger holds of a finding may be acted on.
fn believe(kept: &Kept, unsigned: bool) -> Result<(), OperateError> {
    let advice = match &kept.trust {
        Trust::NotAsked | Trust::Signed => return Ok(()),
        Trust::Unsigned if unsigned => return Ok(()),
        Trust::Unsigned => {
            "read the calls with `parapet undo FINDING --dry-run`; if they are right, `parapet undo FINDING --unsigned` makes them \
             with your own credentials"
        }
        Trust::Forged { .. } => {
            "find out who wrote it, and take the finding back by hand with the commands of its notification"
        }
        Trust::Ended => "it is past the time that findings are kept",
        Trust::Unverified { .. } => "try again when the keys can be used",
    };
    Err(OperateError::Untrusted { id: kept.id, why: kept.trust.problem().unwrap_or_default(), advice })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::nothing_is_signed_here(Trust::NotAsked, true, true)]
    #[case::signed(Trust::Signed, true, true)]
    #[case::unsigned_when_it_was_said(Trust::Unsigned, false, true)]
    #[case::forged_whatever_was_said(Trust::Forged { why: "w".to_owned() }, false, false)]
    #[case::not_now(Trust::Unverified { why: "w".to_owned() }, false, false)]
    #[case::put_back(Trust::Ended, false, false)]
    fn undo_steps_are_run_only_when_they_are_ours(
        #[case] trust: Trust,
        #[case] expected: bool,
        #[case] when_said: bool,
    ) {
        let kept = Kept { trust, ..Kept::nothing(Uuid::nil()) };
        assert_eq!((believe(&kept, false).is_ok(), believe(&kept, true).is_ok()), (expected, when_said));
        if let Err(problem) = believe(&kept, false) {
            assert!(problem.to_string().contains(&kept.trust.problem().unwrap()), "{problem}");
        }
    }
}
