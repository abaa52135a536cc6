//! The file of a circuit.
//!
//! The payload: digest of the model (32 bytes), lanes and fold (2 bytes each, little-endian), the transcript of proofs
//! (1), then blocks of postcard: graph, circuit options, parameters (none unless everyone sees them).

use super::{Circuit, malformed};
use crate::artifact::{Reader, artifact_file, decode, encode, put_block};
use crate::transcript::TranscriptKind;
use crate::{Digest, Error};

const WHAT: &str = "this circuit";

artifact_file! {
    /// Reads what [`Self::to_bytes`] made. The graph and its parameters are checked, and that laying it out takes
    /// bounded time and memory; whether it is the circuit of a key is for [`Circuit::check_key`].
    ///
    /// # Errors
    /// Those of a container; [`Error::Malformed`], [`Error::Model`], [`Error::Circuit`] for content that no compilation
    /// makes.
    Circuit
}

impl Circuit {
    pub(super) fn payload(&self) -> Result<Vec<u8>, Error> {
        let mut out = self.model_digest.as_bytes().to_vec();
        let (lanes, fold) = self.layout;
        out.extend(lanes.to_le_bytes());
        out.extend(fold.to_le_bytes());
        out.push(self.transcript as u8);
        put_block(&mut out, &encode(WHAT, &self.graph)?);
        put_block(&mut out, &encode(WHAT, &self.options)?);
        put_block(&mut out, &encode(WHAT, &self.params)?);
        Ok(out)
    }

    fn parse(payload: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(WHAT, payload);
        let model_digest = reader.array()?.into();
        let layout = (
            u16::from_le_bytes(reader.array()?),
            u16::from_le_bytes(reader.array()?),
        );
        let kind = reader.u8()?;
        let transcript = TranscriptKind::from_byte(kind)
            .ok_or_else(|| malformed(format!("expected the transcript kind 1 or 2, found {kind}")))?;
        let graph = decode(WHAT, reader.block()?)?;
        let options = decode(WHAT, reader.block()?)?;
        let params = decode(WHAT, reader.block()?)?;
        reader.finish()?;
        Self {
            graph,
            options,
            layout,
            transcript,
            params,
            model_digest,
            digest: Digest::from([0; 32]),
        }
        .checked()
    }
}
