//! A register with witnesses, each a process of its own: what they see is what the public sees, and a copy of the register
//! that goes its own way gets no cosignature.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::client::{PASSPHRASE, Service, init, tanba};

const SECRETS: [(&str, &str); 1] = [("TANBA_PASSPHRASE", PASSPHRASE)];

/// What a command answers, or what it says is wrong.
pub(crate) fn told(args: &[&str], paths: &[(&str, &Path)]) -> Result<Value, String> {
    let mut command = tanba(&SECRETS);
    command.arg("--json").args(args);
    for (option, path) in paths {
        command.arg(option).arg(path);
    }
    let output = command.output().unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(serde_json::from_slice(&output.stdout).unwrap())
}

/// Two witnesses and their policy for the log of a register.
pub(crate) struct Court {
    pub(crate) witnesses: Vec<Service>,
    pub(crate) policy: PathBuf,
    vkeys: Vec<String>,
}

pub(crate) fn court(folder: &Path, register: &Path) -> Court {
    let log = fs::read_to_string(register.join("log/log.vkey")).unwrap().trim().to_owned();
    let mut policy = format!("log {log}\n");
    let mut witnesses = Vec::new();
    let mut vkeys = Vec::new();
    for name in ["court", "ombudsman"] {
        let dir = folder.join(name);
        let made = told(&["witness", "init", "--name", &format!("{name}.example/w")], &[("--dir", &dir)]).unwrap();
        vkeys.push(made["vkey"].as_str().unwrap().to_owned());
        witnesses.push(serve_witness(&dir, &log, None));
        let url = &witnesses.last().unwrap().announced["url"];
        policy += &format!("witness {name} {} {}\n", vkeys.last().unwrap(), url.as_str().unwrap());
    }
    policy += "group both all court ombudsman\nquorum both\n";
    let file = folder.join("policy");
    fs::write(&file, policy).unwrap();
    Court { witnesses, policy: file, vkeys }
}

fn serve_witness(dir: &Path, log: &str, keys: Option<&Path>) -> Service {
    let mut command = tanba(&SECRETS);
    command.args(["--json", "witness", "serve", "--listen", "127.0.0.1:0", "--log", log, "--dir"]).arg(dir);
    if let Some(keys) = keys {
        command.arg("--log-keys").arg(keys);
    }
    Service::running(command)
}

fn serve(dir: &Path, policy: &Path) -> Service {
    let mut command = tanba(&SECRETS);
    command.args(["--json", "serve", "--listen", "127.0.0.1:0", "--dir"]).arg(dir).arg("--witness-policy").arg(policy);
    Service::running(command)
}

/// The public checkpoint once `holds` of it, or the last one seen.
fn checkpoint(service: &Service, holds: impl Fn(&str) -> bool) -> String {
    let begun = Instant::now();
    loop {
        let (_, body) = service.ask("", "GET", "/log/checkpoint", &Value::Null);
        let note = String::from_utf8(body).unwrap();
        if holds(&note) || begun.elapsed() > Duration::from_secs(20) {
            return note;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn size(note: &str) -> u64 {
    note.lines().nth(1).unwrap().parse().unwrap()
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn control_e4_the_public_log_is_the_one_that_witnesses_cosigned_and_a_fork_gets_no_quorum() {
    let folder = tempfile::tempdir().unwrap();
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    assert!(init(&data).status.success());
    let court = court(folder.path(), &data);

    let service = serve(&data, &court.policy);
    service.sign_in("administrator", None);
    let cosigned = |note: &str| note.contains("court.example/w") && note.contains("ombudsman.example/w");
    let first = checkpoint(&service, |note| cosigned(note) && size(note) >= 2);
    assert!(cosigned(&first) && size(&first) >= 2, "{first}");
    service.kill();

    let policy: &Path = &court.policy;
    let verified = told(&["log", "verify", "--max-age", "300"], &[("--dir", &data), ("--policy", policy)]).unwrap();
    assert_eq!((&verified["ok"], verified["cosigned"].as_array().unwrap().len()), (&Value::Bool(true), 2));
    let by_key = ["log", "verify", "--witness", &court.vkeys[0], "--witness", &court.vkeys[1]];
    told(&by_key, &[("--dir", &data)]).unwrap();
    let nobody = told(&["log", "verify", "--max-age", "300"], &[("--dir", &data)]).unwrap_err();
    assert!(nobody.contains("--policy"), "{nobody}");

    // A proof to take away, which needs the policy and nothing else.
    let proof = folder.path().join("0.tlog-proof");
    told(&["log", "proof", "0"], &[("--dir", &data), ("--out", &proof)]).unwrap();
    let file = proof.to_str().unwrap();
    let checked = told(&["log", "check", file], &[("--policy", policy)]).unwrap();
    assert_eq!(checked["cosigned"].as_array().unwrap().len(), 2);

    // Two registers from one: both go on. The witnesses have seen the first.
    copy_folder(&data, &copy);
    let service = serve(&data, policy);
    service.sign_in("administrator", None);
    let grown = checkpoint(&service, |note| size(note) > size(&first));
    assert!(size(&grown) > size(&first) && cosigned(&grown), "{grown}");
    service.kill();
    let fork = serve(&copy, policy);
    for _ in 0..3 {
        fork.sign_in("administrator", None);
    }
    std::thread::sleep(Duration::from_secs(2));
    let shown = checkpoint(&fork, |_| true);
    assert_eq!(shown, first, "what the copy shows is the last that was cosigned before");
    fork.kill();
    told(&["log", "verify"], &[("--dir", &copy)]).unwrap();

    // The witnesses keep what they saw over a restart, and still know one history only.
    drop(court.witnesses);
    let log = fs::read_to_string(data.join("log/log.vkey")).unwrap();
    let court_again = serve_witness(&folder.path().join("court"), log.trim(), None);
    let note = fs::read(copy.join("log/checkpoint")).unwrap();
    let request = [b"old 0\n\n".as_slice(), &note].concat();
    let (status, body) = court_again.post_bytes("/add-checkpoint", &request);
    assert_eq!((status, String::from_utf8(body).unwrap()), (409, format!("{}\n", size(&grown))));
}

#[test]
fn a_witness_policy_that_cannot_work_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    assert!(init(&data).status.success());
    let log = fs::read_to_string(data.join("log/log.vkey")).unwrap();
    let made = told(&["witness", "init", "--name", "w.example/w"], &[("--dir", &folder.path().join("w"))]).unwrap();
    let witness = made["vkey"].as_str().unwrap();
    let again = told(&["witness", "init", "--name", "w.example/w"], &[("--dir", &folder.path().join("w"))]);
    assert!(again.unwrap_err().contains("keys already"));
    let refused = |policy: String| {
        let file = folder.path().join("policy");
        fs::write(&file, policy).unwrap();
        let listen = ["serve", "--listen", "127.0.0.1:0"];
        told(&listen, &[("--dir", &data), ("--witness-policy", &file)]).unwrap_err()
    };
    let log = log.trim();
    assert!(refused(format!("log {log}\nwitness w {witness}\nquorum w\n")).contains("no address"));
    assert!(refused(format!("log {log}\nwitness w {witness} https://w.example/\nquorum w\n")).contains("TLS"));
    assert!(
        refused(format!("witness w {witness} http://w.example/\nquorum w\n")).contains("does not name this register")
    );
    assert!(refused(format!("log {log}\nquorum w\n")).contains("line 2"));
}

#[test]
fn control_e14_a_register_changes_its_logs_key_and_its_witnesses_go_on_under_the_first_policy() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    assert!(init(&data).status.success());
    let log = fs::read_to_string(data.join("log/log.vkey")).unwrap().trim().to_owned();
    let Court { witnesses, policy, .. } = court(folder.path(), &data);
    let cosigned = |note: &str| note.contains("court.example/w") && note.contains("ombudsman.example/w");
    let service = serve(&data, &policy);
    let first = checkpoint(&service, cosigned);
    assert!(cosigned(&first), "{first}");
    service.kill();
    let proof = folder.path().join("0.tlog-proof");
    told(&["log", "proof", "0"], &[("--dir", &data), ("--out", &proof)]).unwrap();

    let alone = told(&["log", "retire-key"], &[("--dir", &data)]).unwrap_err();
    assert!(alone.contains("rotate-key"), "{alone}");
    let rotated = told(&["log", "rotate-key"], &[("--dir", &data)]).unwrap();
    let retired = told(&["log", "retire-key"], &[("--dir", &data)]).unwrap();
    assert_eq!((&retired["vkey"], &retired["retired"]), (&rotated["vkey"], &Value::String(log.clone())));
    let keys = data.join("log/log.keys");
    let late = folder.path().join("late.tlog-proof");
    fs::remove_file(data.join("log/checkpoint.witnessed")).unwrap();
    told(&["log", "proof", "0"], &[("--dir", &data), ("--out", &late)]).unwrap();
    for (file, alone) in [(&proof, true), (&late, false)] {
        let check = ["log", "check", file.to_str().unwrap(), "--vkey", &log];
        assert_eq!(told(&check, &[]).is_ok(), alone);
        told(&check, &[("--log-keys", &keys)]).unwrap();
    }
    told(&["log", "verify", "--vkey", &log], &[("--dir", &data)]).unwrap();
    told(&["log", "fsck"], &[("--dir", &data)]).unwrap();

    // The witnesses are given the file once, and keep it.
    drop(witnesses);
    let serve_all = |keys: Option<&Path>| {
        let witnesses = ["court", "ombudsman"].map(|name| serve_witness(&folder.path().join(name), &log, keys));
        let mut text = String::new();
        for line in fs::read_to_string(&policy).unwrap().lines() {
            let found = ["court", "ombudsman"].iter().zip(&witnesses);
            let named = found.into_iter().find(|(name, _)| line.starts_with(&format!("witness {name} ")));
            text += &match named {
                Some((_, service)) => {
                    let without = line.rsplit_once(' ').unwrap().0;
                    format!("{without} {}\n", service.announced["url"].as_str().unwrap())
                }
                None => format!("{line}\n"),
            };
        }
        fs::write(&policy, text).unwrap();
        witnesses
    };
    drop(serve_all(Some(&keys)));
    let witnesses = serve_all(None);
    let service = serve(&data, &policy);
    let grown = checkpoint(&service, |note| cosigned(note) && size(note) > size(&first));
    assert!(cosigned(&grown) && size(&grown) > size(&first), "{grown}");
    let (status, shown) = service.ask("", "GET", "/log/log.keys", &Value::Null);
    assert_eq!((status, shown), (200, fs::read(&keys).unwrap()));
    service.kill();
    told(&["log", "verify", "--max-age", "300"], &[("--dir", &data), ("--policy", &policy)]).unwrap();
    drop(witnesses);

    // Another line of keys, as a thief of the first key would show, is refused by whoever has learned the true one.
    let text = fs::read_to_string(&keys).unwrap();
    let begin = text.match_indices("tanba-log-key/1\n").nth(1).unwrap().0;
    let other = folder.path().join("other.keys");
    fs::write(&other, text[..begin].to_owned() + &text[begin..].replacen("from ", "from 1", 1)).unwrap();
    let listen = ["witness", "serve", "--listen", "127.0.0.1:0", "--log", log.as_str()];
    let refused = told(&listen, &[("--dir", &folder.path().join("court")), ("--log-keys", &other)]).unwrap_err();
    assert!(refused.contains("other.keys"), "{refused}");
}
