//! The threads that operations run on.
//!
//! Two runtimes of one worker each, not one runtime of two: in that one a connection's task wanders from worker to
//! worker, and its data from cache to cache. Measured over TLS, 1 GiB took 1.15 of the time.

use std::sync::Arc;

use mg_upload::Error;
use tokio::runtime::{Builder, EnterGuard, Runtime};

/// The name of the threads; the panic hook knows them by it.
pub(crate) const WORKER_NAME: &str = "mg-upload";

/// Two threads: each encrypts more than ten gigabits a second.
pub(crate) struct Lanes {
    first: Lane,
    second: Lane,
}

struct Lane {
    runtime: Runtime,
    /// Each operation under way holds a clone: the count tells the load.
    load: Arc<()>,
}

impl Lane {
    fn start() -> Result<Lane, Error> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name(WORKER_NAME)
            .enable_all()
            .build()
            .map_err(|error| Error::OutOfResources { what: "event queue", why: error.to_string() })?;
        Ok(Lane { runtime, load: Arc::default() })
    }
}

impl Lanes {
    pub(crate) fn start() -> Result<Lanes, Error> {
        Ok(Lanes { first: Lane::start()?, second: Lane::start()? })
    }

    /// Lets the calling thread make what needs a runtime.
    pub(crate) fn enter(&self) -> EnterGuard<'_> {
        self.first.runtime.enter()
    }

    /// Runs `work` where less is under way; in the first lane when in doubt, so that uploads one after another use the
    /// same connection from the same thread. `end` is told the outcome once the work counts no more: who waits for that
    /// may start the next at once.
    pub(crate) fn spawn<R>(
        &self,
        work: impl Future<Output = R> + Send + 'static,
        end: impl FnOnce(R) + Send + 'static,
    ) {
        let Lanes { first, second } = self;
        let busier = Arc::strong_count(&first.load) > Arc::strong_count(&second.load);
        let lane = if busier { second } else { first };
        let load = Arc::clone(&lane.load);
        lane.runtime.spawn(async move {
            let outcome = work.await;
            drop(load);
            end(outcome);
        });
    }

    /// Ends without waiting for anything.
    pub(crate) fn shut_down(self) {
        self.first.runtime.shutdown_background();
        self.second.runtime.shutdown_background();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread;

    use super::*;

    #[test]
    fn what_comes_one_after_another_stays_on_one_thread() {
        let lanes = Lanes::start().unwrap();
        let (told, heard) = channel();
        let threads = (0..500).map(|_| {
            let told = told.clone();
            lanes.spawn(async { thread::current().id() }, move |thread| told.send(thread).unwrap());
            heard.recv().unwrap()
        });
        let mut threads: Vec<_> = threads.collect();
        threads.dedup();
        assert_eq!(threads.len(), 1);
    }

    #[test]
    fn two_at_once_take_a_thread_each() {
        let lanes = Lanes::start().unwrap();
        let (told, heard) = channel();
        let (release, held) = tokio::sync::oneshot::channel::<()>();
        let ended = told.clone();
        let first = async {
            let _ = held.await;
            thread::current().id()
        };
        lanes.spawn(first, move |thread| ended.send(thread).unwrap());
        lanes.spawn(async { thread::current().id() }, move |thread| told.send(thread).unwrap());
        let second = heard.recv().unwrap();
        release.send(()).unwrap();
        assert_ne!(heard.recv().unwrap(), second);
    }
}
