//! Statements that a verifier must reject: structured changes of a valid one, for any key.
//!
//! Other than random bytes, most of these are well-formed: points of the curve, canonical scalars, the right lengths. So they
//! reach the equations. [`crate::mutation`] has the encodings of calls of contracts.

pub mod folder;
pub mod judges;
mod layout;
mod points;
pub mod samples;
mod scalars;
mod statement;
mod whole;

pub use layout::Layout;
pub use statement::{Statement, pinned};

use halo2curves::bn256::G1Affine;
use rand_core::RngCore;
use std::sync::Arc;
use zkml::commitments::PinnedModel;
use zkml::{Error, Proof, VerifyingKey};

/// A key with two valid proofs.
#[derive(Clone, Debug)]
pub struct Valid {
    /// The key.
    pub key: Arc<VerifyingKey>,
    /// What proofs are linked to, for a key with committed parameters.
    pub pinned: Option<PinnedModel>,
    /// The proof that is changed.
    pub proof: Proof,
    /// Another proof for the key, of another run: parts of it are put into the first one.
    pub other: Proof,
}

/// A changed statement.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// What was done.
    pub kind: &'static str,
    /// The result.
    pub statement: Statement,
}

/// What changes can be made from.
struct Context {
    layout: Layout,
    other: Statement,
    key_points: Vec<G1Affine>,
}

/// A change; none where the statement has nothing of the kind.
type Change = fn(&mut Statement, &Context, &mut dyn RngCore) -> Option<()>;
/// Changes with their names.
type Changes = &'static [(&'static str, Change)];

const CHANGES: [Changes; 3] = [points::CHANGES, scalars::CHANGES, whole::CHANGES];

/// Number of kinds of changes.
pub const KINDS: usize = points::CHANGES.len() + scalars::CHANGES.len() + whole::CHANGES.len();

/// Changes of a valid statement, one kind after the other, without end. Those that change nothing are left out. The same numbers
/// from `rng` make the same changes.
///
/// # Errors
/// [`Error::NoProtocol`] for a key that has none.
pub fn mutants<'a>(
    valid: &Valid,
    mut rng: impl RngCore + 'a,
) -> Result<impl Iterator<Item = Mutant> + 'a, Error> {
    let protocol = valid.key.protocol()?;
    let [statement, other] = [&valid.proof, &valid.other].map(|p| Statement::new(p, valid.pinned.as_ref()));
    let context = Context {
        layout: Layout::new(&protocol),
        other,
        key_points: [protocol.fixed_commitments, protocol.permutation_commitments].concat(),
    };
    let make = move |&(kind, change): &(&'static str, Change)| {
        let mut changed = statement.clone();
        change(&mut changed, &context, &mut rng)?;
        (changed != statement).then_some(Mutant {
            kind,
            statement: changed,
        })
    };
    Ok(CHANGES.into_iter().flatten().cycle().filter_map(make))
}

/// A number below `n`; none if `n` is 0.
fn below(rng: &mut dyn RngCore, n: usize) -> Option<usize> {
    (n > 0).then(|| (rng.next_u64() % n as u64) as usize)
}

/// Two different numbers below `n`, if there are two.
fn two_below(rng: &mut dyn RngCore, n: usize) -> Option<(usize, usize)> {
    let first = below(rng, n)?;
    let other = below(rng, n - 1)?;
    Some((first, if other < first { other } else { other + 1 }))
}
