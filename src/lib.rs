//! countersign answers one question: may this server accept this token, now?

mod encoding;
mod error;
mod jose;

pub use error::{Error, ErrorCode};
pub use jose::alg::Alg;
