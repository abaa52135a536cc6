//! The service over HTTP, with a model that proves nothing: who is admitted, what errors say, what
//! becomes of requests when things go wrong.

mod admission;
#[path = "../common/mod.rs"]
mod common;
mod connections;
mod life;
mod requesters;
mod support;
