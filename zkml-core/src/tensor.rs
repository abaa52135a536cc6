//! Integer tensors.

use crate::{
    error::{Error, Result},
    shape::element_count,
};
use std::sync::Arc;

/// Position of the first largest element, as ONNX has it; 0 if there are none.
pub fn first_largest<'a, T: PartialOrd + 'a>(row: impl IntoIterator<Item = &'a T>) -> usize {
    let mut row = row.into_iter();
    let Some(mut largest) = row.next() else {
        return 0;
    };
    let mut first = 0;
    for (before, value) in row.enumerate() {
        if value > largest {
            (first, largest) = (before + 1, value);
        }
    }
    first
}

/// A tensor of integers, row-major. A scalar has the shape `[]`.
///
/// The number of elements always equals the product of the shape. Clones share the elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntTensor {
    shape: Vec<usize>,
    data: Arc<Vec<i64>>,
}

impl IntTensor {
    /// A tensor of these elements.
    ///
    /// # Errors
    ///
    /// [`Error::TensorSize`] if `data` does not have as many elements as the shape, if an axis
    /// has length 0, or if the shape is beyond the limits of [`crate::shape`].
    pub fn new(shape: Vec<usize>, data: Vec<i64>) -> Result<Self> {
        if element_count(&shape) == Some(data.len()) {
            Ok(IntTensor {
                shape,
                data: Arc::new(data),
            })
        } else {
            Err(Error::TensorSize {
                shape,
                len: data.len(),
            })
        }
    }

    /// A tensor whose element count is right by construction.
    pub(crate) fn of(shape: &[usize], data: Vec<i64>) -> Self {
        debug_assert_eq!(element_count(shape), Some(data.len()));
        IntTensor {
            shape: shape.to_vec(),
            data: Arc::new(data),
        }
    }

    /// The shape.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The elements, row-major.
    pub fn data(&self) -> &[i64] {
        &self.data
    }

    /// The elements, row-major.
    pub fn into_data(self) -> Vec<i64> {
        Arc::unwrap_or_clone(self.data)
    }

    /// Number of elements, at least 1.
    #[allow(clippy::len_without_is_empty)] // never empty
    pub fn len(&self) -> usize {
        self.data.len()
    }
}
