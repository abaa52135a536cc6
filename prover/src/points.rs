//! Which polynomial is evaluated and opened where, in the order of halo2.

use crate::Error;
use crate::domain::Domain;
use crate::program::{Cell, Source, permuted_columns};
use halo2_proofs::plonk::ConstraintSystem;
use halo2curves::bn256::Fr;
use std::collections::HashSet;

fn cell(source: Source, rotation: i32) -> Cell {
    Cell { source, rotation }
}

fn advice(cs: &ConstraintSystem<Fr>) -> impl Iterator<Item = Cell> + '_ {
    let queries = cs.advice_queries().iter();
    queries.map(|(column, at)| cell(Source::Advice(column.index()), at.0))
}

fn fixed(cs: &ConstraintSystem<Fr>) -> impl Iterator<Item = Cell> + '_ {
    let queries = cs.fixed_queries().iter();
    queries.map(|(column, at)| cell(Source::Fixed(column.index()), at.0))
}

fn sigmas(cs: &ConstraintSystem<Fr>) -> impl Iterator<Item = Cell> + use<> {
    (0..permuted_columns(cs).len()).map(|column| cell(Source::Sigma(column), 0))
}

/// Running products of the permutation argument.
fn chunks(cs: &ConstraintSystem<Fr>, domain: &Domain) -> usize {
    permuted_columns(cs).len().div_ceil(domain.permutation_chunk())
}

/// What is written to the proof, in order.
pub(crate) fn evaluated(cs: &ConstraintSystem<Fr>, domain: &Domain) -> Vec<Cell> {
    let mut cells: Vec<Cell> = advice(cs).chain(fixed(cs)).collect();
    cells.push(cell(Source::Random, 0));
    cells.extend(sigmas(cs));
    let chunks = chunks(cs, domain);
    for chunk in 0..chunks {
        let product = Source::PermutationProduct(chunk);
        cells.extend([cell(product, 0), cell(product, 1)]);
        if chunk + 1 < chunks {
            cells.push(cell(product, domain.last_rotation()));
        }
    }
    for index in 0..cs.lookups().len() {
        let product = Source::LookupProduct(index);
        let (input, table) = (Source::LookupInput(index), Source::LookupTable(index));
        cells.extend([cell(product, 0), cell(product, 1)]);
        cells.extend([cell(input, 0), cell(input, -1), cell(table, 0)]);
    }
    cells
}

/// What is opened, in order.
pub(crate) fn opened(cs: &ConstraintSystem<Fr>, domain: &Domain) -> Vec<Cell> {
    let mut cells: Vec<Cell> = advice(cs).collect();
    let chunks = chunks(cs, domain);
    for chunk in 0..chunks {
        let product = Source::PermutationProduct(chunk);
        cells.extend([cell(product, 0), cell(product, 1)]);
    }
    let chained = (0..chunks.saturating_sub(1)).rev();
    cells.extend(chained.map(|chunk| cell(Source::PermutationProduct(chunk), domain.last_rotation())));
    for index in 0..cs.lookups().len() {
        let product = Source::LookupProduct(index);
        let (input, table) = (Source::LookupInput(index), Source::LookupTable(index));
        cells.extend([cell(product, 0), cell(input, 0), cell(table, 0)]);
        cells.extend([cell(input, -1), cell(product, 1)]);
    }
    cells.extend(fixed(cs));
    cells.extend(sigmas(cs));
    cells.extend([cell(Source::Quotient, 0), cell(Source::Random, 0)]);
    cells
}

/// No polynomial may be opened twice at one point: the verifier does not accept it.
///
/// # Errors
/// [`Error::RotationsCollide`] if two rotations of a column are the same modulo the rows.
pub(crate) fn check_rotations(cs: &ConstraintSystem<Fr>, domain: &Domain) -> Result<(), Error> {
    let mut seen = HashSet::new();
    let new = |cell: Cell| seen.insert((cell.source, i64::from(cell.rotation).rem_euclid(domain.n as i64)));
    if opened(cs, domain).into_iter().all(new) {
        Ok(())
    } else {
        Err(Error::RotationsCollide)
    }
}
