//! The lanes' arithmetic against halo2curves, on every instruction set that runs here.

use super::modulus::{LIMB, MASK, limbs52};
use super::words::{Element, Words, element, words};
use super::*;
use crate::Isa;
use ff::{Field as _, PrimeField};
use halo2curves::bn256::{Fq, Fr};
use proptest::prelude::*;
use std::marker::PhantomData;

/// Five signed limbs of eight lanes.
type Raw = [[u64; 8]; 5];

/// What one run of all operations returns.
struct Results {
    product: Raw,
    square: Raw,
    twiddled: Raw,
    sum: Raw,
    difference: Raw,
    negated: Raw,
    entered: Raw,
    left: Raw,
    reduced: Raw,
    zeros: u8,
    selected: Raw,
    stored: [Words; 8],
    loaded: Raw,
}

/// All operations: `a` of any limbs, `b` and `c` below `9p`, elements to load.
struct All<E> {
    a: Raw,
    b: Raw,
    elements: [Words; 8],
    twiddle: E,
    mask: u8,
}

struct Run<E>(All<E>, PhantomData<E>);

impl<E: Element + PrimeField, L: Lanes> Kernel<L> for Run<E> {
    type Output = Results;
    #[inline(always)]
    fn run(self, lanes: L) -> Results {
        let field = Field::<E, L>::new(lanes);
        let all = self.0;
        let (a, b) = (field.load_limbs(&all.a), field.load_limbs(&all.b));
        let raw = |value: Limbs<L>| {
            let mut raw = [[0; 8]; 5];
            field.store_limbs(value, &mut raw);
            raw
        };
        let mut stored = [[0; 4]; 8];
        field.store(a, &mut stored);
        let (fa, fb) = (field.factors(a), field.factors(b));
        Results {
            product: raw(field.mul(&fa, &fb)),
            square: raw(field.square(&fb)),
            twiddled: raw(field.twiddle(a, &Twiddle::new(all.twiddle))),
            sum: raw(field.add(a, b)),
            difference: raw(field.sub::<9>(a, b)),
            negated: raw(field.neg::<9>(b)),
            entered: raw(field.enter(a)),
            left: raw(field.leave(a)),
            reduced: raw(field.reduce(a)),
            zeros: field.zeros(a),
            selected: raw(field.select(all.mask, a, b)),
            stored,
            loaded: raw(field.load(&all.elements)),
        }
    }
}

/// The value of one lane, carried, modulo `2^260`.
fn value(raw: &Raw, lane: usize) -> [u64; 5] {
    let mut carry = 0i64;
    std::array::from_fn(|i| {
        let sum = raw[i][lane] as i64 + carry;
        carry = sum >> LIMB;
        sum as u64 & MASK
    })
}

/// A value as an element.
fn field_value<E: PrimeField>(limbs: [u64; 5]) -> E {
    limbs
        .iter()
        .rev()
        .fold(E::ZERO, |sum, limb| sum * E::from(1 << LIMB) + E::from(*limb))
}

/// `value < k p`
fn below<M: Modulus>(limbs: [u64; 5], k: u64) -> bool {
    let mut carry = 0u128;
    let bound: [u64; 5] = std::array::from_fn(|i| {
        let sum = u128::from(M::LIMBS[i]) * u128::from(k) + carry;
        carry = sum >> LIMB;
        sum as u64 & MASK
    });
    limbs.iter().rev().lt(bound.iter().rev())
}

/// `2^n`
fn power<E: PrimeField>(n: u64) -> E {
    E::from(2).pow_vartime([n])
}

fn check<E: Element + PrimeField>(name: &str, lanes: impl Lanes, all: All<E>) {
    let All {
        a,
        b,
        elements,
        twiddle,
        mask,
    } = all;
    let found = lanes.vectorize(Run(
        All {
            a,
            b,
            elements,
            twiddle,
            mask,
        },
        PhantomData,
    ));
    let unshift = power::<E>(260).invert().unwrap();
    for lane in 0..8 {
        let (va, vb) = (value(&a, lane), value(&b, lane));
        let (x, y) = (field_value::<E>(va), field_value::<E>(vb));
        let is = |what: &str, raw: &Raw, expected: E, bound: Option<u64>| {
            let limbs = value(raw, lane);
            assert_eq!(field_value::<E>(limbs), expected, "{name}: {what}, lane {lane}");
            if let Some(k) = bound {
                assert!(below::<E>(limbs, k), "{name}: {what} reaches {k} p, lane {lane}");
            }
        };
        is("square", &found.square, y.square() * unshift, Some(3));
        is(
            "twiddle",
            &found.twiddled,
            x * twiddle,
            Some(Twiddle::<Fake>::BOUND),
        );
        is("negation", &found.negated, -y, Some(10));
        is("enter", &found.entered, x * power::<E>(4), Some(3));
        is("leave", &found.left, x * power::<E>(256) * unshift, Some(3));
        is("reduction", &found.reduced, x, Some(1));
        is(
            "selection",
            &found.selected,
            if mask >> lane & 1 == 1 { x } else { y },
            None,
        );
        // These reach beyond 2^260 for the largest `a`: then they are out of their bounds.
        if below::<E>(va, 70) {
            is("product", &found.product, x * y * unshift, Some(12));
            is("sum", &found.sum, x + y, Some(79));
            is("difference", &found.difference, x - y, Some(79));
        }
        assert_eq!(
            found.zeros >> lane & 1 == 1,
            x == E::ZERO,
            "{name}: zeros, lane {lane}"
        );
        assert_eq!(
            found.stored[lane],
            words(&[x * power::<E>(256).invert().unwrap()])[0]
        );
        assert_eq!(
            value(&found.loaded, lane),
            limbs52(elements[lane]),
            "{name}: load"
        );
        assert_eq!(words(&[element::<E>(found.stored[lane])])[0], found.stored[lane]);
    }
}

/// Only names a bound, which is the same for all.
type Fake = Emulated;

/// Runs the check on all lanes that this machine has.
fn check_all<E: Element + PrimeField>(a: Raw, b: Raw, elements: [Words; 8], twiddle: E, mask: u8) {
    let all = || All {
        a,
        b,
        elements,
        twiddle,
        mask,
    };
    check("emulated", Emulated, all());
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(lanes) = Fma::detect() {
            check("AVX-512 FMA", lanes, all());
        }
        if let Some(lanes) = Ifma::detect() {
            check("AVX-512 IFMA", lanes, all());
        }
    }
}

/// `k p + d` in limbs, limb by limb: the top one may be above `2^52`.
fn multiple<M: Modulus>(k: u64, d: i64) -> [u64; 5] {
    let mut limbs = M::LIMBS.map(|limb| limb * k);
    limbs[0] = limbs[0].wrapping_add(d as u64);
    limbs
}

fn edges<E: Element + PrimeField>() {
    let values: Vec<[u64; 5]> = vec![
        [0; 5],
        [1, 0, 0, 0, 0],
        multiple::<E>(1, -1),
        multiple::<E>(1, 0),
        multiple::<E>(1, 1),
        multiple::<E>(2, -1),
        multiple::<E>(2, 0),
        multiple::<E>(83, 0),
        multiple::<E>(84, -1),
        [MASK; 5],
        [0, 0, 0, 0, MASK],
        [MASK, MASK, MASK, MASK, 0],
        // The same value as 2^208, by limbs of both signs.
        [
            1 << 62,
            (1u64 << 62) - (1 << 10),
            (1 << 62) - (1 << 10),
            (1 << 62) - (1 << 10),
            1,
        ],
        [0, 0, (1u64 << 62).wrapping_neg(), 1 << 61, 0],
    ];
    let factors: Vec<[u64; 5]> = vec![
        [0; 5],
        [1, 0, 0, 0, 0],
        multiple::<E>(1, -1),
        multiple::<E>(1, 0),
        multiple::<E>(8, 0),
        multiple::<E>(9, -1),
        [MASK, MASK, MASK, MASK, 0],
        [0, 0, 0, 0, 1 << 48],
    ];
    let elements = words(&[E::ZERO, E::ONE, -E::ONE, E::ROOT_OF_UNITY]).to_vec();
    let elements: [Words; 8] = std::array::from_fn(|i| if i < 4 { elements[i] } else { [u64::MAX << i; 4] });
    for (i, _) in values.iter().enumerate() {
        let a: Raw =
            std::array::from_fn(|limb| std::array::from_fn(|lane| values[(i + lane) % values.len()][limb]));
        let b: Raw = std::array::from_fn(|limb| {
            std::array::from_fn(|lane| factors[(3 * i + lane) % factors.len()][limb])
        });
        for twiddle in [E::ZERO, E::ONE, -E::ONE, E::ROOT_OF_UNITY] {
            check_all::<E>(a, b, elements, twiddle, 0x5A ^ i as u8);
        }
    }
}

#[test]
fn edge_values() {
    for isa in [Isa::Avx512Fma, Isa::Avx512Ifma] {
        println!(
            "{isa}: {}",
            if isa.is_available() {
                "runs"
            } else {
                "does NOT run here"
            }
        );
    }
    edges::<Fr>();
    edges::<Fq>();
}

fn raw(limb: impl Strategy<Value = u64> + Clone) -> impl Strategy<Value = Raw> {
    proptest::array::uniform5(proptest::array::uniform8(limb))
}

/// Values below `8p`: limbs of 52 bits, the top one of 48.
fn factor() -> impl Strategy<Value = Raw> {
    raw(0..=MASK).prop_map(|mut raw| {
        raw[4] = raw[4].map(|limb| limb >> 4);
        raw
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn random_values(
        a in raw((-1i64 << 61..1 << 61).prop_map(|limb| limb as u64)),
        b in factor(),
        elements in proptest::array::uniform8(proptest::array::uniform4(any::<u64>())),
        seed in any::<u64>(),
        mask in any::<u8>(),
    ) {
        check_all(a, b, elements, Fr::ROOT_OF_UNITY.pow_vartime([seed]) + Fr::from(seed), mask);
        check_all(a, b, elements, Fq::from(seed).square() - Fq::from(7).invert().unwrap(), mask);
    }
}

/// halo2curves' own serialisation of its words agrees with the view.
#[test]
fn words_are_montgomery_words() {
    use halo2curves::serde::SerdeObject;
    let samples = [Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::ROOT_OF_UNITY];
    for (sample, view) in samples.iter().zip(words(&samples)) {
        let bytes: Vec<u8> = view.iter().flat_map(|word| word.to_le_bytes()).collect();
        assert_eq!(sample.to_raw_bytes(), bytes);
        assert_eq!(element::<Fr>(*view), *sample);
    }
}
