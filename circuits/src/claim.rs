//! Linear claims: random linear combinations of linear equations between tensors.
//!
//! The equations `sum_t coefficient_t element_t = 0` of one operation, numbered by monomials in
//! `v` and `w` (and pairs by `sigma`), are added up with these monomials as weights; the claims
//! of all operations are added up with powers of `tau`. What a claim says of one row is a
//! [`PortUse`]: a product of two scalars times a [`Pattern`].

use crate::Error;
use crate::arena::{Arena, ArgSource, Bank, BlockId, Role};
use crate::form::{CellRef, LinForm, Pattern};
use crate::mono::{COEFFICIENT_LIMIT, Mono, Poly, accumulate};
use crate::poseidon::RATE;
use crate::program::{PortUse, Run};
use crate::scalar::{ScalarId, Scalars};
use crate::shape::MAX_PATTERN_EXPONENT;
use crate::unit::UnitKind;
use smallvec::SmallVec;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// An element of a tensor as a linear combination of unit results, plus a constant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lin {
    pub terms: SmallVec<[(BlockId, u32, i64); 1]>,
    pub constant: i64,
}

impl Lin {
    pub fn element(block: BlockId, index: u32) -> Self {
        Lin {
            terms: SmallVec::from_buf([(block, index, 1)]),
            constant: 0,
        }
    }

    pub fn constant(c: i64) -> Self {
        Lin {
            terms: SmallVec::new(),
            constant: c,
        }
    }

    /// Adds up terms of the same element.
    pub fn merge(&mut self) {
        self.terms.sort_unstable_by_key(|t| (t.0, t.1));
        self.terms.dedup_by(|next, kept| {
            let same = (next.0, next.1) == (kept.0, kept.1);
            if same {
                kept.2 = accumulate(kept.2, next.2, 1);
            }
            same
        });
        self.terms.retain(|t| t.2 != 0);
    }

    pub fn add(&mut self, o: &Lin, c: i64) {
        for &(block, index, k) in &o.terms {
            match self.terms.iter_mut().find(|t| t.0 == block && t.1 == index) {
                Some(t) => t.2 = accumulate(t.2, c, k),
                None => self.terms.push((block, index, accumulate(0, c, k))),
            }
        }
        self.terms.retain(|t| t.2 != 0);
        self.constant = accumulate(self.constant, c, o.constant);
    }
}

/// The factor of a coefficient that is the same for all elements of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Outer {
    /// 1.
    One,
    /// A scalar of the strip, a pair cell or a run.
    Scalar(ScalarId),
}

/// A term `c outer mono` of the coefficient of an element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coef {
    pub outer: Outer,
    pub mono: Mono,
    pub c: i64,
}

impl Coef {
    pub fn mono(mono: Mono, c: i64) -> Self {
        Coef {
            outer: Outer::One,
            mono,
            c,
        }
    }
}

/// For a form of a block's units: the coefficients of each unit.
type RoleCoefs = (Role, Vec<Vec<Factored>>);

/// Coefficient `outer poly` of an element in a claim.
#[derive(Clone, Debug)]
struct Factored {
    outer: Outer,
    poly: Poly,
}

/// The row of a use of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// This row.
    Row(u32),
    /// The row of a pair cell.
    Pair(u32),
    /// Any row: the pattern reads no cell.
    Anywhere,
    /// The message of a permutation of a chain; the final state for the number after the last.
    Hash {
        /// Number of the chain.
        chain: u32,
        /// Number of the permutation.
        permutation: u32,
    },
}

/// One use of a port, before ports are assigned.
#[derive(Clone, Debug)]
pub(crate) struct Use {
    pub place: Place,
    /// Index in [`Claims::patterns`].
    pub pattern: u32,
    pub a: ScalarId,
    pub b: ScalarId,
}

/// Most patterns that one block may add in one claim before it is copied to single-element rows.
pub(crate) const MAX_NEW_PATTERNS: usize = 10;

/// Collects the claims of a circuit.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    pub scalars: Scalars,
    pub patterns: Vec<Pattern>,
    pattern_ids: HashMap<Pattern, u32>,
    pub uses: Vec<Use>,
    /// Nodes and lengths of the tensors that the pair column holds, one after the other.
    pub pair_sources: Vec<(u32, u32)>,
    /// Preferred row of each pair cell.
    pub pair_rows: Vec<Option<u32>>,
    /// Patterns of runs.
    pub run_patterns: Vec<Pattern>,
    /// All runs.
    pub runs: Vec<Run>,
    claims: usize,
    spread: HashMap<(BlockId, Role), BlockId>,
}

/// A claim being collected.
#[derive(Debug)]
pub(crate) struct Claim {
    /// `tau` power of the claim; all coefficients of the claim are multiplied by it.
    tau: Mono,
    entries: BTreeMap<(BlockId, Role), Vec<SmallVec<[Coef; 1]>>>,
    constant: Vec<(Mono, i64)>,
}

impl Claim {
    /// Adds `coef` times a form of unit `index`.
    pub fn add(&mut self, arena: &Arena, block: BlockId, role: Role, index: u32, coef: Coef) {
        if coef.c == 0 {
            return;
        }
        let count = arena.block(block).count as usize;
        let coefs = self
            .entries
            .entry((block, role))
            .or_insert_with(|| vec![SmallVec::new(); count]);
        coefs[index as usize].push(coef);
    }

    /// Adds `coef` times a linear combination of elements.
    pub fn add_lin(&mut self, arena: &Arena, lin: &Lin, coef: Coef) {
        for &(block, index, c) in &lin.terms {
            self.add(
                arena,
                block,
                Role::Output(0),
                index,
                Coef {
                    c: accumulate(0, c, coef.c),
                    ..coef
                },
            );
        }
        if lin.constant != 0 {
            assert!(
                coef.outer == Outer::One,
                "constants are copied where coefficients are scalars"
            );
            self.constant
                .push((coef.mono, accumulate(0, coef.c, lin.constant)));
        }
    }
}

/// Refuses sums that were too large for 64 bits: they would state another equation.
fn check_coefficients(poly: &Poly) -> Result<(), Error> {
    if poly.terms().iter().all(|t| t.1.abs() < COEFFICIENT_LIMIT) {
        return Ok(());
    }
    Err(Error::Unsupported {
        node: String::new(),
        op: "",
        reason: "its coefficients are wider than 62 bits; rescale an operand first".into(),
    })
}

/// Adds up the terms of an element by outer factor.
fn factored(terms: &[Coef]) -> Vec<Factored> {
    if let [Coef { outer, mono, c }] = *terms {
        return vec![Factored {
            outer,
            poly: Poly::term(mono, c),
        }];
    }
    let mut by_outer: BTreeMap<Outer, Vec<(Mono, i64)>> = BTreeMap::new();
    for t in terms {
        by_outer.entry(t.outer).or_default().push((t.mono, t.c));
    }
    by_outer
        .into_iter()
        .map(|(outer, terms)| Factored {
            outer,
            poly: Poly::from_terms(terms),
        })
        .filter(|f| !f.poly.is_zero())
        .collect()
}

impl Claims {
    /// Starts a claim. Power 0 of `tau` is the range lookup's, power 1 the function lookup's.
    pub fn start(&mut self) -> Claim {
        self.claims += 1;
        Claim {
            tau: Mono::tau(self.claims + 1),
            entries: BTreeMap::new(),
            constant: vec![],
        }
    }

    /// Allots pair cells for the `n` elements of a node and returns the index of the first.
    pub fn allot_pairs(&mut self, node: u32, n: usize) -> u32 {
        let first = self.pair_rows.len();
        self.pair_sources.push((node, n as u32));
        self.pair_rows.resize(first + n, None);
        first as u32
    }

    /// Says which row a pair cell would best stand on.
    pub fn hint_pair_row(&mut self, pair: u32, row: u32) {
        self.pair_rows[pair as usize] = Some(row);
    }

    /// A run: `sum_r base(r) sum_i u^i element_(r, i)` over rows of a block, as a scalar.
    pub fn run(
        &mut self,
        arena: &Arena,
        block: BlockId,
        rows: &[u32],
        base: impl Fn(usize) -> Mono,
    ) -> ScalarId {
        let b = arena.block(block);
        let steps = rows
            .iter()
            .enumerate()
            .map(|(r, &row)| {
                let units = b.units_on(row - b.first_row);
                let terms = (0..units.end - units.start)
                    .map(|s| (Poly::term(Mono::u(s as usize), 1), b.form(Role::Output(0), s)))
                    .collect();
                let pattern = Pattern { terms };
                let index = self
                    .run_patterns
                    .iter()
                    .position(|p| *p == pattern)
                    .unwrap_or_else(|| {
                        self.run_patterns.push(pattern);
                        self.run_patterns.len() - 1
                    });
                let (a, b) = self.split(&Outer::One, base(r));
                PortUse {
                    row,
                    pattern: index as u16,
                    a,
                    b,
                }
            })
            .collect();
        self.runs.push(Run { steps });
        self.scalars.run(self.runs.len() as u32 - 1)
    }

    pub fn pattern(&mut self, p: Pattern) -> u32 {
        let next = self.patterns.len() as u32;
        *self.pattern_ids.entry(p).or_insert_with_key(|p| {
            self.patterns.push(p.clone());
            next
        })
    }

    /// Subtracts `m` times a pair cell.
    pub fn use_pair(&mut self, claim: &Claim, index: u32, m: Mono) {
        let pattern = self.pattern(Pattern {
            terms: vec![(Poly::term(Mono::ONE, -1), LinForm::cell(CellRef::Pair))],
        });
        let (a, b) = self.split(&Outer::One, claim.tau.times(m));
        self.uses.push(Use {
            place: Place::Pair(index),
            pattern,
            a,
            b,
        });
    }

    /// Subtracts `m w^i` times element `i` of what a permutation absorbs; the first one of all, the salt,
    /// is free.
    pub fn use_message(&mut self, claim: &Claim, chain: u32, permutation: u32, m: Mono) {
        let element = |i: usize| {
            let cell = LinForm::cell(CellRef::Hash(1 + i as u8));
            (Poly::term(Mono::w(i), -1), cell)
        };
        let salt = usize::from(permutation == 0);
        let pattern = self.pattern(Pattern {
            terms: (salt..RATE).map(element).collect(),
        });
        self.use_hash(claim, Place::Hash { chain, permutation }, pattern, m);
    }

    /// Adds `m` times the digest of a chain with so many permutations.
    pub fn use_digest(&mut self, claim: &Claim, chain: u32, permutations: u32, m: Mono) {
        let pattern = self.pattern(Pattern {
            terms: vec![(Poly::one(), LinForm::cell(CellRef::Hash(1)))],
        });
        let place = Place::Hash {
            chain,
            permutation: permutations,
        };
        self.use_hash(claim, place, pattern, m);
    }

    fn use_hash(&mut self, claim: &Claim, place: Place, pattern: u32, m: Mono) {
        let (a, b) = self.split(&Outer::One, claim.tau.times(m));
        self.uses.push(Use { place, pattern, a, b });
    }

    /// Subtracts `v^i` times public value `i` for all columns of an instance row.
    pub fn use_instance(&mut self, claim: &Claim, columns: u16, row: u32) {
        let terms = (0..columns)
            .map(|c| {
                (
                    Poly::term(Mono::v(c.into()), -1),
                    LinForm::cell(CellRef::Instance(c)),
                )
            })
            .collect();
        let pattern = self.pattern(Pattern { terms });
        let first = row as usize * usize::from(columns);
        let (a, b) = self.split(&Outer::One, claim.tau.times(Mono::v(first)));
        self.uses.push(Use {
            place: Place::Row(row),
            pattern,
            a,
            b,
        });
    }

    /// Adds `coefficient pair base u^i` times element `i` for the elements of every run of a block:
    /// run `j` has the pair cell and the base `of_run(j)`.
    pub fn use_runs(
        &mut self,
        arena: &Arena,
        claim: &Claim,
        block: BlockId,
        coefficient: i64,
        of_run: impl Fn(u32) -> (u32, Mono),
    ) {
        let b = arena.block(block);
        let mut patterns: HashMap<u32, u32> = HashMap::new();
        for row in 0..b.rows() {
            let units = b.units_on(row);
            let n = units.end - units.start;
            let pattern = *patterns.entry(n).or_insert_with(|| {
                let terms = (0..n)
                    .map(|s| {
                        (
                            Poly::term(Mono::u(s as usize), coefficient),
                            b.form(Role::Output(0), s),
                        )
                    })
                    .collect();
                self.pattern(Pattern { terms })
            });
            let (run, offset) = (units.start / b.run, units.start % b.run);
            let (pair, base) = of_run(run);
            let m = claim.tau.times(base).times(Mono::u(offset as usize));
            // There are many pairs, and few monomials: the same ones serve every run.
            self.uses.push(Use {
                place: Place::Row(b.first_row + row),
                pattern,
                a: self.scalars.pair(pair),
                b: self.scalars.mono(m),
            });
        }
    }

    /// Ends a claim: turns its coefficients into uses of ports.
    ///
    /// # Errors
    /// Where the coefficients of one row have no common factor and cannot be given one by a copy.
    pub fn finish(&mut self, arena: &mut Arena, claim: Claim) -> Result<(), Error> {
        let tau = claim.tau;
        let constant = Poly::from_terms(claim.constant);
        check_coefficients(&constant)?;
        if !constant.is_zero() {
            let pattern = self.pattern(Pattern {
                terms: vec![(Poly::one(), LinForm::constant(1))],
            });
            let (a, b) = (self.scalars.mono(tau), self.scalars.poly(&constant));
            self.uses.push(Use {
                place: Place::Anywhere,
                pattern,
                a,
                b,
            });
        }
        let mut by_block: BTreeMap<BlockId, Vec<RoleCoefs>> = BTreeMap::new();
        for ((block, role), terms) in claim.entries {
            let coefs: Vec<Vec<Factored>> = terms.iter().map(|t| factored(t)).collect();
            for f in coefs.iter().flatten() {
                check_coefficients(&f.poly)?;
            }
            by_block.entry(block).or_default().push((role, coefs));
        }
        for (block, mut roles) in by_block {
            // Elements that have several coefficients without a common form take several rounds.
            while !roles.is_empty() {
                let round: Vec<(Role, Vec<Option<Factored>>)> = roles
                    .iter_mut()
                    .map(|(role, coefs)| (*role, coefs.iter_mut().map(Vec::pop).collect()))
                    .collect();
                roles.retain(|(_, coefs)| coefs.iter().any(|c| !c.is_empty()));
                self.emit(arena, tau, block, round)?;
            }
        }
        Ok(())
    }

    fn emit(
        &mut self,
        arena: &mut Arena,
        tau: Mono,
        block: BlockId,
        roles: Vec<(Role, Vec<Option<Factored>>)>,
    ) -> Result<(), Error> {
        let b = arena.block(block);
        let rows: Option<Vec<_>> = (0..b.rows()).map(|row| row_factors(b, row, &roles)).collect();
        if let Some(rows) = rows {
            let distinct: std::collections::HashSet<&Pattern> =
                rows.iter().flatten().map(|r| &r.pattern).collect();
            let new = distinct
                .iter()
                .filter(|p| !self.pattern_ids.contains_key(**p))
                .count();
            let steep = distinct.iter().any(|p| !is_flat(p));
            let single = b.per_row == 1;
            if !steep && (single || new <= MAX_NEW_PATTERNS) {
                let first_row = b.first_row;
                for (i, factors) in rows.into_iter().enumerate() {
                    let Some(f) = factors else { continue };
                    let (a, mut b) = self.split(&f.outer, tau.times(f.mono));
                    if let Some(rest) = &f.rest {
                        let rest = self.scalars.poly(rest);
                        b = self.scalars.product(b, rest);
                    }
                    let pattern = self.pattern(f.pattern);
                    self.uses.push(Use {
                        place: Place::Row(first_row + i as u32),
                        pattern,
                        a,
                        b,
                    });
                }
                return Ok(());
            }
        }
        // Single-element rows take any coefficient.
        for (role, coefs) in roles {
            let copy = self.spread_copy(arena, block, role)?;
            self.emit(arena, tau, copy, vec![(Role::Output(0), coefs)])?;
        }
        Ok(())
    }

    /// A copy of a block's forms with one element per row.
    fn spread_copy(&mut self, arena: &mut Arena, block: BlockId, role: Role) -> Result<BlockId, Error> {
        if let Some(&copy) = self.spread.get(&(block, role)) {
            return Ok(copy);
        }
        let b = arena.block(block);
        if b.per_row == 1 || role != Role::Output(0) {
            return Err(Error::Unsupported {
                node: String::new(),
                op: b.kind.name(),
                reason: "its equations have no common form by rows; rescale its operand first".into(),
            });
        }
        let kind = copy_kind(&b.kind);
        let (count, rows, first_row) = (b.count, b.rows(), b.first_row);
        let identity: Vec<u32> = (0..count).collect();
        let copy = arena.place(
            kind,
            Bank::Lanes,
            count,
            count,
            1,
            vec![ArgSource::Block(block, Arc::new(identity))],
        );
        let claim = self.start();
        let b = arena.block(block);
        // Numbered by row and slot, so that every row of the original has the same pattern.
        for row in 0..rows {
            let units = b.units_on(row);
            let terms = (0..units.end - units.start)
                .map(|s| (Poly::term(Mono::v(s as usize), 1), b.form(Role::Output(0), s)))
                .collect();
            let pattern = self.pattern(Pattern { terms });
            let (a, scalar_b) = self.split(&Outer::One, claim.tau.times(Mono::w(row as usize)));
            self.uses.push(Use {
                place: Place::Row(first_row + row),
                pattern,
                a,
                b: scalar_b,
            });
            for (slot, unit) in units.enumerate() {
                let c = arena.block(copy);
                let m = Mono::w(row as usize).times(Mono::v(slot));
                let pattern = self.pattern(Pattern {
                    terms: vec![(Poly::term(Mono::ONE, -1), c.form(Role::Output(0), 0))],
                });
                let (a, scalar_b) = self.split(&Outer::One, claim.tau.times(m));
                self.uses.push(Use {
                    place: Place::Row(c.place(unit).0),
                    pattern,
                    a,
                    b: scalar_b,
                });
            }
        }
        self.spread.insert((block, role), copy);
        Ok(copy)
    }

    /// Two scalars with product `outer m`. What varies together is kept together, so that few
    /// scalars serve many rows.
    fn split(&mut self, outer: &Outer, m: Mono) -> (ScalarId, ScalarId) {
        const LOW: u32 = 64;
        match outer {
            Outer::Scalar(s) => {
                let low = Mono {
                    u: m.u,
                    v: m.v,
                    ..Mono::ONE
                };
                let row = self.scalars.mono(m.over(low));
                (self.scalars.product(*s, row), self.scalars.mono(low))
            }
            Outer::One => {
                // Where `w` numbers rows, `u` and `v` number what repeats in each of them.
                let low = if m.w == 0 {
                    Mono {
                        u: m.u % LOW,
                        v: m.v % LOW,
                        sigma: m.sigma % LOW,
                        ..Mono::ONE
                    }
                } else {
                    Mono {
                        u: m.u,
                        v: m.v,
                        sigma: m.sigma % LOW,
                        ..Mono::ONE
                    }
                };
                (self.scalars.mono(m.over(low)), self.scalars.mono(low))
            }
        }
    }
}

/// Whether all polynomials are small enough for a pattern.
fn is_flat(p: &Pattern) -> bool {
    const MOST_TERMS: usize = 16;
    p.terms.iter().all(|(poly, _)| {
        let exponents_fit = |(m, _): &(Mono, i64)| m.largest_exponent() <= MAX_PATTERN_EXPONENT;
        poly.terms().len() <= MOST_TERMS && poly.terms().iter().all(exponents_fit)
    })
}

/// The unit that holds a copy of another unit's result.
fn copy_kind(kind: &UnitKind) -> UnitKind {
    let (limbs, signed) = match *kind {
        UnitKind::Plain { limbs, signed } => (limbs, signed),
        UnitKind::Rescale { limbs, relu, .. } | UnitKind::Max { limbs, relu, .. } => (limbs, !relu),
        UnitKind::Clip { limbs, .. } | UnitKind::Mul { limbs, .. } | UnitKind::DivConst { limbs, .. } => {
            (limbs, true)
        }
        UnitKind::Div { limbs, .. } => (limbs, false),
        UnitKind::Lut(ref unit) => (unit.table.limbs, true),
        UnitKind::ArgMax { limbs } => (limbs + 1, false),
    };
    UnitKind::Plain { limbs, signed }
}

/// What one row adds to a claim: `outer mono rest pattern`.
struct RowFactors {
    outer: Outer,
    mono: Mono,
    rest: Option<Poly>,
    pattern: Pattern,
}

/// Factors the coefficients of a row; `None` if they have different outer factors,
/// `Some(None)` if there are none.
#[allow(clippy::option_option)]
fn row_factors(
    b: &crate::arena::Block,
    row: u32,
    roles: &[(Role, Vec<Option<Factored>>)],
) -> Option<Option<RowFactors>> {
    let mut terms: Vec<(&Factored, LinForm)> = vec![];
    for (slot, unit) in b.units_on(row).enumerate() {
        for (role, coefs) in roles {
            if let Some(c) = coefs[unit as usize].as_ref().filter(|c| !c.poly.is_zero()) {
                terms.push((c, b.form(*role, slot as u32)));
            }
        }
    }
    let Some((first, _)) = terms.first() else {
        return Some(None);
    };
    let outer = first.outer;
    if terms.iter().any(|(c, _)| c.outer != outer) {
        return None;
    }
    let mono = terms
        .iter()
        .map(|(c, _)| c.poly.content())
        .reduce(Mono::gcd)
        .unwrap_or(Mono::ONE);
    // Where all elements share a polynomial (a broadcast does that), it is a scalar.
    let primitive = |c: &Factored| c.poly.over(c.poly.content());
    let shared = primitive(terms[0].0);
    let is_shared = shared.terms().len() > 1 && terms.iter().all(|(c, _)| primitive(c) == shared);
    let terms = terms
        .into_iter()
        .map(|(c, form)| {
            let content = Poly::term(c.poly.content().over(mono), 1);
            (if is_shared { content } else { c.poly.over(mono) }, form)
        })
        .collect();
    let rest = is_shared.then_some(shared);
    Some(Some(RowFactors {
        outer,
        mono,
        rest,
        pattern: Pattern { terms },
    }))
}
