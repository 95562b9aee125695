//! The identity of a DPoP proof, by which a server accepts it once (RFC 9449 section 11.1).
#![expect(clippy::unwrap_used, reason = "a failed test should panic")]

use std::collections::HashSet;

use countersign::{ErrorCode, NumericDate, ProofIdentity};
use serde_json::Value;

const NOW: f64 = 1_700_000_000.0;

/// The proofs of the vectors that are accepted, with the moment and the nonces of the call.
fn accepted() -> Vec<(String, f64, bool)> {
    let vectors: Value = serde_json::from_str(include_str!("vectors/dpop.json")).unwrap();
    let of = |vector: &Value| {
        let proof = vector.pointer("/expected/proof")?;
        let now = vector.get("now").and_then(Value::as_f64);
        let jwt = proof.get("jwt")?.as_str()?.to_owned();
        let has_nonce = proof.get("nonce").is_some();
        vector.pointer("/answer/ok")?;
        Some((jwt, now.unwrap_or(NOW), has_nonce))
    };
    let proofs = vectors.as_array().unwrap().iter().filter_map(of);
    proofs.collect()
}

fn identity(jwt: &str, is_under_nonce: bool, now: f64) -> ProofIdentity {
    let now = NumericDate::from_secs(now).unwrap();
    ProofIdentity::of(jwt, is_under_nonce, now).unwrap()
}

#[test]
fn every_accepted_proof_has_an_identity_that_outlives_it() {
    let proofs = accepted();
    assert!(proofs.len() > 20, "{}", proofs.len());
    for (jwt, now, is_under_nonce) in &proofs {
        let found = identity(jwt, *is_under_nonce, *now);
        assert_eq!(found.id.len(), 43, "{jwt}");
        assert!(found.expires_at >= *now, "{jwt}");
        assert_eq!(found, identity(jwt, *is_under_nonce, *now));
    }
    let different: HashSet<_> = proofs.iter().map(|(jwt, ..)| jwt).collect();
    let ids: HashSet<_> = proofs
        .iter()
        .map(|(jwt, now, nonce)| identity(jwt, *nonce, *now).id)
        .collect();
    // The vectors use one `jti`, so that a proof by the same key has the same identity whatever else it says.
    assert!(ids.len() > 1 && ids.len() <= different.len());
}

#[test]
fn a_nonce_bounds_the_lifetime_by_the_moment_of_the_call() {
    let (jwt, ..) = accepted().into_iter().next().unwrap();
    let by_time = identity(&jwt, false, NOW).expires_at;
    assert!((by_time - (NOW + 300.0)).abs() < 0.001, "{by_time}");
    let under_nonce = identity(&jwt, true, NOW + 86_400.0).expires_at;
    assert!(
        (under_nonce - (NOW + 87_000.0)).abs() < 0.001,
        "{under_nonce}"
    );
}

#[test]
fn what_is_not_a_proof_has_no_identity() {
    let now = NumericDate::from_secs(NOW).unwrap();
    for text in ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30."] {
        let refusal = ProofIdentity::of(text, false, now).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::ProofInvalid, "{text}");
    }
}
