//! The hash chip and the linear constraints that make its messages.

use super::common::samples::{all, named};
use super::{CONSTRAINT_SUM, Forgery};
use crate::commitment::commit;
use crate::poseidon::{ROWS_PER_PERMUTATION, WIDTH, resume};
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;

type Rows = Vec<[Fr; WIDTH]>;

/// Rows of one permutation and its first one.
const P: usize = ROWS_PER_PERMUTATION as usize;

/// The cells of a chain.
fn cells(f: &Forgery, chain: usize) -> Rows {
    let (first, chain) = f.circuit.program.chains[chain];
    let hash = f.circuit.witness.as_ref().unwrap().hash.as_ref().unwrap();
    (0..chain.rows() as usize)
        .map(|row| std::array::from_fn(|i| hash[i][first as usize + row]))
        .collect()
}

fn write(f: &mut Forgery, chain: usize, rows: &Rows) {
    let first = f.circuit.program.chains[chain].0 as usize;
    let hash = f.witness().hash.as_mut().unwrap();
    for (row, cells) in rows.iter().enumerate() {
        for (column, cell) in hash.iter_mut().zip(cells) {
            column[first + row] = *cell;
        }
    }
}

/// Index of the first commitment among the public values.
fn first_digest(f: &Forgery) -> usize {
    f.lowered.public.iter().map(|t| t.len as usize).sum()
}

/// Edits the cells of a chain, recomputes everything that follows from them, and linear constraints the digest
/// that comes out: what a cheating prover would do.
pub(super) fn rehash(f: &mut Forgery, chain: usize, edit: impl Fn(&mut Rows)) {
    let before = cells(f, chain);
    let mut rows = before.clone();
    edit(&mut rows);
    // The first row that changed, and so the rows that stay.
    let changed = rows.iter().zip(&before).position(|(a, b)| a != b);
    resume(
        &f.circuit.program.chains[chain].1,
        &mut rows,
        changed.unwrap_or(0),
    );
    let last = rows.len() - 1;
    let by = rows[last][1] - before[last][1];
    write(f, chain, &rows);
    let digest = first_digest(f) + chain;
    f.linear_constraint_value(digest, by);
}

#[test]
fn digests_are_those_of_the_commitment() {
    for sample in all() {
        let f = Forgery::new(&sample);
        let trace = sample.builder.run(&sample.inputs);
        let public = f.circuit.public_values();
        for (i, h) in f.lowered.hashed.iter().enumerate() {
            use crate::HashedRole::{Input, Output, Params};
            let graph = &sample.builder.graph;
            let values = match h.role {
                Input(i) => vec![
                    trace.values[graph.inputs[i as usize].node.index()]
                        .data()
                        .to_vec(),
                ],
                Output(i) => vec![
                    trace.values[graph.outputs[i as usize].node.index()]
                        .data()
                        .to_vec(),
                ],
                Params => sample.builder.params.tensors.clone(),
            };
            let tensors: Vec<_> = h
                .forms
                .iter()
                .cloned()
                .zip(values.iter().map(Vec::as_slice))
                .collect();
            let expected = commit(&tensors, Fr::from(i as u64 + 1)).unwrap();
            assert_eq!(public[first_digest(&f) + i], expected, "{}", sample.name);
        }
    }
}

/// Each gate alone notices a step that is not Poseidon's, with everything after it recomputed.
#[test]
fn every_gate_of_the_chip_is_needed() {
    // Row of the first S-box inputs that the gate makes.
    let cheats = [
        ("hash start", 1, 0),
        ("hash start", 1, 2),
        ("hash full rounds", 3, 1),
        ("hash full rounds", 1 + 2 * 26, 2),
        ("hash first partial rounds", 1 + 2 * 4, 0),
        ("hash first partial rounds", 1 + 2 * 4, 1),
        ("hash partial rounds", 1 + 2 * 9, 1),
        ("hash partial rounds", 1 + 2 * 22, 2),
        ("hash last partial rounds", 1 + 2 * 23, 0),
        ("hash last partial rounds", 1 + 2 * 23, 2),
        ("hash absorb", P + 1, 0),
        ("hash absorb", P + 1, 1),
    ];
    for (gate, row, cell) in cheats {
        let mut f = Forgery::of("hashed");
        rehash(&mut f, 0, |rows| rows[row][cell] += Fr::one());
        f.rejected_by(&[gate]);
    }
    // A state at the end that does not follow.
    let mut f = Forgery::of("hashed");
    rehash(&mut f, 0, |rows| rows.last_mut().unwrap()[1] += Fr::one());
    f.rejected_by(&["hash full rounds"]);
    // Squares that are none. The first two of partial rounds are part of the equation of their own inputs too.
    for row in [2, 2 + 2 * 10, 2 + 2 * 22, 2 + 2 * 26, P + 2] {
        let mut f = Forgery::of("hashed");
        rehash(&mut f, 0, |rows| rows[row][2] += Fr::one());
        f.rejected_by(&["y is the square of x"]);
        // The other sign of an input has the same square, and another output.
        let mut f = Forgery::of("hashed");
        rehash(&mut f, 0, |rows| rows[row - 1][0] = -rows[row - 1][0]);
        assert!(!f.failures().is_empty());
    }
}

#[test]
fn messages_are_the_packed_values() {
    for (row, cell) in [(0, 2), (P, 1), (P, 2), (2 * P, 1)] {
        let mut f = Forgery::of("hashed");
        rehash(&mut f, 0, |rows| rows[row][cell] += Fr::one());
        f.rejected_by(&[CONSTRAINT_SUM]);
    }
    // What fills up the last permutation is 0.
    let mut f = Forgery::of("hashed");
    assert_eq!(cells(&f, 0)[2 * P][2], Fr::ZERO);
    rehash(&mut f, 0, |rows| rows[2 * P][2] += Fr::one());
    f.rejected_by(&[CONSTRAINT_SUM]);
    // Neighbours do not swap, within a permutation or across.
    for (a, b) in [((P, 1), (P, 2)), ((P, 1), (2 * P, 1))] {
        let mut f = Forgery::of("hashed");
        rehash(&mut f, 0, |rows| {
            let (x, y) = (rows[a.0][a.1], rows[b.0][b.1]);
            (rows[a.0][a.1], rows[b.0][b.1]) = (y, x);
        });
        f.rejected_by(&[CONSTRAINT_SUM]);
    }
}

#[test]
fn a_salt_is_free_and_a_digest_is_not() {
    let mut f = Forgery::of("hashed");
    rehash(&mut f, 0, |rows| rows[0][1] += Fr::one());
    f.accepted();
    let digest = first_digest(&f);
    f.linear_constraint_value(digest, Fr::one());
    f.rejected_by(&[CONSTRAINT_SUM]);
}

#[test]
fn packed_values_are_those_of_the_model() {
    for name in ["hashed", "hashed_copy"] {
        // The input as the model has it, and another one hashed.
        let mut f = Forgery::of(name);
        rehash(&mut f, 0, |rows| rows[P][1] += Fr::from(1 << 15));
        f.rejected_by(&[CONSTRAINT_SUM]);
    }
    // A copy that is none, hashed as it says.
    let mut f = Forgery::of("hashed_copy");
    let copy = f.gadget("plain", 1, |c| c[0] < 31);
    f.add(copy, &[(0, 1)]);
    assert_eq!(
        copy.index, 0,
        "the first value is the first digit of the first element"
    );
    rehash(&mut f, 0, |rows| rows[0][2] += Fr::one());
    f.rejected_by(&[CONSTRAINT_SUM]);
}

/// Packing tells any two lists of values apart that the circuit admits.
#[test]
fn digits_hold_every_value_of_the_circuit() {
    let mut seen = 0;
    for sample in all() {
        let graph = &sample.builder.graph;
        let bounds = zkml_core::bounds::bounds(graph).unwrap();
        for h in &super::lowered(&sample).hashed {
            use crate::HashedRole::{Input, Output, Params};
            let bounds: Vec<(i64, i64)> = match h.role {
                Input(i) => vec![bounds[graph.inputs[i as usize].node.index()]],
                Output(i) => vec![bounds[graph.outputs[i as usize].node.index()]],
                Params => graph.params.iter().map(|p| graph.signed_range(p.limbs)).collect(),
            };
            for (form, (lo, hi)) in h.forms.iter().zip(bounds) {
                let half = 1i64 << (form.bits - 1);
                assert!(-half <= lo && hi < half, "{}: {form:?}", sample.name);
                seen += 1;
            }
        }
    }
    assert!(seen >= 7);
}

/// No cell of a chain can change alone, but the salt and what nothing reads.
#[test]
fn no_cell_of_the_chip_is_free() {
    let honest = Forgery::of("hashed");
    let rows = cells(&honest, 0);
    let last = rows.len() - 1;
    for row in 0..=last {
        let unread = usize::from(row % P == 0 && row != last);
        for cell in unread..WIDTH {
            let mut changed = rows.clone();
            changed[row][cell] += Fr::one();
            let mut f = honest.clone();
            write(&mut f, 0, &changed);
            assert!(!f.failures().is_empty(), "row {row}, cell {cell}");
        }
    }
}

/// The message of one chain is not another's: each has linear constraints of its own.
#[test]
fn chains_do_not_swap() {
    let mut f = Forgery::of("hashed_everything");
    assert_eq!(f.circuit.program.chains.len(), 4);
    let message = cells(&f, 1)[0];
    rehash(&mut f, 0, |rows| rows[0] = message);
    f.rejected_by(&[CONSTRAINT_SUM]);
    assert_eq!(named("hashed_everything").builder.graph.inputs.len(), 2);
}
