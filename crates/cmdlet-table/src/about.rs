//! The about_ topics: Markdown as PowerShell prints it, which is as it stands.

use std::path::Path;

/// As wide as the narrowest terminal that people use.
const WIDTH: usize = 80;

/// The topics in a folder: file names and texts.
///
/// # Panics
/// When the folder cannot be read, or a page would not read well in a terminal: a line that is too long, a table.
pub fn compile(folder: &Path) -> Vec<(String, String)> {
    let mut topics = Vec::new();
    for entry in
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())).flatten()
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(topic) = name.strip_prefix("about_").and_then(|rest| rest.strip_suffix(".md")) {
            let text =
                std::fs::read_to_string(entry.path()).unwrap_or_else(|error| panic!("{name}: {error}"));
            topics.push((format!("about_{topic}.help.txt"), page(&name, &text)));
        }
    }
    topics.sort();
    topics
}

fn page(name: &str, text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let line = match (line.strip_prefix("# "), line.strip_prefix("## ")) {
            (Some(title), _) => format!("TOPIC\n    {title}"),
            (_, Some(section)) => section.to_owned(),
            _ => line.to_owned(),
        };
        assert!(line.chars().count() <= WIDTH, "{name}: more than {WIDTH} columns: {line}");
        assert!(
            !line.starts_with(['|', '#']) && !line.contains("```"),
            "{name}: no terminal shows this well: {line}"
        );
        out.push_str(&line);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_lose_their_marks() {
        assert_eq!(page("p", "# about_X\n\n## SHORT\ntext\n"), "TOPIC\n    about_X\n\nSHORT\ntext\n");
    }

    #[test]
    fn what_a_terminal_shows_badly_is_refused() {
        for bad in ["| a | b |", "```powershell", &"x".repeat(81)] {
            assert!(std::panic::catch_unwind(|| page("p", bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_topic_reads_well() {
        let folder = crate::repository().join("pwsh-module/docs/en-US");
        assert!(compile(&folder).iter().any(|(name, _)| name == "about_MgUpload_Network.help.txt"));
    }
}
