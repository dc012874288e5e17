//! Files that wait to be sent, in two lanes: large ones must not keep small ones waiting, nor the other way round.

use std::collections::VecDeque;

/// From this size on a file is large: it takes many requests, and a small one two.
const LARGE: u64 = 16 * 1024 * 1024;
/// What each lane holds. The walk waits when one is full.
const ROOM: usize = 256;

/// Files that wait.
#[derive(Debug)]
pub struct Queue<J> {
    small: VecDeque<J>,
    large: VecDeque<J>,
}

impl<J> Default for Queue<J> {
    fn default() -> Self {
        Queue { small: VecDeque::new(), large: VecDeque::new() }
    }
}

/// Whether a file of so many bytes is large.
pub fn is_large(length: u64) -> bool {
    length >= LARGE
}

impl<J> Queue<J> {
    /// Adds a file.
    pub fn push(&mut self, length: u64, job: J) {
        if is_large(length) { self.large.push_back(job) } else { self.small.push_back(job) }
    }

    /// Whether there is room for another, whatever its size.
    pub fn has_room(&self) -> bool {
        self.small.len() < ROOM && self.large.len() < ROOM
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.small.is_empty() && self.large.is_empty()
    }

    /// The next one to send, where `large` of `running` files are large and `at_once` may run. While both wait, half of the
    /// places are for each; a lane with nothing in it leaves its places to the other.
    pub fn take(&mut self, running: usize, large: usize, at_once: usize) -> Option<J> {
        if running >= at_once {
            return None;
        }
        let for_large = (at_once / 2).max(1);
        let small = running - large.min(running);
        // One file at a time: in turns, as they come, for neither lane has a place of its own.
        let large_first =
            large < for_large && (at_once > 1 || small == 0 && self.small.len() <= self.large.len());
        if large_first && !self.large.is_empty() || self.small.is_empty() {
            self.large.pop_front()
        } else {
            self.small.pop_front()
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn while_both_wait_each_has_half_of_the_places() {
        let mut queue = Queue::default();
        for number in 0..20 {
            queue.push(LARGE, ('L', number));
            queue.push(1, ('s', number));
        }
        let mut running = Vec::new();
        while let Some((lane, _)) =
            queue.take(running.len(), running.iter().filter(|lane| **lane == 'L').count(), 8)
        {
            running.push(lane);
        }
        assert_eq!((running.len(), running.iter().filter(|lane| **lane == 'L').count()), (8, 4));
    }

    #[test]
    fn a_lane_alone_has_all_places() {
        for length in [1, LARGE] {
            let mut queue = Queue::default();
            (0..20).for_each(|number| queue.push(length, number));
            let large = |running| if length == LARGE { running } else { 0 };
            assert_eq!((0..8).filter_map(|running| queue.take(running, large(running), 8)).count(), 8);
            assert_eq!(queue.take(8, large(8), 8), None);
        }
    }

    proptest! {
        #[test]
        fn everything_comes_out_once_and_in_the_order_of_its_lane(lengths in prop::collection::vec(prop_oneof![Just(1u64), Just(LARGE)], 0..60), at_once in 1usize..9) {
            let mut queue = Queue::default();
            for (number, length) in lengths.iter().enumerate() {
                queue.push(*length, (number, *length));
            }
            let mut out = Vec::new();
            let mut running: VecDeque<bool> = VecDeque::new();
            while !queue.is_empty() {
                match queue.take(running.len(), running.iter().filter(|large| **large).count(), at_once) {
                    Some((number, length)) => { out.push(number); running.push_back(is_large(length)); }
                    None => { running.pop_front(); }
                }
            }
            for lane in [1, LARGE] {
                let own: Vec<_> = out.iter().filter(|number| lengths[**number] == lane).collect();
                prop_assert!(own.is_sorted());
            }
            out.sort_unstable();
            prop_assert_eq!(out, (0..lengths.len()).collect::<Vec<_>>());
        }
    }
}
