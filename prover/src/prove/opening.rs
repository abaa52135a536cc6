//! The opening of all commitments (SHPLONK: Boneh, Drake, Fisch, Gabizon, "Efficient polynomial
//! commitment schemes for multiple points and polynomials", 2020, section 4).

use super::ProofState;
use super::evaluations::Opened;
use super::polynomials::Polynomials;
use crate::Error;
use crate::Stage;
use crate::points;
use crate::program::{Cell, Source};
use ff::Field;
use halo2curves::bn256::Fr;
use std::collections::BTreeSet;
use zkml_kernels::Backend;

/// Polynomials that are opened at the same points.
#[derive(Debug, PartialEq, Eq)]
struct PointSet {
    points: BTreeSet<Fr>,
    polynomials: Vec<Source>,
}

impl<'a, B: Backend> ProofState<'a, B> {
    /// Opens everything that was evaluated, and an extension's polynomials at `x`.
    ///
    /// With `S_i` the sets of points, `Z_i` their vanishing polynomials, and `P_ij` the
    /// polynomials opened on `S_i`:
    ///
    /// 1. `L_i = sum_j y^j P_ij` and `h = sum_i v^i floor(L_i / Z_i)`. The verifier's
    ///    `(L_i - R_i) / Z_i`, where `R_i` interpolates `L_i` on `S_i`, is the same: the degree
    ///    of `R_i` is below that of `Z_i`.
    /// 2. With `Z` vanishing on all points, `l = sum_i v^i (Z / Z_i)(u) L_i - Z(u) h`; the second
    ///    point is `floor(l / (X - u))`, divided by `(Z / Z_0)(u)`.
    ///
    /// The quotient's polynomial may have a coefficient of `X^n`, which is kept beside the vectors, in `L_i` and in `l`.
    #[tracing::instrument(level = "debug", name = "opening", skip_all)]
    pub(super) fn open(
        &mut self,
        x: Fr,
        polynomials: &Polynomials<'a, B>,
        opened: &Opened<B::Vector>,
    ) -> Result<(), Error> {
        let domain = &self.key.domain;
        let cells = points::opened(&self.key.cs, domain);
        let sets = point_sets(&cells, |rotation| domain.rotate(x, rotation));
        let y = self.channel.challenge();
        let v = self.channel.challenge();

        let mut combined = Vec::with_capacity(sets.len());
        let mut tops = Vec::with_capacity(sets.len());
        let mut quotient: Option<B::Vector> = None;
        for (i, (set, power)) in sets.iter().zip(powers(v)).enumerate() {
            self.step(Stage::Opening, i, sets.len() + 1)?;
            let own = set.polynomials.iter().map(|&source| polynomials.get(source));
            // The quotient is opened at `x` alone: there is a set that further polynomials join.
            let joins = set.points.len() == 1 && set.points.contains(&x);
            let further = opened.further.iter().filter(|_| joins).map(Ok);
            let terms = powers(y)
                .zip(own.chain(further))
                .map(|(power, vector)| Ok((power, vector?)))
                .collect::<Result<Vec<_>, Error>>()?;
            let sum = self.backend.linear_combination(&terms)?;
            let mut sources = set.polynomials.iter().zip(powers(y));
            let quotient_power = sources.find(|(source, _)| **source == Source::Quotient);
            let top = quotient_power.map_or(Fr::ZERO, |(_, power)| power * opened.top);
            let mut part = self.backend.duplicate(&sum)?;
            // A division takes one from the degree.
            let mut highest = top;
            for point in &set.points {
                self.divide(&mut part, highest, *point)?;
                highest = Fr::ZERO;
            }
            combined.push(sum);
            tops.push(top);
            quotient = Some(match quotient {
                None => part,
                Some(sum) => self
                    .backend
                    .linear_combination(&[(Fr::ONE, &sum), (power, &part)])?,
            });
        }
        // The quotient and the random polynomial are always opened.
        let Some(quotient) = quotient else { return Ok(()) };
        self.commit_coefficients(&[&quotient])?;
        let u = self.channel.challenge();

        let all: BTreeSet<Fr> = sets.iter().flat_map(|set| set.points.iter().copied()).collect();
        let others: Vec<Fr> = sets
            .iter()
            .map(|set| vanishing(all.difference(&set.points), u))
            .collect();
        let scale = Option::<Fr>::from(others[0].invert()).ok_or(Error::DegenerateChallenge)?;
        let mut terms: Vec<(Fr, &B::Vector)> = powers(v)
            .zip(&others)
            .zip(&combined)
            .map(|((power, other), sum)| (power * other * scale, sum))
            .collect();
        terms.push((-vanishing(&all, u) * scale, &quotient));
        let top = terms
            .iter()
            .zip(&tops)
            .map(|((factor, _), top)| factor * top)
            .sum();
        let mut last = self.backend.linear_combination(&terms)?;
        drop(combined);
        self.divide(&mut last, top, u)?;
        self.commit_coefficients(&[&last])?;
        self.step(Stage::Opening, 1, 1)
    }
}

/// Groups polynomials by their points; polynomials and groups in order of first appearance.
fn point_sets(cells: &[Cell], point: impl Fn(i32) -> Fr) -> Vec<PointSet> {
    let mut polynomials: Vec<(Source, BTreeSet<Fr>)> = Vec::new();
    for cell in cells {
        let at = point(cell.rotation);
        match polynomials.iter_mut().find(|(source, _)| *source == cell.source) {
            Some((_, points)) => {
                points.insert(at);
            }
            None => polynomials.push((cell.source, BTreeSet::from([at]))),
        }
    }
    let mut sets: Vec<PointSet> = Vec::new();
    for (source, points) in polynomials {
        match sets.iter_mut().find(|set| set.points == points) {
            Some(set) => set.polynomials.push(source),
            None => sets.push(PointSet {
                points,
                polynomials: vec![source],
            }),
        }
    }
    sets
}

fn powers(base: Fr) -> impl Iterator<Item = Fr> {
    std::iter::successors(Some(Fr::ONE), move |power| Some(power * base))
}

/// `prod (u - p)`
fn vanishing<'p>(points: impl IntoIterator<Item = &'p Fr>, u: Fr) -> Fr {
    points.into_iter().map(|point| u - point).product()
}
