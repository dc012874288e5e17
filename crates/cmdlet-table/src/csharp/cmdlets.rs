//! A cmdlet: its ids, its identity and its body; the work is in the base class, which finds the route by the class's name.

use super::xml;
use crate::table::{Cmdlet, Table, about_id, about_model, class_of};

/// The class.
pub(super) fn class(table: &Table, cmdlet: &Cmdlet) -> String {
    let family = table.family(cmdlet);
    let (parameter, model) = (&family.parameter, &family.model);
    let base = if cmdlet.version().name == "v1.0" {
        "NewV1UploadSessionCmdlet"
    } else {
        "NewBetaUploadSessionCmdlet"
    };
    let named = [
        "Mandatory = true, ParameterSetName = CreateExpanded",
        "Mandatory = true, ParameterSetName = Create",
    ];
    let ids: String = cmdlet.ids.iter().map(|id| property(&about_id(id), &named, "string", id)).collect();
    let identity = property(
        "What the path is made of, as an identity object or as a hashtable of its ids.",
        &[
            "Mandatory = true, ParameterSetName = CreateViaIdentityExpanded, ValueFromPipeline = true",
            "Mandatory = true, ParameterSetName = CreateViaIdentity, ValueFromPipeline = true",
        ],
        &cmdlet.identity,
        "InputObject",
    );
    let body = property(
        "The whole body of the request.",
        &[
            "Mandatory = true, ParameterSetName = Create, ValueFromPipeline = true",
            "Mandatory = true, ParameterSetName = CreateViaIdentity, ValueFromPipeline = true",
        ],
        &cmdlet.body,
        "BodyParameter",
    );
    let member = property(
        &about_model(model),
        &["ParameterSetName = CreateExpanded", "ParameterSetName = CreateViaIdentityExpanded"],
        model,
        parameter,
    );
    let values: Vec<String> = cmdlet.ids.iter().map(|id| format!("new(nameof({id}), {id})")).collect();
    format!(
        "/// <summary>{synopsis}</summary>\n\
         [Cmdlet(VerbsCommon.New, \"{noun}\", DefaultParameterSetName = CreateExpanded, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium,\n\
         \x20   HelpUri = \"{uri}\")]\n\
         [OutputType(typeof(IMicrosoftGraphUploadSession))]\n\
         public sealed class {class} : {base}\n{{\n\
         {ids}{identity}{body}{member}\
         \x20   private protected override IdValue[] Ids => [{values}];\n\n\
         \x20   private protected override IIdentity? BoundIdentity => InputObject;\n\n\
         \x20   private protected override IOpenModel? BoundBody => BodyParameter;\n\n\
         \x20   private protected override IIdentity NewIdentity() => new {identity_class}();\n\n\
         \x20   private protected override IOpenModel NewBody() => new {body_class} {{ {parameter} = {parameter} }};\n\n\
         \x20   private protected override IOpenModel NewSession() => new MicrosoftGraphUploadSession();\n}}\n",
        synopsis = xml(&family.synopsis),
        noun = cmdlet.key(),
        uri = cmdlet.help_uri(),
        class = cmdlet.class(),
        values = values.join(", "),
        identity_class = class_of(&cmdlet.identity),
        body_class = class_of(&cmdlet.body),
    )
}

fn property(about: &str, attributes: &[&str], kind: &str, name: &str) -> String {
    let attributes: String =
        attributes.iter().map(|attribute| format!("    [Parameter({attribute})]\n")).collect();
    format!(
        "    /// <summary>{}</summary>\n{attributes}    public {kind}? {name} {{ get; set; }}\n\n",
        xml(about)
    )
}
