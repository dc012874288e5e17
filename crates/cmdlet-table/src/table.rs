//! The table as it is written in `pwsh-module/cmdlets.json`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

/// The whole table.
#[derive(Debug, Deserialize)]
pub struct Table {
    /// What cmdlets of one back end have in common, by the back end's name.
    pub families: BTreeMap<String, Family>,
    /// One entry a cmdlet, in the order in which people read them.
    pub cmdlets: Vec<Cmdlet>,
    /// The models which bodies and answers are made of.
    pub models: Vec<Model>,
    /// The identity types with the ids they carry.
    pub identities: Vec<Identity>,
}

/// One back end: the body's only known member, and what its help pages say.
#[derive(Debug, Deserialize)]
pub struct Family {
    /// The parameter that carries the body's member, such as `Item`.
    pub parameter: String,
    /// The member's name in JSON.
    pub member: String,
    /// The member's model.
    pub model: String,
    /// The first sentence of the help pages.
    pub synopsis: String,
    /// Permissions by the kind of caller; none means that the call is not supported for it.
    pub permissions: Permissions,
    /// Graph's own page on the action.
    pub link: String,
}

/// Permissions, least privileged first.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Permissions {
    /// Work or school accounts.
    pub delegated_work_or_school: Vec<String>,
    /// Personal Microsoft accounts.
    pub delegated_personal: Vec<String>,
    /// Applications without a user.
    pub application: Vec<String>,
}

/// One cmdlet.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cmdlet {
    /// Verb and noun, such as `New-MgDriveRootUploadSession`.
    pub name: String,
    /// `v1.0` or `beta`.
    pub version: String,
    /// A key of [`Table::families`].
    pub family: String,
    /// The path with `{drive-id}` and the like.
    pub path: String,
    /// The id parameters in the order of the help pages.
    pub ids: Vec<String>,
    /// The interface of the request body.
    pub body: String,
    /// The interface that `-InputObject` is declared with.
    pub identity: String,
    /// The interface that later editions declare; it is accepted as well.
    pub later_identity: Option<String>,
    /// The module part of the published help page's address.
    pub help: String,
    /// Request bodies of the published examples.
    #[serde(default)]
    pub examples: Vec<serde_json::Value>,
}

/// A model: one interface and one class.
#[derive(Debug, Clone, Deserialize)]
pub struct Model {
    /// The interface's name.
    pub name: String,
    /// In the order of the alphabet.
    pub properties: Vec<Property>,
}

/// A property of a model.
#[derive(Debug, Clone, Deserialize)]
pub struct Property {
    /// The name in PowerShell.
    pub name: String,
    /// The name on the wire.
    pub json: String,
    /// `String`, `String[]`, `Int64`, `Boolean`, `DateTime` or the name of a model.
    #[serde(rename = "type")]
    pub kind: String,
    /// One phrase for the help page.
    pub about: String,
    /// The values known today; others pass.
    #[serde(default)]
    pub values: Vec<String>,
}

/// An identity type: the ids it has in each version.
#[derive(Debug, Deserialize)]
pub struct Identity {
    /// The interface's name.
    pub name: String,
    /// Ids in v1.0; one that is no text has its type behind a colon.
    #[serde(rename = "v1.0")]
    pub v1: Vec<String>,
    /// Ids in beta.
    pub beta: Vec<String>,
}

/// The two versions of Graph, with the names that differ between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// As in the table and in the path.
    pub name: &'static str,
    /// The folder of the generated files.
    pub folder: &'static str,
    /// What all namespaces start with.
    pub namespace: &'static str,
}

/// Both versions.
pub const VERSIONS: [Version; 2] = [
    Version { name: "v1.0", folder: "V1", namespace: "Microsoft.Graph.PowerShell" },
    Version { name: "beta", folder: "Beta", namespace: "Microsoft.Graph.Beta.PowerShell" },
];

impl Table {
    /// Reads the table below the given root of the repository.
    ///
    /// # Panics
    /// When the file is missing or is not a table: there is nothing to write then.
    pub fn read(root: &Path) -> Self {
        let path = root.join("pwsh-module/cmdlets.json");
        let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The request body of a cmdlet: an open object with the family's one known member.
    pub fn body_of(&self, cmdlet: &Cmdlet) -> Model {
        let family = self.family(cmdlet);
        let member = Property {
            name: family.parameter.clone(),
            json: family.member.clone(),
            kind: family.model.clone(),
            about: about_model(&family.model),
            values: Vec::new(),
        };
        Model { name: cmdlet.body.clone(), properties: vec![member] }
    }

    /// The family of a cmdlet.
    pub fn family(&self, cmdlet: &Cmdlet) -> &Family {
        &self.families[&cmdlet.family]
    }
}

impl Cmdlet {
    /// The key of the route: the noun.
    pub fn key(&self) -> &str {
        self.name.trim_start_matches("New-")
    }

    /// The class: `NewMgDriveRootUploadSession`.
    pub fn class(&self) -> String {
        self.name.replace('-', "")
    }

    /// The version's names.
    pub fn version(&self) -> Version {
        VERSIONS.into_iter().find(|version| version.name == self.version).expect("v1.0 or beta")
    }

    /// The path with parameters' names in braces: `/drives/{DriveId}/root/…`.
    pub fn template(&self) -> String {
        let mut out = String::new();
        for (index, segment) in self.path.split('/').enumerate() {
            if index > 0 {
                out.push('/');
            }
            match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(id) => {
                    out.push('{');
                    out.push_str(&upper_first(&id.replace("-id", "Id")));
                    out.push('}');
                }
                None => out.push_str(segment),
            }
        }
        out
    }

    /// The address of the published help page.
    pub fn help_uri(&self) -> String {
        let page = self.name.to_lowercase();
        format!("https://learn.microsoft.com/powershell/module/{}/{page}", self.help)
    }
}

/// `IMicrosoftGraphDriveItemSource` is described as `driveItemSource`.
pub(crate) fn about_model(interface: &str) -> String {
    lower_first(interface.trim_start_matches("IMicrosoftGraph"))
}

/// What an id means: `DriveItemId1` is the identifier of a driveItem.
pub(crate) fn about_id(id: &str) -> String {
    let stem = id.trim_end_matches(|c: char| c.is_ascii_digit());
    match stem.strip_suffix("Id") {
        Some(entity) if !entity.is_empty() => format!("The unique identifier of {}", lower_first(entity)),
        _ => format!("Usage: {0}='{{{0}}}'", lower_first(id)),
    }
}

/// The class that implements an interface.
pub(crate) fn class_of(interface: &str) -> &str {
    &interface[1..]
}

pub(crate) fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
