//! The verification of a token: the one place that puts the steps in order.

mod verified;

use std::borrow::Cow;

use crate::claims::ClaimsSet;
use crate::claims::numeric_date::NumericDate;
use crate::claims::scope::Scope;
#[cfg(feature = "wasm")]
use crate::encoding::json::Places;
use crate::encoding::json::Raw;
use crate::encoding::limits::{MAX_RECEIPT_CHARS, truncate};
use crate::encoding::misspelling::{self, Misspelling};
use crate::encoding::octets::position;
use crate::encoding::sha256::{self, Message};
use crate::error::{Error, ErrorCode};
use crate::jose::alg::{Alg, AlgSet};
use crate::jose::header::JoseHeader;
use crate::jose::jws::{Jws, Octets, around, check_length, check_token};
use crate::keys::{KeyRing, Keys, no_signer};
use crate::policy::expected::{Expected, Presentation};
use crate::policy::steps::Steps;
use crate::policy::vouched::Vouched;
use crate::policy::{Evidence, Policy};
use crate::preamble::{Preamble, Preambles};
use crate::receipt::{self, is_b64token, uses};

pub(crate) use crate::encoding::sha256::Ahead;
pub(crate) use verified::Accepted;
#[cfg(feature = "wasm")]
pub(crate) use verified::Signed;
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
    /// read before the signature stands ([RFC 7519 section 7.2]).
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
        self.verify_expecting(token, &Expected::default(), now)
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
        let octets = &mut Octets::default();
        self.accept(token.as_bytes(), expected, now, Known::NOTHING, octets)
            .map(|accepted| accepted.to_verified())
    }

    /// Whether a key allows `alg`.
    pub(crate) fn can_verify(&self, alg: Alg) -> bool {
        self.keys.algs().contains(alg)
    }

    /// The indexes of the entries of keys that another look at their source may help: those in which
    /// no key has the `kid` of `token`. None for a token that no key can make good: unreadable, or of
    /// an algorithm that the policy does not list.
    #[cfg(feature = "wasm")]
    pub(crate) fn lacking(&self, token: &[u8]) -> Vec<usize> {
        let mut octets = Octets::default();
        let parsed = self.parse(token, Preambles::NONE, &mut octets);
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

    /// Its policy.
    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Verifies `token`, decoding it into `octets`. Results that are `known` are not computed again.
    pub(crate) fn accept<'t>(
        &'t self,
        token: &'t [u8],
        expected: &Expected,
        now: NumericDate,
        known: Known<'_>,
        octets: &'t mut Octets,
    ) -> Result<Accepted<'t>, Error> {
        expected.fits(&self.policy)?;
        self.walk(token, expected, now, (known, octets), &mut Steps::Stop)?
            .ok_or_else(|| Error::new(ErrorCode::SignatureInvalid))
    }

    /// The result of the header checks for `accepted`, valid for any token with the same protected
    /// header.
    #[cfg(feature = "wasm")]
    pub(crate) fn preamble(&self, accepted: &Accepted<'_>) -> Result<Preamble, Error> {
        let text = accepted.header();
        let header = JoseHeader::parse(&text)?;
        let hint = header.key_hint();
        Ok(Preamble {
            protected: accepted.protected.into(),
            alg: accepted.alg,
            candidates: self.keys.select(accepted.alg, hint)?.collect(),
            has_more: self.keys.has_more(accepted.alg, hint),
            signer: accepted.key,
        })
    }

    /// Computes HS256 tags, four messages per SIMD pass, for those of `tokens` that are not cached and
    /// whose header selects exactly one secret; `None` for the others, and where SIMD is absent.
    #[cfg(feature = "wasm")]
    pub(crate) fn ahead(
        &self,
        tokens: &[&[u8]],
        known: &Preambles,
        is_remembered: impl Fn(&[u8]) -> bool,
    ) -> Vec<Option<Ahead>> {
        if !self.keys.has_lanes() {
            return vec![None; tokens.len()];
        }
        let tasks = tokens.iter().map(|token| {
            let length = position(token, b'~').unwrap_or(token.len());
            let jws = Jws::split(token.get(..length)?).ok()?;
            let preamble = known.find(jws.protected)?;
            let [key] = *preamble.candidates else {
                return None;
            };
            let is_fit = token.len() <= self.policy.max_token_bytes();
            let is_asked = is_fit && preamble.alg == Alg::Hs256 && !is_remembered(token);
            is_asked.then_some((key, jws.signing_input))
        });
        self.keys.macs(&tasks.collect::<Vec<_>>())
    }

    /// Checks an accepted token again, for another moment and another request. Nothing else can have
    /// changed: neither the token nor the policy.
    ///
    /// # Errors
    ///
    /// The refusal that [`Self::accept`] would return for the same token.
    #[cfg(feature = "wasm")]
    pub(crate) fn accept_signed(
        &self,
        signed: &Signed,
        presentation: Presentation<'_>,
    ) -> Result<(), Error> {
        let Presentation { expected, now, .. } = presentation;
        expected.fits(&self.policy)?;
        let steps = &mut Steps::Stop;
        // A proof is for one request, and counts for no other.
        if expected.is_nothing() && !signed.bound {
            let Signed { times, limited, .. } = signed;
            return self.policy.check_time(times, now, *limited, steps);
        }
        let mut places = Places::default();
        let claims = ClaimsSet::parse_text(&signed.claims, &mut places)?;
        let (key, receipt) = (Some(signed.key), signed.receipt);
        self.hold(&claims, key, receipt, presentation, steps)
            .map(drop)
    }

    /// Takes `token` through every step. A report goes on after a refusal where the next steps have
    /// their input; its result is not verified.
    pub(crate) fn walk<'t>(
        &'t self,
        token: &'t [u8],
        expected: &Expected,
        now: NumericDate,
        (known, octets): (Known<'_>, &'t mut Octets),
        steps: &mut Steps,
    ) -> Result<Option<Accepted<'t>>, Error> {
        let parsed = self.parse(token, known.preambles, octets);
        let Parsed {
            jws,
            preamble,
            opaque,
        } = steps.need("structure", parsed)?;
        let Octets {
            header,
            payload,
            signature,
            places,
        } = octets;
        let input = self.keys.message(jws.signing_input).made(known.ahead);
        let signed = Signature {
            input: &input,
            octets: signature,
        };
        let (alg, key) = match preamble {
            Some(known) => {
                let candidates = known.candidates.iter().copied();
                let has_more = || known.has_more;
                let signer =
                    self.check_signature(known.alg, candidates, has_more, &signed, steps)?;
                (Some(known.alg), signer)
            }
            None => self.check_header(header, &signed, steps)?,
        };
        let claims = steps.need("claims", ClaimsSet::parse(payload, places))?;
        let key = alg
            .zip(key)
            .map(|signer| self.voucher(signer, preamble, header, &claims));
        let ath = match opaque {
            Some(opaque) => Some(check_receipt(&claims, opaque, steps)?),
            None => None,
        };
        let presentation = Presentation {
            token,
            expected,
            now,
        };
        let (scope, uses) = self.hold(&claims, key, ath.is_some(), presentation, steps)?;
        Ok(alg.zip(key).map(|(alg, key)| Accepted {
            id: identity(
                &claims,
                ath.as_deref(),
                alg.is_mac().then_some(signature),
                &input,
            ),
            kid: self.keys.kid(key),
            evidence: self.policy.evidence(),
            receipt: ath.is_some(),
            protected: jws.protected,
            alg,
            key,
            claims,
            scope,
            uses,
        }))
    }

    /// The listing of the key that signed, by `alg`, which vouches for the issuer of `claims`; if none
    /// does, the one that was tried. Several entries may list one key, for different issuers.
    fn voucher(
        &self,
        (alg, signer): (Alg, usize),
        preamble: Option<&Preamble>,
        header: &[u8],
        claims: &ClaimsSet<'_>,
    ) -> usize {
        let vouches = |number: &usize| self.vouched(*number).accepts(claims);
        if vouches(&signer) {
            return signer;
        }
        let is_other = |number: &usize| self.keys.is_twin(signer, *number) && vouches(number);
        let other = match preamble {
            Some(known) => known.candidates.iter().copied().find(is_other),
            None => JoseHeader::parse(header).ok().and_then(|header| {
                let mut candidates = self.keys.select(alg, header.key_hint()).ok()?;
                candidates.find(is_other)
            }),
        };
        other.unwrap_or(signer)
    }

    /// Checks claims that `key` has signed against the policy and their `presentation`; returns the
    /// scope-tokens and how often the token may be redeemed.
    fn hold<'t>(
        &self,
        claims: &ClaimsSet<'t>,
        key: Option<usize>,
        receipt: bool,
        presentation: Presentation<'_>,
        steps: &mut Steps,
    ) -> Result<(Scope<'t>, Option<u32>), Error> {
        let vouched = key.map_or(Vouched::ANY, |key| self.vouched(key));
        let uses = self.limit(claims, receipt, steps)?;
        let limited = uses.is_some();
        let scope = self
            .policy
            .check_claims(claims, vouched, presentation, limited, steps)?;
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

    /// Splits `token` into its JWS, which is decoded into `octets`, and the opaque token after it.
    fn parse<'t, 'k>(
        &self,
        token: &'t [u8],
        known: &'k Preambles,
        octets: &mut Octets,
    ) -> Result<Parsed<'t, 'k>, Error> {
        check_token(token, self.policy.max_token_bytes())?;
        self.parse_parts(token, known, octets)
            .map_err(|error| explained(error, token, self.policy.evidence()))
    }

    fn parse_parts<'t, 'k>(
        &self,
        token: &'t [u8],
        known: &'k Preambles,
        octets: &mut Octets,
    ) -> Result<Parsed<'t, 'k>, Error> {
        let malformed = || Error::new(ErrorCode::TokenMalformed);
        let parts = position(token, b'~').and_then(|at| around(token, at));
        match (self.policy.evidence(), parts) {
            (Evidence::Signature, None) => Parsed::of(token, known, octets),
            (Evidence::Signature, Some((first, _))) => {
                // A receipt is refused for its type; any other token with a tilde is not a JWS.
                let parsed = Parsed::of(first, Preambles::NONE, octets)?;
                let header = JoseHeader::parse(&octets.header).ok();
                let is_receipt = header.is_some_and(|header| header.is_receipt());
                is_receipt.then_some(parsed).ok_or_else(malformed)
            }
            (Evidence::Receipt, None) => Err(Error::new(ErrorCode::ReceiptMissing)),
            (Evidence::Receipt, Some((receipt, opaque))) => {
                check_length(receipt, MAX_RECEIPT_CHARS)?;
                if !is_b64token(opaque) {
                    return Err(malformed());
                }
                let parsed = Parsed::of(receipt, known, octets)?;
                Ok(Parsed {
                    opaque: Some(opaque),
                    ..parsed
                })
            }
        }
    }

    /// Checks a header against the policy, and the signature with the keys that fit the header;
    /// returns the algorithm and the key that signed.
    fn check_header(
        &self,
        header: &[u8],
        signed: &Signature<'_>,
        steps: &mut Steps,
    ) -> Result<(Option<Alg>, Option<usize>), Error> {
        let header = steps.need("header", JoseHeader::parse(header))?;
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
        let checked = self.policy.check_header(&header, by_keys, remedy, steps);
        let Some(alg) = checked? else {
            steps.skip("key", Some("kid"));
            steps.skip("signature", None);
            return Ok((None, None));
        };
        let (candidates, outcome) = match self.keys.select(alg, hint) {
            Ok(candidates) => (Some(candidates), Ok(())),
            Err(error) => (None, Err(error)),
        };
        steps.step("key", Some("kid"), outcome, || {
            (None, header.kid().map(|kid| truncate(kid).into()))
        })?;
        let Some(candidates) = candidates else {
            steps.skip("signature", None);
            return Ok((Some(alg), None));
        };
        let has_more = || self.keys.has_more(alg, hint);
        let signer = self.check_signature(alg, candidates, has_more, signed, steps)?;
        Ok((Some(alg), signer))
    }

    /// Tries `candidates`, each in order; returns the one that signed. `has_more` is whether more
    /// keys fit than are tried.
    fn check_signature(
        &self,
        alg: Alg,
        candidates: impl Iterator<Item = usize> + Clone,
        has_more: impl FnOnce() -> bool,
        Signature { input, octets }: &Signature<'_>,
        steps: &mut Steps,
    ) -> Result<Option<usize>, Error> {
        let signer = self.keys.signer(candidates, alg, input, octets);
        let outcome = match signer {
            Some(_) => Ok(()),
            None => Err(no_signer(has_more())),
        };
        steps.step("signature", None, outcome, || (None, None))?;
        Ok(signer)
    }

    /// How often the token may be redeemed: the lower one of the limits in its receipt and in the
    /// policy.
    fn limit(
        &self,
        claims: &ClaimsSet<'_>,
        receipt: bool,
        steps: &mut Steps,
    ) -> Result<Option<u32>, Error> {
        let stated = receipt.then(|| claims.member("uses")).flatten();
        let stated = match stated.map(uses).transpose() {
            Ok(stated) => stated,
            Err(error) => {
                steps.step("uses", Some("uses"), Err(error), || (None, None))?;
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

/// Results of earlier work that a token may share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known<'k> {
    /// The checked headers of earlier tokens.
    pub(crate) preambles: &'k Preambles,
    /// Its HS256 tag, computed in a batch.
    pub(crate) ahead: Option<Ahead>,
}

impl Known<'_> {
    /// None.
    pub(crate) const NOTHING: Self = Self {
        preambles: Preambles::NONE,
        ahead: None,
    };
}

/// A token taken apart.
struct Parsed<'t, 'k> {
    jws: Jws<'t>,
    /// Its header's checks, if they are known; else the header is decoded.
    preamble: Option<&'k Preamble>,
    /// The token that a receipt is for.
    opaque: Option<&'t [u8]>,
}

impl<'t, 'k> Parsed<'t, 'k> {
    fn of(jws: &'t [u8], known: &'k Preambles, octets: &mut Octets) -> Result<Self, Error> {
        let jws = Jws::split(jws)?;
        let preamble = known.find(jws.protected);
        if preamble.is_none() {
            jws.decode_header(octets)?;
        }
        jws.decode_rest(octets)?;
        Ok(Self {
            jws,
            preamble,
            opaque: None,
        })
    }
}

/// `error`; if `token` is malformed, with what it must be instead.
#[cold]
#[inline(never)]
fn explained(error: Error, token: &[u8], evidence: Evidence) -> Error {
    let must_be = match (error.code, evidence) {
        (ErrorCode::TokenMalformed, Evidence::Signature) => misspelling::must_be(token),
        (ErrorCode::TokenMalformed, Evidence::Receipt) => {
            Misspelling::of(token).map(Misspelling::must_be)
        }
        _ => None,
    };
    match must_be {
        Some(must_be) => error.expected(must_be),
        None => error,
    }
}

/// Checks that the `ath` of a receipt is the hash of the token after it; returns it.
fn check_receipt<'a>(
    claims: &ClaimsSet<'a>,
    opaque: &[u8],
    steps: &mut Steps,
) -> Result<Cow<'a, str>, Error> {
    let ath = claims
        .member("ath")
        .and_then(Raw::as_str)
        .unwrap_or_default();
    let outcome = if ath == receipt::ath(opaque) {
        Ok(())
    } else {
        Err(Error::new(ErrorCode::ReceiptMismatch))
    };
    steps.step("receipt", None, outcome, || (None, None))?;
    Ok(ath)
}

/// The [`Verified::id`] of a token with these parts; `mac` is its signature if that is an HMAC.
fn identity(
    claims: &ClaimsSet<'_>,
    ath: Option<&str>,
    mac: Option<&[u8]>,
    input: &Message<'_>,
) -> [u8; 32] {
    let iss = claims.iss.as_deref();
    // An absent issuer is not an empty one.
    let known: &[u8] = if iss.is_some() { b"issuer" } else { b"" };
    let iss = iss.unwrap_or_default().as_bytes();
    match (ath, claims.jti.as_deref(), mac) {
        (Some(ath), _, _) => {
            sha256::digest_parts("countersign receipt", &[known, iss, ath.as_bytes()])
        }
        (None, Some(jti), _) => {
            sha256::digest_parts("countersign jti", &[known, iss, jti.as_bytes()])
        }
        // A hash of the JWS Signing Input already, and the only one that the key makes of it.
        (None, None, Some(mac)) => sha256::digest_parts("countersign mac", &[mac]),
        // There is no space in a JWS Signing Input: nothing else that is hashed ends like this.
        (None, None, None) => input.sha256_before(b" countersign jws"),
    }
}

/// A signature and its JWS Signing Input.
struct Signature<'a> {
    input: &'a Message<'a>,
    octets: &'a [u8],
}
