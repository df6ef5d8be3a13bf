//! Crash boundaries, with the feature that makes them.
#![cfg(feature = "fault-injection")]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::panic::catch_unwind;
use std::sync::Mutex;

use sceau_disk::boundary::{Action, ArmError, Crashed, arm, disarm, hits};
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
fn what_does_not_exist_cannot_be_armed() {
    let unknown = arm("test.none", 1, Action::Kill);
    assert_eq!(unknown, Err(ArmError::Unknown("test.none".into())));
    assert!(matches!(arm("test.first", 0, Action::Kill), Err(ArmError::Malformed(_))));
}
