//! The CPU as a backend.

mod kernels;
mod sums;

use crate::msm::dictionary;
use crate::msm::{Bases, Column, msm};
use crate::ntt::Direction;
use crate::program::plan::Plan;
use crate::{Backend, Error, Isa, Program, Scalars, check, oracle, poly};
use ff::Field;
use halo2curves::bn256::{Fr, G1Affine};
use kernels::Kernels;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// The CPU: vectors in main memory, kernels over the caller's rayon threads.
pub struct Cpu {
    isa: Isa,
    kernels: Box<dyn Kernels>,
}

impl Cpu {
    /// With the fastest instruction set that this machine has.
    pub fn new() -> Self {
        let isa = Isa::detect();
        match Self::with_isa(isa) {
            Ok(cpu) => cpu,
            Err(_) => unreachable!("{isa} was detected"),
        }
    }

    /// With a given instruction set.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where the machine lacks it.
    pub fn with_isa(isa: Isa) -> Result<Self, Error> {
        Ok(Self {
            isa,
            kernels: kernels::kernels(isa)?,
        })
    }

    /// The instruction set.
    pub fn isa(&self) -> Isa {
        self.isa
    }
}

#[cfg(test)]
impl Cpu {
    /// With lanes that are arrays.
    pub(crate) fn emulated() -> Self {
        Self {
            isa: Isa::Portable,
            kernels: kernels::emulated(),
        }
    }

    /// With products in plain Rust.
    pub(crate) fn plain() -> Self {
        Self {
            isa: Isa::Portable,
            kernels: kernels::plain(),
        }
    }
}

impl Default for Cpu {
    fn default() -> Self {
        Self::new()
    }
}

/// The inverse of a coset's shift.
fn unshift(operation: &'static str, shift: Fr) -> Result<Fr, Error> {
    Option::from(shift.invert()).ok_or(Error::ZeroShift { operation })
}

/// The lists of codes that a column reads; none for a column that is not dictionary-encoded.
fn codes<'a>(scalars: &Scalars<'a, Vec<Fr>, Vec<i32>>) -> Result<Vec<&'a [i32]>, Error> {
    match *scalars {
        Scalars::Dictionary { codes, rows, .. } => check::first_rows("msm", codes, rows),
        _ => Ok(Vec::new()),
    }
}

/// A column as the kernels take it, with its [`codes`].
fn column<'a>(scalars: &Scalars<'a, Vec<Fr>, Vec<i32>>, codes: &'a [&'a [i32]]) -> Column<'a> {
    match *scalars {
        Scalars::Full(values) => Column::Full(values),
        Scalars::Small { values, tail } => Column::Small { values, tail },
        Scalars::Dictionary { table, tail, .. } => Column::Dictionary { codes, table, tail },
    }
}

impl Backend for Cpu {
    type Vector = Vec<Fr>;
    type Integers = Vec<i32>;
    type Bases = Bases;

    fn name(&self) -> String {
        let threads = rayon::current_num_threads();
        format!(
            "cpu ({}, {threads} thread{})",
            self.isa,
            if threads == 1 { "" } else { "s" }
        )
    }

    fn upload(&self, values: &[Fr]) -> Result<Vec<Fr>, Error> {
        Ok(values.to_vec())
    }

    fn upload_integers(&self, values: Vec<i32>) -> Result<Vec<i32>, Error> {
        Ok(values)
    }

    fn expand_small(&self, values: &Vec<i32>, tail: &[Fr]) -> Result<Vec<Fr>, Error> {
        let mut vector = Vec::with_capacity(values.len() + tail.len());
        values
            .par_iter()
            .map(|&value| oracle::small(value))
            .collect_into_vec(&mut vector);
        vector.extend_from_slice(tail);
        Ok(vector)
    }

    fn expand_dictionary(
        &self,
        codes: &[&Vec<i32>],
        rows: usize,
        table: &Vec<Fr>,
        tail: &[Fr],
    ) -> Result<Vec<Fr>, Error> {
        let codes = check::first_rows("expand_dictionary", codes, rows)?;
        check::codes("expand_dictionary", &codes, table.len())?;
        Ok(dictionary::sums(&codes, table, tail))
    }

    fn download(&self, vector: &Vec<Fr>) -> Result<Vec<Fr>, Error> {
        Ok(vector.clone())
    }

    fn duplicate(&self, vector: &Vec<Fr>) -> Result<Vec<Fr>, Error> {
        Ok(vector.clone())
    }

    fn concatenate(&self, parts: &[&Vec<Fr>]) -> Result<Vec<Fr>, Error> {
        let mut whole = Vec::with_capacity(parts.iter().map(|part| part.len()).sum());
        for part in parts {
            whole.extend_from_slice(part);
        }
        Ok(whole)
    }

    fn len(&self, vector: &Vec<Fr>) -> usize {
        vector.len()
    }

    fn read(&self, vector: &Vec<Fr>, start: usize, count: usize) -> Result<Vec<Fr>, Error> {
        check::range("read", start, count, vector.len())?;
        Ok(vector[start..start + count].to_vec())
    }

    fn write(&self, vector: &mut Vec<Fr>, start: usize, values: &[Fr]) -> Result<(), Error> {
        check::range("write", start, values.len(), vector.len())?;
        vector[start..start + values.len()].copy_from_slice(values);
        Ok(())
    }

    fn bases(&self, points: &[G1Affine]) -> Result<Bases, Error> {
        Bases::new(points, self.isa)
    }

    fn msm(&self, bases: &Bases, columns: &[Scalars<'_, Vec<Fr>, Vec<i32>>]) -> Result<Vec<G1Affine>, Error> {
        let codes = columns.iter().map(codes).collect::<Result<Vec<_>, _>>()?;
        let columns = columns.iter().zip(&codes);
        let columns: Vec<Column<'_>> = columns.map(|(scalars, codes)| column(scalars, codes)).collect();
        msm(bases, &columns)
    }

    fn ntt(&self, vectors: &mut [Vec<Fr>]) -> Result<(), Error> {
        vectors
            .iter()
            .try_for_each(|vector| check::domain("ntt", vector.len()).map(drop))?;
        vectors
            .par_iter_mut()
            .for_each(|vector| self.kernels.transform(vector, Direction::FORWARD));
        Ok(())
    }

    fn intt(&self, vectors: &mut [Vec<Fr>]) -> Result<(), Error> {
        vectors
            .iter()
            .try_for_each(|vector| check::domain("intt", vector.len()).map(drop))?;
        vectors
            .par_iter_mut()
            .for_each(|vector| self.kernels.transform(vector, Direction::INVERSE));
        Ok(())
    }

    fn coset_ntt(&self, coefficients: &[&Vec<Fr>], shift: Fr) -> Result<Vec<Vec<Fr>>, Error> {
        check::shift("coset_ntt", shift)?;
        coefficients
            .iter()
            .try_for_each(|vector| check::domain("coset_ntt", vector.len()).map(drop))?;
        let transform = |source: &&Vec<Fr>| {
            let mut target = vec![Fr::ZERO; source.len()];
            self.kernels
                .transform_into(source, &mut target, Direction::Forward { shift });
            target
        };
        Ok(coefficients.par_iter().map(transform).collect())
    }

    fn coset_intt(&self, values: &mut Vec<Fr>, shift: Fr) -> Result<(), Error> {
        let unshift = unshift("coset_intt", shift)?;
        check::domain("coset_intt", values.len())?;
        self.kernels.transform(values, Direction::Inverse { unshift });
        Ok(())
    }

    fn batch_invert(&self, vector: &mut Vec<Fr>) -> Result<(), Error> {
        poly::batch_invert(vector);
        Ok(())
    }

    fn running_product(&self, vector: &Vec<Fr>, start: Fr) -> Result<Vec<Fr>, Error> {
        Ok(poly::running_product(vector, start))
    }

    fn linear_combination(&self, terms: &[(Fr, &Vec<Fr>)]) -> Result<Vec<Fr>, Error> {
        if terms.is_empty() {
            return Err(Error::empty("linear_combination", "term"));
        }
        let terms: Vec<(Fr, &[Fr])> = terms
            .iter()
            .map(|(factor, vector)| (*factor, vector.as_slice()))
            .collect();
        Ok(sums::linear_combination(&*self.kernels, &terms))
    }

    fn fold(&self, coefficients: &[&Vec<Fr>], size: usize, factor: Fr) -> Result<Vec<Vec<Fr>>, Error> {
        let pieces = check::pieces("fold", size, coefficients.iter().map(|vector| vector.len()))?;
        let plans: BTreeMap<usize, Plan> = pieces
            .iter()
            .map(|pieces| (*pieces, Plan::new(&Program::horner(*pieces as u32))))
            .collect();
        let fold = |(vector, pieces): (&&Vec<Fr>, &usize)| {
            sums::fold(&*self.kernels, &plans[pieces], vector, size, factor)
        };
        Ok(coefficients.par_iter().zip(&pieces).map(fold).collect())
    }

    fn evaluate(&self, queries: &[(&Vec<Fr>, Fr)]) -> Result<Vec<Fr>, Error> {
        Ok(queries
            .par_iter()
            .map(|(vector, point)| sums::evaluate(&*self.kernels, vector, *point))
            .collect())
    }

    fn divide_by_linear(&self, coefficients: &mut Vec<Fr>, root: Fr) -> Result<(), Error> {
        poly::divide_by_linear(coefficients, root);
        Ok(())
    }

    fn run(&self, program: &Program, columns: &[&Vec<Fr>], constants: &[Fr]) -> Result<Vec<Fr>, Error> {
        let rows = check::columns(columns.iter().map(|column| column.len()))?;
        program.check(columns.len(), constants.len())?;
        let columns: Vec<&[Fr]> = columns.iter().map(|column| column.as_slice()).collect();
        let mut result = vec![Fr::ZERO; rows];
        self.kernels
            .run(&Plan::new(program), &columns, constants, &mut result);
        Ok(result)
    }
}
