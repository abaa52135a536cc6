//! Poseidon in three columns: 55 rows for a permutation.
//!
//! A permutation is 27 *groups* of three S-boxes: a full round is one, and three partial rounds are
//! one, which is why 57 partial rounds fit. A group is two rows, `x` (the inputs of its S-boxes)
//! and `y = x^2`; the outputs `z = y^2 x` have no cells. Between groups everything is linear:
//!
//! * The *exit* of a group is the state after it: `M z` after a full round. The inputs `x_0, x_1, x_2`
//!   of three partial rounds and their outputs determine the other two elements of the state, as
//!   `x_1` and `x_2` are linear in them; so the exit is a linear map of `x` and `z`.
//! * The *entry* of a group says what its inputs are for a state: the state itself for a full round.
//!   For partial rounds `x_1` depends on `z_0`, and `x_2` on `z_0` and `z_1` of the same group.
//!
//! Round constants pass through these maps and become three constants for each group.
//!
//! | row | cells |
//! |---|---|
//! | `55 p` | message of permutation `p`: a free cell and the two elements that it absorbs |
//! | `55 p + 1 + 2 g` | `x` of group `g` |
//! | `55 p + 2 + 2 g` | `y` of group `g` |
//! | after the last permutation | the state; its second element is the digest |

use super::{FULL_ROUNDS, PARTIAL_ROUNDS, WIDTH, is_full, mix, parameters, sbox};
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;

/// Groups of a permutation.
const GROUPS: usize = FULL_ROUNDS + PARTIAL_ROUNDS / WIDTH;
/// Groups before the partial rounds.
const HALF: usize = FULL_ROUNDS / 2;
/// First group after the partial rounds.
const SECOND_HALF: usize = HALF + PARTIAL_ROUNDS / WIDTH;

/// Rows of a permutation: its message and its groups.
pub(crate) const ROWS_PER_PERMUTATION: u32 = 1 + 2 * GROUPS as u32;

const _: () = assert!(PARTIAL_ROUNDS.is_multiple_of(WIDTH));

type State = [Fr; WIDTH];

/// What ties a group to what follows; the gate of its row `y` (of the first message's row for
/// [`Step::Start`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Full round to a full round, or to the final state.
    FullFull,
    /// Full round to partial rounds.
    FullPartial,
    /// Partial rounds to partial rounds.
    PartialPartial,
    /// Partial rounds to a full round.
    PartialFull,
    /// The last full round, the message, and the first full round of the next permutation.
    Absorb,
    /// The first message and the first full round.
    Start,
}

/// Linear maps between groups, without their constants.
pub(crate) struct Maps {
    /// The exit of a full round, by `z`.
    pub mix: [State; WIDTH],
    /// The exit of partial rounds, by `x` and `z`.
    pub exit: [[Fr; 2 * WIDTH]; WIDTH],
    /// The entry of partial rounds, by the state and `z_0, z_1`.
    pub entry: [[Fr; WIDTH + 2]; WIDTH],
}

impl Maps {
    pub fn new() -> Self {
        let zero = [[Fr::ZERO; WIDTH]; 3];
        Maps {
            mix: parameters().matrix,
            exit: columns(|v: [Fr; 6]| exit([v[0], v[1], v[2]], [v[3], v[4], v[5]], [zero[1], zero[2]])),
            entry: columns(|v: [Fr; 5]| entry([v[0], v[1], v[2]], [v[3], v[4]], zero)),
        }
    }
}

/// The matrix of a linear map, from its values on the gadget vectors.
fn columns<const N: usize>(map: impl Fn([Fr; N]) -> State) -> [[Fr; N]; WIDTH] {
    let values: [State; N] = std::array::from_fn(|j| {
        let mut gadget = [Fr::ZERO; N];
        gadget[j] = Fr::ONE;
        map(gadget)
    });
    std::array::from_fn(|i| std::array::from_fn(|j| values[j][i]))
}

fn add(a: State, b: State) -> State {
    std::array::from_fn(|i| a[i] + b[i])
}

/// The state after three partial rounds with these inputs and outputs of the S-boxes; `constants` are
/// those of the second and the third round.
fn exit(x: State, z: State, constants: [State; 2]) -> State {
    let m = &parameters().matrix;
    // After the first round the state is `known_1 + a M_1 + b M_2`, for the unknown elements a, b.
    let known_1 = add(mix([z[0], Fr::ZERO, Fr::ZERO]), constants[0]);
    let column = |j: usize| -> State { std::array::from_fn(|i| m[i][j]) };
    let round = |s: State, z: Fr| mix([z, s[1], s[2]]);
    let known_2 = add(round(known_1, z[1]), constants[1]);
    let [a_1, b_1] = [column(1), column(2)];
    let [a_2, b_2] = [round(a_1, Fr::ZERO), round(b_1, Fr::ZERO)];
    // x_1 and x_2 are the first elements: two equations for a and b.
    let (r_1, r_2) = (x[1] - known_1[0], x[2] - known_2[0]);
    let determinant = a_1[0] * b_2[0] - b_1[0] * a_2[0];
    let inverse = determinant.invert().unwrap_or(Fr::ZERO);
    let a = (r_1 * b_2[0] - b_1[0] * r_2) * inverse;
    let b = (a_1[0] * r_2 - r_1 * a_2[0]) * inverse;
    let before: State = std::array::from_fn(|i| known_2[i] + a * a_2[i] + b * b_2[i]);
    round(before, z[2])
}

/// The inputs of the S-boxes of three partial rounds from the state before them and the first two
/// outputs; `constants` are those of the three rounds.
fn entry(state: State, z: [Fr; 2], constants: [State; 3]) -> State {
    let first = add(state, constants[0]);
    let second = add(mix([z[0], first[1], first[2]]), constants[1]);
    let third = add(mix([z[1], second[1], second[2]]), constants[2]);
    [first[0], second[0], third[0]]
}

/// First round of a group.
fn round_of(group: usize) -> usize {
    match group {
        0..HALF => group,
        HALF..SECOND_HALF => HALF + (group - HALF) * WIDTH,
        _ => group + PARTIAL_ROUNDS - PARTIAL_ROUNDS / WIDTH,
    }
}

fn is_full_group(group: usize) -> bool {
    is_full(round_of(group))
}

/// The chain of permutations of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chain {
    /// The capacity of the first state.
    pub capacity: Fr,
    /// Number of permutations, at least one.
    pub permutations: u32,
}

impl Chain {
    /// Number of rows.
    pub fn rows(&self) -> u32 {
        self.permutations * ROWS_PER_PERMUTATION + 1
    }

    /// Gates and constants by row.
    pub fn steps(&self) -> impl Iterator<Item = (u32, Step, State)> + '_ {
        let start = add([self.capacity, Fr::ZERO, Fr::ZERO], parameters().constants[0]);
        let groups = (0..self.permutations).flat_map(move |p| {
            (0..GROUPS).map(move |g| {
                let (step, constants) = step(g, p + 1 == self.permutations);
                (p * ROWS_PER_PERMUTATION + 2 + 2 * g as u32, step, constants)
            })
        });
        std::iter::once((0, Step::Start, start)).chain(groups)
    }

    /// The cells of all rows for a message. It has at most two elements for each permutation.
    pub fn cells(&self, message: &[Fr]) -> Vec<State> {
        let mut rows = Vec::with_capacity(self.rows() as usize);
        let mut state = [self.capacity, Fr::ZERO, Fr::ZERO];
        for p in 0..self.permutations as usize {
            let of = |i: usize| message.get(2 * p + i).copied().unwrap_or(Fr::ZERO);
            let absorbed = [Fr::ZERO, of(0), of(1)];
            rows.push(absorbed);
            state = add(state, absorbed);
            for g in 0..GROUPS {
                let x = inputs(g, &mut state);
                rows.push(x);
                rows.push(x.map(|x| x.square()));
            }
        }
        rows.push(state);
        rows
    }
}

/// The gate after a group and its constants.
fn step(group: usize, last: bool) -> (Step, State) {
    let c = &parameters().constants;
    let zero = [Fr::ZERO; WIDTH];
    if group + 1 == GROUPS {
        return match last {
            true => (Step::FullFull, zero),
            false => (Step::Absorb, c[0]),
        };
    }
    let (round, next) = (round_of(group), round_of(group + 1));
    let state = match is_full_group(group) {
        true => zero,
        false => exit(zero, zero, [c[round + 1], c[round + 2]]),
    };
    let step = match (is_full_group(group), is_full_group(group + 1)) {
        (true, true) => Step::FullFull,
        (true, false) => Step::FullPartial,
        (false, false) => Step::PartialPartial,
        (false, true) => Step::PartialFull,
    };
    let constants = match is_full_group(group + 1) {
        true => add(state, c[next]),
        false => entry(state, [Fr::ZERO; 2], [c[next], c[next + 1], c[next + 2]]),
    };
    (step, constants)
}

/// The inputs of a group's S-boxes; the state becomes that after the group.
fn inputs(group: usize, state: &mut State) -> State {
    let (c, round) = (&parameters().constants, round_of(group));
    if is_full_group(group) {
        let x = add(*state, c[round]);
        *state = mix(x.map(sbox));
        return x;
    }
    std::array::from_fn(|i| {
        let s = add(*state, c[round + i]);
        *state = mix([sbox(s[0]), s[1], s[2]]);
        s[0]
    })
}

#[cfg(test)]
fn apply<const N: usize>(map: &[[Fr; N]; WIDTH], v: [Fr; N]) -> State {
    map.map(|row| row.iter().zip(&v).map(|(m, x)| *m * x).sum())
}

/// Recomputes the rows of a chain after row `changed` as its gates determine them: squares of inputs on
/// or after it, and inputs after it. Messages stay.
#[cfg(test)]
pub(crate) fn resume(chain: &Chain, rows: &mut [State], changed: usize) {
    let maps = Maps::new();
    for (row, step, k) in chain.steps() {
        let row = row as usize;
        let next = if step == Step::Absorb { row + 2 } else { row + 1 };
        if step == Step::Start {
            if next > changed {
                let [_, m1, m2] = rows[row];
                rows[next] = add([Fr::ZERO, m1, m2], k);
            }
            continue;
        }
        if row > changed {
            rows[row] = rows[row - 1].map(|x| x.square());
        }
        if next <= changed {
            continue;
        }
        let (x, y) = (rows[row - 1], rows[row]);
        let z: State = std::array::from_fn(|i| y[i].square() * x[i]);
        let state = match step {
            Step::PartialPartial | Step::PartialFull => {
                apply(&maps.exit, [x[0], x[1], x[2], z[0], z[1], z[2]])
            }
            _ => apply(&maps.mix, z),
        };
        rows[next] = match step {
            Step::FullPartial | Step::PartialPartial => {
                let [s0, s1, s2] = state;
                let with = |z0, z1| add(apply(&maps.entry, [s0, s1, s2, z0, z1]), k);
                let z0 = sbox(with(Fr::ZERO, Fr::ZERO)[0]);
                let z1 = sbox(with(z0, Fr::ZERO)[1]);
                with(z0, z1)
            }
            Step::Absorb => {
                let [_, m1, m2] = rows[row + 1];
                add(add(state, [Fr::ZERO, m1, m2]), k)
            }
            _ => add(state, k),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::poseidon::sponge;

    /// Every gate holds on the cells of a chain, as `crate::config` states it.
    #[test]
    fn cells_satisfy_the_linear_maps() {
        let message: Vec<Fr> = (5..10).map(Fr::from).collect();
        let chain = Chain {
            capacity: Fr::from(77),
            permutations: 3,
        };
        let (rows, maps) = (chain.cells(&message), Maps::new());
        assert_eq!(rows.len(), chain.rows() as usize);
        assert_eq!(rows[rows.len() - 1][1], sponge(chain.capacity, &message));
        let z = |row: usize| -> State { std::array::from_fn(|i| rows[row][i].square() * rows[row - 1][i]) };
        for (row, step, k) in chain.steps() {
            let row = row as usize;
            if step == Step::Start {
                assert_eq!(rows[row + 1], add(rows[row], k));
                continue;
            }
            assert_eq!(rows[row], rows[row - 1].map(|x| x.square()));
            let x = rows[row - 1];
            let z_now = z(row);
            let state = match step {
                Step::PartialPartial | Step::PartialFull => {
                    apply(&maps.exit, [x[0], x[1], x[2], z_now[0], z_now[1], z_now[2]])
                }
                _ => apply(&maps.mix, z_now),
            };
            let (found, expected) = match step {
                Step::FullPartial | Step::PartialPartial => {
                    let next = z(row + 2);
                    let v = [state[0], state[1], state[2], next[0], next[1]];
                    (rows[row + 1], apply(&maps.entry, v))
                }
                Step::Absorb => {
                    let [_, m1, m2] = rows[row + 1];
                    (rows[row + 2], add(state, [Fr::ZERO, m1, m2]))
                }
                _ => (rows[row + 1], state),
            };
            assert_eq!(found, add(expected, k), "row {row}");
        }
        let mut again = rows.clone();
        resume(&chain, &mut again, 0);
        assert_eq!(again, rows);
    }

    #[test]
    fn groups_cover_all_rounds() {
        assert_eq!(round_of(0), 0);
        assert_eq!(round_of(HALF), 4);
        assert_eq!(round_of(SECOND_HALF), 61);
        assert_eq!(round_of(GROUPS - 1), 64);
        assert_eq!(ROWS_PER_PERMUTATION, 55);
    }
}
