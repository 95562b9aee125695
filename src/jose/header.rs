//! JoseHeader, `crit` included ([RFC 7515 section 4]).
//!
//! [RFC 7515 section 4]: https://www.rfc-editor.org/rfc/rfc7515#section-4
