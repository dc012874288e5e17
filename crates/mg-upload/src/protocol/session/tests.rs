use super::*;

#[test]
fn sessions_are_read_in_any_casing() {
    let session = Session::from_json(
        r#"{"ExpirationDateTime":"2030-01-01T00:00:00Z","NextExpectedRanges":["0-"],"UploadUrl":"https://h/uploadSessions/x"}"#,
    )
    .unwrap();
    assert_eq!((session.family, session.expires.as_deref()), (Family::Print, Some("2030-01-01T00:00:00Z")));
    let named = Session::from_json(r#"{"uploadUrl":"https://h/x","family":"todo"}"#).unwrap();
    assert_eq!(named.family, Family::Todo);
    let created = r#"{"status":200,"family":"print","body":"{\"uploadUrl\":\"https://h/x\"}"}"#;
    assert_eq!(Session::from_json(created).unwrap().family, Family::Print);
    assert!(!format!("{named:?}").contains("https://h/x"));
}

#[test]
fn where_to_begin_is_known_from_a_list_or_not_at_all() {
    let position = |json: &str| Session::from_json(json).unwrap().position;
    for (list, expected) in [
        (r#"["0-"]"#, Some(0)),
        (r#"["50-60", "26-"]"#, Some(26)),
        ("[]", None),
        ("null", None),
        (r#"[null, "7-"]"#, Some(7)),
        (r#"["soon"]"#, None),
    ] {
        let json = format!(r#"{{"uploadUrl":"https://h/x","nextExpectedRanges":{list}}}"#);
        assert_eq!(position(&json), expected, "{list}");
    }
    assert_eq!(position(r#"{"uploadUrl":"https://h/x"}"#), None);
    assert_eq!(position(r#"{"status":200,"body":"{\"uploadUrl\":\"https://h/x\"}"}"#), Some(0));
}

#[test]
fn no_header_that_may_be_a_secret_is_kept_on_disk() {
    let headers = ["If-Match", "Prefer", "Authorization", "Cookie", "X-Api-Key", "Accept-Language"]
        .map(|name| (name.to_owned(), "v".to_owned()));
    let body = RawValue::from_string("{}".into()).unwrap();
    let request = CreateRequest { route: "r".into(), ids: BTreeMap::new(), headers: headers.into(), body };
    let kept: Vec<_> = request.for_the_record().headers.into_iter().map(|(name, _)| name).collect();
    assert_eq!(kept, ["If-Match", "Prefer", "Accept-Language"]);
}

#[test]
fn unusable_sessions_are_refused_without_their_secret() {
    for json in [
        "",
        "[]",
        "{}",
        r#"{"uploadUrl":""}"#,
        r#"{"uploadUrl":"ftp://h/hidden"}"#,
        r#"{"uploadUrl":"http://example.com/hidden"}"#,
        r#"{"uploadUrl":"hidden"}"#,
        r#"{"uploadUrl":5}"#,
        r#"{"uploadUrl":"https://h/hidden file"}"#,
        r#"{"uploadUrl":"https://h/hidden`"}"#,
        r#"{"uploadUrl":"https://h/?hidden=\""}"#,
        r#"{"uploadUrl":"https://h\\hidden/x"}"#,
        r#""https://h/hidden""#,
    ] {
        let error = Session::from_json(json).unwrap_err();
        assert_eq!(error.kind(), crate::Kind::InvalidInput, "{json}");
        assert!(!error.to_string().contains("hidden"), "{error}");
    }
}

#[test]
fn the_outcome_of_creating_a_session_is_one_with_what_made_it() {
    let origin = r#"{"route":"r","ids":{"DriveId":"d"},"body":{}}"#;
    let body =
        r#"{\"uploadUrl\":\"https://h/x\",\"nextExpectedRanges\":[\"9-\"],\"expirationDateTime\":\"e\"}"#;
    let read = |family: &str| {
        Session::from_json(&format!(r#"{{"body":"{body}"{family},"origin":{origin}}}"#)).unwrap()
    };
    let session = read(r#","family":"outlook""#);
    assert_eq!((session.family, session.position), (Family::Outlook, Some(9)));
    assert_eq!((session.upload_url.expose(), session.expires.as_deref()), ("https://h/x", Some("e")));
    assert_eq!(session.origin.unwrap().ids["DriveId"], "d");
    assert_eq!(read("").family, Family::Drive, "told from the URL");
    let own = format!(r#"{{"uploadUrl":"https://own/","body":"{body}"}}"#);
    assert_eq!(Session::from_json(&own).unwrap().upload_url.expose(), "https://own/");
}

#[test]
fn the_rest_of_a_sessions_life_is_told_from_its_end() {
    let now: Timestamp = "2030-01-01T00:00:00Z".parse().unwrap();
    for (expires, left) in [
        (Some("2030-01-01T00:01:30Z"), Some(90)),
        (Some("2030-01-01T02:00:00.5+01:59"), Some(60)),
        (Some("2030-01-01T00:00:00Z"), Some(0)),
        (Some("2029-12-31T23:59:59Z"), Some(0)),
        (Some("soon"), None),
        (None, None),
    ] {
        let mut session = Session::from_json(r#"{"uploadUrl":"https://h/x"}"#).unwrap();
        session.expires = expires.map(str::to_owned);
        assert_eq!(session.life_left(now).map(|left| left.as_secs()), left, "{expires:?}");
    }
}

fn request(headers: &[(&str, &str)], body: &str) -> CreateRequest {
    CreateRequest {
        route: "r".into(),
        ids: BTreeMap::new(),
        headers: headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        body: RawValue::from_string(body.into()).unwrap(),
    }
}

#[test]
fn what_is_kept_of_a_request_has_no_token_and_shows_nothing() {
    let given = request(
        &[("authorization", "Bearer hidden"), ("If-Match", "e"), ("AUTHORIZATION", "Bearer hidden")],
        r#"{"item":"hidden"}"#,
    );
    assert_eq!(given.without_token().headers, [("If-Match".to_owned(), "e".to_owned())]);
    assert_eq!(given.without_token().body.get(), given.body.get());
    assert!(!format!("{given:?}").contains("hidden"));
}

#[test]
fn a_commit_is_deferred_where_the_body_says_so() {
    for (body, deferred) in [
        (r#"{"deferCommit":true}"#, true),
        (r#"{"deferCommit":false}"#, false),
        (r#"{"item":{"deferCommit":true}}"#, false),
        ("{}", false),
        ("[]", false),
    ] {
        assert_eq!(request(&[], body).defers_commit(), deferred, "{body}");
    }
}
