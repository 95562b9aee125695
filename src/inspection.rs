//! The boundary of an inspection alone: the exports of the WebAssembly that `countersign/inspect`
//! contains as JavaScript.
//!
//! JavaScript writes the token to [`input`], calls [`inspect`], and reads the JSON text at [`output`]
//! and the times at [`times`].

mod bump;

use std::cell::Cell;

use crate::claims::numeric_date::NumericDate;
use crate::inspect::{Time, TimeState, inspect_within};

thread_local! {
    static INPUT: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    static OUTPUT: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    static TIMES: Cell<[f64; 4]> = const { Cell::new([f64::NAN; 4]) };
}

/// The address for the `length` octets of a token. Frees what the last call used.
#[expect(unsafe_code, reason = "an export")]
#[unsafe(no_mangle)]
extern "C" fn input(length: usize) -> *mut u8 {
    bump::empty((INPUT.take(), OUTPUT.take()));
    let mut input = vec![0; length];
    let address = input.as_mut_ptr();
    INPUT.set(input);
    address
}

/// Reads the token in the input, of at most `limit` octets, as of `now`, in seconds since the Unix
/// epoch. Returns the length of the text at [`output`]: the members of the inspection but `time` and
/// `checks`, as those of a JSON object without its braces. 0 if `now` is out of range or the token is
/// not UTF-8.
#[expect(unsafe_code, reason = "an export")]
#[unsafe(no_mangle)]
extern "C" fn inspect(limit: usize, now: f64) -> usize {
    let input = INPUT.take();
    let Some((token, now)) = std::str::from_utf8(&input)
        .ok()
        .zip(NumericDate::from_secs(now))
    else {
        return 0;
    };
    let inspection = inspect_within(token, limit, now);
    let mut output = String::new();
    inspection.write(&mut output);
    let length = output.len();
    OUTPUT.set(output.into_bytes());
    TIMES.set(inspection.time.map_or([f64::NAN; 4], numbers));
    length
}

/// The address of the text that [`inspect`] wrote.
#[expect(unsafe_code, reason = "an export")]
#[unsafe(no_mangle)]
extern "C" fn output() -> *const u8 {
    let output = OUTPUT.take();
    let address = output.as_ptr();
    OUTPUT.set(output);
    address
}

/// One of the times of the last token, NaN for none: 0 is `iat`, 1 `nbf`, 2 `exp`, and 3 the number of
/// the state.
#[expect(unsafe_code, reason = "an export")]
#[unsafe(no_mangle)]
extern "C" fn time(index: usize) -> f64 {
    TIMES.get().get(index).copied().unwrap_or(f64::NAN)
}

fn numbers(time: Time) -> [f64; 4] {
    let state = match time.state {
        TimeState::NotYetValid => 0.0,
        TimeState::Current => 1.0,
        TimeState::Expired => 2.0,
        TimeState::NeverExpires => 3.0,
    };
    let or_none = |moment: Option<f64>| moment.unwrap_or(f64::NAN);
    let [iat, nbf, exp] = [time.issued_at, time.not_before, time.expires_at].map(or_none);
    [iat, nbf, exp, state]
}
