//! A function by table and linear interpolation ([`zkml_core::ops::Lut`]).
//!
//! Cells: `i[1] c[limbs] s[limbs]` and, with `f = fraction_bits > 0`, `u[1] u'[1] y[limbs] r[1]`.
//! Operand: `x = lo + 2^f i + u`; result `y`, or `c` for `f = 0`. The tuple
//! `(offset + i, c, s)` is looked up in the function tables. Constraints: `u' = 2^(b - f) u` and
//! `2^b c + 2^(b - f) s u + 2^(b-1) = 2^b y + r`.
//!
//! Range checks: `u, u' < 2^b`, so `u < 2^f`; `r < 2^b`, so `y` is `c + s u / 2^f` rounded half
//! up. The rows `offset + i` of other functions are excluded by `i < 2^index_bits`, which a
//! second scaled cell `i' = 2^(b - index_bits) i` states where `index_bits < b`.
//!
//! Gate G-LUT of docs/soundness.md.

use super::{GadgetLayout, GadgetSpec, Plain, bits, layout::CellAllotter, writer::CellWriter};
use crate::Error;
use crate::form::{Constraint, LinForm, TableLookup};
use zkml_core::ops::Lut;

/// A function table and where it starts in the function columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlacedLut {
    pub table: Lut,
    pub offset: u32,
}

impl std::hash::Hash for PlacedLut {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.offset.hash(state);
    }
}

fn scaled(name: &str, x: &LinForm, cells: &mut CellAllotter, bits: u32) -> Option<Constraint> {
    (bits < cells.bits()).then(|| {
        let wide = cells.unsigned(1);
        Constraint::zero(name, x.clone().times(1 << (cells.bits() - bits)).minus(&wide))
    })
}

impl GadgetSpec for PlacedLut {
    fn name(&self) -> &'static str {
        "lut"
    }

    fn layout(&self, b: u32) -> GadgetLayout {
        let Lut {
            lo,
            index_bits,
            fraction_bits: f,
            limbs,
            ..
        } = self.table;
        let mut cells = CellAllotter::new(b);
        let mut constraints = vec![];
        let i = cells.unsigned(1);
        constraints.extend(scaled("index is within its table", &i, &mut cells, index_bits));
        let (c, s) = (cells.signed(limbs), cells.signed(limbs));
        let lookup = TableLookup {
            id: i.clone().plus_constant(i64::from(self.offset)),
            value: c.clone(),
            slope: s.clone(),
        };
        let mut x = i.times(1 << f).plus_constant(lo);
        let mut y = c.clone();
        if f > 0 {
            let u = cells.unsigned(1);
            constraints.extend(scaled("fraction is within its segment", &u, &mut cells, f));
            y = cells.signed(limbs);
            let r = cells.unsigned(1);
            x = x.plus(&u);
            let rest = c
                .times(1 << b)
                .plus_constant(1 << (b - 1))
                .minus(&y.clone().times(1 << b))
                .minus(&r);
            constraints.push(Constraint {
                name: "result interpolates the table".into(),
                products: vec![(1, vec![rest]), (1 << (b - f), vec![s, u])],
            });
        }
        GadgetLayout {
            width: cells.width(),
            inputs: vec![x],
            input_halves: 0,
            outputs: vec![y],
            constraints,
            lookup: Some(lookup),
        }
    }

    fn fill(&self, w: &mut CellWriter<'_>, args: &[i64]) -> Result<(), Error> {
        let Lut {
            lo,
            index_bits,
            fraction_bits: f,
            limbs,
            ref values,
            ref slopes,
            ..
        } = self.table;
        let b = w.bits();
        let offset = i128::from(args[0]) - i128::from(lo);
        if offset < 0 || offset >> (index_bits + f) != 0 {
            return Err(w.misfit(args[0].into(), index_bits + f));
        }
        let (i, u) = (offset >> f, offset & ((1 << f) - 1));
        let (c, s) = (i128::from(values[i as usize]), i128::from(slopes[i as usize]));
        w.unsigned(i, 1)?;
        if index_bits < b {
            w.unsigned(i << (b - index_bits), 1)?;
        }
        w.signed(c, limbs)?;
        w.signed(s, limbs)?;
        if f > 0 {
            w.unsigned(u, 1)?;
            if f < b {
                w.unsigned(u << (b - f), 1)?;
            }
            let sum = (c << b) + ((s * u) << (b - f)) + (1 << (b - 1));
            w.signed(sum >> b, limbs)?;
            w.unsigned(sum & ((1 << b) - 1), 1)?;
        }
        Ok(())
    }

    fn result(&self) -> Plain {
        Plain {
            limbs: self.table.limbs,
            signed: true,
        }
    }

    fn form_bits(&self, b: u32) -> u32 {
        bits(self.table.limbs, b) + b
    }

    fn idle_args(&self) -> Vec<i64> {
        vec![self.table.lo]
    }
}
