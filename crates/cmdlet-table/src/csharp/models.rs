//! A model: an interface for parameters to be declared with, and the class behind it.

use std::fmt::Write;

use super::{head, xml};
use crate::table::{Model, Property, Version, about_model, class_of};

/// The interface.
pub(super) fn interface(version: Version, model: &Model) -> String {
    let mut out = String::new();
    head(&mut out);
    write!(
        out,
        "using System.ComponentModel;\nusing MgUpload.Models;\n\nnamespace {}.Models;\n\n\
         /// <summary>{}</summary>\n[TypeConverter(typeof(ModelConverter))]\npublic interface {} : IOpenModel\n{{\n",
        version.namespace,
        about(model),
        model.name,
    )
    .expect("a String takes everything");
    let declarations: Vec<String> = model
        .properties
        .iter()
        .map(|property| {
            format!("{}    {}? {} {{ get; set; }}\n", summary(property), csharp(property), property.name)
        })
        .collect();
    out.push_str(&declarations.join("\n"));
    out.push_str("}\n");
    out
}

/// The class.
pub(super) fn class(version: Version, model: &Model) -> String {
    let name = class_of(&model.name);
    let mut out = String::new();
    head(&mut out);
    write!(
        out,
        "using System.ComponentModel;\nusing MgUpload.Models;\n\nnamespace {}.Models;\n\n\
         /// <summary>{}</summary>\n[TypeConverter(typeof(ModelConverter))]\n\
         public sealed class {name} : OpenModel<{name}>, {}\n{{\n    private static readonly ModelShape s_shape = new(\n",
        version.namespace,
        about(model),
        model.name,
    )
    .expect("a String takes everything");
    let wire = wire_order(&model.properties);
    let members: Vec<String> = wire.iter().map(|property| format!("        {}", member(property))).collect();
    out.push_str(&members.join(",\n"));
    out.push_str(");\n\n    private protected override ModelShape Shape => s_shape;\n");
    for property in &model.properties {
        let index = wire.iter().position(|other| other.name == property.name).expect("one of them");
        let kind = csharp(property);
        // A nullable value type is named as such; a class is nullable by where it stands.
        let get = if is_value(property) { format!("{kind}?") } else { kind.clone() };
        write!(
            out,
            "\n{}    public {kind}? {} {{ get => Get<{get}>({index}); set => Set({index}, value); }}\n",
            summary(property),
            property.name,
        )
        .expect("a String takes everything");
    }
    out.push_str("}\n");
    out
}

/// Scalars go out first, then models, each in the order of the alphabet.
fn wire_order(properties: &[Property]) -> Vec<&Property> {
    let mut wire: Vec<&Property> = properties.iter().collect();
    wire.sort_by_key(|property| (is_model(property), property.json.to_lowercase()));
    wire
}

fn member(property: &Property) -> String {
    let (name, json) = (&property.name, &property.json);
    match property.kind.as_str() {
        "String" => format!("Member.Text(\"{name}\", \"{json}\")"),
        "String[]" => format!("Member.Texts(\"{name}\", \"{json}\")"),
        "Int64" => format!("Member.Integer(\"{name}\", \"{json}\")"),
        "Boolean" => format!("Member.Truth(\"{name}\", \"{json}\")"),
        "DateTime" => format!("Member.Time(\"{name}\", \"{json}\")"),
        model => format!("Member.Model(\"{name}\", \"{json}\", static () => new {}())", class_of(model)),
    }
}

fn csharp(property: &Property) -> String {
    match property.kind.as_str() {
        "String" => "string".into(),
        "String[]" => "string?[]".into(),
        "Int64" => "long".into(),
        "Boolean" => "bool".into(),
        "DateTime" => "System.DateTime".into(),
        model => model.into(),
    }
}

fn is_value(property: &Property) -> bool {
    matches!(property.kind.as_str(), "Int64" | "Boolean" | "DateTime")
}

fn is_model(property: &Property) -> bool {
    property.kind.starts_with('I') && property.kind != "Int64"
}

fn summary(property: &Property) -> String {
    let mut text = property.about.clone();
    if !property.values.is_empty() {
        text = format!("{text}: {}", property.values.join(", "));
    }
    format!("    /// <summary>{}</summary>\n", xml(&text))
}

fn about(model: &Model) -> String {
    if model.name.starts_with("IPaths") {
        format!(
            "The body of a request: <c>{}</c> and whatever else the service knows.",
            model.properties[0].json
        )
    } else {
        xml(&about_model(&model.name))
    }
}
