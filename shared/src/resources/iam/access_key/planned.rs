//! The planned lens: what a CloudFormation template would create.

use super::state::{AccessKey, Owner};
use crate::engine::observed::Observed;
use crate::engine::unreadable::Unreadable;
use serde_json::Value;

/// The key that an `AWS::IAM::AccessKey` with its resolved properties would make. None for any other type.
///
/// # Errors
/// What is unknown before deployment.
#[must_use]
pub fn planned(logical_id: &str, kind: &str, properties: &Value) -> Option<Result<AccessKey, Unreadable>> {
    if kind != "AWS::IAM::AccessKey" {
        return None;
    }
    let is_active = match properties.get("Status") {
        None | Some(Value::Null) => true,
        Some(Value::String(status)) => status != "Inactive",
        Some(_) => return Some(Err("`Status` is known at deployment only".into())),
    };
    let Some(Value::String(user)) = properties.get("UserName") else {
        return Some(Err("the name of the user is known at deployment only".into()));
    };
    Some(Ok(AccessKey {
        id: logical_id.to_owned(),
        owner: Owner::User(user.clone()),
        is_active,
        // The deployment makes it, not the user.
        made_by_owner: Observed::Known(false),
        active_keys: Observed::Unknown { why: "a template shows one key, not how many its owner has".to_owned() },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_key_of_a_template() {
        let key = |properties: Value| planned("Key", "AWS::IAM::AccessKey", &properties).unwrap();
        let made = key(json!({"UserName": "ci"})).unwrap();
        assert_eq!((made.owner, made.is_active), (Owner::User("ci".to_owned()), true));
        assert!(!key(json!({"UserName": "ci", "Status": "Inactive"})).unwrap().is_active);
        assert!(key(json!({"UserName": {"Ref": "User"}})).unwrap_err().to_string().contains("at deployment only"));
        assert!(planned("User", "AWS::IAM::User", &json!({})).is_none());
    }
}
