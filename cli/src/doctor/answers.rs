//! What AWS answered, so that everything else is judged without asking.

use super::calls::Call;
use futures_util::{StreamExt, stream};
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::request::Answer;
use std::collections::BTreeMap;
use std::future::Future;

/// Calls AWS.
pub trait Ask {
    /// The answer to a call. What was refused or did not answer is unknown, with the permission.
    fn ask(&self, call: &Call) -> impl Future<Output = Observed<Answer>>;

    /// The text of the policy file that is an object.
    fn policy(&self, region: &str, uri: &str) -> impl Future<Output = Observed<String>>;
}

/// The answers by their calls.
#[derive(Debug, Default)]
pub struct Answers(BTreeMap<String, Observed<Answer>>);

/// Calls at the same time: below the rates of the services that have a low one.
const AT_ONCE: usize = 8;

/// A listing with more pages than this never ends.
const MOST_PAGES: usize = 100;

impl Answers {
    /// The answer to a call.
    #[must_use]
    pub fn of(&self, call: &Call) -> Observed<&Answer> {
        match self.0.get(&call.key()) {
            Some(Observed::Known(answer)) => Observed::Known(answer),
            Some(Observed::Absent) => Observed::Absent,
            Some(Observed::Unknown { why }) => Observed::Unknown { why: why.clone() },
            None => Observed::Unknown { why: format!("`{}` was not called", call.permission.action) },
        }
    }

    /// With the answer to a call.
    #[must_use]
    pub fn with(mut self, call: &Call, answer: Observed<Answer>) -> Self {
        self.0.insert(call.key(), answer);
        self
    }

    /// Asks what was not asked yet.
    pub async fn add(&mut self, ask: &impl Ask, calls: Vec<Call>) {
        let new: BTreeMap<String, Call> = calls.into_iter().map(|call| (call.key(), call)).collect();
        let new = new.into_iter().filter(|(key, _)| !self.0.contains_key(key));
        let each = |(key, call): (String, Call)| async move { (key, whole(ask, call).await) };
        // Boxed: what a call holds is large.
        let asked: Vec<_> = new.map(|one| Box::pin(each(one))).collect();
        let mut answered = stream::iter(asked).buffer_unordered(AT_ONCE);
        while let Some((key, answer)) = answered.next().await {
            self.0.insert(key, answer);
        }
    }
}

/// All pages as one.
async fn whole(ask: &impl Ask, mut call: Call) -> Observed<Answer> {
    let mut all = match ask.ask(&call).await {
        Observed::Known(answer) => answer,
        other => return other,
    };
    for _ in 0..MOST_PAGES {
        call = match call.next(&all) {
            Ok(Some(next)) => next,
            Ok(None) => return Observed::Known(all),
            Err(why) => return Observed::Unknown { why },
        };
        match ask.ask(&call).await {
            Observed::Known(page) => join(&mut all, page),
            other => return other,
        }
    }
    Observed::Unknown { why: format!("`{}` answers more than {MOST_PAGES} pages", call.permission.action) }
}

/// The lists of a page behind those before it; everything else as the page says it.
fn join(all: &mut Answer, page: Answer) {
    let Value::Object(members) = page.body else { return };
    let Some(whole) = all.body.as_object_mut() else { return };
    for token in ["NextToken", "Marker", "IsTruncated"] {
        whole.remove(token);
    }
    for (name, value) in members {
        match (whole.get_mut(&name), value) {
            (Some(Value::Array(list)), Value::Array(more)) => list.extend(more),
            // An empty list in XML.
            (Some(Value::Array(_)), Value::String(text)) if text.is_empty() => {}
            (_, value) => drop(whole.insert(name, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::calls::{list_role_policies, list_stack_resources, lookup_events};
    use crate::doctor::tests::answer;
    use futures_util::FutureExt;
    use serde_json::json;

    /// Answers page after page.
    struct Pages {
        last: u32,
        /// What the next page is called.
        token: &'static str,
        /// What a page has in its list.
        item: fn(u32) -> Value,
    }

    impl Ask for Pages {
        async fn ask(&self, call: &Call) -> Observed<Answer> {
            let at = call.request.body[self.token].as_str().map_or(0, |token| token.parse().unwrap());
            let mut body = json!({"Events": (self.item)(at)});
            if self.token == "Marker" {
                body["IsTruncated"] = (at < self.last).to_string().into();
            }
            if at < self.last {
                body[self.token] = (at + 1).to_string().into();
            }
            Observed::Known(answer(body))
        }

        async fn policy(&self, _: &str, _: &str) -> Observed<String> {
            Observed::Absent
        }
    }

    fn read(pages: &Pages, call: &Call) -> Observed<Value> {
        let mut answers = Answers::default();
        answers.add(pages, vec![call.clone(), call.clone()]).now_or_never().unwrap();
        answers.of(call).map(|answer| answer.body.clone())
    }

    #[test]
    fn all_pages_are_read_and_an_endless_listing_ends() {
        let call = list_stack_resources("r", "s");
        assert!(matches!(Answers::default().of(&call), Observed::Unknown { .. }), "what was not asked is not known");
        let pages = Pages { last: 2, token: "NextToken", item: |at| json!([at]) };
        assert_eq!(read(&pages, &call), Observed::Known(json!({"Events": [0, 1, 2]})));
        let endless = read(&Pages { last: u32::MAX, ..pages }, &call);
        assert!(matches!(endless, Observed::Unknown { why } if why.contains("pages")));
    }

    #[test]
    fn pages_of_iam_are_read() {
        let pages = Pages { last: 2, token: "Marker", item: |at| if at == 1 { json!("") } else { json!([at]) } };
        let read = read(&pages, &list_role_policies("r", "s"));
        assert_eq!(
            read,
            Observed::Known(json!({"Events": [0, 2], "IsTruncated": "false"})),
            "an empty page loses nothing"
        );
    }

    #[test]
    fn the_pages_behind_the_last_change_are_not_read() {
        let pages =
            Pages { last: u32::MAX, token: "NextToken", item: |at| if at < 3 { json!([]) } else { json!([at]) } };
        let read = read(&pages, &lookup_events("r", 0));
        assert_eq!(read, Observed::Known(json!({"Events": [3], "NextToken": "4"})));
    }
}
