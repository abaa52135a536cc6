//! The engine's proofs equal the upstream prover's, item by item.

use super::upstream::{Keys, Prepared};
use super::{asset_setup, names};
use crate::foundation::{LENET5, MLP};
use crate::report::{Figure, Item, Report};
use crate::workshop::Workshop;
use anyhow::{Result, ensure};
use halo2curves::bn256::Fr;
use zkml_kernels::{Cpu, Isa};
use zkml_prover::CircuitWitness;
use zkml_testing::script::{Script, check_equal, thread_local};

const SEED: u64 = 5;
const THREADS: [usize; 2] = [1, 2];

/// Compares both models.
pub fn run(workshop: &mut Workshop, report: &mut Report) {
    for (name, file) in [LENET5, MLP] {
        let item = Item::new(
            format!("{name}: equal to the upstream proof"),
            "all but what halo2 draws from thread-local randomness; keys equal",
        );
        report.measure(item, || measure(workshop, file));
    }
}

fn measure(workshop: &mut Workshop, file: &str) -> Result<Figure> {
    let (setup, input) = asset_setup(workshop, file)?;
    let circuit = setup.model.halo2_circuit(&input)?;
    let instances = circuit.instances();
    let instances: Vec<&[Fr]> = instances.iter().map(Vec::as_slice).collect();
    let keys = Keys {
        params: setup.srs().params(),
        key: setup.proving_key.halo2()?,
        instances: &instances,
    };
    let upstream_key = halo2_proofs::plonk::keygen_pk2(keys.params, &circuit, false)?;
    let raw = halo2_proofs::SerdeFormat::RawBytes;
    ensure!(
        upstream_key.to_bytes(raw) == keys.key.to_bytes(raw),
        "expected the keys to equal the upstream ones"
    );
    let mut upstream = Script::new(SEED);
    keys.upstream_write(&circuit, SEED, &mut upstream)?;
    let free = thread_local(keys.key.get_vk().cs(), &upstream.items);
    let sets = Isa::available();
    for &isa in &sets {
        for threads in THREADS {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
            let ours = pool.install(|| -> Result<Script> {
                let prepared = Prepared::new(Cpu::with_isa(isa)?, &keys)?;
                let mut script = Script::new(SEED);
                prepared.write(&mut CircuitWitness::new(&circuit), &instances, SEED, &mut script)?;
                Ok(script)
            })?;
            check_equal(&ours.items, &upstream.items, &free).map_err(anyhow::Error::msg)?;
        }
    }
    Ok(Figure::new(
        true,
        format!(
            "{} of {} items compared; {}; {THREADS:?} threads",
            upstream.items.len() - free.len(),
            upstream.items.len(),
            names(&sets)
        ),
    ))
}
