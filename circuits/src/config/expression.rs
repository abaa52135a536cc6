//! Expressions of cells, forms, patterns and polynomials in the challenges.

use super::Config;
use crate::fold::FoldedColumn;
use crate::form::{CellRef, LinForm, Pattern};
use crate::mono::{Mono, Poly};
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{Advice, Expression, Fixed, Instance, VirtualCells};

impl Config {
    /// In a folded circuit, a constraint of active rows alone: other rows hold cells of several rows.
    pub(super) fn on_active_rows(
        &self,
        meta: &mut VirtualCells<'_, Fr>,
        constraint: Expression<Fr>,
    ) -> Expression<Fr> {
        if self.shape.fold == 1 {
            return constraint;
        }
        fixed(meta, self.active, 0) * constraint
    }

    fn cell(&self, meta: &mut VirtualCells<'_, Fr>, cell: CellRef) -> Expression<Fr> {
        match cell {
            CellRef::Lane(i) => advice(meta, self.lanes[usize::from(i)], 0),
            CellRef::Fixed(i) => fixed(meta, self.fixed_lanes[usize::from(i)], 0),
            CellRef::Instance(i) => instance(meta, self.instances[usize::from(i)], 0),
            CellRef::Copied => advice(meta, self.copy, 0),
            CellRef::Hash(i) => match &self.hash {
                Some(hash) => advice(meta, hash.state[usize::from(i)], 0),
                // `Shape::validate` refuses such a cell.
                None => Expression::Constant(Fr::ZERO),
            },
        }
    }

    pub(super) fn form(&self, meta: &mut VirtualCells<'_, Fr>, form: &LinForm) -> Expression<Fr> {
        let mut terms: Vec<Expression<Fr>> = vec![];
        for &(cell, c) in &form.terms {
            let cell = self.cell(meta, cell);
            terms.push(if c == 1 { cell } else { cell * field(c) });
        }
        if form.constant != 0 || terms.is_empty() {
            terms.push(Expression::Constant(field(form.constant)));
        }
        balanced_sum(terms)
    }

    pub(super) fn pattern(&self, meta: &mut VirtualCells<'_, Fr>, pattern: &Pattern) -> Expression<Fr> {
        let terms = pattern.terms.iter().map(|(poly, form)| {
            let form = self.form(meta, form);
            match self.poly(meta, poly) {
                Some(poly) => poly * form,
                None => form,
            }
        });
        balanced_sum(terms.collect())
    }

    /// A polynomial in the challenges; `None` for 1.
    fn poly(&self, meta: &mut VirtualCells<'_, Fr>, poly: &Poly) -> Option<Expression<Fr>> {
        if *poly == Poly::one() {
            return None;
        }
        let terms: Vec<_> = poly
            .terms()
            .iter()
            .map(|&(m, c)| match self.mono(meta, m) {
                None => Expression::Constant(field(c)),
                Some(m) if c == 1 => m,
                Some(m) => m * field(c),
            })
            .collect();
        Some(balanced_sum(terms))
    }

    fn mono(&self, meta: &mut VirtualCells<'_, Fr>, m: Mono) -> Option<Expression<Fr>> {
        let c = &self.challenges;
        let mut product: Option<Expression<Fr>> = None;
        for (challenge, e) in [
            (c.u, m.u),
            (c.v, m.v),
            (c.w, m.w),
            (c.sigma, m.sigma),
            (c.tau, m.tau),
        ] {
            if e > 0 {
                let x = power(&meta.query_challenge(challenge), e);
                product = Some(product.map_or(x.clone(), |p| p * x));
            }
        }
        if m.halves > 0 {
            let half = Fr::from(2)
                .invert()
                .unwrap_or(Fr::ZERO)
                .pow_vartime([u64::from(m.halves)]);
            product = Some(product.map_or(Expression::Constant(half), |p| p * half));
        }
        product
    }
}

/// The cell of an advice column `rows` rows on.
pub(crate) fn advice(
    meta: &mut VirtualCells<'_, Fr>,
    column: FoldedColumn<Advice>,
    rows: i32,
) -> Expression<Fr> {
    meta.query_advice(column.column, column.rotation(rows))
}

/// The cell of a fixed column `rows` rows on.
pub(crate) fn fixed(
    meta: &mut VirtualCells<'_, Fr>,
    column: FoldedColumn<Fixed>,
    rows: i32,
) -> Expression<Fr> {
    meta.query_fixed(column.column, column.rotation(rows))
}

/// The cell of an instance column `rows` rows on.
fn instance(meta: &mut VirtualCells<'_, Fr>, column: FoldedColumn<Instance>, rows: i32) -> Expression<Fr> {
    meta.query_instance(column.column, column.rotation(rows))
}

/// The sum of expressions, as a tree of logarithmic depth: expressions are walked recursively, and
/// their number comes from a file.
pub(super) fn balanced_sum(mut terms: Vec<Expression<Fr>>) -> Expression<Fr> {
    while terms.len() > 1 {
        let mut rest = terms.into_iter();
        terms = vec![];
        while let Some(left) = rest.next() {
            terms.push(match rest.next() {
                Some(right) => left + right,
                None => left,
            });
        }
    }
    terms.pop().unwrap_or(Expression::Constant(Fr::ZERO))
}

/// `x^e` by squaring: equal subexpressions are evaluated once.
fn power(x: &Expression<Fr>, e: u32) -> Expression<Fr> {
    if e == 1 {
        return x.clone();
    }
    let half = power(x, e / 2);
    let square = half.clone() * half;
    if e % 2 == 1 { square * x.clone() } else { square }
}

/// An integer as a field element.
pub(crate) fn field(x: i64) -> Fr {
    let abs = Fr::from(x.unsigned_abs());
    if x < 0 { -abs } else { abs }
}
