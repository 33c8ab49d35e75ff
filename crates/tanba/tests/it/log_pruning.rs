//! `tanba log prune`, from the first refusal to a log that begins later: on a register of twenty years ago, with the signatures of two.

use std::path::Path;
use std::process::Output;
use std::sync::Arc;

use jiff::{Span, Zoned};
use serde_json::Value;
use tanba_registry::{
    Actor, DualAct, DualKind, Founding, MemoryRegister, Mode, NewAccount, NewOrganisation, PasskeyDemand, Registry,
    Role, SetClock, SystemClock,
};
use tanba_seal::KdfParams;
use tanba_seal::log::VERIFIER_KEY_PATH;
use tanba_seal::passkey::software::{Authenticator, MODEL, Maker};
use tanba_seal::passkey::{Attestation, HardwareOnly, RelyingParty};

use crate::client::{PASSPHRASE, PASSWORD, fsck, tanba};

const SITE: &str = "tanba.test";
const ORIGIN: &str = "https://tanba.test";

/// Runs `tanba log ...` on a register, or on its log alone.
fn log(task: &[&str], dir: &Path) -> Output {
    tanba(&[("TANBA_PASSPHRASE", PASSPHRASE)])
        .args(["--json", "log"])
        .args(task)
        .arg("--dir")
        .arg(dir)
        .output()
        .unwrap()
}

fn answer(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A refusal says why, and answers nothing but that it is one.
fn refused(output: &Output, says: &str) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains(says) && !error.contains("panicked"), "{error}");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(told.get("error").is_some() && told.get("files").is_none(), "{told}");
}

fn account(login: &str, organisation: tanba_registry::OrganisationId, role: Role) -> NewAccount {
    NewAccount {
        login: login.to_owned(),
        password: PASSWORD.to_owned(),
        organisation,
        natural_person: format!("P-{login}"),
        roles: [role].into(),
        person: None,
    }
}

async fn sign_in(registry: &Registry, login: &str) -> Actor {
    let token = registry.sign_in(login, PASSWORD, None).await.unwrap();
    registry.authenticate(token.reveal()).await.unwrap()
}

/// A register that was founded twenty years ago, with two bundles of entries of then.
async fn old_register(dir: &Path) {
    let day = Zoned::now().date().checked_sub(Span::new().years(20)).unwrap();
    let founding = Founding {
        mode: Mode::Demonstration,
        jurisdiction: "kz".to_owned(),
        time_zone: None,
        origin: "tanba.test/log".to_owned(),
        operator_code: "dactyl".to_owned(),
        administrator: "administrator".to_owned(),
        password: PASSWORD.to_owned(),
        natural_person: "P-administrator".to_owned(),
        kdf: KdfParams::MINIMUM,
    };
    let clock = Arc::new(SetClock::at(day));
    let registry =
        Registry::found(dir, PASSPHRASE, &founding, Arc::new(MemoryRegister::default()), clock).await.unwrap();
    let administrator = sign_in(&registry, "administrator").await;
    let dpa =
        NewOrganisation { code: "dpa".to_owned(), name: "dpa".to_owned(), body: "supervisory_authority".to_owned() };
    let dpa = registry.add_organisation(&administrator, &dpa).await.unwrap();
    registry.add_account(&administrator, &account("supervisor", dpa, Role::Supervisor)).await.unwrap();
    let supervisor = sign_in(&registry, "supervisor").await;
    for _ in 0..530 {
        registry.supervise(&supervisor, 0, 1).await.unwrap();
    }
    registry.publish().await.unwrap();
}

/// The supervisor and an administrator bind a passkey each, and sign that the log is pruned there.
async fn two_sign(dir: &Path, minimum: u64) {
    let registry =
        Registry::open(dir, PASSPHRASE, Arc::new(MemoryRegister::default()), Arc::new(SystemClock)).await.unwrap();
    let maker = Maker::new("a maker of keys");
    let hardware = HardwareOnly::new([maker.anchor()], [MODEL]).unwrap();
    let site = RelyingParty {
        id: SITE.to_owned(),
        origins: [ORIGIN.to_owned()].into(),
        attestation: Attestation::Hardware(hardware),
    };
    registry.use_passkeys(site, PasskeyDemand::Required).unwrap();
    let mut administrator = sign_in(&registry, "administrator").await;
    let act = DualAct::of(DualKind::LogPruning, minimum);
    for login in ["administrator", "supervisor"] {
        let token = registry.sign_in(login, PASSWORD, None).await.unwrap();
        let institutions = registry.institutions(&administrator).await.unwrap();
        let account = institutions.accounts.iter().find(|account| account.login == login).unwrap().id;
        let code = registry.issue_binding_code(&administrator, account).await.unwrap().code;
        let asked = registry.begin_binding(token.reveal(), Some(&code)).await.unwrap();
        let mut key: Authenticator = maker.authenticator(login, SITE, ORIGIN);
        registry.finish_binding(token.reveal(), &key.create(&asked.challenge)).await.unwrap();
        let actor = registry.authenticate(token.reveal()).await.unwrap();
        let asked = registry.begin_approval(&actor, &act).await.unwrap();
        registry.finish_approval(&actor, &act, &key.sign(&asked.challenge)).await.unwrap();
        if login == "administrator" {
            administrator = actor;
        }
    }
    registry.publish().await.unwrap();
    registry.close().await.unwrap();
}

#[test]
fn control_e13_the_command_prunes_by_the_law_and_two_signatures_and_everything_behind_goes_on() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("data");
    runtime.block_on(old_register(&dir));
    let plan = || answer(&log(&["prune"], &dir));

    // The words of the entries are still there, and a demonstration takes no short cut.
    let before = plan();
    assert_eq!((&before["first"], &before["minimum"]), (&Value::from(0), &Value::from(0)), "{before}");
    refused(&log(&["prune", "--to", "256"], &dir), "may not be pruned");
    let run =
        tanba(&[("TANBA_PASSPHRASE", PASSPHRASE)]).args(["retention", "run", "--dir"]).arg(&dir).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let planned = plan();
    assert_eq!((&planned["first"], &planned["minimum"]), (&Value::from(0), &Value::from(512)), "{planned}");
    assert!(planned["clause"].is_string() && planned["pack"].is_string());
    refused(&log(&["prune", "--to", "512"], &dir), "two people");
    for wrong in ["100", "768", "18446744073709551615"] {
        refused(&log(&["prune", "--to", wrong], &dir), "may not be pruned");
    }
    assert!(!dir.join("log/log.pruned").exists());

    runtime.block_on(two_sign(&dir, 512));
    refused(&log(&["prune", "--to", "256"], &dir), "two people");
    let done = answer(&log(&["prune", "--to", "512"], &dir));
    assert_eq!(done["minimum"], 512);
    assert!(done["files"].as_u64().unwrap() >= 4, "two bundles, two tiles: {done}");
    assert!(!dir.join("log/tile/entries/000").exists() && !dir.join("log/tile/entries/001").exists());
    let statement = std::fs::read_to_string(dir.join("log/log.pruned")).unwrap();
    assert!(statement.contains("minimum 512 "), "{statement}");
    let again = answer(&log(&["prune", "--to", "512"], &dir));
    assert_eq!(again["files"], 0, "a second call does nothing");
    assert_eq!(std::fs::read_to_string(dir.join("log/log.pruned")).unwrap(), statement);
    refused(&log(&["prune", "--to", "768"], &dir), "may not be pruned");

    // The log is whole, from the register and by itself; what stays is proved, and what went is said to be gone.
    assert_eq!(fsck(&dir)["ok"], true);
    assert_eq!(answer(&log(&["verify"], &dir.join("log")))["ok"], true);
    refused(&log(&["proof", "3"], &dir), "pruned");
    let proof = folder.path().join("entry.tlog-proof");
    let made = log(&["proof", "520", "--out", proof.to_str().unwrap()], &dir);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let vkey = std::fs::read_to_string(dir.join("log").join(VERIFIER_KEY_PATH)).unwrap();
    let check = tanba(&[]).args(["log", "check"]).arg(&proof).args(["--vkey", vkey.trim()]).output().unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
    std::fs::remove_file(dir.join("log/log.pruned")).unwrap();
    let damaged = log(&["fsck"], &dir);
    assert!(!damaged.status.success(), "without the statement the missing beginning is damage");
}
