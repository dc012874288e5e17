//! The Graph token on a request.

use crate::{message::Head, refusal::Refusal};

/// The token, when it is one that Graph takes: none at all and `expired` are not.
pub(crate) fn check(head: &Head) -> Result<String, Refusal> {
    let value = head.header("Authorization").unwrap_or_default();
    let token = value.get(..7).filter(|p| p.eq_ignore_ascii_case("Bearer ")).map(|_| value[7..].trim());
    match token {
        Some("expired") => Err(Refusal::new(
            401,
            "InvalidAuthenticationToken",
            "Lifetime validation failed, the token is expired.",
        )),
        Some(token) if !token.is_empty() => Ok(token.to_owned()),
        _ => Err(Refusal::new(401, "InvalidAuthenticationToken", "Access token is empty.")),
    }
}
