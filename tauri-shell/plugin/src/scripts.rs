//! The script that runs in each page before its own scripts.

use serde_json::json;

use crate::contract::METHODS;

const BARE_COMMANDS: &str = include_str!("bare-commands.js");

/// Return the script.
pub fn initialization() -> String {
    let methods: Vec<_> = METHODS.iter().map(|method| (method.name, method.command)).collect();
    format!("({BARE_COMMANDS})({});", json!(methods))
}
