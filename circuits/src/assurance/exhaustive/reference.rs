//! What the executor says of a gadget's operands.

use super::search::Table;
use crate::gadget::{Gadget, Plain};
use zkml_core::IntTensor;
use zkml_core::graph::Op;
use zkml_core::ops::{ArgMax, DivConst, Divisor, Max, MaxSaturation, MaxWindows, Rescale, Shift, evaluate};

/// An operation that a gadget is an element of.
pub(super) struct Reference {
    /// The operation; a number and nothing else has none.
    op: Option<Op>,
    /// The gadget's forms are its operands times `2^halves`.
    pub halves: u32,
    /// The last argument of the gadget besides its operands.
    pub shift: Option<u32>,
}

impl Reference {
    fn plain(op: impl Into<Op>) -> Self {
        Reference {
            op: Some(op.into()),
            halves: 0,
            shift: None,
        }
    }

    /// The executor's result for these operands of a gadget; none outside the domain.
    pub fn result(&self, gadget: &Gadget, b: u32, operands: &[i64]) -> Option<i64> {
        let Some(op) = &self.op else {
            return in_range(gadget, b, operands[0]);
        };
        let tensor = |values: &[i64]| IntTensor::new(vec![values.len()], values.to_vec()).ok();
        let inputs: Vec<IntTensor> = match op {
            // One tensor with all operands.
            Op::Max(_) | Op::ArgMax(_) => vec![tensor(operands)?],
            _ => operands.iter().map(|x| tensor(&[*x])).collect::<Option<_>>()?,
        };
        let inputs: Vec<&IntTensor> = inputs.iter().collect();
        evaluate(op, b, &inputs, &[1])?.data().first().copied()
    }
}

/// The index of the first maximum of a group whose elements are at most `limbs` limbs from it.
///
/// Operands whose maximum has no place in the cells of `largest` are none: the compiler takes as many limbs as it needs.
pub(super) fn first_maximum(limbs: u8, largest: Plain, b: u32, operands: &[i64]) -> Option<i64> {
    let maximum = *operands.iter().max()?;
    in_range(&largest.into(), b, maximum)?;
    Reference::plain(ArgMax { axis: 0, limbs }).result(&largest.into(), b, operands)
}

fn in_range(gadget: &Gadget, b: u32, x: i64) -> Option<i64> {
    let Gadget::Plain(Plain { limbs, signed }) = gadget else {
        return None;
    };
    let size = 1i64 << (u32::from(*limbs) * b);
    let least = if *signed { -(size / 2) } else { 0 };
    (least..least + size).contains(&x).then_some(x)
}

/// The operations that a gadget may be an element of: one for each shift that its remainder holds.
pub(super) fn references(gadget: &Gadget, b: u32) -> Vec<Reference> {
    let shifted = |remainder: u8, op: &dyn Fn(Shift) -> Op| {
        let bits = u32::from(remainder) * b;
        let of = |shift| Reference {
            op: Some(op(Shift::Uniform(shift))),
            halves: bits - shift,
            shift: Some(shift),
        };
        (0..=bits).map(of).collect()
    };
    match gadget {
        Gadget::Plain(_) => vec![Reference {
            op: None,
            halves: 0,
            shift: None,
        }],
        Gadget::Rescale(r) => shifted(r.remainder, &|shift| {
            Op::Rescale(Rescale {
                shift,
                limbs: r.clamp.limbs,
                relu: r.clamp.relu,
                saturation: r.clamp.saturation,
            })
        }),
        Gadget::Max(m) => shifted(m.remainder, &|shift| {
            Op::Max(Max {
                windows: MaxWindows::Axis(0),
                shift,
                limbs: m.clamp.limbs,
                relu: m.clamp.relu,
                saturation: m.clamp.saturation.map(|maximum| MaxSaturation {
                    maximum,
                    spread: m.distance,
                }),
            })
        }),
        Gadget::Clip(op) => vec![Reference::plain(*op)],
        Gadget::Mul(op) => vec![Reference::plain(*op)],
        Gadget::DivConst(d) => vec![Reference {
            halves: 1,
            ..Reference::plain(DivConst {
                divisor: Divisor::Uniform(d.divisor),
                limbs: d.limbs,
            })
        }],
        Gadget::Div(op) => vec![Reference::plain(*op)],
        Gadget::Lut(placed) => vec![Reference::plain(placed.table.clone())],
        // An element alone has no operand: see the groups.
        Gadget::ArgMax(_) => vec![],
    }
}

/// The function tables for a gadget: its own rows, with others before and after, and the row that no index reaches.
pub(super) fn table(gadget: &Gadget) -> Table {
    let Gadget::Lut(placed) = gadget else {
        return vec![];
    };
    let own = placed
        .table
        .values
        .iter()
        .copied()
        .zip(placed.table.slopes.iter().copied());
    let offset = placed.offset as usize;
    let mut rows: Table = (0..offset as i64).map(|i| (i % 2, -(i % 2))).collect();
    rows.extend(own);
    rows.extend([(-1, 0), (0, -1)]);
    rows.push((1, 1));
    rows
}
