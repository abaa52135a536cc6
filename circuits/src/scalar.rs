//! The scalars that coefficient columns multiply by: polynomials in the challenges, copy cells and running evaluations.
//!
//! Each distinct scalar is one cell of the challenge region, computed once by `a b + c` from other
//! scalars and copied wherever it is used.

use crate::mono::{Mono, Poly};
use std::collections::{BTreeMap, HashMap};

/// Index of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScalarId(pub u32);

/// How a scalar is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scalar {
    /// Challenge `u`.
    U,
    /// Challenge `v`.
    V,
    /// Challenge `w`.
    W,
    /// Challenge `sigma`.
    Sigma,
    /// Challenge `tau`.
    Tau,
    /// 1.
    One,
    /// 1/2.
    Half,
    /// -1.
    MinusOne,
    /// A copy cell.
    Copied(u32),
    /// The result of a running evaluation.
    Horner(u32),
    /// `a b + c`.
    Mac(ScalarId, ScalarId, ScalarId),
}

/// The scalars that exist without computation, in the order of their ids.
pub const BASE_SCALARS: [Scalar; 8] = [
    Scalar::V,
    Scalar::W,
    Scalar::Sigma,
    Scalar::Tau,
    Scalar::One,
    Scalar::Half,
    Scalar::U,
    Scalar::MinusOne,
];

/// Id of [`Scalar::One`].
pub const ONE: ScalarId = ScalarId(4);
const V: ScalarId = ScalarId(0);
const W: ScalarId = ScalarId(1);
const SIGMA: ScalarId = ScalarId(2);
const TAU: ScalarId = ScalarId(3);
const HALF: ScalarId = ScalarId(5);
const U: ScalarId = ScalarId(6);
const MINUS_ONE: ScalarId = ScalarId(7);
/// 0, made as `-1 * 1 + 1`: the first computed scalar.
const ZERO: ScalarId = ScalarId(8);

/// An interner of scalars. Operands have smaller ids than results.
#[derive(Debug)]
pub struct Scalars {
    nodes: Vec<Scalar>,
    ids: HashMap<Scalar, ScalarId>,
    polys: HashMap<Poly, ScalarId>,
}

impl Default for Scalars {
    fn default() -> Self {
        let mut s = Scalars {
            nodes: vec![],
            ids: HashMap::new(),
            polys: HashMap::new(),
        };
        for base in BASE_SCALARS {
            s.intern(base);
        }
        s.intern(Scalar::Mac(MINUS_ONE, ONE, ONE));
        s
    }
}

impl Scalars {
    /// All scalars in order of computation.
    pub fn into_nodes(self) -> Vec<Scalar> {
        self.nodes
    }

    fn intern(&mut self, s: Scalar) -> ScalarId {
        *self.ids.entry(s).or_insert_with(|| {
            let id = ScalarId(u32::try_from(self.nodes.len()).expect("fewer than 2^32 scalars"));
            self.nodes.push(s);
            id
        })
    }

    /// The cell of copy cell `index`.
    pub fn copy(&mut self, index: u32) -> ScalarId {
        self.intern(Scalar::Copied(index))
    }

    /// The result of running evaluation `index`, whose scalars exist already.
    pub fn horner(&mut self, index: u32) -> ScalarId {
        self.intern(Scalar::Horner(index))
    }

    /// `sum_i m_i s_i`.
    pub fn weighted_sum(&mut self, terms: &[(Mono, ScalarId)]) -> ScalarId {
        terms.iter().fold(ZERO, |acc, &(m, s)| {
            let m = self.mono(m);
            if acc == ZERO {
                self.product(m, s)
            } else {
                self.mac(m, s, acc)
            }
        })
    }

    /// `a b + c`.
    fn mac(&mut self, a: ScalarId, b: ScalarId, c: ScalarId) -> ScalarId {
        if c == ZERO && a == ONE {
            return b;
        }
        if c == ZERO && b == ONE {
            return a;
        }
        let (a, b) = (a.min(b), a.max(b));
        self.intern(Scalar::Mac(a, b, c))
    }

    /// `a b`.
    pub fn product(&mut self, a: ScalarId, b: ScalarId) -> ScalarId {
        self.mac(a, b, ZERO)
    }

    /// `base^e` by squaring, sharing all intermediate powers.
    fn power(&mut self, base: ScalarId, e: u32) -> ScalarId {
        match e {
            0 => ONE,
            1 => base,
            _ if e.is_power_of_two() => {
                let half = self.power(base, e / 2);
                self.product(half, half)
            }
            _ => {
                let low = e & e.wrapping_neg();
                let (rest, low) = (self.power(base, e - low), self.power(base, low));
                self.product(rest, low)
            }
        }
    }

    /// A monomial.
    pub fn mono(&mut self, m: Mono) -> ScalarId {
        [
            (TAU, m.tau),
            (HALF, m.halves),
            (SIGMA, m.sigma),
            (W, m.w),
            (V, m.v),
            (U, m.u),
        ]
        .into_iter()
        .fold(ONE, |acc, (base, e)| {
            let p = self.power(base, e);
            self.product(acc, p)
        })
    }

    /// An integer, by Horner over its bits.
    fn integer(&mut self, n: i64) -> ScalarId {
        match n {
            0 => ZERO,
            1 => ONE,
            -1 => MINUS_ONE,
            i64::MIN..0 => {
                let abs = self.integer(-n);
                self.product(MINUS_ONE, abs)
            }
            _ => {
                let two = self.mac(ONE, ONE, ONE);
                let half = self.integer(n / 2);
                self.mac(two, half, if n % 2 == 1 { ONE } else { ZERO })
            }
        }
    }

    /// A polynomial. Products of polynomials in separate variables and geometric sums, which
    /// broadcasts and windows give rise to, take few steps.
    pub fn poly(&mut self, p: &Poly) -> ScalarId {
        if let Some(&id) = self.polys.get(p) {
            return id;
        }
        let content = p.content();
        let id = if p.is_zero() {
            ZERO
        } else if p.terms().len() == 1 {
            let (m, c) = p.terms()[0];
            let (m, c) = (self.mono(m), self.integer(c));
            self.product(c, m)
        } else if content != Mono::ONE {
            let rest = self.poly(&p.over(content));
            let m = self.mono(content);
            self.product(m, rest)
        } else if let Some((left, right)) = factor(p) {
            let (left, right) = (self.poly(&left), self.poly(&right));
            self.product(left, right)
        } else if let Some((step, n, c)) = geometric(p) {
            let sum = self.geometric_sum(step, n);
            let c = self.integer(c);
            self.product(c, sum)
        } else {
            p.terms().iter().fold(ZERO, |acc, &(m, c)| {
                let (m, c) = (self.mono(m), self.integer(c));
                self.mac(m, c, acc)
            })
        };
        self.polys.insert(p.clone(), id);
        id
    }

    /// `1 + x + ... + x^(n-1)` for `x = step`, in logarithmically many products.
    fn geometric_sum(&mut self, step: Mono, n: usize) -> ScalarId {
        if n == 1 {
            return ONE;
        }
        let x = self.mono(step);
        if n % 2 == 1 {
            let rest = self.geometric_sum(step, n - 1);
            self.mac(x, rest, ONE)
        } else {
            let squares = self.geometric_sum(step.times(step), n / 2);
            let one_plus_x = self.mac(x, ONE, ONE);
            self.product(one_plus_x, squares)
        }
    }
}

/// Splits off the factor in one variable, if the polynomial is such a product.
fn factor(p: &Poly) -> Option<(Poly, Poly)> {
    let parts: [fn(Mono) -> Mono; 4] = [
        |m| Mono { u: m.u, ..Mono::ONE },
        |m| Mono { v: m.v, ..Mono::ONE },
        |m| Mono { w: m.w, ..Mono::ONE },
        |m| Mono {
            sigma: m.sigma,
            ..Mono::ONE
        },
    ];
    for part in parts {
        let mut groups: BTreeMap<Mono, Vec<(Mono, i64)>> = BTreeMap::new();
        for &(m, c) in p.terms() {
            groups.entry(part(m)).or_default().push((m.over(part(m)), c));
        }
        let first = groups.values().next()?;
        if groups.len() > 1 && groups.len() < p.terms().len() && groups.values().all(|g| g == first) {
            let right = Poly::from_terms(first.iter().copied());
            return Some((Poly::from_terms(groups.keys().map(|&m| (m, 1))), right));
        }
    }
    None
}

/// `c (1 + x + ... + x^(n-1))` as `(x, n, c)`, if the polynomial is such a sum.
fn geometric(p: &Poly) -> Option<(Mono, usize, i64)> {
    let t = p.terms();
    let (m0, c) = t[0];
    if m0 != Mono::ONE || t.iter().any(|x| x.1 != c) {
        return None;
    }
    let step = t[1].0;
    let mut expected = Mono::ONE;
    for &(m, _) in t {
        if m != expected {
            return None;
        }
        expected = expected.times(step);
    }
    Some((step, t.len(), c))
}
