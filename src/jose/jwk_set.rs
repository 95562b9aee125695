//! The index of one JWK Set: finds the keys for a JOSE Header ([RFC 7517 section 5]).
//!
//! Over 400 lines: a set is read, indexed and searched by the same rules.
//!
//! [RFC 7517 section 5]: https://www.rfc-editor.org/rfc/rfc7517#section-5

use serde_json::Value;

use super::alg::{Alg, AlgSet};
use super::header::KeyHint;
use super::jwk::Jwk;
use super::key_type::KeyType;
use crate::encoding::json::write::{write_count, write_string};
use crate::encoding::json::{Object, Raw};
use crate::encoding::limits::{MAX_CANDIDATES, MAX_KEY_SET_BITS, MAX_KEYS, truncate};
use crate::error::{Error, ErrorCode};

/// The keys of one entry of `keys`, by the Header Parameters that may name them. A lookup costs
/// about the same whatever their number.
#[derive(Debug, Default)]
pub(crate) struct JwkSet {
    algs: AlgSet,
    by_kid: Groups,
    unnamed: Group,
    /// With and without a `kid`, in the order of the set.
    all: Candidates,
    by_x5t: Groups,
}

/// The members of a set by a name of theirs, sorted by it. Adding one moves those after it, of [`MAX_KEYS`] at most.
#[derive(Debug, Default)]
struct Groups(Vec<(String, Group)>);

/// The members of a set that have the same name.
#[derive(Debug, Default)]
struct Group {
    keys: Candidates,
    unfit: Vec<Unfit>,
}

/// A member of a set.
#[derive(Debug)]
pub(crate) enum SetMember {
    /// A key.
    Key(Jwk),
    /// A member that cannot be used.
    Unfit(Unfit),
}

/// A member of a set that cannot be used.
#[derive(Debug)]
pub(crate) struct Unfit {
    /// Its index in `keys`.
    index: usize,
    kid: Option<String>,
    /// The algorithms of its key type.
    type_algs: AlgSet,
    /// The member of the JWK to blame, and what it must be.
    pub(crate) error: Error,
}

/// Keys, in the order in which they are tried: for each algorithm at most [`MAX_CANDIDATES`].
#[derive(Debug, Default)]
struct Candidates {
    keys: Vec<Entry>,
    /// The algorithms that more keys fit than are kept.
    more: AlgSet,
}

/// A key, by its number, and the algorithms that it fits.
#[derive(Clone, Copy, Debug)]
struct Entry {
    number: usize,
    /// The algorithms of its key type.
    type_algs: AlgSet,
    /// Those of them that it is long enough for.
    strong_algs: AlgSet,
    /// Those of them that its members allow.
    algs: AlgSet,
}

/// Where a set comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// From the caller, who may share secrets with an issuer.
    Caller,
    /// From a place that others can read: a secret in it is not secret.
    Published,
}

/// Reads the members of a `{"keys":[…]}` document, each as a key or as the reason why it cannot be
/// used (section 5: a member that is not understood, incomplete or out of range is ignored). `usage`
/// is what the `use` of each must be, as [`Jwk::parse`] reads it.
///
/// # Errors
///
/// [`ErrorCode::KeysInvalid`], naming `keys`: it is not an array, it has too many members or too
/// long keys, or the caller has put secrets and public keys into one set.
pub(crate) fn parse_members(
    set: &Object<'_>,
    origin: Origin,
    usage: Option<&str>,
) -> Result<Vec<SetMember>, Error> {
    let members = elements(set)?;
    let (mut bits, mut secrets, mut fit) = (0, 0, 0);
    let mut parsed = Vec::with_capacity(members.len());
    for (index, member) in members.into_iter().enumerate() {
        let member = parse_member(index, member, origin, usage);
        if let SetMember::Key(jwk) = &member {
            bits += jwk.material.bits();
            fit += 1;
            secrets += usize::from(jwk.material.key_type() == KeyType::Oct);
        }
        if bits > MAX_KEY_SET_BITS {
            return Err(Error::keys("keys", TOO_MANY_BITS));
        }
        parsed.push(member);
    }
    if secrets != 0 && secrets != fit {
        let must_be = "either public keys or secrets: with both, a secret may get published";
        return Err(Error::keys("keys", must_be));
    }
    Ok(parsed)
}

/// The members of a set, unread.
///
/// # Errors
///
/// As [`parse_members`].
pub(crate) fn elements<'a>(set: &Object<'a>) -> Result<Vec<Raw<'a>>, Error> {
    let members = set
        .get("keys")
        .and_then(|keys| keys.as_array())
        .ok_or_else(|| Error::keys("keys", "an array of JWKs"))?;
    if members.len() > MAX_KEYS {
        return Err(Error::keys("keys", "at most 2000 JWKs").actual(members.len()));
    }
    Ok(members)
}

fn parse_member(index: usize, member: Raw<'_>, origin: Origin, usage: Option<&str>) -> SetMember {
    let unfit = |kid, type_algs, error| {
        SetMember::Unfit(Unfit {
            index,
            kid,
            type_algs,
            error,
        })
    };
    let Some(object) = member.as_object() else {
        let error = Error::keys("keys", "JWKs: this one is not a JSON object");
        return unfit(None, AlgSet::EMPTY, error);
    };
    let kid = || Some(object.get("kid")?.as_str()?.into_owned());
    match Jwk::parse(&object, usage) {
        // The secret is known to everyone, so no token may be refused or accepted because of it.
        Ok(jwk) if origin == Origin::Published && jwk.material.key_type() == KeyType::Oct => {
            unfit(jwk.kid, AlgSet::EMPTY, Error::keys("kty", NO_SECRETS))
        }
        Ok(jwk) => SetMember::Key(jwk),
        Err(error) => {
            let type_algs = KeyType::of(&object).map(KeyType::algs).unwrap_or_default();
            unfit(kid(), type_algs, error)
        }
    }
}

/// The mistake of a set of which no member can be used, with the reasons for the first of them.
pub(crate) fn no_usable_key(unfit: &[Unfit]) -> Error {
    const SHOWN: usize = 5;
    let mut must_be = "a set with a key that can be used".to_owned();
    if unfit.is_empty() {
        must_be.push_str("; this one is empty");
    }
    for member in unfit.iter().take(SHOWN) {
        must_be.push_str("; keys[");
        write_count(member.index, &mut must_be);
        must_be.push(']');
        if let Some(kid) = &member.kid {
            must_be.push_str(" (kid ");
            write_string(&truncate(kid), &mut must_be);
            must_be.push(')');
        }
        must_be.push_str(": ");
        must_be.push_str(&reason(&member.error));
    }
    if let Some(others @ 1..) = unfit.len().checked_sub(SHOWN) {
        must_be.push_str("; and ");
        write_count(others, &mut must_be);
        must_be.push_str(" more");
    }
    Error::about(ErrorCode::KeysInvalid, "keys").expected(must_be)
}

/// Why a key cannot be used, in words: "n must be …".
pub(crate) fn reason(error: &Error) -> String {
    let member = error.claim.as_deref().unwrap_or("key");
    let must_be = error.expected.as_ref().and_then(Value::as_str);
    [member, " must be ", must_be.unwrap_or("something else")].concat()
}

impl Unfit {
    /// The report of `jwk`, the member at `index`, whose numbers are no valid key because of `error`.
    pub(crate) fn new(index: usize, jwk: Jwk, error: Error) -> Self {
        Self {
            index,
            type_algs: jwk.material.key_type().algs(),
            kid: jwk.kid,
            error,
        }
    }

    /// The refusal of a token of `alg`, if this member is of the type that `alg` needs.
    fn rejection(&self, alg: Alg) -> Option<Error> {
        self.type_algs.contains(alg).then(|| {
            let mut error = self.error.clone();
            error.code = ErrorCode::KeyRejected;
            error
        })
    }
}

impl JwkSet {
    /// Adds a key, which goes by `number`.
    pub(crate) fn add(&mut self, number: usize, jwk: &Jwk) {
        let entry = Entry {
            number,
            type_algs: jwk.material.key_type().algs(),
            strong_algs: jwk.material.algs(),
            algs: jwk.algs,
        };
        self.algs = self.algs.union(jwk.algs);
        self.all.add(entry);
        let add = |group: &mut Group| group.keys.add(entry);
        match &jwk.kid {
            Some(kid) => self.by_kid.change(kid, add),
            None => add(&mut self.unnamed),
        }
        for x5t in &jwk.x5t {
            self.by_x5t.change(x5t, add);
        }
    }

    /// Adds a member that cannot be used, as the reason for a refusal.
    pub(crate) fn add_unfit(&mut self, mut member: Unfit) {
        match member.kid.take() {
            Some(kid) => self.by_kid.change(&kid, |group| group.unfit.push(member)),
            None => self.unnamed.unfit.push(member),
        }
    }

    /// Every algorithm that some key of this set fits.
    pub(crate) const fn algs(&self) -> AlgSet {
        self.algs
    }

    /// The numbers of the keys to try on a token of `alg`, at most [`MAX_CANDIDATES`]. For a token
    /// with a `kid`: those that fit and have it, else those that fit and have none. For a token
    /// without one: all that fit, those with its certificate thumbprint first.
    pub(crate) fn candidates<'s>(
        &'s self,
        alg: Alg,
        hint: KeyHint<'_>,
    ) -> impl Iterator<Item = usize> + Clone + use<'s> {
        let (first, rest) = self.lists(alg, hint);
        let fits = move |entry: &&Entry| entry.algs.contains(alg);
        let is_first = move |entry: &Entry| first.keys.iter().any(|one| one.number == entry.number);
        let rest = rest.keys.iter().filter(move |entry| !is_first(entry));
        let both = first.keys.iter().chain(rest).filter(fits);
        both.map(|entry| entry.number).take(MAX_CANDIDATES)
    }

    /// Whether a key that fits has the name that the token states: then the keys of this set are tried
    /// before those of a set where none has.
    pub(crate) fn is_named(&self, alg: Alg, hint: KeyHint<'_>) -> bool {
        self.lists(alg, hint).0.fit(alg)
    }

    /// Whether more keys fit than [`Self::candidates`] returns.
    pub(crate) fn has_more(&self, alg: Alg, hint: KeyHint<'_>) -> bool {
        let (first, rest) = self.lists(alg, hint);
        first.more.union(rest.more).contains(alg)
    }

    /// Whether no key of this set has the `kid` of a token. Of a token without one it is not known
    /// which key it means, so any set may lack it.
    pub(crate) fn lacks(&self, hint: KeyHint<'_>) -> bool {
        hint.kid
            .is_none_or(|kid| self.named(kid).keys.keys.is_empty())
    }

    /// Why no key of this set is tried on a token of `alg`, if a key that the token may mean is of
    /// the right type.
    pub(crate) fn rejection(&self, alg: Alg, hint: KeyHint<'_>) -> Option<Error> {
        let named = hint.kid.map_or(Group::NONE, |kid| self.named(kid));
        let mut keys = named.keys.keys.iter();
        let rejection = keys.find_map(|entry| entry.rejection(alg));
        rejection.or_else(|| self.unfitness(alg, hint))
    }

    /// The same, of the members alone that cannot be used at all.
    pub(crate) fn unfitness(&self, alg: Alg, hint: KeyHint<'_>) -> Option<Error> {
        let unfit = |group: &Group| {
            let mut members = group.unfit.iter();
            members.find_map(|member| member.rejection(alg))
        };
        match hint.kid {
            Some(kid) => unfit(self.named(kid)).or_else(|| unfit(&self.unnamed)),
            None => unfit(&self.unnamed)
                .or_else(|| self.by_kid.0.iter().find_map(|(_, group)| unfit(group))),
        }
    }

    /// What a secret of this set must be to be long enough for `alg`, if there is one that is not.
    pub(crate) fn weakness(&self, alg: Alg) -> Option<String> {
        let mut keys = self.all.keys.iter();
        keys.find_map(|entry| entry.weakness(alg))
    }

    /// The keys that are tried first, and those that are tried after them.
    fn lists(&self, alg: Alg, hint: KeyHint<'_>) -> (&Candidates, &Candidates) {
        let Some(kid) = hint.kid else {
            let named = |x5t: Option<&str>| self.by_x5t.get(x5t?);
            let first = named(hint.x5t_s256).or_else(|| named(hint.x5t));
            return (&first.unwrap_or(Group::NONE).keys, &self.all);
        };
        let named = &self.named(kid).keys;
        if named.fit(alg) {
            (named, &Group::NONE.keys)
        } else {
            (&Group::NONE.keys, &self.unnamed.keys)
        }
    }

    fn named(&self, kid: &str) -> &Group {
        self.by_kid.get(kid).unwrap_or(Group::NONE)
    }
}

impl Groups {
    /// The place of the group called `name`, or the one where it belongs.
    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0
            .binary_search_by(|(other, _)| other.as_str().cmp(name))
    }

    fn get(&self, name: &str) -> Option<&Group> {
        let place = self.place(name).ok()?;
        self.0.get(place).map(|(_, group)| group)
    }

    /// Changes the group called `name`, which is empty if it is new.
    fn change(&mut self, name: &str, change: impl FnOnce(&mut Group)) {
        let place = self.place(name).unwrap_or_else(|place| {
            self.0.insert(place, (name.to_owned(), Group::default()));
            place
        });
        if let Some((_, group)) = self.0.get_mut(place) {
            change(group);
        }
    }
}

impl Group {
    const NONE: &Self = &Self {
        keys: Candidates {
            keys: Vec::new(),
            more: AlgSet::EMPTY,
        },
        unfit: Vec::new(),
    };
}

impl Candidates {
    /// Whether one of them fits `alg`.
    fn fit(&self, alg: Alg) -> bool {
        self.keys.iter().any(|entry| entry.algs.contains(alg))
    }

    /// Adds `entry` unless, for everything it fits, as many keys are there as are ever tried.
    fn add(&mut self, entry: Entry) {
        let is_full = |alg: &Alg| {
            let earlier = self.keys.iter().filter(|entry| entry.algs.contains(*alg));
            earlier.count() >= MAX_CANDIDATES
        };
        let full: AlgSet = entry.algs.iter().filter(is_full).collect();
        self.more = self.more.union(full);
        if full != entry.algs {
            self.keys.push(entry);
        }
    }
}

impl Entry {
    /// The refusal of a token of `alg`, if this key is of the type that `alg` needs but does not
    /// fit it.
    fn rejection(&self, alg: Alg) -> Option<Error> {
        if let Some(must_be) = self.weakness(alg) {
            return Some(Error::about(ErrorCode::KeyRejected, "k").expected(must_be));
        }
        self.type_algs.contains(alg).then(|| {
            let allowed: Vec<_> = self.algs.iter().map(Alg::name).collect();
            let error = Error::about(ErrorCode::KeyRejected, "alg").expected(alg.name());
            error.actual(allowed.join(" "))
        })
    }

    /// What this secret must be to be long enough for `alg`, if it is a secret and is not.
    fn weakness(&self, alg: Alg) -> Option<String> {
        let is_weak = self.type_algs.contains(alg) && !self.strong_algs.contains(alg);
        is_weak.then(|| {
            let mut must_be = "a secret of at least ".to_owned();
            write_count(alg.hash_octets(), &mut must_be);
            must_be + " octets for " + alg.name()
        })
    }
}

const TOO_MANY_BITS: &str = "at most 4194304 bits of keys together";
const NO_SECRETS: &str = "RSA, EC or OKP: a secret in a published set is known to everyone";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::base64url;

    fn set(members: &[String], origin: Origin) -> Result<JwkSet, Error> {
        let text = format!(r#"{{"keys":[{}]}}"#, members.join(","));
        let object = Object::parse(&text).ok_or_else(|| Error::keys("", "JSON"))?;
        let mut set = JwkSet::default();
        let mut number = 0;
        for member in parse_members(&object, origin, None)? {
            match member {
                SetMember::Key(jwk) => {
                    set.add(number, &jwk);
                    number += 1;
                }
                SetMember::Unfit(unfit) => set.add_unfit(unfit),
            }
        }
        Ok(set)
    }

    fn hint(kid: Option<&str>) -> KeyHint<'_> {
        KeyHint {
            kid,
            ..KeyHint::default()
        }
    }

    fn selected(members: &[String], alg: Alg, kid: Option<&str>) -> Result<Vec<usize>, Error> {
        let set = set(members, Origin::Caller)?;
        Ok(set.candidates(alg, hint(kid)).collect())
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
        set(members, Origin::Caller).ok()?.rejection(alg, hint(kid))
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
        assert_eq!(selected(&keys, Alg::Rs256, Some("a")), Ok(vec![3]));
    }

    #[test]
    fn a_token_without_a_kid_is_tried_with_all_keys_that_fit() {
        let keys = [
            ec(r#","kid":"a""#),
            rsa(256, r#","kid":"b""#),
            ec(""),
            ec(r#","kid":"c""#),
        ];
        assert_eq!(selected(&keys, Alg::Es256, None), Ok(vec![0, 2, 3]));
        assert_eq!(selected(&keys, Alg::Rs256, None), Ok(vec![1]));
        assert_eq!(selected(&keys[..1], Alg::Es256, Some("c")), Ok(vec![]));
        assert_eq!(refusal(&keys[..1], Alg::Es256, Some("c")), None);
    }

    #[test]
    fn the_key_with_the_certificate_thumbprint_of_a_token_is_tried_first() {
        let x5c = "QUJD";
        let of_x5c = base64url::encode(&crate::encoding::sha256::digest(b"ABC"));
        let mut keys: Vec<_> = (0..9).map(|_| ec("")).collect();
        keys.push(ec(r#","kid":"a","x5t":"one""#));
        keys.push(ec(&format!(r#","x5c":["{x5c}"]"#)));
        keys.push(ec(r#","x5t#S256":"stated","x5c":["QUJD"]"#));
        let first = |x5t, x5t_s256| {
            let hint = KeyHint {
                x5t,
                x5t_s256,
                ..KeyHint::default()
            };
            let set = set(&keys, Origin::Caller).ok()?;
            let candidates: Vec<_> = set.candidates(Alg::Es256, hint).collect();
            assert_eq!(candidates.len(), MAX_CANDIDATES);
            assert!(set.has_more(Alg::Es256, hint));
            candidates.first().copied()
        };
        assert_eq!(first(None, None), Some(0));
        assert_eq!(first(Some("one"), None), Some(9));
        assert_eq!(first(Some("one"), Some(&of_x5c)), Some(10));
        assert_eq!(first(Some("one"), Some("stated")), Some(11));
        assert_eq!(first(Some("one"), Some("unknown")), Some(9));
        assert_eq!(first(Some("unknown"), None), Some(0));
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
            let claim = error.and_then(|error| error.into_refusal().claim);
            assert_eq!(claim.as_deref(), Some(member));
        }
    }

    #[test]
    fn a_key_of_another_type_is_no_reason_to_refuse() {
        for key in [
            rsa(256, r#","kid":"a""#),
            r#"{"kty":"EC","crv":"P-999","x":"AA","y":"AA","kid":"a"}"#.to_owned(),
            r#"{"kty":"weird","kid":"a"}"#.to_owned(),
            r#"{"kty":"EC","crv":"P-384","kid":"a","use":"enc"}"#.to_owned(),
        ] {
            assert_eq!(refusal(&[key], Alg::Es256, Some("a")), None);
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
            parse_members(&object, Origin::Caller, None)
                .err()?
                .into_refusal()
                .claim
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
            .and_then(|error| error.into_refusal().claim);
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
        let set = set(&nine, Origin::Caller);
        let more = |alg| set.as_ref().map(|set| set.has_more(alg, hint(None)));
        assert_eq!((more(Alg::Rs256), more(Alg::Ps256)), (Ok(true), Ok(false)));
    }

    #[test]
    fn an_unfit_key_that_a_token_may_mean_is_the_reason_to_refuse_it() {
        let named = [ec(r#","kid":"a","use":"enc""#)];
        let unnamed = [ec(r#","use":"enc""#)];
        let blamed = |keys: &[String], kid| {
            let error = refusal(keys, Alg::Es256, kid)?;
            assert_eq!(error.code, ErrorCode::KeyRejected);
            error.into_refusal().claim
        };
        assert_eq!(blamed(&named, Some("a")).as_deref(), Some("use"));
        assert_eq!(blamed(&named, None).as_deref(), Some("use"));
        assert_eq!(blamed(&named, Some("b")), None);
        assert_eq!(blamed(&unnamed, Some("b")).as_deref(), Some("use"));
        assert_eq!(blamed(&unnamed, None).as_deref(), Some("use"));
    }

    #[test]
    fn the_keys_of_a_set_are_bounded_in_bits() {
        let keys = |count| vec![rsa(1024, ""); count];
        assert!(set(&keys(512), Origin::Published).is_ok());
        let claim = set(&keys(513), Origin::Published)
            .err()
            .and_then(|error| error.into_refusal().claim);
        assert_eq!(claim.as_deref(), Some("keys"));
    }

    #[test]
    fn a_set_without_a_usable_key_names_each_member_and_the_reason() {
        let key = r#"{"kty":"RSA","n":"AA","e":"AQAB","kid":"k\"1"}"#;
        let text = format!(r#"{{"keys":[{key},7,{key},{key},{key},{key},{key}]}}"#);
        let members = Object::parse(&text)
            .and_then(|object| parse_members(&object, Origin::Caller, None).ok())
            .unwrap_or_default();
        let unfit: Vec<_> = members
            .into_iter()
            .filter_map(|member| match member {
                SetMember::Key(_) => None,
                SetMember::Unfit(unfit) => Some(unfit),
            })
            .collect();
        let must_be = no_usable_key(&unfit).into_refusal().expected;
        let must_be = must_be.as_ref().and_then(|must_be| must_be.as_str());
        let must_be = must_be.unwrap_or_default();
        assert!(must_be.contains(r#"keys[0] (kid "k\"1"): n must be a positive number"#));
        assert!(must_be.contains("keys[1]: keys must be JWKs: this one is not a JSON object"));
        assert!(must_be.ends_with("; and 2 more"), "{must_be}");
    }
}
