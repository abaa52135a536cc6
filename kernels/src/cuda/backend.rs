//! The operations of a backend on a GPU.
#![allow(unsafe_code)] // Calls of the kernels' library.

use super::Cuda;
use super::driver::{Driver, Platform};
use super::encode::encode;
use super::ffi::{self, Words};
use super::integers::{self, Integers};
use super::memory::{Buffer, ELEMENT, Vector};
use super::multiply::{self, Bases};
use super::queue::Operation;
use super::split::{Need, split};
use super::transform::{self, Transform};
use crate::field::words::words;
use crate::{Backend, Error, Program, Scalars, check};
use halo2curves::bn256::{Fr, G1Affine};

/// Memory for one call.
fn workspace(operation: &Operation<'_>, bytes: usize) -> Result<Buffer, Error> {
    operation.allocate(bytes)
}

impl Backend for Cuda {
    type Vector = Vector;
    type Integers = Integers;
    type Bases = Bases;

    fn name(&self) -> String {
        let device = self.device.driver.description();
        format!("{}:{} ({})", Platform::KIND, device.index, device.name)
    }

    fn upload(&self, values: &[Fr]) -> Result<Vector, Error> {
        self.start("upload")?.vector(values)
    }

    fn upload_integers(&self, values: Vec<i32>) -> Result<Integers, Error> {
        Integers::new(&self.start("upload_integers")?, &values)
    }

    fn expand_small(&self, values: &Integers, tail: &[Fr]) -> Result<Vector, Error> {
        integers::expand_small(&self.start("expand_small")?, values, tail)
    }

    fn expand_dictionary(
        &self,
        codes: &[&Integers],
        rows: usize,
        table: &Vector,
        tail: &[Fr],
    ) -> Result<Vector, Error> {
        integers::expand_dictionary(&self.start("expand_dictionary")?, codes, rows, table, tail)
    }

    fn download(&self, vector: &Vector) -> Result<Vec<Fr>, Error> {
        self.start("download")?.elements(vector, 0, vector.length)
    }

    fn duplicate(&self, vector: &Vector) -> Result<Vector, Error> {
        self.concatenate(&[vector])
    }

    fn concatenate(&self, parts: &[&Vector]) -> Result<Vector, Error> {
        let operation = self.start("concatenate")?;
        let length = parts.iter().map(|part| part.length).sum();
        let mut whole = Vector::new(&operation, length)?;
        let mut start = 0;
        for part in parts {
            let target = whole.buffer.write(&operation)?.offset(start * ELEMENT);
            operation.copy(target, part.buffer.read(&operation)?, part.length * ELEMENT)?;
            start += part.length;
        }
        Ok(whole)
    }

    fn len(&self, vector: &Vector) -> usize {
        vector.length
    }

    fn read(&self, vector: &Vector, start: usize, count: usize) -> Result<Vec<Fr>, Error> {
        check::range("read", start, count, vector.length)?;
        self.start("read")?.elements(vector, start, count)
    }

    fn write(&self, vector: &mut Vector, start: usize, values: &[Fr]) -> Result<(), Error> {
        check::range("write", start, values.len(), vector.length)?;
        self.start("write")?.write(vector, start, values)
    }

    fn bases(&self, points: &[G1Affine]) -> Result<Bases, Error> {
        Bases::new(&self.start("bases")?, points)
    }

    fn msm(&self, bases: &Bases, columns: &[Scalars<'_, Vector, Integers>]) -> Result<Vec<G1Affine>, Error> {
        multiply::msm(&self.start("msm")?, bases, columns)
    }

    fn ntt(&self, vectors: &mut [Vector]) -> Result<(), Error> {
        let transform = Transform {
            direction: ffi::NTT_FORWARD,
            shift: None,
        };
        transform::in_place(&self.start("ntt")?, &self.tables, vectors, transform)
    }

    fn intt(&self, vectors: &mut [Vector]) -> Result<(), Error> {
        let transform = Transform {
            direction: ffi::NTT_INVERSE,
            shift: None,
        };
        transform::in_place(&self.start("intt")?, &self.tables, vectors, transform)
    }

    fn coset_ntt(&self, coefficients: &[&Vector], shift: Fr) -> Result<Vec<Vector>, Error> {
        check::shift("coset_ntt", shift)?;
        let transform = Transform {
            direction: ffi::NTT_FORWARD,
            shift: Some(shift),
        };
        transform::into_new(&self.start("coset_ntt")?, &self.tables, coefficients, transform)
    }

    fn coset_intt(&self, values: &mut Vector, shift: Fr) -> Result<(), Error> {
        let name = "coset_intt";
        let unshift = Option::from(shift.invert()).ok_or(Error::ZeroShift { operation: name })?;
        let transform = Transform {
            direction: ffi::NTT_INVERSE,
            shift: Some(unshift),
        };
        transform::in_place(
            &self.start(name)?,
            &self.tables,
            std::slice::from_mut(values),
            transform,
        )
    }

    fn batch_invert(&self, vector: &mut Vector) -> Result<(), Error> {
        let operation = self.start("batch_invert")?;
        let length = vector.length;
        // SAFETY: a function of a number.
        let bytes = unsafe { ffi::zkml_batch_invert_workspace(length) };
        let mut workspace = workspace(&operation, bytes)?;
        // SAFETY: the vector has so many elements, and the workspace is as large as the library asks for.
        operation.check(unsafe {
            ffi::zkml_batch_invert(
                operation.stream(),
                vector.write(&operation)?,
                length,
                workspace.write(&operation)?.pointer(),
                bytes,
            )
        })
    }

    fn running_product(&self, vector: &Vector, start: Fr) -> Result<Vector, Error> {
        let operation = self.start("running_product")?;
        let mut result = Vector::new(&operation, vector.length)?;
        // SAFETY: a function of a number.
        let bytes = unsafe { ffi::zkml_running_product_workspace(vector.length) };
        let mut workspace = workspace(&operation, bytes)?;
        let start = words(&[start])[0];
        // SAFETY: both vectors have so many elements, the workspace is as large as the library asks for, and the start
        // is read before it returns.
        operation.check(unsafe {
            ffi::zkml_running_product(
                operation.stream(),
                vector.read(&operation)?,
                vector.length,
                &start,
                result.write(&operation)?,
                workspace.write(&operation)?.pointer(),
                bytes,
            )
        })?;
        Ok(result)
    }

    fn linear_combination(&self, terms: &[(Fr, &Vector)]) -> Result<Vector, Error> {
        let operation = self.start("linear_combination")?;
        let length = terms.iter().map(|(_, vector)| vector.length).max();
        let length = length.ok_or(Error::empty(operation.name, "term"))?;
        let mut result = Vector::new(&operation, length)?;
        let factors: Vec<Fr> = terms.iter().map(|(factor, _)| *factor).collect();
        let vectors = addresses(&operation, terms.iter().map(|(_, vector)| *vector))?;
        let lengths: Vec<usize> = terms.iter().map(|(_, vector)| vector.length).collect();
        // SAFETY: a function of a number.
        let bytes = unsafe { ffi::zkml_linear_combination_workspace(terms.len()) };
        let mut workspace = workspace(&operation, bytes)?;
        // SAFETY: each vector has as many elements as its length says, the result has the most of them, and the
        // workspace is as large as the library asks for; host arrays are read before it returns.
        operation.check(unsafe {
            ffi::zkml_linear_combination(
                operation.stream(),
                terms.len(),
                words(&factors).as_ptr(),
                vectors.as_ptr(),
                lengths.as_ptr(),
                length,
                result.write(&operation)?,
                workspace.write(&operation)?.pointer(),
                bytes,
            )
        })?;
        Ok(result)
    }

    fn evaluate(&self, queries: &[(&Vector, Fr)]) -> Result<Vec<Fr>, Error> {
        let operation = self.start("evaluate")?;
        let mut values = Vec::with_capacity(queries.len());
        let lengths = |queries: &[(&Vector, Fr)]| -> Vec<usize> {
            queries.iter().map(|(vector, _)| vector.length).collect()
        };
        let need = |queries: &[(&Vector, Fr)]| {
            let lengths = lengths(queries);
            // SAFETY: it reads so many lengths.
            Need::exactly(unsafe { ffi::zkml_evaluate_workspace(lengths.len(), lengths.as_ptr()) })
        };
        split(&operation, queries, need, |queries, mut workspace| {
            let mut results = Vector::new(&operation, queries.len())?;
            let vectors = addresses(&operation, queries.iter().map(|(vector, _)| *vector))?;
            let points: Vec<Fr> = queries.iter().map(|(_, point)| *point).collect();
            let bytes = workspace.bytes();
            // SAFETY: each vector has as many elements as its length says, there is a result for each query, and the
            // workspace is as large as the library asks for; host arrays are read before it returns.
            operation.check(unsafe {
                ffi::zkml_evaluate(
                    operation.stream(),
                    queries.len(),
                    vectors.as_ptr(),
                    lengths(queries).as_ptr(),
                    words(&points).as_ptr(),
                    results.write(&operation)?,
                    workspace.write(&operation)?.pointer(),
                    bytes,
                )
            })?;
            values.extend(operation.elements(&results, 0, queries.len())?);
            Ok(())
        })?;
        Ok(values)
    }

    fn fold(&self, coefficients: &[&Vector], size: usize, factor: Fr) -> Result<Vec<Vector>, Error> {
        let operation = self.start("fold")?;
        let lengths: Vec<usize> = coefficients.iter().map(|vector| vector.length).collect();
        check::pieces(operation.name, size, lengths.iter().copied())?;
        let sources = addresses(&operation, coefficients.iter().copied())?;
        let mut results = Vec::with_capacity(coefficients.len());
        let mut targets = Vec::with_capacity(coefficients.len());
        for _ in coefficients {
            let mut result = Vector::new(&operation, size)?;
            targets.push(result.write(&operation)?);
            results.push(result);
        }
        // SAFETY: a function of a number.
        let bytes = unsafe { ffi::zkml_fold_workspace(coefficients.len()) };
        let mut workspace = workspace(&operation, bytes)?;
        let factor = words(&[factor])[0];
        // SAFETY: each source has as many elements as its length says, a multiple of the size, and each target, which
        // is new memory, has the size; the workspace is as large as the library asks for, and host arrays are
        // read before it returns.
        operation.check(unsafe {
            ffi::zkml_fold(
                operation.stream(),
                coefficients.len(),
                sources.as_ptr(),
                lengths.as_ptr(),
                size,
                &factor,
                targets.as_ptr(),
                workspace.write(&operation)?.pointer(),
                bytes,
            )
        })?;
        Ok(results)
    }

    fn divide_by_linear(&self, coefficients: &mut Vector, root: Fr) -> Result<(), Error> {
        let operation = self.start("divide_by_linear")?;
        let length = coefficients.length;
        // SAFETY: a function of a number.
        let bytes = unsafe { ffi::zkml_divide_by_linear_workspace(length) };
        let mut workspace = workspace(&operation, bytes)?;
        let root = words(&[root])[0];
        // SAFETY: the vector has so many elements, the workspace is as large as the library asks for, and the root
        // is read before it returns.
        operation.check(unsafe {
            ffi::zkml_divide_by_linear(
                operation.stream(),
                coefficients.write(&operation)?,
                length,
                &root,
                workspace.write(&operation)?.pointer(),
                bytes,
            )
        })
    }

    fn run(&self, program: &Program, columns: &[&Vector], constants: &[Fr]) -> Result<Vector, Error> {
        let rows = check::columns(columns.iter().map(|column| column.length))?;
        program.check(columns.len(), constants.len())?;
        let operation = self.start("run")?;
        let mut result = Vector::new(&operation, rows)?;
        if rows == 0 {
            return Ok(result);
        }
        let code = encode(program, rows);
        let addresses = addresses(&operation, columns.iter().copied())?;
        let steps = code.instructions.len();
        // SAFETY: a function of numbers.
        let bytes =
            unsafe { ffi::zkml_program_workspace(steps, code.slots, columns.len(), constants.len(), rows) };
        let mut workspace = workspace(&operation, bytes)?;
        // SAFETY: every operand of a checked program exists, columns and the result have so many rows, and the
        // workspace is as large as the library asks for; host arrays are read before it returns.
        operation.check(unsafe {
            ffi::zkml_program_run(
                operation.stream(),
                code.instructions.as_ptr(),
                steps,
                code.slots,
                &code.result,
                addresses.as_ptr(),
                columns.len(),
                words(constants).as_ptr(),
                constants.len(),
                rows,
                result.write(&operation)?,
                workspace.write(&operation)?.pointer(),
                bytes,
            )
        })?;
        Ok(result)
    }
}

/// See [`Cuda::square_repeatedly`].
pub(super) fn square_repeatedly(
    operation: &Operation<'_>,
    vector: &mut Vector,
    rounds: u32,
) -> Result<(), Error> {
    let (values, length) = (vector.write(operation)?, vector.length);
    // SAFETY: the vector has so many elements.
    operation.check(unsafe { ffi::zkml_probe_multiply(operation.stream(), values, length, rounds) })
}

/// The addresses of vectors, for an operation that reads them.
fn addresses<'v>(
    operation: &Operation<'_>,
    vectors: impl Iterator<Item = &'v Vector>,
) -> Result<Vec<*const Words>, Error> {
    vectors.map(|vector| vector.read(operation)).collect()
}
