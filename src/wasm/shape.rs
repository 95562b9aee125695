//! The shapes of Claims Sets: their Claim Names, in the order of the text.
//!
//! Tokens of one issuer have the same Claim Names in the same order. These names are written once, as
//! a shape; later tokens refer to the shape by number and add only the layout of their values
//! (`claims/layout.rs`).

use crate::encoding::json::{Names, Object};
use crate::recent::Recent;

/// The shapes that the package has.
#[derive(Debug)]
pub(super) struct Shapes {
    told: Recent<Names, 16>,
    strangers: u32,
}

impl Shapes {
    /// The most names of a shape.
    const NAMES: usize = 64;

    /// Once the table is full, one unknown shape in this many evicts another, so that an attacker's
    /// tokens cannot empty the table.
    const SELDOM: u32 = 64;

    pub(super) const fn new() -> Self {
        Self {
            told: Recent::new(),
            strangers: 0,
        }
    }

    /// The number of the shape of `claims` and, if the package does not have it yet, its names;
    /// `None` if it has no shape.
    pub(super) fn number(&mut self, claims: &Object<'_>) -> Option<(usize, Option<Vec<String>>)> {
        if let Some(number) = self.told.number(|names| claims.has(names)) {
            return Some((number, None));
        }
        self.strangers = self.strangers.wrapping_add(1);
        if self.told.is_full() && !self.strangers.is_multiple_of(Self::SELDOM) {
            return None;
        }
        // In JavaScript, assigning to `__proto__` sets the prototype.
        let is_told = |names: &Names| {
            names.iter().count() <= Self::NAMES && names.iter().all(|name| name != "__proto__")
        };
        let names = claims.names().filter(is_told)?;
        let told = names.iter().map(str::to_owned).collect();
        Some((self.told.insert(names), Some(told)))
    }
}
