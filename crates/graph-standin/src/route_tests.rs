use super::*;

fn place(target: &str) -> (Option<String>, String, DriveAction) {
    match parse(target, true) {
        Route::Drive(place, action) => (place.item, place.path.join("/"), action),
        other => panic!("{target}: {other:?}"),
    }
}

#[test]
fn drive_places_in_every_form() {
    let create = DriveAction::Create;
    let cases = [
        ("/v1.0/users/u/drives/d/root/microsoft.graph.createUploadSession", None, "", create),
        ("/beta/drives/d/root/createUploadSession", None, "", create),
        ("/v1.0/me/drive/items/abc/createUploadSession", Some("abc"), "", create),
        ("/v1.0/drives/d/root:/a%20b/c%23.bin:/createUploadSession", None, "a b/c#.bin", create),
        (
            "/v1.0/drives/d/items/root:/dir/name.ext:/microsoft.graph.createUploadSession",
            None,
            "dir/name.ext",
            create,
        ),
        (
            "/v1.0/drives/d/items/root%3A%2Fdir%2Fname.ext%3A/microsoft.graph.createUploadSession",
            None,
            "dir/name.ext",
            create,
        ),
        ("/v1.0/drives/d/items/f1:/n.bin:/createUploadSession", Some("f1"), "n.bin", create),
        ("/v1.0/drives/d/items/f1/children('a''b.bin')/createUploadSession", Some("f1"), "a'b.bin", create),
        ("/v1.0/drives/d/root:/n.bin:/content?x=y", None, "n.bin", DriveAction::Content),
        ("/v1.0/drives/d/root:/a/content", None, "a/content", DriveAction::Item),
        (
            "/v1.0/drives/d/root:/a.bin/createUploadSession",
            None,
            "a.bin/createUploadSession",
            DriveAction::Item,
        ),
        (
            "/v1.0/drives/d/items/f1/children('@a1')/createUploadSession?@a1='a/b%27%27c'",
            Some("f1"),
            "a/b'c",
            create,
        ),
        ("/v1.0/drives/d/root/children('n%28.bin')/createUploadSession", None, "n(.bin", create),
        ("/v1.0/drives/d/items/f1/children?$select=id", Some("f1"), "", DriveAction::Children),
        ("/v1.0/drives/d/items/i1", Some("i1"), "", DriveAction::Item),
    ];
    for (target, item, path, action) in cases {
        assert_eq!(place(target), (item.map(str::to_owned), path.to_owned(), action), "{target}");
    }
}

#[test]
fn what_no_service_takes() {
    let target = "/v1.0/drives/d/root:/a%07b:/createUploadSession";
    assert_eq!(parse(target, true), Route::Unusable);
    for target in [
        "/v1.0/drives/d/root:/a(1).bin:/createUploadSession",
        "/v1.0/drives/d/items/root%3A%2Fa.bin/createUploadSession",
    ] {
        let made = parse(target, true);
        assert!(!matches!(made, Route::Drive(_, DriveAction::Create)), "{target}: {made:?}");
    }
    let lenient = parse("/v1.0/drives/d/root:/a.bin/createUploadSession", false);
    assert!(matches!(lenient, Route::Drive(_, DriveAction::Create)), "{lenient:?}");
}

#[test]
fn attachments_share_a_key_whatever_the_path() {
    let key = |target: &str| match parse(target, true) {
        Route::Attachments(a, action) => (a.family, a.key, action),
        other => panic!("{target}: {other:?}"),
    };
    let one = key("/v1.0/users/u/messages/m/attachments/microsoft.graph.createUploadSession");
    let two = key("/v1.0/users/u/mailFolders/a/childFolders/b/messages/m/attachments/createUploadSession");
    assert_eq!(one, two);
    assert_eq!(one.0, Family::Outlook);
    assert_eq!(key("/v1.0/me/todo/lists/l/tasks/t/attachments").0, Family::Todo);
    assert_eq!(key("/beta/users/u/outlook/tasks/t/attachments").0, Family::Outlook);
    assert_ne!(
        key("/v1.0/groups/g/threads/t/posts/p/attachments").1,
        key("/v1.0/groups/g/threads/t/posts/p/inReplyTo/attachments").1
    );
}

#[test]
fn to_do_keeps_the_wire_form_of_its_parent() {
    let Route::Attachments(a, _) =
        parse("/v1.0/me/todo/lists/l%23/tasks/t/attachments/createUploadSession", true)
    else {
        panic!("no attachments")
    };
    assert_eq!(a.parent_raw, "/v1.0/me/todo/lists/l%23/tasks/t");
    assert_eq!(a.ids, ["me", "l#", "t"]);
}

#[test]
fn print_documents() {
    for kind in ["printers", "shares", "printerShares"] {
        let target = format!("/beta/print/{kind}/p/jobs/1/documents/d/createUploadSession");
        assert!(matches!(parse(&target, true), Route::Document(_, true)), "{target}");
    }
    assert!(matches!(parse("/v1.0/print/printers/p/jobs/1/documents/d", true), Route::Document(_, false)));
}

#[test]
fn nothing_panics() {
    for target in [
        "",
        "/",
        "//",
        "/v1.0",
        "/v1.0/",
        "/v1.0/drives",
        "/v1.0/drives/d",
        "/v1.0/drives/d/items/",
        "/x/y",
        "/v1.0/me",
        "%",
        "/v1.0/users//messages//attachments",
    ] {
        parse(target, true);
    }
}
