//! Canonical encodings: every value has one, and reading accepts no other.
//!
//! Numbers are little-endian and of fixed length; a block is its length (4 bytes) and its bytes.

use crate::{Error, Salt};
use zeroize::Zeroizing;

/// Puts fields one after the other. The buffer is erased when it is dropped.
#[derive(Default)]
pub(crate) struct Writer(Zeroizing<Vec<u8>>);

impl Writer {
    /// A writer with room for `capacity` bytes, so that no copies of secrets stay behind.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self(Zeroizing::new(Vec::with_capacity(capacity)))
    }

    pub(crate) fn u8(&mut self, x: u8) -> &mut Self {
        self.raw(&[x])
    }

    pub(crate) fn u32(&mut self, x: u32) -> &mut Self {
        self.raw(&x.to_le_bytes())
    }

    pub(crate) fn u64(&mut self, x: u64) -> &mut Self {
        self.raw(&x.to_le_bytes())
    }

    pub(crate) fn i64(&mut self, x: i64) -> &mut Self {
        self.raw(&x.to_le_bytes())
    }

    /// Bytes of a length that the reader knows.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// A length and as many bytes. Messages are far shorter than 4 GiB.
    pub(crate) fn block(&mut self, bytes: &[u8]) -> &mut Self {
        self.u32(bytes.len() as u32).raw(bytes)
    }

    /// Zeros up to a multiple of `unit` bytes.
    pub(crate) fn pad_to(&mut self, unit: usize) -> &mut Self {
        let len = self.0.len().next_multiple_of(unit);
        self.0.resize(len, 0);
        self
    }

    pub(crate) fn finish(self) -> Zeroizing<Vec<u8>> {
        self.0
    }
}

/// Takes fields off the front of a byte slice.
pub(crate) struct Reader<'a> {
    what: &'static str,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads `bytes`; `what` names them in errors.
    pub(crate) fn new(what: &'static str, bytes: &'a [u8]) -> Self {
        Self { what, rest: bytes }
    }

    pub(crate) fn malformed(&self, reason: impl ToString) -> Error {
        Error::malformed(self.what, reason)
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], Error> {
        let Some((head, tail)) = self.rest.split_at_checked(len) else {
            return Err(self.malformed(format!("expected {len} more bytes, found {}", self.rest.len())));
        };
        self.rest = tail;
        Ok(head)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Error> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Error> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(crate) fn i64(&mut self) -> Result<i64, Error> {
        Ok(i64::from_le_bytes(self.array()?))
    }

    pub(crate) fn block(&mut self) -> Result<&'a [u8], Error> {
        let len = self.u32()? as usize;
        self.take(len)
    }

    /// The end, after zeros that fill up to a multiple of `unit` bytes.
    pub(crate) fn finish_padded(self, total: usize, unit: usize) -> Result<(), Error> {
        if !total.is_multiple_of(unit) || self.rest.len() >= unit || self.rest.iter().any(|b| *b != 0) {
            return Err(self.malformed(format!(
                "expected zeros up to a multiple of {unit} bytes, found another end"
            )));
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<(), Error> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(self.malformed(format!("expected the end, found {} more bytes", self.rest.len())))
    }
}

/// Integer tensors: their number, then of each the number of elements and the elements.
pub(crate) fn put_tensors(out: &mut Writer, tensors: &[Vec<i64>]) {
    out.u32(tensors.len() as u32);
    for tensor in tensors {
        out.u32(tensor.len() as u32);
        for x in tensor {
            out.i64(*x);
        }
    }
}

/// Reads [`put_tensors`].
pub(crate) fn take_tensors(reader: &mut Reader<'_>) -> Result<Vec<Vec<i64>>, Error> {
    let count = reader.u32()? as usize;
    // Every tensor takes four bytes or more: a count beyond that is no reason to reserve memory.
    if count > reader.rest.len() / 4 {
        return Err(reader.malformed(format!("expected {count} tensors, found too few bytes")));
    }
    (0..count)
        .map(|_| {
            let len = reader.u32()? as usize;
            let bytes = reader.take(len.saturating_mul(8))?;
            let mut values = Reader::new(reader.what, bytes);
            (0..len).map(|_| values.i64()).collect()
        })
        .collect()
}

/// Salts: their number, then 32 bytes each.
pub(crate) fn put_salts(out: &mut Writer, salts: &[Salt]) {
    out.u32(salts.len() as u32);
    for salt in salts {
        out.raw(&Zeroizing::new(salt.to_bytes())[..]);
    }
}

/// Reads [`put_salts`].
pub(crate) fn take_salts(reader: &mut Reader<'_>) -> Result<Vec<Salt>, Error> {
    let count = reader.u32()? as usize;
    let bytes = reader.take(count.saturating_mul(32))?;
    let mut salts = Reader::new(reader.what, bytes);
    (0..count)
        .map(|_| {
            Salt::from_bytes(salts.array()?)
                .ok_or_else(|| salts.malformed("expected salts below the group order, found others"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(tensors: &[Vec<i64>]) -> Vec<u8> {
        let mut out = Writer::default();
        put_tensors(&mut out, tensors);
        out.pad_to(64);
        out.finish().to_vec()
    }

    fn decoded(bytes: &[u8]) -> Result<Vec<Vec<i64>>, Error> {
        let mut reader = Reader::new("test", bytes);
        let tensors = take_tensors(&mut reader)?;
        reader.finish_padded(bytes.len(), 64)?;
        Ok(tensors)
    }

    proptest! {
        #[test]
        fn tensors_come_back(tensors in prop::collection::vec(prop::collection::vec(any::<i64>(), 0..20), 0..5)) {
            prop_assert_eq!(decoded(&encoded(&tensors)).unwrap(), tensors);
        }

        #[test]
        fn no_bytes_panic_and_what_is_read_is_canonical(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(tensors) = decoded(&bytes) {
                prop_assert_eq!(encoded(&tensors), bytes);
            }
        }
    }

    #[test]
    fn hostile_lengths_allocate_nothing() {
        assert!(decoded(&u32::MAX.to_le_bytes()).is_err());
        let mut one = 1u32.to_le_bytes().to_vec();
        one.extend_from_slice(&u32::MAX.to_le_bytes());
        assert!(decoded(&one).is_err());
    }

    #[test]
    fn padding_is_zeros_of_the_least_length() {
        let good = encoded(&[vec![1]]);
        assert_eq!(good.len(), 64);
        let mut bad = good.clone();
        bad[63] = 1;
        assert!(decoded(&bad).is_err());
        assert!(decoded(&good[..63]).is_err());
        assert!(decoded(&[&good[..], &[0; 64]].concat()).is_err());
    }
}
