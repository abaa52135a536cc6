//! Protobuf messages: parsing and tensors.

use super::value::Ints;
use crate::{
    error::{Error, Result},
    float::FloatTensor,
    shape::{MAX_ELEMENTS, MAX_RANK},
};
use half::f16;
use ndarray::{ArrayD, IxDyn};
use std::borrow::Cow;
use tract_onnx::{
    pb::{ModelProto, NodeProto, TensorProto, tensor_proto::DataType},
    prelude::Framework,
};

/// Parses the bytes of an ONNX file.
pub(super) fn parse(mut bytes: &[u8]) -> Result<ModelProto> {
    tract_onnx::onnx()
        .proto_model_for_read(&mut bytes)
        .map_err(|error| {
            Error::onnx(format!(
                "it does not parse as an ONNX protobuf message ({})",
                error.root_cause()
            ))
        })
}

/// Whether a domain is that of the standard operators.
fn is_standard(domain: &str) -> bool {
    matches!(domain, "" | "ai.onnx")
}

/// The version of the standard operator set that a model uses, if it states one.
pub(super) fn opset(model: &ModelProto) -> Option<i64> {
    let mut sets = model.opset_import.iter();
    sets.find(|set| is_standard(&set.domain)).map(|set| set.version)
}

/// The name of a node's operator, with the domain if that is not the standard one.
pub(super) fn operator(node: &NodeProto) -> Cow<'_, str> {
    match is_standard(&node.domain) {
        true => Cow::Borrowed(&node.op_type),
        false => Cow::Owned(format!("{}.{}", node.domain, node.op_type)),
    }
}

/// A constant tensor.
pub(super) enum Tensor {
    /// Floating-point numbers.
    Floats(FloatTensor),
    /// Integers and booleans.
    Ints(Ints),
}

/// Decodes a constant tensor; the error is a reason.
pub(super) fn tensor(proto: &TensorProto) -> Result<Tensor, String> {
    if proto.data_location.unwrap_or(0) != 0 || !proto.external_data.is_empty() {
        return Err("its data is in another file; save the model with all data inside".into());
    }
    let shape = shape(&proto.dims)?;
    let count: usize = shape.iter().product();
    let raw = &proto.raw_data[..];
    let kind = DataType::try_from(proto.data_type)
        .map_err(|_| format!("its data type {} is unknown", proto.data_type))?;
    let floats = |values: Vec<f32>| -> Result<Tensor, String> {
        if let Some(value) = values.iter().find(|value| value.is_nan()) {
            return Err(format!("it contains {value}"));
        }
        Ok(Tensor::Floats(build(&shape, count, values)?))
    };
    let ints = |values: Vec<i64>| Ok(Tensor::Ints(build(&shape, count, values)?));
    let typed = raw.is_empty();
    match kind {
        DataType::Float if typed => floats(proto.float_data.clone()),
        DataType::Float => floats(words(raw, f32::from_le_bytes)?),
        DataType::Double if typed => floats(proto.double_data.iter().map(|&x| x as f32).collect()),
        DataType::Double => floats(words(raw, |bytes| f64::from_le_bytes(bytes) as f32)?),
        DataType::Float16 if typed => floats(
            proto
                .int32_data
                .iter()
                .map(|&bits| f16::from_bits(bits as u16).to_f32())
                .collect(),
        ),
        DataType::Float16 => floats(words(raw, |bytes| f16::from_le_bytes(bytes).to_f32())?),
        DataType::Int64 if typed => ints(proto.int64_data.clone()),
        DataType::Int64 => ints(words(raw, i64::from_le_bytes)?),
        DataType::Int32 | DataType::Int8 | DataType::Uint8 | DataType::Bool if typed => {
            ints(proto.int32_data.iter().map(|&x| i64::from(x)).collect())
        }
        DataType::Int32 => ints(words(raw, |bytes| i64::from(i32::from_le_bytes(bytes)))?),
        DataType::Int8 => ints(words(raw, |bytes| i64::from(i8::from_le_bytes(bytes)))?),
        DataType::Uint8 | DataType::Bool => ints(words(raw, |bytes: [u8; 1]| i64::from(bytes[0]))?),
        other => Err(format!(
            "its data type {} is not supported (float, double, float16, int64, int32, int8, uint8 and bool are)",
            other.as_str_name()
        )),
    }
}

fn shape(dims: &[i64]) -> Result<Vec<usize>, String> {
    let fail = || {
        format!("its dimensions {dims:?} are beyond the limits ({MAX_RANK} axes, {MAX_ELEMENTS} elements)")
    };
    if dims.len() > MAX_RANK {
        return Err(fail());
    }
    let mut count = 1usize;
    let mut shape = Vec::with_capacity(dims.len());
    for &dim in dims {
        let dim = usize::try_from(dim).map_err(|_| fail())?;
        count = count
            .checked_mul(dim)
            .filter(|&count| count <= MAX_ELEMENTS)
            .ok_or_else(fail)?;
        shape.push(dim);
    }
    Ok(shape)
}

fn build<T>(shape: &[usize], count: usize, values: Vec<T>) -> Result<ArrayD<T>, String> {
    let found = values.len();
    ArrayD::from_shape_vec(IxDyn(shape), values)
        .map_err(|_| format!("its dimensions {shape:?} mean {count} elements, but it holds {found}"))
}

/// Fixed-size little-endian words.
fn words<const N: usize, T>(raw: &[u8], decode: impl Fn([u8; N]) -> T) -> Result<Vec<T>, String> {
    let chunks = raw.chunks_exact(N);
    if !chunks.remainder().is_empty() {
        return Err(format!("its {} bytes of data are no multiple of {N}", raw.len()));
    }
    Ok(chunks
        .map(|chunk| {
            let mut word = [0; N];
            word.copy_from_slice(chunk);
            decode(word)
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_halves() {
        let bits = [0x3c00u16, 0xc000, 0x3555, 0x0001, 0x7bff, 0x7c00];
        let expected = [1.0, -2.0, 0.333_251_95, 5.960_464_5e-8, 65504.0, f32::INFINITY];
        let raw = bits.iter().flat_map(|bits| bits.to_le_bytes()).collect();
        let proto = TensorProto {
            dims: vec![6],
            data_type: DataType::Float16 as i32,
            ..TensorProto::default()
        };
        for proto in [
            TensorProto {
                raw_data: raw,
                ..proto.clone()
            },
            TensorProto {
                int32_data: bits.map(i32::from).to_vec(),
                ..proto
            },
        ] {
            assert!(matches!(tensor(&proto), Ok(Tensor::Floats(t)) if t.iter().eq(&expected)));
        }
    }

    #[test]
    fn refuses_sizes_that_do_not_match() {
        let mut proto = TensorProto {
            dims: vec![2, 3],
            data_type: DataType::Float as i32,
            raw_data: vec![0; 24],
            ..TensorProto::default()
        };
        assert!(matches!(tensor(&proto), Ok(Tensor::Floats(t)) if t.shape() == [2, 3]));
        proto.raw_data.pop();
        assert!(tensor(&proto).is_err());
        for dims in [vec![-1], vec![i64::MAX, i64::MAX], vec![1 << 40], vec![1; 9]] {
            proto.dims = dims;
            assert!(tensor(&proto).is_err());
        }
    }
}
