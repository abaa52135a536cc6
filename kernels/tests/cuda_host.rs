//! The code of the CUDA kernels, compiled for the host: field and curve against halo2curves, the raw
//! operations on what the backend's conformance suite does not reach, and the emulation itself.
#![cfg(all(feature = "cuda-host", not(feature = "cuda")))]
#![allow(unsafe_code)] // Foreign functions, on memory that is allocated here.

mod cuda_raw;

use cuda_raw::{
    Memory, call, field, find_root, probe_access, probe_barrier, probe_curve, probe_field, probe_multiply,
    probe_small, raw, upload_dictionary,
};
use ff::{Field, PrimeField};
use group::prime::PrimeCurveAffine;
use group::{Curve, Group};
use halo2curves::CurveAffine;
use halo2curves::bn256::{Fq, Fr, G1, G1Affine};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use zkml_kernels::{Backend, Oracle, cuda_host_ffi as ffi, root_of_unity, small};

/// Edge values and arbitrary ones.
fn sample<F: PrimeField>(rng: &mut ChaCha20Rng, count: usize) -> Vec<F> {
    let two = F::from(2);
    let mut values = vec![F::ZERO, F::ONE, -F::ONE, two, -two, F::TWO_INV, -F::TWO_INV];
    // Numbers whose limbs are all ones or zeros, and one whose Montgomery form is one.
    values.extend([32, 64, 128, 224, 253].map(|bits| two.pow([bits])));
    values.extend([32, 64, 128, 224, 253].map(|bits| two.pow([bits]) - F::ONE));
    values.push(two.pow([256]).invert().unwrap());
    values.extend((values.len()..count).map(|_| F::random(&mut *rng)));
    values
}

fn field_agrees<F: PrimeField + cuda_raw::Element>(base: u32) {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let values = sample::<F>(&mut rng, 40);
    let (a, b): (Vec<F>, Vec<F>) = values
        .iter()
        .flat_map(|a| values.iter().map(|b| (*a, *b)))
        .unzip();
    type Operation<F> = fn(F, F) -> F;
    let operations: [(u32, Operation<F>); 5] = [
        (0, |a, b| a + b),
        (1, |a, b| a - b),
        (2, |a, b| a * b),
        (3, |a, b| a * b),
        (4, |a, _| -a),
    ];
    for (number, operation) in operations {
        let found = probe_field(base, number, &a, &b);
        let expected: Vec<F> = a.iter().zip(&b).map(|(a, b)| operation(*a, *b)).collect();
        assert_eq!(found, expected, "field {base}, operation {number}");
    }
    let found = probe_field(base, 5, &values, &values);
    let expected: Vec<F> = values
        .iter()
        .map(|v| Option::from(v.invert()).unwrap_or(F::ZERO))
        .collect();
    assert_eq!(found, expected, "field {base}, inverses");
    // A number is an element whose Montgomery form is that number: it stands for a / R.
    let shift = F::from(2).pow([256]);
    let plain = probe_field(base, 6, &values, &values);
    assert!(plain.iter().zip(&values).all(|(plain, v)| *plain * shift == *v));
}

#[test]
fn scalar_field_agrees() {
    field_agrees::<Fr>(0);
}

#[test]
fn base_field_agrees() {
    field_agrees::<Fq>(1);
}

#[test]
fn small_integers_become_elements() {
    let values = [0, 1, -1, i32::MAX, i32::MIN, 77, -77];
    assert_eq!(probe_small(&values), values.map(small));
}

/// A point in XYZZ coordinates with a given z.
fn xyzz(point: G1Affine, z: Fq) -> [Fq; 4] {
    if bool::from(point.is_identity()) {
        return [Fq::ZERO; 4];
    }
    let (zz, zzz) = (z.square(), z.cube());
    [point.x * zz, point.y * zzz, zz, zzz]
}

fn affine([x, y, zz, zzz]: [Fq; 4]) -> G1Affine {
    if zz == Fq::ZERO {
        return G1Affine::identity();
    }
    assert_eq!(zz.cube(), zzz.square());
    let (x, y) = (x * zz.invert().unwrap(), y * zzz.invert().unwrap());
    Option::from(G1Affine::from_xy(x, y)).expect("a point of the curve")
}

/// All pairs, equal points, opposite points and identities among them.
#[test]
fn curve_agrees() {
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let g = G1::generator();
    let mut points: Vec<G1Affine> = vec![G1Affine::identity(), g.into(), (-g).into(), g.double().into()];
    points.extend((0..4).map(|_| G1Affine::from(G1::random(&mut rng))));
    points.extend_from_within(5..);
    let last = points[points.len() - 1];
    points.push(-last);
    let pairs: Vec<(G1Affine, G1Affine)> = points
        .iter()
        .flat_map(|a| points.iter().map(|b| (*a, *b)))
        .collect();
    let mut z = || Fq::random(&mut rng);
    let left: Vec<[Fq; 4]> = pairs.iter().map(|(a, _)| xyzz(*a, z())).collect();
    let right: Vec<[Fq; 4]> = pairs.iter().map(|(_, b)| xyzz(*b, z())).collect();
    let flat: Vec<[Fq; 4]> = pairs
        .iter()
        .map(|(_, b)| [b.x, b.y, Fq::ZERO, Fq::ZERO])
        .collect();
    for operation in 0..4 {
        let second = if operation % 2 == 0 { &flat } else { &right };
        let found = probe_curve(operation, &left, second);
        for ((a, b), found) in pairs.iter().zip(found) {
            // The doubling of affine points is defined for points other than the identity.
            if operation == 2 && bool::from(b.is_identity()) {
                continue;
            }
            let expected = if operation < 2 {
                a.to_curve() + b
            } else {
                b.to_curve().double()
            };
            assert_eq!(
                affine(found),
                expected.to_affine(),
                "operation {operation}: {a:?}, {b:?}"
            );
        }
    }
}

/// One transform on device memory; the source stays where the target is another vector.
fn transform(direction: u32, values: &[Fr], shift: Option<Fr>, in_place: bool) -> Vec<Fr> {
    let log_size = values.len().trailing_zeros();
    let (root, inverse) = find_root(log_size);
    let size_inverse = raw(&[Fr::from(values.len() as u64).invert().unwrap()]);
    let source = Memory::of(&raw(values));
    let target = Memory::of(&raw(&vec![Fr::ONE; values.len()]));
    let out = if in_place { &source } else { &target };
    let bytes = unsafe { ffi::zkml_ntt_workspace(log_size, 1) };
    let workspace = Memory::<u8>::new(bytes);
    let table = Memory::<ffi::Words>::new(unsafe { ffi::zkml_ntt_table_elements(log_size) });
    let (root, inverse) = (raw(&[root]), raw(&[inverse]));
    let shift = shift.map(|shift| raw(&[shift]));
    // SAFETY: memory of the sizes that the interface asks for.
    unsafe {
        call(ffi::zkml_ntt_table(
            std::ptr::null_mut(),
            log_size,
            root.as_ptr(),
            inverse.as_ptr(),
            size_inverse.as_ptr(),
            table.pointer(),
        ));
        call(ffi::zkml_ntt(
            std::ptr::null_mut(),
            direction,
            log_size,
            1,
            [source.pointer().cast_const()].as_ptr(),
            [out.pointer()].as_ptr(),
            table.pointer(),
            shift.as_ref().map_or(std::ptr::null(), |shift| shift.as_ptr()),
            workspace.pointer().cast(),
            bytes,
        ));
    }
    if !in_place {
        assert_eq!(
            field::<Fr>(&source.read()),
            values,
            "the source of 2^{log_size} elements"
        );
    }
    field(&out.read())
}

#[test]
fn transforms_in_place_and_beside_agree() {
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    for log_size in 0..13 {
        let values: Vec<Fr> = (0..1 << log_size).map(|_| Fr::random(&mut rng)).collect();
        let shift = Fr::random(&mut rng);
        let mut expected = vec![values.clone()];
        Oracle.ntt(&mut expected).unwrap();
        let coset = Oracle.coset_ntt(&[&values], shift).unwrap().remove(0);
        for in_place in [true, false] {
            assert_eq!(transform(ffi::NTT_FORWARD, &values, None, in_place), expected[0]);
            assert_eq!(transform(ffi::NTT_INVERSE, &expected[0], None, in_place), values);
            assert_eq!(transform(ffi::NTT_FORWARD, &values, Some(shift), in_place), coset);
            let unshift = Some(shift.invert().unwrap());
            assert_eq!(transform(ffi::NTT_INVERSE, &coset, unshift, in_place), values);
        }
    }
}

/// Sizes of two passes with tiles of two columns, and of three passes.
#[test]
fn large_transforms_are_evaluations() {
    for log_size in [19, 21] {
        let values: Vec<Fr> = (0..1u64 << log_size).map(|i| Fr::from(i * i + 1)).collect();
        let shift = Fr::from(7);
        let found = transform(ffi::NTT_FORWARD, &values, Some(shift), true);
        for at in [1, values.len() / 3, values.len() - 1] {
            let point = shift * root_of_unity(log_size).pow_vartime([at as u64]);
            assert_eq!(
                Oracle.evaluate(&[(&values, point)]).unwrap(),
                [found[at]],
                "2^{log_size}, {at}"
            );
        }
        let back = transform(ffi::NTT_INVERSE, &found, shift.invert().into(), false);
        assert!(back == values, "the inverse of 2^{log_size} elements");
    }
}

/// A part's scalars.
enum Scalars {
    Full(Vec<Fr>),
    Small(Vec<i32>),
}

impl Scalars {
    fn elements(&self) -> Vec<Fr> {
        match self {
            Self::Full(scalars) => scalars.clone(),
            Self::Small(scalars) => scalars.iter().map(|s| small(*s)).collect(),
        }
    }

    /// A part whose scalars are in device memory.
    fn part(&self, first_base: usize, memory: &Memory<u8>) -> ffi::MsmPart {
        let (kind, count, largest) = match self {
            Self::Full(scalars) => (ffi::SCALARS_FULL, scalars.len(), 0),
            Self::Small(scalars) => {
                let largest = scalars.iter().map(|s| s.unsigned_abs()).max();
                (ffi::SCALARS_SMALL, scalars.len(), largest.unwrap_or(0))
            }
        };
        let mut part = ffi::MsmPart {
            scalars: memory.pointer().cast_const().cast(),
            count: count as u64,
            first_base: first_base as u64,
            kind,
            bits: 0,
            windows: 0,
            buckets: 0,
            cost: 0,
        };
        // SAFETY: it changes the part.
        unsafe { ffi::zkml_msm_plan(&mut part, largest) };
        part
    }

    fn memory(&self) -> Memory<u8> {
        match self {
            Self::Full(scalars) => Memory::of(raw(scalars).as_flattened()).bytes(),
            Self::Small(scalars) => Memory::of(scalars).bytes(),
        }
    }
}

/// The sums of parts, each from its first base on, with a workspace between the least and the most.
fn multiply(points: &[G1Affine], parts: &[(usize, Scalars)], share: f64) -> Vec<G1Affine> {
    let words: Vec<[ffi::Words; 2]> = points.iter().map(cuda_raw::point).collect();
    let bases = Memory::of(&words);
    let memory: Vec<Memory<u8>> = parts.iter().map(|(_, scalars)| scalars.memory()).collect();
    let planned: Vec<ffi::MsmPart> = parts
        .iter()
        .zip(&memory)
        .map(|((first, scalars), memory)| scalars.part(*first, memory))
        .collect();
    let windows: u32 = planned.iter().map(|part| part.windows).sum();
    let sums = Memory::<ffi::Xyzz>::new(windows as usize);
    // SAFETY: memory of the sizes that the interface asks for.
    unsafe {
        let least = ffi::zkml_msm_workspace_least(planned.as_ptr(), planned.len());
        let most = ffi::zkml_msm_workspace_most(planned.as_ptr(), planned.len());
        assert!(least <= most);
        let bytes = least + ((most - least) as f64 * share) as usize;
        let workspace = Memory::<u8>::new(bytes);
        call(ffi::zkml_msm(
            std::ptr::null_mut(),
            bases.pointer(),
            planned.as_ptr(),
            planned.len(),
            sums.pointer(),
            workspace.pointer().cast(),
            bytes,
        ));
    }
    let sums = sums.read();
    let mut first = 0;
    let value = |part: &ffi::MsmPart| {
        let windows = &sums[first..first + part.windows as usize];
        first += windows.len();
        let sum = windows.iter().rev().fold(G1::identity(), |sum, window| {
            let doubled = (0..part.bits).fold(sum, |sum, _| sum.double());
            let [x, y, zz, zzz] = [window.x, window.y, window.zz, window.zzz];
            doubled + affine([x, y, zz, zzz].map(|words| field::<Fq>(&[words])[0]))
        });
        sum.to_affine()
    };
    planned.iter().map(value).collect()
}

/// Points `k_i G`, with equal and opposite neighbours and identities among them.
fn bases(rng: &mut ChaCha20Rng, count: usize) -> (Vec<Fr>, Vec<G1Affine>) {
    let mut logs: Vec<Fr> = Vec::with_capacity(count);
    let mut points: Vec<G1> = Vec::with_capacity(count);
    let step = Fr::random(rng);
    let step_point = G1::generator() * step;
    let (mut log, mut point) = (step, step_point);
    for i in 0..count {
        match i % 13 {
            4 => {}
            7 => (log, point) = (-log, -point),
            9 => (log, point) = (Fr::ZERO, G1::identity()),
            _ => (log, point) = (log + step, point + step_point),
        }
        logs.push(log);
        points.push(point);
    }
    let mut affine = vec![G1Affine::identity(); count];
    G1::batch_normalize(&points, &mut affine);
    (logs, affine)
}

/// Distributions that crowd few buckets, and scalars at the ends of ranges.
#[test]
fn any_distribution_multiplies() {
    let mut rng = ChaCha20Rng::seed_from_u64(4);
    for (count, seed) in [(1, 0), (2, 1), (255, 2), (3000, 3)] {
        // SAFETY: it takes any number.
        unsafe { ffi::zkml_host_set_order(seed) };
        let (logs, points) = bases(&mut rng, count);
        let mut integers =
            |low: i32, high: i32| Scalars::Small((0..count).map(|_| rng.gen_range(low..=high)).collect());
        let small = [
            integers(-1, 1),
            integers(-128, 127),
            integers(i32::MIN, i32::MAX),
            integers(0, 0),
        ];
        let mut parts: Vec<(usize, Scalars)> = small.into_iter().map(|scalars| (0, scalars)).collect();
        let half = Fr::TWO_INV;
        parts.extend([
            (0, Scalars::Small(vec![i32::MIN; count])),
            (0, Scalars::Small(vec![-65536; count])),
            (0, Scalars::Full(vec![-Fr::ONE; count])),
            (0, Scalars::Full(vec![half; count])),
            (0, Scalars::Full(vec![Fr::ZERO; count])),
            (
                0,
                Scalars::Full((0..count).map(|_| Fr::random(&mut rng)).collect()),
            ),
            (count / 3, Scalars::Full(vec![half - Fr::ONE; count / 2])),
            (count, Scalars::Full(vec![])),
        ]);
        let expected: Vec<G1Affine> = parts
            .iter()
            .map(|(first, scalars)| {
                let products = scalars.elements().into_iter().zip(&logs[*first..]);
                let log: Fr = products.map(|(scalar, log)| scalar * log).sum();
                (G1::generator() * log).to_affine()
            })
            .collect();
        for share in [0.0, 0.2, 1.0] {
            assert_eq!(
                multiply(&points, &parts, share),
                expected,
                "{count} points, share {share}"
            );
        }
    }
}

/// Codes of columns that are summed together: arbitrary ones, one code in all rows, and codes that leave entries out.
#[test]
fn bases_are_summed_by_code() {
    let mut rng = ChaCha20Rng::seed_from_u64(9);
    for (count, seed) in [(1usize, 0), (31, 1), (500, 2), (3000, 3)] {
        // SAFETY: it takes any number.
        unsafe { ffi::zkml_host_set_order(seed) };
        let (logs, points) = bases(&mut rng, count);
        let words: Vec<[ffi::Words; 2]> = points.iter().map(cuda_raw::point).collect();
        let mut column = |lists: usize, rows: usize, entries: usize, highest: i32| {
            let list = |_| (0..rows).map(|_| rng.gen_range(0..=highest)).collect();
            ((0..lists).map(list).collect::<Vec<Vec<i32>>>(), entries)
        };
        let columns = [
            column(1, count, 65, 64),
            column(3, count, 5000, 4999),
            column(2, count, 1, 0),
            column(2, count / 2, 100, 3),
        ];
        let memory: Vec<Vec<Memory<i32>>> = columns
            .iter()
            .map(|(lists, _)| lists.iter().map(|list| Memory::of(list)).collect())
            .collect();
        let addresses: Vec<Vec<*const i32>> = memory
            .iter()
            .map(|lists| lists.iter().map(|list| list.pointer().cast_const()).collect())
            .collect();
        let raw: Vec<ffi::DictionaryColumn> = columns
            .iter()
            .zip(&addresses)
            .map(|((lists, entries), codes)| ffi::DictionaryColumn {
                codes: codes.as_ptr(),
                lists: lists.len() as u64,
                rows: lists[0].len() as u64,
                entries: *entries as u64,
            })
            .collect();
        let total = columns.iter().map(|(_, entries)| entries).sum();
        let sums = Memory::<[ffi::Words; 2]>::new(total);
        let bases = Memory::of(&words);
        // SAFETY: memory of the sizes that the interface asks for.
        unsafe {
            let bytes = ffi::zkml_code_sums_workspace(raw.as_ptr(), raw.len());
            let workspace = Memory::<u8>::new(bytes);
            call(ffi::zkml_code_sums(
                std::ptr::null_mut(),
                bases.pointer(),
                raw.as_ptr(),
                raw.len(),
                sums.pointer(),
                workspace.pointer().cast(),
                bytes,
            ));
        }
        let expected: Vec<[ffi::Words; 2]> = columns
            .iter()
            .flat_map(|(lists, entries)| {
                let mut by_code = vec![Fr::ZERO; *entries];
                for (code, log) in lists.iter().flat_map(|list| list.iter().zip(&logs)) {
                    by_code[*code as usize] += log;
                }
                by_code
            })
            .map(|log| cuda_raw::point(&(G1::generator() * log).to_affine()))
            .collect();
        assert!(sums.read() == expected, "{count} points");
    }
}

#[test]
fn codes_become_sums_of_entries() {
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    let table: Vec<Fr> = (0..50).map(|_| Fr::random(&mut rng)).collect();
    let lists: Vec<Vec<i32>> = (0..3)
        .map(|_| (0..300).map(|_| rng.gen_range(0..50)).collect())
        .collect();
    let expected: Vec<Fr> = (0..300)
        .map(|i| lists.iter().map(|list| table[list[i] as usize]).sum())
        .collect();
    assert_eq!(upload_dictionary(&lists, &table), expected);
}

#[test]
fn the_probe_squares() {
    let values = [Fr::ZERO, Fr::ONE, Fr::from(3)];
    assert_eq!(probe_multiply(&values, 5), values.map(|v| v.pow_vartime([32])));
}

/// The emulation finds a missing barrier, in some order of threads, and a barrier that some threads miss.
#[test]
fn missing_barriers_show() {
    let reversed: Vec<u32> = (0..64).rev().collect();
    for seed in 0..8 {
        // SAFETY: it takes any number.
        unsafe { ffi::zkml_host_set_order(seed) };
        assert_eq!(probe_barrier(0, 64), Ok(reversed.clone()));
        assert_ne!(probe_barrier(1, 64), Ok(reversed.clone()));
        assert_eq!(probe_barrier(2, 64), Err(719));
        // A failed launch leaves nothing behind.
        assert_eq!(probe_barrier(0, 64), Ok(reversed.clone()));
    }
}

/// Checked accesses find each mistake in whatever order threads run, and none where there is none.
#[test]
fn races_and_reads_outside_show() {
    for seed in 0..4 {
        // SAFETY: it takes any number.
        unsafe { ffi::zkml_host_set_order(seed) };
        let right = ["neighbours wait", "additions are atomic"];
        let wrong = [
            "neighbours do not wait",
            "blocks write the same words",
            "a plain read beside atomic additions",
            "a read behind the words",
        ];
        for (kind, (what, expected)) in right
            .map(|what| (what, 0))
            .into_iter()
            .chain(wrong.map(|what| (what, 700)))
            .enumerate()
        {
            assert_eq!(probe_access(kind as u32, 64), expected, "{what}");
        }
    }
}

/// Columns that are too many for one call, by lists, codes or entries, have no workspace.
#[test]
fn too_many_codes_have_no_workspace() {
    let bytes = |lists, rows, entries| {
        let column = ffi::DictionaryColumn {
            codes: std::ptr::null(),
            lists,
            rows,
            entries,
        };
        // SAFETY: it reads the columns' numbers only.
        unsafe { ffi::zkml_code_sums_workspace([column; 2].as_ptr(), 2) }
    };
    assert!(bytes(1 << 14, 1, 1) < usize::MAX);
    for (lists, rows, entries) in [(1 << 15, 1, 1), (16, 1 << 28, 1), (1, 1, 1 << 30)] {
        assert_eq!(bytes(lists, rows, entries), usize::MAX);
    }
}

/// Too small a workspace, too small a vector, a failing launch.
#[test]
fn failures_are_told() {
    let values = Memory::of(&[5i32; 33]);
    let out = Memory::<ffi::Words>::new(33);
    let no_stream = std::ptr::null_mut();
    // SAFETY: memory of these sizes; a guard of 256 bytes lies behind it.
    unsafe {
        let status = ffi::zkml_batch_invert(no_stream, out.pointer(), 33, values.pointer().cast(), 31);
        assert_eq!((status, cuda_raw::failed_call().as_str()), (1, "workspace"));

        ffi::zkml_host_fail_launch(0);
        let upload = || ffi::zkml_expand_small(no_stream, values.pointer(), 33, out.pointer());
        assert_eq!(
            (upload(), cuda_raw::failed_call().as_str()),
            (719, "from_integers")
        );
        assert_eq!(upload(), 0);

        let short = Memory::<ffi::Words>::new(31);
        assert_eq!(
            ffi::zkml_expand_small(no_stream, values.pointer(), 33, short.pointer()),
            0
        );
        assert_eq!(short.free(), 700);
        assert_eq!(out.free(), 0);
    }
}
