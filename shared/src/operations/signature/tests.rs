//! A claim's bytes are its own, and an item whose seal is not over exactly what it says decides nothing.

use crate::engine::unavailable::Unavailable;
use crate::operations::signature::*;
use proptest::prelude::*;
use rstest::rstest;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Keys in memory: the code is the digest's message behind the key's name. Nothing here is secret, and only the order of
/// questions and answers is tried.
struct Keys {
    is_down: bool,
}

fn mac(by: Signatory, digest: &Digest) -> Vec<u8> {
    let name = match by {
        Signatory::Functions => 1,
        Signatory::Operators => 2,
    };
    digest.message().into_iter().rev().take(31).chain([name]).collect()
}

impl Signer for Keys {
    async fn sign(&self, by: Signatory, digest: &Digest) -> Result<Vec<u8>, Unavailable> {
        if self.is_down { Err(Unavailable::new("no answer")) } else { Ok(mac(by, digest)) }
    }
}

impl Verifier for Keys {
    async fn verify(&self, by: Signatory, digest: &Digest, given: &[u8]) -> Result<bool, Unavailable> {
        if self.is_down { Err(Unavailable::new("no answer")) } else { Ok(mac(by, digest) == given) }
    }
}

const UP: Keys = Keys { is_down: false };
const DOWN: Keys = Keys { is_down: true };

/// The fakes never wait, so one poll is the whole run.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a fake waited"),
    }
}

const PAYLOAD: &[&str] = &["state", "more"];

fn claim() -> Claim<'static> {
    Claim {
        kind: Kind::Kept,
        table: "ledger",
        key: "kept#flow-log",
        account: "111122223333",
        region: "eu-west-1",
        resource: "arn:r",
        version: 1_760_000_000_000,
        expires: 1_770_000_000,
        payload: PAYLOAD,
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn trust_of(claim: Claim<'_>, seal: &str) -> Trust {
    now(check(&UP, claim, Some(seal), at(1_765_000_000)))
}

#[test]
fn what_was_sealed_is_believed_until_its_end() {
    let seal = now(seal(&UP, &claim())).unwrap().to_string();
    assert_eq!(trust_of(claim(), &seal), Trust::Signed);
    assert!(Trust::Signed.is_believed() && Trust::NotAsked.is_believed());
    let ended = now(check(&UP, claim(), Some(&seal), at(1_770_000_000)));
    assert_eq!(ended, Trust::Ended);
    assert!(!ended.is_believed(), "an old item that is put back");
}

/// Every part counts: the seal of one claim is no other's.
#[rstest]
#[case::kind(Claim { kind: Kind::Finding, ..claim() })]
#[case::a_kind_that_the_other_key_signs(Claim { kind: Kind::Exemption, ..claim() })]
#[case::table(Claim { table: "other", ..claim() })]
#[case::key(Claim { key: "kept#subnet", ..claim() })]
#[case::account(Claim { account: "444455556666", ..claim() })]
#[case::region(Claim { region: "us-east-1", ..claim() })]
#[case::resource(Claim { resource: "arn:s", ..claim() })]
#[case::expiry(Claim { expires: 1_990_000_000, ..claim() })]
#[case::payload(Claim { payload: &["state", "less"], ..claim() })]
#[case::payload_in_other_parts(Claim { payload: &["statem", "ore"], ..claim() })]
#[case::payload_with_more(Claim { payload: &["state", "more", ""], ..claim() })]
#[case::a_part_that_moved(Claim { region: "eu-west-1arn", resource: ":r", ..claim() })]
fn nothing_of_it_can_be_changed(#[case] other: Claim<'_>) {
    let seal = now(seal(&UP, &claim())).unwrap().to_string();
    assert!(matches!(trust_of(other, &seal), Trust::Forged { .. }));
}

#[test]
fn nor_its_version() {
    let mut seal = now(seal(&UP, &claim())).unwrap();
    seal.version += 1;
    assert!(matches!(trust_of(claim(), &seal.to_string()), Trust::Forged { .. }), "an older state as a newer one");
}

#[test]
fn the_operators_key_does_not_sign_what_functions_do() {
    let seal = Seal { version: claim().version, mac: mac(Signatory::Operators, &claim().digest()) };
    assert!(matches!(trust_of(claim(), &seal.to_string()), Trust::Forged { .. }));
}

#[test]
fn no_seal_is_not_a_wrong_one_and_keys_that_do_not_answer_are_neither() {
    assert_eq!(now(check(&UP, claim(), None, at(0))), Trust::Unsigned);
    let seal = now(seal(&UP, &claim())).unwrap().to_string();
    let unverified = now(check(&DOWN, claim(), Some(&seal), at(0)));
    assert_eq!(unverified, Trust::Unverified { why: "no answer".to_owned() });
    for trust in [Trust::Unsigned, unverified, Trust::Forged { why: "w".to_owned() }] {
        assert!(!trust.is_believed() && trust.problem().is_some(), "{trust:?}");
    }
    assert_eq!(now(super::seal(&DOWN, &claim())).unwrap_err().to_string(), "no answer");
}

#[rstest]
#[case("")]
#[case("1")]
#[case("1.")]
#[case("1.0")]
#[case("1.0g")]
#[case("1.0A")]
#[case("+1.0a")]
#[case("01.0a")]
#[case(" 1.0a")]
#[case("1.0a.0a")]
#[case("9223372036854775808.0a")]
fn a_seal_has_one_form(#[case] text: &str) {
    assert!(text.parse::<Seal>().is_err());
    assert!(matches!(trust_of(claim(), text), Trust::Forged { .. }));
}

/// A principal that may write may write a long one, and every answer is kept.
#[test]
fn a_seal_is_no_longer_than_a_code() {
    let longest = Seal { version: 1, mac: vec![0x0a; 64] };
    assert_eq!(format!("1.{}", "0a".repeat(64)).parse(), Ok(longest));
    assert!(format!("1.{}", "0a".repeat(65)).parse::<Seal>().is_err());
    assert!(format!("1.{}", "0a".repeat(200_000)).parse::<Seal>().is_err());
}

proptest! {
    #[test]
    fn a_seal_is_read_as_it_was_written(version: i64, mac in proptest::collection::vec(any::<u8>(), 1..64)) {
        let seal = Seal { version, mac };
        prop_assert_eq!(seal.to_string().parse(), Ok(seal));
    }

    /// Two claims with the same bytes are the same claim.
    #[test]
    fn the_bytes_keep_claims_apart(
        one in proptest::collection::vec("[ab]{0,3}", 0..8),
        other in proptest::collection::vec("[ab]{0,3}", 0..8),
    ) {
        let bytes = |parts: &[String]| {
            let part = |n: usize| parts.get(n).map_or("", String::as_str);
            let payload: Vec<&str> = parts.iter().skip(4).map(String::as_str).collect();
            let claim = Claim { key: part(0), account: part(1), region: part(2), resource: part(3), payload: &payload, ..claim() };
            let all = [part(0), part(1), part(2), part(3)].map(str::to_owned);
            (claim.bytes(), (all, payload.into_iter().map(str::to_owned).collect::<Vec<_>>()))
        };
        let ((one_bytes, one), (other_bytes, other)) = (bytes(&one), bytes(&other));
        prop_assert_eq!(one_bytes == other_bytes, one == other);
    }
}
