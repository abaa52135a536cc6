//! Columns and gates, from a [`Shape`].
//!
//! | columns | phase | content |
//! |---|---|---|
//! | lanes | 1 | cells of all gadgets, in `[0, 2^b)` |
//! | multiplicity | 1 | how often each value of the range table is in the lanes |
//! | function multiplicity | 1 | how often each row of the function tables is looked up |
//! | hash | 1 | three columns, if a tensor is hashed ([`crate::hash_gates`]) |
//! | copy cell | 1 | copies of left operands that have one row ([`crate::lower`]) |
//! | coefficient columns `a, b` | 2 | scalars; on challenge region rows the operands and results of the challenge region |
//! | running evaluation | 2 | evaluations of right operands, accumulated row by row |
//! | sum | 2 | the constraint sum |
//! | helpers | 2 | sums of inverses of the lookups |
//!
//! Challenges after phase 1: `u, v, w, sigma, tau` for linear constraints, `alpha` for lookups, `gamma` for
//! tuples. Everything in phase 2 is determined by phase 1 and the challenges.
//!
//! | gate | rows | constraint | degree |
//! |---|---|---|---|
//! | helper | active | `h (alpha + x)(alpha + y)(alpha + z) = (alpha + x)(alpha + y) + ...` | 5 |
//! | range table | active | `h_t (alpha + t) = m` | 3 |
//! | function lookup | by selector | `h_f (alpha + i + gamma c + gamma^2 s) = 1` | 3 |
//! | function table | active | `h_g (alpha + t_i + gamma t_c + gamma^2 t_s) = m_f` | 3 |
//! | sum | active | `sum' = sum + sum_h h - h_t + tau (h_f - h_g) + sum_coefficient_columns a b pattern` | 5 |
//! | running evaluation | by selector | `horner = run_before (or 0) + a_1 b_1 pattern` | 4 |
//! | first, last | one row each | `sum = 0` | 2 |
//! | base | two rows | challenges and constants stand in the coefficient columns | 2 |
//! | challenge region | by selector | `b_2 = a_1 b_1 + a_2` | 3 |
//! | local | by selector | the gadgets' constraints ([`crate::gadget`]) | 5 |
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

mod challenge_region;
mod challenges;
mod expression;
mod function;
mod horner;
mod local;
mod range;
mod sum;

pub(crate) use challenges::Challenges;
pub(crate) use expression::{advice, field, fixed};

use crate::fold::{FoldedColumn, Folding};
use crate::hash_gates::HashConfig;
use crate::shape::{MAX_FACTORS, Shape};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{Advice, Challenge, ConstraintSystem, FirstPhase, Fixed, Instance, SecondPhase};

/// Columns of the function lookups.
#[derive(Clone, Debug)]
pub struct FunctionConfig {
    pub(crate) multiplicity: FoldedColumn<Advice>,
    pub(crate) helper: FoldedColumn<Advice>,
    pub(crate) table_helper: FoldedColumn<Advice>,
    pub(crate) table: [FoldedColumn<Fixed>; 3],
    pub(crate) selectors: Vec<FoldedColumn<Fixed>>,
}

/// Columns of the circuit.
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) shape: Shape,
    pub(crate) lanes: Vec<FoldedColumn<Advice>>,
    pub(crate) fixed_lanes: Vec<FoldedColumn<Fixed>>,
    pub(crate) instances: Vec<FoldedColumn<Instance>>,
    pub(crate) multiplicity: FoldedColumn<Advice>,
    pub(crate) copy: FoldedColumn<Advice>,
    pub(crate) hash: Option<HashConfig>,
    pub(crate) committed: Option<FoldedColumn<Fixed>>,
    pub(crate) horner: FoldedColumn<Advice>,
    pub(crate) coefficient_columns: Vec<[FoldedColumn<Advice>; 2]>,
    pub(crate) sum: FoldedColumn<Advice>,
    pub(crate) helpers: Vec<FoldedColumn<Advice>>,
    pub(crate) table_helper: FoldedColumn<Advice>,
    pub(crate) functions: Option<FunctionConfig>,
    pub(crate) range_table: FoldedColumn<Fixed>,
    pub(crate) active: FoldedColumn<Fixed>,
    pub(crate) first: FoldedColumn<Fixed>,
    pub(crate) last: FoldedColumn<Fixed>,
    pub(crate) base: [FoldedColumn<Fixed>; 2],
    pub(crate) challenge_region: FoldedColumn<Fixed>,
    pub(crate) patterns: Vec<Vec<FoldedColumn<Fixed>>>,
    pub(crate) evaluations: Vec<FoldedColumn<Fixed>>,
    pub(crate) horner_continues: Option<FoldedColumn<Fixed>>,
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
        // The copy column is in the permutation, and so is its whole column.
        let (copy, multiplicity) = (first(), first());
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
        let coefficient_columns: Vec<[_; 2]> = shape
            .coefficient_columns
            .iter()
            .map(|_| [second(), second()])
            .collect();
        let (horner, sum, table_helper) = (second(), second(), second());
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
        let [range_table, first, last, base_0, base_1, challenge_region] = std::array::from_fn(|_| fixed());
        let patterns = shape
            .coefficient_columns
            .iter()
            .map(|p| p.iter().map(|_| fixed()).collect())
            .collect();
        let evaluations: Vec<_> = shape.evaluations.iter().map(|_| fixed()).collect();
        let horner_continues = (!evaluations.is_empty()).then(&mut fixed);
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
        for column in coefficient_columns.iter().flatten() {
            meta.enable_equality(column.column);
        }
        meta.enable_equality(copy.column);
        meta.enable_equality(horner.column);

        let config = Config {
            shape,
            lanes,
            fixed_lanes,
            instances,
            multiplicity,
            copy,
            hash,
            committed,
            horner,
            coefficient_columns,
            sum,
            helpers,
            table_helper,
            functions,
            range_table,
            active,
            first,
            last,
            base: [base_0, base_1],
            challenge_region,
            patterns,
            evaluations,
            horner_continues,
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
        config.horner_gate(meta);
        config.challenge_region_gates(meta);
        config.local_gates(meta);
        config
    }
}
