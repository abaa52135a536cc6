//! Arrays matched with the inputs of a model.

use super::fit::inputs_in;
use super::{Array, PixelScale, Source, read};
use anyhow::{Context, Result, anyhow, bail};
use ndarray::{ArrayD, IxDyn};
use zkml::{FloatTensor, ModelTensor, TensorInfo};
use zkml_network::InputSchema;

/// An input of a model.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
}

impl From<&ModelTensor> for Wanted {
    fn from(tensor: &ModelTensor) -> Self {
        Self {
            name: tensor.name.clone(),
            shape: tensor.shape.clone(),
        }
    }
}

impl From<&TensorInfo> for Wanted {
    fn from(tensor: &TensorInfo) -> Self {
        Self {
            name: tensor.name.clone(),
            shape: tensor.shape.clone(),
        }
    }
}

impl From<&InputSchema> for Wanted {
    fn from(input: &InputSchema) -> Self {
        Self {
            name: input.name.clone(),
            shape: input.shape.clone(),
        }
    }
}

/// Sets of inputs for a model.
#[derive(Clone, Debug)]
pub struct Samples {
    /// An array per input, in the order of the model.
    arrays: Vec<(Array, Wanted)>,
    len: usize,
    scale: Option<PixelScale>,
}

impl Samples {
    /// Reads one file with all inputs, or one per input.
    pub fn load(sources: &[Source], model: &[Wanted], scale: Option<PixelScale>) -> Result<Self> {
        let arrays = match sources {
            [source] => choose(read(source)?, source, model)?,
            _ if sources.len() == model.len() => sources
                .iter()
                .zip(model)
                .map(|(source, wanted)| {
                    let mut chosen = choose(read(source)?, source, std::slice::from_ref(wanted))?;
                    chosen
                        .pop()
                        .ok_or_else(|| anyhow!("{}: expected an array, found none", source.path.display()))
                })
                .collect::<Result<_>>()?,
            _ => bail!(
                "the model has {} input(s) ({}), but {} files were given: give one file with all inputs, or one for each",
                model.len(),
                names(model),
                sources.len()
            ),
        };
        Self::new(arrays, model, scale)
    }

    /// Matches arrays, in the order of the model.
    pub fn new(arrays: Vec<Array>, model: &[Wanted], scale: Option<PixelScale>) -> Result<Self> {
        let arrays: Vec<(Array, Wanted)> = arrays.into_iter().zip(model.iter().cloned()).collect();
        let mut len = None;
        for (array, wanted) in &arrays {
            let found = inputs_in(&array.shape, &wanted.shape);
            if found == 0 {
                bail!(
                    "{}: expected the shape {:?} of input {} (or several samples of it), found {:?}; reshape or resize the data",
                    array.label,
                    wanted.shape,
                    wanted.name,
                    array.shape
                );
            }
            if *len.get_or_insert(found) != found {
                bail!(
                    "{}: expected {} samples, as many as the other inputs have, found {found}",
                    array.label,
                    len.unwrap_or(0)
                );
            }
        }
        Ok(Self {
            arrays,
            len: len.unwrap_or(0),
            scale,
        })
    }

    /// A set of inputs.
    pub fn get(&self, index: usize) -> Result<Vec<FloatTensor>> {
        if index >= self.len {
            bail!(
                "there is no sample {index}: expected one from 0 to {}",
                self.len.saturating_sub(1)
            );
        }
        let tensor = |(array, wanted): &(Array, Wanted)| {
            let count: usize = wanted.shape.iter().product();
            let values = array.numbers(index * count..(index + 1) * count, self.scale)?;
            ArrayD::from_shape_vec(IxDyn(&wanted.shape), values)
                .with_context(|| format!("{}: expected the shape {:?}", array.label, wanted.shape))
        };
        self.arrays.iter().map(tensor).collect()
    }

    /// The set that the command line chose; the only one if there is only one.
    pub fn pick(&self, index: Option<usize>) -> Result<Vec<FloatTensor>> {
        match (index, self.len) {
            (Some(index), _) => self.get(index),
            (None, 1) => self.get(0),
            (None, len) => bail!(
                "{}: found {len} samples; choose one with --index (0 to {})",
                self.arrays.first().map_or("the input", |(array, _)| &array.label),
                len - 1
            ),
        }
    }

    /// At most `most` sets, evenly spread.
    pub fn spread(&self, most: usize) -> Result<Vec<Vec<FloatTensor>>> {
        let taken = most.min(self.len);
        (0..taken).map(|i| self.get(i * self.len / taken)).collect()
    }
}

/// The arrays of a file for these inputs, in their order.
fn choose(mut arrays: Vec<Array>, source: &Source, model: &[Wanted]) -> Result<Vec<Array>> {
    let found = || {
        let describe =
            |array: &Array| format!("{} {:?}", array.name.as_deref().unwrap_or("unnamed"), array.shape);
        arrays.iter().map(describe).collect::<Vec<_>>().join(", ")
    };
    let path = source.path.display();
    if let Some(name) = &source.array {
        let Some(at) = arrays.iter().position(|array| array.name.as_ref() == Some(name)) else {
            bail!("{path}: expected an array named {name}, found {}", found());
        };
        return Ok(vec![arrays.swap_remove(at)]);
    }
    let named = |wanted: &Wanted| {
        arrays
            .iter()
            .position(|array| array.name.as_ref() == Some(&wanted.name))
    };
    if let Some(order) = model.iter().map(named).collect::<Option<Vec<usize>>>() {
        return Ok(order.into_iter().map(|at| arrays[at].clone()).collect());
    }
    if arrays.len() == model.len() {
        return Ok(arrays);
    }
    if let [wanted] = model {
        let fits: Vec<usize> = (0..arrays.len())
            .filter(|i| inputs_in(&arrays[*i].shape, &wanted.shape) > 0)
            .collect();
        if let [at] = fits[..] {
            return Ok(vec![arrays.swap_remove(at)]);
        }
        bail!(
            "{path}: expected one array for input {} of shape {:?}, found {}; choose one with {path}:ARRAY",
            wanted.name,
            wanted.shape,
            found()
        );
    }
    bail!(
        "{path}: expected arrays for the inputs {}, found {}",
        names(model),
        found()
    )
}

fn names(model: &[Wanted]) -> String {
    let describe = |wanted: &Wanted| format!("{} {:?}", wanted.name, wanted.shape);
    model.iter().map(describe).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::Data;
    use super::*;

    fn array(name: Option<&str>, shape: &[usize], values: Vec<f32>) -> Array {
        Array {
            label: "x".to_owned(),
            name: name.map(str::to_owned),
            shape: shape.to_vec(),
            data: Data::Floats(values),
        }
    }

    fn wanted(name: &str, shape: &[usize]) -> Wanted {
        Wanted {
            name: name.to_owned(),
            shape: shape.to_vec(),
        }
    }

    #[test]
    fn samples_are_cut_out_and_spread() {
        let numbers = (0..10).map(|x| x as f32).collect();
        let samples =
            Samples::new(vec![array(None, &[5, 2], numbers)], &[wanted("a", &[1, 2])], None).unwrap();
        assert_eq!(samples.len, 5);
        assert_eq!(samples.get(3).unwrap()[0].as_slice().unwrap(), [6.0, 7.0]);
        assert!(samples.get(5).is_err());
        assert!(samples.pick(None).unwrap_err().to_string().contains("--index"));
        let spread = samples.spread(2).unwrap();
        assert_eq!((spread.len(), spread[1][0][[0, 0]]), (2, 4.0));
    }

    #[test]
    fn arrays_are_found_by_name_or_shape() {
        let source: Source = "x.npz".parse().unwrap();
        let arrays = || {
            vec![
                array(Some("b"), &[3], vec![0.0; 3]),
                array(Some("a"), &[2], vec![0.0; 2]),
            ]
        };
        let order = |model: &[Wanted]| {
            choose(arrays(), &source, model)
                .map(|found| found.into_iter().map(|a| a.shape).collect::<Vec<_>>())
        };
        assert_eq!(
            order(&[wanted("a", &[2]), wanted("b", &[3])]).unwrap(),
            [[2], [3]]
        );
        assert_eq!(order(&[wanted("c", &[1, 2])]).unwrap(), [[2]]);
        assert!(order(&[wanted("c", &[7])]).is_err());
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let model = [wanted("a", &[1, 3])];
        let error = Samples::new(vec![array(None, &[2], vec![0.0; 2])], &model, None)
            .unwrap_err()
            .to_string();
        assert!(error.contains("[1, 3]") && error.contains("[2]"), "{error}");
        let nan = Samples::new(vec![array(None, &[3], vec![0.0, f32::NAN, 0.0])], &model, None).unwrap();
        let error = nan.get(0).unwrap_err().to_string();
        assert!(error.contains("NaN at position 1"), "{error}");
    }
}
