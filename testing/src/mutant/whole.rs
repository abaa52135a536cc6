//! Changes of public values, of the bytes of a proof, of what it says that it is for, and of what it is linked to.

use super::layout::{number, plus_modulus};
use super::{Changes, Statement, below, two_below};
use crate::words::word;
use ff::Field;
use group::Curve;
use halo2curves::bn256::{Fr, G1};
use rand_core::RngCore;

pub(super) const CHANGES: Changes = &[
    ("1 added to a public value", |s, _, rng| {
        s.map_value(rng, |x| x + Fr::ONE)
    }),
    ("a public value negated", |s, _, rng| s.map_value(rng, |x| -x)),
    ("a public value of 64 bits", |s, _, rng| {
        s.map_value(rng, |x| x + Fr::from(1 << 63))
    }),
    ("another public value", |s, _, rng| {
        let other = Fr::random(&mut *rng);
        s.map_value(rng, |_| other)
    }),
    ("the last public value changed", |s, _, _| {
        let last = s.values.last_mut()?;
        *last = word(&(number::<Fr>(last)? + Fr::ONE));
        Some(())
    }),
    ("two public values swapped", |s, _, rng| {
        let (i, j) = two_below(rng, s.values.len())?;
        s.values.swap(i, j);
        Some(())
    }),
    ("public values rotated", |s, _, rng| {
        let by = below(rng, s.values.len())?;
        s.values.rotate_left(by);
        Some(())
    }),
    ("public values of another proof", |s, c, _| {
        s.values.clone_from(&c.other.values);
        Some(())
    }),
    ("the group order added to a public value", |s, _, rng| {
        let i = below(rng, s.values.len())?;
        s.values[i] = plus_modulus::<Fr>(s.values[i])?;
        Some(())
    }),
    ("a public value missing", |s, _, _| s.values.pop().map(|_| ())),
    ("a public value too many", |s, _, _| {
        s.values.push([0; 32]);
        Some(())
    }),
    ("a bit of the proof flipped", |s, _, rng| {
        let bit = below(rng, 8 * s.proof.len())?;
        s.proof[bit / 8] ^= 1 << (bit % 8);
        Some(())
    }),
    ("the proof truncated", |s, _, rng| {
        let len = below(rng, s.proof.len())?;
        s.proof.truncate(len);
        Some(())
    }),
    ("the proof truncated by a word", |s, _, _| {
        let len = s.proof.len().checked_sub(32)?;
        s.proof.truncate(len);
        Some(())
    }),
    ("no proof", |s, _, _| {
        s.proof.clear();
        Some(())
    }),
    ("bytes after the proof", |s, _, rng| {
        let extra = 1 + below(rng, 64)?;
        s.proof.extend(vec![0; extra]);
        Some(())
    }),
    ("the proof twice", |s, _, _| {
        s.proof.extend_from_within(..);
        Some(())
    }),
    ("a word moved to the end", |s, _, rng| {
        let at = 32 * below(rng, s.proof.len() / 32)?;
        s.proof.get_mut(at..)?.rotate_left(32);
        Some(())
    }),
    ("another proof with these public values", |s, c, _| {
        // A proof of the same values is valid with them.
        (s.values != c.other.values).then(|| s.proof.clone_from(&c.other.proof))
    }),
    ("another model's digest", |s, _, rng| {
        s.model_digest[below(rng, 32)?] ^= 1;
        Some(())
    }),
    ("another key's digest", |s, _, rng| {
        s.key_digest[below(rng, 32)?] ^= 1;
        Some(())
    }),
    ("the other transcript", |s, _, _| {
        s.transcript = 3 - s.transcript;
        Some(())
    }),
    ("an unknown transcript", |s, _, _| {
        s.transcript = 7;
        Some(())
    }),
    ("another manifest", |s, _, rng| {
        let mut bytes = *s.manifest?.as_bytes();
        bytes[below(rng, 32)?] ^= 0x10;
        s.manifest = Some(bytes.into());
        Some(())
    }),
    ("no commitment", |s, _, _| s.commitment.take().map(|_| ())),
    ("a point of the commitment negated", |s, _, rng| {
        let mut points = s.commitment_points()?;
        let i = below(rng, points.len())?;
        points[i] = -points[i];
        s.set_commitment_points(&points)
    }),
    ("two points of the commitment swapped", |s, _, rng| {
        let mut points = s.commitment_points()?;
        let (i, j) = two_below(rng, points.len())?;
        points.swap(i, j);
        s.set_commitment_points(&points)
    }),
    (
        "two points of the commitment shifted by opposites",
        |s, _, rng| {
            let mut points = s.commitment_points()?;
            let (i, j) = two_below(rng, points.len())?;
            let shift = G1::generator() * Fr::random(rng);
            points[i] = (shift + points[i]).to_affine();
            points[j] = (-shift + points[j]).to_affine();
            s.set_commitment_points(&points)
        },
    ),
    ("a point of the commitment missing", |s, _, _| {
        let mut points = s.commitment_points()?;
        points.pop();
        s.set_commitment_points(&points)
    }),
];

impl Statement {
    /// Changes one public value.
    fn map_value(&mut self, rng: &mut dyn RngCore, change: impl FnOnce(Fr) -> Fr) -> Option<()> {
        let i = below(rng, self.values.len())?;
        self.values[i] = word(&change(number(&self.values[i])?));
        Some(())
    }
}
