//! The programs of a constraint system: compressions of lookups, running products, the quotient.
//!
//! Notation, for rows `w^i` of the domain: `u` usable rows; `l_0`, `l_last`, `l_active` are 1 on
//! the first row, on row `u` and on the rows before it. See the halo2 book, "Permutation
//! argument" and "Lookup argument".

use super::compiled::Compiled;
use super::constant::Symbol;
use super::graph::{Cell, Graph, Node, Source};
use crate::Error;
use crate::domain::Domain;
use ff::{Field, PrimeField};
use halo2_proofs::plonk::{Any, ConstraintSystem, Expression};
use halo2curves::bn256::Fr;

/// The factors of a running product: row `i + 1` is row `i` times `numerator / denominator`.
#[derive(Clone, Debug)]
pub(crate) struct Product {
    pub denominator: Compiled,
    /// The quotient; it reads the denominators' inverses as [`Source::Inverse`].
    pub quotient: Compiled,
}

/// All programs of a key.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    /// Per lookup: compressed input and compressed table.
    pub lookups: Vec<(Compiled, Compiled)>,
    pub lookup_products: Vec<Product>,
    /// Per chunk of permuted columns.
    pub permutation_products: Vec<Product>,
    /// The numerator of the quotient: all constraints, combined with powers of `y`.
    pub quotient: Compiled,
}

impl Programs {
    pub fn new(cs: &ConstraintSystem<Fr>, domain: &Domain) -> Result<Self, Error> {
        check_degrees(cs, domain)?;
        let columns = permuted_columns(cs);
        let chunks: Vec<&[Source]> = columns.chunks(domain.permutation_chunk()).collect();
        let mut lookups = Vec::new();
        let mut lookup_products = Vec::new();
        for (index, lookup) in cs.lookups().iter().enumerate() {
            let mut graph = Graph::default();
            let input = graph.compress(lookup.input_expressions())?;
            let table = graph.compress(lookup.table_expressions())?;
            lookups.push((graph.compile(input), graph.compile(table)));
            lookup_products.push(lookup_product(&mut graph, index, input, table));
        }
        let permutation_products = chunks
            .iter()
            .enumerate()
            .map(|(chunk, columns)| permutation_product(columns, chunk * domain.permutation_chunk()))
            .collect();
        let mut graph = Graph::default();
        let mut terms = Vec::new();
        for polynomial in cs.gates().iter().flat_map(|gate| gate.polynomials()) {
            terms.push(graph.expression(polynomial)?);
        }
        permutation_terms(&mut graph, &mut terms, &chunks, domain);
        for (index, lookup) in cs.lookups().iter().enumerate() {
            let input = graph.compress(lookup.input_expressions())?;
            let table = graph.compress(lookup.table_expressions())?;
            lookup_terms(&mut graph, &mut terms, index, input, table);
        }
        let numerator = graph.combine(&terms);
        Ok(Self {
            lookups,
            lookup_products,
            permutation_products,
            quotient: graph.compile(numerator),
        })
    }
}

/// The program of one polynomial of a gate.
pub(crate) fn gate_polynomial(polynomial: &Expression<Fr>) -> Result<Compiled, Error> {
    let mut graph = Graph::default();
    let node = graph.expression(polynomial)?;
    Ok(graph.compile(node))
}

/// The columns of the permutation argument, in order.
pub(crate) fn permuted_columns(cs: &ConstraintSystem<Fr>) -> Vec<Source> {
    cs.permutation()
        .get_columns()
        .iter()
        .map(|column| match column.column_type() {
            Any::Advice(_) => Source::Advice(column.index()),
            Any::Fixed => Source::Fixed(column.index()),
            Any::Instance => Source::Instance(column.index()),
        })
        .collect()
}

/// halo2 caps the degree of a constraint system; the domain is too small for gates beyond the cap.
fn check_degrees(cs: &ConstraintSystem<Fr>, domain: &Domain) -> Result<(), Error> {
    for gate in cs.gates() {
        for (polynomial, expression) in gate.polynomials().iter().enumerate() {
            let degree = expression.degree();
            if degree > domain.degree {
                return Err(Error::Degree {
                    gate: gate.name().into(),
                    polynomial,
                    degree,
                    limit: domain.degree,
                });
            }
        }
    }
    for lookup in cs.lookups() {
        let degree = |expressions: &[Expression<Fr>]| {
            expressions
                .iter()
                .map(Expression::degree)
                .max()
                .unwrap_or(1)
                .max(1)
        };
        let degree = (2 + degree(lookup.input_expressions()) + degree(lookup.table_expressions())).max(4);
        if degree > domain.degree {
            return Err(Error::Degree {
                gate: lookup.name().into(),
                polynomial: 0,
                degree,
                limit: domain.degree,
            });
        }
    }
    Ok(())
}

/// `(A + beta)(S + gamma) / ((A' + beta)(S' + gamma))`
fn lookup_product(graph: &mut Graph, index: usize, input: Node, table: Node) -> Product {
    let denominator = lookup_permuted_factor(graph, index);
    let numerator = lookup_factor(graph, input, table);
    let inverse = graph.cell(Source::Inverse);
    let quotient = graph.mul(numerator, inverse);
    Product {
        denominator: graph.compile(denominator),
        quotient: graph.compile(quotient),
    }
}

/// `(A + beta)(S + gamma)`
fn lookup_factor(graph: &mut Graph, input: Node, table: Node) -> Node {
    let (beta, gamma) = (graph.symbol(Symbol::Beta), graph.symbol(Symbol::Gamma));
    let input = graph.add(input, beta);
    let table = graph.add(table, gamma);
    graph.mul(input, table)
}

/// `(A' + beta)(S' + gamma)`
fn lookup_permuted_factor(graph: &mut Graph, index: usize) -> Node {
    let input = graph.cell(Source::LookupInput(index));
    let table = graph.cell(Source::LookupTable(index));
    lookup_factor(graph, input, table)
}

/// `prod_j (v_j + delta^j beta X + gamma) / prod_j (v_j + beta sigma_j + gamma)`
fn permutation_product(columns: &[Source], first: usize) -> Product {
    let mut graph = Graph::default();
    let numerator = identity_factors(&mut graph, columns, first);
    let denominator = sigma_factors(&mut graph, columns, first);
    let inverse = graph.cell(Source::Inverse);
    let (mut top, mut bottom) = (inverse, graph.literal(Fr::ONE));
    for factor in numerator {
        top = graph.mul(top, factor);
    }
    for factor in denominator {
        bottom = graph.mul(bottom, factor);
    }
    Product {
        denominator: graph.compile(bottom),
        quotient: graph.compile(top),
    }
}

/// `v_j + delta^j beta X + gamma` for columns that start with number `first`.
fn identity_factors(graph: &mut Graph, columns: &[Source], first: usize) -> Vec<Node> {
    let x = graph.cell(Source::Identity);
    let beta = graph.symbol(Symbol::Beta);
    let mut delta = Fr::DELTA.pow_vartime([first as u64]);
    let mut factors = Vec::with_capacity(columns.len());
    for &column in columns {
        let shift = graph.literal(delta);
        let shift = graph.mul(beta, shift);
        let id = graph.mul(shift, x);
        factors.push(masked(graph, column, id));
        delta *= Fr::DELTA;
    }
    factors
}

/// `v_j + beta sigma_j + gamma` for columns that start with number `first`.
fn sigma_factors(graph: &mut Graph, columns: &[Source], first: usize) -> Vec<Node> {
    let beta = graph.symbol(Symbol::Beta);
    let mut factors = Vec::with_capacity(columns.len());
    for (j, &column) in columns.iter().enumerate() {
        let sigma = graph.cell(Source::Sigma(first + j));
        let id = graph.mul(beta, sigma);
        factors.push(masked(graph, column, id));
    }
    factors
}

/// `v + gamma + id`, the first sum being shared by both factors of a column.
fn masked(graph: &mut Graph, column: Source, id: Node) -> Node {
    let gamma = graph.symbol(Symbol::Gamma);
    let value = graph.cell(column);
    let value = graph.add(value, gamma);
    graph.add(value, id)
}

/// The constraints of the permutation argument: with `z_c` the running product of chunk `c`,
///
/// - `l_0 (1 - z_0)`, `l_last (z_m^2 - z_m)` for the last one,
/// - `l_0 (z_c - z_(c-1)(w^last X))` for all but the first,
/// - `l_active (z_c(w X) prod (v + beta sigma + gamma) - z_c prod (v + beta delta^j X + gamma))`.
fn permutation_terms(graph: &mut Graph, terms: &mut Vec<Node>, chunks: &[&[Source]], domain: &Domain) {
    let Some(last_chunk) = chunks.len().checked_sub(1) else {
        return;
    };
    let first = graph.cell(Source::First);
    let active = graph.cell(Source::Active);
    let z = |graph: &mut Graph, chunk, rotation| {
        graph.cell(Cell {
            source: Source::PermutationProduct(chunk),
            rotation,
        })
    };
    let start = z(graph, 0, 0);
    product_starts_with_one(graph, terms, start);
    let end = z(graph, last_chunk, 0);
    product_ends_with_bit(graph, terms, end);
    for chunk in 1..chunks.len() {
        let here = z(graph, chunk, 0);
        let before = z(graph, chunk - 1, domain.last_rotation());
        let step = graph.sub(here, before);
        terms.push(graph.mul(first, step));
    }
    for (chunk, columns) in chunks.iter().enumerate() {
        let number = chunk * domain.permutation_chunk();
        let mut left = z(graph, chunk, 1);
        for factor in sigma_factors(graph, columns, number) {
            left = graph.mul(left, factor);
        }
        let mut right = z(graph, chunk, 0);
        for factor in identity_factors(graph, columns, number) {
            right = graph.mul(right, factor);
        }
        let difference = graph.sub(left, right);
        terms.push(graph.mul(active, difference));
    }
}

/// The constraints of a lookup argument, `z` being its running product:
///
/// - `l_0 (1 - z)`, `l_last (z^2 - z)`,
/// - `l_active (z(w X) (A' + beta)(S' + gamma) - z (A + beta)(S + gamma))`,
/// - `l_0 (A' - S')`, `l_active (A' - S')(A' - A'(X / w))`.
fn lookup_terms(graph: &mut Graph, terms: &mut Vec<Node>, index: usize, input: Node, table: Node) {
    let first = graph.cell(Source::First);
    let active = graph.cell(Source::Active);
    let z = graph.cell(Source::LookupProduct(index));
    let z_next = graph.cell(Cell {
        source: Source::LookupProduct(index),
        rotation: 1,
    });
    product_starts_with_one(graph, terms, z);
    product_ends_with_bit(graph, terms, z);
    let permuted = lookup_permuted_factor(graph, index);
    let plain = lookup_factor(graph, input, table);
    let left = graph.mul(z_next, permuted);
    let right = graph.mul(z, plain);
    let difference = graph.sub(left, right);
    terms.push(graph.mul(active, difference));
    let here = graph.cell(Source::LookupInput(index));
    let before = graph.cell(Cell {
        source: Source::LookupInput(index),
        rotation: -1,
    });
    let entry = graph.cell(Source::LookupTable(index));
    let from_table = graph.sub(here, entry);
    terms.push(graph.mul(first, from_table));
    let repeated = graph.sub(here, before);
    let either = graph.mul(from_table, repeated);
    terms.push(graph.mul(active, either));
}

fn product_starts_with_one(graph: &mut Graph, terms: &mut Vec<Node>, z: Node) {
    let first = graph.cell(Source::First);
    let one = graph.literal(Fr::ONE);
    let rest = graph.sub(one, z);
    terms.push(graph.mul(first, rest));
}

fn product_ends_with_bit(graph: &mut Graph, terms: &mut Vec<Node>, z: Node) {
    let last = graph.cell(Source::Last);
    let square = graph.mul(z, z);
    let rest = graph.sub(square, z);
    terms.push(graph.mul(last, rest));
}
