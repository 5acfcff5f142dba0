//! Where the resources of a plan are written in the configuration of Terraform.

use crate::failure::Failure;
use crate::template::Position;
use crate::terminal::Safe;
use hcl_edit::Span;
use hcl_edit::structure::{Block, BlockLabel, Body};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A place in a file of the source, or in the file that is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// None for the file that is checked.
    pub(super) file: Option<Arc<str>>,
    pub(super) at: Position,
}

impl From<Position> for Place {
    fn from(at: Position) -> Self {
        Self { file: None, at }
    }
}

/// The blocks of a configuration.
#[derive(Debug, Default)]
pub(super) struct Source {
    /// By module and by the resource's name in it: `module.net`, `aws_subnet.a`.
    blocks: BTreeMap<(String, String), Place>,
}

/// `.terraform/modules/modules.json`, which `terraform init` writes: where the module of each call is.
#[derive(Deserialize)]
struct Installed {
    #[serde(rename = "Modules")]
    modules: Vec<InstalledModule>,
}

#[derive(Deserialize)]
struct InstalledModule {
    /// `net.subnets` for the call `subnets` in the module of the call `net`; empty for the root.
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "Dir")]
    folder: PathBuf,
}

impl Source {
    /// The source of the root module in a folder, and of the modules that it calls as far as they lie beside it or were installed. A file that cannot be read
    /// is reported.
    ///
    /// # Errors
    /// The folder cannot be listed.
    pub(super) fn read(folder: &Path) -> Result<Self, Failure> {
        let mut source = Self::default();
        let calls = source.module(folder, "");
        let calls = calls.map_err(|cause| Failure::with(format!("--source {}", folder.display()), cause))?;
        let list = folder.join(".terraform/modules/modules.json");
        match installed(&list) {
            Ok(Some(Installed { modules })) => {
                for InstalledModule { key, folder: of_module } in modules.into_iter().filter(|one| !one.key.is_empty())
                {
                    let path: Vec<String> = key.split('.').map(|step| format!("module.{step}")).collect();
                    let of_module = folder.join(of_module);
                    if let Err(cause) = source.module(&of_module, &path.join(".")) {
                        unread(&of_module.display().to_string(), &cause.to_string())?;
                    }
                }
            }
            Ok(None) => source.local_modules(folder, "", calls, 0)?,
            Err(cause) => {
                unread(&list.display().to_string(), &cause.to_string())?;
                source.local_modules(folder, "", calls, 0)?;
            }
        }
        Ok(source)
    }

    /// The modules that stand in folders of their own, relative to the one that calls them.
    fn local_modules(
        &mut self,
        folder: &Path,
        path: &str,
        calls: Vec<(String, String)>,
        depth: usize,
    ) -> io::Result<()> {
        const DEEPEST: usize = 16;
        for (name, from) in calls.into_iter().filter(|(_, from)| from.starts_with('.') && depth < DEEPEST) {
            let folder = folder.join(from);
            let path = if path.is_empty() { format!("module.{name}") } else { format!("{path}.module.{name}") };
            match self.module(&folder, &path) {
                Ok(calls) => self.local_modules(&folder, &path, calls, depth + 1)?,
                Err(cause) => unread(&folder.display().to_string(), &cause.to_string())?,
            }
        }
        Ok(())
    }

    /// Takes up the files of one module, and answers the modules that it calls: name and source.
    fn module(&mut self, folder: &Path, path: &str) -> io::Result<Vec<(String, String)>> {
        let mut files = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        files.retain(|file| file.extension().is_some_and(|extension| extension == "tf" || extension == "tofu"));
        files.sort();
        let mut calls = Vec::new();
        for file in files {
            let name = file.display().to_string();
            let text = match std::fs::read(&file) {
                Ok(bytes) => String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').to_owned(),
                Err(cause) => {
                    unread(&name, &cause.to_string())?;
                    continue;
                }
            };
            let body: Body = match text.parse() {
                Ok(body) => body,
                Err(error) => {
                    unread(&name, &error.to_string())?;
                    continue;
                }
            };
            for block in body.blocks() {
                let labels: Vec<&str> = block.labels.iter().map(BlockLabel::as_str).collect();
                match (block.ident.as_str(), labels.as_slice()) {
                    ("resource", [kind, of_kind]) => {
                        let at = block.span().map(|span| position(&text, span.start)).unwrap_or_default();
                        let place = Place { file: Some(Arc::from(name.as_str())), at };
                        // An override file comes after the file that it changes.
                        self.blocks.entry((path.to_owned(), format!("{kind}.{of_kind}"))).or_insert(place);
                    }
                    ("module", [call]) => calls.extend(from(block).map(|from| ((*call).to_owned(), from))),
                    _ => {}
                }
            }
        }
        Ok(calls)
    }

    /// Where the resource of an address is written.
    pub(super) fn place(&self, address: &str) -> Option<Place> {
        let address = super::configuration::without_keys(address);
        let (module, resource) = match shared::engine::planned::module_of(&address) {
            "" => ("", address.as_str()),
            module => (module.trim_end_matches('.'), address.get(module.len()..)?),
        };
        self.blocks.get(&(module.to_owned(), resource.to_owned())).cloned()
    }
}

/// The list of installed modules; none where there is none.
fn installed(list: &Path) -> io::Result<Option<Installed>> {
    match std::fs::read(list) {
        Ok(text) => Ok(Some(serde_json::from_slice(&text)?)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(cause),
    }
}

/// What cannot be read only lacks its place: the finding names its address.
fn unread(name: &str, why: &str) -> io::Result<()> {
    let first = why.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let (name, first) = (Safe(name), Safe(first));
    writeln!(
        anstream::stderr(),
        "parapet: {name}: cannot be read, so that findings of what it holds have no line of the source: {first}"
    )
}

fn from(call: &Block) -> Option<String> {
    let source = call.body.attributes().find(|attribute| attribute.key.as_str() == "source")?;
    source.value.as_str().map(str::to_owned)
}

fn position(text: &str, offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Position { line, column }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_in_the_modules_that_call_each_other() {
        let at = std::env::temp_dir().join(format!("parapet-source-{}", std::process::id()));
        let write = |name: &str, text: &str| {
            let file = at.join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        };
        write(
            "main.tf",
            "# first\nmodule \"net\" {\n  source = \"./net\"\n}\nmodule \"far\" { source = \"org/far/aws\" }\n",
        );
        write(
            "net/groups.tf",
            "resource \"aws_security_group\" \"web\" {\n  count = 2\n}\n\n  resource \"aws_subnet\" \"a\" {}\n",
        );
        write("net/broken.tf", "resource \"aws_subnet\" {{{\n");
        let place = |source: &Source, address: &str| {
            source.place(address).map(|place| {
                (place.file.unwrap().rsplit('/').next().unwrap().to_owned(), place.at.line, place.at.column)
            })
        };
        let source = Source::read(&at).unwrap();
        assert_eq!(place(&source, "module.net.aws_security_group.web[1]"), Some(("groups.tf".to_owned(), 1, 1)));
        assert_eq!(place(&source, "module.net[\"a\"].aws_subnet.a"), Some(("groups.tf".to_owned(), 5, 3)));
        assert_eq!(place(&source, "aws_subnet.a"), None);
        assert_eq!(place(&source, "module.far.aws_subnet.a"), None);
        // What `terraform init` has installed is read where it lies.
        write("installed/far.tf", "resource \"aws_subnet\" \"a\" {}\n");
        write(
            ".terraform/modules/modules.json",
            r#"{"Modules": [{"Key": "", "Dir": "."}, {"Key": "far", "Dir": "installed"}]}"#,
        );
        assert_eq!(place(&Source::read(&at).unwrap(), "module.far.aws_subnet.a"), Some(("far.tf".to_owned(), 1, 1)));
        assert!(Source::read(&at.join("none")).unwrap_err().to_string().contains("none"));
        std::fs::remove_dir_all(at).unwrap();
    }
}
