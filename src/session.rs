//! A verifier with its caches: the token cache, the header cache, and the verification of many tokens at once.

mod token_cache;

use crate::claims::numeric_date::NumericDate;
use crate::error::Error;
use crate::jose::jws::Octets;
use crate::policy::expected::{Expected, Presentation};
use crate::verifier::{
    Accepted, CachedToken, HeaderCache, Hints, PrecomputedTag, Verified, Verifier,
};

pub use token_cache::CacheLimits;
use token_cache::TokenCache;

/// A [`Verifier`] with caches, for a server to which the same tokens come again.
///
/// Results are those of the verifier, always. An entry of the token cache means "a key of this
/// verifier signed exactly these octets, and its policy accepted them". On every hit, the times and
/// the [`Expected`] of the request are checked again. Refused tokens are not cached. An entry of
/// the header cache holds the keys that fit a JOSE Header, so that tokens of one issuer are not
/// matched with keys one by one.
///
/// Keys and policy of a session never change: to replace keys, make another session, which starts
/// with empty caches. A session is used by one thread at a time, since every call updates its
/// caches; a server has one for each worker.
///
/// # Examples
///
/// ```
/// use countersign::{CacheLimits, Expected, Keys, NumericDate, Policy, Session, Verifier};
///
/// let policy = Policy::from_json(r#"{ "issuer": "joe", "audience": null }"#)?;
/// // The key and the token of RFC 7515 appendix A.1.
/// let key = r#"{ "kty": "oct", "k":
///     "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow" }"#;
/// let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9\
///     .eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ\
///     .dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// let verifier = Verifier::new(policy, Keys::new().jwk(key, &Default::default())?);
/// let mut session = Session::new(verifier, CacheLimits::default());
///
/// let now = NumericDate::from_secs(1_300_819_000.0).unwrap();
/// let expected = Expected::default();
/// for result in session.verify_many(&[token, token, "not.a.token"], &expected, now)? {
///     match result {
///         Ok(verified) => println!("from {:?}", verified.claims.get("iss")),
///         Err(refusal) => println!("refused: {refusal}"),
///     }
/// }
/// assert_eq!(session.cached_tokens(), 1);
///
/// // A cached token expires as any other does.
/// let later = NumericDate::from_secs(1_300_819_380.0).unwrap();
/// assert!(session.verify(token, &expected, later).is_err());
/// # Ok::<(), countersign::Error>(())
/// ```
#[derive(Debug)]
pub struct Session {
    verifier: Verifier,
    tokens: TokenCache<CachedToken>,
    headers: HeaderCache,
}

/// The form in which a caller takes the results of a session: one call for each token, with the
/// token's place among those that were passed.
pub(crate) trait Output {
    /// The form of one result.
    type Result;

    /// The result of a token that was cached before, under the number `entry`.
    fn cached(&mut self, place: usize, entry: usize, hit: Hit<'_>) -> Self::Result;

    /// The result of a token that was verified; `entry` is the number under which it is cached now.
    fn accepted(
        &mut self,
        place: usize,
        entry: Option<usize>,
        accepted: &Accepted<'_>,
    ) -> Self::Result;

    /// The result of a token that is refused.
    fn refused(&mut self, place: usize, refusal: Error) -> Self::Result;
}

/// A cached token that is accepted again.
pub(crate) struct Hit<'s> {
    verifier: &'s Verifier,
    cached: &'s CachedToken,
    presentation: Presentation<'s>,
}

/// Results that own their contents.
struct Owned;

impl Session {
    /// A session of `verifier`, its caches empty.
    pub const fn new(verifier: Verifier, limits: CacheLimits) -> Self {
        Self {
            verifier,
            tokens: TokenCache::new(limits),
            headers: HeaderCache::new(),
        }
    }

    /// Its verifier.
    pub const fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// How many tokens are cached.
    pub fn cached_tokens(&self) -> usize {
        self.tokens.len()
    }

    /// Verifies `token` as of `now`, for a request that expects `expected`.
    ///
    /// # Errors
    ///
    /// As [`Verifier::verify_expecting`].
    pub fn verify(
        &mut self,
        token: &str,
        expected: &Expected,
        now: NumericDate,
    ) -> Result<Verified, Error> {
        let presentation = Presentation {
            token: token.as_bytes(),
            expected,
            now,
        };
        self.check(presentation, &mut Octets::default(), &mut Owned)
    }

    /// Verifies each of `tokens` as [`Self::verify`] does, one after the other. Where the target has SIMD (`simd128` of
    /// WebAssembly), the HS256 tags of four tokens are computed at once.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::PolicyInvalid`](crate::ErrorCode::PolicyInvalid) if `expected` leaves out what
    /// the policy binds tokens to; never for a token, whose refusal is its result.
    pub fn verify_many(
        &mut self,
        tokens: &[&str],
        expected: &Expected,
        now: NumericDate,
    ) -> Result<Vec<Result<Verified, Error>>, Error> {
        let tokens: Vec<_> = tokens.iter().map(|token| token.as_bytes()).collect();
        self.check_many(&tokens, expected, now, &mut Octets::default(), &mut Owned)
    }

    /// Verifies a token, decoding it into `octets`, and passes the result to `output`.
    pub(crate) fn check<O: Output>(
        &mut self,
        presentation: Presentation<'_>,
        octets: &mut Octets,
        output: &mut O,
    ) -> O::Result {
        self.check_one(0, presentation, None, octets, output)
    }

    /// Verifies many tokens for one request, as [`Self::check`] verifies each.
    ///
    /// # Errors
    ///
    /// As [`Self::verify_many`].
    pub(crate) fn check_many<O: Output>(
        &mut self,
        tokens: &[&[u8]],
        expected: &Expected,
        now: NumericDate,
        octets: &mut Octets,
        output: &mut O,
    ) -> Result<Vec<O::Result>, Error> {
        expected.fits(self.verifier.policy())?;
        let is_cached = |token: &[u8]| self.tokens.contains(token);
        let tags = self.verifier.tags(tokens, &self.headers, is_cached);
        let tokens = tokens.iter().zip(&tags).enumerate();
        let results = tokens.map(|(place, (token, tag))| {
            let presentation = Presentation {
                token,
                expected,
                now,
            };
            self.check_one(place, presentation, tag.as_ref(), octets, output)
        });
        Ok(results.collect())
    }

    /// Not inlined: [`Self::check`] and [`Self::check_many`] share its code.
    #[inline(never)]
    fn check_one<O: Output>(
        &mut self,
        place: usize,
        presentation: Presentation<'_>,
        tag: Option<&PrecomputedTag>,
        octets: &mut Octets,
        output: &mut O,
    ) -> O::Result {
        if let Some((entry, cached)) = self.tokens.find(presentation.token) {
            let hit = Hit {
                verifier: &self.verifier,
                cached,
                presentation,
            };
            return match self.verifier.accept_again(cached, presentation) {
                Ok(()) => output.cached(place, entry, hit),
                Err(refusal) => output.refused(place, refusal),
            };
        }
        let hints = Hints {
            headers: &self.headers,
            tag,
        };
        let verified = self.verifier.accept(presentation, hints, octets);
        // Borrowed: a move would copy all claims.
        let accepted = match verified {
            Ok(ref accepted) => accepted,
            Err(refusal) => return output.refused(place, refusal),
        };
        if !accepted.is_header_cached {
            match self.verifier.cached_header(accepted) {
                Ok(header) => self.headers.insert(header),
                Err(refusal) => return output.refused(place, refusal),
            }
        }
        let bytes = accepted.claims.object().text().len();
        let token = presentation.token;
        let entry = self.tokens.insert(token, bytes, || accepted.to_cached());
        output.accepted(place, entry, accepted)
    }
}

impl Hit<'_> {
    /// The contents of the token.
    fn to_verified(&self) -> Result<Verified, Error> {
        self.verifier.contents(self.cached, self.presentation)
    }
}

impl Output for Owned {
    type Result = Result<Verified, Error>;

    fn cached(&mut self, _: usize, _: usize, hit: Hit<'_>) -> Self::Result {
        hit.to_verified()
    }

    fn accepted(&mut self, _: usize, _: Option<usize>, accepted: &Accepted<'_>) -> Self::Result {
        Ok(accepted.to_verified())
    }

    fn refused(&mut self, _: usize, refusal: Error) -> Self::Result {
        Err(refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::base64url;
    use crate::error::ErrorCode;
    use crate::keys::{KeyTags, Keys};
    use crate::policy::Policy;
    use crate::signature::sign_hmac_sha256;

    const SECRET: &[u8; 32] = b"a secret of thirty-two octets!!!";
    const OTHER: &[u8; 32] = b"another of thirty-two octets!!!!";

    /// What the boundary sees of each token: whether it was cached, and under which number it is.
    #[derive(Debug, Default, PartialEq)]
    struct Numbers(Vec<(usize, Result<Seen, ErrorCode>)>);

    #[derive(Debug, PartialEq)]
    enum Seen {
        Cached(usize),
        Accepted(Option<usize>),
    }

    impl Output for Numbers {
        type Result = ();

        fn cached(&mut self, place: usize, entry: usize, _: Hit<'_>) {
            self.0.push((place, Ok(Seen::Cached(entry))));
        }

        fn accepted(&mut self, place: usize, entry: Option<usize>, _: &Accepted<'_>) {
            self.0.push((place, Ok(Seen::Accepted(entry))));
        }

        fn refused(&mut self, place: usize, refusal: Error) {
            self.0.push((place, Err(refusal.code)));
        }
    }

    fn token(secret: &[u8], kid: &str, sub: usize) -> String {
        let header = format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#);
        let claims = format!(r#"{{"sub":"{sub}","exp":1700000300}}"#);
        let [header, claims] = [header, claims].map(|part| base64url::encode(part.as_bytes()));
        let input = format!("{header}.{claims}");
        let signature = sign_hmac_sha256(secret, input.as_bytes()).unwrap_or_default();
        format!("{input}.{}", base64url::encode(&signature))
    }

    fn session(limits: CacheLimits) -> Result<Session, Error> {
        let policy = Policy::from_json(r#"{ "issuer": null, "audience": null }"#)?;
        let tagged = |kid: &str| KeyTags {
            kid: Some(kid.to_owned()),
            ..KeyTags::default()
        };
        let keys = Keys::new().secret(SECRET, &tagged("one"))?;
        let keys = keys.secret(OTHER, &tagged("other"))?;
        Ok(Session::new(Verifier::new(policy, keys), limits))
    }

    fn seen(session: &mut Session, tokens: &[&str]) -> Result<Numbers, Error> {
        let mut numbers = Numbers::default();
        let tokens: Vec<_> = tokens.iter().map(|token| token.as_bytes()).collect();
        let octets = &mut Octets::default();
        session.check_many(
            &tokens,
            &Expected::default(),
            now(0.0)?,
            octets,
            &mut numbers,
        )?;
        Ok(numbers)
    }

    fn now(seconds: f64) -> Result<NumericDate, Error> {
        let now = NumericDate::from_secs(1_700_000_000.0 + seconds);
        now.ok_or_else(|| Error::policy("now", "a moment"))
    }

    #[test]
    fn a_token_keeps_its_number_while_it_is_cached() -> Result<(), Error> {
        let mut session = session(CacheLimits::default())?;
        let [first, second] = [1, 2].map(|sub| token(SECRET, "one", sub));
        let forged = token(OTHER, "one", 3);
        let results = seen(&mut session, &[&first, &second, &first, &forged, &second])?.0;
        let expected = [
            Ok(Seen::Accepted(Some(0))),
            Ok(Seen::Accepted(Some(1))),
            Ok(Seen::Cached(0)),
            Err(ErrorCode::SignatureInvalid),
            Ok(Seen::Cached(1)),
        ];
        assert_eq!(
            results,
            expected.into_iter().enumerate().collect::<Vec<_>>()
        );
        assert_eq!(session.cached_tokens(), 2);
        Ok(())
    }

    #[test]
    fn without_a_token_cache_every_token_is_verified() -> Result<(), Error> {
        let mut session = session(CacheLimits::NONE)?;
        let token = token(SECRET, "one", 1);
        for _ in 0..3 {
            let results = seen(&mut session, &[&token])?.0;
            assert_eq!(results, [(0, Ok(Seen::Accepted(None)))]);
        }
        assert_eq!(session.cached_tokens(), 0);
        Ok(())
    }

    /// The header is cached after the first token, so the tags of the others are computed in a batch.
    #[test]
    fn tags_computed_in_a_batch_change_no_result() -> Result<(), Error> {
        let good = |sub| token(SECRET, "one", sub);
        let forged = |sub| token(OTHER, "one", sub);
        let tokens: Vec<_> = (0..40)
            .map(|sub| match sub % 5 {
                3 => forged(sub),
                4 => token(OTHER, "other", sub),
                _ => good(sub),
            })
            .collect();
        let tokens: Vec<_> = tokens.iter().map(String::as_str).collect();
        for limits in [CacheLimits::NONE, CacheLimits::default()] {
            let mut session = session(limits)?;
            let verifier = session.verifier();
            let alone: Vec<_> = tokens
                .iter()
                .map(|token| Ok(verifier.verify(token, now(0.0)?).map(|one| one.id)))
                .collect::<Result<_, Error>>()?;
            for _ in 0..3 {
                let many = session.verify_many(&tokens, &Expected::default(), now(0.0)?)?;
                let many: Vec<_> = many
                    .into_iter()
                    .map(|result| result.map(|one| one.id))
                    .collect();
                assert_eq!(many, alone);
            }
        }
        Ok(())
    }

    #[test]
    fn headers_of_accepted_tokens_only_are_cached() -> Result<(), Error> {
        let mut session = session(CacheLimits::NONE)?;
        let is_cached = |session: &Session, token: &str| {
            let tags = session
                .verifier
                .tags(&[token.as_bytes()], &session.headers, |_| false);
            tags.into_iter().flatten().count() == 1
        };
        let (good, forged) = (token(SECRET, "one", 1), token(SECRET, "other", 1));
        seen(&mut session, &[&forged])?;
        assert!(!is_cached(&session, &forged));
        seen(&mut session, &[&good])?;
        assert!(is_cached(&session, &good));
        assert!(!is_cached(&session, &forged));
        Ok(())
    }

    #[test]
    fn a_session_may_move_to_another_thread() {
        const fn is_send<T: Send>() {}
        is_send::<Session>();
    }
}
