//! What the security channel hears of items that are not believed: one notice for all of a kind, whatever their number.

use super::Trust;
use crate::engine::verdict::Severity;
use crate::notify::Notice;
use jiff::Timestamp;

/// An item that decides nothing although it stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// Its key; with the attribute's name where one item holds several.
    pub item: String,
    /// What is to be thought of it.
    pub trust: Trust,
}

/// More names than these are counted: a writer of many items must not make the message long.
const NAMED: usize = 8;

/// One notice for each kind of doubt. The key holds the hour for what is forged or cannot be verified, and the day for what
/// has no signature: the same doubts, read every minute, are notified once, and new ones again.
#[must_use]
pub fn notices(doubts: &[Doubt], table: &str, account: &str, region: &str, now: Timestamp) -> Vec<Notice> {
    let time = now.to_string();
    let (day, hour) = (time.get(..10).unwrap_or_default(), time.get(..13).unwrap_or_default());
    let of =
        |belongs: fn(&Trust) -> bool| -> Vec<&Doubt> { doubts.iter().filter(|doubt| belongs(&doubt.trust)).collect() };
    let forged = of(|trust| matches!(trust, Trust::Forged { .. }));
    let unsigned = of(|trust| matches!(trust, Trust::Unsigned));
    let unverified = of(|trust| matches!(trust, Trust::Unverified { .. }));
    let notice = |doubts: &[&Doubt], kind, period: &str, severity, title: &str, says: &str, next: &str| Notice {
        key: format!("{table}\n{period}"),
        title: title.to_owned(),
        subject: table.to_owned(),
        kind,
        guardrail: "parapet",
        severity,
        account: account.to_owned(),
        region: region.to_owned(),
        says: std::iter::once(says.to_owned()).chain(named(doubts)).collect(),
        next: vec![next.to_owned()],
    };
    let all = [
        (!forged.is_empty()).then(|| {
            notice(
                &forged,
                "ledger-forged",
                hour,
                Severity::Critical,
                "Ledger: another principal wrote to it",
                "items carry signatures that Parapet did not make for them; they decide nothing",
                "Find out in CloudTrail who may write to the table and did (data events of DynamoDB), and take the permission away",
            )
        }),
        (!unsigned.is_empty()).then(|| {
            notice(
                &unsigned,
                "ledger-unsigned",
                day,
                Severity::High,
                "Ledger: items without a signature are ignored",
                "they are older than signing, were written while KMS did not answer, or another principal wrote \
                 them; they are not trusted",
                "Decide again what should hold (exempt, undo). Known-good states are kept again by the next event or sweep",
            )
        }),
        (!unverified.is_empty()).then(|| {
            notice(
                &unverified,
                "ledger-unverified",
                hour,
                Severity::High,
                "Ledger: signatures cannot be verified",
                "until they can be, remediations of class R2, sweeps and undo wait, and exemptions of the ledger do not hold",
                "Check the keys of `PARAPET_LEDGER_KEY` and `PARAPET_OPERATORS_KEY`: are they enabled, may the \
                 function's role use them, does KMS throttle?",
            )
        }),
    ];
    all.into_iter().flatten().collect()
}

fn named(doubts: &[&Doubt]) -> Vec<String> {
    let name = |doubt: &&Doubt| format!("`{}`: {}", doubt.item, doubt.trust.problem().unwrap_or_default());
    let mut lines: Vec<String> = doubts.iter().take(NAMED).map(name).collect();
    if doubts.len() > NAMED {
        lines.push(format!("and {} more", doubts.len() - NAMED));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubt(item: &str, trust: Trust) -> Doubt {
        Doubt { item: item.to_owned(), trust }
    }

    fn sent(doubts: &[Doubt], at: &str) -> Vec<Notice> {
        notices(doubts, "ledger", "111122223333", "eu-west-1", at.parse().unwrap())
    }

    #[test]
    fn one_notice_for_each_kind_of_doubt_and_the_gravest_is_critical() {
        let why = || "w".to_owned();
        let doubts = [
            doubt("orders exemption#g#*", Trust::Unsigned),
            doubt("orders exemption#h#*", Trust::Unsigned),
            doubt("kept#flow-log", Trust::Forged { why: why() }),
            doubt("kept#subnet", Trust::Unverified { why: why() }),
        ];
        let sent = sent(&doubts, "2026-01-31T12:00:10Z");
        let heads: Vec<_> = sent.iter().map(|notice| (notice.kind, notice.severity)).collect();
        assert_eq!(
            heads,
            [
                ("ledger-forged", Severity::Critical),
                ("ledger-unsigned", Severity::High),
                ("ledger-unverified", Severity::High)
            ]
        );
        assert!(sent[1].says.iter().any(|line| line.contains("exemption#g#*")), "{:?}", sent[1].says);
        assert!(sent[1].says.iter().any(|line| line.contains("exemption#h#*")), "{:?}", sent[1].says);
    }

    #[test]
    fn what_is_believed_or_over_is_no_news() {
        let trusts = [Trust::NotAsked, Trust::Signed, Trust::Ended];
        assert_eq!(sent(&trusts.map(|trust| doubt("x", trust)), "2026-01-31T12:00:10Z"), []);
    }

    /// Orders are read every minute, and a principal that may write may write much.
    #[test]
    fn a_flood_is_one_notice_an_hour() {
        let forged = |n: usize| doubt(&format!("exemption#{n}"), Trust::Forged { why: "w".to_owned() });
        let doubts: Vec<_> = (0..1_000).map(forged).collect();
        let [first, again, later] = ["2026-01-31T12:00:10Z", "2026-01-31T12:59:59Z", "2026-01-31T13:00:00Z"]
            .map(|at| sent(&doubts, at).remove(0));
        assert_eq!(first.id(), again.id());
        assert_ne!(first.id(), later.id());
        assert!(
            first.says.len() <= NAMED + 2 && first.says.iter().any(|line| line == "and 992 more"),
            "{:?}",
            first.says
        );
    }
}
