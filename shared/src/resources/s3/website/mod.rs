//! The website of a bucket: S3-13.
//!
//! Sources: "PutBucketWebsite", "WebsiteConfiguration" in the Amazon S3 API reference; "Website endpoints" in its user guide: they have no TLS.

#[cfg(feature = "s3")]
pub(crate) mod client;
pub mod enabled;
pub mod state;

use super::document::{Document, Held, document_family};
use super::record::{document, text};
use super::{LIST_BUCKETS, NAMES};
use crate::engine::event::Event;
use crate::engine::permission::Permission;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::shell::word;
use crate::engine::unreadable::Unreadable;
use enabled::S3BucketWebsiteEnabled;
use state::{Target, Website};

pub(crate) const GET_WEBSITE: Permission = Permission::on("s3:GetBucketWebsite", &["s3:::*"]);
pub(crate) const PUT_WEBSITE: Permission = Permission::on("s3:PutBucketWebsite", &["s3:::*"]);
pub(crate) const DELETE_WEBSITE: Permission = Permission::on("s3:DeleteBucketWebsite", &["s3:::*"]);

/// The family of the websites of buckets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BucketWebsites;

document_family!(
    BucketWebsites,
    "s3-bucket-website",
    reads: &[GET_WEBSITE],
    lists: &[LIST_BUCKETS],
    undoes: &[PUT_WEBSITE, DELETE_WEBSITE],
    S3BucketWebsiteEnabled,
);

impl Document for BucketWebsites {
    type Value = Option<Website>;

    const TRIGGERS: &'static [&'static str] = &["PutBucketWebsite"];
    const PLANNED: &'static [PlannedForm<Held<Option<Website>>>] = &[
        PlannedForm::one("AWS::S3::Bucket", |it| {
            planned(it, "WebsiteConfiguration", ["IndexDocument", "RedirectAllRequestsTo", "HostName"])
        }),
        PlannedForm::one("aws_s3_bucket", |it| {
            if it.is_left_out("website") {
                return Ok(None);
            }
            planned(it, "website", ["index_document", "redirect_all_requests_to", ""])
        }),
        PlannedForm::one("aws_s3_bucket_website_configuration", |it| {
            planned(it, "", ["index_document.suffix", "redirect_all_requests_to", "host_name"])
        }),
    ];

    /// Of a configuration with routing rules, these are read.
    fn set_by(event: &Event) -> Option<Option<Website>> {
        let set = Self::requested(event)?;
        let rules = document(event, "WebsiteConfiguration")?.get("RoutingRules");
        rules.is_none().then_some(set)
    }

    fn requested(event: &Event) -> Option<Option<Website>> {
        let configuration = document(event, "WebsiteConfiguration")?;
        let of = |element: &str, key: &str| text(configuration.get(element)?, key).map(str::to_owned);
        let host = of("RedirectAllRequestsTo", "HostName");
        Some(Some(Website {
            index: of("IndexDocument", "Suffix"),
            error: of("ErrorDocument", "Key"),
            redirects_to: host.map(|host| Target { host, protocol: of("RedirectAllRequestsTo", "Protocol") }),
            rules: Vec::new(),
        }))
    }

    /// To delete a website loses what stands, whatever that is by then.
    fn is_strictest(_: &Option<Website>) -> bool {
        false
    }

    fn permission(website: &Option<Website>) -> Permission {
        if website.is_some() { PUT_WEBSITE } else { DELETE_WEBSITE }
    }

    fn says(bucket: &str, website: &Option<Website>) -> String {
        match website {
            Some(website) => format!("set the website of bucket {bucket} to {website}"),
            None => format!("delete the website of bucket {bucket}"),
        }
    }

    fn line(bucket: &str, website: &Option<Website>) -> String {
        let bucket = word(bucket);
        match website {
            Some(website) => {
                let configuration = website.configuration().to_string();
                let configuration = word(&configuration);
                format!("aws s3api put-bucket-website --bucket {bucket} --website-configuration {configuration}")
            }
            None => format!("aws s3api delete-bucket-website --bucket {bucket}"),
        }
    }
}

/// Whether it serves the bucket's objects or only redirects; the names are those of the document, of the redirect and of its host.
fn planned(
    it: &PlannedResource<'_>,
    path: &str,
    [index, redirect, host]: [&str; 3],
) -> Result<Option<Held<Option<Website>>>, Unreadable> {
    let Some(website) = it.parts(path)?.into_iter().next() else { return Ok(None) };
    let to = website.parts(redirect)?.into_iter().next();
    let to = to.map(|to| Target { host: to.text(host).ok().flatten().unwrap_or_default(), protocol: None });
    let website = Website { index: website.text(index).ok().flatten(), redirects_to: to, ..Website::default() };
    Ok(Some(Held::set_by(it, NAMES, Some(website))))
}
