//! Values that are made when they are first used.

use crate::Error;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// A value that is made when it is first asked for. Clones share it.
pub(crate) struct Prepared<T>(Arc<OnceLock<Arc<T>>>);

impl<T> fmt::Debug for Prepared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Prepared").field(&self.0.get().is_some()).finish()
    }
}

impl<T> Clone for Prepared<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Default for Prepared<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Prepared<T> {
    pub(crate) fn get_or_make(&self, make: impl FnOnce() -> Result<T, Error>) -> Result<&Arc<T>, Error> {
        if let Some(made) = self.0.get() {
            return Ok(made);
        }
        let made = Arc::new(make()?);
        // Another thread may have been faster; then this one's work is dropped.
        Ok(self.0.get_or_init(|| made))
    }
}
