//! Attacks that a principal that may change things in an account could try against the guardrails, each as a story with
//! the real function binaries against the local AWS: what must not happen does not happen.
//!
//! One module for each kind of attack; docs/security.md says what holds and what does not.

mod direction;
mod entrances;
mod forged;
mod identity;
mod ledger_written;
mod names;
mod noise;
mod other_ways;
mod padded;
mod renamed;
mod reopened;

use serde_json::{Value, json};
use tests::host::{Host, Settings};
use tests::lab::Lab;
use tests::records::{self, Caller};
use tests::view::View;
use tests::world::World;

static WORLD: World = World::new();

const IAM: &str = "iam.amazonaws.com";
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// A record of an attacker.
fn record(source: &str, name: &str, request: Value, response: Value) -> Value {
    records::event(&Caller::user("mallory"), source, name, request, response)
}

fn allow(actions: &Value) -> String {
    let statement = json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

async fn user(lab: &Lab, name: &str) {
    lab.clients.iam.create_user().user_name(name).send().await.unwrap();
}

/// A function that enforces everything of class R1, with a ledger.
async fn remembering(lab: &Lab, function: &str, ledger: &str) -> Host {
    let settings = Settings { ledger: Some(ledger.to_owned()), ..lab.settings() };
    Host::start(function, &settings).await.unwrap()
}

async fn stands(lab: &Lab, view: View) -> Vec<String> {
    view.lines(&lab.clients).await.unwrap()
}
