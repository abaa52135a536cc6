//! The gadgets that the compiler emits, by type: what they depend on, within the limits that it keeps.

use crate::gadget::{
    ArgMaxElement, DivByConstant, Gadget, GadgetType, MAX_FAN_IN, MaxOfSet, PlacedLut, Plain, RescaleTo,
};
use crate::lower::MAX_FORM_BITS;
use zkml_core::ops::{Clamp, Clip, Div, Lut, Mul, Saturation};

/// Widths of lanes that graphs may have.
pub(super) const LANE_BITS: std::ops::RangeInclusive<u32> = 4..=16;

/// Largest width of a tensor in bits, and its limbs: those of `zkml_core`.
const MAX_BITS: u32 = 48;
const MAX_LIMBS: u8 = 3;

/// Largest shift of an operation.
const MAX_SHIFT: u32 = 62;

/// A number that a gadget depends on besides its widths.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    pub name: &'static str,
    pub least: i64,
    pub most: i64,
}

/// Makes a gadget from its numbers.
type Make = Box<dyn Fn(&[i64]) -> Gadget>;

/// Gadgets of the same widths: what else they depend on are numbers.
pub(super) struct Family {
    pub lane_bits: u32,
    pub numbers: Vec<Number>,
    /// Relations of the numbers: each entry `(i, j)` says that number `i` is at most number `j`.
    pub ordered: Vec<(usize, usize)>,
    make: Make,
}

impl Family {
    fn single(lane_bits: u32, gadget: impl Into<Gadget>) -> Self {
        let gadget = gadget.into();
        Family {
            lane_bits,
            numbers: vec![],
            ordered: vec![],
            make: Box::new(move |_| gadget.clone()),
        }
    }

    /// The gadget with these numbers.
    pub fn gadget(&self, numbers: &[i64]) -> Gadget {
        (self.make)(numbers)
    }

    /// The gadget with the least numbers.
    pub fn least(&self) -> Gadget {
        let least: Vec<i64> = self.numbers.iter().map(|n| n.least).collect();
        self.gadget(&least)
    }
}

/// The limbs that a tensor may have in lanes of `b` bits.
fn limbs(b: u32) -> impl Iterator<Item = u8> + Clone {
    (1..=MAX_LIMBS).filter(move |l| u32::from(*l) * b <= MAX_BITS)
}

/// The clamps that an operation may have.
fn clamps(b: u32) -> Vec<Clamp> {
    let excess = move || std::iter::once(0).chain(limbs(b));
    let saturations = excess().flat_map(|below| excess().map(move |above| Saturation { below, above }));
    let saturations: Vec<_> = std::iter::once(None).chain(saturations.map(Some)).collect();
    let of = |limbs: u8, relu: bool| {
        saturations.iter().map(move |&saturation| Clamp {
            limbs,
            relu,
            saturation,
        })
    };
    limbs(b)
        .flat_map(|l| [false, true].into_iter().flat_map(move |relu| of(l, relu)))
        .collect()
}

/// The limbs that the remainder of a shift may have beside `limbs` limbs: see `Shifts::remainder`.
fn remainders(b: u32, limbs: u8) -> impl Iterator<Item = u8> {
    let most = (MAX_FORM_BITS / b).saturating_sub(limbs.into());
    (0..=most.min(MAX_SHIFT.div_ceil(b))).map(|r| r as u8)
}

/// All gadgets of a type, by their widths, in lanes of `b` bits; an exhaustive match, so that a new type needs an arm.
pub(super) fn families(kind: GadgetType, b: u32) -> Vec<Family> {
    let single = |gadget: Gadget| Family::single(b, gadget);
    let all: Vec<Family> = match kind {
        GadgetType::Plain => plain(b).into_iter().map(Gadget::from).map(single).collect(),
        GadgetType::Rescale => rescales(b).into_iter().map(Gadget::from).map(single).collect(),
        GadgetType::Max => maxima(b).into_iter().map(Gadget::from).map(single).collect(),
        GadgetType::Clip => limbs(b).map(|l| clips(b, l)).collect(),
        GadgetType::Mul => products(b).into_iter().map(Gadget::from).map(single).collect(),
        GadgetType::DivConst => limbs(b).flat_map(|l| constant_divisions(b, l)).collect(),
        GadgetType::Div => divisions(b).into_iter().map(Gadget::from).map(single).collect(),
        GadgetType::Lut => functions(b),
        GadgetType::ArgMax => limbs(b)
            .map(|limbs| single(ArgMaxElement { limbs }.into()))
            .collect(),
    };
    // As `Lowering::per_row`.
    let fits = |f: &Family| f.least().form_bits(b) <= MAX_FORM_BITS;
    all.into_iter().filter(fits).collect()
}

fn plain(b: u32) -> Vec<Plain> {
    let limbs = 1..=(MAX_FORM_BITS / b) as u8;
    limbs
        .flat_map(|limbs| [false, true].map(|signed| Plain { limbs, signed }))
        .collect()
}

fn rescales(b: u32) -> Vec<RescaleTo> {
    let of =
        |clamp: Clamp| remainders(b, clamp.widest()).map(move |remainder| RescaleTo { clamp, remainder });
    clamps(b).into_iter().flat_map(of).collect()
}

/// Maxima, and the parts of maxima of larger sets, which have a limb more: see `Lowering::max`.
fn maxima(b: u32) -> Vec<MaxOfSet> {
    let mut all = vec![];
    let mut push = |clamp: Clamp, distance: u8| {
        for remainder in remainders(b, clamp.widest().max(distance)) {
            all.extend((1..=MAX_FAN_IN as u8).map(|inputs| MaxOfSet {
                inputs,
                clamp,
                distance,
                remainder,
            }));
        }
    };
    for clamp in clamps(b) {
        match clamp.saturation {
            None => push(clamp, clamp.limbs),
            Some(_) => limbs(b).for_each(|distance| push(clamp, distance)),
        }
    }
    // The other limbs are those of operations.
    for wider in limbs(b).map(|l| l + 1).filter(|l| !limbs(b).any(|m| m == *l)) {
        push(Clamp::none(wider, false), wider);
    }
    all
}

fn clips(b: u32, limbs: u8) -> Family {
    let half = 1i64 << (u32::from(limbs) * b - 1);
    let limit = |name| Number {
        name,
        least: -half,
        most: half - 1,
    };
    Family {
        lane_bits: b,
        numbers: vec![limit("lo"), limit("hi")],
        ordered: vec![(0, 1)],
        make: Box::new(move |n| {
            let (lo, hi) = (n[0], n[1]);
            Clip { lo, hi, limbs }.into()
        }),
    }
}

fn products(b: u32) -> Vec<Mul> {
    let mut all = vec![];
    for (result, left) in limbs(b).flat_map(|y| limbs(b).map(move |a| (y, a))) {
        for right in limbs(b) {
            all.extend((0..=MAX_SHIFT).map(|shift| Mul {
                shift,
                limbs: result,
                operand_limbs: [left, right],
            }));
        }
    }
    all
}

/// Divisors by the limbs of their remainders.
fn constant_divisions(b: u32, limbs: u8) -> Vec<Family> {
    // Divisors whose remainders, up to `2 d - 1`, have as many bits.
    let of_bits = |bits: u32| Family {
        lane_bits: b,
        numbers: vec![Number {
            name: "divisor",
            least: if bits > 1 { (1 << (bits - 2)) + 1 } else { 1 },
            most: (1i64 << (bits - 1)).min(u32::MAX.into()),
        }],
        ordered: vec![],
        make: Box::new(move |n| {
            let divisor = u32::try_from(n[0]).expect("a divisor of at most 32 bits");
            DivByConstant { divisor, limbs }.into()
        }),
    };
    (1..=u32::BITS + 1).map(of_bits).collect()
}

fn divisions(b: u32) -> Vec<Div> {
    let mut all = vec![];
    for (result, numerator) in limbs(b).flat_map(|y| limbs(b).map(move |n| (y, n))) {
        for denominator in limbs(b) {
            all.extend((0..=MAX_SHIFT).map(|shift| Div {
                shift,
                limbs: result,
                operand_limbs: [numerator, denominator],
            }));
        }
    }
    all
}

/// Function tables: what they hold is no part of the layout.
fn functions(b: u32) -> Vec<Family> {
    let most = b.min(16);
    let mut all = vec![];
    for (limbs, index_bits) in limbs(b).flat_map(|l| (0..=most).map(move |i| (l, i))) {
        all.extend((0..=most).map(|fraction_bits| {
            let lut = move |lo: i64| Lut {
                function: String::new(),
                lo,
                index_bits,
                fraction_bits,
                values: vec![],
                slopes: vec![],
                limbs,
            };
            Family {
                lane_bits: b,
                numbers: vec![
                    Number {
                        name: "lo",
                        least: -(1 << 62) + 1,
                        most: (1 << 62) - 1,
                    },
                    Number {
                        name: "offset",
                        least: 0,
                        most: u32::MAX.into(),
                    },
                ],
                ordered: vec![],
                make: Box::new(move |n| {
                    PlacedLut {
                        table: lut(n[0]),
                        offset: u32::try_from(n[1]).expect("an offset of at most 32 bits"),
                    }
                    .into()
                }),
            }
        }));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soundness::common::Builder;
    use zkml_core::ops::{Rescale, Shift};

    /// Whether a graph may have a rescale of this shift to so many limbs of so many bits.
    fn is_valid(lane_bits: u32, limbs: u8, shift: u32) -> bool {
        let mut b = Builder::new(lane_bits);
        let x = b.input(1, &[1]);
        let y = b.node(
            Rescale::new(Shift::Uniform(shift), limbs, false).into(),
            &[x],
            &[1],
        );
        b.output(y);
        b.graph.validate().is_ok()
    }

    #[test]
    fn widths_are_those_of_graphs() {
        for b in 1..20 {
            for l in 1..6 {
                let expected = LANE_BITS.contains(&b) && limbs(b).any(|m| m == l);
                assert_eq!(is_valid(b, l, 0), expected, "{l} limbs of {b} bits");
            }
        }
        assert!(is_valid(8, 1, MAX_SHIFT) && !is_valid(8, 1, MAX_SHIFT + 1));
    }
}
