//! What does the token say it is?

pub(crate) mod alg;
pub(crate) mod header;
pub(crate) mod jws;
