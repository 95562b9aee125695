//! Bump allocator, emptied before every call: a tenth of what the default one weighs.
//!
//! One thread, and nothing outlives a call but the two buffers that [`empty`] is given.
#![expect(unsafe_code, reason = "an allocator hands out memory by address")]

use core::arch::wasm32::{memory_grow, memory_size};
use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;
use std::ptr;

const PAGE: usize = 65_536;

/// Addresses: of the first block, after the last block, after the memory.
struct Bump {
    start: Cell<usize>,
    next: Cell<usize>,
    end: Cell<usize>,
}

#[global_allocator]
static ALLOCATOR: Bump = Bump {
    start: Cell::new(0),
    next: Cell::new(0),
    end: Cell::new(0),
};

// SAFETY: the module has one thread.
unsafe impl Sync for Bump {}

/// Frees every block. `buffers` are all that is left of the last call.
pub(super) fn empty<A, B>(buffers: (Vec<A>, Vec<B>)) {
    drop(buffers);
    ALLOCATOR.next.set(ALLOCATOR.start.get());
}

impl Bump {
    /// Makes the memory reach `end`; doubles it, so that copying it costs no more than filling it.
    fn reach(&self, end: usize) -> Option<()> {
        if end > self.end.get() {
            let pages = end.div_ceil(PAGE).checked_sub(memory_size(0))?;
            let pages = pages.max(memory_size(0));
            if memory_grow(0, pages) == usize::MAX {
                return None;
            }
            self.end.set(memory_size(0).checked_mul(PAGE)?);
        }
        Some(())
    }

    fn take(&self, layout: Layout) -> Option<usize> {
        if self.end.get() == 0 {
            let all = memory_size(0) * PAGE;
            self.start.set(all);
            self.next.set(all);
            self.end.set(all);
        }
        let start = self.next.get().checked_next_multiple_of(layout.align())?;
        let end = start.checked_add(layout.size())?;
        self.reach(end)?;
        self.next.set(end);
        Some(start)
    }

    fn is_last(&self, block: *mut u8, layout: Layout) -> bool {
        block.addr().checked_add(layout.size()) == Some(self.next.get())
    }
}

// SAFETY: blocks lie one after the other, aligned, below the end of the memory; `empty` is called
// when none is in use.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.take(layout)
            .map_or(ptr::null_mut(), ptr::with_exposed_provenance_mut)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if self.is_last(block, layout) {
            self.next.set(block.addr());
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if self.is_last(block, layout) {
            let end = block.addr().checked_add(size);
            let Some(end) = end.filter(|end| self.reach(*end).is_some()) else {
                return ptr::null_mut();
            };
            self.next.set(end);
            return block;
        }
        let Ok(layout_after) = Layout::from_size_align(size, layout.align()) else {
            return ptr::null_mut();
        };
        let Some(moved) = self.take(layout_after) else {
            return ptr::null_mut();
        };
        let moved = ptr::with_exposed_provenance_mut(moved);
        // SAFETY: both blocks have at least as many octets, and do not overlap.
        unsafe { ptr::copy_nonoverlapping(block, moved, layout.size().min(size)) };
        moved
    }
}
