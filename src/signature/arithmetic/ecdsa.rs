//! ECDSA verification (FIPS 186-5 section 6.4.2), with tables for keys that are used often.
#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "every index is below a length fixed by the curve"
)]

use std::sync::OnceLock;

use super::curve::{self, Curve};
use super::field::{BITS, Residue, digits_from_octets, is_less, unsigned};
use super::inverse;
use super::key_tables::KeyTables;
use super::recode::Scalar;
use super::weierstrass::{Affine, Jacobian, Multiples, Sum, sum_bit_by_bit, sum_of_windows};

/// A public key for ES256.
pub type P256PublicKey = PublicKey<curve::P256, 9>;
/// A public key for ES384.
pub type P384PublicKey = PublicKey<curve::P384, 14>;
/// A public key for ES512.
pub type P521PublicKey = PublicKey<curve::P521, 19>;
/// A public key for ES256K.
pub type Secp256k1PublicKey = PublicKey<curve::Secp256k1, 9>;

/// The widths of the tables of odd multiples, of a generator and of a key.
const ODD_WIDTHS: [u32; 2] = [7, 5];
/// The width of a generator's table of odd multiples of one base, for the first use of a key. The key's table has one base
/// then, so its doublings serve the generator too. The table takes 18 kB for P-256, and stays beside that of six bases.
const ONE_BASE_WIDTH: u32 = 10;
/// The bases of a table of odd multiples. A sum takes a sixth of the doublings that one base would need. Making the table
/// takes the others, which pays for a key that is used again.
const BASES: usize = 6;
/// The uses of a key before its fixed-window table is built: building it costs as much as some tens of verifications save.
const COLD_USES: u32 = 32;
/// The window width of a generator's table.
pub const GENERATOR_WIDTH: u32 = 8;

/// A curve with the tables of its generator.
pub trait Generator<const N: usize>: Curve<N> {
    /// The tables of the generator.
    fn tables() -> &'static GeneratorTables<Self, N>
    where
        Self: Sized;
}

/// The tables of a generator, made at first use.
#[derive(Debug)]
pub struct GeneratorTables<C: Curve<N>, const N: usize> {
    one_base: OnceLock<Multiples<C, N>>,
    odd: OnceLock<Multiples<C, N>>,
    windows: OnceLock<Multiples<C, N>>,
}

/// Gives curves their tables: a static item cannot be generic.
macro_rules! generators {
    ($($curve:ident of $digits:literal digits,)*) => {
        $(
            impl Generator<$digits> for curve::$curve {
                fn tables() -> &'static GeneratorTables<Self, $digits> {
                    static TABLES: GeneratorTables<curve::$curve, $digits> = GeneratorTables {
                        one_base: OnceLock::new(),
                        odd: OnceLock::new(),
                        windows: OnceLock::new(),
                    };
                    &TABLES
                }
            }
        )*
    };
}

generators! {
    P256 of 9 digits,
    P384 of 14 digits,
    P521 of 19 digits,
    Secp256k1 of 9 digits,
}

/// A public key: a point of the curve, and its tables.
#[derive(Debug)]
pub struct PublicKey<C: Generator<N>, const N: usize> {
    point: Affine<C, N>,
    tables: KeyTables<Multiples<C, N>>,
}

impl<C: Generator<N>, const N: usize> PublicKey<C, N> {
    /// The key with these big-endian coordinates, each as long as the field, below its modulus,
    /// and together on the curve.
    pub fn from_coordinates(x: &[u8], y: &[u8]) -> Option<Self> {
        Some(Self {
            point: Affine::from_coordinates(x, y)?,
            tables: KeyTables::new(COLD_USES),
        })
    }

    /// Whether `signature`, r and s in as many octets as the order has, signs the hash `prehash`.
    ///
    /// Both values of s that fit are accepted: JOSE does not rule one out (RFC 7518 section 3.4).
    pub fn verify(&self, prehash: &[u8], signature: &[u8]) -> bool {
        let length = C::BITS.div_ceil(8) as usize;
        if signature.len() != 2 * length {
            return false;
        }
        let (r, s) = signature.split_at(length);
        let (Some(r), Some(s)) = (scalar::<C, N>(r), scalar::<C, N>(s)) else {
            return false;
        };
        let inverse = Residue::<C::Order, N>::from_integer(inverse::modulo::<C::Order, N>(&s));
        let u1 = Scalar::nearest(&Residue::from_digits(leftmost::<C, N>(prehash)).mul(&inverse));
        let u2 = Scalar::nearest(&Residue::from_digits(r).mul(&inverse));
        self.combine(&u1, &u2).is_some_and(|sum| has_x(&sum, &r))
    }

    /// u1 times the generator plus u2 times this point, unless that is infinity: the numerator and the denominator of its
    /// affine x.
    fn combine(&self, u1: &Scalar<N>, u2: &Scalar<N>) -> Option<[Residue<C, N>; 2]> {
        let fraction = |sum: Jacobian<C, N>| [sum.x, sum.z.square()];
        let mut sum = Sum::NOTHING;
        let found = match self.hot() {
            Some((generator, key)) if C::FUSED => {
                sum_of_windows([(u1, generator), (u2, key)]).map(|sum| [sum.x, sum.zz])
            }
            Some((generator, key)) => {
                sum.add_windows([(u1, generator), (u2, key)]);
                sum.finished().map(fraction)
            }
            None => {
                let tables = C::tables();
                let [generator_width, key_width] = ODD_WIDTHS;
                let once;
                let (generator, key) = if self.tables.is_first_use() {
                    once = Multiples::odd(&self.point, key_width, 1);
                    let build = || Multiples::odd(&Affine::generator(), ONE_BASE_WIDTH, 1);
                    (tables.one_base.get_or_init(build), &once)
                } else {
                    let build = |point: &_, width| Multiples::odd(point, width, BASES);
                    let generator = || build(&Affine::generator(), generator_width);
                    let key = || build(&self.point, key_width);
                    (tables.odd.get_or_init(generator), self.tables.odd(key))
                };
                sum.add_interleaved([(u1, generator), (u2, key)]);
                sum.finished().map(fraction)
            }
        };
        found.or_else(|| {
            let points = [(u1, &Affine::generator()), (u2, &self.point)];
            sum_bit_by_bit(points).map(fraction)
        })
    }

    /// The fixed-window tables of the generator and this point, once this key has been used often.
    fn hot(&self) -> Option<(&Multiples<C, N>, &Multiples<C, N>)> {
        let build = || Multiples::windows(&self.point, C::WIDTH);
        let size = Multiples::<C, N>::size(C::WIDTH);
        let key = self.tables.windows(size, build)?;
        let generator = C::tables()
            .windows
            .get_or_init(|| Multiples::windows(&Affine::generator(), GENERATOR_WIDTH));
        Some((generator, key))
    }
}

/// A public key for ES256: the same, compiled with this crate. What is generic is compiled with the crate that uses it.
#[derive(Debug)]
pub struct P256Key(P256PublicKey);

impl P256Key {
    /// As [`PublicKey::from_coordinates`].
    pub fn from_coordinates(x: &[u8], y: &[u8]) -> Option<Self> {
        P256PublicKey::from_coordinates(x, y).map(Self)
    }

    /// As [`PublicKey::verify`].
    pub fn verify(&self, prehash: &[u8], signature: &[u8]) -> bool {
        self.0.verify(prehash, signature)
    }
}

/// The integer in `octets`, if it is from 1 to one less than the order.
fn scalar<C: Curve<N>, const N: usize>(octets: &[u8]) -> Option<[i32; N]> {
    let digits = digits_from_octets(octets);
    let is_zero = digits.iter().all(|&digit| digit == 0);
    (!is_zero && is_less(&digits, &Residue::<C::Order, N>::modulus())).then_some(digits)
}

/// The leftmost bits of a hash, no more than the order has (FIPS 186-5 section 6.4.2, step 2).
fn leftmost<C: Curve<N>, const N: usize>(prehash: &[u8]) -> [i32; N] {
    let length = C::BITS.div_ceil(8) as usize;
    let Some(first) = prehash.get(..length) else {
        return digits_from_octets(prehash);
    };
    let excess = 8 * length as u32 - C::BITS;
    let mut carried = 0;
    let mut digits = digits_from_octets::<N>(first);
    for digit in digits.iter_mut().rev() {
        let both = carried << BITS | i64::from(*digit);
        carried = both & ((1 << excess) - 1);
        *digit = (both >> excess) as i32;
    }
    digits
}

/// Whether a point's affine x, given as a fraction, is r modulo the order.
///
/// The order is less than the field's modulus p, and more than half of it: x is r, or r plus the
/// order if that is still below p. Compared as numerator = x · denominator, which needs no division.
fn has_x<C: Curve<N>, const N: usize>(
    [numerator, denominator]: &[Residue<C, N>; 2],
    r: &[i32; N],
) -> bool {
    let order = Residue::<C::Order, N>::modulus();
    let next = unsigned(&core::array::from_fn(|i| r[i] + order[i]));
    let is_x = |x: &[i32; N]| Residue::from_integer(*x).mul(denominator) == *numerator;
    is_x(r) || is_less(&next, &Residue::<C, N>::modulus()) && is_x(&next)
}
