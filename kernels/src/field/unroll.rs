//! Arrays of lanes, built without a loop, and loops over their places without one.
//!
//! `array::from_fn` and `array::map` may stay functions of their own in the compiled code: without
//! the instructions that the kernel around them has enabled. Loops in a large kernel may stay loops,
//! and the arrays that they index then stay in memory.

/// `[f(0), ..., f(4)]`
#[inline(always)]
pub(super) fn five<T>(f: impl Fn(usize) -> T) -> [T; 5] {
    [f(0), f(1), f(2), f(3), f(4)]
}

/// `[f(0), ..., f(5)]`
#[inline(always)]
pub(super) fn six<T>(f: impl Fn(usize) -> T) -> [T; 6] {
    [f(0), f(1), f(2), f(3), f(4), f(5)]
}

/// `[f(0), ..., f(7)]`
#[inline(always)]
pub(crate) fn eight<T>(f: impl Fn(usize) -> T) -> [T; 8] {
    [f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7)]
}

/// `[f(0), ..., f(9)]`
#[inline(always)]
pub(super) fn ten<T>(f: impl Fn(usize) -> T) -> [T; 10] {
    [f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7), f(8), f(9)]
}

/// `f(0)`, ..., `f(4)`, one after the other.
#[inline(always)]
pub(super) fn five_times(mut f: impl FnMut(usize)) {
    f(0);
    f(1);
    f(2);
    f(3);
    f(4);
}
