//! Changes of the scalars of a proof.

use super::layout::plus_modulus;
use super::{Changes, Context, Statement, below, two_below};
use crate::words::word;
use ff::{Field, PrimeField};
use halo2curves::bn256::Fr;
use rand_core::RngCore;

pub(super) const CHANGES: Changes = &[
    ("1 added to a scalar", |s, c, rng| {
        s.map_scalar(c, rng, |x| x + Fr::ONE)
    }),
    ("1 subtracted from a scalar", |s, c, rng| {
        s.map_scalar(c, rng, |x| x - Fr::ONE)
    }),
    ("a scalar negated", |s, c, rng| s.map_scalar(c, rng, |x| -x)),
    ("a scalar doubled", |s, c, rng| {
        s.map_scalar(c, rng, |x| x.double())
    }),
    ("a scalar that is 0", |s, c, rng| {
        s.map_scalar(c, rng, |_| Fr::ZERO)
    }),
    ("a scalar that is 1", |s, c, rng| {
        s.map_scalar(c, rng, |_| Fr::ONE)
    }),
    ("a scalar times a root of unity", |s, c, rng| {
        s.map_scalar(c, rng, |x| x * Fr::ROOT_OF_UNITY)
    }),
    ("another scalar", |s, c, rng| {
        let other = Fr::random(&mut *rng);
        s.map_scalar(c, rng, |_| other)
    }),
    ("the first scalar changed", |s, c, _| {
        // The value of a link, where there is one.
        let at = *c.layout.scalars.first()?;
        let value = c.layout.scalar(&s.proof, at)? + Fr::ONE;
        c.layout.put_bytes(&mut s.proof, at, word(&value))
    }),
    ("two scalars swapped", |s, c, rng| {
        let (i, j) = two_below(rng, c.layout.scalars.len())?;
        let (i, j) = (c.layout.scalars[i], c.layout.scalars[j]);
        let (a, b) = (
            c.layout.scalar_bytes(&s.proof, i)?,
            c.layout.scalar_bytes(&s.proof, j)?,
        );
        c.layout.put_bytes(&mut s.proof, i, b)?;
        c.layout.put_bytes(&mut s.proof, j, a)
    }),
    ("two scalars shifted by opposites", |s, c, rng| {
        let shift = Fr::random(&mut *rng);
        let (i, j) = two_below(rng, c.layout.scalars.len())?;
        for (i, by) in [(i, shift), (j, -shift)] {
            let at = c.layout.scalars[i];
            let value = c.layout.scalar(&s.proof, at)? + by;
            c.layout.put_bytes(&mut s.proof, at, word(&value))?;
        }
        Some(())
    }),
    ("a scalar of another proof", |s, c, rng| {
        let at = *c.layout.scalars.get(below(rng, c.layout.scalars.len())?)?;
        let bytes = c.layout.scalar_bytes(&c.other.proof, at)?;
        c.layout.put_bytes(&mut s.proof, at, bytes)
    }),
    ("the group order added to a scalar", |s, c, rng| {
        let at = *c.layout.scalars.get(below(rng, c.layout.scalars.len())?)?;
        let sum = plus_modulus::<Fr>(c.layout.scalar_bytes(&s.proof, at)?)?;
        c.layout.put_bytes(&mut s.proof, at, sum)
    }),
    ("a scalar that is the group order", |s, c, rng| {
        let at = *c.layout.scalars.get(below(rng, c.layout.scalars.len())?)?;
        c.layout.put_bytes(&mut s.proof, at, plus_modulus::<Fr>([0; 32])?)
    }),
    ("the largest number as a scalar", |s, c, rng| {
        let at = *c.layout.scalars.get(below(rng, c.layout.scalars.len())?)?;
        c.layout.put_bytes(&mut s.proof, at, [0xff; 32])
    }),
];

impl Statement {
    /// Changes one scalar.
    fn map_scalar(
        &mut self,
        c: &Context,
        rng: &mut dyn RngCore,
        change: impl FnOnce(Fr) -> Fr,
    ) -> Option<()> {
        let at = *c.layout.scalars.get(below(rng, c.layout.scalars.len())?)?;
        let value = change(c.layout.scalar(&self.proof, at)?);
        c.layout.put_bytes(&mut self.proof, at, word(&value))
    }
}
