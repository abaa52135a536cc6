//! What is the same on every row: literals, challenges, and what is computed from them.

use ff::Field;
use halo2curves::bn256::Fr;
use std::collections::HashMap;

/// A challenge that constraints mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Symbol {
    /// The circuit's own, by index.
    Challenge(usize),
    Theta,
    Beta,
    Gamma,
    Y,
}

/// The challenges of one proof. Those that are not drawn yet are zero.
#[derive(Clone, Debug, Default)]
pub(crate) struct Symbols {
    pub challenges: Vec<Fr>,
    pub theta: Fr,
    pub beta: Fr,
    pub gamma: Fr,
    pub y: Fr,
}

impl Symbols {
    fn value(&self, symbol: Symbol) -> Fr {
        match symbol {
            Symbol::Challenge(index) => self.challenges.get(index).copied().unwrap_or(Fr::ZERO),
            Symbol::Theta => self.theta,
            Symbol::Beta => self.beta,
            Symbol::Gamma => self.gamma,
            Symbol::Y => self.y,
        }
    }
}

/// An entry of [`Constants`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Constant(u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum ConstantKind {
    Literal(Fr),
    Symbol(Symbol),
    Add(Constant, Constant),
    Sub(Constant, Constant),
    Mul(Constant, Constant),
}

/// A table of constants, each computed from earlier ones. Equal ones are one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Constants {
    kinds: Vec<ConstantKind>,
    index: HashMap<ConstantKind, Constant>,
}

impl Constants {
    pub fn literal(&mut self, value: Fr) -> Constant {
        self.intern(ConstantKind::Literal(value))
    }

    pub fn symbol(&mut self, symbol: Symbol) -> Constant {
        self.intern(ConstantKind::Symbol(symbol))
    }

    /// The value, if it depends on no challenge.
    pub fn as_literal(&self, constant: Constant) -> Option<Fr> {
        match self.kinds[constant.0 as usize] {
            ConstantKind::Literal(value) => Some(value),
            _ => None,
        }
    }

    pub fn add(&mut self, a: Constant, b: Constant) -> Constant {
        match (self.as_literal(a), self.as_literal(b)) {
            (Some(a), Some(b)) => self.literal(a + b),
            (Some(zero), None) if zero == Fr::ZERO => b,
            (None, Some(zero)) if zero == Fr::ZERO => a,
            _ => self.intern(ConstantKind::Add(a.min(b), a.max(b))),
        }
    }

    pub fn sub(&mut self, a: Constant, b: Constant) -> Constant {
        match (self.as_literal(a), self.as_literal(b)) {
            (Some(a), Some(b)) => self.literal(a - b),
            (None, Some(zero)) if zero == Fr::ZERO => a,
            _ => self.intern(ConstantKind::Sub(a, b)),
        }
    }

    pub fn mul(&mut self, a: Constant, b: Constant) -> Constant {
        match (self.as_literal(a), self.as_literal(b)) {
            (Some(a), Some(b)) => self.literal(a * b),
            (Some(zero), None) | (None, Some(zero)) if zero == Fr::ZERO => self.literal(zero),
            (Some(one), None) if one == Fr::ONE => b,
            (None, Some(one)) if one == Fr::ONE => a,
            _ => self.intern(ConstantKind::Mul(a.min(b), a.max(b))),
        }
    }

    /// All values, in the order of the table.
    pub fn values(&self, symbols: &Symbols) -> Vec<Fr> {
        let mut values: Vec<Fr> = Vec::with_capacity(self.kinds.len());
        for kind in &self.kinds {
            let at = |constant: &Constant| values[constant.0 as usize];
            let value = match kind {
                ConstantKind::Literal(value) => *value,
                ConstantKind::Symbol(symbol) => symbols.value(*symbol),
                ConstantKind::Add(a, b) => at(a) + at(b),
                ConstantKind::Sub(a, b) => at(a) - at(b),
                ConstantKind::Mul(a, b) => at(a) * at(b),
            };
            values.push(value);
        }
        values
    }

    /// The place of `constant` in [`Self::values`].
    pub fn position(constant: Constant) -> usize {
        constant.0 as usize
    }

    fn intern(&mut self, kind: ConstantKind) -> Constant {
        *self.index.entry(kind).or_insert_with(|| {
            self.kinds.push(kind);
            Constant(self.kinds.len() as u32 - 1)
        })
    }
}
