//! What the tests of the service share.

#![allow(dead_code, reason = "each test program uses a part")]

pub mod engine;
pub mod provider;
