//! countersign answers one question: may this server accept this token, now?

mod encoding;
mod error;
mod claims;
mod jose;
mod policy;
mod signature;

pub use error::{Error, ErrorCode};
pub use jose::alg::Alg;
pub use claims::numeric_date::NumericDate;
pub use policy::expected::Expected;
pub use policy::steps::{Check, Outcome};
pub use policy::{Evidence, Policy};
