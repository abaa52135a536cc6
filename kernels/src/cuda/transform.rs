//! Transforms: tables of roots, and batches that fit into memory.
#![allow(unsafe_code)] // Calls of the kernels' library.

use super::ffi::{self, Words};
use super::memory::{Buffer, ELEMENT, Vector};
use super::queue::Operation;
use super::split::{Need, split};
use crate::field::words::words;
use crate::{Error, check, root_of_unity};
use ff::Field;
use halo2curves::bn256::Fr;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The tables of a GPU by log2 of their size; made when first needed, and kept.
#[derive(Default)]
pub(super) struct Tables(Mutex<BTreeMap<u32, Arc<Buffer>>>);

impl Tables {
    fn get(&self, operation: &Operation<'_>, log_size: u32) -> Result<Arc<Buffer>, Error> {
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(table) = tables.get(&log_size) {
            return Ok(table.clone());
        }
        let table = Arc::new(make(operation, log_size)?);
        tables.insert(log_size, table.clone());
        Ok(table)
    }
}

fn make(operation: &Operation<'_>, log_size: u32) -> Result<Buffer, Error> {
    // SAFETY: a function of a number.
    let elements = unsafe { ffi::zkml_ntt_table_elements(log_size) };
    let mut table = operation.allocate(elements * ELEMENT)?;
    let root = root_of_unity(log_size);
    let inverse = |value: Fr| Option::<Fr>::from(value.invert()).unwrap_or(Fr::ZERO);
    let numbers = [root, inverse(root), inverse(Fr::from(1u64 << log_size))];
    let [root, root_inverse, size_inverse] = [0, 1, 2].map(|i| words(&numbers)[i]);
    // SAFETY: the table has as many elements as the library asks for; the numbers are read before it returns.
    operation.check(unsafe {
        ffi::zkml_ntt_table(
            operation.stream(),
            log_size,
            &root,
            &root_inverse,
            &size_inverse,
            table.write(operation)?.pointer(),
        )
    })?;
    Ok(table)
}

/// What to compute.
#[derive(Clone, Copy)]
pub(super) struct Transform {
    /// [`ffi::NTT_FORWARD`] or [`ffi::NTT_INVERSE`].
    pub direction: u32,
    /// Coefficient `i` is multiplied by the `i`-th power: before, going forward, and after, going back.
    pub shift: Option<Fr>,
}

/// A vector to transform, and where to.
struct Job {
    log_size: u32,
    source: *const Words,
    target: *mut Words,
}

/// Transforms vectors in place.
pub(super) fn in_place(
    operation: &Operation<'_>,
    tables: &Tables,
    vectors: &mut [Vector],
    transform: Transform,
) -> Result<(), Error> {
    let jobs = vectors
        .iter_mut()
        .map(|vector| {
            let log_size = check::domain(operation.name, vector.length)?;
            let target = vector.write(operation)?;
            Ok(Job {
                log_size,
                source: target,
                target,
            })
        })
        .collect::<Result<_, Error>>()?;
    run(operation, tables, jobs, transform)
}

/// Transforms vectors into new ones.
pub(super) fn into_new(
    operation: &Operation<'_>,
    tables: &Tables,
    sources: &[&Vector],
    transform: Transform,
) -> Result<Vec<Vector>, Error> {
    let mut jobs = Vec::with_capacity(sources.len());
    let mut targets = Vec::with_capacity(sources.len());
    for source in sources {
        let log_size = check::domain(operation.name, source.length)?;
        let mut target = Vector::new(operation, source.length)?;
        jobs.push(Job {
            log_size,
            source: source.read(operation)?,
            target: target.write(operation)?,
        });
        targets.push(target);
    }
    run(operation, tables, jobs, transform)?;
    Ok(targets)
}

/// Runs jobs of one size together, as many as there is memory for.
fn run(
    operation: &Operation<'_>,
    tables: &Tables,
    mut jobs: Vec<Job>,
    transform: Transform,
) -> Result<(), Error> {
    jobs.sort_by_key(|job| job.log_size);
    for group in jobs.chunk_by(|a, b| a.log_size == b.log_size) {
        let log_size = group[0].log_size;
        let table = tables.get(operation, log_size)?;
        let table = table.read(operation)?;
        // SAFETY: a function of numbers.
        let need = |jobs: &[Job]| Need::exactly(unsafe { ffi::zkml_ntt_workspace(log_size, jobs.len()) });
        split(operation, group, need, |batch, mut workspace| {
            let sources: Vec<*const Words> = batch.iter().map(|job| job.source).collect();
            let targets: Vec<*mut Words> = batch.iter().map(|job| job.target).collect();
            let shift = transform.shift.map(|shift| words(&[shift])[0]);
            let shift = shift.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
            let bytes = workspace.bytes();
            // SAFETY: every vector has `2^log_size` elements on this GPU, each target is its source or new memory,
            // and the workspace is as large as the library asks for; host arrays are read before it returns.
            operation.check(unsafe {
                ffi::zkml_ntt(
                    operation.stream(),
                    transform.direction,
                    log_size,
                    batch.len(),
                    sources.as_ptr(),
                    targets.as_ptr(),
                    table.pointer(),
                    shift,
                    workspace.write(operation)?.pointer(),
                    bytes,
                )
            })
        })?;
    }
    Ok(())
}
