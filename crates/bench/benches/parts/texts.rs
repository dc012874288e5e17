//! What is done to the service's words: once a fragment, or once an upload.

use divan::{Bencher, black_box, black_box_drop};
use mg_upload::Response;
use mg_upload::Session;
use mg_upload::protocol::meaning::{Meaning, read_put};
use mg_upload::protocol::range::parse_list;

/// As a drive answers a request for a session.
const SESSION: &str = r#"{
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.uploadSession",
    "expirationDateTime": "2030-01-29T09:21:55.523Z",
    "nextExpectedRanges": ["0-"],
    "uploadUrl": "https://contoso-my.sharepoint.com/personal/a_contoso_com/_api/v2.0/drives/b!drive/items/01ITEM/uploadSession?guid='5f9c3a7e-1d2b-4f60-9a44-6a1f0c2b7d11'&overwrite=True&rename=False&dc=0&tempauth=v1.eyJzaXRlaWQiOiI1ZjljM2E3ZSJ9"
}"#;

/// As a drive answers a fragment that is not the last one.
const PROGRESS: &str =
    r#"{"expirationDateTime":"2030-01-29T09:21:55.523Z","nextExpectedRanges":["10485760-1073741823"]}"#;

/// As a drive answers the last fragment.
const ITEM: &str = r#"{
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#drives('b%21drive')/items/$entity",
    "@microsoft.graph.downloadUrl": "https://contoso-my.sharepoint.com/personal/a_contoso_com/_layouts/15/download.aspx?UniqueId=5f9c3a7e-1d2b-4f60-9a44-6a1f0c2b7d11&Translate=false&tempauth=v1.eyJzaXRlaWQiOiI1ZjljM2E3ZSJ9",
    "createdBy": {"application": {"id": "31359c7f-bd7e-475c-86db-fdb8c937548e", "displayName": "MgUpload"}, "user": {"email": "a@contoso.com", "id": "48d31887-5fad-4d73-a9f5-3c356e68a038", "displayName": "A"}},
    "createdDateTime": "2026-11-20T09:21:55Z",
    "eTag": "\"{5F9C3A7E-1D2B-4F60-9A44-6A1F0C2B7D11},1\"",
    "cTag": "\"c:{5F9C3A7E-1D2B-4F60-9A44-6A1F0C2B7D11},2\"",
    "id": "01ITEMITEMITEMITEMITEMITEMITEMITEM",
    "lastModifiedBy": {"user": {"email": "a@contoso.com", "id": "48d31887-5fad-4d73-a9f5-3c356e68a038", "displayName": "A"}},
    "lastModifiedDateTime": "2026-11-20T09:25:03Z",
    "name": "big.iso",
    "parentReference": {"driveType": "business", "driveId": "b!drive", "id": "01ROOT", "name": "Documents", "path": "/drives/b!drive/root:", "siteId": "b57886ef-0f7b-4e7f-a5d4-1f2c3b4a5d6e"},
    "size": 1073741824,
    "webUrl": "https://contoso-my.sharepoint.com/personal/a_contoso_com/Documents/big.iso",
    "file": {"hashes": {"quickXorHash": "YRDDGAAAAAAAAAAAAwAAAAAAAAA="}, "mimeType": "application/octet-stream"},
    "fileSystemInfo": {"createdDateTime": "2026-11-20T09:21:55Z", "lastModifiedDateTime": "2026-11-20T09:25:03Z"}
}"#;

/// As all services but Print answer.
#[divan::bench(name = "nextExpectedRanges, one")]
fn one_range(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| parse_list(black_box(["10485760-1073741823"])));
}

/// As Print may answer for a document with holes.
#[divan::bench(name = "nextExpectedRanges, five")]
fn five_ranges(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| parse_list(black_box(["0-9", "20-29", "40-49", "60-69", "80-"])));
}

#[divan::bench(name = "JSON of a session")]
fn session() {
    black_box_drop(Session::from_json(black_box(SESSION)).expect("a session"));
}

#[divan::bench(name = "JSON of progress")]
fn progress(bencher: Bencher<'_, '_>) {
    let answer = answer(202, PROGRESS);
    assert!(matches!(read_put(&answer), Meaning::Progress(_)));
    bencher.bench_local(|| read_put(black_box(&answer)));
}

#[divan::bench(name = "JSON of a drive item")]
fn item(bencher: Bencher<'_, '_>) {
    let answer = answer(201, ITEM);
    assert!(matches!(read_put(&answer), Meaning::Finished { item: Some(_), .. }));
    bencher.bench_local(|| read_put(black_box(&answer)));
}

fn answer(status: u16, body: &str) -> Response {
    Response { status, headers: vec![("content-type".into(), "application/json".into())], body: body.into() }
}
