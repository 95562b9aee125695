//! What does the token say it is?

pub(crate) mod alg;
pub(crate) mod header;
pub(crate) mod jwk;
pub(crate) mod jwk_set;
pub(crate) mod jws;
mod key_material;
mod pem;
pub(crate) mod secret;
mod thumbprint;
