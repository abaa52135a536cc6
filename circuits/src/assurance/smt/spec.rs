//! That a gadget's result is another than the executor's, as a formula.
//!
//! Rounding is said with an operand's form `F = x 2^h` in place of the operand: for a remainder of `n = h + s` bits,
//! `floor((F + 2^(n-1)) / 2^n)` is `x` shifted by `s` and rounded half up, for every shift `s` at once.

use super::formula::Formula;
use super::text::{Multiplication, Script};
use crate::assurance::families::Family;
use crate::gadget::{DivByConstant, Gadget, MaxOfSet, PlacedLut, RescaleTo};
use zkml_core::ops::{Clamp, Div, Mul, Saturation};

/// The tag of the assignment.
const TAG: &str = "a";

/// The formula for a family; none for an element of an index of a maximum, which has no result of its own.
pub(super) fn wrong_result(family: &Family, formula: &Formula, products: Multiplication) -> Option<String> {
    let b = family.lane_bits;
    let mut script = Script::new(Some(family), products);
    script.assignment(formula, TAG);
    let operands: Vec<String> = formula.inputs.iter().map(|f| script.form(f, TAG)).collect();
    let result = script.form(&formula.outputs[0], TAG);
    let right = match family.least() {
        Gadget::Plain(_) => format!("(= {result} {})", operands[0]),
        Gadget::Rescale(RescaleTo { clamp, remainder }) => {
            script.define("v", &rounded(&operands[0], u32::from(remainder) * b));
            format!("(= {result} {})", clamped("v", &clamp, b))
        }
        Gadget::Max(max) => {
            maximum(&mut script, &operands, &max, b);
            format!("(= {result} {})", clamped("v", &max.clamp, b))
        }
        Gadget::Clip(_) => {
            script.define("v", &format!("(ite (< {0} lo) lo {0})", operands[0]));
            format!("(= {result} (ite (< hi v) hi v))")
        }
        Gadget::Mul(mul) => product(&script, &operands, &result, &mul, b),
        Gadget::DivConst(DivByConstant { .. }) => {
            // The form is twice the operand.
            between(
                "divisor",
                &result,
                &format!("(+ {} divisor)", operands[0]),
                &script,
            )
        }
        Gadget::Div(Div { shift, .. }) => {
            let (n, d) = (&operands[0], &operands[1]);
            let numerator = format!("(+ (* {} {n}) {d})", 1i128 << (shift + 1));
            format!("(and (<= 1 {d}) {})", between(d, &result, &numerator, &script))
        }
        Gadget::Lut(lut) => interpolated(&mut script, &operands[0], &result, &lut),
        Gadget::ArgMax(_) => return None,
    };
    script.assert(&format!("(not {right})"));
    Some(script.check())
}

/// That the result of a group is not the position of the first of the largest operands.
pub(super) fn wrong_position(formula: &Formula) -> String {
    let mut script = Script::new(None, Multiplication::AnyFunction);
    script.assignment(formula, TAG);
    let operands: Vec<String> = formula.inputs.iter().map(|f| script.form(f, TAG)).collect();
    let result = script.form(&formula.outputs[0], TAG);
    let first = |i: usize| {
        let compared = operands
            .iter()
            .enumerate()
            .filter(|(j, _)| *j != i)
            .map(|(j, x)| {
                let order = if j < i { "<" } else { "<=" };
                format!("({order} {x} {})", operands[i])
            });
        let compared: Vec<String> = compared.collect();
        format!("(and (= {result} {i}) {})", compared.join(" "))
    };
    let right: Vec<String> = (0..operands.len()).map(first).collect();
    script.assert(&format!("(not (or false {}))", right.join(" ")));
    script.check()
}

/// `floor((form + 2^(bits-1)) / 2^bits)`.
fn rounded(form: &str, bits: u32) -> String {
    match bits {
        0 => form.to_owned(),
        _ => format!("(div (+ {form} {}) {})", 1i128 << (bits - 1), 1i128 << bits),
    }
}

/// The value of a clamp's range that is nearest. Where no value lies on one side, there is no cell that says so, and none is
/// cut off.
fn clamped(value: &str, clamp: &Clamp, b: u32) -> String {
    let (lo, hi) = clamp.results(b);
    let Some(Saturation { below, above }) = clamp.saturation else {
        return match clamp.relu {
            true => format!("(ite (< {value} 0) 0 {value})"),
            false => value.to_owned(),
        };
    };
    let mut result = value.to_owned();
    if below > 0 {
        let lo = super::text::literal(lo.into());
        result = format!("(ite (< {value} {lo}) {lo} {result})");
    }
    if above > 0 {
        result = format!("(ite (< {hi} {value}) {hi} {result})");
    }
    result
}

/// Defines `v` as the largest of the rounded operands.
fn maximum(script: &mut Script<'_>, operands: &[String], max: &MaxOfSet, b: u32) {
    script.integer("v");
    let mut equal = vec![];
    for (i, operand) in operands.iter().enumerate() {
        let name = format!("v{i}");
        script.define(&name, &rounded(operand, u32::from(max.remainder) * b));
        script.assert(&format!("(<= {name} v)"));
        equal.push(format!("(= {name} v)"));
    }
    script.assert(&format!("(or false {})", equal.join(" ")));
}

/// That `y` is `floor((2^(R b - s) a c + 2^(R b - 1)) / 2^(R b))`.
fn product(script: &Script<'_>, operands: &[String], y: &str, mul: &Mul, b: u32) -> String {
    let bits = mul.shift.next_multiple_of(b);
    let product = script.product(operands);
    if mul.shift == 0 {
        return format!("(= {y} {product})");
    }
    let scaled = format!(
        "(+ (* {} {product}) {})",
        1i128 << (bits - mul.shift),
        1i128 << (bits - 1)
    );
    let y = format!("(* {} {y})", 1i128 << bits);
    format!("(and (<= {y} {scaled}) (< {scaled} (+ {y} {})))", 1i128 << bits)
}

/// That `y` is `floor(numerator / (2 d))`.
fn between(d: &str, y: &str, numerator: &str, script: &Script<'_>) -> String {
    let product = format!("(* 2 {})", script.product(&[d.to_owned(), y.to_owned()]));
    format!("(and (<= {product} {numerator}) (< {numerator} (+ {product} (* 2 {d}))))")
}

/// That `y` is the table's value at `x`, interpolated.
fn interpolated(script: &mut Script<'_>, x: &str, y: &str, lut: &PlacedLut) -> String {
    let f = lut.table.fraction_bits;
    script.define("id", &format!("(+ offset (div (- {x} lo) {}))", 1i128 << f));
    if f == 0 {
        return format!("(= {y} (value id))");
    }
    script.define("rest", &format!("(mod (- {x} lo) {})", 1i128 << f));
    let product = script.product(&["(slope id)".to_owned(), "rest".to_owned()]);
    let scaled = format!("(+ (* {} (value id)) {product} {})", 1i128 << f, 1i128 << (f - 1));
    let y = format!("(* {} {y})", 1i128 << f);
    format!("(and (<= {y} {scaled}) (< {scaled} (+ {y} {})))", 1i128 << f)
}
