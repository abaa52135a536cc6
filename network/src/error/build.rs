//! Constructors of the errors that many places make.

use super::Error;
use std::io;
use std::path::Path;

impl Error {
    /// [`Error::Malformed`]; `reason` says what was expected and what was found.
    pub(crate) fn malformed(what: &'static str, reason: impl ToString) -> Self {
        Error::Malformed {
            what,
            reason: reason.to_string(),
        }
    }

    /// Checks the version of `what` (with its article: "a request").
    ///
    /// # Errors
    /// [`Error::Version`].
    pub(crate) fn check_version(what: &'static str, expected: u16, found: u16) -> Result<(), Self> {
        match found == expected {
            true => Ok(()),
            false => Err(Error::Version {
                what,
                expected,
                found,
            }),
        }
    }

    /// Compares a part with what the manifest, or another part, states of it.
    ///
    /// # Errors
    /// [`Error::Mismatch`].
    pub(crate) fn check_match(
        what: &'static str,
        expected: &impl ToString,
        found: &impl ToString,
    ) -> Result<(), Self> {
        let (expected, found) = (expected.to_string(), found.to_string());
        match expected == found {
            true => Ok(()),
            false => Err(Error::Mismatch {
                what,
                expected,
                found,
            }),
        }
    }

    /// [`Error::Io`] of a file.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Error::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }
}
