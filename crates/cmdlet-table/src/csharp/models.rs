//! A model: an interface for parameters to be declared with, and the class behind it.

use super::xml;
use crate::table::{Model, Property, about_model, class_of};

/// The interface and the class.
pub(super) fn types(model: &Model) -> [String; 2] {
    [interface(model), class(model)]
}

fn interface(model: &Model) -> String {
    let declarations: Vec<String> = model
        .properties
        .iter()
        .map(|property| {
            format!("{}    {}? {} {{ get; set; }}\n", summary(property), csharp(property), property.name)
        })
        .collect();
    format!(
        "/// <summary>{}</summary>\n[TypeConverter(typeof(ModelConverter))]\npublic interface {} : IOpenModel\n{{\n{}}}\n",
        about(model),
        model.name,
        declarations.join("\n")
    )
}

fn class(model: &Model) -> String {
    let name = class_of(&model.name);
    let wire = wire_order(&model.properties);
    let members: Vec<String> = wire.iter().map(|property| format!("        {}", member(property))).collect();
    let properties: String = model.properties.iter().map(|property| accessor(property, &wire)).collect();
    format!(
        "/// <summary>{}</summary>\n[TypeConverter(typeof(ModelConverter))]\n\
         public sealed class {name} : OpenModel<{name}>, {}\n{{\n    private static readonly ModelShape s_shape = new(\n\
         {});\n\n    private protected override ModelShape Shape => s_shape;\n{properties}}}\n",
        about(model),
        model.name,
        members.join(",\n")
    )
}

fn accessor(property: &Property, wire: &[&Property]) -> String {
    let index = wire.iter().position(|other| other.name == property.name).expect("one of them");
    let kind = csharp(property);
    // A nullable value type is named as such; a class is nullable by where it stands.
    let get = if is_value(property) { format!("{kind}?") } else { kind.clone() };
    format!(
        "\n{}    public {kind}? {} {{ get => Get<{get}>({index}); set => Set({index}, value); }}\n",
        summary(property),
        property.name,
    )
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
