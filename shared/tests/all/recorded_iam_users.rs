//! Recorded attacks on users, and what leads to nothing: the same corpora as `corpora.rs`, the families of users.

use crate::world::{Living, Watch, World, now};
use serde_json::{Value, json};
use shared::engine::event::Event;
use shared::engine::finding::Outcome;
use shared::engine::observed::Observed;
use shared::engine::pipeline::{Rules, RunContext, handle};
use shared::engine::verdict::VerdictKind;
use shared::policy::Mode;
use shared::resources::iam::compromised_user::CompromisedUsers;
use shared::resources::iam::login_profile::LoginProfiles;
use shared::resources::iam::mfa_device::MfaDevices;
use shared::resources::iam::password_policy::PasswordPolicies;
use shared::resources::iam::session_cut::SessionCuts;
use std::path::{Path, PathBuf};

/// Records of the two sets that call by call say what they are.
fn records() -> Vec<(String, Value)> {
    let named = std::env::var_os("PARAPET_CORPORA").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora"));
    if !folder.is_dir() {
        println!("no corpora in {}: nothing was held", folder.display());
        return Vec::new();
    }
    let mut found = Vec::new();
    for file in ["cloudtrail_stratus.jsonl", "cloudtrail_panther.jsonl"] {
        for line in std::fs::read_to_string(folder.join(file)).unwrap().lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            found.push((row["id"].as_str().unwrap().to_owned(), row["input"]["event"].clone()));
        }
    }
    found
}

/// How it ended, for each finding of a violation, and the calls that were made.
fn enforced<F: Living>(family: &F, event: &Event, live: Observed<F::State>) -> (Vec<Outcome>, Vec<String>) {
    let world = World::<F>::new(live);
    let rules = Rules { fallback: Mode::Enforce, ..Rules::default() };
    let context = RunContext { world: &world, clock: &Watch::default(), memory: &world, rules: &rules };
    let findings = now(handle(family, context, event)).findings;
    let violations = findings.iter().filter(|finding| finding.verdict == VerdictKind::Violation);
    (violations.map(|finding| finding.outcome).collect(), world.calls())
}

#[test]
fn recorded_attacks_on_users_are_closed() {
    for (id, user, call) in [
        (
            "stratus/aws.persistence.iam-create-user-login-profile/002",
            "stratus-red-team-login-profile-user",
            "deny user stratus-red-team-login-profile-user everything to sessions since 2024-08-01T13:42:21Z",
        ),
        // Panther's rule calls this a user's own change because the session is named like the user. A principal that opens
        // a session chooses its name: see docs/adr/0010.
        (
            "panther/AWS.User.Login.Profile.Modified/00",
            "alice",
            "deny user alice everything to sessions since 2022-09-15T13:45:24Z",
        ),
        // The record shows the user itself, as AWS acted in 2020: anybody who may write the user's policies looks the same.
        ("panther/AWS.IAM.AccessKeyCompromised/00", "compromised_user", ""),
    ] {
        let records = records();
        if records.is_empty() {
            return;
        }
        let (_, record) = records.into_iter().find(|(name, _)| name == id).unwrap();
        let event = Event::from_record(&record).unwrap();
        let live = json!({"UserName": user, "LoginProfile": {"UserName": user}, "MFADevices": [],
            "AccessKeyMetadata": [{"AccessKeyId": "AKIAEXAMPLEKEY000001", "Status": "Active"}]});
        let (outcomes, calls) = match event.name.as_str() {
            "PutUserPolicy" => enforced(&CompromisedUsers, &event, CompromisedUsers::live(&live)),
            _ => enforced(&LoginProfiles, &event, LoginProfiles::live(&live)),
        };
        let outcome = if call.is_empty() { Outcome::Notified } else { Outcome::Remediated };
        assert_eq!(outcomes, [outcome], "{id}");
        assert_eq!(calls.concat(), call, "{id}");
    }
}

#[test]
fn everything_else_that_was_recorded_leads_to_nothing() {
    let ours = ["CreateLoginProfile", "UpdateLoginProfile"];
    let (mut read, mut closed) = (0, 0);
    for (name, record) in records() {
        let Ok(event) = Event::from_record(&record) else { continue };
        let user = event.request.text(&["userName"]).unwrap_or("no user");
        let profile = LoginProfiles::live(&json!({"UserName": user, "LoginProfile": {"UserName": user}}));
        let calls = [
            enforced(&CompromisedUsers, &event, Observed::Absent).1,
            enforced(&LoginProfiles, &event, profile).1,
            enforced(&MfaDevices, &event, Observed::Absent).1,
            enforced(&PasswordPolicies, &event, Observed::Unknown { why: "not here".to_owned() }).1,
            enforced(&SessionCuts, &event, Observed::Absent).1,
        ]
        .concat();
        let may_close = ours.contains(&event.name.as_str()) && event.failure.is_none();
        assert!(may_close || calls.is_empty(), "{name}: {calls:?}");
        closed += usize::from(!calls.is_empty());
        read += 1;
    }
    println!("{read} records read, {closed} of them closed");
    assert!(read == 0 || (read > 200 && closed == 3), "{read} read, {closed} closed");
}
