//! `zkml serve` and `zkml worker`.

mod runtime;
mod serve;
mod setup;
mod worker;

pub use serve::run as serve;
pub use worker::run as worker;
