//! Help as PowerShell reads it, from the Markdown pages: `MgUpload.dll-Help.xml`.

use std::path::Path;

/// A page, cut into its sections.
struct Page {
    name: String,
    /// Where Get-Help -Online goes.
    online: Option<String>,
    sections: Vec<(String, String)>,
}

struct Parameter {
    name: String,
    about: String,
    fields: Vec<(String, String)>,
}

/// The help file for all pages in a folder.
///
/// # Panics
/// When the folder cannot be read, or a page lacks its synopsis or holds a placeholder: such help helps nobody.
pub fn compile(folder: &Path) -> String {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension().is_some_and(|end| end == "md")
                && !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("about_"))
        })
        .collect();
    files.sort();
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<helpItems schema=\"maml\" xmlns=\"http://msh\">\n",
    );
    for file in files {
        let text =
            std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert!(!text.contains("{{"), "{}: a placeholder is left", file.display());
        let page = Page::read(&text);
        assert!(
            page.section("SYNOPSIS").is_some_and(|text| !text.is_empty()),
            "{}: no synopsis",
            file.display()
        );
        page.write(&mut out);
    }
    out.push_str("</helpItems>\n");
    out
}

impl Page {
    fn read(text: &str) -> Page {
        let body = text.splitn(3, "---\n").last().unwrap_or(text);
        let online = text.lines().find_map(|line| line.strip_prefix("online version: ")).map(str::to_owned);
        let mut page = Page { name: String::new(), online, sections: Vec::new() };
        for line in body.lines().filter(|line| !line.starts_with("<!--")) {
            if let Some(title) = line.strip_prefix("## ") {
                page.sections.push((title.trim().to_owned(), String::new()));
            } else if let (Some(title), true) = (line.strip_prefix("# "), page.sections.is_empty()) {
                title.trim().clone_into(&mut page.name);
            } else if let Some((_, section)) = page.sections.last_mut() {
                section.push_str(line);
                section.push('\n');
            }
        }
        page
    }

    fn section(&self, title: &str) -> Option<&str> {
        self.sections.iter().find(|(own, _)| own == title).map(|(_, text)| text.trim())
    }

    fn write(&self, out: &mut String) {
        let (verb, noun) = self.name.split_once('-').unwrap_or((&self.name, ""));
        let parameters = self.parameters();
        out.push_str(&format!("<command:command xmlns:maml=\"http://schemas.microsoft.com/maml/2004/10\" xmlns:command=\"http://schemas.microsoft.com/maml/dev/command/2004/10\" xmlns:dev=\"http://schemas.microsoft.com/maml/dev/2004/10\">\n\
             <command:details><command:name>{}</command:name><command:verb>{verb}</command:verb><command:noun>{noun}</command:noun>\
             <maml:description>{}</maml:description></command:details>\n<maml:description>{}</maml:description>\n<command:syntax>\n",
            self.name,
            paragraphs(self.section("SYNOPSIS").unwrap_or_default()),
            paragraphs(self.section("DESCRIPTION").unwrap_or_default())));
        for set in self.sets() {
            out.push_str(&format!("<command:syntaxItem><maml:name>{}</maml:name>", self.name));
            let mut own: Vec<_> = parameters.iter().filter(|parameter| parameter.is_in(&set)).collect();
            own.sort_by_key(|parameter| parameter.rank());
            for parameter in own {
                parameter.write(out);
            }
            out.push_str("</command:syntaxItem>\n");
        }
        out.push_str("</command:syntax>\n<command:parameters>\n");
        for parameter in &parameters {
            parameter.write(out);
        }
        out.push_str("</command:parameters>\n");
        self.write_types(out, "INPUTS", "inputTypes", "inputType");
        self.write_types(out, "OUTPUTS", "returnValues", "returnValue");
        out.push_str(&format!(
            "<maml:alertSet><maml:alert>{}</maml:alert></maml:alertSet>\n<command:examples>\n",
            paragraphs(self.section("NOTES").unwrap_or_default())
        ));
        for (title, text) in parts(self.section("EXAMPLES").unwrap_or_default()) {
            let code = text.split("```").nth(1).unwrap_or_default();
            let code = code.split_once('\n').map_or(code, |(_, code)| code);
            let remarks = text.split("```").nth(2).unwrap_or_default();
            out.push_str(&format!("<command:example><maml:title>{}</maml:title><dev:code>{}</dev:code><dev:remarks>{}</dev:remarks></command:example>\n",
                xml(title),
                xml(code.trim_end()),
                paragraphs(remarks.trim())));
        }
        out.push_str("</command:examples>\n<command:relatedLinks>\n");
        // The first address is the one that -Online opens.
        if let Some(online) = &self.online {
            out.push_str(&format!("<maml:navigationLink><maml:linkText>Online version:</maml:linkText><maml:uri>{}</maml:uri></maml:navigationLink>\n", xml(online)));
        }
        for line in self.section("RELATED LINKS").unwrap_or_default().lines() {
            if let Some((text, target)) = line
                .trim()
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(')'))
                .and_then(|rest| rest.split_once("]("))
            {
                let uri = if target.starts_with("https:") { target } else { "" };
                out.push_str(&format!("<maml:navigationLink><maml:linkText>{}</maml:linkText><maml:uri>{}</maml:uri></maml:navigationLink>\n", xml(text), xml(uri)));
            }
        }
        out.push_str("</command:relatedLinks>\n</command:command>\n");
    }

    fn write_types(&self, out: &mut String, title: &str, list: &str, item: &str) {
        out.push_str(&format!("<command:{list}>"));
        for (name, about) in parts(self.section(title).unwrap_or_default()) {
            out.push_str(&format!("<command:{item}><dev:type><maml:name>{}</maml:name></dev:type><maml:description>{}</maml:description></command:{item}>", xml(name), paragraphs(about.trim())));
        }
        out.push_str(&format!("</command:{list}>\n"));
    }

    /// The names of the parameter sets, as the syntax section has them; one without a name where it has none.
    fn sets(&self) -> Vec<String> {
        let found: Vec<String> = parts(self.section("SYNTAX").unwrap_or_default())
            .iter()
            .map(|(title, _)| title.trim_end_matches(" (Default)").to_owned())
            .collect();
        if found.is_empty() { vec![String::new()] } else { found }
    }

    fn parameters(&self) -> Vec<Parameter> {
        parts(self.section("PARAMETERS").unwrap_or_default())
            .iter()
            .filter_map(|(title, text)| {
                let (about, rest) = text.split_once("```yaml").unwrap_or((text, ""));
                let fields = rest
                    .split("```")
                    .next()?
                    .lines()
                    .filter_map(|line| line.split_once(':'))
                    .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
                    .collect();
                Some(Parameter {
                    name: title.strip_prefix('-')?.to_owned(),
                    about: about.trim().to_owned(),
                    fields,
                })
            })
            .collect()
    }
}

impl Parameter {
    fn field(&self, key: &str) -> &str {
        self.fields.iter().find(|(own, _)| own == key).map_or("", |(_, value)| value)
    }

    /// The order in a line of syntax: what must be given first, and that by its position.
    fn rank(&self) -> (bool, u32) {
        (self.field("Required") != "True", self.field("Position").parse().unwrap_or(u32::MAX))
    }

    fn is_in(&self, set: &str) -> bool {
        let sets = self.field("Parameter Sets");
        set.is_empty() || sets == "(All)" || sets.split(", ").any(|own| own == set)
    }

    fn write(&self, out: &mut String) {
        let kind = self.field("Type");
        let aliases = if self.field("Aliases").is_empty() { "none" } else { self.field("Aliases") };
        out.push_str(&format!("<command:parameter required=\"{}\" globbing=\"false\" pipelineInput=\"{}\" position=\"{}\" aliases=\"{}\"><maml:name>{}</maml:name>\
             <maml:description>{}</maml:description>",
            self.field("Required").to_lowercase(),
            xml(self.field("Accept pipeline input")),
            self.field("Position").to_lowercase(),
            xml(aliases),
            xml(&self.name),
            paragraphs(&self.about)));
        if kind != "SwitchParameter" {
            out.push_str(&format!("<command:parameterValue required=\"true\" variableLength=\"false\">{}</command:parameterValue>", xml(kind)));
        }
        out.push_str(&format!(
            "<dev:type><maml:name>{}</maml:name></dev:type></command:parameter>\n",
            xml(kind)
        ));
    }
}

/// The parts of a section below its `###` titles.
fn parts(section: &str) -> Vec<(&str, &str)> {
    section
        .split("### ")
        .skip(1)
        .map(|part| part.split_once('\n').unwrap_or((part, "")))
        .map(|(title, text)| (title.trim(), text))
        .collect()
}

fn paragraphs(text: &str) -> String {
    text.split("\n\n")
        .filter(|paragraph| !paragraph.trim().is_empty())
        .map(|paragraph| format!("<maml:para>{}</maml:para>", xml(&plain(paragraph.trim()))))
        .collect()
}

/// Text without Markdown's marks: a table becomes a line for each row.
fn plain(paragraph: &str) -> String {
    let rows = paragraph.lines().filter(|line| !line.starts_with("| ---")).map(|line| {
        match line.strip_prefix("| ") {
            Some(row) => row.trim_end_matches('|').trim().replacen(" | ", ": ", 1).replace(" | ", ", "),
            None => line.to_owned(),
        }
    });
    rows.collect::<Vec<_>>().join("\n").replace('`', "")
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
