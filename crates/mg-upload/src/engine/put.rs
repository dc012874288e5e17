//! Fragments on their way out, and what their answers lead to.

use std::sync::Arc;

use super::Outcome;
use super::fragment::{Fragment, Sent};
use super::standing::{End, Known};
use super::step::Step;
use super::upload::Upload;
use crate::client::{Call, Content, Once, Setback};
use crate::error::Error;
use crate::journal::Claim;
use crate::net::{Method, Transport};
use crate::progress::Phase;
use crate::protocol::backoff::backoff;
use crate::protocol::meaning::{Meaning, read_put};
use crate::protocol::plan;
use crate::protocol::range::{self, ByteRange};
use crate::protocol::verdict::Purpose;
use crate::response::Response;
use futures_util::future::join_all;

impl<T: Transport> Upload<'_, T> {
    /// Sends the next fragment, or as many at once as the family allows.
    pub(super) async fn put(&mut self) -> Result<Step, Error> {
        let total = self.total();
        let ranges = plan::next(&self.standing.missing, self.pace.chunk(), self.profile.parallel);
        let Some(first) = ranges.first() else {
            return Ok(self.all_sent());
        };
        self.hash_before(first.first).await?;
        let record = self.claim.as_ref().and_then(Claim::record);
        if ranges.iter().any(|range| range.end() == total) && record.is_some_and(|record| !record.end_begun) {
            self.with_claim(Claim::note_end_begun).await;
        } else if std::mem::take(&mut self.note_is_due) {
            self.with_claim(Claim::rewrite).await;
        }
        self.show_position();
        self.progress.enter(Phase::Sending);
        let repeats = self.tries.put();
        let requests = ranges.iter().map(|range| self.put_fragment(Fragment::new(*range), repeats));
        let results = join_all(requests).await.into_iter().collect::<Result<_, Error>>()?;
        // A body that failed by itself comes back as a broken request; the file's own story is the true one.
        if let Some(failure) = self.source.take_failure() {
            return Err(failure);
        }
        self.settle_all(results)
    }

    async fn put_fragment(
        &self,
        fragment: Fragment,
        repeats: bool,
    ) -> Result<(Sent, Result<Response, Setback>), Error> {
        let url = self.url_for(fragment.range);
        let headers = [
            ("content-type".to_owned(), "application/octet-stream".to_owned()),
            ("content-range".to_owned(), fragment.range.content_range(self.total())),
        ];
        let body = || fragment.watched(self.source.body(fragment.range, Arc::clone(&self.progress)));
        let call = Call {
            method: Method::Put,
            url: &url,
            headers: &headers,
            body: Content::Stream(&body),
            with_token: self.profile.needs_token,
            purpose: Purpose::Put,
        };
        let (tried, is_old) = (self.tries.tried(), self.is_old());
        let mut once = Once { progress: &self.progress, tried, repeats, is_old };
        let result = self.client.exchange(&call, &mut once).await?;
        Ok((fragment.sent(), result))
    }

    /// Where a fragment is sent to.
    fn url_for(&self, range: ByteRange) -> String {
        match self.standing.redirect(range.first) {
            Some(target) => target.to_owned(),
            None => with_suffix(self.standing.url(), self.profile.put_suffix),
        }
    }

    fn settle_all(&mut self, results: Vec<(Sent, Result<Response, Setback>)>) -> Result<Step, Error> {
        let failed = self.tries.failed;
        let sent = results.iter().filter(|(sent, _)| sent.is_whole()).map(|(sent, _)| sent.range);
        let left = sent.fold(self.standing.missing.clone(), |left, range| range::without(&left, range));
        let mut next = Step::Put;
        for (sent, result) in results {
            // Fragments that failed together have failed once.
            self.tries.failed = self.tries.failed.min(failed);
            match self.settle(sent, result, left.is_empty())? {
                Step::Put => {}
                done @ Step::Done(_) => return Ok(done),
                step => next = next.or_graver(step),
            }
        }
        Ok(next)
    }

    /// No byte is missing as far as is known, and no answer has ended the upload.
    fn all_sent(&mut self) -> Step {
        if !self.standing.in_order() && self.standing.known != Known::Told {
            self.tries.failed += 1;
            let after = backoff(self.tries.failed, fastrand::f64());
            let failure =
                Error::RangeRejected("every byte was sent, and the service still expects some".into());
            if self.tries.failed >= self.options.max_attempts {
                return Step::Fail(failure);
            }
            return Step::Ask { after, failure };
        }
        // The answer to the last byte was lost, or the service wants a commit.
        self.complete(Outcome::default())
    }

    /// Every byte has arrived. Only a drive has a commit that can be asked for.
    pub(super) fn complete(&mut self, outcome: Outcome) -> Step {
        if self.standing.has_commit() {
            Step::Done(Box::new(outcome))
        } else {
            self.standing.end = End::Unclear;
            Step::Gone(Error::NotCommitted)
        }
    }

    /// What the answer to one fragment leads to. `all_sent`: with it, and those that were sent beside it, the last byte has
    /// left.
    fn settle(
        &mut self,
        sent: Sent,
        result: Result<Response, Setback>,
        all_sent: bool,
    ) -> Result<Step, Error> {
        let response = match result {
            Ok(response) => response,
            Err(setback) => return self.set_back(sent, setback),
        };
        self.standing.reached(sent.reach);
        match read_put(&response) {
            Meaning::Progress(state) => self.advance(sent, &state, response),
            Meaning::Stored if sent.is_whole() && !self.standing.may_end(sent.range) => {
                self.standing.accepted = true;
                self.pace.took(sent.range.len(), sent.time);
                self.stored(sent.range, response)
            }
            Meaning::Finished { item, location } if all_sent => {
                let Response { status, headers, .. } = response;
                self.progress.set_position(self.total(), self.total());
                let status = Some(status);
                Ok(Step::Done(Box::new(Outcome { item, location, status, headers, committed: true })))
            }
            Meaning::Finished { .. } => {
                self.standing.end = End::Premature;
                Ok(self.unclear(sent.range, "an end before the last byte was sent", response))
            }
            Meaning::Unclear | Meaning::Stored => {
                self.standing.unclear(sent.range);
                Ok(self.unclear(sent.range, "neither a position nor an item", response))
            }
        }
    }
}

/// A URL with something appended to its path.
fn with_suffix(url: &str, suffix: &str) -> String {
    let (path, query) = url.find('?').map_or((url, ""), |at| url.split_at(at));
    format!("{path}{suffix}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suffix_ends_the_path_and_not_the_query() {
        for (url, with) in [
            ("https://h/a", "https://h/a/content"),
            ("https://h/a?b=c?d", "https://h/a/content?b=c?d"),
            ("https://h/a?", "https://h/a/content?"),
        ] {
            assert_eq!(with_suffix(url, "/content"), with);
            assert_eq!(with_suffix(url, ""), url);
        }
    }
}
