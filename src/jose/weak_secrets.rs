//! Secrets that are not secret: known ones, and the text of other keys.

use crate::encoding::json::Object;
use crate::encoding::text::contains;

/// Whether `octets` are a secret that public documentation prints.
pub(super) fn is_known(octets: &[u8]) -> bool {
    KNOWN_SECRETS.iter().any(|known| known.as_bytes() == octets)
}

/// Whether `octets` are the text of a PEM block or of a JWK: its secret, if it has one, is
/// something else, and a public one is known to all (RFC 8725 section 2.1).
pub(super) fn is_key_text(octets: &[u8]) -> bool {
    let text = String::from_utf8_lossy(octets);
    let object = text.trim_start_matches('\u{feff}').trim();
    contains(&text, "-----BEGIN ")
        || Object::parse(object)
            .is_some_and(|object| object.get("kty").is_some() || object.get("keys").is_some())
}

/// Secrets that everyone knows: they are in the documentation, the debuggers and the default settings
/// that developers copy.
pub(crate) const KNOWN_SECRETS: [&str; 32] = [
    "your-256-bit-secret",
    "your-384-bit-secret",
    "your-512-bit-secret",
    "a-string-secret-at-least-256-bits-long",
    "a-valid-string-secret-that-is-at-least-256-bits-long",
    "a-valid-string-secret-that-is-at-least-384-bits-long",
    "a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
    "super-secret-jwt-token-with-at-least-32-characters-long",
    "your-super-secret-jwt-token-with-at-least-32-characters-long",
    "qwertyuiopasdfghjklzxcvbnm123456",
    "0123456789abcdef0123456789abcdef",
    "your-256-bit-secret-your-256-bit-secret",
    "secretsecretsecretsecretsecretsecret",
    "secret",
    "secretkey",
    "secret-key",
    "secret_key",
    "secret123",
    "supersecret",
    "mysecret",
    "my-secret",
    "your-secret",
    "your-secret-key",
    "your_jwt_secret",
    "jwt_secret",
    "jwt-secret",
    "shhhhh",
    "keyboard cat",
    "password",
    "changeme",
    "test",
    "123456",
];

#[cfg(test)]
mod tests {
    use crate::encoding::base64url;
    use crate::error::Error;
    use crate::jose::jwk::Jwk;

    use super::*;

    fn blamed(outcome: Result<Jwk, Error>) -> Option<String> {
        outcome.err()?.into_refusal().claim.map(Into::into)
    }

    #[test]
    fn the_text_of_a_key_is_refused_as_a_secret() {
        let long = "x".repeat(64);
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{long}\n-----END PUBLIC KEY-----");
        let secret = |text: &str| blamed(Jwk::from_secret(text.as_bytes()));
        assert_eq!(secret(&long), None);
        assert_eq!(secret(&format!(r#"{{"neither":"{long}"}}"#)), None);
        for text in [
            pem.clone(),
            format!(" \n{pem}"),
            format!("\u{feff}{pem}"),
            format!("\u{180e}{pem}"),
            format!(r#" {{"kty":"oct","k":"{long}"}} "#),
            format!("\u{feff}{{\"kty\":\"oct\",\"k\":\"{long}\"}}"),
            format!(r#"{{"keys":[{{"kty":"oct","k":"{long}"}}]}}"#),
        ] {
            assert_eq!(secret(&text).as_deref(), Some("secret"), "{text}");
        }
    }

    #[test]
    fn a_secret_that_everyone_knows_is_refused_in_either_form() {
        for known in KNOWN_SECRETS {
            let secret = blamed(Jwk::from_secret(known.as_bytes()));
            assert_eq!(secret.as_deref(), Some("secret"), "{known}");
            let k = base64url::encode(known.as_bytes());
            let jwk = format!(r#"{{"kty":"oct","k":"{k}"}}"#);
            let jwk = Object::parse(&jwk).map(|object| Jwk::parse(&object, None));
            assert_eq!(jwk.and_then(blamed).as_deref(), Some("k"), "{known}");
        }
    }
}
