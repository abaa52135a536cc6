//! What one client, and all together, may take.

use crate::Error;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// After how many checks clients that have been quiet are forgotten.
const FORGET_EVERY: u32 = 1024;

/// Submissions per client, and answers in the making at once.
pub(super) struct Limits {
    rate: Option<DefaultKeyedRateLimiter<IpAddr>>,
    checks: AtomicU32,
    open: Arc<Semaphore>,
}

impl Limits {
    /// `per_minute` submissions of one client (as many at once, too; 0: no limit), `open` answers
    /// in the making.
    pub(super) fn new(per_minute: u32, open: usize) -> Self {
        Self {
            rate: NonZeroU32::new(per_minute).map(|rate| RateLimiter::keyed(Quota::per_minute(rate))),
            checks: AtomicU32::new(0),
            open: Arc::new(Semaphore::new(open)),
        }
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

/// Whom an address stands for: of IPv6, a site has 2^64 of them.
fn site(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_limited_one_by_one() {
        let limits = Limits::new(3, 1);
        let [a, b]: [IpAddr; 2] = ["10.0.0.1", "10.0.0.2"].map(|ip| ip.parse().unwrap());
        for _ in 0..3 {
            limits.check(a).unwrap();
        }
        let Err(Error::RateLimited { seconds }) = limits.check(a) else {
            panic!("the fourth submission passes");
        };
        assert!((1..=21).contains(&seconds));
        limits.check(b).unwrap();
        let off = Limits::new(0, 1);
        assert!((0..100).all(|_| off.check(a).is_ok()));
    }

    #[test]
    fn addresses_of_one_site_are_one_client() {
        let limits = Limits::new(1, 1);
        limits.check("2001:db8::1".parse().unwrap()).unwrap();
        assert!(limits.check("2001:db8::2".parse().unwrap()).is_err());
        limits.check("2001:db8:0:1::1".parse().unwrap()).unwrap();
        limits.check("10.0.0.1".parse().unwrap()).unwrap();
        assert!(limits.check("::ffff:10.0.0.1".parse().unwrap()).is_err());
    }

    #[test]
    fn places_come_back() {
        let limits = Limits::new(0, 1);
        let place = limits.enter().unwrap();
        assert!(matches!(limits.enter(), Err(Error::Busy)));
        drop(place);
        assert!(limits.enter().is_ok());
    }
}
