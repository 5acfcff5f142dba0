//! What a person should know of the two guardrails, from what differs between services.

/// The [`super::PolicyGuardrails`] of a service: the texts that all of them share, around its own words.
///
/// `noun` is what a person calls the resource, each guardrail has its name, its row of the catalogue and its severity, `default` says what the service makes of a policy of which no
/// statement is left, `beside` is what else a reader should know.
macro_rules! policy_guardrails {
    {
        noun: $noun:literal,
        public: $public_name:literal is $public_id:literal at $public:ident,
        untrusted: $untrusted_name:literal is $untrusted_id:literal,
        class: $class:ident,
        controls: $controls:expr,
        $(untrusted_controls: $untrusted_controls:expr,)?
        technique: $technique:literal,
        triggers: $triggers:expr,
        actions: $actions:expr,
        ids: $ids:expr,
        not_watched: $not_watched:expr,
        default: $default:literal,
        beside: $beside:literal,
    } => {
        $crate::engine::resource_policy::PolicyGuardrails {
            public: &$crate::engine::guardrail::About {
                name: $public_name,
                catalogue_id: $public_id,
                title: concat!($noun, " policy allows public access"),
                description: concat!(
                    "The resource policy of the ", $noun, " allows principals of any account: `*` without a condition that limits \
                     who the caller is or where it calls from. A condition that anyone can meet \
                     (`aws:UserAgent`, `aws:SecureTransport`, a wide `aws:SourceIp`) does not limit it; a Deny is taken into \
                     account. ", $beside
                ),
                severity: $crate::engine::verdict::Severity::$public,
                class: $crate::engine::guardrail::Class::$class,
                controls: $controls,
                technique: $technique,
                triggers: $triggers,
                remediation: concat!(
                    "Removes the condition values, principals, actions or statements that allow the public, whichever is the \
                     least, and keeps every other statement as it is written. ", $default
                ),
                actions: $actions,
                ids: $ids,
                not_watched: $not_watched,
            },
            untrusted: &$crate::engine::guardrail::About {
                name: $untrusted_name,
                catalogue_id: $untrusted_id,
                title: concat!($noun, " policy allows untrusted account"),
                description: concat!(
                    "The resource policy of the ", $noun, " allows an account, organization, network or identity provider that is neither the \
                     owner's nor trusted (`trusted_accounts`, `trusted_organizations`, `allowed_accounts`). AWS services are \
                     allowed, except those of `pinned_services`, which must be restricted to an account, resource or \
                     organization. What allows the public is the other guardrail's. ", $beside
                ),
                severity: $crate::engine::verdict::Severity::High,
                class: $crate::engine::guardrail::Class::R2,
                controls: $crate::engine::resource_policy::or_none!($($untrusted_controls)?),
                technique: $technique,
                triggers: $triggers,
                remediation: concat!(
                    "Removes the principals, condition values, actions or statements that allow the untrusted party, whichever is \
                     the least, and keeps every other statement as it is written. Needs `max_class: R2`, since a partner may be \
                     using it. ", $default
                ),
                actions: $actions,
                ids: $ids,
                not_watched: $not_watched,
            },
        }
    };
}

/// The controls that are named, where some are.
macro_rules! or_none {
    () => {
        &[]
    };
    ($controls:expr) => {
        $controls
    };
}

pub(crate) use {or_none, policy_guardrails};
