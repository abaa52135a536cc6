//! Models that cannot refuse: every small model of a function that is defined everywhere has an output for every input, and
//! its circuit holds for it.

use ndarray::ArrayD;
use std::path::{Path, PathBuf};
use zkml::{CompileOptions, FloatTensor, ImportOptions, Model, Progress};

fn models() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models");
    let mut models: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().join("network.onnx"))
        .filter(|path| path.is_file() && !is_undefined_somewhere(path))
        .collect();
    models.sort();
    models
}

/// Whether a model says that some inputs have no output: quotients, logarithms, roots.
fn is_undefined_somewhere(model: &Path) -> bool {
    let data = std::fs::read_to_string(model.with_file_name("data.json")).unwrap();
    let data: serde_json::Value = serde_json::from_str(&data).unwrap();
    data["refuses"] == true
}

/// Inputs with values from `-size` to `size` that differ by `seed`.
fn inputs(model: &Model, seed: usize, size: f32) -> Vec<FloatTensor> {
    let value = |i: usize| (((i * 7919 + seed * 104_729) % 2001) as f32 / 1000.0 - 1.0) * size;
    let tensor = |shape: &[usize]| {
        let len = shape.iter().product();
        ArrayD::from_shape_vec(shape.to_vec(), (0..len).map(value).collect()).unwrap()
    };
    model.inputs().iter().map(|input| tensor(&input.shape)).collect()
}

#[test]
fn circuits_hold_for_inputs_far_out_of_range() {
    let models = models();
    assert!(models.len() > 60, "only {} models", models.len());
    let (none, mut refusing) = (Progress::none(), vec![]);
    for path in models {
        let model = Model::load(&path, &ImportOptions::default()).unwrap();
        let calibration: Vec<_> = (0..8).map(|seed| inputs(&model, seed, 1.0)).collect();
        // Narrow limbs make small circuits.
        let options = CompileOptions::default()
            .saturate(true)
            .lane_bits(9)
            .accuracy(2e-2)
            .accept_error(true);
        let compiled = model.compile(&calibration, &options, &none).unwrap();
        if compiled.can_refuse() {
            refusing.push(format!("{}: {:?}", path.display(), compiled.escapes().unwrap()));
        }
        for (seed, size) in [(1, 1.0), (2, 3.0), (3, 1e6)] {
            compiled
                .mock(&inputs(&model, seed, size), &none)
                .unwrap_or_else(|error| panic!("{} with inputs up to {size}: {error}", path.display()));
        }
    }
    assert!(refusing.is_empty(), "{}", refusing.join("\n"));
}
