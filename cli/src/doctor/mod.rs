//! `parapet doctor`: whether Parapet is really working in an account.
//!
//! The expected state comes from the stack's template with its parameters (`GetTemplate`, processed), the actual state from the services' APIs. Calls are data and
//! answers are too, so that every judgement is a function of them; [`answers::Ask`] is the one seam. Nothing is changed.

pub mod answers;
pub mod calls;
pub mod checks;
pub mod deployed;
pub mod documents;
pub mod line;
pub mod show;

use answers::{Answers, Ask};
use checks::policy::Location;
use checks::{alive, channel, functions, ledger, policy, regions, roles, rules, stack, trail};
use deployed::Deployed;
use jiff::Timestamp;
use line::{Check, Line};
use shared::engine::observed::{Observed, Place};
use shared::engine::request::Answer;

/// What to look at.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The stack's name.
    pub stack: String,
    /// The account, and the region that is asked which others there are.
    pub place: Place,
    /// The regions; none for all that have the stack.
    pub regions: Vec<String>,
    /// The text of the policy file that was deployed with the functions, where it was given.
    pub policy: Option<String>,
}

/// Looks at everything in the scope.
pub async fn run_checks(ask: &impl Ask, scope: &Scope, now: Timestamp, version: &str) -> Vec<Line> {
    let (home, stack) = (scope.place.region.as_str(), scope.stack.as_str());
    let mut answers = Answers::default();
    answers.add(ask, regions::asks(home)).await;
    answers.add(ask, regions::stacks(home, stack, &answers)).await;
    answers.add(ask, regions::events(home, stack, &answers, now)).await;
    let chosen = match &*scope.regions {
        [] => {
            let all = regions::enabled(home, &answers).into_iter();
            all.filter(|one| answers.of(&calls::describe_stacks(one, stack)).known().is_some()).collect()
        }
        named => named.to_vec(),
    };
    let mut lines = Vec::new();
    let mut deployed = Vec::new();
    for region in &chosen {
        let place = Place { region: region.clone(), ..scope.place.clone() };
        match find(ask, &mut answers, stack, &place).await {
            Ok(found) => {
                lines.extend(of_stack(ask, &mut answers, scope, &found, now, version).await);
                deployed.push(found);
            }
            Err(line) => lines.push(line),
        }
    }
    if chosen.is_empty() {
        let mut check = Check::new("stack", home);
        match regions::unseen(home, stack, &answers) {
            Some(why) => check.unknown(stack, format!("in which regions it is deployed is not known: {why}")),
            None => check.fault(stack, "it is deployed in no region", NO_STACK),
        }
        lines.extend(check.lines());
    }
    lines.extend(trails(ask, &mut answers, chosen, calls::of_iam(home).1).await);
    lines.extend(regions::judge(home, stack, &deployed, &answers, now));
    lines
}

const NO_STACK: &str = "deploy it (`make deploy`), or name it with `--stack-name`, and its region with `--region`";

/// The stack of a region.
async fn find(ask: &impl Ask, answers: &mut Answers, stack: &str, place: &Place) -> Result<Deployed, Line> {
    let region = &place.region;
    let asked = [
        calls::describe_stacks(region, stack),
        calls::get_template(region, stack),
        calls::list_stack_resources(region, stack),
    ];
    answers.add(ask, asked.to_vec()).await;
    let mut check = Check::new("stack", region);
    let mut seen: Vec<&Answer> = Vec::new();
    for call in &asked {
        match answers.of(call) {
            Observed::Known(answer) => seen.push(answer),
            Observed::Absent => check.fault(stack, "it does not exist here", NO_STACK),
            Observed::Unknown { why } => check.unknown(stack, why),
        }
    }
    let read = match &*seen {
        [stacks, template, resources] => Deployed::read(stack, place, stacks, template, resources),
        _ => return Err(worst(check, "it could not be seen")),
    };
    read.map_err(|why| {
        check.unknown(stack, why);
        worst(check, "it could not be read")
    })
}

fn worst(check: Check, otherwise: &str) -> Line {
    let mut lines = check.or_well(otherwise);
    lines.sort_by_key(|line| line.state != line::State::Fault);
    lines.swap_remove(0)
}

/// Everything about a stack.
async fn of_stack(
    ask: &impl Ask,
    answers: &mut Answers,
    scope: &Scope,
    deployed: &Deployed,
    now: Timestamp,
    version: &str,
) -> Vec<Line> {
    let asked = [
        rules::asks(deployed),
        functions::asks(deployed),
        roles::asks(deployed),
        channel::asks(deployed),
        ledger::asks(deployed),
        alive::asks(deployed, now),
    ];
    answers.add(ask, asked.concat()).await;
    answers.add(ask, roles::more(deployed, answers)).await;
    let text = match (policy::location(deployed), &scope.policy) {
        (Location::Object(uri), _) => ask.policy(&deployed.place.region, uri).await,
        (Location::Deployed(_), Some(text)) => Observed::Known(text.clone()),
        (Location::Deployed(_), None) => {
            Observed::Unknown { why: "it was deployed with the functions, and what it says is not shown".to_owned() }
        }
        (Location::BuiltIn, _) => Observed::Absent,
    };
    let answers = &*answers;
    [
        stack::judge(deployed),
        rules::judge(deployed, answers),
        functions::judge(deployed, answers),
        roles::judge(deployed, answers),
        channel::topic(deployed, answers),
        channel::dead_letters(deployed, answers),
        ledger::judge(deployed, answers),
        alive::heartbeat(deployed, answers, now, version),
        alive::sweep(deployed, answers, now),
        alive::alarms(deployed, answers),
        policy::judge(deployed, answers, &text),
    ]
    .concat()
}

/// The trails of these regions, and of the one where the events of global services arrive.
async fn trails(ask: &impl Ask, answers: &mut Answers, regions: Vec<String>, global: &str) -> Vec<Line> {
    let mut all = regions;
    if !all.iter().any(|region| region == global) {
        all.push(global.to_owned());
    }
    answers.add(ask, all.iter().flat_map(|region| trail::asks(region)).collect()).await;
    let more = all.iter().flat_map(|region| trail::more(region, answers)).collect();
    answers.add(ask, more).await;
    all.iter().flat_map(|region| trail::judge(region, region == global, answers)).collect()
}

#[cfg(test)]
mod tests;
