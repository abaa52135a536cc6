//! The gadgets whose assignments are few enough to try all.

use crate::assurance::families::{Family, families};
use crate::gadget::{Gadget, GadgetType, PlacedLut};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use zkml_core::ops::Lut;

/// All gadgets of a type whose cells have at most so many bits, for lanes of `b` bits. Where their numbers are many (limits,
/// divisors, tables), the ends of their range and some in between.
pub(super) fn instances(kind: GadgetType, b: u32, bits: u32) -> Vec<Gadget> {
    let small = |f: &Family| u32::from(f.least().layout(b).width) * b <= bits;
    let families = families(kind, b).into_iter().filter(small);
    families.flat_map(|family| with_numbers(&family, b)).collect()
}

fn with_numbers(family: &Family, b: u32) -> Vec<Gadget> {
    if let Gadget::Lut(placed) = family.least() {
        return tables(&placed.table, b);
    }
    let mut all: Vec<Vec<i64>> = vec![vec![]];
    for number in &family.numbers {
        let values = some(number.least, number.most);
        all = all
            .into_iter()
            .flat_map(|before| values.iter().map(move |&v| [&before[..], &[v]].concat()))
            .collect();
    }
    let ordered = |n: &Vec<i64>| family.ordered.iter().all(|&(i, j)| n[i] <= n[j]);
    all.into_iter()
        .filter(ordered)
        .map(|n| family.gadget(&n))
        .collect()
}

/// All numbers of a small range; of a larger one the ends and some in between.
fn some(least: i64, most: i64) -> Vec<i64> {
    const FEW: i64 = 8;
    if most - least < FEW {
        return (least..=most).collect();
    }
    let mut values: Vec<i64> = (0..=FEW).map(|i| least + (most - least) * i / FEW).collect();
    values.extend([-1, 0, 1].into_iter().filter(|v| (least..=most).contains(v)));
    values.sort_unstable();
    values.dedup();
    values
}

/// Functions of these widths with random tables, at several places among the tables.
fn tables(widths: &Lut, b: u32) -> Vec<Gadget> {
    let seed = u64::from(widths.index_bits * 64 + widths.fraction_bits);
    let mut r = ChaCha8Rng::seed_from_u64(seed);
    let half = 1i64 << (u32::from(widths.limbs) * b - 1);
    let mut of = |offset: u32| {
        let mut table = Lut {
            lo: r.gen_range(-10..10),
            ..widths.clone()
        };
        let last = (1 << table.fraction_bits) - 1;
        for _ in 0..1 << table.index_bits {
            let (value, mut slope) = (r.gen_range(-half..half), r.gen_range(-half..half));
            // A graph's table has its results in range.
            let end = (value << table.fraction_bits) + slope * last;
            let end = zkml_core::rounding::shift_round(end, table.fraction_bits);
            if table.fraction_bits == 0 || !(-half..half).contains(&end) {
                slope = 0;
            }
            table.values.push(value);
            table.slopes.push(slope);
        }
        PlacedLut { table, offset }.into()
    };
    [0, 3].into_iter().map(&mut of).collect()
}
