//! One noun for one type: no two exported types of the core, and none of the package, have the same name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{code, is_generated, root, sources};

/// Names that one file for each algorithm, kernel or framework defines, and that are used with its module.
const ONE_PER_FILE: [&str; 5] = ["AnyRequest", "Factor", "Key", "Multiples", "PublicKey"];

#[test]
fn no_two_types_of_the_core_have_the_same_name() {
    let declared = |line: &str| -> Option<String> {
        let (visibility, rest) = line.split_once(' ')?;
        let (keyword, rest) = rest.split_once(' ')?;
        let is_type = ["struct", "enum", "trait", "union", "type"].contains(&keyword);
        (visibility.starts_with("pub") && is_type).then(|| name_at_start(rest))
    };
    let found = files_by_name(sources("src", "rs"), declared);
    assert!(found.contains_key("Verifier"), "{found:?}");
    assert_eq!(shared(&found), Vec::<String>::new());
}

#[test]
fn no_two_types_of_the_package_have_the_same_name() {
    let declared = |line: &str| -> Option<String> {
        let line = line.strip_prefix("export ")?;
        let line = line.strip_prefix("declare ").unwrap_or(line);
        let (keyword, rest) = line.split_once(' ')?;
        let is_type = ["class", "interface", "type"].contains(&keyword);
        let name = name_at_start(rest);
        (is_type && !name.is_empty()).then_some(name)
    };
    let found = files_by_name(sources("pkg/src", "ts"), declared);
    assert!(found.contains_key("VerifierOptions"), "{found:?}");
    assert_eq!(shared(&found), Vec::<String>::new());
}

#[test]
fn a_name_of_two_files_is_found() {
    let found = |files: &[&str]| {
        let files = files.iter().map(PathBuf::from).collect();
        shared(&BTreeMap::from([("Kind".to_owned(), files)]))
    };
    assert!(found(&["a.rs"]).is_empty());
    assert_eq!(found(&["a.rs", "b.rs"]), ["Kind: a.rs, b.rs"]);
}

/// The identifier at the start of `text`.
fn name_at_start(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric()).collect()
}

/// The files that declare each name, by what `declared` finds in a line.
fn files_by_name(
    files: Vec<PathBuf>,
    declared: impl Fn(&str) -> Option<String>,
) -> BTreeMap<String, Vec<PathBuf>> {
    let mut found = BTreeMap::<String, Vec<PathBuf>>::new();
    for path in files.iter().filter(|path| !is_generated(path)) {
        let relative = path.strip_prefix(root()).unwrap_or(path);
        for name in code(path).filter_map(|line| declared(&line)) {
            let files = found.entry(name).or_default();
            if files.last().map(PathBuf::as_path) != Some(relative) {
                files.push(relative.to_owned());
            }
        }
    }
    found
}

/// The names that more than one file declares, with the files.
fn shared(found: &BTreeMap<String, Vec<PathBuf>>) -> Vec<String> {
    let list = |files: &[PathBuf]| {
        let files: Vec<_> = files.iter().map(|path| display(path)).collect();
        files.join(", ")
    };
    found
        .iter()
        .filter(|(name, files)| files.len() > 1 && !ONE_PER_FILE.contains(&name.as_str()))
        .map(|(name, files)| format!("{name}: {}", list(files)))
        .collect()
}

fn display(path: &Path) -> String {
    path.display().to_string()
}
