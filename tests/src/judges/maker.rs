//! pyHanko as a maker of signed and of edited files, one process for all of them.

use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use super::asked::Judge;
use crate::{peers, root};

static MAKER: LazyLock<Judge> = LazyLock::new(|| {
    let mut python = Command::new(peers().join("venv/bin/python"));
    python.arg(root().join("tests/peers/pyhanko_many.py"));
    Judge::start("pyHanko", &mut python)
});

/// Lets pyHanko sign or edit `input` with the keys in `folder` (see `tests/peers/pyhanko_many.py` for
/// the kinds), or says what it ended in.
///
/// # Errors
/// pyHanko's exception: it cannot work on this file.
///
/// # Panics
/// When pyHanko is missing or does not answer.
pub fn make(kind: &str, folder: &Path, input: &Path, output: &Path) -> Result<(), String> {
    let paths = [folder, input, output].map(|path| path.to_string_lossy().into_owned());
    let answer = MAKER.ask(&[kind, &paths[0], &paths[1], &paths[2]]);
    answer["error"].as_str().map_or(Ok(()), |error| Err(error.to_owned()))
}
