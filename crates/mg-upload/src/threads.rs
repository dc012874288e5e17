//! Threads for what may block. A file, and the state folder too, may lie on a mount that does not answer: a worker that
//! waited for it would hold up every upload that it carries.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::error::Error;

/// Places for work on the files that are uploaded, and places for work on the journal. Together they are fewer than the
/// 512 threads that a runtime allows itself: what hangs on one mount leaves threads for the journal, and for the names
/// that the HTTP library looks up.
pub(crate) static FILES: Semaphore = Semaphore::const_new(256);
pub(crate) static JOURNAL: Semaphore = Semaphore::const_new(64);

/// How long anybody waits for the state folder. A disk that is only slow has answered by then.
const JOURNAL_LIMIT: Duration = Duration::from_secs(30);

/// Does `work` on another thread, from now on if there is a place. Who is no longer interested just stops waiting: the
/// thread ends its work, and its place is taken until then.
pub(crate) fn apart<R: Send + 'static>(
    places: &'static Semaphore,
    work: impl FnOnce() -> R + Send + 'static,
) -> impl Future<Output = Result<R, Error>> {
    let begun = match places.try_acquire() {
        Ok(place) => Ok(begin(place, work)),
        Err(_) => Err(work),
    };
    async move {
        let begun = match begun {
            Ok(begun) => begun,
            Err(work) => begin(places.acquire().await.map_err(unexpected)?, work),
        };
        begun?.await.map_err(unexpected)
    }
}

fn begin<R: Send + 'static>(
    place: SemaphorePermit<'static>,
    work: impl FnOnce() -> R + Send + 'static,
) -> Result<JoinHandle<R>, Error> {
    let work = move || {
        let _place = place;
        work()
    };
    // A runtime that gets no thread from the system has no other way to say so.
    catch_unwind(AssertUnwindSafe(|| spawn_blocking(work))).map_err(|panic| {
        let why = panic.downcast_ref().map_or("", String::as_str).to_owned();
        Error::OutOfResources { what: "further thread", why }
    })
}

fn unexpected(error: impl std::error::Error) -> Error {
    Error::Unexpected(error.to_string())
}

/// The same for work on the journal, which nobody waits for without end.
pub(crate) async fn in_journal<R: Send + 'static>(
    work: impl FnOnce() -> R + Send + 'static,
) -> Result<R, Error> {
    in_time(&JOURNAL, work).await
}

async fn in_time<R: Send + 'static>(
    places: &'static Semaphore,
    work: impl FnOnce() -> R + Send + 'static,
) -> Result<R, Error> {
    let done = tokio::time::timeout(JOURNAL_LIMIT, apart(places, work)).await;
    done.unwrap_or_else(|_| {
        let why = format!("the state folder has not answered for {} s", JOURNAL_LIMIT.as_secs());
        Err(Error::Journal { why })
    })
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use tokio::time::timeout;

    use super::*;
    use crate::error::Kind;

    #[tokio::test(start_paused = true)]
    async fn a_state_folder_that_does_not_answer_is_given_up() {
        static ONE: Semaphore = Semaphore::const_new(1);
        let hung = ONE.acquire().await.unwrap();
        let began = tokio::time::Instant::now();
        let error = in_time(&ONE, || 1).await.unwrap_err();
        assert_eq!((error.kind(), began.elapsed()), (Kind::StateUnusable, JOURNAL_LIMIT));
        drop(hung);
        assert_eq!(in_time(&ONE, || 1).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn who_finds_no_place_waits_for_one_without_a_thread() {
        static TWO: Semaphore = Semaphore::const_new(2);
        let (release, held) = channel::<()>();
        let hung = apart(&TWO, move || held.recv());
        // Given up, and still in its place.
        assert!(timeout(Duration::from_millis(10), hung).await.is_err());
        assert_eq!(apart(&TWO, || 1).await.unwrap(), 1, "there is another");
        let (again, held) = channel::<()>();
        let second = apart(&TWO, move || held.recv());
        let third = apart(&TWO, || 3);
        drop(second);
        let mut third = std::pin::pin!(third);
        assert!(timeout(Duration::from_millis(10), &mut third).await.is_err());
        drop(release);
        assert_eq!(third.await.unwrap(), 3);
        drop(again);
    }
}
