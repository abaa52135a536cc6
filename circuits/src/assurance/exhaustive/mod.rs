//! Exhaustive: for lanes of few bits, every assignment of a gadget's cells.
//!
//! Each operand in the executor's domain has exactly one satisfying assignment, which is the one that witnesses are filled
//! with, and its result is the executor's. No operand outside the domain has any.

mod instances;
mod reference;
mod search;

use super::arg_max::group;
use super::planted::{Planted, layout};
use crate::form::{CellRef, LinForm};
use crate::gadget::{ArgMaxElement, Gadget, GadgetLayout, GadgetType, Plain};
use instances::instances;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use reference::{Reference, first_maximum, references, table};
use search::Search;
use std::collections::HashMap;
use std::ops::RangeInclusive;

/// Widths of lanes whose gadgets are tried.
const LANE_BITS: RangeInclusive<u32> = 1..=4;

/// Lists of operands up to which all are compared with the executor: of more, those that have an assignment, and some.
const MOST_OPERANDS: u64 = 1 << 16;

/// What was tried of a type of gadget.
#[derive(Clone, Debug, Default)]
pub struct Exhausted {
    /// The type's name.
    pub gadget: String,
    /// Gadgets: widths and numbers.
    pub gadgets: usize,
    /// Assignments of all gadgets.
    pub assignments: u64,
    /// Operands, by operation, that were compared with the executor.
    pub operands: u64,
    /// What does not hold, up to some few.
    pub failures: Vec<String>,
}

impl Exhausted {
    fn plus(mut self, other: Self) -> Self {
        /// More failures than these say nothing more.
        const MOST: usize = 5;
        self.gadgets += other.gadgets;
        self.assignments += other.assignments;
        self.operands += other.operands;
        self.failures.extend(other.failures);
        self.failures.truncate(MOST);
        self
    }
}

/// Tries every assignment of all gadgets whose cells have at most so many bits, by type; of function tables up to twice as
/// many, of indices of maxima up to half as many more.
pub fn exhaustive(bits: u32, planted: Option<Planted>) -> Vec<Exhausted> {
    GadgetType::ALL
        .iter()
        .map(|&kind| of_type(kind, bits, planted))
        .collect()
}

fn of_type(kind: GadgetType, bits: u32, planted: Option<Planted>) -> Exhausted {
    // Where most cells follow from others early on, more of them can be tried.
    let bits = match kind {
        GadgetType::Lut => 2 * bits,
        GadgetType::ArgMax => bits * 3 / 2,
        _ => bits,
    };
    let of_width = |b: u32| -> Vec<Case> {
        if kind == GadgetType::ArgMax {
            return groups(b, bits, planted);
        }
        let gadgets = instances(kind, b, bits).into_iter();
        gadgets.map(|gadget| Case::of(gadget, b, planted)).collect()
    };
    let cases: Vec<Case> = LANE_BITS.flat_map(of_width).collect();
    let all = cases
        .par_iter()
        .map(Case::check)
        .reduce(Exhausted::default, Exhausted::plus);
    Exhausted {
        gadget: format!("{kind:?}"),
        ..all
    }
}

/// Groups of an index of the first maximum.
fn groups(b: u32, bits: u32, planted: Option<Planted>) -> Vec<Case> {
    let mut cases = vec![];
    for limbs in 1..=2 {
        let element = ArgMaxElement { limbs };
        let largest = Plain {
            limbs: 1,
            signed: true,
        };
        for length in 1..=6 {
            let layout = group(element, b, largest, length, planted);
            if u32::from(layout.width) * b <= bits {
                cases.push(Case {
                    gadget: element.into(),
                    b,
                    layout,
                    compared: Compared::Group { limbs, largest },
                });
            }
        }
    }
    cases
}

/// A layout and what it is compared with.
struct Case {
    gadget: Gadget,
    b: u32,
    layout: GadgetLayout,
    compared: Compared,
}

/// What a layout is compared with.
enum Compared {
    /// Operations that the gadget may be an element of.
    Elements(Vec<Reference>),
    /// The index of the first maximum of a group.
    Group { limbs: u8, largest: Plain },
}

/// The assignments of one list of operands.
struct Found {
    count: u32,
    result: i64,
    cells: Vec<u32>,
}

impl Case {
    fn of(gadget: Gadget, b: u32, planted: Option<Planted>) -> Self {
        Case {
            layout: layout(&gadget, b, planted),
            compared: Compared::Elements(references(&gadget, b)),
            gadget,
            b,
        }
    }

    fn check(&self) -> Exhausted {
        let found = self.all();
        let mut report = Exhausted {
            gadgets: 1,
            assignments: 1 << (u32::from(self.layout.width) * self.b),
            ..Exhausted::default()
        };
        match &self.compared {
            Compared::Elements(references) => {
                for reference in references {
                    let result = |operands: &[i64]| reference.result(&self.gadget, self.b, operands);
                    self.compare((reference.halves, reference.shift), &result, &found, &mut report);
                }
            }
            Compared::Group { limbs, largest } => {
                let result = |operands: &[i64]| first_maximum(*limbs, *largest, self.b, operands);
                self.compare((0, None), &result, &found, &mut report);
            }
        }
        report
    }

    /// All satisfying assignments, by the values of the operands' forms.
    fn all(&self) -> HashMap<Vec<i64>, Found> {
        let table = table(&self.gadget);
        let mut found: HashMap<Vec<i64>, Found> = HashMap::new();
        Search::new(&self.layout, self.b, &table).each(&mut |cells| {
            let inputs = self.layout.inputs.iter().map(|f| f.on_lanes(cells)).collect();
            let result = self.layout.outputs[0].on_lanes(cells);
            let first = || Found {
                count: 0,
                result,
                cells: cells.to_vec(),
            };
            found.entry(inputs).or_insert_with(first).count += 1;
        });
        found
    }

    /// Compares the assignments with results, for operands whose forms are them times `2^halves`.
    fn compare(
        &self,
        (halves, shift): (u32, Option<u32>),
        result: &dyn Fn(&[i64]) -> Option<i64>,
        found: &HashMap<Vec<i64>, Found>,
        report: &mut Exhausted,
    ) {
        let scale = 1i64 << halves;
        for operands in self.operands(scale, found) {
            let forms: Vec<i64> = operands.iter().map(|x| x * scale).collect();
            let wrong = self.wrong(shift, &operands, result(&operands), found.get(&forms));
            report.operands += 1;
            if let Some(wrong) = wrong {
                let (gadget, b) = (&self.gadget, self.b);
                report.failures.push(format!(
                    "{gadget:?} in lanes of {b} bits, shift {shift:?}, operands {operands:?}: {wrong}"
                ));
                if report.failures.len() > 2 {
                    return;
                }
            }
        }
    }

    /// What is wrong with the assignments of these operands.
    fn wrong(
        &self,
        shift: Option<u32>,
        operands: &[i64],
        expected: Option<i64>,
        found: Option<&Found>,
    ) -> Option<String> {
        match (expected, found) {
            (None, None) => None,
            (Some(expected), None) => Some(format!(
                "expected one assignment with the result {expected}, found none"
            )),
            (None, Some(found)) => Some(format!(
                "expected no assignment outside the domain, found {:?}, {} in all",
                found.cells, found.count
            )),
            (Some(expected), Some(found)) if (found.count, found.result) != (1, expected) => Some(format!(
                "expected one assignment with the result {expected}, found {}, {:?} with the result {}",
                found.count, found.cells, found.result
            )),
            (Some(_), Some(found)) => self.unlike_the_witness(shift, operands, found),
        }
    }

    /// Whether witnesses are filled with another assignment. The cells of a group are filled one by one.
    fn unlike_the_witness(&self, shift: Option<u32>, operands: &[i64], found: &Found) -> Option<String> {
        if matches!(self.compared, Compared::Group { .. }) {
            return None;
        }
        let args: Vec<i64> = operands.iter().copied().chain(shift.map(i64::from)).collect();
        let mut cells = vec![0; found.cells.len()];
        match self.gadget.fill(self.b, &args, &mut cells) {
            Ok(()) if cells == found.cells => None,
            Ok(()) => Some(format!(
                "expected a witness with {:?}, found {cells:?}",
                found.cells
            )),
            Err(e) => Some(format!(
                "expected a witness with {:?}, found none: {e}",
                found.cells
            )),
        }
    }

    /// The operands to compare: all in the forms' ranges and one beyond their ends, if they are few; otherwise those that
    /// have an assignment, and a random part of all.
    fn operands(&self, scale: i64, found: &HashMap<Vec<i64>, Found>) -> Vec<Vec<i64>> {
        let range = |form: &LinForm| {
            let (least, most) = self.range(form);
            (least.div_euclid(scale) - 1, most.div_euclid(scale) + 1)
        };
        let ranges: Vec<(i64, i64)> = self.layout.inputs.iter().map(range).collect();
        let size = |&(least, most): &(i64, i64)| (most - least + 1) as u64;
        let number = ranges.iter().map(size).fold(1u64, u64::saturating_mul);
        if number <= MOST_OPERANDS {
            return (0..number).map(|n| nth(n, &ranges)).collect();
        }
        let divisible = found
            .keys()
            .filter(|forms| forms.iter().all(|f| f.rem_euclid(scale) == 0));
        let mut all: Vec<Vec<i64>> = divisible
            .map(|f| f.iter().map(|x| x.div_euclid(scale)).collect())
            .collect();
        let mut r = ChaCha8Rng::seed_from_u64(number);
        all.extend((0..MOST_OPERANDS / 4).map(|_| ranges.iter().map(|&(a, b)| r.gen_range(a..=b)).collect()));
        all
    }

    /// The least and the largest value of a form.
    fn range(&self, form: &LinForm) -> (i64, i64) {
        let most = (1i64 << self.b) - 1;
        let by = |sign: i64| {
            let terms = form
                .terms
                .iter()
                .filter(|(cell, c)| matches!(cell, CellRef::Lane(_)) && c.signum() == sign);
            terms.map(|(_, c)| c * most).sum::<i64>()
        };
        (form.constant + by(-1), form.constant + by(1))
    }
}

/// The list of operands with this number, of all lists in the ranges.
fn nth(mut n: u64, ranges: &[(i64, i64)]) -> Vec<i64> {
    let digit = |&(least, most): &(i64, i64)| {
        let size = (most - least + 1) as u64;
        let value = least + (n % size) as i64;
        n /= size;
        value
    };
    ranges.iter().map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits of all cells of the gadgets that the tests try.
    const BITS: u32 = 12;

    #[test]
    fn every_operand_has_one_assignment_and_the_executors_result() {
        for report in exhaustive(BITS, None) {
            assert_eq!(report.failures, [""; 0], "{}", report.gadget);
            assert!(report.gadgets > 0 && report.operands > 100, "{report:?}");
        }
    }

    #[test]
    fn dropped_bounds_and_changed_coefficients_are_seen() {
        for (planted, seen) in [
            (Planted::DroppedBound, GadgetType::DivConst),
            (Planted::DroppedBound, GadgetType::Div),
            (Planted::ChangedCoefficient, GadgetType::Rescale),
        ] {
            assert!(
                !of_type(seen, BITS, Some(planted)).failures.is_empty(),
                "{planted:?}"
            );
        }
    }
}
