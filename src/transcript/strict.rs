//! The strict transcript reader.

use blake2b_simd::{Params as Blake2bParams, State};
use ff::PrimeField;
use group::GroupEncoding;
use group::prime::PrimeCurveAffine;
use halo2_proofs::transcript::{Challenge255, EncodedChallenge, Transcript, TranscriptRead};
use halo2curves::bn256::{Fr, G1Affine};
use std::io;
use zkml_verifier::{ProofBytes, invalid};

/// Domain separation bytes and personalisation of halo2's Blake2b transcript.
const PERSONAL: &[u8] = b"Halo2-Transcript";
const PREFIX_CHALLENGE: u8 = 0;
const PREFIX_POINT: u8 = 1;
const PREFIX_SCALAR: u8 = 2;

/// Reads a proof and accepts only its canonical encoding.
///
/// The upstream reader ignores a flag bit of compressed points, so that a proof has several
/// encodings. This one encodes every point again and compares the bytes, rejects the point at
/// infinity and scalars not below the group order, and [`StrictRead::finish`] wants the end of
/// the proof. Challenges are those of halo2's `Blake2bWrite`.
#[derive(Clone, Debug)]
pub struct StrictRead<'a> {
    state: State,
    rest: ProofBytes<'a>,
}

impl<'a> StrictRead<'a> {
    /// Starts reading a proof.
    pub fn new(proof: &'a [u8]) -> Self {
        Self {
            state: Blake2bParams::new().hash_length(64).personal(PERSONAL).to_state(),
            rest: ProofBytes::new(proof),
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// If bytes are left.
    pub fn finish(self) -> io::Result<()> {
        self.rest.finish()
    }
}

impl Transcript<G1Affine, Challenge255<G1Affine>> for StrictRead<'_> {
    fn squeeze_challenge(&mut self) -> Challenge255<G1Affine> {
        self.state.update(&[PREFIX_CHALLENGE]);
        Challenge255::new(self.state.finalize().as_array())
    }

    fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
        // The curve gives infinity coordinates, (0, 0), and so the upstream transcript takes it.
        if bool::from(point.is_identity()) {
            return Err(invalid("the point at infinity has no place in a proof"));
        }
        self.state.update(&[PREFIX_POINT]);
        self.state.update(point.x.to_repr().as_ref());
        self.state.update(point.y.to_repr().as_ref());
        Ok(())
    }

    fn common_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.state.update(&[PREFIX_SCALAR]);
        self.state.update(scalar.to_repr().as_ref());
        Ok(())
    }
}

impl TranscriptRead<G1Affine, Challenge255<G1Affine>> for StrictRead<'_> {
    fn read_point(&mut self) -> io::Result<G1Affine> {
        let bytes = self.rest.take()?;
        let mut repr = <G1Affine as GroupEncoding>::Repr::default();
        repr.as_mut().copy_from_slice(&bytes);
        let point = Option::<G1Affine>::from(G1Affine::from_bytes(&repr))
            .ok_or_else(|| invalid("32 bytes of the proof are no point of the curve"))?;
        if point.to_bytes().as_ref() != bytes {
            return Err(invalid("a point of the proof is not in its canonical encoding"));
        }
        self.common_point(point)?;
        Ok(point)
    }

    fn read_scalar(&mut self) -> io::Result<Fr> {
        let scalar = Option::<Fr>::from(Fr::from_repr(self.rest.take()?))
            .ok_or_else(|| invalid("a scalar of the proof is not below the group order"))?;
        self.common_scalar(scalar)?;
        Ok(scalar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ff::Field;
    use halo2_proofs::transcript::{Blake2bWrite, TranscriptWrite, TranscriptWriterBuffer};
    use halo2curves::bn256::G1;
    use rand_core::OsRng;

    fn point() -> G1Affine {
        (G1::generator() * Fr::random(OsRng)).into()
    }

    fn encoded(point: &G1Affine) -> Vec<u8> {
        point.to_bytes().as_ref().to_vec()
    }

    #[test]
    fn challenges_equal_those_of_the_writer() {
        let mut writer = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(Vec::new());
        let (p, s) = (point(), Fr::random(OsRng));
        writer.common_scalar(Fr::from(3)).unwrap();
        writer.common_point(p).unwrap();
        writer.write_point(p).unwrap();
        let first = *writer.squeeze_challenge();
        writer.write_scalar(s).unwrap();
        let second = *writer.squeeze_challenge();
        let proof = writer.finalize();

        let mut reader = StrictRead::new(&proof);
        reader.common_scalar(Fr::from(3)).unwrap();
        reader.common_point(p).unwrap();
        assert_eq!(reader.read_point().unwrap(), p);
        assert_eq!(*reader.squeeze_challenge(), first);
        assert_eq!(reader.read_scalar().unwrap(), s);
        assert_eq!(*reader.squeeze_challenge(), second);
        reader.finish().unwrap();
    }

    #[test]
    fn no_bit_of_a_point_can_change_without_changing_the_point() {
        for _ in 0..8 {
            let p = point();
            let good = encoded(&p);
            for bit in 0..256 {
                let mut bad = good.clone();
                bad[bit / 8] ^= 1 << (bit % 8);
                if let Ok(other) = StrictRead::new(&bad).read_point() {
                    assert_ne!(other, p, "bit {bit}");
                    assert_eq!(encoded(&other), bad, "bit {bit}");
                }
            }
            // The bit that the upstream reader ignores.
            let mut flagged = good.clone();
            flagged[31] ^= 0x80;
            assert!(StrictRead::new(&flagged).read_point().is_err());
        }
    }

    #[test]
    fn infinity_and_large_scalars_are_rejected() {
        let infinity = encoded(&G1Affine::identity());
        assert!(StrictRead::new(&infinity).read_point().is_err());
        assert!(StrictRead::new(&[0; 32]).read_point().is_err());
        assert!(StrictRead::new(&[0xff; 32]).read_point().is_err());
        assert!(StrictRead::new(&[]).common_point(G1Affine::identity()).is_err());

        let largest = (-Fr::ONE).to_repr();
        assert_eq!(StrictRead::new(largest.as_ref()).read_scalar().unwrap(), -Fr::ONE);
        let mut order = largest;
        order.as_mut()[0] += 1;
        assert!(StrictRead::new(order.as_ref()).read_scalar().is_err());
    }

    #[test]
    fn the_end_is_where_it_should_be() {
        let p = encoded(&point());
        assert!(StrictRead::new(&p[..31]).read_point().is_err());
        assert!(StrictRead::new(&p[..31]).read_scalar().is_err());
        let longer = [&p[..], &[0]].concat();
        let mut reader = StrictRead::new(&longer);
        reader.read_point().unwrap();
        assert!(reader.finish().is_err());
    }
}
