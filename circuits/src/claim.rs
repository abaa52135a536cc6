//! Linear claims: random linear combinations of linear equations between tensors.
//!
//! The equations `sum_t coefficient_t element_t = 0` of one operation, numbered by monomials in
//! `v` and `w` (and pairs by `sigma`), are added up with these monomials as weights; the claims
//! of all operations are added up with powers of `tau`. What a claim says of one row is a
//! [`PortUse`](crate::program::PortUse): a product of two scalars times a [`Pattern`].

use crate::Error;
use crate::arena::{Arena, ArgSource, Bank, BlockId, Role};
use crate::form::{CellRef, LinForm, Pattern};
use crate::mono::{Mono, Poly};
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
                kept.2 += next.2;
            }
            same
        });
        self.terms.retain(|t| t.2 != 0);
    }

    pub fn add(&mut self, o: &Lin, c: i64) {
        for &(block, index, k) in &o.terms {
            match self.terms.iter_mut().find(|t| t.0 == block && t.1 == index) {
                Some(t) => t.2 += c * k,
                None => self.terms.push((block, index, c * k)),
            }
        }
        self.terms.retain(|t| t.2 != 0);
        self.constant += c * o.constant;
    }
}

/// The factor of a coefficient that is the same for all elements of a row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Outer {
    /// 1.
    One,
    /// A pair cell.
    Pair(u32),
    /// A polynomial of several terms without a common monomial.
    Poly(Arc<Poly>),
}

/// Coefficient `outer poly` of an element in a claim.
#[derive(Clone, Debug)]
pub(crate) struct Coef {
    pub outer: Outer,
    pub poly: Poly,
}

impl Coef {
    pub fn mono(m: Mono, c: i64) -> Self {
        Coef {
            outer: Outer::One,
            poly: Poly::term(m, c),
        }
    }

    /// `row poly`, with what several rows can share of `row` as the outer factor.
    pub fn with_row_factor(row: &Poly, poly: Poly) -> Self {
        if let [(m, c)] = *row.terms() {
            return Coef {
                outer: Outer::One,
                poly: poly.times_term(m, c),
            };
        }
        let content = row.content();
        Coef {
            outer: Outer::Poly(Arc::new(row.over(content))),
            poly: poly.times_term(content, 1),
        }
    }

    fn expanded(&self) -> Option<Poly> {
        match &self.outer {
            Outer::One => Some(self.poly.clone()),
            Outer::Pair(_) => None,
            Outer::Poly(outer) => {
                Some(Poly::from_terms(outer.terms().iter().flat_map(|&(m, c)| {
                    self.poly.terms().iter().map(move |&(n, d)| (m.times(n), c * d))
                })))
            }
        }
    }

    /// The sum, if it is again a coefficient.
    fn plus(&self, o: &Coef) -> Option<Coef> {
        if self.outer == o.outer {
            return Some(Coef {
                outer: self.outer.clone(),
                poly: self.poly.plus(&o.poly),
            });
        }
        Some(Coef {
            outer: Outer::One,
            poly: self.expanded()?.plus(&o.expanded()?),
        })
    }
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
const MAX_NEW_PATTERNS: usize = 10;

/// Collects the claims of a circuit.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    pub scalars: Scalars,
    pub patterns: Vec<Pattern>,
    pattern_ids: HashMap<Pattern, u32>,
    pub uses: Vec<Use>,
    /// Number of pairs so far.
    pub pairs: u32,
    /// Preferred row of each pair.
    pub pair_rows: Vec<Option<u32>>,
    claims: usize,
    spread: HashMap<(BlockId, Role), BlockId>,
}

/// A claim being collected.
#[derive(Debug)]
pub(crate) struct Claim {
    /// `tau` power of the claim; all coefficients of the claim are multiplied by it.
    tau: Mono,
    entries: BTreeMap<(BlockId, Role), Vec<Vec<Coef>>>,
    constant: BTreeMap<Mono, i64>,
}

impl Claim {
    /// Adds `coef` times a form of unit `index`.
    pub fn add(&mut self, arena: &Arena, block: BlockId, role: Role, index: u32, coef: Coef) {
        if coef.poly.is_zero() {
            return;
        }
        let count = arena.block(block).count as usize;
        let coefs = self
            .entries
            .entry((block, role))
            .or_insert_with(|| vec![vec![]; count]);
        let slot = &mut coefs[index as usize];
        for c in slot.iter_mut() {
            if let Some(sum) = c.plus(&coef) {
                *c = sum;
                return;
            }
        }
        slot.push(coef);
    }

    /// Adds `coef` times a linear combination of elements.
    pub fn add_lin(&mut self, arena: &Arena, lin: &Lin, coef: &Coef) {
        for &(block, index, c) in &lin.terms {
            let scaled = Coef {
                outer: coef.outer.clone(),
                poly: coef.poly.times_term(Mono::ONE, c),
            };
            self.add(arena, block, Role::Output(0), index, scaled);
        }
        if lin.constant != 0 {
            let poly = coef.expanded().expect("constants never meet pair coefficients");
            for &(m, c) in poly.terms() {
                *self.constant.entry(m).or_default() += c * lin.constant;
            }
        }
    }
}

impl Claims {
    /// Starts a claim. Power 0 of `tau` is the range lookup's, power 1 the function lookup's.
    pub fn start(&mut self) -> Claim {
        self.claims += 1;
        Claim {
            tau: Mono::tau(self.claims + 1),
            entries: BTreeMap::new(),
            constant: BTreeMap::new(),
        }
    }

    /// Allots `n` pair cells and returns the index of the first.
    pub fn allot_pairs(&mut self, n: usize) -> u32 {
        let first = self.pairs;
        self.pairs += n as u32;
        self.pair_rows.resize(self.pairs as usize, None);
        first
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

    /// Adds `coefficient outer m u^i` times element `i` for the elements of every run of a parameter block:
    /// run `j` has `outer(j)` and starts with `base(j)`.
    pub fn use_runs(
        &mut self,
        arena: &Arena,
        claim: &Claim,
        block: BlockId,
        coefficient: i64,
        outer: impl Fn(u32) -> (Outer, Mono),
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
            let (outer, base) = outer(run);
            let m = claim.tau.times(base).times(Mono::u(offset as usize));
            let (a, b_scalar) = self.split(&outer, m);
            self.uses.push(Use {
                place: Place::Row(b.first_row + row),
                pattern,
                a,
                b: b_scalar,
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
        let mut by_block: BTreeMap<BlockId, Vec<(Role, Vec<Vec<Coef>>)>> = BTreeMap::new();
        for ((block, role), coefs) in claim.entries {
            by_block.entry(block).or_default().push((role, coefs));
        }
        for (block, mut roles) in by_block {
            // Elements that have several coefficients without a common form take several rounds.
            while !roles.is_empty() {
                let round: Vec<(Role, Vec<Option<Coef>>)> = roles
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
        roles: Vec<(Role, Vec<Option<Coef>>)>,
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
            Outer::Pair(j) => {
                let pair = self.scalars.pair(*j);
                (pair, self.scalars.mono(m))
            }
            Outer::Poly(p) => {
                let low = Mono {
                    u: m.u,
                    v: m.v,
                    ..Mono::ONE
                };
                let row = self.scalars.mono(m.over(low));
                let outer = self.scalars.poly(p);
                (self.scalars.product(row, outer), self.scalars.mono(low))
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

/// Whether all exponents are small enough for a pattern.
fn is_flat(p: &Pattern) -> bool {
    p.terms
        .iter()
        .flat_map(|t| t.0.terms())
        .all(|(m, _)| m.largest_exponent() <= MAX_PATTERN_EXPONENT)
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
    roles: &[(Role, Vec<Option<Coef>>)],
) -> Option<Option<RowFactors>> {
    let mut terms: Vec<(&Coef, LinForm)> = vec![];
    for (slot, unit) in b.units_on(row).enumerate() {
        for (role, coefs) in roles {
            if let Some(c) = &coefs[unit as usize] {
                if !c.poly.is_zero() {
                    terms.push((c, b.form(*role, slot as u32)));
                }
            }
        }
    }
    let Some((first, _)) = terms.first() else {
        return Some(None);
    };
    let outer = first.outer.clone();
    if terms.iter().any(|(c, _)| c.outer != outer) {
        return None;
    }
    let mono = terms
        .iter()
        .map(|(c, _)| c.poly.content())
        .reduce(Mono::gcd)
        .unwrap_or(Mono::ONE);
    if let [(c, form)] = &terms[..] {
        // A single element: its whole polynomial is a scalar.
        let rest = c.poly.over(mono);
        return Some(Some(match *rest.terms() {
            [(_, k)] => RowFactors {
                outer,
                mono,
                rest: None,
                pattern: Pattern {
                    terms: vec![(Poly::term(Mono::ONE, k), form.clone())],
                },
            },
            _ => RowFactors {
                outer,
                mono,
                rest: Some(rest),
                pattern: Pattern {
                    terms: vec![(Poly::one(), form.clone())],
                },
            },
        }));
    }
    let terms = terms
        .into_iter()
        .map(|(c, form)| (c.poly.over(mono), form))
        .collect();
    Some(Some(RowFactors {
        outer,
        mono,
        rest: None,
        pattern: Pattern { terms },
    }))
}
