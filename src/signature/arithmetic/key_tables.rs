//! The tables of one key: odd multiples at first, and a fixed-window table once the key has been used often, within a memory
//! budget for all keys together.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

/// The uses of a key after which its table is built: building it costs as much as the next 6 (P-521) to 16 (Ed25519)
/// verifications save.
const USES: u32 = 12;

/// The octets that the tables of all keys may take together; further keys keep the slower method. The largest table of one
/// key takes 260 kB.
const BUDGET: usize = 16 << 20;

static TAKEN: AtomicUsize = AtomicUsize::new(0);

/// Tables of type T, made at first use.
#[derive(Debug)]
pub(super) struct KeyTables<T> {
    uses: AtomicU32,
    odd: OnceLock<T>,
    windows: OnceLock<(T, Reservation)>,
}

impl<T> KeyTables<T> {
    pub(super) const fn new() -> Self {
        Self {
            uses: AtomicU32::new(0),
            odd: OnceLock::new(),
            windows: OnceLock::new(),
        }
    }

    /// The table of odd multiples.
    pub(super) fn odd(&self, build: impl FnOnce() -> T) -> &T {
        self.odd.get_or_init(build)
    }

    /// Counts one use. The fixed-window table, of `size` octets, if the key has been used often and the budget allows it.
    pub(super) fn windows(&self, size: usize, build: impl FnOnce() -> T) -> Option<&T> {
        if self.uses.load(Ordering::Relaxed) < USES {
            self.uses.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        let (table, _) = match self.windows.get() {
            Some(windows) => windows,
            None => {
                let reservation = Reservation::take(size)?;
                self.windows.get_or_init(|| (build(), reservation))
            }
        };
        Some(table)
    }
}

/// The part of the budget that one table takes, given back when it is dropped.
#[derive(Debug)]
struct Reservation(usize);

impl Reservation {
    /// Reserves `octets`, unless too few are left.
    fn take(octets: usize) -> Option<Self> {
        let take = |taken: usize| taken.checked_add(octets).filter(|&taken| taken <= BUDGET);
        TAKEN
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .ok()?;
        Some(Self(octets))
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        TAKEN.fetch_sub(self.0, Ordering::Relaxed);
    }
}
