//! The JSON form that EZKL users have: `{"input_data": [[...], ...]}`, an array per input, flat or
//! nested. Other keys are ignored.

use super::{Array, Data};
use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::Value;

/// Parses the JSON form.
pub fn read(label: &str, bytes: &[u8]) -> Result<Vec<Array>> {
    let json: Value = serde_json::from_slice(bytes).with_context(|| format!("{label}: this is no JSON"))?;
    let Some(Value::Array(inputs)) = json.get("input_data") else {
        bail!("{label}: expected {{\"input_data\": [[...], ...]}}, found no array with that key");
    };
    ensure!(
        !inputs.is_empty(),
        "{label}: expected an array per input in input_data, found none"
    );
    let input = |(index, value): (usize, &Value)| {
        let label = format!("{label}: input_data[{index}]");
        let (mut shape, mut values) = (Vec::new(), Vec::new());
        flatten(value, 0, &mut shape, &mut values).with_context(|| label.clone())?;
        Ok(Array {
            label,
            name: None,
            shape,
            data: Data::Floats(values),
        })
    };
    inputs.iter().enumerate().map(input).collect()
}

/// Appends the numbers of a nested array; `shape` is what the first elements on each level say.
fn flatten(value: &Value, depth: usize, shape: &mut Vec<usize>, values: &mut Vec<f32>) -> Result<()> {
    if let Value::Array(items) = value {
        match shape.get(depth) {
            // Numbers without axes came first.
            None if !values.is_empty() => bail!("expected numbers, found an array of {}", items.len()),
            None => shape.push(items.len()),
            Some(len) if *len == items.len() => {}
            Some(len) => bail!(
                "expected arrays of equal length, {len}, found one of {}",
                items.len()
            ),
        }
        return items
            .iter()
            .try_for_each(|item| flatten(item, depth + 1, shape, values));
    }
    ensure!(
        depth == shape.len(),
        "expected arrays of {} levels, found {depth}",
        shape.len()
    );
    values.push(match value {
        Value::Number(number) => number
            .as_f64()
            .map(|x| x as f32)
            .ok_or_else(|| anyhow!("expected numbers, found {number}"))?,
        Value::Bool(bit) => f32::from(u8::from(*bit)),
        Value::Null => bail!("expected numbers, found null at position {}", values.len()),
        _ => bail!(
            "expected numbers, found a string or an object at position {}; field elements in hex are not supported",
            values.len()
        ),
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<(Vec<usize>, Vec<f32>)>> {
        let arrays = read("x.json", text.as_bytes())?;
        Ok(arrays
            .into_iter()
            .map(|array| match array.data {
                Data::Floats(values) => (array.shape, values),
                Data::Bytes { .. } => panic!("JSON has no bytes"),
            })
            .collect())
    }

    #[test]
    fn inputs_are_flat_or_nested() {
        let arrays = parse(r#"{"input_data": [[1, 2.5], [[3], [true]]], "more": 1}"#).unwrap();
        assert_eq!(arrays, [(vec![2], vec![1.0, 2.5]), (vec![2, 1], vec![3.0, 1.0])]);
    }

    #[test]
    fn other_content_is_an_error() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"input_data": 3}"#,
            r#"{"input_data": []}"#,
            r#"{"input_data": [[1, "0x2"]]}"#,
            r#"{"input_data": [[1, null]]}"#,
            r#"{"input_data": [[1, NaN]]}"#,
            r#"{"input_data": [[[1], [2, 3]]]}"#,
            r#"{"input_data": [[1, [2]]]}"#,
            r#"{"input_data": [[[1], 2]]}"#,
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&"[".repeat(100_000)).is_err());
    }
}
