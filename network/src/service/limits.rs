//! What one client, and all together, may take.

use super::options::ServiceOptions;
use crate::Error;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// After how many checks clients that have been quiet are forgotten.
const FORGET_EVERY: u32 = 1024;

/// A wait holds a place for long: this part of the places is for those, and this part of that for one client.
const WAITS: usize = 4;
const WAITS_OF_ONE: usize = 4;
/// Bytes of requests are counted in these.
const UNIT: usize = 1 << 10;

/// Submissions per client, answers in the making, waits, bytes that arrive.
pub(super) struct Limits {
    rate: Option<DefaultKeyedRateLimiter<IpAddr>>,
    checks: AtomicU32,
    open: Arc<Semaphore>,
    waits: Arc<Semaphore>,
    waits_of_one: usize,
    waiting: Arc<Mutex<HashMap<IpAddr, usize>>>,
    bytes: Arc<Semaphore>,
}

/// A place to wait in.
pub(super) struct Seat {
    _place: OwnedSemaphorePermit,
    client: IpAddr,
    waiting: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut entry) = waiting.entry(self.client) {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }
}

impl Limits {
    /// The limits of a service: submissions of one client in a minute (as many at once, too; 0: no
    /// limit), answers in the making, bytes in flight.
    pub(super) fn new(options: &ServiceOptions) -> Self {
        let waits = options.max_connections.div_ceil(WAITS);
        let semaphore = |permits: usize| Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS)));
        Self {
            rate: NonZeroU32::new(options.per_minute).map(|rate| RateLimiter::keyed(Quota::per_minute(rate))),
            checks: AtomicU32::new(0),
            open: semaphore(options.max_connections),
            waits: semaphore(waits),
            waits_of_one: waits.div_ceil(WAITS_OF_ONE),
            waiting: Arc::default(),
            bytes: semaphore(options.max_in_flight / UNIT),
        }
    }

    /// Takes a place to wait in; none if all are taken, or this client has its part.
    pub(super) fn wait(&self, client: IpAddr) -> Option<Seat> {
        let place = Arc::clone(&self.waits).try_acquire_owned().ok()?;
        let client = site(client);
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.entry(client).or_default();
        if *count >= self.waits_of_one {
            return None;
        }
        *count += 1;
        Some(Seat {
            _place: place,
            client,
            waiting: Arc::clone(&self.waiting),
        })
    }

    /// Takes room for a request of at most so many bytes.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub(super) fn room(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Error> {
        let units = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX);
        Arc::clone(&self.bytes)
            .try_acquire_many_owned(units)
            .map_err(|_| Error::Busy)
    }

    /// Counts a submission.
    ///
    /// # Errors
    /// [`Error::RateLimited`].
    pub(super) fn check(&self, client: IpAddr) -> Result<(), Error> {
        let Some(rate) = &self.rate else {
            return Ok(());
        };
        if self.checks.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            rate.retain_recent();
        }
        rate.check_key(&site(client)).map_err(|refused| {
            let wait = refused.wait_time_from(DefaultClock::default().now());
            Error::RateLimited {
                seconds: wait.as_secs() + 1,
            }
        })
    }

    /// Takes a place among the answers in the making.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub(super) fn enter(&self) -> Result<OwnedSemaphorePermit, Error> {
        Arc::clone(&self.open)
            .try_acquire_owned()
            .map_err(|_| Error::Busy)
    }
}

/// The client that an address identifies: of IPv6, a site has 2^64 of them.
fn site(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(per_minute: u32, max_connections: usize) -> Limits {
        Limits::new(&ServiceOptions {
            per_minute,
            max_connections,
            max_in_flight: 10 << 10,
            ..ServiceOptions::default()
        })
    }

    #[test]
    fn waits_are_a_part_of_the_places_and_one_client_has_a_part_of_these() {
        let limits = with(0, 32);
        let [a, b, c, d, e]: [IpAddr; 5] = [1, 2, 3, 4, 5].map(|x| IpAddr::from([10, 0, 0, x]));
        let seats: Vec<_> = [a, a].map(|client| limits.wait(client).unwrap()).into();
        assert!(limits.wait(a).is_none());
        let others: Vec<_> = [b, b, c, c, d, d]
            .map(|client| limits.wait(client).unwrap())
            .into();
        assert!(limits.wait(e).is_none());
        drop(seats);
        assert!(limits.wait(e).is_some() && limits.wait(a).is_some());
        drop(others);
        assert!(limits.waiting.lock().unwrap().is_empty());
    }

    #[test]
    fn bytes_in_flight_are_limited() {
        let limits = with(0, 1);
        let room = limits.room(9 << 10).unwrap();
        assert!(matches!(limits.room(2 << 10), Err(Error::Busy)));
        drop(room);
        drop(limits.room(10 << 10).unwrap());
        assert!(limits.room(11 << 10).is_err());
    }

    #[test]
    fn clients_are_limited_one_by_one() {
        let limits = with(3, 1);
        let [a, b]: [IpAddr; 2] = ["10.0.0.1", "10.0.0.2"].map(|ip| ip.parse().unwrap());
        for _ in 0..3 {
            limits.check(a).unwrap();
        }
        let Err(Error::RateLimited { seconds }) = limits.check(a) else {
            panic!("the fourth submission passes");
        };
        assert!((1..=21).contains(&seconds));
        limits.check(b).unwrap();
        let off = with(0, 1);
        assert!((0..100).all(|_| off.check(a).is_ok()));
    }

    #[test]
    fn addresses_of_one_site_are_one_client() {
        let limits = with(1, 1);
        limits.check("2001:db8::1".parse().unwrap()).unwrap();
        assert!(limits.check("2001:db8::2".parse().unwrap()).is_err());
        limits.check("2001:db8:0:1::1".parse().unwrap()).unwrap();
        limits.check("10.0.0.1".parse().unwrap()).unwrap();
        assert!(limits.check("::ffff:10.0.0.1".parse().unwrap()).is_err());
    }

    #[test]
    fn places_come_back() {
        let limits = with(0, 1);
        let place = limits.enter().unwrap();
        assert!(matches!(limits.enter(), Err(Error::Busy)));
        drop(place);
        assert!(limits.enter().is_ok());
    }
}
