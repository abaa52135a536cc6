//! Random inputs.

use super::Wanted;
use ndarray::{ArrayD, IxDyn};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::ops::Range;
use zkml::FloatTensor;

/// Sets of uniform inputs, the same ones every time.
pub fn random(model: &[Wanted], sets: usize, range: Range<f32>) -> Vec<Vec<FloatTensor>> {
    let mut rng = ChaCha20Rng::seed_from_u64(0);
    let mut tensor =
        |wanted: &Wanted| ArrayD::from_shape_simple_fn(IxDyn(&wanted.shape), || rng.gen_range(range.clone()));
    (0..sets)
        .map(|_| model.iter().map(&mut tensor).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_in_range_and_repeat() {
        let model = [Wanted {
            name: "a".to_owned(),
            shape: vec![2, 3],
        }];
        let sets = random(&model, 4, -2.0..0.5);
        assert_eq!(sets, random(&model, 4, -2.0..0.5));
        assert!(sets.iter().flatten().flatten().all(|x| (-2.0..0.5).contains(x)));
        assert_ne!(sets[0], sets[1]);
    }
}
