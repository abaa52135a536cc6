//! Sums of many runs of points by balanced trees.
//!
//! Everything that a multi-scalar multiplication adds is a list of runs: the points of each bucket,
//! the rows and columns of buckets, the table entries of a fixed-base multiplication. A tree adds
//! neighbours pairwise, level by level. All additions of a level are independent, also across runs,
//! so that no addition ever waits for another one of its batch, whatever the scalars are, and a run
//! of `m` points takes `m - 1` additions.

mod levels;
mod workspace;

use super::{Engine, Point, Term};
use rayon::prelude::*;
use std::sync::Mutex;
use workspace::Workspace;

/// Most points that one task sums: with the levels above they hardly leave the second-level cache.
const MAX_CHUNK: usize = 1 << 14;
/// Fewest points that are worth a task, unless there are no more.
const MIN_CHUNK: usize = 1 << 11;
/// Tasks for each thread, so that all end at about the same time.
const TASKS: usize = 4;

/// Runs one behind the other: run `r` is `terms[bounds[r]..bounds[r + 1]]`, and may be empty.
#[derive(Debug)]
pub(crate) struct Runs {
    terms: Vec<Term>,
    bounds: Vec<u32>,
}

impl Runs {
    /// No run yet, and memory for as many terms and runs.
    pub(crate) fn with_capacity(terms: usize, runs: usize) -> Self {
        let mut bounds = Vec::with_capacity(runs + 1);
        bounds.push(0);
        Self {
            terms: Vec::with_capacity(terms),
            bounds,
        }
    }

    /// From parts: `bounds` starts at 0, never falls, and ends at the number of terms.
    pub(crate) fn from_parts(terms: Vec<Term>, bounds: Vec<u32>) -> Self {
        debug_assert!(bounds.first() == Some(&0) && bounds.is_sorted());
        debug_assert_eq!(bounds.last().copied(), Some(terms.len() as u32));
        Self { terms, bounds }
    }

    /// Appends a run.
    pub(crate) fn push(&mut self, run: impl IntoIterator<Item = Term>) {
        self.terms.extend(run);
        self.bounds.push(self.terms.len() as u32);
    }

    /// Number of runs.
    pub(crate) fn len(&self) -> usize {
        self.bounds.len() - 1
    }

    fn bounds(&self, run: usize) -> (usize, usize) {
        (self.bounds[run] as usize, self.bounds[run + 1] as usize)
    }

    /// The end of the runs from `start` on that have that many terms together; at least `start + 1`.
    fn chunk_end(&self, start: usize, terms: usize) -> usize {
        let limit = self.bounds[start] as usize + terms;
        let fitting = self.bounds[start..].partition_point(|bound| *bound as usize <= limit);
        (start + fitting - 1).clamp(start + 1, self.len())
    }
}

/// Neighbouring runs of one list that a task sums.
struct Part {
    list: usize,
    runs: std::ops::Range<usize>,
    /// Whether it is one run that is too long for a task, and is summed apart.
    long: bool,
}

/// The sum of every run of every list, lists one behind the other.
pub(crate) fn sum(engine: Engine, source: &[Point], lists: &[Runs]) -> Vec<Point> {
    debug_assert!(source.len() <= Term::MAX_SOURCE);
    let mut sums = vec![Point::IDENTITY; lists.iter().map(Runs::len).sum()];
    let workspaces = Workspaces::default();
    let terms: usize = lists.iter().map(|runs| runs.terms.len()).sum();
    let chunk = (terms / (TASKS * rayon::current_num_threads())).clamp(MIN_CHUNK, MAX_CHUNK);
    let (chunks, long) = partition(lists, chunk);
    let mut tasks = Vec::with_capacity(chunks.len());
    let mut rest = &mut sums[..];
    for parts in &chunks {
        let runs = parts.iter().map(|part| part.runs.len()).sum();
        let (own, behind) = rest.split_at_mut(runs);
        rest = behind;
        tasks.push((parts, own));
    }
    tasks.into_par_iter().with_max_len(1).for_each(|(parts, out)| {
        workspaces.with(|workspace| {
            workspace.start();
            let mut first = 0;
            for part in parts {
                if !part.long {
                    workspace.push_all(first, &lists[part.list], part.runs.clone());
                }
                first += part.runs.len();
            }
            workspace.sum(engine, source, out);
        });
    });
    if !long.is_empty() {
        sum_long(engine, source, lists, (&long, chunk), &workspaces, &mut sums);
    }
    sums
}

/// A run that is too long for one task: its list, its place there, and its place among the sums.
struct Long {
    list: usize,
    run: usize,
    place: usize,
}

/// Splits the lists into tasks of at most `chunk` terms, and notes the runs that are longer.
fn partition(lists: &[Runs], chunk: usize) -> (Vec<Vec<Part>>, Vec<Long>) {
    let (mut chunks, mut long) = (Vec::new(), Vec::new());
    let (mut parts, mut terms, mut place) = (Vec::new(), 0, 0);
    for (list, runs) in lists.iter().enumerate() {
        let mut start = 0;
        while start < runs.len() {
            let end = runs.chunk_end(start, chunk - terms);
            let count = (runs.bounds[end] - runs.bounds[start]) as usize;
            let too_long = count > chunk;
            if too_long {
                long.push(Long {
                    list,
                    run: start,
                    place: place + start,
                });
            } else if terms > 0 && terms + count > chunk {
                // The first run alone is too long for what is left of the task at hand.
                chunks.push(std::mem::take(&mut parts));
                terms = 0;
                continue;
            } else {
                terms += count;
            }
            parts.push(Part {
                list,
                runs: start..end,
                long: too_long,
            });
            start = end;
        }
        place += runs.len();
    }
    chunks.push(parts);
    (chunks, long)
}

/// Sums long runs piece by piece, then the pieces of each.
fn sum_long(
    engine: Engine,
    source: &[Point],
    lists: &[Runs],
    (long, chunk): (&[Long], usize),
    workspaces: &Workspaces,
    sums: &mut [Point],
) {
    let mut pieces = Vec::new();
    let mut of_run = Runs::with_capacity(0, long.len());
    for Long { list, run, .. } in long {
        let (start, end) = lists[*list].bounds(*run);
        let first = pieces.len();
        pieces.extend(lists[*list].terms[start..end].chunks(chunk));
        of_run.push((first..pieces.len()).map(Term::plus));
    }
    let partial: Vec<Point> = pieces
        .into_par_iter()
        .with_max_len(1)
        .map(|terms| {
            workspaces.with(|workspace| {
                let mut out = [Point::IDENTITY];
                workspace.start();
                workspace.push(0, terms);
                workspace.sum(engine, source, &mut out);
                out[0]
            })
        })
        .collect();
    for (Long { place, .. }, point) in long.iter().zip(sum(engine, &partial, &[of_run])) {
        sums[*place] = point;
    }
}

/// Workspaces that tasks lend and give back, as many as ever run at once.
#[derive(Default)]
struct Workspaces(Mutex<Vec<Workspace>>);

impl Workspaces {
    fn with<T>(&self, work: impl FnOnce(&mut Workspace) -> T) -> T {
        let lent = self.lock().pop();
        let mut workspace = lent.unwrap_or_default();
        let result = work(&mut workspace);
        self.lock().push(workspace);
        result
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Workspace>> {
        // A panic elsewhere cannot leave the list half changed.
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests;
