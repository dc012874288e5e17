//! What may be shown of a service's text: the one place where it becomes text of ours. A character that would act on a
//! terminal is shown, not carried out; a secret that the service repeats is not shown at all.

use std::borrow::Cow;
use std::fmt::Write as _;

use memchr::{memchr, memchr_iter, memchr2, memmem};
use serde_json::Value;

use crate::secret::redacted;

/// How much of a body is shown.
const BODY_LIMIT: usize = 4 * 1024;
/// Parts of a secret that are shorter may be words of a message.
const PART: usize = 16;
const MASK: &str = "…";

/// A text on one line, with every character that acts as an escape to be seen: `\u{1b}`.
pub fn visible(text: &str) -> String {
    written(text, |_| false)
}

/// The same for a text of several lines, which stay.
pub fn visible_lines(text: &str) -> String {
    written(&text.replace("\r\n", "\n"), |character| matches!(character, '\n' | '\t'))
}

/// A text with reasons of the system's in it, as a part of a sentence: Windows ends each with a full stop, in front of the
/// number that is added to it.
pub fn within_a_sentence(text: &str) -> String {
    text.replace(". (os error ", " (os error ")
}

fn written(text: &str, stays: impl Fn(char) -> bool) -> String {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if acts(character) && !stays(character) {
            let _ = write!(shown, "{}", character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Whether a character does anything but stand in its place: controls (C0, C1), those that turn the direction of what
/// follows, separators of lines, and those that nobody sees. Joiners stay: names in many languages need them.
fn acts(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{061c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The secrets of one request, and the parts of them that a service may repeat.
pub(crate) struct Secrets<'a>(Vec<Cow<'a, str>>);

impl<'a> Secrets<'a> {
    /// `tokens` go to Graph; `urls` are upload URLs.
    pub fn of(tokens: impl IntoIterator<Item = &'a str>, urls: impl IntoIterator<Item = &'a str>) -> Self {
        let mut parts: Vec<&str> = Vec::new();
        for token in tokens {
            parts.push(token);
            parts.extend(token.split('.'));
        }
        for url in urls {
            let target = url.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
            let Some(target) = target else { continue };
            let (path, query) = target.split_once('?').unwrap_or((target, ""));
            parts.extend([url, target, path, query]);
            let values = query.split('&').filter_map(|pair| pair.split_once('=')).map(|(_, value)| value);
            parts.extend(path.split('/').chain(values));
        }
        parts.retain(|part| part.len() >= PART);
        // As a library writes them that normalises URLs, or that puts one into another. Of a token all of it is looked through.
        let has = |part: &str, byte: u8| memchr(byte, part.as_bytes()).is_some();
        let quoted = parts.iter().filter(|part| has(part, b'\'')).map(|part| part.replace('\'', "%27"));
        let decoded = parts.iter().filter(|part| has(part, b'%')).filter_map(|part| {
            Some(percent_encoding::percent_decode_str(part).decode_utf8().ok()?.into_owned())
        });
        let written: Vec<_> = quoted.chain(decoded).map(Cow::Owned).collect();
        let mut parts: Vec<_> = parts.into_iter().map(Cow::Borrowed).chain(written).collect();
        // The whole before its parts.
        parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
        parts.dedup();
        Secrets(parts)
    }

    /// Secrets that are looked for as they are: parts of them may be parts of data as well.
    pub fn whole(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        Secrets(secrets.into_iter().filter(|secret| secret.len() >= PART).map(Cow::Borrowed).collect())
    }

    /// Takes the secrets out of a text.
    pub fn mask(&self, text: &mut String) {
        for secret in &self.0 {
            if stands_in(text.as_bytes(), secret) {
                *text = text.replace(secret.as_ref(), MASK);
            }
        }
    }

    /// Whether a body may have any of them, by a look at its bytes: JSON has other ways to write the characters of a URL or a
    /// token, but all of them begin alike.
    pub fn may_be_in(&self, body: &[u8]) -> bool {
        let may_be_escaped = || self.0.iter().any(|secret| memchr2(b'"', b'\\', secret.as_bytes()).is_some());
        let mut escapes = memchr_iter(b'\\', body).map(|at| body.get(at + 1)).peekable();
        escapes.peek().is_some() && may_be_escaped()
            || escapes.any(|escaped| matches!(escaped, Some(b'/' | b'u')))
            || self.0.iter().any(|secret| stands_in(body, secret))
    }

    /// Takes the secrets out of a body. JSON is read first: its strings may be written in many ways.
    pub fn mask_body(&self, body: &mut Vec<u8>) {
        let mut text = String::from_utf8_lossy(body).into_owned();
        match serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) {
            Ok(mut json) => {
                let before = json.clone();
                each_string(&mut json, None, &mut |_, text| self.mask(text));
                if json != before {
                    *body = json.to_string().into_bytes();
                }
            }
            Err(_) => {
                let before = text.len();
                self.mask(&mut text);
                if text.len() != before {
                    *body = text.into_bytes();
                }
            }
        }
    }
}

/// Whether a text has a secret in it as it is. Asked for each secret and each header of every answer, and mostly no: so nothing is
/// made of the whole of a token first, which has thousands of characters. A service that repeats the beginning of a URL of its own
/// again and again makes itself wait.
fn stands_in(text: &[u8], secret: &str) -> bool {
    let secret = secret.as_bytes();
    if text.len() < secret.len() {
        return false;
    }
    let start = memmem::Finder::new(&secret[..secret.len().min(PART)]);
    let mut rest = text;
    while let Some(at) = start.find(rest) {
        if rest[at..].starts_with(secret) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}

/// A body of a request to Graph or of its answer, for those who look for a fault: JSON with every URL but a page's cut to
/// its host, for any of them may be one that needs no token. Of anything else only the size.
pub(crate) fn body(bytes: &[u8]) -> String {
    let Ok(mut json) = serde_json::from_slice::<Value>(bytes) else {
        return format!("({} bytes that are no JSON)", bytes.len());
    };
    each_string(&mut json, None, &mut |name, text| {
        let is_page = name.is_some_and(|name| matches!(name, "webUrl" | "@odata.context"));
        if text.contains("://") && !is_page {
            *text = redacted(text);
        }
    });
    let mut text = visible(&json.to_string());
    if text.len() > BODY_LIMIT {
        let end = (0..=BODY_LIMIT).rfind(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
        text.push_str(MASK);
    }
    text
}

fn each_string(json: &mut Value, name: Option<&str>, act: &mut impl FnMut(Option<&str>, &mut String)) {
    match json {
        Value::String(text) => act(name, text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_string(item, name, act)),
        Value::Object(members) => {
            members.iter_mut().for_each(|(name, value)| each_string(value, Some(name), act));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_shown() {
        for (text, shown) in [
            ("plain, ü, 日本, 👩‍👩‍👧, \u{200d}", "plain, ü, 日本, 👩‍👩‍👧, \u{200d}"),
            ("\x1b]52;c;ZXZpbA==\x07", r"\u{1b}]52;c;ZXZpbA==\u{7}"),
            ("\u{9b}2J\u{7f}", r"\u{9b}2J\u{7f}"),
            ("gpj\u{202e}.exe\u{2066}", r"gpj\u{202e}.exe\u{2066}"),
            ("\u{feff}\u{200b}\u{e0041}\u{2028}", r"\u{feff}\u{200b}\u{e0041}\u{2028}"),
            ("a\r\nWARNING: b\tc", r"a\r\nWARNING: b\tc"),
        ] {
            assert_eq!(visible(text), shown);
        }
        assert_eq!(visible_lines("a\r\n\tb\rc\x1b"), "a\n\tb\\rc\\u{1b}");
    }

    #[test]
    fn a_secret_that_is_repeated_is_masked_whole_and_in_parts() {
        let url = "https://h/p/u?guid='0123456789abcdef'&tempauth=eyJ0eXAiOiJKV1Qi%2BLCJ";
        let secrets = Secrets::of(Some("eyJhbGciOi.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJlc2ln"), [url]);
        let masked = |text: &str| {
            let mut text = text.to_owned();
            secrets.mask(&mut text);
            text
        };
        assert_eq!(masked(&format!("the URL {url} is bad")), "the URL … is bad");
        assert_eq!(masked("for /p/u?guid=%270123456789abcdef%27&tempauth=eyJ0eXAiOiJKV1Qi%2BLCJ"), "for …");
        assert_eq!(masked("tempauth eyJ0eXAiOiJKV1Qi+LCJ has expired"), "tempauth … has expired");
        assert_eq!(masked("Bearer eyJhbGciOi.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJlc2ln"), "Bearer …");
        assert_eq!(masked("claims eyJzdWIiOiIxMjM0NTY3ODkwIn0"), "claims …");
        assert_eq!(masked("the host h, path p, guid"), "the host h, path p, guid");
        for (text, has) in
            [("tempauth eyJ0eXAiOiJKV1Qi+LCJ", true), ("eyJzdWIiOiIxMjM0NTY3ODkwIn0", true), ("h p", false)]
        {
            assert_eq!(secrets.may_be_in(text.as_bytes()), has, "{text}");
            assert_eq!(secrets.may_be_in(format!("{}{text}", "x".repeat(9999)).as_bytes()), has, "{text}");
        }
        // A character may be written as an escape; a quotation mark in a tag is none of a URL's or a token's.
        for (text, has) in [(r"eyJ\u0074", true), (r"p\/u", true), (r#""\"{tag},1\"""#, false), (r"\", false)]
        {
            assert_eq!(secrets.may_be_in(text.as_bytes()), has, "{text}");
        }
        assert!(Secrets::whole([r#"a secret "with" marks"#]).may_be_in(br#"a secret \"with\" marks"#));
        // A part of its beginning stands in front of it once more.
        let secret = format!("{}b", "a".repeat(PART));
        for (text, has) in [(format!("{}{secret}", "a".repeat(PART / 2)), true), ("a".repeat(99), false)] {
            assert_eq!(Secrets::whole([secret.as_str()]).may_be_in(text.as_bytes()), has, "{text}");
        }
        // Of a token too, though none should have such characters.
        let odd = Secrets::of(Some("EwCA%2BABCDEF0123456789'"), None);
        assert!(odd.may_be_in(b"for EwCA+ABCDEF0123456789'") && odd.may_be_in(b"EwCA%2BABCDEF0123456789%27"));
        // Short once it is decoded, and a secret all the same.
        let short = Secrets::of(None, ["https://h/p?key=%61%62%63%64%65%66"]);
        assert!(short.may_be_in(b"the key abcdef"));

        let mut body = br#"{"error":{"code":"x","message":"at https:\/\/h\/p\/u?guid='0123456789abcdef'\u0026tempauth=eyJ0eXAiOiJKV1Qi%2BLCJ"}}"#.to_vec();
        secrets.mask_body(&mut body);
        assert_eq!(String::from_utf8(body).unwrap(), r#"{"error":{"code":"x","message":"at …"}}"#);
        let mut same = b"{ \"id\": 1.0 }".to_vec();
        secrets.mask_body(&mut same);
        assert_eq!(same, b"{ \"id\": 1.0 }", "as it came where nothing is masked");
    }

    #[test]
    fn bodies_are_shown_without_the_urls_that_need_no_token() {
        let created =
            br#"{"@odata.context":"https://g/$metadata#x","uploadUrl":"https://h/up?tempauth=t","n":["0-"]}"#;
        assert_eq!(
            body(created),
            r#"{"@odata.context":"https://g/$metadata#x","uploadUrl":"https://h/…","n":["0-"]}"#
        );
        assert_eq!(body(b"<html>\x1b"), "(7 bytes that are no JSON)");
        assert!(body(format!("[\"{}\"]", "ü".repeat(5000)).as_bytes()).len() < 4200);
    }
}
