//! The end of a linear constraint: its coefficients become uses of coefficient columns, row by row.

use super::coefficient::{Factored, check_coefficients, factored};
use super::row::row_factors;
use super::{LinearConstraint, LinearConstraints, MAX_NEW_PATTERNS, Numbering, Place, Use};
use crate::Error;
use crate::form::{LinForm, Pattern};
use crate::mono::{Mono, Poly};
use crate::regions::{RegionId, Regions, Role};
use crate::shape::MAX_PATTERN_EXPONENT;
use std::collections::{BTreeMap, HashSet};

/// For a form of a region's gadgets: the coefficients of each gadget.
type RoleCoefs = (Role, Vec<Vec<Factored>>);

impl LinearConstraints {
    /// Ends a linear constraint: turns its coefficients into uses of coefficient columns.
    ///
    /// # Errors
    /// Where the coefficients of one row have no common factor and cannot be given one by a copy.
    pub fn finish(
        &mut self,
        regions: &mut Regions,
        linear_constraint: LinearConstraint,
    ) -> Result<(), Error> {
        let (tau, numbering) = (linear_constraint.tau, linear_constraint.numbering);
        let constant = Poly::from_terms(linear_constraint.constant);
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
        let mut by_region: BTreeMap<RegionId, Vec<RoleCoefs>> = BTreeMap::new();
        for ((region, role), terms) in linear_constraint.entries {
            let coefs: Vec<Vec<Factored>> = terms.iter().map(|t| factored(t)).collect();
            for f in coefs.iter().flatten() {
                check_coefficients(&f.poly)?;
            }
            by_region.entry(region).or_default().push((role, coefs));
        }
        for (region, mut roles) in by_region {
            // Elements that have several coefficients without a common form take several rounds.
            while !roles.is_empty() {
                let round: Vec<(Role, Vec<Option<Factored>>)> = roles
                    .iter_mut()
                    .map(|(role, coefs)| (*role, coefs.iter_mut().map(Vec::pop).collect()))
                    .collect();
                roles.retain(|(_, coefs)| coefs.iter().any(|c| !c.is_empty()));
                self.emit(regions, (tau, numbering), region, round)?;
            }
        }
        Ok(())
    }

    fn emit(
        &mut self,
        regions: &mut Regions,
        (tau, numbering): (Mono, Numbering),
        region: RegionId,
        roles: Vec<(Role, Vec<Option<Factored>>)>,
    ) -> Result<(), Error> {
        let b = regions.region(region);
        let rows: Option<Vec<_>> = (0..b.rows()).map(|row| row_factors(b, row, &roles)).collect();
        if let Some(rows) = rows {
            let distinct: HashSet<&Pattern> = rows.iter().flatten().map(|r| &r.pattern).collect();
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
                    let (a, mut b) = self.split(numbering, &f.outer, tau.times(f.mono));
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
            let copy = self.spread_copy(regions, region, role)?;
            self.emit(regions, (tau, numbering), copy, vec![(Role::Output(0), coefs)])?;
        }
        Ok(())
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
