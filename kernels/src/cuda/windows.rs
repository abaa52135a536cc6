//! Sums of windows: multiplications as the kernels' library plans them.
#![allow(unsafe_code)] // Calls of the kernels' library.

use super::driver::Address;
use super::ffi::{self, MsmPart, Xyzz};
use super::plain::bytes_mut;
use super::queue::Operation;
use super::split::{Need, split};
use crate::Error;
use crate::field::words::element;
use group::Group;
use halo2curves::bn256::{Fq, G1};
use rayon::prelude::*;

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

/// A part of full-width scalars.
pub(super) fn full(scalars: *const std::ffi::c_void, count: usize, first_base: usize) -> MsmPart {
    part(ffi::SCALARS_FULL, scalars, count, first_base, 0)
}

/// A part with its windows.
pub(super) fn part(
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
    use group::Curve;
    use halo2curves::bn256::{Fr, G1Affine};

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
