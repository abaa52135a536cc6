//! Threads that the system leaves where they are.

use anyhow::Result;

/// Starts the pool of threads, each on a processor of its own, and returns their number.
///
/// A system may put two threads on one processor for a while though another one is idle; some that run as guests do
/// so on purpose with whatever is short. Then a kernel of some milliseconds takes twice its time, and a ratio tells of
/// the system's choices. Programs that are started from here are free to go where they like.
///
/// # Errors
/// The system's, and the pool's if there is one already.
pub fn start() -> Result<usize> {
    let builder = rayon::ThreadPoolBuilder::new();
    #[cfg(target_os = "linux")]
    let builder = {
        use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
        let allowed = sched_getaffinity(None)?;
        let processors: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|cpu| allowed.is_set(*cpu)).collect();
        builder.start_handler(move |thread| {
            let mut own = CpuSet::new();
            own.set(processors[thread % processors.len()]);
            // A thread that cannot stay on a processor is as good as before.
            let _ = sched_setaffinity(None, &own);
        })
    };
    builder.build_global()?;
    Ok(rayon::current_num_threads())
}
