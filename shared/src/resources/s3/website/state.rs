//! What a bucket's website says.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::fmt;

/// `WebsiteConfiguration`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Website {
    /// `IndexDocument`
    pub index: Option<String>,
    /// `ErrorDocument`
    pub error: Option<String>,
    /// `RedirectAllRequestsTo`: nothing of the bucket is served then.
    pub redirects_to: Option<Target>,
    /// `RoutingRules`
    pub rules: Vec<RoutingRule>,
}

/// `RedirectAllRequestsTo`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// `HostName`
    pub host: String,
    /// `Protocol`, where it is not the request's.
    pub protocol: Option<String>,
}

/// `RoutingRule`, each part by its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutingRule {
    /// `HttpErrorCodeReturnedEquals`
    pub error_code: Option<String>,
    /// `KeyPrefixEquals`
    pub prefix: Option<String>,
    /// `HostName`
    pub host: Option<String>,
    /// `HttpRedirectCode`
    pub code: Option<String>,
    /// `Protocol`
    pub protocol: Option<String>,
    /// `ReplaceKeyPrefixWith`, which may be empty.
    pub prefix_with: Option<String>,
    /// `ReplaceKeyWith`
    pub key_with: Option<String>,
}

/// The parts that are there.
fn object<'a>(parts: impl IntoIterator<Item = (&'a str, &'a Option<String>)>) -> Map<String, Value> {
    let there = |(name, text): (&str, &Option<String>)| Some((name.to_owned(), Value::from(text.clone()?)));
    parts.into_iter().filter_map(there).collect()
}

impl RoutingRule {
    fn value(&self) -> Value {
        let condition = object([("HttpErrorCodeReturnedEquals", &self.error_code), ("KeyPrefixEquals", &self.prefix)]);
        let redirect = object([
            ("HostName", &self.host),
            ("HttpRedirectCode", &self.code),
            ("Protocol", &self.protocol),
            ("ReplaceKeyPrefixWith", &self.prefix_with),
            ("ReplaceKeyWith", &self.key_with),
        ]);
        if condition.is_empty() {
            json!({"Redirect": redirect})
        } else {
            json!({"Condition": condition, "Redirect": redirect})
        }
    }
}

impl Website {
    /// Whether objects of the bucket are served.
    #[must_use]
    pub fn serves_objects(&self) -> bool {
        self.redirects_to.is_none()
    }

    /// As the AWS command line takes it.
    #[must_use]
    pub fn configuration(&self) -> Value {
        let mut all = Map::new();
        all.extend(self.index.iter().map(|suffix| ("IndexDocument".to_owned(), json!({"Suffix": suffix}))));
        all.extend(self.error.iter().map(|key| ("ErrorDocument".to_owned(), json!({"Key": key}))));
        all.extend(self.redirects_to.iter().map(|to| {
            let host = Some(to.host.clone());
            let target = object([("HostName", &host), ("Protocol", &to.protocol)]);
            ("RedirectAllRequestsTo".to_owned(), Value::Object(target))
        }));
        if !self.rules.is_empty() {
            all.insert("RoutingRules".to_owned(), self.rules.iter().map(RoutingRule::value).collect());
        }
        Value::Object(all)
    }
}

impl fmt::Display for Website {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.redirects_to, &self.index) {
            (Some(to), _) => write!(f, "redirect to {}", to.host),
            (None, Some(index)) => write!(f, "serve {index}"),
            (None, None) => f.write_str("serve its objects"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_it_is_written() {
        let rule =
            RoutingRule { prefix: Some("old/".to_owned()), prefix_with: Some(String::new()), ..RoutingRule::default() };
        let website = Website {
            index: Some("index.html".to_owned()),
            error: Some("404.html".to_owned()),
            redirects_to: None,
            rules: vec![rule],
        };
        assert_eq!(
            website.configuration(),
            json!({
                "IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "404.html"},
                "RoutingRules": [{"Condition": {"KeyPrefixEquals": "old/"}, "Redirect": {"ReplaceKeyPrefixWith": ""}}],
            })
        );
        let to = Target { host: "example.com".to_owned(), protocol: Some("https".to_owned()) };
        let redirect = Website { redirects_to: Some(to), ..Website::default() };
        assert_eq!(
            redirect.configuration(),
            json!({"RedirectAllRequestsTo": {"HostName": "example.com", "Protocol": "https"}})
        );
        assert!(website.serves_objects() && !redirect.serves_objects());
    }
}
