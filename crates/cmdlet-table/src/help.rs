//! The help pages of the cmdlets in the table, one Markdown file each.

mod examples;

use crate::Output;
use crate::table::{Cmdlet, Family, Table, about_id, about_model};
use examples::examples;

/// What is said of a parameter: name, type, sets, whether it is mandatory there, whether the pipeline feeds it, text.
struct Parameter<'a> {
    name: &'a str,
    kind: String,
    sets: &'static [&'static str],
    mandatory: bool,
    pipeline: bool,
    alias: &'static str,
    about: String,
}

const ALL: &[&str] = &["CreateExpanded", "Create", "CreateViaIdentityExpanded", "CreateViaIdentity"];
const EXPANDED: &[&str] = &["CreateExpanded", "CreateViaIdentityExpanded"];
const BODY: &[&str] = &["Create", "CreateViaIdentity"];
const IDS: &[&str] = &["CreateExpanded", "Create"];
const IDENTITY: &[&str] = &["CreateViaIdentityExpanded", "CreateViaIdentity"];

/// One Markdown page a cmdlet.
pub(crate) fn write(table: &Table) -> Vec<Output> {
    let page = |cmdlet: &Cmdlet| Output {
        path: format!("pwsh-module/docs/en-US/{}.md", cmdlet.name),
        text: page(table, cmdlet),
    };
    table.cmdlets.iter().map(page).collect()
}

fn page(table: &Table, cmdlet: &Cmdlet) -> String {
    let family = table.family(cmdlet);
    let parameters = parameters(cmdlet, family);
    let mut out = String::new();
    out.push_str(&format!("---\nexternal help file: MgUpload.dll-Help.xml\nModule Name: MgUpload\nonline version: {}\nschema: 2.0.0\n---\n\n\
         <!-- Written by crates/cmdlet-table from pwsh-module/cmdlets.json; change the table, not this page. -->\n\n\
         # {}\n\n## SYNOPSIS\n{}\n\n## SYNTAX\n",
        cmdlet.help_uri(),
        cmdlet.name,
        synopsis(cmdlet, family)));
    for set in ALL {
        let default = if *set == "CreateExpanded" { " (Default)" } else { "" };
        out.push_str(&format!("\n### {set}{default}\n```\n{}\n```\n", syntax(cmdlet, &parameters, set)));
    }
    out.push_str(&format!("\n## DESCRIPTION\n{}\n\n{}Send-MgUploadSession uploads a file to the session.\n\n{}\n## EXAMPLES\n{}\n## PARAMETERS\n",
        family.synopsis,
        naming(cmdlet),
        permissions(family),
        examples(cmdlet, family)));
    let mut sorted: Vec<&Parameter> = parameters.iter().collect();
    sorted.sort_by_key(|parameter| parameter.name.to_lowercase());
    for parameter in sorted {
        out.push_str(&format!("\n### -{}\n{}\n\n```yaml\nType: {}\nParameter Sets: {}\nAliases: {}\n\nRequired: {}\nPosition: Named\nDefault value: None\n\
             Accept pipeline input: {}\nAccept wildcard characters: False\n```\n",
            parameter.name,
            parameter.about,
            parameter.kind,
            if parameter.sets.len() == ALL.len() { "(All)".to_owned() } else { parameter.sets.join(", ") },
            parameter.alias,
            if parameter.mandatory { "True" } else { "False" },
            if parameter.pipeline { "True (ByValue)" } else { "False" }));
    }
    let space = cmdlet.version().namespace;
    out.push_str(&format!("\n## INPUTS\n\n### {space}.Models.{}\nThe ids of the path.\n\n### {space}.Models.{}\nThe body.\n\n\
         ## OUTPUTS\n\n### {space}.Models.IMicrosoftGraphUploadSession\nThe session: its upload URL, when it expires, and which bytes it lacks.\n\n\
         ## NOTES\n{}\n## RELATED LINKS\n\n[Send-MgUploadSession](Send-MgUploadSession.md)\n\n[{link}]({link})\n",
        cmdlet.identity,
        cmdlet.body,
        notes(table, family),
        link = family.link));
    out
}

/// Every page has its own: what is created, and where.
fn synopsis(cmdlet: &Cmdlet, family: &Family) -> String {
    let first = family.synopsis.split(". ").next().unwrap_or_default();
    format!("{first}: POST /{}{}.", cmdlet.version, cmdlet.path)
}

fn parameters<'a>(cmdlet: &'a Cmdlet, family: &'a Family) -> Vec<Parameter<'a>> {
    let plain = |name, kind: &str, sets, about: &str| Parameter {
        name,
        kind: kind.to_owned(),
        sets,
        mandatory: false,
        pipeline: false,
        alias: "",
        about: about.to_owned(),
    };
    let mut all: Vec<Parameter> = cmdlet
        .ids
        .iter()
        .map(|id| Parameter { mandatory: true, ..plain(id, "String", IDS, &about(id)) })
        .collect();
    let accepted = cmdlet
        .later_identity
        .as_ref()
        .map_or(String::new(), |later| format!(" {later} is accepted as well."));
    all.extend([
        Parameter {
            mandatory: true,
            pipeline: true,
            ..plain("InputObject", &cmdlet.identity, IDENTITY, &format!("The ids of the path, as an identity object or as a hashtable.{accepted}"))
        },
        Parameter {
            mandatory: true,
            pipeline: true,
            ..plain("BodyParameter", &cmdlet.body, BODY, "The whole body of the request, as an object, a hashtable or JSON text.")
        },
        plain(
            &family.parameter,
            &family.model,
            EXPANDED,
            &format!("The member {} of the body: {}. Takes an object, a hashtable or JSON text.", family.member, about_model(&family.model)),
        ),
        plain("AdditionalProperties", "Hashtable", EXPANDED, "Members of the body that have no parameter of their own, such as deferCommit."),
        Parameter { pipeline: true, ..plain("Headers", "IDictionary", ALL, "Headers that are added to the request, such as If-Match. A hashtable from the pipeline is an identity or a body, never headers.") },
        Parameter { alias: "RHV", ..plain("ResponseHeadersVariable", "String", ALL, "The name of a variable in the caller's scope that takes the headers of the answer, also when it is an error.") },
        plain("Connection", "GraphConnection", ALL, "A connection that Connect-MgUpload -PassThru returned, where there are several. The session keeps it."),
        Parameter { alias: "wi", ..plain("WhatIf", "SwitchParameter", ALL, "Shows the request that would be sent, and sends nothing.") },
        Parameter { alias: "cf", ..plain("Confirm", "SwitchParameter", ALL, "Asks before the request is sent.") },
    ]);
    all
}

fn about(id: &str) -> String {
    let about = format!("{}.", about_id(id));
    if id != "DriveItemId" {
        return about;
    }
    format!(
        "{about}\n\nThe id of a folder takes a new file, whose name is the name in -Item. A path in place of the id names the file by \
         itself: `root:/folder/name:` from the drive's root, `{{folderId}}:/name:` from a folder; with a slash at its end, \
         `root:/folder/`, it names the folder. The parts of a path are written as they are, not percent-encoded. The id of a \
         file, without a name in -Item or with the file's own, replaces that file."
    )
}

/// What a drive's cmdlets do with the file's name, which Graph takes from the path alone.
fn naming(cmdlet: &Cmdlet) -> &'static str {
    match cmdlet.family.as_str() {
        "drive" if has_item(cmdlet) => {
            "Graph opens no session on a folder: the name in -Item goes out in the path of the request, as {folderId}:/name:. A path in \
             -DriveItemId does without.\n\n"
        }
        "drive" => {
            "Graph opens no session on a drive's root: the name in -Item goes out in the path of the request, as root:/name:. For a \
             folder below the root take the cmdlet with -DriveItemId, and 'root:/folder/name:' as the id.\n\n"
        }
        _ => "",
    }
}

fn has_item(cmdlet: &Cmdlet) -> bool {
    cmdlet.ids.iter().any(|id| id == "DriveItemId")
}

fn syntax(cmdlet: &Cmdlet, parameters: &[Parameter], set: &str) -> String {
    let mut words = vec![cmdlet.name.clone()];
    for parameter in parameters.iter().filter(|parameter| parameter.sets.contains(&set)) {
        let value = if parameter.kind == "SwitchParameter" {
            String::new()
        } else {
            format!(" <{}>", parameter.kind)
        };
        let word = format!("-{}{value}", parameter.name);
        words.push(if parameter.mandatory { word } else { format!("[{word}]") });
    }
    words.push("[<CommonParameters>]".into());
    words.join(" ")
}

fn permissions(family: &Family) -> String {
    let row = |who: &str, names: &[String]| {
        format!(
            "| {who} | {} |\n",
            if names.is_empty() { "Not supported".to_owned() } else { names.join(", ") }
        )
    };
    format!(
        "| Permission type | Permissions (from least to most privileged) |\n| --- | --- |\n{}{}{}",
        row("Delegated (work or school account)", &family.permissions.delegated_work_or_school),
        row("Delegated (personal Microsoft account)", &family.permissions.delegated_personal),
        row("Application", &family.permissions.application),
    )
}

/// The members of the body, as deep as they go.
fn notes(table: &Table, family: &Family) -> String {
    let mut out = format!("\nThe members of -{}:\n\n", family.parameter);
    members(table, &family.model, 0, &mut out);
    out.push_str("\nMembers that are not listed, such as `@microsoft.graph.conflictBehavior`, are sent as they are.\n\n");
    out
}

fn members(table: &Table, model: &str, level: usize, out: &mut String) {
    let Some(model) = table.models.iter().find(|other| other.name == model) else { return };
    for property in &model.properties {
        let values = if property.values.is_empty() {
            String::new()
        } else {
            format!(" ({})", property.values.join(", "))
        };
        out.push_str(&format!(
            "{}- `{} <{}>`: {}{values}\n",
            "  ".repeat(level),
            property.name,
            property.kind,
            property.about
        ));
        members(table, &property.kind, level + 1, out);
    }
}
