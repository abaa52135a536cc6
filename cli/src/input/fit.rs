//! How data of one shape gives inputs of another.

/// How many inputs of shape `model` an array of shape `data` holds, one after the other; 0 if
/// the shapes do not go together.
///
/// Axes of length 1 do not matter, and rows may be flat on one side (784 numbers for 28 x 28).
/// A leading axis counts samples; where the model has a leading axis too (a batch), each input
/// takes as many samples as it says. A flat array holds as many inputs as it has room for.
pub fn inputs_in(data: &[usize], model: &[usize]) -> usize {
    let count: usize = model.iter().product();
    if alike(data, model) {
        return 1;
    }
    if let Some((samples, rest)) = data.split_first() {
        if alike(rest, model) {
            return *samples;
        }
        if let Some((batch, row)) = model.split_first()
            && alike(rest, row)
        {
            return samples / batch;
        }
    }
    match squeezed(data)[..] {
        [len] if count > 0 && len % count == 0 => len / count,
        _ => 0,
    }
}

fn squeezed(shape: &[usize]) -> Vec<usize> {
    shape.iter().copied().filter(|axis| *axis != 1).collect()
}

fn alike(a: &[usize], b: &[usize]) -> bool {
    let (a, b) = (squeezed(a), squeezed(b));
    let len = |shape: &[usize]| shape.iter().product::<usize>();
    a == b || (len(&a) == len(&b) && a.len().min(b.len()) <= 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_go_together() {
        for (data, model, inputs) in [
            (&[1, 28, 28][..], &[1, 1, 28, 28][..], 1),
            (&[28, 28], &[1, 784], 1),
            (&[784], &[1, 1, 28, 28], 1),
            (&[1000, 28, 28], &[1, 1, 28, 28], 1000),
            (&[1000, 28, 28], &[28, 28], 1000),
            (&[1000, 28, 28], &[16, 1, 28, 28], 62),
            (&[1000, 28, 28], &[16, 784], 62),
            (&[16, 28, 28], &[16, 1, 28, 28], 1),
            (&[114, 30], &[1, 30], 114),
            (&[60], &[1, 30], 2),
            (&[5], &[1], 5),
            (&[], &[1, 1], 1),
            (&[3, 28, 28], &[1, 28, 28], 3),
            (&[8, 28, 28], &[16, 1, 28, 28], 0),
            (&[28, 27], &[1, 1, 28, 28], 0),
            (&[31], &[1, 30], 0),
            (&[28, 14, 2], &[1, 28, 28], 0),
        ] {
            assert_eq!(inputs_in(data, model), inputs, "{data:?} for {model:?}");
        }
    }
}
