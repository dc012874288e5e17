//! The help pages of the cmdlets in the table.

use crate::Output;
use crate::table::Table;

/// One Markdown page a cmdlet.
pub fn write(_table: &Table) -> Vec<Output> {
    Vec::new()
}
