//! An expression of the policy file, read and checked.
//!
//! Every loop of it is counted, with what is searched and compared in it (`evaluate`): the macros of CEL end, but one in the other over a long list take long.

use super::check;
use crate::policy::LONGEST_EXPRESSION;
use cel::IdedExpr;
use cel::common::ast::{CallExpr, Expr, operators};
use cel::parser::PrattParser;
use std::collections::BTreeSet;

/// What an expression is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wants {
    /// Whether something holds.
    Truth,
    /// A text, or what can be shown as one.
    Text,
    /// An id, or a list of ids.
    Ids,
}

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The line and the column in it, each from 1, where the parser says it.
    pub(super) at: Option<(usize, usize)>,
    /// For a person.
    pub(super) says: String,
    /// A name that is not known, and those that are.
    pub(super) unknown: Option<(String, Vec<&'static str>)>,
}

impl Fault {
    pub(super) fn new(says: impl Into<String>) -> Self {
        Self { at: None, says: says.into(), unknown: None }
    }
}

/// An expression that can be evaluated.
#[derive(Debug)]
pub(super) struct Compiled(pub(super) IdedExpr);

/// The function that counts what a loop goes through: no source can call it by that name.
pub(super) const COUNTED: &str = "@counted";
/// The function that fails once too much was counted.
pub(super) const WITHIN: &str = "@within";

impl Compiled {
    /// Reads `text`; the operator's settings have these names.
    pub(super) fn of(text: &str, wants: Wants, settings: &BTreeSet<&str>) -> Result<Self, Fault> {
        if text.len() > LONGEST_EXPRESSION {
            return Err(Fault::new(format!("the expression has more than {LONGEST_EXPRESSION} characters")));
        }
        let mut read = PrattParser::new().parse(text).map_err(|errors| {
            let first = errors.errors.into_iter().next();
            let number = |one: isize| usize::try_from(one).ok().filter(|one| *one > 0);
            let at = first.as_ref().and_then(|error| number(error.pos.0).zip(number(error.pos.1)));
            let says = first.map(|error| error.msg).unwrap_or_default();
            let says =
                says.trim_start_matches("Syntax error: ").replace("'<EOF>'", "the end").replace("<EOF>", "the end");
            Fault { at, says: format!("it is no expression in CEL: {says}"), unknown: None }
        })?;
        check::check(&read, wants, settings)?;
        count(&mut read, false);
        Ok(Self(read))
    }
}

/// What looks at all of a value: free once, and counted in a loop.
const SEARCHES: [&str; 12] = [
    operators::EQUALS,
    operators::NOT_EQUALS,
    operators::LESS,
    operators::LESS_EQUALS,
    operators::GREATER,
    operators::GREATER_EQUALS,
    operators::IN,
    "contains",
    "startsWith",
    "endsWith",
    "string",
    "list",
];

/// Puts [`COUNTED`] around what each loop goes through, and around what is searched or compared in one. `all` and `exists` go on after an error, because a later
/// element may decide: [`WITHIN`] in their condition ends them, since an error there is none of an element.
fn count(node: &mut IdedExpr, in_loop: bool) {
    let is_loop = matches!(node.expr, Expr::Comprehension(_));
    for (at, child) in check::children_mut(node).into_iter().enumerate() {
        // What a loop goes through is evaluated once.
        count(child, in_loop || (is_loop && at > 0));
    }
    let id = node.id;
    if let Expr::Call(call) = &mut node.expr
        && in_loop
        && SEARCHES.contains(&call.func_name.as_str())
    {
        let operands = call.target.as_deref_mut().into_iter().chain(&mut call.args);
        operands.filter(|operand| !matches!(operand.expr, Expr::Literal(_))).for_each(|operand| counted(operand, id));
    }
    if let Expr::Comprehension(comprehension) = &mut node.expr {
        counted(&mut comprehension.iter_range, id);
        // A condition that is a literal is that of the macros that end with an error.
        if !matches!(comprehension.loop_cond.expr, Expr::Literal(_)) {
            let condition = std::mem::take(&mut comprehension.loop_cond);
            let within = CallExpr { func_name: WITHIN.to_owned(), target: None, args: Vec::new() };
            let within = IdedExpr { id: node.id, expr: Expr::Call(within) };
            let args = vec![within, condition.clone(), condition];
            let call = CallExpr { func_name: operators::CONDITIONAL.to_owned(), target: None, args };
            comprehension.loop_cond = IdedExpr { id: node.id, expr: Expr::Call(call) };
        }
    }
}

fn counted(node: &mut IdedExpr, id: u64) {
    let args = vec![std::mem::take(node)];
    let call = CallExpr { func_name: COUNTED.to_owned(), target: None, args };
    *node = IdedExpr { id, expr: Expr::Call(call) };
}
