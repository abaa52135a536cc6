//! From which size on a GPU is faster: decided by measurements, and kept in a file.

use crate::Error;
use crate::advanced::write_atomically;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The work of a proof on `2^k` rows, measured on both devices.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// log2 of the number of rows.
    pub k: u32,
    /// Seconds on the CPU.
    pub cpu: f64,
    /// Seconds on the GPU.
    pub gpu: f64,
}

/// What a calibration found for one CPU and one GPU.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Crossover {
    /// The CPU, with its threads.
    pub cpu: String,
    /// The GPU.
    pub gpu: String,
    /// What was measured, smallest size first.
    pub timings: Vec<Timing>,
}

/// How many sizes in a row the GPU must win before larger ones are taken for won.
pub(super) const WINS: usize = 2;

// A build without CUDA measures nothing.
#[cfg_attr(not(feature = "_gpu"), allow(dead_code))]
impl Crossover {
    /// The smallest size from which on the GPU was faster at every size that was measured; none if it lost at the
    /// largest.
    pub fn k(&self) -> Option<u32> {
        self.wins().last().map(|timing| timing.k)
    }

    /// Whether the last sizes are won, so that larger ones need no measurement.
    pub(super) fn is_settled(&self) -> bool {
        self.wins().count() >= WINS
    }

    /// The sizes that the GPU won without a loss at a larger one, largest first.
    fn wins(&self) -> impl Iterator<Item = &Timing> {
        let largest_first = self.timings.iter().rev();
        largest_first.take_while(|timing| timing.gpu < timing.cpu)
    }

    /// The file of the user's calibrations.
    ///
    /// # Errors
    /// [`Error::NoCacheDirectory`].
    pub(super) fn path() -> Result<PathBuf, Error> {
        let dirs = directories::ProjectDirs::from("", "", "zkml")
            .ok_or(Error::NoCacheDirectory { variable: "HOME" })?;
        Ok(dirs.cache_dir().join("crossover.json"))
    }

    /// What was measured for these devices; none if nothing was, or if the file is none of ours.
    pub(super) fn load(path: &Path, cpu: &str, gpu: &str) -> Option<Self> {
        let text = std::fs::read_to_string(path).ok()?;
        let all: Vec<Self> = serde_json::from_str(&text).ok()?;
        all.into_iter().find(|one| one.cpu == cpu && one.gpu == gpu)
    }

    /// Keeps this beside what was measured for other devices.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(super) fn store(&self, path: &Path) -> Result<(), Error> {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let mut all: Vec<Self> = serde_json::from_str(&text).unwrap_or_default();
        all.retain(|one| one.cpu != self.cpu || one.gpu != self.gpu);
        all.push(self.clone());
        let text = serde_json::to_string_pretty(&all).map_err(|e| Error::backend("calibration", e))?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(Error::io("make the folder", folder))?;
        }
        write_atomically(path, |file| file.write_all(text.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crossover(gpu: &str, times: &[(u32, f64, f64)]) -> Crossover {
        Crossover {
            cpu: "cpu".into(),
            gpu: gpu.into(),
            timings: times
                .iter()
                .map(|&(k, cpu, gpu)| Timing { k, cpu, gpu })
                .collect(),
        }
    }

    #[test]
    fn the_gpu_must_win_from_there_on() {
        let wins = crossover(
            "",
            &[(10, 1.0, 2.0), (12, 2.0, 2.0), (14, 4.0, 3.0), (16, 16.0, 4.0)],
        );
        assert_eq!(wins.k(), Some(14));
        assert!(wins.is_settled());
        let wavers = crossover("", &[(10, 2.0, 1.0), (12, 2.0, 3.0), (14, 4.0, 3.0)]);
        assert_eq!(wavers.k(), Some(14));
        assert!(!wavers.is_settled());
        assert_eq!(crossover("", &[(10, 1.0, 2.0)]).k(), None);
        assert_eq!(crossover("", &[]).k(), None);
    }

    #[test]
    fn each_pair_of_devices_has_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("below/crossover.json");
        assert_eq!(Crossover::load(&path, "cpu", "one"), None);
        let (one, two) = (crossover("one", &[(10, 2.0, 1.0)]), crossover("two", &[]));
        one.store(&path).unwrap();
        two.store(&path).unwrap();
        one.store(&path).unwrap();
        assert_eq!(Crossover::load(&path, "cpu", "one"), Some(one));
        assert_eq!(Crossover::load(&path, "cpu", "two"), Some(two));
        assert_eq!(Crossover::load(&path, "other", "two"), None);
        std::fs::write(&path, "no JSON").unwrap();
        assert_eq!(Crossover::load(&path, "cpu", "one"), None);
    }
}
