//! Calls that a verifier must reject: everything that can be done to a valid one.

use crate::words::{add, modulus, word};
use ff::Field;
use halo2curves::bn256::{Fq, Fr, G1, G1Affine};
use rand_core::RngCore;
use zkml_evm::{Function, KeyContract, ProofLayout, calldata_of_words, number_word};

/// A call that was changed.
#[derive(Clone, Debug)]
pub struct Mutation {
    /// What was done.
    pub kind: &'static str,
    /// The proof.
    pub proof: Vec<u8>,
    /// The public inputs, 32 bytes each, the most significant first.
    pub public: Vec<[u8; 32]>,
    /// The call.
    pub calldata: Vec<u8>,
}

/// A valid call, and where its parts are.
struct Call<'a> {
    key: Option<&'a KeyContract>,
    proof: Vec<u8>,
    public: Vec<[u8; 32]>,
    layout: &'a ProofLayout,
}

type Change = fn(&mut Call<'_>, &mut dyn RngCore);
type Recode = fn(Vec<u8>, &Call<'_>, &mut dyn RngCore) -> Vec<u8>;

/// What is done to proofs and public inputs.
const CHANGES: &[(&str, Change)] = &[
    ("bit of the proof flipped", |c, rng| {
        let bit = below(rng, 8 * c.proof.len());
        c.proof[bit / 8] ^= 1 << (bit % 8);
    }),
    ("bit of a public input flipped", |c, rng| {
        let i = below(rng, c.public.len());
        let bit = below(rng, 256);
        c.public[i][bit / 8] ^= 1 << (bit % 8);
    }),
    ("low bit of a public input flipped", |c, rng| {
        let i = below(rng, c.public.len());
        c.public[i][31] ^= 1;
    }),
    ("two points swapped", |c, rng| {
        let (i, j) = (c.point(rng), c.point(rng));
        let (a, b) = (c.proof[i..i + 64].to_vec(), c.proof[j..j + 64].to_vec());
        c.proof[i..i + 64].copy_from_slice(&b);
        c.proof[j..j + 64].copy_from_slice(&a);
    }),
    ("point off the curve", |c, rng| {
        let at = c.point(rng);
        c.add(at + 32, &word(&Fr::ONE));
    }),
    ("point at infinity", |c, rng| {
        let at = c.point(rng);
        c.proof[at..at + 64].fill(0);
    }),
    ("point negated", |c, rng| {
        let at = c.point(rng);
        let mut y = [0; 32];
        y.copy_from_slice(&c.proof[at + 32..at + 64]);
        let negated = subtract(&modulus::<Fq>(), &y);
        c.proof[at + 32..at + 64].copy_from_slice(&negated);
    }),
    ("another point", |c, rng| {
        let at = c.point(rng);
        let point = G1Affine::from(G1::generator() * Fr::random(rng));
        let other = [word(&point.x), word(&point.y)].concat();
        c.proof[at..at + 64].copy_from_slice(&other);
    }),
    ("coordinate plus the modulus", |c, rng| {
        let at = c.point(rng) + 32 * below(rng, 2);
        c.add(at, &modulus::<Fq>());
    }),
    ("scalar plus the group order", |c, rng| {
        let at = c.scalar(rng);
        c.add(at, &modulus::<Fr>());
    }),
    ("scalar that is the group order", |c, rng| {
        let at = c.scalar(rng);
        c.proof[at..at + 32].copy_from_slice(&modulus::<Fr>());
    }),
    ("largest scalar", |c, rng| {
        let at = c.scalar(rng);
        c.proof[at..at + 32].fill(0xff);
    }),
    ("another scalar", |c, rng| {
        let at = c.scalar(rng);
        c.proof[at..at + 32].copy_from_slice(&word(&Fr::random(rng)));
    }),
    ("public input plus the group order", |c, rng| {
        let i = below(rng, c.public.len());
        c.public[i] = add(&c.public[i], &modulus::<Fr>());
    }),
    ("largest public input", |c, rng| {
        let i = below(rng, c.public.len());
        c.public[i] = [0xff; 32];
    }),
    ("another public input", |c, rng| {
        let i = below(rng, c.public.len());
        c.public[i] = number((rng.next_u32() >> 16) as usize);
    }),
    ("public inputs rotated", |c, rng| {
        let by = 1 + below(rng, c.public.len());
        let by = by % c.public.len();
        c.public.rotate_left(by);
    }),
    ("public input missing", |c, _| {
        c.public.pop();
    }),
    ("public input too many", |c, _| c.public.push([0; 32])),
    ("no public inputs", |c, _| c.public.clear()),
    ("proof truncated", |c, rng| {
        let len = below(rng, c.proof.len());
        c.proof.truncate(len);
    }),
    ("proof truncated by a word", |c, _| {
        let len = c.proof.len() - 32;
        c.proof.truncate(len);
    }),
    ("empty proof", |c, _| c.proof.clear()),
    ("bytes after the proof", |c, rng| {
        let extra = 1 + below(rng, 64);
        c.proof.extend(vec![0; extra]);
    }),
];

/// What is done to the encoding of a call.
const RECODES: &[(&str, Recode)] = &[
    ("bytes after the call", |mut data, _, rng| {
        let extra = 1 + below(rng, 64);
        data.extend(vec![0; extra]);
        data
    }),
    ("call truncated", |mut data, _, rng| {
        let len = 4 + below(rng, data.len() - 4);
        data.truncate(len);
        data
    }),
    ("proof moved, its offset with it", |data, call, rng| {
        // A word before the proof, and both offsets changed: the same arguments in another encoding.
        let head = call.head();
        let words = 1 + below(rng, 3);
        let mut out = data[..4 + head].to_vec();
        out.extend(vec![0; 32 * words]);
        out.extend(&data[4 + head..]);
        bump(&mut out, 4 + head - 64, 32 * words);
        bump(&mut out, 4 + head - 32, 32 * words);
        out
    }),
    ("public inputs moved, their offset with them", |data, call, _| {
        let head = call.head();
        let inputs = data.len() - 32 * (call.public.len() + 1);
        let mut out = data[..inputs].to_vec();
        out.extend([0; 32]);
        out.extend(&data[inputs..]);
        bump(&mut out, 4 + head - 32, 32);
        out
    }),
    ("public inputs before the proof", |data, call, _| {
        let head = call.head();
        let inputs = data.len() - 32 * (call.public.len() + 1);
        let mut out = data[..4 + head].to_vec();
        out.extend(&data[inputs..]);
        out.extend(&data[4 + head..inputs]);
        let proof = head + data.len() - inputs;
        out[4 + head - 64..4 + head - 32].copy_from_slice(&number(proof));
        out[4 + head - 32..4 + head].copy_from_slice(&number(head));
        out
    }),
    ("offset of the proof changed", |mut data, call, rng| {
        let at = 4 + call.head() - 64;
        bump(&mut data, at, 32 * (1 + below(rng, 4)));
        data
    }),
    ("offset of the public inputs changed", |mut data, call, rng| {
        let at = 4 + call.head() - 32;
        bump(&mut data, at, 32 * (1 + below(rng, 4)));
        data
    }),
    ("both offsets at the public inputs", |mut data, call, _| {
        let at = 4 + call.head();
        data.copy_within(at - 32..at, at - 64);
        data
    }),
    ("huge offset", |mut data, call, rng| {
        let at = 4 + call.head() - 32 * (1 + below(rng, 2));
        data[at..at + 32].fill(0xff);
        data
    }),
    ("length of the proof changed", |mut data, call, rng| {
        let at = 4 + call.head();
        bump(&mut data, at, 1 + below(rng, 64));
        data
    }),
    ("number of public inputs changed", |mut data, call, rng| {
        let at = data.len() - 32 * (call.public.len() + 1);
        bump(&mut data, at, 1 + below(rng, 4));
        data
    }),
];

/// Number of kinds of mutations.
pub const KINDS: usize = CHANGES.len() + RECODES.len();

/// Mutations of a valid call, one kind after the other, without end. Those that change nothing are left out.
pub fn mutations<'a>(
    key: Option<&'a KeyContract>,
    proof: &'a [u8],
    public: &'a [Fr],
    layout: &'a ProofLayout,
    mut rng: impl RngCore + 'a,
) -> impl Iterator<Item = Mutation> + 'a {
    let words: Vec<[u8; 32]> = public.iter().map(word).collect();
    let valid = calldata_of_words(Function::Verify, key, proof, &words);
    let make = move |i: usize| {
        let mut call = Call {
            key,
            proof: proof.to_vec(),
            public: words.clone(),
            layout,
        };
        let kind = match CHANGES.get(i % KINDS) {
            Some((kind, change)) => {
                let needs_public = kind.contains("public input") && !kind.contains("too many");
                if call.public.is_empty() && needs_public {
                    return None;
                }
                change(&mut call, &mut rng);
                kind
            }
            None => RECODES[i % KINDS - CHANGES.len()].0,
        };
        let mut calldata = calldata_of_words(Function::Verify, key, &call.proof, &call.public);
        if let Some((_, recode)) = (i % KINDS)
            .checked_sub(CHANGES.len())
            .and_then(|j| RECODES.get(j))
        {
            calldata = recode(calldata, &call, &mut rng);
        }
        (calldata != valid).then_some(Mutation {
            kind,
            proof: call.proof,
            public: call.public,
            calldata,
        })
    };
    (0..).filter_map(make)
}

impl Call<'_> {
    /// Bytes of the arguments before their tails.
    fn head(&self) -> usize {
        if self.key.is_some() { 0x80 } else { 0x40 }
    }

    /// Where a point starts.
    fn point(&self, rng: &mut dyn RngCore) -> usize {
        self.layout.points[below(rng, self.layout.points.len())]
    }

    /// Where a scalar starts.
    fn scalar(&self, rng: &mut dyn RngCore) -> usize {
        self.layout.scalars[below(rng, self.layout.scalars.len())]
    }

    /// Adds to a word of the proof.
    fn add(&mut self, at: usize, by: &[u8; 32]) {
        let mut value = [0; 32];
        value.copy_from_slice(&self.proof[at..at + 32]);
        self.proof[at..at + 32].copy_from_slice(&add(&value, by));
    }
}

/// Adds to a word of calldata.
fn bump(data: &mut [u8], at: usize, by: usize) {
    let mut value = [0; 32];
    value.copy_from_slice(&data[at..at + 32]);
    data[at..at + 32].copy_from_slice(&add(&value, &number(by)));
}

/// A number below `n`, which is not 0.
fn below(rng: &mut dyn RngCore, n: usize) -> usize {
    (rng.next_u64() % n.max(1) as u64) as usize
}

/// A length or an offset as a word.
fn number(value: usize) -> [u8; 32] {
    number_word(value as u64)
}

/// The difference modulo `2^256`.
fn subtract(a: &[u8; 32], b: &[u8; 32]) -> [u8; 32] {
    let complement = b.map(|byte| !byte);
    add(a, &add(&complement, &number(1)))
}
