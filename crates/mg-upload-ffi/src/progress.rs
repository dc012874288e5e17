//! How far an operation has come, as it crosses the ABI.

use std::mem::offset_of;
use std::time::Duration;

use mg_upload::Snapshot;

use crate::sized::{SizedStruct, size_before};
use crate::status::{mgu_phase, mgu_status, mgu_wait_reason};

/// How far an operation has come. Set `size` to sizeof(mgu_progress).
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct mgu_progress {
    /// sizeof(mgu_progress).
    pub size: usize,
    /// Bytes that the service has or that are on their way to it.
    pub bytes_done: u64,
    /// Bytes of the whole upload; 0 where the operation moves none.
    pub bytes_total: u64,
    /// Requests sent.
    pub requests: u64,
    /// Requests among them that repeat a failed one.
    pub retries: u64,
    /// What is left of the pause in force, in milliseconds; 0 for none.
    pub wait_millis: u64,
    /// What it is doing: an mgu_phase.
    pub phase: u32,
    /// Why it pauses: an mgu_wait_reason, MGU_WAIT_NONE where it does not.
    pub wait_reason: u32,
    /// The HTTP status that has led to the pause; 0 for none.
    pub wait_status: u32,
    /// Of a tree: 1 once all its files are known of; before that, files_known and bytes_total still grow.
    pub files_walked: u32,
    /// Of a tree: files that are settled, each with a row.
    pub files_done: u64,
    /// Of a tree: files that are known of.
    pub files_known: u64,
    /// Of a tree: files that are being sent now.
    pub files_running: u64,
}

// SAFETY: repr(C), and only numbers.
unsafe impl SizedStruct for mgu_progress {
    const NAME: &'static str = "mgu_progress";
    const FORMER: &'static [usize] = &[
        size_before::<Self>(offset_of!(Self, wait_reason)),
        size_before::<Self>(offset_of!(Self, files_done)),
    ];
}

impl mgu_progress {
    pub(crate) fn of(counters: &Snapshot, status: mgu_status) -> mgu_progress {
        // Not every kind of work has phases; each has an end.
        let running = matches!(status, mgu_status::MGU_STATUS_PENDING | mgu_status::MGU_STATUS_TOKEN_WANTED);
        let phase = if running { counters.phase.into() } else { mgu_phase::MGU_PHASE_DONE };
        let pause = counters.pause.filter(|_| running);
        let files = counters.files;
        mgu_progress {
            size: size_of::<mgu_progress>(),
            bytes_done: counters.done,
            bytes_total: counters.total,
            requests: counters.requests,
            retries: counters.retries,
            wait_millis: u64::try_from(pause.map_or(Duration::ZERO, |pause| pause.after).as_millis())
                .unwrap_or(u64::MAX),
            phase: phase as u32,
            wait_reason: mgu_wait_reason::from(pause.map(|pause| pause.reason)) as u32,
            wait_status: pause.and_then(|pause| pause.status).map_or(0, u32::from),
            files_walked: files.is_some_and(|files| files.walked).into(),
            files_done: files.map_or(0, |files| files.done),
            files_known: files.map_or(0, |files| files.known),
            files_running: files.map_or(0, |files| files.running as u64),
        }
    }
}
