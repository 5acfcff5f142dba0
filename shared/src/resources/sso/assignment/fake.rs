//! An assignment of Identity Center. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::sso::AccountAssignments;
use shared::resources::sso::assignment::state::{Assigned, Assignment, AssignmentAction, Policies};

fn sample() -> Assigned {
    let text = |text: &str| text.to_owned();
    Assigned {
        instance: text("arn:aws:sso:::instance/ssoins-1111222233334444"),
        account: text("444455556666"),
        set: text("arn:aws:sso:::permissionSet/ssoins-1111222233334444/ps-1111222233334444"),
        principal_type: text("USER"),
        principal: text("11112222-3333-4444-5555-666677778888"),
        by: Vec::new(),
    }
}

impl Living for AccountAssignments {
    fn change(live: &mut Observed<Assignment>, action: &AssignmentAction) -> Result<(), ApplyError> {
        match (action, &*live) {
            (AssignmentAction::Delete(_), Observed::Absent) => return Err(not_there("ResourceNotFoundException")),
            (AssignmentAction::Delete(_), _) => *live = Observed::Absent,
            (AssignmentAction::Create(of), _) => {
                let managed = vec!["arn:aws:iam::aws:policy/AdministratorAccess".to_owned()];
                *live = Observed::Known(Assignment {
                    of: of.clone(),
                    policies: Policies { managed, ..Policies::default() },
                });
            }
        }
        Ok(())
    }

    fn read(live: &Observed<Assignment>, of: &Assigned) -> Observed<Assignment> {
        match live {
            Observed::Known(assignment) => Observed::Known(Assignment { of: of.clone(), ..assignment.clone() }),
            other => other.clone(),
        }
    }

    /// The policies of its permission set.
    fn live(value: &Value) -> Observed<Assignment> {
        Observed::Known(Assignment { of: sample(), policies: serde_json::from_value(value.clone()).unwrap() })
    }

    fn lines(live: &Observed<Assignment>) -> Vec<String> {
        live.known().map(|_| "assigned".to_owned()).into_iter().collect()
    }

    fn samples() -> Vec<Value> {
        vec![json!({ "delete": sample() }), json!({ "create": sample() })]
    }
}
