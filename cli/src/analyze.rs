//! `parapet analyze`: policy documents in, one answer a line out.
//!
//! What must hold: every line that is not blank has its answer, in order. A line that cannot be read is answered
//! `undetermined` with its number and the problem, and the lines after it are answered all the same.

use crate::failure::{CommandResult, Failure};
use crate::terminal::Safe;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::Utf8Error;

use clap::Args;
use iam_policy::json::NotJson;
use iam_policy::{Access, Context, Document, Kind, json, power, reach};
use serde::Serialize;
use serde_json::{Map, Value};
use thiserror::Error;

/// Judge policy documents: who can reach what, and who can become administrator
#[derive(Debug, Args)]
#[command(after_long_help = INTERFACE)]
pub struct AnalyzeArgs {
    /// Documents, one JSON object a line; standard input when it is missing or `-`
    file: Option<PathBuf>,
}

const INTERFACE: &str = "\
Each line holds:
  id                what the answer is to be called
  kind              resource, identity or trust
  policy            the document, as an object or as JSON text; or a list of documents that apply together
  account           the owner's account
  trusted           accounts that the owner trusts; identity providers may stand here by name
  trusted_orgs      organisations (o-...) and parts of them (o-.../r-.../ou-...)
  trusted_vpcs      own VPCs; with none, an unknown one is not held against the document
  trusted_vpces     own VPC endpoints; likewise
  trusted_networks  CIDR blocks and addresses
  boundary          for identity policies: the permissions boundary

Each answer holds id, access (public, external, internal, none, undetermined), admin, escalations and reasons.

Exit status:
  0  every document was closed: access internal or none, no administrator, no escalation
  1  some document was not, or could not be judged (undetermined)
  2  the input holds no document or could not be read, or the answers could not be written";

/// One line of output. The order of the fields is part of the interface.
#[derive(Debug, Serialize)]
struct Answer {
    id: Value,
    access: &'static str,
    admin: bool,
    escalations: Vec<String>,
    reasons: Vec<String>,
}

impl Answer {
    fn is_closed(&self) -> bool {
        let is_inside = self.access == Access::Internal.as_str() || self.access == Access::None.as_str();
        is_inside && !self.admin && self.escalations.is_empty()
    }
}

/// Answers every line; see [`INTERFACE`] for the exit status.
///
/// # Errors
/// When the input cannot be read or holds no document, or the answers cannot be written.
pub fn run(args: &AnalyzeArgs) -> CommandResult {
    let path = args.file.as_deref().filter(|path| path.as_os_str() != "-");
    let name =
        path.map_or_else(|| "standard input".to_owned(), |path| format!("`{}`", Safe(&path.display().to_string())));
    let unread = |error| Failure::with(format!("cannot read {name}"), error);
    let input: Box<dyn Read> = match path {
        None => Box::new(io::stdin().lock()),
        Some(path) => Box::new(File::open(path).map_err(unread)?),
    };
    let mut answered = Answered { all_closed: true, lines: 0 };
    let mut output = BufWriter::new(io::stdout().lock());
    answer_all(BufReader::new(input), &mut output, &mut answered, unread)?;
    if answered.lines == 0 {
        return Err(Failure::new(format!("{name} holds no document: nothing was analysed")));
    }
    Ok(ExitCode::from(u8::from(!answered.all_closed)))
}

/// Writes a message to stderr; a closed stderr is not an error.
fn say(sentence: &str) {
    let _ = writeln!(io::stderr(), "{sentence}");
}

struct Answered {
    /// Whether every document was closed.
    all_closed: bool,
    lines: u64,
}

fn answer_all(
    mut input: impl BufRead,
    mut output: impl Write,
    answered: &mut Answered,
    unread: impl Fn(io::Error) -> Failure,
) -> Result<(), Failure> {
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(&unread)? == 0 {
            break;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let answer = answer_line(&line).unwrap_or_else(|(id, problem)| {
            let problem = format!("line {number}: {problem}");
            say(&problem);
            Answer {
                id,
                access: Access::Undetermined.as_str(),
                admin: false,
                escalations: Vec::new(),
                reasons: vec![problem],
            }
        });
        answered.all_closed &= answer.is_closed();
        answered.lines += 1;
        serde_json::to_writer(&mut output, &answer).map_err(io::Error::from)?;
        output.write_all(b"\n")?;
    }
    Ok(output.flush()?)
}

/// Why a line has no answer.
#[derive(Debug, Error)]
enum BadLine {
    #[error("not text: {0}")]
    Text(#[source] Utf8Error),
    #[error("not JSON: {0}")]
    Json(#[source] NotJson),
    #[error("not an object")]
    NotAnObject,
    #[error("`{0}`: the name is used twice")]
    Repeated(String),
    #[error("there is no `policy`")]
    NoPolicy,
    #[error("`policy` is an empty list")]
    EmptyPolicy,
    #[error("`kind` is missing: resource, identity or trust")]
    NoKind,
    #[error("`kind` is `{0}`, not resource, identity or trust")]
    Kind(String),
    #[error("`trusted_networks` holds `{0}`, which is no network")]
    Network(String),
    #[error("`{name}` holds {value}, which is no text")]
    Member { name: &'static str, value: Value },
}

/// The answer, or the line's id as far as it could be read and what is wrong with the line.
fn answer_line(line: &[u8]) -> Result<Answer, (Value, BadLine)> {
    let text = std::str::from_utf8(line).map_err(|error| (Value::Null, BadLine::Text(error)))?;
    let (value, repeated) = json::parse(text).map_err(|error| (Value::Null, BadLine::Json(error)))?;
    let Value::Object(members) = value else {
        return Err((Value::Null, BadLine::NotAnObject));
    };
    let id = members.get("id").cloned().unwrap_or_default();
    if let Some(place) = repeated.into_iter().next() {
        return Err((id, BadLine::Repeated(place)));
    }
    answer(&members, id.clone()).map_err(|problem| (id, problem))
}

fn answer(members: &Map<String, Value>, id: Value) -> Result<Answer, BadLine> {
    let policy = members.get("policy").ok_or(BadLine::NoPolicy)?;
    let documents: Vec<Document> = match policy {
        Value::Array(list) => list.iter().map(Document::from_value).collect(),
        one => vec![Document::from_value(one)],
    };
    if documents.is_empty() {
        return Err(BadLine::EmptyPolicy);
    }
    let kind = match members.get("kind").and_then(Value::as_str) {
        Some("identity") => return identity(members, id, &documents),
        Some("resource") => Kind::Resource,
        Some("trust") => Kind::Trust,
        Some(other) => {
            return Err(BadLine::Kind(other.to_owned()));
        }
        None => return Err(BadLine::NoKind),
    };
    let context = context(members, kind)?;
    let mut access = Access::None;
    let mut reasons = Vec::new();
    for document in &documents {
        let reach = reach(document, &context);
        access = access.max(reach.access);
        reasons.extend(reach.reasons());
    }
    Ok(Answer { id, access: access.as_str(), admin: false, escalations: Vec::new(), reasons })
}

fn identity(members: &Map<String, Value>, id: Value, documents: &[Document]) -> Result<Answer, BadLine> {
    let boundary = members.get("boundary").filter(|value| !value.is_null()).map(Document::from_value);
    let power = power(documents, boundary.as_ref());
    let grants = documents.iter().any(Document::grants_anything);
    let access = match (power.problems.is_empty(), grants) {
        (false, _) => Access::Undetermined,
        (true, true) => Access::Internal,
        (true, false) => Access::None,
    };
    Ok(Answer {
        id,
        access: access.as_str(),
        admin: power.admin.is_some(),
        escalations: power.escalations.iter().map(|escalation| escalation.method.name()).collect(),
        reasons: power.reasons(),
    })
}

fn context(members: &Map<String, Value>, kind: Kind) -> Result<Context, BadLine> {
    let mut context = Context {
        kind,
        owner: texts(members, "account")?.into_iter().next(),
        accounts: texts(members, "trusted")?,
        organizations: texts(members, "trusted_orgs")?,
        vpcs: texts(members, "trusted_vpcs")?,
        endpoints: texts(members, "trusted_vpces")?,
        networks: Vec::new(),
    };
    for network in texts(members, "trusted_networks")? {
        if !context.trust_network(&network) {
            return Err(BadLine::Network(network));
        }
    }
    Ok(context)
}

/// A list of texts, or one; nothing when the name is missing.
fn texts(members: &Map<String, Value>, name: &'static str) -> Result<Vec<String>, BadLine> {
    let items = match members.get(name) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(items)) => items.as_slice(),
        Some(one) => std::slice::from_ref(one),
    };
    let texts = items.iter().map(|item| match item {
        Value::String(text) => Ok(text.clone()),
        // An account that lost its quotes has lost its leading zeros with them.
        Value::Number(number) => Ok(format!("{number:0>12}")),
        other => Err(BadLine::Member { name, value: other.clone() }),
    });
    texts.collect()
}
