//! The live lens over a file: keys as `ListAccessKeys` answers them ("ListAccessKeys", IAM API reference).

use super::state::{AccessKey, Owner};
use crate::engine::observed::Observed;
use crate::engine::unreadable::Unreadable;
use serde_json::Value;

/// The elements of `AccessKeyMetadata`, as the AWS command line prints them: one user's keys.
///
/// # Errors
/// What cannot be read.
pub fn listed(keys: &[Value]) -> Result<Vec<AccessKey>, Unreadable> {
    let text = |key: &Value, field: &str| {
        let found = key.get(field).and_then(Value::as_str).map(str::to_owned);
        found.ok_or_else(|| Unreadable::from(format!("a key without `{field}`")))
    };
    let is_active = |key: &Value| text(key, "Status").map(|status| status == "Active");
    let mut read = Vec::new();
    for key in keys {
        let user = text(key, "UserName")?;
        let mut active = 0;
        for other in keys {
            active += usize::from(text(other, "UserName")? == user && is_active(other)?);
        }
        read.push(AccessKey {
            id: text(key, "AccessKeyId")?,
            owner: Owner::User(user),
            is_active: is_active(key)?,
            made_by_owner: Observed::Unknown { why: "IAM does not show who created a key".to_owned() },
            active_keys: Observed::Known(active),
        });
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn active_keys_are_counted_by_user() {
        let key = |user: &str, id: &str, status: &str| json!({"UserName": user, "AccessKeyId": id, "Status": status});
        let keys = [
            key("eve", "A", "Active"),
            key("eve", "B", "Inactive"),
            key("eve", "C", "Active"),
            key("ben", "D", "Active"),
        ];
        let read = listed(&keys).unwrap();
        assert_eq!(read[0].active_keys, Observed::Known(2));
        assert!(!read[1].is_active);
        assert_eq!(read[3].active_keys, Observed::Known(1));
        assert_eq!(listed(&[json!({})]).unwrap_err().to_string(), "a key without `UserName`");
    }
}
