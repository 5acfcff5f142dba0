//! Amazon Inspector: whether it scans.

pub mod disabled;

pub use disabled::DisabledScans;
