//! The exports, called as C calls them.

mod contract;
#[cfg(unix)]
mod hosts;
mod service;

use std::ffi::c_void;
use std::ptr::{null, null_mut};

use mg_upload_ffi::mgu_status::*;
use mg_upload_ffi::*;
use service::Service;

fn text(text: &str) -> mgu_text {
    mgu_text { data: text.as_ptr(), len: text.len() }
}

fn read(text: mgu_text) -> String {
    if text.len == 0 {
        return String::new();
    }
    // SAFETY: a text of the library, whose owner is alive.
    let bytes = unsafe { std::slice::from_raw_parts(text.data, text.len) };
    String::from_utf8(bytes.to_vec()).unwrap()
}

const EMPTY: mgu_text = mgu_text { data: null(), len: 0 };

fn options(endpoint: &str) -> mgu_client_options {
    mgu_client_options {
        size: size_of::<mgu_client_options>(),
        graph_endpoint: text(endpoint),
        user_agent: EMPTY,
        proxy: EMPTY,
        proxy_user: EMPTY,
        proxy_password: EMPTY,
        no_proxy: EMPTY,
        ca_file: EMPTY,
        token_wait_millis: 0,
        connect_timeout_millis: 0,
        idle_timeout_millis: 0,
        state_folder: text(state_folder()),
    }
}

/// A journal that is no user's.
fn state_folder() -> &'static str {
    static FOLDER: std::sync::OnceLock<tempfile::TempDir> = std::sync::OnceLock::new();
    FOLDER.get_or_init(|| tempfile::tempdir().unwrap()).path().to_str().unwrap()
}

/// A client that is freed at the end.
struct Client(*mut mgu_client);

impl Client {
    fn new(endpoint: &str) -> Client {
        let mut client = null_mut();
        // SAFETY: all arguments are as the header demands.
        let status = unsafe { mgu_client_new(&options(endpoint), &mut client, null_mut()) };
        assert_eq!(status, MGU_STATUS_OK);
        // SAFETY: a live client.
        let status = unsafe { mgu_client_set_token(client, text("token"), null_mut()) };
        assert_eq!(status, MGU_STATUS_OK);
        Client(client)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // SAFETY: a live client that nobody else uses.
        unsafe { mgu_client_free(self.0) };
    }
}

type Start = unsafe extern "C" fn(
    *const mgu_client,
    mgu_text,
    *mut *mut mgu_operation,
    *mut *mut mgu_error,
) -> mgu_status;

/// Runs an operation to its end: its result, or its status and details.
fn run(client: &Client, start: Start, json: &str) -> Result<String, (mgu_status, String)> {
    let (mut operation, mut error) = (null_mut(), null_mut());
    // SAFETY: all arguments are as the header demands.
    let status = unsafe { start(client.0, text(json), &mut operation, &mut error) };
    if status != MGU_STATUS_OK {
        assert!(operation.is_null());
        // SAFETY: the caller's own error.
        let details = unsafe { mgu_error_details(error) };
        let details = read(details);
        // SAFETY: the caller's own error, freed once.
        unsafe { mgu_error_free(error) };
        return Err((status, details));
    }
    finish(operation)
}

fn finish(operation: *mut mgu_operation) -> Result<String, (mgu_status, String)> {
    // SAFETY: a live operation.
    let status = unsafe { mgu_operation_wait(operation, 20_000, null_mut()) };
    let outcome = if status == MGU_STATUS_OK {
        let mut json = EMPTY;
        // SAFETY: a live operation.
        assert_eq!(unsafe { mgu_operation_result(operation, &mut json) }, MGU_STATUS_OK);
        Ok(read(json))
    } else {
        // SAFETY: a live operation.
        let error = unsafe { mgu_operation_error(operation) };
        assert!(!error.is_null(), "{status:?}");
        // SAFETY: the operation's error.
        assert_eq!(unsafe { mgu_error_status(error) }, status);
        // SAFETY: the operation's error.
        Err((status, read(unsafe { mgu_error_details(error) })))
    };
    // SAFETY: a live operation, freed once.
    unsafe { mgu_operation_free(operation) };
    outcome
}

fn file(bytes: usize) -> tempfile::NamedTempFile {
    use std::io::Write;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&vec![7; bytes]).unwrap();
    file
}

/// An absolute path, on every system.
fn no_such_file() -> String {
    std::env::temp_dir().join("no such file").to_str().unwrap().to_owned()
}

fn upload(client: &Client, session: &str, path: &str) -> *mut mgu_operation {
    let mut operation = null_mut();
    // SAFETY: all arguments are as the header demands.
    let status = unsafe {
        mgu_session_upload_start(client.0, text(session), text(path), null(), &mut operation, null_mut())
    };
    assert_eq!(status, MGU_STATUS_OK);
    operation
}

const REQUEST: &str =
    r#"{"route":"MgDriveRootUploadSession","ids":{"DriveId":"d"},"body":{"item":{"name":"a"}}}"#;

/// A progress to be filled in.
fn empty_progress() -> mgu_progress {
    mgu_progress {
        size: size_of::<mgu_progress>(),
        bytes_done: 0,
        bytes_total: 0,
        requests: 0,
        retries: 0,
        wait_millis: 0,
        phase: 99,
        wait_reason: 99,
        wait_status: 99,
        files_walked: 99,
        files_done: 99,
        files_known: 99,
        files_running: 99,
    }
}

#[test]
fn a_session_is_created_fed_and_cancelled() {
    let service = Service::start();
    let client = Client::new(&service.url);
    let session = run(&client, mgu_session_create_start, REQUEST).unwrap();
    assert!(session.contains("uploadUrl"), "{session}");
    let state = run(&client, mgu_session_query_start, &session).unwrap();
    assert!(state.contains("nextExpectedRanges"), "{state}");
    let file = file(400_000);
    let result = finish(upload(&client, &session, file.path().to_str().unwrap())).unwrap();
    assert!(
        result.contains(r#""length":400000"#) && result.contains(r#""integrity":"NotReported""#),
        "{result}"
    );
    let cancelled = run(&client, mgu_session_cancel_start, &session).unwrap();
    assert_eq!(cancelled, r#"{"alreadyGone":false}"#);
    assert_eq!(service.authorized(), ["POST"]);
}

#[test]
fn what_an_operation_goes_through_is_told_once_and_without_secrets() {
    let service = Service::start();
    let client = Client::new(&service.url);
    let mut operation = null_mut();
    // SAFETY: all arguments are as the header demands.
    let status = unsafe { mgu_session_create_start(client.0, text(REQUEST), &mut operation, null_mut()) };
    assert_eq!(status, MGU_STATUS_OK);
    // SAFETY: a live operation.
    assert_eq!(unsafe { mgu_operation_wait(operation, 20_000, null_mut()) }, MGU_STATUS_OK);
    let told = || {
        let mut json = EMPTY;
        // SAFETY: a live operation, and one thread.
        assert_eq!(unsafe { mgu_operation_events(operation, &mut json) }, MGU_STATUS_OK);
        read(json)
    };
    let events: serde_json::Value = serde_json::from_str(&told()).unwrap();
    assert_eq!((&events[0]["event"], &events[0]["status"]), (&"request".into(), &200.into()), "{events}");
    assert!(events[0]["target"].as_str().unwrap().ends_with("createUploadSession"), "{events}");
    assert!(events.to_string().contains("uploadUrl") && !events.to_string().contains("guid"), "{events}");
    assert_eq!(told(), "");
    // SAFETY: NULL is answered.
    assert_eq!(unsafe { mgu_operation_events(operation, null_mut()) }, MGU_STATUS_BAD_CALL);
    // SAFETY: NULL is answered.
    assert_eq!(unsafe { mgu_operation_events(null(), &mut { EMPTY }) }, MGU_STATUS_BAD_CALL);
    // SAFETY: a live operation, freed once.
    unsafe { mgu_operation_free(operation) };
}

#[test]
fn what_would_be_sent_is_told_and_a_foreign_answer_is_read_alike() {
    let client = Client::new("https://graph.microsoft.com");
    let described = run(&client, mgu_session_describe_start, REQUEST).unwrap();
    assert!(described.contains("/v1.0/drives/d/root:/a:/microsoft.graph.createUploadSession"), "{described}");
    assert!(!described.contains("token"), "{described}");
    let answer = |status: u16, body: &str| {
        let answer = serde_json::json!({
            "request": serde_json::from_str::<serde_json::Value>(REQUEST).unwrap(),
            "status": status, "headers": [["request-id", "r"]], "body": body,
        });
        run(&client, mgu_session_read_start, &answer.to_string())
    };
    assert!(answer(200, r#"{"uploadUrl":"https://h/x"}"#).unwrap().contains("https://h/x"));
    let (status, details) = answer(404, r#"{"error":{"code":"itemNotFound","message":"m"}}"#).unwrap_err();
    assert_eq!(status, MGU_STATUS_NOT_FOUND);
    assert!(details.contains("itemNotFound") && details.contains(r#""requestId":"r""#), "{details}");
    assert_eq!(answer(200, "<html>").unwrap_err().0, MGU_STATUS_UNEXPECTED_ANSWER);
}

#[test]
fn bad_arguments_are_errors() {
    let client = Client::new("https://graph.microsoft.com");
    let bad = [0xffu8, 0xfe];
    let not_utf8 = mgu_text { data: bad.as_ptr(), len: 2 };
    let no_bytes = mgu_text { data: null(), len: 5 };
    let (mut operation, mut error) = (null_mut(), null_mut());
    for (handle, request) in [
        (null_mut(), text(REQUEST)),
        (client.0, not_utf8),
        (client.0, no_bytes),
        (client.0, EMPTY),
        (client.0, text("{}")),
        (client.0, text(r#"{"route":"x","ids":{},"body":{}}"#)),
        (client.0, text(r#"{"route":"MgDriveRootUploadSession","ids":{},"body":{}}"#)),
    ] {
        // SAFETY: what is wrong with these arguments is what the header promises an error for.
        let status = unsafe { mgu_session_create_start(handle, request, &mut operation, &mut error) };
        assert_eq!(status, MGU_STATUS_INVALID_INPUT);
        assert!(operation.is_null());
        // SAFETY: the caller's own error.
        assert!(unsafe { mgu_error_message(error) }.len > 0);
        // SAFETY: freed once.
        unsafe { mgu_error_free(error) };
    }
    // SAFETY: nowhere to write to is an error too.
    let status = unsafe { mgu_session_create_start(client.0, text(REQUEST), null_mut(), null_mut()) };
    assert_eq!(status, MGU_STATUS_INVALID_INPUT);
    for endpoint in ["http://example.com", "", "graph"] {
        let mut made = null_mut();
        // SAFETY: as the header demands.
        let status = unsafe { mgu_client_new(&options(endpoint), &mut made, null_mut()) };
        assert_eq!(status, MGU_STATUS_INVALID_INPUT, "{endpoint}");
        assert!(made.is_null());
    }
    for size in [0, 8, size_of::<mgu_client_options>() - 1, size_of::<mgu_client_options>() + 8] {
        let unknown = mgu_client_options { size, ..options("https://graph.microsoft.com") };
        // SAFETY: as the header demands, but for the size.
        let status = unsafe { mgu_client_new(&unknown, &mut null_mut(), null_mut()) };
        assert_eq!(status, MGU_STATUS_INVALID_INPUT, "{size}");
    }
    // SAFETY: a live client.
    assert_eq!(unsafe { mgu_client_set_token(client.0, text("a\nb"), null_mut()) }, MGU_STATUS_INVALID_INPUT);
}

/// What Python's json writes for a file name that is no UTF-8, and its like: nothing is sent, so no session is lost.
#[test]
fn a_request_that_not_every_reader_takes_is_refused_before_it_is_sent() {
    let service = Service::start();
    let client = Client::new(&service.url);
    let request = |ids: &str, headers: &str, body: &str| {
        format!(
            r#"{{"route":"MgDriveRootUploadSession","ids":{{{ids}}},"headers":[{headers}],"body":{body}}}"#
        )
    };
    let (id, item) = (r#""DriveId":"d""#, r#"{"item":{}}"#);
    let deep = format!("{}1{}", r#"{"a":"#.repeat(200), "}".repeat(200));
    let long = format!(r#""DriveId":"{}""#, "i".repeat(70_000));
    let many = vec![r#"["X","y"]"#; 40_000].join(",");
    for (bad, why) in [
        (request(id, "", r#"{"item":{"name":"caf\udce9"}}"#), "surrogate"),
        (request(id, "", r#"{"item":{"name":"a","name":"b"}}"#), "twice"),
        (request(id, "", r#"{"item":{"fileSize":1e999}}"#), "out of range"),
        (request(id, "", &deep), "nested"),
        (request(id, "", "[]"), "no object"),
        (request(r#""DriveId":"\udce9""#, "", item), "surrogate"),
        (request(r#""DriveId":"a","DriveId":"b""#, "", item), "twice"),
        (request(&long, "", item), "path of"),
        (request(id, &many, item), "headers have"),
        (request(id, r#"["X","a\u0000b"]"#, item), "'X' cannot be sent"),
        (request(id, r#"["","a"]"#, item), "cannot be sent"),
    ] {
        for start in [mgu_session_create_start as Start, mgu_session_describe_start] {
            let (status, details) = run(&client, start, &bad).unwrap_err();
            assert_eq!(status, MGU_STATUS_INVALID_INPUT, "{why}: {details}");
            assert!(details.contains(why), "{why}: {details}");
        }
    }
    assert_eq!(service.authorized(), Vec::<String>::new());
}

#[test]
fn null_handles_are_harmless() {
    // SAFETY: the header allows NULL, here and below.
    unsafe { mgu_client_free(null_mut()) };
    // SAFETY: as above.
    unsafe { mgu_operation_free(null_mut()) };
    // SAFETY: as above.
    unsafe { mgu_operation_cancel(null()) };
    // SAFETY: as above.
    unsafe { mgu_error_free(null_mut()) };
    // SAFETY: as above.
    assert_eq!(unsafe { mgu_operation_wait(null(), 0, null_mut()) }, MGU_STATUS_BAD_CALL);
    // SAFETY: as above.
    assert_eq!(unsafe { mgu_operation_result(null(), null_mut()) }, MGU_STATUS_BAD_CALL);
    // SAFETY: as above.
    assert!(unsafe { mgu_operation_error(null()) }.is_null());
    // SAFETY: as above.
    assert_eq!(unsafe { mgu_error_message(null()) }.len, 0);
    // SAFETY: as above.
    assert_eq!(unsafe { mgu_error_details(null()) }.len, 0);
    assert_eq!(
        (mgu_abi_version(), read(mgu_version()).as_str()),
        (MGU_ABI_VERSION, env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn an_operation_is_cancelled_from_any_thread_and_more_than_once() {
    let service = Service::start_silent();
    let client = Client::new(&service.url);
    let session = format!(r#"{{"uploadUrl":"{}/up"}}"#, service.url);
    let file = file(400_000);
    let operation = upload(&client, &session, file.path().to_str().unwrap());
    let mut progress = empty_progress();
    // SAFETY: a live operation.
    assert_eq!(unsafe { mgu_operation_wait(operation, 50, &mut progress) }, MGU_STATUS_PENDING);
    assert_eq!(progress.bytes_total, 400_000);
    let mut json = EMPTY;
    // SAFETY: a live operation.
    assert_eq!(unsafe { mgu_operation_result(operation, &mut json) }, MGU_STATUS_PENDING);
    let shared = operation as usize;
    let threads: Vec<_> = (0..2)
        .map(|_| {
            std::thread::spawn(move || {
                let operation = shared as *const c_void as *const mgu_operation;
                // SAFETY: the operation lives until the threads have ended.
                unsafe { mgu_operation_cancel(operation) };
            })
        })
        .collect();
    let started = std::time::Instant::now();
    // SAFETY: a live operation.
    assert_eq!(unsafe { mgu_operation_wait(operation, 10_000, &mut progress) }, MGU_STATUS_CANCELLED);
    // Far from the 10 s, and far enough from none for a machine that is busy.
    assert!(started.elapsed().as_secs() < 5);
    for thread in threads {
        thread.join().unwrap();
    }
    for size in [0, 1, size_of::<mgu_progress>() - 1, size_of::<mgu_progress>() + 8] {
        progress.size = size;
        // SAFETY: a live operation; what is wrong is the size.
        assert_eq!(unsafe { mgu_operation_wait(operation, 0, &mut progress) }, MGU_STATUS_BAD_CALL);
    }
    assert_eq!(finish(operation).unwrap_err().0, MGU_STATUS_CANCELLED);
}

/// What keeps the file open is a request that its peer keeps from ending.
#[test]
#[cfg(target_os = "linux")]
fn a_cancelled_upload_has_let_go_of_the_file_though_its_peer_does_not_read() {
    let service = Service::start_deaf();
    let client = Client::new(&service.url);
    // With a list: one that is known by its URL only would be asked first.
    let session = format!(r#"{{"uploadUrl":"{}/up","nextExpectedRanges":["0-"]}}"#, service.url);
    let file = tempfile::NamedTempFile::new().unwrap();
    let (path, file) = (file.path().to_owned(), file.into_temp_path());
    std::fs::File::options().write(true).open(&path).unwrap().set_len(40 << 20).unwrap();
    let is_open = || {
        let open = std::fs::read_dir("/proc/self/fd").unwrap();
        open.filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok()).any(|target| target == path)
    };
    let operation = upload(&client, &session, path.to_str().unwrap());
    let sending = std::time::Instant::now();
    while !is_open() || sending.elapsed().as_millis() < 500 {
        std::thread::sleep(std::time::Duration::from_millis(10));
        assert!(sending.elapsed().as_secs() < 20);
    }
    // SAFETY: a live operation.
    unsafe { mgu_operation_cancel(operation) };
    assert_eq!(finish(operation).unwrap_err().0, MGU_STATUS_CANCELLED);
    assert!(!is_open());
    drop(file);
}

#[test]
fn handles_may_go_while_work_runs() {
    let service = Service::start_silent();
    let client = Client::new(&service.url);
    let session = format!(r#"{{"uploadUrl":"{}/up"}}"#, service.url);
    let file = file(400_000);
    let left_alone = upload(&client, &session, file.path().to_str().unwrap());
    let outlives = run_detached(&client, REQUEST);
    // SAFETY: a live operation; it is still running.
    unsafe { mgu_operation_free(left_alone) };
    drop(client);
    // SAFETY: a live operation; its client is gone.
    assert_eq!(unsafe { mgu_operation_wait(outlives, 50, null_mut()) }, MGU_STATUS_PENDING);
    // SAFETY: a live operation.
    unsafe { mgu_operation_free(outlives) };
}

fn run_detached(client: &Client, json: &str) -> *mut mgu_operation {
    let mut operation = null_mut();
    // SAFETY: all arguments are as the header demands.
    let status = unsafe { mgu_session_create_start(client.0, text(json), &mut operation, null_mut()) };
    assert_eq!(status, MGU_STATUS_OK);
    operation
}

#[test]
fn failures_carry_what_graph_says() {
    let service = Service::start_answering(
        "HTTP/1.1 403 No\r\nrequest-id: r1\r\ncontent-length: 55\r\n\r\n{\"error\":{\"code\":\"accessDenied\",\"message\":\"No access\"}}",
    );
    let client = Client::new(&service.url);
    let (status, details) = run(&client, mgu_session_create_start, REQUEST).unwrap_err();
    assert_eq!(status, MGU_STATUS_FORBIDDEN);
    let details: serde_json::Value = serde_json::from_str(&details).unwrap();
    assert_eq!(details["code"], "accessDenied");
    assert_eq!(details["httpStatus"], 403);
    assert_eq!(details["requestId"], "r1");
    assert_eq!(details["kind"], "Forbidden");
    assert_eq!(details["withToken"], true);
    assert!(details["openUpload"].is_null());
    let session = r#"{"uploadUrl":"http://127.0.0.1:1/","expirationDateTime":"2999-01-01T00:00:00Z"}"#;
    let (status, details) = finish(upload(&client, session, &no_such_file())).unwrap_err();
    assert_eq!(status, MGU_STATUS_SOURCE_MISSING);
    let details: serde_json::Value = serde_json::from_str(&details).unwrap();
    let list = list_of(&client);
    assert!(list.contains(details["openUpload"].as_str().unwrap()), "{details} {list}");
}

fn list_of(client: &Client) -> String {
    let mut operation = null_mut();
    // SAFETY: all arguments are as the header demands.
    let status = unsafe { mgu_journal_list_start(client.0, &mut operation, null_mut()) };
    assert_eq!(status, MGU_STATUS_OK);
    finish(operation).unwrap()
}

#[test]
fn the_journal_lists_resumes_and_reports() {
    let client = Client::new("https://graph.microsoft.com");
    let list: serde_json::Value = serde_json::from_str(&list_of(&client)).unwrap();
    assert!(list["open"].is_array() && list["unreadable"].is_array());
    let mut operation = null_mut();
    // SAFETY: all arguments are as the header demands.
    let status =
        unsafe { mgu_journal_resume_start(client.0, text("nothing"), null(), &mut operation, null_mut()) };
    assert_eq!(status, MGU_STATUS_OK);
    assert_eq!(finish(operation).unwrap_err().0, MGU_STATUS_INVALID_INPUT);
}

/// A client that answers questions about tokens, and has none yet.
fn asking_client(endpoint: &str) -> Client {
    let mut client = null_mut();
    let options = mgu_client_options { token_wait_millis: 60_000, ..options(endpoint) };
    // SAFETY: all arguments are as the header demands.
    assert_eq!(unsafe { mgu_client_new(&options, &mut client, null_mut()) }, MGU_STATUS_OK);
    Client(client)
}

#[test]
fn a_token_that_is_wanted_is_handed_in_or_declined() {
    let service = Service::start();
    for (token, outcome) in [("token", MGU_STATUS_OK), ("", MGU_STATUS_UNAUTHENTICATED)] {
        let client = asking_client(&service.url);
        let mut operation = null_mut();
        // SAFETY: live handles, and outputs that are writable, here and below.
        let started =
            unsafe { mgu_session_create_start(client.0, text(REQUEST), &mut operation, null_mut()) };
        assert_eq!(started, MGU_STATUS_OK);
        // SAFETY: as above.
        assert_eq!(unsafe { mgu_operation_wait(operation, 10_000, null_mut()) }, MGU_STATUS_TOKEN_WANTED);
        let (mut number, mut lack, mut claims) = (0, mgu_token_lack::MGU_TOKEN_REFUSED, EMPTY);
        // SAFETY: as above.
        let wanted = unsafe { mgu_operation_token_wanted(operation, &mut number, &mut lack, &mut claims) };
        assert_eq!((wanted, number, lack), (MGU_STATUS_TOKEN_WANTED, 1, mgu_token_lack::MGU_TOKEN_MISSING));
        assert_eq!(read(claims), "");
        for (number, status) in [(number + 1, MGU_STATUS_OK), (number, MGU_STATUS_OK)] {
            // SAFETY: as above. The answer to a question that nobody has asked changes nothing.
            let answered =
                unsafe { mgu_client_answer_token(client.0, number, text(token), 3_600_000, null_mut()) };
            assert_eq!(answered, status);
        }
        // SAFETY: as above.
        assert_eq!(unsafe { mgu_operation_wait(operation, 10_000, null_mut()) }, outcome, "{token}");
        // SAFETY: as above.
        unsafe { mgu_operation_free(operation) };
    }
}
