//! The levels of trees above the lowest one.

use super::super::{Pair, Term};
use std::ops::Range;

/// A run that is being summed.
#[derive(Clone, Copy, Default)]
pub(super) struct Active {
    /// Whose run it is.
    pub(super) owner: u32,
    /// Its sums in the level are this many from there on.
    pub(super) first: u32,
    pub(super) count: u32,
    /// One more that found no partner before, if not [`NONE`]: its number among those of the level.
    pub(super) odd: u32,
}

/// No odd one.
pub(super) const NONE: u32 = u32::MAX;

impl Active {
    fn len(&self) -> u32 {
        self.count + u32::from(self.odd != NONE)
    }
}

/// Runs in the order of their lengths, at every level: those that are finished come first.
///
/// At the lowest level, whose terms are points, an octet has eight pairs and eight terms that are left over.
#[derive(Default)]
pub(super) struct Levels<T> {
    pub(super) active: Vec<Active>,
    pub(super) pairs: Vec<Pair>,
    pub(super) left_over: Vec<Term>,
    /// Sums, and behind them what found no partner; then what a longer level before has left there.
    pub(super) level: Vec<T>,
    next_level: Vec<T>,
}

/// The first so many of a vector that grows but never shrinks: what is written in whole needs no clearing.
pub(super) fn room<T: Copy + Default>(memory: &mut Vec<T>, len: usize) -> &mut [T] {
    if memory.len() < len {
        memory.resize(len, T::default());
    }
    &mut memory[..len]
}

impl<T: Copy + Default> Levels<T> {
    /// Forgets the runs before.
    pub(super) fn start(&mut self) {
        self.active.clear();
        self.pairs.clear();
        self.left_over.clear();
    }

    /// Sums all runs, given how many sums the level has and how many others; `finish` gets the runs that end at a
    /// level, and their sums.
    pub(super) fn sum(
        &mut self,
        [mut additions, mut others]: [usize; 2],
        mut add: impl FnMut(&[T], &[Pair], &mut [T]),
        mut finish: impl FnMut(&[Active], &[T]),
    ) {
        let mut first = 0;
        loop {
            let rest = &self.active[first..];
            let finished = rest.partition_point(|run| run.len() == 1);
            // They come first, at the level too, and have one sum each.
            debug_assert!(
                (0..)
                    .zip(&rest[..finished])
                    .all(|(i, run)| run.first == i && run.count == 1)
            );
            let level = &self.level[..additions + others];
            finish(&rest[..finished], &level[..finished]);
            first += finished;
            if first == self.active.len() {
                break;
            }
            self.pair(first..self.active.len(), additions);
            let level = &self.level[..additions + others];
            [additions, others] = [self.pairs.len(), self.left_over.len()];
            let next_level = room(&mut self.next_level, additions + others);
            let (sums, copies) = next_level.split_at_mut(additions);
            add(level, &self.pairs, sums);
            for (copy, term) in copies.iter_mut().zip(&self.left_over) {
                *copy = level[term.index()];
            }
            std::mem::swap(&mut self.level, &mut self.next_level);
        }
    }

    /// Pairs the sums of a level, behind which come those that found no partner.
    fn pair(&mut self, runs: Range<usize>, additions: usize) {
        self.pairs.clear();
        self.left_over.clear();
        for run in &mut self.active[runs] {
            let (first, end) = (run.first as usize, (run.first + run.count) as usize);
            run.first = self.pairs.len() as u32;
            let couples = (first..end - run.count as usize % 2).step_by(2);
            self.pairs
                .extend(couples.map(|i| [Term::plus(i), Term::plus(i + 1)]));
            let odd = (run.odd != NONE).then(|| Term::plus(additions + run.odd as usize));
            let last = match (run.count % 2, odd) {
                (1, None) => Some(Term::plus(end - 1)),
                (1, Some(odd)) => {
                    self.pairs.push([Term::plus(end - 1), odd]);
                    None
                }
                (_, odd) => odd,
            };
            run.count = self.pairs.len() as u32 - run.first;
            run.odd = NONE;
            if let Some(last) = last {
                run.odd = self.left_over.len() as u32;
                self.left_over.push(last);
            }
        }
    }
}
