//! Vectors, and what is done to them element by element or along them.

use super::sample::{LENGTHS, Sampler, same, up};
use crate::{Backend, Oracle, small};
use ff::Field;
use halo2curves::bn256::Fr;

/// Moving data.
pub(super) fn vectors<B: Backend>(backend: &B) {
    let mut sampler = Sampler(1);
    for length in LENGTHS {
        let values = sampler.elements(length);
        let mut vector = up(backend, &values);
        same(backend, "upload", &vector, &values);
        same(
            backend,
            "duplicate",
            &backend.duplicate(&vector).expect("duplicate"),
            &values,
        );
        let (start, count) = (length / 3, length / 2);
        let part = backend.read(&vector, start, count).expect("read");
        assert_eq!(part, values[start..start + count], "{}: read", backend.name());
        let new = sampler.elements(count);
        backend.write(&mut vector, start, &new).expect("write");
        let mut expected = values.clone();
        expected[start..start + count].copy_from_slice(&new);
        same(backend, "write", &vector, &expected);

        let (integers, tail) = (sampler.integers(length), sampler.elements(length % 7));
        let small_column = backend
            .upload_integers(integers.clone())
            .expect("upload_integers");
        let vector = backend.expand_small(&small_column, &tail).expect("expand_small");
        let expected: Vec<Fr> = integers.iter().map(|&value| small(value)).chain(tail).collect();
        same(backend, "expand_small", &vector, &expected);

        let (table, tail) = (sampler.elements(1 + length / 2), sampler.elements(length % 5));
        let codes: Vec<Vec<i32>> = (0..1 + length % 3)
            .map(|_| sampler.codes(length, table.len()))
            .collect();
        // What follows the rows is no code.
        let behind = |codes: &Vec<i32>| [&codes[..], &[-1, i32::MAX]].concat();
        let lists: Vec<B::Integers> = codes
            .iter()
            .map(|codes| backend.upload_integers(behind(codes)).expect("upload_integers"))
            .collect();
        let lists: Vec<&B::Integers> = lists.iter().collect();
        let vector = backend
            .expand_dictionary(&lists, length, &up(backend, &table), &tail)
            .expect("expand_dictionary");
        let row = |row: usize| codes.iter().map(|codes| table[codes[row] as usize]).sum();
        let expected: Vec<Fr> = (0..length).map(row).chain(tail).collect();
        same(backend, "expand_dictionary", &vector, &expected);
    }
    concatenations(backend, &mut sampler);
}

fn concatenations<B: Backend>(backend: &B, sampler: &mut Sampler) {
    for lengths in [&[][..], &[0], &[5], &[1, 0, 64], &[63, 65, 1000], &[1 << 12; 2]] {
        let columns: Vec<Vec<Fr>> = lengths.iter().map(|&length| sampler.elements(length)).collect();
        let vectors: Vec<B::Vector> = columns.iter().map(|values| up(backend, values)).collect();
        let found = backend.concatenate(&vectors.iter().collect::<Vec<_>>());
        same(
            backend,
            "concatenate",
            &found.expect("concatenate"),
            &columns.concat(),
        );
    }
}

/// Inverses, running products, sums, values and quotients.
pub(super) fn operations<B: Backend>(backend: &B) {
    let mut sampler = Sampler(2);
    for length in LENGTHS {
        let values = sampler.elements(length);

        let mut expected = values.clone();
        Oracle.batch_invert(&mut expected).expect("oracle");
        let mut found = up(backend, &values);
        backend.batch_invert(&mut found).expect("batch_invert");
        same(backend, "batch_invert", &found, &expected);

        let nonzero: Vec<Fr> = values
            .iter()
            .map(|v| if *v == Fr::ZERO { Fr::from(3) } else { *v })
            .collect();
        for factors in [&values, &nonzero] {
            let start = Fr::from(sampler.number());
            let expected = Oracle.running_product(factors, start).expect("oracle");
            let found = backend.running_product(&up(backend, factors), start);
            same(
                backend,
                "running_product",
                &found.expect("running_product"),
                &expected,
            );
        }

        for root in [Fr::ZERO, Fr::ONE, -Fr::ONE, sampler.element()] {
            let mut expected = values.clone();
            Oracle.divide_by_linear(&mut expected, root).expect("oracle");
            let mut found = up(backend, &values);
            backend
                .divide_by_linear(&mut found, root)
                .expect("divide_by_linear");
            same(backend, "divide_by_linear", &found, &expected);
        }

        let points = [Fr::ZERO, Fr::ONE, -Fr::ONE, sampler.element(), sampler.element()];
        let vector = up(backend, &values);
        let found = backend
            .evaluate(&points.map(|point| (&vector, point)))
            .expect("evaluate");
        let expected = Oracle
            .evaluate(&points.map(|point| (&values, point)))
            .expect("oracle");
        assert_eq!(found, expected, "{}: evaluate, length {length}", backend.name());
    }
    combinations(backend, &mut sampler);
    remainders(backend, &mut sampler);
}

fn remainders<B: Backend>(backend: &B, sampler: &mut Sampler) {
    for (size, pieces) in [(1, 1), (1, 5), (3, 2), (64, 1), (64, 4), (1000, 2), (4096, 2)] {
        let columns: Vec<Vec<Fr>> = (0..3).map(|_| sampler.elements(size * pieces)).collect();
        let vectors: Vec<B::Vector> = columns.iter().map(|values| up(backend, values)).collect();
        for factor in [Fr::ZERO, Fr::ONE, sampler.element()] {
            let found = backend.fold(&vectors.iter().collect::<Vec<_>>(), size, factor);
            let expected = Oracle.fold(&columns.iter().collect::<Vec<_>>(), size, factor);
            let pairs = found.expect("fold").into_iter().zip(expected.expect("oracle"));
            pairs.for_each(|(found, expected)| same(backend, "fold", &found, &expected));
        }
    }
}

fn combinations<B: Backend>(backend: &B, sampler: &mut Sampler) {
    let regular = [(1, 1), (1, 100), (2, 3), (5, 2048), (40, 1000), (300, 65)];
    let regular = regular.map(|(terms, length): (usize, usize)| -> Vec<usize> {
        (0..terms).map(|term| length - term % length.min(9)).collect()
    });
    for lengths in regular
        .into_iter()
        .chain([vec![0, 5], vec![7, 0, 3000, 0], vec![0]])
    {
        let columns: Vec<(Fr, Vec<Fr>)> = lengths
            .iter()
            .map(|&length| (sampler.element(), sampler.elements(length)))
            .collect();
        let vectors: Vec<(Fr, B::Vector)> = columns
            .iter()
            .map(|(factor, values)| (*factor, up(backend, values)))
            .collect();
        let found = backend.linear_combination(&vectors.iter().map(|(f, v)| (*f, v)).collect::<Vec<_>>());
        let expected = Oracle.linear_combination(&columns.iter().map(|(f, v)| (*f, v)).collect::<Vec<_>>());
        let expected = expected.expect("oracle");
        same(
            backend,
            "linear_combination",
            &found.expect("linear_combination"),
            &expected,
        );
    }
}
