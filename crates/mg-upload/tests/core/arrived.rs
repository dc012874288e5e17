//! "Arrived" is said only of what has: every byte of this very file, in the session that was meant for it.

use std::future::poll_fn;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use crate::support::{Bench, InProcess, client_over, content, create_request, deferred, session_for, sha256};
use graph_standin::Config;
use mg_upload::Response;
use mg_upload::journal::Journal;
use mg_upload::net::{Body, Request, Transport, TransportError};
use mg_upload::{
    Client, ClientOptions, FRAGMENT_UNIT, Family, Integrity, Kind, Secret, Session, UploadOptions,
};
use serde_json::json;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const SIZE: u64 = 3 * FRAGMENT_UNIT + 7;

/// Half of what a service could say of a file that it does not have.
const ITEM: &str = r#"{"id":"1","name":"a.bin","size":327680}"#;

fn puts(bench: &Bench) -> usize {
    bench.transport.service().requests().iter().filter(|request| request.method == "PUT").count()
}

fn bare(session: &Session) -> Session {
    let json = json!({"uploadUrl": session.upload_url.expose()}).to_string();
    Session::from_json(&json).unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_end_before_the_last_byte_was_sent_is_asked_about() {
    for (status, stored) in [(201, true), (201, false), (200, true), (200, false)] {
        let bench = Bench::new(Config::default());
        let (file, session) = (bench.file("a.bin", SIZE), bench.session(Family::Drive, SIZE).await);
        let end = json!({"answer": {"status": status, "body": ITEM}, "stored": stored});
        bench.script(json!([{"on": {"route": "put", "part": "first", "nth": 1}, "do": end}]));
        let uploaded = bench.upload(session, &file, FRAGMENT_UNIT).await.unwrap();
        assert_eq!(uploaded.integrity, Integrity::Verified, "{status} {stored}");
        assert_eq!(bench.sha256_of_stored(), [sha256(&content(SIZE))], "{status} {stored}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_end_that_comes_too_early_and_is_kept_to_is_an_error_and_the_record_stays() {
    for family in [Family::Drive, Family::Outlook, Family::Todo, Family::Print] {
        let size = if family == Family::Outlook { 3 << 20 } else { 6 * FRAGMENT_UNIT };
        let bench = Bench::new(Config::default());
        let (file, session) = (bench.file("a.bin", size), bench.session(family, size).await);
        let gone = json!({"answer": {"status": 404, "code": "itemNotFound"}});
        bench.script(json!([
            {"on": {"route": "put", "nth": 1}, "do": {"answer": {"status": 201, "body": ITEM}, "stored": true}},
            {"on": {"route": "status", "times": 0}, "do": gone},
        ]));
        let error = bench.upload(session, &file, FRAGMENT_UNIT).await.unwrap_err();
        assert_eq!(error.kind(), Kind::SessionExpired, "{family:?} {error}");
        assert_eq!(bench.on_record().len(), 1, "{family:?}");
        assert_eq!(bench.transport.service().sessions().len(), 1, "{family:?}: no second session was made");
        assert_eq!(bench.sha256_of_stored(), [""; 0], "{family:?}");
    }
}

/// Answers a PUT once it has read a first piece of the body, whatever is still to come.
struct Hasty {
    inner: InProcess,
    answer: Response,
}

impl Transport for Hasty {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        match request.body {
            Body::Stream(mut body) => {
                poll_fn(|cx| body.as_mut().poll_frame(cx)).await;
                Ok(self.answer.clone())
            }
            _ => self.inner.send(request).await,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_before_the_body_was_taken_is_no_end() {
    let item = r#"{"id":"1","name":"a.bin","size":983047}"#;
    for (family, status, body) in [
        (Family::Drive, 201, item),
        (Family::Drive, 200, item),
        (Family::Drive, 202, r#"{"nextExpectedRanges":[]}"#),
        (Family::Drive, 202, r#"{"nextExpectedRanges":["983040-"]}"#),
        (Family::Todo, 201, ""),
        (Family::Print, 201, item),
    ] {
        let bench = Bench::new(Config::default());
        let (file, session) = (bench.file("a.bin", SIZE), bench.session(family, SIZE).await);
        let answer = Response { status, headers: vec![], body: body.into() };
        let client = client_over(Hasty { inner: bench.transport.clone(), answer }, bench.folder.path());
        let (options, cancel) = (UploadOptions::default(), CancellationToken::new());
        let result = client.upload(session, &file, options, Arc::default(), &cancel).await;
        let error = result.expect_err(&format!("{family:?} {status} {body}"));
        assert!(
            matches!(error.kind(), Kind::UnexpectedAnswer | Kind::RangeRejected),
            "{family:?} {status}: {error}"
        );
        assert_eq!(bench.on_record().len(), 1, "{family:?} {status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_complete_says_so_and_gets_no_byte() {
    let bench = Bench::new(Config::default());
    let request = deferred();
    let (file, session) = (bench.file("a.bin", SIZE), session_for(&bench.client, &request).await.unwrap());
    let url = session.upload_url.expose().to_owned();
    let elsewhere = tempfile::tempdir().unwrap();
    let other = crate::support::client(&bench.transport, elsewhere.path());
    let (options, cancel) =
        (UploadOptions { defer_commit: true, ..UploadOptions::default() }, CancellationToken::new());
    other.upload(session, &file, options, Arc::default(), &cancel).await.unwrap();
    bench.transport.service().forget_requests();
    let handed = json!({"uploadUrl": url, "nextExpectedRanges": []}).to_string();
    let error = bench.upload(Session::from_json(&handed).unwrap(), &file, FRAGMENT_UNIT).await.unwrap_err();
    assert!(matches!(error, mg_upload::Error::NotCommitted), "{error}");
    assert_eq!(puts(&bench), 0);
}

#[tokio::test(start_paused = true)]
async fn a_session_known_only_by_its_url_is_asked_before_anything_is_sent() {
    let bench = Bench::new(Config::default());
    let (file, session) = (bench.file("a.bin", SIZE), bench.session(Family::Drive, SIZE).await);
    bench.transport.service().forget_requests();
    bench.upload(bare(&session), &file, FRAGMENT_UNIT).await.unwrap();
    let methods: Vec<_> =
        bench.transport.service().requests().iter().map(|request| request.method.clone()).collect();
    assert_eq!(methods, ["GET", "PUT", "PUT", "PUT", "PUT"]);

    // One that is gone is found out without a byte, and after another look: it may have been too new.
    let bench = Bench::with_config(&json!({"deadSessions": 1}));
    let (file, session) = (bench.file("a.bin", SIZE), bench.session(Family::Drive, SIZE).await);
    bench.transport.service().forget_requests();
    let started = Instant::now();
    let error = bench.upload(bare(&session), &file, FRAGMENT_UNIT).await.unwrap_err();
    assert_eq!(error.kind(), Kind::SessionExpired, "{error}");
    assert_eq!((puts(&bench), bench.transport.service().requests().len()), (0, 2));
    assert!(started.elapsed().as_secs() <= 5);
}

#[tokio::test(start_paused = true)]
async fn the_size_that_a_session_was_made_for_is_compared_before_the_first_byte() {
    for family in [Family::Outlook, Family::Todo, Family::Print] {
        let bench = Bench::new(Config::default());
        let session = bench.session(family, 5_242_880).await;
        bench.transport.service().forget_requests();
        let error = bench.upload(session, &bench.file("a.bin", 5_243_065), 1_000_000).await.unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidInput, "{family:?}");
        let text = error.to_string();
        assert!(text.contains("made for 5242880 bytes") && text.contains("5243065"), "{text}");
        assert!(bench.transport.service().requests().is_empty(), "{family:?}");
    }
}

/// A service that answers every PUT with a position `step` bytes on, or with gaps of `step` bytes.
struct Trickle {
    step: u64,
    total: u64,
    position: AtomicU64,
    requests: Arc<AtomicU64>,
}

impl Transport for Trickle {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.requests.fetch_add(1, Relaxed);
        if let Body::Stream(mut body) = request.body {
            while poll_fn(|cx| body.as_mut().poll_frame(cx)).await.is_some() {}
            self.position.fetch_add(self.step, Relaxed);
        }
        let first = self.position.load(Relaxed);
        let list = json!({"nextExpectedRanges": [format!("{first}-{}", (first + self.step.max(1)).min(self.total) - 1)]});
        Ok(Response { status: 202, headers: vec![], body: list.to_string().into() })
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_takes_a_few_bytes_at_a_time_is_given_up() {
    for (family, step, most) in
        [("drive", 0, 21), ("drive", 1, 21), ("drive", 1000, 21), ("print", 1, 700), ("print", 50, 700)]
    {
        let total = 40 * FRAGMENT_UNIT;
        let requests = Arc::<AtomicU64>::default();
        let service = Trickle { step, total, position: 0.into(), requests: Arc::clone(&requests) };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.bin");
        std::fs::write(&file, content(total)).unwrap();
        let client = client_over(service, folder.path());
        let session = format!(
            r#"{{"uploadUrl":"https://upload.test/x","family":"{family}","nextExpectedRanges":["0-{}"]}}"#,
            step.max(1) - 1
        );
        let (options, cancel) = (UploadOptions::default(), CancellationToken::new());
        let session = Session::from_json(&session).unwrap();
        let started = Instant::now();
        let error = client.upload(session, &file, options, Arc::default(), &cancel).await.unwrap_err();
        let requests = requests.load(Relaxed);
        assert!(
            matches!(error.kind(), Kind::UnexpectedAnswer | Kind::RangeRejected),
            "{family} {step}: {error}"
        );
        assert!(requests <= most, "{family} {step}: {requests} requests");
        assert!(started.elapsed().as_secs() < 600, "{family} {step}: {:?}", started.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_decent_part_of_each_fragment_is_progress() {
    let total = 40 * FRAGMENT_UNIT;
    let requests = Arc::<AtomicU64>::default();
    let service = Trickle { step: FRAGMENT_UNIT, total, position: 0.into(), requests: Arc::clone(&requests) };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.bin");
    std::fs::write(&file, content(total)).unwrap();
    let client = client_over(service, folder.path());
    let session =
        Session::from_json(r#"{"uploadUrl":"https://upload.test/x","nextExpectedRanges":["0-"]}"#).unwrap();
    let (options, cancel) = (
        UploadOptions { defer_commit: true, max_attempts: 1, ..UploadOptions::default() },
        CancellationToken::new(),
    );
    let started = Instant::now();
    // It never says that it is complete: all that counts here is how far it comes, at once and without a failed attempt.
    let _ = client.upload(session, &file, options, Arc::default(), &cancel).await;
    assert_eq!((requests.load(Relaxed), started.elapsed().as_secs()), (40, 0));
}

#[tokio::test(start_paused = true)]
async fn a_session_that_has_put_a_file_in_place_takes_no_other() {
    for restart in [false, true] {
        let mut bench = Bench::new(Config::default());
        let (first, second) = (bench.file("1.bin", SIZE), bench.file("2.bin", SIZE + 1));
        let session = bench.session(Family::Drive, SIZE).await;
        bench.upload(session.clone(), &first, FRAGMENT_UNIT).await.unwrap();
        if restart {
            bench.restart();
        }
        bench.transport.service().forget_requests();
        let error = bench.upload(session.clone(), &second, FRAGMENT_UNIT).await.unwrap_err();
        assert_eq!(error.kind(), Kind::SessionExpired, "{error}");
        assert!(error.to_string().contains("1.bin"), "{error}");
        assert!(bench.transport.service().requests().is_empty());
        assert_eq!(bench.sha256_of_stored(), [sha256(&content(SIZE))]);
        assert_eq!(bench.on_record(), [""; 0]);
        // The same file is where it was put, and is found there, at once.
        let started = Instant::now();
        let again = bench.upload(session, &first, FRAGMENT_UNIT).await.unwrap();
        assert_eq!((again.integrity, started.elapsed().as_secs()), (Integrity::Verified, 0));
        assert_eq!(puts(&bench), 0);
        assert_eq!(bench.sha256_of_stored().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_holds_a_part_of_a_file_takes_no_other() {
    let bench = Bench::new(Config::default());
    let (first, second) = (bench.file("1.bin", SIZE), bench.file("2.bin", SIZE + 1));
    let session = bench.session(Family::Drive, SIZE).await;
    let full = json!({"answer": {"status": 507, "code": "quotaLimitReached"}});
    bench.script(json!([{"on": {"route": "put", "nth": 2}, "do": full}]));
    bench.upload(session.clone(), &first, FRAGMENT_UNIT).await.unwrap_err();
    let error = bench.upload(session.clone(), &second, FRAGMENT_UNIT).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidInput, "{error}");
    assert!(error.to_string().contains("1.bin"), "{error}");
    bench.upload(session, &first, FRAGMENT_UNIT).await.unwrap();
    assert_eq!(bench.sha256_of_stored(), [sha256(&content(SIZE))]);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_was_committed_takes_no_other_file_either() {
    let bench = Bench::new(Config::default());
    let request = deferred();
    let session = session_for(&bench.client, &request).await.unwrap();
    let (first, second) = (bench.file("1.bin", SIZE), bench.file("2.bin", SIZE + 1));
    let (options, cancel) =
        (UploadOptions { defer_commit: true, ..UploadOptions::default() }, CancellationToken::new());
    bench.client.upload(session.clone(), &first, options, Arc::default(), &cancel).await.unwrap();
    bench.client.commit_session(&session, None, &mg_upload::Progress::default()).await.unwrap();
    let error = bench.upload(session, &second, FRAGMENT_UNIT).await.unwrap_err();
    assert!(error.to_string().contains("1.bin"), "{error}");
}

/// A service may hand out one URL for session after session.
#[tokio::test(start_paused = true)]
async fn a_url_that_was_handed_out_anew_is_a_new_session() {
    let bench = Bench::new(Config::default());
    let (first, second) = (bench.file("1.bin", SIZE), bench.file("2.bin", SIZE + 1));
    let session = bench.session(Family::Drive, SIZE).await;
    bench.upload(session.clone(), &first, FRAGMENT_UNIT).await.unwrap();
    let answer = Response {
        status: 200,
        headers: vec![],
        body: json!({"uploadUrl": session.upload_url.expose()}).to_string().into(),
    };
    bench.client.read_foreign(create_request(Family::Drive, SIZE), answer).await.unwrap();
    // It is none here: the stand-in has ended it.
    let error = bench.upload(bare(&session), &second, FRAGMENT_UNIT).await.unwrap_err();
    assert!(matches!(error, mg_upload::Error::SessionLost { .. }), "{error}");
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_file_that_says_it_has_no_bytes_and_has_some_is_no_empty_file() {
    let bench = Bench::new(Config::default());
    let session = bench.session(Family::Drive, 0).await;
    bench.transport.service().forget_requests();
    let error = bench.upload(session, "/proc/cpuinfo".as_ref(), FRAGMENT_UNIT).await.unwrap_err();
    assert_eq!(error.kind(), Kind::SourceDenied, "{error}");
    assert!(bench.transport.service().requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn without_a_state_folder_the_process_itself_remembers_what_a_session_was_fed_with() {
    for unusable in [false, true] {
        let bench = Bench::new(Config::default());
        let (first, second) = (bench.file("1.bin", SIZE), bench.file("2.bin", SIZE + 1));
        // A folder below a file.
        let journal = unusable.then(|| Journal::new(first.join("sessions")));
        let options = ClientOptions {
            graph_endpoint: "https://graph.test".into(),
            journal,
            ..ClientOptions::default()
        };
        let client = Client::over(bench.transport.clone(), options).unwrap();
        client.set_token(Some(Secret::new("token")));
        let session = session_for(&client, &create_request(Family::Drive, SIZE)).await.unwrap();
        let upload = async |file: &Path| {
            let options = UploadOptions { chunk: Some(FRAGMENT_UNIT), ..UploadOptions::default() };
            let cancel = CancellationToken::new();
            client.upload(session.clone(), file, options, Arc::default(), &cancel).await
        };
        let cut = json!({"answer": {"status": 403}, "stored": "uncommitted"});
        bench.script(json!([{"on": {"route": "put", "nth": 1}, "do": cut}]));
        upload(&first).await.unwrap_err();
        let error = upload(&second).await.unwrap_err();
        assert!(error.kind() == Kind::InvalidInput && error.to_string().contains("1.bin"), "{error}");
        upload(&first).await.unwrap();
        let error = upload(&second).await.unwrap_err();
        assert!(error.kind() == Kind::SessionExpired && error.to_string().contains("1.bin"), "{error}");
        assert_eq!(bench.sha256_of_stored(), [sha256(&content(SIZE))]);
        assert_eq!(upload(&first).await.unwrap().integrity, Integrity::Verified);
    }
}

/// Gives the same answer to whatever comes.
struct Always(Response);

impl Transport for Always {
    async fn send(&self, _: Request) -> Result<Response, TransportError> {
        Ok(self.0.clone())
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_file_has_arrived_when_the_drive_says_so_and_not_when_a_gateway_does() {
    for (status, body) in [(200, "<html>sign in</html>"), (200, "{}"), (202, ""), (204, "")] {
        let bench = Bench::new(Config::default());
        let (file, session) = (bench.file("a.bin", 0), bench.session(Family::Drive, 0).await);
        let answer = Response { status, headers: vec![], body: body.into() };
        let client = client_over(Always(answer), bench.folder.path());
        let (options, cancel) = (UploadOptions::default(), CancellationToken::new());
        let error = client.upload(session, &file, options, Arc::default(), &cancel).await.unwrap_err();
        assert_eq!(error.kind(), Kind::UnexpectedAnswer, "{status} {body}: {error}");
        assert_eq!(bench.on_record().len(), 1, "{status} {body}");
    }
}

/// Answers the first PUT once it has read a piece of the body; all else is served.
struct OnceHasty {
    hasty: Hasty,
    has_been: AtomicBool,
}

impl Transport for OnceHasty {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        if matches!(request.body, Body::Stream(_)) && !self.has_been.swap(true, Relaxed) {
            self.hasty.send(request).await
        } else {
            self.hasty.inner.send(request).await
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_position_that_is_ahead_of_what_has_left_is_asked_about() {
    let bench = Bench::new(Config::default());
    let (file, session) = (bench.file("a.bin", SIZE), bench.session(Family::Drive, SIZE).await);
    let ahead = json!({"nextExpectedRanges": [format!("{}-", 2 * FRAGMENT_UNIT)]}).to_string();
    let answer = Response { status: 202, headers: vec![], body: ahead.into() };
    let hasty = Hasty { inner: bench.transport.clone(), answer };
    let client = client_over(OnceHasty { hasty, has_been: false.into() }, bench.folder.path());
    let options = UploadOptions { chunk: Some(2 * FRAGMENT_UNIT), ..UploadOptions::default() };
    let uploaded = client.upload(session, &file, options, Arc::default(), &CancellationToken::new()).await;
    assert_eq!(uploaded.unwrap().integrity, Integrity::Verified);
    assert_eq!(bench.sha256_of_stored(), [sha256(&content(SIZE))]);
}

#[tokio::test(start_paused = true)]
async fn a_position_behind_the_files_end_is_never_complete() {
    let mut bench = Bench::new(Config::default());
    let (file, session) = (bench.file("a.bin", SIZE), bench.session(Family::Drive, SIZE).await);
    bench.script(json!([{"on": {"route": "put", "nth": 2}, "do": {"answer": {"status": 403}}}]));
    bench.upload(session.clone(), &file, FRAGMENT_UNIT).await.unwrap_err();
    bench.restart();
    let behind = json!({"nextExpectedRanges": [format!("{}-", SIZE + 1)]});
    bench.script(
        json!([{"on": {"route": "status"}, "do": {"answer": {"status": 200, "body": behind.to_string()}}}]),
    );
    bench.transport.service().forget_requests();
    let error = bench.upload(session, &file, FRAGMENT_UNIT).await.unwrap_err();
    assert_eq!(error.kind(), Kind::RangeRejected, "{error}");
    let methods: Vec<_> =
        bench.transport.service().requests().iter().map(|request| request.method.clone()).collect();
    assert_eq!(methods, ["GET"], "and no commit");
    assert_eq!(bench.on_record().len(), 1);
}
