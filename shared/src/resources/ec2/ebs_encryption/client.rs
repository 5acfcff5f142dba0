//! Encryption of new EBS volumes.

use super::EbsEncryption;
use super::state::{Asks, DefaultKey, EbsAction, EbsEncryption as State, EbsRef, Made, not_looked};
use super::{DESCRIBE_VOLUMES, GET_EBS_DEFAULT_KMS_KEY_ID, GET_EBS_ENCRYPTION_BY_DEFAULT};
use crate::aws::failure;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::ec2::client::{Ec2, id_of};
use aws_sdk_ec2::types::{Filter, Volume};
use jiff::Timestamp;

/// How many volumes a message names.
const MOST: usize = 50;

impl Ec2 {
    async fn is_encrypting(&self) -> Result<Observed<bool>, ReadError> {
        let answer = match self.client.get_ebs_encryption_by_default().send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(GET_EBS_ENCRYPTION_BY_DEFAULT.action),
        };
        Ok(match answer.ebs_encryption_by_default() {
            Some(is_on) => Observed::Known(is_on),
            None => Observed::Unknown { why: "EC2 does not show whether encryption by default is on".to_owned() },
        })
    }

    async fn default_key(&self) -> Result<Observed<DefaultKey>, ReadError> {
        let answer = match self.client.get_ebs_default_kms_key_id().send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(GET_EBS_DEFAULT_KMS_KEY_ID.action),
        };
        Ok(match answer.kms_key_id().filter(|name| !name.is_empty()) {
            Some(name) => Observed::Known(DefaultKey::read(name)),
            None => Observed::Unknown { why: "EC2 names no default key".to_owned() },
        })
    }

    /// The unencrypted volumes that are younger than `since`. EC2's filter knows no ranges of time, so they are walked
    /// through, and not without end: an account may have thousands that were made so on purpose.
    async fn made_unencrypted(&self, since: Timestamp) -> Result<Observed<Made>, ReadError> {
        const PAGE: i32 = 500;
        const PAGES: usize = 8;
        let filter = Filter::builder().name("encrypted").values("false").build();
        let mut pages = self.client.describe_volumes().filters(filter).max_results(PAGE).into_paginator().send();
        let mut made = Made::default();
        for _ in 0..PAGES {
            match pages.next().await {
                Some(Ok(page)) => made.take(page.volumes(), since),
                Some(Err(error)) => return failure(&error).of_read(DESCRIBE_VOLUMES.action),
                None => return Ok(Observed::Known(made)),
            }
        }
        made.is_cut = true;
        Ok(Observed::Known(made))
    }
}

impl Made {
    fn take(&mut self, volumes: &[Volume], since: Timestamp) {
        let young = |volume: &&Volume| volume.create_time().is_some_and(|made| made.secs() >= since.as_second());
        for id in volumes.iter().filter(young).filter_map(|volume| volume.volume_id()) {
            if self.volumes.len() < MOST {
                self.volumes.push(id.to_owned());
            } else {
                self.is_cut = true;
            }
        }
    }
}

fn not_asked<T>() -> Observed<T> {
    Observed::Unknown { why: "this part of the setting was not asked for".to_owned() }
}

impl Observe<EbsEncryption> for Ec2 {
    async fn observe(&self, key: &EbsRef, depth: ReadDepth) -> Result<Observed<State>, ReadError> {
        let (is_on, default, made_unencrypted) = match (key.asks, depth) {
            (Asks::Encryption { .. }, ReadDepth::Quick) => (self.is_encrypting().await?, not_asked(), not_looked()),
            (Asks::Encryption { since }, ReadDepth::Full) => {
                let (is_on, made) = tokio::try_join!(self.is_encrypting(), self.made_unencrypted(since))?;
                (is_on, not_asked(), made)
            }
            (Asks::Key, _) => (not_asked(), self.default_key().await?, not_looked()),
            (Asks::Both, _) => {
                let (is_on, default) = tokio::try_join!(self.is_encrypting(), self.default_key())?;
                (is_on, default, not_looked())
            }
        };
        Ok(Observed::Known(State {
            is_on,
            key: default,
            before: Observed::Absent,
            key_was_changed: false,
            made_unencrypted,
        }))
    }
}

impl Apply<EbsAction> for Ec2 {
    async fn apply(&self, action: &EbsAction) -> Result<Applied, ApplyError> {
        let client = &self.client;
        let request_id = match action {
            EbsAction::Encrypt => {
                let answer = client.enable_ebs_encryption_by_default().send().await;
                answer.map(|answer| id_of(&answer)).map_err(|error| failure(&error))
            }
            EbsAction::DoNotEncrypt => {
                let answer = client.disable_ebs_encryption_by_default().send().await;
                answer.map(|answer| id_of(&answer)).map_err(|error| failure(&error))
            }
            EbsAction::UseKey(DefaultKey::AwsManaged) => {
                let answer = client.reset_ebs_default_kms_key_id().send().await;
                answer.map(|answer| id_of(&answer)).map_err(|error| failure(&error))
            }
            EbsAction::UseKey(DefaultKey::Customer(arn)) => {
                let answer = client.modify_ebs_default_kms_key_id().kms_key_id(arn).send().await;
                answer.map(|answer| id_of(&answer)).map_err(|error| failure(&error))
            }
        };
        request_id
            .map(|request_id| Applied { request_id, ..Applied::default() })
            .map_err(|failure| failure.of_action(action.permission()))
    }
}

impl List<EbsEncryption> for Ec2 {
    async fn page(&self, _: Option<&str>) -> Result<Observed<Page<EbsEncryption>>, ReadError> {
        let key = EbsRef { asks: Asks::Both, before: Observed::Absent };
        let seen = Observe::<EbsEncryption>::observe(self, &key, ReadDepth::Full).await?;
        Ok(Observed::Known(Page { found: vec![(key, seen)], next: None }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::primitives::DateTime;

    fn volume(id: &str, made: Option<i64>) -> Volume {
        Volume::builder().volume_id(id).set_create_time(made.map(DateTime::from_secs)).build()
    }

    #[test]
    fn volumes_of_the_window_and_no_older_ones() {
        let mut made = Made::default();
        let volumes =
            [volume("vol-1", Some(99)), volume("vol-2", Some(100)), volume("vol-3", Some(101)), volume("vol-4", None)];
        made.take(&volumes, Timestamp::from_second(100).unwrap());
        assert_eq!(made, Made { volumes: vec!["vol-2".to_owned(), "vol-3".to_owned()], is_cut: false });
    }

    #[test]
    fn a_message_names_so_many_and_says_that_there_are_more() {
        let mut made = Made::default();
        let volumes: Vec<Volume> = (0..=MOST).map(|at| volume(&format!("vol-{at}"), Some(100))).collect();
        made.take(&volumes, Timestamp::from_second(0).unwrap());
        assert_eq!((made.volumes.len(), made.is_cut), (MOST, true));
    }
}
