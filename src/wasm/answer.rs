//! What does a call leave for the package?
//!
//! Text in one buffer, numbers in another, and what was told before is not told again.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::shape::{DOUBLES, Places, Shapes};
use crate::claims::numeric_date::NumericDate;
use crate::error::{Error, ErrorCode};
use crate::recent::Recent;
use crate::verifier::Accepted;

/// The most tokens of one call.
pub(super) const MANY: usize = 64;

/// What a call leaves.
pub(super) struct Left {
    output: Vec<u8>,
    answers: Vec<Numbers>,
    places: Places,
}

/// What there is to say of one token in numbers: where each stands, the package knows.
#[derive(Clone, Default)]
#[repr(C)]
struct Numbers {
    /// The length of the claims, JSON text, in the output, behind which the id of the token stands
    /// and what has to be told; 0 for a token that is remembered and says what it said before; or,
    /// below zero, one more than the length of the evidence for which it is refused, JSON text.
    status: f64,
    /// Where in the memory its part of the output starts.
    output: f64,
    /// How much of that stands behind claims and id, or behind the evidence.
    told: f64,
    /// The number of the reason for a refusal.
    reason: f64,
    /// Of the entry in the memory of tokens; none is below zero.
    entry: f64,
    /// Of the header and key among those told before.
    preamble: f64,
    /// `exp`, or NaN.
    expires_at: f64,
    /// How often the token may be redeemed, or 0.
    uses: f64,
    /// The number of the shape of the claims, or -1.
    shape: f64,
    /// Where in the memory, counted in words, the places of their values stand.
    places: f64,
    /// The values that are numbers; of a refusal, what was expected and what was found, or NaN.
    doubles: [f64; DOUBLES],
}

/// What the package has been told of the tokens of one verifier.
#[derive(Debug)]
pub(super) struct Told {
    shapes: Shapes,
    reasons: Recent<Reason, 32>,
}

/// Why tokens are refused, the evidence aside: a code, and what it blames.
type Reason = (ErrorCode, Option<Cow<'static, str>>);

/// The evidence of a refusal.
#[derive(Serialize)]
struct Evidence {
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actual: Option<Value>,
}

/// The place for what there is to say of one token.
pub(super) struct Answer<'l> {
    output: &'l mut Vec<u8>,
    numbers: &'l mut Numbers,
    places: &'l mut Places,
}

impl Told {
    /// Nothing yet.
    pub(super) const fn new() -> Self {
        Self {
            shapes: Shapes::new(),
            reasons: Recent::new(),
        }
    }
}

impl Left {
    /// Nothing, and room for as many answers as there ever are.
    pub(super) fn new() -> Self {
        Self {
            output: Vec::new(),
            answers: vec![Numbers::default(); MANY],
            places: Places::default(),
        }
    }

    /// Where the numbers of the first answer stand; those of the others follow.
    pub(super) fn numbers(&self) -> *const f64 {
        self.answers.as_ptr().cast()
    }

    /// Forgets what the call before has left.
    pub(super) fn clear(&mut self) {
        self.output.clear();
        self.places.clear();
    }

    /// The place for the answer of that number.
    pub(super) fn answer(&mut self, number: usize) -> Option<Answer<'_>> {
        let numbers = self.answers.get_mut(number)?;
        numbers.output = as_number(self.output.len());
        Some(Answer {
            output: &mut self.output,
            numbers,
            places: &mut self.places,
        })
    }

    /// Says where in the memory everything stands: nothing is moved from here on.
    pub(super) fn settle(&mut self, answers: usize) {
        let output = self.output.as_ptr().expose_provenance();
        let places = self.places.address() / size_of::<u32>();
        for numbers in self.answers.iter_mut().take(answers) {
            numbers.output += as_number(output);
            numbers.places += as_number(places);
        }
    }

    /// Leaves one text; returns its length.
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
    /// The token is the one that is remembered by that number.
    pub(super) fn remembered(self, entry: usize) {
        self.numbers.status = 0.0;
        self.numbers.entry = as_number(entry);
    }

    /// What an accepted token says; `preamble` is the number of its header and key, and whether that
    /// is new, `entry` the one by which it is remembered.
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
            // Writing to memory fails never; if it did, the text would not be one.
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

    /// Why the token is refused: the evidence, if it is more than numbers, and behind it the reason,
    /// if it has to be told.
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

/// Writes what has to be told of a token, `[scope, names]`, followed, if header and key are `new`,
/// by header, `kid` and `alg`. The header is valid JSON already, and goes in as it came.
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
    // Data of the core's own always serialises; a failure would leave the text cut short, which
    // no reader of JSON accepts.
    drop(serde_json::to_writer(output, value));
}

/// A number of things in memory, which are never as many as a double holds integers.
fn as_number(count: usize) -> f64 {
    u32::try_from(count).map_or(-1.0, f64::from)
}

#[cfg(all(test, target_arch = "wasm32"))]
impl Left {
    /// The text of the first answer, its status, how much is told and the number of the reason.
    pub(super) fn first(&self) -> (&[u8], f64, f64, f64) {
        let numbers = self.answers.first().cloned().unwrap_or_default();
        (&self.output, numbers.status, numbers.told, numbers.reason)
    }
}
