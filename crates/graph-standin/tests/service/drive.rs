//! The drive back end, check by check.

use crate::common::{START, UNIT, bytes, client, error, json_of};
use graph_standin::Listener;
use serde_json::{Value, json};

#[test]
fn a_file_in_three_fragments() {
    let mut c = client(json!({"keepBytes": true}));
    let all = bytes(2 * UNIT + 77);
    let url = c.drive("a.bin");
    assert_eq!(c.ranges(&url), json!(["0-"]));
    assert_eq!(json_of(&c.put(&url, &all, 0, UNIT))["nextExpectedRanges"], json!(["327680-"]));
    assert_eq!(c.put(&url, &all, UNIT, 2 * UNIT).status, 202);
    let last = c.put(&url, &all, 2 * UNIT, all.len());
    assert_eq!(last.status, 201);
    let item = json_of(&last);
    assert_eq!(item["size"], json!(all.len()));
    let file = &c.service.files()[0];
    assert_eq!(file.bytes.as_deref(), Some(&all[..]));
    assert_eq!(item["file"]["hashes"]["quickXorHash"], json!(file.quick_xor_hash));
    assert_eq!(error(&c.status(&url)).0, 404);
    assert_eq!(c.graph("GET", "/v1.0/drives/d/root:/a.bin", &Value::Null).status, 200);
    assert!(c.service.sessions().is_empty());
    assert_eq!(c.service.violations(), Vec::<String>::new());
}

#[test]
fn creation_is_refused_in_this_order() {
    let config = json!({"drive": {"items": [{"path": "/there.bin", "eTag": "\"e1\""}, {"path": "/dir", "folder": true}]}});
    let cases = [
        ("/v1.0/drives/missing/root:/a:/createUploadSession", json!({}), 404, "itemNotFound", ""),
        ("/v1.0/users/denied/drives/d/root:/a:/createUploadSession", json!({}), 403, "accessDenied", ""),
        ("/v1.0/drives/d/items/missing/createUploadSession", json!({}), 404, "itemNotFound", ""),
        ("/v1.0/drives/d/root/createUploadSession", json!({}), 400, "invalidRequest", ""),
        ("/v1.0/drives/d/root:/dir:/createUploadSession", json!({}), 400, "invalidRequest", ""),
        ("/v1.0/drives/d/root:/:/createUploadSession", json!({}), 400, "invalidRequest", "invalidPath"),
        (
            "/v1.0/drives/d/root:/a%3Ab:/createUploadSession",
            json!({}),
            400,
            "invalidRequest",
            "nameContainsInvalidCharacters",
        ),
        (
            "/v1.0/drives/d/root:/a:/createUploadSession",
            json!({"item": {"name": "b"}}),
            400,
            "invalidRequest",
            "",
        ),
        (
            "/v1.0/drives/d/root:/a:/createUploadSession",
            json!({"item": {"fileSize": 1}}),
            400,
            "invalidRequest",
            "",
        ),
        (
            "/v1.0/drives/d/root:/a:/createUploadSession",
            json!({"item": {"@odata.type": "x"}}),
            400,
            "invalidRequest",
            "",
        ),
        (
            "/v1.0/drives/d/root:/a:/createUploadSession",
            json!({"item": {"listItem": {}}}),
            400,
            "invalidRequest",
            "",
        ),
        (
            "/v1.0/drives/d/root:/a:/createUploadSession",
            json!({"item": {"@microsoft.graph.conflictBehavior": "overwrite"}}),
            400,
            "invalidRequest",
            "",
        ),
        (
            "/v1.0/drives/d/root:/there.bin:/createUploadSession",
            json!({"item": {"@microsoft.graph.conflictBehavior": "fail"}}),
            409,
            "nameAlreadyExists",
            "",
        ),
    ];
    for (target, body, status, code, inner) in cases {
        let mut c = client(config.clone());
        let answer = c.graph("POST", target, &body);
        assert_eq!(error(&answer), (status, code.to_owned(), inner.to_owned()), "{target} {body}");
        assert!(answer.header("request-id").is_some());
    }
    let mut c = client(config);
    let target = "/v1.0/drives/d/root:/there.bin:/createUploadSession";
    let mut create = |name, value| {
        c.deliver(Listener::Graph, "POST", target, &[("Authorization", "Bearer t"), (name, value)], b"{}")
            .answer
    };
    assert_eq!(error(&create("If-Match", "\"e0\"")).2, "entityTagDoesNotMatch");
    assert_eq!(create("If-None-Match", "*").status, 412);
    assert_eq!(create("If-Match", "\"e1\"").status, 200);
    assert_eq!(create("If-Match", "\"e1\"").status, 412, "a session changes the eTag");
}

#[test]
fn tokens() {
    let mut c = client(json!({}));
    let target = "/v1.0/drives/d/root:/a:/createUploadSession";
    for headers in [
        vec![],
        vec![("Authorization", "Bearer ")],
        vec![("Authorization", "Bearer expired")],
        vec![("Authorization", "Basic x")],
    ] {
        let answer = c.deliver(Listener::Graph, "POST", target, &headers, b"{}").answer;
        assert_eq!(error(&answer).0, 401, "{headers:?}");
    }
}

#[test]
fn a_name_in_the_body_alone_is_taken_where_that_is_asked_for() {
    let target = "/v1.0/users/u/drives/d/root/microsoft.graph.createUploadSession";
    let body = json!({"item": {"@microsoft.graph.conflictBehavior": "replace", "name": "big.iso"}});
    let mut c = client(json!({"rootNeedsName": false}));
    let url = c.create(target, &body);
    c.put(&url, b"abc", 0, 3);
    assert_eq!(c.service.files()[0].path, "d:/big.iso");
    let parent = "/v1.0/drives/d/items/folder1/microsoft.graph.createUploadSession";
    let url = c.create(parent, &json!({"item": {"name": "in.bin"}}));
    c.put(&url, b"abc", 0, 3);
    assert_eq!(c.service.files()[1].path, "d:/folder1/in.bin");
}

#[test]
fn a_put_is_refused_in_this_order() {
    let mut c = client(json!({}));
    let url = c.drive("a.bin");
    let long = (60 * 1024 * 1024).to_string();
    let too_long = format!("bytes 0-{}/99999999", 60 * 1024 * 1024 - 1);
    type Case<'a> = (&'a [(&'a str, &'a str)], u16, &'a str);
    let cases: &[Case<'_>] = &[
        (&[("Authorization", "Bearer t"), ("Content-Range", "nonsense")], 401, ""),
        (&[("Content-Range", "nonsense")], 400, ""),
        (&[], 400, ""),
        (&[("Content-Range", "bytes 0-2/*")], 400, ""),
        (&[("Content-Range", "bytes 2-0/9")], 400, ""),
        (&[("Content-Range", "bytes 0-2/2")], 400, ""),
        (&[("Content-Range", "bytes 0-5/9")], 400, ""),
        (&[("Content-Range", "bytes 3-5/9")], 416, "fragmentOutOfOrder"),
        (&[("Transfer-Encoding", "chunked"), ("Content-Range", "bytes 0-2/3")], 411, ""),
        (&[("Content-Length", &long), ("Content-Range", &too_long)], 413, "maxFragmentLengthExceeded"),
    ];
    for (headers, status, inner) in cases {
        let answer = if headers.iter().any(|(n, _)| *n == "Content-Length") {
            c.send("PUT", &url, headers, &vec![0; 60 * 1024 * 1024]).answer
        } else {
            c.send("PUT", &url, headers, b"abc").answer
        };
        let (got, _, got_inner) = error(&answer);
        assert_eq!((got, got_inner.as_str()), (*status, *inner), "{headers:?}");
    }
    let all = bytes(2 * UNIT);
    assert_eq!(c.put(&url, &all, 0, UNIT).status, 202);
    assert_eq!(error(&c.put(&url, &all, 0, UNIT)).2, "fragmentOverlap");
    let other = bytes(2 * UNIT + 1);
    assert_eq!(error(&c.put(&url, &other, UNIT, 2 * UNIT)).2, "fragmentLengthMismatch");
    assert_eq!(error(&c.put("https://upload.test/nowhere", b"a", 0, 1)).0, 404);
}

#[test]
fn conflicts_at_commit() {
    let fail = json!({"item": {"@microsoft.graph.conflictBehavior": "fail"}});
    let rename = json!({"item": {"@microsoft.graph.conflictBehavior": "rename"}});
    let replace = json!({"item": {"@microsoft.graph.conflictBehavior": "replace"}});
    let mut c = client(json!({}));
    let target = "/v1.0/drives/personal1/root:/a.bin:/createUploadSession";
    let first = c.create(target, &replace);
    assert_eq!(c.put(&first, b"one", 0, 3).status, 201);
    let kept = c.create(target, &fail);
    let answer = c.put(&kept, b"two", 0, 3);
    assert_eq!(error(&answer).1, "nameAlreadyExists");
    assert_eq!(c.ranges(&kept), json!([]), "the session stays with all its bytes");
    let renamed = c.create(target, &rename);
    assert_eq!(json_of(&c.put(&renamed, b"333", 0, 3))["name"], "a 1.bin");
    let replaced = c.create(target, &replace);
    assert_eq!(c.put(&replaced, b"4444", 0, 4).status, 200);

    let commit = json!({"name": "b.bin", "@microsoft.graph.conflictBehavior": "rename", "@microsoft.graph.sourceUrl": kept});
    assert_eq!(c.graph("PUT", "/v1.0/drives/personal1/root:/c.bin", &commit).status, 400);
    let answer = c.graph("PUT", "/v1.0/drives/personal1/root:/b.bin", &commit);
    assert_eq!((answer.status, json_of(&answer)["name"].as_str()), (201, Some("b.bin")));
    assert_eq!(error(&c.status(&kept)).0, 404);
}

#[test]
fn deferred_commit() {
    let mut c = client(json!({}));
    let url = c.create("/v1.0/drives/d/root:/a.bin:/createUploadSession", &json!({"deferCommit": true}));
    assert!(url.contains("&dc=1&"));
    let answer = c.send("POST", &url, &[], b"").answer;
    assert_eq!(error(&answer).2, "uploadSessionIncomplete");
    let answer = c.put(&url, b"abc", 0, 3);
    assert_eq!((answer.status, &json_of(&answer)["nextExpectedRanges"]), (202, &json!([])));
    assert!(c.service.files().is_empty());
    assert_eq!(c.send("POST", &url, &[], b"").answer.status, 201);
    assert_eq!(c.service.files().len(), 1);
}

#[test]
fn one_open_session_a_name_on_business_and_cancel() {
    let mut c = client(json!({"drive": {"stubLingerSeconds": 30}}));
    let url = c.drive("a.bin");
    let target = "/v1.0/drives/d/root:/A.bin:/createUploadSession";
    assert_eq!(error(&c.graph("POST", target, &json!({}))).1, "nameAlreadyExists");
    assert_eq!(error(&c.send("DELETE", &url, &[("Authorization", "x")], b"").answer).0, 401);
    assert_eq!(c.send("DELETE", &url, &[], b"").answer.status, 204);
    assert_eq!(c.send("DELETE", &url, &[], b"").answer.status, 404);
    assert_eq!(c.graph("POST", target, &json!({})).status, 409, "the stub lingers");
    c.service.advance(31_000);
    assert_eq!(c.graph("POST", target, &json!({})).status, 200);
}

#[test]
fn sessions_end() {
    let all = bytes(2 * UNIT);
    for (life, still, over, status) in
        [("sliding15m", 800, 901, 404), ("fixed24h", 86_000, 86_401, 401), ("fixed7d", 604_000, 604_801, 404)]
    {
        let mut c = client(json!({"drive": {"sessionLife": life}}));
        let url = c.drive("a.bin");
        c.now = START + still * 1000;
        assert_eq!(c.put(&url, &all, 0, UNIT).status, 202, "{life}");
        c.now += if life == "sliding15m" { 800_000 } else { 0 };
        assert_eq!(c.status(&url).status, 200, "{life}");
        c.now = START + (over + if life == "sliding15m" { still } else { 0 }) * 1000;
        assert_eq!(c.put(&url, &all, UNIT, 2 * UNIT).status, status, "{life}");
    }
}

#[test]
fn fragments_that_are_no_multiple() {
    let all = bytes(1000);
    for (strict, first, last) in [("atEnd", 202, 500), ("atOnce", 400, 416), ("off", 202, 201)] {
        let mut c = client(json!({"drive": {"strictMultiples": strict}}));
        let url = c.drive("a.bin");
        assert_eq!(c.put(&url, &all, 0, 100).status, first, "{strict}");
        assert_eq!(c.put(&url, &all, 100, 1000).status, last, "{strict}");
        assert_eq!(c.service.violations().len(), if strict == "atOnce" { 2 } else { 1 }, "{strict}");
    }
}

#[test]
fn quota_hashes_and_rewriting() {
    let mut c = client(
        json!({"drive": {"quota": 2, "hashes": "late"}, "drives": {"o": {"officeRewriting": true, "hashes": "hex"}}}),
    );
    let url = c.drive("a.bin");
    assert_eq!(error(&c.put(&url, b"abc", 0, 3)).1, "quotaLimitReached");
    assert!(c.service.sessions()[0].complete);
    let url = c.drive("b.bin");
    c.put(&url, b"ab", 0, 2);
    let mut hashes =
        || json_of(&c.graph("GET", "/v1.0/drives/d/root:/b.bin", &Value::Null))["file"]["hashes"].clone();
    assert_eq!(hashes(), json!({}));
    assert!(hashes()["quickXorHash"].is_string());

    let url = c.create("/v1.0/drives/o/root:/a.docx:/createUploadSession", &json!({}));
    let put = json_of(&c.put(&url, b"a", 0, 1));
    assert_eq!(put["file"]["hashes"]["quickXorHash"], "6100000000000000000000000100000000000000");
    let later = json_of(&c.graph("GET", "/v1.0/drives/o/root:/a.docx", &Value::Null));
    assert_ne!(put["size"], later["size"]);
    assert_ne!(put["eTag"], later["eTag"]);
}

#[test]
fn forms_of_ranges_and_empty_files() {
    let all = bytes(2 * UNIT);
    for (form, casing, told) in [
        ("open", "camel", json!({"nextExpectedRanges": ["327680-"]})),
        ("closed", "camel", json!({"nextExpectedRanges": ["327680-655359"]})),
        ("startOnly", "pascal", json!({"NextExpectedRanges": ["327680"]})),
        ("absent", "camel", json!({})),
    ] {
        let mut c = client(json!({"drive": {"rangeForm": form, "casing": casing}}));
        let url = c.drive("a.bin");
        let body = json_of(&c.put(&url, &all, 0, UNIT));
        for name in ["nextExpectedRanges", "NextExpectedRanges"] {
            assert_eq!(body.get(name), told.get(name), "{form}");
        }
    }
    let mut c = client(json!({}));
    let answer = c.graph(
        "PUT",
        "/v1.0/drives/d/root:/x/empty.bin:/content?@microsoft.graph.conflictBehavior=fail",
        &Value::Null,
    );
    assert_eq!((answer.status, &json_of(&answer)["size"]), (201, &json!(0)));
    assert_eq!(
        c.graph(
            "PUT",
            "/v1.0/drives/d/root:/x/empty.bin:/content?@microsoft.graph.conflictBehavior=fail",
            &Value::Null
        )
        .status,
        409
    );
    let children = json_of(&c.graph("GET", "/v1.0/drives/d/root:/x:/children?$select=id,name", &Value::Null));
    assert_eq!(children["value"][0]["name"], "empty.bin");
}
