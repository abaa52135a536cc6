//! Sizes of sliding windows.

use crate::ops::Window2d;

/// Largest size of a kernel, stride, padding or dilation: keeps index arithmetic far from overflow.
const MAX_EXTENT: usize = 1 << 20;

/// Output height and width of a window over a `[h, w]` image.
///
/// # Errors
///
/// A reason if an attribute is 0 or absurdly large or the kernel does not fit the padded image.
pub(crate) fn window_output(window: &Window2d, image: [usize; 2]) -> Result<[usize; 2], String> {
    let mut output = [0; 2];
    for axis in 0..2 {
        let (kernel, stride, dilation) = (window.kernel[axis], window.strides[axis], window.dilations[axis]);
        let (begin, end) = (window.pads_begin[axis], window.pads_end[axis]);
        if kernel == 0 || stride == 0 || dilation == 0 {
            return Err("kernel, strides and dilations must be at least 1".into());
        }
        if [kernel, stride, dilation, begin, end]
            .iter()
            .any(|&x| x > MAX_EXTENT)
        {
            return Err(format!("a window attribute is larger than {MAX_EXTENT}"));
        }
        let extent = (kernel - 1) * dilation + 1;
        let padded = image[axis] + begin + end;
        if padded < extent {
            return Err(format!(
                "the kernel covers {extent} elements along an axis that has {padded} with padding"
            ));
        }
        output[axis] = (padded - extent) / stride + 1;
    }
    Ok(output)
}
