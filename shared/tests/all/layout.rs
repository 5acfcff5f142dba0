//! What each folder of the library may know, and that every function of the registry has its crate.

use shared::resources::FUNCTIONS;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Serves all families, and is no function of the registry.
const OPERATE: &str = "operate";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Every file under `folder`, by its path within `shared/src`, without its tests.
fn sources(folder: &str) -> Vec<(String, String)> {
    let top = root().join("src");
    let mut found = Vec::new();
    let mut folders = vec![top.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "rs") && !entry.ends_with("tests.rs") {
                let text = std::fs::read_to_string(&entry).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned();
                found.push((entry.strip_prefix(&top).unwrap().to_str().unwrap().replace('\\', "/"), code));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has moved");
    found
}

#[test]
fn only_clients_name_an_sdk() {
    let is_client = |path: &str| path.ends_with("/client.rs") || path.contains("/client/");
    let names = ["aws_sdk_", "aws_config::", "aws_smithy_", "aws_runtime", "aws_credential_types"];
    let mut clients = 0;
    for (path, code) in sources("") {
        if path.starts_with("aws/") || path.starts_with("lambda/") || path.starts_with("resources/") && is_client(&path)
        {
            clients += usize::from(names.iter().any(|name| code.contains(name)));
            continue;
        }
        for name in names {
            assert!(!code.contains(name), "{path} names `{name}`: only a resource's client and `aws` may");
        }
    }
    assert!(clients > 20, "{clients}");
}

#[test]
fn folders_know_only_what_is_below_them() {
    let above = [
        ("engine", &["resources", "aws", "lambda"][..]),
        ("net", &["engine", "policy", "resources", "operations", "notify", "aws", "lambda"]),
        ("notify", &["resources", "aws", "lambda"]),
        ("policy", &["resources", "operations", "notify", "aws", "lambda"]),
        ("operations", &["lambda"]),
    ];
    for (folder, unknown) in above {
        // Samples for the pages and tests of messages are made of real resources.
        let is_sample = |path: &str| path.ends_with("/sample.rs") || path.ends_with("_tests.rs");
        for (path, code) in sources(folder).into_iter().filter(|(path, _)| !is_sample(path)) {
            for name in unknown {
                assert!(!code.contains(&format!("crate::{name}::")), "{path} imports `{name}`, which is above it");
            }
        }
    }
}

#[test]
fn every_function_has_a_crate_of_its_name_that_serves_it() {
    let folder = root().join("../functions");
    let mut without: BTreeSet<&str> = FUNCTIONS.iter().copied().collect();
    assert_eq!(without.len(), FUNCTIONS.len(), "a function is listed twice");
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name == OPERATE {
            continue;
        }
        assert!(without.remove(name.as_str()), "functions/{name} is not in the registry");
        let main = std::fs::read_to_string(folder.join(&name).join("src/main.rs")).unwrap();
        let serves = format!("serve!(\"{name}\")");
        assert!(main.contains(&serves), "functions/{name} does not serve what is listed under its name");
        let cargo = std::fs::read_to_string(folder.join(&name).join("Cargo.toml")).unwrap();
        assert!(cargo.contains(&format!("name = \"{name}\"")), "the crate in functions/{name} has another name");
    }
    assert!(without.is_empty(), "without a crate: {without:?}");
}
