//! The program on a disk that fails at one system call after the other, and killed at each: what it answered is there, what is there was
//! meant, and the log is whole.
//!
//! `strace` makes the calls fail. A first run, traced only, says which calls on the data folder there are; the counter of `strace` is one
//! for each thread, so a call is named by its number among its thread's calls of that name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use tanba_seal::log::{Checkpoint, LogVerifier, TileStore as _, prove_consistency, verify_consistency};

use crate::client::{PASSPHRASE, fsck, init, tanba};
use crate::witness::copy_folder;

/// Calls on files, and what each is made to say; each is the last one in another run. Threads wake each other by `write` too, and where that
/// fails one sleeps for ever, on no disk: it is the last one only. A failed `close` says nothing about a file that anybody could act on.
const CALLS: [(&str, Option<&str>); 14] = [
    ("openat", Some("ENOSPC")),
    ("write", None),
    ("pwrite64", Some("ENOSPC")),
    ("fsync", Some("EIO")),
    ("fdatasync", Some("EIO")),
    ("ftruncate", Some("EIO")),
    ("rename", Some("EIO")),
    ("renameat", Some("EIO")),
    ("renameat2", Some("EIO")),
    ("unlink", Some("EIO")),
    ("unlinkat", Some("EIO")),
    ("mkdir", Some("ENOSPC")),
    ("mkdirat", Some("ENOSPC")),
    ("linkat", Some("EIO")),
];

/// Calls on the database's files of one name that are tried, spread evenly over all there are: SQLite makes many, and its own tests
/// try each. Those on the log's files, and all others of the folder, are tried one and all.
const OF_DATABASE: usize = 3;

/// The signal of which `strace` and `timeout` die when their program did.
const KILL: i32 = 9;

/// A short act: a plan of deletion is made, which is an entry, and published.
fn act(data: &Path) -> Command {
    let mut command = tanba(&[("TANBA_PASSPHRASE", PASSPHRASE), ("TOKIO_WORKER_THREADS", "1")]);
    command.args(["--json", "retention", "plan", "--dir"]).arg(data);
    command
}

/// The same under `strace`, and not without an end: a run that hangs is a fault.
fn traced(data: &Path, strace: &[&str]) -> Output {
    let plain = act(data);
    let mut command = Command::new("timeout");
    command
        .args(["-k", "5", "120", "strace", "-f", "-qq", "-y"])
        .args(strace)
        .arg(plain.get_program())
        .args(plain.get_args());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.stdin(Stdio::null()).output().unwrap()
}

/// A call that is tried.
struct Tried {
    name: &'static str,
    error: Option<&'static str>,
    /// The how-manieth of its name its thread makes.
    number: usize,
}

/// The calls on the folder's files: all of those on the log's, some of the database's.
fn calls_on(data: &Path, trace: &str) -> Vec<Tried> {
    let data = data.to_str().unwrap();
    let mut made: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut log: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    let mut database: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for line in trace.lines() {
        let Some((thread, call)) = line.split_once(' ') else { continue };
        let Some((name, words)) = call.trim_start().split_once('(') else { continue };
        let number = made.entry((thread, name)).or_default();
        *number += 1;
        if words.contains("tanba.sqlite") {
            database.entry(name).or_default().insert(*number);
        } else if words.contains(data) {
            log.entry(name).or_default().insert(*number);
        }
    }
    for (name, numbers) in database {
        let step = numbers.len().div_ceil(OF_DATABASE);
        log.entry(name).or_default().extend(numbers.into_iter().step_by(step));
    }
    let error = |name| CALLS.iter().find(|(known, _)| *known == name);
    log.into_iter()
        .filter_map(|(name, numbers)| Some((*error(name)?, numbers)))
        .flat_map(|((name, error), numbers)| numbers.into_iter().map(move |number| (name, error, number)))
        .map(|(name, error, number)| Tried { name, error, number })
        .collect()
}

fn checkpoint(data: &Path) -> Checkpoint {
    let store = tanba_registry::tile_dir::TileDir::open(&data.join("log"));
    let key = store.read("log.vkey").unwrap().unwrap();
    let verifier = LogVerifier::parse(std::str::from_utf8(&key).unwrap()).unwrap();
    Checkpoint::open(&store.read("checkpoint").unwrap().unwrap(), &verifier).unwrap()
}

/// The log is whole, and goes on from what it was.
fn whole(data: &Path, before: &Checkpoint, tried: &str) -> Value {
    let report = fsck(data);
    assert_eq!(report["ok"], true, "{tried}: {report}");
    let now = checkpoint(data);
    let store = tanba_registry::tile_dir::TileDir::open(&data.join("log"));
    let proof = prove_consistency(&store, before.size, now.size).unwrap();
    verify_consistency(before.size, now.size, &before.root, &now.root, &proof)
        .unwrap_or_else(|e| panic!("{tried}: {e}"));
    report
}

#[test]
#[allow(clippy::print_stderr)] // says why nothing was tested
fn control_e6_a_system_call_that_fails_or_is_the_last_one_leaves_a_whole_log_and_no_false_answer() {
    if Command::new("strace").arg("-V").output().is_err() {
        eprintln!("skipped: strace is missing (apt-get install strace)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // As strace writes paths: without links in them.
    let folder = fs::canonicalize(folder.path()).unwrap();
    let (start, data, trace) = (folder.join("start"), folder.join("data"), folder.join("trace"));
    assert!(init(&start).status.success());
    let before = checkpoint(&start);
    copy_folder(&start, &data);
    let names = CALLS.map(|(name, _)| name).join(",");
    let first = traced(&data, &["-o", trace.to_str().unwrap(), "-e", &format!("trace={names}")]);
    let words = String::from_utf8_lossy(&first.stderr);
    if !first.status.success() && words.contains("ptrace") {
        eprintln!("skipped: this machine lets no process be traced");
        return;
    }
    assert!(first.status.success(), "{words}");
    let calls = calls_on(&data, &fs::read_to_string(&trace).unwrap());
    // What the log's files are made with is among them, or nothing is tried here.
    for name in ["openat", "write", "fsync", "rename", "pwrite64"] {
        assert!(calls.iter().any(|call| call.name == name), "{name}");
    }
    let faults = |call: &Tried| {
        let error = call.error.map(|error| format!("error={error}"));
        let tried = format!("when={}", call.number);
        let name = call.name;
        error.into_iter().chain(["signal=KILL".to_owned()]).map(move |fault| format!("inject={name}:{fault}:{tried}"))
    };
    let tries: Vec<String> = calls.iter().flat_map(faults).collect();
    let (next, ends) = (AtomicUsize::new(0), Mutex::new((0, 0)));
    std::thread::scope(|scope| {
        for worker in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            let (tries, next, ends, start, before) = (&tries, &next, &ends, &start, &before);
            let data = folder.join(format!("data-{worker}"));
            scope.spawn(move || {
                while let Some(tried) = tries.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let end = try_one(start, &data, before, tried);
                    let mut ends = ends.lock().unwrap();
                    *ends = (ends.0 + usize::from(end.code() == Some(1)), ends.1 + usize::from(end.signal().is_some()));
                }
            });
        }
    });
    let (failed, killed) = ends.into_inner().unwrap();
    assert!(
        failed > 10 && killed > 10,
        "of {} runs {failed} said that something failed, {killed} were killed",
        tries.len()
    );
}

/// One run with a fault, and one on the mended disk.
fn try_one(start: &Path, data: &Path, before: &Checkpoint, tried: &str) -> ExitStatus {
    if data.exists() {
        fs::remove_dir_all(data).unwrap();
    }
    copy_folder(start, data);
    let name = tried.split(['=', ':']).nth(1).unwrap();
    let told = traced(data, &["-o", "/dev/null", "-e", &format!("trace={name}"), "-e", tried]);
    let size = whole(data, before, tried)["size"].as_u64().unwrap();
    let words = String::from_utf8_lossy(&told.stderr);
    assert!(!words.contains("panicked"), "{tried}: {words}");
    let ended = matches!(told.status.code(), Some(0 | 1)) || told.status.signal() == Some(KILL);
    assert!(ended, "{tried}: {}", told.status);
    if told.status.success() {
        let plan: Value = serde_json::from_slice(&told.stdout).unwrap_or_else(|e| panic!("{tried}: {e}"));
        assert!(plan["log_seq"].as_u64().unwrap() < size, "{tried}: it was answered, and is not in the log");
    }
    let again = act(data).output().unwrap();
    assert!(again.status.success(), "{tried}: {}", String::from_utf8_lossy(&again.stderr));
    let report = whole(data, before, tried);
    assert_eq!((&report["rows_waiting"], &report["unpublished"]), (&Value::from(0), &Value::from(0)), "{tried}");
    told.status
}
