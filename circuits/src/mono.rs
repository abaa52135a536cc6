//! Monomials and polynomials in the challenges that linear constraints are combined with.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The monomial `u^u v^v w^w sigma^sigma tau^tau 2^-halves`.
///
/// `u`, `v` and `w` number the equations of a linear constraint (output channels, columns and rows of a
/// tensor), `sigma` the copies in the copy column, and `tau` the linear constraints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mono {
    /// Exponent of `u`.
    pub u: u32,
    /// Exponent of `v`.
    pub v: u32,
    /// Exponent of `w`.
    pub w: u32,
    /// Exponent of `sigma`.
    pub sigma: u32,
    /// Exponent of `tau`.
    pub tau: u32,
    /// Exponent of `1/2`.
    pub halves: u32,
}

impl Mono {
    /// The monomial 1.
    pub const ONE: Mono = Mono {
        u: 0,
        v: 0,
        w: 0,
        sigma: 0,
        tau: 0,
        halves: 0,
    };

    /// `u^e`.
    pub fn u(e: usize) -> Self {
        Mono {
            u: exponent(e),
            ..Self::ONE
        }
    }

    /// `v^e`.
    pub fn v(e: usize) -> Self {
        Mono {
            v: exponent(e),
            ..Self::ONE
        }
    }

    /// `w^e`.
    pub fn w(e: usize) -> Self {
        Mono {
            w: exponent(e),
            ..Self::ONE
        }
    }

    /// `sigma^e`.
    pub fn sigma(e: usize) -> Self {
        Mono {
            sigma: exponent(e),
            ..Self::ONE
        }
    }

    /// `tau^e`.
    pub fn tau(e: usize) -> Self {
        Mono {
            tau: exponent(e),
            ..Self::ONE
        }
    }

    /// `2^-e`.
    pub fn halves(e: u32) -> Self {
        Mono {
            halves: e,
            ..Self::ONE
        }
    }

    /// The monomial whose exponents are `f` of those of both.
    fn zip(self, o: Mono, f: impl Fn(u32, u32) -> u32) -> Mono {
        Mono {
            u: f(self.u, o.u),
            v: f(self.v, o.v),
            w: f(self.w, o.w),
            sigma: f(self.sigma, o.sigma),
            tau: f(self.tau, o.tau),
            halves: f(self.halves, o.halves),
        }
    }

    /// The product.
    #[must_use]
    pub fn times(self, o: Mono) -> Mono {
        self.zip(o, |a, b| a + b)
    }

    /// The quotient by a divisor.
    #[must_use]
    pub fn over(self, o: Mono) -> Mono {
        self.zip(o, |a, b| a - b)
    }

    /// The sum of the challenges' exponents.
    pub fn degree(self) -> u64 {
        [self.u, self.v, self.w, self.sigma, self.tau]
            .into_iter()
            .map(u64::from)
            .sum()
    }

    /// The largest exponent.
    pub fn largest_exponent(self) -> u32 {
        [self.u, self.v, self.w, self.sigma, self.tau, self.halves]
            .into_iter()
            .max()
            .unwrap_or(0)
    }

    /// The greatest common divisor.
    #[must_use]
    pub fn gcd(self, o: Mono) -> Mono {
        self.zip(o, u32::min)
    }
}

/// Exponents stay far below 2^32: tensors are bounded by the graph's validation.
fn exponent(e: usize) -> u32 {
    u32::try_from(e).expect("tensor sizes are validated to fit 32 bits")
}

/// Bound that no coefficient of a valid circuit reaches.
pub(crate) const COEFFICIENT_LIMIT: i64 = 1 << 62;

/// `a + c k`, or for a result beyond [`COEFFICIENT_LIMIT`] the limit, which stays from then on:
/// a sum that was too large at any time is recognised at its end.
pub(crate) fn accumulate(a: i64, c: i64, k: i64) -> i64 {
    if a.abs() >= COEFFICIENT_LIMIT {
        return a;
    }
    let limit = i128::from(COEFFICIENT_LIMIT);
    (i128::from(a) + i128::from(c) * i128::from(k)).clamp(-limit, limit) as i64
}

/// A polynomial in the challenges with integer coefficients: sorted by monomial, no zero terms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Poly(Vec<(Mono, i64)>);

impl Poly {
    /// The sum of terms, equal monomials added up.
    pub fn from_terms(terms: impl IntoIterator<Item = (Mono, i64)>) -> Self {
        let mut map: BTreeMap<Mono, i64> = BTreeMap::new();
        for (m, c) in terms {
            let sum = map.entry(m).or_default();
            *sum = accumulate(*sum, c, 1);
        }
        Poly(map.into_iter().filter(|(_, c)| *c != 0).collect())
    }

    /// `c m`.
    pub fn term(m: Mono, c: i64) -> Self {
        Poly(if c == 0 { vec![] } else { vec![(m, c)] })
    }

    /// The constant 1.
    pub fn one() -> Self {
        Self::term(Mono::ONE, 1)
    }

    /// Terms, sorted by monomial.
    pub fn terms(&self) -> &[(Mono, i64)] {
        &self.0
    }

    /// Whether this is the zero polynomial.
    pub fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    /// The greatest common monomial divisor; 1 for the zero polynomial.
    pub fn content(&self) -> Mono {
        self.0.iter().map(|t| t.0).reduce(Mono::gcd).unwrap_or(Mono::ONE)
    }

    /// The quotient by a common monomial divisor.
    #[must_use]
    pub fn over(&self, m: Mono) -> Self {
        Poly(self.0.iter().map(|&(n, d)| (n.over(m), d)).collect())
    }

    /// Adds up two polynomials.
    #[must_use]
    pub fn plus(&self, o: &Poly) -> Self {
        Self::from_terms(self.0.iter().chain(&o.0).copied())
    }
}
