//! What every function does around its family.
