//! Kernels over BN254: multi-scalar multiplication, number-theoretic transforms and polynomial
//! operations, behind one [`Backend`] trait.
//!
//! A backend owns its vectors and bases: on a GPU they stay in device memory over a whole proof.
//! Nothing here knows of halo2.

mod backend;
mod check;
pub mod conformance;
mod cpu;
#[cfg(any(feature = "cuda", feature = "cuda-host"))]
pub mod cuda;
mod curve;
mod error;
mod field;
mod isa;
mod memory;
pub mod msm;
mod ntt;
mod oracle;
mod poly;
#[doc(hidden)]
pub mod probe;
mod program;
pub mod srs;

pub use backend::{Backend, Scalars};
pub use cpu::Cpu;
#[cfg(any(feature = "cuda", feature = "cuda-host"))]
pub use cuda::Cuda;
#[cfg(all(feature = "cuda-host", not(feature = "cuda")))]
#[doc(hidden)]
pub use cuda::ffi as cuda_host_ffi;
pub use error::Error;
pub use isa::Isa;
pub use oracle::{Oracle, root_of_unity, small};
pub use program::{Column, Instruction, Operand, Program};
