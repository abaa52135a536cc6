//! The statements, and the few places where the databases differ.

use std::sync::Arc;

/// What a statement's placeholders stand for in one database.
pub(super) struct Dialect {
    /// Milliseconds since 1970 on the database's clock.
    now: &'static str,
    /// Type of byte strings.
    blob: &'static str,
    /// What makes concurrent claims take different rows instead of waiting for each other.
    skip: &'static str,
}

pub(super) static SQLITE: Dialect = Dialect {
    now: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
    blob: "BLOB",
    // A statement that writes has the database to itself.
    skip: "",
};

pub(super) static POSTGRES: Dialect = Dialect {
    now: "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
    blob: "BYTEA",
    skip: "FOR UPDATE SKIP LOCKED",
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
                        .replace("{blob}", dialect.blob)
                        .replace("{skip}", dialect.skip);
                    Arc::new(text)
                };
                Self { $($name: expand($text),)* }
            }
        }
    };
}

statements! {
    /// The name has the version of the format.
    create_table = "CREATE TABLE IF NOT EXISTS zkml_requests_1 (
        request_id TEXT PRIMARY KEY,
        envelope_digest TEXT NOT NULL,
        model TEXT NOT NULL,
        expiry BIGINT NOT NULL,
        state TEXT NOT NULL,
        envelope {blob},
        answer {blob},
        reason TEXT,
        attempts BIGINT NOT NULL,
        lease TEXT,
        lease_until BIGINT,
        not_before BIGINT NOT NULL,
        created BIGINT NOT NULL,
        finished BIGINT)";
    create_index = "CREATE INDEX IF NOT EXISTS zkml_requests_1_open
        ON zkml_requests_1 (state, model, created)";
    /// $1 id, $2 digest, $3 model, $4 expiry, $5 envelope, $6 most open requests.
    submit = "INSERT INTO zkml_requests_1
            (request_id, envelope_digest, model, expiry, state, envelope, attempts, not_before, created)
        SELECT $1, $2, $3, $4, 'queued', $5, 0, {now}, {now}
        WHERE (SELECT COUNT(*) FROM zkml_requests_1 WHERE state IN ('queued', 'running')) < $6
        ON CONFLICT (request_id) DO NOTHING";
    /// $1 id.
    find = "SELECT envelope_digest, state, attempts, reason, created, finished
        FROM zkml_requests_1 WHERE request_id = $1";
    /// $1 lease, $2 its length, $3 model, $4 most attempts.
    claim = "UPDATE zkml_requests_1
        SET state = 'running', lease = $1, lease_until = {now} + $2, attempts = attempts + 1
        WHERE request_id = (
            SELECT request_id FROM zkml_requests_1
            WHERE model = $3 AND attempts < $4 AND expiry * 1000 > {now}
                AND (state = 'queued' AND not_before <= {now} OR state = 'running' AND lease_until < {now})
            ORDER BY created, request_id LIMIT 1 {skip})
        RETURNING envelope, attempts";
    /// $1 id, $2 lease, $3 its new length.
    extend = "UPDATE zkml_requests_1 SET lease_until = {now} + $3
        WHERE request_id = $1 AND lease = $2 AND state = 'running'";
    /// $1 id, $2 answer. The envelope is no longer needed.
    finish = "UPDATE zkml_requests_1
        SET state = 'answered', answer = $2, envelope = NULL, reason = NULL, lease = NULL,
            lease_until = NULL, finished = {now}
        WHERE request_id = $1 AND state IN ('queued', 'running')";
    /// $1 id, $2 lease, $3 most attempts, $4 reason, $5 delay.
    retry = "UPDATE zkml_requests_1
        SET state = CASE WHEN attempts >= $3 THEN 'failed' ELSE 'queued' END,
            finished = CASE WHEN attempts >= $3 THEN {now} ELSE NULL END,
            reason = $4, not_before = {now} + $5, lease = NULL, lease_until = NULL
        WHERE request_id = $1 AND lease = $2 AND state = 'running'";
    /// $1 id, $2 lease. The attempt does not count.
    release = "UPDATE zkml_requests_1
        SET state = 'queued', attempts = attempts - 1, lease = NULL, lease_until = NULL
        WHERE request_id = $1 AND lease = $2 AND state = 'running'";
    /// $1 most attempts, $2 reason.
    bury = "UPDATE zkml_requests_1
        SET state = 'failed', reason = $2, finished = {now}, lease = NULL, lease_until = NULL
        WHERE state = 'running' AND lease_until < {now} AND attempts >= $1";
    /// $1 reason.
    lapse = "UPDATE zkml_requests_1
        SET state = 'failed', reason = $1, finished = {now}, lease = NULL, lease_until = NULL
        WHERE expiry * 1000 <= {now}
            AND (state = 'queued' OR state = 'running' AND lease_until < {now})";
    /// $1 milliseconds that content is kept after a request's expiry. The row stays.
    purge = "UPDATE zkml_requests_1 SET state = 'purged', envelope = NULL, answer = NULL
        WHERE state IN ('answered', 'failed') AND expiry * 1000 + $1 <= {now}";
    /// $1 id.
    answer = "SELECT state, answer, reason FROM zkml_requests_1 WHERE request_id = $1";
    count = "SELECT state, COUNT(*) AS count FROM zkml_requests_1 GROUP BY state";
}
