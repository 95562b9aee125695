//! The verification of a token: the one place that puts the steps in order.
//!
//! Over 400 lines: the steps of a token, and those that a cached token and a cached header repeat, are read side by side.

mod header_cache;
mod parsed;
mod verified;

use std::borrow::Cow;

use crate::claims::ClaimsSet;
use crate::claims::numeric_date::NumericDate;
use crate::claims::scope::Scope;
use crate::encoding::json::{MemberIndex, Raw};
use crate::encoding::limits::truncate;
use crate::encoding::sha256::Message;
use crate::error::{Error, ErrorCode};
use crate::jose::alg::{Alg, AlgSet};
use crate::jose::header::JoseHeader;
use crate::jose::jws::Octets;
use crate::keys::{KeyRing, Keys, no_signer};
use crate::policy::Policy;
use crate::policy::expected::{Expected, Presentation};
use crate::policy::recorder::Recorder;
use crate::policy::vouched::Vouched;
use crate::receipt::{self, uses};

use parsed::{Parsed, jws_of};
use verified::identity;

pub(crate) use crate::encoding::sha256::PrecomputedTag;
pub(crate) use header_cache::{CachedHeader, HeaderCache};
pub(crate) use verified::{Accepted, CachedToken};
pub use verified::{SigningKeyName, Uses, Verified};

/// A policy with its keys. Immutable.
#[derive(Debug)]
pub struct Verifier {
    policy: Policy,
    keys: KeyRing,
}

impl Verifier {
    /// A verifier of tokens that `keys` sign and that `policy` accepts.
    pub fn new(policy: Policy, keys: Keys) -> Self {
        Self {
            policy,
            keys: keys.into(),
        }
    }

    /// A verifier of tokens that `keys` sign, refused if the policy lists algorithms and no key can
    /// verify any of them.
    ///
    /// Keys of a published set may be replaced by others, so then nothing is refused.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::PolicyInvalid`], blaming `algorithms`.
    pub fn checked(policy: Policy, keys: Keys) -> Result<Self, Error> {
        let verifier = Self::new(policy, keys);
        let algs = verifier.keys.algs();
        let is_useless = verifier.policy.algorithms(algs).is_empty();
        if is_useless && !algs.is_empty() && verifier.keys.is_fixed() {
            let names: Vec<_> = algs.iter().map(Alg::name).collect();
            let must_be = format!(
                "a list with an algorithm that one of the keys can verify: they can verify {}",
                names.join(", ")
            );
            return Err(Error::about(ErrorCode::PolicyInvalid, "algorithms").expected(must_be));
        }
        Ok(verifier)
    }

    /// The verifier of a policy and a JWK Set, each as JSON text.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::PolicyInvalid`] and [`ErrorCode::KeysInvalid`], blaming the member.
    pub fn from_json(policy: &str, jwk_set: &str) -> Result<Self, Error> {
        let keys = Keys::new().jwk_set(jwk_set, &Default::default())?;
        Self::checked(Policy::from_json(policy)?, keys)
    }

    /// Verifies `token` as of `now`.
    ///
    /// The order of the steps is fixed, so that one token always gets one answer, and no claim is
    /// read before the signature is verified ([RFC 7519 section 7.2]).
    ///
    /// # Errors
    ///
    /// The refusal of the first step that fails; the steps after it do not run.
    /// [`ErrorCode::PolicyInvalid`] if the policy binds tokens to something: that is an argument of
    /// [`Self::verify_expecting`].
    ///
    /// # Examples
    ///
    /// ```
    /// use countersign::{ErrorCode, Keys, NumericDate, Policy, Verifier};
    ///
    /// let policy = Policy::from_json(r#"{ "issuer": null, "audience": null }"#)?;
    /// let keys = Keys::new().secret(b"a secret of thirty-two octets!!!", &Default::default())?;
    /// let verifier = Verifier::new(policy, keys);
    ///
    /// let now = NumericDate::from_secs(1_700_000_000.0).unwrap();
    /// let unsigned = verifier.verify("eyJhbGciOiJub25lIn0.e30.", now).unwrap_err();
    /// assert_eq!(unsigned.code, ErrorCode::AlgNotSupported);
    /// # Ok::<(), countersign::Error>(())
    /// ```
    ///
    /// [RFC 7519 section 7.2]: https://www.rfc-editor.org/rfc/rfc7519#section-7.2
    pub fn verify(&self, token: &str, now: NumericDate) -> Result<Verified, Error> {
        self.verify_expecting(token, Expected::NOTHING, now)
    }

    /// Verifies `token` as of `now`, for a request that expects more than the policy does.
    ///
    /// # Errors
    ///
    /// As [`Self::verify`].
    pub fn verify_expecting(
        &self,
        token: &str,
        expected: &Expected,
        now: NumericDate,
    ) -> Result<Verified, Error> {
        let presentation = Presentation {
            token: token.as_bytes(),
            expected,
            now,
        };
        let octets = &mut Octets::default();
        let accepted = self.accept(presentation, Hints::NONE, octets)?;
        Ok(accepted.to_verified())
    }

    /// The indexes of the entries of [`Keys`] in which no key has the `kid` of `token`: fetching
    /// these key sets again may help. Empty for a token that no key can make valid: it cannot be
    /// read, or the policy does not list its algorithm.
    pub fn entries_without_key(&self, token: &str) -> Vec<usize> {
        self.lacking(token.as_bytes())
    }

    /// As [`Self::entries_without_key`], for octets.
    pub(crate) fn lacking(&self, token: &[u8]) -> Vec<usize> {
        let mut octets = Octets::default();
        let parsed = Parsed::read(token, &self.policy, HeaderCache::NONE, &mut octets);
        let header = parsed.and_then(|_| JoseHeader::parse(&octets.header));
        let Ok(header) = header else {
            return Vec::new();
        };
        let listed = self.policy.algorithms(Alg::ALL.into_iter().collect());
        match header.alg() {
            Ok(alg) if listed.contains(alg) => self.keys.lacking(header.key_hint()),
            _ => Vec::new(),
        }
    }

    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Whether a key allows `alg`.
    pub(crate) fn can_verify(&self, alg: Alg) -> bool {
        self.keys.algs().contains(alg)
    }

    /// Verifies a token, decoding it into `octets`.
    ///
    /// # Errors
    ///
    /// As [`Self::verify`].
    pub(crate) fn accept<'t>(
        &'t self,
        presentation: Presentation<'t>,
        hints: Hints<'_, 't>,
        octets: &'t mut Octets,
    ) -> Result<Accepted<'t>, Error> {
        presentation.expected.fits(&self.policy)?;
        self.walk(presentation, hints, octets, &mut Recorder::Off)
    }

    /// The steps of a verification, in their order (RFC 7519 section 7.2). The first refusal ends
    /// them; a report records every step, goes on after a refusal where the next steps have their
    /// input, and then returns the first refusal.
    ///
    /// Longer than forty lines: the order of the steps is in one place.
    pub(crate) fn walk<'t>(
        &'t self,
        presentation: Presentation<'t>,
        hints: Hints<'_, 't>,
        octets: &'t mut Octets,
        recorder: &mut Recorder,
    ) -> Result<Accepted<'t>, Error> {
        // Structure: the parts of a Compact Serialization, each base64url (RFC 7515 section 7.1).
        let Parsed {
            jws,
            header: cached,
            opaque,
        } = recorder.need("structure", || {
            Parsed::read(presentation.token, &self.policy, hints.headers, octets)
        })?;
        let Octets {
            header,
            payload,
            signature,
            index,
        } = octets;
        let input = self.keys.message(jws.signing_input(), hints.tag);
        let signed = Signature {
            input: &input,
            octets: signature,
        };

        // JOSE Header, algorithm, type, key, signature (RFC 7515 section 5.2).
        let signer = match cached {
            Some(header) => {
                let candidates = Candidates {
                    alg: header.alg,
                    keys: header.candidates.iter().copied(),
                    has_more: || header.has_more,
                };
                self.check_signature(&candidates, &signed, recorder)?
            }
            None => {
                let header = recorder.need("header", || JoseHeader::parse(header))?;
                let signer = self.check_header(&header, &signed, recorder);
                recorder.carry(signer)?
            }
        };

        // The Claims Set, read after the signature is verified (RFC 7519 section 7.2).
        let read = recorder.need("claims", || {
            ClaimsSet::parse(payload, index, self.policy.numeric_subject())
        });
        // Borrowed: a move would copy all claims.
        let claims = match read {
            Ok(ref claims) => claims,
            Err(refusal) => return Err(refusal),
        };
        let signer = signer.map(|signer| self.voucher(signer, cached, header, claims));

        // The receipt is for this token.
        let ath = match opaque {
            Some(opaque) => Some(check_receipt(claims, opaque, recorder)?),
            None => None,
        };

        // What the policy and the request require of the claims.
        let key = signer.as_ref().ok().map(|signer| signer.key);
        let (scope, uses) =
            self.check_claims(claims, key, ath.is_some(), presentation, recorder)?;

        recorder.conclude()?;
        let signer = signer?;
        Ok(Accepted {
            id: identity(claims, ath.as_deref(), signer.alg, &input, signature),
            protected: jws.protected(),
            is_header_cached: cached.is_some(),
            // It is `Ok`, as was seen above.
            claims: read?,
            scope,
            alg: signer.alg,
            key: signer.key,
            kid: self.keys.kid(signer.key),
            evidence: self.policy.evidence(),
            has_receipt: ath.is_some(),
            uses,
        })
    }

    /// Checks a header against the policy, and the signature with the keys that fit the header;
    /// returns the key that signed.
    fn check_header(
        &self,
        header: &JoseHeader<'_>,
        signed: &Signature<'_>,
        recorder: &mut Recorder,
    ) -> Result<Signer, Error> {
        let hint = header.key_hint();
        // A key that is of the right type but cannot be used is the better reason for a refusal than
        // the algorithms of the other keys.
        let unfit = header
            .alg()
            .ok()
            .filter(|alg| !self.keys.algs().contains(*alg));
        let unfit = unfit.filter(|alg| self.keys.has_unfit(*alg, hint));
        let by_keys = unfit
            .into_iter()
            .collect::<AlgSet>()
            .union(self.keys.algs());
        let remedy = |alg| self.keys.weakness(alg);
        let alg = self.policy.check_header(header, by_keys, remedy, recorder);
        let alg = alg.inspect_err(|_| {
            recorder.skip("key", Some("kid"));
            recorder.skip("signature", None);
        })?;
        let keys = self.keys.select(alg, hint);
        let keys = recorder.value("key", Some("kid"), keys, |_| {
            (None, header.kid().map(|kid| truncate(kid).into()))
        })?;
        let candidates = Candidates {
            alg,
            keys: keys.inspect_err(|_| recorder.skip("signature", None))?,
            has_more: || self.keys.has_more(alg, hint),
        };
        self.check_signature(&candidates, signed, recorder)?
    }

    /// Tries the candidates, each in order; returns the one that signed. The outer error ends the verification.
    fn check_signature(
        &self,
        candidates: &Candidates<impl Iterator<Item = usize> + Clone, impl Fn() -> bool>,
        signed: &Signature<'_>,
        recorder: &mut Recorder,
    ) -> Result<Result<Signer, Error>, Error> {
        let alg = candidates.alg;
        let keys = candidates.keys.clone();
        let signer = self.keys.signer(keys, alg, signed.input, signed.octets);
        let signer = signer.map(|key| Signer { alg, key });
        let signer = signer.ok_or_else(|| no_signer((candidates.has_more)()));
        recorder.value("signature", None, signer, |_| (None, None))
    }

    /// The listing of the key that signed which vouches for the issuer of `claims`; if none does, the
    /// one that was tried. Several entries may list one key, for different issuers.
    fn voucher(
        &self,
        signer: Signer,
        cached: Option<&CachedHeader>,
        header: &[u8],
        claims: &ClaimsSet<'_>,
    ) -> Signer {
        let Signer { alg, key } = signer;
        let vouches = |number: &usize| self.vouched(*number).accepts(claims);
        if vouches(&key) {
            return signer;
        }
        let is_other = |number: &usize| self.keys.is_twin(key, *number) && vouches(number);
        let other = match cached {
            Some(header) => header.candidates.iter().copied().find(is_other),
            None => JoseHeader::parse(header).ok().and_then(|header| {
                let mut candidates = self.keys.select(alg, header.key_hint()).ok()?;
                candidates.find(is_other)
            }),
        };
        Signer {
            alg,
            key: other.unwrap_or(key),
        }
    }

    /// Checks claims that `key` has signed against the policy and their `presentation`; returns the
    /// scope-tokens and how often the token may be redeemed.
    fn check_claims<'t>(
        &self,
        claims: &ClaimsSet<'t>,
        key: Option<usize>,
        has_receipt: bool,
        presentation: Presentation<'_>,
        recorder: &mut Recorder,
    ) -> Result<(Scope<'t>, Option<u32>), Error> {
        let vouched = key.map_or(Vouched::ANY, |key| self.vouched(key));
        let uses = self.use_limit(claims, has_receipt, recorder)?;
        let limited = uses.is_some();
        let scope = self
            .policy
            .check_claims(claims, vouched, presentation, limited, recorder)?;
        Ok((scope, uses))
    }

    /// The issuers that the key of that number vouches for.
    #[inline(always)]
    fn vouched(&self, key: usize) -> Vouched<'_> {
        Vouched {
            tagged: self.keys.issuers(key),
            named: self.keys.own_issuer(key),
        }
    }

    /// How often the token may be redeemed: the lowest of the limits in its receipt and in the
    /// policy.
    fn use_limit(
        &self,
        claims: &ClaimsSet<'_>,
        has_receipt: bool,
        recorder: &mut Recorder,
    ) -> Result<Option<u32>, Error> {
        let stated = has_receipt.then(|| claims.member("uses")).flatten();
        let stated = match stated.map(uses).transpose() {
            Ok(stated) => stated,
            Err(error) => {
                recorder.step("uses", Some("uses"), Err(error), || (None, None))?;
                None
            }
        };
        let single = self.policy.single_use().then_some(1);
        let limits = stated
            .into_iter()
            .chain(self.policy.max_uses())
            .chain(single);
        Ok(limits.min())
    }
}

/// What a cache of accepted tokens needs.
impl Verifier {
    /// The result of the header checks for `accepted`, valid for any token with the same protected
    /// header.
    ///
    /// # Errors
    ///
    /// As [`Self::verify`].
    pub(crate) fn cached_header(&self, accepted: &Accepted<'_>) -> Result<CachedHeader, Error> {
        let text = accepted.header();
        let header = JoseHeader::parse(&text)?;
        let hint = header.key_hint();
        Ok(CachedHeader {
            protected: accepted.protected.into(),
            alg: accepted.alg,
            candidates: self.keys.select(accepted.alg, hint)?.collect(),
            has_more: self.keys.has_more(accepted.alg, hint),
        })
    }

    /// Computes HS256 tags, four messages per SIMD pass, for those of `tokens` that are not cached and
    /// whose header selects exactly one secret; `None` for the others, and where SIMD is absent.
    pub(crate) fn tags(
        &self,
        tokens: &[&[u8]],
        headers: &HeaderCache,
        is_cached: impl Fn(&[u8]) -> bool,
    ) -> Vec<Option<PrecomputedTag>> {
        if !self.keys.has_lanes() {
            return vec![None; tokens.len()];
        }
        let tasks = tokens.iter().map(|token| {
            let jws = jws_of(token).ok()?;
            let header = headers.find(jws.protected())?;
            let [key] = *header.candidates else {
                return None;
            };
            let is_fit = token.len() <= self.policy.max_token_bytes();
            let is_new = is_fit && header.alg == Alg::Hs256 && !is_cached(token);
            is_new.then_some((key, jws.signing_input()))
        });
        self.keys.macs(&tasks.collect::<Vec<_>>())
    }

    /// Checks a cached token again, for another moment and another request. Nothing else can have
    /// changed: neither the token nor the policy.
    ///
    /// # Errors
    ///
    /// The refusal that [`Self::accept`] would return for the same token.
    pub(crate) fn accept_again(
        &self,
        cached: &CachedToken,
        presentation: Presentation<'_>,
    ) -> Result<(), Error> {
        let Presentation { expected, now, .. } = presentation;
        expected.fits(&self.policy)?;
        let recorder = &mut Recorder::Off;
        // A proof is for one request, and counts for no other.
        if expected.is_nothing() && !cached.bound {
            let CachedToken { times, limited, .. } = cached;
            return self.policy.check_time(times, now, *limited, recorder);
        }
        let mut index = MemberIndex::default();
        let claims =
            ClaimsSet::parse_text(&cached.claims, &mut index, self.policy.numeric_subject())?;
        let (key, has_receipt) = (Some(cached.key), cached.has_receipt);
        self.check_claims(&claims, key, has_receipt, presentation, recorder)
            .map(drop)
    }

    /// The contents of a cached token, which [`Self::accept_again`] has accepted.
    ///
    /// # Errors
    ///
    /// As [`Self::verify`].
    pub(crate) fn contents(
        &self,
        cached: &CachedToken,
        presentation: Presentation<'_>,
    ) -> Result<Verified, Error> {
        let CachedToken {
            alg,
            key,
            has_receipt,
            ..
        } = *cached;
        let jws = jws_of(presentation.token)?;
        let mut octets = Octets::default();
        jws.decode_rest(&mut octets)?;
        let claims = ClaimsSet::parse(
            &octets.payload,
            &mut octets.index,
            self.policy.numeric_subject(),
        )?;
        let recorder = &mut Recorder::Off;
        let (scope, uses) =
            self.check_claims(&claims, Some(key), has_receipt, presentation, recorder)?;
        let ath = has_receipt.then(|| stated_hash(&claims));
        let input = self.keys.message(jws.signing_input(), None);
        let accepted = Accepted {
            id: identity(&claims, ath.as_deref(), alg, &input, &octets.signature),
            protected: jws.protected(),
            is_header_cached: true,
            claims,
            scope,
            alg,
            key,
            kid: self.keys.kid(key),
            evidence: self.policy.evidence(),
            has_receipt,
            uses,
        };
        Ok(accepted.to_verified())
    }
}

/// Checks that the `ath` of a receipt is the hash of the token after it; returns it.
fn check_receipt<'a>(
    claims: &ClaimsSet<'a>,
    opaque: &[u8],
    recorder: &mut Recorder,
) -> Result<Cow<'a, str>, Error> {
    let ath = stated_hash(claims);
    let outcome = if ath == receipt::ath(opaque) {
        Ok(())
    } else {
        Err(Error::new(ErrorCode::ReceiptMismatch))
    };
    recorder.step("receipt", None, outcome, || (None, None))?;
    Ok(ath)
}

/// The `ath` of a receipt, empty if it has none.
fn stated_hash<'a>(claims: &ClaimsSet<'a>) -> Cow<'a, str> {
    let ath = claims.member("ath").and_then(Raw::as_str);
    ath.unwrap_or_default()
}

/// Results of earlier work that the verification of a token may use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hints<'k, 't> {
    /// The checked headers of earlier tokens.
    pub(crate) headers: &'k HeaderCache,
    /// The HS256 tag of the token, computed in a batch.
    pub(crate) tag: Option<&'t PrecomputedTag>,
}

impl Hints<'_, '_> {
    /// No earlier work.
    pub(crate) const NONE: Self = Self {
        headers: HeaderCache::NONE,
        tag: None,
    };
}

/// A signature and its JWS Signing Input.
struct Signature<'a> {
    input: &'a Message<'a>,
    octets: &'a [u8],
}

/// The keys to try on a signature.
struct Candidates<K, M> {
    alg: Alg,
    /// Their numbers, in the order in which they are tried.
    keys: K,
    /// Whether more keys fit than are tried.
    has_more: M,
}

/// The key that signed a token, by its number, and the algorithm that it signed with.
#[derive(Clone, Copy, Debug)]
struct Signer {
    alg: Alg,
    key: usize,
}
