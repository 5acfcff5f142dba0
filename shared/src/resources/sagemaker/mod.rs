//! Amazon SageMaker: notebooks.

pub mod notebook;

pub use notebook::Notebooks;
