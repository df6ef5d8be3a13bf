//! Every target, shortly and always with the same inputs; for long with `SCEAU_PROVE=1`.

use std::sync::Mutex;
use std::time::Duration;

use sceau_fuzz::{Budget, TARGETS, budget};

/// On all cores: the long run takes a minute a target.
#[test]
fn no_input_makes_a_parser_panic_or_hang() {
    let todo = Mutex::new(TARGETS.iter());
    let next = || todo.lock().expect("held for a moment").next();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| std::iter::from_fn(next).for_each(|one| one.withstand(budget(one))));
        }
    });
}

#[test]
fn every_target_finds_what_is_planted() {
    TARGETS.iter().for_each(|target| target.find_planted());
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
