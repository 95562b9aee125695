//! Inversion modulo an odd number, by division steps (safegcd).
//!
//! The method of Bernstein and Yang, "Fast constant-time gcd computation and modular inversion" (2019), without its
//! constant time: 29 steps at a time are computed from the low digits alone, as a matrix, and then applied to the numbers.
//!
//! # Bounds
//!
//! Of the entries of a matrix, |u| + |v| and |q| + |r| are at most 2^29: each step halves g, and so at most doubles the
//! sum of one row, kept as a multiple of 2^steps.
//!
//! - `f` and `g` start from 0 to p and become (u f + v g) / 2^29: never more than p in magnitude.
//! - `d` and `e` are above −2 p and below p. A negative one first counts as itself plus p, so both are within ± p; then
//!   comes (u d + v e − k p) / 2^29 with 0 ≤ k < 2^29, which is above −p − p and below p.
//! - Every digit but the last is from 0 to 2^29 − 1. So u d + v e is within ± 2^58, the factor of a digit of the modulus
//!   within ± 2^30, its product within ± 2^59, and a carry within ± 2^31: 61 bits in all.
//!
//! `tests/arithmetic_bounds.rs` adds this up and checks the bounds of the matrices and of `d` and `e`.
#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "every index is below a constant; digits are taken from wider columns on purpose"
)]

use super::field::{BITS, Modulus, Residue, least};

const MASK: i64 = (1 << BITS) - 1;

/// The effect of 29 division steps on a pair of numbers: (f, g) becomes (uf + vg, qf + rg) / 2^29.
#[derive(Debug)]
pub struct Matrix {
    pub u: i64,
    pub v: i64,
    pub q: i64,
    pub r: i64,
}

impl<P: Modulus<N>, const N: usize> Residue<P, N> {
    /// The inverse; of zero, zero.
    pub fn inverse(&self) -> Self {
        Self::from_integer(modulo::<P, N>(&self.to_integer()))
    }

    /// Inverts all residues with one inversion (Montgomery's trick); none may be zero.
    pub fn invert_all(residues: &mut [Self]) {
        let mut product = Self::ONE;
        let mut products = Vec::with_capacity(residues.len());
        for residue in residues.iter_mut() {
            products.push(product);
            *residue = residue.settle();
            product = product.mul(residue);
        }
        let mut inverse = product.inverse();
        for (residue, before) in residues.iter_mut().zip(&products).rev() {
            let result = inverse.mul(before);
            inverse = inverse.mul(residue);
            *residue = result;
        }
    }
}

/// The inverse of `number`, given and returned as the least non-negative integer; 0 for 0.
pub fn modulo<P: Modulus<N>, const N: usize>(number: &[i32; N]) -> [i32; N] {
    inverse(number, &Residue::<P, N>::modulus(), P::NEGATIVE_INVERSE)
}

/// One function for all moduli of a length.
#[inline(never)]
fn inverse<const N: usize>(
    number: &[i32; N],
    modulus: &[i32; N],
    negative_inverse: i64,
) -> [i32; N] {
    let (mut f, mut g) = (*modulus, *number);
    let (mut d, mut e) = ([0; N], [0; N]);
    e[0] = 1;
    let mut eta = -1;
    while g.iter().any(|&digit| digit != 0) {
        let matrix = steps(&mut eta, f[0] as u32, g[0] as u32);
        matrix.apply(&mut d, &mut e, modulus, negative_inverse);
        matrix.apply_exactly(&mut f, &mut g);
    }
    // f is the greatest common divisor or its negative, and the inverse is d times its sign.
    if f[N - 1] < 0 {
        d = d.map(|digit| -digit);
    }
    least(&d, modulus)
}

/// The next 29 division steps, from the low 29 bits of f, which is odd, and g.
pub fn steps(eta: &mut i32, mut f: u32, mut g: u32) -> Matrix {
    let (mut u, mut v, mut q, mut r) = (1_i32, 0_i32, 0_i32, 1_i32);
    let mut left = BITS;
    loop {
        let zeros = (g | 1 << left).trailing_zeros();
        g >>= zeros;
        u <<= zeros;
        v <<= zeros;
        *eta -= zeros as i32;
        left -= zeros;
        if left == 0 {
            break;
        }
        if *eta < 0 {
            *eta = -*eta;
            (f, g) = (g, f.wrapping_neg());
            (u, q) = (q, -u);
            (v, r) = (r, -v);
        }
        // A multiple of f clears as many low bits of g as there are steps until the next exchange,
        // and at most the 6 bits to which f · (2 − f²) is the inverse of f.
        let bits = (*eta as u32 + 1).min(left).min(6);
        let inverse = f.wrapping_mul(f.wrapping_mul(f).wrapping_sub(2));
        let factor = g.wrapping_mul(inverse) & ((1 << bits) - 1);
        g = g.wrapping_add(f.wrapping_mul(factor));
        q += u * factor as i32;
        r += v * factor as i32;
    }
    Matrix {
        u: u.into(),
        v: v.into(),
        q: q.into(),
        r: r.into(),
    }
}

impl Matrix {
    /// Applies the steps to d and e, both between −2 and 1 times the modulus, modulo the modulus.
    pub fn apply<const N: usize>(
        &self,
        d: &mut [i32; N],
        e: &mut [i32; N],
        modulus: &[i32; N],
        negative_inverse: i64,
    ) {
        let (d_sign, e_sign) = (i64::from(d[N - 1] >> 31), i64::from(e[N - 1] >> 31));
        let mut d_factor = (self.u & d_sign) + (self.v & e_sign);
        let mut e_factor = (self.q & d_sign) + (self.r & e_sign);
        let (mut d_carry, mut e_carry) = (0, 0);
        for i in 0..N {
            let (d_digit, e_digit) = (i64::from(d[i]), i64::from(e[i]));
            d_carry += self.u * d_digit + self.v * e_digit;
            e_carry += self.q * d_digit + self.r * e_digit;
            if i == 0 {
                // The multiple of the modulus that makes the low digit zero.
                d_factor -= d_factor.wrapping_sub(d_carry.wrapping_mul(negative_inverse)) & MASK;
                e_factor -= e_factor.wrapping_sub(e_carry.wrapping_mul(negative_inverse)) & MASK;
            }
            d_carry += d_factor * i64::from(modulus[i]);
            e_carry += e_factor * i64::from(modulus[i]);
            if i > 0 {
                d[i - 1] = (d_carry & MASK) as i32;
                e[i - 1] = (e_carry & MASK) as i32;
            }
            d_carry >>= BITS;
            e_carry >>= BITS;
        }
        d[N - 1] = d_carry as i32;
        e[N - 1] = e_carry as i32;
    }

    /// Applies the steps to f and g, whose low digits they make zero.
    pub fn apply_exactly<const N: usize>(&self, f: &mut [i32; N], g: &mut [i32; N]) {
        let (mut f_carry, mut g_carry) = (0, 0);
        for i in 0..N {
            let (f_digit, g_digit) = (i64::from(f[i]), i64::from(g[i]));
            f_carry += self.u * f_digit + self.v * g_digit;
            g_carry += self.q * f_digit + self.r * g_digit;
            if i > 0 {
                f[i - 1] = (f_carry & MASK) as i32;
                g[i - 1] = (g_carry & MASK) as i32;
            }
            f_carry >>= BITS;
            g_carry >>= BITS;
        }
        f[N - 1] = f_carry as i32;
        g[N - 1] = g_carry as i32;
    }
}
