//! The trees of one task.

use super::super::prefetch::{Cache, prefetch};
use super::super::{Engine, Octet, Point, Scratch, Term};
use super::Runs;
use super::levels::{Active, Levels, NONE, room};
use std::array::from_fn;
use std::ops::Range;

/// Fewest terms that are worth octets: runs that find no seven others have levels, and inversions, of their own.
pub(super) const MIN_TERMS: usize = 1 << 12;

/// The trees of one task at a time, in memory that tasks reuse.
///
/// Runs are in the order of their lengths: neighbours take the same steps. Where the engine has lanes, eight
/// runs of equal length are one, a run in each lane: their sums stay in the form that lanes compute with, and
/// next to each other. What finds no seven others is summed one by one.
#[derive(Default)]
pub(super) struct Workspace {
    /// In the order of tasks.
    runs: Vec<Run>,
    terms: Vec<Term>,
    /// In the order of lengths.
    sorted: Vec<Run>,
    /// Where the runs of each length end.
    ends: Vec<u32>,
    single: Levels<Point>,
    eight: Levels<Octet>,
    /// Where the sums of octets go, lane by lane.
    places: Vec<u32>,
    scratch: Scratch,
}

/// A run to sum.
#[derive(Clone, Copy, Default)]
struct Run {
    /// Where its sum goes.
    place: u32,
    /// Its terms.
    first: u32,
    count: u32,
}

impl Run {
    fn terms(self, terms: &[Term]) -> &[Term] {
        &terms[self.first as usize..][..self.count as usize]
    }
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
            self.runs.push(Run {
                place: place as u32,
                first: self.terms.len() as u32,
                count: terms.len() as u32,
            });
            self.terms.extend_from_slice(terms);
        }
    }

    /// Adds runs of a list, whose sums go to places from `place` on.
    pub(super) fn push_all(&mut self, place: usize, list: &Runs, runs: Range<usize>) {
        let (start, end) = (list.bounds[runs.start], list.bounds[runs.end]);
        let first = self.terms.len() as u32;
        let bounds = &list.bounds[runs.start..=runs.end];
        let runs = bounds.windows(2).zip(place as u32..).map(|(bounds, place)| Run {
            place,
            first: first + (bounds[0] - start),
            count: bounds[1] - bounds[0],
        });
        self.runs.extend(runs.filter(|run| run.count > 0));
        self.terms
            .extend_from_slice(&list.terms[start as usize..end as usize]);
    }

    /// Writes the sums of all runs to their places.
    pub(super) fn sum(&mut self, engine: Engine, source: &[Point], out: &mut [Point]) {
        self.sort();
        let mut first = self.sorted.partition_point(|run| run.count == 1);
        for run in &self.sorted[..first] {
            out[run.place as usize] = self.terms[run.first as usize].of(source);
        }
        let in_octets = engine.has_lanes() && self.terms.len() >= MIN_TERMS;
        self.single.start();
        self.eight.start();
        while let Some(run) = self.sorted.get(first) {
            let end = self.ends[run.count as usize] as usize;
            let octets = if in_octets { (end - first) / 8 } else { 0 };
            for octet in 0..octets {
                self.pair_eight(first + 8 * octet);
            }
            for run in first + 8 * octets..end {
                self.pair_single(source, run);
            }
            first = end;
        }
        if in_octets {
            self.sum_eight(engine, source, out);
        }
        self.sum_single(engine, source, out);
    }

    /// Sorts the runs by length, by counting.
    fn sort(&mut self) {
        let longest = self.runs.iter().map(|run| run.count).max().unwrap_or(0);
        self.ends.clear();
        self.ends.resize(longest as usize + 2, 0);
        for run in &self.runs {
            self.ends[run.count as usize + 1] += 1;
        }
        let mut sum = 0;
        for count in &mut self.ends {
            sum += *count;
            *count = sum;
        }
        self.sorted.resize(self.runs.len(), Run::default());
        for run in &self.runs {
            let place = &mut self.ends[run.count as usize];
            self.sorted[*place as usize] = *run;
            *place += 1;
        }
    }

    /// Pairs the terms of a run.
    fn pair_single(&mut self, source: &[Point], index: usize) {
        let run = self.sorted[index];
        let levels = &mut self.single;
        let (couples, odd) = run.terms(&self.terms).as_chunks::<2>();
        let mut active = Active {
            owner: index as u32,
            first: levels.pairs.len() as u32,
            count: couples.len() as u32,
            odd: NONE,
        };
        levels.pairs.extend_from_slice(couples);
        if let [last] = odd {
            prefetch(source, last.index(), Cache::First);
            active.odd = levels.left_over.len() as u32;
            levels.left_over.push(*last);
        }
        levels.active.push(active);
    }

    /// Pairs the terms of eight runs of equal length from `index` on, lane by lane.
    fn pair_eight(&mut self, index: usize) {
        let runs: [Run; 8] = from_fn(|lane| self.sorted[index + lane]);
        let levels = &mut self.eight;
        let couples = runs[0].count / 2;
        let mut active = Active {
            owner: index as u32,
            first: levels.pairs.len() as u32 / 8,
            count: couples,
            odd: NONE,
        };
        let terms = runs.map(|run| run.terms(&self.terms));
        let lanes = terms.map(|terms| terms.as_chunks::<2>().0);
        for couple in 0..couples as usize {
            levels.pairs.extend(lanes.map(|lane| lane[couple]));
        }
        if runs[0].count % 2 == 1 {
            active.odd = levels.left_over.len() as u32 / 8;
            levels.left_over.extend(terms.map(|terms| terms[terms.len() - 1]));
        }
        levels.active.push(active);
    }

    fn sum_single(&mut self, engine: Engine, source: &[Point], out: &mut [Point]) {
        let (levels, scratch) = (&mut self.single, &mut self.scratch);
        let [additions, others] = [levels.pairs.len(), levels.left_over.len()];
        let (sums, points) = room(&mut levels.level, additions + others).split_at_mut(additions);
        engine.add_pairs(source, &levels.pairs, sums, scratch);
        for (point, term) in points.iter_mut().zip(&levels.left_over) {
            *point = term.of(source);
        }
        levels.sum(
            [additions, others],
            |level, pairs, out| engine.add_pairs(level, pairs, out, scratch),
            |runs, sums| {
                for (run, sum) in runs.iter().zip(sums) {
                    out[self.sorted[run.owner as usize].place as usize] = *sum;
                }
            },
        );
    }

    fn sum_eight(&mut self, engine: Engine, source: &[Point], out: &mut [Point]) {
        let (levels, scratch) = (&mut self.eight, &mut self.scratch);
        let [additions, others] = [levels.pairs.len() / 8, levels.left_over.len() / 8];
        let (sums, octets) = room(&mut levels.level, additions + others).split_at_mut(additions);
        engine.add_into_octets(source, &levels.pairs, sums, scratch);
        engine.pack(source, &levels.left_over, octets);
        levels.sum(
            [additions, others],
            |level, pairs, out| engine.add_octets(level, pairs, out, scratch),
            |runs, sums| {
                self.places.clear();
                for run in runs {
                    let lanes = &self.sorted[run.owner as usize..][..8];
                    self.places.extend(lanes.iter().map(|run| run.place));
                }
                engine.unpack(sums, &self.places, out);
            },
        );
    }
}
