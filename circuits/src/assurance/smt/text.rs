//! Formulas as SMT-LIB.

use super::formula::{Form, Formula, Products};
use super::number::Affine;
use crate::assurance::families::Family;
use std::fmt::Write;

/// How products of two forms are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Multiplication {
    /// As they are.
    Exact,
    /// As a function of which nothing is known: what holds for any function holds for the product.
    AnyFunction,
}

/// A script under construction.
pub(super) struct Script<'a> {
    pub text: String,
    names: Vec<&'a str>,
    multiplication: Multiplication,
}

impl<'a> Script<'a> {
    /// A script with these numbers in these ranges.
    pub fn new(family: Option<&'a Family>, multiplication: Multiplication) -> Self {
        let mut script = Script {
            text: String::from("(set-logic ALL)\n"),
            names: vec![],
            multiplication,
        };
        script.line("(declare-fun product (Int Int) Int)");
        script.line("(declare-fun value (Int) Int)");
        script.line("(declare-fun slope (Int) Int)");
        for number in family.iter().flat_map(|f| &f.numbers) {
            script.integer(number.name);
            script.names.push(number.name);
            script.range(number.name, Some(number.least.into()), Some(number.most.into()));
        }
        for &(i, j) in family.iter().flat_map(|f| &f.ordered) {
            let (a, b) = (script.names[i], script.names[j]);
            script.assert(&format!("(<= {a} {b})"));
        }
        script
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    pub fn assert(&mut self, condition: &str) {
        let _ = writeln!(self.text, "(assert {condition})");
    }

    /// Declares an integer.
    pub fn integer(&mut self, name: &str) {
        let _ = writeln!(self.text, "(declare-const {name} Int)");
    }

    /// Declares an integer that has this value.
    pub fn define(&mut self, name: &str, value: &str) {
        self.integer(name);
        self.assert(&format!("(= {name} {value})"));
    }

    pub fn range(&mut self, name: &str, least: Option<i128>, most: Option<i128>) {
        if let Some(least) = least {
            self.assert(&format!("(<= {} {name})", literal(least)));
        }
        if let Some(most) = most {
            self.assert(&format!("(<= {name} {})", literal(most)));
        }
    }

    /// Declares an assignment with this tag, and says that it satisfies all constraints.
    pub fn assignment(&mut self, formula: &Formula, tag: &str) {
        for (v, variable) in formula.variables.iter().enumerate() {
            let name = variable_name(v, tag);
            self.integer(&name);
            self.range(&name, variable.least, variable.most);
        }
        for constraint in &formula.constraints {
            let condition = self.constraint(constraint, tag);
            self.assert(&condition);
        }
        if let Some([id, value, slope]) = &formula.lookup {
            let [id, value, slope] = [id, value, slope].map(|f| self.form(f, tag));
            self.assert(&format!("(= {value} (value {id}))"));
            self.assert(&format!("(= {slope} (slope {id}))"));
        }
    }

    /// The script with its question.
    pub fn check(mut self) -> String {
        self.line("(check-sat)");
        self.text
    }

    /// A form of the assignment with this tag.
    pub fn form(&self, form: &Form, tag: &str) -> String {
        let mut sum = vec![];
        for (v, coefficient) in &form.terms {
            let name = variable_name(*v, tag);
            sum.push(match coefficient.as_constant() {
                Some(1) => name,
                _ => format!("(* {} {name})", self.affine(coefficient)),
            });
        }
        if !form.constant.is_zero() || sum.is_empty() {
            sum.push(self.affine(&form.constant));
        }
        added(sum)
    }

    pub fn affine(&self, affine: &Affine) -> String {
        let mut sum: Vec<String> = (affine.by_number.iter().zip(&self.names))
            .filter(|(c, _)| **c != 0)
            .map(|(c, name)| match c {
                1 => (*name).to_owned(),
                _ => format!("(* {} {name})", literal(*c)),
            })
            .collect();
        if affine.constant != 0 || sum.is_empty() {
            sum.push(literal(affine.constant));
        }
        added(sum)
    }

    /// The product of forms, at least one.
    pub fn product(&self, factors: &[String]) -> String {
        match (factors, self.multiplication) {
            ([one], _) => one.clone(),
            (_, Multiplication::Exact) => format!("(* {})", factors.join(" ")),
            (_, Multiplication::AnyFunction) => format!("(product {})", factors.join(" ")),
        }
    }

    /// A product is 0 where a factor is, over the integers as in a field.
    fn constraint(&self, products: &Products, tag: &str) -> String {
        if let [(_, factors)] = &products[..] {
            let zero: Vec<String> = factors
                .iter()
                .map(|f| format!("(= {} 0)", self.form(f, tag)))
                .collect();
            return match &zero[..] {
                [zero] => zero.clone(),
                _ => format!("(or {})", zero.join(" ")),
            };
        }
        let product = |(coefficient, factors): &(i64, Vec<Form>)| {
            let constants = factors.iter().filter_map(Form::as_constant);
            let coefficient = i128::from(*coefficient) * constants.product::<i128>();
            let variable = factors.iter().filter(|f| f.as_constant().is_none());
            let variable: Vec<String> = variable.map(|f| self.form(f, tag)).collect();
            match &variable[..] {
                [] => literal(coefficient),
                several => format!("(* {} {})", literal(coefficient), self.product(several)),
            }
        };
        format!("(= {} 0)", added(products.iter().map(product).collect()))
    }
}

pub(super) fn variable_name(v: usize, tag: &str) -> String {
    format!("x{v}{tag}")
}

pub(super) fn literal(value: i128) -> String {
    match value {
        i128::MIN..0 => format!("(- {})", value.unsigned_abs()),
        _ => value.to_string(),
    }
}

fn added(mut sum: Vec<String>) -> String {
    match sum.len() {
        1 => sum.remove(0),
        _ => format!("(+ {})", sum.join(" ")),
    }
}
