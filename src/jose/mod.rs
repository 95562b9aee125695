//! JOSE: headers, algorithms, keys and JWS (RFC 7515, RFC 7517, RFC 7518).

pub(crate) mod alg;
pub(crate) mod header;
pub(crate) mod jwk;
pub(crate) mod jwk_set;
pub(crate) mod jws;
mod key_material;
mod key_type;
mod pem;
pub(crate) mod secret;
pub(crate) mod thumbprint;
