//! ONNX tensors (`.pb`), as the test data of ONNX models come.

use super::{Array, Data};
use anyhow::{Context, Result};

/// Parses a serialised `TensorProto`.
pub fn read(label: &str, bytes: &[u8]) -> Result<Array> {
    let tensor = zkml::advanced::tensor_from_onnx(bytes)
        .with_context(|| format!("{label}: this is no ONNX tensor that can be read"))?;
    Ok(Array {
        label: label.to_owned(),
        name: None,
        shape: tensor.shape().to_vec(),
        data: Data::Floats(tensor.iter().copied().collect()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_becomes_an_array() {
        // dims: 2, data_type: FLOAT, raw_data: 1.0, -2.0
        let bytes = [
            &[0x08, 2, 0x10, 1, 0x4a, 8][..],
            &1f32.to_le_bytes(),
            &(-2f32).to_le_bytes(),
        ]
        .concat();
        let array = read("x.pb", &bytes).unwrap();
        assert_eq!(
            (array.shape, array.data),
            (vec![2], Data::Floats(vec![1.0, -2.0]))
        );
        for len in 0..bytes.len() {
            assert!(read("x.pb", &bytes[..len]).is_err(), "length {len}");
        }
    }
}
