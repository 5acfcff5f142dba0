//! A story: broken, closed and nothing else, closed still on a second delivery, undone.

use crate::Result;
use crate::host::Host;
use crate::lab::Lab;
use crate::undo;
use crate::view::View;
use serde_json::Value;
use std::fmt::Debug;

/// What a story is about, as lines that can be compared.
pub trait Subject: Sync {
    /// What stands now.
    ///
    /// # Errors
    /// AWS's.
    fn lines(&self, lab: &Lab) -> impl Future<Output = Result<Vec<String>>> + Send;
}

impl Subject for View {
    async fn lines(&self, lab: &Lab) -> Result<Vec<String>> {
        Self::lines(self, &lab.clients).await
    }
}

/// Breaks off when this is not so.
///
/// # Errors
/// What is instead.
pub fn same<T: PartialEq + Debug>(is: &T, should: &T, what: &str) -> Result<()> {
    if is == should { Ok(()) } else { Err(format!("{what}: {is:#?} instead of {should:#?}").into()) }
}

/// The one notification that was heard: the finding in it.
///
/// # Errors
/// When there was no notification, or more than one.
pub async fn notified(lab: &Lab) -> Result<Value> {
    let heard = lab.channel.hear().await?;
    match heard.as_slice() {
        [one] => Ok(serde_json::from_str(one["Message"].as_str().unwrap_or_default())?),
        _ => Err(format!("notified {} times: {heard:#?}", heard.len()).into()),
    }
}

/// Runs the undo commands of the notification, the last first.
///
/// # Errors
/// When one is missing, or AWS refuses it.
pub async fn take_back(lab: &Lab, finding: &Value) -> Result<()> {
    let steps = finding["unmapped"]["steps"].as_array().ok_or("a finding without steps")?;
    for step in steps.iter().rev() {
        undo::run(&lab.clients, step["undo_command"].as_str().ok_or("a step that cannot be undone")?).await?;
    }
    Ok(())
}

/// Runs it from the event on: what is `closed` stands after it, and what was broken after it is undone. What was called
/// when it was closed, and the finding that was notified.
///
/// # Errors
/// Where it does not hold.
pub async fn run_story<S: Subject>(
    lab: &Lab,
    function: &mut Host,
    guardrail: &str,
    subject: &S,
    event: &Value,
    closed: &[String],
) -> Result<(Vec<String>, Value)> {
    let closed = closed.to_vec();
    let open = subject.lines(lab).await?;
    if open == closed {
        return Err("nothing was broken".into());
    }
    drop(lab.proxy.take_actions());
    let answer = function.send(event).await?;
    let called = lab.proxy.take_actions();
    let result = answer.result(guardrail)?;
    if result != "remediated" {
        return Err(format!("{answer:#?}; its log: {:#?}", function.log()).into());
    }
    same(&subject.lines(lab).await?, &closed, "not closed")?;
    let finding = notified(lab).await?;
    same(&finding["unmapped"]["result"], &"remediated".into(), "notified otherwise")?;

    function.send(event).await?;
    same(&subject.lines(lab).await?, &closed, "a second delivery changed something")?;
    same(&lab.channel.hear().await?, &Vec::new(), "a second delivery was notified")?;

    take_back(lab, &finding).await?;
    same(&subject.lines(lab).await?, &open, "not as it was")?;
    Ok((called, finding))
}
