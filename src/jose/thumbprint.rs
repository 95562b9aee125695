//! JWK Thumbprint ([RFC 7638]).
//!
//! [RFC 7638]: https://www.rfc-editor.org/rfc/rfc7638

use super::key_material::Material;
use crate::encoding::{base64url, sha256};

/// The base64url SHA-256 of [`required_members`].
pub(crate) fn of(material: &Material) -> String {
    base64url::encode(&sha256::digest(required_members(material).as_bytes()))
}

/// The required members of a JWK, in lexicographic order, without white space (RFC 7638 section 3,
/// RFC 8037 section 2): JSON text, and itself a JWK.
pub(crate) fn required_members(material: &Material) -> String {
    let encode = |octets: &[u8]| base64url::encode(octets);
    match material {
        Material::Secret(k) => format!(r#"{{"k":"{}","kty":"oct"}}"#, encode(k)),
        Material::Rsa { modulus, exponent } => {
            let (e, n) = (encode(exponent), encode(modulus));
            format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#)
        }
        Material::Ec { curve, x, y } => {
            let (crv, x, y) = (curve.name(), encode(x), encode(y));
            format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#)
        }
        Material::Ed25519(x) => {
            format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, encode(x))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::encoding::json::Object;
    use crate::jose::jwk::Jwk;

    fn thumbprint(text: &str) -> Option<String> {
        Some(Jwk::parse(&Object::parse(text)?, None).ok()?.thumbprint())
    }

    /// RFC 7638 section 3.1; members beyond the required ones do not count.
    #[test]
    fn the_printed_rsa_thumbprint_is_ours() {
        let key = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAt
            VT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7
            _RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91Cb
            OpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8
            awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;
        let key: String = key.split_whitespace().collect();
        let printed = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
        assert_eq!(thumbprint(&key).as_deref(), Some(printed));
    }

    /// RFC 8037 appendix A.3.
    #[test]
    fn the_printed_okp_thumbprint_is_ours() {
        let key =
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        let printed = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
        assert_eq!(thumbprint(key).as_deref(), Some(printed));
    }
}
