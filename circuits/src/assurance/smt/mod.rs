//! All widths: what a solver must refute of each type of gadget, as SMT-LIB.
//!
//! A gadget's constraints are integer equations, because nothing wraps around ([`wrap`]) and every cell is in its range.
//! For every width that the compiler can emit there are formulas that say: there are two assignments with equal operands
//! ([`goal`]), and: there is an assignment whose result is not the executor's ([`spec`]). Where they have no solution,
//! operands determine every cell, and the result is right.
//!
//! Gadgets of different widths can have the same formula once the ends of ranges that do not matter are left out
//! ([`formula::Ends`]); it is written once.

mod formula;
mod goal;
mod number;
mod spec;
mod text;
mod wrap;

use super::families::{Family, LANE_BITS, families};
use super::planted::{self, Planted};
use crate::gadget::{Gadget, GadgetLayout, GadgetType, MaxOfSet, RescaleTo};
use crate::lower::MAX_FORM_BITS;
use formula::{Ends, Formula};
use goal::{Method, an_assignment, groups, method, outside_the_table, two_assignments};
use number::NumberedLayout;
use spec::wrong_result;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;
use zkml_core::ops::{Clamp, Saturation};

/// The formulas of a type of gadget.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The type's name.
    pub gadget: String,
    /// Combinations of widths that the compiler can emit.
    pub widths: usize,
    /// Distinct formulas that cover them.
    pub formulas: usize,
    /// Bits that a constraint or an operand needs at most; more than 252 could wrap around.
    pub bits: u32,
    /// Why there are no formulas, if there are none.
    pub without: Option<&'static str>,
}

impl Exported {
    /// Whether nothing wraps around.
    pub fn fits(&self) -> bool {
        self.bits <= wrap::MOST_BITS
    }
}

/// Writes the formulas of all types of gadgets into a folder, and `formulas.tsv`: file, type and expected answer of each.
/// Gadgets with planted errors must have a solution, and so must single assignments of the narrowest and the widest
/// gadgets: otherwise the formulas would say nothing.
///
/// # Errors
/// Those of the file system.
pub fn export(folder: &Path) -> io::Result<Vec<Exported>> {
    std::fs::create_dir_all(folder)?;
    let mut list = io::BufWriter::new(std::fs::File::create(folder.join("formulas.tsv"))?);
    let mut exported = vec![];
    for &kind in GadgetType::ALL {
        let of_type = of_type(kind);
        let name = format!("{kind:?}").to_lowercase();
        write_all(folder, &name, "unsat", of_type.formulas.iter(), &mut list)?;
        exported.push(of_type.summary());
    }
    write_all(folder, "possible", "sat", possible().iter(), &mut list)?;
    for (name, planted) in [
        ("planted_bound", Planted::DroppedBound),
        ("planted_coefficient", Planted::ChangedCoefficient),
    ] {
        write_all(folder, name, "sat", planted_formulas(planted).iter(), &mut list)?;
    }
    list.flush()?;
    Ok(exported)
}

fn write_all<'a>(
    folder: &Path,
    name: &str,
    answer: &str,
    formulas: impl Iterator<Item = &'a String>,
    list: &mut impl Write,
) -> io::Result<()> {
    std::fs::create_dir_all(folder.join(name))?;
    for (i, formula) in formulas.enumerate() {
        let file = format!("{name}/{i:05}.smt2");
        std::fs::write(folder.join(&file), formula)?;
        writeln!(list, "{file}\t{name}\t{answer}")?;
    }
    Ok(())
}

/// The formulas of a type.
struct OfType {
    kind: GadgetType,
    formulas: BTreeSet<String>,
    widths: usize,
    bits: u32,
    without: Option<&'static str>,
}

impl OfType {
    fn summary(&self) -> Exported {
        Exported {
            gadget: format!("{:?}", self.kind),
            widths: self.widths,
            formulas: self.formulas.len(),
            bits: self.bits,
            without: self.without,
        }
    }
}

fn of_type(kind: GadgetType) -> OfType {
    let mut all = OfType {
        kind,
        formulas: BTreeSet::new(),
        widths: 0,
        bits: 0,
        without: None,
    };
    if let Method::Without(reason) = method(kind) {
        all.without = Some(reason);
    }
    for family in LANE_BITS.flat_map(|b| families(kind, b)) {
        all.widths += 1;
        all.bits = all.bits.max(wrap::bits(&family));
        if !is_covered(&family) {
            all.formulas.extend(of_family(kind, &family, None));
        }
    }
    all
}

/// Whether a gadget is one with a wider clamp where the distance to a side that no value lies on is 0. That one is emitted,
/// too, and has formulas.
fn is_covered(family: &Family) -> bool {
    let both = |clamp: Clamp| Clamp {
        saturation: clamp.saturation.map(|s| Saturation {
            below: s.below.max(1),
            above: s.above.max(1),
        }),
        ..clamp
    };
    let b = family.lane_bits;
    let gadget = family.least();
    let wider: Gadget = match &gadget {
        Gadget::Rescale(r) => RescaleTo {
            clamp: both(r.clamp),
            ..*r
        }
        .into(),
        Gadget::Max(m) => MaxOfSet {
            clamp: both(m.clamp),
            ..*m
        }
        .into(),
        _ => return false,
    };
    let formula = |gadget: &Gadget| Formula::new(&NumberedLayout::of(&gadget.layout(b)), b, Ends::All);
    wider != gadget && wider.form_bits(b) <= MAX_FORM_BITS && formula(&wider).covers(&formula(&gadget))
}

fn of_family(kind: GadgetType, family: &Family, planted: Option<Planted>) -> Vec<String> {
    let b = family.lane_bits;
    match (method(kind), family.least()) {
        (Method::Without(_), _) => vec![],
        (Method::Groups, Gadget::ArgMax(element)) => groups(element, b, planted),
        (Method::Groups, _) => vec![],
        (Method::Solver(ends, products), _) => {
            let layout = NumberedLayout::of_family(family, planted);
            // A planted error must have a solution with all ends of ranges.
            let ends = planted.map_or(ends, |_| Ends::All);
            let formula = Formula::new(&layout, b, ends);
            let products = planted.map_or(products, |_| text::Multiplication::Exact);
            let outside = outside_the_table(family, &Formula::new(&layout, b, Ends::All));
            let wrong = wrong_result(family, &formula, products);
            let two = two_assignments(Some(family), &formula, products);
            outside.into_iter().chain(wrong).chain([two]).collect()
        }
    }
}

/// That the first and the last gadget of each type have an assignment, with all ends of ranges.
fn possible() -> Vec<String> {
    let of_width = |kind: GadgetType, b: u32| {
        let all = families(kind, b);
        let formula = |family: &Family| {
            let layout = NumberedLayout::of_family(family, None);
            an_assignment(family, &Formula::new(&layout, b, Ends::All))
        };
        all.first()
            .into_iter()
            .chain(all.last())
            .map(formula)
            .collect::<Vec<_>>()
    };
    let of_type = |&kind: &GadgetType| [*LANE_BITS.start(), *LANE_BITS.end()].map(|b| of_width(kind, b));
    GadgetType::ALL.iter().flat_map(of_type).flatten().collect()
}

/// Formulas of gadgets with a planted error, of each type that it changes.
fn planted_formulas(planted: Planted) -> Vec<String> {
    let b = 8;
    let kinds = match planted {
        Planted::DroppedBound => vec![GadgetType::DivConst, GadgetType::Div],
        Planted::ChangedCoefficient => vec![GadgetType::Rescale, GadgetType::DivConst],
        Planted::EqualWeights => vec![],
    };
    let of = |kind: GadgetType| {
        // Without a remainder or a second operand there is nothing to round.
        let rounds = |layout: &GadgetLayout| layout.inputs.len() > 1 || layout.inputs[0].terms.len() > 1;
        let changed = families(kind, b).into_iter().find(|family| {
            let [honest, changed] = [None, Some(planted)].map(|p| planted::layout(&family.least(), b, p));
            rounds(&honest) && (honest.constraints != changed.constraints || honest.inputs != changed.inputs)
        });
        changed
            .map(|family| of_family(kind, &family, Some(planted)))
            .unwrap_or_default()
    };
    kinds.into_iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn nothing_wraps_around_and_every_type_has_formulas_or_a_reason() {
        for &kind in GadgetType::ALL {
            let found = of_type(kind).summary();
            assert!(found.fits(), "{found:?}");
            assert!(found.widths > 20, "{found:?}");
            assert!((found.formulas > 0) != found.without.is_some(), "{found:?}");
        }
    }

    #[test]
    fn planted_errors_have_formulas_of_their_own() {
        for planted in [Planted::DroppedBound, Planted::ChangedCoefficient] {
            assert_eq!(planted_formulas(planted).len(), 4, "{planted:?}");
        }
    }

    /// The compiler emits no gadget that the formulas leave out.
    #[test]
    fn circuits_have_no_other_gadgets() {
        use crate::soundness::common::samples::all;
        use crate::soundness::{compilable, lowered_to};
        let samples = all().into_iter().chain((0..40).filter_map(compilable));
        let mut emitted: HashSet<(u32, Gadget)> = HashSet::new();
        for sample in samples {
            let b = sample.builder.graph.lane_bits;
            emitted.extend(
                lowered_to(&sample, 24)
                    .regions
                    .into_iter()
                    .map(|region| (b, region.kind)),
            );
        }
        assert!(emitted.len() > 50, "{}", emitted.len());
        for (b, gadget) in emitted {
            let numbers = numbers_of(&gadget);
            let same = |family: &Family| {
                let ranges = family.numbers.iter().zip(&numbers);
                family.numbers.len() == numbers.len()
                    && ranges.into_iter().all(|(n, v)| (n.least..=n.most).contains(v))
                    && same_layout(&family.gadget(&numbers), &gadget, b)
            };
            assert!(
                families(gadget.gadget_type(), b).iter().any(same),
                "{b} bits: {gadget:?}"
            );
        }
    }

    /// Whether gadgets have the same layout: what a table holds is no part of it.
    fn same_layout(a: &Gadget, other: &Gadget, b: u32) -> bool {
        match other {
            Gadget::Lut(_) => format!("{:?}", a.layout(b)) == format!("{:?}", other.layout(b)),
            _ => a == other,
        }
    }

    /// What a gadget depends on besides widths, in the order of its family's numbers.
    fn numbers_of(gadget: &Gadget) -> Vec<i64> {
        match gadget {
            Gadget::Clip(clip) => vec![clip.lo, clip.hi],
            Gadget::DivConst(d) => vec![d.divisor.into()],
            Gadget::Lut(lut) => vec![lut.table.lo, lut.offset.into()],
            _ => vec![],
        }
    }
}
