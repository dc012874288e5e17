//! What the header promises of operations: who is woken, what can be cancelled, which numbers are read and told.

use std::thread;
use std::time::{Duration, Instant};

use super::*;

const SOON: Duration = Duration::from_secs(5);

fn started(start: impl FnOnce(*mut *mut mgu_operation) -> mgu_status) -> *mut mgu_operation {
    let mut operation = null_mut();
    assert_eq!(start(&raw mut operation), MGU_STATUS_OK);
    operation
}

/// Puts a session on record for a file, without sending anything: its id.
fn recorded(client: &Client, url: &str, path: &str) -> String {
    let session = format!(r#"{{"uploadUrl":"{url}","expirationDateTime":"2999-01-01T00:00:00Z"}}"#);
    let (status, details) = finish(upload(client, &session, path)).unwrap_err();
    assert_eq!(status, MGU_STATUS_SOURCE_MISSING);
    let details: serde_json::Value = serde_json::from_str(&details).unwrap();
    details["openUpload"].as_str().unwrap().to_owned()
}

#[test]
fn every_kind_of_work_is_cancelled_at_once() {
    let service = Service::start_silent();
    let client = Client::new(&service.url);
    let session = |name: &str| format!(r#"{{"uploadUrl":"{}/{name}"}}"#, service.url);
    let (folder, file) = (tempfile::tempdir().unwrap(), file(400_000));
    let later = folder.path().join("later");
    let id = recorded(&client, &format!("{}/resumed", service.url), later.to_str().unwrap());
    std::fs::write(&later, [7; 400_000]).unwrap();
    let (create, query, cancel) =
        (mgu_session_create_start, mgu_session_query_start, mgu_session_cancel_start);
    let simple = |start: Start, json: &str| {
        // SAFETY: all arguments are as the header demands, here and below.
        started(|operation| unsafe { start(client.0, text(json), operation, null_mut()) })
    };
    let operations = [
        ("create", simple(create, REQUEST)),
        ("query", simple(query, &session("asked"))),
        ("cancel", simple(cancel, &session("cancelled"))),
        ("upload", upload(&client, &session("fed"), file.path().to_str().unwrap())),
        ("commit", {
            let session = session("committed");
            // SAFETY: as above.
            started(|operation| unsafe {
                mgu_session_commit_start(client.0, text(&session), EMPTY, operation, null_mut())
            })
        }),
        (
            "resume",
            // SAFETY: as above.
            started(|operation| unsafe {
                mgu_journal_resume_start(client.0, text(&id), null(), operation, null_mut())
            }),
        ),
    ];
    for (what, operation) in operations {
        // SAFETY: a live operation, here and below.
        assert_eq!(unsafe { mgu_operation_wait(operation, 300, null_mut()) }, MGU_STATUS_PENDING, "{what}");
        let asked = Instant::now();
        // SAFETY: as above.
        unsafe { mgu_operation_cancel(operation) };
        // SAFETY: as above.
        let ended = unsafe { mgu_operation_wait(operation, 20_000, null_mut()) };
        assert_eq!(ended, MGU_STATUS_CANCELLED, "{what}");
        assert!(asked.elapsed() < SOON, "{what}");
        assert_eq!(finish(operation).unwrap_err().0, MGU_STATUS_CANCELLED, "{what}");
    }
}

#[test]
fn the_end_wakes_all_who_wait() {
    let service = Service::start_silent();
    let client = Client::new(&service.url);
    let operation = run_detached(&client, REQUEST);
    let shared = operation as usize;
    let wait = move || {
        let began = Instant::now();
        // SAFETY: the operation lives until the threads have ended.
        let status = unsafe { mgu_operation_wait(shared as *const mgu_operation, 20_000, null_mut()) };
        (status, began.elapsed())
    };
    let waiting: Vec<_> = (0..4).map(|_| thread::spawn(wait)).collect();
    thread::sleep(Duration::from_millis(300));
    // SAFETY: a live operation.
    unsafe { mgu_operation_cancel(operation) };
    for thread in waiting {
        let (status, took) = thread.join().unwrap();
        assert_eq!(status, MGU_STATUS_CANCELLED);
        assert!(took < SOON, "{took:?}");
    }
    // SAFETY: freed once.
    unsafe { mgu_operation_free(operation) };
}

#[test]
fn a_freed_operation_stops_and_lets_go_of_its_session() {
    let service = Service::start_silent();
    let client = Client::new(&service.url);
    let (session, file) = (format!(r#"{{"uploadUrl":"{}/freed"}}"#, service.url), file(400_000));
    let path = file.path().to_str().unwrap();
    let first = upload(&client, &session, path);
    // SAFETY: a live operation.
    assert_eq!(unsafe { mgu_operation_wait(first, 300, null_mut()) }, MGU_STATUS_PENDING);
    assert_eq!(finish(upload(&client, &session, path)).unwrap_err().0, MGU_STATUS_CONFLICT);
    // SAFETY: freed once.
    unsafe { mgu_operation_free(first) };
    let until = Instant::now() + 2 * SOON;
    loop {
        let again = upload(&client, &session, path);
        // SAFETY: a live operation.
        let status = unsafe { mgu_operation_wait(again, 300, null_mut()) };
        // SAFETY: freed once.
        unsafe { mgu_operation_free(again) };
        if status == MGU_STATUS_PENDING {
            return;
        }
        assert!(Instant::now() < until, "{status:?}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn progress_tells_each_number_in_its_place() {
    let service = Service::start_answering("HTTP/1.1 503 No\r\nretry-after: 20\r\ncontent-length: 0\r\n\r\n");
    let client = Client::new(&service.url);
    let session = format!(r#"{{"uploadUrl":"{}/paused","nextExpectedRanges":["0-"]}}"#, service.url);
    let file = file(400_000);
    let operation = upload(&client, &session, file.path().to_str().unwrap());
    let mut progress = empty_progress();
    let until = Instant::now() + 2 * SOON;
    while progress.phase != mgu_phase::MGU_PHASE_WAITING as u32 && Instant::now() < until {
        // SAFETY: a live operation.
        assert_eq!(unsafe { mgu_operation_wait(operation, 50, &mut progress) }, MGU_STATUS_PENDING);
    }
    assert!((15_000..=20_000).contains(&progress.wait_millis), "{progress:?}");
    assert_eq!((progress.bytes_total, progress.requests, progress.retries), (400_000, 1, 0), "{progress:?}");
    let reason = mgu_wait_reason::MGU_WAIT_SERVER_FAULT as u32;
    assert_eq!((progress.wait_reason, progress.wait_status), (reason, 503), "{progress:?}");
    // SAFETY: a live operation.
    unsafe { mgu_operation_cancel(operation) };
    // SAFETY: a live operation.
    assert_eq!(unsafe { mgu_operation_wait(operation, 20_000, &mut progress) }, MGU_STATUS_CANCELLED);
    assert_eq!((progress.phase, progress.wait_millis), (mgu_phase::MGU_PHASE_DONE as u32, 0));
    assert_eq!((progress.wait_reason, progress.wait_status), (mgu_wait_reason::MGU_WAIT_NONE as u32, 0));
    // SAFETY: freed once.
    unsafe { mgu_operation_free(operation) };
}

#[test]
fn only_known_flags_words_and_paths_are_taken() {
    let client = Client::new("https://graph.microsoft.com");
    let options = |flags| mgu_upload_options {
        size: size_of::<mgu_upload_options>(),
        chunk_bytes: 0,
        wait_budget_millis: 0,
        max_attempts: 0,
        flags,
    };
    let mut operation = null_mut();
    let session = r#"{"uploadUrl":"http://127.0.0.1:1/words"}"#;
    for (flags, path) in
        [(16, "/none"), (1 << 31, "/none"), (MGU_RESUME_FORCE, "/none"), (0, "none"), (0, "")]
    {
        // SAFETY: what is wrong with these arguments is what the header promises an error for, here and below.
        let status = unsafe {
            mgu_session_upload_start(
                client.0,
                text(session),
                text(path),
                &options(flags),
                &mut operation,
                null_mut(),
            )
        };
        assert_eq!(status, MGU_STATUS_INVALID_INPUT, "{flags} {path}");
    }
    for flags in [16, MGU_RESUME_FORCE | 1 << 4] {
        // SAFETY: as above.
        let status = unsafe {
            mgu_journal_resume_start(client.0, text("00"), &options(flags), &mut operation, null_mut())
        };
        assert_eq!(status, MGU_STATUS_INVALID_INPUT, "{flags}");
    }
    for word in ["keep", "replace ", "0"] {
        // SAFETY: as above.
        let status = unsafe {
            mgu_session_commit_start(client.0, text(session), text(word), &mut operation, null_mut())
        };
        assert_eq!(status, MGU_STATUS_INVALID_INPUT, "{word}");
    }
    assert!(operation.is_null(), "nothing is written by a call that fails");
    for word in ["fail", "Replace", "RENAME", ""] {
        // SAFETY: all arguments are as the header demands.
        let begun = started(|operation| unsafe {
            mgu_session_commit_start(client.0, text(session), text(word), operation, null_mut())
        });
        finish(begun).unwrap_err();
    }
}

#[test]
fn a_result_is_written_by_a_success_alone_and_an_error_told_of_a_failure_alone() {
    let service = Service::start();
    let client = Client::new(&service.url);
    let good = run_detached(&client, REQUEST);
    // SAFETY: a live operation, here and below.
    assert_eq!(unsafe { mgu_operation_wait(good, 20_000, null_mut()) }, MGU_STATUS_OK);
    // SAFETY: as above.
    assert!(unsafe { mgu_operation_error(good) }.is_null());
    // SAFETY: freed once.
    unsafe { mgu_operation_free(good) };

    let bad = upload(&client, r#"{"uploadUrl":"http://127.0.0.1:1/never"}"#, &no_such_file());
    // SAFETY: as above.
    assert_eq!(unsafe { mgu_operation_wait(bad, 20_000, null_mut()) }, MGU_STATUS_SOURCE_MISSING);
    let mut json = text("untouched");
    // SAFETY: as above.
    assert_eq!(unsafe { mgu_operation_result(bad, &mut json) }, MGU_STATUS_SOURCE_MISSING);
    assert_eq!(read(json), "untouched");
    // SAFETY: freed once.
    unsafe { mgu_operation_free(bad) };
}

#[test]
fn the_token_is_sent_as_it_is_and_can_be_forgotten() {
    let service = Service::start();
    let client = Client::new(&service.url);
    let set = |token: &str| {
        // SAFETY: a live client.
        assert_eq!(unsafe { mgu_client_set_token(client.0, text(token), null_mut()) }, MGU_STATUS_OK);
    };
    set(" other\r\n");
    run(&client, mgu_session_create_start, REQUEST).unwrap();
    assert!(service.heads()[0].contains("authorization: bearer other\n"), "{:?}", service.heads());
    set("");
    let (status, details) = run(&client, mgu_session_create_start, REQUEST).unwrap_err();
    assert_eq!(status, MGU_STATUS_UNAUTHENTICATED, "{details}");
    assert_eq!(service.heads().len(), 1, "nothing is sent without one");
}

#[test]
fn a_client_is_what_its_options_say() {
    let (service, folder) = (Service::start(), tempfile::tempdir().unwrap());
    let state = folder.path().join("state");
    let options = mgu_client_options {
        user_agent: text("me/1"),
        state_folder: text(state.to_str().unwrap()),
        ..options(&service.url)
    };
    let mut client = null_mut();
    // SAFETY: all arguments are as the header demands.
    assert_eq!(unsafe { mgu_client_new(&options, &mut client, null_mut()) }, MGU_STATUS_OK);
    let client = Client(client);
    recorded(&client, "http://127.0.0.1:1/", &no_such_file());
    assert!(state.is_dir());
    run(&client, mgu_session_query_start, &format!(r#"{{"uploadUrl":"{}/up"}}"#, service.url)).unwrap();
    assert!(service.heads()[0].contains("user-agent: me/1\n"), "{:?}", service.heads());
}

fn client_of(options: &mgu_client_options) -> Result<Client, mgu_status> {
    let mut client = null_mut();
    // SAFETY: all arguments are as the header demands.
    match unsafe { mgu_client_new(options, &mut client, null_mut()) } {
        MGU_STATUS_OK => Ok(Client(client)),
        status => Err(status),
    }
}

/// Sends a small file once, to a URL: what it ends with, and after how long.
fn send_once(client: &Client, url: &str) -> (mgu_status, Duration) {
    let (file, began) = (file(1000), Instant::now());
    let session = format!(r#"{{"uploadUrl":"{url}","nextExpectedRanges":["0-"]}}"#);
    let options = mgu_upload_options {
        size: size_of::<mgu_upload_options>(),
        chunk_bytes: 0,
        wait_budget_millis: 0,
        max_attempts: 1,
        flags: 0,
    };
    // SAFETY: all arguments are as the header demands.
    let operation = started(|operation| unsafe {
        let path = text(file.path().to_str().unwrap());
        mgu_session_upload_start(client.0, text(&session), path, &options, operation, null_mut())
    });
    (finish(operation).unwrap_err().0, began.elapsed())
}

#[test]
fn silence_and_a_connection_that_is_not_made_end_after_their_limits() {
    let service = Service::start_silent();
    let limited = |connect_timeout_millis, idle_timeout_millis| {
        client_of(&mgu_client_options {
            connect_timeout_millis,
            idle_timeout_millis,
            ..options("https://graph.test")
        })
    };
    let (status, took) = send_once(&limited(0, 800).unwrap(), &format!("{}/silent", service.url));
    assert_eq!(status, MGU_STATUS_TIMEOUT);
    assert!((800..3000).contains(&took.as_millis()), "{took:?}");
    // It takes connections and speaks no TLS: whatever the limit for silence, that is making a connection.
    let mute = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = mute.local_addr().unwrap();
    for idle in [300, 20_000] {
        let (status, took) = send_once(&limited(1000, idle).unwrap(), &format!("https://{address}/{idle}"));
        assert_eq!(status, MGU_STATUS_NETWORK, "{idle}");
        assert!((1000..3000).contains(&took.as_millis()), "{idle}: {took:?}");
    }
    for (connect, idle) in [(86_400_001, 0), (0, u64::MAX)] {
        assert_eq!(limited(connect, idle).err(), Some(MGU_STATUS_INVALID_INPUT), "{connect} {idle}");
    }
    assert!(limited(86_400_000, 86_400_000).is_ok());
}

#[test]
fn options_from_before_the_limits_have_none() {
    let service = Service::start();
    let size = std::mem::offset_of!(mgu_client_options, connect_timeout_millis);
    // What lies behind the struct that the caller knows is no business of the library's.
    let shorter = mgu_client_options {
        size,
        connect_timeout_millis: u64::MAX,
        idle_timeout_millis: u64::MAX,
        ..options(&service.url)
    };
    let client = client_of(&shorter).unwrap();
    run(&client, mgu_session_query_start, &format!(r#"{{"uploadUrl":"{}/up"}}"#, service.url)).unwrap();
}
