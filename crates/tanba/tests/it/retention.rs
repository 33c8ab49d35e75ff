//! What may no longer be kept, and packs from a folder, as an operator meets them.

use serde_json::Value;

use crate::client::{PASSPHRASE, PASSWORD, Service, fsck, init, tanba};

const SECRETS: [(&str, &str); 3] =
    [("TANBA_PASSPHRASE", PASSPHRASE), ("TANBA_ADMIN_LOGIN", "administrator"), ("TANBA_ADMIN_PASSWORD", PASSWORD)];

#[test]
fn a_plan_changes_nothing_and_a_run_says_what_it_did() {
    let dir = tempfile::tempdir().unwrap();
    let nothing = tanba(&SECRETS).args(["retention", "plan", "--dir"]).arg(dir.path()).output().unwrap();
    assert!(!nothing.status.success() && String::from_utf8_lossy(&nothing.stderr).contains("holds no register"));
    assert!(init(dir.path()).status.success());
    let answer = |what: &str| -> Value {
        let output = tanba(&SECRETS).args(["--json", "retention", what, "--dir"]).arg(dir.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let plan = answer("plan");
    assert_eq!((plan["rows"].as_array().map(Vec::len), plan["hash"].as_str().map(str::len)), (Some(0), Some(64)));
    let run = answer("run");
    assert_eq!((&run["erased"], &run["overdue"]), (&Value::from(0), &Value::from(0)));
    assert_eq!(fsck(dir.path())["ok"], true);
}

#[test]
fn packs_of_a_folder_stay_with_the_register_and_a_broken_one_founds_none() {
    let dir = tempfile::tempdir().unwrap();
    let (data, law) = (dir.path().join("data"), dir.path().join("law"));
    std::fs::create_dir(&law).unwrap();
    let found = || {
        let mut command = tanba(&SECRETS);
        command.args(["init", "--demonstration", "--dir"]).arg(&data).arg("--law").arg(&law);
        command.output().unwrap()
    };
    assert!(!found().status.success(), "an empty folder has no law");
    std::fs::write(law.join("kz.yaml"), "format: tanba-law-pack/2\nid: kz\n").unwrap();
    let broken = found();
    assert!(
        !broken.status.success() && String::from_utf8_lossy(&broken.stderr).contains("kz.yaml"),
        "the file is named"
    );
    assert!(!data.exists(), "nothing was founded");
    std::fs::write(law.join("kz.yaml"), include_str!("../../../tanba-law/packs/kz-2024-in-force.yaml")).unwrap();
    assert!(found().status.success());
    std::fs::remove_dir_all(&law).unwrap();
    // Nobody names the folder at the start, and it is not even there any more.
    let service = Service::start(&data, &SECRETS[..1], None);
    let (status, page) = service.ask("", "GET", "/law", &Value::Null);
    assert_eq!(status, 200);
    assert!(String::from_utf8(page).unwrap().contains("kz-2024-in-force"));
}
