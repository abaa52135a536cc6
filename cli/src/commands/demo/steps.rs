//! Steps with their times.

use crate::output::{Session, time};
use anyhow::Result;
use serde::Serialize;
use std::time::Instant;

/// A step that is done.
#[derive(Serialize)]
pub struct Step {
    name: &'static str,
    seconds: f64,
}

/// The steps of a demo, printed as they end.
pub struct Steps<'a> {
    session: &'a Session,
    done: Vec<Step>,
}

impl<'a> Steps<'a> {
    pub fn new(session: &'a Session) -> Self {
        Self {
            session,
            done: Vec::new(),
        }
    }

    /// Runs a step and prints its time and what `describe` says of its result.
    pub fn run<T>(
        &mut self,
        name: &'static str,
        describe: impl FnOnce(&T) -> String,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let start = Instant::now();
        let result = work()?;
        let took = start.elapsed();
        let line = format!("  {name:<22} {:>9}   {}", time(took), describe(&result));
        self.session.print(line.trim_end())?;
        self.done.push(Step {
            name,
            seconds: took.as_secs_f64(),
        });
        Ok(result)
    }

    /// The steps so far.
    pub fn all(&self) -> &[Step] {
        &self.done
    }
}
