//! A cmdlet: its ids, its identity, its body and the name of its route; the work is in the base class.

use std::fmt::Write;

use super::{head, xml};
use crate::table::{Cmdlet, Table, about_id, about_model, class_of};

/// The class.
pub(super) fn class(table: &Table, cmdlet: &Cmdlet) -> String {
    let family = table.family(cmdlet);
    let version = cmdlet.version();
    let (parameter, model) = (&family.parameter, &family.model);
    let class = cmdlet.class();
    let base = if version.name == "v1.0" { "NewV1UploadSessionCmdlet" } else { "NewBetaUploadSessionCmdlet" };
    let mut out = String::new();
    head(&mut out);
    write!(
        out,
        "using System.Management.Automation;\nusing {namespace}.Models;\nusing MgUpload.Cmdlets;\nusing MgUpload.Models;\n\n\
         namespace {namespace}.Cmdlets;\n\n\
         /// <summary>{synopsis}</summary>\n\
         [Cmdlet(VerbsCommon.New, \"{noun}\", DefaultParameterSetName = CreateExpanded, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium,\n\
         \x20   HelpUri = \"{uri}\")]\n\
         [OutputType(typeof(IMicrosoftGraphUploadSession))]\n\
         public sealed class {class} : {base}\n{{\n",
        namespace = version.namespace,
        synopsis = xml(&family.synopsis),
        noun = cmdlet.key(),
        uri = cmdlet.help_uri(),
    )
    .expect("a String takes everything");
    for id in &cmdlet.ids {
        property(
            &mut out,
            &about_id(id),
            &[
                "Mandatory = true, ParameterSetName = CreateExpanded",
                "Mandatory = true, ParameterSetName = Create",
            ],
            "string",
            id,
        );
    }
    property(
        &mut out,
        "What the path is made of, as an identity object or as a hashtable of its ids.",
        &[
            "Mandatory = true, ParameterSetName = CreateViaIdentityExpanded, ValueFromPipeline = true",
            "Mandatory = true, ParameterSetName = CreateViaIdentity, ValueFromPipeline = true",
        ],
        &cmdlet.identity,
        "InputObject",
    );
    property(
        &mut out,
        "The whole body of the request.",
        &[
            "Mandatory = true, ParameterSetName = Create, ValueFromPipeline = true",
            "Mandatory = true, ParameterSetName = CreateViaIdentity, ValueFromPipeline = true",
        ],
        &cmdlet.body,
        "BodyParameter",
    );
    property(
        &mut out,
        &about_model(model),
        &["ParameterSetName = CreateExpanded", "ParameterSetName = CreateViaIdentityExpanded"],
        model,
        parameter,
    );
    let ids: Vec<String> = cmdlet.ids.iter().map(|id| format!("new(nameof({id}), {id})")).collect();
    write!(
        out,
        "    private protected override string Route => \"{key}\";\n\n\
         \x20   private protected override string Family => \"{family}\";\n\n\
         \x20   private protected override IdValue[] Ids => [{ids}];\n\n\
         \x20   private protected override IIdentity? BoundIdentity => InputObject;\n\n\
         \x20   private protected override IOpenModel? BoundBody => BodyParameter;\n\n\
         \x20   private protected override IIdentity NewIdentity() => new {identity}();\n\n\
         \x20   private protected override IOpenModel NewBody() => new {body} {{ {parameter} = {parameter} }};\n\n\
         \x20   private protected override IOpenModel NewSession() => new MicrosoftGraphUploadSession();\n}}\n",
        key = cmdlet.key(),
        family = cmdlet.family,
        ids = ids.join(", "),
        identity = class_of(&cmdlet.identity),
        body = class_of(&cmdlet.body),
    )
    .expect("a String takes everything");
    out
}

fn property(out: &mut String, about: &str, attributes: &[&str], kind: &str, name: &str) {
    writeln!(out, "    /// <summary>{}</summary>", xml(about)).expect("a String takes everything");
    for attribute in attributes {
        writeln!(out, "    [Parameter({attribute})]").expect("a String takes everything");
    }
    writeln!(out, "    public {kind}? {name} {{ get; set; }}\n").expect("a String takes everything");
}
