//! The budget for fixed-window tables: after how many uses a key gets one, and how much memory all of them may take.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The uses of a key after which its table is built: building it costs as much as the next 6 (P-521) to 16 (Ed25519)
/// verifications save.
pub(super) const USES: u32 = 12;

/// The octets that the tables of all keys may take together; further keys keep the slower method. The largest table of one
/// key takes 260 kB.
const ROOM: usize = 16 << 20;

static TAKEN: AtomicUsize = AtomicUsize::new(0);

/// The part of the budget that one table takes, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Place(usize);

impl Place {
    /// Reserves `octets`, unless too few are left.
    pub(super) fn take(octets: usize) -> Option<Self> {
        let take = |taken: usize| taken.checked_add(octets).filter(|&taken| taken <= ROOM);
        TAKEN
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .ok()?;
        Some(Self(octets))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        TAKEN.fetch_sub(self.0, Ordering::Relaxed);
    }
}
