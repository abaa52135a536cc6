//! Changes of the points of a proof.

use super::layout::plus_modulus;
use super::{Changes, Context, Statement, below, two_below};
use crate::words::word;
use ff::Field;
use group::{Curve, Group};
use halo2curves::bn256::{Fq, Fr, G1, G1Affine};
use rand_core::RngCore;
use zkml::TranscriptKind;

pub(super) const CHANGES: Changes = &[
    ("two points swapped", |s, c, rng| {
        let (i, j) = two_below(rng, c.layout.points.len())?;
        let (a, b) = (s.point(c, i)?, s.point(c, j)?);
        s.put(c, i, b)?;
        s.put(c, j, a)
    }),
    ("a point repeated", |s, c, rng| {
        let (i, j) = two_below(rng, c.layout.points.len())?;
        let point = s.point(c, j)?;
        s.put(c, i, point)
    }),
    ("a point negated", |s, c, rng| s.map_point(c, rng, |p| -p)),
    ("a point doubled", |s, c, rng| s.map_point(c, rng, |p| p.double())),
    ("the generator added to a point", |s, c, rng| {
        s.map_point(c, rng, |p| p + G1::generator())
    }),
    ("another point of the curve", |s, c, rng| {
        let scalar = Fr::random(&mut *rng);
        s.map_point(c, rng, |_| G1::generator() * scalar)
    }),
    ("the generator as a point", |s, c, rng| {
        s.map_point(c, rng, |_| G1::generator())
    }),
    ("a point of the key", |s, c, rng| {
        let point = c.key_points.get(below(rng, c.key_points.len())?)?;
        s.map_point(c, rng, |_| (*point).into())
    }),
    ("a point of another proof", |s, c, rng| {
        let i = below(rng, c.layout.points.len())?;
        let point = c.other.point(c, i)?;
        s.put(c, i, point)
    }),
    ("all points before the openings of another proof", |s, c, _| {
        let last = c.layout.points.len().checked_sub(2)?;
        (0..last).try_for_each(|i| {
            let point = c.other.point(c, i)?;
            s.put(c, i, point)
        })
    }),
    ("both openings of another proof", |s, c, _| {
        let count = c.layout.points.len();
        (count.checked_sub(2)?..count).try_for_each(|i| {
            let point = c.other.point(c, i)?;
            s.put(c, i, point)
        })
    }),
    ("the last opening shifted", |s, c, rng| {
        let last = c.layout.points.len().checked_sub(1)?;
        let shifted = (G1::generator() * Fr::random(rng) + s.point(c, last)?).to_affine();
        s.put(c, last, shifted)
    }),
    ("two points shifted by opposites", |s, c, rng| {
        let shift = G1::generator() * Fr::random(&mut *rng);
        let (i, j) = two_below(rng, c.layout.points.len())?;
        let (a, b) = (s.point(c, i)? + shift, s.point(c, j)? - shift);
        s.put(c, i, a.to_affine())?;
        s.put(c, j, b.to_affine())
    }),
    ("a point at infinity", |s, c, rng| {
        let at = *c.layout.points.get(below(rng, c.layout.points.len())?)?;
        let bytes = s.proof.get_mut(at..at + c.layout.point_len())?;
        bytes.fill(0);
        // With the flag that halo2 writes, or without it.
        if c.layout.transcript == TranscriptKind::Blake2b && rng.next_u32() & 1 == 0 {
            *bytes.last_mut()? = 0x80;
        }
        Some(())
    }),
    ("a point off the curve", |s, c, rng| {
        let at = *c.layout.points.get(below(rng, c.layout.points.len())?)?;
        // No y belongs to such an x, which about half of all numbers are.
        let x = (0..64).map(|_| Fq::random(&mut *rng)).find(|x| {
            let square: Option<Fq> = (x.square() * x + Fq::from(3)).sqrt().into();
            square.is_none()
        })?;
        match c.layout.transcript {
            TranscriptKind::Blake2b => c.layout.put_bytes(&mut s.proof, at, word(&x)),
            TranscriptKind::Evm => {
                c.layout.put_bytes(&mut s.proof, at, word(&x))?;
                c.layout.put_bytes(&mut s.proof, at + 32, word(&Fq::ONE))
            }
        }
    }),
    ("the modulus added to a coordinate", |s, c, rng| {
        // Not all sums fit, and the bits above a compressed x are flags.
        let (layout, start) = (&c.layout, below(rng, c.layout.points.len())?);
        let mut points = (0..layout.points.len()).map(|i| layout.points[(start + i) % layout.points.len()]);
        points.find_map(|at| {
            let bytes = layout.scalar_bytes(&s.proof, at)?;
            let flags = match layout.transcript {
                TranscriptKind::Blake2b => bytes[0] & 0xc0,
                TranscriptKind::Evm => 0,
            };
            let mut plain = bytes;
            plain[0] ^= flags;
            let mut sum = plus_modulus::<Fq>(plain)?;
            if layout.transcript == TranscriptKind::Blake2b {
                if sum[0] & 0xc0 != 0 {
                    return None;
                }
                sum[0] |= flags;
            }
            layout.put_bytes(&mut s.proof, at, sum)
        })
    }),
    ("the highest bit of a point flipped", |s, c, rng| {
        let at = *c.layout.points.get(below(rng, c.layout.points.len())?)?;
        let high = match c.layout.transcript {
            TranscriptKind::Blake2b => at + 31,
            TranscriptKind::Evm => at,
        };
        *s.proof.get_mut(high)? ^= 0x80;
        Some(())
    }),
];

impl Statement {
    /// Point number `i` of the proof.
    fn point(&self, c: &Context, i: usize) -> Option<G1Affine> {
        c.layout.point(&self.proof, *c.layout.points.get(i)?)
    }

    /// Puts a point in the place of number `i`; not infinity, which has changes of its own.
    fn put(&mut self, c: &Context, i: usize, point: G1Affine) -> Option<()> {
        if bool::from(G1::from(point).is_identity()) {
            return None;
        }
        c.layout
            .put_point(&mut self.proof, *c.layout.points.get(i)?, &point)
    }

    /// Changes one point.
    fn map_point(&mut self, c: &Context, rng: &mut dyn RngCore, change: impl FnOnce(G1) -> G1) -> Option<()> {
        let i = below(rng, c.layout.points.len())?;
        let point = change(self.point(c, i)?.into());
        self.put(c, i, point.to_affine())
    }
}
