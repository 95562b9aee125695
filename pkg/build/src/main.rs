//! Turns the compiled core into a module that JavaScript can load, and packs it for bundles.
//!
//! The jobs are those of libraries: a tool installed beside the project could have any version, these have the one that
//! `Cargo.lock` says.

use std::env;
use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};
use lzma_rust2::{EncodeMode, LzmaOptions, LzmaWriter, MfType};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> anyhow::Result<()> {
    let mut args = env::args_os().skip(1);
    match args.next().as_deref().and_then(|job| job.to_str()) {
        Some("bindgen") => {
            let input = args.next().context("the Wasm file that cargo made")?;
            let folder = args.next().context("the folder to write to")?;
            bindgen(Path::new(&input), Path::new(&folder))
        }
        Some("pack") => {
            let input = args.next().context("the Wasm file to pack")?;
            let output = args.next().context("the file to write to")?;
            pack(Path::new(&input), Path::new(&output))
        }
        _ => bail!("usage: countersign-build bindgen WASM FOLDER | pack WASM FILE"),
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

/// Packs `input` with LZMA into `output`, in the format that `unpacker/src/lib.rs` describes.
fn pack(input: &Path, output: &Path) -> anyhow::Result<()> {
    let module = fs::read(input)?;
    let checksum = module.iter().fold(0x811c_9dc5_u32, |hash, octet| {
        (hash ^ u32::from(*octet)).wrapping_mul(0x0100_0193)
    });
    let mut packed = u32::try_from(module.len())?.to_le_bytes().to_vec();
    packed.extend(checksum.to_le_bytes());
    let options = LzmaOptions {
        dict_size: 1 << 24,
        lc: 3,
        lp: 0,
        pb: 0,
        mode: EncodeMode::Normal,
        nice_len: LzmaOptions::NICE_LEN_MAX,
        mf: MfType::Bt4,
        depth_limit: 1_000,
        preset_dict: None,
    };
    let mut writer = LzmaWriter::new_no_header(packed, &options, false)?;
    writer.write_all(&module)?;
    fs::write(output, writer.finish()?)?;
    Ok(())
}
