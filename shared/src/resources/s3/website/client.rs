//! The websites of buckets.

use super::state::{RoutingRule, Target, Website};
use super::{BucketWebsites, GET_WEBSITE};
use crate::aws::{done, failure};
use crate::engine::family::{Observe, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::s3::client::{S3, unbuilt, unset};
use crate::resources::s3::document::{Held, Of, Write};
use aws_sdk_s3::operation::get_bucket_website::GetBucketWebsiteOutput;
use aws_sdk_s3::types::{
    Condition, ErrorDocument, IndexDocument, Protocol, Redirect, RedirectAllRequestsTo, WebsiteConfiguration,
};

impl Observe<BucketWebsites> for S3 {
    async fn observe(
        &self,
        key: &Of<Option<Website>>,
        _: ReadDepth,
    ) -> Result<Observed<Held<Option<Website>>>, ReadError> {
        match self.client.get_bucket_website().bucket(&key.name).send().await {
            Ok(answer) => Ok(Observed::Known(Held::of(key, Some(website(&answer))))),
            Err(error) => unset(failure(&error), key, None, GET_WEBSITE.action),
        }
    }
}

impl Apply<Write<BucketWebsites>> for S3 {
    async fn apply(&self, action: &Write<BucketWebsites>) -> Result<Applied, ApplyError> {
        match &action.value {
            Some(website) => {
                let call = self.client.put_bucket_website().bucket(&action.name);
                done(call.website_configuration(written(website)?).send().await, action.permission())
            }
            None => {
                let call = self.client.delete_bucket_website().bucket(&action.name);
                done(call.send().await, action.permission())
            }
        }
    }
}

fn website(answer: &GetBucketWebsiteOutput) -> Website {
    let protocol = |protocol: Option<&Protocol>| protocol.map(|protocol| protocol.as_str().to_owned());
    let rules = answer.routing_rules().iter().map(|rule| {
        let (condition, redirect) = (rule.condition(), rule.redirect());
        let condition = |part: fn(&Condition) -> Option<&str>| condition.and_then(part).map(str::to_owned);
        let of = |part: fn(&Redirect) -> Option<&str>| redirect.and_then(part).map(str::to_owned);
        RoutingRule {
            error_code: condition(Condition::http_error_code_returned_equals),
            prefix: condition(Condition::key_prefix_equals),
            host: of(Redirect::host_name),
            code: of(Redirect::http_redirect_code),
            protocol: protocol(redirect.and_then(Redirect::protocol)),
            prefix_with: of(Redirect::replace_key_prefix_with),
            key_with: of(Redirect::replace_key_with),
        }
    });
    Website {
        index: answer.index_document().map(|index| index.suffix().to_owned()),
        error: answer.error_document().map(|error| error.key().to_owned()),
        redirects_to: answer
            .redirect_all_requests_to()
            .map(|to| Target { host: to.host_name().to_owned(), protocol: protocol(to.protocol()) }),
        rules: rules.collect(),
    }
}

fn written(website: &Website) -> Result<WebsiteConfiguration, ApplyError> {
    let protocol = |protocol: &Option<String>| protocol.as_deref().map(Protocol::from);
    let rule = |rule: &RoutingRule| {
        let condition = Condition::builder()
            .set_http_error_code_returned_equals(rule.error_code.clone())
            .set_key_prefix_equals(rule.prefix.clone())
            .build();
        let is_limited = rule.error_code.is_some() || rule.prefix.is_some();
        let redirect = Redirect::builder()
            .set_host_name(rule.host.clone())
            .set_http_redirect_code(rule.code.clone())
            .set_protocol(protocol(&rule.protocol))
            .set_replace_key_prefix_with(rule.prefix_with.clone())
            .set_replace_key_with(rule.key_with.clone())
            .build();
        aws_sdk_s3::types::RoutingRule::builder()
            .set_condition(is_limited.then_some(condition))
            .redirect(redirect)
            .build()
    };
    let index = website.index.as_ref().map(|suffix| IndexDocument::builder().suffix(suffix).build());
    let error = website.error.as_ref().map(|key| ErrorDocument::builder().key(key).build());
    let to = website
        .redirects_to
        .as_ref()
        .map(|to| RedirectAllRequestsTo::builder().host_name(&to.host).set_protocol(protocol(&to.protocol)).build());
    let rules = website.rules.iter().map(rule).collect::<Vec<_>>();
    Ok(WebsiteConfiguration::builder()
        .set_index_document(index.transpose().map_err(|error| unbuilt(&error))?)
        .set_error_document(error.transpose().map_err(|error| unbuilt(&error))?)
        .set_redirect_all_requests_to(to.transpose().map_err(|error| unbuilt(&error))?)
        .set_routing_rules(Some(rules).filter(|rules| !rules.is_empty()))
        .build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_was_read() {
        let rule = RoutingRule {
            error_code: Some("404".to_owned()),
            host: Some("example.com".to_owned()),
            protocol: Some("https".to_owned()),
            prefix_with: Some(String::new()),
            ..RoutingRule::default()
        };
        let serving = Website { index: Some("index.html".to_owned()), rules: vec![rule], ..Website::default() };
        let to = Target { host: "example.com".to_owned(), protocol: None };
        for website in [serving, Website { redirects_to: Some(to), ..Website::default() }] {
            let configuration = written(&website).unwrap();
            let answer = GetBucketWebsiteOutput::builder()
                .set_index_document(configuration.index_document().cloned())
                .set_error_document(configuration.error_document().cloned())
                .set_redirect_all_requests_to(configuration.redirect_all_requests_to().cloned())
                .set_routing_rules(Some(configuration.routing_rules().to_vec()))
                .build();
            assert_eq!(super::website(&answer), website);
        }
    }
}
