//! Columns and gates, from a [`Shape`].
//!
//! | columns | phase | content |
//! |---|---|---|
//! | lanes | 1 | cells of all units, in `[0, 2^b)` |
//! | multiplicity | 1 | how often each value of the range table is in the lanes |
//! | function multiplicity | 1 | how often each row of the function tables is looked up |
//! | hash | 1 | three columns, if a tensor is hashed ([`crate::hash_gates`]) |
//! | pair | 1 | copies of left operands that have one row ([`crate::lower`]) |
//! | ports `a, b` | 2 | scalars; on strip rows the operands and results of the strip |
//! | run | 2 | evaluations of right operands, accumulated row by row |
//! | sum | 2 | the claim sum |
//! | helpers | 2 | sums of inverses of the lookups |
//!
//! Challenges after phase 1: `u, v, w, sigma, tau` for claims, `alpha` for lookups, `gamma` for
//! tuples. Everything in phase 2 is determined by phase 1 and the challenges.
//!
//! | gate | rows | constraint | degree |
//! |---|---|---|---|
//! | helper | active | `h (alpha + x)(alpha + y)(alpha + z) = (alpha + x)(alpha + y) + ...` | 5 |
//! | range table | active | `h_t (alpha + t) = m` | 3 |
//! | function lookup | by selector | `h_f (alpha + i + gamma c + gamma^2 s) = 1` | 3 |
//! | function table | active | `h_g (alpha + t_i + gamma t_c + gamma^2 t_s) = m_f` | 3 |
//! | sum | active | `sum' = sum + sum_h h - h_t + tau (h_f - h_g) + sum_ports a b pattern` | 5 |
//! | run | by selector | `run = run_before (or 0) + a_1 b_1 pattern` | 4 |
//! | first, last | one row each | `sum = 0` | 2 |
//! | base | two rows | challenges and constants stand in the ports | 2 |
//! | strip | by selector | `b_2 = a_1 b_1 + a_2` | 3 |
//! | local | by selector | the units' constraints ([`crate::unit`]) | 5 |
//!
//! A further fixed column marks the rows of committed parameters. No gate reads it: it is for the link
//! of a proof to a model commitment.
//!
//! Rows and columns are those of the design; [`crate::fold`] says where they stand. Folded, the degrees of
//! the gates by selector are one higher, but for those of full degree.
//!
//! The sum is constrained on every active row; it starts on row 0 and ends on the row after the
//! last active one, before the blinding rows. Scalars on rows where no pattern is on are free, and
//! nothing reads them.

use crate::fold::{FoldedColumn, Folding};
use crate::form::{CellRef, Constraint, LinForm, Pattern, TableLookup};
use crate::hash_gates::HashConfig;
use crate::mono::{Mono, Poly};
use crate::shape::{CELLS_PER_HELPER, MAX_FACTORS, Shape};
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{
    Advice, Challenge, ConstraintSystem, Expression, FirstPhase, Fixed, Instance, SecondPhase, VirtualCells,
};

/// Columns of the function lookups.
#[derive(Clone, Debug)]
pub struct FunctionConfig {
    pub(crate) multiplicity: FoldedColumn<Advice>,
    pub(crate) helper: FoldedColumn<Advice>,
    pub(crate) table_helper: FoldedColumn<Advice>,
    pub(crate) table: [FoldedColumn<Fixed>; 3],
    pub(crate) selectors: Vec<FoldedColumn<Fixed>>,
}

/// Challenges of the circuit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Challenges<T> {
    pub u: T,
    pub v: T,
    pub w: T,
    pub alpha: T,
    pub gamma: T,
    pub sigma: T,
    pub tau: T,
}

impl<T: Clone> Challenges<T> {
    /// `u, v, w, sigma, tau, alpha, gamma`.
    pub fn list(self) -> [T; 7] {
        [
            self.u, self.v, self.w, self.sigma, self.tau, self.alpha, self.gamma,
        ]
    }

    pub fn map<S>(&self, mut f: impl FnMut(T) -> S) -> Challenges<S> {
        Challenges {
            u: f(self.u.clone()),
            v: f(self.v.clone()),
            w: f(self.w.clone()),
            alpha: f(self.alpha.clone()),
            gamma: f(self.gamma.clone()),
            sigma: f(self.sigma.clone()),
            tau: f(self.tau.clone()),
        }
    }
}

impl<T: Clone> Challenges<Option<T>> {
    /// The challenges, once all are known.
    pub fn known(self) -> Option<Challenges<T>> {
        Some(Challenges {
            u: self.u?,
            v: self.v?,
            w: self.w?,
            alpha: self.alpha?,
            gamma: self.gamma?,
            sigma: self.sigma?,
            tau: self.tau?,
        })
    }
}

/// Columns of the circuit.
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) shape: Shape,
    pub(crate) lanes: Vec<FoldedColumn<Advice>>,
    pub(crate) fixed_lanes: Vec<FoldedColumn<Fixed>>,
    pub(crate) instances: Vec<FoldedColumn<Instance>>,
    pub(crate) multiplicity: FoldedColumn<Advice>,
    pub(crate) pair: FoldedColumn<Advice>,
    pub(crate) hash: Option<HashConfig>,
    pub(crate) committed: Option<FoldedColumn<Fixed>>,
    pub(crate) run: FoldedColumn<Advice>,
    pub(crate) ports: Vec<[FoldedColumn<Advice>; 2]>,
    pub(crate) sum: FoldedColumn<Advice>,
    pub(crate) helpers: Vec<FoldedColumn<Advice>>,
    pub(crate) table_helper: FoldedColumn<Advice>,
    pub(crate) functions: Option<FunctionConfig>,
    pub(crate) range_table: FoldedColumn<Fixed>,
    pub(crate) active: FoldedColumn<Fixed>,
    pub(crate) first: FoldedColumn<Fixed>,
    pub(crate) last: FoldedColumn<Fixed>,
    pub(crate) base: [FoldedColumn<Fixed>; 2],
    pub(crate) strip: FoldedColumn<Fixed>,
    pub(crate) patterns: Vec<Vec<FoldedColumn<Fixed>>>,
    pub(crate) runs: Vec<FoldedColumn<Fixed>>,
    pub(crate) run_continues: Option<FoldedColumn<Fixed>>,
    pub(crate) gates: Vec<FoldedColumn<Fixed>>,
    pub(crate) challenges: Challenges<Challenge>,
}

impl Config {
    /// Makes the columns and gates of a valid shape.
    pub(crate) fn new(meta: &mut ConstraintSystem<Fr>, shape: Shape) -> Self {
        meta.set_minimum_degree(5);
        let has_functions = !shape.tables.is_empty();

        let fold = usize::from(shape.fold);

        let mut folding = Folding::new(fold);
        let mut first = || folding.next(|| meta.advice_column_in(FirstPhase));
        // The pair column is in the permutation, and so is its whole column.
        let (pair, multiplicity) = (first(), first());
        let function_multiplicity = has_functions.then(&mut first);
        // Committed lanes share columns among themselves alone.
        let mut folding = if shape.committed {
            Folding::new(fold)
        } else {
            folding
        };
        let lanes: Vec<_> = (0..shape.lanes)
            .map(|_| folding.next(|| meta.advice_column_in(FirstPhase)))
            .collect();
        let hash = shape.hash.then(|| HashConfig::advice(meta, fold));
        let [u, v, w, sigma, tau, alpha, gamma] =
            std::array::from_fn(|_| meta.challenge_usable_after(FirstPhase));
        let mut folding = Folding::new(fold);
        let mut second = || folding.next(|| meta.advice_column_in(SecondPhase));
        let ports: Vec<[_; 2]> = shape.ports.iter().map(|_| [second(), second()]).collect();
        let (run, sum, table_helper) = (second(), second(), second());
        let helpers: Vec<_> = (0..shape.helpers()).map(|_| second()).collect();
        let function_helpers = has_functions.then(|| [second(), second()]);

        let active = FoldedColumn::whole(meta.fixed_column(), fold);
        // Gates of full degree have no degree left for the column of active rows.
        let gate_columns: Vec<_> = shape
            .gates
            .iter()
            .map(|g| (g.factors() == MAX_FACTORS).then(|| FoldedColumn::whole(meta.fixed_column(), fold)))
            .collect();
        let mut folding = Folding::new(fold);
        let mut fixed = || folding.next(|| meta.fixed_column());
        let fixed_lanes = (0..shape.fixed_lanes).map(|_| fixed()).collect();
        let [range_table, first, last, base_0, base_1, strip] = std::array::from_fn(|_| fixed());
        let patterns = shape
            .ports
            .iter()
            .map(|p| p.iter().map(|_| fixed()).collect())
            .collect();
        let runs: Vec<_> = shape.runs.iter().map(|_| fixed()).collect();
        let run_continues = (!runs.is_empty()).then(&mut fixed);
        let gates = gate_columns
            .into_iter()
            .map(|own| own.unwrap_or_else(&mut fixed))
            .collect();
        let functions =
            function_multiplicity
                .zip(function_helpers)
                .map(|(multiplicity, [helper, table_helper])| FunctionConfig {
                    multiplicity,
                    helper,
                    table_helper,
                    table: std::array::from_fn(|_| fixed()),
                    selectors: shape.tables.iter().map(|_| fixed()).collect(),
                });
        let hash = hash.map(|state| HashConfig::new(meta, state, fold));
        let committed = shape
            .committed
            .then(|| FoldedColumn::whole(meta.fixed_column(), fold));
        let instances = (0..shape.instance_lengths().len())
            .map(|_| FoldedColumn::whole(meta.instance_column(), fold))
            .collect();
        for column in ports.iter().flatten() {
            meta.enable_equality(column.column);
        }
        meta.enable_equality(pair.column);
        meta.enable_equality(run.column);

        let config = Config {
            shape,
            lanes,
            fixed_lanes,
            instances,
            multiplicity,
            pair,
            hash,
            committed,
            run,
            ports,
            sum,
            helpers,
            table_helper,
            functions,
            range_table,
            active,
            first,
            last,
            base: [base_0, base_1],
            strip,
            patterns,
            runs,
            run_continues,
            gates,
            challenges: Challenges {
                u,
                v,
                w,
                alpha,
                gamma,
                sigma,
                tau,
            },
        };
        config.range_gates(meta);
        config.function_gates(meta);
        config.sum_gates(meta);
        config.run_gate(meta);
        config.strip_gates(meta);
        config.local_gates(meta);
        config
    }

    fn range_gates(&self, meta: &mut ConstraintSystem<Fr>) {
        for (i, (&helper, cells)) in self
            .helpers
            .iter()
            .zip(self.lanes.chunks(CELLS_PER_HELPER))
            .enumerate()
        {
            meta.create_gate(format!("range helper {i}"), |meta| {
                let active = fixed(meta, self.active, 0);
                let h = advice(meta, helper, 0);
                let alpha = meta.query_challenge(self.challenges.alpha);
                let x: Vec<_> = cells
                    .iter()
                    .map(|&c| alpha.clone() + advice(meta, c, 0))
                    .collect();
                let product = |skip: usize| {
                    x.iter()
                        .enumerate()
                        .filter(|(j, _)| *j != skip)
                        .map(|(_, e)| e.clone())
                        .reduce(|a, b| a * b)
                        .unwrap_or(Expression::Constant(Fr::ONE))
                };
                let numerator = (0..x.len()).map(product).reduce(|a, b| a + b);
                let numerator = numerator.unwrap_or(Expression::Constant(Fr::ZERO));
                vec![(
                    "inverses of the lane cells",
                    active * (h * product(x.len()) - numerator),
                )]
            });
        }
        meta.create_gate("range table", |meta| {
            let active = fixed(meta, self.active, 0);
            let h = advice(meta, self.table_helper, 0);
            let t = fixed(meta, self.range_table, 0);
            let m = advice(meta, self.multiplicity, 0);
            let alpha = meta.query_challenge(self.challenges.alpha);
            vec![("inverse times multiplicity", active * (h * (alpha + t) - m))]
        });
    }

    fn function_gates(&self, meta: &mut ConstraintSystem<Fr>) {
        let Some(f) = &self.functions else { return };
        for (i, (TableLookup { id, value, slope }, &selector)) in
            self.shape.tables.iter().zip(&f.selectors).enumerate()
        {
            meta.create_gate(format!("function lookup {i}"), |meta| {
                let selector = fixed(meta, selector, 0);
                let h = advice(meta, f.helper, 0);
                let tuple = [id, value, slope].map(|form| self.form(meta, form));
                let fingerprint = self.fingerprint(meta, tuple);
                let constraint = selector * (h * fingerprint - Expression::Constant(Fr::ONE));
                vec![("inverse of the tuple", self.on_active_rows(meta, constraint))]
            });
        }
        meta.create_gate("function table", |meta| {
            let active = fixed(meta, self.active, 0);
            let h = advice(meta, f.table_helper, 0);
            let m = advice(meta, f.multiplicity, 0);
            let tuple = f.table.map(|c| fixed(meta, c, 0));
            let fingerprint = self.fingerprint(meta, tuple);
            vec![("inverse times multiplicity", active * (h * fingerprint - m))]
        });
    }

    /// `alpha + i + gamma c + gamma^2 s`.
    fn fingerprint(&self, meta: &mut VirtualCells<'_, Fr>, tuple: [Expression<Fr>; 3]) -> Expression<Fr> {
        let gamma = meta.query_challenge(self.challenges.gamma);
        let alpha = meta.query_challenge(self.challenges.alpha);
        let [i, c, s] = tuple;
        alpha + i + gamma.clone() * (c + gamma * s)
    }

    fn sum_gates(&self, meta: &mut ConstraintSystem<Fr>) {
        meta.create_gate("claim sum", |meta| {
            let active = fixed(meta, self.active, 0);
            let sum = advice(meta, self.sum, 0);
            let next = advice(meta, self.sum, 1);
            let mut step = Expression::Constant(Fr::ZERO) - advice(meta, self.table_helper, 0);
            for &h in &self.helpers {
                step = step + advice(meta, h, 0);
            }
            let mut rest = Expression::Constant(Fr::ZERO);
            if let Some(f) = &self.functions {
                let tau = meta.query_challenge(self.challenges.tau);
                step = step - tau.clone() * advice(meta, f.table_helper, 0);
                let h = advice(meta, f.helper, 0);
                for &s in &f.selectors {
                    rest = rest + fixed(meta, s, 0) * h.clone() * tau.clone();
                }
            }
            for ((patterns, selectors), [a, b]) in
                self.shape.ports.iter().zip(&self.patterns).zip(&self.ports)
            {
                let selected = patterns.iter().zip(selectors).map(|(pattern, &selector)| {
                    let q = fixed(meta, selector, 0);
                    q * self.pattern(meta, pattern)
                });
                let selected = balanced_sum(selected.collect());
                let a = advice(meta, *a, 0);
                let b = advice(meta, *b, 0);
                rest = rest + a * b * selected;
            }
            vec![("step", active * (next - sum - step - rest))]
        });
        meta.create_gate("claim sum borders", |meta| {
            let starts = fixed(meta, self.first, 0) * advice(meta, self.sum, 0);
            let ends = fixed(meta, self.last, 0) * advice(meta, self.sum, 1);
            [("starts at 0", starts), ("ends at 0", ends)]
                .map(|(name, c)| (name, self.on_active_rows(meta, c)))
        });
    }

    fn run_gate(&self, meta: &mut ConstraintSystem<Fr>) {
        let Some(continues) = self.run_continues else {
            return;
        };
        let [a, b] = self.ports[0];
        meta.create_gate("run", |meta| {
            let run = advice(meta, self.run, 0);
            let before = advice(meta, self.run, -1);
            let scalar = advice(meta, a, 0) * advice(meta, b, 0);
            let steps = self
                .shape
                .runs
                .iter()
                .zip(&self.runs)
                .map(|(pattern, &selector)| {
                    let q = fixed(meta, selector, 0);
                    q * (run.clone() - scalar.clone() * self.pattern(meta, pattern))
                });
            let steps = balanced_sum(steps.collect());
            let before = fixed(meta, continues, 0) * before;
            let constraint = self.on_active_rows(meta, steps - before);
            vec![("run is the one before plus a b pattern", constraint)]
        });
    }

    fn strip_gates(&self, meta: &mut ConstraintSystem<Fr>) {
        let [[a, b], [c, d]] = [self.ports[0], self.ports[1]];
        meta.create_gate("base scalars", |meta| {
            let q = self.base.map(|q| fixed(meta, q, 0));
            let cells = [a, b, c, d].map(|x| advice(meta, x, 0));
            let ch = self.challenges.map(|x| meta.query_challenge(x));
            let one = Expression::Constant(Fr::ONE);
            let half = Expression::Constant(Fr::from(2).invert().unwrap_or(Fr::ZERO));
            // In the order of `crate::scalar::BASE_SCALARS`.
            let values = [[ch.v, ch.w, ch.sigma, ch.tau], [one.clone(), half, ch.u, -one]];
            let names = [["v", "w", "sigma", "tau"], ["1", "1/2", "u", "-1"]];
            let mut constraints = vec![];
            for ((q, values), names) in q.into_iter().zip(values).zip(names) {
                for ((cell, value), name) in cells.iter().zip(values).zip(names) {
                    let constraint = q.clone() * (cell.clone() - value);
                    constraints.push((name, self.on_active_rows(meta, constraint)));
                }
            }
            constraints
        });
        meta.create_gate("strip", |meta| {
            let q = fixed(meta, self.strip, 0);
            let [a, b, c, d] = [a, b, c, d].map(|x| advice(meta, x, 0));
            vec![(
                "result is a b + c",
                self.on_active_rows(meta, q * (a * b + c - d)),
            )]
        });
    }

    fn local_gates(&self, meta: &mut ConstraintSystem<Fr>) {
        for (gate, &selector) in self.shape.gates.iter().zip(&self.gates) {
            meta.create_gate(gate.name.clone(), |meta| {
                let mut q = fixed(meta, selector, 0);
                if gate.factors() < MAX_FACTORS {
                    q = self.on_active_rows(meta, q);
                }
                gate.constraints
                    .iter()
                    .map(|Constraint { name, products }| {
                        let mut sum = Expression::Constant(Fr::ZERO);
                        for (c, factors) in products {
                            let mut product = Expression::Constant(field(*c));
                            for f in factors {
                                product = product * self.form(meta, f);
                            }
                            sum = sum + product;
                        }
                        (name.clone(), q.clone() * sum)
                    })
                    .collect::<Vec<_>>()
            });
        }
    }

    /// In a folded circuit, a constraint of active rows alone: other rows hold cells of several rows.
    fn on_active_rows(&self, meta: &mut VirtualCells<'_, Fr>, constraint: Expression<Fr>) -> Expression<Fr> {
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
            CellRef::Pair => advice(meta, self.pair, 0),
            CellRef::Hash(i) => match &self.hash {
                Some(hash) => advice(meta, hash.state[usize::from(i)], 0),
                // `Shape::validate` refuses such a cell.
                None => Expression::Constant(Fr::ZERO),
            },
        }
    }

    fn form(&self, meta: &mut VirtualCells<'_, Fr>, form: &LinForm) -> Expression<Fr> {
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

    fn pattern(&self, meta: &mut VirtualCells<'_, Fr>, pattern: &Pattern) -> Expression<Fr> {
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
fn balanced_sum(mut terms: Vec<Expression<Fr>>) -> Expression<Fr> {
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
