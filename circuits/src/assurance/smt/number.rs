//! Layouts with numbers: forms whose coefficients are affine in what a family of gadgets leaves open.

use crate::assurance::families::Family;
use crate::assurance::planted::{Planted, layout};
use crate::form::{CellRef, Constraint, LinForm};
use crate::gadget::GadgetLayout;
use std::collections::BTreeMap;

/// `constant + sum_i by_number_i number_i`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Affine {
    pub constant: i128,
    pub by_number: Vec<i128>,
}

impl Affine {
    pub fn times(&self, factor: i128) -> Self {
        Affine {
            constant: self.constant * factor,
            by_number: self.by_number.iter().map(|x| x * factor).collect(),
        }
    }

    pub fn plus(&self, other: &Affine) -> Self {
        let length = self.by_number.len().max(other.by_number.len());
        let at = |a: &Affine, i: usize| a.by_number.get(i).copied().unwrap_or(0);
        Affine {
            constant: self.constant + other.constant,
            by_number: (0..length).map(|i| at(self, i) + at(other, i)).collect(),
        }
    }

    pub fn is_zero(&self) -> bool {
        self.constant == 0 && self.by_number.iter().all(|x| *x == 0)
    }

    /// The value without any number in it.
    pub fn as_constant(&self) -> Option<i128> {
        self.by_number.iter().all(|x| *x == 0).then_some(self.constant)
    }

    fn at(&self, numbers: &[i64]) -> i128 {
        let by = self
            .by_number
            .iter()
            .zip(numbers)
            .map(|(c, n)| c * i128::from(*n));
        self.constant + by.sum::<i128>()
    }
}

/// A form over the cells of a gadget.
#[derive(Clone, Debug, Default)]
pub(super) struct CellForm {
    pub terms: BTreeMap<u16, Affine>,
    pub constant: Affine,
}

/// A constraint, as [`Constraint`].
#[derive(Clone, Debug)]
pub(super) struct CellConstraint {
    pub products: Vec<(i64, Vec<CellForm>)>,
}

/// A layout with numbers.
#[derive(Clone, Debug)]
pub(super) struct NumberedLayout {
    pub width: u16,
    pub inputs: Vec<CellForm>,
    pub outputs: Vec<CellForm>,
    pub constraints: Vec<CellConstraint>,
    pub lookup: Option<[CellForm; 3]>,
}

impl NumberedLayout {
    /// A layout that depends on no number.
    pub fn of(layout: &GadgetLayout) -> Self {
        Self::interpolated(layout, &[])
    }

    /// The layouts of a family: from those at its least numbers and with one number one more, and compared with those at
    /// the ends and in the middle of all ranges.
    ///
    /// # Panics
    /// If the layouts are not affine in the numbers: then this is no description of them.
    pub fn of_family(family: &Family, planted: Option<Planted>) -> Self {
        let at = |numbers: &[i64]| layout(&family.gadget(numbers), family.lane_bits, planted);
        let least: Vec<i64> = family.numbers.iter().map(|n| n.least).collect();
        let steps: Vec<Option<GadgetLayout>> = (0..least.len())
            .map(|i| {
                let mut numbers = least.clone();
                numbers[i] += 1;
                (numbers[i] <= family.numbers[i].most).then(|| at(&numbers))
            })
            .collect();
        let found = Self::interpolated(&at(&least), &steps);
        let found = found.counted_from_0(&least);
        for numbers in corners(family) {
            assert!(
                found.equals(&at(&numbers), &numbers),
                "expected a layout that is affine in {:?}, found another one at {numbers:?}",
                family.numbers
            );
        }
        found
    }

    fn interpolated(base: &GadgetLayout, steps: &[Option<GadgetLayout>]) -> Self {
        let numbered = |role: &dyn Fn(&GadgetLayout) -> LinForm| {
            let (form, steps) = (role(base), steps.iter().map(|s| s.as_ref().map(role)));
            numbered(&form, &steps.collect::<Vec<_>>())
        };
        let constraint = |(i, c): (usize, &Constraint)| CellConstraint {
            products: (c.products.iter().enumerate())
                .map(|(j, (coefficient, factors))| {
                    let factor = |k: usize| numbered(&|l| l.constraints[i].products[j].1[k].clone());
                    (*coefficient, (0..factors.len()).map(factor).collect())
                })
                .collect(),
        };
        let lookup = |role: fn(&crate::form::TableLookup) -> &LinForm| {
            numbered(&|l| l.lookup.as_ref().map(|t| role(t).clone()).unwrap_or_default())
        };
        NumberedLayout {
            width: base.width,
            inputs: (0..base.inputs.len())
                .map(|i| numbered(&|l| l.inputs[i].clone()))
                .collect(),
            outputs: (0..base.outputs.len())
                .map(|i| numbered(&|l| l.outputs[i].clone()))
                .collect(),
            constraints: base.constraints.iter().enumerate().map(constraint).collect(),
            lookup: base
                .lookup
                .as_ref()
                .map(|_| [lookup(|t| &t.id), lookup(|t| &t.value), lookup(|t| &t.slope)]),
        }
    }

    /// All forms, those of constraints last.
    pub fn forms(&self) -> impl Iterator<Item = &CellForm> {
        let factors = self
            .constraints
            .iter()
            .flat_map(|c| c.products.iter().flat_map(|(_, f)| f));
        let lookup = self.lookup.iter().flatten();
        self.inputs
            .iter()
            .chain(&self.outputs)
            .chain(lookup)
            .chain(factors)
    }

    fn forms_mut(&mut self) -> impl Iterator<Item = &mut CellForm> {
        let products = self.constraints.iter_mut().flat_map(|c| &mut c.products);
        let factors = products.flat_map(|(_, factors)| factors);
        let lookup = self.lookup.iter_mut().flatten();
        self.inputs
            .iter_mut()
            .chain(&mut self.outputs)
            .chain(lookup)
            .chain(factors)
    }

    /// Coefficients count from the least numbers: makes them count from 0.
    fn counted_from_0(mut self, least: &[i64]) -> Self {
        let moved = |a: &mut Affine| {
            let by = a.by_number.iter().zip(least).map(|(c, n)| c * i128::from(*n));
            a.constant -= by.sum::<i128>();
        };
        for form in self.forms_mut() {
            moved(&mut form.constant);
            form.terms.values_mut().for_each(moved);
        }
        self
    }

    /// Whether this is the layout at these numbers.
    fn equals(&self, layout: &GadgetLayout, numbers: &[i64]) -> bool {
        let theirs = NumberedLayout::of(layout);
        let same = |(a, b): (&CellForm, &CellForm)| {
            let cells = a.terms.keys().chain(b.terms.keys());
            let value = |f: &CellForm, cell: &u16| f.terms.get(cell).map_or(0, |a| a.at(numbers));
            a.constant.at(numbers) == b.constant.at(numbers)
                && cells.into_iter().all(|c| value(a, c) == value(b, c))
        };
        let coefficients = |l: &NumberedLayout| -> Vec<Vec<i64>> {
            let of = |c: &CellConstraint| c.products.iter().map(|p| p.0).collect();
            l.constraints.iter().map(of).collect()
        };
        self.width == theirs.width
            && coefficients(self) == coefficients(&theirs)
            && self.forms().count() == theirs.forms().count()
            && self.forms().zip(theirs.forms()).all(same)
    }
}

/// The ends and the middle of all ranges of numbers.
fn corners(family: &Family) -> Vec<Vec<i64>> {
    let mut all: Vec<Vec<i64>> = vec![vec![]];
    for n in &family.numbers {
        let middle = n.least + (n.most - n.least) / 2;
        all = all
            .into_iter()
            .flat_map(|before| [n.least, middle, n.most].map(|value| [&before[..], &[value]].concat()))
            .collect();
    }
    all
}

/// The form with this value at the least numbers, and these one step further.
fn numbered(base: &LinForm, steps: &[Option<LinForm>]) -> CellForm {
    let coefficient = |form: &LinForm, cell: CellRef| {
        let term = form.terms.iter().find(|t| t.0 == cell);
        term.map_or(0, |t| i128::from(t.1))
    };
    let affine = |value: i128, at: &dyn Fn(&LinForm) -> i128| Affine {
        constant: value,
        by_number: steps
            .iter()
            .map(|s| s.as_ref().map_or(0, |s| at(s) - value))
            .collect(),
    };
    let mut terms = BTreeMap::new();
    for form in std::iter::once(base).chain(steps.iter().flatten()) {
        for &(cell, _) in &form.terms {
            let CellRef::Lane(lane) = cell else { continue };
            let value = affine(coefficient(base, cell), &|s| coefficient(s, cell));
            terms.insert(lane, value);
        }
    }
    CellForm {
        terms,
        constant: affine(base.constant.into(), &|s| s.constant.into()),
    }
}
