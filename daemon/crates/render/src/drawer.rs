//! Asking drawing processes, one after the other, until every page is drawn or has its reason.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use sceau_confine::{Answer, Cell, End, Patience};

use crate::draw::REFUSED;
use crate::limits::{MOST_DOCUMENT, MOST_PAGES, MOST_PIXELS, WAIT, WAIT_FOR_ALL};
use crate::picture::Picture;
use crate::wire;

/// Signals of Linux by which a process ends whose processor time is used up.
const CPU_SIGNALS: [i32; 2] = [9, 24];
/// Bytes of an answer beside the pixels of a page.
const BESIDE: u64 = 16;

/// Draws by calling a program again, which calls [`crate::draw_here`].
#[derive(Debug)]
pub struct Drawer {
    program: PathBuf,
    arguments: Vec<String>,
    spent: Duration,
}

/// One page, or why there is no picture of it.
pub type Drawing = Result<Picture, Trouble>;

/// Why there is no picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Trouble {
    /// The document has more bytes than are drawn.
    #[error("the document has more than {MOST_DOCUMENT} bytes")]
    TooLarge,
    /// The renderer cannot open the document.
    #[error("the renderer cannot open the document")]
    NotOpened,
    /// The renderer finds no such page.
    #[error("there is no such page")]
    NoSuchPage,
    /// Drawing took too long and was ended.
    #[error("drawing took too long and was ended")]
    TooLong,
    /// The renderer broke down, or wanted more memory than it may have.
    #[error("the renderer broke down")]
    BrokeDown,
    /// The time or the pages that one document may cost were used up before.
    #[error("the time for drawing was used up")]
    Spent,
    /// No process could be started.
    #[error("no process could be started: {0}")]
    NoProcess(String),
}

impl Drawer {
    /// Calls this program with these arguments; the pages are one more.
    #[must_use]
    pub fn new(program: PathBuf, arguments: Vec<String>) -> Self {
        Self { program, arguments, spent: Duration::ZERO }
    }

    /// Draws pages, numbered from 1; the answers are in the order of the question. Never fails as a
    /// whole: a page that cannot be drawn has its [`Trouble`].
    pub fn draw(&mut self, document: &[u8], pages: &[u32]) -> Vec<Drawing> {
        let mut drawings = Vec::new();
        if document.len() as u64 > MOST_DOCUMENT {
            drawings.resize(pages.len(), Err(Trouble::TooLarge));
        }
        while drawings.len() < pages.len() {
            let open = &pages[drawings.len()..];
            let asked = &open[..open.len().min(MOST_PAGES)];
            let (drawn, trouble) = self.ask(document, asked);
            drawings.extend(drawn);
            match trouble {
                Some(trouble) if trouble.is_of_the_document() => {
                    drawings.resize(pages.len(), Err(trouble));
                }
                Some(trouble) if drawings.len() < pages.len() => drawings.push(Err(trouble)),
                _ => {}
            }
        }
        drawings
    }

    /// Asks one process: what it drew in the order of the question, and why it ended before the last.
    fn ask(&mut self, document: &[u8], pages: &[u32]) -> (Vec<Drawing>, Option<Trouble>) {
        let left = WAIT_FOR_ALL.saturating_sub(self.spent);
        if left.is_zero() {
            return (Vec::new(), Some(Trouble::Spent));
        }
        let numbers: Vec<String> = pages.iter().map(u32::to_string).collect();
        let mut arguments = self.arguments.clone();
        arguments.push(numbers.join(","));
        let cell = Cell { program: self.program.clone(), arguments };
        let bytes = (u64::from(MOST_PIXELS) * 3 + BESIDE) * pages.len() as u64 + BESIDE;
        let began = Instant::now();
        let answer = cell.ask(&[document], Patience { wait: WAIT.min(left), answer: bytes });
        self.spent += began.elapsed();
        match answer {
            Ok(answer) => told(&answer, pages),
            Err(error) => (Vec::new(), Some(Trouble::NoProcess(error.to_string()))),
        }
    }
}

fn told(answer: &Answer, pages: &[u32]) -> (Vec<Drawing>, Option<Trouble>) {
    let said = wire::read(&answer.out);
    let in_order =
        said.pages.into_iter().zip(pages).take_while(|((page, _), asked)| page == *asked);
    let drawn: Vec<Drawing> =
        in_order.map(|((_, picture), _)| picture.ok_or(Trouble::NoSuchPage)).collect();
    let trouble = (drawn.len() < pages.len()).then(|| trouble(answer.end, said.count.is_some()));
    (drawn, trouble)
}

fn trouble(end: End, opened: bool) -> Trouble {
    match end {
        End::TooLong if opened => Trouble::TooLong,
        End::Signal(signal) if opened && CPU_SIGNALS.contains(&signal) => Trouble::TooLong,
        End::Code(REFUSED) => Trouble::NotOpened,
        _ if opened => Trouble::BrokeDown,
        // It came to no page: neither would another process.
        _ => Trouble::NotOpened,
    }
}

impl Trouble {
    /// Whether the other pages would not be drawn either.
    fn is_of_the_document(&self) -> bool {
        !matches!(self, Self::NoSuchPage | Self::TooLong | Self::BrokeDown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Drawer {
        Drawer::new("/bin/sh".into(), vec!["-c".to_owned(), script.to_owned()])
    }

    /// The pages asked for come as `$0`: a red pixel for page 1, a crash at page 2.
    #[test]
    fn a_page_that_breaks_the_renderer_costs_itself_alone() {
        let one = r"printf '\0\0\0\003'; case $0 in
            1*) printf '\0\0\0\001\0\0\0\001\0\0\0\001\377\0\0'; kill -6 $$;;
            2*) kill -11 $$;;
            *) printf '\0\0\0\003\0\0\0\0\0\0\0\0';;
        esac";
        let drawn = shell(one).draw(b"", &[1, 2, 3]);
        let red = Picture::new(1, 1, vec![255, 0, 0]);
        assert_eq!(drawn.first().and_then(|first| first.clone().ok()), red);
        assert_eq!(drawn[1..], [Err(Trouble::BrokeDown), Err(Trouble::NoSuchPage)]);
    }

    #[test]
    fn what_concerns_the_document_is_asked_once() {
        assert_eq!(shell("exit 65").draw(b"", &[1, 2]), vec![Err(Trouble::NotOpened); 2]);
        let mut none = Drawer::new("/nowhere".into(), Vec::new());
        assert!(
            none.draw(b"", &[1, 2]).iter().all(|one| matches!(one, Err(Trouble::NoProcess(_))))
        );
        let large = vec![0; MOST_DOCUMENT as usize + 1];
        assert_eq!(none.draw(&large, &[1]), [Err(Trouble::TooLarge)]);
    }

    #[test]
    fn no_time_left_means_no_process() {
        let mut spent = shell("exit 0");
        spent.spent = WAIT_FOR_ALL;
        assert_eq!(spent.draw(b"", &[1, 2]), vec![Err(Trouble::Spent); 2]);
    }
}
