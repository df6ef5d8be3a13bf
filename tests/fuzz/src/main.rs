//! `sceau-fuzz TARGET SECONDS [NUMBER]`: one target for long; a find is written into its seeds.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use sceau_fuzz::{Budget, TARGETS};

fn main() -> io::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let target = arguments.first().and_then(|name| TARGETS.iter().find(|t| t.name == name));
    let seconds = arguments.get(1).and_then(|seconds| seconds.parse().ok());
    let number = arguments.get(2).and_then(|number| number.parse().ok()).unwrap_or(1);
    let (Some(target), Some(seconds)) = (target, seconds) else {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        writeln!(io::stderr(), "sceau-fuzz TARGET SECONDS [NUMBER]; targets: {}", names.join(" "))?;
        return Ok(ExitCode::from(64));
    };
    match target.fire(Budget::Time(Duration::from_secs(seconds)), number) {
        Ok(tried) => {
            let (inputs, taken) = (tried.inputs, tried.taken);
            writeln!(io::stdout(), "{}: {inputs} inputs, {taken} taken, no find", target.name)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(find) => {
            let path = format!("tests/fuzz/seeds/{}/find-{number}", target.name);
            std::fs::write(&path, &find.input)?;
            writeln!(io::stderr(), "{}: a find in {path}: {:?}", target.name, find.took)?;
            Ok(ExitCode::FAILURE)
        }
    }
}
