//! Every target, shortly and always with the same inputs; for long with `SCEAU_PROVE=1`.

use std::time::Duration;

use sceau_fuzz::{Budget, TARGETS};

#[test]
fn no_input_makes_a_parser_panic_or_hang() {
    let proving = std::env::var_os("SCEAU_PROVE").is_some_and(|value| value == "1");
    for target in TARGETS {
        let long = Budget::Time(Duration::from_secs(120));
        let budget = if proving { long } else { Budget::Inputs(target.few) };
        match target.fire(budget, 7) {
            Ok(tried) => {
                // What is always refused at its first octet, or never, tests nothing.
                let (taken, inputs) = (tried.taken, tried.inputs);
                assert!(0 < taken && taken < inputs, "{}: {tried:?}", target.name);
            }
            Err(find) => {
                let input = String::from_utf8_lossy(&find.input).into_owned();
                panic!("{}: {:?} with {input}", target.name, find.took);
            }
        }
    }
}

/// A fault that lies behind the parser, in what it takes of changed inputs, is found in each target.
#[test]
fn every_target_finds_what_is_planted() {
    for target in TARGETS {
        let seeds = target.seeds();
        let planted = |input: &[u8]| {
            let taken = (target.run)(input);
            assert!(!taken || seeds.iter().any(|seed| seed == input), "planted");
            taken
        };
        let found = target.fire_at(planted, Budget::Inputs(target.few), 7);
        let find = found.err().unwrap_or_else(|| panic!("{}: nothing is found", target.name));
        assert!(find.took.is_none() && (target.run)(&find.input), "{}", target.name);
    }
}

/// What takes too long is a find too.
#[test]
fn what_hangs_is_found() {
    let slow = |_: &[u8]| {
        std::thread::sleep(sceau_fuzz::LIMIT + Duration::from_millis(100));
        true
    };
    let find = TARGETS[0].fire_at(slow, Budget::Inputs(1), 7).expect_err("a find");
    assert!(find.took.is_some());
}
