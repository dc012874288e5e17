//! What is on record, and what is not: never off it, never on it for nothing, and whose it is.

use std::path::PathBuf;
use std::sync::Arc;

use crate::support::{Bench, InProcess, content, create_request, described, sha256};
use graph_standin::Config;
use mg_upload::{
    Client, ClientOptions, Error, FRAGMENT_UNIT, Failure, Family, Integrity, Kind, Progress, Response,
    Session, UploadOptions, Uploaded,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

const SIZE: u64 = 4 * FRAGMENT_UNIT + 3;

/// Uploads, and tells what the failure says is open.
async fn upload(
    bench: &Bench,
    session: &Session,
    path: PathBuf,
) -> (Result<Uploaded, Error>, Option<String>) {
    let cancel = CancellationToken::new();
    let options = UploadOptions { chunk: Some(FRAGMENT_UNIT), ..UploadOptions::default() };
    match bench.client.upload(session.clone(), &path, options, Arc::default(), &cancel).await {
        Ok(uploaded) => (Ok(uploaded), None),
        Err(Failure { error, open }) => (Err(error), open),
    }
}

fn gone() -> Value {
    json!({"answer": {"status": 401, "code": "unauthenticated", "inner": "expiredToken"}})
}

/// A session by its URL alone, as somebody else's script hands it over.
fn bare(session: &Session) -> Session {
    let url = session.upload_url.expose();
    Session::from_json(&json!({"uploadUrl": url, "family": session.family}).to_string()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_recreation_that_fails_leaves_the_old_record_and_names_it() {
    let bench = Bench::new(Config::default());
    let (path, session) = (bench.file("a.bin", SIZE), bench.session(Family::Drive, SIZE).await);
    bench.script(json!([
        {"on": {"route": "put", "nth": 2}, "do": gone()},
        {"on": {"route": "create"}, "do": {"answer": {"status": 403, "code": "accessDenied"}}},
    ]));
    let (result, open) = upload(&bench, &session, path).await;
    assert_eq!(result.unwrap_err().kind(), Kind::Forbidden);
    assert_eq!(open, bench.on_record().pop());
    assert!(open.is_some());
    let uploaded = bench.resume(&open.unwrap()).await.unwrap();
    assert_eq!(uploaded.integrity, Integrity::Verified);
    assert_eq!(bench.on_record(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn each_of_several_uploads_tells_what_it_has_left_open_itself() {
    let bench = Bench::with_config(&json!({"drive": {"kind": "personal"}}));
    let full = json!({"answer": {"status": 507, "code": "quotaLimitReached"}});
    bench.script(json!([{"on": {"route": "put", "times": 0}, "do": full}]));
    let session = async |name: &str| {
        let mut request = create_request(Family::Drive, SIZE);
        let body = json!({"item": {"name": name}}).to_string();
        request.body = serde_json::value::RawValue::from_string(body).unwrap();
        crate::support::session_for(&bench.client, &request).await.unwrap()
    };
    let (first, second) = (session("a.bin").await, session("b.bin").await);
    let id = |session: &Session| Some(mg_upload::journal::id_of(session.upload_url.expose()));
    let ((_, one), (_, other)) = tokio::join!(
        upload(&bench, &first, bench.file("a.bin", SIZE)),
        upload(&bench, &second, bench.file("b.bin", SIZE))
    );
    assert_eq!((one, other), (id(&first), id(&second)));
}

#[tokio::test(start_paused = true)]
async fn a_session_made_again_with_the_same_url_is_our_own() {
    let bench = Bench::new(Config::default());
    let (path, session) = (bench.file("a.bin", SIZE), bench.session(Family::Drive, SIZE).await);
    let same = json!({"status": 200, "body": {
        "uploadUrl": session.upload_url.expose(), "expirationDateTime": "2999-01-01T00:00:00Z", "nextExpectedRanges": ["0-"],
    }});
    bench.script(json!([
        {"on": {"route": "put", "nth": 1}, "do": gone()},
        {"on": {"route": "cancel"}, "do": {"answer": {"status": 204}}},
        {"on": {"route": "create"}, "do": {"answer": same}},
    ]));
    let (result, _) = upload(&bench, &session, path).await;
    assert_eq!(result.unwrap().integrity, Integrity::Verified);
    assert_eq!(bench.sha256_of_stored(), [sha256(&content(SIZE))]);
    assert_eq!(bench.on_record(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_path_that_names_nothing_is_on_record_no_longer_than_its_session_lives() {
    let bench = Bench::new(Config::default());
    let session = bench.session(Family::Drive, SIZE).await;
    let missing = bench.folder.path().join("mistyped");
    // Whoever has nothing but the URL has it still; what a cmdlet has just made may be nowhere else.
    let (result, open) = upload(&bench, &bare(&session), missing.clone()).await;
    assert_eq!(result.unwrap_err().kind(), Kind::SourceMissing);
    assert_eq!((open, bench.on_record().len()), (None, 0));

    let mut ended = session.clone();
    ended.expires = Some("2026-01-01T00:00:00Z".into());
    let (_, open) = upload(&bench, &ended, missing.clone()).await;
    assert_eq!((open, bench.on_record().len()), (None, 0));

    let (_, open) = upload(&bench, &session, missing).await;
    assert_eq!(open, bench.on_record().pop());
    let removed = bench.session_on_record(&open.unwrap()).await.unwrap();
    assert!(bench.client.cancel_session(&removed, &Progress::default()).await.unwrap());
    assert_eq!(bench.on_record(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_over_is_not_put_on_record_by_a_path_that_names_nothing() {
    let mut bench = Bench::new(Config::default());
    let (path, session) = (bench.file("a.bin", SIZE), bench.session(Family::Drive, SIZE).await);
    upload(&bench, &session, path).await.0.unwrap();
    // In this process, and in the next one.
    for _ in 0..2 {
        let (result, open) = upload(&bench, &session, bench.folder.path().join("mistyped")).await;
        assert_eq!(result.unwrap_err().kind(), Kind::SourceMissing);
        assert_eq!((open, bench.on_record().len()), (None, 0));
        bench.restart();
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_session_that_nobody_can_make_again_is_not_listed() {
    let bench = Bench::new(Config::default());
    let (path, session) = (bench.file("a.bin", SIZE), bench.session(Family::Drive, SIZE).await);
    assert!(bench.client.cancel_session(&session, &Progress::default()).await.unwrap());
    let (result, open) = upload(&bench, &bare(&session), path).await;
    assert!(matches!(result.unwrap_err().kind(), Kind::SessionExpired | Kind::NotFound));
    assert_eq!((open, bench.on_record().len()), (None, 0));
}

/// A connection to another cloud with the same state folder.
fn elsewhere(bench: &Bench) -> Client<InProcess> {
    let options = ClientOptions {
        graph_endpoint: "https://graph.elsewhere.test".into(),
        journal: bench.client.journal().cloned(),
        ..ClientOptions::default()
    };
    let client = Client::over(bench.transport.clone(), options).unwrap();
    client.set_token(Some(mg_upload::Secret::new("other")));
    client
}

/// Leaves an upload open that had a fragment's worth sent.
async fn interrupted(bench: &Bench, session: &Session) -> String {
    let full = json!({"answer": {"status": 507, "code": "quotaLimitReached"}});
    bench.script(json!([{"on": {"route": "put", "nth": 2}, "do": full}]));
    let (result, open) = upload(bench, session, bench.file("a.bin", SIZE)).await;
    assert_eq!(result.unwrap_err().kind(), Kind::QuotaExceeded);
    open.unwrap()
}

async fn resume(client: &Client<InProcess>, id: &str) -> Result<Uploaded, Error> {
    let cancel = CancellationToken::new();
    let resumed = client.resume(id, UploadOptions::default(), Arc::default(), &cancel).await;
    resumed.map_err(|failure| failure.error)
}

#[tokio::test(start_paused = true)]
async fn a_record_belongs_to_the_graph_that_made_its_session_and_one_made_without_to_none() {
    let bench = Bench::new(Config::default());
    let other = elsewhere(&bench);
    let id = interrupted(&bench, &bench.session(Family::Drive, SIZE).await).await;
    let refused = resume(&other, &id).await.unwrap_err().to_string();
    assert!(refused.contains("https://graph.test") && refused.contains("graph.elsewhere.test"), "{refused}");
    // Removing it takes no token, so anybody may who has the record.
    let session = other.open(mg_upload::Named::OnRecord(id)).await.unwrap();
    assert!(session.origin.is_none());
    assert!(other.cancel_session(&session, &Progress::default()).await.unwrap());
    assert_eq!(bench.on_record(), [""; 0]);

    let id = interrupted(&bench, &bare(&bench.session(Family::Drive, SIZE).await)).await;
    assert_eq!(resume(&other, &id).await.unwrap().length, SIZE);
    assert_eq!(bench.violations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_session_of_another_clouds_graph_is_sent_nothing_and_both_are_named() {
    let bench = Bench::new(Config::default());
    let (session, other) = (bench.session(Family::Todo, SIZE).await, elsewhere(&bench));
    let path = bench.file("a.bin", SIZE);
    bench.transport.service().forget_requests();
    let (options, cancel) = (UploadOptions::default(), CancellationToken::new());
    let progress = Progress::default();
    for error in [
        other.upload(session.clone(), &path, options, Arc::default(), &cancel).await.unwrap_err().error,
        other.query_session(&session, &progress).await.unwrap_err(),
        other.cancel_session(&session, &progress).await.unwrap_err(),
    ] {
        let text = error.to_string();
        assert_eq!(error.kind(), Kind::InvalidInput, "{text}");
        assert!(
            text.contains("https://graph.test") && text.contains("https://graph.elsewhere.test"),
            "{text}"
        );
        assert!(!text.contains("attachmentSessions"), "{text}");
    }
    assert!(bench.transport.service().requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn who_meets_an_open_upload_at_the_same_place_is_told_its_id() {
    let bench = Bench::with_config(&json!({"drive": {"kind": "business"}}));
    let id = interrupted(&bench, &bench.session(Family::Drive, SIZE).await).await;
    let create = async |name: &str| {
        let mut request = create_request(Family::Drive, SIZE);
        let body = json!({"item": {"name": name}}).to_string();
        request.body = serde_json::value::RawValue::from_string(body).unwrap();
        bench.client.create_session(&described(&request), &Progress::default()).await.map(drop)
    };
    let failure = create("a.bin").await.unwrap_err();
    assert_eq!((failure.kind(), failure.open.as_ref()), (Kind::Conflict, Some(&id)));
    // The same place, by its path.
    let mut request = create_request(Family::Drive, SIZE);
    request.route = "MgDriveItemUploadSession".into();
    request.ids.insert("DriveItemId".into(), "root:/a.bin:".into());
    request.body = serde_json::value::RawValue::from_string(r#"{"item":{}}"#.into()).unwrap();
    let failure = bench.client.create_session(&described(&request), &Progress::default()).await.unwrap_err();
    assert_eq!((failure.kind(), failure.open.as_ref()), (Kind::Conflict, Some(&id)));
    // What the caller has sent by himself, and another place.
    for (name, open) in [("a.bin", Some(&id)), ("b.bin", None)] {
        let mut request = create_request(Family::Drive, SIZE);
        request.body =
            serde_json::value::RawValue::from_string(json!({"item": {"name": name}}).to_string()).unwrap();
        let refusal = Response { status: 409, headers: vec![], body: Vec::new() };
        let failure = bench.client.read_foreign(request, refusal).await.unwrap_err();
        assert_eq!((failure.kind(), failure.open.as_ref()), (Kind::Conflict, open));
    }
    create("b.bin").await.unwrap();

    // A name that is taken by something else names nothing.
    bench.resume(&id).await.unwrap();
    let taken = json!({"answer": {"status": 409, "code": "nameAlreadyExists"}});
    bench.script(json!([{"on": {"route": "create"}, "do": taken}]));
    assert_eq!(create("a.bin").await.unwrap_err().open, None);
}

#[tokio::test(start_paused = true)]
async fn a_commit_of_what_is_not_complete_says_how_far_it_is() {
    for (family, size) in [(Family::Drive, SIZE), (Family::Outlook, 4 << 20)] {
        let bench = Bench::new(Config::default());
        let session = bench.session(family, size).await;
        let progress = Progress::default();
        let Failure { error, .. } = bench.client.commit_session(&session, None, &progress).await.unwrap_err();
        assert!(matches!(error, Error::Incomplete { position: 0 }), "{family:?}: {error}");
        assert_eq!(mg_upload::report::failure(&error)["reason"], "incomplete");
    }
    let bench = Bench::new(Config::default());
    let id = interrupted(&bench, &bench.session(Family::Drive, SIZE).await).await;
    let (session, progress) = (bench.session_on_record(&id).await.unwrap(), Progress::default());
    let Failure { error, open } = bench.client.commit_session(&session, None, &progress).await.unwrap_err();
    assert!(matches!(error, Error::Incomplete { position: FRAGMENT_UNIT }), "{error}");
    assert_eq!(open, Some(id));
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_replaced_under_its_name_goes_up_as_it_was_and_that_is_told() {
    for replaced in [true, false] {
        let bench = Bench::new(Config::default());
        let (path, session) = (bench.file("a.bin", SIZE), bench.session(Family::Drive, SIZE).await);
        let sending = upload(&bench, &session, path.clone());
        let replace = async {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            if replaced {
                let new = bench.folder.path().join("new");
                std::fs::write(&new, "another").unwrap();
                std::fs::rename(&new, &path).unwrap();
            }
        };
        let ((result, _), ()) = tokio::join!(sending, replace);
        let uploaded = result.unwrap();
        assert_eq!(bench.sha256_of_stored(), [sha256(&content(SIZE))]);
        let warned = uploaded.warnings.iter().any(|text| text.contains("another file took the name"));
        assert_eq!(warned, replaced, "{:?}", uploaded.warnings);
    }
}

#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn an_unusable_state_folder_stops_no_upload_and_is_a_fault_of_its_own() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new(Config::default());
    let folder = bench.folder.path().join("sessions");
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o777)).unwrap();
    let (path, session) = (bench.file("a.bin", SIZE), bench.session(Family::Drive, SIZE).await);
    let (result, _) = upload(&bench, &session, path).await;
    let warnings = result.unwrap().warnings.join("\n");
    assert!(warnings.contains("MGUPLOAD_STATE") && warnings.contains(folder.to_str().unwrap()), "{warnings}");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "nothing was written there");
    for error in [bench.client.open_uploads().await.unwrap_err(), bench.resume("ab").await.unwrap_err()] {
        assert_eq!(error.kind(), Kind::StateUnusable);
        assert!(error.to_string().contains(folder.to_str().unwrap()), "{error}");
    }
}
