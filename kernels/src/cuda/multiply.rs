//! Multi-scalar multiplication: columns as parts.

use super::dictionary::{self, Dictionary};
use super::ffi::{self, MsmPart};
use super::integers::{Integers, expand_dictionary};
use super::memory::{Buffer, Vector};
use super::plain::bytes;
use super::queue::Operation;
use super::windows::{full, part, sums};
use crate::curve::{self, Point};
use crate::{Error, Scalars, check};
use group::Curve;
use halo2curves::bn256::{G1, G1Affine};

/// Curve points in device memory.
pub struct Bases {
    points: Buffer,
    length: usize,
}

impl std::fmt::Debug for Bases {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bases").field("length", &self.length).finish()
    }
}

/// Most points of bases; the kernels count them in 31 bits.
const MOST_POINTS: usize = (1 << 31) - 1;

impl Bases {
    /// Copies points to the device.
    pub(super) fn new(operation: &Operation<'_>, points: &[G1Affine]) -> Result<Self, Error> {
        if points.len() > MOST_POINTS {
            return Err(Error::length(operation.name, MOST_POINTS, points.len()));
        }
        let mut buffer = operation.allocate(size_of_val(points))?;
        if !points.is_empty() {
            let target = buffer.write(operation)?;
            let points: Vec<Point> = curve::encode(points);
            operation.upload(target, bytes(&points))?;
        }
        Ok(Self {
            points: buffer,
            length: points.len(),
        })
    }
}

/// The parts of a column, and the memory that was allocated for them. Its value is the sum of all.
struct Column {
    parts: Vec<MsmPart>,
    dictionary: Option<Dictionary>,
    _memory: Vec<Buffer>,
}

/// The multiplication of every column.
pub(super) fn msm(
    operation: &Operation<'_>,
    bases: &Bases,
    columns: &[Scalars<'_, Vector, Integers>],
) -> Result<Vec<G1Affine>, Error> {
    for column in columns {
        let length = match column {
            Scalars::Full(vector) => vector.length,
            Scalars::Small { values, tail } => values.length + tail.len(),
            Scalars::Dictionary { rows, tail, .. } => rows.saturating_add(tail.len()),
        };
        check::column(bases.length, length)?;
    }
    let columns = columns
        .iter()
        .map(|column| parts(operation, column))
        .collect::<Result<Vec<_>, _>>()?;
    let points = bases.points.read(operation)?;
    let (all, by_code): (Vec<&[MsmPart]>, Vec<Option<&Dictionary>>) = columns
        .iter()
        .map(|column| (&column.parts[..], column.dictionary.as_ref()))
        .unzip();
    let mut values = sums(operation, points, &all)?;
    let present: Vec<&Dictionary> = by_code.iter().copied().flatten().collect();
    let places = (0..columns.len()).filter(|index| by_code[*index].is_some());
    for (index, value) in places.zip(dictionary::multiply(operation, points, &present)?) {
        values[index] += value;
    }
    let mut affine = vec![G1Affine::default(); values.len()];
    G1::batch_normalize(&values, &mut affine);
    Ok(affine)
}

/// A column's scalars on the device, in parts of one kind.
fn parts(operation: &Operation<'_>, column: &Scalars<'_, Vector, Integers>) -> Result<Column, Error> {
    match *column {
        Scalars::Full(vector) => Ok(Column {
            parts: vec![full(vector.read(operation)?.cast(), vector.length, 0)],
            dictionary: None,
            _memory: Vec::new(),
        }),
        Scalars::Dictionary {
            codes,
            rows,
            table,
            tail,
        } => {
            let dictionary = Dictionary::new(operation, codes, rows, table, tail.len())?;
            let (rest, first) = match dictionary {
                Some(_) => (operation.vector(tail)?, rows),
                None => (expand_dictionary(operation, codes, rows, table, tail)?, 0),
            };
            Ok(Column {
                parts: vec![full(rest.read(operation)?.cast(), rest.length, first)],
                dictionary,
                _memory: vec![rest.buffer],
            })
        }
        Scalars::Small { values, tail } => {
            let rest = operation.vector(tail)?;
            let parts = vec![
                part(
                    ffi::SCALARS_SMALL,
                    values.read(operation)?.pointer::<i32>().cast(),
                    values.length,
                    0,
                    values.largest(),
                ),
                full(rest.read(operation)?.cast(), tail.len(), values.length),
            ];
            Ok(Column {
                parts,
                dictionary: None,
                _memory: vec![rest.buffer],
            })
        }
    }
}
