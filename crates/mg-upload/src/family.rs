//! The four back ends behind Graph's upload sessions, as data: one engine, a profile for each.

use serde::{Deserialize, Serialize};

/// Graph's fragment unit: every drive fragment but the last is a multiple of it
/// (<https://learn.microsoft.com/graph/api/driveitem-createuploadsession>).
pub const FRAGMENT_UNIT: u64 = 320 * 1024;

/// Which back end a session belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// A file in OneDrive or a SharePoint library.
    Drive,
    /// An attachment of a message, an event or a post.
    Outlook,
    /// An attachment of a To Do task.
    Todo,
    /// A document of a print job.
    Print,
}

/// What one family's protocol asks for. Sizes are bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct Profile {
    /// The family's name in messages, with its article.
    pub noun: &'static str,
    /// Every fragment but the last is a multiple of this; 1 where there is no such rule.
    pub step: u64,
    /// The size of a fragment when the caller names none.
    pub default_chunk: u64,
    /// The largest legal fragment.
    pub max_chunk: u64,
    /// Smallest and largest size of a whole upload.
    pub window: (u64, u64),
    /// What does the job for a size below the window.
    pub below_window: &'static str,
    /// What does it for a size above.
    pub above_window: &'static str,
    /// What PUT appends to the upload URL's path.
    pub put_suffix: &'static str,
    /// Whether requests to the session carry the Graph token (and then only at the Graph host).
    pub needs_token: bool,
    /// How many PUTs of one session may be under way at once.
    pub parallel: usize,
    /// Whether the service reports a quickXorHash to verify with.
    pub has_hash: bool,
}

static DRIVE: Profile = Profile {
    noun: "a drive item",
    step: FRAGMENT_UNIT,
    default_chunk: 32 * FRAGMENT_UNIT,
    // "Less than 60 MiB" excludes 192 units.
    max_chunk: 191 * FRAGMENT_UNIT,
    window: (1, 250 << 30),
    below_window: "an empty file takes no session; PUT it to …/content",
    above_window: "split it, or store it elsewhere",
    put_suffix: "",
    needs_token: false,
    parallel: 1,
    has_hash: true,
};

static OUTLOOK: Profile = Profile {
    noun: "an Outlook attachment",
    step: 1,
    default_chunk: 12 * FRAGMENT_UNIT, // below the documented 4 MB
    max_chunk: 12 * FRAGMENT_UNIT,
    window: (3_000_000, 150 << 20),
    below_window: "attach it directly, with a POST to …/attachments",
    above_window: "store it in OneDrive and send a link",
    put_suffix: "",
    needs_token: false,
    parallel: 1,
    has_hash: false,
};

static TODO: Profile = Profile {
    noun: "a To Do attachment",
    step: 1,
    default_chunk: 12 * FRAGMENT_UNIT,
    max_chunk: 12 * FRAGMENT_UNIT,
    window: (1, 25 << 20),
    below_window: "attach it directly, with a POST to …/attachments",
    above_window: "store it in OneDrive and note a link",
    put_suffix: "/content",
    needs_token: true,
    parallel: 1,
    has_hash: false,
};

static PRINT: Profile = Profile {
    noun: "a print document",
    step: 1,
    default_chunk: 48 * 200 * 1024, // advised multiples of 200 KB, below 10 MB
    max_chunk: 48 * 200 * 1024,
    window: (1, 1 << 30),
    below_window: "an empty document cannot be printed",
    above_window: "print it in parts, a job for each",
    put_suffix: "",
    needs_token: false,
    parallel: 4,
    has_hash: false,
};

impl Family {
    /// The family's rules.
    pub fn profile(self) -> &'static Profile {
        match self {
            Family::Drive => &DRIVE,
            Family::Outlook => &OUTLOOK,
            Family::Todo => &TODO,
            Family::Print => &PRINT,
        }
    }

    /// Tells the family from the shape of an upload URL; what fits no other is a drive's.
    pub fn of_upload_url(url: &str) -> Family {
        let without_query = url.split(['?', '#']).next().unwrap_or(url);
        let host = without_query.split("//").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or("");
        if without_query.contains("/AttachmentSessions(") {
            Family::Outlook
        } else if without_query.contains("/attachmentSessions/") {
            Family::Todo
        } else if without_query.contains("/uploadSessions/")
            && (host.starts_with("print.") || !without_query.contains("/_api/"))
        {
            Family::Print
        } else {
            Family::Drive
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_family_is_told_from_the_url() {
        for (url, family) in [
            (
                "https://contoso-my.sharepoint.com/personal/u/_api/v2.0/drives/d/items/i/uploadSession?guid='g'",
                Family::Drive,
            ),
            ("https://api.onedrive.com/rup/cid/e30=/x", Family::Drive),
            (
                "https://outlook.office.com/api/v2.0/Users('u@t')/Messages('m')/AttachmentSessions('s')?authtoken=e",
                Family::Outlook,
            ),
            (
                "https://graph.microsoft.com/v1.0/users/u/todo/lists/l/tasks/t/attachmentSessions/s",
                Family::Todo,
            ),
            ("https://print.print.microsoft.com/uploadSessions/5400be13?tempauthtoken=t", Family::Print),
            ("http://127.0.0.1:4000/uploadSessions/5400be13?tempauthtoken=t", Family::Print),
            ("not a url", Family::Drive),
        ] {
            assert_eq!(Family::of_upload_url(url), family, "{url}");
        }
    }

    #[test]
    fn chunk_sizes_keep_their_own_rules() {
        for family in [Family::Drive, Family::Outlook, Family::Todo, Family::Print] {
            let profile = family.profile();
            assert_eq!(profile.default_chunk % profile.step, 0);
            assert_eq!(profile.max_chunk % profile.step, 0);
            assert!(profile.default_chunk <= profile.max_chunk);
        }
        assert_eq!(Family::Drive.profile().max_chunk, 62_586_880);
        assert!(Family::Outlook.profile().max_chunk < 4_000_000);
        assert!(Family::Print.profile().max_chunk < 10_000_000);
    }

    /// The services' own numbers, written out: a unit mistaken is a file refused here, or there.
    #[test]
    fn each_family_keeps_its_services_rules() {
        for (family, step, window, suffix, token, parallel, hash) in [
            (Family::Drive, 327_680, (1, 268_435_456_000), "", false, 1, true),
            (Family::Outlook, 1, (3_000_000, 157_286_400), "", false, 1, false),
            (Family::Todo, 1, (1, 26_214_400), "/content", true, 1, false),
            (Family::Print, 1, (1, 1_073_741_824), "", false, 4, false),
        ] {
            let Profile { put_suffix, needs_token, has_hash, .. } = *family.profile();
            assert_eq!((family.profile().step, family.profile().window), (step, window), "{family:?}");
            assert_eq!((put_suffix, needs_token, has_hash), (suffix, token, hash), "{family:?}");
            assert_eq!(family.profile().parallel, parallel, "{family:?}");
        }
    }
}
