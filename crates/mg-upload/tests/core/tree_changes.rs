//! Whole trees: files that are written to while the tree is sent.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use graph_standin::Config;
use mg_upload::net::{Body, Method, Request};
use serde_json::{Value, json};

use crate::support::{InProcess, client, content};
use crate::tree::{Ran, request, send, stored, with};

/// A file that is written to before each request for which `when` says so, and what has become of it.
struct Changing {
    folder: tempfile::TempDir,
    transport: InProcess,
}

impl Changing {
    fn new(length: u64, when: impl Fn(&Request) -> bool + Send + Sync + 'static) -> Changing {
        let config = Config::default().merged(&json!({ "keepBytes": true })).unwrap();
        let (folder, mut transport) = (tempfile::tempdir().unwrap(), InProcess::new(config));
        fs::create_dir_all(folder.path().join("Reports")).unwrap();
        let path = Changing::path(folder.path());
        write(&path, &content(length));
        transport.watch = Some(Arc::new(move |request| {
            if when(request) {
                let mut bytes = fs::read(&path).unwrap();
                bytes.push(b'x');
                write(&path, &bytes);
            }
        }));
        Changing { folder, transport }
    }

    fn path(folder: &Path) -> PathBuf {
        folder.join("Reports/a.log")
    }

    async fn send(&self, more: &Value) -> Ran {
        let client = client(&self.transport, self.folder.path());
        let ran = send(&client, &with(request(self.folder.path()), more)).await;
        assert_eq!((ran.rows.len(), ran.count("uploaded")), (1, 1), "{:#?}", ran.rows);
        ran
    }

    /// The times that sessions were asked for with.
    fn times(&self) -> Vec<jiff::Timestamp> {
        let service = self.transport.service();
        let created = service.requests().iter().filter(|asked| asked.target.contains("createUploadSession"));
        let times = created.map(|asked| {
            let body: Value = serde_json::from_str(asked.body.as_deref().unwrap()).unwrap();
            body["item"]["fileSystemInfo"]["lastModifiedDateTime"].as_str().unwrap().parse().unwrap()
        });
        times.collect()
    }

    fn sent_as_it_is_now(&self, ran: &Ran) {
        let now = fs::read(Changing::path(self.folder.path())).unwrap();
        assert_eq!(ran.rows[0]["length"], now.len());
        assert!(stored(&self.transport, "Archive/2026/Reports")["a.log"] == now);
    }
}

/// Writes a file whose time is ten seconds later than it was.
fn write(path: &Path, bytes: &[u8]) {
    let before = fs::metadata(path).and_then(|was| was.modified());
    let time = before.unwrap_or(SystemTime::now() - Duration::from_secs(100_000)) + Duration::from_secs(10);
    fs::write(path, bytes).unwrap();
    File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

/// Its folder is made once it was found, and before anything is asked for it.
fn makes_its_folder(request: &Request) -> bool {
    let Body::Bytes(body) = &request.body else { return false };
    request.method == Method::Post && body.windows(9).any(|part| part == b"\"Reports\"")
}

#[tokio::test(start_paused = true)]
async fn what_was_written_to_since_it_was_found_is_sent_with_the_time_that_it_has_by_then() {
    for length in [3000, 11 << 20] {
        let changing = Changing::new(length, makes_its_folder);
        let ran = changing.send(&json!({})).await;
        changing.sent_as_it_is_now(&ran);
        let times = changing.times();
        assert_eq!(times.len(), 2);
        assert_eq!(times[1].duration_since(times[0]).as_secs(), 10, "{length}");
        let ended = |asked: &&graph_standin::Recorded| asked.method == "DELETE";
        assert_eq!(changing.transport.service().requests().iter().filter(ended).count(), 1);
        // So it is the same when it is found again.
        let client = client(&changing.transport, changing.folder.path());
        let again = send(&client, &request(changing.folder.path())).await;
        assert_eq!(again.count("unchanged"), 1, "{:#?}", again.rows);
    }
    let waived = Changing::new(3000, makes_its_folder);
    let ran = waived.send(&json!({ "preserveTime": false })).await;
    waived.sent_as_it_is_now(&ran);
}

#[tokio::test(start_paused = true)]
async fn what_is_written_to_all_the_time_is_sent_as_it_is_opened() {
    for length in [3000, 11 << 20] {
        let changing = Changing::new(length, |request| request.url.expose().contains("createUploadSession"));
        let ran = changing.send(&json!({})).await;
        changing.sent_as_it_is_now(&ran);
        assert_eq!(changing.times().len(), 2);
    }
}

// Windows keeps writers out while a file is read.
#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn what_is_written_to_under_way_is_sent_once_more() {
    let puts = std::sync::atomic::AtomicUsize::default();
    let changing = Changing::new(21 << 20, move |request| {
        request.method == Method::Put && puts.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 1
    });
    let ran = changing.send(&json!({})).await;
    changing.sent_as_it_is_now(&ran);
    assert_eq!(changing.times().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_by_then_is_told_as_that() {
    // Where its session has the time that it had, it is written to first, and gone once it is to be looked at again.
    for more in [json!({}), json!({ "preserveTime": false })] {
        let folder = tempfile::tempdir().unwrap();
        let path = Changing::path(folder.path());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        write(&path, &content(3000));
        let mut transport = InProcess::new(Config::default());
        let (file, is_waived) = (path.clone(), more.get("preserveTime").is_some());
        transport.watch = Some(Arc::new(move |request| match request.method {
            Method::Post if makes_its_folder(request) && is_waived => fs::remove_file(&file).unwrap(),
            Method::Post if makes_its_folder(request) => write(&file, &content(3001)),
            Method::Delete => drop(fs::remove_file(&file)),
            _ => {}
        }));
        let wanted = with(request(folder.path()), &more);
        let ran = send(&client(&transport, folder.path()), &wanted).await;
        assert_eq!(ran.count("failed"), 1, "{:#?}", ran.rows);
        assert_eq!(ran.rows[0]["error"]["kind"], "SourceMissing", "{more}");
    }
}
