CREATE TABLE IF NOT EXISTS zkml_requests_2 (
    request_id TEXT PRIMARY KEY,
    envelope_digest TEXT NOT NULL,
    model TEXT NOT NULL,
    expiry BIGINT NOT NULL,
    state TEXT NOT NULL,
    envelope BYTEA,
    answer BYTEA,
    reason TEXT,
    attempts BIGINT NOT NULL,
    lease TEXT,
    lease_until BIGINT,
    not_before BIGINT NOT NULL,
    created BIGINT NOT NULL,
    finished BIGINT,
    requester TEXT);
CREATE INDEX IF NOT EXISTS zkml_requests_2_open ON zkml_requests_2 (state, model, created);
CREATE INDEX IF NOT EXISTS zkml_requests_2_requester ON zkml_requests_2 (requester, created);
