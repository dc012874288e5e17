use std::ptr::null_mut;

use super::*;
use serde_json::Value;

use crate::client::{mgu_client, mgu_client_free, mgu_client_new};
use crate::client_options::mgu_client_options;
use crate::start::{Context, start};

fn text(text: &str) -> mgu_text {
    mgu_text { data: text.as_ptr(), len: text.len() }
}

fn client() -> *mut mgu_client {
    let (endpoint, folder) = (text("https://graph.microsoft.com"), text("/nowhere"));
    let (size, none) = (size_of::<mgu_client_options>(), mgu_text::EMPTY);
    let options = mgu_client_options {
        size,
        graph_endpoint: endpoint,
        user_agent: none,
        proxy: none,
        proxy_user: none,
        proxy_password: none,
        state_folder: folder,
        no_proxy: none,
        ca_file: none,
        token_wait_millis: 0,
        connect_timeout_millis: 0,
        idle_timeout_millis: 0,
    };
    let mut client = null_mut();
    // SAFETY: all arguments are as the header demands.
    let status = unsafe { mgu_client_new(&raw const options, &raw mut client, null_mut()) };
    assert_eq!(status, mgu_status::MGU_STATUS_OK);
    client
}

#[test]
fn a_workers_panic_is_the_operations_outcome() {
    let client = client();
    // SAFETY: a live client.
    let shared = Arc::clone(&unsafe { &*client }.shared);
    let work = async move |_: Arc<Shared>, context: Context| {
        context.progress.snapshot();
        tokio::task::yield_now().await;
        if context.cancel.is_cancelled() { Ok(Value::Null) } else { panic!("the {} broke", "wheel") }
    };
    let operation = Box::into_raw(start(&shared, work).unwrap());
    // SAFETY: a live operation, here and below.
    let status = unsafe { mgu_operation_wait(operation, 20_000, null_mut()) };
    assert_eq!(status, mgu_status::MGU_STATUS_PANIC);
    // SAFETY: as above.
    let error = unsafe { mgu_operation_error(operation) };
    // SAFETY: the operation's error.
    let details = unsafe { crate::error::mgu_error_details(error) };
    // SAFETY: a text of a live error.
    let details = unsafe { details.read("details") }.unwrap();
    assert!(details.contains("the wheel broke") && details.contains(r#""kind":"Panic""#), "{details}");
    // SAFETY: freed once.
    unsafe { mgu_operation_free(operation) };
    drop(shared);
    // SAFETY: freed once.
    unsafe { mgu_client_free(client) };
}
