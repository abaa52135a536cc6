//! Further functions of one variable, each looked up in a table over its calibrated arguments.

use super::{
    erf::erf,
    function::{Domain, Function, Tabulation, Values, with_headroom},
};
use std::f64::consts::{FRAC_2_PI, LN_2, SQRT_2};

/// Beyond these arguments, exponentials are below the resolution of a result.
const FLAT: f64 = 16.0;

/// A function that is defined everywhere and follows its calibrated range.
const fn calibrated(name: &'static str, eval: fn(f64) -> f64, values: Values) -> Function {
    Function {
        name,
        domain: Domain::All,
        eval,
        values,
        tabulation: Tabulation::Range {
            largest: |calibrated| calibrated,
            arguments: with_headroom,
        },
    }
}

/// A function with results from -1 to 1.
const fn unit(name: &'static str, eval: fn(f64) -> f64, values: Values) -> Function {
    Function {
        tabulation: Tabulation::Range {
            largest: |_| 1.0,
            arguments: with_headroom,
        },
        ..calibrated(name, eval, values)
    }
}

/// A function that grows like an exponential on both sides.
const fn hyperbolic(name: &'static str, eval: fn(f64) -> f64, values: Values) -> Function {
    Function {
        tabulation: Tabulation::Range {
            largest: |calibrated| calibrated,
            arguments: |least, most| (least - LN_2, most + LN_2),
        },
        ..calibrated(name, eval, values)
    }
}

impl Function {
    /// Inverse hyperbolic sine.
    pub const ASINH: Function = calibrated("Asinh", f64::asinh, Values::Monotone);

    /// Inverse tangent.
    pub const ATAN: Function = calibrated("Atan", f64::atan, Values::Monotone);

    /// Cosine.
    pub const COS: Function = unit("Cos", f64::cos, Values::AtLeast(-1.0));

    /// Hyperbolic cosine.
    pub const COSH: Function = hyperbolic("Cosh", f64::cosh, Values::AtLeast(1.0));

    /// `2 / sqrt(pi)` times the integral of `e^(-t^2)` from 0 to `x`.
    pub const ERF: Function = Function {
        tabulation: Tabulation::Range {
            largest: |_| 1.0,
            arguments: |_, _| (-4.0, 4.0),
        },
        ..unit("Erf", erf, Values::AtLeast(-1.0))
    };

    /// `e^min(x, 0) - 1`.
    pub const EXPM1_NEGATIVE: Function = Function {
        tabulation: Tabulation::Range {
            largest: |_| 1.0,
            arguments: |_, _| (-FLAT, 0.0),
        },
        ..unit("Expm1", |x| x.min(0.0).exp_m1(), Values::Monotone)
    };

    /// `x (1 + erf(x / sqrt(2))) / 2`.
    pub const GELU: Function = calibrated(
        "Gelu",
        |x| gated(x, (1.0 + erf(x / SQRT_2)) / 2.0),
        Values::AtLeast(-0.17),
    );

    /// `x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2`.
    pub const GELU_TANH: Function = calibrated(
        "Gelu",
        |x| {
            gated(
                x,
                (1.0 + (FRAC_2_PI.sqrt() * (x + 0.044715 * x * x * x)).tanh()) / 2.0,
            )
        },
        Values::AtLeast(-0.171),
    );

    /// Natural logarithm.
    pub const LOG: Function = Function {
        domain: Domain::Positive,
        ..calibrated("Log", f64::ln, Values::Monotone)
    };

    /// `x tanh(log(1 + e^x))`.
    pub const MISH: Function = calibrated("Mish", |x| gated(x, softplus(x).tanh()), Values::AtLeast(-0.309));

    /// `x / (1 + e^-x)`.
    pub const SILU: Function = calibrated(
        "Silu",
        |x| gated(x, 1.0 / (1.0 + (-x).exp())),
        Values::AtLeast(-0.2785),
    );

    /// Sine.
    pub const SIN: Function = unit("Sin", f64::sin, Values::AtLeast(-1.0));

    /// Hyperbolic sine.
    pub const SINH: Function = hyperbolic("Sinh", f64::sinh, Values::Monotone);

    /// `log(1 + e^x)`.
    pub const SOFTPLUS: Function = calibrated("Softplus", softplus, Values::Monotone);

    /// `x / (1 + |x|)`.
    pub const SOFTSIGN: Function = unit("Softsign", softsign, Values::Monotone);
}

/// `x` times a gate that vanishes at minus infinity.
fn gated(x: f64, gate: f64) -> f64 {
    if gate == 0.0 { 0.0 } else { x * gate }
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

fn softsign(x: f64) -> f64 {
    if x.is_infinite() {
        x.signum()
    } else {
        x / (1.0 + x.abs())
    }
}
