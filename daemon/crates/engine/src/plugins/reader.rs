//! A document held open for one run of a plugin, in a thread of its own: whoever asks gets his answer in
//! time or goes.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::time::Instant;

use sceau_pdf::{Allowance, ByteSource, Document as Pdf};
use sceau_plugin_host::ports::Unreadable;

use super::crew;
use super::document::unreadable;
use super::within::{Overdue, Until, in_time};

type Question = Box<dyn FnOnce(Result<&Pdf<'_>, &Unreadable>) + Send>;

/// The thread that has the document open. It lets go of it when this is dropped: at its next question, or, where
/// it is still at one, at its next read or the next bytes that it works through.
#[derive(Debug)]
pub(super) struct Reader {
    questions: Sender<Question>,
    allowance: Allowance,
    deadline: Instant,
}

impl Reader {
    /// Opens the document; no answer is waited for beyond `deadline`.
    pub(super) fn start<S: ByteSource + 'static>(
        source: Arc<S>,
        deadline: Instant,
    ) -> Result<Self, Overdue> {
        let (questions, asked) = channel();
        let (until, allowance) = Until::of(Some(deadline));
        let work = move || answer(&*source, &until, &asked);
        crew::send(Box::new(work))?;
        Ok(Self { questions, allowance, deadline })
    }

    /// The answer to one question about a document that is let go of with it.
    pub(super) fn once<S: ByteSource + 'static, T: Send + 'static>(
        source: Arc<S>,
        deadline: Instant,
        read: impl FnOnce(&Pdf<'_>) -> Result<T, Unreadable> + Send + 'static,
    ) -> Result<Result<T, Unreadable>, Overdue> {
        let (tell, told) = sync_channel(1);
        let (until, allowance) = Until::of(Some(deadline));
        let work = move || {
            let answer = {
                let source = until.source(&*source);
                let pdf = Pdf::open(&source, until.limits()).map_err(unreadable);
                pdf.and_then(|pdf| read(&pdf))
            };
            drop(source);
            // Invariant: who asked may have gone.
            let _ = tell.send(answer);
        };
        crew::send(Box::new(work))?;
        let answer = in_time(&told, deadline);
        // Whoever is at it still ends at its next read, or at the next bytes that it works through.
        allowance.end();
        answer
    }

    /// The answer to one question.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Pdf<'_>) -> Result<T, Unreadable> + Send + 'static,
    ) -> Result<Result<T, Unreadable>, Overdue> {
        let (tell, told) = sync_channel(1);
        let question: Question = Box::new(move |pdf| {
            // Invariant: who asked may have gone.
            let _ = tell.send(pdf.map_err(Clone::clone).and_then(read));
        });
        self.questions.send(question).map_err(|_| Overdue::Broken)?;
        in_time(&told, self.deadline)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.allowance.end();
    }
}

fn answer(source: &dyn ByteSource, until: &Until, asked: &Receiver<Question>) {
    let source = until.source(source);
    let pdf = Pdf::open(&source, until.limits()).map_err(unreadable);
    asked.iter().for_each(|question| question(pdf.as_ref()));
}
