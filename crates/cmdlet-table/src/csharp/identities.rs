//! An identity: ids and nothing else.

use std::fmt::Write;

use super::{head, xml};
use crate::table::{Identity, Version, about_id, class_of};

/// The interface.
pub(super) fn interface(version: Version, identity: &Identity) -> String {
    let mut out = String::new();
    head(&mut out);
    write!(
        out,
        "using System.ComponentModel;\nusing MgUpload.Models;\n\nnamespace {}.Models;\n\n\
         /// <summary>Ids from which the path of a request is made.</summary>\n\
         [TypeConverter(typeof(ModelConverter))]\npublic interface {} : IIdentity\n{{\n",
        version.namespace, identity.name,
    )
    .expect("a String takes everything");
    let declarations: Vec<String> = ids(version, identity)
        .iter()
        .map(|id| format!("    {}\n    {}? {} {{ get; set; }}\n", summary(id.0), id.1, id.0))
        .collect();
    out.push_str(&declarations.join("\n"));
    out.push_str("}\n");
    out
}

/// The class.
pub(super) fn class(version: Version, identity: &Identity) -> String {
    let name = class_of(&identity.name);
    let mut out = String::new();
    head(&mut out);
    write!(
        out,
        "using System.ComponentModel;\nusing MgUpload.Models;\n\nnamespace {}.Models;\n\n\
         /// <summary>Ids from which the path of a request is made.</summary>\n\
         [TypeConverter(typeof(ModelConverter))]\npublic sealed class {name} : Identity<{name}>, {}\n{{\n",
        version.namespace, identity.name,
    )
    .expect("a String takes everything");
    let properties: Vec<String> = ids(version, identity)
        .iter()
        .map(|&(id, kind)| {
            let get = if kind == "bool" { "GetTruth" } else { "Get" };
            format!(
                "    {}\n    public {kind}? {id} {{ get => {get}(nameof({id})); set => Set(nameof({id}), value); }}\n",
                summary(id)
            )
        })
        .collect();
    out.push_str(&properties.join("\n"));
    out.push_str("}\n");
    out
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
