//! What a solver must refute of each type of gadget.

use super::formula::{Ends, Formula};
use super::number::{Affine, NumberedLayout};
use super::spec::wrong_position;
use super::text::{Multiplication, Script, variable_name};
use crate::assurance::arg_max::group;
use crate::assurance::families::Family;
use crate::assurance::planted::Planted;
use crate::gadget::{ArgMaxElement, Gadget, GadgetType, Plain};

/// How a type of gadget is proven for all widths.
pub(super) enum Method {
    /// Two assignments with equal operands, with these ends of ranges and such products.
    Solver(Ends, Multiplication),
    /// As groups of some lengths, and by induction for all lengths.
    Groups,
    /// By no solver, for this reason.
    #[expect(dead_code, reason = "every type has a proof; one that has none says why here")]
    Without(&'static str),
}

/// The method for a type: an exhaustive match, so that a new type needs an arm.
pub(super) fn method(kind: GadgetType) -> Method {
    match kind {
        // Equal operands have equal products, whatever the product is.
        GadgetType::Plain | GadgetType::Rescale | GadgetType::Max | GadgetType::Mul | GadgetType::Lut => {
            Method::Solver(Ends::Moduli, Multiplication::AnyFunction)
        }
        GadgetType::Clip | GadgetType::DivConst | GadgetType::Div => {
            Method::Solver(Ends::Zero, Multiplication::Exact)
        }
        GadgetType::ArgMax => Method::Groups,
    }
}

/// That a layout has two assignments with equal operands: some number of theirs differs.
pub(super) fn two_assignments(
    family: Option<&Family>,
    formula: &Formula,
    products: Multiplication,
) -> String {
    let mut script = Script::new(family, products);
    for tag in TAGS {
        script.assignment(formula, tag);
    }
    for input in &formula.inputs {
        let [a, b] = TAGS.map(|tag| script.form(input, tag));
        script.assert(&format!("(= {a} {b})"));
    }
    let differs = (0..formula.variables.len()).map(|v| {
        let [a, b] = TAGS.map(|tag| variable_name(v, tag));
        format!("(not (= {a} {b}))")
    });
    let differs: Vec<String> = differs.collect();
    script.assert(&format!("(or false {})", differs.join(" ")));
    script.check()
}

/// That a layout has an assignment: if it had none, no two would say nothing.
pub(super) fn an_assignment(family: &Family, formula: &Formula) -> String {
    let mut script = Script::new(Some(family), Multiplication::Exact);
    script.assignment(formula, TAGS[0]);
    script.check()
}

/// The two assignments that are compared.
const TAGS: [&str; 2] = ["a", "b"];

/// That a function has an assignment for an argument outside its table: rows of other tables would be its values.
pub(super) fn outside_the_table(family: &Family, formula: &Formula) -> Option<String> {
    let Gadget::Lut(lut) = family.least() else {
        return None;
    };
    let mut script = Script::new(Some(family), Multiplication::AnyFunction);
    script.assignment(formula, TAGS[0]);
    let argument = script.form(&formula.inputs[0], TAGS[0]);
    let bits = lut.table.index_bits + lut.table.fraction_bits;
    let lo = script.affine(&Affine {
        constant: 0,
        by_number: vec![1],
    });
    let first = format!("(< {argument} {lo})");
    let beyond = format!("(>= {argument} (+ {lo} {}))", 1i128 << bits);
    script.assert(&format!("(or {first} {beyond})"));
    Some(script.check())
}

/// Lengths of the groups whose assignments are compared as a whole.
const LENGTHS: std::ops::RangeInclusive<u16> = 1..=6;

/// Groups of an index of the first maximum.
pub(super) fn groups(element: ArgMaxElement, b: u32, planted: Option<Planted>) -> Vec<String> {
    // The most limbs: fewer have fewer assignments.
    let largest = Plain {
        limbs: (62 / b) as u8,
        signed: true,
    };
    let of = |length| {
        let layout = group(element, b, largest, length, planted);
        let formula = Formula::new(&NumberedLayout::of(&layout), b, Ends::Zero);
        let two = two_assignments(None, &formula, Multiplication::AnyFunction);
        [two, wrong_position(&formula)]
    };
    LENGTHS.flat_map(of).chain(induction(element, b)).collect()
}

/// Two runs over the same elements of a group of any length, side by side: after each of them
///
/// * neither has marked one, and both have the position 0 so far, or
/// * both have marked one, and have the same position, or
/// * one of them has, and its maximum is less than that of the other.
///
/// It holds before the first element, an element keeps it, and after the last one, where both have marked one, the
/// positions are equal. An element has `f = f_before - s`, the value `m - (c + f)`, and adds `i s` to the position.
fn induction(element: ArgMaxElement, b: u32) -> [String; 2] {
    let layout = NumberedLayout::of(&Gadget::from(element).layout(b));
    let formula = Formula::new(&layout, b, Ends::Zero);
    let mut script = Script::new(None, Multiplication::AnyFunction);
    script.integer("i");
    for tag in TAGS {
        script.assignment(&formula, tag);
        for name in ["m", "before", "from", "to"] {
            script.integer(&format!("{name}{tag}"));
        }
        let [marker, left] = [1, 2].map(|role| script.form(&formula.outputs[role], tag));
        script.assert(&format!("(= {left} (- before{tag} {marker}))"));
        // A marker is 0 or 1: the product with it is a choice.
        script.assert(&format!(
            "(= to{tag} (ite (= {marker} 0) from{tag} (+ from{tag} i)))"
        ));
    }
    let [x, y] = TAGS.map(|tag| format!("(- m{tag} {})", script.form(&formula.outputs[0], tag)));
    script.assert(&format!("(= {x} {y})"));
    script.assert(&invariant(["beforea", "beforeb"], ["froma", "fromb"]));
    let left = TAGS.map(|tag| script.form(&formula.outputs[2], tag));
    let kept = invariant([&left[0], &left[1]], ["toa", "tob"]);
    script.assert(&format!("(not {kept})"));

    let mut end = Script::new(None, Multiplication::AnyFunction);
    for name in ["fa", "fb", "toa", "tob", "ma", "mb"] {
        end.integer(name);
    }
    end.assert(&invariant(["fa", "fb"], ["toa", "tob"]));
    end.assert("(and (= fa 0) (= fb 0))");
    end.assert("(not (= toa tob))");
    [script.check(), end.check()]
}

/// The invariant for the flags that are left and the positions so far.
fn invariant([a, b]: [&str; 2], [to_a, to_b]: [&str; 2]) -> String {
    format!(
        "(or (and (= {a} 1) (= {b} 1) (= {to_a} 0) (= {to_b} 0)) (and (= {a} 0) (= {b} 0) (= {to_a} {to_b})) \
         (and (= {a} 0) (= {b} 1) (< ma mb)) (and (= {a} 1) (= {b} 0) (< mb ma)))"
    )
}
