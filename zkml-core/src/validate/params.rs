//! Checks of parameters against their graph.

use crate::{
    error::{Error, Result},
    graph::{Graph, Params},
    ops::range,
    shape::element_count,
};

impl Params {
    /// Checks number, lengths and ranges against a validated graph.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParams`] names the parameter that does not fit.
    pub fn validate(&self, graph: &Graph) -> Result<()> {
        let fail = |reason| Err(Error::InvalidParams { reason });
        if self.tensors.len() != graph.params.len() {
            return fail(format!(
                "expected {} tensors, found {}",
                graph.params.len(),
                self.tensors.len()
            ));
        }
        for (spec, values) in graph.params.iter().zip(&self.tensors) {
            if element_count(&spec.shape) != Some(values.len()) {
                let (name, shape, len) = (&spec.name, &spec.shape, values.len());
                return fail(format!(
                    "`{name}`: expected as many values as the shape {shape:?} has, found {len}"
                ));
            }
            if !range::valid_limbs(spec.limbs, graph.lane_bits) {
                return fail(format!(
                    "`{}`: {}",
                    spec.name,
                    range::invalid_limbs(spec.limbs, graph.lane_bits)
                ));
            }
            let range = range::Range::signed(u32::from(spec.limbs) * graph.lane_bits);
            if let Some(value) = values.iter().find(|&&value| !range.contains(value)) {
                let (name, lo, hi) = (&spec.name, range.lo, range.hi);
                return fail(format!(
                    "`{name}`: expected values in [{lo}, {hi}], found {value}"
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::tests::valid;

    #[test]
    fn params_must_fit() {
        let graph = valid();
        let params = |values: &[i64]| Params {
            tensors: vec![values.to_vec()],
        };
        params(&[-128, 127, 0, 0, 0, 0]).validate(&graph).unwrap();
        for bad in [
            params(&[0; 5]),
            params(&[128; 6]),
            params(&[-129; 6]),
            Params { tensors: vec![] },
        ] {
            assert!(matches!(bad.validate(&graph), Err(Error::InvalidParams { .. })));
        }
    }
}
