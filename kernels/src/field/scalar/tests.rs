use super::*;
use crate::field::words::{Element, element, words};
use ff::Field;
use halo2curves::bn256::{Fq, Fr};
use proptest::prelude::*;

/// The products of every kind that this machine has.
struct Products<'a, E>(&'a Words, &'a Words, std::marker::PhantomData<E>);

impl<E: Element + Field> Products<'_, E> {
    fn check(&self, single: impl Single, expected: E) {
        let found = single.mul::<E>(self.0, self.1);
        assert!(
            difference(found, const { multiple::<E, 2>() }).1,
            "the product of {:x?} and {:x?} reaches 2p: {found:x?}",
            self.0,
            self.1
        );
        assert_eq!(element::<E>(reduce::<E>(found)), expected);
    }

    fn check_all(&self, expected: E) {
        self.check(Plain, expected);
        #[cfg(target_arch = "x86_64")]
        match Adx::detect() {
            Some(adx) => self.check(adx, expected),
            None => println!("ADX: does NOT run here"),
        }
    }
}

/// `a + k p`
fn raised<E: Element>(a: Words, k: usize) -> Words {
    (0..k).fold(a, |sum, _| add(sum, E::P))
}

fn check<E: Element + Field>(x: E, y: E) {
    let (a, b) = (words(&[x])[0], words(&[y])[0]);
    let is = |found: Words, expected: E| assert_eq!(element::<E>(reduce::<E>(found)), expected);
    for i in 0..4 {
        is(raised::<E>(a, i), x);
        is(halve::<E>(raised::<E>(a, i)), x);
        for j in 0..4 {
            if i == 0 || (i < 2 && j < 2) {
                let product = Products(&raised::<E>(a, i), &raised::<E>(b, j), Default::default());
                product.check_all(x * y);
            }
        }
    }
    let lazy = raised::<E>(b, 1);
    is(sub::<E, 2>(a, lazy), x - y);
    is(sub::<E, 1>(a, b), x - y);
    is(add(a, lazy), x + y);
    is(signed::<E>(a, true), -x);
    is(signed::<E>(a, false), x);
    // The bounds themselves.
    for (a, b) in [(2, 2), (1, 4)] {
        let bound = |k: usize| raised::<E>([0; 4], k);
        Products::<E>(&bound(a), &bound(b), Default::default()).check_all(E::ZERO);
    }
}

#[test]
fn edges() {
    for x in [Fr::ZERO, Fr::ONE, -Fr::ONE] {
        for y in [Fr::ZERO, Fr::ONE, -Fr::ONE] {
            check(x, y);
        }
    }
    for x in [Fq::ZERO, Fq::ONE, -Fq::ONE] {
        check(x, -x);
        check(x, x);
    }
    // Words that are the largest, and words whose lower ones are.
    check(
        element::<Fr>(sub::<Fr, 1>([0; 4], [1, 0, 0, 0])),
        element(sub::<Fr, 1>([0; 4], [1, 0, 0, 0])),
    );
    check(element::<Fq>(sub::<Fq, 1>([0; 4], [1, 0, 0, 0])), Fq::ONE);
    let full = [u64::MAX, u64::MAX, u64::MAX, Fr::P[3] - 1];
    check(element::<Fr>(full), element::<Fr>(full));
    check(element::<Fq>(full), element::<Fq>(full));
}

proptest! {
    #[test]
    fn random(x in any::<[u64; 4]>(), y in any::<[u64; 4]>()) {
        check(Fr::from_raw(x), Fr::from_raw(y));
        check(Fq::from_raw(x), Fq::from_raw(y));
    }
}
