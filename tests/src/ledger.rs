//! A ledger whose items are signed, as the template's are: KMS keys of the local AWS, and what a principal with
//! `dynamodb:PutItem` does to it.

use crate::Result;
use crate::host::{Host, Settings};
use crate::lab::Lab;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_kms::types::{KeySpec, KeyUsageType};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// A table and its two keys.
pub struct Signed {
    /// The table.
    pub table: String,
    /// `PARAPET_LEDGER_KEY`
    pub functions: String,
    /// `PARAPET_OPERATORS_KEY`
    pub operators: String,
}

/// An HMAC key of the local AWS: its ARN.
///
/// # Errors
/// AWS's.
pub async fn key(lab: &Lab) -> Result<String> {
    let kms = aws_sdk_kms::Client::new(&lab.clients.config);
    let made = kms.create_key().key_spec(KeySpec::Hmac256).key_usage(KeyUsageType::GenerateVerifyMac).send().await?;
    Ok(made.key_metadata.and_then(|key| key.arn).ok_or("no key was made")?)
}

impl Signed {
    /// The lab's ledger, with keys of its own.
    ///
    /// # Errors
    /// AWS's.
    pub async fn new(lab: &Lab) -> Result<Self> {
        Ok(Self { table: lab.ledger().await?, functions: key(lab).await?, operators: key(lab).await? })
    }

    /// The settings of a function that works with it, and asks anew at every event.
    #[must_use]
    pub fn settings(&self, lab: &Lab) -> Settings {
        let more = [
            ("PARAPET_REFRESH_SECONDS", "0".to_owned()),
            ("PARAPET_LEDGER_KEY", self.functions.clone()),
            ("PARAPET_OPERATORS_KEY", self.operators.clone()),
        ];
        Settings { ledger: Some(self.table.clone()), more: BTreeMap::from(more), ..lab.settings() }
    }

    /// A function that works with it.
    ///
    /// # Errors
    /// When it was not built.
    pub async fn function(&self, lab: &Lab, name: &str) -> Result<Host> {
        Host::start(name, &self.settings(lab)).await
    }

    /// An item of the table.
    ///
    /// # Errors
    /// AWS's, or when there is none.
    pub async fn item(&self, lab: &Lab, id: &str) -> Result<HashMap<String, AttributeValue>> {
        let get = lab.clients.dynamodb.get_item().table_name(&self.table).key("id", AttributeValue::S(id.to_owned()));
        get.send().await?.item.ok_or_else(|| format!("there is no item `{id}`").into())
    }

    /// What a principal with `dynamodb:PutItem` does.
    ///
    /// # Errors
    /// AWS's.
    pub async fn put(&self, lab: &Lab, item: HashMap<String, AttributeValue>) -> Result<()> {
        lab.clients.dynamodb.put_item().table_name(&self.table).set_item(Some(item)).send().await?;
        Ok(())
    }

    /// The same for an item of texts.
    ///
    /// # Errors
    /// AWS's.
    pub async fn put_texts(&self, lab: &Lab, id: &str, texts: &[(&str, &str)]) -> Result<()> {
        let key = [("id", id)];
        let item =
            texts.iter().chain(&key).map(|(name, text)| ((*name).to_owned(), AttributeValue::S((*text).to_owned())));
        self.put(lab, item.collect()).await
    }
}

/// The words of `result` of the notifications since the last call: of findings and of notices.
///
/// # Errors
/// AWS's, or a message that is no JSON.
pub async fn words(lab: &Lab) -> Result<Vec<String>> {
    let heard = lab.channel.hear().await?;
    let word = |message: &Value| {
        let said: Value = serde_json::from_str(message["Message"].as_str().unwrap_or_default()).unwrap_or_default();
        let word = said.get("notice").or_else(|| said.pointer("/unmapped/result"));
        word.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let mut words: Vec<String> = heard.iter().map(word).collect();
    words.sort();
    Ok(words)
}
