//! The ids that a runbook may be given: each of a form that names one resource and cannot say anything else.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a parameter of a runbook is: its value is taken from a record, and refused where it has another form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IdKind {
    /// `i-…`
    InstanceId,
    /// `vol-…`
    VolumeId,
    /// `snap-…`
    SnapshotId,
    /// `ami-…`
    ImageId,
    /// `sg-…`
    SecurityGroupId,
    /// `vpc-…`
    VpcId,
    /// `subnet-…`
    SubnetId,
    /// `eni-…`
    NetworkInterfaceId,
    /// `nat-…`
    NatGatewayId,
    /// `igw-…`
    InternetGatewayId,
    /// `rtb-…`
    RouteTableId,
    /// `eipalloc-…`
    AllocationId,
    /// The id of a KMS key: a UUID, or `mrk-…`.
    KmsKeyId,
    /// The name of a bucket: small letters, digits, hyphens and dots.
    BucketName,
}

impl IdKind {
    /// Whether the text has its form ("Amazon EC2 resource IDs"; "General purpose bucket naming rules"; "Key identifiers (KeyId)").
    #[must_use]
    pub fn takes(self, text: &str) -> bool {
        match self {
            Self::InstanceId => is_ec2(text, "i-"),
            Self::VolumeId => is_ec2(text, "vol-"),
            Self::SnapshotId => is_ec2(text, "snap-"),
            Self::ImageId => is_ec2(text, "ami-"),
            Self::SecurityGroupId => is_ec2(text, "sg-"),
            Self::VpcId => is_ec2(text, "vpc-"),
            Self::SubnetId => is_ec2(text, "subnet-"),
            Self::NetworkInterfaceId => is_ec2(text, "eni-"),
            Self::NatGatewayId => is_ec2(text, "nat-"),
            Self::InternetGatewayId => is_ec2(text, "igw-"),
            Self::RouteTableId => is_ec2(text, "rtb-"),
            Self::AllocationId => is_ec2(text, "eipalloc-"),
            Self::KmsKeyId => match text.strip_prefix("mrk-") {
                Some(rest) => rest.len() == 32 && is_hex(rest),
                None => is_uuid(text),
            },
            Self::BucketName => is_bucket(text),
        }
    }

    /// The word of the policy file.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::InstanceId => "instance-id",
            Self::VolumeId => "volume-id",
            Self::SnapshotId => "snapshot-id",
            Self::ImageId => "image-id",
            Self::SecurityGroupId => "security-group-id",
            Self::VpcId => "vpc-id",
            Self::SubnetId => "subnet-id",
            Self::NetworkInterfaceId => "network-interface-id",
            Self::NatGatewayId => "nat-gateway-id",
            Self::InternetGatewayId => "internet-gateway-id",
            Self::RouteTableId => "route-table-id",
            Self::AllocationId => "allocation-id",
            Self::KmsKeyId => "kms-key-id",
            Self::BucketName => "bucket-name",
        }
    }
}

impl fmt::Display for IdKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn is_ec2(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| matches!(rest.len(), 8 | 17) && is_hex(rest))
}

fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.iter().all(|part| is_hex(part))
}

fn is_bucket(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends_plain = |byte: Option<u8>| byte.is_some_and(is_plain);
    (3..=63).contains(&text.len())
        && text.bytes().all(|byte| is_plain(byte) || byte == b'-' || byte == b'.')
        && ends_plain(text.bytes().next())
        && ends_plain(text.bytes().last())
        && !text.contains("..")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(IdKind::InstanceId, "i-0123456789abcdef0", true)]
    #[case::the_old_form(IdKind::InstanceId, "i-12345678", true)]
    #[case::of_another_resource(IdKind::InstanceId, "vol-0123456789abcdef0", false)]
    #[case::more_than_an_id(IdKind::InstanceId, "i-0123456789abcdef0\",\"x", false)]
    #[case::capitals(IdKind::InstanceId, "i-0123456789ABCDEF0", false)]
    #[case::nothing(IdKind::VolumeId, "", false)]
    #[case(IdKind::BucketName, "orders.2026-01", true)]
    #[case::free_text(IdKind::BucketName, "orders; rm -rf /", false)]
    #[case::a_path(IdKind::BucketName, "../orders", false)]
    #[case(IdKind::KmsKeyId, "1234abcd-12ab-34cd-56ef-1234567890ab", true)]
    #[case(IdKind::KmsKeyId, "mrk-1234abcd12ab34cd56ef1234567890ab", true)]
    #[case::an_alias(IdKind::KmsKeyId, "alias/orders", false)]
    fn an_id_has_the_form_of_its_kind(#[case] kind: IdKind, #[case] text: &str, #[case] expected: bool) {
        assert_eq!(kind.takes(text), expected);
    }

    const GOOD: [(IdKind, &str, &str); 14] = [
        (IdKind::InstanceId, "instance-id", "i-0123456789abcdef0"),
        (IdKind::VolumeId, "volume-id", "vol-0123456789abcdef0"),
        (IdKind::SnapshotId, "snapshot-id", "snap-0123456789abcdef0"),
        (IdKind::ImageId, "image-id", "ami-0123456789abcdef0"),
        (IdKind::SecurityGroupId, "security-group-id", "sg-0123456789abcdef0"),
        (IdKind::VpcId, "vpc-id", "vpc-0123456789abcdef0"),
        (IdKind::SubnetId, "subnet-id", "subnet-0123456789abcdef0"),
        (IdKind::NetworkInterfaceId, "network-interface-id", "eni-0123456789abcdef0"),
        (IdKind::NatGatewayId, "nat-gateway-id", "nat-0123456789abcdef0"),
        (IdKind::InternetGatewayId, "internet-gateway-id", "igw-0123456789abcdef0"),
        (IdKind::RouteTableId, "route-table-id", "rtb-0123456789abcdef0"),
        (IdKind::AllocationId, "allocation-id", "eipalloc-0123456789abcdef0"),
        (IdKind::KmsKeyId, "kms-key-id", "1234abcd-12ab-34cd-56ef-1234567890ab"),
        (IdKind::BucketName, "bucket-name", "orders"),
    ];

    #[test]
    fn each_kind_takes_its_own_ids_and_has_the_word_of_the_file() {
        for (kind, word, id) in GOOD {
            assert!(kind.takes(id), "{word}");
            assert_eq!((kind.word(), serde_json::to_value(kind).unwrap()), (word, word.into()));
            // A bucket may be called like any of them.
            let others = GOOD.iter().filter(|(other, ..)| *other != kind && *other != IdKind::BucketName);
            let taking: Vec<&str> = others.filter(|(other, ..)| other.takes(id)).map(|(_, word, _)| *word).collect();
            assert_eq!(taking, Vec::<&str>::new(), "{id}");
        }
    }
}
