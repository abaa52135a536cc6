//! Weights as integers, kept while widths are searched for: most choices of widths leave most
//! weights as they are.

use crate::{
    error::Result,
    fixed_point::quantize_value,
    float::{FloatId, FloatTensor},
    tensor::IntTensor,
};
use rayon::prelude::*;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Elements that one task works on, at least.
const CHUNK: usize = 1 << 14;

/// A constant of a float graph, in the shape that it is used in.
pub(super) struct Weights<'a> {
    pub id: FloatId,
    pub values: &'a FloatTensor,
    pub shape: &'a [usize],
    /// The axis of output channels.
    pub channels: Option<usize>,
}

impl Weights<'_> {
    /// Number of channels, and of elements that have a channel's index one after the other.
    fn layout(&self) -> (usize, usize) {
        match self.channels {
            Some(axis) => (self.shape[axis], self.shape[axis + 1..].iter().product()),
            None => (1, self.values.len().max(1)),
        }
    }

    fn elements(&self) -> Vec<f32> {
        self.values.iter().copied().collect()
    }
}

/// Largest absolute values of weights.
#[derive(Debug)]
pub(super) struct Magnitudes {
    pub all: f64,
    /// Of each channel; of all weights if there are no channels.
    pub channels: Vec<f64>,
}

/// Where a constant's weights are found again.
type Key = (FloatId, Vec<usize>, Option<usize>);

/// The scale of all weights, and how much larger it is for each channel.
type Scales = (i32, Vec<u32>);

/// Weights of one graph that were measured or quantised before.
#[derive(Debug, Default)]
pub(super) struct WeightCache {
    magnitudes: Mutex<HashMap<Key, Arc<Magnitudes>>>,
    quantized: Mutex<HashMap<(Key, Scales), IntTensor>>,
}

impl WeightCache {
    /// Largest absolute values.
    pub(super) fn magnitudes(&self, weights: &Weights<'_>) -> Arc<Magnitudes> {
        let key = key(weights);
        if let Some(found) = lock(&self.magnitudes).get(&key) {
            return found.clone();
        }
        let (channels, inner) = weights.layout();
        let mut largest = vec![0.0f64; channels];
        for (run, values) in weights.elements().chunks(inner).enumerate() {
            let of_run = values.iter().fold(0.0f32, |m, w| m.max(w.abs()));
            let largest = &mut largest[run % channels];
            *largest = largest.max(f64::from(of_run));
        }
        let magnitudes = Arc::new(Magnitudes {
            all: largest.iter().copied().fold(0.0, f64::max),
            channels: largest,
        });
        lock(&self.magnitudes).insert(key, magnitudes.clone());
        magnitudes
    }

    /// The weights at a scale that is `deltas[c]` larger for channel `c`; at one scale if there
    /// are no deltas.
    ///
    /// # Errors
    ///
    /// Those of [`quantize_value`].
    pub(super) fn quantized(&self, weights: &Weights<'_>, scale: i32, deltas: &[u32]) -> Result<IntTensor> {
        let key = (key(weights), (scale, deltas.to_vec()));
        if let Some(found) = lock(&self.quantized).get(&key) {
            return Ok(found.clone());
        }
        let (channels, inner) = weights.layout();
        let delta = |index: usize| {
            deltas
                .get(index / inner % channels)
                .map_or(0, |&bits| bits as i32)
        };
        let integers = weights
            .elements()
            .into_par_iter()
            .enumerate()
            .with_min_len(CHUNK)
            .map(|(index, w)| quantize_value(f64::from(w), scale + delta(index)))
            .collect::<Result<_>>()?;
        let quantized = IntTensor::new(weights.shape.to_vec(), integers)?;
        lock(&self.quantized).insert(key, quantized.clone());
        Ok(quantized)
    }
}

fn key(weights: &Weights<'_>) -> Key {
    (weights.id, weights.shape.to_vec(), weights.channels)
}

/// What is kept is whole at any time.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::IxDyn;

    #[test]
    fn channels_have_their_own_scales() {
        let values =
            FloatTensor::from_shape_vec(IxDyn(&[2, 3]), vec![1.0, -0.5, 0.25, 2.0, 0.5, -0.75]).unwrap();
        let cache = WeightCache::default();
        let mut weights = Weights {
            id: FloatId(0),
            values: &values,
            shape: &[2, 3],
            channels: Some(1),
        };
        let magnitudes = cache.magnitudes(&weights);
        assert_eq!(
            (magnitudes.all, &magnitudes.channels[..]),
            (2.0, &[2.0, 0.5, 0.75][..])
        );
        let of =
            |weights: &Weights<'_>, deltas: &[u32]| cache.quantized(weights, 3, deltas).unwrap().into_data();
        assert_eq!(of(&weights, &[0, 2, 1]), [8, -16, 4, 16, 16, -12]);
        assert_eq!(of(&weights, &[]), [8, -4, 2, 16, 4, -6]);
        weights.channels = Some(0);
        assert_eq!(cache.magnitudes(&weights).channels, [1.0, 2.0]);
        assert_eq!(of(&weights, &[1, 0]), [16, -8, 4, 16, 4, -6]);
        weights.channels = None;
        assert_eq!(cache.magnitudes(&weights).channels, [2.0]);
    }
}
