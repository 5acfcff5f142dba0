//! The other resources of a file: what one of them says may need another to be judged, the policy that an attachment attaches.

use super::{KNOWN_AFTER_APPLY, PlannedResource};
use serde_json::Value;
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// All resources of a file, by the name that the file gives them.
#[derive(Debug, Default)]
pub struct Others<'a> {
    resources: BTreeMap<&'a str, (&'a str, &'a Value)>,
    /// The names by what stands for their ARNs.
    arns: BTreeMap<&'a str, &'a str>,
    index: OnceLock<Box<dyn Any + Send + Sync>>,
}

impl<'a> Others<'a> {
    /// Of these: name, type, properties.
    pub fn of(resources: impl IntoIterator<Item = (&'a str, &'a str, &'a Value)>) -> Self {
        let resources = resources.into_iter().map(|(name, kind, properties)| (name, (kind, properties))).collect();
        Self { resources, ..Self::default() }
    }

    /// The same with what stands in the properties for the ARNs of some: the ARN, and the resource's name.
    #[must_use]
    pub fn with_arns(self, arns: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self { arns: arns.into_iter().collect(), ..self }
    }

    /// The resource of this name.
    #[must_use]
    pub fn get(&'a self, name: &str) -> Option<PlannedResource<'a>> {
        let (name, (kind, properties)) = self.resources.get_key_value(name)?;
        Some(PlannedResource { name, kind, properties, others: Some(self) })
    }

    /// All of them.
    pub fn all(&'a self) -> impl Iterator<Item = PlannedResource<'a>> {
        self.resources.keys().filter_map(|name| self.get(name))
    }

    /// What is found out of all of them once, and not for each again. There is one for a file: none where another kind of index was made.
    pub fn index<T: Any + Send + Sync>(&'a self, make: impl FnOnce(&'a Self) -> T) -> Option<&'a T> {
        self.index.get_or_init(|| Box::new(make(self))).downcast_ref()
    }
}

impl<'a> PlannedResource<'a> {
    /// A resource that stands alone.
    #[must_use]
    pub fn new(name: &'a str, kind: &'a str, properties: &'a Value) -> Self {
        Self { name, kind, properties, others: None }
    }

    /// The same among the others of its file, of which it is one.
    #[must_use]
    pub fn among(self, others: &'a Others<'a>) -> Self {
        Self { others: Some(others), ..self }
    }

    /// The resources of its file, itself among them; none where it stands alone.
    #[must_use]
    pub fn file(&self) -> Option<&'a Others<'a>> {
        self.others
    }

    /// The resource of the same file that the value at a path stands for: in a template by its logical id or the ARN that is made of it, in a plan by what the
    /// configuration refers to.
    #[must_use]
    pub fn made(&self, path: &str) -> Option<PlannedResource<'a>> {
        let others = self.others?;
        match self.raw(path)? {
            Value::String(text) => others.get(others.arns.get(text.as_str()).copied().unwrap_or(text)),
            Value::Object(call) => {
                let reference = call.get(KNOWN_AFTER_APPLY)?.as_str()?;
                let (resource, _) = reference.rsplit_once('.')?;
                others.get(&format!("{}{resource}", module_of(self.name)))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
        }
    }
}

impl<'a> PlannedResource<'a> {
    /// The value at a path of mappings, as it stands.
    pub(super) fn raw(&self, path: &str) -> Option<&'a Value> {
        let mut steps = path.split('.').filter(|step| !step.is_empty());
        steps.try_fold(self.properties, |value, step| value.get(step))
    }
}

/// The module of an address of Terraform: `module.net[0].` of `module.net[0].aws_subnet.a["x"]`.
#[must_use]
pub fn module_of(address: &str) -> &str {
    let mut end = 0;
    let mut rest = address;
    while let Some(tail) = rest.strip_prefix("module.") {
        let Some(dot) = end_of_step(tail) else { break };
        end += "module.".len() + dot + 1;
        rest = &address[end..];
    }
    &address[..end]
}

/// Where the name of a step ends, with its key: dots in a key are no steps.
fn end_of_step(text: &str) -> Option<usize> {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '.' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_value_stands_for_is_found_in_the_same_module() {
        let policy = json!({"name": "p"});
        let of = |reference: &str| json!({"arn": {KNOWN_AFTER_APPLY: reference}});
        let (one, other, none) = (of("aws_iam_policy.p.arn"), of("aws_iam_policy.q.arn"), of(""));
        let inside = "module.a[\"x.y\"].aws_iam_role_policy_attachment.r[0]";
        let others = Others::of([
            ("module.a[\"x.y\"].aws_iam_policy.p", "aws_iam_policy", &policy),
            (inside, "aws_iam_role_policy_attachment", &one),
        ]);
        let made = |name, properties| {
            let it = PlannedResource::new(name, "k", properties).among(&others);
            it.made("arn").map(|made| made.name.to_owned())
        };
        assert_eq!(made(inside, &one).as_deref(), Some("module.a[\"x.y\"].aws_iam_policy.p"));
        assert_eq!((made(inside, &other), made(inside, &none), made("aws_x.y", &one)), (None, None, None));
        assert!(PlannedResource::new(inside, "k", &one).file().is_none());
        let count = others.index(|others| others.all().count());
        assert_eq!((count, others.index(|_| 7_usize)), (Some(&2), Some(&2)), "it is made once");
        assert_eq!(others.index(|_| String::new()), None);
    }

    #[test]
    fn templates_name_by_logical_id_or_arn() {
        let (arn, foreign) = ("arn:aws:iam::111122223333:policy/P", "arn:aws:iam::444455556666:policy/P");
        let policy = json!({});
        let role = json!({"Arn": arn, "Id": "P", "Other": "Q", "Foreign": foreign});
        let others = Others::of([("P", "AWS::IAM::ManagedPolicy", &policy), ("R", "AWS::IAM::Role", &role)]);
        let others = others.with_arns([(arn, "P")]);
        let it = PlannedResource::new("R", "AWS::IAM::Role", &role).among(&others);
        let made = |path: &&str| it.made(path).map(|made| made.kind);
        assert!(["Arn", "Id"].iter().all(|path| made(path) == Some("AWS::IAM::ManagedPolicy")));
        assert!(["Other", "Missing", "Foreign"].iter().all(|path| made(path).is_none()));
    }
}
