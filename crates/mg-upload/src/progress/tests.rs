use super::*;

#[test]
fn what_is_sent_again_is_never_more_than_all() {
    let progress = Progress::default();
    progress.set_position(3, 5);
    progress.sent(2);
    progress.sent(2);
    let counters = progress.snapshot();
    assert_eq!((counters.done, counters.total, counters.sent), (5, 5, 4));
}
