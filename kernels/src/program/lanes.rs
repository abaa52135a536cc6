//! Programs on lanes: each step on four vectors of eight rows.
//!
//! All values keep halo2curves' Montgomery form `a 2^256`. A product of two of them, reduced by
//! `2^260`, lacks a factor `2^4`, which one operand is given by a shift beforehand. Constants are
//! [`Twiddle`]s, whose products keep the form anyway.
//!
//! The plan knows a bound for each slot at each step, in multiples of `p` and for its limbs, and
//! reduces only where the next step would break a bound.

use super::Column;
use super::plan::{Operation, Plan, Source, Step};
use super::scalar::rotated;
use crate::field::words::{Words, words, words_mut};
use crate::field::{Field, Kernel, Lanes, Limbs, Modulus, Twiddle, limbs52};
use halo2curves::bn256::Fr;
use rayon::prelude::*;

/// Vectors of a block.
const VECTORS: usize = 4;
/// Rows of a block.
const ROWS: usize = 8 * VECTORS;
/// Rows of a piece of the parallel loop.
const PIECE: usize = 16 * ROWS;

/// The blocks of one slot.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Slot([[[u64; 8]; 5]; VECTORS]);

/// What is known of the value in a slot.
#[derive(Clone, Copy)]
struct Bound {
    /// The value is below `value p`.
    value: u64,
    /// Limbs are below `limb 2^52` in magnitude.
    limb: u64,
}

impl Bound {
    /// A reduced element with carried limbs.
    const ELEMENT: Self = Self { value: 1, limb: 1 };
    /// What [`Field::reduce_twice`] returns.
    const REDUCED: Self = Self { value: 2, limb: 1 };
    /// What a product with a constant is.
    const TWIDDLED: Self = Self { value: 6, limb: 32 };
    /// Values have to stay below `2^260 > 84 p`.
    const VALUE: u64 = 84;
    /// Limbs have to stay below `2^62` in magnitude.
    const LIMB: u64 = 1 << 10;

    fn sum(self, other: Self) -> Self {
        Self {
            value: self.value + other.value,
            limb: self.limb + other.limb,
        }
    }

    /// `a - b + value_b p`
    fn difference(self, other: Self) -> Self {
        Self {
            limb: self.limb + other.limb + other.value,
            ..self.sum(other)
        }
    }

    /// `16 a b 2^-260`
    fn product(self, other: Self) -> Self {
        Self {
            value: 3 + 16 * self.value * other.value / Self::VALUE,
            limb: 32,
        }
    }

    /// Whether it may be shifted by four bits.
    fn shifts(self) -> bool {
        16 * self.value <= Self::VALUE && 16 * self.limb <= Self::LIMB
    }

    fn holds(self) -> bool {
        self.value <= Self::VALUE && self.limb <= Self::LIMB
    }
}

/// A step that keeps the bounds.
#[derive(Clone, Copy)]
enum LaneStep {
    Load {
        target: usize,
        cell: Column,
    },
    Fill {
        target: usize,
        constant: usize,
    },
    Reduce {
        slot: usize,
    },
    Add {
        target: usize,
        a: Source,
        b: Source,
    },
    /// `a - b + multiple p`
    Sub {
        target: usize,
        a: Source,
        b: Source,
        multiple: u64,
    },
    /// `a` is shifted.
    Mul {
        target: usize,
        a: usize,
        b: usize,
    },
    Scale {
        target: usize,
        a: usize,
        constant: usize,
    },
}

/// Makes the steps.
struct Bounding {
    steps: Vec<LaneStep>,
    bounds: Vec<Bound>,
    constants: Vec<Fr>,
}

impl Bounding {
    fn bound(&self, source: Source) -> Bound {
        match source {
            Source::Slot(slot) => self.bounds[slot],
            Source::Constant(_) => Bound::ELEMENT,
        }
    }

    fn reduce(&mut self, slot: usize) {
        self.steps.push(LaneStep::Reduce { slot });
        self.bounds[slot] = Bound::REDUCED;
    }

    /// Reduces operands until what `combine` makes of them is in bounds.
    fn fit(&mut self, a: Source, b: Source, combine: fn(Bound, Bound) -> Bound) -> Bound {
        loop {
            let (left, right) = (self.bound(a), self.bound(b));
            let result = combine(left, right);
            if result.holds() {
                return result;
            }
            // Two reduced operands fit, so the larger one is a slot that is not reduced.
            let size = |bound: Bound| bound.value * Bound::LIMB + bound.limb * Bound::VALUE;
            match if size(left) >= size(right) { a } else { b } {
                Source::Slot(slot) => self.reduce(slot),
                Source::Constant(_) => return result,
            }
        }
    }

    fn push(&mut self, step: &Step) {
        let (target, bound) = match *step {
            Step::Load { target, cell } => {
                self.steps.push(LaneStep::Load { target, cell });
                (target, Bound::ELEMENT)
            }
            Step::Compute {
                operation,
                target,
                a: Source::Constant(a),
                b: Source::Constant(b),
            } => {
                let (a, b) = (self.constants[a], self.constants[b]);
                self.constants.push(match operation {
                    Operation::Add => a + b,
                    Operation::Sub => a - b,
                    Operation::Mul => a * b,
                });
                self.steps.push(LaneStep::Fill {
                    target,
                    constant: self.constants.len() - 1,
                });
                (target, Bound::ELEMENT)
            }
            Step::Compute {
                operation: Operation::Add,
                target,
                a,
                b,
            } => {
                let bound = self.fit(a, b, Bound::sum);
                self.steps.push(LaneStep::Add { target, a, b });
                (target, bound)
            }
            Step::Compute {
                operation: Operation::Sub,
                target,
                a,
                b,
            } => {
                let bound = self.fit(a, b, Bound::difference);
                let multiple = self.bound(b).value;
                self.steps.push(LaneStep::Sub {
                    target,
                    a,
                    b,
                    multiple,
                });
                (target, bound)
            }
            Step::Compute {
                operation: Operation::Mul,
                target,
                a,
                b,
            } => self.product(target, a, b),
        };
        self.bounds[target] = bound;
    }

    fn product(&mut self, target: usize, a: Source, b: Source) -> (usize, Bound) {
        match (a, b) {
            (Source::Slot(a), Source::Constant(constant)) | (Source::Constant(constant), Source::Slot(a)) => {
                self.steps.push(LaneStep::Scale { target, a, constant });
                (target, Bound::TWIDDLED)
            }
            (Source::Slot(mut a), Source::Slot(mut b)) => {
                if !self.bounds[a].shifts() {
                    std::mem::swap(&mut a, &mut b);
                }
                if !self.bounds[a].shifts() {
                    self.reduce(a);
                }
                let bound = self.fit(Source::Slot(a), Source::Slot(b), Bound::product);
                self.steps.push(LaneStep::Mul { target, a, b });
                (target, bound)
            }
            (Source::Constant(_), Source::Constant(_)) => unreachable!("folded before"),
        }
    }
}

/// A plan with its constants.
struct Prepared<L: Lanes> {
    steps: Vec<LaneStep>,
    constants: Vec<[u64; 5]>,
    twiddles: Vec<Twiddle<L>>,
    result: Option<Source>,
}

impl<L: Lanes> Prepared<L> {
    fn new(plan: &Plan, constants: &[Fr]) -> Self {
        let mut bounding = Bounding {
            steps: Vec::with_capacity(plan.steps.len()),
            bounds: vec![Bound::ELEMENT; plan.slots],
            constants: constants.to_vec(),
        };
        plan.steps.iter().for_each(|step| bounding.push(step));
        let constants = bounding.constants;
        Self {
            steps: bounding.steps,
            twiddles: constants.iter().map(|constant| Twiddle::new(*constant)).collect(),
            constants: words(&constants).iter().map(|words| limbs52(*words)).collect(),
            result: plan.result,
        }
    }
}

/// Runs a plan on all rows. There is at least one column, and all have the length of `target`.
pub(crate) fn run<L: Lanes>(lanes: L, plan: &Plan, columns: &[&[Fr]], constants: &[Fr], target: &mut [Fr]) {
    let prepared = Prepared::<L>::new(plan, constants);
    let columns: Vec<&[Words]> = columns.iter().map(|column| words(column)).collect();
    words_mut(target).par_chunks_mut(PIECE).enumerate().for_each_init(
        || vec![Slot([[[0; 8]; 5]; VECTORS]); plan.slots],
        |slots, (piece, target)| {
            let first = piece * PIECE;
            lanes.vectorize(Piece {
                prepared: &prepared,
                columns: &columns,
                slots,
                first,
                target,
            });
        },
    );
}

/// The rows from `first` on.
struct Piece<'a, L: Lanes> {
    prepared: &'a Prepared<L>,
    columns: &'a [&'a [Words]],
    slots: &'a mut [Slot],
    first: usize,
    target: &'a mut [Words],
}

impl<L: Lanes> Kernel<L> for Piece<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run(mut self, lanes: L) {
        let field = Field::<Fr, L>::new(lanes);
        let target = std::mem::take(&mut self.target);
        for (block, target) in target.chunks_mut(ROWS).enumerate() {
            let first = self.first + block * ROWS;
            for step in &self.prepared.steps {
                self.step(field, step, first);
            }
            let mut rows = [[0; 4]; ROWS];
            if let Some(result) = self.prepared.result {
                for (v, rows) in rows.as_chunks_mut::<8>().0.iter_mut().enumerate() {
                    field.store(self.read(field, result, v), rows);
                }
            }
            target.copy_from_slice(&rows[..target.len()]);
        }
    }
}

impl<L: Lanes> Piece<'_, L> {
    /// Vector `v` of an operand.
    #[inline(always)]
    fn read(&self, field: Field<Fr, L>, source: Source, v: usize) -> Limbs<L> {
        match source {
            Source::Slot(slot) => field.load_limbs(&self.slots[slot].0[v]),
            Source::Constant(index) => field.splat(self.prepared.constants[index]),
        }
    }

    #[inline(always)]
    fn write(&mut self, field: Field<Fr, L>, slot: usize, v: usize, value: Limbs<L>) {
        field.store_limbs(value, &mut self.slots[slot].0[v]);
    }

    /// One step on the rows from `first` on.
    #[inline(always)]
    fn step(&mut self, field: Field<Fr, L>, step: &LaneStep, first: usize) {
        match *step {
            LaneStep::Load { target, cell } => self.load(field, target, cell, first),
            LaneStep::Fill { target, constant } => {
                for v in 0..VECTORS {
                    self.write(field, target, v, field.splat(self.prepared.constants[constant]));
                }
            }
            LaneStep::Reduce { slot } => {
                for v in 0..VECTORS {
                    let value = self.read(field, Source::Slot(slot), v);
                    self.write(field, slot, v, field.reduce_twice(value));
                }
            }
            LaneStep::Add { target, a, b } => {
                for v in 0..VECTORS {
                    let sum = field.add(self.read(field, a, v), self.read(field, b, v));
                    self.write(field, target, v, sum);
                }
            }
            LaneStep::Sub {
                target,
                a,
                b,
                multiple,
            } => {
                let raise = field.splat(Fr::LIMBS.map(|limb| multiple * limb));
                for v in 0..VECTORS {
                    let (a, b) = (self.read(field, a, v), self.read(field, b, v));
                    self.write(field, target, v, field.minus(field.add(a, raise), b));
                }
            }
            LaneStep::Mul { target, a, b } => {
                for v in 0..VECTORS {
                    let a = field.shifted::<4>(self.read(field, Source::Slot(a), v));
                    let b = field.factors(self.read(field, Source::Slot(b), v));
                    self.write(field, target, v, field.mul(&field.factors(a), &b));
                }
            }
            LaneStep::Scale { target, a, constant } => {
                for v in 0..VECTORS {
                    let value = self.read(field, Source::Slot(a), v);
                    let product = field.twiddle(value, &self.prepared.twiddles[constant]);
                    self.write(field, target, v, product);
                }
            }
        }
    }

    /// The cells of the rows from `first` on; rows wrap around.
    #[inline(always)]
    fn load(&mut self, field: Field<Fr, L>, target: usize, cell: Column, first: usize) {
        let column = self.columns[cell.index as usize];
        let start = rotated(first, cell.rotation, column.len());
        if let Some(cells) = column[start..].first_chunk::<ROWS>() {
            for (v, cells) in cells.as_chunks::<8>().0.iter().enumerate() {
                self.write(field, target, v, field.load(cells));
            }
        } else {
            let mut cells = [[0; 4]; ROWS];
            for (i, slot) in cells.iter_mut().enumerate() {
                *slot = column[(start + i) % column.len()];
            }
            for (v, cells) in cells.as_chunks::<8>().0.iter().enumerate() {
                self.write(field, target, v, field.load(cells));
            }
        }
    }
}
