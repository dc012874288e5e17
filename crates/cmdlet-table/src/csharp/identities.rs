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
        .map(|id| {
            format!("    /// <summary>{}</summary>\n    string? {id} {{ get; set; }}\n", xml(&about_id(id)))
        })
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
        .map(|id| {
            format!(
                "    /// <summary>{}</summary>\n    public string? {id} {{ get => Get(nameof({id})); set => Set(nameof({id}), value); }}\n",
                xml(&about_id(id))
            )
        })
        .collect();
    out.push_str(&properties.join("\n"));
    out.push_str("}\n");
    out
}

fn ids(version: Version, identity: &Identity) -> &[String] {
    if version.name == "v1.0" { &identity.v1 } else { &identity.beta }
}
