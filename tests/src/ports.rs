//! Ports on loopback that stay a test's own, over a restart of the server that listens there.

use std::fs::File;
use std::net::TcpListener;
use std::sync::{Mutex, PoisonError};

/// Below the range from which systems give ports to outgoing connections (RFC 6335, 6: from 49152
/// on; Linux: from 32768 on), one of which could take the port while a server restarts.
const RANGE: std::ops::Range<u16> = 12_000..32_000;

/// What keeps other test programs from the ports of this one, until it ends.
static LEASES: Mutex<Vec<File>> = Mutex::new(Vec::new());

/// A port on loopback where nobody listens, and that no other test is given while this one runs.
///
/// # Panics
/// When there is none.
pub fn free_port() -> u16 {
    let len = RANGE.end - RANGE.start;
    let begin = u16::try_from(std::process::id() % u32::from(len)).unwrap_or(0);
    let mut ports = (0..len).map(|index| RANGE.start + (begin + index) % len);
    ports.find(|port| lease(*port)).expect("a free port on loopback")
}

/// Takes the port's lock file, which the system lets go when this program ends.
fn lease(port: u16) -> bool {
    let folder = std::env::temp_dir().join("sceau-test-ports");
    std::fs::create_dir_all(&folder).expect("a folder for the lock files");
    let file = File::create(folder.join(port.to_string())).expect("a lock file");
    if file.try_lock().is_err() || TcpListener::bind(("127.0.0.1", port)).is_err() {
        return false;
    }
    LEASES.lock().unwrap_or_else(PoisonError::into_inner).push(file);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_port_is_given_twice_and_none_can_go_to_an_outgoing_connection() {
        let ports: std::collections::BTreeSet<u16> = (0..50).map(|_| free_port()).collect();
        assert_eq!(ports.len(), 50);
        assert!(ports.iter().all(|port| RANGE.contains(port)));
    }
}
