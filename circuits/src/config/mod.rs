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

mod challenges;
mod expression;
mod function;
mod local;
mod range;
mod run;
mod strip;
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
}
