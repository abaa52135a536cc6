//! What a contract hands to the pairing is what halo2's verifier hands to it, for proofs of nothing: random points,
//! evaluations and public inputs. Valid proofs alone would not show a constraint that a contract leaves out.

use crate::compile::artefact;
use crate::proven::Proven;
use crate::reader::LinkVerifier;
use crate::sample;
use ff::{Field, PrimeField};
use group::{Curve, Group};
use halo2_proofs::plonk::Error;
use halo2_proofs::poly::VerificationStrategy;
use halo2_proofs::poly::kzg::commitment::{KZGCommitmentScheme, ParamsKZG};
use halo2_proofs::poly::kzg::msm::DualMSM;
use halo2_proofs::poly::kzg::strategy::GuardKZG;
use halo2curves::CurveAffine;
use halo2curves::bn256::{Bn256, Fq, Fr, G1, G1Affine, G2Affine};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use revm::context::TxEnv;
use revm::database::{CacheDB, EmptyDB};
use revm::inspector::Inspector;
use revm::interpreter::{CallInputs, CallOutcome};
use revm::primitives::hardfork::SpecId;
use revm::primitives::{Address, Bytes, TxKind, U256};
use revm::state::{AccountInfo, Bytecode};
use revm::{Context, InspectEvm, MainBuilder, MainContext};
use zkml_evm::{Function, KeyContract, Verifier, calldata};

/// Proofs of nothing that are tried.
const PROOFS: u64 = 24;

/// Takes halo2's two sums of points before the pairing, of which it shows no more than a text.
struct Accumulator<'p>(&'p ParamsKZG<Bn256>);

impl<'p> VerificationStrategy<'p, KZGCommitmentScheme<Bn256>, LinkVerifier<'p>> for Accumulator<'p> {
    type Output = [G1Affine; 2];

    fn new(params: &'p ParamsKZG<Bn256>) -> Self {
        Accumulator(params)
    }

    fn process(
        self,
        f: impl FnOnce(DualMSM<'p, Bn256>) -> Result<GuardKZG<'p, Bn256>, Error>,
    ) -> Result<Self::Output, Error> {
        let text = format!("{:?}", f(DualMSM::new(self.0))?);
        let (before, right) = text.split_once("right: MSMKZG").expect("the sum for -g2");
        let (_, left) = before.split_once("left: MSMKZG").expect("the sum for s g2");
        Ok([left, right].map(sum))
    }

    fn finalize(self) -> bool {
        false
    }
}

/// The sum of scalars times points, from its text.
fn sum(text: &str) -> G1Affine {
    let (scalars, bases) = text.split_once("bases").expect("scalars, then points");
    let scalars = numbers::<Fr>(scalars);
    let bases = numbers::<Fq>(bases);
    assert!(!scalars.is_empty() && bases.len() == 3 * scalars.len(), "{text}");
    let points = bases.chunks(3).map(|c| G1 {
        x: c[0],
        y: c[1],
        z: c[2],
    });
    points.zip(scalars).map(|(p, s)| p * s).sum::<G1>().to_affine()
}

/// All numbers of 64 hex digits in a text.
fn numbers<F: PrimeField>(text: &str) -> Vec<F> {
    let parse = |part: &str| {
        let mut bytes = hex::decode(&part[..64]).expect("64 hex digits");
        bytes.reverse();
        let mut repr = F::Repr::default();
        repr.as_mut().copy_from_slice(&bytes);
        F::from_repr(repr).expect("a field element")
    };
    text.split("0x").skip(1).map(parse).collect()
}

/// Keeps the input of the pairing.
#[derive(Default)]
struct Pairing(Option<Vec<u8>>);

impl<CTX: revm::context::ContextTr> Inspector<CTX> for Pairing {
    fn call(&mut self, context: &mut CTX, inputs: &mut CallInputs) -> Option<CallOutcome> {
        if inputs.bytecode_address == Address::with_last_byte(8) {
            assert!(self.0.is_none(), "one pairing");
            self.0 = Some(inputs.input.as_bytes(context).to_vec());
        }
        None
    }
}

/// What a contract hands to the pairing.
fn pairing_of(code: &[(Address, Vec<u8>)], to: Address, data: Vec<u8>) -> Vec<u8> {
    let mut db = CacheDB::new(EmptyDB::default());
    for (address, code) in code {
        let code = Bytecode::new_raw(Bytes::copy_from_slice(code));
        db.insert_account_info(*address, AccountInfo::from_bytecode(code));
    }
    let mut evm = Context::mainnet()
        .with_db(db)
        .modify_cfg_chained(|cfg| cfg.set_spec_and_mainnet_gas_params(SpecId::OSAKA))
        .build_mainnet_with_inspector(Pairing::default());
    let tx = TxEnv::builder()
        .caller(Address::with_last_byte(0xff))
        .kind(TxKind::Call(to))
        .value(U256::ZERO)
        .data(Bytes::from(data))
        .gas_limit(1 << 24)
        .build()
        .expect("a transaction");
    let result = evm.inspect_tx(tx).expect("a transaction that runs").result;
    assert!(result.is_success(), "{result:?}");
    evm.inspector.0.take().expect("a pairing")
}

/// A proof of nothing, in form.
fn random_proof(verifier: &Verifier, rng: &mut ChaCha20Rng) -> Vec<u8> {
    let layout = verifier.proof_layout();
    let mut proof = vec![0; verifier.proof_len()];
    for at in layout.points {
        let point = G1::random(&mut *rng).to_affine();
        let coordinates = point.coordinates().expect("a point");
        proof[at..at + 32].copy_from_slice(&big_endian(coordinates.x()));
        proof[at + 32..at + 64].copy_from_slice(&big_endian(coordinates.y()));
    }
    for at in layout.scalars {
        proof[at..at + 32].copy_from_slice(&big_endian(&Fr::random(&mut *rng)));
    }
    proof
}

fn big_endian<F: PrimeField>(x: &F) -> Vec<u8> {
    let mut bytes = x.to_repr().as_ref().to_vec();
    bytes.reverse();
    bytes
}

/// Points as the pairing takes them.
fn encoded(left: G1Affine, right: G1Affine, s_g2: G2Affine) -> Vec<u8> {
    let g1 = |p: G1Affine| [big_endian(&p.x), big_endian(&p.y)].concat();
    let g2 = |p: G2Affine| {
        [p.x.c1, p.x.c0, p.y.c1, p.y.c0]
            .iter()
            .flat_map(big_endian)
            .collect::<Vec<u8>>()
    };
    [g1(right), g2(-G2Affine::generator()), g1(left), g2(s_g2)].concat()
}

#[test]
fn contracts_hand_to_the_pairing_what_halo2_does() {
    [Proven::new(), Proven::linked()].iter().for_each(compared);
}

fn compared(proven: &Proven) {
    let verifier = proven.verifier();
    let [own, reusable, key_address] = [1, 2, 3].map(|i| Address::with_last_byte(0x40 + i));
    let form = verifier.reusable();
    let code = [
        (own, artefact(sample(form)).runtime),
        (reusable, artefact(form.name()).runtime),
        (key_address, verifier.key_code().unwrap()),
    ];
    let key = KeyContract {
        address: key_address.into_array(),
        code_hash: verifier.key_code_hash().unwrap(),
    };
    let link = proven.commitment.as_ref().map(|c| &c.link);
    let mut rng = ChaCha20Rng::seed_from_u64(11);
    for i in 0..PROOFS {
        let mut public = proven.public.clone();
        let mut proof = proven.proof.clone();
        // The first is a valid one.
        if i > 0 {
            proof = random_proof(&verifier, &mut rng);
            let (integers, context) = public.split_at_mut(proven.order.len());
            integers
                .iter_mut()
                .for_each(|x| *x = -Fr::from(rng.next_u64() >> 1));
            context.iter_mut().for_each(|x| *x = Fr::random(&mut rng));
        }
        let [left, right] = proven
            .rust_verifies(Accumulator(&proven.params), link, &proof, &public)
            .expect("a proof in form");
        let expected = encoded(left, right, proven.params.s_g2());
        for (to, key) in [(own, None), (reusable, Some(&key))] {
            let data = calldata(Function::Verify, key, &proof, &public);
            assert_eq!(
                hex::encode(pairing_of(&code, to, data)),
                hex::encode(&expected),
                "proof {i}"
            );
        }
    }
}
