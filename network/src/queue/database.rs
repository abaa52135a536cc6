//! Opening the database.

use super::sql::{Dialect, POSTGRES, SQLITE};
use crate::Error;
use sqlx::AnyPool;
use sqlx::any::AnyPoolOptions;
use sqlx::{AssertSqlSafe, Executor};
use std::time::Duration;

/// How long a statement waits for a connection, and a SQLite connection for the other writers.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which database a URL names.
pub(super) fn dialect(url: &str) -> Result<&'static Dialect, Error> {
    let scheme = url.split_once(':').map_or(url, |(scheme, _)| scheme);
    match scheme {
        "sqlite" if is_sqlite(url) => Ok(&SQLITE),
        "postgres" | "postgresql" => Ok(&POSTGRES),
        other => Err(Error::Service {
            action: "open the queue",
            // The rest of a URL may hold a password.
            reason: format!("expected a URL sqlite:FILE or postgres://HOST/NAME, found the scheme {other:?}"),
        }),
    }
}

/// Whether a URL names a SQLite database.
pub(super) fn is_sqlite(url: &str) -> bool {
    url.starts_with("sqlite:")
}

/// Connects to the database that a URL names; the file of a SQLite one is made if need be.
pub(super) async fn connect(url: &str, connections: u32) -> Result<AnyPool, Error> {
    sqlx::any::install_default_drivers();
    let sqlite = is_sqlite(url);
    let url = match sqlite && !url.contains('?') {
        true => format!("{url}?mode=rwc"),
        false => url.to_owned(),
    };
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                if sqlite {
                    let milliseconds = PATIENCE.as_millis();
                    // What was accepted survives a power cut, too: every commit reaches the disk.
                    let settings =
                        format!("PRAGMA busy_timeout = {milliseconds}; PRAGMA synchronous = FULL;");
                    connection.execute(AssertSqlSafe(settings)).await?;
                }
                Ok(())
            })
        })
        .connect(&url)
        .await
        .map_err(failed("connecting"))
}

/// An error of the database while something was done. It holds no values of a statement.
pub(super) fn failed(action: &'static str) -> impl Fn(sqlx::Error) -> Error {
    move |error| Error::Database {
        action,
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sqlite_file_is_made_and_every_commit_reaches_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("queue.db").display());
        let pool = connect(&url, 2).await.unwrap();
        for (setting, expected) in [("synchronous", 2), ("busy_timeout", PATIENCE.as_millis() as i64)] {
            let query = sqlx::query_scalar(AssertSqlSafe(format!("PRAGMA {setting}")));
            let found: i64 = query.fetch_one(&pool).await.unwrap();
            assert_eq!(found, expected, "{setting}");
        }
    }

    #[test]
    fn only_the_scheme_of_a_url_is_quoted() {
        dialect("sqlite:queue.db").unwrap();
        assert!(dialect("sqlite").is_err());
        dialect("postgres://me:secret@host/db").unwrap();
        let error = dialect("mysql://me:secret@host/db").err().unwrap().to_string();
        assert!(error.contains("mysql") && !error.contains("secret"), "{error}");
    }
}
