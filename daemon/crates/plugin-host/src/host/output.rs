//! `sceau:document-output`: one new document a run, of bounded size.

use wasmtime::component::Resource;

use super::Ctx;
use crate::bindings::sceau::document_output::document_output::{Host, HostWriter, OutputError};
use crate::limits::{MOST_OUTPUT, MOST_RANGE};

/// The id of the only document that a run can make.
const MADE: &str = "made-1";

/// A guest's handle on the output.
pub struct Writer;

/// What was written.
#[derive(Debug, Default)]
pub(crate) enum Output {
    #[default]
    Nothing,
    Open(Vec<u8>),
    Finished(Vec<u8>),
}

impl Output {
    /// The finished document with this id.
    pub(crate) fn take(&mut self, id: &str) -> Option<Vec<u8>> {
        match std::mem::take(self) {
            Self::Finished(bytes) if id == MADE => Some(bytes),
            _ => None,
        }
    }
}

type Handle = Resource<Writer>;
type Answer<T> = wasmtime::Result<Result<T, OutputError>>;

impl Host for Ctx {
    fn begin(&mut self) -> Answer<Handle> {
        let begun = self.call("document-output.begin", String::new, |ctx| {
            if !ctx.rights.document_output() {
                ctx.refuse("document-output");
                return Err(OutputError::Denied);
            }
            if !matches!(ctx.output, Output::Nothing) {
                return Err(OutputError::Closed);
            }
            ctx.output = Output::Open(Vec::new());
            Ok(())
        })?;
        match begun {
            Ok(()) => Ok(Ok(self.table.push(Writer)?)),
            Err(error) => Ok(Err(error)),
        }
    }
}

impl HostWriter for Ctx {
    fn write(&mut self, handle: Handle, chunk: Vec<u8>) -> Answer<()> {
        self.table.get(&handle)?;
        self.call(
            "document-output.write",
            || chunk.len().to_string(),
            |ctx| {
                let Output::Open(bytes) = &mut ctx.output else { return Err(OutputError::Closed) };
                if chunk.len() > MOST_RANGE {
                    return Err(OutputError::TooLarge(MOST_RANGE as u64));
                }
                if (bytes.len() + chunk.len()) as u64 > MOST_OUTPUT {
                    return Err(OutputError::TooLarge(MOST_OUTPUT));
                }
                bytes.extend_from_slice(&chunk);
                Ok(())
            },
        )
    }

    fn finish(&mut self, handle: Handle) -> Answer<String> {
        self.table.get(&handle)?;
        self.call("document-output.finish", String::new, |ctx| {
            match std::mem::take(&mut ctx.output) {
                Output::Open(bytes) => {
                    ctx.output = Output::Finished(bytes);
                    Ok(MADE.to_owned())
                }
                other => {
                    ctx.output = other;
                    Err(OutputError::Closed)
                }
            }
        })
    }

    fn drop(&mut self, handle: Handle) -> wasmtime::Result<()> {
        self.table.delete(handle)?;
        Ok(())
    }
}
