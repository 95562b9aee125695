//! The inverse of a number modulo an odd number, by division steps.
//!
//! The method of Bernstein and Yang, "Fast constant-time gcd computation and modular inversion"
//! (2019), without its constant time: 29 steps at a time are found from the low digits alone, as
//! a matrix, and then applied to the numbers.
#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "every index is below a constant; digits are taken from wider columns on purpose"
)]

use super::field::{BITS, Modulus, Residue, unsigned};

const MASK: i64 = (1 << BITS) - 1;

/// What 29 division steps do to a pair of numbers: (f, g) becomes (uf + vg, qf + rg) / 2^29.
struct Matrix {
    u: i64,
    v: i64,
    q: i64,
    r: i64,
}

/// The inverse of `number`, given and returned as the least non-negative integer; 0 for 0.
pub(crate) fn modulo<P: Modulus<N>, const N: usize>(number: &[i32; N]) -> [i32; N] {
    inverse(number, &Residue::<P, N>::modulus(), P::NEGATIVE_INVERSE)
}

/// One for all moduli of a length.
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
        d = unsigned(&d.map(|digit| -digit));
    }
    while d[N - 1] < 0 {
        d = unsigned(&core::array::from_fn(|i| d[i] + modulus[i]));
    }
    loop {
        let less = unsigned(&core::array::from_fn(|i| d[i] - modulus[i]));
        if less[N - 1] < 0 {
            return d;
        }
        d = less;
    }
}

/// The next 29 division steps, from the low 29 bits of f, which is odd, and g.
fn steps(eta: &mut i32, mut f: u32, mut g: u32) -> Matrix {
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
    /// Applies the steps to d and e, both between −2 and 1 times the modulus, and modulo it.
    fn apply<const N: usize>(
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
    fn apply_exactly<const N: usize>(&self, f: &mut [i32; N], g: &mut [i32; N]) {
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
