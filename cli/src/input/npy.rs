//! NumPy arrays (`.npy`).
//!
//! | bytes | content |
//! |---|---|
//! | 6 | `\x93NUMPY` |
//! | 2 | version: 1.0, 2.0 or 3.0 |
//! | 2 or 4 | length of the header, little-endian (4 from version 2 on) |
//! | n | header: a Python dictionary with `descr`, `fortran_order`, `shape` |
//! | rest | elements |
//!
//! The crate npyz, which tests use for files that come with the repository, is not for other people's files: it allocates as many
//! bytes as a header claims to have, and multiplies the lengths of axes without a check.

use super::file::{MAX_ELEMENTS, element_count};
use super::{Array, Data};
use anyhow::{Context, Result, anyhow, bail};
use ndarray::{ArrayViewD, IxDyn};

const MAGIC: &[u8] = b"\x93NUMPY";

/// What the header says.
struct Header<'a> {
    descr: &'a str,
    fortran: bool,
    shape: Vec<usize>,
}

/// Parses a `.npy` file.
pub fn read(label: &str, bytes: &[u8]) -> Result<Array> {
    parse(bytes)
        .map(|(shape, data)| Array {
            label: label.to_owned(),
            name: None,
            shape,
            data,
        })
        .with_context(|| format!("{label}: this is no .npy array that can be read"))
}

/// Shape and elements of a `.npy` file.
pub fn parse(bytes: &[u8]) -> Result<(Vec<usize>, Data)> {
    let rest = bytes
        .strip_prefix(MAGIC)
        .ok_or_else(|| anyhow!("expected \\x93NUMPY at the start, found other bytes"))?;
    let (version, rest) = rest.split_at_checked(2).ok_or_else(truncated)?;
    let (len, rest) = match version[0] {
        1 => {
            let (len, rest) = rest.split_first_chunk::<2>().ok_or_else(truncated)?;
            (usize::from(u16::from_le_bytes(*len)), rest)
        }
        2 | 3 => {
            let (len, rest) = rest.split_first_chunk::<4>().ok_or_else(truncated)?;
            (u32::from_le_bytes(*len) as usize, rest)
        }
        other => bail!("expected format version 1, 2 or 3, found {other}"),
    };
    let (text, elements) = rest.split_at_checked(len).ok_or_else(truncated)?;
    let text =
        std::str::from_utf8(text).map_err(|_| anyhow!("expected a header of text, found other bytes"))?;
    let header = header(text)?;
    let count = element_count(&header.shape).ok_or_else(|| {
        anyhow!(
            "expected at most {MAX_ELEMENTS} elements, found the shape {:?}",
            header.shape
        )
    })?;
    let data = decode(header.descr, elements, count)?;
    let data = match header.fortran {
        false => data,
        true => match data {
            Data::Floats(values) => Data::Floats(row_major(&header.shape, values)),
            Data::Bytes { values, usual } => Data::Bytes {
                values: row_major(&header.shape, values),
                usual,
            },
        },
    };
    Ok((header.shape, data))
}

fn truncated() -> anyhow::Error {
    anyhow!("the file is truncated; copy or make it again")
}

/// The text after `'key':` in a dictionary.
fn field<'a>(text: &'a str, key: &str) -> Result<&'a str> {
    text.split_once(&format!("'{key}'"))
        .and_then(|(_, rest)| rest.trim_start().strip_prefix(':'))
        .map(str::trim_start)
        .ok_or_else(|| anyhow!("expected '{key}' in the header, found none"))
}

fn header(text: &str) -> Result<Header<'_>> {
    let descr = field(text, "descr")?
        .strip_prefix('\'')
        .and_then(|rest| rest.split_once('\''))
        .map(|(descr, _)| descr)
        .ok_or_else(|| anyhow!("expected one element type, found a structure; save plain numbers"))?;
    let order = field(text, "fortran_order")?;
    let fortran = match (order.starts_with("True"), order.starts_with("False")) {
        (true, _) => true,
        (_, true) => false,
        _ => bail!("expected fortran_order to be True or False, found something else"),
    };
    let shape = field(text, "shape")?
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(')'))
        .map(|(shape, _)| shape)
        .ok_or_else(|| anyhow!("expected a shape in parentheses, found something else"))?;
    let axes = shape.split(',').map(str::trim).filter(|axis| !axis.is_empty());
    let axis = |axis: &str| {
        axis.parse()
            .map_err(|_| anyhow!("expected the length of an axis, found {axis:?}"))
    };
    Ok(Header {
        descr,
        fortran,
        shape: axes.map(axis).collect::<Result<_>>()?,
    })
}

fn decode(descr: &str, bytes: &[u8], count: usize) -> Result<Data> {
    let (order, kind) = descr.split_at_checked(1).unwrap_or_default();
    let big = order == ">";
    macro_rules! floats {
        ($type:ty) => {
            Data::Floats(
                words(bytes, count)?
                    .map(|word| {
                        let value = if big {
                            <$type>::from_be_bytes(word)
                        } else {
                            <$type>::from_le_bytes(word)
                        };
                        value as f32
                    })
                    .collect(),
            )
        };
    }
    Ok(match kind {
        "f4" => floats!(f32),
        "f8" => floats!(f64),
        "f2" => Data::Floats(
            words(bytes, count)?
                .map(|word| {
                    half(if big {
                        u16::from_be_bytes(word)
                    } else {
                        u16::from_le_bytes(word)
                    })
                })
                .collect(),
        ),
        "i1" => floats!(i8),
        "i2" => floats!(i16),
        "i4" => floats!(i32),
        "i8" => floats!(i64),
        "u2" => floats!(u16),
        "u4" => floats!(u32),
        "u8" => floats!(u64),
        "b1" => Data::Floats(
            words::<1>(bytes, count)?
                .map(|[byte]| f32::from(u8::from(byte != 0)))
                .collect(),
        ),
        "u1" => Data::Bytes {
            values: words::<1>(bytes, count)?.map(|[byte]| byte).collect(),
            usual: None,
        },
        _ => bail!(
            "expected numbers (float16, float32, float64, integers or booleans), found elements of type {descr}"
        ),
    })
}

/// Exactly `count` words of `N` bytes.
fn words<const N: usize>(bytes: &[u8], count: usize) -> Result<impl Iterator<Item = [u8; N]> + '_> {
    let expected = count * N;
    if bytes.len() != expected {
        bail!(
            "expected {expected} bytes of elements, found {}; copy or make the file again",
            bytes.len()
        );
    }
    Ok(bytes.as_chunks::<N>().0.iter().copied())
}

/// A 16-bit IEEE float.
fn half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, mantissa) = (i32::from(bits >> 10 & 31), f32::from(bits & 1023));
    match exponent {
        0 => sign * mantissa * 2f32.powi(-24),
        31 if mantissa == 0.0 => sign * f32::INFINITY,
        31 => f32::NAN,
        _ => sign * (1.0 + mantissa / 1024.0) * 2f32.powi(exponent - 15),
    }
}

/// Elements in Fortran order to C order; the count is that of the shape.
fn row_major<T: Clone>(shape: &[usize], values: Vec<T>) -> Vec<T> {
    let reversed: Vec<usize> = shape.iter().rev().copied().collect();
    match ArrayViewD::from_shape(IxDyn(&reversed), &values) {
        Ok(array) => array.reversed_axes().iter().cloned().collect(),
        Err(_) => values,
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A `.npy` file.
    pub fn file(descr: &str, order: &str, shape: &str, elements: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
        let mut out = [MAGIC, &[1, 0], &(header.len() as u16).to_le_bytes()].concat();
        out.extend_from_slice(header.as_bytes());
        out.extend_from_slice(elements);
        out
    }

    fn floats(bytes: &[u8]) -> (Vec<usize>, Vec<f32>) {
        match parse(bytes).unwrap() {
            (shape, Data::Floats(values)) => (shape, values),
            other => panic!("expected numbers, found {other:?}"),
        }
    }

    #[test]
    fn types_and_orders_come_out_row_major() {
        let f4: Vec<u8> = [1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0]
            .iter()
            .flat_map(|x| x.to_le_bytes())
            .collect();
        assert_eq!(
            floats(&file("<f4", "False", "(2, 3)", &f4)),
            (vec![2, 3], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
        );
        assert_eq!(
            floats(&file("<f4", "True", "(2, 3)", &f4)),
            (vec![2, 3], vec![1.0, 3.0, 5.0, 2.0, 4.0, 6.0])
        );
        assert_eq!(
            floats(&file(">i2", "False", "(1,)", &[0xff, 0xfe])),
            (vec![1], vec![-2.0])
        );
        assert_eq!(
            floats(&file("<f2", "False", "()", &[0x00, 0x3c])),
            (vec![], vec![1.0])
        );
        let (_, bytes) = parse(&file("|u1", "False", "(2,)", &[7, 255])).unwrap();
        assert_eq!(
            bytes,
            Data::Bytes {
                values: vec![7, 255],
                usual: None
            }
        );
    }

    #[test]
    fn hostile_files_are_errors() {
        let good = file("<f4", "False", "(2,)", &[0; 8]);
        for len in 0..good.len() {
            assert!(parse(&good[..len]).is_err(), "length {len}");
        }
        for (descr, order, shape) in [
            ("<f4", "False", "(18446744073709551615, 2)"),
            ("<f4", "False", "(1000000000,)"),
            ("<f4", "False", "(-1,)"),
            ("<f4", "Maybe", "(2,)"),
            ("<f4", "False", "2"),
            ("<c8", "False", "(1,)"),
            ("", "False", "(1,)"),
            ("é", "False", "(1,)"),
        ] {
            assert!(
                parse(&file(descr, order, shape, &[0; 8])).is_err(),
                "{descr} {order} {shape}"
            );
        }
    }
}
