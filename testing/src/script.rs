//! A transcript that records what is written and takes its challenges from a script, and the comparison of two records.

use halo2_proofs::plonk::ConstraintSystem;
use halo2_proofs::transcript::{Challenge255, EncodedChallenge, Transcript, TranscriptWrite};
use halo2curves::bn256::{Fr, G1Affine};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use std::collections::BTreeSet;
use std::io;

/// What happened to the transcript.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Item {
    /// A point was absorbed.
    AbsorbedPoint(G1Affine),
    /// A scalar was absorbed.
    AbsorbedScalar(Fr),
    /// A point was written.
    Point(G1Affine),
    /// A scalar was written.
    Scalar(Fr),
    /// A challenge was drawn.
    Challenge,
}

/// The transcript.
pub struct Script {
    /// What happened to it.
    pub items: Vec<Item>,
    challenges: ChaCha20Rng,
}

impl Script {
    /// A transcript whose challenges follow from a seed.
    pub fn new(seed: u64) -> Self {
        Self {
            items: Vec::new(),
            challenges: ChaCha20Rng::seed_from_u64(seed),
        }
    }
}

impl Transcript<G1Affine, Challenge255<G1Affine>> for Script {
    fn squeeze_challenge(&mut self) -> Challenge255<G1Affine> {
        let mut bytes = [0; 64];
        self.challenges.fill_bytes(&mut bytes);
        self.items.push(Item::Challenge);
        Challenge255::new(&bytes)
    }

    fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.items.push(Item::AbsorbedPoint(point));
        Ok(())
    }

    fn common_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.items.push(Item::AbsorbedScalar(scalar));
        Ok(())
    }
}

impl TranscriptWrite<G1Affine, Challenge255<G1Affine>> for Script {
    fn write_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.items.push(Item::Point(point));
        Ok(())
    }

    fn write_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.items.push(Item::Scalar(scalar));
        Ok(())
    }
}

/// Positions of the points and of the scalars of a proof.
pub fn written(items: &[Item]) -> (Vec<usize>, Vec<usize>) {
    let positions = |is: fn(&Item) -> bool| {
        let found = items.iter().enumerate().filter(move |(_, item)| is(item));
        found.map(|(position, _)| position).collect()
    };
    (
        positions(|item| matches!(item, Item::Point(_))),
        positions(|item| matches!(item, Item::Scalar(_))),
    )
}

/// Number of parts of the permutation's running product.
pub fn permutation_products(cs: &ConstraintSystem<Fr>) -> usize {
    cs.permutation().get_columns().len().div_ceil(cs.degree() - 2)
}

/// Positions of what halo2 takes from thread-local randomness: the random polynomial's commitment and evaluation, and the
/// two points of the opening.
pub fn thread_local(cs: &ConstraintSystem<Fr>, items: &[Item]) -> BTreeSet<usize> {
    let (points, scalars) = written(items);
    let before = cs.num_advice_columns() + 3 * cs.lookups().len() + permutation_products(cs);
    let queries = cs.advice_queries().len() + cs.fixed_queries().len();
    let opening = &points[points.len() - 2..];
    BTreeSet::from([points[before], opening[0], opening[1], scalars[queries]])
}

/// Checks that all but the positions in `free` is equal; those are of the same kind.
///
/// # Errors
/// The first difference, in words.
pub fn check_equal(ours: &[Item], upstream: &[Item], free: &BTreeSet<usize>) -> Result<(), String> {
    if ours.len() != upstream.len() {
        return Err(format!("expected {} items, found {}", upstream.len(), ours.len()));
    }
    let equal = |position: usize, our: &Item, theirs: &Item| match free.contains(&position) {
        true => std::mem::discriminant(our) == std::mem::discriminant(theirs),
        false => our == theirs,
    };
    let mut pairs = ours.iter().zip(upstream).enumerate();
    match pairs.find(|(position, (our, theirs))| !equal(*position, our, theirs)) {
        None => Ok(()),
        Some((position, (our, theirs))) => Err(format!(
            "item {position} of {}: expected {theirs:?}, found {our:?}",
            upstream.len()
        )),
    }
}
