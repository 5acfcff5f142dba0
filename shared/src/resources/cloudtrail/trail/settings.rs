//! Where to and how a trail logs: what `CreateTrail` and `UpdateTrail` take.

use crate::engine::shell::word;
use crate::resources::cloudtrail::capitalised;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The settings of a trail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// `S3BucketName`
    pub bucket: String,
    /// `S3KeyPrefix`
    pub prefix: Option<String>,
    /// The ARN of the SNS topic that hears of new files.
    pub topic: Option<String>,
    /// `IncludeGlobalServiceEvents`
    pub global_services: bool,
    /// `IsMultiRegionTrail`
    pub multi_region: bool,
    /// `LogFileValidationEnabled`
    pub validation: bool,
    /// `CloudWatchLogsLogGroupArn`
    pub log_group: Option<String>,
    /// `CloudWatchLogsRoleArn`
    pub log_role: Option<String>,
    /// `KmsKeyId`
    pub key: Option<String>,
    /// `IsOrganizationTrail`
    pub organization: bool,
}

/// What a changed setting means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Less is logged, or it is protected less.
    Weaker,
    /// It goes elsewhere: who reads it there, and whether it arrives, is not known.
    Elsewhere,
}

/// A setting that another value has than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The members of the call.
    pub members: &'static [&'static str],
    /// What it means.
    pub weight: Weight,
    /// One sentence's end: what became of it.
    pub what: String,
}

/// The members that only have one value which nothing is stricter than.
const SWITCHES: &[&str] = &["IncludeGlobalServiceEvents", "IsMultiRegionTrail", "EnableLogFileValidation"];

/// The members of the calls, and their options of the AWS command line.
const OPTIONS: &[(&str, &str)] = &[
    ("S3BucketName", "s3-bucket-name"),
    ("S3KeyPrefix", "s3-key-prefix"),
    ("SnsTopicName", "sns-topic-name"),
    ("IncludeGlobalServiceEvents", "include-global-service-events"),
    ("IsMultiRegionTrail", "is-multi-region-trail"),
    ("EnableLogFileValidation", "enable-log-file-validation"),
    ("CloudWatchLogsLogGroupArn", "cloud-watch-logs-log-group-arn"),
    ("CloudWatchLogsRoleArn", "cloud-watch-logs-role-arn"),
    ("KmsKeyId", "kms-key-id"),
];

impl Settings {
    /// As a record or an answer writes them. None where it names no bucket.
    #[must_use]
    pub fn read(value: &Value) -> Option<Self> {
        let value = capitalised(value);
        let text = |name: &str| {
            let text = value.get(name).and_then(Value::as_str);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let flag = |name: &str| value.get(name).and_then(Value::as_bool);
        Some(Self {
            bucket: text("S3BucketName")?,
            prefix: text("S3KeyPrefix"),
            topic: text("SnsTopicARN").or_else(|| text("SnsTopicName")),
            // "true" by default.
            global_services: flag("IncludeGlobalServiceEvents").unwrap_or(true),
            multi_region: flag("IsMultiRegionTrail").unwrap_or_default(),
            validation: flag("LogFileValidationEnabled").unwrap_or_default(),
            log_group: text("CloudWatchLogsLogGroupArn"),
            log_role: text("CloudWatchLogsRoleArn"),
            key: text("KmsKeyId"),
            organization: flag("IsOrganizationTrail").unwrap_or_default(),
        })
    }

    /// The value of a member as a call takes it: an empty text where there is none, which removes it.
    fn member(&self, name: &str) -> Value {
        let text = |value: &Option<String>| Value::from(value.clone().unwrap_or_default());
        match name {
            "S3BucketName" => self.bucket.clone().into(),
            "S3KeyPrefix" => text(&self.prefix),
            "SnsTopicName" => text(&self.topic),
            "IncludeGlobalServiceEvents" => self.global_services.into(),
            "IsMultiRegionTrail" => self.multi_region.into(),
            "EnableLogFileValidation" => self.validation.into(),
            "CloudWatchLogsLogGroupArn" => text(&self.log_group),
            "CloudWatchLogsRoleArn" => text(&self.log_role),
            _ => text(&self.key),
        }
    }

    /// These members, as a call takes them.
    #[must_use]
    pub fn members(&self, names: &[String]) -> Map<String, Value> {
        let named = OPTIONS.iter().filter(|(name, _)| names.iter().any(|wanted| wanted == name));
        named.map(|(name, _)| ((*name).to_owned(), self.member(name))).collect()
    }

    /// These settings, with the values of `other` in these members.
    #[must_use]
    pub fn with(&self, other: &Self, names: &[String]) -> Self {
        let mut mixed = self.clone();
        for name in names {
            match name.as_str() {
                "S3BucketName" => mixed.bucket.clone_from(&other.bucket),
                "S3KeyPrefix" => mixed.prefix.clone_from(&other.prefix),
                "SnsTopicName" => mixed.topic.clone_from(&other.topic),
                "IncludeGlobalServiceEvents" => mixed.global_services = other.global_services,
                "IsMultiRegionTrail" => mixed.multi_region = other.multi_region,
                "EnableLogFileValidation" => mixed.validation = other.validation,
                "CloudWatchLogsLogGroupArn" => mixed.log_group.clone_from(&other.log_group),
                "CloudWatchLogsRoleArn" => mixed.log_role.clone_from(&other.log_role),
                _ => mixed.key.clone_from(&other.key),
            }
        }
        mixed
    }

    /// All of them that have a value: those that a new trail is given.
    #[must_use]
    pub fn whole(&self) -> Map<String, Value> {
        let all = OPTIONS.iter().map(|(name, _)| ((*name).to_owned(), self.member(name)));
        all.filter(|(_, value)| value.as_str() != Some("")).collect()
    }

    /// What has changed from `before` for the worse. `is_trusted` says whether an account's key may encrypt.
    #[must_use]
    pub fn changes(&self, before: &Self, is_trusted: impl Fn(&str) -> bool) -> Vec<Change> {
        use Weight::{Elsewhere, Weaker};
        let mut found = Vec::new();
        let mut note = |members, weight, what: String| found.push(Change { members, weight, what });
        if before.multi_region && !self.multi_region {
            note(&["IsMultiRegionTrail"], Weaker, "it logs the events of one region only".to_owned());
        }
        if before.organization && !self.organization {
            note(&["IsOrganizationTrail"], Weaker, "it logs one account, and not the organization's".to_owned());
        }
        if before.global_services && !self.global_services {
            note(&["IncludeGlobalServiceEvents"], Weaker, "it does not log the events of global services".to_owned());
        }
        if before.validation && !self.validation {
            note(&["EnableLogFileValidation"], Weaker, "its files are not validated".to_owned());
        }
        let went = |what: &str, before: &Option<String>, now: &Option<String>| match (before, now) {
            (Some(before), None) => Some((Weaker, format!("it has no {what} (`{before}` before)"))),
            (Some(before), Some(now)) if before != now => {
                Some((Elsewhere, format!("its {what} is `{now}` (`{before}` before)")))
            }
            (Some(_) | None, _) => None,
        };
        let foreign = |key: &String| {
            let account = crate::engine::arn::arn_part(key, 4);
            account.is_some_and(|account| !is_trusted(account))
        };
        match (&before.key, &self.key) {
            (None, Some(key)) if foreign(key) => {
                note(&["KmsKeyId"], Elsewhere, format!("it is encrypted with `{key}`, a key of another account"));
            }
            (before, now) => {
                if let Some((weight, what)) = went("KMS key", before, now) {
                    note(&["KmsKeyId"], weight, what);
                }
            }
        }
        if before.bucket != self.bucket {
            let what = format!("it delivers to bucket `{}` (`{}` before)", self.bucket, before.bucket);
            note(&["S3BucketName"], Elsewhere, what);
        }
        if before.prefix != self.prefix {
            let shown = |prefix: &Option<String>| prefix.clone().unwrap_or_default();
            let what = format!("its prefix is `{}` (`{}` before)", shown(&self.prefix), shown(&before.prefix));
            note(&["S3KeyPrefix"], Elsewhere, what);
        }
        if let Some((weight, what)) = went("SNS topic", &before.topic, &self.topic) {
            note(&["SnsTopicName"], weight, what);
        }
        let group = went("log group", &before.log_group, &self.log_group);
        if let Some((weight, what)) = group.or_else(|| went("role for its log group", &before.log_role, &self.log_role))
        {
            note(&["CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn"], weight, what);
        }
        found
    }
}

/// Whether a call with these members can only make a trail stricter, whatever stands there.
pub(super) fn is_strictest(members: &Map<String, Value>) -> bool {
    members.iter().all(|(name, value)| SWITCHES.contains(&name.as_str()) && *value == Value::Bool(true))
}

/// The members as options of the AWS command line.
pub(super) fn options(members: &Map<String, Value>) -> String {
    let option = |(name, value): (&String, &Value)| {
        let (_, option) = OPTIONS.iter().find(|(member, _)| member == name)?;
        Some(match value {
            Value::Bool(true) => format!(" --{option}"),
            Value::Bool(false) => format!(" --no-{option}"),
            value => format!(" --{option} {}", word(value.as_str().unwrap_or_default())),
        })
    };
    members.iter().filter_map(option).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    fn whole() -> Settings {
        Settings {
            bucket: "logs".to_owned(),
            topic: Some("arn:aws:sns:eu-central-1:111122223333:logs".to_owned()),
            global_services: true,
            multi_region: true,
            validation: true,
            log_group: Some("arn:aws:logs:eu-central-1:111122223333:log-group:trail:*".to_owned()),
            log_role: Some("arn:aws:iam::111122223333:role/trail".to_owned()),
            key: Some("arn:aws:kms:eu-central-1:111122223333:key/1".to_owned()),
            ..Settings::default()
        }
    }

    #[rstest]
    #[case::the_same(|_: &mut Settings| (), &[], None)]
    #[case::one_region(|it: &mut Settings| it.multi_region = false, &["IsMultiRegionTrail"], Some(Weight::Weaker))]
    #[case::no_global_services(|it: &mut Settings| it.global_services = false, &["IncludeGlobalServiceEvents"], Some(Weight::Weaker))]
    #[case::no_validation(|it: &mut Settings| it.validation = false, &["EnableLogFileValidation"], Some(Weight::Weaker))]
    #[case::no_key(|it: &mut Settings| it.key = None, &["KmsKeyId"], Some(Weight::Weaker))]
    #[case::another_key(|it: &mut Settings| it.key = Some("arn:aws:kms:eu-central-1:111122223333:key/2".to_owned()), &["KmsKeyId"],
        Some(Weight::Elsewhere))]
    #[case::another_bucket(|it: &mut Settings| it.bucket = "mine".to_owned(), &["S3BucketName"], Some(Weight::Elsewhere))]
    #[case::a_prefix(|it: &mut Settings| it.prefix = Some("x".to_owned()), &["S3KeyPrefix"], Some(Weight::Elsewhere))]
    #[case::no_topic(|it: &mut Settings| it.topic = None, &["SnsTopicName"], Some(Weight::Weaker))]
    #[case::no_group(|it: &mut Settings| it.log_group = None, &["CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn"], Some(Weight::Weaker))]
    #[case::another_role(|it: &mut Settings| it.log_role = Some("arn:aws:iam::111122223333:role/x".to_owned()),
        &["CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn"], Some(Weight::Elsewhere))]
    fn what_became_of_a_setting(
        #[case] change: fn(&mut Settings),
        #[case] members: &[&str],
        #[case] weight: Option<Weight>,
    ) {
        let mut now = whole();
        change(&mut now);
        let found = now.changes(&whole(), |account| account == "111122223333");
        let changed: Vec<&str> = found.iter().flat_map(|change| change.members.iter().copied()).collect();
        assert_eq!((changed.as_slice(), found.first().map(|change| change.weight)), (members, weight));
    }

    #[test]
    fn more_protection_is_no_change_for_the_worse() {
        let bare = Settings { bucket: "logs".to_owned(), global_services: true, ..Settings::default() };
        let grown = Settings { prefix: None, ..whole() };
        assert_eq!(grown.changes(&bare, |account| account == "111122223333"), []);
        let taken = Settings { key: Some("arn:aws:kms:eu-central-1:999999999999:key/1".to_owned()), ..bare.clone() };
        assert_eq!(taken.changes(&bare, |account| account == "111122223333").len(), 1);
    }

    #[test]
    fn records_and_answers_are_read_alike_and_nothing_is_an_empty_text() {
        let record = json!({"name": "t", "s3BucketName": "logs", "isMultiRegionTrail": true, "snsTopicARN": "arn:aws:sns:::x",
            "logFileValidationEnabled": false, "kmsKeyId": ""});
        let settings = Settings::read(&record).unwrap();
        assert_eq!(settings, Settings::read(&capitalised(&record)).unwrap());
        assert!(settings.multi_region && settings.global_services && !settings.validation && settings.key.is_none());
        let names = ["KmsKeyId".to_owned(), "IsMultiRegionTrail".to_owned()];
        assert_eq!(Value::from(settings.members(&names)), json!({"KmsKeyId": "", "IsMultiRegionTrail": true}));
        assert!(!settings.whole().contains_key("KmsKeyId") && settings.whole().contains_key("S3BucketName"));
        assert_eq!(Settings::read(&json!({"name": "t"})), None);
    }
}
