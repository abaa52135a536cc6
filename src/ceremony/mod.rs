//! Ceremonies whose results this program knows, and what an SRS is worth that is none of them.
//!
//! A holder of the secret of an SRS proves anything with it. A ceremony is trusted because its secret is unknown to all if
//! only one of its many contributors was honest; any other SRS is as trustworthy as its maker. What decides is the
//! identity of the powers, never what a file says of itself.

mod require;

pub use crate::srs_id::SrsId;
pub use require::RequiredSrs;

use serde::Serialize;
use std::fmt;

/// A ceremony whose result is built in.
#[derive(Debug, PartialEq, Eq)]
pub struct Ceremony {
    name: &'static str,
    title: &'static str,
    id: SrsId,
    /// Lines of power, file name and Blake2b-512, separated by tabs; those that start with `#` are comments.
    files: &'static str,
}

static KNOWN: [Ceremony; 1] = [Ceremony {
    name: "hermez",
    title: "Perpetual Powers of Tau, 54 contributions and a beacon, prepared by Hermez",
    id: SrsId::from_bytes([
        0x21, 0x13, 0x08, 0x98, 0x95, 0x33, 0x92, 0x16, 0xd1, 0xb7, 0x2b, 0x18, 0x95, 0xd8, 0x8b, 0xd6,
    ]),
    files: include_str!("hermez_files.tsv"),
}];

impl Ceremony {
    /// All that are built in.
    pub fn known() -> &'static [Self] {
        &KNOWN
    }

    /// The ceremony with this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        KNOWN.iter().find(|ceremony| ceremony.name == name)
    }

    /// Short name, as `--require-srs` takes it.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What it is, for people.
    pub fn title(&self) -> &'static str {
        self.title
    }

    /// Identity of its powers, in all sizes.
    pub fn id(&self) -> SrsId {
        self.id
    }

    /// Names and Blake2b-512 hashes (in hex) of the files that it published.
    pub fn files(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        let lines = self.files.lines().filter(|line| !line.starts_with('#'));
        lines.filter_map(|line| {
            let mut fields = line.split('\t').skip(1);
            Some((fields.next()?, fields.next()?))
        })
    }

    /// The ceremony that published a file of this name, and the hash of that file.
    pub fn of_file(name: &str) -> Option<(&'static Self, &'static str)> {
        KNOWN.iter().find_map(|ceremony| {
            let (_, hash) = ceremony.files().find(|(file, _)| *file == name)?;
            Some((ceremony, hash))
        })
    }
}

/// What is known of an SRS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SrsStanding {
    /// It is the result of a ceremony that is built in.
    Ceremony(&'static Ceremony),
    /// This user made it for development, on this machine.
    Development,
    /// Nothing.
    Unknown,
}

impl SrsStanding {
    /// Whether false proofs are impossible as far as anyone knows.
    pub fn is_trusted(self) -> bool {
        matches!(self, Self::Ceremony(_))
    }

    /// `ceremony`, `development` or `unknown`, for machines.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ceremony(_) => "ceremony",
            Self::Development => "development",
            Self::Unknown => "unknown",
        }
    }

    /// Name of the ceremony, if it is one.
    pub fn ceremony(self) -> Option<&'static str> {
        match self {
            Self::Ceremony(ceremony) => Some(ceremony.name),
            Self::Development | Self::Unknown => None,
        }
    }
}

impl SrsId {
    /// What this program knows of the SRS: the ceremony that it is the result of, or nothing. What was made for
    /// development on this machine is known to `SrsCache::standing` (with the feature `keys`).
    pub fn standing(self) -> SrsStanding {
        let ceremony = Ceremony::known().iter().find(|c| c.id() == self);
        ceremony.map_or(SrsStanding::Unknown, SrsStanding::Ceremony)
    }
}

impl fmt::Display for SrsStanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ceremony(ceremony) => write!(f, "ceremony {}: {}", ceremony.name, ceremony.title),
            Self::Development => f.write_str(
                "UNSAFE: made for development on this machine; whoever has its secret can forge proofs",
            ),
            Self::Unknown => f.write_str("unknown: whoever made it can forge proofs"),
        }
    }
}

impl Serialize for SrsStanding {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

#[cfg(test)]
mod tests;
