//! The evaluation domain of a circuit, and the cosets that its quotient is computed on.

use crate::Error;
use ff::{Field, PrimeField, WithSmallOrderMulGroup};
use halo2_proofs::plonk::ConstraintSystem;
use halo2curves::bn256::Fr;

/// Slices of a coset. The quotient's memory falls with their number, and the work of reducing
/// polynomials to a slice rises with it: one multiplication per coefficient for two slices.
pub(crate) const SLICES: usize = 2;

/// Degree of the permutation argument, which every circuit has.
const MINIMUM_DEGREE: usize = 3;

/// `H = <w>` with `n = 2^k` elements, the rows that a circuit may use, and the cosets of `H`.
///
/// With constraints of degree `d` the quotient `h` has `d - 1` pieces of `n` coefficients. It is
/// computed on as many cosets of `H`, one after the other, and on each by slices: slice `t` has
/// every [`SLICES`]-th element, from element `t` on, so that it is a coset of the subgroup of
/// `m = n / SLICES` elements. Let `s_i` be the shifts of all slices of all cosets. As `X^m` is the
/// constant `c_i = s_i^m` on slice `i`, what is seen there of `h = sum_p X^(pm) h_p` is a
/// polynomial of degree below `m`, `g_i = sum_p c_i^p h_p`; all slices determine all `h_p`.
#[derive(Clone, Debug)]
pub(crate) struct Domain {
    pub k: u32,
    /// Rows.
    pub n: usize,
    /// Rows that a circuit may use; the row after them ends the running products, and the rest,
    /// [`Self::blinding`] rows, blinds.
    pub usable: usize,
    pub blinding: usize,
    /// Degree of the constraint system.
    pub degree: usize,
    omega: Fr,
    omega_inv: Fr,
    /// `s_i`: per coset its slices.
    pub shifts: Vec<Fr>,
    /// Row `p`: the coefficients of `h_p` in the numerators on the slices, which are `g_i` times
    /// `X^n - 1`, the constant `c_i^SLICES - 1`.
    pub interpolation: Vec<Vec<Fr>>,
}

impl Domain {
    pub fn new(cs: &ConstraintSystem<Fr>, k: u32) -> Result<Self, Error> {
        let degree = cs.degree();
        if degree < MINIMUM_DEGREE {
            return Err(Error::Degree {
                gate: "permutation argument".into(),
                polynomial: 0,
                degree: MINIMUM_DEGREE,
                limit: degree,
            });
        }
        let pieces = degree - 1;
        let extended_k = k + pieces.next_power_of_two().ilog2();
        if extended_k > Fr::S {
            return Err(Error::DomainTooLarge {
                k,
                degree,
                limit: Fr::S,
            });
        }
        let n = 1usize << k;
        if n < cs.minimum_rows() {
            return Err(Error::NotEnoughRows {
                expected: cs.minimum_rows(),
                k,
            });
        }
        let blinding = cs.blinding_factors();
        let omega = root_of_unity(k);
        let extended_omega = root_of_unity(extended_k);
        let cosets = (0..pieces as u64).map(|j| Fr::ZETA * extended_omega.pow_vartime([j]));
        let slices = |shift: Fr| (0..SLICES as u64).map(move |t| shift * omega.pow_vartime([t]));
        let shifts: Vec<Fr> = cosets.flat_map(slices).collect();
        let slice = [(n / SLICES) as u64];
        let nodes: Vec<Fr> = shifts.iter().map(|s| s.pow_vartime(slice)).collect();
        Ok(Self {
            k,
            n,
            usable: n - (blinding + 1),
            blinding,
            degree,
            omega,
            omega_inv: omega.invert().unwrap_or(Fr::ONE),
            interpolation: interpolation(&nodes),
            shifts,
        })
    }

    /// Pieces of the quotient.
    pub fn pieces(&self) -> usize {
        self.degree - 1
    }

    /// Elements of a slice.
    pub fn slice(&self) -> usize {
        self.n / SLICES
    }

    pub fn omega(&self) -> Fr {
        self.omega
    }

    /// `w^rotation x`
    pub fn rotate(&self, x: Fr, rotation: i32) -> Fr {
        let base = if rotation < 0 { self.omega_inv } else { self.omega };
        x * base.pow_vartime([u64::from(rotation.unsigned_abs())])
    }

    /// The rotation from the first row to the row after the usable ones.
    pub fn last_rotation(&self) -> i32 {
        -(self.blinding as i32 + 1)
    }

    /// How many columns share a running product.
    pub fn permutation_chunk(&self) -> usize {
        self.degree - 2
    }
}

/// A generator of the subgroup of order `2^k`, the one that halo2 uses.
fn root_of_unity(k: u32) -> Fr {
    (k..Fr::S).fold(Fr::ROOT_OF_UNITY, |root, _| root.square())
}

/// Coefficients of the Lagrange polynomials over the nodes `c_j`, divided by `c_j^SLICES - 1`:
/// entry `[p][j]` belongs to `Y^p` in the polynomial that is 1 at `c_j`.
fn interpolation(nodes: &[Fr]) -> Vec<Vec<Fr>> {
    let mut table = vec![vec![Fr::ZERO; nodes.len()]; nodes.len()];
    for (j, &node) in nodes.iter().enumerate() {
        let mut polynomial = vec![Fr::ONE];
        let mut scale = node.pow_vartime([SLICES as u64]) - Fr::ONE;
        for &other in nodes.iter().enumerate().filter(|(i, _)| *i != j).map(|(_, c)| c) {
            // Times (Y - other).
            polynomial.push(Fr::ZERO);
            for i in (0..polynomial.len()).rev() {
                let lower = if i == 0 { Fr::ZERO } else { polynomial[i - 1] };
                polynomial[i] = lower - other * polynomial[i];
            }
            scale *= node - other;
        }
        // The nodes are distinct and none is 1: cosets of H other than H itself.
        let scale = scale.invert().unwrap_or(Fr::ZERO);
        for (row, coefficient) in table.iter_mut().zip(polynomial) {
            row[j] = coefficient * scale;
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_recovered_from_cosets() {
        for count in 1..6u64 {
            let nodes: Vec<Fr> = (0..count).map(|j| Fr::from(7 + 3 * j)).collect();
            let pieces: Vec<Fr> = (0..count).map(|p| Fr::from(100 + p * p)).collect();
            let numerators: Vec<Fr> = nodes
                .iter()
                .map(|c| {
                    let value = pieces.iter().rev().fold(Fr::ZERO, |acc, h| acc * c + h);
                    value * (c.pow_vartime([SLICES as u64]) - Fr::ONE)
                })
                .collect();
            for (row, piece) in interpolation(&nodes).iter().zip(&pieces) {
                let found: Fr = row.iter().zip(&numerators).map(|(m, g)| m * g).sum();
                assert_eq!(found, *piece, "{count} pieces");
            }
        }
    }
}
