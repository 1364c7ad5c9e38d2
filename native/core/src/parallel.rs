//! The same work on several threads until each finds nothing left to do.

use crate::error::Result;
use std::panic::resume_unwind;
use std::thread;

/// Runs `work` on `threads` threads, this one included, and waits for all. The error of the first thread that has one is
/// returned; a panic goes on in the caller.
pub fn run(threads: usize, work: impl Fn() -> Result<()> + Sync) -> Result<()> {
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(&work)).collect();
        let own = work();
        let join =
            |other: thread::ScopedJoinHandle<'_, Result<()>>| other.join().unwrap_or_else(|panic| resume_unwind(panic));
        others.into_iter().map(join).fold(own, Result::and)
    })
}
