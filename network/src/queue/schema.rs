//! The schema of the database, as a list of migrations.

use super::sql::Dialect;
use crate::Error;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyPool, Executor, SqlSafeStr};
use std::time::Duration;

/// Where the migrations that ran are kept. The database may have others, of other programs.
const TABLE: &str = "zkml_migrations";

/// How often migrations are tried: SQLite has no lock for them, so that two processes that open a new database at the same
/// time can get in each other's way.
const ATTEMPTS: u32 = 10;
const PAUSE: Duration = Duration::from_millis(200);

/// Brings the schema up to date.
///
/// # Errors
/// [`Error::Database`], also for a database of a later version.
pub(super) async fn migrate(pool: &AnyPool, dialect: &Dialect, sqlite: bool) -> Result<(), Error> {
    let mut connection = pool.acquire().await.map_err(failed)?;
    let migrator = migrator(dialect);
    let mut attempt = 1;
    loop {
        let done = async {
            if sqlite {
                // Readers and a writer do not wait for each other. The setting stays with the file.
                connection.execute("PRAGMA journal_mode = WAL").await?;
            }
            migrator.run_direct(None, &mut *connection, false).await
        };
        match done.await {
            Ok(()) => return Ok(()),
            Err(error) if attempt == ATTEMPTS => return Err(failed(error)),
            Err(_) => attempt += 1,
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn migrator(dialect: &Dialect) -> Migrator {
    let files = [
        (1, "requests", dialect.requests),
        (2, "name", include_str!("../../migrations/2_name.sql")),
    ];
    let migration = |(version, name, sql): (i64, &'static str, &'static str)| {
        Migration::new(
            version,
            name.into(),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        )
    };
    let mut migrator = Migrator::with_migrations(files.into_iter().map(migration).collect());
    migrator.dangerous_set_table_name(TABLE);
    migrator
}

fn failed(error: impl Into<MigrateError>) -> Error {
    let reason = match error.into() {
        MigrateError::VersionMissing(found) => {
            format!(
                "expected a schema of this version of zkml, found migration {found} of a later one; use that one"
            )
        }
        error => error.to_string(),
    };
    Error::Database {
        action: "making its table",
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::super::database::{connect, dialect};
    use super::*;
    use sqlx::AssertSqlSafe;

    /// A pool of a new file, and its dialect.
    async fn empty(folder: &tempfile::TempDir) -> (AnyPool, &'static Dialect) {
        let url = format!("sqlite:{}", folder.path().join("queue.db").display());
        (connect(&url, 2).await.unwrap(), dialect(&url).unwrap())
    }

    #[tokio::test]
    async fn a_queue_without_migrations_keeps_its_requests() {
        let folder = tempfile::tempdir().unwrap();
        let (pool, dialect) = empty(&folder).await;
        pool.execute(dialect.requests).await.unwrap();
        let insert = "INSERT INTO zkml_requests_2
            (request_id, envelope_digest, model, expiry, state, attempts, not_before, created)
            VALUES ('a', 'd', 'm', 1, 'queued', 0, 0, 0)";
        pool.execute(insert).await.unwrap();
        // Twice: what ran does not run again.
        for _ in 0..2 {
            migrate(&pool, dialect, true).await.unwrap();
            let count = "SELECT COUNT(*) FROM zkml_requests WHERE request_id = 'a'";
            let count: i64 = sqlx::query_scalar(count).fetch_one(&pool).await.unwrap();
            assert_eq!(count, 1);
        }
    }

    #[tokio::test]
    async fn a_database_of_a_later_version_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (pool, dialect) = empty(&folder).await;
        migrate(&pool, dialect, true).await.unwrap();
        let later = format!("UPDATE {TABLE} SET version = 3 WHERE version = 2");
        pool.execute(AssertSqlSafe(later)).await.unwrap();
        let error = migrate(&pool, dialect, true).await.unwrap_err().to_string();
        assert!(error.contains("found migration 3 of a later one"), "{error}");
    }
}
