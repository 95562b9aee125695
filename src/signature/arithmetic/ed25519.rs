//! Ed25519 verification (RFC 8032 section 5.1.7), with tables for keys that are used often.
//!
//! Strictly: every number is in its one encoding, the equation holds without the cofactor, and
//! neither the key nor R is of small order, so that a signature binds its key and its message.

use std::sync::OnceLock;

use super::ed25519_scalar::hashed;
use super::edwards::{Multiples, Order, Point};
use super::field::{Residue, digits_from_octets, is_less};
use super::key_tables::KeyTables;
use super::recode::Scalar;

/// The widths of the tables of odd multiples, of the base point and of a key.
const ODD_WIDTHS: [u32; 2] = [7, 5];
/// The uses of a key before its fixed-window table is built: building it costs as much as the next 16 verifications save.
const COLD_USES: u32 = 12;
/// The window widths of the tables of the base point and of a key.
pub const WIDTHS: [u32; 2] = [7, 6];

type Residues = Residue<Order, 9>;

/// A public key: a point, and its tables.
#[derive(Debug)]
pub struct PublicKey {
    encoding: [u8; 32],
    /// The negated point: it is subtracted.
    negated: Point,
    tables: KeyTables<Multiples>,
}

/// The base point's multiples, made at first use.
static BASE_ODD: OnceLock<Multiples> = OnceLock::new();
static BASE_WINDOWS: OnceLock<Multiples> = OnceLock::new();

impl PublicKey {
    /// The key that this is the canonical encoding of, unless it is of small order.
    pub fn new(encoding: &[u8; 32]) -> Option<Self> {
        let point = Point::decoded(encoding)?;
        (!point.is_of_small_order()).then(|| Self {
            encoding: *encoding,
            negated: point.negated(),
            tables: KeyTables::new(COLD_USES),
        })
    }

    /// Whether `signature`, 64 octets, signs `message`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let Some((r, s)) = signature.split_first_chunk::<32>() else {
            return false;
        };
        let Some(s) = <&[u8; 32]>::try_from(s).ok().and_then(scalar) else {
            return false;
        };
        let k = Scalar::least(&hashed(&[r, &self.encoding, message]).out_of_montgomery_form());
        let point = match self.hot() {
            Some((base, key)) => Point::ZERO.add_windows(&s, base).add_windows(&k, key),
            None => {
                let base = base_odd();
                let key = self
                    .tables
                    .odd(|| Multiples::odd(&self.negated, ODD_WIDTHS[1]));
                Point::interleaved([(&s, base), (&k, key)])
            }
        };
        point.is_encoded_as(r) && !point.is_of_small_order()
    }

    /// The fixed-window tables of the base point and this one, once this key has been used often.
    fn hot(&self) -> Option<(&Multiples, &Multiples)> {
        let build = || Multiples::windows(&self.negated, WIDTHS[1]);
        let key = self.tables.windows(Multiples::size(WIDTHS[1]), build)?;
        let base = BASE_WINDOWS.get_or_init(|| Multiples::windows(&Point::base(), WIDTHS[0]));
        Some((base, key))
    }
}

/// The scalar in little-endian octets, if it is below the order.
fn scalar(octets: &[u8; 32]) -> Option<Scalar<9>> {
    let mut octets = *octets;
    octets.reverse();
    let digits = digits_from_octets(&octets);
    is_less(&digits, &Residues::modulus()).then(|| Scalar::least(&Residues::from_digits(digits)))
}

/// The odd multiples of the base point.
pub fn base_odd() -> &'static Multiples {
    BASE_ODD.get_or_init(|| Multiples::odd(&Point::base(), ODD_WIDTHS[0]))
}
