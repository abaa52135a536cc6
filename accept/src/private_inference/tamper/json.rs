//! Changes of JSON.

use serde_json::Value;

/// The JSON of a message with one field changed.
pub fn with(good: &Value, field: &str, value: impl Into<Value>) -> Vec<u8> {
    let mut json = good.clone();
    json[field] = value.into();
    json.to_string().into_bytes()
}

/// A text with one character changed, which stays what it is: hex, base64.
pub fn flipped(text: &Value) -> String {
    let mut text = text.as_str().unwrap_or_default().to_owned();
    let at = text.len() / 2;
    let other = if text[at..].starts_with('0') { "1" } else { "0" };
    text.replace_range(at..=at, other);
    text
}

/// Another value of the same kind.
pub fn other_value(value: &Value) -> Value {
    match value {
        Value::String(_) => flipped(value).into(),
        Value::Bool(b) => (!b).into(),
        Value::Array(all) => Value::Array(all.iter().chain(all.first()).cloned().collect()),
        Value::Object(fields) => {
            let mut fields = fields.clone();
            if let Some(first) = fields.values_mut().next() {
                *first = other_value(first);
            }
            Value::Object(fields)
        }
        Value::Number(_) => 77.into(),
        Value::Null => 77.into(),
    }
}
