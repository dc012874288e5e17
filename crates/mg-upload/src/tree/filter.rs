//! Which files are meant: by the caller's patterns, written as PowerShell's wildcards are (`*`, `?`, `[a-z]`).

use glob::{MatchOptions, Pattern};

use crate::error::Error;

/// Both sides are in small letters when they are compared: the library knows those of ASCII alone.
const OPTIONS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

/// Patterns, ready to be asked.
#[derive(Debug, Clone)]
pub struct Filter {
    include: Option<Patterns>,
    exclude: Patterns,
}

#[derive(Debug, Clone)]
struct Patterns {
    /// Those without a slash: for the name alone.
    names: Vec<Pattern>,
    /// The others: for the path below the source.
    paths: Vec<Pattern>,
}

impl Filter {
    /// Without `include` every file is meant. A pattern with a slash is one of a path below the source, any other one of a
    /// name. What `exclude` names is not meant, be it a file or a folder with all that it holds.
    pub fn new(include: &[String], exclude: &[String]) -> Result<Filter, Error> {
        let include = (!include.is_empty()).then(|| Patterns::new(include)).transpose()?;
        Ok(Filter { include, exclude: Patterns::new(exclude)? })
    }

    /// Whether a file is meant.
    pub fn takes_file(&self, path: &str, name: &str) -> bool {
        self.include.as_ref().is_none_or(|include| include.has(path, name)) && !self.exclude.has(path, name)
    }

    /// Whether a folder is looked into.
    pub fn takes_folder(&self, path: &str, name: &str) -> bool {
        !self.exclude.has(path, name)
    }
}

impl Patterns {
    fn new(patterns: &[String]) -> Result<Patterns, Error> {
        let read = |pattern: &String| {
            let pattern = pattern.replace('\\', "/");
            // As people write what lies here, and folders.
            let pattern = pattern.strip_prefix("./").unwrap_or(&pattern).trim_end_matches('/');
            let unusable =
                |error| Error::InvalidInput(format!("the pattern '{pattern}' cannot be used: {error}"));
            Pattern::new(&plain(&unescaped(&pattern.to_lowercase()))).map_err(unusable)
        };
        let all = patterns.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let (paths, names) = all.into_iter().partition(|pattern| pattern.as_str().contains('/'));
        Ok(Patterns { names, paths })
    }

    fn has(&self, path: &str, name: &str) -> bool {
        let any = |patterns: &[Pattern], text: &str| {
            let text = if patterns.is_empty() { String::new() } else { text.to_lowercase() };
            patterns.iter().any(|pattern| pattern.matches_with(&text, OPTIONS))
        };
        any(&self.names, name) || any(&self.paths, path)
    }
}

/// What a backtick takes its meaning from, as the library writes it.
fn unescaped(pattern: &str) -> String {
    let (mut written, mut characters) = (String::new(), pattern.chars());
    while let Some(character) = characters.next() {
        match character {
            '`' => {
                written.extend(characters.next().map(|plain| Pattern::escape(plain.encode_utf8(&mut [0; 4]))))
            }
            other => written.push(other),
        }
    }
    written
}

/// Several asterisks mean as much as one, but for two that stand for any number of folders.
fn plain(pattern: &str) -> String {
    let one = |part: &str| match part {
        "**" if pattern.contains('/') => part.to_owned(),
        _ => part.split('*').enumerate().fold(String::new(), |mut part, (number, literal)| {
            if number > 0 && !part.ends_with('*') {
                part.push('*');
            }
            part + literal
        }),
    };
    pattern.split('/').map(one).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(include: &[&str], exclude: &[&str]) -> Filter {
        let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        Filter::new(&owned(include), &owned(exclude)).unwrap()
    }

    #[test]
    fn patterns_are_those_of_powershell() {
        for (include, exclude, path, takes) in [
            (&[][..], &[][..], "a/b.txt", true),
            (&["*.xlsx"], &[], "a/B.XLSX", true),
            (&["*.xlsx"], &[], "a/b.txt", false),
            (&["*.xlsx", "b*"], &[], "a/b.txt", true),
            (&["b.[a-t]xt"], &[], "b.txt", true),
            (&["?.txt"], &[], "bb.txt", false),
            (&[], &["*.tmp"], "a/x.tmp", false),
            (&["*.tmp"], &["x*"], "a/x.tmp", false),
            (&["a/*.txt"], &[], "a/b.txt", true),
            (&["a\\*.txt"], &[], "a/b.txt", true),
            (&["a/*.txt"], &[], "a/c/b.txt", false),
            (&["**/c/*"], &[], "a/c/b.txt", true),
            (&["**/*.txt"], &[], "b.txt", true),
            (&["a/**"], &[], "a/c/b.txt", true),
            (&["a/**/*.txt"], &[], "a/b.txt", true),
            (&[], &["a/**"], "a/c/b.txt", false),
            (&["{a}*"], &[], "{a}.txt", true),
            (&["{a,b}.txt"], &[], "a.txt", false),
            (&["a**.txt"], &[], "abc.txt", true),
            (&["***"], &[], "a/b.txt", true),
            (&["**"], &[], "a/b.txt", true),
            (&["a**/b*"], &[], "ax/b.txt", true),
            (&["a**/b*"], &[], "ax/c/b.txt", false),
            (&["\u{c4}*.txt"], &[], "a/\u{e4}b.TXT", true),
            (&["[A-C]?.txt"], &[], "bx.txt", true),
            (&["*"], &[], "a/.hidden", true),
            (&["a.b"], &[], "axb", false),
            (&["c:/*"], &[], "a.txt", false),
            (&[], &["a/"], "a", false),
            (&[], &["./a.txt"], "a.txt", false),
            (&[], &["`[a`].txt"], "[a].txt", false),
            (&[], &["a`*.txt"], "ab.txt", true),
            (&[], &["`a.txt"], "a.txt", false),
        ] {
            let name = path.rsplit('/').next().unwrap();
            assert_eq!(
                filter(include, exclude).takes_file(path, name),
                takes,
                "{include:?} {exclude:?} {path}"
            );
        }
        assert!(!filter(&["*.txt"], &["bin"]).takes_folder("a/BIN", "BIN"));
        assert!(filter(&["*.txt"], &[]).takes_folder("a", "a"), "what is meant is files");
        assert!(Filter::new(&["[".into()], &[]).is_err());
    }
}
