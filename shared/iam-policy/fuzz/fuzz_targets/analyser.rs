//! Any text is answered: no panic, no hang, and a repair that keeps its promises.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use iam_policy::{
    Access, Context, Document, Kind, Remedy, Tier, power, reach, repair_power, repair_reach,
};

fuzz_target!(|text: &str| {
    let document = Document::parse(text);
    for kind in [Kind::Resource, Kind::AccessPoint, Kind::Trust] {
        let context = Context { kind, ..Context::resource("111122223333") };
        let found = reach(&document, &context);
        assert!(!found.reasons().is_empty());
        assert!(found.problems.is_empty() || found.access >= Access::Undetermined);
        if let Remedy::Edit(repair) = repair_reach(text, &context, Access::Internal) {
            let after = reach(&Document::parse(&repair.after), &context);
            assert!(after.grants.iter().all(|grant| grant.access <= Access::Undetermined));
            assert!(after.problems.len() <= found.problems.len());
        }
    }
    power(std::slice::from_ref(&document), Some(&document)).reasons();
    if let Remedy::Edit(repair) = repair_power(text, &[], None, Tier::Existing) {
        let value: Value = serde_json::from_str(&repair.after).expect("a repaired document is JSON");
        let after = power(&[Document::from_value(&value)], None);
        assert!(after.admin.is_none() && after.escalations.is_empty());
    }
});
