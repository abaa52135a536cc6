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

/// Octets of a special pair in each lane, at the edges of groups and batches.
fn check_octets(engine: Engine) {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let points = points(&mut rng);
    let source = encode(&points);
    let mut scratch = Scratch::default();
    for octets in [1, 2, 3, 4, 5, 9, 255, 256, 257] {
        // The first twelve are the identity and small multiples: sums of them are equal, opposite, or the identity.
        let terms: Vec<Term> = (0..16 * octets)
            .map(|i| {
                let limit = if i % 3 == 0 { points.len() } else { 12 };
                Term::signed(rng.gen_range(0..limit), rng.r#gen())
            })
            .collect();
        let mut packed = vec![Octet::default(); 2 * octets];
        engine.pack(&source, &terms, &mut packed);
        let mut unpacked = vec![Point::IDENTITY; terms.len()];
        // Far from each other, and none twice.
        let places: Vec<u32> = (0..terms.len()).map(|i| (i * 7 % terms.len()) as u32).collect();
        let mut scattered = unpacked.clone();
        engine.unpack(&packed, &places, &mut scattered);
        for (point, place) in unpacked.iter_mut().zip(&places) {
            *point = scattered[*place as usize];
        }
        for (i, term) in terms.iter().enumerate() {
            assert_eq!(unpacked[i], term.of(&source));
            assert_eq!(packed[i / 8].point(i % 8), unpacked[i]);
        }
        let pairs: Vec<Pair> = (0..octets)
            .map(|i| [Term::plus(i), Term::plus(octets + i)])
            .collect();
        let mut sums = vec![Octet::default(); octets];
        engine.add_octets(&packed, &pairs, &mut sums, &mut scratch);
        let couples: Vec<Pair> = (0..8 * octets)
            .map(|i| [terms[i], terms[8 * octets + i]])
            .collect();
        let mut same = vec![Octet::default(); octets];
        engine.add_into_octets(&source, &couples, &mut same, &mut scratch);
        for (i, [a, b]) in couples.into_iter().enumerate() {
            let expected = Point::from(&G1Affine::from(value(&points, a) + value(&points, b)));
            assert_eq!(sums[i / 8].point(i % 8), expected, "{a:?} {b:?}");
            assert_eq!(same[i / 8].point(i % 8), expected, "{a:?} {b:?}");
        }
        let mut changed = sums[0];
        changed.set(3, &unpacked[0]);
        for lane in 0..8 {
            let expected = if lane == 3 {
                unpacked[0]
            } else {
                sums[0].point(lane)
            };
            assert_eq!(changed.point(lane), expected);
        }
    }
}

#[test]
fn octets_on_every_engine() {
    let lanes = Engine::all().into_iter().filter(|engine| engine.has_lanes());
    lanes.for_each(check_octets);
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
