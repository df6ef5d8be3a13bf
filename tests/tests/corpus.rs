//! Foreign PDFs, signed and judged: a sample in the ordinary run, all of them when proving, or as many
//! as `SCEAU_CORPUS` says.

use std::io::Write as _;

use sceau_tests::corpus::{Authorities, files, known_disputes, run};
use sceau_tests::proving;

/// Of 1,000, as many as must be accepted of those that `qpdf` calls clean: of all files; and of a
/// sample, in which one file more or less counts for much. A sample is half test data about what
/// forbids signatures: there, the files that forbid one themselves are left out of the count.
const WANTED: usize = 985;
const WANTED_OF_SAMPLE: usize = 900;

#[test]
fn foreign_files_are_signed_to_the_liking_of_all_or_refused_with_their_reason() {
    let authorities = Authorities::start();
    let all = files();
    let (least, sample) = if proving() { (1000, all.len()) } else { (60, 60) };
    let asked = std::env::var("SCEAU_CORPUS").ok().and_then(|count| count.parse().ok());
    let sample: usize = asked.unwrap_or(sample);
    assert!(all.len() >= least, "{} files: tests/corpus/gather.sh {least}", all.len());
    let chosen: Vec<_> = all.into_iter().take(sample).collect();
    let table = run(&chosen, &authorities);
    let _ = writeln!(std::io::stdout(), "{table}");
    let (accepted, clean) = table.clean();
    let (wanted, of) = match sample {
        1000.. => (WANTED, clean),
        _ => (WANTED_OF_SAMPLE, clean - table.forbidding()),
    };
    assert!(accepted * 1000 >= of * wanted, "{accepted} of {clean} are accepted\n{table}");
    assert!(table.broken().is_empty(), "{table}");
    let new = table.newly_disputed(&known_disputes());
    assert!(new.is_empty(), "disputed, and not in tests/corpus/disputed.txt: {new:#?}");
}
