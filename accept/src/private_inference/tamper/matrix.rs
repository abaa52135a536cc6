//! Counting rejections.

use crate::report::Figure;
use zkml_network::Error;

/// A message that must be rejected, and the code that must say why.
pub struct Case {
    /// What was changed.
    pub name: String,
    /// The codes that fit.
    pub expected: Vec<&'static str>,
    /// The code that was found, if it was rejected.
    pub found: Result<(), String>,
}

/// Messages that must be rejected.
#[derive(Default)]
pub struct Matrix(pub Vec<Case>);

impl Matrix {
    /// Adds a message and what became of it.
    pub fn add<T>(&mut self, name: impl Into<String>, expected: &[&'static str], result: Result<T, Error>) {
        self.0.push(Case {
            name: name.into(),
            expected: expected.to_vec(),
            found: result.map(|_| ()).map_err(|error| error.code().to_owned()),
        });
    }

    /// How many are rejected as they must be, and which are not.
    pub fn figure(&self) -> Figure {
        let right = |case: &&Case| matches!(&case.found, Err(code) if case.expected.contains(&code.as_str()));
        let wrong: Vec<String> = self
            .0
            .iter()
            .filter(|case| !right(case))
            .map(|case| match &case.found {
                Ok(()) => format!("; ACCEPTED: {}", case.name),
                Err(code) => format!("; {}: {code}, not {}", case.name, case.expected.join(" or ")),
            })
            .collect();
        let all = self.0.len();
        Figure::new(
            wrong.is_empty() && all > 0,
            format!(
                "{} of {all} rejected with the right reason{}",
                all - wrong.len(),
                wrong.concat()
            ),
        )
    }
}
