//! A circuit, ready for contracts.

use crate::arithmetic::{Arithmetic, arithmetic};
use crate::key::{Bytes32, Form, limit};
use crate::protocol::{CircuitKey, Protocol};
use crate::schedule::Program;
use crate::transcript::word;
use crate::{Error, PublicLayout, Reusable};
use sha3::{Digest, Keccak256};

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

/// A circuit, ready for contracts.
#[derive(Debug)]
pub struct Verifier {
    pub(crate) arithmetic: Arithmetic,
    pub(crate) programs: [Program; 2],
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
    /// [`Error::Unsupported`] for circuits that zkml does not make; [`Error::TooLarge`].
    pub fn new(key: &CircuitKey<'_>) -> Result<Self, Error> {
        key.public.check()?;
        let protocol = Protocol::new(key)?;
        let mut arithmetic = arithmetic(key, &protocol)?;
        let programs = arithmetic.programs();
        let g2 = &key.s_g2;
        Ok(Verifier {
            arithmetic,
            programs,
            protocol,
            transcript: word(&key.halo2.transcript_repr()),
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
        self.programs.iter().map(|p| p.instructions.len()).sum()
    }

    /// The code of a key contract: an instruction that ends a call, then the words. The instruction tells apart what
    /// the two reusable verifiers read: STOP, or INVALID with a model commitment, whose fields stand elsewhere, too.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for more than a contract's code may have.
    pub fn key_code(&self) -> Result<Vec<u8>, Error> {
        let key = self.key(Form::Data)?;
        let mut code = vec![self.reusable().first_byte()];
        key.words.iter().for_each(|w| code.extend_from_slice(w));
        limit("key data", CODE_LIMIT, code.len(), "")?;
        Ok(code)
    }

    /// Code that deploys a key contract.
    ///
    /// # Errors
    /// Those of [`Verifier::key_code`].
    pub fn key_init_code(&self) -> Result<Vec<u8>, Error> {
        let code = self.key_code()?;
        let [high, low] = (code.len() as u16).to_be_bytes();
        // PUSH2 length, DUP1, PUSH1 12, PUSH1 0, CODECOPY, PUSH1 0, RETURN: the code that follows.
        let start = [0x61, high, low, 0x80, 0x60, 12, 0x60, 0, 0x39, 0x60, 0, 0xf3];
        Ok([&start[..], &code].concat())
    }

    /// The hash of a key contract's code, which consumers of the reusable verifier pin.
    ///
    /// # Errors
    /// Those of [`Verifier::key_code`].
    pub fn key_code_hash(&self) -> Result<[u8; 32], Error> {
        Ok(Keccak256::digest(self.key_code()?).into())
    }
}
