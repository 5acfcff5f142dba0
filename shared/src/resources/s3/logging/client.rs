//! Server access logging of buckets.

use super::state::{Form, Grant, Logging};
use super::{BucketLoggings, GET_LOGGING};
use crate::aws::{done, failure};
use crate::engine::family::{Observe, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::s3::client::{S3, unbuilt};
use crate::resources::s3::document::{Held, Of, Write};
use aws_sdk_s3::types::{
    BucketLoggingStatus, BucketLogsPermission, Grantee, LoggingEnabled, PartitionDateSource, PartitionedPrefix,
    SimplePrefix, TargetGrant, TargetObjectKeyFormat, Type,
};

impl Observe<BucketLoggings> for S3 {
    async fn observe(
        &self,
        key: &Of<Option<Logging>>,
        _: ReadDepth,
    ) -> Result<Observed<Held<Option<Logging>>>, ReadError> {
        match self.client.get_bucket_logging().bucket(&key.name).send().await {
            Ok(answer) => {
                let Some(enabled) = &answer.logging_enabled else { return Ok(Observed::Known(Held::of(key, None))) };
                Ok(match logging(enabled) {
                    Some(logging) => Observed::Known(Held::of(key, Some(logging))),
                    None => Observed::Unknown {
                        why: format!("the answer does not say to whom bucket `{}` grants its logs", key.name),
                    },
                })
            }
            Err(error) => failure(&error).of_read(GET_LOGGING.action),
        }
    }
}

impl Apply<Write<BucketLoggings>> for S3 {
    async fn apply(&self, action: &Write<BucketLoggings>) -> Result<Applied, ApplyError> {
        let enabled = action.value.as_ref().map(enabled).transpose()?;
        let status = BucketLoggingStatus::builder().set_logging_enabled(enabled).build();
        let call = self.client.put_bucket_logging().bucket(&action.name);
        done(call.bucket_logging_status(status).send().await, action.permission())
    }
}

/// None where a grant is not whole: what is written again would lack it.
fn logging(enabled: &LoggingEnabled) -> Option<Logging> {
    let form = enabled.target_object_key_format().map(|format| match format.partitioned_prefix() {
        Some(prefix) => {
            let by = prefix.partition_date_source().map(|source| source.as_str().to_owned());
            Form::Partitioned(by)
        }
        None => Form::Simple,
    });
    let grants = enabled.target_grants().iter().map(|grant| {
        let grantee = grant.grantee()?;
        Some(Grant {
            kind: grantee.r#type().as_str().to_owned(),
            id: grantee.id().map(str::to_owned),
            uri: grantee.uri().map(str::to_owned),
            email: grantee.email_address().map(str::to_owned),
            permission: grant.permission()?.as_str().to_owned(),
        })
    });
    Some(Logging {
        bucket: enabled.target_bucket().to_owned(),
        prefix: enabled.target_prefix().to_owned(),
        form,
        grants: grants.collect::<Option<_>>()?,
    })
}

fn enabled(logging: &Logging) -> Result<LoggingEnabled, ApplyError> {
    let mut call = LoggingEnabled::builder().target_bucket(&logging.bucket).target_prefix(&logging.prefix);
    for grant in &logging.grants {
        let grantee = Grantee::builder()
            .r#type(Type::from(grant.kind.as_str()))
            .set_id(grant.id.clone())
            .set_uri(grant.uri.clone())
            .set_email_address(grant.email.clone())
            .build()
            .map_err(|error| unbuilt(&error))?;
        let permission = BucketLogsPermission::from(grant.permission.as_str());
        call = call.target_grants(TargetGrant::builder().grantee(grantee).permission(permission).build());
    }
    let format = TargetObjectKeyFormat::builder();
    let format = logging.form.as_ref().map(|form| match form {
        Form::Simple => format.simple_prefix(SimplePrefix::builder().build()).build(),
        Form::Partitioned(by) => {
            let by = by.as_deref().map(PartitionDateSource::from);
            format.partitioned_prefix(PartitionedPrefix::builder().set_partition_date_source(by).build()).build()
        }
    });
    call.set_target_object_key_format(format).build().map_err(|error| unbuilt(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_was_read() {
        let grant = Grant {
            kind: "CanonicalUser".to_owned(),
            id: Some("7009".to_owned()),
            uri: None,
            email: None,
            permission: "READ".to_owned(),
        };
        for (form, grants) in [
            (None, vec![]),
            (Some(Form::Simple), vec![grant]),
            (Some(Form::Partitioned(Some("EventTime".to_owned()))), vec![]),
        ] {
            let value = Logging { bucket: "logs".to_owned(), prefix: "orders/".to_owned(), form, grants };
            assert_eq!(logging(&enabled(&value).unwrap()), Some(value));
        }
    }
}
