//! Evaluating an expression over a record: with an end to its work, and every failure as a reason.

use super::expression::{COUNTED, Compiled, WITHIN};
use super::variables;
use crate::engine::event::Event;
use crate::policy::matches_pattern;
use cel::extractors::This;
use cel::{Context, Env, ExecutionError, Value};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

/// How much work the loops, patterns and texts of one guardrail's expressions may be for one record: each element that a loop goes through counts with
/// all that is in it, and so does what is compared or searched in a loop; of a text each so many characters. A record is at most 256 KB, and the largest are of a
/// few thousand elements.
const MOST_WORK: usize = 20_000;
/// So many characters are one piece of work.
const CHARACTERS: usize = 64;

static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

/// What expressions are evaluated over.
pub(super) struct Scope(Context<'static, 'static>);

/// Counts the work.
#[derive(Clone, Default)]
struct Budget(Arc<AtomicUsize>);

impl Budget {
    fn spend(&self, work: usize) -> Result<(), String> {
        let before =
            self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |spent| Some(spent.saturating_add(work)));
        if before.unwrap_or_else(|spent| spent).saturating_add(work) > MOST_WORK {
            return Err(
                "it is too much work for this record (a list is too long for a macro, or a text for a pattern)"
                    .to_owned(),
            );
        }
        Ok(())
    }
}

impl Scope {
    /// Of an event, with the operator's values.
    pub(super) fn new(event: &Event, settings: &Value, trusted: &[String]) -> Result<Self, String> {
        let mut context = Context::with_env(Arc::clone(&ENV));
        for (name, value) in variables::of(event) {
            context.add_variable_from_value(name, value);
        }
        context.add_variable_from_value("settings", settings.clone());
        context.add_variable_from_value("trusted_accounts", variables::texts(trusted));
        let budget = Budget::default();
        functions(&mut context, &budget).map_err(|error| error.to_string())?;
        Ok(Self(context))
    }

    /// The value of an expression, or why it has none.
    pub(super) fn value(&self, expression: &Compiled) -> Result<Value, String> {
        Value::resolve(&expression.0, &self.0).map_err(|error| why(&error))
    }
}

/// What there is beside CEL's own.
fn functions(context: &mut Context<'_, '_>, budget: &Budget) -> Result<(), cel::DeclarationError> {
    let failed = |name: &'static str| move |why: String| ExecutionError::function_error(name, why);
    let spent = budget.clone();
    context.add_function(COUNTED, move |list: Value| -> Result<Value, ExecutionError> {
        spent.spend(weight(&list)).map_err(failed(COUNTED))?;
        Ok(list)
    })?;
    let spent = budget.clone();
    context.add_function(WITHIN, move || -> Result<Value, ExecutionError> {
        spent.spend(0).map_err(failed(WITHIN))?;
        Ok(Value::Bool(true))
    })?;
    let spent = budget.clone();
    context.add_function(
        "glob",
        move |This(text): This<Arc<String>>, pattern: Arc<String>| -> Result<bool, ExecutionError> {
            // Behind a `*`, what follows may be looked for at each place of the text.
            let looks = if pattern.contains('*') { pattern.len() + 1 } else { 1 };
            let work = looks.saturating_mul(text.len() / CHARACTERS + 1).saturating_add(pattern.len() / CHARACTERS);
            spent.spend(work).map_err(failed("glob"))?;
            Ok(matches_pattern(&pattern, &text))
        },
    )?;
    let spent = budget.clone();
    context.add_function("json", move |This(text): This<Arc<String>>| -> Result<Value, ExecutionError> {
        spent.spend(text.len() / CHARACTERS + 1).map_err(failed("json"))?;
        let read = serde_json::from_str(&text).map_err(|_| failed("json")("the text is no JSON".to_owned()))?;
        Ok(variables::from_json(&read))
    })?;
    // JSON of AWS writes one where several could stand.
    context.add_function("list", |This(value): This<Value>| -> Result<Value, ExecutionError> {
        Ok(match value {
            list @ Value::List(_) => list,
            one => Value::List(Arc::new(vec![one])),
        })
    })?;
    let spent = budget.clone();
    context.add_function("lower", move |This(text): This<Arc<String>>| -> Result<Value, ExecutionError> {
        spent.spend(text.len() / CHARACTERS + 1).map_err(failed("lower"))?;
        Ok(Value::String(Arc::new(text.to_lowercase())))
    })
}

/// How much there is in a value.
fn weight(value: &Value) -> usize {
    match value {
        Value::List(items) => items.iter().map(weight).sum::<usize>() + 1,
        Value::Map(map) => map.map.values().map(weight).sum::<usize>() + 1,
        Value::String(text) => text.len() / CHARACTERS + 1,
        Value::Bytes(bytes) => bytes.len() / CHARACTERS + 1,
        _ => 1,
    }
}

/// Why an expression has no value, for a person. The values of the record stay out of it.
fn why(error: &ExecutionError) -> String {
    match error {
        ExecutionError::NoSuchKey(name) => format!("the record has no `{}`", short(name)),
        ExecutionError::UndeclaredReference(name) if matches!(name.as_str(), "request" | "response") => {
            format!("the `{name}` was too large for the record, which leaves it out")
        }
        ExecutionError::NoSuchOverload(overload) => {
            let types = overload.argument_types().join(", ");
            match overload.function() {
                "_._" => format!("a field is asked of what has none ({types})"),
                other => format!("`{}` is given what it does not take ({types})", other.replace('_', "")),
            }
        }
        ExecutionError::IndexOutOfBounds(_) => {
            "a list of the record has fewer elements than the expression asks for".to_owned()
        }
        ExecutionError::FunctionError { function, message } if [COUNTED, WITHIN].contains(&function.as_str()) => {
            message.clone()
        }
        ExecutionError::FunctionError { function, message } => format!("`{}`: {}", short(function), short(message)),
        ExecutionError::UnexpectedType { want, .. } => {
            format!("`{}` was expected, and the record has something else", short(want))
        }
        ExecutionError::UnsupportedBinaryOperator(operator, ..) => {
            format!("the operation `{operator}` is given what it does not take")
        }
        ExecutionError::ValuesNotComparable(..) => "two values are compared that cannot be".to_owned(),
        ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => "it divides by zero".to_owned(),
        _ => "it cannot be evaluated over this record".to_owned(),
    }
}

fn short(text: &str) -> String {
    const LONGEST: usize = 80;
    text.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A value as a person reads it, or none where it is no text, number or list of such.
pub(super) fn shown(value: &Value) -> Option<String> {
    const LONGEST: usize = 300;
    let text = match value {
        Value::String(text) => text.as_str().to_owned(),
        Value::Int(number) => number.to_string(),
        Value::UInt(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::List(items) => items.iter().map(shown).collect::<Option<Vec<_>>>()?.join(", "),
        _ => return None,
    };
    let cut: String = text.chars().take(LONGEST).collect();
    Some(if cut.len() < text.len() { format!("{cut}…") } else { cut })
}
