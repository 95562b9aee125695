//! Finds the key for a JOSE Header ([RFC 7517 section 5]).
//!
//! [RFC 7517 section 5]: https://www.rfc-editor.org/rfc/rfc7517#section-5

use std::collections::BTreeMap;

use super::alg::{Alg, AlgSet};
use super::jwk::{Jwk, Kind};
use crate::encoding::json::Object;
use crate::encoding::limits::{MAX_CANDIDATES, MAX_EVIDENCE_CHARS, MAX_KEYS};
use crate::error::{Error, ErrorCode};

/// The keys at hand, by the `kid` that a JOSE Header may ask for. Whatever their number, a lookup
/// costs about the same.
#[derive(Debug, Default)]
pub(crate) struct JwkSet {
    algs: AlgSet,
    named: BTreeMap<String, Vec<Entry>>,
    unnamed: Vec<Entry>,
    /// The algorithms that exactly one key fits, and that key.
    only: Vec<(Alg, usize)>,
    unfit: BTreeMap<String, Vec<Unfit>>,
}

/// A member of a set that cannot be used.
#[derive(Debug)]
pub(crate) struct Unfit {
    kid: Option<String>,
    /// What a key of its type could verify.
    type_algs: AlgSet,
    error: Error,
}

/// A key, by its number, and why it fits what it fits.
#[derive(Clone, Copy, Debug)]
struct Entry {
    index: usize,
    /// What its type could verify.
    type_algs: AlgSet,
    /// What it is strong enough for.
    strong_algs: AlgSet,
    /// What its members leave of that.
    algs: AlgSet,
}

/// Where a set comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// From the caller, who may share secrets with an issuer.
    Caller,
    /// From where others can read it, too: secrets in it are none.
    Published,
}

/// Takes a `{"keys":[…]}` document apart into the keys that can be used and the members that
/// cannot.
///
/// # Errors
///
/// [`ErrorCode::KeysInvalid`], naming `keys`: it is no array, it is too long, or the caller has put
/// secrets and public keys into one set.
pub(crate) fn parse_members(
    set: &Object<'_>,
    origin: Origin,
) -> Result<(Vec<Jwk>, Vec<Unfit>), Error> {
    let members = set
        .get("keys")
        .and_then(|keys| keys.as_array())
        .ok_or_else(|| Error::keys("keys", "an array of JWKs"))?;
    if members.len() > MAX_KEYS {
        return Err(Error::keys("keys", "at most 2000 JWKs").actual(members.len()));
    }
    let (mut fit, mut unfit) = (Vec::new(), Vec::new());
    // Section 5: members that are not understood, incomplete or out of range are ignored.
    for member in members.into_iter().filter_map(|member| member.as_object()) {
        match Jwk::parse(&member) {
            Ok(jwk) if origin == Origin::Published && jwk.material.kind() == Kind::Oct => {}
            Ok(jwk) => fit.push(jwk),
            Err(error) => unfit.push(Unfit {
                kid: member
                    .get("kid")
                    .and_then(|kid| kid.as_str())
                    .map(|kid| kid.into_owned()),
                type_algs: Kind::of(&member).map(Kind::algs).unwrap_or_default(),
                error,
            }),
        }
    }
    let secrets = fit
        .iter()
        .filter(|jwk| jwk.material.kind() == Kind::Oct)
        .count();
    if secrets != 0 && secrets != fit.len() {
        let must_be = "either public keys or secrets: a set of both gives the secrets away";
        return Err(Error::keys("keys", must_be));
    }
    Ok((fit, unfit))
}

impl Unfit {
    /// `jwk`, whose numbers make no key, as `error` says.
    pub(crate) fn new(jwk: Jwk, error: Error) -> Self {
        Self {
            type_algs: jwk.material.kind().algs(),
            kid: jwk.kid,
            error,
        }
    }
}

impl JwkSet {
    /// A set of `keys`, each of which goes by its position.
    pub(crate) fn new(keys: &[Jwk], unfit: Vec<Unfit>) -> Self {
        let mut set = Self::default();
        for (index, jwk) in keys.iter().enumerate() {
            let entry = Entry {
                index,
                type_algs: jwk.material.kind().algs(),
                strong_algs: jwk.material.algs(),
                algs: jwk.algs,
            };
            set.algs = set.algs.union(jwk.algs);
            match &jwk.kid {
                Some(kid) => add(set.named.entry(kid.clone()).or_default(), entry),
                None => add(&mut set.unnamed, entry),
            }
        }
        for alg in set.algs.iter() {
            let mut fit = keys
                .iter()
                .enumerate()
                .filter(|(_, jwk)| jwk.algs.contains(alg));
            if let (Some((index, _)), None) = (fit.next(), fit.next()) {
                set.only.push((alg, index));
            }
        }
        for mut member in unfit {
            if let Some(kid) = member.kid.take() {
                set.unfit.entry(kid).or_default().push(member);
            }
        }
        set
    }

    /// Every algorithm that some key of this set fits.
    pub(crate) const fn algs(&self) -> AlgSet {
        self.algs
    }

    /// The keys to try on a token of `alg` and `kid`, by their numbers, at most
    /// [`MAX_CANDIDATES`]: those that fit and have its `kid`, else those that fit and have none. A
    /// token without a `kid` may also mean the only key that fits.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeyRejected`] if a key with this `kid` is of the right type but must not be
    /// used; [`ErrorCode::KeyNotFound`] if there is no such key.
    pub(crate) fn select(
        &self,
        alg: Alg,
        kid: Option<&str>,
    ) -> Result<impl Iterator<Item = usize>, Error> {
        let named = kid
            .and_then(|kid| self.named.get(kid))
            .map_or(&[][..], Vec::as_slice);
        let fits = |entries: &[Entry]| entries.iter().any(|entry| entry.algs.contains(alg));
        let (entries, only) = if fits(named) {
            (named, None)
        } else if fits(&self.unnamed) {
            (self.unnamed.as_slice(), None)
        } else {
            let only = self
                .only
                .iter()
                .find(|(fit, _)| *fit == alg && kid.is_none());
            let (_, index) = only.ok_or_else(|| self.refusal(alg, kid, named))?;
            (&[][..], Some(*index))
        };
        let candidates = entries
            .iter()
            .filter(move |entry| entry.algs.contains(alg))
            .map(|entry| entry.index);
        Ok(candidates.chain(only).take(MAX_CANDIDATES))
    }

    /// Why there is no key for `alg` and `kid`, given the fit keys that have that `kid`.
    fn refusal(&self, alg: Alg, kid: Option<&str>, named: &[Entry]) -> Error {
        let Some(kid) = kid else {
            return Error::about(ErrorCode::KeyNotFound, "kid");
        };
        let fit = named.iter().find_map(|entry| entry.rejection(alg));
        let unfit = self.unfit.get(kid).into_iter().flatten();
        fit.or_else(|| unfit.into_iter().find_map(|member| member.rejection(alg)))
            .unwrap_or_else(|| {
                let kid: String = kid.chars().take(MAX_EVIDENCE_CHARS).collect();
                Error::about(ErrorCode::KeyNotFound, "kid").actual(kid)
            })
    }
}

impl Entry {
    /// Why this key, though of the type that `alg` needs, does not fit it.
    fn rejection(&self, alg: Alg) -> Option<Error> {
        if !self.type_algs.contains(alg) {
            return None;
        }
        if !self.strong_algs.contains(alg) {
            let strong = "a secret as long as the hash";
            return Some(Error::about(ErrorCode::KeyRejected, "k").expected(strong));
        }
        let allowed: Vec<_> = self.algs.iter().map(Alg::name).collect();
        let error = Error::about(ErrorCode::KeyRejected, "alg").expected(alg.name());
        Some(error.actual(allowed.join(" ")))
    }
}

impl Unfit {
    /// Why this member, though of the type that `alg` needs, does not fit it.
    fn rejection(&self, alg: Alg) -> Option<Error> {
        self.type_algs.contains(alg).then(|| Error {
            code: ErrorCode::KeyRejected,
            ..self.error.clone()
        })
    }
}

/// Adds `entry` unless, for everything it fits, there are as many candidates as are ever tried.
fn add(entries: &mut Vec<Entry>, entry: Entry) {
    let wanted = |alg| {
        let earlier = entries
            .iter()
            .filter(|entry| entry.algs.contains(alg))
            .count();
        earlier < MAX_CANDIDATES
    };
    if entry.algs.iter().any(wanted) {
        entries.push(entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::base64url;

    fn set(members: &[String], origin: Origin) -> Result<JwkSet, Error> {
        let text = format!(r#"{{"keys":[{}]}}"#, members.join(","));
        let object = Object::parse(&text).ok_or(Error::keys("", "JSON"))?;
        let (fit, unfit) = parse_members(&object, origin)?;
        Ok(JwkSet::new(&fit, unfit))
    }

    fn selected(members: &[String], alg: Alg, kid: Option<&str>) -> Result<Vec<usize>, Error> {
        Ok(set(members, Origin::Caller)?.select(alg, kid)?.collect())
    }

    fn ec(members: &str) -> String {
        let x = base64url::encode(&[7; 32]);
        format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{x}"{members}}}"#)
    }

    fn rsa(octets: usize, members: &str) -> String {
        let n = base64url::encode(&vec![0x81; octets]);
        format!(r#"{{"kty":"RSA","n":"{n}","e":"AQAB"{members}}}"#)
    }

    fn refusal(members: &[String], alg: Alg, kid: Option<&str>) -> Option<Error> {
        selected(members, alg, kid).err()
    }

    #[test]
    fn a_kid_comes_first_and_then_keys_without_one() {
        let keys = [
            ec(r#","kid":"a""#),
            ec(""),
            ec(r#","kid":"b""#),
            rsa(256, r#","kid":"a""#),
            ec(r#","kid":"a""#),
            ec(""),
        ];
        assert_eq!(selected(&keys, Alg::Es256, Some("a")), Ok(vec![0, 4]));
        assert_eq!(selected(&keys, Alg::Es256, Some("b")), Ok(vec![2]));
        assert_eq!(selected(&keys, Alg::Es256, Some("c")), Ok(vec![1, 5]));
        assert_eq!(selected(&keys, Alg::Es256, None), Ok(vec![1, 5]));
        assert_eq!(selected(&keys, Alg::Rs256, Some("a")), Ok(vec![3]));
    }

    #[test]
    fn a_token_without_a_kid_may_mean_the_only_key_that_fits() {
        let keys = [ec(r#","kid":"a""#), rsa(256, r#","kid":"b""#)];
        assert_eq!(selected(&keys, Alg::Es256, None), Ok(vec![0]));
        let error = refusal(&keys, Alg::Es256, Some("c"));
        let expected = Error::about(ErrorCode::KeyNotFound, "kid").actual("c");
        assert_eq!(error, Some(expected));

        let two = [ec(r#","kid":"a""#), ec(r#","kid":"b""#)];
        let error = refusal(&two, Alg::Es256, None);
        assert_eq!(error, Some(Error::about(ErrorCode::KeyNotFound, "kid")));
    }

    #[test]
    fn a_key_given_alone_without_a_kid_fits_any_token() {
        assert_eq!(selected(&[ec("")], Alg::Es256, None), Ok(vec![0]));
        assert_eq!(
            selected(&[ec("")], Alg::Es256, Some("whatever")),
            Ok(vec![0])
        );
    }

    #[test]
    fn the_kid_in_evidence_is_cut() {
        let error = refusal(&[], Alg::Es256, Some(&"k".repeat(65)));
        let actual = error.and_then(|error| error.actual);
        assert_eq!(actual, Some("k".repeat(64).into()));
    }

    #[test]
    fn a_key_with_the_kid_that_must_not_be_used_is_rejected_for_the_member_to_blame() {
        let k = |members: &str| {
            let k = base64url::encode(&[7; 32]);
            format!(r#"{{"kty":"oct","k":"{k}","kid":"a"{members}}}"#)
        };
        for (key, alg, member) in [
            (ec(r#","kid":"a","use":"enc""#), Alg::Es256, "use"),
            (
                ec(r#","kid":"a","key_ops":["sign"]"#),
                Alg::Es256,
                "key_ops",
            ),
            (ec(r#","kid":"a","alg":"ES384""#), Alg::Es256, "alg"),
            (ec(r#","kid":"a","d":"AQ""#), Alg::Es256, "d"),
            (rsa(256, r#","kid":"a","alg":"RS256""#), Alg::Ps256, "alg"),
            (rsa(128, r#","kid":"a""#), Alg::Rs256, "n"),
            (k(""), Alg::Hs512, "k"),
        ] {
            let error = refusal(&[key], alg, Some("a"));
            assert_eq!(
                error.as_ref().map(|error| error.code),
                Some(ErrorCode::KeyRejected)
            );
            let claim = error.and_then(|error| error.claim);
            assert_eq!(claim.as_deref(), Some(member));
        }
    }

    #[test]
    fn a_key_of_another_type_is_not_found() {
        for key in [
            rsa(256, r#","kid":"a""#),
            r#"{"kty":"EC","crv":"P-999","x":"AA","y":"AA","kid":"a"}"#.to_owned(),
            r#"{"kty":"weird","kid":"a"}"#.to_owned(),
            r#"{"kty":"EC","crv":"P-384","kid":"a","use":"enc"}"#.to_owned(),
        ] {
            let code = refusal(&[key], Alg::Es256, Some("a")).map(|error| error.code);
            assert_eq!(code, Some(ErrorCode::KeyNotFound));
        }
    }

    #[test]
    fn members_that_are_unknown_or_unfit_are_skipped() {
        let keys = [
            r#"{"kty":"AKP","alg":"ML-DSA-44","pub":"AAAA","kid":"a"}"#.to_owned(),
            "null".to_owned(),
            rsa(128, r#","kid":"a""#),
            ec(r#","kid":"a""#),
        ];
        assert_eq!(selected(&keys, Alg::Es256, Some("a")), Ok(vec![0]));
        let algs = set(&keys, Origin::Caller).map(|set| set.algs());
        assert_eq!(algs, Ok([Alg::Es256].into_iter().collect()));
    }

    #[test]
    fn a_set_is_an_array_of_bounded_length() {
        let claim = |text: &str| {
            let object = Object::parse(text)?;
            parse_members(&object, Origin::Caller).err()?.claim
        };
        assert_eq!(claim("{}").as_deref(), Some("keys"));
        assert_eq!(claim(r#"{"keys":{}}"#).as_deref(), Some("keys"));
        assert_eq!(claim(r#"{"keys":[]}"#), None);
        let many = |number| format!(r#"{{"keys":[{}]}}"#, vec!["{}"; number].join(","));
        assert_eq!(claim(&many(MAX_KEYS)), None);
        assert_eq!(claim(&many(MAX_KEYS + 1)).as_deref(), Some("keys"));
    }

    #[test]
    fn secrets_and_public_keys_do_not_share_a_set() {
        let k = base64url::encode(&[7; 64]);
        let oct = format!(r#"{{"kty":"oct","k":"{k}"}}"#);
        let mixed = [oct.clone(), ec("")];
        let claim = set(&mixed, Origin::Caller)
            .err()
            .and_then(|error| error.claim);
        assert_eq!(claim.as_deref(), Some("keys"));
        let hs512 = |origin| {
            set(std::slice::from_ref(&oct), origin).map(|set| set.algs().contains(Alg::Hs512))
        };
        assert_eq!(hs512(Origin::Caller), Ok(true));
        assert_eq!(hs512(Origin::Published), Ok(false));
        let published = set(&mixed, Origin::Published).map(|set| set.algs());
        assert_eq!(published, Ok([Alg::Es256].into_iter().collect()));
    }

    #[test]
    fn at_most_eight_keys_are_tried() {
        let same_kid: Vec<_> = (0..20).map(|_| ec(r#","kid":"a""#)).collect();
        let first: Vec<_> = (0..MAX_CANDIDATES).collect();
        assert_eq!(
            selected(&same_kid, Alg::Es256, Some("a")),
            Ok(first.clone())
        );
        let without: Vec<_> = (0..20).map(|_| ec("")).collect();
        assert_eq!(selected(&without, Alg::Es256, None), Ok(first));
        let behind: Vec<_> = without.into_iter().chain([rsa(256, "")]).collect();
        assert_eq!(selected(&behind, Alg::Rs256, None), Ok(vec![20]));
        // A ninth key that fits is kept for what else it fits, and still not tried.
        let mut nine: Vec<_> = (0..8).map(|_| rsa(256, r#","alg":"RS256""#)).collect();
        nine.push(rsa(256, ""));
        assert_eq!(selected(&nine, Alg::Ps256, None), Ok(vec![8]));
        assert_eq!(selected(&nine, Alg::Rs256, None), Ok((0..8).collect()));
    }
}
