//! Ranks: the linear constraints state as many independent equations as the regions call for.
//!
//! All equations of a circuit are added up with monomials in the challenges as weights. If two of them had the same
//! weight, only their sum would be stated. So for random challenges, as many as there should be equations and a few
//! more, the derivatives of the sum by all cells are the rows of a matrix, whose rank is the number of equations that
//! are stated independently; more challenges than that add nothing to it.

mod elimination;
mod expected;
mod gradient;

use super::{Planted, RandomGraph};
use crate::config::Challenges;
use crate::lower::{Lowered, lower};
use crate::program::Program;
use crate::scalar::Scalar;
use crate::witness::Witness;
use crate::{CompiledCircuit, Error, Extras, Shape};
pub(super) use elimination::rank;
use ff::Field;
pub(super) use gradient::Variable;
use gradient::{Gradient, gradient};
use halo2_proofs::halo2curves::bn256::Fr;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use rayon::prelude::*;
use std::collections::BTreeSet;
use zkml_core::graph::Graph;

/// Lanes of the circuits: every gadget of a random graph fits.
const LANES: u16 = 24;

/// Challenges more than there should be equations: a rank above their number would show.
const MORE: usize = 4;

/// The rank of one circuit's linear constraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rank {
    /// Equations that the regions call for.
    pub expected: usize,
    /// Independent equations that are stated.
    pub found: usize,
}

/// The ranks of random circuits.
#[derive(Clone, Debug, Default)]
pub struct Ranks {
    /// Number of circuits.
    pub circuits: usize,
    /// Number of equations of all circuits.
    pub equations: usize,
    /// Seeds of the circuits with another rank than the regions call for, and that rank.
    pub failures: Vec<(u64, Rank)>,
}

/// The ranks of the circuits of the random graphs with these seeds. Graphs that the compiler refuses, and circuits of
/// more than `most` equations, are left out.
///
/// # Errors
/// Those of the compiler, for a graph that it should compile or refuse.
pub fn ranks(
    seeds: impl IntoIterator<Item = u64>,
    most: usize,
    planted: Option<Planted>,
) -> Result<Ranks, Error> {
    let mut ranks = Ranks::default();
    for seed in seeds {
        let Some(graph) = RandomGraph::new(seed) else {
            continue;
        };
        let Some(of_circuit) = of_graph(&graph, most, planted)? else {
            continue;
        };
        ranks.circuits += 1;
        ranks.equations += of_circuit.expected;
        if of_circuit.found != of_circuit.expected {
            ranks.failures.push((seed, of_circuit));
        }
    }
    Ok(ranks)
}

/// `None` for a graph that is refused, and for more equations than `most`.
fn of_graph(g: &RandomGraph, most: usize, planted: Option<Planted>) -> Result<Option<Rank>, Error> {
    let mut lowered = match lower(&g.graph, Some(&g.params), &g.options, LANES) {
        Ok(lowered) => lowered,
        Err(Error::Unsupported { .. } | Error::TooWide { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    if expected::equations(&lowered, &g.graph) > most {
        return Ok(None);
    }
    if planted == Some(Planted::EqualWeights) {
        plant_equal_weights(&mut lowered.program);
    }
    let salts: Vec<Fr> = (1..).take(lowered.hashed.len()).map(Fr::from).collect();
    let compiled = CompiledCircuit::from(lowered.clone());
    let extras = Extras {
        salts: &salts,
        context: &[],
    };
    let circuit = compiled.witness_with(&g.graph, &g.params, &g.execute()?, &extras)?;
    Ok(circuit
        .witness
        .map(|witness| of_circuit(&lowered, &g.graph, &witness)))
}

/// The rank of a compiled graph with this witness.
pub(crate) fn of_circuit(lowered: &Lowered, graph: &Graph, witness: &Witness) -> Rank {
    let expected = expected::equations(lowered, graph);
    let (_, matrix) = jacobian(&lowered.shape, &lowered.program, witness, expected + MORE);
    Rank {
        expected,
        found: rank(matrix),
    }
}

/// Derivatives by all cells that any linear constraint reads, at so many random challenges.
pub(super) fn jacobian(
    shape: &Shape,
    program: &Program,
    witness: &Witness,
    points: usize,
) -> (Vec<Variable>, Vec<Vec<Fr>>) {
    let gradients: Vec<_> = (0..points as u64)
        .into_par_iter()
        .map(|point| gradient(shape, program, witness, &challenges(point)))
        .collect();
    let variables: BTreeSet<Variable> = gradients.iter().flat_map(|g| g.keys().copied()).collect();
    let row = |g: &Gradient| {
        let value = |v| g.get(v).copied().unwrap_or(Fr::ZERO);
        variables.iter().map(value).collect()
    };
    let rows = gradients.iter().map(row).collect();
    (variables.into_iter().collect(), rows)
}

fn challenges(point: u64) -> Challenges<Fr> {
    let mut rng = ChaCha20Rng::seed_from_u64(point);
    let [u, v, w, alpha, gamma, sigma, tau] = std::array::from_fn(|_| Fr::random(&mut rng));
    Challenges {
        u,
        v,
        w,
        alpha,
        gamma,
        sigma,
        tau,
    }
}

/// Gives the second linear constraint the weights of the first: what multiplies by `tau^3` multiplies by `tau^2`.
fn plant_equal_weights(program: &mut Program) {
    let tau = |i: usize| program.scalars[i] == Scalar::Tau;
    let zero = |i: usize| {
        matches!(program.scalars[i], Scalar::Mac(a, b, c)
        if program.scalars[a.0 as usize] == Scalar::MinusOne && b == c && program.scalars[b.0 as usize] == Scalar::One)
    };
    let power_of = |below: &dyn Fn(usize) -> bool| {
        (0..program.scalars.len()).find(|&i| match program.scalars[i] {
            Scalar::Mac(a, b, c) => {
                let [a, b, c] = [a, b, c].map(|id| id.0 as usize);
                zero(c) && (tau(a) && below(b) || tau(b) && below(a))
            }
            _ => false,
        })
    };
    let Some(square) = power_of(&tau) else { return };
    let Some(cube) = power_of(&|i| i == square) else {
        return;
    };
    let replace = |id: &mut crate::scalar::ScalarId| {
        if id.0 as usize == cube {
            id.0 = square as u32;
        }
    };
    for scalar in &mut program.scalars {
        if let Scalar::Mac(a, b, c) = scalar {
            [a, b, c].into_iter().for_each(replace);
        }
    }
    for u in program.coefficient_columns.iter_mut().flatten() {
        replace(&mut u.a);
        replace(&mut u.b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::CellRef;
    use crate::soundness::common::samples::{Sample, all, named};
    use std::sync::Arc;

    /// The compiled sample and its honest witness.
    fn honest(sample: &Sample) -> (Lowered, Arc<Witness>) {
        let b = &sample.builder;
        let lowered = lower(&b.graph, Some(&b.params), &sample.options, LANES).unwrap();
        let circuit = b.fill(&CompiledCircuit::from(lowered.clone()), &sample.inputs);
        (lowered, circuit.witness.expect("a circuit with a witness"))
    }

    #[test]
    fn samples_state_all_equations() {
        for sample in all() {
            let (lowered, witness) = honest(&sample);
            let found = of_circuit(&lowered, &sample.builder.graph, &witness);
            assert_eq!(found.found, found.expected, "{}", sample.name);
            assert!(found.expected > 3, "{}", sample.name);
        }
    }

    #[test]
    fn random_circuits_state_all_equations() {
        let found = ranks(0..60, 160, None).unwrap();
        assert_eq!(found.failures, []);
        assert!(found.circuits >= 24 && found.equations > 1000, "{found:?}");
    }

    #[test]
    fn equal_weights_show_in_the_rank() {
        let found = ranks(0..30, 80, Some(Planted::EqualWeights)).unwrap();
        assert!(!found.failures.is_empty());
        assert!(
            found.failures.iter().all(|(_, r)| r.found < r.expected),
            "{found:?}"
        );
    }

    /// The sum is linear in each cell of this sample: its derivative is what one more in the cell adds.
    #[test]
    fn derivatives_are_differences() {
        let (lowered, witness) = honest(&named("dense_row"));
        let ch = challenges(7);
        let total = |w: &Witness| {
            let mut w = w.clone();
            // The lookups' part of the sum follows the multiplicities.
            w.multiplicity = crate::witness::multiplicity(&lowered.shape, &w.lanes);
            *w.derive(&lowered.shape, &lowered.program, &ch)
                .sum
                .last()
                .expect("a row")
        };
        assert_eq!(total(&witness), Fr::ZERO);
        let gradient = gradient(&lowered.shape, &lowered.program, &witness, &ch);
        let mut compared = 0;
        for (variable, derivative) in gradient {
            let mut changed = (*witness).clone();
            match variable {
                Variable::Cell(CellRef::Lane(lane), row) => {
                    let cell = &mut changed.lanes[usize::from(lane)][row as usize];
                    // The lookups tell cells beyond their range: one less where one more would be.
                    let up = *cell < 31;
                    *cell = if up { *cell + 1 } else { *cell - 1 };
                    let expected = if up { derivative } else { -derivative };
                    assert_eq!(total(&changed), expected, "{variable:?}");
                }
                Variable::Copy(copy) => {
                    changed.copied[copy as usize] += 1;
                    assert_eq!(total(&changed), derivative, "{variable:?}");
                }
                Variable::Cell(CellRef::Instance(column), row) => {
                    changed.instances[usize::from(column)][row as usize] += Fr::ONE;
                    assert_eq!(total(&changed), derivative, "{variable:?}");
                }
                Variable::Cell(..) => continue,
            }
            compared += 1;
        }
        assert!(compared > 40, "{compared}");
    }
}
