//! `alpha A' B' + beta C`, where `A'` and `B'` may be transposed.

use super::prelude::*;

pub(super) const OPERATORS: &[Operator] = &[Operator::one("Gemm", import, "MatMul, LinComb, Rescale")];

fn scaled(node: &mut Node<'_>, x: FloatId, factor: f32) -> Result<FloatId> {
    if factor == 1.0 {
        return Ok(x);
    }
    let factor = node.push_number(factor)?;
    node.push(FloatOp::Mul, &[x, factor])
}

fn import(node: &mut Node<'_>) -> Result<Value> {
    let (alpha, beta) = (
        node.attributes.float_or("alpha", 1.0)?,
        node.attributes.float_or("beta", 1.0)?,
    );
    let (mut a, mut b) = (node.tensor(0)?, node.tensor(1)?);
    for (operand, name) in [(&mut a, "transA"), (&mut b, "transB")] {
        if node.attributes.flag(name, false)? {
            *operand = node.push(FloatOp::Transpose { perm: vec![1, 0] }, &[*operand])?;
        }
    }
    let product = node.push(FloatOp::MatMul, &[a, b])?;
    let mut y = scaled(node, product, alpha)?;
    if node.has(2) && beta != 0.0 {
        let c = node.tensor(2)?;
        let c = scaled(node, c, beta)?;
        y = node.push(FloatOp::Add, &[y, c])?;
    }
    Ok(Value::Node(y))
}
