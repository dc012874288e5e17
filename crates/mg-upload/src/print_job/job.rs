//! A job that is wanted, and the printer that it goes to.

use serde::Deserialize;
use serde_json::value::to_raw_value;
use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::protocol::place::{encode, is_dots};
use crate::protocol::session::CreateRequest;

/// Where a job goes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Printer {
    /// A printer by its id.
    PrinterId(String),
    /// A share by its id: what users print to.
    ShareId(String),
}

/// A job that is wanted.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewJob {
    /// Where it goes.
    #[serde(flatten)]
    pub printer: Printer,
    /// The document's name.
    pub name: String,
    /// Its media type; where it is left out, that of the name's extension.
    #[serde(default)]
    pub content_type: Option<String>,
    /// How it is printed: a printJobConfiguration of Graph's.
    #[serde(default)]
    pub configuration: Map<String, Value>,
}

impl Printer {
    pub(super) fn path(&self) -> Result<String, Error> {
        let (noun, id) = match self {
            Printer::PrinterId(id) => ("printers", id),
            Printer::ShareId(id) => ("shares", id),
        };
        if id.is_empty() || is_dots(id) {
            return Err(Error::InvalidInput("the printer's id is missing or empty".into()));
        }
        Ok(format!("/v1.0/print/{noun}/{}", encode(id)))
    }

    /// The request for the session of a job's document.
    pub(super) fn request(
        &self,
        job: &str,
        document: &str,
        properties: &Value,
    ) -> Result<CreateRequest, Error> {
        let (route, name, id) = match self {
            Printer::PrinterId(id) => ("MgPrintPrinterJobDocumentUploadSession", "PrinterId", id),
            Printer::ShareId(id) => ("MgPrintShareJobDocumentUploadSession", "PrinterShareId", id),
        };
        let ids = [(name, id.as_str()), ("PrintJobId", job), ("PrintDocumentId", document)];
        let body = to_raw_value(&json!({ "properties": properties }))
            .map_err(|error| Error::Unexpected(error.to_string()))?;
        Ok(CreateRequest {
            route: route.into(),
            ids: ids.map(|(name, id)| (name.to_owned(), id.to_owned())).into(),
            headers: Vec::new(),
            body,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printer_is_named_by_its_own_id_or_by_that_of_a_share() {
        let of = |json| serde_json::from_value::<NewJob>(json).unwrap();
        let share = of(json!({ "shareId": "a b", "name": "n.pdf" }));
        assert_eq!(share.printer.path().unwrap(), "/v1.0/print/shares/a%20b");
        let printer = of(json!({ "printerId": "p", "name": "n.pdf", "configuration": { "copies": 2 } }));
        assert_eq!(printer.printer.path().unwrap(), "/v1.0/print/printers/p");
        assert_eq!(printer.configuration["copies"], 2);
        for bad in ["", ".", ".."] {
            assert!(Printer::ShareId(bad.into()).path().is_err(), "{bad}");
        }
        assert!(serde_json::from_value::<NewJob>(json!({ "name": "n" })).is_err());
    }
}
