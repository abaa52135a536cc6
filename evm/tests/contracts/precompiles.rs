//! Chains whose precompiled contracts are not Ethereum's: no contract takes what they leave for a verdict.

use crate::compile::{Compiled, Source};
use crate::deployed;
use crate::proven::Proven;
use ff::{Field, PrimeField};
use group::{Curve, Group};
use halo2curves::CurveAffine;
use halo2curves::bn256::{Fq, Fr, G1, G1Affine, G2};
use zkml_evm::{Chain, Function, Precompile, Verifier, call, calldata};

const MODEXP: u8 = 0x05;
const ADD: u8 = 0x06;
const MULTIPLY: u8 = 0x07;
const PAIRING: u8 = 0x08;

/// The precompiled contracts that verification needs, and the bytes that they return.
const NEEDED: [(u8, usize); 4] = [(MODEXP, 32), (ADD, 64), (MULTIPLY, 64), (PAIRING, 32)];

/// Everything else that can stand there, and the error that contracts revert with.
fn odd(size: usize) -> Vec<(Precompile, &'static str)> {
    let mut all = vec![
        (Precompile::Missing, "NoPrecompile()"),
        (Precompile::Reverting, "TooLittleGas()"),
    ];
    let lengths = [0, 1, size - 32, size - 1, size + 1, size + 32];
    all.extend(lengths.map(|len| (Precompile::Returning(len), "NoPrecompile()")));
    all
}

#[test]
fn precompiles_that_fail_or_return_another_size_give_no_verdict() {
    for proven in [Proven::new(), Proven::linked()] {
        let verifier = proven.verifier();
        let mut changed = proven.public.clone();
        changed[1] += Fr::ONE;
        for (address, size) in NEEDED {
            for (precompile, error) in odd(size) {
                let mut d = deployed(&verifier);
                d.chain.set_precompile(address, precompile);
                for (to, key) in [(d.own, None), (d.reusable, Some(&d.key))] {
                    for public in [&proven.public, &changed] {
                        let data = calldata(Function::VerifyAndDecode, key, &proven.proof, public);
                        let outcome = d.chain.call(to, data).unwrap();
                        assert!(!outcome.success, "{address}: {precompile:?}");
                        assert_eq!(outcome.output, call(error, &[]), "{address}: {precompile:?}");
                    }
                }
            }
            // The size is that of the result.
            let mut d = deployed(&verifier);
            d.chain.set_precompile(address, Precompile::Returning(size));
            let data = calldata(Function::Verify, None, &proven.proof, &proven.public);
            assert!(d.chain.call(d.own, data).unwrap().is_true());
        }
    }
}

/// The contract, and one that checks no more than that calls succeed; `None` without node.
fn with_and_without_sizes(verifier: &Verifier) -> Option<(String, [Compiled; 2])> {
    let source = verifier.contract_source("AnySize").unwrap();
    let check = "iszero(and(success, eq(returndatasize(), size)))";
    assert_eq!(source.matches(check).count(), 1);
    let weak = source.replace(check, "iszero(success)");
    let compile = |text: &str| Source::generated("AnySize", text.to_owned()).compile(&[]);
    let compiled = [compile(&source)?, compile(&weak)?];
    Some((source, compiled))
}

/// Without the sizes a valid proof passes for an invalid one where a precompile is missing.
#[test]
fn sizes_are_what_tells_a_missing_precompile() {
    let proven = Proven::new();
    let Some((_, [strong, weak])) = with_and_without_sizes(&proven.verifier()) else {
        println!("no node: nothing was compiled");
        return;
    };
    let data = calldata(Function::Verify, None, &proven.proof, &proven.public);
    for (address, _) in NEEDED {
        let mut chain = Chain::new();
        let [(strong, _), (weak, _)] = [&strong, &weak].map(|c| chain.deploy(&c.init, &[]).unwrap());
        assert!(chain.call(weak, data.clone()).unwrap().is_true());
        chain.set_precompile(address, Precompile::Missing);
        let outcome = chain.call(strong, data.clone()).unwrap();
        assert_eq!(outcome.output, call("NoPrecompile()", &[]));
        let outcome = chain.call(weak, data.clone()).unwrap();
        assert!(outcome.success && !outcome.is_true(), "{address}: {outcome:?}");
    }
}

/// And false claims pass for proven ones: where points are not multiplied, the final sum says nothing of the scalars,
/// and so nothing of public values, challenges and evaluations.
#[test]
fn without_sizes_and_multiplication_anything_is_proven() {
    let proven = Proven::new();
    let verifier = proven.verifier();
    let Some((source, [strong, weak])) = with_and_without_sizes(&verifier) else {
        println!("no node: nothing was compiled");
        return;
    };
    let mut public = proven.public.clone();
    public[1] += Fr::ONE;
    let forged = unmultiplied(&proven, &verifier, &source);
    let data = calldata(Function::Verify, None, &forged, &public);
    let mut chain = Chain::new();
    let [(strong, _), (weak, _)] = [strong, weak].map(|c| chain.deploy(&c.init, &[]).unwrap());
    for contract in [strong, weak] {
        let outcome = chain.call(contract, data.clone()).unwrap();
        assert!(outcome.success && !outcome.is_true(), "{outcome:?}");
    }
    chain.set_precompile(MULTIPLY, Precompile::Missing);
    let outcome = chain.call(strong, data.clone()).unwrap();
    assert_eq!(outcome.output, call("NoPrecompile()", &[]));
    assert!(chain.call(weak, data).unwrap().is_true());
}

/// A proof whose points add up, each taken once, to `s` times the last of them, which is the generator.
fn unmultiplied(proven: &Proven, verifier: &Verifier, source: &str) -> Vec<u8> {
    // Every SRS has the generator times s.
    let s = Fr::random(crate::proven::rng());
    assert_eq!((G2::generator() * s).to_affine(), proven.params.s_g2());
    let generator = G1Affine::generator();
    let mut proof = proven.proof.clone();
    let places = verifier.proof_layout().points;
    let (first, last) = (places[0], *places.last().unwrap());
    put(&mut proof[last..], generator);
    let others = places[1..].iter().map(|at| point(&proof[*at..]));
    let rest = others
        .chain(key_points(source))
        .chain([generator])
        .fold(G1::identity(), |sum, point| sum + point);
    put(&mut proof[first..], (generator * s - rest).to_affine());
    proof
}

/// The points of the key, from the statements that load them.
fn key_points(source: &str) -> Vec<G1Affine> {
    let number = |text: &str| {
        let digits = text.trim_start_matches("0x");
        hex::decode(format!("{digits:0>64}")).unwrap()
    };
    let field = |name: &str| {
        let start = format!("constant {name} = ");
        let at = source.find(&start).unwrap() + start.len();
        let text = &source[at..];
        number(&text[..text.find(';').unwrap()])
    };
    let range = field("KEY_POINTS")..field("KEY_POINTS_END");
    let load = &source[source.find("function _load()").unwrap()..];
    let words = load.lines().filter_map(|line| {
        let arguments = line.trim().strip_prefix("mstore(")?.strip_suffix(')')?;
        let (address, value) = arguments.split_once(", ")?;
        range.contains(&number(address)).then(|| number(value))
    });
    let words: Vec<Vec<u8>> = words.collect();
    assert!(!words.is_empty());
    words.chunks(2).map(|pair| point(&pair.concat())).collect()
}

/// A point from its coordinates.
fn point(bytes: &[u8]) -> G1Affine {
    let coordinate = |bytes: &[u8]| {
        let mut repr = <Fq as PrimeField>::Repr::default();
        repr.as_mut().copy_from_slice(bytes);
        repr.as_mut().reverse();
        Fq::from_repr(repr).unwrap()
    };
    G1Affine::from_xy(coordinate(&bytes[..32]), coordinate(&bytes[32..64])).unwrap()
}

/// Writes a point's coordinates.
fn put(to: &mut [u8], point: G1Affine) {
    for (half, coordinate) in to.chunks_mut(32).zip([point.x, point.y]) {
        half.copy_from_slice(coordinate.to_repr().as_ref());
        half.reverse();
    }
}
