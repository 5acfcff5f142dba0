//! The only modules that name an SDK.
