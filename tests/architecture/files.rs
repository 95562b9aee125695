//! The order of the files: no file depends on itself, directly or through others.
//!
//! A file depends on the files that define what it names. A name that is re-exported counts for the
//! file that defines it, and a re-export alone is not a dependency.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{code, imports, is_generated, root, sources};

/// The files that each file depends on, by their paths below a folder, without an ending.
type Graph = BTreeMap<String, BTreeSet<String>>;

#[test]
fn no_file_of_the_core_depends_on_itself() {
    let graph = core();
    assert!(graph["verifier"].contains("keys"), "{graph:?}");
    assert!(graph["session"].contains("session/token_cache"));
    assert_eq!(cycles(&graph), Vec::<String>::new());
}

#[test]
fn no_file_of_the_package_depends_on_itself() {
    let graph = package();
    assert!(graph["verifier"].contains("core/bindings"), "{graph:?}");
    assert_eq!(cycles(&graph), Vec::<String>::new());
}

#[test]
fn a_cycle_is_found_however_long_it_is() {
    let graph = |edges: &[(&str, &str)]| {
        let mut graph = Graph::new();
        for (from, to) in edges {
            let targets = graph.entry((*from).to_owned()).or_default();
            targets.insert((*to).to_owned());
        }
        graph
    };
    assert!(cycles(&graph(&[("a", "b"), ("b", "c"), ("a", "c")])).is_empty());
    assert_eq!(cycles(&graph(&[("a", "a")])), ["a → a"]);
    let long = graph(&[("a", "b"), ("b", "c"), ("c", "d"), ("d", "b")]);
    assert_eq!(cycles(&long), ["b → c → d → b"]);
}

/// A shortest cycle through each file that is on one, each cycle once.
fn cycles(graph: &Graph) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for start in graph.keys() {
        let Some(path) = way_back(graph, start) else {
            continue;
        };
        let files: BTreeSet<_> = path.iter().cloned().collect();
        if seen.insert(files) {
            found.push(path.join(" → "));
        }
    }
    found
}

/// A shortest path from `start` to itself.
fn way_back(graph: &Graph, start: &str) -> Option<Vec<String>> {
    let mut visited = BTreeSet::new();
    let mut paths = vec![vec![start.to_owned()]];
    while !paths.is_empty() {
        let mut longer = Vec::new();
        for path in paths {
            for next in graph.get(path.last()?).into_iter().flatten() {
                let path: Vec<_> = path.iter().cloned().chain([next.clone()]).collect();
                if next == start {
                    return Some(path);
                }
                if visited.insert(next.clone()) {
                    longer.push(path);
                }
            }
        }
        paths = longer;
    }
    None
}

fn package() -> Graph {
    let base = root().join("pkg/src");
    let files = sources("pkg/src", "ts").into_iter();
    let files = files.filter(|path| !is_generated(path));
    files
        .map(|path| {
            let folder = path.parent().unwrap();
            let relative = imports(&path).into_iter();
            let relative = relative.filter(|import| import.starts_with('.'));
            let targets = relative.map(|import| name_of(&resolved(folder, &import), &base));
            let targets = targets.collect();
            (name_of(&path, &base), targets)
        })
        .collect()
}

/// The file that `import` in `folder` means.
fn resolved(folder: &Path, import: &str) -> PathBuf {
    import
        .split('/')
        .fold(folder.to_owned(), |path, part| match part {
            "." => path,
            ".." => path.parent().unwrap().to_owned(),
            name => path.join(name),
        })
}

fn name_of(path: &Path, base: &Path) -> String {
    let below = path.strip_prefix(base).unwrap().with_extension("");
    let name = below.to_str().unwrap();
    name.strip_suffix("/mod").unwrap_or(name).to_owned()
}

fn core() -> Graph {
    let base = root().join("src");
    let paths = sources("src", "rs");
    let files: BTreeMap<String, PathBuf> = paths
        .into_iter()
        .map(|path| (name_of(&path, &base), path))
        .filter(|(name, _)| !["lib", "wasm/tests"].contains(&name.as_str()))
        .collect();
    let uses: BTreeMap<_, _> = files
        .iter()
        .map(|(file, path)| (file.as_str(), Uses::of(file, path, &files)))
        .collect();
    let defining = |Named { file, name }: &Named| {
        let mut file = file.clone();
        while let Some(other) = uses[file.as_str()].exported.get(name) {
            file.clone_from(other);
        }
        file
    };
    files
        .keys()
        .map(|file| {
            let targets = uses[file.as_str()].named.iter().map(defining);
            (
                file.clone(),
                targets.filter(|target| target != file).collect(),
            )
        })
        .collect()
}

/// A name, and the file of the module that it is named in.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    file: String,
    name: String,
}

/// What a file of the core names.
#[derive(Default)]
struct Uses {
    named: BTreeSet<Named>,
    /// The names that it re-exports, each with the file of the module that it takes them from.
    exported: BTreeMap<String, String>,
}

impl Uses {
    fn of(file: &str, path: &Path, files: &BTreeMap<String, PathBuf>) -> Self {
        let text = code(path).collect::<Vec<_>>().join(" ");
        let mut uses = Self::default();
        let (imports, rest) = split_imports(&text);
        for (is_exported, import) in imports {
            for path in expanded(&import) {
                let Some(named) = Named::of(file, &path, files) else {
                    continue;
                };
                if is_exported {
                    uses.exported.insert(named.name, named.file);
                } else {
                    uses.named.insert(named);
                }
            }
        }
        let is_part = |letter: char| letter.is_alphanumeric() || "_:".contains(letter);
        let paths = rest.split(|letter| !is_part(letter));
        let paths = paths.filter(|path| path.contains("::"));
        uses.named
            .extend(paths.filter_map(|path| Named::of(file, path, files)));
        uses
    }
}

impl Named {
    /// What `path` in `file` names, if that is a module of the core or in one.
    fn of(file: &str, path: &str, files: &BTreeMap<String, PathBuf>) -> Option<Self> {
        let mut parts = path.split("::").peekable();
        let first = *parts.peek()?;
        let own = format!("{file}/{first}");
        let (start, skipped) = match first {
            "crate" => (crate_of(file), 1),
            "super" => (file.rsplit_once('/').map_or("", |(above, _)| above), 1),
            "self" => (file, 1),
            _ if files.contains_key(&own) => (file, 0),
            _ => return None,
        };
        let mut module = start.to_owned();
        let mut parts = parts.skip(skipped).peekable();
        // A crate names those below it by an alias: `use countersign_encoding as encoding`.
        let is_other_crate = |part: &&str| {
            !files.contains_key(&format!("{start}/{part}")) && files.contains_key(*part)
        };
        if first == "crate" && !start.is_empty() && parts.peek().is_some_and(is_other_crate) {
            module.clear();
        }
        while let Some(part) = parts.peek() {
            let below = format!("{module}/{part}");
            let below = below.trim_start_matches('/').to_owned();
            if !files.contains_key(&below) {
                break;
            }
            module = below;
            parts.next();
        }
        let name = parts.next().unwrap_or_default().to_owned();
        (!module.is_empty()).then_some(Self { file: module, name })
    }
}

/// The folder that `crate` means in `file`: that of the nearest manifest above it.
fn crate_of(file: &str) -> &str {
    let mut folder = file;
    while !folder.is_empty() && !root().join("src").join(folder).join("Cargo.toml").exists() {
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
    }
    folder
}

/// The paths of the `use` statements in `text`, each with whether it re-exports, and the text without them.
fn split_imports(text: &str) -> (Vec<(bool, String)>, String) {
    let (mut imports, mut rest) = (Vec::new(), String::new());
    let mut pieces = text.split(" use ");
    let mut before = pieces.next().unwrap_or_default().to_owned();
    if let Some(first) = before.strip_prefix("use ") {
        let (path, after) = first.split_once(';').unwrap_or((first, ""));
        imports.push((false, path.to_owned()));
        before = after.to_owned();
    }
    for piece in pieces {
        let word = before.rsplit(' ').next().unwrap_or_default();
        let (path, after) = piece.split_once(';').unwrap_or((piece, ""));
        imports.push((word.starts_with("pub"), path.to_owned()));
        rest.push_str(&before);
        after.clone_into(&mut before);
    }
    rest.push_str(&before);
    (imports, rest)
}

/// The paths in `import`, its braces expanded and its aliases removed.
fn expanded(import: &str) -> Vec<String> {
    let Some((before, inner)) = import.split_once('{') else {
        let path = import.split(" as ").next().unwrap_or_default();
        return vec![path.trim().to_owned()];
    };
    let inner = inner.trim_end().strip_suffix('}').unwrap_or(inner);
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for letter in inner.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap().push(letter);
    }
    let parts = parts.iter().map(|part| part.trim());
    let parts = parts.filter(|part| !part.is_empty());
    let whole = parts.map(|part| format!("{}{part}", before.trim()));
    whole.flat_map(|path| expanded(&path)).collect()
}
