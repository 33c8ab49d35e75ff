//! Running the program.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Runs `tanba` in a folder.
pub(crate) fn tanba<S: AsRef<OsStr>>(folder: &Path, args: &[S]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tanba"))
        .current_dir(folder)
        .args(args)
        .env_remove("RUST_LOG")
        .output()
        .expect("the program starts")
}

/// Standard error as text.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The one JSON object on standard output of a run with `--json`.
pub(crate) fn object(output: &Output) -> Value {
    let text = String::from_utf8(output.stdout.clone()).expect("JSON is UTF-8");
    let value: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e} in {text:?}; {}", stderr(output)));
    assert!(value.is_object(), "{text}");
    value
}

/// Runs with `--json` and expects success.
pub(crate) fn answer<S: AsRef<OsStr>>(folder: &Path, args: &[S]) -> Value {
    let all: Vec<&OsStr> = args.iter().map(AsRef::as_ref).chain([OsStr::new("--json")]).collect();
    let output = tanba(folder, &all);
    assert!(output.status.success(), "{}", stderr(&output));
    object(&output)
}

/// Runs and expects a refusal: exit status 1, no panic, nothing on standard output, and an error that holds `says`.
pub(crate) fn refusal<S: AsRef<OsStr>>(folder: &Path, args: &[S], says: &str) {
    let output = tanba(folder, args);
    let error = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(output.stdout.is_empty(), "{:?}", String::from_utf8_lossy(&output.stdout));
    assert!(error.contains(says), "{error:?} does not say {says:?}");
    assert!(error.starts_with("tanba: ") || error.contains("\ntanba: "), "{error}");
    assert!(!error.contains("panicked") && !error.contains("RUST_BACKTRACE"), "{error}");
}
