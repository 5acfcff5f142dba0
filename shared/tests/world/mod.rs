//! A world without a network: one resource, every call written down, answers that a test can script.

use jiff::Timestamp;
use serde_json::Value;
use shared::families::iam_user::IamUsers;
use shared::families::security_group::{SecurityGroups, rules_of_api_permissions};
use shared::families::{Family, Glance, Observe, ReadError};
use shared::model::Observed;
use shared::model::access_key::{AccessKey, KeyRef, Owner};
use shared::model::security_group::{Direction, GroupAction, GroupRef, SecurityGroup, Source};
use shared::pipeline::Clock;
use shared::plan::{Applied, Apply, ApplyError};
use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// The two resources of the families, as something that calls change.
pub trait Living: Family {
    /// What AWS would do.
    fn change(live: &mut Observed<Self::State>, action: &Self::Action) -> Result<(), ApplyError>;

    /// What a read by this key would answer, when the state is this.
    fn read(live: &Observed<Self::State>, key: &Self::Key) -> Observed<Self::State>;

    /// The state that a fixture's `live` describes.
    fn live(value: &Value) -> Observed<Self::State>;

    /// The state as lines that a fixture can name.
    fn lines(live: &Observed<Self::State>) -> Vec<String>;
}

/// What a look answers.
pub type Look<F> = Result<Observed<<F as Family>::State>, ReadError>;

/// One resource and everything that was asked of it.
pub struct World<F: Family> {
    live: Mutex<Observed<F::State>>,
    /// `look …` and `call …`, in order.
    log: Mutex<Vec<String>>,
    /// What the next calls answer instead; none does the call.
    pub answers: Mutex<VecDeque<Option<ApplyError>>>,
    /// What the next looks show instead; none shows the resource.
    pub looks: Mutex<VecDeque<Option<Look<F>>>>,
}

impl<F: Living> World<F> {
    pub fn new(live: Observed<F::State>) -> Self {
        Self { live: Mutex::new(live), log: Mutex::default(), answers: Mutex::default(), looks: Mutex::default() }
    }

    pub fn answering(self, answers: impl IntoIterator<Item = Option<ApplyError>>) -> Self {
        *self.answers.lock().unwrap() = answers.into_iter().collect();
        self
    }

    pub fn showing(self, looks: impl IntoIterator<Item = Option<Look<F>>>) -> Self {
        *self.looks.lock().unwrap() = looks.into_iter().collect();
        self
    }

    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// The calls that change something.
    pub fn calls(&self) -> Vec<String> {
        self.log().iter().filter_map(|line| line.strip_prefix("call ")).map(str::to_owned).collect()
    }

    /// How many calls there were up to the first that changes something, which is counted too.
    pub fn calls_before_containment(&self) -> Option<usize> {
        self.log().iter().position(|line| line.starts_with("call ")).map(|at| at + 1)
    }

    pub fn lines(&self) -> Vec<String> {
        F::lines(&self.live.lock().unwrap())
    }
}

impl<F: Living> Apply<F::Action> for World<F> {
    async fn apply(&self, action: &F::Action) -> Result<Applied, ApplyError> {
        self.log.lock().unwrap().push(format!("call {action}"));
        match self.answers.lock().unwrap().pop_front().flatten() {
            Some(error) => Err(error),
            None => F::change(&mut self.live.lock().unwrap(), action)
                .map(|()| Applied { request_id: Some("request-1".to_owned()), ..Applied::default() }),
        }
    }
}

impl<F: Living> Observe<F> for World<F> {
    async fn observe(&self, key: &F::Key, glance: Glance) -> Result<Observed<F::State>, ReadError> {
        self.log.lock().unwrap().push(format!("look {glance:?}").to_lowercase());
        match self.looks.lock().unwrap().pop_front().flatten() {
            Some(answer) => answer,
            None => Ok(F::read(&self.live.lock().unwrap(), key)),
        }
    }
}

fn not_there(code: &str) -> ApplyError {
    ApplyError::NotThere { code: code.to_owned() }
}

impl Living for SecurityGroups {
    /// As in a VPC that is not the default one: when one of the rules is not there, none is revoked.
    fn change(live: &mut Observed<SecurityGroup>, action: &GroupAction) -> Result<(), ApplyError> {
        let Observed::Known(group) = live else { return Err(not_there("InvalidGroup.NotFound")) };
        let named = action.set();
        assert_eq!(named.group, group.id, "a call about another group");
        assert!(named.rules.iter().all(|rule| rule.direction == named.direction), "one call, one direction");
        let stands = |element: &str| group.rules.iter().any(|rule| rule.element() == element);
        match action {
            GroupAction::Revoke(set) => {
                if !set.rules.iter().all(|rule| stands(&rule.element())) {
                    return Err(not_there("InvalidPermission.NotFound"));
                }
                group.rules.retain(|rule| !set.rules.iter().any(|gone| gone.element() == rule.element()));
            }
            GroupAction::Authorize(set) => {
                if set.rules.iter().any(|rule| stands(&rule.element())) {
                    return Err(not_there("InvalidPermission.Duplicate"));
                }
                group.rules.extend(set.rules.iter().cloned());
            }
        }
        Ok(())
    }

    fn read(live: &Observed<SecurityGroup>, key: &GroupRef) -> Observed<SecurityGroup> {
        if let (Observed::Known(group), GroupRef::Id(id)) = (live, key) {
            assert_eq!(&group.id, id, "a look at another group");
        }
        live.clone()
    }

    fn live(value: &Value) -> Observed<SecurityGroup> {
        let permissions = |key: &str, direction| {
            let list = value[key].as_array().cloned().unwrap_or_default();
            rules_of_api_permissions(&list, direction).unwrap()
        };
        let mut rules = permissions("IpPermissions", Direction::Ingress);
        rules.extend(permissions("IpPermissionsEgress", Direction::Egress));
        for rule in &mut rules {
            if let Source::PrefixList { id, entries } = &mut rule.source
                && let Some(list) = value["PrefixLists"][id.as_str()].as_array()
            {
                *entries = Observed::Known(list.iter().map(|net| net.as_str().unwrap().parse().unwrap()).collect());
            }
        }
        Observed::Known(SecurityGroup {
            id: value["GroupId"].as_str().unwrap().to_owned(),
            name: Observed::Known(value["GroupName"].as_str().unwrap().to_owned()),
            rules,
            is_whole: true,
        })
    }

    fn lines(live: &Observed<SecurityGroup>) -> Vec<String> {
        live.known().map(|group| group.rules.iter().map(|rule| rule.element()).collect()).unwrap_or_default()
    }
}

impl Living for IamUsers {
    fn change(live: &mut Observed<AccessKey>, action: &shared::model::access_key::KeyAction) -> Result<(), ApplyError> {
        let Observed::Known(key) = live else { return Err(not_there("NoSuchEntity")) };
        assert_eq!(action.key().id, key.id, "a call about another key");
        key.is_active = action.status() == "Active";
        Ok(())
    }

    fn read(live: &Observed<AccessKey>, key: &KeyRef) -> Observed<AccessKey> {
        match live {
            Observed::Known(state) => {
                assert_eq!(state.id, key.id, "a look at another key");
                Observed::Known(AccessKey { owner: key.owner.clone(), ..state.clone() })
            }
            other => other.clone(),
        }
    }

    /// `ListAccessKeys`; the last key is the one in question.
    fn live(value: &Value) -> Observed<AccessKey> {
        let keys = value["AccessKeyMetadata"].as_array().unwrap();
        let is_active = |key: &Value| key["Status"] == "Active";
        let Some(last) = keys.last() else { return Observed::Absent };
        Observed::Known(AccessKey {
            id: last["AccessKeyId"].as_str().unwrap().to_owned(),
            owner: Owner::User(last["UserName"].as_str().unwrap().to_owned()),
            is_active: is_active(last),
            made_by_owner: Observed::Unknown { why: "a list of keys does not say who made them".to_owned() },
            active_keys: Observed::Known(keys.iter().filter(|key| is_active(key)).count()),
        })
    }

    fn lines(live: &Observed<AccessKey>) -> Vec<String> {
        let word = |key: &AccessKey| format!("{} {}", key.id, if key.is_active { "active" } else { "inactive" });
        live.known().map(word).into_iter().collect()
    }
}

/// Every look at it is a millisecond later; a pause is over at once.
#[derive(Default)]
pub struct Watch {
    millis: Mutex<i64>,
    pub pauses: Mutex<Vec<Duration>>,
}

impl Clock for Watch {
    fn now(&self) -> Timestamp {
        let mut millis = self.millis.lock().unwrap();
        *millis += 1;
        let start: Timestamp = "2026-03-02T09:14:20Z".parse().unwrap();
        start + jiff::SignedDuration::from_millis(*millis)
    }

    async fn pause(&self, time: Duration) {
        self.pauses.lock().unwrap().push(time);
    }
}

/// Nothing here ever waits.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a future of the fake world waited"),
    }
}
