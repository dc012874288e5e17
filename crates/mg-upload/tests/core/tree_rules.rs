//! What is done with each file of a tree: names, what is there already, what is left out.

use std::fs;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::support::Bench;
use crate::tree::{bench, plant, request, root, send, stored, with};

/// A file that was written so many seconds ago.
fn written(path: &std::path::Path, bytes: &[u8], ago: u64) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(ago)).unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_differs_is_as_the_caller_wishes() {
    let bench = bench(&json!({}));
    let (folder, root) = (bench.folder.path().to_owned(), root(&bench));
    let old = b"first".to_vec();
    for name in ["same", "touched", "longer", "older"] {
        written(&root.join(name), &old, 1000);
    }
    assert_eq!(send(&bench.client, &request(&folder)).await.count("uploaded"), 4);
    written(&root.join("touched"), &old, 500);
    written(&root.join("longer"), b"first and more", 500);
    written(&root.join("older"), b"other", 9000);
    let at = |name: &str| format!("Archive/2026/Reports/{name}");
    let run = async |more: Value| {
        let ran = send(&bench.client, &with(request(&folder), &more)).await;
        ["same", "touched", "longer", "older"].map(|name| ran.reason(&at(name)))
    };
    let same = ["unchanged sizeAndTime", "unchanged hash"];
    let all = |rest: [&str; 2]| [same[0], same[1], rest[0], rest[1]].map(str::to_owned);
    assert_eq!(run(json!({})).await, all(["failed exists", "failed exists"]));
    assert_eq!(run(json!({ "ifExists": "skip" })).await, all(["skipped exists", "skipped exists"]));
    let dry = run(json!({ "ifExists": "replace", "dryRun": true })).await;
    assert_eq!(dry[2], "wouldUpload replaces");
    assert_eq!(stored(&bench.transport, "Archive/2026/Reports")["longer"], old, "nothing was sent so far");
    assert_eq!(run(json!({ "ifExists": "replace" })).await, all(["uploaded -", "failed destinationNewer"]));
    let now = stored(&bench.transport, "Archive/2026/Reports");
    assert_eq!((now["longer"].as_slice(), now["older"].as_slice()), (&b"first and more"[..], &b"first"[..]));
    assert_eq!(run(json!({ "ifExists": "rename" })).await, all(["unchanged sizeAndTime", "uploaded -"]));
    assert_eq!(stored(&bench.transport, "Archive/2026/Reports")["older 1"], b"other");
    let forced = run(json!({ "force": true })).await;
    assert_eq!(forced, ["uploaded -"; 4].map(str::to_owned));
    assert_eq!(stored(&bench.transport, "Archive/2026/Reports")["older"], b"other");
}

#[tokio::test(start_paused = true)]
async fn what_changes_there_meanwhile_is_not_replaced() {
    let bench = bench(&json!({}));
    written(&root(&bench).join("a.txt"), b"first", 1000);
    let request = with(request(bench.folder.path()), &json!({ "ifExists": "replace" }));
    send(&bench.client, &request).await;
    written(&root(&bench).join("a.txt"), b"second", 500);
    bench.script(json!([{ "on": { "route": "create" }, "do": { "answer": { "status": 412, "code": "resourceModified" } } }]));
    let ran = send(&bench.client, &request).await;
    assert_eq!(
        (ran.count("failed"), ran.rows[0]["error"]["kind"].clone()),
        (1, json!("Conflict")),
        "{:#?}",
        ran.rows
    );
    let asked = bench.transport.service();
    let create = asked.requests().iter().rev().find(|asked| asked.method == "POST").unwrap();
    assert!(create.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("if-match")), "{create:?}");
}

#[cfg(target_os = "linux")]
#[tokio::test(start_paused = true)]
async fn names_that_cannot_be_had_are_told_before_anything_is_sent() {
    let bench = bench(
        &json!({ "drive": { "webUrl": "https://contoso.sharepoint.com/sites/Ops/Shared%20Documents" } }),
    );
    let root = root(&bench);
    let planted = plant(&root);
    let long = "x".repeat(240);
    for name in [
        "a:b.txt",
        "CON",
        "ends.",
        "x/READ.ME",
        "x/read.me",
        "y/cafe\u{301}",
        "y/caf\u{e9}",
        "z:/in.txt",
        &format!("{long}/{long}"),
    ] {
        written(&root.join(name), b"x", 100);
    }
    let ran = send(&bench.client, &request(bench.folder.path())).await;
    let refused = ran.rows.iter().take_while(|row| row["status"] == "failed").count();
    assert_eq!(
        (refused, ran.count("failed"), ran.count("uploaded")),
        (9, 9, planted.len()),
        "{:#?}",
        ran.rows
    );
    let at = |name: &str| ran.reason(&format!("Archive/2026/Reports/{name}"));
    assert_eq!(
        (at("a:b.txt"), at("CON"), at("ends.")),
        ("failed invalidName".into(), "failed reservedName".into(), "failed invalidName".into())
    );
    assert_eq!(
        (at("x/READ.ME"), at("x/read.me")),
        ("failed caseCollision".into(), "failed caseCollision".into())
    );
    assert_eq!(
        (at("z:/in.txt"), at(&format!("{long}/{long}"))),
        ("failed invalidName".into(), "failed pathTooLong".into())
    );
    let mapped = with(request(bench.folder.path()), &json!({ "nameMap": "fullwidth" }));
    let ran = send(&bench.client, &mapped).await;
    assert_eq!(ran.reason("Archive/2026/Reports/a：b.txt"), "uploaded -");
    assert_eq!(ran.reason("Archive/2026/Reports/z：/in.txt"), "uploaded -");
    assert_eq!(bench.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_sharepoint_writes_into_is_known_again() {
    let bench = bench(&json!({ "drive": { "officeRewriting": true } }));
    written(&root(&bench).join("report.docx"), b"words", 1000);
    let request = request(bench.folder.path());
    let first = send(&bench.client, &request).await;
    assert_eq!(first.count("uploaded"), 1, "{:#?}", first.rows);
    let again = send(&bench.client, &request).await;
    assert_eq!(again.reason("Archive/2026/Reports/report.docx"), "unchanged sentBefore");
    // Another machine, which has not sent it, goes by its time.
    let elsewhere = crate::support::client(&bench.transport, &bench.folder.path().join("elsewhere"));
    assert_eq!(send(&elsewhere, &request).await.reason("Archive/2026/Reports/report.docx"), "unchanged time");
    written(&root(&bench).join("report.docx"), b"other words", 500);
    assert_eq!(
        send(&bench.client, &request).await.reason("Archive/2026/Reports/report.docx"),
        "failed exists"
    );
}

/// A drive whose folder for the tree has these in it already: folders, or files.
fn holding(below: &[(&str, bool)]) -> Bench {
    let above = ["/Archive", "/Archive/2026", "/Archive/2026/Reports"].map(|path| (path.to_owned(), true));
    let below = below.iter().map(|(path, folder)| (format!("/Archive/2026/Reports{path}"), *folder));
    let items = above.into_iter().chain(below);
    let items: Vec<_> =
        items.map(|(path, folder)| json!({ "path": path, "folder": folder, "size": 3 })).collect();
    bench(&json!({ "drives": { "d": { "implicitFolders": false, "items": items } } }))
}

#[tokio::test(start_paused = true)]
async fn a_folder_in_a_files_place_and_a_file_in_a_folders() {
    let bench = holding(&[("/a", true), ("/b", false)]);
    let root = root(&bench);
    written(&root.join("a"), b"x", 100);
    written(&root.join("b/in/deep.txt"), b"x", 100);
    written(&root.join("b/in.txt"), b"x", 100);
    written(&root.join("c.txt"), b"x", 100);
    let ran = send(&bench.client, &with(request(bench.folder.path()), &json!({ "force": true }))).await;
    let at = |name: &str| ran.reason(&format!("Archive/2026/Reports/{name}"));
    assert_eq!(at("a"), "failed folderInPlace");
    assert_eq!(
        (at("b/in.txt"), at("b/in/deep.txt"), at("c.txt")),
        ("failed -".into(), "failed -".into(), "uploaded -".into())
    );
    assert!(ran.rows.iter().any(|row| row["error"]["reason"] == "fileInPlace"), "{:#?}", ran.rows);
}

#[tokio::test(start_paused = true)]
async fn a_folder_without_files_that_cannot_be_made_has_a_row() {
    let bench = holding(&[("/b", false), ("/c", false), ("/e", false)]);
    let root = root(&bench);
    for folder in ["a", "b", "c/d", "e"] {
        std::fs::create_dir_all(root.join(folder)).unwrap();
    }
    written(&root.join("e/in.txt"), b"x", 100);
    let ran = send(&bench.client, &request(bench.folder.path())).await;
    let paths: Vec<_> = ran.rows.iter().map(|row| row["path"].as_str().unwrap()).collect();
    let expected = ["b", "c", "e/in.txt"].map(|name| root.join(name));
    let mut found: Vec<_> = paths.iter().map(std::path::PathBuf::from).collect();
    found.sort();
    assert_eq!((found, ran.count("failed")), (expected.to_vec(), 3), "{:#?}", ran.rows);
    assert_eq!(ran.by_destination("error")["Archive/2026/Reports/b"]["reason"], "fileInPlace");
    let files = ran.progress.snapshot().files.unwrap();
    assert_eq!((files.known, files.done), (3, 3));
}

/// Runs, with nothing to be sent; which of its GETs, from 1 on, was the first with this in its target.
async fn nth_look_of_a_run(bench: &Bench, wanted: &Value, target: &str) -> usize {
    let known = bench.transport.service().requests().len();
    let ran = send(&bench.client, wanted).await;
    assert_eq!(ran.count("unchanged"), ran.rows.len());
    let service = bench.transport.service();
    let mut looks = service.requests()[known..].iter().filter(|asked| asked.method == "GET");
    1 + looks.position(|asked| asked.target.contains(target)).expect("it is asked for")
}

#[tokio::test(start_paused = true)]
async fn a_file_that_cannot_be_looked_for_fails_alone() {
    // Too many for a list: each is asked for by itself.
    let bench = bench(&json!({ "drive": { "implicitFolders": false, "largestListing": 2 } }));
    for name in ["a.txt", "b.txt", "c.txt"] {
        written(&root(&bench).join(name), b"x", 100);
    }
    let wanted = request(bench.folder.path());
    assert_eq!(send(&bench.client, &wanted).await.count("uploaded"), 3);
    let nth = nth_look_of_a_run(&bench, &wanted, "/b.txt").await;
    let refusal = json!({ "answer": { "status": 403, "code": "accessDenied" } });
    bench.script(json!([{ "on": { "method": "GET", "nth": nth }, "do": refusal }]));
    let ran = send(&bench.client, &wanted).await;
    assert_eq!(
        (ran.count("unchanged"), ran.count("failed"), ran.sent.is_ok()),
        (2, 1, true),
        "{:#?}",
        ran.rows
    );
    assert_eq!(ran.reason("Archive/2026/Reports/b.txt"), "failed -");
}

/// A list whose pages lead to each other, to themselves, or to another host.
#[tokio::test(start_paused = true)]
async fn a_list_without_end_fails_its_folder_alone() {
    let ways = [("/b", "/a"), ("/b", "/b"), ("https://elsewhere.test/b", "/b")];
    for (first, second, size) in ways.into_iter().flat_map(|(one, two)| [(one, two, 0), (one, two, 99_999)]) {
        let bench = bench(&json!({}));
        written(&root(&bench).join("a.txt"), b"x", 100);
        let wanted = request(bench.folder.path());
        assert_eq!(send(&bench.client, &wanted).await.count("uploaded"), 1);
        let nth = nth_look_of_a_run(&bench, &wanted, "/children").await;
        let page = |next: &str| {
            let next = if next.starts_with('/') {
                format!("{}{next}", bench.client.endpoint())
            } else {
                next.into()
            };
            let value = if size > 0 { json!([{ "name": "x".repeat(size) }]) } else { json!([]) };
            let body = json!({ "value": value, "@odata.nextLink": next }).to_string();
            json!({ "answer": { "status": 200, "body": body } })
        };
        bench.script(json!([
            { "on": { "method": "GET", "nth": nth }, "do": page(first) },
            { "on": { "method": "GET", "nth": nth + 1 }, "do": page(second) },
            { "on": { "method": "GET", "nth": nth + 2, "times": 4 }, "do": page(first) },
        ]));
        let ran = send(&bench.client, &wanted).await;
        assert_eq!((ran.count("failed"), ran.sent.is_ok()), (1, true), "{:#?}", ran.rows);
        assert_eq!(ran.rows[0]["error"]["kind"], "UnexpectedAnswer");
    }
}

#[tokio::test(start_paused = true)]
async fn pages_with_nothing_on_them_have_an_end() {
    for (pages, told) in [(99, "unchanged sizeAndTime"), (100, "failed -")] {
        let bench = bench(&json!({}));
        written(&root(&bench).join("a.txt"), b"x", 100);
        let wanted = request(bench.folder.path());
        assert_eq!(send(&bench.client, &wanted).await.count("uploaded"), 1);
        let nth = nth_look_of_a_run(&bench, &wanted, "/children").await;
        let mut bodies = vec![json!({ "value": [] }); pages + 1];
        for (at, body) in bodies[..pages].iter_mut().enumerate() {
            body["@odata.nextLink"] = format!("{}/{at}", bench.client.endpoint()).into();
        }
        let page = |(at, body): (usize, &Value)| json!({ "on": { "method": "GET", "nth": nth + at }, "do": { "answer": { "status": 200, "body": body.to_string() } } });
        bench.script(bodies.iter().enumerate().map(page).collect());
        let ran = send(&bench.client, &wanted).await;
        assert_eq!(ran.reason("Archive/2026/Reports/a.txt"), told, "{pages}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_of_an_item_is_not_taken_for_that_of_its_page() {
    let bench = bench(&json!({}));
    written(&root(&bench).join("a.txt"), b"x", 100);
    let wanted = request(bench.folder.path());
    assert_eq!(send(&bench.client, &wanted).await.count("uploaded"), 1);
    let nth = nth_look_of_a_run(&bench, &wanted, "/children").await;
    let to = |target: &str| format!("{}{target}", bench.client.endpoint());
    let page = format!(
        r#"{{"value":[{{"name":"b","@odata.nextLink":"{}"}},{{"name":"{}"}}],"@odata.nextLink":"{}"}}"#,
        to("/wrong"),
        "x".repeat(99_999),
        to("/right")
    );
    let answer = |body: &str| json!({ "answer": { "status": 200, "body": body } });
    bench.script(json!([
        { "on": { "method": "GET", "nth": nth }, "do": answer(&page) },
        { "on": { "method": "GET", "nth": nth + 1 }, "do": answer(r#"{"value":[]}"#) },
    ]));
    let known = bench.transport.service().requests().len();
    let ran = send(&bench.client, &wanted).await;
    assert_eq!((ran.count("unchanged"), ran.sent.is_ok()), (1, true), "{:#?}", ran.rows);
    let service = bench.transport.service();
    let asked = |target| service.requests()[known..].iter().filter(|asked| asked.target == target).count();
    assert_eq!((asked("/wrong"), asked("/right")), (0, 1));
}

/// An item that is none fails its folder; one that lacks what a file is compared by is asked for by itself.
#[tokio::test(start_paused = true)]
async fn a_listed_item_that_cannot_be_read_says_nothing_of_its_file() {
    for (items, told) in [
        (json!([5]), "failed -"),
        (json!([{ "name": 5 }]), "failed -"),
        (json!([{ "name": "A.TXT", "size": "large" }]), "unchanged sizeAndTime"),
        (json!([{ "name": "b.txt" }]), "unchanged sizeAndTime"),
    ] {
        let bench = bench(&json!({}));
        written(&root(&bench).join("a.txt"), b"x", 100);
        let wanted = request(bench.folder.path());
        assert_eq!(send(&bench.client, &wanted).await.count("uploaded"), 1);
        let nth = nth_look_of_a_run(&bench, &wanted, "/children").await;
        let page = json!({ "answer": { "status": 200, "body": json!({ "value": items }).to_string() } });
        bench.script(json!([{ "on": { "method": "GET", "nth": nth }, "do": page }]));
        let ran = send(&bench.client, &wanted).await;
        assert_eq!(ran.reason("Archive/2026/Reports/a.txt"), told, "{items}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_drive_or_a_lost_sign_in_ends_the_whole() {
    for (answer, kind) in [
        (json!({ "answer": { "status": 507, "code": "quotaLimitReached" } }), "QuotaExceeded"),
        (json!({ "answer": { "status": 401, "code": "InvalidAuthenticationToken" } }), "Unauthenticated"),
    ] {
        let bench = bench(&json!({}));
        plant(&root(&bench));
        bench.script(json!([{ "on": { "route": "create", "nth": 5, "times": 0 }, "do": answer }]));
        let ran = send(&bench.client, &request(bench.folder.path())).await;
        assert_eq!(format!("{:?}", ran.sent.unwrap_err().kind()), kind);
        let creates = bench
            .transport
            .service()
            .requests()
            .iter()
            .filter(|asked| asked.target.contains("createUploadSession"))
            .count();
        assert!(creates < 20, "{creates} were tried");
    }
}

#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn what_cannot_be_sent_is_told() {
    use std::os::unix::fs::symlink;
    let bench = bench(&json!({}));
    let root = root(&bench);
    written(&root.join("a.txt"), b"x", 100);
    symlink("a.txt", root.join("link")).unwrap();
    symlink("..", root.join("up")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
    let base = request(bench.folder.path());
    let sources = json!({ "sources": [{ "path": root }, { "path": bench.folder.path().join("missing") }] });
    let ran = send(&bench.client, &with(base.clone(), &sources)).await;
    let at = |name: &str| ran.reason(&format!("Archive/2026/{name}"));
    assert_eq!(
        (at("Reports/link"), at("Reports/socket"), at("Reports/a.txt")),
        ("skipped link".into(), "skipped special".into(), "uploaded -".into())
    );
    assert_eq!(at("missing"), "failed -");
    let ran = send(&bench.client, &with(base, &json!({ "links": "follow" }))).await;
    let at = |name: &str| ran.reason(&format!("Archive/2026/Reports/{name}"));
    assert_eq!(
        (at("up"), at("link"), at("a.txt")),
        ("skipped loop".into(), "uploaded -".into(), "unchanged sizeAndTime".into())
    );
}

#[tokio::test(start_paused = true)]
async fn files_keep_their_time_unless_that_is_waived() {
    let bench = bench(&json!({}));
    written(&root(&bench).join("a.txt"), b"x", 100_000);
    send(&bench.client, &request(bench.folder.path())).await;
    let body = |bench: &crate::support::Bench| {
        let service = bench.transport.service();
        let create = service
            .requests()
            .iter()
            .rev()
            .find(|asked| asked.target.contains("createUploadSession"))
            .unwrap();
        serde_json::from_str::<Value>(create.body.as_deref().unwrap()).unwrap()
    };
    let time = body(&bench)["item"]["fileSystemInfo"]["lastModifiedDateTime"].as_str().unwrap().to_owned();
    let time: jiff::Timestamp = time.parse().unwrap();
    let ago = jiff::Timestamp::now().duration_since(time).as_secs();
    assert!((100_000..100_060).contains(&ago), "{ago}");
    written(&root(&bench).join("b.txt"), b"waived", 100);
    let waived = with(request(bench.folder.path()), &json!({ "preserveTime": false }));
    bench.transport.service().forget_requests();
    let ran = send(&bench.client, &waived).await;
    assert_eq!(ran.by_destination("integrity")["Archive/2026/Reports/b.txt"], "Verified", "{:#?}", ran.rows);
    assert_eq!(stored(&bench.transport, "Archive/2026/Reports")["b.txt"], b"waived");
    let service = bench.transport.service();
    assert!(service.requests().iter().all(|asked| !asked.target.contains("createUploadSession")));
}

#[tokio::test(start_paused = true)]
async fn empty_folders_are_made_unless_certain_files_are_wanted() {
    for (include, made) in [(json!([]), 6), (json!(["*.txt"]), 4), (json!(["*.nope"]), 2)] {
        let bench = bench(&json!({}));
        for folder in ["texts", "others", "empty"] {
            fs::create_dir_all(root(&bench).join(folder)).unwrap();
        }
        fs::write(root(&bench).join("texts/a.txt"), "a").unwrap();
        fs::write(root(&bench).join("others/a.bin"), "a").unwrap();
        let ran =
            send(&bench.client, &with(request(bench.folder.path()), &json!({ "include": include }))).await;
        assert_eq!(ran.sent.unwrap().tally.folders_made, made, "{include}");
    }
}
