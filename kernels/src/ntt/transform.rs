//! Both passes, over all threads.
#![allow(unsafe_code)] // The second pass writes strided columns from many threads.

use super::columns::Columns;
use super::roots::{MAX_LEVELS, Roots};
use super::rows::Rows;
use super::strided::StridedColumns;
use super::{Direction, Transforms, scalar_transforms};
use crate::field::words::{Words, words, words_mut};
use crate::field::{Block, Lanes};
use crate::memory::advise_huge;
use crate::oracle::root_of_unity;
use ff::Field;
use halo2curves::bn256::Fr;
use rayon::prelude::*;
use std::sync::{Arc, Mutex, OnceLock};

/// The smallest transform on lanes: eight columns of eight rows.
const MIN_LEVELS: u32 = 6;
/// Elements below which one thread is as fast as several.
const PARALLEL: usize = 1 << 11;

/// Transforms on lanes.
pub(crate) struct LaneTransforms<L: Lanes> {
    lanes: L,
    forward: OnceLock<Roots<L>>,
    inverse: OnceLock<Roots<L>>,
    /// The coset that was asked for last: columns come one after the other.
    coset: Mutex<Option<Coset<L>>>,
    /// For lengths that do not fit lanes.
    scalar: Box<dyn Transforms>,
}

/// The roots of a coset.
struct Coset<L: Lanes> {
    levels: u32,
    shift: Fr,
    roots: Arc<Roots<L>>,
}

impl<L: Lanes> LaneTransforms<L> {
    /// Transforms with the instructions that `lanes` vouches for.
    pub(crate) fn new(lanes: L) -> Self {
        Self {
            lanes,
            forward: OnceLock::new(),
            inverse: OnceLock::new(),
            coset: Mutex::new(None),
            scalar: scalar_transforms(),
        }
    }

    fn subgroup(&self, inverse: bool) -> &Roots<L> {
        let cell = if inverse { &self.inverse } else { &self.forward };
        cell.get_or_init(|| Roots::subgroup(inverse))
    }

    fn coset(&self, levels: u32, shift: Fr) -> Arc<Roots<L>> {
        // A poisoned lock holds roots that are as good as ever.
        let mut last = self.coset.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        match &*last {
            Some(coset) if coset.levels == levels && coset.shift == shift => coset.roots.clone(),
            _ => {
                let roots = Arc::new(Roots::coset(levels, shift));
                *last = Some(Coset {
                    levels,
                    shift,
                    roots: roots.clone(),
                });
                roots
            }
        }
    }

    /// The first pass: from `source` to tiles of eight columns.
    fn columns(&self, source: &[Words], direction: Direction) -> Vec<Words> {
        let levels = source.len().trailing_zeros();
        let width = 1 << (levels / 2);
        let height = source.len() / width;
        let root = root_of_unity(levels);
        let coset;
        let (roots, root, shift, scale) = match direction {
            Direction::Forward { shift } if shift == Fr::ONE => {
                (self.subgroup(false), root, Fr::ONE, Fr::ONE)
            }
            Direction::Forward { shift } => {
                coset = self.coset(height.trailing_zeros(), shift.pow_vartime([width as u64]));
                (&*coset, root, shift, Fr::ONE)
            }
            Direction::Inverse { .. } => {
                let inverse = |value: Fr| value.invert().unwrap_or(Fr::ZERO);
                let scale = inverse(Fr::from(source.len() as u64));
                (self.subgroup(true), inverse(root), Fr::ONE, scale)
            }
        };
        let columns = Columns {
            source,
            width,
            roots,
            root,
            shift,
            scale,
        };
        let mut tiles = vec![[0; 4]; source.len()];
        advise_huge(&mut tiles);
        let run = |scratch: &mut Vec<Block>, (group, tile): (usize, &mut [Words])| {
            columns.run(self.lanes, 8 * group, tile, scratch);
        };
        let scratch = || vec![Block::ZERO; height];
        if source.len() < PARALLEL {
            let mut scratch = scratch();
            tiles
                .chunks_exact_mut(8 * height)
                .enumerate()
                .for_each(|item| run(&mut scratch, item));
        } else {
            tiles
                .par_chunks_exact_mut(8 * height)
                .enumerate()
                .for_each_init(scratch, run);
        }
        tiles
    }

    /// The second pass: from tiles to the result.
    fn rows(&self, tiles: &[Words], target: &mut [Words], direction: Direction) {
        let width = 1 << (tiles.len().trailing_zeros() / 2);
        let height = tiles.len() / width;
        let (roots, shift) = match direction {
            Direction::Forward { .. } => (self.subgroup(false), None),
            Direction::Inverse { unshift } => (
                self.subgroup(true),
                Some(unshift).filter(|unshift| *unshift != Fr::ONE),
            ),
        };
        let rows = Rows {
            source: tiles,
            height,
            roots,
            shift,
        };
        let columns = StridedColumns::new(target, height);
        let run = |scratch: &mut Vec<Block>, group: usize| {
            // SAFETY: each group is visited once.
            let target = unsafe { columns.select(group) };
            rows.run(self.lanes, 8 * group, target, scratch);
        };
        let scratch = || vec![Block::ZERO; width];
        if tiles.len() < PARALLEL {
            let mut scratch = scratch();
            (0..height / 8).for_each(|group| run(&mut scratch, group));
        } else {
            (0..height / 8).into_par_iter().for_each_init(scratch, run);
        }
    }
}

impl<L: Lanes> Transforms for LaneTransforms<L> {
    fn transform(&self, values: &mut [Fr], direction: Direction) {
        if !(MIN_LEVELS..=2 * MAX_LEVELS).contains(&values.len().trailing_zeros()) {
            return self.scalar.transform(values, direction);
        }
        let tiles = self.columns(words(values), direction);
        self.rows(&tiles, words_mut(values), direction);
    }

    fn transform_into(&self, source: &[Fr], target: &mut [Fr], direction: Direction) {
        if !(MIN_LEVELS..=2 * MAX_LEVELS).contains(&source.len().trailing_zeros()) {
            return self.scalar.transform_into(source, target, direction);
        }
        let tiles = self.columns(words(source), direction);
        self.rows(&tiles, words_mut(target), direction);
    }
}
