//! Proof of possession of what a token is bound to ([RFC 7800 section 3], [RFC 9449 section 7.1],
//! [RFC 8705 section 3]).
//!
//! [RFC 7800 section 3]: https://www.rfc-editor.org/rfc/rfc7800#section-3
//! [RFC 9449 section 7.1]: https://www.rfc-editor.org/rfc/rfc9449#section-7.1
//! [RFC 8705 section 3]: https://www.rfc-editor.org/rfc/rfc8705#section-3

use crate::claims::ClaimsSet;
use crate::claims::confirmation::Confirmation;
use crate::encoding::json::Raw;
use crate::error::{Error, ErrorCode};

use super::expected::Presentation;
use super::recorder::Recorder;

/// Checks that the presenter of a token possesses everything that `cnf` binds it to, and that no proof
/// comes with a token that is not bound to a key.
pub(super) fn check_confirmation(
    claims: &ClaimsSet<'_>,
    presentation: Presentation<'_>,
    recorder: &mut Recorder,
) -> Result<(), Error> {
    let cnf = claims.member("cnf");
    if cnf.is_none() && presentation.expected.proof.is_none() {
        recorder.skip("confirmation", Some("cnf"));
        return Ok(());
    }
    let outcome = confirm(cnf, presentation);
    recorder.step("confirmation", Some("cnf"), outcome, || (None, None))
}

#[cold]
#[inline(never)]
fn confirm(cnf: Option<Raw<'_>>, presentation: Presentation<'_>) -> Result<(), Error> {
    let Presentation {
        token,
        expected,
        now,
    } = presentation;
    let missing = || Error::about(ErrorCode::ProofMissing, "cnf");
    let invalid = |name: &'static str| Error::about(ErrorCode::ProofInvalid, name);
    let cnf = cnf.ok_or_else(|| invalid("cnf"))?;
    let Confirmation { jkt, x5t_s256 } = Confirmation::parse(cnf).ok_or_else(missing)?;
    let certificate = expected.certificate_thumbprint.as_deref();
    let lacks_certificate = x5t_s256.is_some() && certificate.is_none();
    match (jkt, &expected.proof) {
        (Some(_), None) => return Err(missing()),
        _ if lacks_certificate => return Err(missing()),
        (Some(jkt), Some(proof)) => proof.verify(token, &jkt, now)?,
        (None, Some(_)) => return Err(invalid("cnf")),
        (None, None) => {}
    }
    if x5t_s256.is_some_and(|thumbprint| certificate != Some(thumbprint.as_ref())) {
        return Err(invalid("cnf"));
    }
    Ok(())
}
