//! The fakes of all resources. `make generate` writes this file.

#[path = "../../../src/resources/accessanalyzer/analyzer/fake.rs"]
pub mod accessanalyzer_analyzer;

#[path = "../../../src/resources/account/alternate_contact/fake.rs"]
pub mod account_alternate_contact;

#[path = "../../../src/resources/account/region/fake.rs"]
pub mod account_region;

#[path = "../../../src/resources/apigateway/api_policy/fake.rs"]
pub mod apigateway_api_policy;

#[path = "../../../src/resources/backup/vault_lock/fake.rs"]
pub mod backup_vault_lock;

#[path = "../../../src/resources/bedrock/invocation_logging/fake.rs"]
pub mod bedrock_invocation_logging;

#[path = "../../../src/resources/cloudtrail/event_data_store/fake.rs"]
pub mod cloudtrail_event_data_store;

#[path = "../../../src/resources/cloudtrail/trail/fake.rs"]
pub mod cloudtrail_trail;

#[path = "../../../src/resources/cloudwatch/alarm_actions/fake.rs"]
pub mod cloudwatch_alarm_actions;

#[path = "../../../src/resources/codebuild/project_visibility/fake.rs"]
pub mod codebuild_project_visibility;

#[path = "../../../src/resources/cognito/identity_pool/fake.rs"]
pub mod cognito_identity_pool;

#[path = "../../../src/resources/config/recorder/fake.rs"]
pub mod config_recorder;

#[path = "../../../src/resources/custom/fake.rs"]
pub mod custom;

#[path = "../../../src/resources/database/activity_stream/fake.rs"]
pub mod database_activity_stream;

#[path = "../../../src/resources/database/backup/fake.rs"]
pub mod database_backup;

#[path = "../../../src/resources/database/cluster/fake.rs"]
pub mod database_cluster;

#[path = "../../../src/resources/database/deleted_backup/fake.rs"]
pub mod database_deleted_backup;

#[path = "../../../src/resources/database/export_task/fake.rs"]
pub mod database_export_task;

#[path = "../../../src/resources/database/instance/fake.rs"]
pub mod database_instance;

#[path = "../../../src/resources/database/listener/fake.rs"]
pub mod database_listener;

#[path = "../../../src/resources/database/load_balancer/fake.rs"]
pub mod database_load_balancer;

#[path = "../../../src/resources/database/snapshot/fake.rs"]
pub mod database_snapshot;

#[path = "../../../src/resources/database/table/fake.rs"]
pub mod database_table;

#[path = "../../../src/resources/database/table_export/fake.rs"]
pub mod database_table_export;

#[path = "../../../src/resources/database/table_recovery/fake.rs"]
pub mod database_table_recovery;

#[path = "../../../src/resources/ec2/ebs_encryption/fake.rs"]
pub mod ec2_ebs_encryption;

#[path = "../../../src/resources/ec2/flow_log/fake.rs"]
pub mod ec2_flow_log;

#[path = "../../../src/resources/ec2/image/fake.rs"]
pub mod ec2_image;

#[path = "../../../src/resources/ec2/image_block_public_access/fake.rs"]
pub mod ec2_image_block_public_access;

#[path = "../../../src/resources/ec2/instance/fake.rs"]
pub mod ec2_instance;

#[path = "../../../src/resources/ec2/metadata_defaults/fake.rs"]
pub mod ec2_metadata_defaults;

#[path = "../../../src/resources/ec2/network_acl/fake.rs"]
pub mod ec2_network_acl;

#[path = "../../../src/resources/ec2/reported_instance/fake.rs"]
pub mod ec2_reported_instance;

#[path = "../../../src/resources/ec2/security_group/fake.rs"]
pub mod ec2_security_group;

#[path = "../../../src/resources/ec2/serial_console/fake.rs"]
pub mod ec2_serial_console;

#[path = "../../../src/resources/ec2/sharing/fake.rs"]
pub mod ec2_sharing;

#[path = "../../../src/resources/ec2/snapshot/fake.rs"]
pub mod ec2_snapshot;

#[path = "../../../src/resources/ec2/snapshot_block_public_access/fake.rs"]
pub mod ec2_snapshot_block_public_access;

#[path = "../../../src/resources/ec2/subnet/fake.rs"]
pub mod ec2_subnet;

#[path = "../../../src/resources/ec2/transit_gateway/fake.rs"]
pub mod ec2_transit_gateway;

#[path = "../../../src/resources/eks/access_policy/fake.rs"]
pub mod eks_access_policy;

#[path = "../../../src/resources/eks/cluster/fake.rs"]
pub mod eks_cluster;

#[path = "../../../src/resources/emr/block_public_access/fake.rs"]
pub mod emr_block_public_access;

#[path = "../../../src/resources/guardduty/detector/fake.rs"]
pub mod guardduty_detector;

#[path = "../../../src/resources/guardduty/filter/fake.rs"]
pub mod guardduty_filter;

#[path = "../../../src/resources/guardduty/lists/fake.rs"]
pub mod guardduty_lists;

#[path = "../../../src/resources/guardduty/members/fake.rs"]
pub mod guardduty_members;

#[path = "../../../src/resources/iam/access_key/fake.rs"]
pub mod iam_access_key;

#[path = "../../../src/resources/iam/compromised_user/fake.rs"]
pub mod iam_compromised_user;

#[path = "../../../src/resources/iam/deny_policy/fake.rs"]
pub mod iam_deny_policy;

#[path = "../../../src/resources/iam/identity_provider/fake.rs"]
pub mod iam_identity_provider;

#[path = "../../../src/resources/iam/inline_policy/fake.rs"]
pub mod iam_inline_policy;

#[path = "../../../src/resources/iam/login_profile/fake.rs"]
pub mod iam_login_profile;

#[path = "../../../src/resources/iam/managed_policy/fake.rs"]
pub mod iam_managed_policy;

#[path = "../../../src/resources/iam/mfa_device/fake.rs"]
pub mod iam_mfa_device;

#[path = "../../../src/resources/iam/password_policy/fake.rs"]
pub mod iam_password_policy;

#[path = "../../../src/resources/iam/permissions_boundary/fake.rs"]
pub mod iam_permissions_boundary;

#[path = "../../../src/resources/iam/policy_attachment/fake.rs"]
pub mod iam_policy_attachment;

#[path = "../../../src/resources/iam/reported_role/fake.rs"]
pub mod iam_reported_role;

#[path = "../../../src/resources/iam/reported_user/fake.rs"]
pub mod iam_reported_user;

#[path = "../../../src/resources/iam/role_trust/fake.rs"]
pub mod iam_role_trust;

#[path = "../../../src/resources/iam/root_access/fake.rs"]
pub mod iam_root_access;

#[path = "../../../src/resources/iam/session_cut/fake.rs"]
pub mod iam_session_cut;

#[path = "../../../src/resources/kms/grant/fake.rs"]
pub mod kms_grant;

#[path = "../../../src/resources/kms/key/fake.rs"]
pub mod kms_key;

#[path = "../../../src/resources/kms/key_rotation/fake.rs"]
pub mod kms_key_rotation;

#[path = "../../../src/resources/kms/key_store/fake.rs"]
pub mod kms_key_store;

#[path = "../../../src/resources/lambda/event_source/fake.rs"]
pub mod lambda_event_source;

#[path = "../../../src/resources/lambda/function_url/fake.rs"]
pub mod lambda_function_url;

#[path = "../../../src/resources/lambda/layer/fake.rs"]
pub mod lambda_layer;

#[path = "../../../src/resources/logs/retention/fake.rs"]
pub mod logs_retention;

#[path = "../../../src/resources/macie/session/fake.rs"]
pub mod macie_session;

#[path = "../../../src/resources/organizations/policy/fake.rs"]
pub mod organizations_policy;

#[path = "../../../src/resources/organizations/policy_type/fake.rs"]
pub mod organizations_policy_type;

#[path = "../../../src/resources/parapet/concurrency/fake.rs"]
pub mod parapet_concurrency;

#[path = "../../../src/resources/parapet/rule/fake.rs"]
pub mod parapet_rule;

#[path = "../../../src/resources/ram/external/fake.rs"]
pub mod ram_external;

#[path = "../../../src/resources/ram/share/fake.rs"]
pub mod ram_share;

#[path = "../../../src/resources/redshift/cluster/fake.rs"]
pub mod redshift_cluster;

#[path = "../../../src/resources/redshift/logging/fake.rs"]
pub mod redshift_logging;

#[path = "../../../src/resources/redshift/snapshot/fake.rs"]
pub mod redshift_snapshot;

#[path = "../../../src/resources/route53domains/transfer_lock/fake.rs"]
pub mod route53domains_transfer_lock;

#[path = "../../../src/resources/s3/access_point_block/fake.rs"]
pub mod s3_access_point_block;

#[path = "../../../src/resources/s3/account_block/fake.rs"]
pub mod s3_account_block;

#[path = "../../../src/resources/s3/acl/fake.rs"]
pub mod s3_acl;

#[path = "../../../src/resources/s3/bucket_block/fake.rs"]
pub mod s3_bucket_block;

#[path = "../../../src/resources/s3/encryption/fake.rs"]
pub mod s3_encryption;

#[path = "../../../src/resources/s3/lifecycle/fake.rs"]
pub mod s3_lifecycle;

#[path = "../../../src/resources/s3/logging/fake.rs"]
pub mod s3_logging;

#[path = "../../../src/resources/s3/object_lock/fake.rs"]
pub mod s3_object_lock;

#[path = "../../../src/resources/s3/ownership/fake.rs"]
pub mod s3_ownership;

#[path = "../../../src/resources/s3/replication/fake.rs"]
pub mod s3_replication;

#[path = "../../../src/resources/s3/tls/fake.rs"]
pub mod s3_tls;

#[path = "../../../src/resources/s3/versioning/fake.rs"]
pub mod s3_versioning;

#[path = "../../../src/resources/s3/website/fake.rs"]
pub mod s3_website;

#[path = "../../../src/resources/secretsmanager/secret/fake.rs"]
pub mod secretsmanager_secret;

#[path = "../../../src/resources/securityhub/hub/fake.rs"]
pub mod securityhub_hub;

#[path = "../../../src/resources/securityhub/standards/fake.rs"]
pub mod securityhub_standards;

#[path = "../../../src/resources/sign_in/console/fake.rs"]
pub mod sign_in_console;

#[path = "../../../src/resources/sign_in/failed/fake.rs"]
pub mod sign_in_failed;

#[path = "../../../src/resources/sign_in/root_activity/fake.rs"]
pub mod sign_in_root_activity;

#[path = "../../../src/resources/sms/spend_limit/fake.rs"]
pub mod sms_spend_limit;

#[path = "../../../src/resources/ssm/document/fake.rs"]
pub mod ssm_document;

#[path = "../../../src/resources/ssm/public_sharing/fake.rs"]
pub mod ssm_public_sharing;

#[path = "../../../src/resources/ssm/resource_policy/fake.rs"]
pub mod ssm_resource_policy;

#[path = "../../../src/resources/sso/assignment/fake.rs"]
pub mod sso_assignment;

#[path = "../../../src/resources/wafv2/association/fake.rs"]
pub mod wafv2_association;

#[path = "../../../src/resources/wafv2/logging/fake.rs"]
pub mod wafv2_logging;

#[path = "../../../src/resources/wafv2/web_acl/fake.rs"]
pub mod wafv2_web_acl;
