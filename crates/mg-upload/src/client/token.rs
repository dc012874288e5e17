//! The token for Graph, and how another one is asked for: by a pull. Whoever waits for an operation is told that one is
//! wanted, and hands it in. Nobody is called back.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::locked::locked;
use crate::progress::Progress;
use crate::progress::wanted::{Lack, Wanted};
use crate::response::Response;
use crate::secret::Secret;

/// A token is renewed when less than this is left of it.
const AHEAD: Duration = Duration::from_secs(300);
/// A token that lives no longer than that is used for this long all the same, or for half of its life.
const LEAST: Duration = Duration::from_secs(10);

/// The token of one client.
pub(crate) struct Tokens {
    state: Mutex<State>,
    changed: watch::Sender<()>,
    /// How long a token is waited for that was asked for; nobody is asked where it is zero.
    patience: Duration,
}

#[derive(Default)]
struct State {
    token: Option<Secret>,
    renew_at: Option<Instant>,
    /// Grows with each token.
    version: u64,
    /// What is asked for now; one for all that need it.
    open: Option<Wanted>,
    /// The number that was last given to a question.
    asked: u64,
    /// Nobody could hand one in.
    declined: bool,
}

impl State {
    fn put(&mut self, token: Option<Secret>, lives: Option<Duration>) {
        let renew_after = |lives: Duration| lives.saturating_sub(AHEAD).max(LEAST.min(lives / 2));
        self.renew_at = lives.and_then(|lives| Instant::now().checked_add(renew_after(lives)));
        self.declined = false;
        self.version += 1;
        self.token = token;
        self.open = None;
    }

    /// The question that is open, else a new one.
    fn ask(&mut self, lack: Lack, claims: Option<String>) -> Wanted {
        if let Some(open) = &self.open
            && (claims.is_none() || open.claims == claims)
        {
            return open.clone();
        }
        self.asked += 1;
        let wanted = Wanted { number: self.asked, lack, claims };
        self.open = Some(wanted.clone());
        wanted
    }
}

impl Tokens {
    pub(crate) fn new(patience: Duration) -> Tokens {
        Tokens { state: Mutex::default(), changed: watch::Sender::new(()), patience }
    }

    pub(crate) fn present(&self) -> Option<Secret> {
        self.state().token.clone()
    }

    /// The token that a request takes along, and its version.
    pub(crate) fn version(&self) -> u64 {
        self.state().version
    }

    /// Whether there is one, or may be.
    pub(crate) fn may_have(&self) -> bool {
        let state = self.state();
        state.token.is_some() || (!self.patience.is_zero() && !state.declined)
    }

    pub(crate) fn set(&self, token: Option<Secret>, lives: Option<Duration>) {
        self.state().put(token, lives);
        self.changed.send_replace(());
    }

    /// Answers a question; whether it was still open. `None`: there is no token to be had.
    pub(crate) fn answer(&self, number: u64, token: Option<Secret>, lives: Option<Duration>) -> bool {
        let mut state = self.state();
        let is_open = state.open.as_ref().is_some_and(|open| open.number == number);
        if is_open {
            if token.is_some() {
                state.put(token, lives);
            } else {
                state.open = None;
                state.declined = true;
            }
        }
        drop(state);
        self.changed.send_replace(());
        is_open
    }

    pub(crate) fn is_open(&self, number: u64) -> bool {
        self.state().open.as_ref().is_some_and(|open| open.number == number)
    }

    /// Sees to it that there is a token that is good for a while, as far as one can be had.
    pub(crate) async fn ready(&self, progress: &Progress) {
        let (version, lack) = {
            let state = self.state();
            let is_ending = state.renew_at.is_some_and(|time| Instant::now() >= time);
            match (&state.token, is_ending) {
                (Some(_), false) => return,
                (Some(_), true) => (state.version, Lack::Ending),
                (None, _) => (state.version, Lack::Missing),
            }
        };
        self.newer(version, lack, None, progress).await;
    }

    /// Whether a newer token has come than that of `version`, which the service has refused with this answer.
    pub(crate) async fn replaced(&self, version: u64, response: &Response, progress: &Progress) -> bool {
        self.newer(version, Lack::Refused, claims(response), progress).await
    }

    async fn newer(&self, version: u64, lack: Lack, claims: Option<String>, progress: &Progress) -> bool {
        if self.patience.is_zero() {
            return false;
        }
        let mut changed = self.changed.subscribe();
        let wanted = {
            let mut state = self.state();
            if state.version > version {
                return true;
            }
            state.ask(lack, claims)
        };
        let number = wanted.number;
        let _asking = progress.want(wanted);
        let answered = async { while self.is_open(number) && changed.changed().await.is_ok() {} };
        let _ = timeout(self.patience, answered).await;
        let mut state = self.state();
        if state.open.as_ref().is_some_and(|open| open.number == number) {
            // Nobody answers: the next one asks anew.
            state.open = None;
        }
        state.version > version
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }
}

/// What a challenge says that a new token must have, as the service wrote it: base64 of JSON
/// (<https://learn.microsoft.com/entra/identity-platform/claims-challenge>).
fn claims(response: &Response) -> Option<String> {
    let challenge = response.header("www-authenticate")?;
    let start = challenge.to_ascii_lowercase().find("claims=\"")? + "claims=\"".len();
    let value = challenge[start..].split('"').next()?;
    let is_plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte));
    (is_plain && !value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Option<Secret> {
        Some(Secret::new(text))
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_renewed_before_it_ends_and_not_all_the_time() {
        for (lives, after) in [(3600, 3300), (310, 10), (280, 10), (60, 10), (8, 4)] {
            let tokens = Tokens::new(Duration::from_secs(1));
            tokens.set(secret("a"), Some(Duration::from_secs(lives)));
            let renew_at = tokens.state().renew_at.unwrap();
            assert_eq!((renew_at - Instant::now()).as_secs(), after, "{lives}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn many_ask_once() {
        let (tokens, progress) = (Tokens::new(Duration::from_secs(60)), Progress::default());
        let all = futures_util::future::join_all((0..8).map(|_| tokens.ready(&progress)));
        let answer = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let wanted = progress.wanted().unwrap();
            assert_eq!((wanted.number, wanted.lack, wanted.claims), (1, Lack::Missing, None));
            assert!(tokens.answer(1, secret("a"), None));
            assert!(!tokens.answer(1, secret("b"), None), "the second answer comes too late");
        };
        tokio::join!(all, answer);
        assert_eq!((tokens.present().unwrap().expose(), tokens.state().asked), ("a", 1));
        assert!(progress.wanted().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_answer_or_declines_is_waited_for_no_longer() {
        let (tokens, progress) = (Tokens::new(Duration::from_secs(60)), Progress::default());
        let began = Instant::now();
        tokens.ready(&progress).await;
        assert_eq!(began.elapsed().as_secs(), 60);
        assert!(tokens.may_have() && progress.wanted().is_none());
        let decline = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            tokens.answer(progress.wanted().unwrap().number, None, None);
        };
        tokio::join!(tokens.ready(&progress), decline);
        assert_eq!(began.elapsed().as_secs(), 61);
        assert!(!tokens.may_have());
        tokens.set(secret("a"), None);
        assert!(tokens.may_have());
    }

    #[test]
    fn claims_are_those_of_the_challenge() {
        let claims_of = |header: &str| {
            claims(&Response {
                status: 401,
                headers: vec![("WWW-Authenticate".into(), header.into())],
                body: vec![],
            })
        };
        let challenge = "Bearer realm=\"\", error=\"insufficient_claims\", claims=\"eyJhIjoxfQ==\"";
        assert_eq!(claims_of(challenge).as_deref(), Some("eyJhIjoxfQ=="));
        for nothing in ["Bearer", "Bearer claims=\"\"", "Bearer claims=\"a b\"", "Bearer claims"] {
            assert_eq!(claims_of(nothing), None, "{nothing}");
        }
    }
}
