//! The session of Macie: whether it is enabled, and not paused. LOG-09.
//!
//! Sources: "DisableMacie", "EnableMacie", "UpdateMacieSession", "GetMacieSession" (Macie API reference). Pausing keeps settings and findings; disabling deletes both. Where Macie is not
//! enabled, a read is refused as if the caller may not: then it is not known.
//!
//! Each guardrail is a description, [`SessionSetting`]: which call puts it right.

pub mod disabled;
pub mod paused;

pub use disabled::MacieEnabled;
pub use paused::MacieRunning;

use super::{MACIE, SOURCE};
use crate::engine::setting::prelude::*;
use crate::resources::callers::{AllowedPrincipals, callers};
use std::fmt::Debug;
use std::marker::PhantomData;

const IDS: &[&str] = &["arn:%:macie2:%:%:session"];
const GET: Permission = Permission::read("macie2:GetMacieSession");

/// Who called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRef {
    /// See [`callers`].
    pub by: Vec<String>,
}

/// The session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Who called.
    pub of: SessionRef,
    /// Whether it runs.
    pub is_on: bool,
}

/// What the session should be: a switch, which one call throws.
pub trait SessionSetting: Copy + Debug + Default + PartialEq + Send + Sync + 'static {
    /// See [`Setting::KIND`].
    const KIND: &'static str;
    /// See [`Setting::ABOUT`].
    const ABOUT: &'static About;
    /// The call that puts it right, and the one that does the opposite.
    const CALLS: &'static [Call<bool>];
    /// See [`Setting::UNDOES`].
    const UNDOES: &'static [Permission];
    /// What became of it, for a person.
    const WHY: &'static str;
    /// See [`Setting::PLANNED`].
    const PLANNED: &'static [PlannedForm<Session>] = &[];

    /// Whether it runs after the call; none where the call is about something else.
    ///
    /// # Errors
    /// [`Unlocatable`] when the record does not say.
    fn left_by(event: &Event) -> Result<Option<bool>, Unlocatable>;

    /// See [`SignedSetting::set`].
    fn set(is_on: bool) -> Request;
}

/// The family of such a setting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sessions<S>(PhantomData<S>);

impl<S: SessionSetting> Setting for Sessions<S> {
    type Key = SessionRef;
    type State = Session;
    type Subject = ();
    type Value = bool;
    type Settings = AllowedPrincipals;

    const KIND: &'static str = S::KIND;
    const STRICTEST: bool = true;
    const READS: &'static [Permission] = &[GET];
    const UNDOES: &'static [Permission] = S::UNDOES;
    const ABOUT: &'static About = S::ABOUT;
    const CALLS: &'static [Call<bool>] = S::CALLS;
    const PLANNED: &'static [PlannedForm<Session>] = S::PLANNED;

    fn changed_by(event: &Event) -> Result<Vec<Target<SessionRef, Session>>, Unlocatable> {
        if !event.is_one_of(SOURCE, S::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let key = SessionRef { by: callers(event) };
        let target = |is_on| Target { proven: Some(Session { of: key.clone(), is_on }), key, changed: None };
        Ok(S::left_by(event)?.map(target).into_iter().collect())
    }

    fn narrow(session: &mut Session, target: &Target<SessionRef, Session>) {
        session.of.clone_from(&target.key);
    }

    fn named(_: &SessionRef, Place { partition, account, region }: &Place) -> Resource {
        let id = format!("arn:{partition}:macie2:{region}:{account}:session");
        Resource { id, kind: "Other", name: "Macie".to_owned() }
    }

    fn shown(session: &Session) -> Shown<(), bool> {
        Shown::of((), session.is_on, S::WHY)
    }

    fn is_in_question(session: &Session, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&session.of.by)
    }

    fn why(_: &Session, _: &Terms<'_>) -> String {
        format!("Macie is {} in this region: it looks for no sensitive data", S::WHY)
    }
}

impl<S: SessionSetting> SignedSetting for Sessions<S> {
    const API: &'static Api = &MACIE;

    fn get(_: &SessionRef) -> Request {
        Request::rest("GetMacieSession", "GET", &["macie"])
    }

    fn got(key: &SessionRef, answer: &Answer) -> Observed<Session> {
        let is_on = match answer.text("status") {
            Some("ENABLED") => true,
            Some("PAUSED") => false,
            Some(_) | None => {
                return Observed::Unknown { why: "the answer does not show whether Macie runs".to_owned() };
            }
        };
        Observed::Known(Session { of: key.clone(), is_on })
    }

    fn set((): &(), is_on: bool) -> Request {
        S::set(is_on)
    }

    /// Only the event of such a call is one: nothing is listed.
    fn listed(_: &Answer) -> Listing<Self> {
        Listing { found: Vec::new(), next: None }
    }
}
