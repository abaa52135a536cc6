//! Asking a provider over HTTP.

mod http;
mod session;

pub use session::Client;
