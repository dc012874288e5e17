//! The committed header is what cbindgen makes of the sources, and docs/c-abi.md what is made of the header.
//! `UPDATE_HEADER=1` writes both anew.

mod page;

use std::path::Path;

/// The table of routes, for those who have nothing but the header.
fn routes() -> String {
    use std::fmt::Write as _;
    let mut table = String::from(
        "/*\n * The routes of create requests: `route` (in any case), the family and the member of the body that describes the file,\n * and the path, which /microsoft.graph.createUploadSession ends, with the names that `ids` needs (as they stand here).\n *\n",
    );
    for route in mg_upload::ROUTES {
        let path = route.path.trim_end_matches("/microsoft.graph.createUploadSession");
        writeln!(
            table,
            " * {} ({:?}, `{}`)\n *     /{}{path}",
            route.key, route.family, route.body_member, route.version
        )
        .unwrap();
    }
    table + " */"
}

fn generated() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut config = cbindgen::Config::from_file(root.join("cbindgen.toml")).unwrap();
    config.trailer = Some(routes());
    let bindings = cbindgen::Builder::new().with_config(config).with_src(root.join("src/lib.rs"));
    let mut header = Vec::new();
    bindings.generate().unwrap().write(&mut header);
    String::from_utf8(header).unwrap()
}

fn assert_fresh(path: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_HEADER").is_some() {
        std::fs::write(&path, generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == generated, "{} is stale; run this test with UPDATE_HEADER=1", path.display());
}

#[test]
fn the_committed_header_is_fresh() {
    assert_fresh("include/mg_upload.h", &generated());
}

#[test]
fn the_page_about_the_header_is_fresh_and_has_every_export() {
    let (header, page) = (generated(), page::of(&generated()));
    assert_fresh("../../docs/c-abi.md", &page);
    for line in header.lines().filter(|line| line.contains('(') && line.starts_with("mgu_status mgu_")) {
        let name = line["mgu_status ".len()..].split('(').next().unwrap();
        assert!(page.contains(&format!("\n## {name}\n")), "{name}");
    }
    for name in ["MGU_ABI_VERSION", "mgu_status", "mgu_wait_reason", "mgu_client_options", "mgu_abi_version"]
    {
        assert_eq!(page.matches(&format!("\n## {name}\n")).count(), 1, "{name}");
    }
}

/// All that a folder holds.
fn sources(folder: &Path) -> String {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files
        .map(|file| if file.is_dir() { sources(&file) } else { std::fs::read_to_string(file).unwrap() })
        .collect()
}

#[test]
fn every_export_is_declared_once() {
    let header = generated();
    let code = header.split("/*").map(|part| part.split_once("*/").map_or(part, |(_, code)| code));
    let header: String =
        code.flat_map(str::lines).filter(|line| !line.trim_start().starts_with("//")).collect();
    let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let exports: Vec<_> =
        sources.split("extern \"C\" fn ").skip(1).filter_map(|rest| rest.split('(').next()).collect();
    assert!(exports.len() > 15);
    for export in exports {
        assert_eq!(
            header.matches(&format!(" {export}(")).count() + header.matches(&format!("*{export}(")).count(),
            1,
            "{export}"
        );
    }
    assert!(header.contains(&format!("#define MGU_ABI_VERSION {}", mg_upload_ffi::MGU_ABI_VERSION)));
}
