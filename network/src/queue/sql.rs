//! The statements, and the few places where the databases differ.

use std::sync::Arc;

/// What a statement's placeholders stand for in one database.
pub(super) struct Dialect {
    /// Milliseconds since 1970 on the database's clock.
    now: &'static str,
    /// The first migration: the table, whose byte strings have a type of each database.
    pub(super) requests: &'static str,
    /// What makes concurrent claims take different rows instead of waiting for each other.
    skip: &'static str,
    /// What keeps two transactions with the same $1 apart, to the end of the first.
    lock: &'static str,
}

pub(super) static SQLITE: Dialect = Dialect {
    now: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
    requests: include_str!("../../migrations/sqlite/1_requests.sql"),
    // A statement that writes has the database to itself.
    skip: "",
    lock: "$1",
};

pub(super) static POSTGRES: Dialect = Dialect {
    now: "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
    requests: include_str!("../../migrations/postgres/1_requests.sql"),
    skip: "FOR UPDATE SKIP LOCKED",
    lock: "pg_advisory_xact_lock(hashtextextended($1, 0))",
};

/// A statement of one dialect.
pub(super) type Statement = Arc<String>;

macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// All statements, in one dialect.
        pub(super) struct Statements {
            $($(#[$doc])* pub(super) $name: Statement,)*
        }

        impl Statements {
            pub(super) fn new(dialect: &Dialect) -> Self {
                let expand = |text: &str| {
                    let text = text
                        .replace("{now}", dialect.now)
                        .replace("{skip}", dialect.skip)
                        .replace("{lock}", dialect.lock);
                    Arc::new(text)
                };
                Self { $($name: expand($text),)* }
            }
        }
    };
}

statements! {
    /// $1 requester. Two submissions of one requester do not count past each other.
    hold = "SELECT CAST({lock} AS TEXT) AS held";
    /// $1 id, $2 digest, $3 model, $4 expiry, $5 envelope, $6 most open requests, $7 requester or null, $8 its period, $9 its
    /// most answers in that.
    submit = "INSERT INTO zkml_requests
            (request_id, envelope_digest, model, expiry, state, envelope, attempts, not_before, created, requester)
        SELECT $1, $2, $3, $4, 'queued', $5, 0, {now}, {now}, $7
        WHERE (SELECT COUNT(*) FROM zkml_requests WHERE state IN ('queued', 'running')) < $6
            AND (SELECT COUNT(*) FROM zkml_requests
                WHERE requester = $7 AND state <> 'failed' AND created > {now} - $8) < $9
        ON CONFLICT (request_id) DO NOTHING";
    /// $1 requester, $2 period, $3 its most answers in that, less 1: a row exactly if they are used up, with the
    /// milliseconds until one is free.
    spent = "SELECT created + $2 - {now} AS wait FROM zkml_requests
        WHERE requester = $1 AND state <> 'failed' AND created > {now} - $2
        ORDER BY created DESC LIMIT 1 OFFSET $3";
    /// $1 id.
    find = "SELECT envelope_digest, state, attempts, reason, created, finished
        FROM zkml_requests WHERE request_id = $1";
    /// $1 lease, $2 its length, $3 model, $4 most attempts.
    claim = "UPDATE zkml_requests
        SET state = 'running', lease = $1, lease_until = {now} + $2, attempts = attempts + 1
        WHERE request_id = (
            SELECT request_id FROM zkml_requests
            WHERE model = $3 AND attempts < $4 AND expiry * 1000 > {now}
                AND (state = 'queued' AND not_before <= {now} OR state = 'running' AND lease_until < {now})
            ORDER BY created, request_id LIMIT 1 {skip})
        RETURNING envelope, attempts";
    /// $1 id, $2 lease, $3 its new length.
    extend = "UPDATE zkml_requests SET lease_until = {now} + $3
        WHERE request_id = $1 AND lease = $2 AND state = 'running'";
    /// $1 id, $2 answer. The envelope is no longer needed.
    finish = "UPDATE zkml_requests
        SET state = 'answered', answer = $2, envelope = NULL, reason = NULL, lease = NULL,
            lease_until = NULL, finished = {now}
        WHERE request_id = $1 AND state IN ('queued', 'running')";
    /// $1 id, $2 lease, $3 most attempts, $4 reason, $5 delay.
    retry = "UPDATE zkml_requests
        SET state = CASE WHEN attempts >= $3 THEN 'failed' ELSE 'queued' END,
            finished = CASE WHEN attempts >= $3 THEN {now} ELSE NULL END,
            reason = $4, not_before = {now} + $5, lease = NULL, lease_until = NULL
        WHERE request_id = $1 AND lease = $2 AND state = 'running'";
    /// $1 id, $2 lease. The attempt does not count.
    release = "UPDATE zkml_requests
        SET state = 'queued', attempts = attempts - 1, lease = NULL, lease_until = NULL
        WHERE request_id = $1 AND lease = $2 AND state = 'running'";
    /// $1 most attempts, $2 reason.
    dead_letter = "UPDATE zkml_requests
        SET state = 'failed', reason = $2, finished = {now}, lease = NULL, lease_until = NULL
        WHERE state = 'running' AND lease_until < {now} AND attempts >= $1";
    /// $1 reason.
    expire = "UPDATE zkml_requests
        SET state = 'failed', reason = $1, finished = {now}, lease = NULL, lease_until = NULL
        WHERE expiry * 1000 <= {now}
            AND (state = 'queued' OR state = 'running' AND lease_until < {now})";
    /// $1 milliseconds that content is kept after a request's expiry. The row stays. What was given up is on no budget.
    purge = "UPDATE zkml_requests SET state = 'purged', envelope = NULL, answer = NULL,
            requester = CASE WHEN state = 'failed' THEN NULL ELSE requester END
        WHERE state IN ('answered', 'failed') AND expiry * 1000 + $1 <= {now}";
    /// $1 id.
    answer = "SELECT state, answer, reason FROM zkml_requests WHERE request_id = $1";
    count = "SELECT state, COUNT(*) AS count FROM zkml_requests GROUP BY state";
}
