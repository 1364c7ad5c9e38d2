//! A fixed number of search slots, each with its own scratch memory. Who finds none free waits a bounded time, then is told
//! `busy`: memory and threads stay bounded whatever the load.

use crate::error::{Code, Error, Result};
use std::ops::{Deref, DerefMut};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

pub struct Permits<T> {
    free: Mutex<Vec<T>>,
    returned: Condvar,
    wait: Duration,
}

impl<T> Permits<T> {
    pub fn new(slots: Vec<T>, wait: Duration) -> Self {
        Self { free: Mutex::new(slots), returned: Condvar::new(), wait }
    }

    /// One slot, given back when the permit is dropped, a panic included. Errors: `busy`.
    pub fn acquire(&self) -> Result<Permit<'_, T>> {
        let deadline = Instant::now() + self.wait;
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(slot) = free.pop() {
                return Ok(Permit { owner: self, slot: Some(slot) });
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Error::new(Code::Busy, "every search slot is taken; try again"));
            }
            free = self.returned.wait_timeout(free, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

pub struct Permit<'a, T> {
    owner: &'a Permits<T>,
    slot: Option<T>,
}

impl<T> Deref for Permit<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.slot.as_ref().expect("held until the permit is dropped")
    }
}

impl<T> DerefMut for Permit<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.slot.as_mut().expect("held until the permit is dropped")
    }
}

impl<T> Drop for Permit<'_, T> {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            self.owner.free.lock().unwrap_or_else(PoisonError::into_inner).push(slot);
            self.owner.returned.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_finds_no_free_slot_is_told_busy_after_the_wait() {
        let permits = Permits::new(vec![1], Duration::from_millis(20));
        let held = permits.acquire().unwrap();
        let start = Instant::now();
        assert_eq!(permits.acquire().err().unwrap().code, Code::Busy);
        assert!(start.elapsed() >= Duration::from_millis(20));
        drop(held);
        assert!(permits.acquire().is_ok());
    }

    #[test]
    fn who_waits_gets_the_slot_that_is_given_back() {
        let permits = Permits::new(vec![1], Duration::from_secs(10));
        let held = permits.acquire().unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| permits.acquire().map(|slot| *slot));
            std::thread::sleep(Duration::from_millis(10));
            drop(held);
            assert_eq!(waiting.join().unwrap().unwrap(), 1);
        });
    }

    #[test]
    fn a_panic_gives_the_slot_back() {
        let permits = Permits::new(vec![1], Duration::ZERO);
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _held = permits.acquire().unwrap();
            panic!("inside a search");
        }));
        assert!(outcome.is_err());
        assert!(permits.acquire().is_ok());
    }

    #[test]
    fn ten_times_more_threads_than_slots_all_get_their_turn() {
        let permits = Permits::new(vec![0u32, 0], Duration::from_secs(10));
        std::thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| (0..100).for_each(|_| *permits.acquire().unwrap() += 1));
            }
        });
        let (a, b) = (permits.acquire().unwrap(), permits.acquire().unwrap());
        assert_eq!(*a + *b, 2_000);
    }
}
