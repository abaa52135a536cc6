//! A gadget's layout over integers: groups of cells that are the limbs of one number become one variable.

use super::number::{Affine, CellForm, NumberedLayout};
use std::ops::Range;

/// A form over variables.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Form {
    pub terms: Vec<(usize, Affine)>,
    pub constant: Affine,
}

impl Form {
    /// The constant that the form is, if it reads no variable and depends on no number.
    pub fn as_constant(&self) -> Option<i128> {
        self.terms
            .is_empty()
            .then(|| self.constant.as_constant())
            .flatten()
    }
}

/// A number in whole limbs, and the ends of its range that count.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Variable {
    pub bits: u32,
    pub least: Option<i128>,
    pub most: Option<i128>,
}

/// Which ends of ranges a formula keeps. To leave out an end admits more assignments, so that a formula without it says
/// more; and gadgets that differ in that end alone have the same formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    /// All.
    All,
    /// Those of numbers in linear constraints (indices), of those whose range is a coefficient or a constant beside them
    /// (remainders, clamped results), and 0.
    Moduli,
    /// Only 0.
    Zero,
}

/// Coefficients and factors of a constraint `sum_i coefficient_i prod_j form_ij = 0`.
pub(super) type Products = Vec<(i64, Vec<Form>)>;

/// A layout over integers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Formula {
    pub variables: Vec<Variable>,
    pub inputs: Vec<Form>,
    pub outputs: Vec<Form>,
    pub constraints: Vec<Products>,
    pub lookup: Option<[Form; 3]>,
}

impl Formula {
    pub fn new(layout: &NumberedLayout, lane_bits: u32, ends: Ends) -> Self {
        let groups = limbs(layout, lane_bits);
        let mut formula = Formula::of_groups(layout, &groups, lane_bits);
        formula.center();
        match ends {
            Ends::All => {}
            Ends::Moduli => formula.keep(Self::mentions),
            Ends::Zero => formula.keep(|_, _| false),
        }
        formula
    }

    /// Whether every assignment of another formula is one of this where some variables are 0. Then what no assignment of
    /// this does, no assignment of the other one does.
    pub fn covers(&self, other: &Formula) -> bool {
        /// Variables that may be 0: a clamp has two of its own.
        const MOST: usize = 2;
        let (n, more) = (
            self.variables.len(),
            self.variables.len().saturating_sub(other.variables.len()),
        );
        let subsets = (0..n).flat_map(|i| (i..n).map(move |j| [i, j]));
        let mut zeros = subsets.map(|[i, j]| if i == j { vec![i] } else { vec![i, j] });
        (1..=MOST).contains(&more)
            && zeros.any(|z| z.len() == more && self.with_zeros(&z).as_ref() == Some(other))
    }

    /// The formula where these variables are 0; `None` if one cannot be.
    fn with_zeros(&self, zeros: &[usize]) -> Option<Formula> {
        let may_be_0 = |v: &Variable| v.least.is_none_or(|x| x <= 0) && v.most.is_none_or(|x| 0 <= x);
        if !zeros.iter().all(|&z| may_be_0(&self.variables[z])) {
            return None;
        }
        let mut formula = self.clone();
        for form in formula.forms_mut() {
            form.terms.retain(|(v, _)| !zeros.contains(v));
            for (v, _) in &mut form.terms {
                *v -= zeros.iter().filter(|z| *z < v).count();
            }
        }
        let trivial = |products: &Products| {
            let zero = |factors: &Vec<Form>| factors.iter().any(|f| f.as_constant() == Some(0));
            products.iter().all(|(_, factors)| zero(factors))
        };
        formula.constraints.retain(|products| !trivial(products));
        let mut at = 0..;
        formula
            .variables
            .retain(|_| !zeros.contains(&at.next().unwrap_or(0)));
        Some(formula)
    }

    fn of_groups(layout: &NumberedLayout, groups: &[Range<u16>], lane_bits: u32) -> Self {
        let form = |form: &CellForm| Form {
            terms: (groups.iter().enumerate())
                .filter_map(|(v, group)| form.terms.get(&group.start).map(|c| (v, c.clone())))
                .collect(),
            constant: form.constant.clone(),
        };
        let forms = |all: &[CellForm]| all.iter().map(form).collect();
        let variable = |group: &Range<u16>| {
            let bits = u32::from(group.end - group.start) * lane_bits;
            Variable {
                bits,
                least: Some(0),
                most: Some((1 << bits) - 1),
            }
        };
        Formula {
            variables: groups.iter().map(variable).collect(),
            inputs: forms(&layout.inputs),
            outputs: forms(&layout.outputs),
            constraints: (layout.constraints.iter())
                .map(|c| {
                    c.products
                        .iter()
                        .map(|(k, factors)| (*k, forms(factors)))
                        .collect()
                })
                .collect(),
            lookup: layout.lookup.as_ref().map(|l| l.each_ref().map(form)),
        }
    }

    fn forms_mut(&mut self) -> impl Iterator<Item = &mut Form> {
        let factors = self
            .constraints
            .iter_mut()
            .flatten()
            .flat_map(|(_, factors)| factors);
        let lookup = self.lookup.iter_mut().flatten();
        self.inputs
            .iter_mut()
            .chain(&mut self.outputs)
            .chain(lookup)
            .chain(factors)
    }

    /// Makes signed numbers of those that are stored with a bias: where a form is `x - 2^(bits - 1)` for a single number.
    fn center(&mut self) {
        for v in 0..self.variables.len() {
            let half = 1i128 << (self.variables[v].bits - 1);
            let biased = |form: &Form| match &form.terms[..] {
                [(u, c)] => {
                    *u == v && c.as_constant() == Some(1) && form.constant.as_constant() == Some(-half)
                }
                _ => false,
            };
            let lookup = self.lookup.iter().flatten();
            if !self.inputs.iter().chain(&self.outputs).chain(lookup).any(biased) {
                continue;
            }
            for form in self.forms_mut() {
                if let Some((_, c)) = form.terms.iter().find(|(u, _)| *u == v) {
                    form.constant = form.constant.plus(&c.times(half));
                }
            }
            let variable = &mut self.variables[v];
            (variable.least, variable.most) = (Some(-half), Some(half - 1));
        }
    }

    /// Leaves out the ends of ranges that are not kept. Numbers that are not negative stay so.
    fn keep(&mut self, kept: impl Fn(&Self, usize) -> bool) {
        let kept: Vec<bool> = (0..self.variables.len()).map(|v| kept(self, v)).collect();
        for (variable, kept) in self.variables.iter_mut().zip(kept) {
            if !kept {
                variable.most = None;
                variable.least = variable.least.filter(|least| *least == 0);
            }
        }
    }

    /// Whether a variable is in a linear constraint, the size of its range is the coefficient of another one beside it, or
    /// an end of it is a constant beside it in a constraint.
    fn mentions(&self, v: usize) -> bool {
        let variable = &self.variables[v];
        let size = 1i128 << variable.bits;
        let own = |f: &Form| {
            f.terms
                .iter()
                .find(|(u, _)| *u == v)
                .map(|(_, c)| c.constant.abs())
        };
        let modulus = |f: &Form| own(f) == Some(1) && f.terms.iter().any(|(_, c)| c.constant.abs() == size);
        let end = |f: &Form| {
            let ends = [variable.least, variable.most];
            let constant = f.constant.constant;
            own(f).is_some() && constant != 0 && ends.iter().flatten().any(|e| e.abs() == constant.abs())
        };
        let linear = |products: &Products| match &products[..] {
            [(_, factors)] => factors.len() == 1 && own(&factors[0]).is_some(),
            _ => false,
        };
        let mut factors = self.constraints.iter().flatten().flat_map(|(_, factors)| factors);
        self.constraints.iter().any(linear)
            || self.inputs.iter().any(modulus)
            || factors.any(|f| modulus(f) || end(f))
    }
}

/// Runs of cells that every form reads as `c (x_0 + 2^b x_1 + ...)`: the limbs of one number, which takes each value of
/// its range for one choice of the cells.
fn limbs(layout: &NumberedLayout, lane_bits: u32) -> Vec<Range<u16>> {
    let follows = |cell: u16| {
        layout.forms().all(|form| {
            let coefficient = |c: u16| form.terms.get(&c).cloned().unwrap_or_default();
            let expected = coefficient(cell - 1).times(-(1 << lane_bits));
            coefficient(cell).plus(&expected).is_zero()
        })
    };
    let mut groups: Vec<Range<u16>> = vec![];
    for cell in 0..layout.width {
        match groups.last_mut() {
            Some(group) if follows(cell) => group.end = cell + 1,
            _ => groups.push(cell..cell + 1),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gadget::{Gadget, RescaleTo};
    use zkml_core::ops::{Clamp, Saturation};

    const B: u32 = 8;

    fn rescale(limbs: u8, below: u8, above: u8) -> Formula {
        let clamp = Clamp {
            limbs,
            relu: false,
            saturation: Some(Saturation { below, above }),
        };
        let gadget = Gadget::from(RescaleTo { clamp, remainder: 1 });
        Formula::new(&NumberedLayout::of(&gadget.layout(B)), B, Ends::All)
    }

    #[test]
    fn limbs_of_a_number_are_one_variable() {
        // Result, distances above and below, remainder; the result is signed.
        let ranges = |f: &Formula| f.variables.iter().map(|v| (v.bits, v.least)).collect::<Vec<_>>();
        let expected = [(16, Some(-(1 << 15))), (8, Some(0)), (16, Some(0)), (8, Some(0))];
        assert_eq!(ranges(&rescale(2, 2, 1)), expected);
    }

    #[test]
    fn a_clamp_covers_one_that_lacks_a_side() {
        assert!(rescale(1, 1, 1).covers(&rescale(1, 1, 0)));
        assert!(rescale(1, 1, 1).covers(&rescale(1, 0, 1)));
        assert!(rescale(1, 1, 1).covers(&rescale(1, 0, 0)));
        // Another result, another distance, and one that has more.
        assert!(!rescale(2, 1, 1).covers(&rescale(1, 1, 0)));
        assert!(!rescale(1, 2, 1).covers(&rescale(1, 1, 0)));
        assert!(!rescale(1, 1, 0).covers(&rescale(1, 1, 1)));
    }

    #[test]
    fn remainders_and_clamped_results_keep_their_ends() {
        let gadget = |remainder| RescaleTo {
            clamp: Clamp {
                limbs: 2,
                relu: false,
                saturation: Some(Saturation { below: 1, above: 3 }),
            },
            remainder,
        };
        let layout = NumberedLayout::of(&Gadget::from(gadget(3)).layout(B));
        let kept = |ends| -> Vec<bool> {
            let formula = Formula::new(&layout, B, ends);
            formula.variables.iter().map(|v| v.most.is_some()).collect()
        };
        assert_eq!(kept(Ends::All), [true; 4]);
        assert_eq!(kept(Ends::Moduli), [true, false, false, true]);
        assert_eq!(kept(Ends::Zero), [false; 4]);
    }
}
