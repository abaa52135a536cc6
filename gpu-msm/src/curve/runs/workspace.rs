//! The trees of one task.

use super::super::prefetch::prefetch;
use super::super::{Engine, Pair, Point, Scratch, Term};
use std::ops::Range;

/// A run that is being summed.
#[derive(Clone, Copy, Default)]
struct Active {
    /// Where its sum goes.
    place: u32,
    /// Its points are this many from there on: terms at first, sums of a level later.
    first: u32,
    count: u32,
    /// One point more at the end, if not [`NONE`]: the one that found no partner before.
    odd: u32,
}

/// No odd point.
const NONE: u32 = u32::MAX;

impl Active {
    fn len(&self) -> u32 {
        self.count + u32::from(self.odd != NONE)
    }
}

/// The levels of trees of one task at a time, in memory that tasks reuse.
///
/// Runs are in the order of their lengths, at every level: neighbours take the same steps, which a processor foresees,
/// and those that are finished come first.
#[derive(Default)]
pub(super) struct Workspace {
    /// In the order of tasks.
    runs: Vec<Active>,
    terms: Vec<Term>,
    /// In the order of lengths.
    active: Vec<Active>,
    /// How many runs are shorter than each length.
    shorter: Vec<u32>,
    pairs: Vec<Pair>,
    left_over: Vec<Term>,
    level: Vec<Point>,
    next_level: Vec<Point>,
    scratch: Scratch,
}

impl Workspace {
    /// Forgets the runs before.
    pub(super) fn start(&mut self) {
        self.runs.clear();
        self.terms.clear();
    }

    /// Adds a run, whose sum goes to a place.
    pub(super) fn push(&mut self, place: usize, terms: &[Term]) {
        if !terms.is_empty() {
            self.runs.push(Active {
                place: place as u32,
                first: self.terms.len() as u32,
                count: terms.len() as u32,
                odd: NONE,
            });
            self.terms.extend_from_slice(terms);
        }
    }

    /// Writes the sums of all runs to their places.
    pub(super) fn sum(&mut self, engine: Engine, source: &[Point], out: &mut [Point]) {
        self.sort();
        let mut active = std::mem::take(&mut self.active);
        let single = active.partition_point(|run| run.count == 1);
        for run in &active[..single] {
            out[run.place as usize] = self.terms[run.first as usize].of(source);
        }
        let mut rest = &mut active[single..];
        self.pair_terms(source, rest);
        self.add(engine, source);
        loop {
            let finished = rest.partition_point(|run| run.len() == 1);
            for run in &rest[..finished] {
                out[run.place as usize] = self.level[run.first as usize];
            }
            rest = &mut rest[finished..];
            if rest.is_empty() {
                break;
            }
            self.pair_sums(rest);
            let level = std::mem::take(&mut self.level);
            self.add(engine, &level);
            self.next_level = level;
        }
        self.active = active;
    }

    /// Sorts the runs by length, by counting.
    fn sort(&mut self) {
        let longest = self.runs.iter().map(|run| run.count).max().unwrap_or(0);
        self.shorter.clear();
        self.shorter.resize(longest as usize + 2, 0);
        for run in &self.runs {
            self.shorter[run.count as usize + 1] += 1;
        }
        let mut sum = 0;
        for count in &mut self.shorter {
            sum += *count;
            *count = sum;
        }
        self.active.resize(self.runs.len(), Active::default());
        for run in &self.runs {
            let place = &mut self.shorter[run.count as usize];
            self.active[*place as usize] = *run;
            *place += 1;
        }
    }

    /// Pairs the terms of runs.
    fn pair_terms(&mut self, source: &[Point], runs: &mut [Active]) {
        let additions = self.start_level(runs);
        for run in runs {
            let (couples, odd) = self.terms[range(run.first, run.count)].as_chunks::<2>();
            run.first = self.pairs.len() as u32;
            run.count = couples.len() as u32;
            self.pairs.extend_from_slice(couples);
            if let [last] = odd {
                prefetch(source, last.index());
                run.odd = (additions + self.left_over.len()) as u32;
                self.left_over.push(*last);
            }
        }
    }

    /// Pairs the sums of the level before.
    fn pair_sums(&mut self, runs: &mut [Active]) {
        let additions = self.start_level(runs);
        for run in runs {
            let (first, end) = (run.first as usize, (run.first + run.count) as usize);
            run.first = self.pairs.len() as u32;
            let couples = (first..end - run.count as usize % 2).step_by(2);
            self.pairs
                .extend(couples.map(|i| [Term::plus(i), Term::plus(i + 1)]));
            let last = match (run.count % 2, run.odd) {
                (1, NONE) => Some(Term::plus(end - 1)),
                (1, odd) => {
                    self.pairs.push([Term::plus(end - 1), Term::plus(odd as usize)]);
                    None
                }
                (_, NONE) => None,
                (_, odd) => Some(Term::plus(odd as usize)),
            };
            run.count = self.pairs.len() as u32 - run.first;
            run.odd = NONE;
            if let Some(last) = last {
                run.odd = (additions + self.left_over.len()) as u32;
                self.left_over.push(last);
            }
        }
    }

    /// Makes room for the pairs of a level, and tells how many there are.
    fn start_level(&mut self, runs: &[Active]) -> usize {
        let additions = runs.iter().map(|run| run.len() as usize / 2).sum();
        self.pairs.clear();
        self.left_over.clear();
        self.pairs.reserve(additions);
        self.left_over.reserve(runs.len());
        additions
    }

    /// Adds all pairs; the sums, and behind them the points that are left over, become the level.
    fn add(&mut self, engine: Engine, source: &[Point]) {
        // All of it is written: what was there needs no clearing.
        self.next_level.resize(self.pairs.len(), Point::IDENTITY);
        engine.add_pairs(source, &self.pairs, &mut self.next_level, &mut self.scratch);
        self.next_level
            .extend(self.left_over.iter().map(|term| term.of(source)));
        std::mem::swap(&mut self.level, &mut self.next_level);
    }
}

fn range(first: u32, count: u32) -> Range<usize> {
    first as usize..(first + count) as usize
}
