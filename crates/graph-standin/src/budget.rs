//! Throttling by a budget of resource units a minute, as SharePoint counts them.

use crate::{
    message::{Answer, Head, Listener},
    refusal::Refusal,
};

const MINUTE: u64 = 60_000;

/// What is used of the minute under way.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    minute: u64,
    used: u64,
}

/// What a request finds.
pub(crate) enum Charge {
    /// It is carried out; what is told of the budget, once most of it is used.
    Within(Vec<(&'static str, String)>),
    /// It is refused.
    Exceeded(Refusal, Vec<(&'static str, String)>),
}

impl Budget {
    /// Takes a request's units. Refused ones count as well.
    pub(crate) fn charge(&mut self, head: &Head, limit: Option<u64>, now: u64) -> Charge {
        let Some(limit) = limit else { return Charge::Within(Vec::new()) };
        if self.minute != now / MINUTE {
            (self.minute, self.used) = (now / MINUTE, 0);
        }
        self.used += units(head);
        let reset = (MINUTE - now % MINUTE).div_ceil(1000);
        let told = |remaining: u64| {
            vec![
                ("RateLimit-Limit", limit.to_string()),
                ("RateLimit-Remaining", remaining.to_string()),
                ("RateLimit-Reset", reset.to_string()),
            ]
        };
        if self.used > limit {
            let mut headers = told(0);
            headers.push(("Retry-After", reset.to_string()));
            return Charge::Exceeded(
                Refusal::new(429, "activityLimitReached", "The app or user has been throttled"),
                headers,
            );
        }
        // Told from four fifths on.
        Charge::Within(if self.used * 5 >= limit * 4 { told(limit - self.used) } else { Vec::new() })
    }
}

/// One unit to read an item, two for a list, and for whatever writes.
fn units(head: &Head) -> u64 {
    let is_list = ["/children", "/delta", "/drives"].iter().any(|end| head.path().ends_with(end));
    match head.method.as_str() {
        "GET" if head.listener == Listener::Graph && !is_list => 1,
        _ => 2,
    }
}

pub(crate) fn with(answer: Answer, headers: Vec<(&'static str, String)>) -> Answer {
    headers.into_iter().fold(answer, |answer, (name, value)| answer.with(name, value))
}
