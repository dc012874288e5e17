//! Every way of naming a destination leads to the same folder; what is free there is told.

use std::fs;

use mg_upload::Event;
use serde_json::{Value, json};

use crate::support::Bench;
use crate::tree::{bench, request, root, send, with};

const LINK: &str = "https://contoso.sharepoint.com/:f:/s/Ops/EuAbc?e=x";

fn world() -> Bench {
    let drive = |name: &str, path: &str| json!({ "name": name, "implicitFolders": false, "webUrl": format!("https://contoso.sharepoint.com/sites/Ops/{path}"), "items": [{ "path": "/A", "folder": true }, { "path": "/A/B", "folder": true }, { "path": "/A/file.txt", "size": 3 }] });
    bench(&json!({
        "drive": { "pageSize": 1, "items": [{ "path": "/A", "folder": true }, { "path": "/A/B", "folder": true }] },
        "drives": { "ops": drive("Documents", "Shared%20Documents"), "other": drive("Other", "Shared%20Documents%202") , "sub": drive("Sub docs", "Deep/Docs")},
        "sites": [
            { "id": "contoso.sharepoint.com,1,2", "webUrl": "https://contoso.sharepoint.com/sites/Ops", "drives": ["ops", "other"] },
            { "id": "contoso.sharepoint.com,3,4", "webUrl": "https://contoso.sharepoint.com/sites/Ops/Deep", "drives": ["sub"] },
        ],
        "shares": { LINK: { "drive": "ops", "path": "A" }, "https://1drv.ms/f/s!x": { "drive": "ops", "path": "A/file.txt" } },
        "channels": [{ "team": "t", "channel": "c", "folder": { "drive": "ops", "path": "A" } }],
    }))
}

/// Where a file goes, or the kind of the failure.
async fn goes(bench: &Bench, destination: Value) -> String {
    let file = bench.file("x.bin", 3);
    let request = json!({ "sources": [{ "path": file }], "destination": destination, "dryRun": true });
    let ran = send(&bench.client, &request).await;
    match ran.sent {
        Ok(sent) => format!(
            "{}:{}",
            sent.destination["driveId"].as_str().unwrap(),
            ran.rows[0]["destination"].as_str().unwrap()
        ),
        Err(error) => format!("{:?}", error.kind()),
    }
}

#[tokio::test(start_paused = true)]
async fn each_way_leads_there() {
    let bench = world();
    let site = "https://contoso.sharepoint.com/sites/Ops";
    for (destination, place) in [
        (json!({ "driveId": "ops" }), "ops:x.bin"),
        (json!({ "driveId": "ops", "path": "a/b" }), "ops:A/B/x.bin"),
        (json!({ "driveId": "ops", "path": "A/new/er" }), "ops:A/new/er/x.bin"),
        (json!({ "userId": "me", "path": "A" }), "drive-of-me:A/x.bin"),
        (json!({ "userId": "u@contoso.com", "path": "A/B" }), "drive-of-u@contoso.com:A/B/x.bin"),
        (json!({ "groupId": "g" }), "drive-of-g:x.bin"),
        (json!({ "siteId": "contoso.sharepoint.com,1,2" }), "ops:x.bin"),
        (json!({ "siteId": "contoso.sharepoint.com,1,2", "library": "OTHER", "path": "A" }), "other:A/x.bin"),
        (json!({ "siteUrl": site, "library": "Shared Documents" }), "ops:x.bin"),
        (json!({ "siteUrl": site, "library": "Nothing" }), "InvalidInput"),
        (json!({ "siteUrl": format!("{site}/"), "path": "A" }), "ops:A/x.bin"),
        (json!({ "teamId": "t", "channelId": "c", "path": "B" }), "ops:A/B/x.bin"),
        (json!({ "teamId": "t", "channelId": "new" }), "NotFound"),
        (json!({ "url": format!("{site}/Shared Documents/A/B") }), "ops:A/B/x.bin"),
        (
            json!({ "url": format!("{site}/Shared%20Documents/Forms/AllItems.aspx?id=%2Fsites%2FOps%2FShared%20Documents%2FA") }),
            "ops:A/x.bin",
        ),
        (json!({ "url": format!("{site}/Shared%20Documents%202/A") }), "other:A/x.bin"),
        (json!({ "url": format!("{site}/Deep/Docs/A") }), "sub:A/x.bin"),
        (json!({ "url": site }), "ops:x.bin"),
        (json!({ "url": LINK, "path": "B" }), "ops:A/B/x.bin"),
        (json!({ "url": "https://1drv.ms/f/s!x" }), "InvalidInput"),
        (json!({ "url": "https://1drv.ms/f/s!unknown" }), "Forbidden"),
        (json!({ "url": "https://contoso.sharepoint.com/sites/Nowhere/Docs" }), "NotFound"),
        (json!({ "driveId": "missing" }), "NotFound"),
        (json!({ "driveId": "ops", "path": "A/file.txt" }), "InvalidInput"),
        (json!({ "driveId": "ops", "path": "A/b:c" }), "InvalidInput"),
    ] {
        assert_eq!(goes(&bench, destination.clone()).await, place, "{destination}");
    }
    let asked = bench.transport.service();
    assert!(asked.requests().iter().all(|asked| asked.method == "GET"), "a dry run makes nothing");
    let link = asked.requests().iter().find(|asked| asked.target.contains("/shares/")).unwrap();
    assert!(link.headers.contains(&("prefer".into(), "redeemSharingLinkIfNecessary".into())));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_all_fit_is_told_before_it_is_sent() {
    for (quota, there, more, told) in [
        (json!(1500), "Other", json!({}), None),
        (json!(1499), "Other", json!({}), Some(999)),
        (json!(1499), "Archive/2025", json!({ "dryRun": true }), Some(999)),
        (json!(200), "Other", json!({}), Some(0)),
        // All shards send to one drive.
        (json!(1499), "Other", json!({ "shard": { "index": 1, "count": 4 } }), Some(999)),
        // It may be among the files, or beside them: nobody knows yet.
        (json!(1000), "Archive/2026/Reports/old", json!({}), None),
        (json!(999), "Archive/2026/Reports/old", json!({}), Some(499)),
        // Some libraries tell nothing.
        (json!(0), "Other", json!({}), None),
        (Value::Null, "Other", json!({}), None),
    ] {
        let path = format!("/{there}");
        let ends = path.match_indices('/').map(|(at, _)| at).skip(1).chain([path.len()]);
        let folders = ends.map(|end| json!({ "path": path[..end], "folder": true }));
        let file = json!({ "path": format!("{path}/c.bin"), "size": 500 });
        let items: Vec<_> = folders.chain([file]).collect();
        let bench = bench(&json!({ "drive": { "quota": quota, "items": items } }));
        let root = root(&bench);
        fs::create_dir_all(root.join("below")).unwrap();
        fs::write(root.join("a.bin"), [1; 600]).unwrap();
        fs::write(root.join("below/b.bin"), [2; 400]).unwrap();
        // It cannot have its name there, and is not sent.
        fs::write(root.join("desktop.ini"), [3; 5000]).unwrap();
        let ran = send(&bench.client, &with(request(bench.folder.path()), &more)).await;
        let events = ran.progress.take_events().into_iter();
        let spaces: Vec<_> = events
            .filter_map(|event| match event {
                Event::ShortOfSpace { bytes, free } => Some((bytes, free)),
                _ => None,
            })
            .collect();
        assert_eq!(spaces, told.map(|free| (1000, free)).into_iter().collect::<Vec<_>>(), "{quota} {there}");
    }
}
