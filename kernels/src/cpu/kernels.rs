//! What differs between instruction sets.

use crate::field::Lanes;
#[cfg(test)]
use crate::ntt::ScalarTransforms;
use crate::ntt::{Direction, LaneTransforms, Transforms, scalar_transforms};
use crate::program::plan::Plan;
use crate::{Error, Isa, program};
use halo2curves::bn256::Fr;

/// The kernels of one instruction set.
pub(super) trait Kernels: Transforms {
    /// Runs a plan on all rows.
    fn run(&self, plan: &Plan, columns: &[&[Fr]], constants: &[Fr], target: &mut [Fr]);
}

/// Kernels on eight lanes.
struct LaneKernels<L: Lanes> {
    lanes: L,
    transforms: LaneTransforms<L>,
}

/// Kernels without lanes.
struct ScalarKernels {
    transforms: Box<dyn Transforms>,
}

impl<L: Lanes> LaneKernels<L> {
    fn boxed(lanes: L) -> Box<dyn Kernels> {
        Box::new(Self {
            lanes,
            transforms: LaneTransforms::new(lanes),
        })
    }
}

/// The kernels of an instruction set that this machine has.
pub(super) fn kernels(isa: Isa) -> Result<Box<dyn Kernels>, Error> {
    isa.require()?;
    let kernels = match isa {
        Isa::Portable => None,
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512Fma => crate::field::Fma::detect().map(LaneKernels::boxed),
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512Ifma => crate::field::Ifma::detect().map(LaneKernels::boxed),
        #[cfg(not(target_arch = "x86_64"))]
        Isa::Avx512Fma | Isa::Avx512Ifma => None,
    };
    Ok(kernels.unwrap_or_else(|| {
        Box::new(ScalarKernels {
            transforms: scalar_transforms(),
        })
    }))
}

/// The kernels on emulated lanes.
#[cfg(test)]
pub(super) fn emulated() -> Box<dyn Kernels> {
    LaneKernels::boxed(crate::field::Emulated)
}

/// The kernels in plain Rust.
#[cfg(test)]
pub(super) fn plain() -> Box<dyn Kernels> {
    let transforms = ScalarTransforms::new(crate::field::scalar::Plain);
    Box::new(ScalarKernels {
        transforms: Box::new(transforms),
    })
}

impl<L: Lanes> Transforms for LaneKernels<L> {
    fn transform(&self, values: &mut [Fr], direction: Direction) {
        self.transforms.transform(values, direction);
    }
    fn transform_into(&self, source: &[Fr], target: &mut [Fr], direction: Direction) {
        self.transforms.transform_into(source, target, direction);
    }
}

impl<L: Lanes> Kernels for LaneKernels<L> {
    fn run(&self, plan: &Plan, columns: &[&[Fr]], constants: &[Fr], target: &mut [Fr]) {
        program::lanes::run(self.lanes, plan, columns, constants, target);
    }
}

impl Transforms for ScalarKernels {
    fn transform(&self, values: &mut [Fr], direction: Direction) {
        self.transforms.transform(values, direction);
    }
    fn transform_into(&self, source: &[Fr], target: &mut [Fr], direction: Direction) {
        self.transforms.transform_into(source, target, direction);
    }
}

impl Kernels for ScalarKernels {
    fn run(&self, plan: &Plan, columns: &[&[Fr]], constants: &[Fr], target: &mut [Fr]) {
        program::scalar::run(plan, columns, constants, target);
    }
}
