//! The curves that JOSE names: y² = x³ + ax + b over a prime field, with a generator of prime order.
#![expect(clippy::indexing_slicing, reason = "it happens while compiling")]

use super::field::{Modulus, centred_digits};

/// The coefficient a of a curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coefficient {
    /// a = −3.
    MinusThree,
    /// a = 0.
    Zero,
}

/// A curve, which is also the modulus of its coordinates.
pub trait Curve<const N: usize>: Modulus<N> + Send + Sync {
    /// The modulus of the scalars: the order of the generator.
    type Order: Modulus<N>;
    /// The bits of the order, and of the field.
    const BITS: u32;
    const A: Coefficient;
    /// The coefficient b, the generator's x and its y, in big-endian octets.
    const B: &'static [u8];
    const X: &'static [u8];
    const Y: &'static [u8];
    /// The window width of a key's table.
    const WIDTH: u32;
}

/// Declares a curve: its name, digits, bits, whether its multiplication is unrolled and fused, table width and constants (SEC 2, FIPS 186-5).
macro_rules! curve {
    (
        $(#[$doc:meta])* $name:ident, $order:ident, $digits:literal, $bits:literal, $hot:literal, $fused:literal,
        $width:literal, $a:ident, p $p:literal, n $n:literal, b $b:literal, x $x:literal,
        y $y:literal
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        /// The order of the generator of the curve.
        #[derive(Clone, Copy, Debug)]
        pub struct $order;

        impl Modulus<$digits> for $name {
            const DIGITS: [i64; $digits] = centred_digits(&octets::<{ octet_count($bits) }>($p));
            const HOT: bool = $hot;
            const FUSED: bool = $fused;
        }

        impl Modulus<$digits> for $order {
            const DIGITS: [i64; $digits] = centred_digits(&octets::<{ octet_count($bits) }>($n));
            const HOT: bool = false;
        }

        impl Curve<$digits> for $name {
            type Order = $order;
            const BITS: u32 = $bits;
            const A: Coefficient = Coefficient::$a;
            const B: &'static [u8] = &octets::<{ octet_count($bits) }>($b);
            const X: &'static [u8] = &octets::<{ octet_count($bits) }>($x);
            const Y: &'static [u8] = &octets::<{ octet_count($bits) }>($y);
            const WIDTH: u32 = $width;
        }
    };
}

curve!(
    /// P-256 (FIPS 186-5, SP 800-186 section 3.2.1.3).
    P256, P256Order, 9, 256, true, true, 7, MinusThree,
    p "ffffffff 00000001 00000000 00000000 00000000 ffffffff ffffffff ffffffff",
    n "ffffffff 00000000 ffffffff ffffffff bce6faad a7179e84 f3b9cac2 fc632551",
    b "5ac635d8 aa3a93e7 b3ebbd55 769886bc 651d06b0 cc53b0f6 3bce3c3e 27d2604b",
    x "6b17d1f2 e12c4247 f8bce6e5 63a440f2 77037d81 2deb33a0 f4a13945 d898c296",
    y "4fe342e2 fe1a7f9b 8ee7eb4a 7c0f9e16 2bce3357 6b315ece cbb64068 37bf51f5"
);

curve!(
    /// P-384 (SP 800-186 section 3.2.1.4).
    P384, P384Order, 14, 384, false, false, 6, MinusThree,
    p "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff fffffffe
       ffffffff 00000000 00000000 ffffffff",
    n "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff c7634d81 f4372ddf
       581a0db2 48b0a77a ecec196a ccc52973",
    b "b3312fa7 e23ee7e4 988e056b e3f82d19 181d9c6e fe814112 0314088f 5013875a
       c656398d 8a2ed19d 2a85c8ed d3ec2aef",
    x "aa87ca22 be8b0537 8eb1c71e f320ad74 6e1d3b62 8ba79b98 59f741e0 82542a38
       5502f25d bf55296c 3a545e38 72760ab7",
    y "3617de4a 96262c6f 5d9e98bf 9292dc29 f8f41dbd 289a147c e9da3113 b5f0b8c0
       0a60b1ce 1d7e819d 7a431d7c 90ea0e5f"
);

curve!(
    /// P-521 (SP 800-186 section 3.2.1.5).
    P521, P521Order, 19, 521, false, false, 5, MinusThree,
    p "01ff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff
       ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff",
    n "01ff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff fffffffa
       51868783 bf2f966b 7fcc0148 f709a5d0 3bb5c9b8 899c47ae bb6fb71e 91386409",
    b "0051 953eb961 8e1c9a1f 929a21a0 b68540ee a2da725b 99b315f3 b8b48991 8ef109e1
       56193951 ec7e937b 1652c0bd 3bb1bf07 3573df88 3d2c34f1 ef451fd4 6b503f00",
    x "00c6 858e06b7 0404e9cd 9e3ecb66 2395b442 9c648139 053fb521 f828af60 6b4d3dba
       a14b5e77 efe75928 fe1dc127 a2ffa8de 3348b3c1 856a429b f97e7e31 c2e5bd66",
    y "0118 39296a78 9a3bc004 5c8a5fb4 2c7d1bd9 98f54449 579b4468 17afbd17 273e662c
       97ee7299 5ef42640 c550b901 3fad0761 353c7086 a272c240 88be9476 9fd16650"
);

curve!(
    /// secp256k1 (SEC 2 section 2.4.1, RFC 8812).
    Secp256k1, Secp256k1Order, 9, 256, true, false, 7, Zero,
    p "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff fffffffe fffffc2f",
    n "ffffffff ffffffff ffffffff fffffffe baaedce6 af48a03b bfd25e8c d0364141",
    b "00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000007",
    x "79be667e f9dcbbac 55a06295 ce870b07 029bfcdb 2dce28d9 59f2815b 16f81798",
    y "483ada77 26a3c465 5da4fbfc 0e1108a8 fd17b448 a6855419 9c47d08f fb10d4b8"
);

const fn octet_count(bits: usize) -> usize {
    bits.div_ceil(8)
}

/// The octets of a number in hexadecimal; anything that is not a digit is passed over.
const fn octets<const LENGTH: usize>(text: &str) -> [u8; LENGTH] {
    let text = text.as_bytes();
    let mut result = [0; LENGTH];
    let (mut at, mut digits) = (0, 0);
    while at < text.len() {
        let digit = match text[at] {
            digit @ b'0'..=b'9' => digit - b'0',
            digit @ b'a'..=b'f' => digit - b'a' + 10,
            _ => 16,
        };
        if digit < 16 {
            result[digits / 2] = result[digits / 2] << 4 | digit;
            digits += 1;
        }
        at += 1;
    }
    result
}
