//! The trees of one task.

use super::super::prefetch::prefetch;
use super::super::{Engine, Octet, Point, Scratch, Term};
use super::levels::{Active, Levels, NONE};
use std::array::from_fn;

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
            prefetch(source, last.index());
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
        let additions = levels.pairs.len();
        levels.level.resize(additions, Point::IDENTITY);
        engine.add_pairs(source, &levels.pairs, &mut levels.level, scratch);
        let left_over = levels.left_over.iter().map(|term| term.of(source));
        levels.level.extend(left_over);
        levels.sum(
            additions,
            |level, pairs, out| engine.add_pairs(level, pairs, out, scratch),
            |run, sum| out[self.sorted[run].place as usize] = *sum,
        );
    }

    fn sum_eight(&mut self, engine: Engine, source: &[Point], out: &mut [Point]) {
        let (levels, scratch) = (&mut self.eight, &mut self.scratch);
        let additions = levels.pairs.len() / 8;
        let octets = additions + levels.left_over.len() / 8;
        // All of it is written: what was there needs no clearing.
        levels.level.resize(octets, Octet::default());
        let (sums, others) = levels.level.split_at_mut(additions);
        engine.add_into_octets(source, &levels.pairs, sums, scratch);
        engine.pack(source, &levels.left_over, others);
        levels.sum(
            additions,
            |level, pairs, out| engine.add_octets(level, pairs, out, scratch),
            |run, sum| {
                let mut points = [Point::IDENTITY; 8];
                engine.unpack(std::slice::from_ref(sum), &mut points);
                for (run, point) in self.sorted[run..].iter().zip(points) {
                    out[run.place as usize] = point;
                }
            },
        );
    }
}
