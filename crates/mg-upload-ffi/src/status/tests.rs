use super::*;

/// `InvalidInput` as `INVALID_INPUT`.
fn shouted(name: &str) -> String {
    let letters = name.chars().enumerate().flat_map(|(at, letter)| {
        let line = (at > 0 && letter.is_uppercase()).then_some('_');
        line.into_iter().chain(letter.to_uppercase())
    });
    letters.collect()
}

#[test]
fn each_kind_is_the_status_of_its_name() {
    for kind in [
        Kind::InvalidInput,
        Kind::SourceMissing,
        Kind::SourceDenied,
        Kind::SourceChanged,
        Kind::IntegrityMismatch,
        Kind::StateUnusable,
        Kind::Unauthenticated,
        Kind::Forbidden,
        Kind::NotFound,
        Kind::Conflict,
        Kind::Throttled,
        Kind::ServerFault,
        Kind::SessionExpired,
        Kind::RangeRejected,
        Kind::QuotaExceeded,
        Kind::UnexpectedAnswer,
        Kind::Network,
        Kind::Timeout,
        Kind::Cancelled,
        Kind::OutOfResources,
        Kind::Unexpected,
    ] {
        let status = format!("{:?}", mgu_status::from(kind));
        assert_eq!(status, format!("MGU_STATUS_{}", shouted(&format!("{kind:?}"))));
    }
}

#[test]
fn each_phase_keeps_its_name() {
    use mg_upload::Phase;
    for phase in
        [Phase::Starting, Phase::Sending, Phase::Waiting, Phase::Asking, Phase::Verifying, Phase::Done]
    {
        let told = format!("{:?}", mgu_phase::from(phase));
        assert_eq!(told, format!("MGU_PHASE_{}", shouted(&format!("{phase:?}"))));
    }
}

#[test]
fn each_reason_of_a_wait_keeps_its_name() {
    use mg_upload::Reason;
    for reason in [
        Reason::Throttled,
        Reason::ServerFault,
        Reason::ConnectionLost,
        Reason::NoConnection,
        Reason::Paced,
        Reason::Locked,
        Reason::UnknownSession,
        Reason::NameTaken,
        Reason::Unclear,
        Reason::Silent,
    ] {
        let told = format!("{:?}", mgu_wait_reason::from(Some(reason)));
        assert_eq!(told, format!("MGU_WAIT_{}", shouted(&format!("{reason:?}"))));
    }
    assert_eq!(mgu_wait_reason::from(None), mgu_wait_reason::MGU_WAIT_NONE);
}
