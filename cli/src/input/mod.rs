//! Model inputs from files, one module per format.
//!
//! A file gives [`Array`]s; [`Samples`] matches them with the inputs of a model.

mod args;
mod array;
mod ezkl;
mod file;
mod fit;
mod npy;
mod npz;
mod onnx_tensor;
mod png;
mod random;
mod samples;
mod source;

pub use args::InputArgs;
pub use array::{Array, Data};
pub use file::{read_bounded, read_text};
pub use npz::read as read_npz;
pub use random::random;
pub use samples::{Samples, Wanted};
pub use source::{PixelScale, Source};

use anyhow::{Result, bail};

/// Reads the arrays of a file.
pub fn read(source: &Source) -> Result<Vec<Array>> {
    let extension = source
        .path
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default();
    let bytes = || read_bounded(&source.path, file::DATA_LIMIT);
    let name = source.path.display().to_string();
    let one = |array: Array| vec![array];
    match extension.to_ascii_lowercase().as_str() {
        "npy" => npy::read(&name, &bytes()?).map(one),
        "npz" => npz::read(&name, &bytes()?),
        "pb" => onnx_tensor::read(&name, &bytes()?).map(one),
        "png" => png::read(&name, &bytes()?).map(one),
        "json" => ezkl::read(&name, &read_bounded(&source.path, file::JSON_LIMIT)?),
        _ => bail!(
            "{name}: expected a file with the extension .npy, .npz, .pb, .png or .json, found {}; \
             convert the data to one of these",
            if extension.is_empty() {
                "none".to_owned()
            } else {
                format!(".{extension}")
            }
        ),
    }
}
