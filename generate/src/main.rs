//! `generate` writes the files that follow from the code, in the source tree that is the current folder; `generate --check` only says
//! which of them are out of date.

use generate::{Error, PARTS, files};
use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

fn main() -> ExitCode {
    let only_checks = env::args().nth(1).as_deref() == Some("--check");
    match run(only_checks) {
        Ok(stale) if only_checks && !stale.is_empty() => {
            eprintln!("out of date: {}. `make generate` writes them", stale.join(", "));
            ExitCode::from(1)
        }
        Ok(stale) => {
            for file in stale {
                println!("{file}");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// The files that were out of date.
fn run(only_checks: bool) -> Result<Vec<String>, Error> {
    let mut stale = Vec::new();
    for (file, should) in files(&PARTS, Path::new("."))? {
        let path = Path::new(&file);
        let failed = |why| Error::File { path: path.to_owned(), why };
        let is = match fs::read_to_string(path) {
            Ok(is) => is,
            Err(why) if why.kind() == ErrorKind::NotFound => String::new(),
            Err(why) => return Err(failed(why)),
        };
        if is == should {
            continue;
        }
        if !only_checks {
            // A new function has no folder yet.
            path.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
            fs::write(path, should).map_err(failed)?;
        }
        stale.push(file);
    }
    Ok(stale)
}
