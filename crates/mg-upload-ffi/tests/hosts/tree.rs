//! Trees over the ABI: rows one by one, the running files, the sums, the end.

use std::ptr::null_mut;

use mg_upload_ffi::mgu_status::*;
use mg_upload_ffi::*;
use serde_json::{Value, json};

use super::standin::Standin;
use crate::{Client, EMPTY, finish, read, text};

/// Takes rows until there are no more.
fn rows(operation: *mut mgu_operation) -> Vec<Value> {
    let mut all = Vec::new();
    loop {
        let mut row = EMPTY;
        // SAFETY: a live operation, and both outputs are writable.
        match unsafe { mgu_tree_next(operation, 10_000, &mut row, null_mut()) } {
            MGU_STATUS_OK => all.push(serde_json::from_str(&read(row)).unwrap()),
            MGU_STATUS_END => return all,
            status => panic!("{status:?}"),
        }
    }
}

fn start(client: &Client, request: &Value) -> *mut mgu_operation {
    let mut operation = null_mut();
    let request = request.to_string();
    // SAFETY: all arguments are as the header demands.
    let status = unsafe { mgu_tree_start(client.0, text(&request), &mut operation, null_mut()) };
    assert_eq!(status, MGU_STATUS_OK);
    operation
}

fn progress(operation: *mut mgu_operation) -> mgu_progress {
    // SAFETY: all of its bytes zero are a value.
    let mut progress: mgu_progress = unsafe { std::mem::zeroed() };
    progress.size = size_of::<mgu_progress>();
    // SAFETY: a live operation and a struct of its own size.
    unsafe { mgu_operation_wait(operation, 0, &mut progress) };
    progress
}

#[test]
fn a_tree_is_told_row_by_row() {
    let (standin, folder) = (Standin::start(), tempfile::tempdir().unwrap());
    let client = Client::new(&standin.graph);
    // More than the rows that are kept for who takes them.
    for number in 0..600 {
        let path = folder.path().join(format!("Reports/{}/file {number}.txt", number % 5));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, format!("file {number}")).unwrap();
    }
    let request = json!({
        "sources": [{ "path": folder.path().join("Reports") }], "recurse": true,
        "destination": { "driveId": "d", "path": "Archive" },
    });
    let operation = start(&client, &request);
    std::thread::sleep(std::time::Duration::from_millis(500));
    let meanwhile = progress(operation);
    assert!(meanwhile.files_done <= 300, "nobody takes rows, and the work goes on: {}", meanwhile.files_done);
    let all = rows(operation);
    assert_eq!((all.len(), all.iter().filter(|row| row["status"] == "uploaded").count()), (600, 600));
    let last = progress(operation);
    assert_eq!((last.files_done, last.files_known, last.files_walked, last.files_running), (600, 600, 1, 0));
    let mut running = EMPTY;
    // SAFETY: a live operation and a writable text.
    assert_eq!(unsafe { mgu_tree_running(operation, &mut running) }, MGU_STATUS_OK);
    assert_eq!(read(running), "[]");
    let sums: Value = serde_json::from_str(&finish(operation).unwrap()).unwrap();
    assert_eq!((&sums["sums"]["uploaded"], &sums["sums"]["foldersMade"]), (&json!(600), &json!(7)), "{sums}");

    let again = start(&client, &request);
    assert!(rows(again).iter().all(|row| row["status"] == "unchanged"));
    finish(again).unwrap();
}

#[test]
fn a_tree_that_fails_or_is_cancelled_comes_to_an_end() {
    let standin = Standin::start();
    let client = Client::new(&standin.graph);
    let file = crate::file(5);
    let request =
        |drive| json!({ "sources": [{ "path": file.path() }], "destination": { "driveId": drive } });
    let missing = start(&client, &request("missing"));
    assert!(rows(missing).is_empty());
    assert_eq!(finish(missing).unwrap_err().0, MGU_STATUS_NOT_FOUND);
    let cancelled = start(&client, &request("d"));
    // SAFETY: a live operation.
    unsafe { mgu_operation_cancel(cancelled) };
    rows(cancelled);
    let outcome = finish(cancelled);
    assert!(
        outcome.is_ok() || outcome.as_ref().is_err_and(|(status, _)| *status == MGU_STATUS_CANCELLED),
        "{outcome:?}"
    );
    let refused = crate::run(&client, mgu_tree_start, "{}").unwrap_err();
    assert_eq!(refused.0, MGU_STATUS_INVALID_INPUT);
    let (mut row, mut error) = (EMPTY, null_mut());
    // SAFETY: NULL is allowed, and the outputs are writable.
    assert_eq!(unsafe { mgu_tree_next(null_mut(), 0, &mut row, &mut error) }, MGU_STATUS_INVALID_INPUT);
    // SAFETY: the caller's own error, freed once.
    unsafe { mgu_error_free(error) };
}
