//! A circuit, ready for contracts.

use crate::word::{Bytes32, word};
use crate::{Error, PublicLayout, Reusable};
use zkml_verifier::{Arithmetic, CircuitKey, Protocol};

/// Largest code of a contract (EIP-170).
pub const CODE_LIMIT: usize = 24_576;

/// Offsets in a proof, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofLayout {
    /// Points, 64 bytes each.
    pub points: Vec<usize>,
    /// Scalars, 32 bytes each.
    pub scalars: Vec<usize>,
}

/// A verifying key with what contracts say of it.
#[derive(Clone, Debug)]
pub struct ContractKey<'a> {
    /// The key.
    pub circuit: CircuitKey<'a>,
    /// The SRS and what is known of it, in one line that sources show.
    pub srs: String,
    /// The public values.
    pub public: PublicLayout,
    /// Digest of the verifying key.
    pub key_id: [u8; 32],
}

/// A circuit, ready for contracts.
#[derive(Debug)]
pub struct Verifier {
    pub(crate) arithmetic: Arithmetic,
    pub(crate) protocol: Protocol,
    pub(crate) transcript: Bytes32,
    pub(crate) s_g2: [Bytes32; 4],
    pub(crate) srs: String,
    pub(crate) public: PublicLayout,
    pub(crate) key_id: Bytes32,
}

impl Verifier {
    /// Derives the arithmetic of a verifying key.
    ///
    /// # Errors
    /// [`Error::Circuit`] for circuits that zkml does not make; [`Error::TooLarge`].
    pub fn new(key: &ContractKey<'_>) -> Result<Self, Error> {
        let circuit = &key.circuit;
        key.public.check(circuit)?;
        let protocol = Protocol::new(circuit)?;
        let arithmetic = Arithmetic::new(circuit, &protocol)?;
        let g2 = &circuit.s_g2;
        Ok(Verifier {
            arithmetic,
            protocol,
            transcript: word(&circuit.halo2.transcript_repr()),
            s_g2: [g2.x.c1, g2.x.c0, g2.y.c1, g2.y.c0].map(|c| word(&c)),
            srs: key.srs.clone(),
            public: key.public.clone(),
            key_id: key.key_id,
        })
    }

    /// The reusable verifier that reads this circuit's key.
    pub fn reusable(&self) -> Reusable {
        match self.protocol.link {
            None => Reusable::Plain,
            Some(_) => Reusable::Linked,
        }
    }

    /// Digest of the manifest that proofs are linked under, or of the model commitment, where there is one.
    pub fn manifest(&self) -> Option<Bytes32> {
        self.protocol.link.as_ref().map(|link| link.model.manifest)
    }

    /// Where points and scalars stand in a proof.
    pub fn proof_layout(&self) -> ProofLayout {
        let p = &self.protocol;
        let evaluations = 64 * p.points;
        let openings = evaluations + 32 * p.evaluations;
        let mut points: Vec<usize> = (0..p.points).map(|i| 64 * i).collect();
        points.extend([openings, openings + 64]);
        ProofLayout {
            points,
            scalars: (0..p.evaluations).map(|i| evaluations + 32 * i).collect(),
        }
    }

    /// Bytes of a proof, with its link.
    pub fn proof_len(&self) -> usize {
        self.protocol.proof_len()
    }

    /// Number of public inputs.
    pub fn public_values(&self) -> usize {
        self.public.values + self.public.context
    }

    /// Number of commitments of a proof, and of the key with the model commitment: what most of the gas is for.
    pub fn commitments(&self) -> [usize; 2] {
        [
            self.protocol.proof_points(),
            self.protocol.published() + self.protocol.key_points.len(),
        ]
    }

    /// Number of fused multiplications and additions.
    pub fn operations(&self) -> usize {
        self.arithmetic
            .programs
            .iter()
            .map(|p| p.instructions.len())
            .sum()
    }
}
