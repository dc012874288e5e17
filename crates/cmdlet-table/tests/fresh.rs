//! The committed files are those that the table gives.

use std::fs;

#[test]
fn every_generated_file_is_fresh() {
    let root = cmdlet_table::repository();
    let outputs = cmdlet_table::outputs(&root);
    let stale: Vec<&str> = outputs
        .iter()
        .filter(|output| !fs::read_to_string(root.join(&output.path)).is_ok_and(|text| text == output.text))
        .map(|output| output.path.as_str())
        .collect();
    let left = cmdlet_table::leftovers(&root, &outputs);
    assert!(
        stale.is_empty() && left.is_empty(),
        "run `tools/cargo.sh run -p cmdlet-table`; stale: {stale:?}, left over: {left:?}"
    );
}

#[test]
fn every_id_of_a_path_is_a_parameter() {
    let table = cmdlet_table::Table::read(&cmdlet_table::repository());
    for cmdlet in &table.cmdlets {
        let template = cmdlet.template();
        let mut in_path: Vec<&str> = template.split(['{', '}']).skip(1).step_by(2).collect();
        let mut declared: Vec<&str> = cmdlet.ids.iter().map(String::as_str).collect();
        in_path.sort_unstable();
        declared.sort_unstable();
        assert_eq!(in_path, declared, "{}", cmdlet.name);
    }
}
