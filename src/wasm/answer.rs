//! The encoding of a call's results for JavaScript.
//!
//! A call writes text into one buffer and one record of doubles for each token into another. Values
//! that recur (headers with their keys, lists of Claim Names, reasons for refusals) are written once;
//! later results refer to them by number. `answer.ts` in the package is the decoder.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::shape::Shapes;
use crate::claims::layout::{DOUBLES, Layout};
use crate::claims::numeric_date::NumericDate;
use crate::error::{Error, ErrorCode};
use crate::recent::Recent;
use crate::verifier::Accepted;

/// The most tokens of one call.
pub(super) const MANY: usize = 64;

/// The results of one call.
pub(super) struct Left {
    output: Vec<u8>,
    answers: Vec<Numbers>,
    places: Layout,
}

/// The record of one token. The package reads its fields by their order.
#[derive(Clone, Default)]
#[repr(C)]
struct Numbers {
    /// Of an accepted token, the length of its claims as JSON text; in the output, the token's id
    /// and the values written for the first time follow them. 0 for a token found in the cache.
    /// Of a refused token, `-1 - n`, where n is the length of its evidence as JSON text.
    status: f64,
    /// The address of its part of the output.
    output: f64,
    /// The length of the values written for the first time, which follow the id or the evidence.
    told: f64,
    /// The number of the reason for a refusal.
    reason: f64,
    /// The number of its entry in the token cache; below zero, it is not cached.
    entry: f64,
    /// The number of its header and key.
    preamble: f64,
    /// `exp`, or NaN.
    expires_at: f64,
    /// The limit of its uses, or 0.
    uses: f64,
    /// The number of its list of Claim Names, or -1.
    shape: f64,
    /// The address of the spans of its values, in words.
    places: f64,
    /// The claims that are numbers; of a refusal, the expected and the actual value, or NaN.
    doubles: [f64; DOUBLES],
}

/// The dictionaries of one verifier: the values that the package already has.
#[derive(Debug)]
pub(super) struct Told {
    shapes: Shapes,
    reasons: Recent<Reason, 32>,
}

/// The reason for a refusal without its evidence: a code, and the claim to blame.
type Reason = (ErrorCode, Option<Cow<'static, str>>);

/// The evidence of a refusal.
#[derive(Serialize)]
struct Evidence {
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actual: Option<Value>,
}

/// The writer of one token's result.
pub(super) struct Answer<'l> {
    output: &'l mut Vec<u8>,
    numbers: &'l mut Numbers,
    places: &'l mut Layout,
}

impl Told {
    /// Empty dictionaries.
    pub(super) const fn new() -> Self {
        Self {
            shapes: Shapes::new(),
            reasons: Recent::new(),
        }
    }
}

impl Left {
    /// No results, with capacity for the most tokens of one call.
    pub(super) fn new() -> Self {
        Self {
            output: Vec::new(),
            answers: vec![Numbers::default(); MANY],
            places: Layout::default(),
        }
    }

    /// The address of the first record; the others follow.
    pub(super) fn numbers(&self) -> *const f64 {
        self.answers.as_ptr().cast()
    }

    /// Removes the results of the previous call.
    pub(super) fn clear(&mut self) {
        self.output.clear();
        self.places.clear();
    }

    /// The writer of the result with that number.
    pub(super) fn answer(&mut self, number: usize) -> Option<Answer<'_>> {
        let numbers = self.answers.get_mut(number)?;
        numbers.output = as_number(self.output.len());
        Some(Answer {
            output: &mut self.output,
            numbers,
            places: &mut self.places,
        })
    }

    /// Turns offsets into addresses. Must come last: a buffer that grows moves.
    pub(super) fn settle(&mut self, answers: usize) {
        let output = self.output.as_ptr().expose_provenance();
        let places = self.places.address() / size_of::<u32>();
        for numbers in self.answers.iter_mut().take(answers) {
            numbers.output += as_number(output);
            numbers.places += as_number(places);
        }
    }

    /// Writes one text; returns its length.
    pub(super) fn text(&mut self, text: &[u8]) -> i32 {
        self.clear();
        if let Some(answer) = self.answer(0) {
            answer.output.extend_from_slice(text);
        }
        self.settle(1);
        i32::try_from(text.len()).unwrap_or_default()
    }
}

impl Answer<'_> {
    /// Writes the number of the cache's entry for the token.
    pub(super) fn remembered(self, entry: usize) {
        self.numbers.status = 0.0;
        self.numbers.entry = as_number(entry);
    }

    /// Writes an accepted token. `preamble` is the number of its header and key, and whether that
    /// number is new; `entry` is the number of its entry in the token cache.
    pub(super) fn accepted(
        self,
        accepted: &Accepted<'_>,
        (preamble, is_new): (usize, bool),
        entry: Option<usize>,
        told: &mut Told,
    ) -> Result<(), Error> {
        let Self {
            output,
            numbers,
            places,
        } = self;
        let claims = accepted.claims.object();
        let start = places.note(claims, &accepted.scope, &mut numbers.doubles);
        let shape = start.and_then(|start| Some((start, told.shapes.number(claims)?)));
        let (shape, names) = match shape {
            Some((start, (shape, names))) => {
                numbers.places = as_number(start);
                (Some(shape), names)
            }
            None => (None, None),
        };
        let text = claims.text().as_bytes();
        output.extend_from_slice(text);
        output.extend_from_slice(&accepted.id());
        let before = output.len();
        if shape.is_none() || names.is_some() || is_new {
            // Writing to memory does not fail; if it did, the text would be incomplete.
            write_told(accepted, names.as_deref(), is_new, output)
                .map_err(|_| Error::new(ErrorCode::ClaimsMalformed))?;
        }
        numbers.status = as_number(text.len());
        numbers.told = as_number(output.len() - before);
        numbers.entry = entry.map_or(-1.0, as_number);
        numbers.preamble = as_number(preamble);
        let exp = accepted.claims.times.exp;
        numbers.expires_at = exp.map_or(f64::NAN, NumericDate::secs);
        numbers.uses = accepted.uses.map_or(0.0, f64::from);
        numbers.shape = shape.map_or(-1.0, as_number);
        Ok(())
    }

    /// Writes a refusal: its evidence, unless that is numbers only, and then its reason, if the
    /// package does not have it yet.
    pub(super) fn refused(self, refusal: Error, told: &mut Told) {
        let Self {
            output, numbers, ..
        } = self;
        let Error {
            code,
            claim,
            expected,
            actual,
        } = refusal;
        let start = output.len();
        let is_number = |value: &Option<Value>| value.as_ref().is_none_or(Value::is_number);
        if is_number(&expected) && is_number(&actual) {
            let double = |value: Option<Value>| value.and_then(|value| value.as_f64());
            let evidence = [expected, actual].map(|value| double(value).unwrap_or(f64::NAN));
            let places = numbers.doubles.iter_mut().zip(evidence);
            places.for_each(|(place, double)| *place = double);
        } else {
            write_json(&Evidence { expected, actual }, output);
        }
        let end = output.len();
        let reasons = &mut told.reasons;
        let known = reasons.number(|(other, blamed)| *other == code && *blamed == claim);
        let number = known.unwrap_or_else(|| {
            write_json(&(code, &claim), output);
            reasons.insert((code, claim))
        });
        numbers.status = -1.0 - as_number(end - start);
        numbers.reason = as_number(number);
        numbers.told = as_number(output.len() - end);
    }
}

/// Writes the values that the package does not have yet: `[scope, names]` and, if header and key are
/// `new`, `header`, `kid` and `alg` after them. The header is valid JSON and is copied.
fn write_told(
    accepted: &Accepted<'_>,
    names: Option<&[String]>,
    new: bool,
    text: &mut Vec<u8>,
) -> serde_json::Result<()> {
    text.push(b'[');
    let scope: Vec<_> = accepted.scope.iter().collect();
    serde_json::to_writer(&mut *text, &scope)?;
    text.push(b',');
    serde_json::to_writer(&mut *text, &names)?;
    if new {
        text.push(b',');
        text.extend_from_slice(&accepted.header());
        text.push(b',');
        serde_json::to_writer(&mut *text, &accepted.kid)?;
        text.push(b',');
        serde_json::to_writer(&mut *text, &accepted.alg)?;
    }
    text.push(b']');
    Ok(())
}

fn write_json(value: &impl Serialize, output: &mut Vec<u8>) {
    // The core's own data always serialises; after a failure the text would be truncated, and no
    // JSON parser would accept it.
    drop(serde_json::to_writer(output, value));
}

/// A count as a double. Counts in a memory of 32 bits are exact as doubles.
fn as_number(count: usize) -> f64 {
    u32::try_from(count).map_or(-1.0, f64::from)
}

#[cfg(all(test, target_arch = "wasm32"))]
impl Left {
    /// The output, and of the first record `status`, `told` and `reason`.
    pub(super) fn first(&self) -> (&[u8], f64, f64, f64) {
        let numbers = self.answers.first().cloned().unwrap_or_default();
        (&self.output, numbers.status, numbers.told, numbers.reason)
    }
}
