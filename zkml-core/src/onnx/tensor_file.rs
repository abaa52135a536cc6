//! Files that hold one ONNX `TensorProto`, as the test data of ONNX models do (`input_0.pb`).

use super::proto::{self, Tensor};
use crate::{
    error::{Error, Result},
    float::FloatTensor,
};
use prost::Message;
use tract_onnx::pb::TensorProto;

/// Reads the bytes of a serialised `TensorProto`; integers become floats.
///
/// # Errors
///
/// [`Error::Onnx`] for bytes that are no such message, for data types that are not supported, and
/// for NaN.
pub fn tensor_from_bytes(bytes: &[u8]) -> Result<FloatTensor> {
    let fail = |reason: String| Error::Onnx { reason };
    let message = TensorProto::decode(bytes).map_err(|error| {
        fail(format!(
            "it does not parse as an ONNX TensorProto message ({error})"
        ))
    })?;
    match proto::tensor(&message).map_err(|reason| fail(format!("the tensor cannot be read: {reason}")))? {
        Tensor::Floats(tensor) => Ok(tensor),
        Tensor::Ints(tensor) => Ok(tensor.mapv(|x| x as f32)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tract_onnx::pb::tensor_proto::DataType;

    fn message(dims: &[i64], values: &[f32]) -> Vec<u8> {
        TensorProto {
            dims: dims.to_vec(),
            data_type: DataType::Float as i32,
            float_data: values.to_vec(),
            ..TensorProto::default()
        }
        .encode_to_vec()
    }

    #[test]
    fn floats_come_back() {
        let tensor = tensor_from_bytes(&message(&[2, 1], &[1.5, -2.0])).unwrap();
        assert_eq!(
            (tensor.shape(), tensor.as_slice().unwrap()),
            (&[2, 1][..], &[1.5, -2.0][..])
        );
    }

    #[test]
    fn other_bytes_are_errors() {
        for bytes in [
            &b"\xff\xff\xff"[..],
            &message(&[3], &[1.0]),
            &message(&[1], &[f32::NAN]),
            b"",
        ] {
            assert!(matches!(tensor_from_bytes(bytes), Err(Error::Onnx { .. })));
        }
    }
}
