//! The program, run as a person runs it.

mod bad_input;
mod contract;
mod end_to_end;
mod folder;
mod hidden;
#[cfg(unix)]
mod interrupt;
mod key;
mod network;
mod node;
mod refusals;
mod registry;
mod stages;
