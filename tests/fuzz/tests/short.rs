//! Every target, shortly; for long with `SCEAU_PROVE=1`.

use std::time::Duration;

use sceau_fuzz::TARGETS;

#[test]
fn no_input_makes_a_parser_panic_or_hang() {
    let proving = std::env::var_os("SCEAU_PROVE").is_some_and(|value| value == "1");
    let time = Duration::from_secs(if proving { 120 } else { 4 });
    for target in TARGETS {
        if let Err(find) = target.fire(time, 7) {
            let input = String::from_utf8_lossy(&find.input).into_owned();
            panic!("{}: {:?} with {input}", target.name, find.took);
        }
    }
}
