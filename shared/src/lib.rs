pub mod iam_policy;
