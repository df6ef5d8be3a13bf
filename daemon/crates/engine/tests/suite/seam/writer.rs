//! The writer's thread: its orderly end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use sceau_engine::core::{CoreParts, Request};
use sceau_engine::handle::Handle;
use sceau_engine::queue::Lanes;
use sceau_engine::writer::Writer;
use sceau_store::testing::MemoryStore;
use sceau_workflow::machine::StepKinds;

use crate::alone;
use crate::support::{Dice, VirtualClock};

const LONG: Duration = Duration::from_secs(30);

fn writer() -> Writer {
    Writer::start(CoreParts {
        store: Arc::new(MemoryStore::new()),
        clock: Arc::new(VirtualClock::default()),
        entropy: Arc::new(Dice::default()),
        kinds: StepKinds::default(),
        workflows: BTreeMap::new(),
        lanes: Arc::new(Lanes::default()),
    })
    .unwrap()
}

/// Asks for nothing; the answer holds the writer's thread until `go` is told or dropped.
fn held(handle: &Handle, go: Receiver<()>) -> Receiver<()> {
    let (answered, answer) = channel();
    let reply = move |_| {
        answered.send(()).unwrap();
        let _ = go.recv();
    };
    handle.send(Request::Ring { id: b"none".to_vec(), payload: Vec::new() }, Box::new(reply));
    answer
}

/// The word to stop comes while requests wait, and somebody goes on holding the engine.
#[test]
fn it_stops_although_requests_wait() {
    let _alone = alone();
    let writer = writer();
    let handle = writer.handle();
    let (go, until_told) = channel();
    let first = held(&handle, until_told);
    first.recv_timeout(LONG).unwrap();
    let second = held(&handle, channel().1);
    let (ended, end) = channel();
    std::thread::spawn(move || {
        writer.stop();
        ended.send(()).unwrap();
    });
    std::thread::sleep(Duration::from_millis(200));
    go.send(()).unwrap();
    second.recv_timeout(LONG).unwrap();
    end.recv_timeout(LONG).expect("the writer goes on and on");
}
