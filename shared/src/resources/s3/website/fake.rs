//! The website of a bucket. For tests (`shared/tests/all/world`).

use crate::world::document::{Fake, holding};
use serde_json::Value;
use shared::resources::s3::BucketWebsites;
use shared::resources::s3::website::state::{Target, Website};

holding!(BucketWebsites);

impl Fake for BucketWebsites {
    /// `GetBucketWebsite` without routing rules; `none` where the bucket serves none.
    fn answer(value: &Value) -> Option<Website> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let to = &value["RedirectAllRequestsTo"];
        (value != "none").then(|| Website {
            index: text(&value["IndexDocument"]["Suffix"]),
            error: text(&value["ErrorDocument"]["Key"]),
            redirects_to: text(&to["HostName"]).map(|host| Target { host, protocol: text(&to["Protocol"]) }),
            rules: Vec::new(),
        })
    }

    fn line(website: &Option<Website>) -> String {
        website.as_ref().map_or("no website".to_owned(), ToString::to_string)
    }

    fn values() -> Vec<Option<Website>> {
        vec![None, Some(Website { index: Some("index.html".to_owned()), ..Website::default() })]
    }
}
