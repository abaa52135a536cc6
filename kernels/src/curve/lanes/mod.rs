//! Batches in eight lanes.
//!
//! Coordinates keep halo2curves' Montgomery form `a 2^256`, while a product of the lanes is
//! `a b 2^-260`, so that each product of two variables gains a factor `s = 2^-4`. None of them costs a
//! multiplication to remove:
//!
//! - The running products of denominators gain `s` each, and their inverse loses it again on the
//!   way back, so that every denominator's own inverse comes out exact.
//! - The inverse of the whole product is scaled by `2^6`. Slopes come out as `s 2^6 = 2^2` times
//!   their value, their squares as `s 2^4 = 1` times, and `slope (x - x')` as `s 2^2 = 2^-2` times,
//!   which a shift makes up for.

mod add;
mod double;
mod octets;
mod operands;
mod point;
mod special;

use super::cases;
use super::point::{Octet, Pair, Point, Term};
use crate::field::words::{Words, element, words};
use crate::field::{Block, Field, Lanes, Limbs, limbs52};
use add::{AddPairs, Record, State};
use double::{Double, Endomorphism};
use ff::Field as _;
use halo2curves::bn256::Fq;
use octets::{Pack, Unpack};
use operands::{Octets, Operands, Sums, Terms};

/// Vectors that share one inversion: 2048 additions.
const BATCH: usize = 256;

/// What the inverse of a product of denominators is scaled by: `2^6` where numerators are exact,
/// and `2^10` where they are products and have the factor `s` themselves.
const SCALE_OF_SUMS: u64 = 1 << 6;
const SCALE_OF_DOUBLES: u64 = 1 << 10;

type Arithmetic<L> = Field<Fq, L>;

/// Memory that batches reuse.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    /// Of the vectors of a batch of additions.
    records: Vec<Record>,
    /// Of the vectors that take their steps together.
    states: [State; add::GROUP],
    /// The products of the denominators before each vector of a batch of doublings.
    products: Vec<Block>,
}

/// See [`super::Engine::add_pairs`].
pub(super) fn add_pairs<L: Lanes>(
    lanes: L,
    source: &[Point],
    pairs: &[Pair],
    out: &mut [Point],
    workspace: &mut Workspace,
) {
    add(lanes, Terms { source, pairs }, out, workspace);
}

/// See [`super::Engine::add_into_octets`].
pub(super) fn add_into_octets<L: Lanes>(
    lanes: L,
    source: &[Point],
    pairs: &[Pair],
    out: &mut [Octet],
    workspace: &mut Workspace,
) {
    add(lanes, Terms { source, pairs }, out, workspace);
}

/// See [`super::Engine::add_octets`].
pub(super) fn add_octets<L: Lanes>(
    lanes: L,
    source: &[Octet],
    pairs: &[Pair],
    out: &mut [Octet],
    workspace: &mut Workspace,
) {
    add(lanes, Octets { source, pairs }, out, workspace);
}

fn add<L: Lanes>(lanes: L, operands: impl Operands, sums: impl Sums, workspace: &mut Workspace) {
    let vectors = operands.vectors().min(BATCH);
    if workspace.records.len() < vectors {
        workspace.records.resize(vectors, Record::default());
    }
    lanes.vectorize(AddPairs {
        operands,
        sums,
        records: &mut workspace.records,
        states: &mut workspace.states,
    });
}

/// See [`super::Engine::pack`].
pub(super) fn pack<L: Lanes>(lanes: L, source: &[Point], terms: &[Term], out: &mut [Octet]) {
    lanes.vectorize(Pack { source, terms, out });
}

/// See [`super::Engine::unpack`].
pub(super) fn unpack<L: Lanes>(lanes: L, octets: &[Octet], places: &[u32], out: &mut [Point]) {
    lanes.vectorize(Unpack { octets, places, out });
}

/// See [`super::Engine::double`].
pub(super) fn double<L: Lanes>(lanes: L, points: &mut [Point], workspace: &mut Workspace) {
    workspace.products.resize(BATCH, Block::ZERO);
    lanes.vectorize(Double {
        points,
        products: &mut workspace.products,
    });
}

/// See [`super::Engine::endomorphism`].
pub(super) fn endomorphism<L: Lanes>(lanes: L, points: &mut [Point]) {
    lanes.vectorize(Endomorphism { points });
}

/// The element one in all lanes.
#[inline(always)]
fn one<L: Lanes>(field: Arithmetic<L>) -> Limbs<L> {
    field.splat(limbs52(words(&[Fq::ONE])[0]))
}

/// The inverses of eight values, scaled, in lanes. None is zero.
#[inline(always)]
fn invert<L: Lanes>(field: Arithmetic<L>, values: Limbs<L>, scale: u64) -> Limbs<L> {
    let mut elements = [[0; 4]; 8];
    field.store(values, &mut elements);
    invert_elements(&mut elements, scale);
    field.load(&elements)
}

#[inline(never)]
fn invert_elements(elements: &mut [Words; 8], scale: u64) {
    let mut product = Fq::ONE;
    let before = elements.map(|value| {
        let before = product;
        product *= element::<Fq>(value);
        before
    });
    let mut inverse = cases::invert(product) * Fq::from(scale);
    for (value, before) in elements.iter_mut().zip(before).rev() {
        let own = inverse * before;
        inverse *= element::<Fq>(*value);
        *value = words(&[own])[0];
    }
}
