//! Where the words of a run of the arithmetic lie: one after the other, from the key on.
//!
//! | from | content |
//! |---|---|
//! | 0 | the key: constants, and in a contract fields, points and tables |
//! | | challenges, evaluations, sums of the instance columns, `x^n`, scalars, intermediate results |
//! | | denominators; those of the instance columns follow in a contract, as many as there are rows |

use crate::dag::Slot;
use crate::schedule::Word;

/// Numbers of words of each kind.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// Words of the key.
    pub key: usize,
    /// First word of the constants in the key.
    pub constants: usize,
    /// Challenges of the transcript.
    pub challenges: usize,
    /// Evaluations of the proof.
    pub evaluations: usize,
    /// Sums of the instance columns.
    pub sums: usize,
    /// Scalars of points.
    pub scalars: usize,
    /// Intermediate results.
    pub temporaries: usize,
    /// Denominators.
    pub denominators: usize,
}

/// The first word of each kind, counted in words.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Constants.
    pub constants: usize,
    /// Challenges of the transcript.
    pub challenges: usize,
    /// Evaluations of the proof.
    pub evaluations: usize,
    /// Sums of the instance columns.
    pub sums: usize,
    /// `x^n`.
    pub power: usize,
    /// Scalars of points.
    pub scalars: usize,
    /// Intermediate results.
    pub temporaries: usize,
    /// Denominators.
    pub denominators: usize,
    /// The end.
    pub end: usize,
}

impl Memory {
    /// Places the words.
    pub fn new(sizes: Sizes) -> Self {
        let mut at = sizes.key;
        let mut take = |words: usize| {
            at += words;
            at - words
        };
        Memory {
            constants: sizes.constants,
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

    /// The place of a word.
    pub fn index(&self, word: Word) -> usize {
        match word {
            Word::Constant(i) => self.constants + i,
            Word::Temporary(i) => self.temporaries + i,
            Word::Slot(Slot::Challenge(i)) => self.challenges + i,
            Word::Slot(Slot::Evaluation(i)) => self.evaluations + i,
            Word::Slot(Slot::InstanceSum(i)) => self.sums + i,
            Word::Slot(Slot::Power) => self.power,
            Word::Slot(Slot::Scalar(i)) => self.scalars + i,
            Word::Slot(Slot::Denominator(i)) => self.denominators + i,
        }
    }
}
