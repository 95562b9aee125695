//! The order of the modules: which module may name which, which names only certain modules may use, that no
//! file depends on itself, and that no two types have the same name.
//!
//! An arrow has no way back. `cargo test --test architecture` reads the sources as text.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed test should panic"
)]

#[path = "architecture/files.rs"]
mod files;
#[path = "architecture/length.rs"]
mod length;
#[path = "architecture/names.rs"]
mod names;

use std::fs;
use std::path::{Path, PathBuf};

/// The modules of the core, each with all that it may name.
const CORE: [(&str, &[&str]); 20] = [
    ("error", &[]),
    ("encoding", &["error"]),
    ("members", &["error"]),
    ("jose", &["error", "encoding"]),
    ("signature", &["error", "encoding", "jose"]),
    (
        "keys",
        &["error", "encoding", "members", "jose", "signature"],
    ),
    (
        "jws_verifier",
        &["error", "encoding", "jose", "signature", "keys"],
    ),
    ("claims", &["error", "encoding"]),
    ("date_time", &["encoding", "claims"]),
    (
        "proof",
        &[
            "error",
            "encoding",
            "members",
            "jose",
            "signature",
            "claims",
        ],
    ),
    (
        "policy",
        &["error", "encoding", "members", "jose", "claims", "proof"],
    ),
    (
        "profile",
        &[
            "error",
            "encoding",
            "members",
            "claims",
            "date_time",
            "policy",
        ],
    ),
    (
        "receipt",
        &[
            "error",
            "encoding",
            "members",
            "jose",
            "signature",
            "claims",
            "date_time",
            "policy",
            "profile",
        ],
    ),
    (
        "published",
        &["error", "encoding", "members", "jose", "signature"],
    ),
    ("fifo", &[]),
    (
        "verifier",
        &[
            "error",
            "encoding",
            "jose",
            "signature",
            "keys",
            "claims",
            "policy",
            "receipt",
            "fifo",
        ],
    ),
    (
        "session",
        &["error", "encoding", "jose", "claims", "policy", "verifier"],
    ),
    (
        "inspect",
        &[
            "error",
            "encoding",
            "members",
            "jose",
            "signature",
            "claims",
            "policy",
            "profile",
            "receipt",
            "verifier",
        ],
    ),
    ("inspection", &["claims", "inspect"]),
    (
        "wasm",
        &[
            "error",
            "encoding",
            "members",
            "jose",
            "signature",
            "keys",
            "claims",
            "policy",
            "profile",
            "receipt",
            "published",
            "fifo",
            "verifier",
            "session",
            "inspect",
            "proof",
        ],
    ),
];

/// The modules of the package, each with all that it may import.
const PACKAGE: [(&str, &[&str]); 25] = [
    ("error", &[]),
    ("types", &["error"]),
    ("wait", &[]),
    ("core", &["error", "types"]),
    ("keys", &["error", "types", "wait", "core"]),
    ("resource", &["core"]),
    ("verifier-facts", &["types", "core"]),
    (
        "profiles",
        &["types", "core", "keys", "resource", "verifier-facts"],
    ),
    ("receipts", &["types", "core"]),
    ("receipt", &["types", "core", "keys"]),
    ("inspect", &["error", "types", "core"]),
    ("stores", &["error", "types", "core", "wait"]),
    ("redeem", &["error", "types", "core", "stores"]),
    ("expected", &["types", "core"]),
    (
        "verifier",
        &[
            "error",
            "types",
            "core",
            "keys",
            "verifier-facts",
            "redeem",
            "expected",
        ],
    ),
    (
        "revocation",
        &[
            "error", "types", "core", "stores", "redeem", "verifier", "wait",
        ],
    ),
    (
        "any-of",
        &["error", "types", "core", "verifier-facts", "verifier"],
    ),
    (
        "http",
        &[
            "error",
            "types",
            "wait",
            "core",
            "resource",
            "verifier-facts",
            "verifier",
        ],
    ),
    ("mcp", &["error", "types", "core", "verifier-facts"]),
    (
        "public",
        &[
            "error",
            "types",
            "keys",
            "inspect",
            "profiles",
            "receipt",
            "receipts",
            "revocation",
            "stores",
            "verifier",
            "any-of",
        ],
    ),
    ("find-token", &[]),
    ("meanings", &[]),
    (
        "client",
        &["types", "core", "wait", "keys", "receipt", "receipts"],
    ),
    ("sandbox", &["core"]),
    (
        "cli",
        &[
            "error",
            "types",
            "wait",
            "core",
            "find-token",
            "meanings",
            "index",
            "sandbox",
        ],
    ),
];

#[test]
fn a_module_of_the_core_names_only_modules_to_its_left() {
    for path in sources("src", "rs") {
        let module = module_of(&path, "src");
        let Some((_, allowed)) = CORE.iter().find(|(name, _)| *name == module) else {
            assert_eq!(module, "lib", "{module} has no place in the order");
            continue;
        };
        for line in code(&path) {
            let grouped = line.contains("crate::{") || line.contains("super::super");
            assert!(!grouped, "{} hides what it names", path.display());
            for named in line.split("crate::").skip(1) {
                let named: String = named.chars().take_while(|c| c.is_alphanumeric()).collect();
                let known = CORE.iter().any(|(name, _)| *name == named);
                assert!(
                    !known || named == module || allowed.contains(&named.as_str()),
                    "{} names {named}",
                    path.display(),
                );
            }
        }
    }
}

#[test]
fn crypto_crates_are_named_in_signature_and_in_the_hashing_modules() {
    const CRATES: [&str; 11] = [
        "hmac::",
        "sha2::",
        "rsa::",
        "p256::",
        "p384::",
        "p521::",
        "k256::",
        "ed25519_dalek",
        "crypto_bigint",
        "subtle::",
        "signature::Verifier",
    ];
    for path in sources("src", "rs") {
        let hashing = path.ends_with("encoding/sha256.rs") || path.ends_with("encoding/mac.rs");
        if hashing || module_of(&path, "src") == "signature" {
            continue;
        }
        for line in code(&path).filter(|line| line.starts_with("use ")) {
            let named = CRATES
                .iter()
                .find(|name| line.starts_with(&format!("use {name}")));
            assert_eq!(named, None, "in {}", path.display());
        }
    }
}

#[test]
fn javascript_is_known_to_the_boundary_alone() {
    for path in sources("src", "rs") {
        if path.ends_with("wasm.rs") || path.ends_with("wasm/tests.rs") {
            continue;
        }
        for word in ["wasm_bindgen", "js_sys"] {
            let found = code(&path).any(|line| line.contains(word));
            assert!(!found, "{word} in {}", path.display());
        }
    }
}

#[test]
fn a_claim_never_sees_a_key() {
    for path in sources("src/claims", "rs") {
        for word in ["jose", "signature"] {
            let found = code(&path).any(|line| line.contains(&format!("crate::{word}")));
            assert!(!found, "{word} in {}", path.display());
        }
    }
}

#[test]
fn a_module_of_the_package_imports_only_modules_to_its_left() {
    for path in sources("pkg/src", "ts") {
        let module = module_of(&path, "pkg/src");
        if ["generated", "index", "slim"].contains(&module.as_str()) || is_generated(&path) {
            continue;
        }
        let order = PACKAGE.iter().find(|(name, _)| *name == module);
        let Some((_, allowed)) = order else {
            // The entries of the guards only export.
            assert!(exports_alone(&path), "{module} has no place in the order");
            continue;
        };
        let depth = path
            .strip_prefix(root().join("pkg/src"))
            .unwrap()
            .components()
            .count();
        for import in imports(&path) {
            let Some(target) = import.strip_prefix(&"../".repeat(depth - 1)) else {
                continue;
            };
            let target = if depth == 1 {
                import.strip_prefix("./")
            } else {
                Some(target)
            };
            let Some(target) = target.filter(|target| !target.starts_with('.')) else {
                continue;
            };
            if target.starts_with("node:") {
                continue;
            }
            let first = target.split('/').next().unwrap().trim_end_matches(".js");
            assert!(
                first == module || allowed.contains(&first),
                "{} imports {import}",
                path.display(),
            );
        }
    }
}

#[test]
fn the_compiled_core_is_called_from_the_modules_that_hold_its_instance() {
    for path in sources("pkg/src", "ts") {
        let core = ["instance.ts", "inlined.ts", "inspector.ts"]
            .iter()
            .any(|name| path.ends_with(name));
        if core || is_generated(&path) {
            continue;
        }
        let glue = imports(&path)
            .iter()
            .any(|import| import.contains("generated/"));
        assert!(!glue, "{} imports the generated glue", path.display());
    }
}

#[test]
fn node_is_known_to_its_guard_the_sandbox_and_the_command_line_alone() {
    for path in sources("pkg/src", "ts") {
        let module = module_of(&path, "pkg/src");
        if module == "sandbox" || module == "cli" || path.ends_with("http/node.ts") {
            continue;
        }
        let node = imports(&path)
            .iter()
            .any(|import| import.starts_with("node:"));
        assert!(!node, "{} imports a module of Node", path.display());
    }
}

#[test]
fn every_code_of_the_core_is_a_code_of_the_package() {
    let package = fs::read_to_string(root().join("pkg/src/error.ts")).unwrap();
    let core = fs::read_to_string(root().join("src/error/mod.rs")).unwrap();
    let (_, variants) = core.split_once("pub enum ErrorCode {").unwrap();
    let (variants, _) = variants.split_once("\n}").unwrap();
    for variant in variants
        .lines()
        .filter_map(|line| line.trim().strip_suffix(','))
    {
        // These two are mistakes of the caller's: a TypeError.
        if variant.starts_with("//") || ["PolicyInvalid", "KeysInvalid"].contains(&variant) {
            continue;
        }
        let mut code = String::new();
        for letter in variant.chars() {
            if letter.is_uppercase() && !code.is_empty() {
                code.push('_');
            }
            code.push(letter.to_ascii_lowercase());
        }
        assert!(
            package.contains(&format!("| '{code}'")),
            "{code} is not in error.ts"
        );
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every source with this ending below `folder`.
fn sources(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "no sources in {folder}");
    found
}

/// The first folder below `base`, or the file's own name if it lies there itself.
fn module_of(path: &Path, base: &str) -> String {
    let below = path.strip_prefix(root().join(base)).unwrap();
    let first = below.components().next().unwrap().as_os_str();
    Path::new(first)
        .file_stem()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned()
}

/// The lines of a source up to its own tests, without comments.
fn code(path: &Path) -> impl Iterator<Item = String> {
    let text = fs::read_to_string(path).unwrap();
    let lines: Vec<String> = text
        .lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"))
        .map(|line| line.trim_start().to_owned())
        .filter(|line| !line.starts_with("//"))
        .collect();
    lines.into_iter()
}

fn imports(path: &Path) -> Vec<String> {
    code(path)
        .filter_map(|line| {
            let (_, after) = line
                .split_once(" from '")
                .or_else(|| line.split_once("import '"))?;
            after.split_once('\'').map(|(target, _)| target.to_owned())
        })
        .collect()
}

fn exports_alone(path: &Path) -> bool {
    let text: String = code(path).collect::<Vec<_>>().join(" ");
    text.split(';').all(|statement| {
        let statement = statement.trim_start_matches([' ', '*', '/']);
        statement.is_empty() || statement.contains("export ")
    })
}

fn is_generated(path: &Path) -> bool {
    path.components()
        .any(|part| part.as_os_str() == "generated")
}
