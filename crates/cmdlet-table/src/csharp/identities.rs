//! An identity: ids and nothing else.

use super::xml;
use crate::table::{Identity, Version, about_id, class_of};

/// The interface that parameters are declared with, and the class behind it.
pub(super) fn types(version: Version, identity: &Identity) -> [String; 2] {
    let ids = ids(version, identity);
    [interface(identity, &ids), class(identity, &ids)]
}

fn interface(identity: &Identity, ids: &[(&str, &str)]) -> String {
    let declarations: Vec<String> = ids
        .iter()
        .map(|(id, kind)| format!("    {}\n    {kind}? {id} {{ get; set; }}\n", summary(id)))
        .collect();
    format!(
        "/// <summary>Ids from which the path of a request is made.</summary>\n\
         [TypeConverter(typeof(ModelConverter))]\npublic interface {} : IIdentity\n{{\n{}}}\n",
        identity.name,
        declarations.join("\n")
    )
}

fn class(identity: &Identity, ids: &[(&str, &str)]) -> String {
    let name = class_of(&identity.name);
    let properties: Vec<String> = ids
        .iter()
        .map(|(id, kind)| {
            let get = if *kind == "bool" { "GetTruth" } else { "Get" };
            format!(
                "    {}\n    public {kind}? {id} {{ get => {get}(nameof({id})); set => Set(nameof({id}), value); }}\n",
                summary(id)
            )
        })
        .collect();
    format!(
        "/// <summary>Ids from which the path of a request is made.</summary>\n\
         [TypeConverter(typeof(ModelConverter))]\npublic sealed class {name} : Identity<{name}>, {}\n{{\n{}}}\n",
        identity.name,
        properties.join("\n")
    )
}

/// Name and type of each; an id is a text unless its name says otherwise.
fn ids(version: Version, identity: &Identity) -> Vec<(&str, &'static str)> {
    let names = if version.name == "v1.0" { &identity.v1 } else { &identity.beta };
    names
        .iter()
        .map(|name| match name.strip_suffix(": Boolean") {
            Some(truth) => (truth, "bool"),
            None => (name.as_str(), "string"),
        })
        .collect()
}

fn summary(id: &str) -> String {
    format!("/// <summary>{}</summary>", xml(&about_id(id)))
}
