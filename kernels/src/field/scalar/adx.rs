//! Products with the two carry chains of x86-64 (MULX, ADCX, ADOX).
//!
//! The words of a product are removed two at a time, so that their rows do not wait for one another.
//! The first two, `t` and `u`, are not cleared by adding a multiple of `p`: they are replaced by
//! `t (2^-128 mod p) + u (2^-64 mod p)` two words higher, which takes no multiplication to find a
//! multiple. The last two are cleared as Montgomery does, so that the result is
//! `p + a b / 2^256` at most, up to a rounding of `2^-63 p`.
#![allow(unsafe_code)] // Assembly; `Adx` is the proof that the machine has the instructions.

use super::Single;
use crate::field::Modulus;
use crate::field::modulus::negated_inverse_128;
use crate::field::words::Words;
use std::arch::asm;

/// Token for ADX and BMI2.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Adx(());

impl Adx {
    /// The token, where the machine has the instructions.
    pub(crate) fn detect() -> Option<Self> {
        (is_x86_feature_detected!("adx") && is_x86_feature_detected!("bmi2")).then_some(Self(()))
    }
}

/// `2^-128 mod p`, `2^-64 mod p`, `p`, and `-1/p mod 2^128`.
const fn constants<M: Modulus>() -> [u64; 14] {
    let ([c0, c1, c2, c3], [d0, d1, d2, d3]) = (M::TWO_WORD_SHIFT, M::WORD_SHIFT);
    let ([p0, p1, p2, p3], inverse) = (M::P, negated_inverse_128(M::P));
    let (low, high) = (inverse as u64, (inverse >> 64) as u64);
    [c0, c1, c2, c3, d0, d1, d2, d3, p0, p1, p2, p3, low, high]
}

/// Adds `rdx` times four words in memory to five words, with `h`, `l` and the zero `z` at hand.
/// Clears `$clear` first, which may be the highest of the five.
macro_rules! add_row {
    ($t0:literal $t1:literal $t2:literal $t3:literal $t4:literal, $clear:literal, $from:literal $offset:literal) => {
        concat!(
            "xor {",
            $clear,
            ":e}, {",
            $clear,
            ":e}\n",
            "mulx {h}, {l}, [{",
            $from,
            "} + ",
            $offset,
            "]\n",
            "adcx {",
            $t0,
            "}, {l}\n",
            "adox {",
            $t1,
            "}, {h}\n",
            "mulx {h}, {l}, [{",
            $from,
            "} + ",
            $offset,
            " + 8]\n",
            "adcx {",
            $t1,
            "}, {l}\n",
            "adox {",
            $t2,
            "}, {h}\n",
            "mulx {h}, {l}, [{",
            $from,
            "} + ",
            $offset,
            " + 16]\n",
            "adcx {",
            $t2,
            "}, {l}\n",
            "adox {",
            $t3,
            "}, {h}\n",
            "mulx {h}, {l}, [{",
            $from,
            "} + ",
            $offset,
            " + 24]\n",
            "adcx {",
            $t3,
            "}, {l}\n",
            "adox {",
            $t4,
            "}, {h}\n",
            "adcx {",
            $t4,
            "}, {z}\n",
        )
    };
}

impl Single for Adx {
    /// Words 2 to 6 hold the total of rows 0 to 2: with `a <= 2p`, it is at most
    /// `2^64 (2p + a + 1)`. All words of it are below `2^128 (2p + a)`.
    #[inline(always)]
    fn mul<M: Modulus>(self, a: &Words, b: &Words) -> Words {
        let constants: &'static [u64; 14] = const { &constants::<M>() };
        let (w0, w1, w2, w3);
        // SAFETY: `self` is the proof that the machine has the instructions; the assembly reads
        // the four words of `a` and of `b` and the 14 constants, and writes registers only.
        unsafe {
            asm!(
                "xor {z:e}, {z:e}",
                // Rows 0 and 1: words 0 to 5.
                "mov rdx, [{b}]",
                "mulx {t1}, {t0}, [{a}]",
                "mulx {t2}, {l}, [{a} + 8]",
                "add {t1}, {l}",
                "mulx {t3}, {l}, [{a} + 16]",
                "adc {t2}, {l}",
                "mulx {t4}, {l}, [{a} + 24]",
                "adc {t3}, {l}",
                "adc {t4}, 0",
                "mov rdx, [{b} + 8]",
                add_row!("t1" "t2" "t3" "t4" "t5", "t5", "a" "0"),
                // Words 0 and 1 leave; the first becomes word 6.
                "mov rdx, {t0}",
                add_row!("t2" "t3" "t4" "t5" "t0", "t0", "k" "0"),
                "mov rdx, {t1}",
                add_row!("t2" "t3" "t4" "t5" "t0", "h", "k" "32"),
                // Rows 2 and 3; what was word 1 becomes word 7.
                "mov rdx, [{b} + 16]",
                add_row!("t2" "t3" "t4" "t5" "t0", "h", "a" "0"),
                "mov rdx, [{b} + 24]",
                add_row!("t3" "t4" "t5" "t0" "t1", "t1", "a" "0"),
                // The multiple of p that clears words 2 and 3: its words in rdx and b.
                "mov rdx, {t2}",
                "mov {b}, [{k} + 96]",
                "mov {h}, [{k} + 104]",
                "imul {h}, {t2}",
                "mulx {l}, rdx, {b}",
                "imul {b}, {t3}",
                "add {h}, {l}",
                "add {b}, {h}",
                add_row!("t2" "t3" "t4" "t5" "t0", "h", "k" "64"),
                "adcx {t1}, {z}",
                "adox {t1}, {z}",
                "mov rdx, {b}",
                add_row!("t3" "t4" "t5" "t0" "t1", "h", "k" "64"),
                a = in(reg) a.as_ptr(),
                b = inout(reg) b.as_ptr() => _,
                k = in(reg) constants.as_ptr(),
                t0 = out(reg) w2,
                t1 = out(reg) w3,
                t2 = out(reg) _,
                t3 = out(reg) _,
                t4 = out(reg) w0,
                t5 = out(reg) w1,
                h = out(reg) _,
                l = out(reg) _,
                z = out(reg) _,
                out("rdx") _,
                options(pure, readonly, nostack),
            );
        }
        [w0, w1, w2, w3]
    }
}
