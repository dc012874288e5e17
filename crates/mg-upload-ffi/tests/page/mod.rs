//! The header as a page to be read: the same words, with a heading for each thing that it declares.

const BEGIN: &str = "# The C ABI

Made from [mg_upload.h](../crates/mg-upload-ffi/include/mg_upload.h) by its test; do not edit. A whole program:
[examples/upload.c](../examples/upload.c).
";

pub fn of(header: &str) -> String {
    let (about, rest) = header.split_once("*/").unwrap();
    let (code, routes) = rest.split_once("/*\n").unwrap();
    let mut page = format!("{BEGIN}\n{}\n", prose(&starless(about)));
    for (name, doc, code) in declarations(code) {
        page += &format!("\n## {name}\n\n{}\n\n```c\n{}\n```\n", prose(&doc), code.trim());
    }
    page + &format!("\n## Routes\n\n```text\n{}\n```\n", starless(routes.trim_end_matches(" */\n")).trim())
}

/// The text of a block of comment.
fn starless(comment: &str) -> String {
    let lines = comment.lines().filter(|line| *line != "/*");
    lines
        .map(|line| line.trim_start_matches(" *").strip_prefix(' ').unwrap_or(""))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Text as Markdown: what is indented is code, and needs a line before it; headings of Rust's documentation are words here.
fn prose(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.trim().lines() {
        let (indented, before) = (line.starts_with("    "), lines.last().map(String::as_str).unwrap_or(""));
        if !before.is_empty() && indented != before.starts_with("    ") {
            lines.push(String::new());
        }
        lines.push(if indented {
            line.to_owned()
        } else {
            line.replace("# Safety", "*Safety.*").replace('<', "&lt;")
        });
    }
    lines.join("\n")
}

/// Name, documentation and code of each thing that has documentation.
fn declarations(code: &str) -> Vec<(String, String, String)> {
    let (mut found, mut doc, mut taken) = (Vec::new(), Vec::new(), String::new());
    for line in code.lines() {
        match line.strip_prefix("//") {
            Some(text) if taken.is_empty() => doc.push(text.strip_prefix(' ').unwrap_or(text)),
            // What differs for C++ is the compiler's business.
            _ if line.starts_with("#if") || line.starts_with("#e") || line.starts_with("  : ") => {}
            _ if taken.is_empty() && doc.is_empty() => {}
            _ if line.is_empty() && taken.is_empty() => doc.clear(),
            _ => {
                taken += &format!("{}\n", line.trim_end());
                let is_whole = taken.starts_with('#') || line.starts_with('}') || !taken.contains('{');
                if is_whole && (taken.starts_with('#') || taken.trim_end().ends_with(';')) {
                    found.push((name(&taken), doc.join("\n"), std::mem::take(&mut taken)));
                    doc.clear();
                }
            }
        }
    }
    found
}

fn name(code: &str) -> String {
    let (first, last) = (code.lines().next().unwrap_or_default(), code.trim_end().trim_end_matches(';'));
    let word = match first.split_once('(') {
        _ if first.starts_with("typedef") => last.rsplit([' ', '}']).next(),
        Some((before, _)) => before.rsplit([' ', '*']).next(),
        None => first.split_whitespace().nth(1),
    };
    word.unwrap_or_default().to_owned()
}
