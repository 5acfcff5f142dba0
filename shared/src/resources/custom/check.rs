//! What of an expression can be wrong before there is a record: names, fields, functions, what it makes, and how much work it may be.
//!
//! `cel` parses and evaluates, and checks no types: a record is not typed either. What is sure to be wrong is refused here; what depends on the record is
//! undetermined when it comes.

use super::expression::{Fault, Wants};
use super::variables::{ACTOR, NAMES, RECORD};
use cel::IdedExpr;
use cel::common::ast::{CallExpr, EntryExpr, Expr, LiteralValue, SelectExpr, operators};
use std::collections::BTreeSet;

/// How deep an expression may be: each level of it is one of the evaluation's.
const DEEPEST: usize = 48;
/// How many parts it may have.
const MOST_PARTS: usize = 500;
/// How many macros may stand in each other.
const MOST_LOOPS: usize = 3;
/// How often texts and lists may be put together: each can double what it is given.
const MOST_SUMS: usize = 16;

/// A function, and how many arguments it has with what it is called on.
const FUNCTIONS: [(&str, usize, Makes); 11] = [
    ("contains", 2, Makes::Truth),
    ("double", 1, Makes::Number),
    ("endsWith", 2, Makes::Truth),
    ("glob", 2, Makes::Truth),
    ("int", 1, Makes::Number),
    ("json", 1, Makes::Anything),
    ("list", 1, Makes::List),
    ("lower", 1, Makes::Text),
    ("size", 1, Makes::Number),
    ("startsWith", 2, Makes::Truth),
    ("string", 1, Makes::Text),
];

/// What an expression is sure to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Makes {
    Truth,
    Number,
    Text,
    List,
    Map,
    Null,
    /// That depends on the record.
    Anything,
}

impl Makes {
    fn word(self) -> &'static str {
        match self {
            Self::Truth => "true or false",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::List => "a list",
            Self::Map => "a map",
            Self::Null => "null",
            Self::Anything => "anything",
        }
    }
}

/// Refuses an expression that cannot be meant.
pub(super) fn check(node: &IdedExpr, wants: Wants, settings: &BTreeSet<&str>) -> Result<(), Fault> {
    let mut walk = Walk { settings, bound: Vec::new(), parts: 0, loops: 0, sums: 0 };
    walk.node(node, 0)?;
    let makes = walk.makes(node);
    let is_right = match wants {
        Wants::Truth => matches!(makes, Makes::Truth | Makes::Anything),
        Wants::Text => !matches!(makes, Makes::Map | Makes::Null),
        Wants::Ids => matches!(makes, Makes::Text | Makes::List | Makes::Anything),
    };
    let expected = match wants {
        Wants::Truth => "true or false was expected, such as `region != \"eu-central-1\"`",
        Wants::Text => "a text was expected",
        Wants::Ids => "an id or a list of ids was expected",
    };
    if is_right { Ok(()) } else { Err(Fault::new(format!("it makes {}: {expected}", makes.word()))) }
}

struct Walk<'s> {
    settings: &'s BTreeSet<&'s str>,
    /// The names that macros bind where the walk is.
    bound: Vec<String>,
    parts: usize,
    loops: usize,
    sums: usize,
}

impl Walk<'_> {
    fn node(&mut self, node: &IdedExpr, depth: usize) -> Result<(), Fault> {
        self.parts += 1;
        if depth > DEEPEST || self.parts > MOST_PARTS {
            return Err(Fault::new(format!(
                "the expression is too large: at most {MOST_PARTS} parts, at most {DEEPEST} in each other"
            )));
        }
        match &node.expr {
            Expr::Ident(name) => self.name(name),
            Expr::Select(select) => {
                self.field(&select.operand, &select.field)?;
                self.node(&select.operand, depth + 1)
            }
            Expr::Call(call) => self.call(call, depth),
            Expr::Comprehension(comprehension) => {
                self.node(&comprehension.iter_range, depth + 1)?;
                if NAMES.contains(&comprehension.iter_var.as_str()) {
                    let name = &comprehension.iter_var;
                    return Err(Fault::new(format!(
                        "`{name}` is a predefined variable: give the macro's variable another name"
                    )));
                }
                self.loops += 1;
                if self.loops > MOST_LOOPS {
                    return Err(Fault::new(format!("more than {MOST_LOOPS} macros stand in each other")));
                }
                let known = self.bound.len();
                self.bound.extend([comprehension.iter_var.clone(), comprehension.accu_var.clone()]);
                for part in [
                    &comprehension.accu_init,
                    &comprehension.loop_cond,
                    &comprehension.loop_step,
                    &comprehension.result,
                ] {
                    self.node(part, depth + 1)?;
                }
                self.bound.truncate(known);
                self.loops -= 1;
                Ok(())
            }
            Expr::Struct(made) => {
                Err(Fault::new(format!("`{}`: message types are not supported here", made.type_name)))
            }
            Expr::List(list) => list.elements.iter().try_for_each(|element| self.node(element, depth + 1)),
            Expr::Map(map) => map.entries.iter().try_for_each(|entry| match &entry.expr {
                EntryExpr::MapEntry(entry) => {
                    self.node(&entry.key, depth + 1)?;
                    self.node(&entry.value, depth + 1)
                }
                EntryExpr::StructField(field) => self.node(&field.value, depth + 1),
            }),
            Expr::Literal(_) | Expr::Unspecified => Ok(()),
        }
    }

    fn name(&self, name: &str) -> Result<(), Fault> {
        if self.bound.iter().any(|bound| bound == name) || NAMES.contains(&name) {
            return Ok(());
        }
        Err(unknown(&format!("there is no variable `{name}`"), name, &NAMES))
    }

    /// A field of what has a known shape.
    fn field(&self, of: &IdedExpr, field: &str) -> Result<(), Fault> {
        let Expr::Ident(name) = &of.expr else { return Ok(()) };
        if self.bound.contains(name) {
            return Ok(());
        }
        match (name.as_str(), field) {
            ("record", "requestParameters") => Err(Fault::new("`record.requestParameters` is called `request` here")),
            ("record", "responseElements") => Err(Fault::new("`record.responseElements` is called `response` here")),
            ("record", "userIdentity") => Err(Fault::new("`record.userIdentity` is called `actor` here")),
            ("record", _) => known(name, field, &RECORD),
            ("actor", _) => known(name, field, &ACTOR),
            ("settings", _) if !self.settings.contains(field) => {
                Err(Fault::new(format!("`settings` of this guardrail has no `{field}`")))
            }
            (_, _) => Ok(()),
        }
    }

    fn call(&mut self, call: &CallExpr, depth: usize) -> Result<(), Fault> {
        let CallExpr { func_name, target, args } = call;
        let all: Vec<&IdedExpr> = target.as_deref().into_iter().chain(args).collect();
        match func_name.as_str() {
            operators::INDEX => {
                if let [of, IdedExpr { expr: Expr::Literal(LiteralValue::String(field)), .. }] = all.as_slice() {
                    self.field(of, field.inner())?;
                }
            }
            operators::ADD if !self.is_of_a_macro(args) => {
                self.sums += 1;
                if self.loops > 0 || self.sums > MOST_SUMS {
                    return Err(Fault::new(format!(
                        "`+` stands in a macro, or more than {MOST_SUMS} times: what it makes could be of any size"
                    )));
                }
            }
            operators::LOGICAL_AND | operators::LOGICAL_OR | operators::LOGICAL_NOT => {
                args.iter().try_for_each(|part| self.is_truth(part, func_name))?;
            }
            operators::CONDITIONAL => args.first().map_or(Ok(()), |condition| self.is_truth(condition, func_name))?,
            name if is_operator(name) => {}
            name => {
                let Some((_, count, _)) = FUNCTIONS.iter().find(|(known, _, _)| *known == name) else {
                    let names = FUNCTIONS.map(|(name, _, _)| name);
                    let says = match name {
                        "matches" => {
                            "there is no function `matches` here: `glob(text, pattern)` takes `*` and `?` as IAM does"
                                .to_owned()
                        }
                        _ => format!("there is no function `{name}` here"),
                    };
                    return Err(unknown(&says, name, &names));
                };
                if all.len() != *count {
                    return Err(Fault::new(format!(
                        "`{name}` takes {count} in all, what it is called on included, and has {}",
                        all.len()
                    )));
                }
            }
        }
        all.into_iter().try_for_each(|part| self.node(part, depth + 1))
    }

    /// What a macro itself puts together.
    fn is_of_a_macro(&self, args: &[IdedExpr]) -> bool {
        let first = args.first().map(|first| &first.expr);
        matches!(first, Some(Expr::Ident(name)) if name.starts_with('@') && self.bound.contains(name))
    }

    fn is_truth(&self, node: &IdedExpr, operator: &str) -> Result<(), Fault> {
        match self.makes(node) {
            Makes::Truth | Makes::Anything => Ok(()),
            other => {
                let shown = match operator {
                    operators::CONDITIONAL => "? :".to_owned(),
                    other => other.replace('_', ""),
                };
                Err(Fault::new(format!("`{shown}` is given {}: true or false was expected", other.word())))
            }
        }
    }

    fn makes(&self, node: &IdedExpr) -> Makes {
        match &node.expr {
            Expr::Literal(value) => match value {
                LiteralValue::Boolean(_) => Makes::Truth,
                LiteralValue::Double(_) | LiteralValue::Int(_) | LiteralValue::UInt(_) => Makes::Number,
                LiteralValue::String(_) | LiteralValue::Bytes(_) => Makes::Text,
                LiteralValue::Null => Makes::Null,
            },
            Expr::Ident(name) if self.bound.contains(name) => Makes::Anything,
            Expr::Ident(name) => match name.as_str() {
                "account" | "region" => Makes::Text,
                "trusted_accounts" => Makes::List,
                name if NAMES.contains(&name) => Makes::Map,
                // What is no variable at all is said by its name.
                _ => Makes::Anything,
            },
            Expr::Select(SelectExpr { test: true, .. }) => Makes::Truth,
            Expr::List(_) => Makes::List,
            Expr::Map(_) | Expr::Struct(_) => Makes::Map,
            Expr::Comprehension(comprehension) => match (&comprehension.accu_init.expr, &comprehension.result.expr) {
                (Expr::Literal(LiteralValue::Boolean(_)), _) | (_, Expr::Call(_)) => Makes::Truth,
                (Expr::List(_), _) => Makes::List,
                _ => Makes::Anything,
            },
            Expr::Call(call) => self.call_makes(call),
            Expr::Select(_) | Expr::Unspecified => Makes::Anything,
        }
    }

    fn call_makes(&self, call: &CallExpr) -> Makes {
        let of = |at: usize| call.args.get(at).map_or(Makes::Anything, |part| self.makes(part));
        match call.func_name.as_str() {
            operators::CONDITIONAL if of(1) == of(2) => of(1),
            operators::CONDITIONAL | operators::INDEX => Makes::Anything,
            operators::ADD if of(0) == of(1) => of(0),
            operators::ADD => Makes::Anything,
            operators::SUBSTRACT | operators::MULTIPLY | operators::DIVIDE | operators::MODULO | operators::NEGATE => {
                Makes::Number
            }
            name if is_operator(name) => Makes::Truth,
            name => {
                FUNCTIONS.iter().find(|(known, _, _)| *known == name).map_or(Makes::Anything, |(_, _, makes)| *makes)
            }
        }
    }
}

/// What stands between its arguments, and what macros are made of.
const OPERATORS: [&str; 18] = [
    operators::ADD,
    operators::CONDITIONAL,
    operators::DIVIDE,
    operators::EQUALS,
    operators::GREATER,
    operators::GREATER_EQUALS,
    operators::IN,
    operators::INDEX,
    operators::LESS,
    operators::LESS_EQUALS,
    operators::LOGICAL_AND,
    operators::LOGICAL_NOT,
    operators::LOGICAL_OR,
    operators::MODULO,
    operators::MULTIPLY,
    operators::NEGATE,
    operators::NOT_EQUALS,
    operators::NOT_STRICTLY_FALSE,
];

fn is_operator(name: &str) -> bool {
    OPERATORS.contains(&name) || name == operators::SUBSTRACT
}

fn known(of: &str, field: &str, fields: &[&'static str]) -> Result<(), Fault> {
    if fields.contains(&field) {
        return Ok(());
    }
    Err(unknown(&format!("`{of}` has no field `{field}` (it has {})", fields.join(", ")), field, fields))
}

fn unknown(says: &str, word: &str, known: &[&'static str]) -> Fault {
    Fault { at: None, says: says.to_owned(), unknown: Some((word.to_owned(), known.to_vec())) }
}

/// The parts of an expression; of a macro first what it goes through.
pub(super) fn children_mut(node: &mut IdedExpr) -> Vec<&mut IdedExpr> {
    match &mut node.expr {
        Expr::Call(call) => call.target.as_deref_mut().into_iter().chain(&mut call.args).collect(),
        Expr::Comprehension(one) => {
            let one = one.as_mut();
            vec![&mut one.iter_range, &mut one.accu_init, &mut one.loop_cond, &mut one.loop_step, &mut one.result]
        }
        Expr::List(list) => list.elements.iter_mut().collect(),
        Expr::Map(map) => map
            .entries
            .iter_mut()
            .flat_map(|entry| match &mut entry.expr {
                EntryExpr::MapEntry(entry) => vec![&mut entry.key, &mut entry.value],
                EntryExpr::StructField(field) => vec![&mut field.value],
            })
            .collect(),
        Expr::Select(select) => vec![&mut select.operand],
        Expr::Ident(_) | Expr::Literal(_) | Expr::Struct(_) | Expr::Unspecified => Vec::new(),
    }
}
