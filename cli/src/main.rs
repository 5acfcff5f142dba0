//! `parapet`: guardrails for cloud accounts, from the command line.

fn main() {}
