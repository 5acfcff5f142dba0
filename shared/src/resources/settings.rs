//! How the policy file's entries of guardrails are read and described: each is of the type that the guardrail itself states.
//!
//! The policy knows no guardrail, and a reader of its file has to know all of them; so what the policy needs to know
//! stands here, as implementations for its own types (docs/adr/0018).

use crate::engine::family::Family;
use crate::engine::guardrail::{About, SettingsVisitor};
use crate::policy::{Common, GuardrailName, GuardrailPolicy, GuardrailSettings, Guardrails};
use crate::resources::{Visitor, catalogue, visit_all};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{DeserializeSeed, EnumAccess, Error, MapAccess, VariantAccess};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

static ALL: LazyLock<Vec<&'static About>> =
    LazyLock::new(|| catalogue().into_iter().map(|entry| entry.about).collect());
static NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| ALL.iter().map(|about| about.name).collect());

impl Guardrails {
    /// What each guardrail says of itself, in the order of the catalogue.
    #[must_use]
    pub fn known() -> &'static [&'static About] {
        &ALL
    }

    /// Every name, in the order of the catalogue.
    #[must_use]
    pub fn names() -> &'static [&'static str] {
        &NAMES
    }
}

/// Shows a visitor the settings of every guardrail.
struct Every<V>(V);

impl<V: SettingsVisitor> Visitor for Every<V> {
    fn visit<F: Family + 'static>(&mut self, _: &'static str, family: F) {
        family.show_settings(&mut self.0);
    }
}

fn visit_settings<V: SettingsVisitor>(visitor: V) -> V {
    let mut every = Every(visitor);
    visit_all(&mut every);
    every.0
}

/// A key of `guardrails`, or the name of a guardrail elsewhere.
struct Name {
    is_key: bool,
}

impl<'de> DeserializeSeed<'de> for Name {
    type Value = &'static About;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<&'static About, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl serde::de::Visitor<'_> for Name {
    type Value = &'static About;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a guardrail")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<&'static About, E> {
        let unknown = || match self.is_key {
            true => E::unknown_field(word, Guardrails::names()),
            false => E::unknown_variant(word, Guardrails::names()),
        };
        Guardrails::known().iter().find(|about| about.name == word).copied().ok_or_else(unknown)
    }
}

/// The name of a guardrail, of the code or of the policy file.
struct AnyName;

impl<'de> DeserializeSeed<'de> for AnyName {
    type Value = GuardrailName;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<GuardrailName, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl serde::de::Visitor<'_> for AnyName {
    type Value = GuardrailName;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a guardrail")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<GuardrailName, E> {
        match GuardrailName::custom(word) {
            Some(name) => Ok(name),
            None => Name { is_key: false }.visit_str(word).map(GuardrailName::of),
        }
    }
}

/// Reads the entry of the guardrail `about`.
struct EntryOf<'g> {
    about: &'static About,
    guardrails: &'g mut Guardrails,
}

impl<'de> DeserializeSeed<'de> for EntryOf<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        struct Read<'g, D, E> {
            entry: EntryOf<'g>,
            deserializer: Option<D>,
            read: Result<(), E>,
        }

        impl<'de, D: Deserializer<'de>> SettingsVisitor for Read<'_, D, D::Error> {
            fn guardrail<S: GuardrailSettings>(&mut self, about: &'static About) {
                if about.name == self.entry.about.name
                    && let Some(deserializer) = self.deserializer.take()
                {
                    self.read = GuardrailPolicy::<S>::deserialize(deserializer)
                        .map(|entry| self.entry.guardrails.set(about, entry));
                }
            }
        }

        visit_settings(Read { entry: self, deserializer: Some(deserializer), read: Ok(()) }).read
    }
}

impl<'de> Deserialize<'de> for Guardrails {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> serde::de::Visitor<'de> for Entries {
            type Value = Guardrails;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("guardrails by their names")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Guardrails, M::Error> {
                let mut guardrails = Guardrails::default();
                while let Some(about) = map.next_key_seed(Name { is_key: true })? {
                    map.next_value_seed(EntryOf { about, guardrails: &mut guardrails })?;
                }
                Ok(guardrails)
            }
        }

        deserializer.deserialize_struct("Guardrails", Self::names(), Entries)
    }
}

impl Serialize for Guardrails {
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        struct Written<'g, M: SerializeMap> {
            guardrails: &'g Guardrails,
            map: M,
            written: Result<(), M::Error>,
        }

        impl<M: SerializeMap> SettingsVisitor for Written<'_, M> {
            fn guardrail<S: GuardrailSettings>(&mut self, about: &'static About) {
                let Common { mode, max_class, grace_seconds, severity } = self.guardrails.common(about.name);
                let settings = self.guardrails.settings::<S>(about.name).into_owned();
                let entry = GuardrailPolicy { mode, max_class, grace_seconds, severity, settings };
                if self.written.is_ok() {
                    // Not compiled anew for each serializer with each type of settings.
                    let entry: &dyn erased_serde::Serialize = &entry;
                    self.written = self.map.serialize_entry(about.name, entry);
                }
            }
        }

        let map = serializer.serialize_map(None)?;
        let Written { map, written, .. } = visit_settings(Written { guardrails: self, map, written: Ok(()) });
        written.and_then(|()| map.end())
    }
}

/// What an editor shows of a guardrail.
fn said(about: &About) -> String {
    format!("{}: {}", about.catalogue_id, about.title)
}

impl JsonSchema for Guardrails {
    fn schema_name() -> Cow<'static, str> {
        "Guardrails".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        struct Properties<'g> {
            generator: &'g mut SchemaGenerator,
            properties: Map<String, Value>,
        }

        impl SettingsVisitor for Properties<'_> {
            fn guardrail<S: GuardrailSettings>(&mut self, about: &'static About) {
                let mut entry = self.generator.subschema_for::<GuardrailPolicy<S>>();
                entry.insert("description".to_owned(), said(about).into());
                entry.insert("default".to_owned(), json!(GuardrailPolicy::<S>::default()));
                self.properties.insert(about.name.to_owned(), entry.into());
            }
        }

        let Properties { properties, .. } = visit_settings(Properties { generator, properties: Map::new() });
        json_schema!({
            "type": "object",
            "description": "Mode and settings of each guardrail, by its name.",
            "additionalProperties": false,
            "properties": properties,
        })
    }
}

impl<'de> Deserialize<'de> for GuardrailName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOf;

        impl<'de> serde::de::Visitor<'de> for OneOf {
            type Value = GuardrailName;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a guardrail")
            }

            fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<GuardrailName, A::Error> {
                let (name, variant) = data.variant_seed(AnyName)?;
                variant.unit_variant()?;
                Ok(name)
            }
        }

        deserializer.deserialize_enum("GuardrailName", Guardrails::names(), OneOf)
    }
}

impl JsonSchema for GuardrailName {
    fn schema_name() -> Cow<'static, str> {
        "GuardrailName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let one = |about: &&About| json!({"type": "string", "const": about.name, "description": said(about)});
        let declared = json!({
            "type": "string",
            "pattern": "^custom-[a-z0-9]+(-[a-z0-9]+)*$",
            "description": "A guardrail that `custom` declares.",
        });
        let all: Vec<Value> = Guardrails::known().iter().map(one).chain([declared]).collect();
        json_schema!({ "description": "A guardrail's name.", "oneOf": all })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::guardrail::Guardrail;
    use crate::policy::{Mode, Policy};
    use crate::resources::iam::access_key::not_allowed::AccessKeyNotAllowed;

    const FILE: &str = "version: 1\nguardrails:\n  access-key-not-allowed: { mode: enforce, settings: { allowed_users: [ci] } }\n  \
                        snapshot-public: { severity: low }\n";

    #[test]
    fn each_entry_is_of_its_guardrail_s_own_type() {
        let policy = Policy::parse(FILE).unwrap();
        assert_eq!(policy.settings(&AccessKeyNotAllowed).allowed_users, ["ci"]);
        assert_eq!(policy.guardrails.common("access-key-not-allowed").mode, Some(Mode::Enforce));
        assert!(Policy::default().settings(&AccessKeyNotAllowed).allowed_users.is_empty());
        let other = "version: 1\nguardrails: { snapshot-public: { settings: { allowed_users: [ci] } } }\n";
        assert!(Policy::parse(other).unwrap_err().problem.contains("allowed_users"));
    }

    #[test]
    fn what_was_read_is_written_and_read_again() {
        let policy = Policy::parse(FILE).unwrap();
        let written = serde_json::to_value(&policy.guardrails).unwrap();
        assert_eq!(written.as_object().unwrap().len(), Guardrails::names().len());
        assert_eq!(written["access-key-not-allowed"]["settings"]["allowed_users"], json!(["ci"]));
        let read: Guardrails = serde_json::from_value(written).unwrap();
        assert_eq!(
            read.settings::<<AccessKeyNotAllowed as Guardrail<_, _>>::Settings>("access-key-not-allowed"),
            policy.settings(&AccessKeyNotAllowed)
        );
        assert_eq!(read.common("snapshot-public"), policy.guardrails.common("snapshot-public"));
    }
}
