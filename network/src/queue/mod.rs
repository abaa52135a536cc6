//! The durable queue: accepted requests, who works on them, and what became of them.
//!
//! One table holds everything about a request, and every change is one statement with its
//! conditions, so that no crash leaves a change half done and no two processes do the same one.
//!
//! ```text
//! queued --claim--> running --finish--> answered --purge--> purged
//!    ^                 |  \---------------------^ (a lease that ran out still finishes, if first)
//!    +-----retry-------+--dead letter, expire--> failed --purge--> purged
//! ```
//!
//! * **Accepted once.** The request id is the key; a second envelope under it is refused, the same
//!   one again is the same request. The row stays after its content is purged.
//! * **Answered once.** `answered`, `failed` and `purged` are final: no statement leaves them for
//!   another result.
//! * **Leases.** A claim is a lease with a random name that runs out unless its holder extends it;
//!   then another worker claims the request. Time is the database's, so that the workers' clocks
//!   do not matter.
//! * **Budgets.** What a requester has used up of a budget is counted in its rows, which stay: no restart forgets it. Given up
//!   requests do not count.
//! * **Limits.** Each claim is an attempt, so that a request that kills its workers ends as `failed`, too.
//!
//! Maintained job queues do not give this on both databases: apalis 1.0 returns orphaned jobs to its
//! queue without looking at their number of attempts, so that what kills workers never becomes a dead
//! letter, and stores results apart from the job's own state. So this one uses sqlx directly. Its schema is a list of migrations
//! (`network/migrations`).

mod budget;
mod database;
mod schema;
mod signals;
mod sql;
mod store;
mod types;

pub use budget::Budget;
pub use store::Queue;
pub use types::{Job, Status, Submitted};
