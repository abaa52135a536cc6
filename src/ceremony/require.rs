//! What a verifier demands of an SRS.

use super::Ceremony;
use crate::Error;
use crate::ceremony::SrsId;
use std::fmt;
use std::str::FromStr;

/// The SRS that a key must come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequiredSrs {
    /// Any ceremony that is built in.
    AnyCeremony,
    /// This ceremony.
    Ceremony(&'static Ceremony),
    /// The SRS with this identity.
    Id(SrsId),
}

impl RequiredSrs {
    /// The word for [`RequiredSrs::AnyCeremony`].
    const ANY: &str = "ceremony";

    /// Checks the SRS of a key.
    ///
    /// # Errors
    /// [`Error::UntrustedSrs`].
    pub fn check(&self, found: SrsId) -> Result<(), Error> {
        let fits = match self {
            Self::AnyCeremony => found.standing().is_trusted(),
            Self::Ceremony(ceremony) => ceremony.id() == found,
            Self::Id(id) => *id == found,
        };
        match fits {
            true => Ok(()),
            false => Err(Error::UntrustedSrs {
                expected: self.to_string(),
                found: format!("{found} ({})", found.standing()),
            }),
        }
    }
}

impl fmt::Display for RequiredSrs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AnyCeremony => f.write_str("the SRS of a known ceremony"),
            Self::Ceremony(ceremony) => {
                write!(f, "the SRS {} of the ceremony {}", ceremony.id(), ceremony.name())
            }
            Self::Id(id) => write!(f, "the SRS {id}"),
        }
    }
}

impl FromStr for RequiredSrs {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == Self::ANY {
            return Ok(Self::AnyCeremony);
        }
        if let Some(ceremony) = Ceremony::named(text) {
            return Ok(Self::Ceremony(ceremony));
        }
        text.parse().map(Self::Id).map_err(|_| {
            let names: Vec<&str> = Ceremony::known().iter().map(Ceremony::name).collect();
            format!(
                "expected `{}`, the name of a ceremony ({}) or the identity of an SRS (32 hex digits), found {text:?}",
                Self::ANY,
                names.join(", ")
            )
        })
    }
}
