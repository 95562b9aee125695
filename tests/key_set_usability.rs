//! The usability of the members of a JWK Set (RFC 7517 section 5).
#![expect(clippy::unwrap_used, reason = "a failed test should panic")]

use countersign::{Alg, ErrorCode, KeyUsability, key_set_usability};

const ED25519: &str =
    r#""kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#;

fn usability(members: &str, is_published: bool) -> Vec<KeyUsability> {
    key_set_usability(&format!(r#"{{"keys":[{members}]}}"#), is_published).unwrap()
}

#[test]
fn a_usable_key_is_reported_with_its_algorithms_and_thumbprint() {
    let members = format!(r#"{{{ED25519},"kid":"k","use":"sig","alg":"EdDSA"}}"#);
    let [report] = <[_; 1]>::try_from(usability(&members, true)).unwrap();
    assert!(report.usable);
    assert_eq!(report.reason, None);
    assert_eq!(report.algorithms, [Alg::EdDsa]);
    let stated = [report.kid, report.kty, report.alg, report.r#use];
    let stated = stated.map(Option::unwrap);
    assert_eq!(stated, ["k", "OKP", "EdDSA", "sig"]);
    // RFC 8037 appendix A.3.
    let printed = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
    assert_eq!(report.thumbprint.as_deref(), Some(printed));
}

#[test]
fn every_member_has_its_place_and_its_reason() {
    let secret = r#"{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#;
    let off_curve =
        r#"{"kty":"OKP","crv":"Ed25519","x":"AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI"}"#;
    let members = [
        "7".to_owned(),
        r#"{"kty":"AKP","kid":7}"#.to_owned(),
        off_curve.to_owned(),
        format!(r#"{{{ED25519},"use":"enc","kid":"{}"}}"#, "k".repeat(1024)),
        secret.to_owned(),
        format!("{{{ED25519}}}"),
    ];
    let reports = usability(&members.join(","), true);
    let reasons: Vec<_> = reports
        .iter()
        .map(|report| {
            assert_eq!(report.usable, report.reason.is_none());
            assert_eq!(report.usable, report.thumbprint.is_some());
            assert_eq!(report.usable, !report.algorithms.is_empty());
            report.reason.as_deref().unwrap_or_default()
        })
        .collect();
    let expected = [
        "keys must be JWKs: this one is not a JSON object",
        "kty must be RSA, EC, OKP or oct",
        "x must be a point on Ed25519",
        "use must be sig",
        "kty must be RSA, EC or OKP: a secret in a published set",
        "",
    ];
    assert_eq!(reasons.len(), expected.len());
    for (reason, expected) in reasons.into_iter().zip(expected) {
        assert!(reason.starts_with(expected), "{reason}");
    }
    // Of the caller's own set a secret can be used.
    let [own] = <[_; 1]>::try_from(usability(secret, false)).unwrap();
    assert_eq!(own.algorithms, [Alg::Hs256]);
}

#[test]
fn a_text_that_is_not_a_set_has_no_members_to_report() {
    let long = format!(r#"{{"keys":[],"x":"{}"}}"#, "x".repeat(1_048_576));
    for text in [
        "",
        "7",
        "[]",
        "{}",
        r#"{"keys":{}}"#,
        r#"{"keys":[],"keys":[]}"#,
        &long,
    ] {
        let code = key_set_usability(text, true).map_err(|error| error.code);
        assert_eq!(code, Err(ErrorCode::KeysInvalid));
    }
}
