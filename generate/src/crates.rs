//! The crate of each function: wiring alone.

use crate::functions::Function;
use std::collections::BTreeSet;

/// A list of the functions with the clients of their families.
macro_rules! clients {
    ([] $($function:literal { $($service:ident::$family:ident => $client:ident,)+ })+) => {
        &[$(($function, &[$(stringify!($client)),+])),+]
    };
}

const CLIENTS: &[(&str, &[&str])] = shared::registry!(clients![]);

/// The client of families that read nothing: it needs no SDK.
const NONE: &str = "RecordAlone";

/// Its files by their path in the source tree.
pub(crate) fn files(function: &Function) -> [(String, String); 2] {
    let folder = format!("functions/{}", function.name);
    [(format!("{folder}/Cargo.toml"), manifest(&function.name)), (format!("{folder}/src/main.rs"), main(function))]
}

/// The features of the library: a client is behind the one of its name.
fn features(function: &str) -> Vec<String> {
    let clients = CLIENTS.iter().filter(|(name, _)| *name == function).flat_map(|(_, clients)| clients.iter());
    let of_clients: BTreeSet<String> =
        clients.filter(|client| **client != NONE).map(|client| client.to_lowercase()).collect();
    ["lambda".to_owned()].into_iter().chain(of_clients).collect()
}

fn manifest(name: &str) -> String {
    let features: Vec<String> = features(name).iter().map(|feature| format!("\"{feature}\"")).collect();
    format!(
        "# `make generate` writes this file from the registry, shared/src/resources/mod.rs.
[package]
name = \"{name}\"
version.workspace = true
edition.workspace = true
rust-version.workspace = true
license.workspace = true
publish.workspace = true

# Wiring alone: tests/ runs the binary. Documentation of it could fall on the page of a library of its name.
[[bin]]
name = \"{name}\"
path = \"src/main.rs\"
doc = false
test = false
bench = false

[dependencies]
shared = {{ workspace = true, features = [{}] }}
lambda_runtime.workspace = true
tokio.workspace = true

[lints]
workspace = true
",
        features.join(", ")
    )
}

fn main(function: &Function) -> String {
    let Function { name, description, .. } = function;
    format!(
        "//! {description}. `make generate` writes this file from the registry.

#[tokio::main(flavor = \"current_thread\")]
async fn main() -> Result<(), lambda_runtime::Error> {{
    shared::serve!(\"{name}\").await
}}
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_built_with_the_features_of_its_clients_alone() {
        assert_eq!(features("database"), ["lambda", "dynamodb", "elb", "rds", "redshift"]);
        assert_eq!(features("iam-user"), ["lambda", "iam"]);
        assert_eq!(features("sign-in"), ["lambda"]);
    }
}
