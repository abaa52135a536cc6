use super::*;
use ff::Field;
use group::Group;
use halo2curves::bn256::{Fr, G1, G1Affine};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Multiples of the generator by small numbers of both signs and by random ones, with the identity.
fn points(rng: &mut ChaCha8Rng) -> Vec<G1Affine> {
    let g = G1::generator();
    let small = (0..6u64).flat_map(|i| [g * Fr::from(i), -(g * Fr::from(i))]);
    let mut points: Vec<G1Affine> = small.map(G1Affine::from).collect();
    points.extend((0..40).map(|_| G1Affine::from(G1::random(&mut *rng))));
    points
}

fn value(points: &[G1Affine], term: Term) -> G1 {
    let point = G1::from(points[term.index()]);
    if term.is_negative() { -point } else { point }
}

fn check_additions(engine: Engine) {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let points = points(&mut rng);
    let source = encode(&points);
    let mut scratch = Scratch::default();
    let sums = |pairs: &[[Term; 2]], scratch: &mut Scratch| {
        let mut out = vec![Point::IDENTITY; pairs.len()];
        engine.add_pairs(&source, pairs, &mut out, scratch);
        for (pair, sum) in pairs.iter().zip(decode(&out)) {
            let expected = value(&points, pair[0]) + value(&points, pair[1]);
            assert_eq!(G1::from(sum), expected, "{pair:?}");
        }
    };
    let mut term = |limit: usize| Term::signed(rng.gen_range(0..limit), rng.r#gen());
    // Special cases everywhere, few of them, and lengths around those of batches, groups and vectors.
    for length in [
        0, 1, 2, 7, 8, 9, 17, 31, 32, 33, 1023, 1024, 1025, 2047, 2048, 2049, 2081, 5000,
    ] {
        for limit in [1, 12, points.len()] {
            let pairs: Vec<_> = (0..length).map(|_| [term(limit), term(limit)]).collect();
            sums(&pairs, &mut scratch);
        }
    }
    // One special case in a vector of plain ones.
    for special in 0..12 {
        for place in 0..16 {
            let mut pairs: Vec<_> = (0..16)
                .map(|i| [Term::plus(12 + i), Term::plus(30 + i)])
                .collect();
            pairs[place] = [Term::plus(special), Term::signed(special, place % 2 == 0)];
            sums(&pairs, &mut scratch);
        }
    }
}

fn check_the_rest(engine: Engine) {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let points = points(&mut rng);
    let encoded = encode(&points);
    assert_eq!(decode(&encoded), points);
    assert_eq!(decode(&[Point::IDENTITY]), [G1Affine::default()]);
    for (i, (encoded, point)) in encoded.iter().zip(&points).enumerate() {
        assert_eq!(encoded.is_identity(), *point == G1Affine::default());
        for negative in [false, true] {
            let term = Term::signed(i, negative);
            let taken = G1Affine::from(&term.of(&[*encoded].repeat(i + 1)));
            assert_eq!(G1::from(taken), value(&points, term));
        }
    }
    for length in [0, 1, 7, 9, points.len()] {
        let mut doubled = encoded[..length].to_vec();
        engine.double(&mut doubled, &mut Scratch::default());
        let mut images = encoded[..length].to_vec();
        engine.endomorphism(&mut images);
        for (i, point) in points[..length].iter().enumerate() {
            assert_eq!(G1::from(G1Affine::from(&doubled[i])), G1::from(*point).double());
            assert_eq!(G1::from(G1Affine::from(&images[i])), point * glv::LAMBDA);
        }
    }
}

#[test]
fn additions_on_every_engine() {
    Engine::all().into_iter().for_each(check_additions);
}

#[test]
fn doubles_images_and_conversions_on_every_engine() {
    Engine::all().into_iter().for_each(check_the_rest);
}

#[test]
fn no_point_but_the_identity_has_x_zero() {
    assert!(bool::from(halo2curves::bn256::Fq::from(3).sqrt().is_none()));
}
