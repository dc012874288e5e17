use super::*;

#[test]
fn a_refusal_says_where_how_often_and_why() {
    let error = Error::Refused(Box::new(refusal(409, r#"{"error":{"code":"c","message":"m"}}"#)));
    assert_eq!(error.to_string(), "PUT https://h/… was answered 409 after 2 attempts: c: m");
    for (body, said) in
        [(r#"{"error":{"code":"c"}}"#, ": c"), (r#"{"error":{"message":"m"}}"#, ": m"), ("<html>", "")]
    {
        let mut once = refusal(409, body);
        once.trail.attempts = 1;
        let error = Error::Refused(Box::new(once));
        assert_eq!(error.to_string(), format!("PUT https://h/… was answered 409{said}"));
    }
}

#[test]
fn an_answer_and_a_trail_are_told_where_there_are_any() {
    let unreachable = Error::Unreachable {
        trail: refusal(0, "").trail,
        fault: TransportFault::Connect,
        source: "why".into(),
    };
    let lost = Error::SessionLost { why: "w".into(), refusal: Some(Box::new(refusal(410, ""))) };
    assert_eq!(lost.response().map(|response| response.status), Some(410));
    assert_eq!(lost.trail().map(|trail| trail.attempts), Some(2));
    assert_eq!(unreachable.trail().map(|trail| trail.attempts), Some(2));
    assert!(Error::Cancelled.trail().is_none() && Error::Cancelled.response().is_none());
}
