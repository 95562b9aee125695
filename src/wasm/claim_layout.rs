//! The layout of a Claims Set: its Claim Names and the spans of its values, from which JavaScript
//! builds the claims object without parsing the text again.
//!
//! Tokens of one issuer have the same Claim Names in the same order. These names are written once, as
//! a layout; later tokens refer to the layout by number and add only spans (`protocol.rs`).

use crate::claims::layout;
use crate::encoding::json::{Names, Object};
use crate::fifo::Fifo;

use super::protocol::{
    FALSE, JSON_TEXT, KIND_BITS, LAYOUTS, MAX_DOUBLES, NULL, NUMBER, TEXT, TEXTS, TRUE,
};

/// The spans are written by the crate that is compiled for speed: its constants are the protocol's.
const _: () = {
    assert!(layout::KIND_BITS == KIND_BITS && layout::DOUBLES == MAX_DOUBLES);
    assert!(layout::TEXT == TEXT && layout::TEXTS == TEXTS);
    assert!(layout::NUMBER == NUMBER && layout::JSON == JSON_TEXT);
    assert!(layout::TRUE == TRUE && layout::FALSE == FALSE);
    assert!(layout::NULL == NULL);
};

/// The layouts that the package has.
#[derive(Debug)]
pub(super) struct Layouts {
    known: Fifo<Names, LAYOUTS>,
    /// How many tokens had an unknown layout.
    unknown: u32,
}

impl Layouts {
    /// The most names of a layout.
    const NAMES: usize = 64;

    /// Once the ring is full, one unknown layout in this many evicts another, so that an attacker's
    /// tokens cannot empty it.
    const EVICTING: u32 = 64;

    pub(super) const fn new() -> Self {
        Self {
            known: Fifo::new(),
            unknown: 0,
        }
    }

    /// The number of the layout of `claims` and, if the package does not have it yet, its names;
    /// `None` if it has no layout.
    pub(super) fn number(&mut self, claims: &Object<'_>) -> Option<(usize, Option<Vec<String>>)> {
        if let Some(number) = self.known.number(|names| claims.has(names)) {
            return Some((number, None));
        }
        self.unknown = self.unknown.wrapping_add(1);
        if self.known.is_full() && !self.unknown.is_multiple_of(Self::EVICTING) {
            return None;
        }
        // In JavaScript, assigning to `__proto__` sets the prototype.
        let is_fit = |names: &Names| {
            names.iter().count() <= Self::NAMES && names.iter().all(|name| name != "__proto__")
        };
        let names = claims.names().filter(is_fit)?;
        let owned = names.iter().map(str::to_owned).collect();
        Some((self.known.insert(names), Some(owned)))
    }
}
