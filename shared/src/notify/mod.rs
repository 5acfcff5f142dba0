//! What the security channel hears: one SNS message a finding, in the form that each protocol can use.

/// A message for SNS.
pub struct Message {
    /// The subject line.
    pub subject: String,
    /// The body for `MessageStructure=json`.
    pub body: String,
    /// Attributes for filter policies.
    pub attributes: Vec<(&'static str, String)>,
}

/// The message that tells a finding.
#[must_use]
pub fn message(finding: &crate::finding::Finding) -> Message {
    Message {
        subject: finding.guardrail.title.to_owned(),
        body: r#"{"default":"placeholder"}"#.to_owned(),
        attributes: Vec::new(),
    }
}
