//! Workers: they take requests from the queue, have them answered, and store the sealed answers.

mod lease;
mod run;

pub use run::{Worker, WorkerOptions};
