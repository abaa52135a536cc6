//! The intervals of one node from those of its inputs.

use super::{
    bilinear,
    interval::{Intervals, extremes},
};
use crate::{
    graph::{Graph, LutTable, MaxWindows, Node, Op, Shift},
    ops::{
        self, clip, divisor_at, lut,
        range::{Clamp, Range},
        reduction::{Sets, each_set},
        shift_at,
    },
    rounding::{div_round, shift_round},
    tensor::IntTensor,
};

/// What a node can take.
pub(super) struct Outcome {
    pub values: Intervals,
    pub escaped: Vec<Escaped>,
}

/// A quantity that may leave its range.
#[derive(Clone, Copy)]
pub(super) struct Escaped {
    pub quantity: &'static str,
    pub reached: (i64, i64),
    pub range: Range,
}

impl Outcome {
    fn of(values: Intervals) -> Self {
        Outcome {
            values,
            escaped: Vec::new(),
        }
    }

    /// Notes that a quantity takes these values.
    fn checked(mut self, quantity: &'static str, reached: (i64, i64), range: Range) -> Self {
        if !(range.contains(reached.0) && range.contains(reached.1)) {
            self.escaped.push(Escaped {
                quantity,
                reached,
                range,
            });
        }
        self
    }
}

/// The intervals of a node.
pub(super) fn evaluate(
    graph: &Graph,
    node: &Node,
    inputs: &[&Intervals],
    param: Option<&IntTensor>,
) -> Outcome {
    let bits = |limbs: u8| u32::from(limbs) * graph.lane_bits;
    let signed = |limbs: u8| Range::signed(bits(limbs));
    match &node.op {
        Op::Input { limbs } => Outcome::of(Intervals::uniform(&node.shape, signed(*limbs))),
        Op::Param { param: id } => Outcome::of(match param {
            Some(values) => Intervals::point(values.clone()),
            None => Intervals::uniform(&node.shape, signed(graph.params[id.index()].limbs)),
        }),
        Op::Reshape
        | Op::Transpose { .. }
        | Op::Slice { .. }
        | Op::Concat { .. }
        | Op::Pad { .. }
        | Op::Broadcast
        | Op::Gather { .. }
        | Op::ReduceSum { .. }
        | Op::SumPool(_) => Outcome::of(at_ends(graph, node, inputs)),
        Op::LinComb {
            coefficients,
            constant,
        } => Outcome::of(linear(coefficients, *constant, inputs, &node.shape)),
        Op::MatMul | Op::Conv { .. } => Outcome::of(bilinear::evaluate(graph, node, inputs[0], inputs[1])),
        Op::Rescale {
            shift,
            limbs,
            relu,
            saturation,
        } => {
            let clamp = Clamp::new(*limbs, *relu, *saturation, graph.lane_bits);
            let before = shifted(shift, inputs[0]);
            Outcome::of(before.within(clamp.result)).checked(
                "rescaled value",
                before.extremes(),
                clamp.accepted,
            )
        }
        Op::Max {
            windows,
            shift,
            limbs,
            relu,
            saturation,
        } => {
            let clamp = Clamp::new(*limbs, *relu, saturation.map(|s| s.maximum), graph.lane_bits);
            let spread = Range::unsigned(bits(saturation.map_or(*limbs, |s| s.spread)));
            let (before, distance) = maxima(windows, shift, inputs[0], &node.shape);
            Outcome::of(before.within(clamp.result))
                .checked("maximum", before.extremes(), clamp.accepted)
                .checked(
                    "distance from the largest to the smallest element",
                    (0, distance),
                    spread,
                )
        }
        Op::Clip { lo, hi, limbs } => {
            let range = Range { lo: *lo, hi: *hi };
            Outcome::of(inputs[0].within(range)).checked(
                "value to clip",
                inputs[0].extremes(),
                clip::accepted(*lo, bits(*limbs)),
            )
        }
        Op::Mul {
            shift,
            limbs,
            operand_limbs,
        } => {
            let [a, b] = [0, 1].map(|i| inputs[i].within(signed(operand_limbs[i])));
            let square = node.inputs[0] == node.inputs[1];
            let product = |((al, ah), (bl, bh)): ((i64, i64), (i64, i64))| {
                let corners = [al * bl, al * bh, ah * bl, ah * bh];
                let (lo, hi) = extremes(corners.into_iter().map(|x| (x, x)));
                let lo = match square && al <= 0 && ah >= 0 {
                    true => 0,
                    false if square => (al * al).min(ah * ah),
                    false => lo,
                };
                (shift_round(lo, *shift), shift_round(hi, *shift))
            };
            let before = Intervals::collect(&node.shape, a.ends().zip(b.ends()).map(product));
            Outcome::of(before.within(signed(*limbs)))
                .checked("left operand", inputs[0].extremes(), signed(operand_limbs[0]))
                .checked("right operand", inputs[1].extremes(), signed(operand_limbs[1]))
                .checked("product", before.extremes(), signed(*limbs))
        }
        Op::DivConst { divisor, limbs } => {
            let divisor_of = divisor_at(divisor);
            let before = inputs[0].monotone(|i, x| div_round(x, divisor_of(i).into()));
            Outcome::of(before.within(signed(*limbs))).checked("quotient", before.extremes(), signed(*limbs))
        }
        Op::Div {
            shift,
            limbs,
            operand_limbs,
        } => {
            let [numerators, denominators] = operand_limbs.map(|limbs| Range::unsigned(bits(limbs)));
            let denominators = Range {
                lo: 1,
                ..denominators
            };
            let (n, d) = (inputs[0].within(numerators), inputs[1].within(denominators));
            let quotient = |((nl, nh), (dl, dh)): ((i64, i64), (i64, i64))| {
                (div_round(nl << shift, dh), div_round(nh << shift, dl))
            };
            let before = Intervals::collect(&node.shape, n.ends().zip(d.ends()).map(quotient));
            let result = Range::unsigned(bits(*limbs));
            Outcome::of(before.within(result))
                .checked("numerator", inputs[0].extremes(), numerators)
                .checked("denominator", inputs[1].extremes(), denominators)
                .checked("quotient", before.extremes(), result)
        }
        Op::Lut(table) => {
            let domain = lut::domain(table);
            let arguments = inputs[0].within(domain);
            Outcome::of(looked_up(table, &arguments)).checked("argument", inputs[0].extremes(), domain)
        }
        Op::ArgMax { axis, limbs } => {
            let last = inputs[0].lo.shape()[*axis] as i64 - 1;
            let windows = MaxWindows::Axis(*axis);
            let (_, distance) = maxima(&windows, &Shift::Uniform(0), inputs[0], &node.shape);
            Outcome::of(Intervals::uniform(&node.shape, Range { lo: 0, hi: last })).checked(
                "distance from the largest element",
                (0, distance),
                Range::unsigned(bits(*limbs)),
            )
        }
    }
}

/// A linear operation without negative factors: its value at both ends.
fn at_ends(graph: &Graph, node: &Node, inputs: &[&Intervals]) -> Intervals {
    let eval = |end: fn(&Intervals) -> &IntTensor| {
        let inputs: Vec<&IntTensor> = inputs.iter().map(|input| end(input)).collect();
        // Linear operations have no range to leave.
        ops::eval(graph, node, &inputs).unwrap_or_else(|_| IntTensor::of(&node.shape, vec![0; node.len()]))
    };
    Intervals {
        lo: eval(|input| &input.lo),
        hi: eval(|input| &input.hi),
    }
}

fn linear(coefficients: &[i64], constant: i64, inputs: &[&Intervals], shape: &[usize]) -> Intervals {
    let count = shape.iter().product();
    let mut ends = vec![(constant, constant); count];
    for (&coefficient, input) in coefficients.iter().zip(inputs) {
        for ((lo, hi), (x, y)) in ends.iter_mut().zip(input.ends()) {
            let (x, y) = if coefficient < 0 { (y, x) } else { (x, y) };
            *lo += coefficient * x;
            *hi += coefficient * y;
        }
    }
    Intervals::collect(shape, ends.into_iter())
}

/// The values after a shift, before any clamp.
pub(crate) fn shifted(shift: &Shift, input: &Intervals) -> Intervals {
    let shift_of = shift_at(shift, input.lo.shape());
    input.monotone(|i, x| shift_round(x, shift_of(i)))
}

/// The maxima of windows before any clamp, and the largest distance from a maximum to an element of its window.
pub(crate) fn maxima(
    windows: &MaxWindows,
    shift: &Shift,
    input: &Intervals,
    out: &[usize],
) -> (Intervals, i64) {
    let elements = shifted(shift, input);
    let (lo, hi) = (elements.lo.data(), elements.hi.data());
    let mut ends = Vec::with_capacity(out.iter().product());
    let mut distance = 0;
    let visited = each_set::<()>("Max", Sets::of_max(windows), input.lo.shape(), |set| {
        let over = |values: &[i64]| set.iter().map(|&i| values[i as usize]).max().unwrap_or(0);
        let smallest = set.iter().map(|&i| lo[i as usize]).min().unwrap_or(0);
        let (least, most) = (over(lo), over(hi));
        // A window of one element has no distances.
        if set.len() > 1 {
            distance = distance.max(most - smallest);
        }
        ends.push((least, most));
        Ok(())
    });
    debug_assert!(visited.is_ok(), "windows are visited without errors");
    (Intervals::collect(out, ends.into_iter()), distance)
}

/// A function over intervals of its domain: exact where the table never decreases or never increases, all of its
/// values otherwise.
fn looked_up(table: &LutTable, arguments: &Intervals) -> Intervals {
    let domain = lut::domain(table);
    let starts: Vec<i64> = (0..table.values.len() as i64)
        .flat_map(|segment| {
            let first = domain.lo + (segment << table.fraction_bits);
            [first, first + (1 << table.fraction_bits) - 1]
        })
        .map(|x| lut::value(table, x))
        .collect();
    let shape = arguments.lo.shape();
    if starts.is_sorted() {
        return arguments.monotone(|_, x| lut::value(table, x));
    }
    if starts.iter().rev().is_sorted() {
        let ends = arguments
            .ends()
            .map(|(lo, hi)| (lut::value(table, hi), lut::value(table, lo)));
        return Intervals::collect(shape, ends);
    }
    let (lo, hi) = extremes(starts.into_iter().map(|y| (y, y)));
    Intervals::uniform(shape, Range { lo, hi })
}
