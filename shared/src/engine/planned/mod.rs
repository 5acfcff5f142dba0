//! The planned lens: a resource as a template of CloudFormation or a plan of Terraform says it, and how a state is read from it.
//!
//! A family names the types that it reads, each with a function, [`PlannedForm`]. A function asks [`PlannedResource`] for properties by their
//! path, `LaunchTemplateData.MetadataOptions.HttpTokens`. A value that is known at deployment only ends the reading with an error that
//! names the property: the guardrails are undetermined then, and never silent. Terraform writes a nested block as a list of one: a path
//! goes through it.

pub(crate) mod document;
mod open;
mod others;

pub use open::{KNOWN_AFTER_APPLY, is_function, is_unresolved, scalar_text, unresolved_reason};
pub use others::{Others, module_of};

use crate::engine::guardrail::About;
use crate::engine::unreadable::Unreadable;
use open::open_call;
use serde_json::Value;

/// A resource that a template or a plan would leave there.
#[derive(Clone, Copy, Debug)]
pub struct PlannedResource<'a> {
    /// The logical id, or Terraform's address: it stands for the name that AWS will give.
    pub name: &'a str,
    /// `AWS::RDS::DBInstance`, `aws_db_instance`.
    pub kind: &'a str,
    /// What the file says of it.
    pub properties: &'a Value,
    others: Option<&'a Others<'a>>,
}

/// A type of resource, and how the states that it makes are read.
#[derive(Debug)]
pub struct PlannedForm<S: 'static> {
    /// The type: CloudFormation's name or Terraform's.
    pub kind: &'static str,
    read: Read<S>,
    /// The guardrail that it says something of; all of the family, without.
    only: Option<&'static About>,
    /// See [`Self::among`].
    pub owner: Option<&'static str>,
}

/// The other resources of a file that are parts of the same: the entries of one network ACL. A list under this name, beside the properties.
pub const SIBLINGS: &str = "(siblings)";

/// What a resource of a file says about the subject of a family.
type ReadOne<S> = fn(&PlannedResource<'_>) -> Result<Option<S>, Unreadable>;
type ReadEach<S> = fn(&PlannedResource<'_>) -> Vec<Result<S, Unreadable>>;
type ReadOpen<S> = fn(&PlannedResource<'_>) -> Vec<Seen<S>>;

/// A state as far as it is known, and what is open of it; or why nothing is.
pub type Seen<S> = Result<(S, Option<Open<S>>), Unreadable>;

/// What of a state is known at deployment only.
#[derive(Clone, Debug, PartialEq)]
pub struct Open<S> {
    /// For a person.
    pub why: String,
    /// The states that the open parts could make at most: what complies with all of them complies. Without any, that cannot be said.
    pub widest: Vec<S>,
}

#[derive(Debug)]
enum Read<S: 'static> {
    One(ReadOne<S>),
    Each(ReadEach<S>),
    Open(ReadOpen<S>),
}

impl<S> Copy for Read<S> {}

impl<S> Clone for Read<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for PlannedForm<S> {}

impl<S> Clone for PlannedForm<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> PlannedForm<S> {
    /// One state, or none where the resource says nothing of it.
    #[must_use]
    pub const fn one(kind: &'static str, read: ReadOne<S>) -> Self {
        Self { kind, read: Read::One(read), only: None, owner: None }
    }

    /// Several states: a role holds any number of policies.
    #[must_use]
    pub const fn each(kind: &'static str, read: ReadEach<S>) -> Self {
        Self { kind, read: Read::Each(read), only: None, owner: None }
    }

    /// Several states, of which parts may be open.
    #[must_use]
    pub const fn open(kind: &'static str, read: ReadOpen<S>) -> Self {
        Self { kind, read: Read::Open(read), only: None, owner: None }
    }

    /// The same for one guardrail of the family: of what the others look at, the resource says nothing.
    #[must_use]
    pub const fn only(self, guardrail: &'static About) -> Self {
        Self { only: Some(guardrail), ..self }
    }

    /// The same for a part of a larger resource that this property names: it is read with the others of the file that name the same, under
    /// [`SIBLINGS`].
    #[must_use]
    pub const fn among(self, owner: &'static str) -> Self {
        Self { owner: Some(owner), ..self }
    }

    /// Whether it says something of what this guardrail looks at.
    #[must_use]
    pub fn is_about(&self, guardrail: &str) -> bool {
        self.only.is_none_or(|only| only.name == guardrail)
    }

    /// The states of a resource of this type.
    #[must_use]
    pub fn states(&self, resource: &PlannedResource<'_>) -> Vec<Seen<S>> {
        let whole = |state: Result<S, Unreadable>| state.map(|state| (state, None));
        match self.read {
            Read::One(read) => read(resource).transpose().into_iter().map(whole).collect(),
            Read::Each(read) => read(resource).into_iter().map(whole).collect(),
            Read::Open(read) => read(resource),
        }
    }
}

impl<'a> PlannedResource<'a> {
    /// Whether it stands in a plan of Terraform.
    #[must_use]
    pub fn is_terraform(&self) -> bool {
        !self.kind.contains("::")
    }

    /// The property at a path of names with dots between; none where it is not there.
    ///
    /// # Errors
    /// It, or something that it stands in, is known at deployment only.
    pub fn get(&self, path: &str) -> Result<Option<&'a Value>, Unreadable> {
        at(self.properties, path).map_err(|why| open_at(path, &why))
    }

    /// A flag. CloudFormation takes it as a text, too.
    ///
    /// # Errors
    /// See [`Self::get`]; a value of another form.
    pub fn flag(&self, path: &str) -> Result<Option<bool>, Unreadable> {
        let Some(value) = self.get(path)? else { return Ok(None) };
        match value {
            Value::Bool(flag) => Ok(Some(*flag)),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                Err(format!("`{path}` is neither `true` nor `false`").into())
            }
        }
    }

    /// A text; a number or a flag counts as one, and an empty text as none.
    ///
    /// # Errors
    /// See [`Self::get`]; a value of another form.
    pub fn text(&self, path: &str) -> Result<Option<String>, Unreadable> {
        let Some(value) = self.get(path)? else { return Ok(None) };
        let text = scalar_text(value).ok_or_else(|| Unreadable::from(format!("`{path}` is no text")))?;
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// A whole number.
    ///
    /// # Errors
    /// See [`Self::get`]; a value of another form.
    pub fn number(&self, path: &str) -> Result<Option<i64>, Unreadable> {
        let Some(text) = self.text(path)? else { return Ok(None) };
        text.trim().parse().map(Some).map_err(|cause| Unreadable::Number { key: path.to_owned(), cause })
    }

    /// A part of it, as a resource with properties of its own.
    #[must_use]
    pub fn part(&self, properties: &'a Value) -> Self {
        Self { properties, ..*self }
    }

    /// The elements of a list; of what is not in a list, itself. None where it is not there.
    ///
    /// # Errors
    /// See [`Self::get`]. What is unknown in an element does not hide the others: it is an error when the element is asked for it.
    pub fn parts(&self, path: &str) -> Result<Vec<PlannedResource<'a>>, Unreadable> {
        let part = |properties| self.part(properties);
        match whole(self.properties, path) {
            Ok(Some(Value::Array(items))) => Ok(items.iter().map(part).collect()),
            Ok(Some(one)) => Ok(vec![part(one)]),
            Ok(None) => Ok(Vec::new()),
            // One resource of the file, by what refers to it.
            Err(why) => match self.raw(path).filter(|_| self.made(path).is_some()) {
                Some(one) => Ok(vec![part(one)]),
                None => Err(open_at(path, &why)),
            },
        }
    }

    /// The texts of a list.
    ///
    /// # Errors
    /// See [`Self::get`]; one of them is known at deployment only.
    pub fn texts(&self, path: &str) -> Result<Vec<String>, Unreadable> {
        let texts = self.parts(path)?.into_iter().map(|part| part.text(""));
        texts.filter_map(|text| text.map_err(|why| open_at(path, &why.to_string())).transpose()).collect()
    }

    /// How this format calls a property: CloudFormation's name or Terraform's.
    #[must_use]
    pub fn called<'n>(&self, cloudformation: &'n str, terraform: &'n str) -> &'n str {
        if self.is_terraform() { terraform } else { cloudformation }
    }

    /// Whether nothing is written at a property.
    #[must_use]
    pub fn is_left_out(&self, property: &str) -> bool {
        match self.properties.get(property) {
            None | Some(Value::Null) => true,
            Some(Value::Array(items)) => items.is_empty(),
            Some(Value::Object(_) | Value::Bool(_) | Value::Number(_) | Value::String(_)) => false,
        }
    }

    /// Whether the value at a path of mappings stands for a resource of the same file, which is made in the same account.
    #[must_use]
    pub fn is_made_beside_it(&self, path: &str) -> bool {
        if self.made(path).is_some() {
            return true;
        }
        let value = path.split('.').try_fold(self.properties, |value, key| value.get(key));
        let of = value.and_then(|value| value.get("Fn::GetAtt")).and_then(Value::as_array);
        of.is_some_and(|of| of.last().and_then(Value::as_str) == Some("Arn"))
    }

    /// The name that one of these properties gives it where it is known, else [`Self::name`].
    #[must_use]
    pub fn named(&self, paths: &[&str]) -> String {
        let given = paths.iter().find_map(|path| self.text(path).ok().flatten());
        given.unwrap_or_else(|| self.name.to_owned())
    }
}

fn open_at(path: &str, why: &str) -> Unreadable {
    if path.is_empty() { why.to_owned().into() } else { format!("`{path}`: {why}").into() }
}

/// The value at the path, with its last step through a list of one.
fn at<'a>(value: &'a Value, path: &str) -> Result<Option<&'a Value>, String> {
    let Some(found) = whole(value, path)? else { return Ok(None) };
    match found {
        Value::Array(items) if items.len() <= 1 => items.first().map_or(Ok(None), |one| decided(one, "", at)),
        Value::String(text) if text.contains("{{resolve:") => Err(format!("`{text}` is known at deployment only")),
        found => Ok(Some(found)),
    }
}

/// The value at the path as it stands.
fn whole<'a>(value: &'a Value, path: &str) -> Result<Option<&'a Value>, String> {
    decided(value, path, whole_decided)
}

fn whole_decided<'a>(value: &'a Value, path: &str) -> Result<Option<&'a Value>, String> {
    if path.is_empty() {
        return Ok(Some(value).filter(|value| !value.is_null()));
    }
    let (key, rest) = path.split_once('.').unwrap_or((path, ""));
    match value {
        Value::Object(map) => map.get(key).map_or(Ok(None), |value| whole(value, rest)),
        Value::Array(items) => match items.as_slice() {
            [] => Ok(None),
            [one] => whole(one, path),
            _ => Err(format!("there are {} of what `{key}` stands in", items.len())),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(None),
    }
}

/// What a call leaves open has no value at the path, unless it is an `Fn::If` whose branches agree there.
fn decided<'a>(
    value: &'a Value,
    path: &str,
    read: fn(&'a Value, &str) -> Result<Option<&'a Value>, String>,
) -> Result<Option<&'a Value>, String> {
    let Value::Object(map) = value else { return read(value, path) };
    let Some((name, argument)) = open_call(map) else { return read(value, path) };
    if let ("Fn::If", Some([_, branches @ ..])) = (name.as_str(), argument.as_array().map(Vec::as_slice)) {
        let mut seen = branches.iter().map(|branch| whole(branch, path));
        // A branch that is `AWS::NoValue` is not there any more.
        if let (Some(Ok(yes)), Some(Ok(no)), None) = (seen.next(), seen.next(), seen.next())
            && yes == no
        {
            return Ok(yes);
        }
    }
    Err(unresolved_reason(value).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn resource(properties: &Value) -> PlannedResource<'_> {
        PlannedResource::new("It", "AWS::A::B", properties)
    }

    #[test]
    fn a_path_goes_through_mappings_and_lists_of_one() {
        let properties =
            json!({"A": {"B": "true"}, "metadata": [{"tokens": "required", "hops": 2}], "none": [], "empty": null});
        let it = resource(&properties);
        assert_eq!(it.flag("A.B").unwrap(), Some(true));
        assert_eq!(it.text("metadata.tokens").unwrap().as_deref(), Some("required"));
        assert_eq!(it.number("metadata.hops").unwrap(), Some(2));
        for path in ["A.C", "B", "none", "none.x", "empty", "empty.x", "A.B.C"] {
            assert_eq!(it.get(path).unwrap(), None, "{path}");
        }
    }

    #[test]
    fn what_is_known_at_deployment_only_is_an_error_with_its_property() {
        let properties = json!({"A": {"Ref": "P"}, "B": {"C": {"Fn::GetAtt": ["R", "Arn"]}}, "T": "{{resolve:ssm:p}}",
            "after": {KNOWN_AFTER_APPLY: ""}});
        let it = resource(&properties);
        for (path, why) in [
            ("A", "`A`: `Ref P` is known at deployment only"),
            ("A.B", "`A.B`: `Ref P` is known at deployment only"),
            ("B.C", "`B.C`: `Fn::GetAtt R.Arn` is known at deployment only"),
            ("T", "`T`: `{{resolve:ssm:p}}` is known at deployment only"),
            ("after", "`after`: a value is known after `terraform apply` only"),
        ] {
            assert_eq!(it.flag(path).unwrap_err().to_string(), why);
            assert!(it.text(path).is_err() && it.number(path).is_err() && it.get(path).is_err());
        }
        assert_eq!(it.named(&["A", "Name"]), "It");
    }

    #[test]
    fn branches_that_agree_are_an_answer() {
        let properties = json!({
            "Same": {"Fn::If": ["C", {"X": true, "Y": 1}, {"X": true, "Y": 2}]},
            "One": {"Fn::If": ["C", true]},
        });
        let it = resource(&properties);
        assert_eq!(it.flag("Same.X").unwrap(), Some(true));
        assert!(it.number("Same.Y").unwrap_err().to_string().contains("Fn::If"));
        assert!(it.flag("One").is_err(), "the other branch may be the default");
    }

    #[test]
    fn a_list_is_its_elements_and_anything_else_itself() {
        let properties = json!({"L": ["a", {"Ref": "P"}], "S": "a", "Deep": [[1]]});
        let it = resource(&properties);
        assert_eq!(it.parts("L").unwrap().len(), 2);
        assert_eq!(it.texts("L").unwrap_err().to_string(), "`L`: `Ref P` is known at deployment only");
        assert_eq!(it.texts("S").unwrap(), ["a"]);
        assert_eq!(it.texts("None").unwrap(), Vec::<String>::new());
        assert!(it.text("L").is_err() && it.flag("S").is_err() && it.number("S").is_err());
    }

    #[test]
    fn what_is_not_written_is_left_out() {
        let after = json!({KNOWN_AFTER_APPLY: ""});
        let properties = json!({"all": after, "part": [{"x": after}], "none": [], "null": null, "ref": {"Ref": "P"}});
        let left_out = |property| resource(&properties).is_left_out(property);
        assert!(["none", "null", "missing"].into_iter().all(left_out));
        assert!(!["all", "part", "ref"].into_iter().any(left_out), "what is not known yet was written");
    }

    #[test]
    fn what_a_template_makes_is_made_beside_it() {
        let properties = json!({"To": {"Own": {"Fn::GetAtt": ["R", "Arn"]}, "Out": {"Fn::GetAtt": ["R", "Outputs.A"]}}, "P": {"Ref": "P"}});
        let it = resource(&properties);
        assert!(it.is_made_beside_it("To.Own"));
        assert!(!["To.Out", "To.None", "P"].into_iter().any(|path| it.is_made_beside_it(path)));
    }

    #[test]
    fn a_form_reads_one_or_each() {
        let one = PlannedForm::<i64>::one("K", |it| it.number("N"));
        let each = PlannedForm::<i64>::each("K", |it| {
            it.parts("L").unwrap_or_default().iter().filter_map(|part| part.number("").transpose()).collect()
        });
        let properties = json!({"N": 1, "L": [1, {"Ref": "P"}, 3]});
        assert_eq!(one.states(&resource(&properties)), [Ok((1, None))]);
        assert_eq!(one.states(&resource(&json!({}))), []);
        let states = each.states(&resource(&properties));
        assert!(states.len() == 3 && states[1].is_err() && states[2] == Ok((3, None)));
    }
}
