//! Transforms against the oracle, on every instruction set that runs here.

use super::*;
use crate::field::{Emulated, Lanes};
use crate::{Backend, Oracle};
use ff::PrimeField;

/// Sizes that take every path: no pass, square and oblong passes, all numbers of sweeps.
const LEVELS: std::ops::RangeInclusive<u32> = 0..=13;

fn values(count: usize) -> Vec<Fr> {
    let mut value = Fr::from(3);
    (0..count)
        .map(|i| {
            value = value.square() + Fr::from(i as u64);
            // Edge values among random ones.
            match i % 7 {
                0 => -Fr::ONE,
                1 => Fr::ZERO,
                _ => value,
            }
        })
        .collect()
}

fn check(name: &str, transforms: &dyn Transforms, levels: impl IntoIterator<Item = u32>) {
    let shift = Fr::MULTIPLICATIVE_GENERATOR;
    for level in levels {
        let coefficients = values(1 << level);
        let mut on_domain = [coefficients.clone()];
        Oracle.ntt(&mut on_domain).unwrap();
        let on_coset = Oracle.coset_ntt(&[&coefficients], shift).unwrap();
        for (direction, expected) in [
            (Direction::FORWARD, &on_domain[0]),
            (Direction::Forward { shift }, &on_coset[0]),
        ] {
            let mut target = vec![Fr::ONE; 1 << level];
            transforms.transform_into(&coefficients, &mut target, direction);
            assert!(target == *expected, "{name}: {direction:?} of 2^{level}");
        }
        let unshift = shift.invert().unwrap();
        for (direction, source) in [
            (Direction::INVERSE, &on_domain[0]),
            (Direction::Inverse { unshift }, &on_coset[0]),
        ] {
            let mut target = source.clone();
            transforms.transform(&mut target, direction);
            assert!(target == coefficients, "{name}: {direction:?} of 2^{level}");
        }
    }
}

fn check_lanes<L: Lanes>(name: &str, lanes: L) {
    let transforms = LaneTransforms::new(lanes);
    check(name, &transforms, LEVELS);
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    one_thread.install(|| check(name, &transforms, [6, 11, 12]));
}

#[test]
fn emulated_lanes() {
    check_lanes("emulated", Emulated);
}

#[test]
fn scalar() {
    use crate::field::scalar::Plain;
    check("plain", &ScalarTransforms::new(Plain), (0..=13).chain([18]));
    check("portable", &*scalar_transforms(), (0..=13).chain([18]));
}

#[test]
#[cfg(target_arch = "x86_64")]
fn machine_lanes() {
    use crate::field::{Fma, Ifma};
    match Fma::detect() {
        Some(lanes) => {
            check_lanes("AVX-512 FMA", lanes);
            check("AVX-512 FMA", &LaneTransforms::new(lanes), [17]);
        }
        None => println!("AVX-512 FMA: does NOT run here"),
    }
    match Ifma::detect() {
        Some(lanes) => check_lanes("AVX-512 IFMA", lanes),
        None => println!("AVX-512 IFMA: does NOT run here"),
    }
}

/// The longest pass, of values as large as the first pass leaves them: all `4p - 1`, so that sums
/// grow as far as they can. The transform of a constant vector is zero but for its first element.
#[test]
fn deepest_pass_stays_in_bounds() {
    use super::butterfly::transform;
    use super::roots::{MAX_LEVELS, Roots};
    use crate::field::Block;
    use crate::field::{Field, Kernel, Modulus};

    struct Pass<'a, L: Lanes>(&'a mut [Block], &'a Roots<L>);
    impl<L: Lanes> Kernel<L> for Pass<'_, L> {
        type Output = Vec<u8>;
        #[inline(always)]
        fn run(self, lanes: L) -> Vec<u8> {
            let field = Field::<Fr, L>::new(lanes);
            transform(field, self.0, self.1);
            self.0
                .iter()
                .map(|block| field.zeros(field.load_limbs(&block.0)))
                .collect()
        }
    }
    let mut limbs = Fr::LIMBS.map(|limb| [4 * limb; 8]);
    limbs[0] = limbs[0].map(|limb| limb - 1);
    let mut blocks = vec![Block(limbs); 1 << MAX_LEVELS];
    let zeros = Emulated.vectorize(Pass(&mut blocks, &Roots::subgroup(false)));
    assert_eq!(zeros[0], 0);
    assert!(zeros[1..].iter().all(|lanes| *lanes == 0xFF));
}
