//! Montgomery multiplication modulo numbers that are known at run time only, for RSA: what its two forms have in common.

use std::sync::Mutex;

/// The bits of a digit, in which numbers are given: non-negative digits, the least significant first.
pub const BITS: u32 = 28;

/// A form of Montgomery multiplication: without SIMD `montgomery_scalar.rs`, with SIMD `montgomery_simd.rs`.
pub trait Multiplication: Sized {
    /// A factor modulo some N, or memory for one.
    type Factor: Default + 'static;

    /// Prepares multiplication modulo N, given as N + 1, with R = 2^(14 × limbs); `limbs` is a multiple of 16.
    fn new(multiple: &[i32], limbs: usize) -> Self;

    /// Gives a factor of any modulus the length of this one's.
    fn fit(&self, factor: &mut Self::Factor);

    /// Writes the number in `digits`, times 2^56 if shifted, to a factor.
    fn put(&self, digits: &[i32], is_shifted: bool, factor: &mut Self::Factor);

    /// Writes the product divided by R to a factor.
    fn mul(&self, a: &Self::Factor, b: &Self::Factor, product: &mut Self::Factor);

    /// Writes the square divided by R to a factor.
    fn square(&self, a: &Self::Factor, product: &mut Self::Factor);

    /// The digit at `index`, of any sign; zero beyond the last.
    fn digit(a: &Self::Factor, index: usize) -> i32;

    /// The pool of memory for exponentiations, one for each form.
    fn pool() -> &'static Pool<Self::Factor>;
}

/// Memory for exponentiations that are over, to be used by the next. It holds as many entries as there ever were
/// exponentiations at the same time, each as long as the longest modulus it was used with.
pub type Pool<Factor> = Mutex<Vec<Scratch<Factor>>>;

/// The memory of one exponentiation.
#[derive(Debug, Default)]
pub struct Scratch<Factor> {
    /// Those of the signature, and then those of its power.
    pub digits: Vec<i32>,
    pub base: Factor,
    pub power: Factor,
    pub next: Factor,
}
