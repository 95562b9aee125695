//! The TypeScript constants of the WebAssembly boundary are those of `src/wasm/protocol.rs`.
//!
//! `PROTOCOL=write cargo test --test protocol` writes `pkg/src/core/protocol.ts`; without it, the test
//! compares.
#![expect(clippy::unwrap_used, reason = "a failed test should panic")]

use std::{env, fs};

#[path = "../src/wasm/protocol.rs"]
#[expect(
    dead_code,
    reason = "this file writes the constants and encodes nothing"
)]
mod protocol;

use protocol::{Constant, FIELDS, Record, SHARED};

const TYPESCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/pkg/src/core/protocol.ts");

/// The longest line of a comment.
const WIDTH: usize = 120;

const HEAD: &str = "\
/**
 * The layout of what the core writes: the index of each field of a record, and constants that both sides have.
 *
 * Generated from `src/wasm/protocol.rs`, which explains the layout, by `PROTOCOL=write cargo test --test protocol`.
 *
 * @module
 */
";

#[test]
fn the_typescript_constants_are_current() {
    let generated = generated();
    if env::var("PROTOCOL").is_ok_and(|mode| mode == "write") {
        fs::write(TYPESCRIPT, &generated).unwrap();
    }
    let written = fs::read_to_string(TYPESCRIPT).unwrap();
    assert_eq!(
        written, generated,
        "run: PROTOCOL=write cargo test --test protocol"
    );
}

#[test]
fn a_record_is_doubles_alone_and_each_field_has_its_own_index() {
    let sizes = FIELDS.iter().map(|field| field.value);
    assert!(sizes.is_sorted_by(|one, next| one < next));
    let first_double = FIELDS.last().unwrap().value;
    assert_eq!(first_double + 1, FIELDS.len());
    let count = size_of::<Record>() / size_of::<f64>();
    assert_eq!(first_double + protocol::MAX_DOUBLES, count);
    assert_eq!(protocol::RECORD, count);
}

/// A kind fits into its bits.
const _: () = assert!(protocol::NULL < 1 << protocol::KIND_BITS);

fn generated() -> String {
    let constants = FIELDS.iter().chain(SHARED).map(constant);
    std::iter::once(HEAD.to_owned()).chain(constants).collect()
}

fn constant(Constant { doc, name, value }: &Constant) -> String {
    let doc = doc.trim();
    let line = format!("/** {doc} */");
    let comment = if line.chars().count() <= WIDTH {
        line
    } else {
        format!("/**\n{}\n */", wrapped(doc))
    };
    format!("\n{comment}\nexport const {name} = {value}\n")
}

/// `text` as lines of a block comment.
fn wrapped(text: &str) -> String {
    let mut lines = vec![" *".to_owned()];
    for word in text.split(' ') {
        let last = lines.last_mut().unwrap();
        if last.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(format!(" * {word}"));
        } else {
            last.push(' ');
            last.push_str(word);
        }
    }
    lines.join("\n")
}
