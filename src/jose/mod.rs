//! JOSE: headers, algorithms, keys and JWS (RFC 7515, RFC 7517, RFC 7518).

pub(crate) mod alg;
pub(crate) mod header;
#[cfg(not(inspection_alone))]
pub(crate) mod jwk;
#[cfg(not(inspection_alone))]
pub(crate) mod jwk_set;
pub(crate) mod jws;
#[cfg(not(inspection_alone))]
mod key_material;
mod key_type;
#[cfg(not(inspection_alone))]
mod pem;
#[cfg(not(inspection_alone))]
pub(crate) mod thumbprint;
pub(crate) mod weak_secrets;
