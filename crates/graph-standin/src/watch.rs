//! The rules that a client has to keep, and who broke them.

use crate::{
    clock,
    message::{Answer, Family, Head, Listener},
    put::UNIT,
    range::ContentRange,
    session::Session,
    sessions::Sessions,
};
use std::collections::BTreeMap;

/// What else may have been under way has arrived by then.
const GRACE_MILLIS: u64 = 1000;

/// What a client has been told to leave alone, and cannot have under way once it was told.
pub(crate) enum Throttled {
    /// A target that is asked one request after another.
    Target(String),
    /// A target that is sent several requests at once, of which this body is one.
    Body(String, Vec<u8>),
    /// Nothing: any of its requests may be one that was under way.
    Nothing,
}

struct Pause {
    listener: Listener,
    throttled: Throttled,
    since: u64,
    until: u64,
}

#[derive(Default)]
pub(crate) struct Watch {
    texts: Vec<String>,
    pauses: Vec<Pause>,
}

impl Watch {
    fn note(&mut self, number: u64, head: &Head, what: &str) {
        self.texts.push(format!("request {number} ({} {}): {what}", head.method, head.path()));
    }

    /// What shows in the head alone.
    pub(crate) fn on_head(&mut self, number: u64, head: &Head, now: u64) {
        if head.listener == Listener::Upload && head.header("Authorization").is_some() {
            self.note(number, head, "Authorization was sent to the upload host");
        }
        if head.method == "DELETE" {
            return;
        }
        self.pauses.retain(|pause| now < pause.until);
        let broken = self.pauses.iter().find(|pause| {
            let same = matches!(&pause.throttled, Throttled::Target(target) if *target == head.target);
            let grace = if same { 0 } else { GRACE_MILLIS };
            pause.listener == head.listener && now >= pause.since + grace
        });
        if let Some(until) = broken.map(|pause| pause.until) {
            self.note_early(number, head, until - now);
        }
    }

    /// What shows in the body of a request that may have others of its target beside it: whether it is a repetition.
    pub(crate) fn on_body(&mut self, number: u64, head: &Head, body: &[u8], now: u64) {
        let broken = self.pauses.iter().find(|pause| {
            let same = matches!(&pause.throttled, Throttled::Body(target, own) if *target == head.target && own == body);
            same && now < pause.until.min(pause.since + GRACE_MILLIS)
        });
        if let Some(until) = broken.map(|pause| pause.until) {
            self.note_early(number, head, until - now);
        }
    }

    fn note_early(&mut self, number: u64, head: &Head, millis: u64) {
        self.note(number, head, &format!("sent {millis} ms before Retry-After has passed"));
    }

    /// What shows in a PUT's range.
    pub(crate) fn on_put(
        &mut self,
        number: u64,
        head: &Head,
        session: &Session,
        range: ContentRange,
        now: u64,
    ) {
        if range.first <= range.last && head.content_length() != Some(range.length()) {
            self.note(number, head, "Content-Length differs from the length of the range");
        }
        if session.family == Family::Drive && !range.is_last() && !range.length().is_multiple_of(UNIT) {
            let what =
                format!("a fragment of {} bytes, no multiple of 327,680, before the last", range.length());
            self.note(number, head, &what);
        }
        if session.family != Family::Print
            && session.is_open(now)
            && let Some(told) = session.told.filter(|told| *told != range.first)
        {
            let what = format!("first byte {} where {told} was reported as missing", range.first);
            self.note(number, head, &what);
        }
    }

    pub(crate) fn on_overlap(&mut self, number: u64, head: &Head) {
        self.note(number, head, "another PUT on the session was sent while this one was in flight");
    }

    pub(crate) fn on_crowd(&mut self, number: u64, head: &Head) {
        self.note(number, head, "more than four PUTs in flight on a print session");
    }

    pub(crate) fn on_changed_target(&mut self, number: u64, head: &Head) {
        self.note(number, head, "the bytes of the upload URL were changed");
    }

    pub(crate) fn on_encoded_quote(&mut self, number: u64, head: &Head) {
        self.note(number, head, "a quote of the upload URL was sent as %27");
    }

    /// Remembers how long a listener asked to be left alone.
    pub(crate) fn on_answer(&mut self, head: &Head, answer: &Answer, throttled: Throttled, now: u64) {
        let wait = answer.header("Retry-After").and_then(|value| clock::retry_after(value, now));
        if let Some(wait) = wait.filter(|wait| *wait > 0 && answer.status >= 400) {
            let until = now.saturating_add(wait);
            self.pauses.push(Pause { listener: head.listener, throttled, since: now, until });
        }
    }

    /// Everything that was broken, and what is broken as things stand.
    pub(crate) fn texts(&self, sessions: &Sessions, now: u64) -> Vec<String> {
        let mut open: BTreeMap<String, usize> = BTreeMap::new();
        for session in sessions.iter() {
            if session.family == Family::Drive && session.fed && !session.lost && session.is_open(now) {
                *open.entry(session.destination()).or_default() += 1;
            }
        }
        let left = open.into_iter().filter(|(_, count)| *count > 1);
        let left = left.map(|(destination, count)| format!("{count} sessions left open for {destination}"));
        self.texts.iter().cloned().chain(left).collect()
    }
}
