//! When a request is given up: once its connection has been silent for too long.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::error::TransportFault;
use crate::net::{Request, TransportError, Watch};
use crate::progress::Progress;
use crate::response::Response;

/// How often it is looked whether anything moves, at the least; more often where the limit is short.
const LOOKS: Duration = Duration::from_secs(5);
/// Bytes in a second of the slowest line that is waited for. Once a request's body has left, a proxy may still have to
/// bring all of it to the service.
const SLOWEST: u64 = 64 * 1024;
/// Bytes in a second of the slowest answer that is listened to: one that comes byte by byte might never end.
const SLOWEST_ANSWER: u64 = 1024;

/// What a request goes over.
pub(super) struct Line<'a> {
    progress: &'a Progress,
    watch: Arc<Watch>,
    /// The bytes of the request's body.
    length: u64,
    /// What had been sent before.
    before: u64,
    idle: Duration,
}

impl Line<'_> {
    pub fn of<'a>(request: &Request, progress: &'a Progress, idle: Duration) -> Line<'a> {
        let (length, before) = (request.body.len(), progress.bytes_sent());
        Line { progress, watch: Arc::clone(&request.watch), length, before, idle }
    }

    /// Ends work that stands still. How long it may take in all depends on the line, so that is not limited.
    pub async fn unless_silent(
        &self,
        work: impl Future<Output = Result<Response, TransportError>>,
    ) -> Result<Response, TransportError> {
        let mut work = std::pin::pin!(work);
        let (mut seen, mut moved, mut answering) = (self.moved(), Instant::now(), None);
        loop {
            tokio::select! {
                biased;
                result = &mut work => return result,
                () = sleep(LOOKS.min(self.idle / 4)) => {
                    let (now, limit) = (self.moved(), self.limit());
                    if let (_, heard @ 1..) = now
                        && answering.get_or_insert_with(Instant::now).elapsed() >= self.answer_limit(heard)
                    {
                        let why = format!("of the answer only {heard} bytes came");
                        return Err(TransportError::new(TransportFault::Timeout, why));
                    }
                    // Making a connection has a limit of its own.
                    if now != seen || self.watch.is_connecting() {
                        (seen, moved) = (now, Instant::now());
                    } else if moved.elapsed() >= limit {
                        let why = format!("nothing moved for {} s", limit.as_secs_f64());
                        return Err(TransportError::new(TransportFault::Timeout, why));
                    }
                }
            }
        }
    }

    /// Bytes of bodies that have left, and those of the answer that have come.
    fn moved(&self) -> (u64, u64) {
        (self.progress.bytes_sent() - self.before + self.watch.bytes_taken(), self.watch.bytes_heard())
    }

    /// How long an answer may take from its head on.
    fn answer_limit(&self, heard: u64) -> Duration {
        self.idle + Duration::from_secs(heard / SLOWEST_ANSWER)
    }

    fn limit(&self) -> Duration {
        let (left, heard) = self.moved();
        let is_on_its_way = left >= self.length && heard == 0;
        self.idle + Duration::from_secs(if is_on_its_way { self.length / SLOWEST } else { 0 })
    }
}
