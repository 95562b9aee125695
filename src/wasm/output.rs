//! The encoding of a call's results for JavaScript, as `protocol.rs` specifies it.

use std::borrow::Cow;

use serde_json::Value;

use super::claim_layout::Layouts;
use super::protocol::{HEADERS, ID_LENGTH, MAX_TOKENS, REASONS, RECORD, Record};
use crate::claims::layout::Layout as Spans;
use crate::claims::numeric_date::NumericDate;
use crate::encoding::json::write::{write_array, write_blame, write_string, write_text};
use crate::encoding::octets::same;
use crate::error::{Error, ErrorCode, Refusal};
use crate::fifo::Fifo;
use crate::session::{Hit, Output};
use crate::verifier::Accepted;

/// JavaScript finds the record of each token by its index among the doubles.
const _: () = assert!(size_of::<[Record; 2]>() == 2 * RECORD * size_of::<f64>());

/// The results of one call.
pub(super) struct Results {
    output: Vec<u8>,
    records: Vec<Record>,
    spans: Spans,
}

/// The dictionaries of one verifier: the values that the package already has, each with its number.
#[derive(Debug)]
pub(super) struct Dictionaries {
    layouts: Layouts,
    headers: Fifo<Header, HEADERS>,
    reasons: Fifo<Reason, REASONS>,
}

/// An encoded header, and the number of the key that signed under it.
type Header = (Box<[u8]>, usize);

/// The reason for a refusal without its evidence: a code, and the claim to blame.
type Reason = (ErrorCode, Option<Cow<'static, str>>);

/// The writer of the results of a call.
pub(super) struct Writer<'b> {
    results: &'b mut Results,
    dictionaries: &'b mut Dictionaries,
}

impl Dictionaries {
    /// Empty dictionaries.
    pub(super) const fn new() -> Self {
        Self {
            layouts: Layouts::new(),
            headers: Fifo::new(),
            reasons: Fifo::new(),
        }
    }

    /// The number of the header and the key of `accepted`, and whether it is new.
    fn header(&mut self, accepted: &Accepted<'_>) -> (usize, bool) {
        let Accepted { protected, key, .. } = accepted;
        let known = self
            .headers
            .number(|(header, signer)| signer == key && same(header, protected));
        match known {
            Some(number) => (number, false),
            None => (self.headers.insert(((*protected).into(), *key)), true),
        }
    }
}

impl Results {
    /// No results, with capacity for the most tokens of one call.
    pub(super) fn new() -> Self {
        Self {
            output: Vec::new(),
            records: vec![Record::default(); MAX_TOKENS],
            spans: Spans::default(),
        }
    }

    /// The address of the first record; the others follow.
    pub(super) fn records(&self) -> *const f64 {
        self.records.as_ptr().cast()
    }

    /// Removes the results of the previous call.
    pub(super) fn clear(&mut self) {
        self.output.clear();
        self.spans.clear();
    }

    /// Turns offsets into addresses. Must come last: a buffer that grows moves.
    pub(super) fn finish(&mut self, count: usize) {
        let output = self.output.as_ptr().expose_provenance();
        let spans = self.spans.address() / size_of::<u32>();
        for record in self.records.iter_mut().take(count) {
            record.output += as_number(output);
            record.spans += as_number(spans);
        }
    }

    /// Writes one text; returns its length.
    pub(super) fn text(&mut self, text: &[u8]) -> i32 {
        self.clear();
        self.output.extend_from_slice(text);
        if let Some(record) = self.records.first_mut() {
            record.output = 0.0;
        }
        self.finish(1);
        i32::try_from(text.len()).unwrap_or_default()
    }
}

impl<'b> Writer<'b> {
    /// The writer of `results`, which refer to `dictionaries`.
    pub(super) fn new(results: &'b mut Results, dictionaries: &'b mut Dictionaries) -> Self {
        Self {
            results,
            dictionaries,
        }
    }
}

impl Output for Writer<'_> {
    type Result = ();

    fn cached(&mut self, place: usize, entry: usize, _: Hit<'_>) {
        if let Some(record) = self.results.records.get_mut(place) {
            record.status = 0.0;
            record.entry = as_number(entry);
        }
    }

    fn accepted(&mut self, place: usize, entry: Option<usize>, accepted: &Accepted<'_>) {
        let Results {
            output,
            records,
            spans,
        } = &mut *self.results;
        let Some(record) = records.get_mut(place) else {
            return;
        };
        record.output = as_number(output.len());
        let claims = accepted.claims.object();
        let start = spans.note(claims, &accepted.scope, &mut record.doubles);
        let layouts = &mut self.dictionaries.layouts;
        let layout = start.and_then(|start| Some((start, layouts.number(claims)?)));
        let (layout, names) = match layout {
            Some((start, (layout, names))) => {
                record.spans = as_number(start);
                (Some(layout), names)
            }
            None => (None, None),
        };
        let (header, is_new) = self.dictionaries.header(accepted);
        let text = claims.text().as_bytes();
        output.extend_from_slice(text);
        let id: [u8; ID_LENGTH] = accepted.id();
        output.extend_from_slice(&id);
        let before = output.len();
        if layout.is_none() || names.is_some() || is_new {
            write_additions(accepted, names.as_deref(), is_new, output);
        }
        record.status = as_number(text.len());
        record.additions = as_number(output.len() - before);
        record.entry = entry.map_or(-1.0, as_number);
        record.header = as_number(header);
        let exp = accepted.claims.times.exp;
        record.expires_at = exp.map_or(f64::NAN, NumericDate::secs);
        record.uses = accepted.uses.map_or(0.0, f64::from);
        record.layout = layout.map_or(-1.0, as_number);
    }

    fn refused(&mut self, place: usize, refusal: Error) {
        let Results {
            output, records, ..
        } = &mut *self.results;
        let Some(record) = records.get_mut(place) else {
            return;
        };
        let Refusal {
            code,
            claim,
            expected,
            actual,
            ..
        } = refusal.into_refusal();
        let start = output.len();
        record.output = as_number(start);
        let is_number = |value: &Option<Value>| value.as_ref().is_none_or(Value::is_number);
        if is_number(&expected) && is_number(&actual) {
            let double = |value: Option<Value>| value.and_then(|value| value.as_f64());
            let evidence = [expected, actual].map(|value| double(value).unwrap_or(f64::NAN));
            let doubles = record.doubles.iter_mut().zip(evidence);
            doubles.for_each(|(double, value)| *double = value);
        } else {
            let mut json = String::from("{");
            write_blame(None, [&expected, &actual], &mut json);
            json.push('}');
            output.extend_from_slice(json.as_bytes());
        }
        let end = output.len();
        let reasons = &mut self.dictionaries.reasons;
        let known = reasons.number(|(other, blamed)| *other == code && *blamed == claim);
        let number = known.unwrap_or_else(|| {
            output.extend_from_slice(reason_text(code, claim.as_deref()).as_bytes());
            reasons.insert((code, claim))
        });
        record.status = -1.0 - as_number(end - start);
        record.reason = as_number(number);
        record.additions = as_number(output.len() - end);
    }
}

/// The reason of a refusal, `[code, claim]`, as JSON text.
fn reason_text(code: ErrorCode, claim: Option<&str>) -> String {
    let mut json = String::from("[");
    write_string(code.name(), &mut json);
    json.push(',');
    write_text(claim, &mut json);
    json.push(']');
    json
}

/// Writes the additions of an accepted token: `[scope, names]` and, if header and key are `new`,
/// `header`, `kid` and `alg` after them. The header is valid JSON and is copied.
fn write_additions(
    accepted: &Accepted<'_>,
    names: Option<&[String]>,
    new: bool,
    text: &mut Vec<u8>,
) {
    let mut json = String::from("[");
    let scope: Vec<_> = accepted.scope.iter().collect();
    write_array(&scope, &mut json, |token, json| write_string(token, json));
    json.push(',');
    match names {
        Some(names) => write_array(names, &mut json, |name, json| write_string(name, json)),
        None => json.push_str("null"),
    }
    text.extend_from_slice(json.as_bytes());
    if new {
        text.push(b',');
        text.extend_from_slice(&accepted.header());
        json.clear();
        json.push(',');
        write_text(accepted.kid, &mut json);
        json.push(',');
        write_string(accepted.alg.name(), &mut json);
        text.extend_from_slice(json.as_bytes());
    }
    text.push(b']');
}

/// A count as a double. Counts in a memory of 32 bits are exact as doubles.
fn as_number(count: usize) -> f64 {
    u32::try_from(count).map_or(-1.0, f64::from)
}

#[cfg(all(test, target_arch = "wasm32"))]
impl Results {
    /// The output, and the first record.
    pub(super) fn first(&self) -> (&[u8], Record) {
        (
            &self.output,
            self.records.first().cloned().unwrap_or_default(),
        )
    }
}
