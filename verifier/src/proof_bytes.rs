//! The bytes of a proof, read to their end.

use std::io;

/// What is left of a proof. A transcript's reader takes words off its front, and nothing may be left at the end.
#[derive(Clone, Debug)]
pub struct ProofBytes<'a>(&'a [u8]);

impl<'a> ProofBytes<'a> {
    /// Starts at the first byte.
    pub fn new(proof: &'a [u8]) -> Self {
        Self(proof)
    }

    /// The next 32 bytes.
    ///
    /// # Errors
    /// If there are fewer.
    pub fn take(&mut self) -> io::Result<[u8; 32]> {
        let Some((head, tail)) = self.0.split_first_chunk() else {
            let found = self.0.len();
            return Err(invalid(format!("expected 32 more bytes of proof, found {found}")));
        };
        self.0 = tail;
        Ok(*head)
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// If there are bytes left.
    pub fn finish(self) -> io::Result<()> {
        match self.0.len() {
            0 => Ok(()),
            extra => Err(invalid(format!(
                "expected the end of the proof, found {extra} more bytes"
            ))),
        }
    }
}

/// The error of a proof that is not in its one encoding.
pub fn invalid(reason: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.into())
}
