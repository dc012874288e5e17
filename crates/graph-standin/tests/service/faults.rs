//! Scripted faults, and the rules that a client has to keep.

use crate::common::{UNIT, bytes, client, error, json_of};
use graph_standin::{End, Listener};
use serde_json::{Value, json};

const NONE: Vec<String> = Vec::new();

#[test]
fn rules_line_up_and_count() {
    let mut c = client(json!({}));
    let url = c.drive("a.bin");
    c.fault(
        json!({"on": {"route": "put"}, "do": {"answer": {"status": 429, "headers": {"retry-after": "2"}}}}),
    );
    c.fault(json!({"on": {"route": "put"}, "do": {"answer": {"status": 503, "body": "<html>"}}}));
    c.fault(json!({"on": {"route": "status", "nth": 2}, "do": {"answer": {"status": 500, "code": "generalException"}}}));
    let answer = c.put(&url, b"abc", 0, 3);
    assert_eq!(answer.status, 429);
    assert!(answer.headers.iter().any(|(n, v)| n == "retry-after" && v == "2"), "the case stays");
    c.now += 2000;
    assert_eq!(c.put(&url, b"abc", 0, 3).body, b"<html>");
    assert_eq!(c.status(&url).status, 200);
    assert_eq!(error(&c.status(&url)).1, "generalException");
    assert_eq!(c.status(&url).status, 200);
    assert_eq!(c.put(&url, b"abc", 0, 3).status, 201);
    assert_eq!(c.service.violations(), NONE);
    assert_eq!(c.service.faults()[1].fired, 1);
}

#[test]
fn what_is_stored_and_what_is_seen() {
    let all = bytes(3 * UNIT);
    let cases = [
        (json!({"reset": "before"}), End::Reset, 0),
        (json!({"reset": "body", "afterBytes": 1000}), End::Reset, 0),
        (json!({"reset": "after-store"}), End::Reset, UNIT),
        (json!({"cutAnswer": true}), End::Half, UNIT),
        (json!({"stallMillis": 5}), End::After(5), UNIT),
        (json!({"close": true}), End::ThenClose, UNIT),
        (json!({"answer": {"status": 503}, "stored": true}), End::Whole, UNIT),
        (json!({"answer": {"status": 503}}), End::Whole, 0),
        (json!({"redirect": 307}), End::Whole, 0),
    ];
    for (action, end, position) in cases {
        let mut c = client(json!({}));
        let url = c.drive("a.bin");
        c.fault(json!({"on": {"method": "PUT", "part": "first"}, "do": action}));
        assert_eq!(c.part(&url, &all, 0, UNIT).end, end, "{action}");
        assert_eq!(c.ranges(&url), json!([format!("{position}-")]), "{action}");
        for first in (position..all.len()).step_by(UNIT) {
            c.put(&url, &all, first, first + UNIT);
        }
        assert_eq!(c.service.files().len(), 1, "{action}");
        assert_eq!(c.service.violations(), NONE, "{action}");
    }
}

#[test]
fn parts_of_a_broken_put_are_kept_when_asked() {
    let mut c = client(json!({"drive": {"keepPartial": true}, "keepBytes": true}));
    let all = bytes(UNIT + 9);
    let url = c.drive("a.bin");
    c.fault(json!({"on": {"route": "put"}, "do": {"reset": "body", "afterBytes": 1000}}));
    c.part(&url, &all, 0, UNIT);
    assert_eq!(c.ranges(&url), json!(["1000-"]));
    assert_eq!(c.put(&url, &all, 1000, all.len()).status, 201);
    assert_eq!(c.service.files()[0].bytes.as_deref(), Some(&all[..]));
    assert_eq!(c.service.violations(), NONE);
}

#[test]
fn a_commit_that_fails_keeps_the_bytes() {
    let mut c = client(json!({}));
    let url = c.drive("a.bin");
    let answer = json!({"status": 409, "code": "nameAlreadyExists"});
    c.fault(
        json!({"on": {"route": "put", "part": "last"}, "do": {"answer": answer, "stored": "uncommitted"}}),
    );
    assert_eq!(error(&c.put(&url, b"abc", 0, 3)).0, 409);
    assert_eq!(c.ranges(&url), json!([]));
    assert_eq!(c.send("POST", &url, &[], b"").answer.status, 201);
    assert_eq!(c.service.violations(), NONE);
}

#[test]
fn a_status_that_lags_or_lies() {
    let all = bytes(3 * UNIT);
    let mut c = client(json!({}));
    let url = c.drive("a.bin");
    c.put(&url, &all, 0, UNIT);
    c.put(&url, &all, UNIT, 2 * UNIT);
    c.fault(json!({"on": {"route": "status"}, "do": {"lagFragments": 1}}));
    assert_eq!(c.ranges(&url), json!(["327680-"]));
    assert_eq!(error(&c.put(&url, &all, UNIT, 2 * UNIT)).2, "fragmentOverlap");
    c.fault(json!({"on": {"route": "status"}, "do": {"ranges": ["655360-700000", "800000-"]}}));
    assert_eq!(c.ranges(&url), json!(["655360-700000", "800000-"]));
    assert_eq!(c.put(&url, &all, 2 * UNIT, 3 * UNIT).status, 201);
    assert_eq!(c.service.violations(), NONE);
}

#[test]
fn sessions_that_never_work() {
    let mut c = client(json!({"deadSessions": 1}));
    let url = c.drive("a.bin");
    assert_eq!(c.put(&url, b"abc", 0, 3).status, 404);
    let url = c.drive("a.bin");
    assert_eq!(c.put(&url, b"abc", 0, 3).status, 201);
    assert_eq!(c.service.violations(), NONE);
}

#[test]
fn a_creation_nobody_saw_blocks_nothing() {
    let mut c = client(json!({}));
    c.fault(json!({"on": {"route": "create"}, "do": {"reset": "after-store"}}));
    let target = "/v1.0/drives/d/root:/a.bin:/createUploadSession";
    let delivery = c.deliver(Listener::Graph, "POST", target, &[("Authorization", "Bearer t")], b"{}");
    assert_eq!(delivery.end, End::Reset);
    let url = c.drive("a.bin");
    assert_eq!(c.put(&url, b"abc", 0, 3).status, 201);
    assert_eq!(c.service.violations(), NONE);
}

#[test]
fn broken_rules_are_told() {
    let all = bytes(3 * UNIT);
    let told = |what: &str, act: &dyn Fn(&mut crate::common::Client, &str)| {
        let mut c = client(json!({}));
        let url = c.drive("a b.bin");
        act(&mut c, &url);
        let violations = c.service.violations();
        assert!(violations.len() == 1 && violations[0].contains(what), "{what}: {violations:?}");
        assert!(!violations[0].contains("tempauth"), "no secret is told");
    };
    told("Authorization", &|c, url| {
        c.send("GET", url, &[("authorization", "Bearer t")], b"");
    });
    told("Content-Length", &|c, url| {
        c.send("PUT", url, &[("Content-Range", "bytes 0-9/10")], b"abc");
    });
    told("no multiple", &|c, url| {
        c.put(url, &all, 0, 1000);
    });
    told("reported as missing", &|c, url| {
        c.put(url, &all, UNIT, 2 * UNIT);
    });
    told("bytes of the upload URL", &|c, url| {
        c.put(&url.replace("overwrite=True&rename=False", "rename=False&overwrite=True"), &all, 0, UNIT);
    });
    told("Retry-After", &|c, url| {
        c.fault(json!({"do": {"answer": {"status": 503, "headers": {"Retry-After": "date+5"}}}}));
        c.put(url, &all, 0, UNIT);
        c.now += 4000;
        c.put(url, &all, 0, UNIT);
        c.now += 2000;
        c.status(url);
    });
    told("in flight", &|c, url| {
        let begin = |c: &mut crate::common::Client| {
            let head = graph_standin::Head {
                listener: Listener::Upload,
                method: "PUT".into(),
                target: url.strip_prefix("https://upload.test").expect("the upload host").into(),
                headers: vec![
                    ("Content-Length".into(), UNIT.to_string()),
                    ("Content-Range".into(), format!("bytes 0-{}/{}", UNIT - 1, 3 * UNIT)),
                ],
            };
            c.service.begin(head, c.now)
        };
        let (mut one, mut two) = (begin(c), begin(c));
        one.push(&all[..UNIT]);
        two.push(&all[..UNIT]);
        assert_eq!(c.service.finish(one, c.now).answer.status, 202);
        assert_eq!(c.service.finish(two, c.now).answer.status, 416);
    });
}

/// How many requests came too early, when `second` follows `first`, which was throttled, after so many milliseconds.
fn too_early(first: (&str, &str), second: (&str, &str), millis: u64) -> usize {
    let mut c = client(json!({}));
    c.fault(json!({"do": {"answer": {"status": 429, "headers": {"Retry-After": "5"}}}}));
    let mut send = |(method, name): (&str, &str)| {
        let body = json!({"name": name, "folder": {}, "@microsoft.graph.conflictBehavior": "fail"});
        let body = if method == "GET" { Value::Null } else { body };
        c.graph(method, "/v1.0/drives/personal/root/children", &body);
        c.now += millis;
    };
    send(first);
    send(second);
    assert!(c.service.violations().iter().all(|what| what.contains("before Retry-After has passed")));
    c.service.violations().len()
}

#[test]
fn of_folders_that_are_made_side_by_side_only_the_throttled_one_rests_at_once() {
    assert_eq!(too_early(("POST", "a"), ("POST", "b"), 4), 0);
    assert_eq!(too_early(("POST", "a"), ("POST", "b"), 2000), 1);
    assert_eq!(too_early(("POST", "a"), ("POST", "a"), 4), 1);
    assert_eq!(too_early(("POST", "a"), ("POST", "a"), 2000), 1);
    assert_eq!(too_early(("POST", "a"), ("POST", "a"), 5000), 0);
    assert_eq!(too_early(("GET", ""), ("GET", ""), 4), 1);
}

#[test]
fn sessions_left_open_for_one_destination() {
    let mut c = client(json!({}));
    let all = bytes(2 * UNIT);
    for _ in 0..2 {
        let url = c.create("/v1.0/drives/personal/root:/a.bin:/createUploadSession", &json!({}));
        c.put(&url, &all, 0, UNIT);
    }
    assert!(c.service.violations()[0].starts_with("2 sessions left open"));
}

#[test]
fn the_control_requests() {
    use graph_standin::{Reply, control};
    let mut c = client(json!({}));
    let mut ask = |method: &str, path: &str, body: &Value| match control(
        &mut c.service,
        method,
        path,
        body.to_string().as_bytes(),
    ) {
        Reply::Json(status, value) => (status, value),
        Reply::Bytes(_) => panic!("no bytes were asked for"),
    };
    assert_eq!(ask("POST", "/faults", &json!([{"on": {"route": "putt"}, "do": {"close": true}}])).0, 400);
    assert_eq!(ask("POST", "/faults", &json!([{"do": {}}])).0, 400);
    assert_eq!(ask("POST", "/faults", &json!({"do": {"answer": {"status": 99}}})).0, 400);
    let rule = json!({"on": {"route": "put", "nth": 2, "times": 0}, "do": {"answer": {"status": 503, "headers": {"Retry-After": "1"}}, "stored": true}});
    let (status, rules) = ask("POST", "/faults", &json!([rule]));
    assert_eq!((status, &rules[0]["do"]["stored"]), (200, &json!(true)));
    assert_eq!(
        ask("POST", "/config", &json!({"drive": {"kind": "personal"}})).1["drive"]["kind"],
        "personal"
    );
    assert_eq!(ask("POST", "/config", &json!({"drvie": {}})).0, 400);
    assert_eq!(ask("POST", "/clock", &json!({"advanceSeconds": 1.5})).0, 200);
    assert_eq!(ask("POST", "/clock", &json!({})).0, 400);
    assert_eq!(ask("GET", "/nothing", &json!(null)).0, 404);
    assert_eq!(ask("POST", "/reset", &json!(null)).0, 200);
    assert_eq!(ask("GET", "/faults", &json!(null)).1, json!([]));
    assert_eq!(ask("GET", "/config", &json!(null)).1["drive"]["kind"], json!(null));
    let url = c.drive("a.bin");
    assert!(json_of(&c.status(&url)).is_object());
}
