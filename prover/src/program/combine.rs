//! Many constraints into one sum.

use super::constant::{Constant, Symbol};
use super::graph::{Graph, Node, NodeKind, Source};
use ff::Field;
use halo2curves::bn256::Fr;
use std::collections::HashMap;

/// Constraints that one column switches: exponents of `y`, falling, and what is switched.
struct Group {
    switch: Option<Node>,
    members: Vec<(usize, Node)>,
}

impl Graph {
    /// `sum_i y^(count - 1 - i) terms_i`, with few multiplications.
    ///
    /// Constraints that are switched by the same fixed column (a selector, `l_0`, the usable rows)
    /// are summed first and multiplied by it once. Each group is summed by Horner's rule.
    pub fn combine(&mut self, terms: &[Node]) -> Node {
        let mut switches: Vec<Vec<Node>> = Vec::with_capacity(terms.len());
        let mut uses: HashMap<Node, usize> = HashMap::new();
        for &term in terms {
            let mut found: Vec<Node> = self.factors(term);
            found.retain(|&factor| self.is_switch(factor));
            found.dedup();
            for &switch in &found {
                *uses.entry(switch).or_default() += 1;
            }
            switches.push(found);
        }
        let mut groups: Vec<Group> = Vec::new();
        for (i, (&term, candidates)) in terms.iter().zip(&switches).enumerate() {
            let exponent = terms.len() - 1 - i;
            let switch = candidates
                .iter()
                .copied()
                .filter(|switch| uses[switch] > 1)
                .max_by_key(|switch| (uses[switch], std::cmp::Reverse(*switch)));
            let rest = match switch {
                Some(switch) => self.without(term, switch),
                None => term,
            };
            match groups.iter_mut().find(|group| group.switch == switch) {
                Some(group) => group.members.push((exponent, rest)),
                None => groups.push(Group {
                    switch,
                    members: vec![(exponent, rest)],
                }),
            }
        }
        let powers = self.powers_of_y(terms.len());
        let mut total = self.literal(Fr::ZERO);
        for Group { switch, members } in groups {
            let mut sum = self.horner(&members, &powers);
            if let Some(switch) = switch {
                sum = self.mul(switch, sum);
            }
            total = self.add(total, sum);
        }
        total
    }

    /// `sum_i y^(e_i) t_i` for falling exponents.
    fn horner(&mut self, members: &[(usize, Node)], powers: &[Constant]) -> Node {
        let mut sum = self.literal(Fr::ZERO);
        let mut at = members.first().map_or(0, |(exponent, _)| *exponent);
        for &(exponent, term) in members {
            let gap = self.constant(powers[at - exponent]);
            let scaled = self.mul(sum, gap);
            sum = self.add(scaled, term);
            at = exponent;
        }
        let last = self.constant(powers[at]);
        self.mul(sum, last)
    }

    fn powers_of_y(&mut self, count: usize) -> Vec<Constant> {
        let y = self.constants.symbol(Symbol::Y);
        let mut power = self.constants.literal(Fr::ONE);
        (0..count.max(1))
            .map(|_| {
                let now = power;
                power = self.constants.mul(power, y);
                now
            })
            .collect()
    }

    /// Columns that do not depend on the witness switch constraints on and off.
    fn is_switch(&self, node: Node) -> bool {
        match self.kind(node) {
            NodeKind::Cell(cell) => matches!(
                cell.source,
                Source::Fixed(_) | Source::First | Source::Last | Source::Active
            ),
            _ => false,
        }
    }

    /// The factors of a product of products, in order of their nodes.
    fn factors(&self, node: Node) -> Vec<Node> {
        let mut factors = Vec::new();
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            match self.kind(node) {
                NodeKind::Mul(a, b) => open.extend([a, b]),
                _ => factors.push(node),
            }
        }
        factors.sort();
        factors
    }

    /// A product without one of its factors.
    fn without(&mut self, product: Node, factor: Node) -> Node {
        if let NodeKind::Mul(a, b) = self.kind(product) {
            // The rest is in the graph already, and may be used elsewhere.
            if a == factor {
                return b;
            }
            if b == factor {
                return a;
            }
        }
        let mut factors = self.factors(product);
        if let Some(position) = factors.iter().position(|&f| f == factor) {
            factors.remove(position);
        }
        let one = self.literal(Fr::ONE);
        factors
            .into_iter()
            .fold(one, |rest, factor| self.mul(rest, factor))
    }
}
