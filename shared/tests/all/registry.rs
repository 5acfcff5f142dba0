//! Every function of the registry has its crate, and no crate is without one.

use shared::families::FUNCTIONS;
use std::collections::BTreeSet;
use std::path::Path;

/// Serves all of them, and is no function of the registry.
const OPERATE: &str = "operate";

#[test]
fn every_function_has_a_crate_of_its_name_that_serves_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions");
    let mut without: BTreeSet<&str> = FUNCTIONS.iter().copied().collect();
    assert_eq!(without.len(), FUNCTIONS.len(), "a function is listed twice");
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name == OPERATE {
            continue;
        }
        assert!(without.remove(name.as_str()), "functions/{name} is not in the registry");
        let main = std::fs::read_to_string(folder.join(&name).join("src/main.rs")).unwrap();
        assert!(
            main.contains(&format!("serve!(\"{name}\")")),
            "functions/{name} does not serve what is listed under its name"
        );
        let cargo = std::fs::read_to_string(folder.join(&name).join("Cargo.toml")).unwrap();
        assert!(cargo.contains(&format!("name = \"{name}\"")), "the crate in functions/{name} has another name");
    }
    assert!(without.is_empty(), "without a crate: {without:?}");
}
