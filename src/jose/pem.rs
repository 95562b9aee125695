//! SubjectPublicKeyInfo, PKCS#1 public keys and X.509 certificates, into a key ([RFC 7468],
//! [RFC 5280 section 4.1]).
//!
//! [RFC 7468]: https://www.rfc-editor.org/rfc/rfc7468
//! [RFC 5280 section 4.1]: https://www.rfc-editor.org/rfc/rfc5280#section-4.1

use super::alg::{Alg, AlgSet};
use super::key_material::Material;
use super::key_type::NamedCurve;
use crate::encoding::base64url;
use crate::encoding::der::{self, Reader};
use crate::encoding::limits::MAX_PEM_BYTES;
use crate::encoding::text::{contains, split_once};
use crate::error::Error;

/// Reads the one block of `text`: the key and what it may verify.
///
/// # Errors
///
/// [`ErrorCode::KeysInvalid`](crate::ErrorCode::KeysInvalid), naming `pem`.
pub(super) fn parse(text: &str) -> Result<(Material, AlgSet), Error> {
    if text.len() > MAX_PEM_BYTES {
        return Err(Error::keys("pem", "at most 65536 octets").actual(text.len()));
    }
    let (label, octets) = block(text).map_err(|must_be| Error::keys("pem", must_be))?;
    match label {
        "PUBLIC KEY" => subject_public_key_info(&octets),
        "RSA PUBLIC KEY" => {
            let material = rsa_public_key(&octets)?;
            let algs = material.algs();
            Ok((material, algs))
        }
        "CERTIFICATE" => {
            let must_be = "a certificate in DER as RFC 5280 has it";
            let key = certificate(&octets).ok_or_else(|| Error::keys("pem", must_be))?;
            subject_public_key_info(key)
        }
        _ => Err(Error::keys(
            "pem",
            "a PUBLIC KEY, an RSA PUBLIC KEY or a CERTIFICATE",
        )),
    }
}

/// The label and the octets of the one block in `text`, in the standard form of RFC 7468 section 3
/// (figure 1): every line of the block begins at its margin, and there are no headers. Other lines
/// may be around it (section 2, "explanatory text").
///
/// # Errors
///
/// What the text must be, in words: the remedy for the form that it has instead.
///
/// Longer than forty lines: each mistake has a message of its own, in the order of the text.
fn block(text: &str) -> Result<(&str, Vec<u8>), &'static str> {
    let text = text.trim_matches(WHITE_SPACE);
    if contains(text, "PRIVATE KEY-----") {
        return Err("a public key: this text holds a private one, which must not be here");
    }
    let Some((before, block)) = split_once(text, BEGIN) else {
        return Err(without_boundary(text));
    };
    if contains(block, BEGIN) {
        return Err(
            "one block: this text has several; of a chain, give the first certificate alone",
        );
    }
    if !(before.is_empty() || before.ends_with(LINE_ENDS)) {
        return Err(before_boundary(before));
    }
    let (label, rest) = split_once(block, DASHES).ok_or(BOUNDARIES)?;
    let (base64, end) = split_once(rest, "-----END ").ok_or(BOUNDARIES)?;
    let (end_label, after) = split_once(end, DASHES).ok_or(BOUNDARIES)?;
    if end_label != label {
        return Err("one block: the labels of its -----BEGIN and -----END lines differ");
    }
    if contains(base64, r"\n") {
        return Err(ESCAPED);
    }
    if !starts_with_line_end(base64) || !base64.ends_with(LINE_ENDS) {
        return Err(own_lines(base64));
    }
    if !(after.is_empty() || starts_with_line_end(after)) {
        return Err(
            "text in which the -----END line ends with five dashes: remove what follows them",
        );
    }
    let octets = base64url::decode_base64(&joined_lines(base64)?);
    let octets = octets.ok_or("a block of base64 with its padding (RFC 4648 section 4)")?;
    Ok((label, octets))
}

/// The base64 between the boundaries, its lines joined.
fn joined_lines(base64: &str) -> Result<String, &'static str> {
    let mut characters = String::with_capacity(base64.len());
    for line in base64.split(LINE_ENDS) {
        if line.starts_with(BLANKS) && !line.trim_matches(BLANKS).is_empty() {
            return Err(INDENTED);
        }
        if line.contains(':') {
            return Err("a block without headers: remove its lines with a colon");
        }
        characters.push_str(line.trim_end_matches(BLANKS));
    }
    Ok(characters)
}

/// What a text without "-----BEGIN " must be.
fn without_boundary(text: &str) -> &'static str {
    let is_base64 = |octet: u8| octet.is_ascii_alphanumeric() || b"+/=-_\r\n".contains(&octet);
    if text.is_empty() {
        "a PEM text: this one is empty"
    } else if contains(&text.to_ascii_uppercase(), "BEGIN") {
        BOUNDARIES
    } else if text.bytes().all(is_base64) {
        "a block with its -----BEGIN and -----END lines: this is base64 alone"
    } else {
        "a PEM text: there is no -----BEGIN line in it"
    }
}

/// What a text must be that has something before "-----BEGIN " on the same line.
fn before_boundary(before: &str) -> &'static str {
    let line = before.rsplit(LINE_ENDS).next().unwrap_or_default();
    match line.trim_matches(BLANKS) {
        "" => INDENTED,
        "\u{feff}" => "text without a byte order mark: remove it before -----BEGIN",
        "\"" | "'" | "`" => "text without the quotes around it: remove them",
        line if line.ends_with(r"\n") => ESCAPED,
        _ => "text in which -----BEGIN is the first on its line: remove what is before it",
    }
}

/// What a block must be whose content is not on lines of its own.
fn own_lines(base64: &str) -> &'static str {
    let last = base64.rsplit(LINE_ENDS).next().unwrap_or_default();
    let is_indented = base64.contains(LINE_ENDS) && last.trim_matches(BLANKS).is_empty();
    if is_indented && starts_with_line_end(base64) {
        INDENTED
    } else {
        "a block of several lines: put line ends after -----BEGIN … ----- and before -----END"
    }
}

fn starts_with_line_end(text: &str) -> bool {
    text.trim_start_matches(BLANKS).starts_with(LINE_ENDS)
}

/// The SubjectPublicKeyInfo, as it is encoded, of a certificate that is one throughout.
fn certificate(octets: &[u8]) -> Option<&[u8]> {
    let mut certificate = Reader::new(Reader::only(octets, der::SEQUENCE)?)?;
    let mut tbs = certificate.sequence()?;
    let outer_algorithm = certificate.take(der::SEQUENCE)?;
    certificate.octet_aligned_bits()?;
    certificate.finish()?;

    if let Some(version) = tbs.take_if(der::context(0)) {
        // v2 or v3: v1 is the default, which DER leaves out.
        let version = Reader::only(version, der::INTEGER)?;
        matches!(version, [1 | 2]).then_some(())?;
    }
    tbs.take(der::INTEGER)?;
    (tbs.take(der::SEQUENCE)? == outer_algorithm).then_some(())?;
    let (_issuer, _validity, _subject) = (tbs.sequence()?, tbs.sequence()?, tbs.sequence()?);
    let key = tbs.take_encoded(der::SEQUENCE)?;
    // issuerUniqueID and subjectUniqueID are implicitly tagged BIT STRINGs.
    for tag in [
        der::context(1) & !0x20,
        der::context(2) & !0x20,
        der::context(3),
    ] {
        tbs.take_if(tag);
    }
    tbs.finish()?;
    Some(key)
}

/// Reads a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7).
fn subject_public_key_info(octets: &[u8]) -> Result<(Material, AlgSet), Error> {
    let must_be = "a SubjectPublicKeyInfo in DER";
    let (algorithm, parameters, key) =
        algorithm_and_key(octets).ok_or_else(|| Error::keys("pem", must_be))?;
    match (algorithm, parameters) {
        (RSA_ENCRYPTION, NULL) => {
            let material = rsa_public_key(key)?;
            let algs = material.algs();
            Ok((material, algs))
        }
        (RSASSA_PSS, parameters) => {
            let must_be = "without parameters, or with those of one of PS256, PS384 and PS512";
            let algs = pss_algs(parameters).ok_or_else(|| Error::keys("pem", must_be))?;
            Ok((rsa_public_key(key)?, algs))
        }
        (EC_PUBLIC_KEY, parameters) => {
            let must_be = "on a named curve: P-256, P-384, P-521 or secp256k1";
            let curve = named_curve(parameters).ok_or_else(|| Error::keys("pem", must_be))?;
            let material = ec_point(curve, key)?;
            let algs = material.algs();
            Ok((material, algs))
        }
        (ED25519, []) => {
            let material = Material::ed25519(key).map_err(of_pem)?;
            let algs = material.algs();
            Ok((material, algs))
        }
        _ => Err(Error::keys(
            "pem",
            "a key for RSA, ECDSA or Ed25519, its algorithm identified as the RFCs have it",
        )),
    }
}

/// The algorithm's object identifier, its parameters as they are encoded, and the key.
fn algorithm_and_key(octets: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let mut info = Reader::new(Reader::only(octets, der::SEQUENCE)?)?;
    let mut algorithm = info.sequence()?;
    let key = info.octet_aligned_bits()?;
    info.finish()?;
    let identifier = algorithm.take(der::OBJECT_IDENTIFIER)?;
    Some((identifier, algorithm.rest(), key))
}

/// Reads an RSAPublicKey (RFC 8017 appendix A.1.1).
fn rsa_public_key(octets: &[u8]) -> Result<Material, Error> {
    let numbers = || {
        let mut key = Reader::new(Reader::only(octets, der::SEQUENCE)?)?;
        let numbers = (key.positive()?, key.positive()?);
        key.finish()?;
        Some(numbers)
    };
    let (modulus, exponent) =
        numbers().ok_or_else(|| Error::keys("pem", "an RSAPublicKey in DER"))?;
    Material::rsa(modulus.to_vec(), exponent.to_vec()).map_err(of_pem)
}

/// The curve that ECParameters name; RFC 5480 section 2.1.1 allows nothing else.
fn named_curve(parameters: &[u8]) -> Option<NamedCurve> {
    let name = Reader::only(parameters, der::OBJECT_IDENTIFIER)?;
    CURVES
        .into_iter()
        .find_map(|(identifier, curve)| (identifier == name).then_some(curve))
}

/// Reads an ECPoint, which is uncompressed (RFC 5480 section 2.2).
fn ec_point(curve: NamedCurve, octets: &[u8]) -> Result<Material, Error> {
    let must_be = "an uncompressed point of the curve it names";
    let coordinates = || {
        let (&form, coordinates) = octets.split_first()?;
        let length = curve.field_octets();
        let whole = form == UNCOMPRESSED && coordinates.len() == 2 * length;
        whole.then(|| coordinates.split_at_checked(length))?
    };
    let (x, y) = coordinates().ok_or_else(|| Error::keys("pem", must_be))?;
    Material::ec(curve, x.to_vec(), y.to_vec()).map_err(of_pem)
}

/// What the parameters of an id-RSASSA-PSS key allow (RFC 4055 section 3.3): without any, all of
/// RSASSA-PSS; else the algorithm whose hash, mask and salt they state, if there is one.
fn pss_algs(parameters: &[u8]) -> Option<AlgSet> {
    if parameters.is_empty() {
        return Some([Alg::Ps256, Alg::Ps384, Alg::Ps512].into_iter().collect());
    }
    let mut fields = Reader::new(Reader::only(parameters, der::SEQUENCE)?)?;
    let hash = hash_of(fields.take(der::context(0))?)?;
    let mut mask = Reader::new(Reader::only(fields.take(der::context(1))?, der::SEQUENCE)?)?;
    let is_mgf1 = mask.take(der::OBJECT_IDENTIFIER)? == MGF1;
    let mask_hash = hash_of(mask.rest())?;
    let salt_octets = Reader::only(fields.take(der::context(2))?, der::INTEGER)?;
    fields.finish()?;
    let alg = match hash {
        SHA256 => Alg::Ps256,
        SHA384 => Alg::Ps384,
        SHA512 => Alg::Ps512,
        _ => return None,
    };
    let [salt_octets] = salt_octets else {
        return None;
    };
    let is_as_long = usize::from(*salt_octets) == alg.hash_octets();
    let agree = is_mgf1 && mask_hash == hash && is_as_long;
    agree.then(|| [alg].into_iter().collect())
}

/// The object identifier of an encoded hash AlgorithmIdentifier; its parameters are NULL or absent
/// (RFC 4055 section 2.1).
fn hash_of(octets: &[u8]) -> Option<&[u8]> {
    let mut algorithm = Reader::new(Reader::only(octets, der::SEQUENCE)?)?;
    let identifier = algorithm.take(der::OBJECT_IDENTIFIER)?;
    matches!(algorithm.rest(), [] | NULL).then_some(identifier)
}

/// The mistake of a number is one of the text that holds it.
fn of_pem(mut error: Error) -> Error {
    error.claim = Some("pem".into());
    error
}

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";
const LINE_ENDS: [char; 2] = ['\n', '\r'];
const BLANKS: [char; 2] = [' ', '\t'];
const WHITE_SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

const BOUNDARIES: &str = "a block between lines like -----BEGIN PUBLIC KEY----- and \
    -----END PUBLIC KEY-----, with five dashes";
const INDENTED: &str = "text whose lines begin at the margin: remove the indentation";
const ESCAPED: &str = r"text with line ends: this one has \n as two characters; replace them";

/// SEC 1 section 2.3.3.
const UNCOMPRESSED: u8 = 0x04;

/// The one encoding of NULL.
const NULL: &[u8] = &[der::NULL, 0];

// Object identifiers: RFC 4055 sections 2.1 and 6, RFC 5480 section 2.1.1, SEC 2, RFC 8410.
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const MGF1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8];
const RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
const SHA384: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2];
const SHA512: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3];
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const CURVES: [(&[u8], NamedCurve); 4] = [
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7], NamedCurve::P256),
    (&[0x2b, 0x81, 0x04, 0, 34], NamedCurve::P384),
    (&[0x2b, 0x81, 0x04, 0, 35], NamedCurve::P521),
    (&[0x2b, 0x81, 0x04, 0, 10], NamedCurve::Secp256k1),
];

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    /// One element, in the shortest form.
    fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
        let length = contents.len().to_be_bytes();
        let digits: Vec<u8> = length.into_iter().skip_while(|digit| *digit == 0).collect();
        let first = match digits.as_slice() {
            [] | [0..=0x7f] => vec![],
            digits => vec![0x80 | u8::try_from(digits.len()).unwrap_or_default()],
        };
        let digits = if digits.is_empty() { vec![0] } else { digits };
        [&[tag][..], &first, &digits, contents].concat()
    }

    fn sequence(parts: &[&[u8]]) -> Vec<u8> {
        tlv(der::SEQUENCE, &parts.concat())
    }

    fn identifier(octets: &[u8]) -> Vec<u8> {
        tlv(der::OBJECT_IDENTIFIER, octets)
    }

    fn bits(unused: u8, octets: &[u8]) -> Vec<u8> {
        tlv(der::BIT_STRING, &[&[unused], octets].concat())
    }

    fn spki(algorithm: &[&[u8]], key: &[u8]) -> Vec<u8> {
        sequence(&[&sequence(algorithm), &bits(0, key)])
    }

    fn pem_of(label: &str, octets: &[u8]) -> String {
        let base64 = STANDARD.encode(octets);
        let lines: Vec<_> = base64
            .as_bytes()
            .chunks(64)
            .map(String::from_utf8_lossy)
            .collect();
        format!(
            "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
            lines.join("\n")
        )
    }

    /// An RSAPublicKey of 2048 bits.
    fn rsa_key() -> Vec<u8> {
        let modulus = [&[0, 0x81][..], &[0x55; 255]].concat();
        sequence(&[&tlv(der::INTEGER, &modulus), &tlv(der::INTEGER, &[1, 0, 1])])
    }

    fn ec_key() -> Vec<u8> {
        [&[UNCOMPRESSED][..], &[7; 64]].concat()
    }

    fn p256() -> [Vec<u8>; 2] {
        [
            identifier(EC_PUBLIC_KEY),
            identifier(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]),
        ]
    }

    fn ec_spki() -> Vec<u8> {
        let [algorithm, curve] = p256();
        spki(&[&algorithm, &curve], &ec_key())
    }

    fn algs(label: &str, octets: &[u8]) -> Option<Vec<&'static str>> {
        let (_, algs) = parse(&pem_of(label, octets)).ok()?;
        Some(algs.iter().map(Alg::name).collect())
    }

    const RSA_ALGS: [&str; 6] = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

    #[test]
    fn every_form_of_public_key_is_read() {
        let rsa = spki(&[&identifier(RSA_ENCRYPTION), NULL], &rsa_key());
        assert_eq!(algs("PUBLIC KEY", &rsa), Some(RSA_ALGS.to_vec()));
        assert_eq!(algs("RSA PUBLIC KEY", &rsa_key()), Some(RSA_ALGS.to_vec()));
        assert_eq!(algs("PUBLIC KEY", &ec_spki()), Some(vec!["ES256"]));
        let ed25519 = spki(&[&identifier(ED25519)], &[7; 32]);
        assert_eq!(algs("PUBLIC KEY", &ed25519), Some(vec!["EdDSA", "Ed25519"]));
    }

    #[test]
    fn the_text_around_a_key_is_strict() {
        let good = pem_of("PUBLIC KEY", &ec_spki());
        let base64 = STANDARD.encode(ec_spki());
        for accepted in [
            good.clone(),
            good.replace('\n', "\r\n"),
            good.replace('\n', "\r"),
            good.replace('\n', " \t\n"),
            format!("\n\n  {good}   \n"),
            format!("Bag Attributes\n    localKeyID: 01\nsubject=CN = x\n{good}"),
            format!("{good}."),
            format!("key:\r{good}\nnotes: below\n"),
            format!("-----BEGIN PUBLIC KEY-----\n{base64}\n-----END PUBLIC KEY-----"),
        ] {
            assert!(parse(&accepted).is_ok(), "{accepted:?}");
        }
        let mut stray = base64.clone();
        let last = stray.trim_end_matches('=').len() - 1;
        stray.replace_range(last..=last, "B");
        for refused in [
            good.replace("-----", "----"),
            good.replace("-----", "------"),
            good.replace("-----\n", "-----\nProc-Type: 4,CLEAR\n\n"),
            good.replace("BEGIN PUBLIC", "BEGIN RSA PUBLIC"),
            good.replace("PUBLIC KEY", "PUBLIC  KEY"),
            good.replace("PUBLIC KEY", "public key"),
            good.replace("PUBLIC KEY", ""),
            good.replace("PUBLIC KEY", "TRUSTED CERTIFICATE"),
            good.replace("PUBLIC KEY", "PRIVATE KEY"),
            good.replace("PUBLIC KEY", "RSA PRIVATE KEY"),
            good.replace("PUBLIC KEY", "EC PRIVATE KEY"),
            good.replace("PUBLIC KEY", "ENCRYPTED PRIVATE KEY"),
            good.replace('\n', "\\n"),
            good.replace('\n', " "),
            good.replace('\n', ""),
            good.replacen("-----\n", "-----", 1),
            good.replace("\n-----END", "-----END"),
            good.replace('M', " M"),
            good.replace("==", ""),
            good.replace("-----END", "=\n-----END"),
            good.repeat(2),
            format!("key:{good}"),
            format!("\u{feff}{good}"),
            format!("\u{b}{good}"),
            format!("{}.", good.trim_end()),
            format!("-----BEGIN PUBLIC KEY-----\n{stray}\n-----END PUBLIC KEY-----"),
            base64,
            String::new(),
            " ".repeat(MAX_PEM_BYTES + 1),
        ] {
            let error = parse(&refused).err();
            let claim = error.and_then(|error| error.into_refusal().claim);
            assert_eq!(claim.as_deref(), Some("pem"), "{refused:?}");
        }
    }

    #[test]
    fn each_broken_form_is_told_from_the_others() {
        let good = pem_of("PUBLIC KEY", &ec_spki());
        let certificate = pem_of("CERTIFICATE", &ec_spki());
        for (broken, remedy) in [
            (good.replace('\n', "\\n"), "two characters"),
            (good.replace('\n', " "), "several lines"),
            (good.replace('\n', ""), "several lines"),
            (format!("\"{good}\""), "quotes"),
            (format!("'{good}'"), "quotes"),
            (good.replace('\n', "\n    "), "indentation"),
            (
                format!("x\n    {}", good.replace('\n', "\n    ")),
                "indentation",
            ),
            (format!("\u{feff}{good}"), "byte order mark"),
            (STANDARD.encode(ec_spki()), "base64 alone"),
            (certificate.repeat(3), "chain"),
            (good.replace("PUBLIC", "PRIVATE"), "private one"),
            (
                good.replace("-----\n", "-----\nProc-Type: 4,CLEAR\n\n"),
                "headers",
            ),
            (good.replace("END PUBLIC", "END RSA PUBLIC"), "labels"),
            (good.replace("-----", "----"), "five dashes"),
            (good.replace("==", ""), "padding"),
            ("see the vault".to_owned(), "no -----BEGIN"),
            (String::new(), "empty"),
        ] {
            let error = parse(&broken).err();
            let must_be = error
                .and_then(|error| error.into_refusal().expected)
                .unwrap_or_default();
            let must_be = must_be.as_str().unwrap_or_default();
            assert!(must_be.contains(remedy), "{broken:?}: {must_be}");
        }
    }

    #[test]
    fn the_der_of_a_key_is_strict() {
        let [ec, curve] = p256();
        let rsa = identifier(RSA_ENCRYPTION);
        let ed25519 = identifier(ED25519);
        let modulus = tlv(der::INTEGER, &[&[0, 0x81][..], &[0x55; 255]].concat());
        let negative = tlv(der::INTEGER, &[&[0x81][..], &[0x55; 255]].concat());
        let padded = tlv(der::INTEGER, &[&[0, 0, 0x81][..], &[0x55; 255]].concat());
        let exponent = tlv(der::INTEGER, &[1, 0, 1]);
        let small = tlv(der::INTEGER, &[&[0, 0x81][..], &[0x55; 127]].concat());
        let good = ec_spki();
        let body = good.get(2..).unwrap_or_default();
        let compressed = [&[2][..], &[7; 32]].concat();
        let hybrid = [&[6][..], &[7; 64]].concat();
        // Explicit parameters, the first of them the version (RFC 5480 section 2.1.1 forbids them).
        let explicit = sequence(&[&tlv(der::INTEGER, &[1])]);
        for refused in [
            [&good[..], &[0]].concat(),
            [&[0x30, 0x81, 0x59][..], body].concat(),
            [&[0x30, 0x80][..], body, &[0, 0]].concat(),
            [&[0x31, 0x59][..], body].concat(),
            sequence(&[&sequence(&[&ec, &curve]), &bits(1, &ec_key())]),
            sequence(&[&sequence(&[&ec, &curve]), &bits(0, &ec_key()), NULL]),
            sequence(&[&sequence(&[&ec, &curve])]),
            spki(&[&ec], &ec_key()),
            spki(&[&ec, NULL], &ec_key()),
            spki(&[&ec, &explicit], &ec_key()),
            spki(&[&ec, &curve, NULL], &ec_key()),
            spki(&[&ec, &identifier(&[0x2b, 0x81, 0x04, 0, 33])], &ec_key()),
            spki(&[&ec, &curve], &compressed),
            spki(&[&ec, &curve], &hybrid),
            spki(&[&ec, &curve], &[&ec_key()[..], &[0]].concat()),
            spki(&[&ec, &curve], &[0]),
            spki(&[&ec, &curve], &[]),
            spki(&[&ed25519, NULL], &[7; 32]),
            spki(&[&ed25519], &[7; 31]),
            spki(&[&identifier(&[0x2b, 0x65, 0x6e])], &[7; 32]),
            spki(&[&rsa], &rsa_key()),
            spki(&[&rsa, NULL, NULL], &rsa_key()),
            spki(&[&rsa, &tlv(der::NULL, &[0])], &rsa_key()),
            spki(&[&rsa, NULL], &[&rsa_key()[..], &[0]].concat()),
            spki(&[&rsa, NULL], &sequence(&[&negative, &exponent])),
            spki(&[&rsa, NULL], &sequence(&[&padded, &exponent])),
            spki(&[&rsa, NULL], &sequence(&[&small, &exponent])),
            spki(
                &[&rsa, NULL],
                &sequence(&[&modulus, &tlv(der::INTEGER, &[3])]),
            ),
            spki(&[&rsa, NULL], &sequence(&[&modulus])),
            spki(&[&rsa, NULL], &sequence(&[&modulus, &exponent, &exponent])),
            rsa_key(),
            vec![],
        ] {
            let error = parse(&pem_of("PUBLIC KEY", &refused)).err();
            let claim = error.and_then(|error| error.into_refusal().claim);
            assert_eq!(claim.as_deref(), Some("pem"), "{refused:02x?}");
        }
        assert_eq!(
            algs("RSA PUBLIC KEY", &spki(&[&rsa, NULL], &rsa_key())),
            None
        );
    }

    /// RFC 4055 section 1.2.
    #[test]
    fn an_rsassa_pss_key_is_for_rsassa_pss_alone() {
        let allowed = |parameters: &[u8]| {
            let octets = spki(&[&identifier(RSASSA_PSS), parameters], &rsa_key());
            algs("PUBLIC KEY", &octets)
        };
        let hash = |oid: &[u8]| sequence(&[&identifier(oid)]);
        let hash_null = |oid: &[u8]| sequence(&[&identifier(oid), NULL]);
        let parameters = |hash: &[u8], mask_hash: &[u8], salt: u8| {
            sequence(&[
                &tlv(der::context(0), hash),
                &tlv(der::context(1), &sequence(&[&identifier(MGF1), mask_hash])),
                &tlv(der::context(2), &tlv(der::INTEGER, &[salt])),
            ])
        };
        assert_eq!(allowed(&[]), Some(vec!["PS256", "PS384", "PS512"]));
        let agree = parameters(&hash(SHA256), &hash_null(SHA256), 32);
        assert_eq!(allowed(&agree), Some(vec!["PS256"]));
        let agree = parameters(&hash_null(SHA384), &hash_null(SHA384), 48);
        assert_eq!(allowed(&agree), Some(vec!["PS384"]));
        let agree = parameters(&hash(SHA512), &hash(SHA512), 64);
        assert_eq!(allowed(&agree), Some(vec!["PS512"]));
        assert_eq!(allowed(&parameters(&hash(SHA256), &hash(SHA384), 32)), None);
        assert_eq!(allowed(&parameters(&hash(SHA256), &hash(SHA256), 20)), None);
        // The defaults are SHA-1 and a salt of 20 octets.
        assert_eq!(allowed(&sequence(&[])), None);
        assert_eq!(allowed(NULL), None);
    }

    #[test]
    fn a_certificate_lends_its_key() {
        let algorithm = sequence(&[&identifier(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2])]);
        let version = |number| tlv(der::context(0), &tlv(der::INTEGER, &[number]));
        let (serial, name) = (tlv(der::INTEGER, &[1]), sequence(&[]));
        let extensions = tlv(der::context(3), &sequence(&[]));
        let certificate =
            |parts: &[&[u8]], outer: &[u8]| sequence(&[&sequence(parts), outer, &bits(0, &[7])]);
        let key = ec_spki();
        let v3 = [
            &version(2)[..],
            &serial,
            &algorithm,
            &name,
            &name,
            &name,
            &key,
            &extensions,
        ];
        let v1 = [&serial[..], &algorithm, &name, &name, &name, &key];
        let of = |octets: &[u8]| algs("CERTIFICATE", octets);
        assert_eq!(of(&certificate(&v3, &algorithm)), Some(vec!["ES256"]));
        assert_eq!(of(&certificate(&v1, &algorithm)), Some(vec!["ES256"]));

        let with_version = |number| {
            let parts = [&version(number)[..], &v1.concat()].concat();
            of(&certificate(&[&parts], &algorithm))
        };
        assert_eq!(with_version(0), None);
        assert_eq!(with_version(3), None);
        let other = sequence(&[&identifier(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3])]);
        assert_eq!(of(&certificate(&v3, &other)), None);
        let trailing = [&v3.concat()[..], &extensions].concat();
        assert_eq!(of(&certificate(&[&trailing], &algorithm)), None);
        assert_eq!(
            of(&[&certificate(&v3, &algorithm)[..], &[0]].concat()),
            None
        );
        assert_eq!(of(&ec_spki()), None);
        assert_eq!(algs("PUBLIC KEY", &certificate(&v3, &algorithm)), None);
    }
}
