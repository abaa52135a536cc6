//! What tests share.

use crate::{
    Accuracy, InputSchema, Manifest, ModelVisibility, OutputSchema, TensorVisibility, WeightVisibility,
};
use zkml::Digest;

/// A manifest of a model that does not exist.
pub(crate) fn manifest() -> Manifest {
    Manifest {
        name: "test".to_owned(),
        provider: [0; 32].into(),
        sealing_key: [0; 32].into(),
        model_digest: Digest::from([1; 32]),
        key_digest: Digest::from([2; 32]),
        srs: "00".to_owned(),
        development_srs: true,
        visibility: ModelVisibility {
            inputs: TensorVisibility::Hashed,
            outputs: TensorVisibility::Public,
            params: WeightVisibility::Private,
        },
        model_commitment: None,
        inputs: vec![InputSchema {
            name: "x".to_owned(),
            shape: vec![1, 3],
            scale: 4,
            bits: 12,
            saturate: false,
        }],
        outputs: vec![OutputSchema {
            name: "y".to_owned(),
            shape: vec![1, 2],
            scale: 4,
            bits: 12,
            labels: vec!["no".to_owned(), "yes".to_owned()],
        }],
        accuracy: Some(Accuracy {
            target: 0.01,
            worst_error: 0.003,
            mean_error: 0.001,
            inputs: 10,
            argmax_agreement: Some(1.0),
        }),
    }
}
