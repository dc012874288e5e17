//! Which files are meant: by the caller's patterns, written as PowerShell's wildcards are (`*`, `?`, `[a-z]`).

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::error::Error;

/// Patterns, ready to be asked.
#[derive(Debug, Clone)]
pub struct Filter {
    include: Option<Patterns>,
    exclude: Patterns,
}

#[derive(Debug, Clone)]
struct Patterns {
    /// Those without a slash: for the name alone.
    names: GlobSet,
    /// The others: for the path below the source.
    paths: GlobSet,
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
        let unusable =
            |error: globset::Error| Error::InvalidInput(format!("the pattern cannot be used: {error}"));
        let (mut names, mut paths) = (GlobSetBuilder::new(), GlobSetBuilder::new());
        for pattern in patterns {
            let pattern = pattern.replace('\\', "/");
            let glob =
                GlobBuilder::new(&escaped(&pattern)).case_insensitive(true).literal_separator(true).build();
            let set = if pattern.contains('/') { &mut paths } else { &mut names };
            set.add(glob.map_err(unusable)?);
        }
        Ok(Patterns { names: names.build().map_err(unusable)?, paths: paths.build().map_err(unusable)? })
    }

    fn has(&self, path: &str, name: &str) -> bool {
        self.names.is_match(name) || self.paths.is_match(path)
    }
}

/// Braces mean nothing to PowerShell.
fn escaped(pattern: &str) -> String {
    pattern.replace('{', "[{]").replace('}', "[}]")
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
            (&["{a}*"], &[], "{a}.txt", true),
            (&["{a,b}.txt"], &[], "a.txt", false),
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
