//! Geometry of a convolution as a product of polynomials in `v`.

use zkml_core::ops::Window2d;

/// Geometry of a convolution.
#[derive(Clone, Debug)]
pub(crate) struct ConvGeometry {
    pub batch: usize,
    pub channels: usize,
    pub size: [usize; 2],
    pub out_channels: usize,
    pub out: [usize; 2],
    pub groups: usize,
    pub window: Window2d,
}

impl ConvGeometry {
    /// Exponent of `v` of input column 0: makes room for padding wider than the kernel.
    pub fn shift(&self) -> usize {
        self.window.pads_begin[1].saturating_sub(self.reach())
    }

    /// `(kw - 1) d`.
    pub fn reach(&self) -> usize {
        (self.window.kernel[1] - 1) * self.window.dilations[1]
    }

    /// Exponent of `v` of an output column.
    pub fn column_exponent(&self, x: usize) -> usize {
        self.window.strides[1] * x + self.reach() + self.shift() - self.window.pads_begin[1]
    }

    /// Exponents of `v` that are no output column's and that the product has terms for.
    pub fn spare_exponents(&self) -> Vec<usize> {
        let used: std::collections::HashSet<usize> =
            (0..self.out[1]).map(|x| self.column_exponent(x)).collect();
        (self.shift()..self.shift() + self.size[1] + self.reach())
            .filter(|e| !used.contains(e))
            .collect()
    }

    /// Coefficient `v^e` of the product of an output channel and row.
    pub fn coefficient(&self, x: &[i64], k: &[i64], b: usize, o: usize, y: usize, e: usize) -> i64 {
        let (in_group, out_group) = (self.channels / self.groups, self.out_channels / self.groups);
        let [kh, kw] = self.window.kernel;
        let mut sum = 0;
        for c_in in 0..in_group {
            let c = o / out_group * in_group + c_in;
            for dy in 0..kh {
                let i = y * self.window.strides[0] + dy * self.window.dilations[0];
                let Some(i) = i
                    .checked_sub(self.window.pads_begin[0])
                    .filter(|i| *i < self.size[0])
                else {
                    continue;
                };
                for dx in 0..kw {
                    let reach = (kw - 1 - dx) * self.window.dilations[1] + self.shift();
                    let Some(j) = e.checked_sub(reach).filter(|j| *j < self.size[1]) else {
                        continue;
                    };
                    sum += x[((b * self.channels + c) * self.size[0] + i) * self.size[1] + j]
                        * k[((o * in_group + c_in) * kh + dy) * kw + dx];
                }
            }
        }
        sum
    }
}
