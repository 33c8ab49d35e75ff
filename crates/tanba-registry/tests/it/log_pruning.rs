//! A register whose log is pruned: by the law and two people, broken off anywhere, and with everything behind it going on.

use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

use jiff::civil::date;
use tanba_registry::tile_dir::TileDir;
use tanba_registry::{
    BreachStep, DualAct, DualKind, LogNeed, LogPruningStep, MemoryRegister, NewBreach, NewRequest, PasskeyDemand,
    Registry, RegistryError, RequestKind, Result, Role, SetClock, fsck_cold, verify_audit,
};
use tanba_seal::index::OwnEntries;
use tanba_seal::log::{
    Checkpoint, LogError, LogVerifier, PRUNED_PATH, prove_consistency, read_checkpoint, read_entry, read_pruned,
    verify_consistency,
};

use crate::access::case;
use crate::citizen::citizen;
use crate::erased::copy;
use crate::house::{House, PASSPHRASE, account, adult, denied, house, sign_in};
use crate::integrity::database;
use crate::passkeys::{Holder, bind, site};
use crate::retention::travel;

fn on(_: LogPruningStep) -> Result<()> {
    Ok(())
}

fn tiles(house: &House) -> TileDir {
    TileDir::open(&house.data().join("log"))
}

fn head(house: &House) -> Checkpoint {
    read_checkpoint(&tiles(house), &house.registry.log_verifier()).unwrap().unwrap()
}

fn shown_minimum(house: &House) -> u64 {
    read_pruned(&tiles(house), &house.registry.log_verifier()).unwrap().map_or(0, |pruned| pruned.minimum)
}

/// Rows, files and index are whole, for the register and from a cold copy.
async fn sound(house: &House) {
    let cold = fsck_cold(&house.data(), house.registry.log_verifier()).await.unwrap();
    assert!(cold.ok, "{:?}", cold.faults);
    house.assert_log_is_sound().await;
    assert_eq!(house.registry.check_returns(&house.supervisor).await.unwrap().differences, []);
}

/// Looks of a supervisor, which are entries and nothing else.
async fn look(house: &House, times: usize) {
    for _ in 0..times {
        house.registry.supervise(&house.supervisor, 0, 1).await.unwrap();
    }
}

/// A register with more than two bundles of entries, ten years later, when their words are gone; beside it a copy of its log of the beginning.
async fn old_house() -> House {
    let house = house(&[]).await;
    house.registry.publish().await.unwrap();
    copy(&house.data().join("log"), &house.dir.path().join("young-log"));
    look(&house, 500).await;
    house.registry.publish().await.unwrap();
    ten_years_later(&house).await;
    house
}

async fn ten_years_later(house: &House) {
    travel(house, date(2036, 11, 23));
    house.registry.run_retention().await.unwrap();
    house.registry.publish_index().await.unwrap();
    house.registry.publish().await.unwrap();
}

/// A supervisor and an administrator with their passkeys.
async fn two(house: &House) -> (Holder, Holder) {
    house.registry.use_passkeys(site(), PasskeyDemand::Required).unwrap();
    let administrator = bind(house, &house.administrator, "administrator").await;
    let supervisor = bind(house, &administrator.actor, "supervisor").await;
    (administrator, supervisor)
}

fn act(minimum: u64) -> DualAct {
    DualAct::of(DualKind::LogPruning, minimum)
}

async fn approve(house: &House, (one, other): &mut (Holder, Holder), minimum: u64) {
    one.approve(&house.registry, &act(minimum)).await.unwrap();
    other.approve(&house.registry, &act(minimum)).await.unwrap();
}

#[tokio::test]
async fn control_e13_the_log_is_pruned_by_the_law_and_two_people_and_everything_behind_it_goes_on() {
    let aida = adult(11);
    let mut house = house(&[&aida]).await;
    let encounter = house.open(&aida, "identity_card", "k1").await.unwrap();
    let own = citizen(&house, "aida", encounter.person).await;
    look(&house, 560).await;
    house.registry.publish_index().await.unwrap();
    let then = house.registry.publish().await.unwrap();
    let kept = house.registry.prove(3).await.unwrap();
    let kept_entry = read_entry(&tiles(&house), then.size, 3).unwrap();
    let own_before = house.registry.own_entries(&own).await.unwrap();
    let bundle_before = house.dir.path().join("before");
    house.registry.audit_bundle(&bundle_before).await.unwrap();
    // The law still keeps everything.
    let plan = house.registry.plan_log_pruning().await.unwrap();
    assert_eq!((plan.first, plan.minimum, plan.clause), (0, 0, None));
    assert_eq!(denied(house.registry.prune_log(256, on).await), "log_kept");

    travel(&house, date(2036, 11, 23));
    // Its time is over, and its words are still there.
    let plan = house.registry.plan_log_pruning().await.unwrap();
    assert_eq!((plan.minimum, plan.needed_by), (0, LogNeed::Words));
    house.registry.run_retention().await.unwrap();
    house.registry.publish_index().await.unwrap();
    let plan = house.registry.plan_log_pruning().await.unwrap();
    assert_eq!((plan.first, plan.minimum, plan.clause.is_some()), (0, 512, true));
    // Two signatures everywhere, and what is asked for is what they signed.
    assert_eq!(denied(house.registry.prune_log(512, on).await), "approval_missing");
    let mut signers = two(&house).await;
    approve(&house, &mut signers, 256).await;
    for refused in [0, 255, 300, 768, u64::MAX] {
        let refusal = house.registry.prune_log(refused, on).await;
        assert!(refused == 0 && refusal.is_ok() || denied(refusal) == "log_kept", "{refused}");
    }
    assert_eq!(denied(house.registry.prune_log(512, on).await), "approval_missing");
    assert_eq!(shown_minimum(&house), 0);
    assert!(house.registry.prune_log(256, on).await.unwrap() >= 2);
    assert_eq!(house.registry.prune_log(256, on).await.unwrap(), 0, "it is done");
    approve(&house, &mut signers, 512).await;
    house.registry.prune_log(512, on).await.unwrap();
    assert_eq!(shown_minimum(&house), 512);
    sound(&house).await;

    // A proof from before stays good; a new one is had of what stays.
    let verifier = house.registry.log_verifier();
    kept.verify(&verifier, &kept_entry).unwrap();
    assert!(matches!(house.registry.prove(3).await, Err(RegistryError::Log(LogError::Pruned { minimum: 512 }))));
    let now = head(&house);
    for seq in [512, then.size - 1, now.size - 1] {
        let entry = read_entry(&tiles(&house), now.size, seq).unwrap();
        house.registry.prove(seq).await.unwrap().verify(&verifier, &entry).unwrap();
    }
    let consistent = prove_consistency(&tiles(&house), then.size, now.size).unwrap();
    verify_consistency(then.size, now.size, &then.root, &now.root, &consistent).unwrap();
    // Nothing of the person was left out: what is gone was in the index, and the file of before says so.
    let own_now = house.registry.own_entries(&own).await.unwrap();
    let told = own_now.verify(&verifier).unwrap();
    assert!(OwnEntries::parse(&own_before.to_bytes()).unwrap().verify(&verifier).is_ok());
    assert!(own_now.records[0].erased as usize >= own_before.records[0].entries.len());
    drop(told);
    // An auditor who had the bundle of before goes on with the one of now.
    let bundle = house.dir.path().join("after");
    house.registry.audit_bundle(&bundle).await.unwrap();
    let vkey = LogVerifier::parse(&house.registry.verifier_key()).unwrap();
    let report = verify_audit(&bundle, &vkey, Some(&bundle_before));
    assert!(report.ok, "{:?}", report.faults);
    // What reads every entry goes on.
    let all = house.registry.supervise(&house.supervisor, 0, 1000).await.unwrap();
    assert_eq!((all[3].look.seq, all[3].subjects, all[600].look.purpose.is_empty()), (3, 0, false));
    let view = house.registry.supervise_entry(&house.supervisor, 3).await.unwrap();
    assert_eq!((view.leaf.as_str(), view.published), ("", false));
    house.registry.oversight_summary(&house.supervisor, 90).await.unwrap();
    house.registry.run_retention().await.unwrap();
    // And so does a register that is started again, changes its key, and loses the log's folder.
    house = house.reopened().await;
    sound(&house).await;
    house.registry.publish().await.unwrap();
    let before = head(&house);
    let log = house.data().join("log");
    let kept_log = house.dir.path().join("log-of-before");
    fs::rename(&log, &kept_log).unwrap();
    house = house.reopened().await;
    sound(&house).await;
    assert_eq!(shown_minimum(&house), 512);
    let again = head(&house);
    let proof = prove_consistency(&tiles(&house), before.size, again.size).unwrap();
    verify_consistency(before.size, again.size, &before.root, &again.root, &proof).unwrap();
}

#[tokio::test]
async fn control_e13_a_pruning_that_breaks_off_anywhere_leaves_a_whole_register_and_is_finished() {
    use LogPruningStep::{Decided, Pruned, Published, Shown};
    let house = old_house().await;
    let mut signers = two(&house).await;
    approve(&house, &mut signers, 512).await;
    let (data, clock, verifier) = (house.data(), house.clock.clone(), house.registry.log_verifier());
    let House { registry, dir, .. } = house;
    drop(registry);
    for at in [Decided, Published, Shown, Pruned] {
        let broken = dir.path().join(format!("{at:?}"));
        copy(&data, &broken);
        let registry = opened(&broken, clock.clone()).await.unwrap();
        let break_off =
            |step| if step == at { Err(RegistryError::Io(io::Error::other("power is gone"))) } else { Ok(()) };
        registry.prune_log(512, break_off).await.unwrap_err();
        let shown =
            || read_pruned(&TileDir::open(&broken.join("log")), &verifier).unwrap().map_or(0, |said| said.minimum);
        assert_eq!(shown(), if matches!(at, Shown | Pruned) { 512 } else { 0 }, "{at:?}");
        let cold = fsck_cold(&broken, verifier.clone()).await.unwrap();
        assert!(cold.ok, "{at:?}: {:?}", cold.faults);
        assert_eq!(cold.left_to_prune > 0, at == Shown);
        // The signatures are used up, and nobody has to sign again: it is finished by the next call, or by the next start.
        if at == Published {
            registry.prune_log(512, on).await.unwrap();
        } else {
            drop(registry);
            opened(&broken, clock.clone()).await.unwrap();
        }
        assert_eq!(shown(), 512, "{at:?}");
        let cold = fsck_cold(&broken, verifier.clone()).await.unwrap();
        assert!(cold.ok && cold.left_to_prune == 0, "{at:?}: {:?}", cold.faults);
    }
}

async fn opened(data: &Path, clock: Arc<SetClock>) -> Result<Registry> {
    Registry::open(data, PASSPHRASE, Arc::new(MemoryRegister::new([])), clock).await
}

#[tokio::test]
async fn control_e13_what_was_pruned_by_hand_or_by_others_is_damage() {
    let house = old_house().await;
    let pool = database(&house).await;
    let faulty = async || !fsck_cold(&house.data(), house.registry.log_verifier()).await.unwrap().ok;
    assert!(!faulty().await);
    // Files, or rows, without a decision.
    let file = house.data().join("log/tile/entries/000");
    let bytes = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    assert!(faulty().await);
    fs::write(&file, bytes).unwrap();
    sqlx::raw_sql("CREATE TABLE kept AS SELECT * FROM log_entries; UPDATE log_entries SET leaf = X'', sealed_payload = X'' WHERE seq < 256")
        .execute(&pool)
        .await
        .unwrap();
    assert!(faulty().await);
    let restore = "UPDATE log_entries SET leaf = (SELECT leaf FROM kept k WHERE k.seq = log_entries.seq), \
                   sealed_payload = (SELECT sealed_payload FROM kept k WHERE k.seq = log_entries.seq) WHERE seq < 512";
    sqlx::raw_sql(restore).execute(&pool).await.unwrap();
    assert!(!faulty().await);
    // Two administrators are not enough, and no administrator alone.
    let (mut administrator, mut supervisor) = two(&house).await;
    administrator.prove(&house.registry).await.unwrap();
    let other = account("administrator-2", house.centre, Role::Administrator);
    administrator
        .signing(&house.registry, async |actor| house.registry.add_account(actor, &other).await)
        .await
        .unwrap();
    let mut other = bind(&house, &administrator.actor, "administrator-2").await;
    administrator.approve(&house.registry, &act(512)).await.unwrap();
    assert_eq!(denied(house.registry.prune_log(512, on).await), "approval_missing");
    other.approve(&house.registry, &act(512)).await.unwrap();
    assert_eq!(denied(house.registry.prune_log(512, on).await), "approval_missing");
    supervisor.approve(&house.registry, &act(512)).await.unwrap();
    administrator.approve(&house.registry, &act(512)).await.ok();
    house.registry.prune_log(512, on).await.unwrap();
    sound(&house).await;
    // A row or the file that says more or something else than the log's entry.
    for (change, undo) in [
        ("UPDATE log_prunings SET minimum = 768", "UPDATE log_prunings SET minimum = 512"),
        (
            "UPDATE log_prunings SET note = note || 'x'",
            "UPDATE log_prunings SET note = SUBSTR(note, 1, LENGTH(note) - 1)",
        ),
        (
            "CREATE TABLE gone AS SELECT * FROM log_prunings; DELETE FROM log_prunings",
            "INSERT INTO log_prunings SELECT * FROM gone",
        ),
        (
            "UPDATE log_entries SET sealed_payload = X'00' WHERE seq = 5",
            "UPDATE log_entries SET sealed_payload = X'' WHERE seq = 5",
        ),
    ] {
        sqlx::raw_sql(change).execute(&pool).await.unwrap();
        assert!(faulty().await, "{change}");
        sqlx::raw_sql(undo).execute(&pool).await.unwrap();
        assert!(!faulty().await, "{undo}");
    }
    let shown = house.data().join("log").join(PRUNED_PATH);
    let note = fs::read(&shown).unwrap();
    fs::remove_file(&shown).unwrap();
    assert!(faulty().await);
    fs::write(&shown, &note[..note.len() - 1]).unwrap();
    assert!(faulty().await);
    fs::write(&shown, &note).unwrap();
    sound(&house).await;
    // An older log beside these rows is not gone on with.
    let (data, clock) = (house.data(), house.clock.clone());
    let House { registry, dir, .. } = house;
    drop(registry);
    fs::remove_dir_all(data.join("log")).unwrap();
    copy(&dir.path().join("young-log"), &data.join("log"));
    let refused = opened(&data, clock).await.map(drop).unwrap_err();
    assert!(refused.to_string().contains("were pruned"), "{refused}");
}

#[tokio::test]
async fn control_e13_nothing_is_pruned_that_something_open_needs() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let registry = &house.registry;
    let encounter = house.open(&aida, "identity_card", "k1").await.unwrap();
    let own = citizen(&house, "aida", encounter.person).await;
    look(&house, 300).await;
    let open_case = case(&house, &house.officer).await;
    let breach = NewBreach { what: "a list left the centre".to_owned(), known_at: None, entries: vec![300] };
    let breach = registry.open_breach(&house.supervisor, &breach).await.unwrap();
    look(&house, 300).await;
    ten_years_later(&house).await;
    let plan = async || {
        let plan = registry.plan_log_pruning().await.unwrap();
        (plan.minimum, plan.needed_by)
    };
    assert_eq!(plan().await, (256, LogNeed::Breach));
    for step in [BreachStep::AuthorityNotified, BreachStep::PersonsNotNeeded, BreachStep::Closed] {
        registry.take_breach_step(&house.supervisor, breach, step, "done").await.unwrap();
    }
    assert_eq!(plan().await, (256, LogNeed::Case));
    let pool = database(&house).await;
    sqlx::query("UPDATE cases SET closed_at = 1 WHERE id = $1")
        .bind(open_case.to_string())
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(plan().await, (512, LogNeed::Words));
    // Of what is asked ten years later, everything from then on is kept.
    let officer = sign_in(registry, "officer", None).await;
    case(&house, &officer).await;
    let complaint = NewRequest::new(RequestKind::Complaint, "who looked?");
    registry.ask_for(&own, &complaint).await.unwrap();
    assert_eq!(plan().await, (512, LogNeed::Words));
    sqlx::query("UPDATE person_requests SET requested_at = 0").execute(&pool).await.unwrap();
    assert_eq!(plan().await, (0, LogNeed::Request));
}
