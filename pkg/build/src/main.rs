//! Turns the compiled core into a module that JavaScript can load.
//!
//! The job is wasm-bindgen's own, called as a library: a tool installed beside the project could have any version, this
//! one has the version that `Cargo.lock` says.

use std::env;
use std::path::Path;

use anyhow::{Context, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> anyhow::Result<()> {
    let mut args = env::args_os().skip(1);
    match args.next().as_deref().and_then(|job| job.to_str()) {
        Some("bindgen") => {
            let input = args.next().context("the Wasm file that cargo made")?;
            let folder = args.next().context("the folder to write to")?;
            bindgen(Path::new(&input), Path::new(&folder))
        }
        _ => bail!("usage: countersign-build bindgen WASM FOLDER"),
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
