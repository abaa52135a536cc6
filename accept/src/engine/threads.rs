//! Threads that the system leaves where they are.

use anyhow::{Result, ensure};

/// Starts the pool of threads, each on a processor of its own, and returns their number.
///
/// A system may put two threads on one processor for a while though another one is idle; some that run as guests do
/// so on purpose with whatever is short. Then a kernel of some milliseconds takes twice its time, and a ratio tells of
/// the system's choices. Programs that are started from here are free to go where they like.
///
/// # Errors
/// Where there are not as many threads as processors, or the system does not keep one there.
pub fn start() -> Result<usize> {
    let count = rayon::current_num_threads();
    let kept = rayon::broadcast(|thread| keep(thread.index(), count));
    kept.into_iter().collect::<Result<Vec<()>>>()?;
    Ok(count)
}

/// Keeps this thread on its processor, of as many as there are threads.
#[cfg(target_os = "linux")]
fn keep(thread: usize, count: usize) -> Result<()> {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
    let allowed = sched_getaffinity(None)?;
    let processors: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|cpu| allowed.is_set(*cpu)).collect();
    ensure!(
        processors.len() == count,
        "{count} threads on {} processors",
        processors.len()
    );
    let mut own = CpuSet::new();
    own.set(processors[thread]);
    sched_setaffinity(None, &own)?;
    ensure!(sched_getaffinity(None)? == own, "thread {thread} was not kept");
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn keep(_: usize, _: usize) -> Result<()> {
    ensure!(false, "not on this system");
    Ok(())
}
