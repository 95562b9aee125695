//! Inspection by a verifier: every check with its outcome.

use crate::claims::numeric_date::NumericDate;
use crate::error::Error;
use crate::jose::alg::Alg;
use crate::jose::jws::Octets;
use crate::policy::expected::{Expected, Presentation};
use crate::policy::recorder::Recorder;
use crate::verifier::{Hints, Verifier};

use super::{Inspection, Warning, contents, inspect_within};

impl Verifier {
    /// Takes `token` through every check as of `now` and records each outcome: nothing stops at the
    /// first refusal. For people; a server verifies. A token beyond the policy's limit is not read.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid) if `expected` leaves out what
    /// the policy binds tokens to; never for a token.
    pub fn inspect(
        &self,
        token: &str,
        expected: &Expected,
        now: NumericDate,
    ) -> Result<Inspection, Error> {
        expected.fits(self.policy())?;
        let mut inspection = inspect_within(token, self.policy().max_token_bytes(), now);
        let mut recorder = Recorder::On(Vec::new());
        let presentation = Presentation {
            token: token.as_bytes(),
            expected,
            now,
        };
        let octets = &mut Octets::default();
        let walked = self.walk(presentation, Hints::NONE, octets, &mut recorder);
        inspection.error = recorder.conclude().and(walked.map(drop)).err();
        if let Recorder::On(checks) = recorder {
            inspection.checks = checks;
        }
        let alg = contents::alg(inspection.header.as_deref());
        if alg.is_some_and(|alg: Alg| !self.can_verify(alg)) {
            let mismatch = Warning::new("alg_key_mismatch", Some("alg"));
            inspection.warnings.push(mismatch);
        }
        Ok(inspection)
    }
}
