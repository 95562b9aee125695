//! Runs the tests of the compiled core in Node, as the runner that `.cargo/config.toml` names.
//!
//! The job is wasm-bindgen's own, called as a library of the version that `Cargo.lock` says.

use std::env;

use wasm_bindgen_cli::wasm_bindgen_test_runner;

fn main() -> anyhow::Result<()> {
    wasm_bindgen_test_runner::run_cli_with_args(env::args_os())
}
