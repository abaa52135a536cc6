//! Class labels.

use crate::input::read_text;
use anyhow::{Result, ensure};
use std::path::Path;

/// The largest file of labels.
const LIMIT: u64 = 16 << 20;

/// Labels from `cat,dog,...`, or from a text file with one per line.
pub fn labels(text: &str) -> Result<Vec<String>> {
    let path = Path::new(text);
    let labels: Vec<String> = if path.is_file() {
        read_text(path, LIMIT)?
            .lines()
            .map(|line| line.trim().to_owned())
            .collect()
    } else {
        ensure!(
            text.contains(','),
            "--labels {text}: expected a list (cat,dog,...) or a text file with one label per line, found neither"
        );
        text.split(',').map(|label| label.trim().to_owned()).collect()
    };
    ensure!(
        !labels.is_empty() && labels.iter().all(|label| !label.is_empty()),
        "--labels {text}: expected labels, found an empty one"
    );
    Ok(labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_come_from_a_list_or_a_file() {
        assert_eq!(labels("cat, dog").unwrap(), ["cat", "dog"]);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("labels.txt");
        std::fs::write(&path, "ant\r\nbee\n").unwrap();
        assert_eq!(labels(path.to_str().unwrap()).unwrap(), ["ant", "bee"]);
        for bad in ["no such file", "a,,b", ","] {
            assert!(labels(bad).is_err(), "{bad}");
        }
    }
}
