//! The audit logs of clusters.

use super::state::{AuditLog, S3};
use super::{DESCRIBE_LOGGING, RedshiftLoggings};
use crate::aws::{done, failure};
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::redshift::client::Redshift;
use crate::resources::redshift::record::DESCRIBE_CLUSTERS;
use crate::resources::s3::document::{Held, Of, Write};
use aws_sdk_redshift::operation::describe_logging_status::DescribeLoggingStatusOutput;
use aws_sdk_redshift::operation::enable_logging::builders::EnableLoggingFluentBuilder;
use aws_sdk_redshift::types::LogDestinationType;
use futures_util::{StreamExt, TryStreamExt, stream};

/// Reads of one page of a listing at once: a sweep shares the account's request rate with all other callers.
const AT_ONCE: usize = 8;

type Seen = Observed<Held<Option<AuditLog>>>;

impl Observe<RedshiftLoggings> for Redshift {
    async fn observe(&self, key: &Of<Option<AuditLog>>, _: ReadDepth) -> Result<Seen, ReadError> {
        match self.client.describe_logging_status().cluster_identifier(&key.name).send().await {
            Ok(answer) => Ok(match status(&answer) {
                Some(log) => Observed::Known(Held::of(key, log)),
                None => Observed::Unknown {
                    why: format!("the answer does not show whether cluster `{}` is logged", key.name),
                },
            }),
            Err(error) => failure(&error).of_read(DESCRIBE_LOGGING.action),
        }
    }
}

/// None where the answer does not say whether there are logs.
fn status(answer: &DescribeLoggingStatusOutput) -> Option<Option<AuditLog>> {
    let text = |value: Option<&str>| value.filter(|text| !text.is_empty()).map(str::to_owned);
    let to = answer.log_destination_type().map(LogDestinationType::as_str);
    let log = || AuditLog {
        to: to.unwrap_or(S3).to_owned(),
        bucket: text(answer.bucket_name()),
        prefix: text(answer.s3_key_prefix()),
        exports: answer.log_exports().to_vec(),
    };
    answer.logging_enabled.map(|is_on| is_on.then(log))
}

impl Apply<Write<RedshiftLoggings>> for Redshift {
    async fn apply(&self, action: &Write<RedshiftLoggings>) -> Result<Applied, ApplyError> {
        match &action.value {
            Some(log) => done(self.enable_logging(&action.name, log).send().await, action.permission()),
            None => {
                let call = self.client.disable_logging().cluster_identifier(&action.name);
                done(call.send().await, action.permission())
            }
        }
    }
}

impl Redshift {
    fn enable_logging(&self, cluster: &str, log: &AuditLog) -> EnableLoggingFluentBuilder {
        let call = self.client.enable_logging().cluster_identifier(cluster);
        let call = call.log_destination_type(LogDestinationType::from(log.to.as_str()));
        let exports = Some(log.exports.clone()).filter(|exports| !exports.is_empty());
        call.set_bucket_name(log.bucket.clone()).set_s3_key_prefix(log.prefix.clone()).set_log_exports(exports)
    }
}

impl List<RedshiftLoggings> for Redshift {
    /// The listing of clusters does not show their logs: one read each.
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<RedshiftLoggings>>, ReadError> {
        let answer = match self.client.describe_clusters().set_marker(from.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(DESCRIBE_CLUSTERS.action),
        };
        let listed = answer.clusters.unwrap_or_default();
        let ids: Vec<String> = listed.into_iter().filter_map(|listed| listed.cluster_identifier).collect();
        let read = |id: String| async move {
            let key = Of::new(id, false);
            let seen = Observe::<RedshiftLoggings>::observe(self, &key, ReadDepth::Full).await?;
            Ok::<_, ReadError>((key, seen))
        };
        let read: Vec<(Of<Option<AuditLog>>, Seen)> =
            stream::iter(ids).map(read).buffered(AT_ONCE).try_collect().await?;
        let found = read.into_iter().filter(|(_, seen)| !matches!(seen, Observed::Absent)).collect();
        Ok(Observed::Known(Page { found, next: answer.marker }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::redshift::client::tests::unsent;
    use crate::resources::redshift::logging::state::CLOUDWATCH;

    #[test]
    fn what_is_logged_as_it_is_described() {
        let off = DescribeLoggingStatusOutput::builder().logging_enabled(false).build();
        assert_eq!(status(&off), Some(None));
        let old = DescribeLoggingStatusOutput::builder().logging_enabled(true).bucket_name("logs").s3_key_prefix("");
        assert_eq!(status(&old.build()), Some(Some(AuditLog::to_bucket("logs", None))));
        assert_eq!(status(&DescribeLoggingStatusOutput::builder().build()), None, "nothing said is not `no`");
    }

    #[test]
    fn it_is_enabled_as_it_was() {
        let exports = vec!["connectionlog".to_owned()];
        let log = AuditLog { to: CLOUDWATCH.to_owned(), bucket: None, prefix: None, exports: exports.clone() };
        let call = unsent().enable_logging("orders", &log);
        assert_eq!(call.get_cluster_identifier().as_deref(), Some("orders"));
        assert_eq!(call.get_log_destination_type(), &Some(LogDestinationType::Cloudwatch));
        assert_eq!((call.get_bucket_name(), call.get_log_exports()), (&None, &Some(exports)));
    }
}
