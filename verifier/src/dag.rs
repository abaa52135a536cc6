//! Field arithmetic as a graph of fused operations `a b + c`.

use ff::Field;
use halo2curves::bn256::Fr;
use std::collections::HashMap;

/// A node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id(pub u32);

/// A word of memory that holds an input or takes a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// A challenge, in the order of the transcript.
    Challenge(usize),
    /// An evaluation, in the order of the proof.
    Evaluation(usize),
    /// `sum_i value_i w^i / (x - w^i)` of an instance column.
    InstanceSum(usize),
    /// `x^n`.
    Power,
    /// A number whose inverse is needed; later its inverse.
    Denominator(usize),
    /// The scalar of a point in the final sum.
    Scalar(usize),
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    Slot(Slot),
    /// Index in [`Dag::constants`].
    Constant(usize),
    /// `a b + c`.
    Fused(Id, Id, Id),
}

/// The graph. Operands come before results; equal nodes are one.
#[derive(Debug, Default)]
pub(crate) struct Dag {
    nodes: Vec<Node>,
    ids: HashMap<Node, Id>,
    constants: Vec<Fr>,
    /// The index of each constant.
    indices: HashMap<Fr, usize>,
}

impl Dag {
    pub fn node(&self, id: Id) -> Node {
        self.nodes[id.0 as usize]
    }

    /// Ends the making: what is left are the constants.
    pub fn into_constants(self) -> Vec<Fr> {
        self.constants
    }

    pub fn slot(&mut self, slot: Slot) -> Id {
        self.push(Node::Slot(slot))
    }

    pub fn constant(&mut self, value: Fr) -> Id {
        let index = *self.indices.entry(value).or_insert_with(|| {
            self.constants.push(value);
            self.constants.len() - 1
        });
        self.push(Node::Constant(index))
    }

    /// The value, if it is a constant.
    fn value(&self, id: Id) -> Option<Fr> {
        match self.node(id) {
            Node::Constant(i) => Some(self.constants[i]),
            _ => None,
        }
    }

    /// `a b + c`.
    pub fn fused(&mut self, a: Id, b: Id, c: Id) -> Id {
        let (a, b) = (a.min(b), a.max(b));
        let [va, vb, vc] = [a, b, c].map(|id| self.value(id));
        if va == Some(Fr::ZERO) || vb == Some(Fr::ZERO) {
            return c;
        }
        match (va, vb, vc) {
            (Some(a), Some(b), Some(c)) => return self.constant(a * b + c),
            (Some(a), Some(b), None) => {
                let (ab, one) = (self.constant(a * b), self.constant(Fr::ONE));
                return self.push(Node::Fused(ab, one, c));
            }
            (Some(Fr::ONE), None, Some(Fr::ZERO)) => return b,
            (None, Some(Fr::ONE), Some(Fr::ZERO)) => return a,
            _ => {}
        }
        self.push(Node::Fused(a, b, c))
    }

    pub fn add(&mut self, a: Id, b: Id) -> Id {
        for (product, other) in [(a, b), (b, a)] {
            if let Some((p, q)) = self.product(product) {
                return self.fused(p, q, other);
            }
        }
        let one = self.constant(Fr::ONE);
        self.fused(a, one, b)
    }

    pub fn sub(&mut self, a: Id, b: Id) -> Id {
        let negated = self.negate(b);
        self.add(negated, a)
    }

    pub fn mul(&mut self, a: Id, b: Id) -> Id {
        // (c p) b = p (c b) for constants: a factor moves to where it costs nothing.
        for (scaled, other) in [(a, b), (b, a)] {
            let (Some((p, q)), Some(k)) = (self.product(scaled), self.value(other)) else {
                continue;
            };
            for (constant, rest) in [(p, q), (q, p)] {
                if let Some(c) = self.value(constant) {
                    let ck = self.constant(c * k);
                    return self.mul(ck, rest);
                }
            }
        }
        let zero = self.constant(Fr::ZERO);
        self.fused(a, b, zero)
    }

    pub fn negate(&mut self, a: Id) -> Id {
        let minus_one = self.constant(-Fr::ONE);
        self.mul(a, minus_one)
    }

    /// The factors of a plain product.
    fn product(&self, id: Id) -> Option<(Id, Id)> {
        match self.node(id) {
            Node::Fused(a, b, c) if self.value(c) == Some(Fr::ZERO) => Some((a, b)),
            _ => None,
        }
    }

    fn push(&mut self, node: Node) -> Id {
        *self.ids.entry(node).or_insert_with(|| {
            self.nodes.push(node);
            Id(self.nodes.len() as u32 - 1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_products_are_fused_and_constants_folded() {
        let mut dag = Dag::default();
        let [x, y, z] = [0, 1, 2].map(|i| dag.slot(Slot::Challenge(i)));
        let product = dag.mul(x, y);
        let sum = dag.add(product, z);
        assert_eq!(dag.node(sum), Node::Fused(x, y, z));
        assert_eq!(dag.add(z, product), sum);
        let [two, three] = [2, 3].map(|c| dag.constant(Fr::from(c)));
        let doubled = dag.mul(x, two);
        let scaled = dag.mul(doubled, three);
        let six = dag.constant(Fr::from(6));
        assert_eq!(scaled, dag.mul(six, x));
        assert_eq!(dag.fused(two, three, six), dag.constant(Fr::from(12)));
        let difference = dag.sub(x, y);
        let minus_one = dag.constant(-Fr::ONE);
        assert_eq!(
            dag.node(difference),
            Node::Fused(y.min(minus_one), y.max(minus_one), x)
        );
        let (zero, one) = (dag.constant(Fr::ZERO), dag.constant(Fr::ONE));
        assert_eq!(dag.mul(x, one), x);
        assert_eq!(dag.mul(x, zero), zero);
    }
}
