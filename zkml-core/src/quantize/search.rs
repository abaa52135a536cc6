//! The cheapest widths that meet the accuracy target.
//!
//! Everything narrow is tried first, then everything wide. Between the two, groups of items
//! become narrow as long as the target is met, those that save most cells first; a group that
//! fails is split. Each step is a measurement, so that the result meets the target by
//! construction, at the price of a few dozen executions.

use super::{
    calibrate::Calibrated,
    evaluate::{errors, output_ranges, run},
    gates::Gates,
    lower::{Lowered, Setting, lower},
    widths::{Costs, Item, Wide},
};
use crate::{error::Result, float::FloatTensor};
use std::collections::BTreeSet;

/// Number of calibration inputs that each step measures.
const SEARCH_INPUTS: usize = 24;

/// The search stays this far below the target, since it does not see all inputs; farther after
/// each result that fails on some of the others.
const MARGINS: [f64; 5] = [0.9, 0.75, 0.6, 0.45, 0.3];

/// Most inputs that join the sample after such a result.
const JOINING: usize = 8;

/// Most executions of one search.
const BUDGET: usize = 400;

struct Search<'a> {
    setting: &'a Setting<'a>,
    calibration: &'a [Vec<FloatTensor>],
    calibrated: &'a Calibrated,
    /// Range of each output.
    ranges: Vec<f64>,
    /// The inputs that each step measures.
    sample: Vec<usize>,
    /// Most executions left before the search settles for what it has.
    budget: usize,
    /// Whether a model that may refuse an input does not count.
    total: bool,
}

/// Finds widths and lowers the graph with them. Where the target is out of reach, the result is
/// the most accurate model that was found.
pub(super) fn search(
    setting: &Setting<'_>,
    calibration: &[Vec<FloatTensor>],
    calibrated: &Calibrated,
) -> Result<Lowered> {
    let mut search = Search {
        setting,
        calibration,
        calibrated,
        ranges: output_ranges(setting.graph, &calibrated.outputs),
        sample: sample(calibration.len()),
        budget: BUDGET,
        total: setting.options.saturate,
    };
    if let Some(lowered) = search.cheapest()? {
        return Ok(lowered);
    }
    if search.total {
        search.total = false;
        search.budget = BUDGET;
        if let Some(lowered) = search.cheapest()? {
            return Ok(lowered);
        }
    }
    search.best()
}

/// The wide items, with those of `changed` the other way round.
fn toggled(wide: &Wide, changed: &BTreeSet<Item>) -> Wide {
    wide.symmetric_difference(changed).copied().collect()
}

/// Evenly spread indices.
fn sample(count: usize) -> Vec<usize> {
    let taken = count.min(SEARCH_INPUTS);
    (0..taken).map(|index| index * count / taken).collect()
}

impl Search<'_> {
    /// The cheapest model that meets the target; none where it is out of reach.
    fn cheapest(&mut self) -> Result<Option<Lowered>> {
        let target = self.setting.options.accuracy;
        if let Some(lowered) = self.accept(&Wide::new())? {
            return Ok(Some(lowered));
        }
        let Some(mut wide) = self.widest()? else {
            return Ok(None);
        };
        // Inputs that break the result join the sample, which is small enough to repeat this.
        for margin in MARGINS {
            let costs = lower(self.setting, &wide)?.costs;
            let mut candidates: Vec<Item> = wide.iter().copied().collect();
            candidates.sort_by_key(|item| std::cmp::Reverse(costs.get(item).copied().unwrap_or(0)));
            let mut chosen = wide.clone();
            self.shrink(&mut chosen, &candidates, target * margin)?;
            if let Some(lowered) = self.accept(&chosen)? {
                if self.total && self.setting.options.few_gates {
                    return self.fewer_gates(chosen, lowered, target * margin).map(Some);
                }
                return Ok(Some(lowered));
            }
            wide.extend(self.widest()?.unwrap_or_default());
        }
        lower(self.setting, &wide).map(Some)
    }

    /// Makes one or two items wide or narrow as long as that saves a contract gas and the target is met: what saves most
    /// first.
    fn fewer_gates(&mut self, mut wide: Wide, mut lowered: Lowered, target: f64) -> Result<Lowered> {
        let cells = Gates::of(&lowered.graph).cells;
        let gas = |lowered: &Lowered| Gates::of(&lowered.graph).gas(cells);
        let mut left = BUDGET;
        loop {
            let mut items: BTreeSet<Item> = lowered.costs.keys().copied().collect();
            items.extend(&wide);
            let items: Vec<Item> = items.into_iter().collect();
            let ones = items.iter().map(|&item| BTreeSet::from([item]));
            let pairs = (0..items.len()).flat_map(|i| {
                let second = &items[i + 1..];
                let first = items[i];
                second.iter().map(move |&second| BTreeSet::from([first, second]))
            });
            let mut cheaper: Vec<(f64, Wide)> = Vec::new();
            let now = gas(&lowered);
            for changed in ones.chain(pairs).take(left) {
                left -= 1;
                let changed = toggled(&wide, &changed);
                let candidate = lower(self.setting, &changed).map_or(f64::INFINITY, |lowered| gas(&lowered));
                if candidate < now {
                    cheaper.push((candidate, changed));
                }
            }
            cheaper.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut better = None;
            for (_, changed) in cheaper {
                if self.budget == 0 {
                    break;
                }
                self.budget -= 1;
                if self.measure(&changed, target) <= target
                    && let Some(lowered) = self.accept(&changed)?
                {
                    better = Some((changed, lowered));
                    break;
                }
            }
            match better {
                Some(better) => (wide, lowered) = better,
                None => return Ok(lowered),
            }
        }
    }

    /// Whether a model counts.
    fn counts(&self, lowered: &Lowered) -> bool {
        !(self.total && lowered.may_refuse)
    }

    /// Every item wide, if that model works and meets the target on the sample. Accumulators can
    /// be too small for everything, but large enough without wide weights.
    fn widest(&mut self) -> Result<Option<Wide>> {
        let target = self.setting.options.accuracy * MARGINS[0];
        let kinds: [fn(&Item) -> bool; 2] = [|_| true, |item| !matches!(item, Item::Weights(_))];
        for kind in kinds {
            let wide = self.all_wide(kind)?;
            if self.measure(&wide, target) <= target {
                return Ok(Some(wide));
            }
        }
        Ok(None)
    }

    /// Every item of a kind wide. Wide items can bring further ones into being.
    fn all_wide(&self, kind: impl Fn(&Item) -> bool) -> Result<Wide> {
        let mut wide = Wide::new();
        loop {
            let costs: Costs = lower(self.setting, &wide)?.costs;
            let before = wide.len();
            wide.extend(costs.into_keys().filter(&kind));
            if wide.len() == before {
                return Ok(wide);
            }
        }
    }

    /// The most accurate of a few models, where none meets the target.
    fn best(&mut self) -> Result<Lowered> {
        let weights =
            |item: &Item| !matches!(item, Item::Activation(_) | Item::Clamp(_) | Item::Exponentials(_));
        let full = |item: &Item| matches!(item, Item::FullWeights(_) | Item::ChannelScales(_));
        let activations = |item: &Item| !matches!(item, Item::Weights(_));
        let candidates = [
            Wide::new(),
            self.all_wide(full)?,
            self.all_wide(weights)?,
            self.all_wide(activations)?,
            self.all_wide(|_| true)?,
        ];
        let mut best = (f64::INFINITY, Wide::new());
        for wide in candidates {
            let error = self.measure(&wide, f64::INFINITY);
            if error < best.0 {
                best = (error, wide);
            }
        }
        lower(self.setting, &best.1)
    }

    /// Worst error on the sample; infinite where the model does not work. Stops early above `limit`.
    fn measure(&mut self, wide: &Wide, limit: f64) -> f64 {
        let Ok(lowered) = lower(self.setting, wide) else {
            return f64::INFINITY;
        };
        if !self.counts(&lowered) {
            return f64::INFINITY;
        }
        let mut worst: f64 = 0.0;
        for index in 0..self.sample.len() {
            worst = worst.max(self.error(&lowered, self.sample[index]));
            if worst > limit {
                // The input that shows it comes first from now on.
                self.sample[..=index].rotate_right(1);
                break;
            }
        }
        worst
    }

    fn error(&self, lowered: &Lowered, input: usize) -> f64 {
        let expected = &self.calibrated.outputs[input];
        run(lowered, &self.calibration[input], self.setting.options.saturate).map_or(f64::INFINITY, |trace| {
            errors(lowered, &trace, expected, &self.ranges).worst
        })
    }

    /// The model with these widths, if it meets the target on all inputs; otherwise the inputs
    /// that fail worst join the sample.
    fn accept(&mut self, wide: &Wide) -> Result<Option<Lowered>> {
        let lowered = lower(self.setting, wide)?;
        let target = self.setting.options.accuracy;
        let fails = |&index: &usize| self.error(&lowered, index) > target;
        if !self.counts(&lowered) || self.sample.iter().any(fails) {
            return Ok(None);
        }
        let rest = (0..self.calibration.len()).filter(|index| !self.sample.contains(index));
        let mut failing: Vec<(f64, usize)> = rest
            .map(|index| (self.error(&lowered, index), index))
            .filter(|(error, _)| *error > target)
            .collect();
        if failing.is_empty() {
            return Ok(Some(lowered));
        }
        failing.sort_by(|a, b| b.0.total_cmp(&a.0));
        let joining = failing.into_iter().take(JOINING).map(|(_, index)| index);
        self.sample.splice(0..0, joining);
        Ok(None)
    }

    /// Makes as many candidates narrow as the target allows.
    fn shrink(&mut self, wide: &mut Wide, candidates: &[Item], target: f64) -> Result<()> {
        if candidates.is_empty() || self.budget == 0 {
            return Ok(());
        }
        self.budget -= 1;
        let mut narrower = wide.clone();
        for item in candidates {
            narrower.remove(item);
        }
        if self.measure(&narrower, target) <= target {
            *wide = narrower;
            return Ok(());
        }
        if candidates.len() > 1 {
            let (first, second) = candidates.split_at(candidates.len() / 2);
            self.shrink(wide, first, target)?;
            self.shrink(wide, second, target)?;
        }
        Ok(())
    }
}
