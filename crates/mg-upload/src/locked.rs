//! Mutexes that a panic does not close.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks. Nothing that is kept behind our mutexes is ever half changed, so that a panic elsewhere is no reason to fail here.
pub fn locked<V>(shared: &Mutex<V>) -> MutexGuard<'_, V> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
