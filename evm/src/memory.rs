//! Where everything stands in a contract's memory.
//!
//! | from | content |
//! |---|---|
//! | `KEY` | the key: fields, constants, points, tables |
//! | | challenges, evaluations, sums of the instance columns, `x^n`, scalars, intermediate results |
//! | | denominators; those of the instance columns follow, as many as there are rows |
//! | the end of the denominators | the transcript, before the denominators of the instance columns are written |

use crate::dag::Slot;
use crate::schedule::Word;

/// Address of the key: the start of free memory in Solidity. A compiler that runs out of stack keeps variables there; contracts
/// refuse to run if it did.
pub(crate) const KEY: usize = 0x80;

/// Numbers of words of each kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// Words of the key.
    pub key: usize,
    /// First word of the constants in the key.
    pub constants: usize,
    pub challenges: usize,
    pub evaluations: usize,
    pub sums: usize,
    pub scalars: usize,
    pub temporaries: usize,
    pub denominators: usize,
}

/// Addresses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    pub constants: usize,
    pub challenges: usize,
    pub evaluations: usize,
    pub sums: usize,
    pub power: usize,
    pub scalars: usize,
    pub temporaries: usize,
    pub denominators: usize,
    pub end: usize,
}

impl Memory {
    pub fn new(sizes: Sizes) -> Self {
        let mut at = KEY + 32 * sizes.key;
        let mut take = |words: usize| {
            at += 32 * words;
            at - 32 * words
        };
        Memory {
            constants: KEY + 32 * sizes.constants,
            challenges: take(sizes.challenges),
            evaluations: take(sizes.evaluations),
            sums: take(sizes.sums),
            power: take(1),
            scalars: take(sizes.scalars),
            temporaries: take(sizes.temporaries),
            denominators: take(sizes.denominators),
            end: take(0),
        }
    }

    /// The address of a word.
    pub fn address(&self, word: Word) -> usize {
        let (start, index) = match word {
            Word::Constant(i) => (self.constants, i),
            Word::Temporary(i) => (self.temporaries, i),
            Word::Slot(Slot::Challenge(i)) => (self.challenges, i),
            Word::Slot(Slot::Evaluation(i)) => (self.evaluations, i),
            Word::Slot(Slot::InstanceSum(i)) => (self.sums, i),
            Word::Slot(Slot::Power) => (self.power, 0),
            Word::Slot(Slot::Scalar(i)) => (self.scalars, i),
            Word::Slot(Slot::Denominator(i)) => (self.denominators, i),
        };
        start + 32 * index
    }
}
