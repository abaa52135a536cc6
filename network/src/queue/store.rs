//! The operations of the queue, one statement each.

use super::budget::Budget;
use super::database::{connect, dialect, failed, is_sqlite};
use super::schema::migrate;
use super::signals::{Endings, Signals};
use super::sql::{Statement, Statements};
use super::types::{Job, Status, Submitted};
use crate::{Error, IdentityKey, RequestId, SealedAnswer, SealedRequest, State, random};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyPool, AssertSqlSafe, Row};
use std::sync::Arc;
use std::time::Duration;
use zkml::Digest;

/// What is being done with a request that comes.
const ACCEPTING: &str = "accepting a request";
const DEAD_LETTERED: &str = "the workers that began it stopped without an answer";
const EXPIRED: &str = "it expired before a worker was free";

/// A durable queue of sealed requests. Clones share their connections.
#[derive(Clone)]
pub struct Queue {
    pool: AnyPool,
    sql: Arc<Statements>,
    signals: Signals,
    max_attempts: u32,
}

impl Queue {
    /// Opens the queue in a database: `sqlite:FILE` or `postgres://...`. Requests whose work fails
    /// are begun `max_attempts` times.
    ///
    /// # Errors
    /// [`Error::Service`] for other URLs, [`Error::Database`].
    pub async fn open(url: &str, max_attempts: u32) -> Result<Self, Error> {
        const CONNECTIONS: u32 = 8;
        let dialect = dialect(url)?;
        let pool = connect(url, CONNECTIONS).await?;
        migrate(&pool, dialect, is_sqlite(url)).await?;
        Ok(Self {
            pool,
            sql: Arc::new(Statements::new(dialect)),
            signals: Signals::new(),
            max_attempts: max_attempts.max(1),
        })
    }

    fn query<'q>(&self, statement: &Statement) -> Query<'q, Any, AnyArguments> {
        sqlx::query(AssertSqlSafe(Arc::clone(statement)))
    }

    async fn change(&self, action: &'static str, query: Query<'_, Any, AnyArguments>) -> Result<u64, Error> {
        let done = query.execute(&self.pool).await.map_err(failed(action))?;
        Ok(done.rows_affected())
    }

    async fn row(
        &self,
        action: &'static str,
        query: Query<'_, Any, AnyArguments>,
    ) -> Result<Option<AnyRow>, Error> {
        // All rows: SQLite commits a statement only once it is read to its end.
        let rows = query.fetch_all(&self.pool).await.map_err(failed(action))?;
        Ok(rows.into_iter().next())
    }

    /// Waits until a request is submitted in this process; other processes submit too.
    pub(crate) async fn submission(&self) {
        self.signals.submission().await;
    }

    /// What ends in this process from now on; other processes end requests too.
    pub(crate) fn endings(&self) -> Endings {
        self.signals.endings()
    }

    /// Accepts a request, on a requester's budget if it is on one. When this returns, the request is on disk.
    ///
    /// # Errors
    /// [`Error::IdTaken`] for another envelope under a used id, [`Error::BudgetSpent`], [`Error::QueueFull`] if `limit`
    /// requests are open, [`Error::Database`].
    pub async fn submit(
        &self,
        request: &SealedRequest,
        limit: u64,
        budget: Option<&(IdentityKey, Budget)>,
    ) -> Result<Submitted, Error> {
        let header = &request.header;
        let digest = request.digest().to_string();
        let query = self
            .query(&self.sql.submit)
            .bind(header.request_id.to_string())
            .bind(digest.clone())
            .bind(header.model.to_string())
            .bind(seconds(header.expiry))
            .bind(request.to_json()?)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .bind(budget.map(|(requester, _)| requester.to_string()))
            .bind(budget.map_or(0, |(_, budget)| period(budget)))
            .bind(budget.map_or(1, |(_, budget)| i64::from(budget.answers())));
        let accepted = match budget {
            None => self.change(ACCEPTING, query).await?,
            Some((requester, _)) => self.change_alone(&requester.to_string(), query).await?,
        };
        if accepted == 1 {
            self.signals.submitted();
            return Ok(Submitted::Accepted);
        }
        let query = self.query(&self.sql.find).bind(header.request_id.to_string());
        let Some(row) = self.row(ACCEPTING, query).await? else {
            if let Some((requester, budget)) = budget {
                self.check_budget(requester, budget).await?;
            }
            return Err(Error::QueueFull { limit });
        };
        let found: String = row.try_get("envelope_digest").map_err(failed(ACCEPTING))?;
        if found != digest {
            return Err(Error::IdTaken {
                request_id: header.request_id.to_string(),
            });
        }
        Ok(Submitted::Known(state(&row, ACCEPTING)?))
    }

    /// Runs a statement while no other one of the same requester runs, in whatever process.
    async fn change_alone(&self, requester: &str, query: Query<'_, Any, AnyArguments>) -> Result<u64, Error> {
        let mut transaction = self.pool.begin().await.map_err(failed(ACCEPTING))?;
        let hold = self.query(&self.sql.hold).bind(requester.to_owned());
        hold.fetch_all(&mut *transaction)
            .await
            .map_err(failed(ACCEPTING))?;
        let done = query
            .execute(&mut *transaction)
            .await
            .map_err(failed(ACCEPTING))?;
        transaction.commit().await.map_err(failed(ACCEPTING))?;
        Ok(done.rows_affected())
    }

    /// Checks that a requester has answers left.
    async fn check_budget(&self, requester: &IdentityKey, budget: &Budget) -> Result<(), Error> {
        let query = self
            .query(&self.sql.spent)
            .bind(requester.to_string())
            .bind(period(budget))
            .bind(i64::from(budget.answers() - 1));
        let Some(row) = self.row(ACCEPTING, query).await? else {
            return Ok(());
        };
        let wait: i64 = row.try_get("wait").map_err(failed(ACCEPTING))?;
        let seconds = u64::try_from(wait).unwrap_or(0).div_ceil(1000).max(1);
        Err(Error::BudgetSpent {
            budget: budget.to_string(),
            seconds: budget.period().map(|_| seconds),
        })
    }

    /// Claims the oldest request of a model that no worker has claimed, for as long as `lease`.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn claim(&self, model: &Digest, lease: Duration) -> Result<Option<Job>, Error> {
        const ACTION: &str = "claiming a request";
        let name = hex::encode(random::bytes::<16>()?);
        let query = self
            .query(&self.sql.claim)
            .bind(name.clone())
            .bind(milliseconds(lease))
            .bind(model.to_string())
            .bind(i64::from(self.max_attempts));
        let Some(row) = self.row(ACTION, query).await? else {
            return Ok(None);
        };
        let envelope: Vec<u8> = row.try_get("envelope").map_err(failed(ACTION))?;
        Ok(Some(Job {
            request: SealedRequest::from_json(&envelope)?,
            attempt: count(&row, "attempts", ACTION)?,
            lease: name,
        }))
    }

    /// Extends a lease; `false` if it is no longer held: someone else works on the request, or it
    /// has ended.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn extend(&self, job: &Job, lease: Duration) -> Result<bool, Error> {
        let query = self
            .query(&self.sql.extend)
            .bind(job.id().to_string())
            .bind(job.lease.clone())
            .bind(milliseconds(lease));
        Ok(self.change("extending a lease", query).await? == 1)
    }

    /// Stores an answer, unless the request has ended: the first answer counts. `false` if it does
    /// not.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn finish(&self, answer: &SealedAnswer) -> Result<bool, Error> {
        let query = self
            .query(&self.sql.finish)
            .bind(answer.request_id.to_string())
            .bind(answer.to_json()?);
        let first = self.change("storing an answer", query).await? == 1;
        self.signals.ended(&answer.request_id);
        Ok(first)
    }

    /// Gives a request back after its work failed, to be tried again after `delay`; the last
    /// attempt ends it. The reason is shown to holders of the request's id.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn retry(&self, job: &Job, reason: &str, delay: Duration) -> Result<(), Error> {
        let query = self
            .query(&self.sql.retry)
            .bind(job.id().to_string())
            .bind(job.lease.clone())
            .bind(i64::from(self.max_attempts))
            .bind(reason.to_owned())
            .bind(milliseconds(delay));
        self.change("giving a request back", query).await?;
        self.signals.ended(job.id());
        Ok(())
    }

    /// Gives a request back whose work was stopped: the attempt does not count.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn release(&self, job: &Job) -> Result<(), Error> {
        let query = self
            .query(&self.sql.release)
            .bind(job.id().to_string())
            .bind(job.lease.clone());
        self.change("giving a request back", query).await.map(|_| ())
    }

    /// Ends what cannot go on, and forgets what was kept long enough: requests that lost their last
    /// worker, requests that expired, content that is older than `keep` after its expiry.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn tidy(&self, keep: Duration) -> Result<(), Error> {
        const ACTION: &str = "tidying up";
        let dead_letter = self
            .query(&self.sql.dead_letter)
            .bind(i64::from(self.max_attempts))
            .bind(DEAD_LETTERED);
        let dead_lettered = self.change(ACTION, dead_letter).await?;
        let expired = self
            .change(ACTION, self.query(&self.sql.expire).bind(EXPIRED))
            .await?;
        let purge = self.query(&self.sql.purge).bind(milliseconds(keep));
        let purged = self.change(ACTION, purge).await?;
        if dead_lettered + expired + purged > 0 {
            tracing::info!(dead_lettered, expired, purged, "tidied up the queue");
        }
        Ok(())
    }

    /// Where a request is in its life.
    ///
    /// # Errors
    /// [`Error::UnknownRequest`], [`Error::Database`].
    pub async fn status(&self, id: &RequestId) -> Result<Status, Error> {
        const ACTION: &str = "reading a status";
        let query = self.query(&self.sql.find).bind(id.to_string());
        let row = self.row(ACTION, query).await?.ok_or_else(|| unknown(id))?;
        let created: i64 = row.try_get("created").map_err(failed(ACTION))?;
        let finished: Option<i64> = row.try_get("finished").map_err(failed(ACTION))?;
        Ok(Status {
            state: state(&row, ACTION)?,
            attempts: count(&row, "attempts", ACTION)?,
            reason: row.try_get("reason").map_err(failed(ACTION))?,
            milliseconds: finished.map(|end| u64::try_from(end - created).unwrap_or(0)),
        })
    }

    /// The sealed answer to a request.
    ///
    /// # Errors
    /// [`Error::UnknownRequest`], [`Error::NotAnswered`], [`Error::Abandoned`], [`Error::Purged`],
    /// [`Error::Database`].
    pub async fn answer(&self, id: &RequestId) -> Result<Vec<u8>, Error> {
        const ACTION: &str = "reading an answer";
        let query = self.query(&self.sql.answer).bind(id.to_string());
        let row = self.row(ACTION, query).await?.ok_or_else(|| unknown(id))?;
        let request_id = id.to_string();
        match state(&row, ACTION)? {
            State::Queued | State::Running => Err(Error::NotAnswered { request_id }),
            State::Answered => row.try_get("answer").map_err(failed(ACTION)),
            State::Failed => {
                let reason: Option<String> = row.try_get("reason").map_err(failed(ACTION))?;
                Err(Error::Abandoned {
                    request_id,
                    reason: reason.unwrap_or_else(|| "unknown".to_owned()),
                })
            }
            State::Purged => Err(Error::Purged { request_id }),
        }
    }

    /// Number of requests in each state.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn counts(&self) -> Result<Vec<(State, u64)>, Error> {
        const ACTION: &str = "counting requests";
        let rows = self
            .query(&self.sql.count)
            .fetch_all(&self.pool)
            .await
            .map_err(failed(ACTION))?;
        rows.iter()
            .map(|row| {
                let count: i64 = row.try_get("count").map_err(failed(ACTION))?;
                Ok((state(row, ACTION)?, u64::try_from(count).unwrap_or(0)))
            })
            .collect()
    }

    /// Closes the connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

fn unknown(id: &RequestId) -> Error {
    Error::UnknownRequest {
        request_id: id.to_string(),
    }
}

fn state(row: &AnyRow, action: &'static str) -> Result<State, Error> {
    let text: String = row.try_get("state").map_err(failed(action))?;
    text.parse().map_err(|reason| Error::Database { action, reason })
}

fn count(row: &AnyRow, column: &'static str, action: &'static str) -> Result<u32, Error> {
    let count: i64 = row.try_get(column).map_err(failed(action))?;
    Ok(u32::try_from(count).unwrap_or(0))
}

fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX / 4)
}

/// The milliseconds before now that count. All there ever were, if the budget has no period.
fn period(budget: &Budget) -> i64 {
    budget.period().map_or(i64::MAX / 4, milliseconds)
}

/// Seconds that are still a time when they are counted in milliseconds.
fn seconds(time: u64) -> i64 {
    const MOST: i64 = i64::MAX / 2000;
    i64::try_from(time).map_or(MOST, |time| time.min(MOST))
}
