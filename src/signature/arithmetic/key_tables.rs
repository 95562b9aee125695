//! The tables of one key: none at its first use, odd multiples from the second use on, and a fixed-window table once the key
//! has been used often, within a memory budget for all keys together.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

/// The octets that the tables of all keys may take together; further keys keep the slower method. The largest table of one
/// key takes 260 kB.
const BUDGET: usize = 16 << 20;

static TAKEN: AtomicUsize = AtomicUsize::new(0);

/// Tables of type T, each made when it is first needed.
#[derive(Debug)]
pub(super) struct KeyTables<T> {
    /// The uses left before the fixed-window table is built.
    cold: AtomicU32,
    /// As many at first.
    cold_uses: u32,
    odd: OnceLock<T>,
    windows: OnceLock<(T, Reservation)>,
}

impl<T> KeyTables<T> {
    /// No tables yet; a fixed-window table only after `cold_uses` uses.
    pub(super) const fn new(cold_uses: u32) -> Self {
        Self {
            cold: AtomicU32::new(cold_uses),
            cold_uses,
            odd: OnceLock::new(),
            windows: OnceLock::new(),
        }
    }

    /// The table of odd multiples.
    pub(super) fn odd(&self, build: impl FnOnce() -> T) -> &T {
        self.odd.get_or_init(build)
    }

    /// Whether no more than one use has been counted: most keys of proofs have no other.
    pub(super) fn is_first_use(&self) -> bool {
        self.cold.load(Ordering::Relaxed) + 1 >= self.cold_uses
    }

    /// Counts one use. The fixed-window table, of `size` octets, if the key has been used often and the budget allows it.
    pub(super) fn windows(&self, size: usize, build: impl FnOnce() -> T) -> Option<&T> {
        let cold = self.cold.load(Ordering::Relaxed);
        if cold > 0 {
            // Of uses at the same moment, one counts.
            self.cold.store(cold - 1, Ordering::Relaxed);
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
