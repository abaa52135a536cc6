//! The scalars of the points in the final sum.

use super::{Builder, INVERSE_OPENINGS, INVERSE_VANISHING, INVERSE_X, Output};
use crate::dag::{Id, Slot};
use crate::link::LinkParts;
use crate::openings::{Commitment, Evaluation};
use crate::protocol::After;
use ff::Field;
use halo2curves::bn256::Fr;

impl Builder<'_> {
    /// SHPLONK: the scalar of every point of the proof, of the two opening points, of the model commitment's where there
    /// is one, of the key's points and of the generator.
    ///
    /// With `d_t = u - x w^t`, the sets `S_i` of rotations and `Z_0 = prod_(t in S_0) d_t`, halo2 gives commitment
    /// `j` of set `i` the scalar `v^i y^j Z_0 / prod_(t in S_i) d_t`, and the generator
    /// `-Z_0 sum_i v^i sum_(t in S_i) (sum_j y^j e_ijt) / (d_t x^(|S_i| - 1) prod_(q in S_i, q != t) (w^t - w^q))`.
    pub(super) fn scalars(&mut self, expected: Id) -> Vec<Output> {
        let (y, v, u) = (
            self.after(After::Openings),
            self.after(After::V),
            self.after(After::U),
        );
        let x = self.after(After::X);
        let (zero, one) = (self.constant(Fr::ZERO), self.constant(Fr::ONE));
        let z_0 = {
            let mut product = one;
            for &t in &self.p.sets[0].points {
                let minus_root = self.constant(-self.root(self.p.rotations[t]));
                let d = self.dag.fused(minus_root, x, u);
                product = self.dag.mul(product, d);
            }
            product
        };
        let (points, pieces) = (self.p.points, self.p.quotient);
        let key = self.p.first_key_point();
        let mut scalars = vec![zero; key + self.p.key_points.len() + 1];
        let mut quotient = zero;
        let mut total = zero;
        let mut power_of_v = one;
        let mut powers_of_y = vec![one];
        for (i, set) in self.p.sets.iter().enumerate() {
            let scale = if i == 0 {
                one
            } else {
                let mut scale = self.dag.mul(power_of_v, z_0);
                for &t in &set.points {
                    let inverse = self.inverse(INVERSE_OPENINGS + t);
                    scale = self.dag.mul(scale, inverse);
                }
                scale
            };
            while powers_of_y.len() < set.commitments.len() {
                let next = self.dag.mul(powers_of_y[powers_of_y.len() - 1], y);
                powers_of_y.push(next);
            }
            for (j, (commitment, _)) in set.commitments.iter().enumerate() {
                let scalar = self.dag.mul(scale, powers_of_y[j]);
                match *commitment {
                    Commitment::Proof(point) => scalars[point] = scalar,
                    Commitment::Key(point) => scalars[key + point] = scalar,
                    Commitment::Quotient => {
                        quotient = scalar;
                        let mut power = scalar;
                        for piece in &mut scalars[pieces.0..pieces.0 + pieces.1] {
                            *piece = power;
                            power = self.dag.mul(power, self.xn);
                        }
                    }
                }
            }
            // Evaluations at each point by Horner's rule from the last commitment on.
            let roots: Vec<Fr> = set
                .points
                .iter()
                .map(|&t| self.root(self.p.rotations[t]))
                .collect();
            let mut sum = zero;
            for (position, &t) in set.points.iter().enumerate() {
                let mut at_point = zero;
                for (_, evaluations) in set.commitments.iter().rev() {
                    let e = match evaluations[position] {
                        Evaluation::Proof(e) => self.evaluation(e),
                        Evaluation::Quotient => expected,
                    };
                    at_point = self.dag.fused(at_point, y, e);
                }
                let others = roots.iter().enumerate().filter(|(q, _)| *q != position);
                let differences: Fr = others.map(|(_, root)| roots[position] - root).product();
                let weight = self.constant(differences.invert().unwrap_or(Fr::ZERO));
                let inverse = self.inverse(INVERSE_OPENINGS + t);
                let weight = self.dag.mul(weight, inverse);
                sum = self.dag.fused(weight, at_point, sum);
            }
            let inverse_x = self.inverse(INVERSE_X);
            for _ in 1..set.points.len() {
                sum = self.dag.mul(sum, inverse_x);
            }
            total = self.dag.fused(power_of_v, sum, total);
            power_of_v = self.dag.mul(power_of_v, v);
        }
        scalars[points] = self.dag.negate(z_0);
        scalars[points + 1] = u;
        let total = self.dag.mul(total, z_0);
        let generator = scalars.len() - 1;
        scalars[generator] = self.dag.negate(total);
        // Its columns have scalars of their own by now, in whatever set they are.
        if let Some(link) = &self.p.link {
            self.link(link, quotient, &mut scalars);
        }
        scalars
            .into_iter()
            .enumerate()
            .map(|(i, id)| (Slot::Scalar(i), id))
            .collect()
    }

    /// Takes the link's part out of the quotient, which has the scalar `quotient`: `gamma v / (x^n - 1) D`, times that.
    fn link(&mut self, link: &LinkParts, quotient: Id, scalars: &mut [Id]) {
        let gamma = self.dag.slot(Slot::Challenge(link.challenge));
        let v = self.evaluation(link.value);
        let inverse = self.inverse(INVERSE_VANISHING);
        let published = self.p.proof_points();
        let factor = self.dag.mul(v, inverse);
        let mut term = self.dag.mul(quotient, factor);
        for (i, point) in link.model.columns.clone().enumerate() {
            term = self.dag.mul(term, gamma);
            scalars[point] = self.dag.sub(scalars[point], term);
            scalars[published + i] = term;
        }
    }
}
