//! What an operation has gone through, for those who want to read along. Bounded: what nobody takes makes room for what
//! comes later.

use std::collections::VecDeque;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::error::TransportFault;
use crate::progress::pause::{Pause, Reason};
use crate::shown;

const LIMIT: usize = 256;

/// One thing that has happened. No secret is in it: a target is host and path of Graph, or the host of an upload URL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Event {
    /// A pause has begun.
    Pause {
        /// Why.
        reason: Reason,
        /// The status that has led to it.
        status: Option<u16>,
        /// How long it is.
        wait_millis: u64,
    },
    /// A request has ended.
    Request {
        /// The HTTP method.
        method: &'static str,
        /// Where to.
        target: String,
        /// Its `Content-Range`.
        range: Option<String>,
        /// The answer's status.
        status: Option<u16>,
        /// Why there was no answer.
        fault: Option<TransportFault>,
        /// The same in words.
        why: Option<String>,
        /// The service's id of it.
        request_id: Option<String>,
        /// Ours.
        client_request_id: Option<String>,
        /// How long it took.
        millis: u64,
        /// What was sent to Graph.
        body: Option<GraphBody>,
        /// What Graph answered.
        answer: Option<GraphBody>,
    },
    /// The files of a tree are more than what their folder holds and what is free there.
    ShortOfSpace {
        /// Their bytes, all shards' together.
        bytes: u64,
        /// Bytes that are free there.
        free: u64,
    },
    /// So many events were not taken in time.
    Dropped {
        /// How many.
        count: u64,
    },
}

/// A body of a request to Graph or of its answer. What may be shown of it is worked out when somebody reads it: nobody does as
/// a rule. Of a large one, such as a page of a list, only the size is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct GraphBody(Result<Box<[u8]>, usize>);

/// From this size on a body is large.
const LARGE: usize = 16 * 1024;

impl GraphBody {
    pub(crate) fn of(bytes: &[u8]) -> GraphBody {
        GraphBody(if bytes.len() < LARGE { Ok(bytes.into()) } else { Err(bytes.len()) })
    }

    fn shown(&self) -> String {
        match &self.0 {
            Ok(bytes) => shown::body(bytes),
            Err(size) => format!("({size} bytes)"),
        }
    }
}

impl fmt::Debug for GraphBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

impl Serialize for GraphBody {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.shown())
    }
}

impl From<&Pause> for Event {
    fn from(pause: &Pause) -> Event {
        let wait_millis = u64::try_from(pause.after.as_millis()).unwrap_or(u64::MAX);
        Event::Pause { reason: pause.reason, status: pause.status, wait_millis }
    }
}

/// Events that were not taken yet.
#[derive(Debug, Default)]
pub(crate) struct Events {
    queue: VecDeque<Event>,
    dropped: u64,
}

impl Events {
    /// Of requests there are many, and of what else happens few: they make room first.
    pub fn push(&mut self, event: Event) {
        if self.queue.len() == LIMIT {
            let is_request = |event: &Event| matches!(event, Event::Request { .. });
            self.queue.remove(self.queue.iter().position(is_request).unwrap_or(0));
            self.dropped += 1;
        }
        self.queue.push_back(event);
    }

    pub fn take(&mut self) -> Vec<Event> {
        let dropped = std::mem::take(&mut self.dropped);
        let dropped = (dropped > 0).then_some(Event::Dropped { count: dropped });
        dropped.into_iter().chain(self.queue.drain(..)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_large_body_the_size_is_kept() {
        for (length, shown) in [(LARGE - 1, false), (LARGE, true)] {
            let body = GraphBody::of(format!("[\"{}\"]", "x".repeat(length - 4)).as_bytes());
            assert_eq!(format!("{body:?}") == format!("({length} bytes)"), shown);
        }
    }

    #[test]
    fn what_nobody_takes_makes_room_and_is_counted() {
        let mut events = Events::default();
        let event = |wait_millis| Event::Pause { reason: Reason::Paced, status: None, wait_millis };
        for number in 0..LIMIT as u64 + 3 {
            events.push(event(number));
        }
        let taken = events.take();
        assert_eq!((taken.len(), &taken[0], &taken[1]), (LIMIT + 1, &Event::Dropped { count: 3 }, &event(3)));
        assert!(events.take().is_empty());
    }

    #[test]
    fn requests_make_room_before_what_is_told_once() {
        let request = |millis| Event::Request {
            method: "PUT",
            target: String::new(),
            range: None,
            status: None,
            fault: None,
            why: None,
            request_id: None,
            client_request_id: None,
            millis,
            body: None,
            answer: None,
        };
        let (mut events, once) = (Events::default(), Event::ShortOfSpace { bytes: 2, free: 1 });
        events.push(once.clone());
        (0..LIMIT as u64 + 3).for_each(|number| events.push(request(number)));
        let taken = events.take();
        assert_eq!(taken.len(), LIMIT + 1);
        assert_eq!(taken[..3], [Event::Dropped { count: 4 }, once, request(4)]);
    }
}
