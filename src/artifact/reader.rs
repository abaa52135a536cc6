//! Reading payloads without trusting a length in them.

use crate::Error;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Takes fields off the front of a byte slice.
pub(crate) struct Reader<'a> {
    what: &'a str,
    all: usize,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads `bytes`; `what` names them in errors.
    pub(crate) fn new(what: &'a str, bytes: &'a [u8]) -> Self {
        Self {
            what,
            all: bytes.len(),
            rest: bytes,
        }
    }

    /// The next `len` bytes.
    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], Error> {
        let Some((head, tail)) = self.rest.split_at_checked(len) else {
            let at = (self.all - self.rest.len()) as u64;
            return Err(Error::Truncated {
                what: self.what.to_owned(),
                expected: at.saturating_add(len as u64),
                found: self.all as u64,
            });
        };
        self.rest = tail;
        Ok(head)
    }

    /// The next `N` bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    /// The next byte.
    pub(crate) fn u8(&mut self) -> Result<u8, Error> {
        self.array().map(|[b]| b)
    }

    /// The next four bytes, little-endian.
    pub(crate) fn u32(&mut self) -> Result<u32, Error> {
        self.array().map(u32::from_le_bytes)
    }

    /// The next eight bytes, little-endian.
    pub(crate) fn u64(&mut self) -> Result<u64, Error> {
        self.array().map(u64::from_le_bytes)
    }

    /// A block that [`put_block`] wrote.
    pub(crate) fn block(&mut self) -> Result<&'a [u8], Error> {
        let len = self.u64()?;
        // A length beyond `usize` is beyond the slice as well.
        self.take(usize::try_from(len).unwrap_or(usize::MAX))
    }

    /// Ends the reading.
    pub(crate) fn finish(self) -> Result<(), Error> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(Error::TrailingBytes {
            what: self.what.to_owned(),
            expected: (self.all - self.rest.len()) as u64,
            found: self.all as u64,
        })
    }
}

/// Appends a length and the bytes.
pub(crate) fn put_block(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    out.extend_from_slice(bytes);
}

/// The canonical postcard encoding of a value.
pub(crate) fn encode<T: Serialize>(what: &str, value: &T) -> Result<Vec<u8>, Error> {
    postcard::to_stdvec(value).map_err(|e| Error::malformed(what, format!("it cannot be encoded: {e}")))
}

/// Decodes what [`encode`] wrote, all of it and nothing else.
///
/// serde caps what a length may allocate ahead of the data, and no type that is decoded here
/// nests, so memory stays within a small multiple of `bytes`.
pub(crate) fn decode<T: DeserializeOwned + Serialize>(what: &str, bytes: &[u8]) -> Result<T, Error> {
    let malformed = |reason: String| Error::malformed(what, reason);
    let (value, rest) =
        postcard::take_from_bytes::<T>(bytes).map_err(|e| malformed(format!("it cannot be decoded: {e}")))?;
    if !rest.is_empty() {
        return Err(malformed(format!(
            "expected the end, found {} more bytes",
            rest.len()
        )));
    }
    // postcard accepts more than one encoding of a number; a digest is over the canonical one.
    if encode(what, &value)? != bytes {
        return Err(malformed(
            "expected the canonical encoding, found another one".to_owned(),
        ));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_in_order_and_the_end_is_checked() {
        let mut bytes = vec![7, 1, 0, 0, 0];
        put_block(&mut bytes, b"xyz");
        let mut reader = Reader::new("thing", &bytes);
        assert_eq!(reader.u8().unwrap(), 7);
        assert_eq!(reader.u32().unwrap(), 1);
        assert_eq!(reader.block().unwrap(), b"xyz");
        assert!(matches!(
            reader.u8(),
            Err(Error::Truncated {
                expected: 17,
                found: 16,
                ..
            })
        ));
        reader.finish().unwrap();
        assert!(matches!(
            Reader::new("thing", &bytes).finish(),
            Err(Error::TrailingBytes { .. })
        ));
    }

    #[test]
    fn a_length_beyond_the_data_is_truncation() {
        let bytes = u64::MAX.to_le_bytes();
        assert!(matches!(
            Reader::new("thing", &bytes).block(),
            Err(Error::Truncated { .. })
        ));
    }

    #[test]
    fn decoding_wants_the_canonical_encoding_and_the_end() {
        let value = (5u32, vec!["a".to_owned()]);
        let bytes = encode("pair", &value).unwrap();
        assert_eq!(decode::<(u32, Vec<String>)>("pair", &bytes).unwrap(), value);
        let longer = [&bytes[..], &[0]].concat();
        assert!(matches!(
            decode::<(u32, Vec<String>)>("pair", &longer),
            Err(Error::Malformed { .. })
        ));
        // 5 as the two-byte number 0x85 0x00.
        let padded = [&[0x85, 0x00], &bytes[1..]].concat();
        assert!(matches!(
            decode::<(u32, Vec<String>)>("pair", &padded),
            Err(Error::Malformed { .. })
        ));
    }

    #[test]
    fn a_huge_stated_length_allocates_nothing() {
        let bytes = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert!(decode::<Vec<u64>>("numbers", &bytes).is_err());
    }
}
