//! Threads for what may block. A file, and the state folder too, may lie on a mount that does not answer: a worker that
//! waited for it would hold up every upload that it carries.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit, oneshot};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

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
    let work = |_place: SemaphorePermit<'static>| work();
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
    work: impl FnOnce(SemaphorePermit<'static>) -> R + Send + 'static,
) -> Result<JoinHandle<R>, Error> {
    let work = move || work(place);
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

/// Work on the journal, and after it, by the same thread, work on a file: of a small one, handing over is most of what such work
/// costs. From then on it has a place among the files. The second outcome is `None` where there is none left, or where the journal has
/// kept the thread: then the work on the file is still to be done.
pub(crate) async fn in_journal_then<A: Send + 'static, B: Send + 'static>(
    first: impl FnOnce() -> A + Send + 'static,
    then: impl FnOnce() -> B + Send + 'static,
) -> (Result<A, Error>, impl Future<Output = Option<B>>) {
    in_time_then(&JOURNAL, first, then).await
}

async fn in_time_then<A: Send + 'static, B: Send + 'static>(
    places: &'static Semaphore,
    first: impl FnOnce() -> A + Send + 'static,
    then: impl FnOnce() -> B + Send + 'static,
) -> (Result<A, Error>, impl Future<Output = Option<B>>) {
    let (tell, told) = oneshot::channel();
    let both = move |place: SemaphorePermit<'static>| {
        let is_awaited = tell.send(first()).is_ok();
        drop(place);
        let _place = FILES.try_acquire().ok().filter(|_| is_awaited)?;
        Some(then())
    };
    let begun = async {
        let begun = begin(places.acquire().await.map_err(unexpected)?, both)?;
        Ok((told.await.map_err(unexpected)?, begun))
    };
    let (first, begun) = match timeout(JOURNAL_LIMIT, begun).await.unwrap_or_else(|_| Err(hung())) {
        Ok((first, begun)) => (Ok(first), Some(begun)),
        Err(error) => (Err(error), None),
    };
    (first, async { begun?.await.ok()? })
}

async fn in_time<R: Send + 'static>(
    places: &'static Semaphore,
    work: impl FnOnce() -> R + Send + 'static,
) -> Result<R, Error> {
    let done = timeout(JOURNAL_LIMIT, apart(places, work)).await;
    done.unwrap_or_else(|_| Err(hung()))
}

fn hung() -> Error {
    Error::Journal { why: format!("the state folder has not answered for {} s", JOURNAL_LIMIT.as_secs()) }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

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

    #[tokio::test(start_paused = true)]
    async fn one_thread_does_both_and_what_the_journal_keeps_from_beginning_is_left_to_others() {
        static ONE: Semaphore = Semaphore::const_new(1);
        let id = || std::thread::current().id();
        let (first, then) = in_time_then(&ONE, id, id).await;
        assert_eq!(first.unwrap(), then.await.unwrap());
        let (release, held) = channel::<()>();
        let (first, then) = in_time_then(&ONE, || 1, move || held.recv()).await;
        assert_eq!(first.unwrap(), 1);
        // A file that hangs keeps no place of the journal's.
        let hung = ONE.acquire().await.unwrap();
        drop(release);
        assert!(then.await.is_some());
        let (first, then) = in_time_then(&ONE, || 1, || 2).await;
        assert_eq!((first.unwrap_err().kind(), then.await), (Kind::StateUnusable, None));
        drop(hung);
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
