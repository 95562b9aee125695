//! The length of functions and files: a function over 40 lines, or a file over 400, states the reason in its doc comment.

use std::fs;
use std::path::Path;

use super::{root, sources};

const MAX_FUNCTION_LINES: usize = 40;
const MAX_FILE_LINES: usize = 400;

/// The words of a stated reason.
const LONG_FUNCTION: &str = "onger than forty lines";
const LONG_FILE: &str = "ver 400 lines";

#[test]
fn a_long_function_of_the_core_states_the_reason() {
    let mut found = Vec::new();
    for path in sources("src", "rs") {
        let lines = lines_before_tests(&path);
        let long = unexplained_functions(&lines).into_iter();
        found.extend(long.map(|name| format!("{}: {name}", shown(&path))));
    }
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn a_long_file_states_the_reason() {
    let mut found = Vec::new();
    for path in [sources("src", "rs"), sources("pkg/src", "ts")].concat() {
        let lines = lines_before_tests(&path);
        let is_comment = |line: &&String| line.starts_with("//!") || line.starts_with([' ', '/']);
        let states = lines
            .iter()
            .take_while(is_comment)
            .any(|line| line.contains(LONG_FILE));
        if lines.len() > MAX_FILE_LINES && !super::is_generated(&path) && !states {
            found.push(format!("{}: {} lines", shown(&path), lines.len()));
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn a_function_is_measured_to_its_closing_brace() {
    let function = |length: usize, doc: &str| -> Vec<String> {
        let mut lines = vec![format!("    /// {doc}"), "    pub fn long() {".to_owned()];
        lines.extend(vec!["        step();".to_owned(); length - 2]);
        lines.extend(["    }".to_owned(), "    fn declared(&self);".to_owned()]);
        lines
    };
    assert!(unexplained_functions(&function(40, "Steps.")).is_empty());
    assert_eq!(unexplained_functions(&function(41, "Steps.")), ["long"]);
    let stated = function(41, "Steps. Longer than forty lines: a table.");
    assert!(unexplained_functions(&stated).is_empty());
}

/// The functions that are too long and do not say why.
fn unexplained_functions(lines: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_explained = false;
    for (start, line) in lines.iter().enumerate() {
        let text = line.trim_start();
        if text.starts_with("///") {
            is_explained |= text.contains(LONG_FUNCTION);
        }
        let Some(name) = function_name(text) else {
            // Attributes may come between the comment and the function.
            is_explained &= text.starts_with("///") || text.starts_with('#');
            continue;
        };
        let indentation = line.len() - text.len();
        let end = lines
            .iter()
            .skip(start)
            .position(|line| is_end(line, indentation));
        if end.is_some_and(|end| end + 1 > MAX_FUNCTION_LINES) && !is_explained {
            found.push(name);
        }
        is_explained = false;
    }
    found
}

/// The name of the function whose signature begins here.
fn function_name(text: &str) -> Option<String> {
    let (before, after) = text.split_once("fn ")?;
    let is_modifier =
        |word: &str| ["const", "unsafe", "async"].contains(&word) || word.starts_with("pub");
    if !before.split_whitespace().all(is_modifier) {
        return None;
    }
    Some(
        after
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect(),
    )
}

/// Whether the function that begins at this indentation ends here: by its closing brace, or, without a body, by a semicolon.
fn is_end(line: &str, indentation: usize) -> bool {
    let text = line.trim_start();
    line.len() - text.len() == indentation && (text.starts_with('}') || text.ends_with(';'))
}

fn lines_before_tests(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text
        .lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"));
    lines.map(str::to_owned).collect()
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}
