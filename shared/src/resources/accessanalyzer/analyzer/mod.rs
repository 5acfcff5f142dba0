//! The analyzers of IAM Access Analyzer: IAM-20.
//!
//! Sources: "CreateAnalyzer", "DeleteAnalyzer", "GetAnalyzer", "ListAnalyzers" (IAM Access Analyzer API reference). An analyzer cannot be asked once it is deleted: what it was is kept
//! by the sweep. Its findings and its archive rules are gone with it.

pub mod deleted;

use super::{ACCESS_ANALYZER, analyzer_of, resource};
use crate::engine::event::Event;
use crate::engine::family::Unlocatable;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::request::{Answer, Api, Request};
use crate::engine::shell::word;
use crate::engine::signed::{Listing, SignedAction, SignedFamily};
use crate::resources::s3::document::{Document, Held, Of, Write, document_family};
use deleted::AnalyzerDeleted;
use serde::{Deserialize, Serialize};
use serde_json::Value;

const ANALYZERS: &[&str] = &["access-analyzer:${Region}:${Account}:analyzer/*"];
const GET: Permission = Permission::on("access-analyzer:GetAnalyzer", ANALYZERS);
const LIST: Permission = Permission::read("access-analyzer:ListAnalyzers");
pub(crate) const CREATE: Permission = Permission::on("access-analyzer:CreateAnalyzer", ANALYZERS);
const DELETE: Permission = Permission::on("access-analyzer:DeleteAnalyzer", ANALYZERS);

/// What an analyzer looks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analyzer {
    /// `ACCOUNT`, `ORGANIZATION` and the like.
    pub kind: String,
    /// `AnalyzerConfiguration`, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<Value>,
}

impl Analyzer {
    /// `AnalyzerSummary`. None where it does not show the type.
    #[must_use]
    pub fn read(summary: &Value) -> Option<Self> {
        let configuration = summary.get("configuration").filter(|one| !one.is_null()).cloned();
        Some(Self { kind: summary["type"].as_str()?.to_owned(), configuration })
    }
}

/// The family of analyzers; that there is none of the name is a value like another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Analyzers;

document_family!(
    Analyzers,
    "access-analyzer",
    reads: &[GET],
    lists: &[LIST],
    undoes: &[DELETE],
    AnalyzerDeleted,
);

impl Document for Analyzers {
    type Value = Option<Analyzer>;

    const SOURCE: &'static str = super::SOURCE;
    const TRIGGERS: &'static [&'static str] = &["DeleteAnalyzer"];

    /// A call that succeeded has deleted it.
    fn set_by(_: &Event) -> Option<Option<Analyzer>> {
        Some(None)
    }

    fn subject(event: &Event) -> Result<String, Unlocatable> {
        analyzer_of(event)
    }

    fn named(name: &str, place: &Place) -> Resource {
        resource(name, place)
    }

    fn is_strictest(_: &Option<Analyzer>) -> bool {
        false
    }

    fn permission(analyzer: &Option<Analyzer>) -> Permission {
        if analyzer.is_some() { CREATE } else { DELETE }
    }

    fn says(name: &str, analyzer: &Option<Analyzer>) -> String {
        match analyzer {
            Some(Analyzer { kind, .. }) => format!("create analyzer {name} of type {kind}"),
            None => format!("delete analyzer {name}"),
        }
    }

    fn line(name: &str, analyzer: &Option<Analyzer>) -> String {
        let name = word(name);
        let Some(Analyzer { kind, configuration }) = analyzer else {
            return format!("aws accessanalyzer delete-analyzer --analyzer-name {name}");
        };
        let configuration = configuration.as_ref().map(Value::to_string);
        let configuration = configuration.map(|one| format!(" --configuration {}", word(&one))).unwrap_or_default();
        format!("aws accessanalyzer create-analyzer --analyzer-name {name} --type {}{configuration}", word(kind))
    }
}

impl SignedFamily for Analyzers {
    const API: &'static Api = &ACCESS_ANALYZER;

    fn get(key: &Of<Option<Analyzer>>) -> Request {
        Request::rest("GetAnalyzer", "GET", &["analyzer", &key.name])
    }

    fn got(key: &Of<Option<Analyzer>>, answer: &Answer) -> Observed<Held<Option<Analyzer>>> {
        match answer.body.get("analyzer").and_then(Analyzer::read) {
            Some(analyzer) => Observed::Known(Held::of(key, Some(analyzer))),
            None => Observed::Unknown { why: format!("the answer does not show the type of analyzer `{}`", key.name) },
        }
    }

    fn missing(key: &Of<Option<Analyzer>>) -> Observed<Held<Option<Analyzer>>> {
        Observed::Known(Held::of(key, None))
    }

    fn list(from: Option<&str>) -> Option<Request> {
        Some(Request::rest("ListAnalyzers", "GET", &["analyzer"]).query("nextToken", from))
    }

    fn listed(answer: &Answer) -> Listing<Self> {
        let one = |summary: &Value| {
            let key = Of::new(summary["name"].as_str()?.to_owned(), false);
            let seen = Analyzer::read(summary).map(|analyzer| Observed::Known(Held::of(&key, Some(analyzer))));
            Some((key, seen))
        };
        Listing {
            found: answer.list("analyzers").iter().filter_map(one).collect(),
            next: answer.text("nextToken").map(str::to_owned),
        }
    }

    fn actions() -> Vec<Write<Self>> {
        let whole = Analyzer { kind: "ACCOUNT".to_owned(), configuration: None };
        vec![Write::whole("account", Some(whole)), Write::whole("account", None)]
    }
}

impl SignedAction for Write<Analyzers> {
    const API: &'static Api = &ACCESS_ANALYZER;

    fn request(&self) -> Request {
        match &self.value {
            Some(Analyzer { kind, configuration }) => Request::rest("CreateAnalyzer", "PUT", &["analyzer"])
                .member("analyzerName", Some(self.name.clone()))
                .member("type", Some(kind.clone()))
                .member("configuration", configuration.clone()),
            None => Request::rest("DeleteAnalyzer", "DELETE", &["analyzer", &self.name]),
        }
    }
}
