//! Turns the compiled core into a module that JavaScript can load, and runs its tests in Node.
//!
//! Both jobs are wasm-bindgen's own, called as libraries: a tool installed beside the project could have any version,
//! these have the one that `Cargo.lock` says.

use std::env;
use std::path::Path;

use anyhow::{Context, bail};
use wasm_bindgen_cli::wasm_bindgen_test_runner;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> anyhow::Result<()> {
    let mut args = env::args_os().skip(1);
    match args.next().as_deref().and_then(|job| job.to_str()) {
        Some("bindgen") => {
            let input = args.next().context("the Wasm file that cargo made")?;
            let folder = args.next().context("the folder to write to")?;
            bindgen(Path::new(&input), Path::new(&folder))
        }
        Some("test") => wasm_bindgen_test_runner::run_cli_with_args(
            [env::args_os().next(), args.next()]
                .into_iter()
                .flatten()
                .chain(args),
        ),
        _ => bail!(
            "usage: countersign-build bindgen WASM FOLDER | countersign-build test WASM [FILTER]"
        ),
    }
}

/// Writes `core.js`, `core.d.ts` and `core_bg.wasm` to `folder`.
fn bindgen(input: &Path, folder: &Path) -> anyhow::Result<()> {
    Bindgen::new()
        .input_path(input)
        .out_name("core")
        .web(true)?
        .typescript(true)
        .omit_default_module_path(true)
        .keep_debug(env::var_os("COUNTERSIGN_NAMES").is_some())
        .remove_name_section(env::var_os("COUNTERSIGN_NAMES").is_none())
        .remove_producers_section(true)
        .generate(folder)
}
