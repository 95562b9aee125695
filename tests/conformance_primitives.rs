//! The primitives, natively and in the Wasm: every signature that Wycheproof has for the families
//! of JOSE, through the one raw door.
//!
//! Where JOSE has no name for what a file is about (another hash, another salt, DER), the file is
//! held against the algorithm next to it, and every signature in it must be refused.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a failed test should panic"
)]

use std::collections::BTreeMap;

use countersign::{Alg, Error, ErrorCode, JwsVerifier, KeyTags, Keys};
use wasm_bindgen_test::wasm_bindgen_test;
use wycheproof::{EllipticCurve, HashFunction, TestResult};

/// What the vectors of a file are to us.
#[derive(Clone, Copy, PartialEq, Eq)]
enum File {
    /// Signatures of this very algorithm: labels hold.
    Ours,
    /// Signatures of something else: all are refused.
    Foreign,
}

/// How many vectors ended in which way, and why.
#[derive(Default)]
struct Tally(BTreeMap<&'static str, usize>);

const VALID: &str = "valid: accepted";
const INVALID: &str = "invalid: refused";
const FOREIGN: &str = "of no JOSE algorithm: refused";
const OURS: &str = "invalid in a file of no JOSE algorithm, but of one: accepted";

impl Tally {
    fn count(&mut self, reason: &'static str) {
        *self.0.entry(reason).or_insert(0) += 1;
    }

    /// Holds the outcome of one vector against its label. `is_ours` tells from the comment whether
    /// a signature that is wrong for its file is right for us.
    fn check(
        &mut self,
        (file, is_ours): (File, bool),
        result: TestResult,
        outcome: Result<(), Error>,
        id: &str,
    ) {
        let code = outcome.map_err(|error| error.code);
        let reason = match (file, result) {
            (File::Foreign, TestResult::Invalid) if is_ours => OURS,
            (File::Ours, TestResult::Valid) => VALID,
            (File::Ours, TestResult::Invalid) => INVALID,
            // The one "acceptable" kind of vector left among these files.
            (File::Ours, TestResult::Acceptable) => "DigestInfo without NULL: refused",
            (File::Foreign, _) => FOREIGN,
        };
        let accepted = reason == VALID || reason == OURS;
        let expected = if accepted {
            Ok(())
        } else {
            Err(ErrorCode::SignatureInvalid)
        };
        assert_eq!(code, expected, "{id}");
        self.count(reason);
    }

    /// Counts a vector whose key is refused, for `member`.
    fn check_key(&mut self, error: &Error, member: &str, reason: &'static str) {
        assert_eq!(error.code, ErrorCode::KeysInvalid);
        assert_eq!(error.claim.as_deref(), Some(member), "{reason}");
        self.count(reason);
    }

    fn ends_as(self, expected: &[(&'static str, usize)]) {
        assert_eq!(self.0, expected.iter().copied().collect());
    }
}

fn pem(text: &str) -> Result<JwsVerifier, Error> {
    Keys::new()
        .pem(text, &KeyTags::default())
        .map(JwsVerifier::new)
}

/// The algorithm of a family by its hash, or the one to hold a foreign hash against.
fn alg_of(hash: HashFunction, algs: [Alg; 3]) -> (Alg, File) {
    let [sha256, sha384, sha512] = algs;
    match hash {
        HashFunction::Sha2_256 => (sha256, File::Ours),
        HashFunction::Sha2_384 => (sha384, File::Ours),
        HashFunction::Sha2_512 => (sha512, File::Ours),
        _ => (sha256, File::Foreign),
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn rsassa_pkcs1_v1_5() {
    use wycheproof::rsa_pkcs1_verify::{TestName, TestSet};
    let mut tally = Tally::default();
    for name in TestName::all() {
        let set = TestSet::load(name).expect("a file");
        for group in set.test_groups {
            let (alg, file) = alg_of(group.hash, [Alg::Rs256, Alg::Rs384, Alg::Rs512]);
            let verifier = pem(&group.pem);
            for test in &group.tests {
                let id = format!("{name:?} {}", test.tc_id);
                match &verifier {
                    Ok(verifier) => {
                        let outcome = verifier.verify_signature(alg, &test.msg, &test.sig);
                        let is_ours = test
                            .comment
                            .starts_with("The message is hashed with SHA-256 ");
                        tally.check((file, is_ours), test.result, outcome, &id);
                    }
                    Err(error) => {
                        assert_eq!(group.key.e.as_slice(), [3], "{id}");
                        tally.check_key(error, "pem", "exponent 3: key refused");
                    }
                }
            }
        }
    }
    tally.ends_as(&[
        (VALID, 84),
        (INVALID, 3_005),
        ("DigestInfo without NULL: refused", 12),
        ("exponent 3: key refused", 5),
        (FOREIGN, 3_084),
        (OURS, 12),
    ]);
}

#[wasm_bindgen_test(unsupported = test)]
fn rsassa_pss() {
    use wycheproof::rsa_pss_verify::{TestName, TestSet};
    let mut tally = Tally::default();
    for name in TestName::all() {
        let set = TestSet::load(name).expect("a file");
        for group in set.test_groups {
            let (alg, mut file) = alg_of(group.hash, [Alg::Ps256, Alg::Ps384, Alg::Ps512]);
            let hash_octets = match alg {
                Alg::Ps512 => 64,
                Alg::Ps384 => 48,
                _ => 32,
            };
            // RFC 7518 section 3.5: MGF1 with the same hash, a salt of its length.
            let same_hash = file == File::Ours && group.mgf_hash == Some(group.hash);
            if !same_hash || group.salt_size != hash_octets {
                file = File::Foreign;
            }
            let verifier = match pem(&group.pem) {
                Ok(verifier) => verifier,
                Err(error) => {
                    for _ in &group.tests {
                        assert!(file == File::Foreign, "{name:?}");
                        tally.check_key(
                            &error,
                            "pem",
                            "parameters of no JOSE algorithm: key refused",
                        );
                    }
                    continue;
                }
            };
            for test in &group.tests {
                let id = format!("{name:?} {}", test.tc_id);
                let outcome = verifier.verify_signature(alg, &test.msg, &test.sig);
                let is_ours =
                    same_hash && test.comment == format!("s_len changed to {hash_octets}");
                tally.check((file, is_ours), test.result, outcome, &id);
            }
        }
    }
    tally.ends_as(&[
        (VALID, 775),
        (INVALID, 411),
        ("parameters of no JOSE algorithm: key refused", 693),
        (FOREIGN, 1_617),
        (OURS, 1),
    ]);
}

#[wasm_bindgen_test(unsupported = test)]
fn ecdsa() {
    use wycheproof::ecdsa::{TestGroupTypeId, TestName, TestSet};
    let mut tally = Tally::default();
    for name in TestName::all() {
        let set = TestSet::load(name).expect("a file");
        for group in set.test_groups {
            let (alg, hash) = match group.key.curve {
                EllipticCurve::Secp256r1 => (Alg::Es256, HashFunction::Sha2_256),
                EllipticCurve::Secp384r1 => (Alg::Es384, HashFunction::Sha2_384),
                EllipticCurve::Secp521r1 => (Alg::Es512, HashFunction::Sha2_512),
                EllipticCurve::Secp256k1 => (Alg::Es256k, HashFunction::Sha2_256),
                _ => {
                    let Err(error) = pem(&group.pem) else {
                        panic!("{name:?} has a curve that JOSE has not");
                    };
                    for _ in &group.tests {
                        tally.check_key(&error, "pem", "a curve that JOSE has not: key refused");
                    }
                    continue;
                }
            };
            let p1363 = group.test_type == TestGroupTypeId::EcdsaP1363;
            let file = if p1363 && group.hash == hash {
                File::Ours
            } else {
                File::Foreign
            };
            let verifier = pem(&group.pem).expect("a point on its curve");
            for test in &group.tests {
                let id = format!("{name:?} {}", test.tc_id);
                let outcome = verifier.verify_signature(alg, &test.msg, &test.sig);
                tally.check((file, false), test.result, outcome, &id);
            }
        }
    }
    tally.ends_as(&[
        (VALID, 764),
        (INVALID, 348),
        ("a curve that JOSE has not: key refused", 15_598),
        (FOREIGN, 13_193),
    ]);
}

#[wasm_bindgen_test(unsupported = test)]
fn eddsa() {
    use wycheproof::eddsa::{TestName, TestSet};
    let mut tally = Tally::default();
    for name in TestName::all() {
        let set = TestSet::load(name).expect("a file");
        for group in set.test_groups {
            for test in &group.tests {
                let id = format!("{name:?} {}", test.tc_id);
                match pem(&group.pem) {
                    Ok(verifier) => {
                        for alg in [Alg::EdDsa, Alg::Ed25519] {
                            let outcome = verifier.verify_signature(alg, &test.msg, &test.sig);
                            tally.check((File::Ours, false), test.result, outcome, &id);
                        }
                    }
                    Err(error) => {
                        assert!(matches!(name, TestName::Ed448), "{id}");
                        tally.check_key(&error, "pem", "Ed448: key refused");
                    }
                }
            }
        }
    }
    tally.ends_as(&[
        (VALID, 2 * 88),
        (INVALID, 2 * 63),
        ("Ed448: key refused", 87),
    ]);
}

#[wasm_bindgen_test(unsupported = test)]
fn hmac() {
    use wycheproof::mac::{TestName, TestSet};
    let mut tally = Tally::default();
    for name in TestName::all() {
        let (alg, bits, file) = match name {
            TestName::HmacSha256 => (Alg::Hs256, 256, File::Ours),
            TestName::HmacSha384 => (Alg::Hs384, 384, File::Ours),
            TestName::HmacSha512 => (Alg::Hs512, 512, File::Ours),
            _ => (Alg::Hs256, 256, File::Foreign),
        };
        let set = TestSet::load(name).expect("a file");
        for group in set.test_groups {
            for test in &group.tests {
                let id = format!("{name:?} {}", test.tc_id);
                let tags = KeyTags {
                    alg: Some(alg),
                    ..KeyTags::default()
                };
                let verifier = match Keys::new().secret(&test.key, &tags) {
                    Ok(keys) => JwsVerifier::new(keys),
                    Err(error) => {
                        assert!(test.key.len() * 8 < bits, "{id}");
                        tally.check_key(
                            &error,
                            "secret",
                            "a secret shorter than the hash: key refused",
                        );
                        continue;
                    }
                };
                let outcome = verifier.verify_signature(alg, &test.msg, &test.tag);
                if file == File::Ours && group.tag_size != bits {
                    assert_eq!(
                        outcome.map_err(|error| error.code),
                        Err(ErrorCode::SignatureInvalid)
                    );
                    tally.count("a truncated tag: refused");
                    continue;
                }
                tally.check((file, false), test.result, outcome, &id);
            }
        }
    }
    tally.ends_as(&[
        (VALID, 90),
        (INVALID, 162),
        ("a truncated tag: refused", 252),
        ("a secret shorter than the hash: key refused", 1_528),
        (FOREIGN, 1_616),
    ]);
}
