//! Decimal-to-binary conversion: the double nearest to a JSON number, in bounded time.
//!
//! A number of up to 19 significant digits and a small exponent takes one multiplication or
//! division of exact doubles (Clinger's fast path). Any other is converted with integers of up to
//! [`MAX_DIGITS`] digits, so that the work is bounded whatever the exponent and grows with the
//! length of the text alone. Ties round to even, as IEEE 754 and the standard library have it.

use std::cmp::Ordering;

/// The significant digits that can decide how a number rounds: the midpoint between two doubles
/// has at most 767. Of the digits after these, only whether one is not zero matters.
const MAX_DIGITS: usize = 768;

/// 2^1024 − 2^970: the smallest number that rounds to infinity. It has [`INFINITE_POINT`] digits.
const INFINITE: &[u8] = b"\
    1797693134862315807937289714053034150799341327100378269361737789804449682927647509466490179775\
    8720709633028641669288791094655554785194040263065748867150582068190890200070838367627385484581\
    7711531764475730270069855571366959622842914819860834936475292719074168444365510704342711559699\
    508093042880177904174497792";
const INFINITE_POINT: i64 = 309;

/// Numbers below 10 to the power of this round to zero: half the smallest double is 2.5e-324.
const ZERO_POINT: i64 = -323;

/// The bits of the significand of a double, its implicit bit included.
const PRECISION: u32 = 53;

/// The exponent of the lowest bit of the smallest double.
const MIN_EXPONENT: i64 = -1074;

/// The double nearest to `text`, or `None` if it is not a number in JSON's grammar.
pub fn to_f64(text: &str) -> Option<f64> {
    let decimal = Decimal::parse(text.as_bytes())?;
    let magnitude = decimal.exact().unwrap_or_else(|| decimal.rounded());
    Some(if decimal.is_negative {
        -magnitude
    } else {
        magnitude
    })
}

/// Whether the double nearest to `text` is finite. `text` is a number in JSON's grammar.
pub fn is_finite(text: &str) -> bool {
    Decimal::parse(text.as_bytes()).is_some_and(|decimal| decimal.is_finite())
}

/// A number as it is spelled: `0.d₁d₂d₃… × 10^point`, d₁ being its first digit that is not zero.
struct Decimal<'a> {
    is_negative: bool,
    integer: &'a [u8],
    fraction: &'a [u8],
    point: i64,
}

impl<'a> Decimal<'a> {
    fn parse(text: &'a [u8]) -> Option<Self> {
        let (is_negative, rest) = match text.strip_prefix(b"-") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (integer, rest) = split_digits(rest)?;
        let (fraction, rest) = match rest.strip_prefix(b".") {
            Some(rest) => split_digits(rest)?,
            None => (&[][..], rest),
        };
        let exponent = match rest.split_first() {
            None => 0,
            Some((b'e' | b'E', rest)) => exponent(rest)?,
            Some(_) => return None,
        };
        let is_zero = |digit: &&u8| **digit == b'0';
        let zeros = integer.iter().chain(fraction).take_while(is_zero).count();
        let before_point = i64::try_from(integer.len()).ok()?;
        Some(Self {
            is_negative,
            integer,
            fraction,
            point: before_point - i64::try_from(zeros).ok()? + exponent,
        })
    }

    /// The values of the digits, from the first that is not zero.
    fn digits(&self) -> impl Iterator<Item = u32> {
        let digits = self.integer.iter().chain(self.fraction);
        digits
            .map(|digit| u32::from(digit.wrapping_sub(b'0')))
            .skip_while(|digit| *digit == 0)
    }

    fn is_finite(&self) -> bool {
        match self.point.cmp(&INFINITE_POINT) {
            Ordering::Less => true,
            Ordering::Greater => self.digits().next().is_none(),
            Ordering::Equal => {
                let digits = self.digits().chain(std::iter::repeat(0));
                let limit = INFINITE.iter().map(|digit| u32::from(digit - b'0'));
                let differ = digits.zip(limit).find(|(digit, limit)| digit != limit);
                differ.is_some_and(|(digit, limit)| digit < limit)
            }
        }
    }

    /// The number, where a double holds its digits and the power of ten beside them exactly: one
    /// operation then rounds correctly.
    fn exact(&self) -> Option<f64> {
        const MAX_COUNT: usize = 19;
        const MAX_POWER: u64 = 22;
        let (mut count, mut significand) = (0, 0_u64);
        for digit in self.digits() {
            count += 1;
            if count > MAX_COUNT {
                return None;
            }
            significand = significand * 10 + u64::from(digit);
        }
        if significand >> PRECISION != 0 {
            return None;
        }
        if significand == 0 {
            return Some(0.0);
        }
        let power = self.point.checked_sub(i64::try_from(count).ok()?)?;
        if power.unsigned_abs() > MAX_POWER {
            return None;
        }
        let ten = (0..power.unsigned_abs()).fold(1.0, |ten, _| ten * 10.0);
        let (high, low) = halves(significand);
        let significand = f64::from(high) * 4_294_967_296.0 + f64::from(low);
        Some(if power < 0 {
            significand / ten
        } else {
            significand * ten
        })
    }

    /// The number, rounded from integers that hold it exactly.
    #[cold]
    #[inline(never)]
    fn rounded(&self) -> f64 {
        if self.point > INFINITE_POINT {
            return f64::INFINITY;
        }
        if self.point < ZERO_POINT {
            return 0.0;
        }
        let mut significand = Integer(Vec::new());
        let mut digits = self.digits();
        let mut count = 0;
        let mut chunk = Chunk::EMPTY;
        for digit in digits.by_ref().take(MAX_DIGITS) {
            count += 1;
            if chunk.push(digit) {
                significand.append(&mut chunk);
            }
        }
        // One digit more keeps what is cut off on its side of every midpoint.
        if digits.any(|digit| digit != 0) {
            count += 1;
            chunk.push(1);
        }
        significand.append(&mut chunk);
        let power = self.point - count;
        let mut fives = Integer(vec![1]);
        if power < 0 {
            fives.multiply_fives(power.unsigned_abs());
        } else {
            significand.multiply_fives(power.unsigned_abs());
        }
        let (quotient, exponent, is_exact) = significand.divided(fives);
        nearest(quotient, exponent + power, is_exact)
    }
}

/// The digits that `text` starts with, at least one, and the rest.
fn split_digits(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let count = text.iter().take_while(|octet| octet.is_ascii_digit());
    let (digits, rest) = text.split_at_checked(count.count())?;
    (!digits.is_empty()).then_some((digits, rest))
}

/// What follows an `e`. So large an exponent that no text is long enough to make up for it counts
/// as [`i32::MAX`].
fn exponent(text: &[u8]) -> Option<i64> {
    let (is_negative, digits) = match text.split_first() {
        Some((b'-', digits)) => (true, digits),
        Some((b'+', digits)) => (false, digits),
        _ => (false, text),
    };
    let (digits, []) = split_digits(digits)? else {
        return None;
    };
    let exponent = digits.iter().fold(0_i64, |exponent, digit| {
        (exponent * 10 + i64::from(digit - b'0')).min(i64::from(i32::MAX))
    });
    Some(if is_negative { -exponent } else { exponent })
}

/// The double nearest to `significand × 2^exponent`, whose highest bit is set; unless `is_exact`,
/// the number is a little larger.
fn nearest(significand: u64, exponent: i64, is_exact: bool) -> f64 {
    const EXPONENT_BITS: u32 = PRECISION - 1;
    let surplus = u64::BITS - PRECISION;
    let lowest = (exponent + i64::from(surplus)).max(MIN_EXPONENT);
    let significand = u128::from(significand);
    let Some(shift) = u32::try_from(lowest - exponent)
        .ok()
        .filter(|shift| *shift <= u64::BITS)
    else {
        return 0.0;
    };
    let kept = significand >> shift;
    let (rest, half) = (significand - (kept << shift), 1_u128 << (shift - 1));
    let is_up = match rest.cmp(&half) {
        Ordering::Less => false,
        Ordering::Equal => !is_exact || kept & 1 == 1,
        Ordering::Greater => true,
    };
    // The implicit bit adds one to the exponent, and so does a carry out of the significand.
    let kept = u64::try_from(kept).unwrap_or_default() + u64::from(is_up);
    let biased = u64::try_from(lowest - MIN_EXPONENT).unwrap_or_default();
    let bits = (biased << EXPONENT_BITS).saturating_add(kept);
    f64::from_bits(bits.min(f64::INFINITY.to_bits()))
}

/// The high and the low 32 bits.
fn halves(number: u64) -> (u32, u32) {
    let low = |number: u64| u32::try_from(number & u64::from(u32::MAX)).unwrap_or_default();
    (low(number >> u32::BITS), low(number))
}

/// As many digits as fit one limb, with the power of ten that they shift a number by.
struct Chunk {
    scale: u32,
    value: u32,
}

impl Chunk {
    const EMPTY: Self = Self { scale: 1, value: 0 };

    /// Adds a digit; returns whether another may not fit.
    fn push(&mut self, digit: u32) -> bool {
        self.scale *= 10;
        self.value = self.value * 10 + digit;
        self.scale >= 1_000_000_000
    }
}

/// A natural number: limbs of 32 bits, the lowest first, the last of them not zero.
struct Integer(Vec<u32>);

impl Integer {
    /// This number times `factor`, and `summand`.
    fn multiply_add(&mut self, factor: u32, summand: u32) {
        let mut carry = summand;
        for limb in &mut self.0 {
            let product = u64::from(*limb) * u64::from(factor) + u64::from(carry);
            (carry, *limb) = halves(product);
        }
        if carry != 0 {
            self.0.push(carry);
        }
    }

    /// Puts the digits of `chunk` after those of this number.
    fn append(&mut self, chunk: &mut Chunk) {
        let Chunk { scale, value } = std::mem::replace(chunk, Chunk::EMPTY);
        self.multiply_add(scale, value);
    }

    /// This number times 5 to the power of `power`.
    fn multiply_fives(&mut self, power: u64) {
        /// The largest power of five in a limb.
        const STEP: u32 = 13;
        for _ in 0..power / u64::from(STEP) {
            self.multiply_add(5_u32.pow(STEP), 0);
        }
        for _ in 0..power % u64::from(STEP) {
            self.multiply_add(5, 0);
        }
    }

    fn bits(&self) -> usize {
        let zeros = self.0.last().map_or(0, |limb| limb.leading_zeros());
        self.0.len() * 32 - usize::try_from(zeros).unwrap_or_default()
    }

    /// This number times 2 to the power of `bits`.
    fn shifted(mut self, bits: usize) -> Self {
        let within = u32::try_from(bits % 32).unwrap_or_default();
        self.multiply_add(1 << within, 0);
        self.0.splice(0..0, std::iter::repeat_n(0, bits / 32));
        self
    }

    /// This number divided by `divisor`: the first 64 bits of the quotient, the power of two that
    /// they are multiplied by, and whether nothing is left. Neither number is zero.
    ///
    /// Schoolbook division (Knuth's algorithm D) of which two limbs are worked out. The divisor is
    /// shifted to fill `limbs` limbs, this number to have 63 bits more: so the quotient has 63 or
    /// 64 bits.
    fn divided(self, divisor: Self) -> (u64, i64, bool) {
        let least = self.bits().saturating_sub(63).div_ceil(32);
        let limbs = divisor.0.len().max(least);
        let divisor_shift = limbs * 32 - divisor.bits();
        let shift = limbs * 32 + 63 - self.bits();
        let divisor = divisor.shifted(divisor_shift).0;
        let mut rest = self.shifted(shift).0;
        let (high, low) = (divide(&mut rest, &divisor), divide(&mut rest, &divisor));
        let quotient = u64::from(high) << u32::BITS | u64::from(low);
        let zeros = quotient.leading_zeros();
        let power = |bits| i64::try_from(bits).unwrap_or_default();
        let exponent = power(divisor_shift) - power(shift) - i64::from(zeros);
        let is_exact = rest.iter().all(|limb| *limb == 0);
        (quotient << zeros, exponent, is_exact)
    }
}

/// The next limb of a quotient. Takes that many times `divisor`, whose highest bit is set, from the
/// limbs at the top of `rest`, one more than those of `divisor`, and the top limb off.
fn divide(rest: &mut Vec<u32>, divisor: &[u32]) -> u32 {
    let start = rest.len().saturating_sub(divisor.len() + 1);
    let top = |from_end: usize| {
        let limb = rest.len().checked_sub(from_end).map(|at| rest.get(at));
        u64::from(limb.flatten().copied().unwrap_or_default())
    };
    let dividend = top(1) << u32::BITS | top(2);
    let highest = divisor.last().copied().unwrap_or(1);
    // At most two too large, for the highest bit of the divisor is set.
    let mut quotient = (dividend / u64::from(highest)).min(u64::from(u32::MAX));
    let limbs = rest.get_mut(start..).unwrap_or_default();
    let (mut carry, mut borrow) = (0, 0);
    for (limb, factor) in limbs.iter_mut().zip(divisor.iter().chain(&[0])) {
        let (high, low) = halves(u64::from(*factor) * quotient + u64::from(carry));
        carry = high;
        let difference = u64::from(*limb).wrapping_sub(u64::from(low) + borrow);
        borrow = difference >> 63;
        *limb = halves(difference).1;
    }
    while borrow != 0 {
        quotient -= 1;
        let mut carry = 0;
        for (limb, summand) in limbs.iter_mut().zip(divisor.iter().chain(&[0])) {
            let sum = u64::from(*limb) + u64::from(*summand) + u64::from(carry);
            (carry, *limb) = halves(sum);
        }
        borrow -= u64::from(carry);
    }
    rest.pop();
    halves(quotient).1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The standard library is the oracle, to the last bit.
    fn agrees(text: &str) {
        let expected: f64 = text.parse().unwrap_or(f64::NAN);
        let double = to_f64(text).map(f64::to_bits);
        assert_eq!(double, Some(expected.to_bits()), "{text}");
        assert_eq!(is_finite(text), expected.is_finite(), "{text}");
    }

    /// Numbers from 0 to 2^64 (xorshift64*), the same ones in every run.
    struct Random(u64);

    impl Random {
        fn next(&mut self) -> u64 {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
        }

        fn below(&mut self, limit: u64) -> u64 {
            self.next() % limit
        }
    }

    /// `digits` with a point at `at`, and an exponent.
    fn spelled(digits: &str, at: usize, exponent: i64) -> String {
        let (integer, fraction) = digits.split_at(at.min(digits.len()));
        let integer = if integer.is_empty() { "0" } else { integer };
        match fraction {
            "" => format!("{integer}e{exponent}"),
            fraction => format!("{integer}.{fraction}E{exponent:+}"),
        }
    }

    /// All decimal digits of a double and of the midpoint to the next one, which decides a tie.
    fn neighbours(bits: u64) -> [String; 2] {
        let double = f64::from_bits(bits & (u64::MAX >> 1));
        let next = f64::from_bits(double.to_bits() + 1);
        // Half of a sum may be no double, but 1,100 decimal places hold it exactly.
        let exact = format!("{double:.1100}");
        let above = format!("{next:.1100}");
        [exact.clone(), half_sum(&exact, &above)]
    }

    /// Half of the sum of two decimals with as many decimal places.
    fn half_sum(one: &str, other: &str) -> String {
        let length = one.len().max(other.len()) + 1;
        let digits = |text: &str| {
            let text = format!("{text:0>length$}");
            text.bytes()
                .filter(|octet| *octet != b'.')
                .map(|octet| u32::from(octet - b'0'))
                .collect::<Vec<_>>()
        };
        let mut carry = 0;
        let mut half = String::new();
        for (one, other) in digits(one).into_iter().zip(digits(other)) {
            let sum = carry * 10 + one + other;
            half.push_str(&(sum / 2).to_string());
            carry = sum % 2;
        }
        // A digit of half a sum may be 10 or more only with a carry to the left: 18 / 2 = 9.
        let places = one.len() - one.find('.').unwrap_or(one.len()) - 1;
        let (integer, fraction) = half.split_at(half.len() - places);
        let integer = integer.trim_start_matches('0');
        let integer = if integer.is_empty() { "0" } else { integer };
        format!("{integer}.{fraction}{}", carry * 5)
    }

    #[test]
    fn known_hard_numbers_are_rounded_correctly() {
        for text in [
            "0",
            "-0",
            "-0.0",
            "0e999",
            "0e309",
            "-0e-999999999999999999999",
            "1",
            "-1.5e3",
            "9007199254740993",
            "9007199254740992.5",
            "9007199254740993.0000000000000000000000000000000000000000001",
            "2.4703282292062327208e-324",
            "2.4703282292062328e-324",
            "4.9e-324",
            "2.2250738585072011e-308",
            "2.2250738585072014e-308",
            "1.7976931348623157e308",
            "1.7976931348623158e308",
            "1.7976931348623159e308",
            "1e308",
            "1e309",
            "-1e309",
            "1e999999999999999999999999",
            "1e-999999999999999999999999",
            "0.000000000000000000000000000000000001e345",
            "6.631236846766476e-316",
            "3.237883913302901e-319",
            "1.00000000000000011102230246251565404",
            "1.00000000000000011102230246251565405",
            "1e22",
            "1e23",
            "8.5e22",
            "179769313486231570814527423731704356798070567525844996598917476803157260780028538760589558632766878e210",
        ] {
            agrees(text);
            agrees(&format!("{text:0<1}"));
        }
        let digits = std::str::from_utf8(INFINITE).unwrap_or_default();
        agrees(digits);
        agrees(&format!("{digits}.00000"));
        let below = digits.strip_suffix('2').unwrap_or_default();
        agrees(&format!("{below}1"));
        agrees(&format!("{below}1.{}", "9".repeat(900)));
        agrees(&format!("{below}3"));
        agrees(&format!("0.{digits}e309"));
        agrees(&format!("0.{}{digits}e999", "0".repeat(690)));
    }

    #[test]
    fn what_is_no_number_has_no_double() {
        for text in [
            "", "-", "+1", ".5", "1.", "1e", "1e+", "e5", "0x1", "1 ", " 1", "inf", "NaN", "1.5.2",
            "1e5.5", "--1", "1e--5",
        ] {
            assert_eq!(to_f64(text), None, "{text:?}");
            assert!(!is_finite(text), "{text:?}");
        }
    }

    #[test]
    fn a_million_random_numbers_are_rounded_as_the_standard_library_rounds_them() {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        for _ in 0..1_000_000 {
            let most = if random.below(50) == 0 { 40 } else { 20 };
            let length = 1 + random.below(most);
            let mut digits: String = (0..length)
                .map(|_| char::from(b'0' + u8::try_from(random.below(10)).unwrap_or_default()))
                .collect();
            if digits.starts_with('0') {
                digits.replace_range(0..1, "1");
            }
            let at = usize::try_from(random.below(length + 1)).unwrap_or_default();
            let exponent = i64::try_from(random.below(700)).unwrap_or_default() - 360;
            agrees(&spelled(&digits, at, exponent));
        }
    }

    #[test]
    fn every_double_is_read_back_from_its_shortest_text() {
        let mut random = Random(0x0123_4567_89ab_cdef);
        for _ in 0..1_000_000 {
            let double = f64::from_bits(random.next());
            if double.is_finite() {
                let text = format!("{double:e}");
                assert_eq!(
                    to_f64(&text).map(f64::to_bits),
                    Some(double.to_bits()),
                    "{text}"
                );
            }
        }
    }

    /// The digits of doubles of every magnitude, of the midpoints beside them, and of numbers a
    /// digit above and below those.
    #[test]
    fn a_midpoint_rounds_to_even_and_its_neighbours_to_their_sides() {
        let mut random = Random(0xfeed_5eed_cafe_f00d);
        let edges = [
            0,
            1,
            2,
            (1 << 52) - 1,
            1 << 52,
            (1 << 52) + 1,
            (1 << 53) - 1,
        ];
        let random = (0..4_000).map(|_| random.next()).filter(|bits| {
            f64::from_bits(*bits).is_finite() && f64::from_bits(bits + 1).is_finite()
        });
        for bits in random.chain(edges).collect::<Vec<_>>() {
            for text in neighbours(bits) {
                agrees(&text);
                agrees(&format!("{text}1"));
                agrees(&format!("{text}{}1", "0".repeat(800)));
                let trimmed = text.trim_end_matches('0');
                let last = trimmed.char_indices().next_back();
                if let Some((at, '1'..='9')) = last {
                    let (before, digit) = trimmed.split_at(at);
                    let lower: u8 = digit.bytes().map(|octet| octet - 1).sum();
                    let lower = char::from(lower);
                    agrees(&format!("{before}{lower}"));
                    agrees(&format!("{before}{lower}{}", "9".repeat(900)));
                }
            }
        }
    }
}
