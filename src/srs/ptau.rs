//! Powers of tau as snarkjs stores them (`.ptau`).
//!
//! `ptau`, a version (1), the number of sections, and the sections: a type (four bytes), a
//! length (eight bytes) and the content; all numbers little-endian. Points are affine, with
//! coordinates in Montgomery form. The sections read here:
//!
//! | type | content |
//! |---|---|
//! | 1 | bytes of a coordinate (32), the modulus, the power, the power of the ceremony |
//! | 2 | `2^(power+1) - 1` powers of the secret in G1 |
//! | 3 | `2^power` powers in G2 |
//! | 12 | Lagrange bases of the domains of size 1, 2, 4, ..., `2^(power+1)`, if the file was prepared for phase 2 |

use super::{check_k, lagrange_bases, raw};
use crate::artifact::Reader;
use crate::kzg::{self, G1_LEN, G2_LEN};
use crate::{Error, Progress};
use ff::{Field, PrimeField};
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use halo2curves::bn256::{Bn256, Fq, Fr, G1Affine};
use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use zkml_kernels::root_of_unity;

const WHAT: &str = ".ptau file";
const HEADER: u32 = 1;
const TAU_G1: u32 = 2;
const TAU_G2: u32 = 3;
const LAGRANGE_G1: u32 = 12;

/// Most sections that a file may have; snarkjs writes up to 11.
const MAX_SECTIONS: u32 = 64;
/// Largest power of a ceremony on this curve: its scalar field has roots of unity of order 2^28.
const MAX_POWER: u32 = 28;

fn malformed(reason: impl ToString) -> Error {
    Error::malformed(WHAT, reason)
}

fn io_error(source: io::Error) -> Error {
    Error::io("read", Path::new(WHAT))(source)
}

/// Where a section's content lies.
#[derive(Clone, Copy)]
struct Section {
    start: u64,
    len: u64,
}

/// A file whose sections are known to lie within it.
struct Ptau<'a, R> {
    file: &'a mut R,
    sections: BTreeMap<u32, Section>,
}

impl<'a, R: Read + Seek> Ptau<'a, R> {
    fn open(file: &'a mut R) -> Result<Self, Error> {
        let total = file.seek(SeekFrom::End(0)).map_err(io_error)?;
        let start = read_at(file, total, 0, 12)?;
        let mut start = Reader::new(WHAT, &start);
        if &start.array::<4>()? != b"ptau" {
            return Err(malformed("expected it to start with \"ptau\", found other bytes"));
        }
        let version = start.u32()?;
        if version != 1 {
            return Err(malformed(format!("expected version 1, found {version}")));
        }
        let count = start.u32()?;
        if count > MAX_SECTIONS {
            return Err(malformed(format!(
                "expected at most {MAX_SECTIONS} sections, found {count}"
            )));
        }
        let mut position = 12;
        let mut sections = BTreeMap::new();
        for _ in 0..count {
            let head = read_at(file, total, position, 12)?;
            let mut head = Reader::new(WHAT, &head);
            let (kind, len) = (head.u32()?, head.u64()?);
            let start = position + 12;
            position = end_of(total, start, len)?;
            if sections.insert(kind, Section { start, len }).is_some() {
                return Err(malformed(format!("expected one section {kind}, found two")));
            }
        }
        if position != total {
            return Err(Error::TrailingBytes {
                what: WHAT.to_owned(),
                expected: position,
                found: total,
            });
        }
        Ok(Self { file, sections })
    }

    /// A section of an exact length.
    fn section(&self, kind: u32, len: u64) -> Result<Section, Error> {
        let section = self
            .sections
            .get(&kind)
            .ok_or_else(|| malformed(format!("it has no section {kind}")))?;
        if section.len != len {
            return Err(malformed(format!(
                "expected section {kind} to have {len} bytes, found {}",
                section.len
            )));
        }
        Ok(*section)
    }

    /// `len` bytes of a section.
    fn bytes(&mut self, section: Section, offset: u64, len: u64) -> Result<Vec<u8>, Error> {
        read_at(
            self.file,
            section.start + section.len,
            section.start + offset,
            len,
        )
    }

    fn power(&mut self) -> Result<u32, Error> {
        let section = self.section(HEADER, 44)?;
        let bytes = self.bytes(section, 0, 44)?;
        let mut reader = Reader::new(WHAT, &bytes);
        let n8 = reader.u32()?;
        if n8 != 32 || reader.take(32)? != modulus() {
            return Err(malformed("expected points of BN254 (bn128), found another curve"));
        }
        let power = reader.u32()?;
        if power == 0 || power > MAX_POWER {
            return Err(malformed(format!(
                "expected a power of 1 to {MAX_POWER}, found {power}"
            )));
        }
        Ok(power)
    }
}

/// The end of `len` bytes from `start`, if they lie before `total`.
fn end_of(total: u64, start: u64, len: u64) -> Result<u64, Error> {
    let end = start.saturating_add(len);
    if end > total {
        return Err(Error::Truncated {
            what: WHAT.to_owned(),
            expected: end,
            found: total,
        });
    }
    Ok(end)
}

/// `len` bytes from `start`; nothing is allocated unless they lie before `total`.
fn read_at<R: Read + Seek>(file: &mut R, total: u64, start: u64, len: u64) -> Result<Vec<u8>, Error> {
    end_of(total, start, len)?;
    let len = usize::try_from(len).map_err(|_| malformed("it does not fit the memory of this machine"))?;
    let mut bytes = vec![0; len];
    file.seek(SeekFrom::Start(start))
        .and_then(|_| file.read_exact(&mut bytes))
        .map_err(io_error)?;
    Ok(bytes)
}

/// The modulus of the base field, little-endian.
fn modulus() -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice((-Fq::ONE).to_repr().as_ref());
    // The modulus is odd, so that nothing carries.
    bytes[0] += 1;
    bytes
}

/// Reads `2^k` powers, as many as the file has Lagrange bases for if `k` is `None`, and the next power; checks each point. How
/// the points relate is for [`super::check`].
pub(super) fn read<R: Read + Seek>(
    file: &mut R,
    k: Option<u32>,
    progress: &Progress,
) -> Result<(ParamsKZG<Bn256>, G1Affine), Error> {
    progress.report("reading points", 0.0)?;
    let mut ptau = Ptau::open(file)?;
    let power = ptau.power()?;
    let k = check_k(k.unwrap_or(power).into())?;
    if k > power {
        return Err(Error::SrsTooSmall {
            needed: k,
            found: power,
        });
    }
    let n = 1u64 << k;
    let tau_g1 = ptau.section(TAU_G1, ((2 << power) - 1) * G1_LEN as u64)?;
    let tau_g2 = ptau.section(TAU_G2, (1 << power) * G2_LEN as u64)?;
    // The file has 2^(power+1) - 1 of them.
    let mut g = raw::g1_points("power", &ptau.bytes(tau_g1, 0, (n + 1) * G1_LEN as u64)?)?;
    let next = g.pop().ok_or_else(|| malformed("it has no powers"))?;
    let bytes = ptau.bytes(tau_g2, 0, 2 * G2_LEN as u64)?;
    let g2 = raw::g2_point("the generator of G2", &bytes[..G2_LEN])?;
    let s_g2 = raw::g2_point("the secret in G2", &bytes[G2_LEN..])?;
    let g_lagrange = if ptau.sections.contains_key(&LAGRANGE_G1) {
        let section = ptau.section(LAGRANGE_G1, ((4 << power) - 1) * G1_LEN as u64)?;
        let bytes = ptau.bytes(section, (n - 1) * G1_LEN as u64, n * G1_LEN as u64)?;
        reorder(raw::g1_points("Lagrange base", &bytes)?, k)
    } else {
        lagrange_bases(&g, progress)?
    };
    progress.report("reading points", 1.0)?;
    Ok((kzg::assemble(k, g, g_lagrange, g2, s_g2), next))
}

/// Brings Lagrange bases from the order of snarkjs's domain into that of halo2's: the domains are
/// one set, listed as powers of different generators.
fn reorder(bases: Vec<G1Affine>, k: u32) -> Vec<G1Affine> {
    let n = bases.len();
    let step = logarithm(snarkjs_root(k), root_of_unity(k), k);
    let mut out = bases.clone();
    for (i, base) in bases.into_iter().enumerate() {
        out[(i * step) % n] = base;
    }
    out
}

/// The generator of snarkjs's domain of size `2^k`: a power of 5, the least non-residue.
fn snarkjs_root(k: u32) -> Fr {
    // 5^((r - 1) / 2^S), with (r - 1) / 2^S as limbs: r - 1 shifted right by S bits.
    let mut exponent = [0u64; 4];
    let minus_one = (-Fr::ONE).to_repr();
    for (limb, bytes) in exponent.iter_mut().zip(minus_one.as_ref().chunks_exact(8)) {
        *limb = bytes
            .iter()
            .rev()
            .fold(0, |limb, byte| limb << 8 | u64::from(*byte));
    }
    let shifted: Vec<u64> = (0..4)
        .map(|i| exponent[i] >> Fr::S | exponent.get(i + 1).map_or(0, |next| next << (64 - Fr::S)))
        .collect();
    let root = Fr::from(5).pow_vartime(shifted);
    (k..Fr::S).fold(root, |root, _| root.square())
}

/// The `e` with `base^e = value`, both of order `2^k`, bit by bit.
fn logarithm(value: Fr, base: Fr, k: u32) -> usize {
    let mut exponent = 0u64;
    for bit in 0..k {
        // Bits below `bit` agree: what is left over has order 2^(k - bit) at most.
        let rest = value * base.pow_vartime([(1u64 << k) - exponent]);
        if rest.pow_vartime([1u64 << (k - 1 - bit)]) != Fr::ONE {
            exponent |= 1 << bit;
        }
    }
    exponent as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generators_of_both_domains_are_powers_of_each_other() {
        for k in [1, 2, 7, 20, 28] {
            let (ours, theirs) = (root_of_unity(k), snarkjs_root(k));
            assert_eq!(theirs.pow_vartime([1u64 << k]), Fr::ONE);
            assert_ne!(theirs.pow_vartime([1u64 << (k - 1)]), Fr::ONE);
            let e = logarithm(theirs, ours, k);
            assert_eq!(ours.pow_vartime([e as u64]), theirs, "k = {k}");
        }
    }

    #[test]
    fn the_modulus_is_that_of_the_field() {
        let hex: String = modulus().iter().rev().map(|b| format!("{b:02x}")).collect();
        assert_eq!(format!("0x{hex}"), Fq::MODULUS.to_lowercase());
    }
}
