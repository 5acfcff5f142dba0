//! What `make run` shows, scene by scene.

mod guarded;
mod people;

use crate::host::Answer;
use crate::moto::{ACCOUNT, Moto};
use crate::play::{Play, is_containing};
use crate::proxy::Call;
use crate::stage::{Beside, Stage};
use crate::view::View;
use crate::{Result, records, undo};
use people::Change;
use serde_json::Value;
use std::time::{Duration, Instant};

/// One scene, ready to be shown.
pub struct Scene {
    /// What happens, in a few words.
    pub title: String,
    /// Label and text.
    pub lines: Vec<(&'static str, String)>,
    /// How it ended.
    pub ending: Ending,
    /// Which call of the function closed the hole, and how long after the event was handed over.
    pub contained: Option<(usize, Duration)>,
}

/// How a scene ended.
pub enum Ending {
    /// As it should.
    Good(String),
    /// Not as it should: a hole stayed open, or something was touched that should not have been.
    Bad(String),
    /// Nothing was promised.
    Reported(String),
    /// There was nothing to judge, and why.
    Unjudged(String),
}

/// A scene of the story.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    /// SSH for everybody.
    Ssh,
    /// RDP for everybody with IPv6.
    Rdp,
    /// Two halves of the internet.
    Halves,
    /// Every protocol and port.
    AllTraffic,
    /// A record without rule ids.
    OldRecord,
    /// A rule on a default group.
    DefaultGroup,
    /// An access key for a user without permission to have one.
    AccessKey,
    /// Something harmless.
    Harmless,
    /// A call that AWS refused.
    Refused,
    /// The first event once more.
    Repeated,
    /// The first containment undone.
    Undone,
}

/// The local AWS with everything that the story needs.
pub struct Demo {
    moto: Moto,
    play: Play,
    group: String,
    /// The first scene's event, and the notification and the state that belong to it.
    first: Option<First>,
}

struct First {
    event: Value,
    undo: Option<String>,
    open: Vec<String>,
}

/// What should be true when an event has been handled.
enum Expect {
    /// The state is what it was before the change.
    Closed(Vec<String>),
    /// Nothing has changed since the event arrived.
    Untouched,
    /// Nothing is promised about an event of the reader's own.
    Anything,
}

impl Demo {
    /// The policy of the story.
    pub const POLICY: &str = "\
version: 1
defaults: { mode: enforce }
guardrails:
  security-group-default-has-rules: { max_class: R2 }   # users may notice: its own opt-in
  access-key-not-allowed:
    settings: { allowed_users: [\"deploy-*\"] }
";

    /// The policy for events of the reader's own: everything that may be closed is.
    pub const OWN_POLICY: &str = "\
version: 1
defaults: { mode: enforce, max_class: R2 }   # R2: remediations that users may notice
";

    /// The scenes, in order.
    pub const ACTS: &[Act] = &[
        Act::Ssh,
        Act::Rdp,
        Act::Halves,
        Act::AllTraffic,
        Act::OldRecord,
        Act::DefaultGroup,
        Act::AccessKey,
        Act::Harmless,
        Act::Refused,
        Act::Repeated,
        Act::Undone,
    ];

    /// Starts everything, in this region or the usual one, under this policy.
    ///
    /// # Errors
    /// What is missing, and how to get it.
    pub async fn start(region: Option<&str>, policy: &str) -> Result<Self> {
        let moto = Moto::start().await?;
        let mut play = Play::new(moto.address(), region, policy).await?;
        play.start_all().await?;
        let group = people::web_group(&play.clients).await?;
        Ok(Self { moto, play, group, first: None })
    }

    /// Where the local AWS is.
    #[must_use]
    pub fn endpoint(&self) -> String {
        self.moto.url()
    }

    /// Plays a scene of the story.
    ///
    /// # Errors
    /// What the local AWS or a function did not do.
    pub async fn play(&mut self, act: Act) -> Result<Scene> {
        if let Act::Undone = act {
            return self.undo().await;
        }
        let (title, view, before, change, is_closed) = self.change(act).await?;
        let open = view.lines(&self.play.clients).await?;
        let expect = if is_closed { Expect::Closed(before) } else { Expect::Untouched };
        let (scene, undo) = self.deliver(title, &change, &view, open.clone(), expect).await?;
        if let Act::Ssh = act {
            self.first = Some(First { event: change.event, undo, open });
        }
        Ok(scene)
    }

    /// Makes the change of a scene: title, what to look at, its state before, the change, whether it is to be closed.
    async fn change(&self, act: Act) -> Result<(&'static str, View, Vec<String>, Change, bool)> {
        let web = View::Group(self.group.clone());
        let (clients, group) = (&self.play.clients, self.group.as_str());
        let before = web.lines(clients).await?;
        Ok(match act {
            Act::Ssh => ("SSH opened to the internet", web, before, people::ssh(clients, group).await?, true),
            Act::Rdp => {
                ("RDP opened to IPv6 alone, by Terraform", web, before, people::rdp(clients, group).await?, true)
            }
            Act::Halves => (
                "PostgreSQL opened to two halves of the internet",
                web,
                before,
                people::halves(clients, group).await?,
                true,
            ),
            Act::AllTraffic => ("All traffic opened", web, before, people::all_traffic(clients, group).await?, true),
            Act::OldRecord => (
                "Redis opened, shown by an old record without rule ids",
                web,
                before,
                people::redis(clients, group).await?,
                true,
            ),
            Act::DefaultGroup => {
                let default = people::default_group(clients).await?;
                let view = View::Group(default.clone());
                let before = view.lines(clients).await?;
                ("A rule on the VPC's default group", view, before, people::on_default(clients, &default).await?, true)
            }
            Act::AccessKey => {
                let change = people::key(clients, "eve").await?;
                let view = View::Keys("eve".to_owned());
                let closed = view.lines(clients).await?.iter().map(|line| line.replace("active", "inactive")).collect();
                ("An access key for a user that may have none", view, closed, change, true)
            }
            Act::Harmless => ("HTTPS opened to one network", web, before, people::https(clients, group).await?, false),
            Act::Refused => ("A call that AWS refused", web, before, people::refused(clients, group).await?, false),
            Act::Repeated => {
                let event = self.first.as_ref().ok_or("nothing was delivered yet")?.event.clone();
                let what = "none: EventBridge delivers the first event a second time".to_owned();
                ("The first event delivered again", web, before, Change { what, event }, false)
            }
            Act::Undone => return Err("an undo is no change of the account's people".into()),
        })
    }

    /// Sends the event through the patterns to the functions, and looks at everything that came of it.
    async fn deliver(
        &mut self,
        title: &str,
        change: &Change,
        view: &View,
        open: Vec<String>,
        expect: Expect,
    ) -> Result<(Scene, Option<String>)> {
        let Change { what, event } = change;
        let mut lines = vec![("change", what.clone())];
        let (mut contained, mut failed, mut unclosed, mut word) = (None, None, None, None);
        let served = self.play.deliver(event).await?;
        if served.is_empty() {
            lines.push(("reaches", "no function".to_owned()));
        }
        let mut evaluated = Vec::new();
        for one in served {
            let name = event["detail"]["eventName"].as_str().unwrap_or_default();
            lines.push(("reaches", format!("{}, by its pattern for {name}", one.function)));
            contained = contained.or(one.containment());
            lines.extend(said(&one.answer));
            lines.push(("calls", calls_line(&one.calls, one.handed)));
            match one.answer {
                Answer::Error { message, .. } => failed = Some(message),
                Answer::Report(report) => {
                    evaluated.push((one.function, report["outcomes"].as_array().map_or(0, Vec::len)));
                    unclosed = unclosed.or(unclosed_in(&report));
                    word = word.or(result_in(&report));
                }
            }
        }
        let heard = self.play.channel.hear().await?;
        let after = view.lines(&self.play.clients).await?;
        lines.extend(states(&open, &after));
        let (notified, undo) = notified(&heard);
        lines.push(("notified", notified));
        if let Some(undo) = &undo {
            lines.push(("undo", undo.clone()));
        }
        let ending = match (failed, expect) {
            (Some(why), _) => Ending::Bad(format!("failed: {why}")),
            (None, Expect::Closed(closed)) if closed == after => Ending::Good("closed".to_owned()),
            (None, Expect::Closed(_)) => Ending::Bad("STILL OPEN".to_owned()),
            (None, Expect::Untouched) if open == after => Ending::Good("left alone".to_owned()),
            (None, Expect::Untouched) => Ending::Bad("CHANGED".to_owned()),
            (None, Expect::Anything) if unclosed.is_some() => Ending::Bad(unclosed.unwrap_or_default()),
            (None, Expect::Anything) => match guarded::reason_not_evaluated(event, &evaluated) {
                Some(why) => Ending::Unjudged(why),
                None => Ending::Reported(word.unwrap_or_else(|| "compliant".to_owned())),
            },
        };
        Ok((Scene { title: title.to_owned(), lines, ending, contained }, undo))
    }

    /// Undoes the first scene's containment by the command that its notification names.
    async fn undo(&mut self) -> Result<Scene> {
        let first = self.first.take().ok_or("nothing was closed yet")?;
        let command = first.undo.ok_or("the notification of the first scene names no undo")?;
        let view = View::Group(self.group.clone());
        let before = view.lines(&self.play.clients).await?;
        undo::run(&self.play.clients, &command).await?;
        let after = view.lines(&self.play.clients).await?;
        let wanted = first.open.iter().all(|line| after.contains(line));
        let mut lines = vec![(
            "change",
            format!("an operator undoes the first containment, by the command of the notification:\n{command}"),
        )];
        lines.extend(states(&before, &after));
        let note = "the rule is back with its description; an exemption keeps it from being closed again";
        lines.push(("note", note.to_owned()));
        let ending =
            if wanted { Ending::Good("as it was".to_owned()) } else { Ending::Bad("NOT AS IT WAS".to_owned()) };
        Ok(Scene { title: "Undone".to_owned(), lines, ending, contained: None })
    }

    /// Plays an event of the reader's own, in a world made to match it as far as the event shows it.
    ///
    /// # Errors
    /// What the local AWS or a function did not do.
    pub async fn play_own(&mut self, event: &Value, beside: &Beside) -> Result<Scene> {
        let stage = self.play.stage(event, beside).await?;
        let Stage { event, view, note, .. } = stage;
        let open = view.lines(&self.play.clients).await?;
        let caller = &event["detail"]["userIdentity"]["arn"];
        let name = event["detail"]["eventName"].as_str().unwrap_or("an event").to_owned();
        let what = format!("{name} by {}\n{note}", caller.as_str().unwrap_or("an unknown caller"));
        let change = Change { what, event };
        Ok(self.deliver(&format!("Your {name}"), &change, &view, open, Expect::Anything).await?.0)
    }
}

/// The result of the first guardrail that has something to say.
fn result_in(report: &Value) -> Option<String> {
    let mut outcomes = report["outcomes"].as_array()?.iter();
    let said = outcomes.find(|outcome| outcome["verdict"] != "compliant")?;
    said["result"].as_str().map(str::to_owned)
}

/// The first outcome of a report that left a hole open against the policy's will.
fn unclosed_in(report: &Value) -> Option<String> {
    let outcomes = report["outcomes"].as_array()?;
    let bad = outcomes.iter().find(|outcome| outcome["result"] == "failed" || outcome["result"] == "partial")?;
    Some(bad["result"].as_str().unwrap_or_default().to_uppercase())
}

fn calls_line(calls: &[Call], handed: Instant) -> String {
    let mut lines = Vec::new();
    let mut others = Vec::new();
    for (at, call) in calls.iter().enumerate() {
        if is_containing(&call.action) {
            let time = call.answered.duration_since(handed).as_millis();
            let request = call.request_id.as_deref().unwrap_or("unnamed");
            let status = call.status.unwrap_or_default();
            lines.push(format!(
                "{}. {} → {status}, {time} ms after the event (request {request})",
                at + 1,
                call.action
            ));
        } else {
            others.push(format!("{}. {}", at + 1, call.action));
        }
    }
    if !others.is_empty() {
        lines.push(others.join(", "));
    }
    if lines.is_empty() { "none".to_owned() } else { lines.join("\n") }
}

/// The verdicts and the plan of an answer.
fn said(answer: &Answer) -> Vec<(&'static str, String)> {
    let report = match answer {
        Answer::Error { kind, message } => return vec![("error", format!("{kind}: {message}"))],
        Answer::Report(report) => report,
    };
    let outcomes = report["outcomes"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let texts =
        |value: &Value| value.as_array().map(|list| list.iter().map(text).collect::<Vec<_>>()).unwrap_or_default();
    let mut verdicts = Vec::new();
    let mut plans: Vec<String> = Vec::new();
    for outcome in outcomes.iter().filter(|outcome| outcome["verdict"] != "compliant") {
        verdicts.push(format!(
            "{} ({}, {}): {}",
            text(&outcome["guardrail"]),
            text(&outcome["verdict"]),
            text(&outcome["severity"]),
            text(&outcome["result"])
        ));
        verdicts.extend(texts(&outcome["reasons"]).iter().map(|reason| format!("  {reason}")));
        plans.extend(
            texts(&outcome["actions"]).into_iter().filter(|action| !plans.contains(action)).collect::<Vec<_>>(),
        );
    }
    if verdicts.is_empty() {
        verdicts.push(match outcomes.len() {
            0 => "none: no guardrail evaluates it".to_owned(),
            1 => "compliant, by the guardrail that it triggers".to_owned(),
            all => format!("compliant, by all {all} guardrails that it triggers"),
        });
    }
    let plan = (!plans.is_empty()).then(|| ("plan", plans.join("\n")));
    std::iter::once(("verdict", verdicts.join("\n"))).chain(plan).collect()
}

/// What was received on the queue, and the undo that it names.
fn notified(heard: &[Value]) -> (String, Option<String>) {
    let mut lines = Vec::new();
    let mut undo = None;
    for notification in heard {
        let finding: Value =
            notification["Message"].as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        lines.push(notification["Subject"].as_str().unwrap_or("(no subject)").to_owned());
        let attributes = notification["MessageAttributes"].as_object().cloned().unwrap_or_default();
        let attributes: Vec<String> = attributes
            .iter()
            .map(|(name, is)| format!("{name}={}", is["Value"].as_str().unwrap_or_default()))
            .collect();
        let size = notification["Message"].as_str().map_or(0, str::len);
        let what = finding["type_name"].as_str().unwrap_or("no finding");
        let status = finding["status"].as_str().unwrap_or("without status");
        lines.push(format!("  {what}, {status} ({size} bytes of OCSF)"));
        lines.push(format!("  {}", attributes.join(" ")));
        let steps = finding["unmapped"]["steps"].as_array().cloned().unwrap_or_default();
        let commands = steps.iter().filter_map(|step| step["undo_command"].as_str().map(str::to_owned));
        undo = undo.or_else(|| commands.reduce(|all, one| all + "\n" + &one));
    }
    if lines.is_empty() { ("no notification".to_owned(), None) } else { (lines.join("\n"), undo) }
}

/// Before and after: what changed in full, what did not as a number.
fn states(before: &[String], after: &[String]) -> Vec<(&'static str, String)> {
    if before.is_empty() && after.is_empty() {
        return Vec::new();
    }
    if before == after {
        return vec![("state", format!("{} (before and after)", before.join("; ")))];
    }
    let stayed = before.iter().filter(|line| after.contains(line)).count();
    let only = |these: &[String], others: &[String], stayed_as: &str| {
        let changed = these.iter().filter(|line| !others.contains(line)).cloned();
        list(&changed.chain((stayed > 0).then(|| format!("{stayed} {stayed_as}"))).collect::<Vec<_>>())
    };
    vec![("before", only(before, after, "more")), ("after", only(after, before, "as before"))]
}

fn list(lines: &[String]) -> String {
    if lines.is_empty() { "nothing".to_owned() } else { lines.join("\n") }
}

/// The account's record of a change, for scenes that need no more than that.
fn by(caller: &str) -> records::Caller {
    match caller.split_once('/') {
        Some((role, session)) => records::Caller::session(role, session),
        None => records::Caller::user(caller),
    }
}

/// An ARN of the local account.
fn arn(service: &str, rest: &str) -> String {
    format!("arn:aws:{service}::{ACCOUNT}:{rest}")
}
