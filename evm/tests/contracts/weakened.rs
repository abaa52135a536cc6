//! A contract that leaves a line out accepts a false link: the cheat is real, and the line stops it.

use crate::circuit::Proven;
use crate::compile::Source;
use crate::link::{BYTES, Commitment};
use crate::{deployed, sample};
use ff::{Field, PrimeField};
use group::Curve;
use halo2_proofs::transcript::{EncodedChallenge, Transcript, TranscriptRead};
use halo2curves::CurveAffine;
use halo2curves::bn256::{Fr, G1, G1Affine};
use zkml_evm::{EvmRead, Function, calldata};

/// Absorbs the last opening point of a proof before the challenges of its link.
const LINE: &str = "                calldatacopy(end, source, 0x40)\n                end := add(end, 0x40)\n";

fn big_endian<F: PrimeField>(x: &F) -> Vec<u8> {
    let mut bytes = x.to_repr().as_ref().to_vec();
    bytes.reverse();
    bytes
}

fn encoded(point: G1) -> Vec<u8> {
    let point = point.to_affine();
    let coordinates = point.coordinates().unwrap();
    [big_endian(coordinates.x()), big_endian(coordinates.y())].concat()
}

fn squeeze(transcript: &mut EvmRead<'_>) -> Fr {
    transcript.squeeze_challenge().get_scalar()
}

/// A valid proof with a link that says nothing of its columns: `q` is 1 and `v` is 0. `W` is a constant that makes the
/// error of the link's equation vanish at the point `u` of the openings, so that their last point takes up the rest of
/// it, times the weight. Whoever makes the proof knows the polynomials; here the secret `s` stands in for that.
fn forged(proven: &Proven, s: Fr) -> Vec<u8> {
    let commitment: &Commitment = proven.commitment.as_ref().unwrap();
    let split = proven.proof.len() - BYTES;
    let main = &proven.proof[..split];
    let (u, mut transcript): (Fr, EvmRead<'_>) = proven.before_last_opening(main);
    commitment.absorb(&mut transcript);
    let _gamma = squeeze(&mut transcript);
    let generator = G1::generator();
    transcript.common_point(generator.to_affine()).unwrap();
    let z = squeeze(&mut transcript);
    transcript.common_scalar(Fr::ZERO).unwrap();
    let rho = squeeze(&mut transcript);
    let error = |x: Fr| rho * commitment.marks_at(x) - commitment.vanishing(z);
    let w = error(u) * (u - z).invert().unwrap();
    transcript.common_point((generator * w).to_affine()).unwrap();
    let weight = squeeze(&mut transcript);
    let rest = (error(s) + (z - s) * w) * (s - u).invert().unwrap();
    let mut reader = EvmRead::new(&main[split - 64..]);
    let last: G1Affine = reader.read_point().unwrap();
    let last = G1::from(last) + generator * (weight * rest);
    [
        main[..split - 64].to_vec(),
        encoded(last),
        encoded(generator),
        vec![0; 32],
        encoded(generator * w),
    ]
    .concat()
}

#[test]
fn the_last_opening_is_absorbed_before_the_challenges_of_a_link() {
    let proven = Proven::linked();
    let verifier = proven.verifier();
    let forged = forged(&proven, Proven::secret());
    assert!(!proven.rust_accepts(&forged, &proven.public));
    let mut d = deployed(&verifier);
    let data = calldata(Function::Verify, None, &forged, &proven.public);
    assert!(!d.chain.call(d.own, data.clone()).unwrap().is_true());

    let name = sample(verifier.reusable());
    let source = verifier.contract_source(name).unwrap();
    assert_eq!(source.matches(LINE).count(), 1);
    let Some(weak) = Source::generated(name, source.replace(LINE, "")).compile(&[]) else {
        println!("no node: nothing was compiled");
        return;
    };
    let (weak, _) = d.chain.deploy(&weak.init, &[]).unwrap();
    assert!(d.chain.call(weak, data).unwrap().is_true());
}
