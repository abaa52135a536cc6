//! Whole proofs beside the upstream prover.

use super::kernels::beside;
use super::upstream::{Keys, Prepared};
use super::{Bars, asset_setup, each_isa};
use crate::foundation::LENET5;
use crate::report::{Figure, Item, Report};
use crate::workshop::{Setup, Workshop};
use anyhow::Result;
use halo2_proofs::plonk::{ProvingKey, keygen_pk2};
use halo2curves::bn256::{Fr, G1Affine};
use std::convert::Infallible;
use zkml::advanced::engine_columns;
use zkml::{FloatTensor, Progress, Srs};
use zkml_kernels::{Cpu, Isa};
use zkml_prover::PhasedColumns;
use zkml_testing::lanes::Lanes;

const BARS: Bars = Bars {
    ifma: 5.0,
    portable: 1.5,
};

/// The synthetic circuit: rows and lanes.
const K: u32 = 16;
const LANES: usize = 32;

/// Measures LeNet-5 and the synthetic circuit.
pub fn run(workshop: &mut Workshop, report: &mut Report) {
    match asset_setup(workshop, LENET5.1) {
        Err(error) => report.measure(Item::new(LENET5.0, "a key"), || Err(error)),
        Ok((setup, input)) => {
            let name = format!("{}: whole proof", LENET5.0);
            each_isa(report, &name, BARS, |report, item, isa| {
                report.measure(item, || network(&setup, &input, isa));
            });
        }
    }
    let circuit = Lanes::new(K, LANES);
    let name = format!("k = {K} with {LANES} lanes: whole proof");
    match synthetic_key(&circuit) {
        Err(error) => report.measure(Item::new(name, "a key"), || Err(error)),
        Ok((srs, key)) => each_isa(report, &name, BARS, |report, item, isa| {
            report.measure(item, || synthetic(&circuit, &srs, &key, isa));
        }),
    }
}

fn network(setup: &Setup, input: &[FloatTensor], isa: Isa) -> Result<Figure> {
    let circuit = setup.model.halo2_circuit(input)?;
    let instances = circuit.instances();
    let instances: Vec<&[Fr]> = instances.iter().map(Vec::as_slice).collect();
    let keys = Keys {
        params: setup.srs().params(),
        key: setup.proving_key.halo2()?,
        instances: &instances,
    };
    let prepared = Prepared::new(Cpu::with_isa(isa)?, &keys)?;
    let engine = |seed| {
        let columns =
            |phase: usize, challenges: &[Option<Fr>]| circuit.columns(phase, challenges).map(engine_columns);
        prepared.proof(&mut PhasedColumns::new(columns), &instances, seed)
    };
    keys.check(&engine(1)?)?;
    beside(
        BARS.of(isa),
        || keys.upstream_proof(&circuit, 2).map(drop),
        || engine(2).map(drop),
    )
}

fn synthetic_key(circuit: &Lanes) -> Result<(Srs, ProvingKey<G1Affine>)> {
    let srs = Srs::development(K, &Progress::none())?;
    let key = keygen_pk2(srs.params(), circuit, false)?;
    Ok((srs, key))
}

fn synthetic(circuit: &Lanes, srs: &Srs, key: &ProvingKey<G1Affine>, isa: Isa) -> Result<Figure> {
    let keys = Keys {
        params: srs.params(),
        key,
        instances: &[],
    };
    let prepared = Prepared::new(Cpu::with_isa(isa)?, &keys)?;
    let engine = |seed| {
        let columns = |phase: usize, challenges: &[Option<Fr>]| {
            Ok::<_, Infallible>(circuit.columns(phase, challenges.first().copied().flatten()))
        };
        prepared.proof(&mut PhasedColumns::new(columns), &[], seed)
    };
    keys.check(&engine(1)?)?;
    beside(
        BARS.of(isa),
        || keys.upstream_proof(circuit, 2).map(drop),
        || engine(2).map(drop),
    )
}
