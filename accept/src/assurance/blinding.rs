//! What it costs to blind the pieces of the quotient.

use crate::engine::asset_setup;
use crate::engine::upstream::{Keys, Prepared};
use crate::foundation::LENET5;
use crate::report::{Figure, Item, Report};
use crate::workshop::{Workshop, turns};
use anyhow::{Context, Result, ensure};
use halo2curves::bn256::Fr;
use zkml::advanced::engine_columns;
use zkml_kernels::{Cpu, Isa};
use zkml_prover::PhasedColumns;

/// Turns of two proofs each.
const RUNS: usize = 31;
const BAR: f64 = 1.03;

/// Measures LeNet-5.
pub fn run(workshop: &mut Workshop, report: &mut Report) {
    let item = Item::new(
        format!("{}: proof with blinded pieces", LENET5.0),
        format!("at most {BAR} of the time without"),
    );
    report.measure(item, || measure(workshop));
}

fn measure(workshop: &mut Workshop) -> Result<Figure> {
    let (setup, input) = asset_setup(workshop, LENET5.1)?;
    let circuit = setup.model.halo2_circuit(&input)?;
    let instances = circuit.instances();
    let instances: Vec<&[Fr]> = instances.iter().map(Vec::as_slice).collect();
    let keys = Keys {
        params: setup.srs().params(),
        key: setup.proving_key.halo2()?,
        instances: &instances,
    };
    let next = setup.srs().next_power().context("the SRS has no next power")?;
    let prepare = |next| Prepared::with_next(Cpu::with_isa(Isa::detect())?, &keys, next);
    let (plain, blinded) = (prepare(None)?, prepare(Some(next))?);
    let prove = |prepared: &Prepared| {
        let columns =
            |phase: usize, challenges: &[Option<Fr>]| circuit.columns(phase, challenges).map(engine_columns);
        prepared.proof(&mut PhasedColumns::new(columns), &instances, 1)
    };
    let proofs = [prove(&plain)?, prove(&blinded)?];
    for proof in &proofs {
        keys.check(proof)?;
    }
    ensure!(proofs[0] != proofs[1], "expected blinds to change the proof");
    let turns = turns(RUNS, || prove(&plain), || prove(&blinded))?;
    let [plain, blinded] = turns.medians.map(|time| time.as_secs_f64());
    Ok(Figure::new(
        turns.ratio <= BAR,
        format!(
            "{:.3} ({blinded:.3} s and {plain:.3} s, {RUNS} turns)",
            turns.ratio
        ),
    ))
}
