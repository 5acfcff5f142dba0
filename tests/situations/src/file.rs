//! A file of situations, and the defaults beside it.

use crate::expand::{Defaults, expand};
use crate::{Planned, SituationError, Situations};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// What all files share: the caller, the envelope, the time. It is no guardrail's.
const SHARED: &str = "defaults.yaml";

fn content(path: &Path, problem: impl Into<String>) -> SituationError {
    SituationError::Content { path: path.to_owned(), problem: problem.into() }
}

fn read_io(path: &Path, source: std::io::Error) -> SituationError {
    SituationError::Read { path: path.to_owned(), source }
}

fn yaml(path: &Path) -> Result<Map<String, Value>, SituationError> {
    let text = std::fs::read_to_string(path).map_err(|source| read_io(path, source))?;
    serde_saphyr::from_str(&text)
        .map_err(|source| SituationError::Parse { path: path.to_owned(), source: Box::new(source) })
}

/// The member `key`, taken out of `map`; empty when it is not there.
fn object(path: &Path, map: &mut Map<String, Value>, key: &str) -> Result<Map<String, Value>, SituationError> {
    match map.remove(key) {
        None => Ok(Map::new()),
        Some(Value::Object(members)) => Ok(members),
        Some(other) => Err(content(path, format!("`{key}` is not a mapping: {other}"))),
    }
}

fn shared(folder: &Path) -> Result<Defaults, SituationError> {
    let path = folder.join(SHARED);
    let mut scene = yaml(&path)?;
    let callers = object(&path, &mut scene, "callers")?;
    Defaults::shared(scene, callers).map_err(|problem| content(&path, problem))
}

/// The situations of one file, by name.
fn read(path: &Path, guardrail: &str, shared: &Defaults) -> Result<Vec<(String, Value)>, SituationError> {
    let mut file = yaml(path)?;
    let defaults = object(path, &mut file, "defaults")?;
    let situations = object(path, &mut file, "situations")?;
    object(path, &mut file, PLANNED)?;
    if let Some(key) = file.keys().next() {
        return Err(content(path, format!("`{key}` is unknown: a file has `defaults`, `situations` and `planned`")));
    }
    let defaults = shared.with(defaults).map_err(|problem| content(path, format!("defaults: {problem}")))?;
    let each = situations.into_iter().map(|(name, situation)| {
        let whole = expand(guardrail, &name, situation, &defaults);
        whole.map(|whole| (name.clone(), whole)).map_err(|problem| content(path, format!("`{name}`: {problem}")))
    });
    each.collect()
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, SituationError> {
    let entries = std::fs::read_dir(folder).map_err(|source| read_io(folder, source))?;
    entries.map(|entry| Ok(entry.map_err(|source| read_io(folder, source))?.path())).collect()
}

/// The guardrail that a file, or a folder of files, is named after.
fn guardrail(path: &Path) -> Result<&str, SituationError> {
    path.file_stem().and_then(|stem| stem.to_str()).ok_or_else(|| content(path, "the name is not text"))
}

/// The cases of templates and plans beside the situations.
const PLANNED: &str = "planned";

/// The files of each guardrail.
fn files(folder: &Path) -> Result<Vec<(String, PathBuf)>, SituationError> {
    let mut files = Vec::new();
    for path in entries(folder)? {
        let guardrail = guardrail(&path)?.to_owned();
        let parts = if path.is_dir() { entries(&path)? } else { vec![path] };
        files.extend(parts.into_iter().map(|part| (guardrail.clone(), part)));
    }
    Ok(files)
}

pub(crate) fn read_planned(folder: &Path) -> Result<Planned, SituationError> {
    let mut found = Planned::new();
    for (guardrail, part) in files(folder)? {
        for (name, case) in object(&part, &mut yaml(&part)?, PLANNED)? {
            if found.entry(guardrail.clone()).or_default().insert(name.clone(), case).is_some() {
                return Err(content(&part, format!("`{name}` is in another file of the guardrail, too")));
            }
        }
    }
    Ok(found)
}

pub(crate) fn read_folder(folder: &Path) -> Result<Situations, SituationError> {
    let shared = shared(folder)?;
    let mut found = Situations::new();
    for (guardrail, part) in files(folder)? {
        if part.extension().is_none_or(|extension| extension != "yaml") {
            return Err(content(&part, "only YAML files of situations belong here"));
        }
        if part.file_name().is_some_and(|name| name == SHARED) {
            continue;
        }
        for (name, whole) in read(&part, &guardrail, &shared)? {
            if found.insert((guardrail.clone(), name.clone()), whole).is_some() {
                return Err(content(&part, format!("`{name}` is in another file of the guardrail, too")));
            }
        }
    }
    Ok(found)
}

/// A situation of a file that is a guardrail's, or of one of the files in a guardrail's folder.
pub(crate) fn read_one(path: &Path, name: &str) -> Result<Value, SituationError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let (folder, guardrail) = match folder.parent().filter(|_| !folder.join(SHARED).exists()) {
        Some(above) if above.join(SHARED).exists() => (above, guardrail(folder)?),
        Some(_) | None => (folder, guardrail(path)?),
    };
    let shared = shared(folder)?;
    let found = read(path, guardrail, &shared)?.into_iter().find(|(known, _)| known == name);
    found.map(|(_, whole)| whole).ok_or_else(|| content(path, format!("there is no situation `{name}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with these defaults and this file.
    fn folder(name: &str, text: &str) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("parapet-situations-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(SHARED), "caller: ana\ncallers: {ana: {type: IAMUser}}\n").unwrap();
        std::fs::write(folder.join("x.yaml"), text).unwrap();
        folder
    }

    #[test]
    fn what_cannot_be_used_is_an_error_that_names_file_and_situation() {
        for (name, text, part) in [
            ("list", "situations: [a]", "`situations` is not a mapping"),
            ("key", "situation: {}", "`situation` is unknown"),
            ("member", "situations: {violates-a: {story: s, expects: {}}}", "`violates-a`: `expects` is unknown"),
            ("twice", "situations: {a: {story: s}, a: {story: s}}", "duplicate mapping key"),
            ("caller", "situations: {a: {story: s, caller: bob}}", "`a`: there is no caller `bob`"),
            ("defaults", "defaults: {live: {}}\nsituations: {}", "defaults: `live` is unknown"),
        ] {
            let folder = folder(name, text);
            let problem = read_folder(&folder).unwrap_err().to_string();
            assert!(problem.contains("x.yaml") && problem.contains(part), "{name}: {problem}");
            std::fs::remove_dir_all(folder).unwrap();
        }
    }

    #[test]
    fn a_guardrail_may_have_several_files() {
        let folder = folder("parts", "situations: {}");
        let own = folder.join("y");
        std::fs::create_dir_all(&own).unwrap();
        for (part, name) in [("a", "violates-a"), ("b", "complies-b")] {
            let text = format!("situations: {{{name}: {{story: s, call: CreateUser}}}}");
            std::fs::write(own.join(part).with_extension("yaml"), text).unwrap();
        }
        let found = read_folder(&folder).unwrap();
        assert_eq!(
            found.keys().collect::<Vec<_>>(),
            [&("y".to_owned(), "complies-b".to_owned()), &("y".to_owned(), "violates-a".to_owned())]
        );
        let place = format!("{}#violates-a", own.join("a.yaml").display());
        assert_eq!(&crate::at(&place).unwrap().unwrap(), &found[&("y".to_owned(), "violates-a".to_owned())]);
        std::fs::copy(own.join("a.yaml"), own.join("b.yaml")).unwrap();
        let problem = read_folder(&folder).unwrap_err().to_string();
        assert!(problem.contains("`violates-a` is in another file"), "{problem}");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn one_situation_is_named_by_file_and_name() {
        let folder = folder("one", "situations: {violates-a: {story: s, call: CreateUser}}");
        let place = |name: &str| format!("{}#{name}", folder.join("x.yaml").display());
        let found = crate::at(&place("violates-a")).unwrap().unwrap();
        assert_eq!(found["event"]["detail"]["eventName"], "CreateUser");
        let problem = crate::at(&place("violates-b")).unwrap().unwrap_err().to_string();
        assert!(problem.contains("there is no situation `violates-b`"), "{problem}");
        assert!(crate::at("x.json").is_none() && crate::at("x#y").is_none());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
