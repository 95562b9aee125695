//! Plain exports of the verification kernels. The input of a call is in one buffer: keys and
//! signatures one after the other, of lengths that the caller passes.

#[cfg_attr(
    not(feature = "oracles"),
    expect(dead_code, reason = "not all of the kernels is timed")
)]
#[path = "../../../../src/signature/arithmetic/mod.rs"]
mod arithmetic;
#[cfg(feature = "oracles")]
mod tests;

use std::cell::RefCell;

use arithmetic::ecdsa::{P256PublicKey, P384PublicKey, P521PublicKey, Secp256k1PublicKey};
use arithmetic::{ed25519, rsa};

/// A key of any kernel.
enum Key {
    P256(P256PublicKey),
    P384(P384PublicKey),
    P521(P521PublicKey),
    Secp256k1(Secp256k1PublicKey),
    Rsa(rsa::PublicKey),
    Ed25519(ed25519::PublicKey),
}

#[derive(Default)]
struct State {
    input: Vec<u8>,
    output: Vec<u8>,
    keys: Vec<Key>,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

/// Makes room for `length` octets of input and says where.
#[unsafe(no_mangle)]
pub extern "C" fn input(length: usize) -> *mut u8 {
    STATE.with_borrow_mut(|state| {
        state.input.resize(length, 0);
        state.input.as_mut_ptr()
    })
}

/// Reads the key whose two parts are the input, the first of `length` octets; `kind` is its place
/// in [`Key`]. The key's number, or −1.
#[unsafe(no_mangle)]
pub extern "C" fn key(kind: u32, length: usize) -> i32 {
    STATE.with_borrow_mut(|state| {
        let (first, second) = state.input.split_at(length);
        let key = match kind {
            0 => P256PublicKey::from_coordinates(first, second).map(Key::P256),
            1 => P384PublicKey::from_coordinates(first, second).map(Key::P384),
            2 => P521PublicKey::from_coordinates(first, second).map(Key::P521),
            3 => Secp256k1PublicKey::from_coordinates(first, second).map(Key::Secp256k1),
            4 => rsa::PublicKey::new(first, second).map(Key::Rsa),
            5 => first.try_into().ok().and_then(ed25519::PublicKey::new).map(Key::Ed25519),
            _ => None,
        };
        let Some(key) = key else { return -1 };
        state.keys.push(key);
        i32::try_from(state.keys.len() - 1).unwrap_or(-1)
    })
}

/// Whether the signature after the first `length` octets of the input signs those, `times` over:
/// for ECDSA their hash, for RSA the power that is expected.
#[unsafe(no_mangle)]
pub extern "C" fn verify(number: usize, length: usize, times: u32) -> bool {
    STATE.with_borrow_mut(|state| {
        let (message, signature) = state.input.split_at(length);
        (0..times).all(|_| match &state.keys[number] {
            Key::P256(key) => key.verify(message, signature),
            Key::P384(key) => key.verify(message, signature),
            Key::P521(key) => key.verify(message, signature),
            Key::Secp256k1(key) => key.verify(message, signature),
            Key::Ed25519(key) => key.verify(message, signature),
            Key::Rsa(key) => {
                state.output.resize(signature.len(), 0);
                key.power(signature, &mut state.output) && state.output.ends_with(message)
            }
        })
    })
}
