//! Pages of a document as pictures, and what differs between two of them.
//!
//! The only room that knows a renderer. Documents are hostile: whoever draws one is a process of our own
//! program within limits (`sceau-confine`), and what it gives back is taken as pixels and nothing else.
//!
//! ```text
//! document, pages -> Drawer -> [ draw_here: hayro, limited ] -> pixels -> Picture -> PNG
//! Picture before, Picture after -> Difference (a marked picture, regions)
//! ```
//!
//! Invariants:
//! - A document that loops, takes memory or breaks the renderer costs its page, and at most the time and
//!   memory of [`limits`]; the pages after it are drawn by a new process.
//! - No byte of the document reaches a PNG but as the colour of a pixel.

mod difference;
mod draw;
mod drawer;
pub mod limits;
mod picture;
mod wire;

pub use difference::{Difference, Place, Region};
pub use draw::draw_here;
pub use drawer::{Drawer, Drawing, Trouble};
pub use picture::Picture;
