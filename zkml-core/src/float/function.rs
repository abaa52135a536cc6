//! Functions of one variable: the value, the domain, and how a circuit tabulates it.

/// Where a function is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// All real numbers.
    All,
    /// `x >= 0`.
    NonNegative,
    /// `x > 0`.
    Positive,
}

impl Domain {
    /// Whether it holds every number from `least` on.
    pub fn holds_from(self, least: f64) -> bool {
        match self {
            Domain::All => true,
            Domain::NonNegative => least >= 0.0,
            Domain::Positive => least > 0.0,
        }
    }
}

/// How integers are looked up.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tabulation {
    /// In a table over the range of the argument.
    Range {
        /// Largest absolute result, from the largest that calibration yields.
        largest: fn(f64) -> f64,
        /// Arguments beyond which the result does not change, or leaves the headroom of the calibrated results; from
        /// the least and the largest argument of the calibration data.
        arguments: fn(f64, f64) -> (f64, f64),
    },
    /// In a table over a few powers of two, which serves all others.
    PowersOfFour {
        /// Whether `f(4 x) = 2 f(x)`; otherwise `f(4 x) = f(x) / 2`.
        doubles: bool,
    },
}

/// What is known of the values of a function.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Values {
    /// They never decrease or never increase over the domain.
    Monotone,
    /// None is below this number.
    AtLeast(f64),
}

/// The arguments that the headroom of an operand allows: twice what calibration yields.
pub(super) fn with_headroom(least: f64, most: f64) -> (f64, f64) {
    let magnitude = 2.0 * least.abs().max(most.abs());
    (-magnitude, magnitude)
}

/// A function of one variable.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Name in messages.
    pub name: &'static str,
    /// Where it is defined.
    pub domain: Domain,
    pub(super) eval: fn(f64) -> f64,
    pub(super) values: Values,
    pub(crate) tabulation: Tabulation,
}

impl Function {
    /// `1 / (1 + e^-x)`.
    pub const SIGMOID: Function = Function {
        name: "Sigmoid",
        domain: Domain::All,
        eval: |x| 1.0 / (1.0 + (-x).exp()),
        values: Values::Monotone,
        tabulation: Tabulation::Range {
            largest: |_| 1.0,
            arguments: |_, _| (-16.0, 16.0),
        },
    };

    /// Hyperbolic tangent.
    pub const TANH: Function = Function {
        name: "Tanh",
        domain: Domain::All,
        eval: f64::tanh,
        values: Values::Monotone,
        tabulation: Tabulation::Range {
            largest: |_| 1.0,
            arguments: |_, _| (-8.0, 8.0),
        },
    };

    /// `e^x`.
    pub const EXP: Function = Function {
        name: "Exp",
        domain: Domain::All,
        eval: f64::exp,
        values: Values::Monotone,
        tabulation: Tabulation::Range {
            largest: |calibrated| calibrated,
            arguments: |least, most| (least.min(-20.0).max(most - 40.0), most + std::f64::consts::LN_2),
        },
    };

    /// Square root.
    pub const SQRT: Function = Function {
        name: "Sqrt",
        domain: Domain::NonNegative,
        eval: f64::sqrt,
        values: Values::Monotone,
        tabulation: Tabulation::PowersOfFour { doubles: true },
    };

    /// `1 / sqrt(x)`.
    pub const RSQRT: Function = Function {
        name: "Rsqrt",
        domain: Domain::Positive,
        eval: |x| 1.0 / x.sqrt(),
        values: Values::Monotone,
        tabulation: Tabulation::PowersOfFour { doubles: false },
    };

    /// The value at `x`; NaN or an infinity outside the domain.
    pub fn eval(&self, x: f64) -> f64 {
        (self.eval)(x)
    }

    /// The least value over the arguments of the domain from `least` on.
    pub(super) fn least(&self, least: f64) -> f64 {
        let first = match self.domain {
            Domain::All => least,
            Domain::NonNegative | Domain::Positive => least.max(0.0),
        };
        match self.values {
            Values::Monotone => self.eval(first).min(self.eval(f64::INFINITY)),
            Values::AtLeast(number) => number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Function; 18] = [
        Function::SIGMOID,
        Function::TANH,
        Function::EXP,
        Function::SQRT,
        Function::RSQRT,
        Function::ASINH,
        Function::ATAN,
        Function::COS,
        Function::COSH,
        Function::ERF,
        Function::EXPM1_NEGATIVE,
        Function::GELU,
        Function::GELU_TANH,
        Function::LOG,
        Function::MISH,
        Function::SILU,
        Function::SOFTPLUS,
        Function::SOFTSIGN,
    ];

    #[test]
    fn bounds_hold_from_minus_infinity_on() {
        for function in [Function::SIN, Function::SINH].into_iter().chain(ALL) {
            let least = function.least(f64::NEG_INFINITY);
            assert!(
                !least.is_nan() || function.domain != Domain::All,
                "{}",
                function.name
            );
            for x in (-4000..=4000).map(|i| f64::from(i) / 100.0) {
                let y = function.eval(x);
                assert!(
                    !function.domain.holds_from(x) || y >= least,
                    "{}({x}) is {y}",
                    function.name
                );
            }
        }
    }

    #[test]
    fn functions_are_monotone_or_bounded_on_their_domains() {
        for function in ALL {
            let points = (-400..=400).map(|i| f64::from(i) / 40.0);
            let inside: Vec<f64> = points.filter(|&x| function.domain.holds_from(x)).collect();
            let values: Vec<f64> = inside.iter().map(|&x| function.eval(x)).collect();
            let rising = values.is_sorted();
            let falling = values.iter().rev().is_sorted();
            let monotone = matches!(function.values, Values::Monotone);
            assert!(!monotone || rising || falling, "{}", function.name);
            for (&x, &y) in inside.iter().zip(&values) {
                assert!(y.is_finite() && function.least(x) <= y, "{}({x})", function.name);
            }
        }
    }

    #[test]
    fn functions_are_undefined_outside_their_domains() {
        assert!(Function::SQRT.eval(-1e-9).is_nan() && Function::LOG.eval(-1e-9).is_nan());
        assert!(!Function::RSQRT.eval(0.0).is_finite());
        assert!(!Domain::NonNegative.holds_from(f64::NAN) && !Domain::Positive.holds_from(0.0));
    }

    #[test]
    fn powers_of_four_only_scale() {
        for function in ALL {
            let Tabulation::PowersOfFour { doubles } = function.tabulation else {
                continue;
            };
            let factor = if doubles { 2.0 } else { 0.5 };
            for x in [0.3, 1.0, 17.0] {
                let (a, b) = (function.eval(4.0 * x), factor * function.eval(x));
                assert!((a - b).abs() <= 1e-14 * a, "{}", function.name);
            }
        }
    }
}
