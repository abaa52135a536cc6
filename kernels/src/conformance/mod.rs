//! What every backend must do: each operation against the [`Oracle`](crate::Oracle), on edge
//! lengths and edge values, and a typed error for what cannot be done.
//!
//! Test support: [`check`] panics where a backend differs.

mod errors;
mod multiplication;
mod polynomials;
mod programs;
mod sample;
mod transforms;

use crate::Backend;

/// Runs every check on a backend.
///
/// # Panics
///
/// Where a result differs from the oracle's, naming the operation, or an error from the one that
/// is documented.
pub fn check<B: Backend>(backend: &B) {
    polynomials::vectors(backend);
    polynomials::operations(backend);
    transforms::check(backend);
    programs::check(backend);
    multiplication::check(backend);
    errors::check(backend);
}

/// The environment variable that names backends which must not be missing, separated by commas:
/// `portable`, `avx512fma`, `avx512ifma`, `cuda`.
pub const REQUIRED: &str = "ZKML_REQUIRE_BACKENDS";

/// Names from [`REQUIRED`] that are not among those that ran.
pub fn missing(required: &str, ran: &[String]) -> Vec<String> {
    required
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty() && !ran.iter().any(|other| other == name))
        .map(String::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oracle_conforms_to_itself() {
        check(&crate::Oracle);
    }

    #[test]
    fn emulated_lanes_conform() {
        check(&crate::Cpu::emulated());
    }

    #[test]
    fn plain_rust_conforms() {
        check(&crate::Cpu::plain());
    }

    #[test]
    fn required_backends_are_looked_for() {
        let ran = ["portable".to_string()];
        assert!(missing("", &ran).is_empty());
        assert!(missing("portable", &ran).is_empty());
        assert_eq!(missing("portable, cuda", &ran), ["cuda"]);
    }
}
