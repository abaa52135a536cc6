//! The threads of a prover: the caller's rayon pool, or one of its own; on either, few proofs at a time.
//!
//! A parallel section that starts outside the pool puts its own thread to sleep and wakes another one, and a proof has
//! hundreds of them; one that starts inside costs next to nothing. But a thread of the pool that waits for a section takes
//! up other work of the pool: another proof, nested on the stack of the first. A semaphore limits how many proofs run
//! at once.

use crate::{Error, Progress};
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;
use tracing::debug_span;

/// Threads of a pool for each proof that runs at the same time.
const THREADS_PER_PROOF: usize = 8;
/// How often a waiting proof looks whether it is cancelled.
const PATIENCE: Duration = Duration::from_millis(50);
const STAGE: &str = "waiting for other proofs";

/// Limits the proofs on rayon's global pool, which all provers without threads of their own share.
static GLOBAL: ProofSemaphore = ProofSemaphore::new();

/// Where the parallel sections of a prover run.
pub(crate) enum Threads {
    /// The caller's rayon pool.
    Callers,
    /// A pool of the prover's own, and the limit of its proofs.
    Own(rayon::ThreadPool, ProofSemaphore),
}

impl Threads {
    /// A pool with so many threads, or the caller's.
    ///
    /// # Errors
    /// [`Error::ThreadCount`] for a number that no pool has, [`Error::Backend`] if the system refuses.
    pub(crate) fn new(count: Option<usize>) -> Result<Self, Error> {
        let Some(found) = count else {
            return Ok(Self::Callers);
        };
        let max = rayon::max_num_threads();
        if !(1..=max).contains(&found) {
            return Err(Error::ThreadCount { max, found });
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(found).build();
        let pool = pool.map_err(|error| Error::backend("starting threads", error))?;
        Ok(Self::Own(pool, ProofSemaphore::new()))
    }

    /// Runs work whose parallel sections are to use these threads.
    pub(crate) fn install<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match self {
            Self::Callers => work(),
            Self::Own(pool, _) => {
                let span = debug_span!("pool");
                pool.install(|| span.in_scope(work))
            }
        }
    }

    /// Runs a proof on a thread of the pool, once fewer proofs run than the limit; right here if this is a thread of the
    /// caller's pool: a caller who proves on a pool's threads has chosen how many proofs run at once.
    ///
    /// # Errors
    /// Those of the proof, and [`Error::Cancelled`] while it waits.
    pub(crate) fn run_limited<R: Send>(
        &self,
        progress: &Progress,
        proof: impl FnOnce() -> Result<R, Error> + Send,
    ) -> Result<R, Error> {
        let limit = |threads: usize| (threads / THREADS_PER_PROOF).max(1);
        let span = debug_span!("engine");
        match self {
            Self::Callers if rayon::current_thread_index().is_some() => span.in_scope(proof),
            Self::Callers => {
                let _permit = GLOBAL.acquire(limit(rayon::current_num_threads()), progress)?;
                rayon::scope(|_| span.in_scope(proof))
            }
            Self::Own(pool, semaphore) => {
                let _permit = semaphore.acquire(limit(pool.current_num_threads()), progress)?;
                pool.install(|| span.in_scope(proof))
            }
        }
    }
}

/// Grants a limited number of permits, in the order in which they were asked for.
pub(crate) struct ProofSemaphore {
    queue: Mutex<Queue>,
    changed: Condvar,
}

struct Queue {
    running: usize,
    /// The numbers of the waiting proofs.
    waiting: VecDeque<u64>,
    next: u64,
}

impl ProofSemaphore {
    const fn new() -> Self {
        Self {
            queue: Mutex::new(Queue {
                running: 0,
                waiting: VecDeque::new(),
                next: 0,
            }),
            changed: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // A panic leaves no change of the queue half done.
        self.queue.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Waits until fewer than `limit` proofs run, and no earlier one waits.
    fn acquire(&self, limit: usize, progress: &Progress) -> Result<Permit<'_>, Error> {
        let mut queue = self.lock();
        let own = queue.next;
        queue.next += 1;
        queue.waiting.push_back(own);
        let mut told = false;
        while queue.running >= limit || queue.waiting.front() != Some(&own) {
            if progress.is_cancelled() {
                queue.waiting.retain(|number| *number != own);
                self.changed.notify_all();
                return Err(Error::Cancelled);
            }
            if !std::mem::replace(&mut told, true) {
                drop(queue);
                // The next turn of the loop sees a cancellation.
                let _ = progress.report(STAGE, 0.0);
                queue = self.lock();
                continue;
            }
            let waited = self.changed.wait_timeout(queue, PATIENCE);
            queue = waited.unwrap_or_else(|poisoned| poisoned.into_inner()).0;
        }
        queue.waiting.pop_front();
        queue.running += 1;
        self.changed.notify_all();
        Ok(Permit(self))
    }
}

/// The right to run a proof, until dropped.
struct Permit<'s>(&'s ProofSemaphore);

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.lock().running -= 1;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn no_more_proofs_run_than_the_limit() {
        let (semaphore, inside, most) = (ProofSemaphore::new(), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    let _permit = semaphore.acquire(2, &Progress::none()).unwrap();
                    most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(5));
                    inside.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        assert!((1..=2).contains(&most.into_inner()));
        assert_eq!(semaphore.lock().running, 0);
    }

    #[test]
    fn permits_are_granted_in_order() {
        let (semaphore, order) = (ProofSemaphore::new(), Mutex::new(Vec::new()));
        let first = semaphore.acquire(1, &Progress::none()).unwrap();
        std::thread::scope(|scope| {
            for i in 0..4 {
                let (semaphore, order) = (&semaphore, &order);
                scope.spawn(move || {
                    let _permit = semaphore.acquire(1, &Progress::none()).unwrap();
                    order.lock().unwrap().push(i);
                });
                while semaphore.lock().waiting.len() <= i {
                    std::thread::yield_now();
                }
            }
            drop(first);
        });
        assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3]);
    }

    #[test]
    fn a_waiting_proof_can_be_cancelled_and_reports_that_it_waits() {
        let (semaphore, (tell, told)) = (ProofSemaphore::new(), std::sync::mpsc::channel());
        let progress = Progress::new(move |stage, _| tell.send(stage.to_owned()).unwrap());
        let _permit = semaphore.acquire(1, &progress).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| semaphore.acquire(1, &progress).map(drop));
            assert_eq!(told.recv().unwrap(), STAGE);
            progress.cancel();
            assert!(matches!(waiting.join().unwrap(), Err(Error::Cancelled)));
        });
        assert_eq!(semaphore.lock().running, 1);
        assert!(semaphore.lock().waiting.is_empty());
    }

    #[test]
    fn a_panic_returns_its_permit() {
        let semaphore = ProofSemaphore::new();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _permit = semaphore.acquire(1, &Progress::none()).unwrap();
            panic!("a proof fails badly");
        }));
        assert!(panicked.is_err());
        assert_eq!(semaphore.lock().running, 0);
    }

    #[test]
    fn a_proof_runs_in_the_pool_and_right_there_if_it_is_in_one() {
        let run = |proof: fn() -> Result<bool, Error>| Threads::Callers.run_limited(&Progress::none(), proof);
        let in_pool = || Ok(rayon::current_thread_index().is_some());
        assert!(run(in_pool).unwrap());
        let nested = Threads::Callers.run_limited(&Progress::none(), || run(in_pool));
        assert!(nested.unwrap());
    }

    #[test]
    fn threads_of_its_own_are_as_many_as_asked_for() {
        for count in [1, 3] {
            let threads = Threads::new(Some(count)).unwrap();
            let proof = || Ok(rayon::current_num_threads());
            assert_eq!(threads.run_limited(&Progress::none(), proof).unwrap(), count);
            assert_eq!(threads.install(rayon::current_num_threads), count);
        }
        for found in [0, usize::MAX] {
            let refused = Threads::new(Some(found)).err().unwrap();
            assert!(matches!(refused, Error::ThreadCount { found: f, .. } if f == found));
        }
    }
}
