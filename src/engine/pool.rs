//! Where proofs on CPUs run: on threads of the caller's rayon pool, few at a time.
//!
//! A parallel section that starts outside the pool puts its own thread to sleep and wakes another one, and a proof has
//! hundreds of them; one that starts inside costs next to nothing. But a thread of the pool that waits for a section takes
//! up whatever else the pool has to do: another proof, on top of its own one's stack. So only few are let in.

use crate::{Error, Progress};
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// Threads of the pool for each proof that is let in.
const THREADS: usize = 8;
/// How often a proof that waits looks whether it is cancelled.
const PATIENCE: Duration = Duration::from_millis(50);
const STAGE: &str = "waiting for other proofs";

static DOOR: Door = Door::new();

/// Runs a proof on a thread of the pool, once there is room; right here if this is one already: whoever proves on
/// a pool's threads has chosen how many proofs run at once.
///
/// # Errors
/// Those of the proof, and [`Error::Cancelled`] while it waits.
pub(super) fn run<R: Send>(
    progress: &Progress,
    proof: impl FnOnce() -> Result<R, Error> + Send,
) -> Result<R, Error> {
    if rayon::current_thread_index().is_some() {
        return proof();
    }
    let _inside = DOOR.enter((rayon::current_num_threads() / THREADS).max(1), progress)?;
    rayon::scope(|_| proof())
}

/// Lets in so many at a time, in the order in which they came.
struct Door {
    queue: Mutex<Queue>,
    moved: Condvar,
}

struct Queue {
    inside: usize,
    /// The numbers of those who wait.
    waiting: VecDeque<u64>,
    next: u64,
}

impl Door {
    const fn new() -> Self {
        Self {
            queue: Mutex::new(Queue {
                inside: 0,
                waiting: VecDeque::new(),
                next: 0,
            }),
            moved: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // No change of it can stop half way.
        self.queue.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Waits until fewer than `limit` are inside, and nobody who came before waits.
    fn enter(&self, limit: usize, progress: &Progress) -> Result<Inside<'_>, Error> {
        let mut queue = self.lock();
        let own = queue.next;
        queue.next += 1;
        queue.waiting.push_back(own);
        let mut told = false;
        while queue.inside >= limit || queue.waiting.front() != Some(&own) {
            if progress.is_cancelled() {
                queue.waiting.retain(|number| *number != own);
                self.moved.notify_all();
                return Err(Error::Cancelled);
            }
            if !std::mem::replace(&mut told, true) {
                drop(queue);
                // Whether it is cancelled shows in the next turn.
                let _ = progress.report(STAGE, 0.0);
                queue = self.lock();
                continue;
            }
            let waited = self.moved.wait_timeout(queue, PATIENCE);
            queue = waited.unwrap_or_else(|poisoned| poisoned.into_inner()).0;
        }
        queue.waiting.pop_front();
        queue.inside += 1;
        self.moved.notify_all();
        Ok(Inside(self))
    }
}

/// Someone inside, until dropped.
struct Inside<'d>(&'d Door);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.lock().inside -= 1;
        self.0.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn no_more_than_the_limit_are_inside() {
        let (door, inside, most) = (Door::new(), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    let _inside = door.enter(2, &Progress::none()).unwrap();
                    most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(5));
                    inside.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        assert!((1..=2).contains(&most.into_inner()));
        assert_eq!(door.lock().inside, 0);
    }

    #[test]
    fn who_comes_first_is_let_in_first() {
        let (door, order) = (Door::new(), Mutex::new(Vec::new()));
        let first = door.enter(1, &Progress::none()).unwrap();
        std::thread::scope(|scope| {
            for i in 0..4 {
                let (door, order) = (&door, &order);
                scope.spawn(move || {
                    let _inside = door.enter(1, &Progress::none()).unwrap();
                    order.lock().unwrap().push(i);
                });
                while door.lock().waiting.len() <= i {
                    std::thread::yield_now();
                }
            }
            drop(first);
        });
        assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3]);
    }

    #[test]
    fn who_waits_can_be_cancelled_and_is_told_that_it_waits() {
        let (door, (tell, told)) = (Door::new(), std::sync::mpsc::channel());
        let progress = Progress::new(move |stage, _| tell.send(stage.to_owned()).unwrap());
        let _inside = door.enter(1, &progress).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| door.enter(1, &progress).map(drop));
            assert_eq!(told.recv().unwrap(), STAGE);
            progress.cancel();
            assert!(matches!(waiting.join().unwrap(), Err(Error::Cancelled)));
        });
        assert_eq!(door.lock().inside, 1);
        assert!(door.lock().waiting.is_empty());
    }

    #[test]
    fn a_panic_leaves() {
        let door = Door::new();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _inside = door.enter(1, &Progress::none()).unwrap();
            panic!("a proof fails badly");
        }));
        assert!(panicked.is_err());
        assert_eq!(door.lock().inside, 0);
    }

    #[test]
    fn a_proof_runs_in_the_pool_and_right_there_if_it_is_in_one() {
        let in_pool = || Ok(rayon::current_thread_index().is_some());
        assert!(run(&Progress::none(), in_pool).unwrap());
        let nested = run(&Progress::none(), || run(&Progress::none(), in_pool));
        assert!(nested.unwrap());
    }
}
