//! A call of many elements as several: what an event made is closed however many there are.

use super::{Action, Step, Undo};

/// So many elements go into one call. AWS documents no limit of its own for the calls that name rules or grantees; an ordinary
/// security group (60 rules at most, by default) takes two calls, one at the highest quota (1,000) twenty.
pub const MOST_A_CALL: usize = 50;

impl<A: Action> Step<A> {
    /// The same in steps of at most `most` elements each, with the inverse of each. As it is, where the call or its inverse
    /// cannot be split alike.
    #[must_use]
    pub fn split(&self, most: usize) -> Vec<Self> {
        if self.apply.elements() <= most {
            return vec![self.clone()];
        }
        let parts = self.apply.split(most);
        match &self.undo {
            Undo::Apply(back) => {
                let backs = back.split(most);
                if parts.len() != backs.len() {
                    return vec![self.clone()];
                }
                let pairs = parts.into_iter().zip(backs);
                pairs.map(|(apply, back)| Self { apply, undo: Undo::Apply(back) }).collect()
            }
            Undo::Irreversible { .. } => {
                parts.into_iter().map(|apply| Self { apply, undo: self.undo.clone() }).collect()
            }
        }
    }

    /// What of this step `call` does: all, some of its elements, or nothing.
    #[must_use]
    pub fn within(&self, call: &A) -> Option<Self> {
        let mut whole = call.clone();
        if !whole.absorb(&self.apply) {
            return None;
        }
        if whole == *call {
            return Some(self.clone());
        }
        let elements = self.apply.elements();
        if elements < 2 || whole.elements() == call.elements() + elements {
            return None;
        }
        let halves = self.split(elements.div_ceil(2));
        if halves.len() < 2 {
            return None;
        }
        halves.iter().filter_map(|half| half.within(call)).reduce(|mut all, half| {
            all.absorb(&half);
            all
        })
    }

    /// Whether `call` does all or some of it.
    #[must_use]
    pub fn is_touched_by(&self, call: &A) -> bool {
        self.within(call).is_some()
    }
}

/// Pieces of a list, for [`Action::split`].
pub fn pieces<T: Clone, A>(list: &[T], most: usize, make: impl Fn(Vec<T>) -> A) -> Vec<A> {
    list.chunks(most.max(1)).map(|piece| make(piece.to_vec())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::plan::Plan;
    use crate::resources::ec2::security_group::state::{
        Direction, GroupAction, Rule, RuleSet, Source, Traffic, Transport,
    };
    use rstest::rstest;

    fn set(ports: impl IntoIterator<Item = u16>) -> RuleSet {
        let rule = |port| Rule {
            id: None,
            direction: Direction::Ingress,
            traffic: Traffic::Ports { transport: Transport::Tcp, from: port, to: port },
            source: Source::Cidr("0.0.0.0/0".parse().unwrap()),
            description: Some(port.to_string()),
            tags: Default::default(),
            in_question: true,
        };
        RuleSet {
            group: "sg-1".to_owned(),
            direction: Direction::Ingress,
            rules: ports.into_iter().map(rule).collect(),
        }
    }

    fn step(ports: impl IntoIterator<Item = u16> + Clone) -> Step<GroupAction> {
        let (apply, back) = (GroupAction::Revoke(set(ports.clone())), GroupAction::Authorize(set(ports)));
        Step { apply, undo: Undo::Apply(back) }
    }

    #[rstest]
    #[case(1, &[1])]
    #[case(50, &[50])]
    #[case(51, &[50, 1])]
    #[case(124, &[50, 50, 24])]
    #[case(1_000, &[50; 20])]
    fn many_rules_are_several_calls_each_with_its_inverse(#[case] rules: u16, #[case] expected: &[usize]) {
        let steps = step(0..rules).split(MOST_A_CALL);
        assert_eq!(steps.iter().map(|step| step.apply.elements()).collect::<Vec<_>>(), expected);
        for step in &steps {
            let Undo::Apply(GroupAction::Authorize(back)) = &step.undo else { panic!("{step:?}") };
            assert_eq!(back.rules, step.apply.set().rules, "it brings back what the call takes away");
        }
        let mut whole = Plan::default();
        whole.merge(&Plan { steps });
        assert_eq!(whole.steps, [step(0..rules)], "nothing is lost and nothing is done twice");
    }

    #[rstest]
    #[case::all_of_it(0..10, 0..50, Some(0..10))]
    #[case::some_of_it(40..60, 0..50, Some(40..50))]
    #[case::one_of_many(49..149, 0..50, Some(49..50))]
    #[case::nothing_of_it(50..60, 0..50, None)]
    #[case::it_is_more(0..100, 20..40, Some(20..40))]
    fn each_takes_down_what_a_call_did_for_it(
        #[case] mine: std::ops::Range<u16>,
        #[case] call: std::ops::Range<u16>,
        #[case] expected: Option<std::ops::Range<u16>>,
    ) {
        let call = GroupAction::Revoke(set(call));
        assert_eq!(step(mine).within(&call), expected.map(step));
    }

    #[test]
    fn another_groups_call_did_nothing_for_it() {
        let mut other = set(0..10);
        other.group = "sg-2".to_owned();
        assert_eq!(step(0..10).within(&GroupAction::Revoke(other)), None);
    }
}
