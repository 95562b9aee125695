//! Normalization of HTTP target URIs, so that `htu` and the URL of a request compare
//! ([RFC 9449 section 4.3], [RFC 3986 section 6.2.2]).
//!
//! Query, fragment and user information are dropped. Scheme and host become lower case, the default
//! port disappears, percent-encoded unreserved characters are decoded, other percent-encodings become
//! upper case, and dot segments are removed. An internationalized host becomes its A-label form.
//!
//! [RFC 9449 section 4.3]: https://www.rfc-editor.org/rfc/rfc9449#section-4.3
//! [RFC 3986 section 6.2.2]: https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2

use crate::encoding::json::write::write_count;
use crate::encoding::text::split_once;

/// Whether both URLs are equal once normalized, and `request` is one that [`normalize_request`] takes. Most clients send the
/// URL as the server has it, which needs no second normalization.
pub(crate) fn is_of_request(uri: &str, request: &str) -> bool {
    normalize_request(request)
        .is_some_and(|normalized| uri == request || normalize(uri) == Some(normalized))
}

/// The URL in its normalized form, or `None` if it is no absolute http or https URL.
pub(crate) fn normalize(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once(':')?;
    let scheme = scheme.to_ascii_lowercase();
    let default_port = match scheme.as_str() {
        "https" => 443,
        "http" => 80,
        _ => return None,
    };
    let rest = rest.strip_prefix("//")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at_checked(end)?;
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let host_and_port = authority
        .rsplit_once('@')
        .map_or(authority, |(_, after)| after);
    let (host, port) = split_port(host_and_port)?;
    let host = normalize_host(host)?;
    let mut normalized = [&scheme, "://", &host].concat();
    if let Some(port) = port.filter(|port| *port != default_port) {
        normalized.push(':');
        write_count(port, &mut normalized);
    }
    normalized.push_str(&without_dot_segments(&normalize_encoding(path)?));
    Some(normalized)
}

/// As [`normalize`], of the URL of a request, whose path a client chose: `None` also for a path that
/// another parser could take for an authority (`//host`, `/https://host`).
pub(crate) fn normalize_request(url: &str) -> Option<String> {
    let normalized = normalize(url)?;
    let (_, rest) = split_once(&normalized, "://")?;
    let path = rest.split_at_checked(rest.find('/')?)?.1;
    let first = path.strip_prefix('/')?;
    let is_scheme = |text: &str| {
        split_once(text, "://").is_some_and(|(scheme, _)| {
            scheme
                .bytes()
                .all(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(&octet))
        })
    };
    (!first.starts_with('/') && !is_scheme(first)).then_some(normalized)
}

/// A host, and its port if it has one. An empty port is the default (RFC 3986 section 6.2.3).
fn split_port(authority: &str) -> Option<(&str, Option<usize>)> {
    let bracket = authority.rfind(']').map_or(0, |at| at + 1);
    let (_, tail) = authority.split_at_checked(bracket)?;
    let Some(colon) = tail.find(':') else {
        return Some((authority, None));
    };
    let (host, port) = authority.split_at_checked(bracket + colon)?;
    let digits = port.strip_prefix(':')?;
    if digits.is_empty() {
        return Some((host, None));
    }
    let port = number(digits, 10, 5)?;
    Some((host, Some(port.into())))
}

/// An IP literal in its canonical form, or a registered name in lower case.
fn normalize_host(host: &str) -> Option<String> {
    if let Some(literal) = host.strip_prefix('[') {
        let groups = ipv6(literal.strip_suffix(']')?)?;
        return Some(["[", &ipv6_text(&groups), "]"].concat());
    }
    if host.is_empty() {
        return None;
    }
    let labels: Option<Vec<String>> = host.split('.').map(a_label).collect();
    Some(labels?.join("."))
}

/// The eight groups of an IPv6 address ([RFC 4291 section 2.2], all three forms).
///
/// [RFC 4291 section 2.2]: https://www.rfc-editor.org/rfc/rfc4291#section-2.2
fn ipv6(text: &str) -> Option<Vec<u16>> {
    const GROUPS: usize = 8;
    let Some((before, after)) = split_once(text, "::") else {
        return groups(text, true).filter(|groups| groups.len() == GROUPS);
    };
    let of_half = |half: &str, may_end_in_ipv4| match half {
        "" => Some(Vec::new()),
        half => groups(half, may_end_in_ipv4),
    };
    let (mut before, after) = (of_half(before, false)?, of_half(after, true)?);
    let zeros = GROUPS.checked_sub(before.len() + after.len())?;
    before.resize(before.len() + zeros, 0);
    before.extend(after);
    (zeros > 0).then_some(before)
}

/// Groups separated by colons; the last two may be an IPv4 address in decimal.
fn groups(text: &str, may_end_in_ipv4: bool) -> Option<Vec<u16>> {
    let is_ipv4 = |part: &str| may_end_in_ipv4 && part.contains('.');
    let (hexadecimal, ipv4) = match text.rsplit_once(':') {
        Some((before, last)) if is_ipv4(last) => (Some(before), Some(last)),
        None if is_ipv4(text) => (None, Some(text)),
        _ => (Some(text), None),
    };
    let mut groups = Vec::new();
    for group in hexadecimal.into_iter().flat_map(|text| text.split(':')) {
        groups.push(number(group, 16, 4)?);
    }
    if let Some(ipv4) = ipv4 {
        let mut address = Vec::new();
        for part in ipv4.split('.') {
            let is_plain = part == "0" || !part.starts_with('0');
            let octet = number(part, 10, 3).filter(|octet| is_plain && *octet <= 0xff);
            address.push(octet?);
        }
        let [a, b, c, d] = address.try_into().ok()?;
        groups.extend([a << 8 | b, c << 8 | d]);
    }
    Some(groups)
}

/// The number that `digits` spell, if there are one to `most` of them and 16 bits hold it.
fn number(digits: &str, radix: u32, most: usize) -> Option<u16> {
    if digits.is_empty() || digits.len() > most {
        return None;
    }
    let mut number = 0;
    for digit in digits.chars() {
        number = number * radix + digit.to_digit(radix)?;
    }
    u16::try_from(number).ok()
}

/// The text of an address with hexadecimal groups alone, its longest run of zeros as `::`
/// (RFC 5952 section 4, without the mixed form of section 5).
fn ipv6_text(groups: &[u16]) -> String {
    let zeros = |start: usize| groups.iter().skip(start).take_while(|group| **group == 0);
    // Of equal runs the first; one group alone is not shortened.
    let (mut start, mut length) = (0, 1);
    for (from, run) in (0..groups.len()).map(|from| (from, zeros(from).count())) {
        if run > length {
            (start, length) = (from, run);
        }
    }
    match (groups.get(..start), groups.get(start + length..)) {
        (Some(before), Some(after)) if length > 1 => [joined(before), joined(after)].join("::"),
        _ => joined(groups),
    }
}

/// Groups in hexadecimal without leading zeros, with colons between them.
fn joined(groups: &[u16]) -> String {
    let mut text = String::new();
    for (index, group) in groups.iter().enumerate() {
        if index > 0 {
            text.push(':');
        }
        for shift in [12, 8, 4, 0] {
            let digits = group >> shift;
            if digits != 0 || shift == 0 {
                text.push(hex_digit(digits));
            }
        }
    }
    text
}

/// A label of a host in lower case; one that is not ASCII as an A-label (RFC 5890 section 2.3.2.1).
///
/// Letters beyond ASCII keep their case: a table of them would weigh more than all of this module, and
/// clients send A-labels.
fn a_label(label: &str) -> Option<String> {
    if label.is_ascii() {
        let lower = label.to_ascii_lowercase();
        // unreserved and sub-delims of RFC 3986 section 2.2, without those that no host has.
        let is_name = |octet: u8| octet.is_ascii_alphanumeric() || b"-_~".contains(&octet);
        return lower.bytes().all(is_name).then_some(lower);
    }
    let lower: Vec<char> = label.chars().map(|c| c.to_ascii_lowercase()).collect();
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c > '\u{a0}';
    if lower.len() > MAX_LABEL_CHARS || !lower.iter().all(|c| is_letter(*c)) {
        return None;
    }
    Some(["xn--", &punycode(&lower)?].concat())
}

/// The longest label of a host name (RFC 1035 section 2.3.4).
const MAX_LABEL_CHARS: usize = 63;

/// Punycode of a label ([RFC 3492 section 6.3]).
///
/// [RFC 3492 section 6.3]: https://www.rfc-editor.org/rfc/rfc3492#section-6.3
fn punycode(label: &[char]) -> Option<String> {
    let mut output: String = label.iter().filter(|c| c.is_ascii()).collect();
    let basic = u32::try_from(output.len()).ok()?;
    if basic > 0 {
        output.push('-');
    }
    let (mut n, mut delta, mut bias, mut handled) = (128, 0_u32, 72, basic);
    let length = u32::try_from(label.len()).ok()?;
    while handled < length {
        let next = label
            .iter()
            .map(|c| u32::from(*c))
            .filter(|c| *c >= n)
            .min()?;
        delta = delta.checked_add((next - n).checked_mul(handled + 1)?)?;
        n = next;
        for c in label.iter().map(|c| u32::from(*c)) {
            if c < n {
                delta = delta.checked_add(1)?;
            }
            if c != n {
                continue;
            }
            push_integer(delta, bias, &mut output)?;
            bias = adapt(delta, handled + 1, handled == basic);
            delta = 0;
            handled += 1;
        }
        delta += 1;
        n += 1;
    }
    Some(output)
}

/// Appends a generalized variable-length integer (RFC 3492 section 3.3).
fn push_integer(value: u32, bias: u32, output: &mut String) -> Option<()> {
    const BASE: u32 = 36;
    const T_MIN: u32 = 1;
    const T_MAX: u32 = 26;
    let (mut q, mut k) = (value, BASE);
    loop {
        let t = k.saturating_sub(bias).clamp(T_MIN, T_MAX);
        if q < t {
            break;
        }
        output.push(char::from_digit(t + (q - t) % (BASE - t), 36).and_then(digit)?);
        q = (q - t) / (BASE - t);
        k += BASE;
    }
    output.push(char::from_digit(q, 36).and_then(digit)?);
    Some(())
}

/// The bias after a delta (RFC 3492 section 6.1).
fn adapt(delta: u32, points: u32, is_first: bool) -> u32 {
    let mut delta = if is_first { delta / 700 } else { delta / 2 };
    delta += delta / points;
    let mut k = 0;
    while delta > 455 {
        delta /= 35;
        k += 36;
    }
    k + 36 * delta / (delta + 38)
}

/// The Punycode digit with the value of a base 36 digit: `a` to `z` are 0 to 25, `0` to `9` are 26
/// to 35 (RFC 3492 section 5).
fn digit(base36: char) -> Option<char> {
    let value = u8::try_from(base36.to_digit(36)?).ok()?;
    Some(char::from(if value < 26 {
        b'a' + value
    } else {
        b'0' + value - 26
    }))
}

/// A path whose percent-encoded unreserved characters are decoded and whose other percent-encodings
/// are upper case (RFC 3986 section 6.2.2). `None` for characters that no URI has.
fn normalize_encoding(path: &str) -> Option<String> {
    let mut normalized = String::with_capacity(path.len());
    let mut octets = path.bytes();
    while let Some(octet) = octets.next() {
        if octet != b'%' {
            let is_uri = octet.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&octet);
            normalized.push(is_uri.then(|| char::from(octet))?);
            continue;
        }
        let high = hex(octets.next()?)?;
        let low = hex(octets.next()?)?;
        let decoded = high * 16 + low;
        if decoded.is_ascii_alphanumeric() || b"-._~".contains(&decoded) {
            normalized.push(char::from(decoded));
        } else {
            normalized.push('%');
            let digits = [decoded >> 4, decoded].map(|digit| hex_digit(digit.into()));
            normalized.extend(digits.map(|digit| digit.to_ascii_uppercase()));
        }
    }
    Some(normalized)
}

/// The hexadecimal digit of the last four bits of `number`.
fn hex_digit(number: u16) -> char {
    char::from_digit(u32::from(number & 0xf), 16).unwrap_or_default()
}

fn hex(digit: u8) -> Option<u8> {
    u8::try_from(char::from(digit).to_digit(16)?).ok()
}

/// A path without `.` and `..` segments (RFC 3986 section 5.2.4). An empty path is `/`.
fn without_dot_segments(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let segments = path.strip_prefix('/').unwrap_or(path).split('/');
    let mut ends_in_folder = false;
    for segment in segments {
        ends_in_folder = matches!(segment, "." | "..");
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            name => kept.push(name),
        }
    }
    if ends_in_folder {
        kept.push("");
    }
    ["/", &kept.join("/")].concat()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed test should panic")]
mod tests {
    use serde_json::Value;

    use super::{normalize, normalize_request};

    #[test]
    fn urls_normalize_as_the_independent_table_says() {
        let table = include_str!("../../tests/conformance/vectors/json/htu_normalize.json");
        let table: Value = serde_json::from_str(table).unwrap();
        let cases = table.get("cases").and_then(Value::as_array).unwrap();
        assert_eq!(cases.len(), 43);
        for case in cases {
            let text = |name| case.get(name).and_then(Value::as_str);
            let input = text("input").unwrap();
            let found = match text("source") {
                Some("request") => normalize_request(input),
                _ => normalize(input),
            };
            assert_eq!(found.as_deref(), text("normalized"), "{input}");
        }
    }

    #[test]
    fn a_url_that_is_not_http_or_has_no_host_has_no_normal_form() {
        for url in [
            "",
            "https",
            "https:",
            "https:/a",
            "https://",
            "https:///a",
            "//a/b",
            "/a",
            "ftp://a/b",
            "https://a:x/",
            "https://a:65536/",
            "https://a b/",
            "https://a/ b",
            "https://a/%4",
            "https://a/%zz",
            "https://[1:2]/",
            "https://a\\b/",
            "https://a/\u{e9}",
            "javascript:0",
        ] {
            assert_eq!(normalize(url), None, "{url}");
        }
    }

    #[test]
    fn international_hosts_become_a_labels() {
        for (host, label) in [
            ("b\u{fc}cher", "xn--bcher-kva"),
            ("B\u{fc}CHER", "xn--bcher-kva"),
            ("m\u{fc}nchen", "xn--mnchen-3ya"),
            ("\u{4f8b}\u{3048}", "xn--r8jz45g"),
            ("\u{43f}\u{440}\u{438}\u{43c}\u{435}\u{440}", "xn--e1afmkfd"),
        ] {
            let url = format!("https://{host}.test/");
            assert_eq!(normalize(&url).unwrap(), format!("https://{label}.test/"));
        }
    }

    #[test]
    fn ipv6_addresses_have_one_spelling() {
        for (spelled, text) in [
            ("0:0:0:0:0:0:0:0", "::"),
            ("::1", "::1"),
            ("1::", "1::"),
            ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
            ("2001:db8:0:1:0:1:0:1", "2001:db8:0:1:0:1:0:1"),
            ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
            ("::ffff:1.2.3.4", "::ffff:102:304"),
            ("::1.2.3.4", "::102:304"),
            ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ] {
            let normalized = super::normalize(&format!("https://[{spelled}]/"));
            assert_eq!(normalized, Some(format!("https://[{text}]/")));
        }
    }

    /// The standard library's parser is the oracle.
    #[test]
    fn an_ipv6_address_is_read_as_its_grammar_says() {
        let starts = [
            "",
            ":",
            "::",
            "0",
            "1:",
            "a1:",
            "Fff9",
            "12345",
            "g",
            "255",
            "256",
            "1.2.3.4",
            "01.2.3.4",
            "1.2.3",
            "0:0:0:0:",
            "1:2:3:4:5:6:",
            "1:2:3:4:5:6:7:",
            "::2:3:4:5:6:",
        ];
        let ends = ["", ":", "1", "::1", "0.0.0.0", "1.2.3.4.5", "+1", "%1"];
        let mut texts = vec![String::new()];
        for pieces in [starts.as_slice(), &starts, &ends, &ends] {
            let longer = |text: &String| -> Vec<_> {
                let longer = pieces.iter().map(|piece| format!("{text}{piece}"));
                longer.collect()
            };
            texts = texts.iter().flat_map(longer).collect();
        }
        for text in texts {
            let expected: Option<std::net::Ipv6Addr> = text.parse().ok();
            let expected = expected.map(|address| address.segments().to_vec());
            assert_eq!(super::ipv6(&text), expected, "{text}");
        }
    }

    #[test]
    fn dot_segments_are_removed_and_slashes_are_kept() {
        for (path, normalized) in [
            ("", "/"),
            ("/", "/"),
            ("/a/..", "/"),
            ("/a/.", "/a/"),
            ("/../../a", "/a"),
            ("/a//b", "/a//b"),
            ("/a/b/../", "/a/"),
            ("/%2E%2e/a", "/a"),
        ] {
            let url = format!("https://a{path}");
            assert_eq!(normalize(&url).unwrap(), format!("https://a{normalized}"));
        }
    }
}
