//! What a test may choose about attachments and print documents.

use serde::{Deserialize, Serialize};

use super::{Casing, RangeForm};

/// Outlook attachments.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct OutlookConfig {
    /// Smallest attachment that a session takes.
    pub min_size: u64,
    /// Largest.
    pub max_size: u64,
    /// Largest sum of a message's attachments.
    pub message_limit: u64,
    /// Largest PUT.
    pub max_put: u64,
    /// Casing of the session's members after the creation.
    pub casing: Casing,
    /// Form of the ranges after the creation.
    pub range_form: RangeForm,
    /// Life of a session.
    pub life_seconds: u64,
    /// How many attachments a page of their list has.
    pub page_size: usize,
    /// Body of every message, in HTML.
    pub body: String,
}

impl Default for OutlookConfig {
    fn default() -> Self {
        Self {
            min_size: 3_000_000,
            max_size: 150 * 1024 * 1024,
            message_limit: 150 * 1024 * 1024,
            max_put: 60 * 1024 * 1024,
            casing: Casing::Pascal,
            range_form: RangeForm::StartOnly,
            life_seconds: 86_400,
            page_size: 10,
            body: String::new(),
        }
    }
}

/// To Do attachments.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct TodoConfig {
    /// Largest attachment.
    pub max_size: u64,
    /// Largest PUT.
    pub max_put: u64,
    /// 200 as the API page says, or 201 as the concept page says.
    pub create_status: u16,
    /// Casing of the session's members after the creation.
    pub casing: Casing,
    /// Form of the ranges after the creation.
    pub range_form: RangeForm,
    /// Life of a session.
    pub life_seconds: u64,
}

impl Default for TodoConfig {
    fn default() -> Self {
        Self {
            max_size: 25 * 1024 * 1024,
            max_put: 4 * 1024 * 1024,
            create_status: 200,
            casing: Casing::Pascal,
            range_form: RangeForm::StartOnly,
            life_seconds: 86_400,
        }
    }
}

/// Print documents.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct PrintConfig {
    /// Largest document.
    pub max_size: u64,
    /// Largest PUT.
    pub max_put: u64,
    /// The content types that the printer takes; all when left out.
    pub content_types: Option<Vec<String>>,
    /// Life of a session.
    pub life_seconds: u64,
    /// Write the last range's end one too high, as Microsoft's example does.
    pub end_off_by_one: bool,
    /// Refuse to tell what a printer takes, as to everybody who may only print.
    pub hides_capabilities: bool,
    /// Leave the documents out of a new job.
    pub jobs_without_documents: bool,
    /// How long a job takes.
    pub job_seconds: u64,
    /// The state that it ends in.
    pub job_end: String,
}

impl Default for PrintConfig {
    fn default() -> Self {
        Self {
            max_size: 1024 * 1024 * 1024,
            max_put: 10_000_000,
            content_types: None,
            life_seconds: 3600,
            end_off_by_one: false,
            hides_capabilities: false,
            jobs_without_documents: false,
            job_seconds: 2,
            job_end: "completed".into(),
        }
    }
}
