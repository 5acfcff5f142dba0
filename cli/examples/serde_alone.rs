//! Reads a JSON file with serde and nothing else: what the benchmark of `parapet check` is held against.

use serde_json::Value;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("the path of a JSON file was expected")?;
    let value: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    anstream::println!("{}", value.as_object().map_or(0, serde_json::Map::len));
    Ok(())
}
