//! What the names of a model stand for during import.

use super::value::Value;
use std::collections::HashMap;

/// The values of the names so far.
#[derive(Default)]
pub(super) struct Scope<'a> {
    values: HashMap<&'a str, Value>,
    /// Outputs that no importer makes, with the node and the position that they are of.
    missing: HashMap<&'a str, String>,
}

impl<'a> Scope<'a> {
    /// The value of a name; the error is what the name is instead.
    pub(super) fn get(&self, name: &str) -> Result<&Value, String> {
        self.values.get(name).ok_or_else(|| match self.missing.get(name) {
            Some(output) => {
                format!("`{name}`, {output}, which is not supported: export the model without it")
            }
            None => format!("`{name}`, which nothing before it produces"),
        })
    }

    /// Gives a name its value; false if it had one.
    pub(super) fn insert(&mut self, name: &'a str, value: Value) -> bool {
        self.values.insert(name, value).is_none() && !self.missing.contains_key(name)
    }

    /// Notes an output that has no value: reading it is an error. False if the name had a value.
    pub(super) fn insert_missing(&mut self, name: &'a str, output: String) -> bool {
        self.missing.insert(name, output).is_none() && !self.values.contains_key(name)
    }
}
