//! The instruction sets that the CPU kernels are written for.

use crate::Error;
use std::fmt;

/// An instruction set. A value is a wish; the kernels take tokens that only detection makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Isa {
    /// 64-bit scalar code, on every machine; with two carry chains where an x86-64 has them (ADX, BMI2).
    Portable,
    /// Eight lanes; 52-bit products from double-precision fused multiply-add (AVX-512 F, DQ).
    Avx512Fma,
    /// Eight lanes; 52-bit products from integer multiply-add (AVX-512 F, DQ, IFMA).
    Avx512Ifma,
}

impl Isa {
    /// All instruction sets, slowest first.
    pub const ALL: [Isa; 3] = [Isa::Portable, Isa::Avx512Fma, Isa::Avx512Ifma];

    /// Whether this machine has it.
    pub fn is_available(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        {
            let wide = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq");
            match self {
                Isa::Portable => true,
                Isa::Avx512Fma => wide,
                Isa::Avx512Ifma => wide && is_x86_feature_detected!("avx512ifma"),
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        {
            self == Isa::Portable
        }
    }

    /// Those that this machine has, slowest first.
    pub fn available() -> Vec<Isa> {
        Self::ALL.into_iter().filter(|isa| isa.is_available()).collect()
    }

    /// Checks that this machine has it.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`], naming those that it has.
    pub fn require(self) -> Result<(), Error> {
        if self.is_available() {
            return Ok(());
        }
        let available = Self::available()
            .iter()
            .map(Isa::to_string)
            .collect::<Vec<_>>()
            .join(", ");
        Err(Error::Unsupported {
            wanted: self.to_string(),
            available,
        })
    }

    /// The fastest that this machine has.
    pub fn detect() -> Isa {
        Self::ALL
            .into_iter()
            .rev()
            .find(|isa| isa.is_available())
            .unwrap_or(Isa::Portable)
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Isa::Portable => "portable",
            Isa::Avx512Fma => "AVX-512 FMA",
            Isa::Avx512Ifma => "AVX-512 IFMA",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portable_is_always_there() {
        assert!(Isa::Portable.is_available());
        assert!(Isa::available().contains(&Isa::detect()));
    }
}
