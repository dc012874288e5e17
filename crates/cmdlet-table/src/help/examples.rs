//! The examples of a page.

use super::has_item;
use crate::table::{Cmdlet, Family, lower_first};

pub(super) fn examples(cmdlet: &Cmdlet, family: &Family) -> String {
    let given = |id: &String| format!("-{id} ${}", lower_first(id));
    let ids = cmdlet.ids.iter().map(given).collect::<Vec<_>>().join(" ");
    let name = &cmdlet.name;
    let value = match cmdlet.family.as_str() {
        "drive" => "@{ name = 'big.iso'; '@microsoft.graph.conflictBehavior' = 'replace' }",
        "print" => {
            "@{ documentName = 'big.pdf'; contentType = 'application/pdf'; size = (Get-Item ./big.pdf).Length }"
        }
        _ => "@{ attachmentType = 'file'; name = 'big.zip'; size = (Get-Item ./big.zip).Length }",
    };
    let file = match cmdlet.family.as_str() {
        "drive" => "big.iso",
        "print" => "big.pdf",
        _ => "big.zip",
    };
    let folder = if has_item(cmdlet) { "$driveItemId is the folder's id. " } else { "" };
    let mut out = format!(
        "\n### Example 1: Create a session and upload a file\n```powershell\n$session = {name} {ids} -{} {value}\n$session | Send-MgUploadSession -Path ./{file}\n```\n\n\
         {folder}The file goes up in requests of a size that suits the service, with a progress bar, and goes on after faults.\n",
        family.parameter
    );
    let mut number = 1;
    if has_item(cmdlet) {
        let others: Vec<String> = cmdlet.ids.iter().filter(|id| *id != "DriveItemId").map(given).collect();
        let others = others.join(" ");
        number = 3;
        out.push_str(&format!("\n### Example 2: Name the file by its path\n```powershell\n$session = {name} {others} -DriveItemId 'root:/Backups/big.iso:'\n\
             $session | Send-MgUploadSession -Path ./big.iso\n```\n\nThe path begins at the drive's root; \"${{folderId}}:/big.iso:\" begins at a folder.\n\
             \n### Example 3: Replace a file that is known by its id\n```powershell\n$session = {name} {others} -DriveItemId $fileId -Item @{{ '@microsoft.graph.conflictBehavior' = 'replace' }}\n\
             $session | Send-MgUploadSession -Path ./big.iso\n```\n\nOn OneDrive for work or school and in SharePoint; a personal OneDrive wants the path.\n"));
    }
    for body in &cmdlet.examples {
        number += 1;
        out.push_str(&format!("\n### Example {}: Give the whole body\n```powershell\n$params = {}\n{name} {ids} -BodyParameter $params\n```\n\nThe example of Graph's own documentation.\n",
            number,
            hashtable(body, 0)));
    }
    out
}

/// JSON as a PowerShell literal.
fn hashtable(value: &serde_json::Value, level: usize) -> String {
    match value {
        serde_json::Value::Object(members) => {
            let pad = "    ".repeat(level + 1);
            let lines: Vec<String> = members
                .iter()
                .map(|(key, value)| format!("{pad}{key} = {}\n", hashtable(value, level + 1)))
                .collect();
            format!("@{{\n{}{}}}", lines.concat(), "    ".repeat(level))
        }
        serde_json::Value::String(text) => format!("'{}'", text.replace('\'', "''")),
        serde_json::Value::Bool(truth) => format!("${truth}"),
        other => other.to_string(),
    }
}
