//! The engine's proofs equal the upstream prover's, item by item.

use super::upstream::{Keys, Prepared};
use super::{asset_setup, names};
use crate::foundation::{LENET5, MLP};
use crate::report::{Figure, Item, Report};
use crate::workshop::Workshop;
use anyhow::{Result, ensure};
use halo2_proofs::plonk::ConstraintSystem;
use halo2curves::bn256::Fr;
use std::collections::BTreeSet;
use zkml_kernels::{Cpu, Isa};
use zkml_prover::CircuitWitness;
use zkml_testing::script::{Item as Written, Script};

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
            compare(&ours.items, &upstream.items, &free)?;
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

/// Positions of the random polynomial's commitment and evaluation and of the opening's points.
/// Circuits with halo2's own lookups have more that is not comparable; these have none.
fn thread_local(cs: &ConstraintSystem<Fr>, items: &[Written]) -> BTreeSet<usize> {
    let positions = |is: fn(&Written) -> bool| -> Vec<usize> {
        let found = items.iter().enumerate().filter(|(_, item)| is(item));
        found.map(|(position, _)| position).collect()
    };
    let points = positions(|item| matches!(item, Written::Point(_)));
    let scalars = positions(|item| matches!(item, Written::Scalar(_)));
    let products = cs.permutation().get_columns().len().div_ceil(cs.degree() - 2);
    let random = cs.num_advice_columns() + products;
    let queries = cs.advice_queries().len() + cs.fixed_queries().len();
    BTreeSet::from([
        points[random],
        points[points.len() - 2],
        points[points.len() - 1],
        scalars[queries],
    ])
}

fn compare(ours: &[Written], upstream: &[Written], free: &BTreeSet<usize>) -> Result<()> {
    ensure!(
        ours.len() == upstream.len(),
        "expected {} items, found {}",
        upstream.len(),
        ours.len()
    );
    for (position, (our, theirs)) in ours.iter().zip(upstream).enumerate() {
        ensure!(
            free.contains(&position) || our == theirs,
            "item {position} of {}: expected {theirs:?}, found {our:?}",
            upstream.len()
        );
    }
    Ok(())
}
