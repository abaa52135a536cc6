//! Whom a provider answers, and how often.
//!
//! Addresses and one-time keys are had by the thousand, so that a budget is of keys that a provider has admitted, by
//! whatever means it knows its users.

use crate::{Budget, Error, IdentityKey};
use std::collections::BTreeMap;
use std::path::Path;

const WHAT: &str = "list of requesters";
/// The longest list that is read, in bytes.
const LIMIT: u64 = 16 << 20;

/// The requesters that a service answers, each with its budget.
///
/// As text, one line each: the key of the requester's identity, white space, the budget (`100/day`). What follows `#`
/// is for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requesters(BTreeMap<IdentityKey, Budget>);

impl Requesters {
    /// Reads a list.
    ///
    /// # Errors
    /// [`Error::Malformed`] names the line. A key that is listed twice and an empty list are mistakes, too.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut all = BTreeMap::new();
        for (number, line) in text.lines().enumerate() {
            let malformed = |reason: String| Error::malformed(WHAT, format!("line {}: {reason}", number + 1));
            let content = line.split('#').next().unwrap_or_default();
            let words: Vec<&str> = content.split_whitespace().collect();
            let (key, budget) = match words[..] {
                [] => continue,
                [key, budget] => (key, budget),
                _ => {
                    return Err(malformed(format!(
                        "expected a key and a budget, such as 100/day, found {} words",
                        words.len()
                    )));
                }
            };
            let key: IdentityKey = key.parse().map_err(malformed)?;
            if all.insert(key, budget.parse().map_err(malformed)?).is_some() {
                return Err(malformed(format!("expected each key once, found {key} again")));
            }
        }
        match all.is_empty() {
            true => Err(Error::malformed(
                WHAT,
                "expected at least one requester, found none",
            )),
            false => Ok(Self(all)),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::TooLarge`], those of [`Requesters::parse`].
    pub fn load(path: &Path) -> Result<Self, Error> {
        let found = std::fs::metadata(path).map_err(Error::io("read", path))?.len();
        if found > LIMIT {
            return Err(Error::TooLarge {
                what: WHAT,
                limit: LIMIT,
                found,
            });
        }
        let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
        Self::parse(&text)
    }

    /// Number of requesters.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The budget of a requester.
    ///
    /// # Errors
    /// [`Error::UnknownRequester`] for one that is not listed, and for none.
    pub(super) fn budget(&self, identity: Option<&IdentityKey>) -> Result<(IdentityKey, Budget), Error> {
        let known = identity.and_then(|key| Some((*key, *self.0.get(key)?)));
        known.ok_or_else(|| Error::UnknownRequester {
            found: identity.map_or("none".to_owned(), ToString::to_string),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const HOUR: Duration = Duration::from_secs(3600);

    fn key(byte: u8) -> IdentityKey {
        [byte; 32].into()
    }

    #[test]
    fn a_list_has_a_budget_for_each_key() {
        let text = format!(
            "# admitted in May\n\n{}  100/hour # a hospital\n{} 784/total\n",
            key(1),
            key(2)
        );
        let all = Requesters::parse(&text).unwrap();
        assert_eq!(all.count(), 2);
        let (of, budget) = all.budget(Some(&key(1))).unwrap();
        assert_eq!((of, budget.answers(), budget.period()), (key(1), 100, Some(HOUR)));
        assert_eq!(all.budget(Some(&key(2))).unwrap().1.period(), None);
        for unknown in [None, Some(&key(3))] {
            assert!(matches!(all.budget(unknown), Err(Error::UnknownRequester { .. })));
        }
    }

    #[test]
    fn a_mistake_is_named_by_its_line() {
        let good = format!("{} 1/day", key(1));
        for (bad, word) in [
            (format!("{good}\n{good}"), "again"),
            (format!("{good}\n{}", key(2)), "1 words"),
            (format!("{good}\n{good} more"), "3 words"),
            (format!("{good}\nab 1/day"), "64 hex digits"),
            (format!("{good}\n{} 0/day", key(2)), "at least 1"),
            (format!("{good}\n{} 5/year", key(2)), "hour, day, week or total"),
            (format!("{good}\n{} -5/day", key(2)), "a number"),
            (format!("{good}\n{} 5", key(2)), "100/day"),
        ] {
            let error = Requesters::parse(&bad).unwrap_err().to_string();
            assert!(error.contains("line 2") && error.contains(word), "{error}");
        }
        assert!(Requesters::parse("# nobody\n").is_err());
    }
}
