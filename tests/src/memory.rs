//! Peak memory and computing time of a running process, as the kernel counts them.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::Pid;

/// What a signing engine may use, whatever the size of the document: 64 MiB.
pub const LIMIT: u64 = 64 << 20;

/// The peak resident size of a process in bytes since its start, or since [`forget_peak`]; `None`
/// when it is gone.
pub fn peak(pid: Pid) -> Option<u64> {
    told(pid, "VmHWM:")
}

/// The peak of a process without the pages of its program's file, which the kernel has once for all that
/// run it, and of which a build for tests has three times as many; `None` when it is gone.
pub fn peak_beside_code(pid: Pid) -> Option<u64> {
    Some(peak(pid)?.saturating_sub(told(pid, "RssFile:")?))
}

/// The resident size of a process in bytes now; `None` when it is gone.
pub fn resident(pid: Pid) -> Option<u64> {
    told(pid, "VmRSS:")
}

fn told(pid: Pid, what: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(what))?;
    line.trim().trim_end_matches("kB").trim().parse::<u64>().ok().map(|kib| kib << 10)
}

/// Lets the peak be counted anew from here.
///
/// # Panics
/// When the process is not ours.
pub fn forget_peak(pid: Pid) {
    fs::write(format!("/proc/{}/clear_refs", pid.as_raw_nonzero()), "5").expect("our process");
}

/// The kernel counts computing time in hundredths of a second (`USER_HZ`).
const TICK: Duration = Duration::from_millis(10);

/// Computing time of a process so far, user and system; zero when it is gone.
pub fn cpu(pid: Pid) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    let stat = stat.unwrap_or_default();
    // The name of the program, in parentheses, may hold anything; fields 14 and 15 are utime, stime.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    let ticks = fields.skip(11).take(2).filter_map(|field| field.parse::<u32>().ok()).sum::<u32>();
    TICK * ticks
}

/// Computing time of a process's threads so far, to the nanosecond; those that have ended are not counted.
pub fn cpu_of_threads(pid: Pid) -> Duration {
    let threads = fs::read_dir(format!("/proc/{}/task", pid.as_raw_nonzero()));
    let spent = |thread: fs::DirEntry| {
        let told = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        told.split_whitespace().next()?.parse::<u64>().ok()
    };
    Duration::from_nanos(threads.into_iter().flatten().flatten().filter_map(spent).sum())
}

/// A process and its children.
pub fn with_children(pid: Pid) -> Vec<Pid> {
    let tasks = fs::read_dir(format!("/proc/{}/task", pid.as_raw_nonzero()));
    let children = |task: fs::DirEntry| fs::read_to_string(task.path().join("children"));
    let lists: Vec<String> =
        tasks.into_iter().flatten().flatten().filter_map(|task| children(task).ok()).collect();
    let numbers = lists.iter().flat_map(|list| list.split_whitespace());
    let found = numbers.filter_map(|number| Pid::from_raw(number.parse().ok()?));
    std::iter::once(pid).chain(found).collect()
}

/// Runs a command to its end and returns its exit code and its peak in bytes.
///
/// # Panics
/// When it cannot be started, or does not end within `limit`.
pub fn run(command: &mut Command, limit: Duration) -> (Option<i32>, u64) {
    let cost = measured(command, limit);
    (cost.code, cost.peak)
}

/// What a command cost.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Its peak resident size in bytes.
    pub peak: u64,
    /// Its computing time, user and system: the same on a crowded machine.
    pub cpu: Duration,
}

/// Runs a command to its end and tells what it cost.
///
/// # Panics
/// As [`run`].
pub fn measured(command: &mut Command, limit: Duration) -> Cost {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let mut child = command.spawn().expect("it starts");
    let pid = Pid::from_child(&child);
    let (mut most, began) = (0, std::time::Instant::now());
    loop {
        most = most.max(peak(pid).unwrap_or(0));
        // It is there until it is waited for, though it may have ended.
        let cpu = cpu(pid);
        if let Some(status) = child.try_wait().expect("invariant: our child") {
            return Cost { code: status.code(), peak: most, cpu };
        }
        assert!(began.elapsed() < limit, "{command:?} still runs after {limit:?}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
