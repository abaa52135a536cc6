//! The reference of every kernel: the definitions, in plain code on halo2curves' types.

use crate::{Backend, Error, Instruction, Operand, Program, Scalars, check};
use ff::{Field, PrimeField};
use group::{Curve, Group};
use halo2curves::bn256::{Fr, G1, G1Affine};
use halo2curves::msm::msm_best;

/// A backend that is right by inspection, and slow.
#[derive(Clone, Copy, Debug, Default)]
pub struct Oracle;

/// The generator of the subgroup of `2^log_size` elements that halo2 uses.
///
/// # Panics
///
/// For a `log_size` above 28: the field has no such subgroup.
pub fn root_of_unity(log_size: u32) -> Fr {
    assert!(
        log_size <= Fr::S,
        "the field has no subgroup of 2^{log_size} elements"
    );
    (log_size..Fr::S).fold(Fr::ROOT_OF_UNITY, |root, _| root.square())
}

/// A signed integer as a field element.
pub fn small(value: i32) -> Fr {
    let magnitude = Fr::from(u64::from(value.unsigned_abs()));
    if value < 0 { -magnitude } else { magnitude }
}

/// `sum_i c_i (w^j)^i` for all `j`, by splitting into even and odd coefficients.
fn transform(coefficients: &[Fr], root: Fr) -> Vec<Fr> {
    if coefficients.len() <= 1 {
        return coefficients.to_vec();
    }
    let half = |first| {
        coefficients
            .iter()
            .skip(first)
            .step_by(2)
            .copied()
            .collect::<Vec<_>>()
    };
    let even = transform(&half(0), root.square());
    let odd = transform(&half(1), root.square());
    let mut power = Fr::ONE;
    let (mut low, mut high) = (
        Vec::with_capacity(coefficients.len()),
        Vec::with_capacity(even.len()),
    );
    for (e, o) in even.into_iter().zip(odd) {
        low.push(e + power * o);
        high.push(e - power * o);
        power *= root;
    }
    low.extend(high);
    low
}

/// Multiplies element `i` by `first * ratio^i`.
fn scale(values: &mut [Fr], first: Fr, ratio: Fr) {
    let mut factor = first;
    for value in values {
        *value *= factor;
        factor *= ratio;
    }
}

/// The inverse of an element that the caller knows not to be zero.
fn inverse(value: Fr) -> Fr {
    value.invert().unwrap_or(Fr::ZERO)
}

impl Backend for Oracle {
    type Vector = Vec<Fr>;
    type Integers = Vec<i32>;
    type Bases = Vec<G1Affine>;

    fn name(&self) -> String {
        "oracle (halo2curves)".into()
    }

    fn upload(&self, values: &[Fr]) -> Result<Vec<Fr>, Error> {
        Ok(values.to_vec())
    }

    fn upload_integers(&self, values: Vec<i32>) -> Result<Vec<i32>, Error> {
        Ok(values)
    }

    fn expand_small(&self, values: &Vec<i32>, tail: &[Fr]) -> Result<Vec<Fr>, Error> {
        Ok(values
            .iter()
            .map(|&value| small(value))
            .chain(tail.iter().copied())
            .collect())
    }

    fn expand_dictionary(
        &self,
        codes: &[&Vec<i32>],
        rows: usize,
        table: &Vec<Fr>,
        tail: &[Fr],
    ) -> Result<Vec<Fr>, Error> {
        let codes = check::first_rows("expand_dictionary", codes, rows)?;
        check::codes("expand_dictionary", &codes, table.len())?;
        let row = |row: usize| codes.iter().map(|codes| table[codes[row] as usize]).sum();
        Ok((0..rows).map(row).chain(tail.iter().copied()).collect())
    }

    fn download(&self, vector: &Vec<Fr>) -> Result<Vec<Fr>, Error> {
        Ok(vector.clone())
    }

    fn duplicate(&self, vector: &Vec<Fr>) -> Result<Vec<Fr>, Error> {
        Ok(vector.clone())
    }

    fn concatenate(&self, parts: &[&Vec<Fr>]) -> Result<Vec<Fr>, Error> {
        Ok(parts.iter().copied().flatten().copied().collect())
    }

    fn len(&self, vector: &Vec<Fr>) -> usize {
        vector.len()
    }

    fn read(&self, vector: &Vec<Fr>, start: usize, count: usize) -> Result<Vec<Fr>, Error> {
        check::range("read", start, count, vector.len())?;
        Ok(vector[start..start + count].to_vec())
    }

    fn write(&self, vector: &mut Vec<Fr>, start: usize, values: &[Fr]) -> Result<(), Error> {
        check::range("write", start, values.len(), vector.len())?;
        vector[start..start + values.len()].copy_from_slice(values);
        Ok(())
    }

    fn bases(&self, points: &[G1Affine]) -> Result<Vec<G1Affine>, Error> {
        Ok(points.to_vec())
    }

    fn msm(
        &self,
        bases: &Vec<G1Affine>,
        columns: &[Scalars<'_, Vec<Fr>, Vec<i32>>],
    ) -> Result<Vec<G1Affine>, Error> {
        columns
            .iter()
            .map(|column| {
                let scalars = match column {
                    Scalars::Full(vector) => (*vector).clone(),
                    Scalars::Small { values, tail } => self.expand_small(values, tail)?,
                    Scalars::Dictionary {
                        codes,
                        rows,
                        table,
                        tail,
                    } => self.expand_dictionary(codes, *rows, table, tail)?,
                };
                check::column(bases.len(), scalars.len())?;
                if scalars.is_empty() {
                    return Ok(G1::identity().to_affine());
                }
                Ok(msm_best(&scalars, &bases[..scalars.len()]).to_affine())
            })
            .collect()
    }

    fn ntt(&self, vectors: &mut [Vec<Fr>]) -> Result<(), Error> {
        for vector in vectors {
            let log_size = check::domain("ntt", vector.len())?;
            *vector = transform(vector, root_of_unity(log_size));
        }
        Ok(())
    }

    fn intt(&self, vectors: &mut [Vec<Fr>]) -> Result<(), Error> {
        for vector in vectors {
            let log_size = check::domain("intt", vector.len())?;
            *vector = transform(vector, inverse(root_of_unity(log_size)));
            scale(vector, inverse(Fr::from(1 << log_size)), Fr::ONE);
        }
        Ok(())
    }

    fn coset_ntt(&self, coefficients: &[&Vec<Fr>], shift: Fr) -> Result<Vec<Vec<Fr>>, Error> {
        check::shift("coset_ntt", shift)?;
        let mut values: Vec<Vec<Fr>> = coefficients.iter().map(|&vector| vector.clone()).collect();
        for vector in &mut values {
            check::domain("coset_ntt", vector.len())?;
            scale(vector, Fr::ONE, shift);
        }
        self.ntt(&mut values)?;
        Ok(values)
    }

    fn coset_intt(&self, values: &mut Vec<Fr>, shift: Fr) -> Result<(), Error> {
        check::shift("coset_intt", shift)?;
        check::domain("coset_intt", values.len())?;
        self.intt(std::slice::from_mut(values))?;
        scale(values, Fr::ONE, inverse(shift));
        Ok(())
    }

    fn batch_invert(&self, vector: &mut Vec<Fr>) -> Result<(), Error> {
        for value in vector {
            *value = inverse(*value);
        }
        Ok(())
    }

    fn running_product(&self, vector: &Vec<Fr>, start: Fr) -> Result<Vec<Fr>, Error> {
        let mut product = start;
        Ok(vector
            .iter()
            .map(|value| {
                let before = product;
                product *= value;
                before
            })
            .collect())
    }

    fn linear_combination(&self, terms: &[(Fr, &Vec<Fr>)]) -> Result<Vec<Fr>, Error> {
        let length = terms
            .iter()
            .map(|(_, vector)| vector.len())
            .max()
            .ok_or(Error::empty("linear_combination", "term"))?;
        let mut sum = vec![Fr::ZERO; length];
        for (factor, vector) in terms {
            for (total, value) in sum.iter_mut().zip(vector.iter()) {
                *total += *factor * value;
            }
        }
        Ok(sum)
    }

    fn fold(&self, coefficients: &[&Vec<Fr>], size: usize, factor: Fr) -> Result<Vec<Vec<Fr>>, Error> {
        check::pieces("fold", size, coefficients.iter().map(|vector| vector.len()))?;
        let fold = |vector: &&Vec<Fr>| {
            let mut sum = vec![Fr::ZERO; size];
            for piece in vector.rchunks(size) {
                for (sum, value) in sum.iter_mut().zip(piece) {
                    *sum = *sum * factor + value;
                }
            }
            sum
        };
        Ok(coefficients.iter().map(fold).collect())
    }

    fn evaluate(&self, queries: &[(&Vec<Fr>, Fr)]) -> Result<Vec<Fr>, Error> {
        let horner = |coefficients: &[Fr], point: Fr| {
            coefficients
                .iter()
                .rev()
                .fold(Fr::ZERO, |value, coefficient| value * point + coefficient)
        };
        Ok(queries
            .iter()
            .map(|(coefficients, point)| horner(coefficients, *point))
            .collect())
    }

    fn divide_by_linear(&self, coefficients: &mut Vec<Fr>, root: Fr) -> Result<(), Error> {
        let mut carry = Fr::ZERO;
        for coefficient in coefficients.iter_mut().rev() {
            let next = *coefficient + root * carry;
            *coefficient = carry;
            carry = next;
        }
        Ok(())
    }

    fn run(&self, program: &Program, columns: &[&Vec<Fr>], constants: &[Fr]) -> Result<Vec<Fr>, Error> {
        let rows = check::columns(columns.iter().map(|column| column.len()))?;
        program.check(columns.len(), constants.len())?;
        let mut registers = vec![Fr::ZERO; program.registers as usize];
        Ok((0..rows)
            .map(|row| run_row(program, columns, constants, row, &mut registers))
            .collect())
    }
}

/// The value of one row. The program has been checked, and rows are at least one.
fn run_row(
    program: &Program,
    columns: &[&Vec<Fr>],
    constants: &[Fr],
    row: usize,
    registers: &mut [Fr],
) -> Fr {
    let value = |operand: Operand, registers: &[Fr]| match operand {
        Operand::Register(index) => registers[index as usize],
        Operand::Constant(index) => constants[index as usize],
        Operand::Column(column) => {
            let cells = columns[column.index as usize];
            let row = (row as i64 + i64::from(column.rotation)).rem_euclid(cells.len() as i64);
            cells[row as usize]
        }
    };
    for step in &program.instructions {
        let result = match *step {
            Instruction::Add { a, b, .. } => value(a, registers) + value(b, registers),
            Instruction::Sub { a, b, .. } => value(a, registers) - value(b, registers),
            Instruction::Mul { a, b, .. } => value(a, registers) * value(b, registers),
            Instruction::MulAdd { a, b, c, .. } => {
                value(a, registers) * value(b, registers) + value(c, registers)
            }
        };
        registers[step.target() as usize] = result;
    }
    program
        .result
        .map_or(Fr::ZERO, |operand| value(operand, registers))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(count: u64) -> Vec<Fr> {
        (0..count).map(|i| Fr::from(i * i + 7).square()).collect()
    }

    /// The transform is the sum that defines it.
    #[test]
    fn transform_is_evaluation() {
        for log_size in 0..6 {
            let coefficients = values(1 << log_size);
            let root = root_of_unity(log_size);
            let mut vectors = [coefficients.clone()];
            Oracle.ntt(&mut vectors).unwrap();
            for (j, value) in vectors[0].iter().enumerate() {
                let point = root.pow_vartime([j as u64]);
                assert_eq!(Oracle.evaluate(&[(&coefficients, point)]).unwrap(), [*value]);
            }
            Oracle.intt(&mut vectors).unwrap();
            assert_eq!(vectors[0], coefficients);
        }
    }

    #[test]
    fn coset_is_evaluation_on_the_shifted_domain() {
        let coefficients = values(8);
        let shift = Fr::from(5);
        let mut shifted = Oracle.coset_ntt(&[&coefficients], shift).unwrap().remove(0);
        for (j, value) in shifted.iter().enumerate() {
            let point = shift * root_of_unity(3).pow_vartime([j as u64]);
            assert_eq!(Oracle.evaluate(&[(&coefficients, point)]).unwrap(), [*value]);
        }
        Oracle.coset_intt(&mut shifted, shift).unwrap();
        assert_eq!(shifted, coefficients);
    }

    #[test]
    fn multiplication_is_the_sum_of_multiples() {
        let points: Vec<G1Affine> = values(9)
            .iter()
            .map(|scalar| (G1::generator() * scalar).to_affine())
            .collect();
        let scalars = values(7);
        let sum: G1 = scalars
            .iter()
            .zip(&points)
            .map(|(scalar, point)| point * scalar)
            .sum();
        let small_values = vec![-3, 0, i32::MIN, i32::MAX];
        let small_sum: G1 = small_values
            .iter()
            .zip(&points)
            .map(|(value, point)| point * small(*value))
            .sum::<G1>()
            + points[4] * scalars[0];
        let columns = [
            Scalars::Full(&scalars),
            Scalars::Small {
                values: &small_values,
                tail: &scalars[..1],
            },
            Scalars::Small {
                values: &vec![],
                tail: &[],
            },
        ];
        let found = Oracle.msm(&points, &columns).unwrap();
        assert_eq!(
            found,
            [sum.to_affine(), small_sum.to_affine(), G1::identity().to_affine()]
        );
    }

    #[test]
    fn division_leaves_the_remainder_out() {
        let coefficients = values(9);
        let root = Fr::from(11);
        let mut quotient = coefficients.clone();
        Oracle.divide_by_linear(&mut quotient, root).unwrap();
        assert_eq!(quotient[8], Fr::ZERO);
        for point in values(4) {
            let at = |vector| Oracle.evaluate(&[(vector, point)]).unwrap()[0];
            let remainder = Oracle.evaluate(&[(&coefficients, root)]).unwrap()[0];
            assert_eq!(at(&quotient) * (point - root) + remainder, at(&coefficients));
        }
    }
}
