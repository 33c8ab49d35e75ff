//! A register whose log changes its key: by two administrators, broken off anywhere, and with everything made before still proved.

use std::io;

use tanba_registry::tile_dir::TileDir;
use tanba_registry::{LogKeyStep, MemoryRegister, Registry, RegistryError, Result, check_export, verify_audit};
use tanba_seal::KdfParams;
use tanba_seal::index::OwnEntries;
use tanba_seal::log::{
    LOG_KEYS_PATH, LogError, LogVerifier, Policy, TileStore as _, TlogProof, fsck, read_checkpoint, read_entry,
    sign_statement,
};

use crate::citizen::citizen;
use crate::house::{House, PASSPHRASE, adult, house};
use crate::integrity::database;

const KDF: KdfParams = KdfParams::MINIMUM;

fn on(_: LogKeyStep) -> Result<()> {
    Ok(())
}

fn keys_beside(house: &House) -> Vec<u8> {
    TileDir::open(&house.data().join("log")).read(LOG_KEYS_PATH).unwrap().unwrap_or_default()
}

async fn sound(house: &House) {
    house.assert_log_is_sound().await;
    let cold = tanba_registry::fsck_cold(&house.data(), house.registry.log_verifier()).await.unwrap();
    assert!(cold.ok, "{:?}", cold.faults);
}

#[tokio::test]
async fn control_e14_what_was_proved_before_the_log_changed_its_key_is_proved_afterwards() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let encounter = house.open(&aida, "identity_card", "k1").await.unwrap();
    let own = citizen(&house, "aida", encounter.person).await;
    let registry = &house.registry;
    let first = registry.verifier_key();
    registry.publish_index().await.unwrap();
    registry.publish().await.unwrap();
    let entry = |proof: &TlogProof| {
        let tiles = TileDir::open(&house.data().join("log"));
        let size = read_checkpoint(&tiles, &registry.log_verifier()).unwrap().unwrap().size;
        read_entry(&tiles, size, proof.index).unwrap()
    };
    let before = registry.prove(3).await.unwrap();
    let own_before = registry.own_entries(&own).await.unwrap().to_bytes();
    let bundle_before = house.dir.path().join("before");
    registry.audit_bundle(&bundle_before).await.unwrap();

    let second = registry.rotate_log_key(PASSPHRASE, KDF, on).await.unwrap();
    assert_eq!(registry.verifier_key(), second.vkey);
    assert_ne!(first, second.vkey);
    assert!(second.post_quantum.is_some());
    assert!(matches!(registry.rotate_log_key(PASSPHRASE, KDF, on).await, Err(RegistryError::Conflict { .. })));
    let [old, new] = [&first, &second.vkey].map(|key| LogVerifier::parse(key).unwrap());
    let during = registry.prove(3).await.unwrap();
    for key in [&old, &new] {
        during.verify(key, &entry(&during)).unwrap();
    }
    sound(&house).await;
    registry.retire_log_key(PASSPHRASE, KDF, on).await.unwrap();
    assert!(matches!(registry.retire_log_key(PASSPHRASE, KDF, on).await, Err(RegistryError::Conflict { .. })));
    registry.supervise(&house.supervisor, 0, 1).await.unwrap();
    registry.publish_index().await.unwrap();
    registry.publish().await.unwrap();
    sound(&house).await;

    // Whoever has either key, and the file of keys, reads what was made at any time.
    let after = registry.prove(3).await.unwrap();
    let own_after = registry.own_entries(&own).await.unwrap().to_bytes();
    let bundle_after = house.dir.path().join("after");
    registry.audit_bundle(&bundle_after).await.unwrap();
    let keys = keys_beside(&house);
    assert!(after.verify(&old, &entry(&after)).is_err());
    before.verify(&old, &entry(&before)).unwrap();
    for key in [&old, &new] {
        let knows = key.following(&keys).unwrap();
        for proof in [&before, &during, &after] {
            proof.verify(&knows, &entry(proof)).unwrap();
        }
        for own in [&own_before, &own_after] {
            OwnEntries::parse(own).unwrap().verify(&knows).unwrap();
        }
        let report = verify_audit(&bundle_after, key, Some(&bundle_before));
        assert!(report.ok, "{:?}", report.faults);
        let policy = Policy::parse(&format!("log {key}\nquorum none\n")).unwrap().following(&keys).unwrap();
        after.verify_witnessed(&policy, &entry(&after)).unwrap();
    }
    let taken_off = bundle_after.join("log").join(LOG_KEYS_PATH);
    std::fs::remove_file(taken_off).unwrap();
    assert!(!verify_audit(&bundle_after, &new, None).ok);
}

#[tokio::test]
async fn control_e14_a_change_of_the_logs_key_that_breaks_off_anywhere_leaves_a_whole_log_and_is_finished() {
    let mut house = house(&[]).await;
    let break_off = |at: LogKeyStep| {
        move |step| if step == at { Err(RegistryError::Io(io::Error::other("power is gone"))) } else { Ok(()) }
    };
    let mut number = 1;
    for at in [LogKeyStep::KeyMade, LogKeyStep::Stated, LogKeyStep::Shown, LogKeyStep::Published] {
        let before = house.registry.verifier_key();
        house.registry.rotate_log_key(PASSPHRASE, KDF, break_off(at)).await.unwrap_err();
        house = house.reopened().await;
        sound(&house).await;
        assert_eq!(house.registry.verifier_key() == before, at == LogKeyStep::KeyMade, "{at:?}");
        if at == LogKeyStep::KeyMade {
            // It signs beside, counts nowhere, and is no older key to be retired.
            assert!(house.registry.retire_log_key(PASSPHRASE, KDF, on).await.is_err());
            house.registry.rotate_log_key(PASSPHRASE, KDF, on).await.unwrap();
        }
        number += 1;
        assert_eq!(house.registry.log_verifier().keys().len(), number);
        let end = match at {
            LogKeyStep::KeyMade => LogKeyStep::Stated,
            LogKeyStep::Stated => LogKeyStep::Shown,
            LogKeyStep::Shown => LogKeyStep::Forgotten,
            _ => LogKeyStep::Published,
        };
        house.registry.retire_log_key(PASSPHRASE, KDF, break_off(end)).await.unwrap_err();
        house = house.reopened().await;
        sound(&house).await;
        assert!(house.registry.log_verifier().keys()[number - 2].until.is_some(), "{end:?}");
        if end == LogKeyStep::Shown {
            // The key that is still held is dropped with the next change.
            continue;
        }
        let again = house.registry.retire_log_key(PASSPHRASE, KDF, on).await;
        assert_eq!(again.is_ok(), end == LogKeyStep::Stated, "{end:?}");
        house.registry.supervise(&house.supervisor, 0, 1).await.unwrap();
        sound(&house).await;
        let checkpoint = String::from_utf8(std::fs::read(house.data().join("log/checkpoint")).unwrap()).unwrap();
        assert_eq!(checkpoint.matches("\u{2014} ").count(), 2, "one key of both kinds signs: {checkpoint}");
    }
    // The key file of before counts for nothing any more, and is not signed with.
    let (data, clock) = (house.data(), house.clock.clone());
    let before = std::fs::read(data.join("keys.json")).unwrap();
    house.registry.rotate_log_key(PASSPHRASE, KDF, on).await.unwrap();
    house.registry.retire_log_key(PASSPHRASE, KDF, on).await.unwrap();
    let newest_now = std::fs::read(data.join("keys.json")).unwrap();
    let House { registry, dir, .. } = house;
    drop(registry);
    std::fs::write(data.join("keys.json"), before).unwrap();
    let register = || std::sync::Arc::new(MemoryRegister::new([]));
    let refused = Registry::open(&data, PASSPHRASE, register(), clock.clone()).await.map(drop).unwrap_err();
    assert!(refused.to_string().contains("key file from before"), "{refused}");
    std::fs::write(data.join("keys.json"), newest_now).unwrap();
    let registry = Registry::open(&data, PASSPHRASE, register(), clock).await.unwrap();
    // A wrong passphrase changes nothing.
    let keys = registry.log_verifier().keys();
    assert!(registry.rotate_log_key("another passphrase", KDF, on).await.is_err());
    assert_eq!(registry.log_verifier().keys(), keys);
    drop(dir);
}

#[tokio::test]
async fn control_e14_statements_of_keys_that_somebody_changes_or_takes_away_are_found() {
    let house = house(&[]).await;
    house.registry.rotate_log_key(PASSPHRASE, KDF, on).await.unwrap();
    sound(&house).await;
    let pool = database(&house).await;
    for (by_hand, undone) in [
        (
            "UPDATE log_key_statements SET note = replace(note, 'from', 'form') WHERE number = 2",
            "UPDATE log_key_statements SET note = replace(note, 'form', 'from') WHERE number = 2",
        ),
        (
            "CREATE TABLE kept AS SELECT * FROM log_key_statements; DELETE FROM log_key_statements WHERE number = 2",
            "DELETE FROM log_key_statements; INSERT INTO log_key_statements SELECT * FROM kept",
        ),
    ] {
        sqlx::raw_sql(by_hand).execute(&pool).await.unwrap();
        let report = house.registry.fsck().await.unwrap();
        assert!(report.faults.iter().any(|fault| fault.path == LOG_KEYS_PATH), "{by_hand}");
        sqlx::raw_sql(undone).execute(&pool).await.unwrap();
        assert!(house.registry.fsck().await.unwrap().ok);
    }
    sqlx::raw_sql("DELETE FROM log_key_statements WHERE number = 2").execute(&pool).await.unwrap();
    assert!(!house.registry.reconcile_rows().await.unwrap().is_empty());
    // What was shown is not taken back at the next start.
    let (data, clock) = (house.data(), house.clock.clone());
    drop(house.registry);
    let opened = Registry::open(&data, PASSPHRASE, std::sync::Arc::new(MemoryRegister::new([])), clock).await;
    assert!(matches!(opened.map(drop), Err(RegistryError::Damaged { .. })));
}

#[tokio::test]
async fn a_register_of_before_there_were_statements_begins_them_with_its_next_key() {
    let house = house(&[]).await;
    let pool = database(&house).await;
    sqlx::raw_sql("DELETE FROM log_key_statements").execute(&pool).await.unwrap();
    std::fs::remove_file(house.data().join("log").join(LOG_KEYS_PATH)).unwrap();
    pool.close().await;
    let house = house.reopened().await;
    let first = house.registry.verifier_key();
    house.registry.rotate_log_key(PASSPHRASE, KDF, on).await.unwrap();
    house.registry.retire_log_key(PASSPHRASE, KDF, on).await.unwrap();
    let keys = house.registry.log_verifier().keys();
    assert_eq!((keys.len(), &keys[0].vkey), (2, &first));
    let tiles = TileDir::open(&house.data().join("log"));
    assert!(fsck(&tiles, &LogVerifier::parse(&first).unwrap(), None).unwrap().ok);
    assert!(house.registry.reconcile_rows().await.unwrap().is_empty());
}

#[tokio::test]
async fn control_e14_records_that_an_older_key_signed_are_still_genuine() {
    let house = house(&[]).await;
    let text = "tanba-export/1\nexport x\n";
    // As the register signs them: with the keys of its key file.
    let sign = || {
        let file = std::fs::read(house.data().join("keys.json")).unwrap();
        sign_statement(&tanba_seal::KeyRing::open(&file, PASSPHRASE).unwrap().log_signer(), text).unwrap()
    };
    let before = sign();
    house.registry.rotate_log_key(PASSPHRASE, KDF, on).await.unwrap();
    let during = sign();
    house.registry.retire_log_key(PASSPHRASE, KDF, on).await.unwrap();
    for record in [before.clone(), during, sign()] {
        check_export(&record, &house.registry.log_verifier()).unwrap();
    }
    let newest = LogVerifier::parse(&house.registry.verifier_key()).unwrap();
    assert!(matches!(check_export(&before, &newest), Err(RegistryError::Log(LogError::BadCheckpoint { .. }))));
}
