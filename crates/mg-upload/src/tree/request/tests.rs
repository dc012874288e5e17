use super::*;

fn read(destination: &str, more: &str) -> Result<TreeRequest, Error> {
    TreeRequest::from_json(&format!(r#"{{"sources":[{{"path":"/a"}}],"destination":{destination}{more}}}"#))
}

#[test]
fn a_destination_is_named_in_exactly_one_way() {
    for (json, way) in [
        (r#"{"driveId":"d"}"#, Some(Way::Drive("d"))),
        (r#"{"userId":"me","path":"a/b"}"#, Some(Way::User("me"))),
        (r#"{"groupId":"g"}"#, Some(Way::Group("g"))),
        (r#"{"siteId":"s"}"#, Some(Way::Site("s", None))),
        (
            r#"{"siteUrl":"https://h/sites/x","library":"Documents"}"#,
            Some(Way::SiteUrl("https://h/sites/x", Some("Documents"))),
        ),
        (r#"{"teamId":"t","channelId":"c"}"#, Some(Way::Channel("t", "c"))),
        (r#"{"url":"https://h/x"}"#, Some(Way::Url("https://h/x"))),
        (r#"{"path":"a"}"#, None),
        (r#"{"driveId":""}"#, None),
        (r#"{"driveId":"d","userId":"me"}"#, None),
        (r#"{"teamId":"t"}"#, None),
        (r#"{"channelId":"c"}"#, None),
        (r#"{"driveId":"d","library":"l"}"#, None),
        (r#"{"driveId":"d","path":"a/../b"}"#, None),
        (r#"{"driveId":"d","itemID":"x"}"#, None),
    ] {
        let read = read(json, "");
        assert_eq!(read.as_ref().ok().map(|read| read.destination.way().unwrap()), way, "{json} {read:?}");
    }
    let path = read(r#"{"driveId":"d","path":"/a\\b//c/"}"#, "").unwrap();
    assert_eq!(path.destination.folders().unwrap(), ["a", "b", "c"]);
}

#[test]
fn machines_send_together_what_a_tenant_takes() {
    for (more, expected) in [
        ("", 8),
        (r#","shard":{"index":0,"count":2}"#, 8),
        (r#","shard":{"index":0,"count":4}"#, 4),
        (r#","shard":{"index":0,"count":100}"#, 1),
        (r#","shard":{"index":0,"count":4},"throttleLimit":9"#, 9),
    ] {
        assert_eq!(read(r#"{"driveId":"d"}"#, more).unwrap().at_once(), expected, "{more}");
    }
}

#[test]
fn what_cannot_be_carried_out_is_refused_at_once() {
    for more in [
        r#","unknown":1"#,
        r#","throttleLimit":0"#,
        r#","throttleLimit":65"#,
        r#","shard":{"index":4,"count":4}"#,
        r#","nameMap":{"*":"?"}"#,
        r#","nameMap":"other""#,
        r#","ifExists":"overwrite""#,
        r#","links":"keep""#,
        r#","include":["["]"#,
    ] {
        assert!(read(r#"{"driveId":"d"}"#, more).is_err(), "{more}");
    }
    assert!(TreeRequest::from_json(r#"{"sources":[],"destination":{"driveId":"d"}}"#).is_err());
    let all = r#","recurse":true,"include":[],"exclude":["x"],"hidden":true,"links":"follow","cloudOnly":true,"ifExists":"replace","force":true,"preserveTime":null,"throttleLimit":64,"shard":null,"nameMap":"fullwidth","dryRun":true"#;
    let read = read(r#"{"driveId":"d"}"#, all).unwrap();
    assert_eq!((read.if_exists, read.at_once(), read.keeps_time()), (IfExists::Replace, 64, true));
    let kept = serde_json::to_string(&read).unwrap();
    assert_eq!(serde_json::to_string(&TreeRequest::from_json(&kept).unwrap()).unwrap(), kept);
}
