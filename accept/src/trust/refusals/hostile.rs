//! Inputs at the ends of a model's range, in patterns that drive hidden values out of theirs.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use zkml_network::InputSchema;

const SIDE: usize = 28;

/// Pictures of the least and the largest integer of an input's range: patterns, each with pixels turned round, and noise. All of
/// them are inputs that the manifest allows.
pub fn pictures(schema: &InputSchema, count: usize) -> Vec<Vec<i64>> {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let (least, most) = schema.range();
    let elements: usize = schema.shape.iter().product();
    (0..count)
        .map(|number| {
            let (pattern, inverse) = (number % PATTERNS, number / PATTERNS % 2 == 1);
            let turned = rng.gen_range(0..elements);
            let scale = [1, 1, 1, 2, 8][rng.gen_range(0..5)];
            let pixel = |i: usize| {
                let on = (on(pattern, i, &mut rng) != inverse) != (i == turned && number >= 2 * PATTERNS);
                if on { most / scale } else { least / scale }
            };
            (0..elements).map(pixel).collect()
        })
        .collect()
}

const PATTERNS: usize = 8;

/// Whether a pixel of a pattern is bright.
fn on(pattern: usize, i: usize, rng: &mut ChaCha20Rng) -> bool {
    let (row, column) = (i / SIDE, i % SIDE);
    let from_centre = |x: usize| x.abs_diff(SIDE / 2);
    match pattern {
        0 => true,
        1 => (row / 7) % 2 == 0,
        2 => (10..18).contains(&row),
        3 => from_centre(row).pow(2) + from_centre(column).pow(2) < 100,
        4 => row.abs_diff(column) < 5,
        5 => (7..21).contains(&row) && (7..21).contains(&column),
        6 => (row + column) % 2 == 0,
        _ => rng.r#gen(),
    }
}
