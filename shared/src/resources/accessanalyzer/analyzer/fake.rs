//! An analyzer. For tests (`shared/tests/all/world`).

use crate::world::document::{Fake, holding};
use serde_json::{Value, json};
use shared::resources::accessanalyzer::Analyzers;
use shared::resources::accessanalyzer::analyzer::Analyzer;

holding!(Analyzers);

impl Fake for Analyzers {
    /// `AnalyzerSummary`; without a type there is none.
    fn answer(value: &Value) -> Option<Analyzer> {
        Analyzer::read(value)
    }

    fn line(analyzer: &Option<Analyzer>) -> String {
        format!("analyzer {}", analyzer.as_ref().map_or("gone", |analyzer| analyzer.kind.as_str()))
    }

    fn values() -> Vec<Option<Analyzer>> {
        let configuration = Some(json!({"unusedAccess": {"unusedAccessAge": 90}}));
        vec![Some(Analyzer { kind: "ACCOUNT_UNUSED_ACCESS".to_owned(), configuration }), None]
    }

    fn name() -> &'static str {
        "account"
    }
}
