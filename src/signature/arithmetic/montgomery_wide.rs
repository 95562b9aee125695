//! Exponentiation in limbs of 64 bits, by Montgomery multiplication, for native targets of 64 bits: they multiply two limbs
//! to 128 bits and add with carries.
//!
//! Four limbs are a block: a digit to the base B = 2^256. The methods below are those of long multiplication in blocks, all
//! built on one operation, [`multiply_add`] of blocks, whose own digits are the limbs.
//!
//! # Bounds
//!
//! - **Limbs and blocks.** x y + t + c is at most (B − 1)² + 2 (B − 1) = B² − 1 for blocks, which two blocks hold exactly.
//!   The same holds for limbs, with 2^64 in the place of B: the upper half of a product takes the carries of both additions
//!   without an overflow, because two limbs hold the sum.
//! - **Values.** n has L blocks and R = B^L. Factors are below R, not always below n: (a b + q n) / R with q < R is then below
//!   R + n. One bit is carried out of L blocks at most, and if there is one, subtracting n brings the value below R again.
//! - **The last product** has a factor below n and is below 2 n: subtracting n once, if at all, makes it the least residue.
#![expect(
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "every index is below a length fixed by the modulus; halves of a product are cut off on purpose"
)]

use super::exponentiation::{Exponentiation, MODULUS_OCTETS, inverse};

/// The limbs of a block.
const LIMBS: usize = 4;
/// The octets of a block.
const OCTETS: usize = 8 * LIMBS;
/// The blocks of the longest modulus.
const BLOCKS: usize = MODULUS_OCTETS / OCTETS;

/// Limbs, the least significant first.
type Block = [u64; LIMBS];

/// Exponentiation modulo n.
#[derive(Debug)]
pub struct Wide {
    modulus: Box<[Block]>,
    /// −1 / n modulo 2^64.
    negative_inverse: u64,
    r_squared: Box<[Block]>,
}

impl Exponentiation for Wide {
    fn new(modulus: &[u8]) -> Self {
        let mut blocks = vec![[0; LIMBS]; modulus.len().div_ceil(OCTETS)];
        put_limbs(modulus, &mut blocks);
        let mut key = Self {
            negative_inverse: inverse(blocks[0][0]).wrapping_neg(),
            modulus: blocks.into(),
            r_squared: Box::default(),
        };
        // R × R^(1/32), which five squarings make R × R.
        let bits = 8 * OCTETS * key.modulus.len();
        let mut power = key.power_of_two(bits + bits / 32);
        let mut product = vec![[0; LIMBS]; 2 * power.len()];
        for _ in 0..5 {
            key.square(&mut power, &mut product);
        }
        key.r_squared = power;
        key
    }

    fn power(&self, base: &[u8], exponent: u64, out: &mut [u8]) -> bool {
        let length = self.modulus.len();
        let [mut base_blocks, mut factor, mut power] = [[[0; LIMBS]; BLOCKS]; 3];
        let mut product = [[0; LIMBS]; 2 * BLOCKS];
        let [integer, factor, power] =
            [&mut base_blocks, &mut factor, &mut power].map(|blocks| &mut blocks[..length]);
        let product = &mut product[..2 * length];
        put_limbs(base, integer);
        if !is_less(integer, &self.modulus) {
            return false;
        }
        factor.copy_from_slice(integer);
        self.mul(factor, &self.r_squared, product);
        power.copy_from_slice(factor);
        for bit in (1..=exponent.ilog2()).rev() {
            self.square(power, product);
            if bit > 1 && exponent >> (bit - 1) & 1 == 1 {
                self.mul(power, factor, product);
            }
        }
        // The exponent is odd: the last factor is the base itself, not in Montgomery form, which takes the power out of it.
        self.mul(power, integer, product);
        if !is_less(power, &self.modulus) {
            subtract(power, &self.modulus);
        }
        put_octets(power, out);
        true
    }
}

impl Wide {
    /// Multiplies `factor` by another and divides by R; `product` is room for the product.
    fn mul(&self, factor: &mut [Block], other: &[Block], product: &mut [Block]) {
        product.fill([0; LIMBS]);
        for (i, by) in other.iter().enumerate() {
            product[i + factor.len()] = add_row(&mut product[i..], factor, by, [0; LIMBS]);
        }
        self.reduce(product, factor);
    }

    /// Squares `factor` and divides by R; `product` is room for the square.
    fn square(&self, factor: &mut [Block], product: &mut [Block]) {
        product.fill([0; LIMBS]);
        for (i, by) in factor.iter().enumerate() {
            let row = &mut product[2 * i + 1..];
            product[i + factor.len()] = add_row(row, &factor[i + 1..], by, [0; LIMBS]);
        }
        // Doubles the products of different blocks, and adds those of a block with itself.
        let (mut doubled, mut carry) = (false, false);
        for (pair, block) in product.as_chunks_mut().0.iter_mut().zip(&*factor) {
            let squares = multiply_add(block, block, [0; LIMBS], [0; LIMBS]);
            for (place, square) in <&mut [_; 2]>::into_iter(pair).zip(squares) {
                let twice;
                (twice, doubled) = add(place, place, doubled);
                (*place, carry) = add(&twice, &square, carry);
            }
        }
        self.reduce(product, factor);
    }

    /// Divides `product` by R (Montgomery reduction); its content is then unspecified.
    fn reduce(&self, product: &mut [Block], result: &mut [Block]) {
        let length = self.modulus.len();
        let mut carry = false;
        for i in 0..length {
            let (quotient, carried) = self.clear(&product[i]);
            let carried = add_row(
                &mut product[i + 1..],
                &self.modulus[1..],
                &quotient,
                carried,
            );
            let top = &mut product[i + length];
            (*top, carry) = add(top, &carried, carry);
        }
        result.copy_from_slice(&product[length..]);
        if carry {
            subtract(result, &self.modulus);
        }
    }

    /// The block whose product with the modulus clears a block of zeros, and what is carried into the next.
    #[inline(always)]
    fn clear(&self, block: &Block) -> (Block, Block) {
        let mut sum = widened(*block);
        let quotient = core::array::from_fn(|i| {
            let limb = sum[i].wrapping_mul(self.negative_inverse);
            add_limbs(&mut sum, i, &self.modulus[0], limb, 0);
            limb
        });
        (quotient, halves(sum)[1])
    }

    /// 2^exponent modulo the modulus, for an exponent not below the bits of the modulus.
    fn power_of_two(&self, exponent: usize) -> Box<[Block]> {
        let mut value = vec![[0; LIMBS]; self.modulus.len()].into_boxed_slice();
        let mut half = value.clone();
        // The highest power of two below the modulus.
        let limbs = self.modulus.as_flattened();
        let top = limbs.iter().rposition(|&limb| limb != 0).unwrap_or(0);
        let bit = limbs[top].ilog2();
        value.as_flattened_mut()[top] = 1 << bit;
        for _ in 64 * top + bit as usize..exponent {
            half.copy_from_slice(&value);
            let mut carry = false;
            for (block, half) in value.iter_mut().zip(&half) {
                (*block, carry) = add(block, half, carry);
            }
            if carry || !is_less(&value, &self.modulus) {
                subtract(&mut value, &self.modulus);
            }
        }
        value
    }
}

/// Adds `factor` × `by`, and `carry` to the first block; returns the block that is carried beyond the last.
#[inline(never)]
fn add_row(sum: &mut [Block], factor: &[Block], by: &Block, mut carry: Block) -> Block {
    for (place, block) in sum.iter_mut().zip(factor) {
        [*place, carry] = multiply_add(block, by, *place, carry);
    }
    carry
}

/// `x` × `y` + `addend` + `carry`: the lower block and the upper.
#[inline(always)]
fn multiply_add(x: &Block, y: &Block, addend: Block, carry: Block) -> [Block; 2] {
    let mut sum = widened(addend);
    for i in 0..LIMBS {
        add_limbs(&mut sum, i, x, y[i], carry[i]);
    }
    halves(sum)
}

/// Adds `x` × `y` + `carry` from the limb `start` on; the limb beyond is set to what is carried into it.
#[inline(always)]
fn add_limbs(sum: &mut [u64; 2 * LIMBS], start: usize, x: &Block, y: u64, mut carry: u64) {
    for i in 0..LIMBS {
        let product = u128::from(x[i]) * u128::from(y);
        let (low, first) = (product as u64).overflowing_add(sum[start + i]);
        let (low, second) = low.overflowing_add(carry);
        sum[start + i] = low;
        carry = (product >> 64) as u64 + u64::from(first) + u64::from(second);
    }
    sum[start + LIMBS] = carry;
}

#[inline(always)]
fn widened([a, b, c, d]: Block) -> [u64; 2 * LIMBS] {
    [a, b, c, d, 0, 0, 0, 0]
}

#[inline(always)]
fn halves([a, b, c, d, e, f, g, h]: [u64; 2 * LIMBS]) -> [Block; 2] {
    [[a, b, c, d], [e, f, g, h]]
}

/// The sum of two blocks and a carry, and the carry out of it.
#[inline(always)]
fn add(a: &Block, b: &Block, mut carry: bool) -> (Block, bool) {
    let sum = core::array::from_fn(|i| {
        let (sum, first) = a[i].overflowing_add(b[i]);
        let (sum, second) = sum.overflowing_add(carry.into());
        carry = first || second;
        sum
    });
    (sum, carry)
}

/// Subtracts modulo R.
fn subtract(number: &mut [Block], other: &[Block]) {
    let mut borrow = false;
    let limbs = number.as_flattened_mut().iter_mut();
    for (limb, other) in limbs.zip(other.as_flattened()) {
        let (difference, first) = limb.overflowing_sub(*other);
        let (difference, second) = difference.overflowing_sub(borrow.into());
        (*limb, borrow) = (difference, first || second);
    }
}

/// Whether `a` is the smaller of two numbers with as many blocks.
fn is_less(a: &[Block], b: &[Block]) -> bool {
    let [a, b] = [a, b].map(|blocks| blocks.as_flattened().iter().rev());
    a.lt(b)
}

/// The limbs of big-endian octets, into blocks of zeros that have room for them.
fn put_limbs(octets: &[u8], blocks: &mut [Block]) {
    for (limb, chunk) in blocks.as_flattened_mut().iter_mut().zip(octets.rchunks(8)) {
        *limb = chunk
            .iter()
            .fold(0, |limb, &octet| limb << 8 | u64::from(octet));
    }
}

/// The last octets of a number, as many as `out` has.
fn put_octets(blocks: &[Block], out: &mut [u8]) {
    for (chunk, limb) in out.rchunks_mut(8).zip(blocks.as_flattened()) {
        let octets = limb.to_be_bytes();
        chunk.copy_from_slice(&octets[octets.len() - chunk.len()..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The greatest sum, which is as long as two blocks: a debug build sees every overflow on the way.
    #[test]
    fn the_greatest_sum_of_blocks_is_exact() {
        let most = [u64::MAX; LIMBS];
        assert_eq!(multiply_add(&most, &most, most, most), [most, most]);
        let zero = [0; LIMBS];
        let product = [[1, 0, 0, 0], [u64::MAX - 1, u64::MAX, u64::MAX, u64::MAX]];
        assert_eq!(multiply_add(&most, &most, zero, zero), product);
    }
}
