//! Whatever a client sends, the stand-in answers.

use crate::common::{bytes, client};
use graph_standin::Listener;
use serde_json::json;

/// A small generator of numbers, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

#[test]
fn no_request_panics() {
    let mut dice = Dice(7);
    let segments = [
        "v1.0",
        "beta",
        "users",
        "u",
        "drives",
        "d",
        "drive",
        "root",
        "root:",
        "items",
        "a.bin:",
        "%FF",
        "%",
        "..",
        "",
        "createUploadSession",
        "content",
        "children",
        "attachments",
        "messages",
        "todo",
        "lists",
        "tasks",
        "print",
        "printers",
        "jobs",
        "documents",
        "attachmentSessions",
        "uploadSessions",
        "rup",
        "children('",
        "''')",
        ":",
        "missing",
    ];
    let bodies = [
        "",
        "{}",
        "null",
        "[]",
        "{\"item\":1}",
        "{\"AttachmentItem\":{\"size\":-1}}",
        "{\"properties\":{\"size\":1e99}}",
        "\u{0}",
    ];
    let ranges = [
        "bytes 0-2/3",
        "bytes 0-18446744073709551615/18446744073709551615",
        "bytes 18446744073709551614-18446744073709551614/18446744073709551615",
        "bytes -",
        "x",
        "",
    ];
    let mut c =
        client(json!({"outlook": {"minSize": 0, "lifeSeconds": u64::MAX}, "drive": {"keepPartial": true}}));
    let mut urls = vec![c.drive("a.bin"), c.drive("b.bin")];
    for _ in 0..30_000 {
        let target = match dice.below(4) {
            0 => {
                let at = dice.below(urls.len());
                let mut target = urls[at].replace("https://upload.test", "");
                if dice.below(4) == 0 {
                    target.truncate(dice.below(target.len()));
                }
                target
            }
            _ => (0..dice.below(12)).map(|_| format!("/{}", dice.one(&segments))).collect(),
        };
        let listener = if dice.below(2) == 0 { Listener::Graph } else { Listener::Upload };
        let headers = [
            ("Authorization", dice.one(&["Bearer t", "Bearer", "", "Bearer app", "B\u{e4}arer \u{20ac}"])),
            ("Content-Range", dice.one(&ranges)),
            ("If-Match", dice.one(&["*", "\"x\"", ""])),
        ];
        let headers = &headers[..dice.below(4)];
        let body = dice.one(&bodies).as_bytes().to_vec();
        let answer = c
            .deliver(
                listener,
                dice.one(&["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD"]),
                &target,
                headers,
                &body,
            )
            .answer;
        assert!((200..600).contains(&answer.status));
        if dice.below(500) == 0 {
            let name = format!("n{}.bin", urls.len());
            urls.push(c.drive(&name));
        }
    }
    let url = c.drive("whole.bin");
    let all = bytes(9);
    assert_eq!(c.put(&url, &all, 0, 9).status, 201);
}
