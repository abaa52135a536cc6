//! Hashed tensors, a context, committed parameters, and proofs in batches, through the public API.

mod batch;
mod contract;
mod hashed;
mod links;

use std::ops::Range;
use zkml::Proof;
use zkml_testing::model::Setup;

/// Where a proof whose points take `point` bytes has what its link is in: the quotient's first piece, and the scalar before
/// the evaluations.
fn link_places(setup: &Setup, point: usize) -> [Range<usize>; 2] {
    let cs = setup.verifying_key.halo2().cs();
    let products = cs.permutation().get_columns().len().div_ceil(cs.degree() - 2);
    let (random, pieces) = (1, cs.degree() - 1);
    let first = point * (cs.num_advice_columns() + products + random);
    let scalar = first + point * pieces;
    [first..first + point, scalar..scalar + 32]
}

/// A proof with other bytes.
fn with_bytes(proof: &Proof, bytes: &[u8]) -> Proof {
    let mut json: serde_json::Value = serde_json::from_str(&proof.to_json().unwrap()).unwrap();
    json["proof"] = hex::encode(bytes).into();
    Proof::from_json(&json.to_string()).unwrap()
}
