//! Distinguished Encoding Rules (DER): one encoding only, no trailing octets (ITU-T X.690 section 10).

use super::limits::MAX_DER_DEPTH;

/// The elements of a DER encoding, read from front to back.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a>(&'a [u8]);

/// One element: its identifier octet and its contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    pub tag: u8,
    pub contents: &'a [u8],
}

pub const INTEGER: u8 = 0x02;
pub const BIT_STRING: u8 = 0x03;
pub const NULL: u8 = 0x05;
pub const OBJECT_IDENTIFIER: u8 = 0x06;
pub const SEQUENCE: u8 = 0x30;

/// The identifier octet of the constructed, context-specific element `number`, which is below 31.
pub const fn context(number: u8) -> u8 {
    CONSTRUCTED | CONTEXT_SPECIFIC | number
}

impl<'a> Reader<'a> {
    /// Reads `octets` as nothing but elements, every one inside another included, each length in
    /// its shortest definite form.
    pub fn new(octets: &'a [u8]) -> Option<Self> {
        check(octets, 0)?;
        Some(Self(octets))
    }

    /// The contents of the only element, which is tagged `tag`.
    pub fn only(octets: &'a [u8], tag: u8) -> Option<&'a [u8]> {
        let mut reader = Self::new(octets)?;
        let contents = reader.take(tag)?;
        reader.finish()?;
        Some(contents)
    }

    /// The element that comes next.
    pub fn element(&mut self) -> Option<Element<'a>> {
        let (element, rest) = split(self.0)?;
        self.0 = rest;
        Some(element)
    }

    /// The contents of the element that comes next, which is tagged `tag`.
    pub fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.element()
            .filter(|element| element.tag == tag)
            .map(|element| element.contents)
    }

    /// The contents of the element that comes next if it is tagged `tag`; otherwise it stays.
    pub fn take_if(&mut self, tag: u8) -> Option<&'a [u8]> {
        let mut ahead = *self;
        let contents = ahead.take(tag)?;
        *self = ahead;
        Some(contents)
    }

    /// The element that comes next, which is tagged `tag`, as it is encoded.
    pub fn take_encoded(&mut self, tag: u8) -> Option<&'a [u8]> {
        let before = self.0;
        self.take(tag)?;
        before.get(..before.len() - self.0.len())
    }

    /// What is left, as it is encoded.
    pub const fn rest(self) -> &'a [u8] {
        self.0
    }

    /// The elements of the SEQUENCE that comes next.
    pub fn sequence(&mut self) -> Option<Self> {
        self.take(SEQUENCE).map(Self)
    }

    /// The INTEGER that comes next, which is positive: big-endian, without leading zeros.
    pub fn positive(&mut self) -> Option<&'a [u8]> {
        let contents = self.take(INTEGER)?;
        match contents {
            [0, rest @ ..] if !rest.is_empty() => rest
                .first()
                .is_some_and(|high| high & 0x80 != 0)
                .then_some(rest),
            [0] | [] => None,
            [high, ..] => (high & 0x80 == 0).then_some(contents),
        }
    }

    /// The octets of the BIT STRING that comes next, which has no unused bits.
    pub fn octet_aligned_bits(&mut self) -> Option<&'a [u8]> {
        self.take(BIT_STRING)?
            .split_first()
            .and_then(|(unused, octets)| (*unused == 0).then_some(octets))
    }

    /// Ends the reading: `None` if something is left.
    pub fn finish(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// Takes the first element off `octets`.
fn split(octets: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&tag, rest) = octets.split_first()?;
    if tag & 0x1f == 0x1f {
        // Nothing that keys are made of is numbered above 30.
        return None;
    }
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        // Section 10.1: definite; the long form only where the short one does not reach.
        0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let length = digits
                .iter()
                .fold(0, |length, digit| (length << 8) | usize::from(*digit));
            let shortest = digits.first() != Some(&0) && length > 0x7f;
            shortest.then_some((length, rest))?
        }
        _ => return None,
    };
    let (contents, rest) = rest.split_at_checked(length)?;
    Some((Element { tag, contents }, rest))
}

/// Whether `octets` are elements throughout.
fn check(mut octets: &[u8], depth: usize) -> Option<()> {
    if depth > MAX_DER_DEPTH {
        return None;
    }
    while !octets.is_empty() {
        let (element, rest) = split(octets)?;
        if element.tag & CONSTRUCTED != 0 {
            check(element.contents, depth + 1)?;
        }
        octets = rest;
    }
    Some(())
}

const CONSTRUCTED: u8 = 0x20;
const CONTEXT_SPECIFIC: u8 = 0x80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_has_one_spelling() {
        assert_eq!(Reader::only(&[0x04, 0x01, 0xaa], 0x04), Some(&[0xaa][..]));
        assert_eq!(Reader::only(&[0x04, 0x81, 0x01, 0xaa], 0x04), None);
        assert_eq!(Reader::only(&[0x04, 0x82, 0x00, 0x01, 0xaa], 0x04), None);
        assert_eq!(
            Reader::only(&[0x24, 0x80, 0x04, 0x01, 0xaa, 0x00, 0x00], 0x24),
            None
        );
        assert_eq!(Reader::only(&[0x04, 0x84, 0, 0, 0, 1, 0xaa], 0x04), None);

        let long = [&[0x04, 0x81, 0x80][..], &[0; 0x80]].concat();
        assert_eq!(Reader::only(&long, 0x04), Some(&[0; 0x80][..]));
        let padded = [&[0x04, 0x82, 0x00, 0x80][..], &[0; 0x80]].concat();
        assert_eq!(Reader::only(&padded, 0x04), None);
    }

    #[test]
    fn trailing_octets_are_refused() {
        assert_eq!(Reader::only(&[0x05, 0x00, 0x00], NULL), None);
        assert_eq!(Reader::only(&[0x05, 0x00, 0x05, 0x00], NULL), None);
        assert_eq!(Reader::only(&[0x04, 0x02, 0xaa], 0x04), None);
        assert_eq!(Reader::only(&[0x05], NULL), None);
        assert_eq!(Reader::only(&[], NULL), None);
    }

    #[test]
    fn the_lengths_inside_are_held_to_it_too() {
        assert!(Reader::new(&[0x30, 0x03, 0x04, 0x01, 0xaa]).is_some());
        assert!(Reader::new(&[0x30, 0x04, 0x04, 0x81, 0x01, 0xaa]).is_none());
        assert!(Reader::new(&[0x30, 0x03, 0x04, 0x02, 0xaa]).is_none());
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |levels: usize| {
            (0..levels).try_fold(vec![0x05, 0x00], |inside, _| {
                let length = u8::try_from(inside.len()).ok()?;
                Some([vec![SEQUENCE, length], inside].concat())
            })
        };
        assert!(nested(MAX_DER_DEPTH).is_some_and(|octets| Reader::new(&octets).is_some()));
        assert!(nested(MAX_DER_DEPTH + 1).is_some_and(|octets| Reader::new(&octets).is_none()));
    }

    #[test]
    fn an_integer_is_positive_and_minimal() {
        let positive = |contents: &'static [u8]| {
            let length = u8::try_from(contents.len()).ok()?;
            let octets = [&[INTEGER, length], contents].concat();
            Reader::new(&octets)?.positive().map(<[u8]>::to_vec)
        };
        assert_eq!(positive(&[0x03]), Some(vec![0x03]));
        assert_eq!(positive(&[0x00, 0x80]), Some(vec![0x80]));
        assert_eq!(positive(&[0x00, 0x7f]), None);
        assert_eq!(positive(&[0x80]), None);
        assert_eq!(positive(&[0x00]), None);
        assert_eq!(positive(&[]), None);
    }

    #[test]
    fn a_bit_string_has_no_unused_bits() {
        let bits = |octets: &[u8]| {
            Reader::new(octets)?
                .octet_aligned_bits()
                .map(<[u8]>::to_vec)
        };
        assert_eq!(bits(&[BIT_STRING, 2, 0, 0xaa]), Some(vec![0xaa]));
        assert_eq!(bits(&[BIT_STRING, 2, 1, 0xaa]), None);
        assert_eq!(bits(&[BIT_STRING, 0]), None);
    }
}
