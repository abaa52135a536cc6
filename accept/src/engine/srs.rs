//! Making an SRS beside halo2-axiom.

use super::kernels::beside;
use super::{Bars, each_isa};
use crate::report::{Figure, Report};
use anyhow::Result;
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::hint::black_box;
use zkml::{Progress, Srs};
use zkml_kernels::{Isa, srs};

const K: u32 = 16;
const BARS: Bars = Bars {
    ifma: 40.0,
    portable: 1.5,
};

/// Measures each instruction set.
pub fn run(report: &mut Report) {
    each_isa(report, &format!("SRS of k = {K}"), BARS, |report, item, isa| {
        report.measure(item, || measure(isa));
    });
}

/// Both make both bases and the secret in G2.
fn measure(isa: Isa) -> Result<Figure> {
    let upstream = || {
        black_box(ParamsKZG::<Bn256>::setup(K, ChaCha20Rng::seed_from_u64(2)));
        Ok(())
    };
    beside(BARS.of(isa), upstream, || match isa == Isa::detect() {
        true => product(),
        false => kernels(isa),
    })
}

/// What `zkml srs new` runs: the fastest instruction set of this machine.
fn product() -> Result<()> {
    black_box(Srs::development(K, &Progress::none())?);
    Ok(())
}

/// The kernels that the product calls, with an instruction set that it does not choose here.
fn kernels(isa: Isa) -> Result<()> {
    let base = srs::FixedBase::new(G1Affine::generator(), 2 << K, isa)?;
    let secret = Fr::from(0x1234_5678_9abc_def1);
    let progress = |_| Ok::<_, zkml_kernels::Error>(());
    black_box(srs::powers(&base, secret, K, progress)?);
    black_box(srs::lagrange_from_secret(&base, secret, K, progress)?);
    Ok(())
}
