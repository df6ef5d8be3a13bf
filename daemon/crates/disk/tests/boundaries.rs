//! Crash boundaries, with the feature that makes them.
#![cfg(feature = "fault-injection")]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::panic::catch_unwind;
use std::sync::Mutex;

use sceau_disk::boundary::{Action, ArmError, Crashed, arm, arm_unwind, disarm, hits};
use sceau_disk::{boundaries, boundary};

/// The armed boundary is one for the whole process.
static ALONE: Mutex<()> = Mutex::new(());

fn work() {
    boundary!("test.first");
    boundary!("test.second");
}

#[test]
fn boundaries_are_enumerated_and_counted() {
    let _alone = ALONE.lock();
    assert_eq!(boundaries(), ["test.first", "test.second"]);
    disarm();
    work();
    work();
    assert_eq!(hits().get("test.first"), Some(&2));
}

#[test]
fn the_nth_hit_unwinds_once() {
    let _alone = ALONE.lock();
    disarm();
    arm("test.second", 2, Action::Unwind).unwrap();
    work();
    let crashed = catch_unwind(work).unwrap_err();
    assert_eq!(crashed.downcast_ref(), Some(&Crashed { name: "test.second" }));
    work();
}

#[test]
fn the_hook_runs_before_any_destructor() {
    struct Destructor;
    impl Drop for Destructor {
        fn drop(&mut self) {
            TOLD.lock().unwrap().push("destructor");
        }
    }
    static TOLD: Mutex<Vec<&str>> = Mutex::new(Vec::new());
    let _alone = ALONE.lock();
    disarm();
    arm_unwind("test.first", 1, || TOLD.lock().unwrap().push("hook")).unwrap();
    let crashed = catch_unwind(|| {
        let _destructor = Destructor;
        work();
    });
    assert!(crashed.is_err());
    assert_eq!(*TOLD.lock().unwrap(), ["hook", "destructor"]);
}

#[test]
fn the_environment_kills_a_process() {
    let _alone = ALONE.lock();
    let run = |value: &str| {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "in_a_process_of_its_own", "--include-ignored", "--nocapture"]);
        child.env("SCEAU_CRASH_AT", value).output().unwrap()
    };
    use std::os::unix::process::ExitStatusExt;
    assert_eq!(run("test.second:2").status.signal(), Some(9));
    assert!(run("test.second:5").status.success());
    assert!(!run("test.unknown:1").status.success());
    assert!(!run("test.second").status.success());
}

#[test]
#[ignore = "run by the_environment_kills_a_process"]
fn in_a_process_of_its_own() {
    sceau_disk::boundary::arm_from_environment().unwrap();
    work();
    work();
}

#[test]
fn what_does_not_exist_cannot_be_armed() {
    let unknown = arm("test.none", 1, Action::Kill);
    assert_eq!(unknown, Err(ArmError::Unknown("test.none".into())));
    assert!(matches!(arm("test.first", 0, Action::Kill), Err(ArmError::Malformed(_))));
}
