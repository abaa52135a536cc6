//! Multi-scalar multiplication: columns as parts, and sums of windows as points.
#![allow(unsafe_code)] // Calls of the kernels' library.

use super::coded::{self, Coded};
use super::driver::Address;
use super::ffi::{self, MsmPart, Xyzz};
use super::integers::{Integers, expand_coded};
use super::memory::{Buffer, Vector};
use super::plain::{bytes, bytes_mut};
use super::queue::Operation;
use super::split::{Need, split};
use crate::curve::{self, Point};
use crate::field::words::element;
use crate::{Error, Scalars, check};
use group::{Curve, Group};
use halo2curves::bn256::{Fq, G1, G1Affine};
use rayon::prelude::*;

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
            return Err(Error::Length {
                operation: operation.name,
                expected: MOST_POINTS,
                found: points.len(),
            });
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
    coded: Option<Coded>,
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
            Scalars::Coded { rows, tail, .. } => rows.saturating_add(tail.len()),
        };
        check::column(bases.length, length)?;
    }
    let columns = columns
        .iter()
        .map(|column| parts(operation, column))
        .collect::<Result<Vec<_>, _>>()?;
    let points = bases.points.read(operation)?;
    let (all, by_code): (Vec<&[MsmPart]>, Vec<Option<&Coded>>) = columns
        .iter()
        .map(|column| (&column.parts[..], column.coded.as_ref()))
        .unzip();
    let mut values = sums(operation, points, &all)?;
    let present: Vec<&Coded> = by_code.iter().copied().flatten().collect();
    let places = (0..columns.len()).filter(|index| by_code[*index].is_some());
    for (index, value) in places.zip(coded::multiply(operation, points, &present)?) {
        values[index] += value;
    }
    let mut affine = vec![G1Affine::default(); values.len()];
    G1::batch_normalize(&values, &mut affine);
    Ok(affine)
}

/// The sum of the parts of every column.
pub(super) fn sums<P: AsRef<[MsmPart]>>(
    operation: &Operation<'_>,
    bases: Address,
    columns: &[P],
) -> Result<Vec<G1>, Error> {
    let mut values: Vec<G1> = Vec::with_capacity(columns.len());
    let need = |columns: &[P]| {
        let parts = join(columns);
        // SAFETY: the library reads so many parts, which it planned.
        unsafe {
            Need {
                least: ffi::zkml_msm_workspace_least(parts.as_ptr(), parts.len()),
                most: ffi::zkml_msm_workspace_most(parts.as_ptr(), parts.len()),
            }
        }
    };
    split(operation, columns, need, |columns, mut workspace| {
        let parts = join(columns);
        let windows: usize = parts.iter().map(|part| part.windows as usize).sum();
        let mut sums = operation.allocate(windows * size_of::<Xyzz>())?;
        let bytes = workspace.bytes();
        // SAFETY: scalars and bases are on this GPU and as long as the parts say, there is room for a sum of each
        // window, and the workspace is at least the least; the parts are read before it returns.
        operation.check(unsafe {
            ffi::zkml_msm(
                operation.stream(),
                bases.pointer(),
                parts.as_ptr(),
                parts.len(),
                sums.write(operation)?.pointer(),
                workspace.write(operation)?.pointer(),
                bytes,
            )
        })?;
        let mut host = vec![Xyzz::default(); windows];
        if windows > 0 {
            let source = sums.read(operation)?;
            operation.download(bytes_mut(&mut host), source)?;
        }
        values.extend(combine(columns, &host));
        Ok(())
    })?;
    Ok(values)
}

fn join<P: AsRef<[MsmPart]>>(columns: &[P]) -> Vec<MsmPart> {
    columns.iter().flat_map(AsRef::as_ref).copied().collect()
}

/// A column's scalars on the device, in parts of one kind.
fn parts(operation: &Operation<'_>, column: &Scalars<'_, Vector, Integers>) -> Result<Column, Error> {
    match *column {
        Scalars::Full(vector) => Ok(Column {
            parts: vec![full(vector.read(operation)?.cast(), vector.length, 0)],
            coded: None,
            _memory: Vec::new(),
        }),
        Scalars::Coded {
            codes,
            rows,
            table,
            tail,
        } => {
            let coded = Coded::new(operation, codes, rows, table, tail.len())?;
            let (rest, first) = match coded {
                Some(_) => (operation.vector(tail)?, rows),
                None => (expand_coded(operation, codes, rows, table, tail)?, 0),
            };
            Ok(Column {
                parts: vec![full(rest.read(operation)?.cast(), rest.length, first)],
                coded,
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
                coded: None,
                _memory: vec![rest.buffer],
            })
        }
    }
}

pub(super) fn full(scalars: *const std::ffi::c_void, count: usize, first_base: usize) -> MsmPart {
    part(ffi::SCALARS_FULL, scalars, count, first_base, 0)
}

/// A part with its windows.
fn part(
    kind: u32,
    scalars: *const std::ffi::c_void,
    count: usize,
    first_base: usize,
    largest: u32,
) -> MsmPart {
    let mut part = MsmPart {
        scalars,
        count: count as u64,
        first_base: first_base as u64,
        kind,
        bits: 0,
        windows: 0,
        buckets: 0,
        cost: 0,
    };
    // SAFETY: it reads and writes the part.
    unsafe { ffi::zkml_msm_plan(&mut part, largest) };
    part
}

/// The value of each column from the sums of its windows.
fn combine<P: AsRef<[MsmPart]>>(columns: &[P], mut sums: &[Xyzz]) -> Vec<G1> {
    let mut work = Vec::with_capacity(columns.len());
    for column in columns {
        let mut own = Vec::new();
        for part in column.as_ref() {
            let (windows, rest) = sums.split_at(part.windows as usize);
            sums = rest;
            own.push((part.bits, windows));
        }
        work.push(own);
    }
    work.par_iter()
        .map(|parts| parts.iter().map(|(bits, windows)| horner(*bits, windows)).sum())
        .collect()
}

/// `sum_w 2^(bits w) sums_w`
fn horner(bits: u32, windows: &[Xyzz]) -> G1 {
    windows.iter().rev().fold(G1::identity(), |sum, window| {
        (0..bits).fold(sum, |sum, _| sum.double()) + point(window)
    })
}

/// A point from coordinates `x / zz` and `y / zzz`: with the denominator `zz zzz`, its homogeneous coordinates
/// are `(x zzz, y zz, zz zzz)`.
fn point(window: &Xyzz) -> G1 {
    let [x, y, zz, zzz]: [Fq; 4] = [window.x, window.y, window.zz, window.zzz].map(element);
    if window.zz == [0; 4] {
        return G1::identity();
    }
    G1 {
        x: x * zzz,
        y: y * zz,
        z: zz * zzz,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::words::words;
    use halo2curves::bn256::Fr;

    /// A point with an arbitrary denominator.
    fn spread(point: G1Affine, z: Fq) -> Xyzz {
        let [x, y, zz, zzz] = [
            point.x * z.square(),
            point.y * z.square() * z,
            z.square(),
            z.square() * z,
        ]
        .map(|coordinate| words(&[coordinate])[0]);
        Xyzz { x, y, zz, zzz }
    }

    #[test]
    fn windows_are_summed_by_weight() {
        let points = [3u64, 5, 11].map(|factor| (G1::generator() * Fr::from(factor)).to_affine());
        let windows: Vec<Xyzz> = points
            .iter()
            .zip(7..)
            .map(|(point, z)| spread(*point, Fq::from(z)))
            .chain([Xyzz::default()])
            .collect();
        let expected = G1::generator() * Fr::from(3 + (5 << 4) + (11 << 8));
        assert_eq!(horner(4, &windows), expected);
        assert_eq!(horner(9, &[]), G1::identity());
    }
}
