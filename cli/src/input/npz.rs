//! NumPy archives (`.npz`): zip files of `.npy` arrays.

use super::file::DATA_LIMIT;
use super::{Array, npy};
use anyhow::{Context, Result, bail, ensure};
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// The marker of the zip64 form, in which an archive states its number of files in 64 bits.
const ZIP64: &[u8] = b"PK\x06\x07";

/// How far from its end an archive is searched for the marker: longest comment and records.
const TAIL: usize = (1 << 16) + 64;

/// Parses a `.npz` file; arrays that hold no numbers are left out.
pub fn read(label: &str, bytes: &[u8]) -> Result<Vec<Array>> {
    let fail = || format!("{label}: this is no .npz archive that can be read");
    let tail = &bytes[bytes.len().saturating_sub(TAIL)..];
    if tail.windows(ZIP64.len()).any(|window| window == ZIP64) {
        bail!("{label}: expected an archive of less than 4 GiB, found one in the zip64 form; split it");
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).with_context(fail)?;
    let (mut arrays, mut left) = (Vec::new(), DATA_LIMIT);
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).with_context(fail)?;
        let Some(name) = entry.name().strip_suffix(".npy").map(str::to_owned) else {
            continue;
        };
        let mut content = Vec::new();
        (&mut entry)
            .take(left + 1)
            .read_to_end(&mut content)
            .with_context(fail)?;
        ensure!(
            content.len() as u64 <= left,
            "{label}: expected arrays of at most {} MiB together, found more; split the archive",
            DATA_LIMIT >> 20
        );
        left -= content.len() as u64;
        if let Ok((shape, data)) = npy::parse(&content) {
            arrays.push(Array {
                label: format!("{label}:{name}"),
                name: Some(name),
                shape,
                data,
            });
        }
    }
    ensure!(
        !arrays.is_empty(),
        "{label}: expected arrays of numbers, found none"
    );
    Ok(arrays)
}

#[cfg(test)]
mod tests {
    use super::super::Data;
    use super::*;
    use std::io::Write;
    use zip::{ZipWriter, write::FileOptions};

    fn archive(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in files {
            writer.start_file(*name, FileOptions::default()).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn arrays_have_names() {
        let names = npy::tests::file("<U3", "False", "(1,)", &[0; 12]);
        let images = npy::tests::file("|u1", "False", "(2,)", &[1, 2]);
        let arrays = read("x.npz", &archive(&[("names.npy", names), ("images.npy", images)])).unwrap();
        let [array] = &arrays[..] else {
            panic!("expected one array, found {arrays:?}")
        };
        assert_eq!(
            (array.name.as_deref(), array.label.as_str()),
            (Some("images"), "x.npz:images")
        );
        assert_eq!(
            array.data,
            Data::Bytes {
                values: vec![1, 2],
                usual: None
            }
        );
    }

    #[test]
    fn hostile_files_are_errors() {
        let good = archive(&[("x.npy", npy::tests::file("|u1", "False", "(2,)", &[1, 2]))]);
        for len in 0..good.len() {
            assert!(read("x", &good[..len]).is_err(), "length {len}");
        }
        assert!(read("x", &archive(&[])).is_err());
        assert!(read("x", &[&good[..], b"PK\x06\x07"].concat()).is_err());
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            // Names and dates may change unnoticed; nothing may panic.
            let _ = read("x", &bad);
        }
    }
}
