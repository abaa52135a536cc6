//! How many answers a requester gets.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

const UNITS: [(&str, Option<u64>); 4] = [
    ("hour", Some(3600)),
    ("day", Some(24 * 3600)),
    ("week", Some(7 * 24 * 3600)),
    ("total", None),
];

/// A number of answers in a period, or for good. The period slides: what counts is what was accepted within it, up to
/// now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    answers: u32,
    period: Option<Duration>,
}

impl Budget {
    /// So many answers, at least one, in each period; without a period, in all.
    pub fn new(answers: u32, period: Option<Duration>) -> Self {
        Self {
            answers: answers.max(1),
            period,
        }
    }

    /// The number of answers.
    pub fn answers(&self) -> u32 {
        self.answers
    }

    /// In which time; none for good.
    pub fn period(&self) -> Option<Duration> {
        self.period
    }
}

impl FromStr for Budget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (answers, unit) = text
            .split_once('/')
            .ok_or_else(|| format!("expected a budget such as 100/day or 784/total, found {text:?}"))?;
        let answers: u32 = answers
            .parse()
            .map_err(|_| format!("expected a number of answers, found {answers:?}"))?;
        if answers == 0 {
            return Err("expected at least 1 answer, found 0; leave the requester out".to_owned());
        }
        let known = UNITS.iter().find(|(name, _)| *name == unit);
        let (_, seconds) =
            known.ok_or_else(|| format!("expected answers by hour, day, week or total, found {unit:?}"))?;
        Ok(Self::new(answers, seconds.map(Duration::from_secs)))
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answers = self.answers;
        match self.period {
            None => write!(f, "{answers} in all"),
            Some(period) => {
                let seconds = period.as_secs();
                match UNITS.iter().find(|(_, unit)| *unit == Some(seconds)) {
                    Some((unit, _)) => write!(f, "{answers} in each {unit}"),
                    None => write!(f, "{answers} in {seconds} s"),
                }
            }
        }
    }
}
