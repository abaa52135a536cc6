//! Progress reports and cancellation of long work.

use crate::Error;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

type Callback = dyn Fn(&str, f64) + Send + Sync;

struct Inner {
    callback: Option<Box<Callback>>,
    cancelled: AtomicBool,
}

/// A cheap handle that long work reports to and that cancels it.
///
/// Clones share one callback and one flag: keep a clone, hand another to the work, and call
/// [`Progress::cancel`] from any thread. Work looks at the flag between its stages and ends
/// with [`Error::Cancelled`].
#[derive(Clone)]
pub struct Progress(Arc<Inner>);

impl Progress {
    /// A handle whose callback receives the name of the stage and how much of it is done (0 to 1).
    pub fn new(callback: impl Fn(&str, f64) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner {
            callback: Some(Box::new(callback)),
            cancelled: AtomicBool::new(false),
        }))
    }

    /// A handle without a callback; it still cancels.
    pub fn none() -> Self {
        Self(Arc::new(Inner {
            callback: None,
            cancelled: AtomicBool::new(false),
        }))
    }

    /// Asks the work to stop at the end of its present stage.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether [`Progress::cancel`] was called.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Relaxed)
    }

    /// Reports that `fraction` of `stage` is done.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the work is to stop.
    pub fn report(&self, stage: &str, fraction: f64) -> Result<(), Error> {
        if self.is_cancelled() {
            return Err(Error::Cancelled);
        }
        if let Some(callback) = &self.0.callback {
            callback(stage, fraction);
        }
        Ok(())
    }

    /// Runs one stage: reports its start, and its end if it succeeds.
    ///
    /// # Errors
    /// Those of `work`, and [`Error::Cancelled`] if the work is to stop before or after it.
    pub fn stage<T>(&self, stage: &str, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        self.report(stage, 0.0)?;
        let result = work()?;
        self.report(stage, 1.0)?;
        Ok(result)
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::none()
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress")
            .field("cancelled", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn a_stage_reports_its_start_and_end() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = seen.clone();
        let progress = Progress::new(move |stage, f| sink.lock().unwrap().push((stage.to_owned(), f)));
        assert_eq!(progress.stage("keys", || Ok(7)).unwrap(), 7);
        assert_eq!(
            *seen.lock().unwrap(),
            [("keys".to_owned(), 0.0), ("keys".to_owned(), 1.0)]
        );
    }

    #[test]
    fn a_cancelled_handle_stops_the_work_before_it_starts() {
        let progress = Progress::none();
        progress.clone().cancel();
        let result = progress.stage("prove", || -> Result<(), Error> { panic!("must not run") });
        assert!(matches!(result, Err(Error::Cancelled)));
    }
}
