//! Rows, keys and log: what a crash, a restart, a curious or a hostile database administrator meets.

use std::sync::Arc;

use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;
use tanba_registry::{EncounterState, MemoryRegister, Registry, RegistryError, Revision};

use crate::house::{House, PASSPHRASE, adult, all_files, denied, house, record, sign_in};

pub(crate) async fn database(house: &House) -> SqlitePool {
    // A hostile administrator minds no foreign keys.
    let options = SqliteConnectOptions::new().filename(house.data().join("tanba.sqlite")).foreign_keys(false);
    SqlitePool::connect_with(options).await.unwrap()
}

#[tokio::test]
async fn nothing_of_a_person_can_be_read_in_any_file() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    house.registry.publish().await.unwrap();
    let born = aida.born.iso();
    let needles: [(&str, &[u8]); 5] = [
        ("IIN", aida.iin.as_str().as_bytes()),
        ("birth date", born.as_bytes()),
        ("family name", aida.name.family.latin.as_bytes()),
        ("PNG", b"\x89PNG"),
        ("password", crate::house::PASSWORD.as_bytes()),
    ];
    let files = all_files(&house.data());
    assert!(files.len() > 4);
    for (path, bytes) in files {
        for (name, needle) in needles {
            let found = bytes.windows(needle.len()).any(|w| w == needle);
            assert!(!found, "{name} stands in {}", path.display());
        }
    }
}

#[tokio::test]
async fn a_register_closed_and_opened_again_still_finds_everyone() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let (data, clock) = (house.data(), house.clock.clone());
    let register = Arc::new(MemoryRegister::new([record(&aida, &[]), record(&other, &[])]));
    let busy = Registry::open(&data, PASSPHRASE, register.clone(), clock.clone()).await;
    assert!(matches!(busy, Err(RegistryError::DataFolder { .. })), "one process at a time");
    let House { dir, registry, .. } = house;
    drop(registry);

    let wrong = Registry::open(&data, "some other passphrase", register.clone(), clock.clone()).await;
    assert!(matches!(wrong, Err(RegistryError::Seal(_))));
    let again = Registry::open(&data, PASSPHRASE, register, clock).await.unwrap();
    assert_eq!(again.people_searchable(), 1);
    let operator = sign_in(&again, "operator", Some("csc-1-a")).await;
    let new = tanba_registry::OpenEncounter {
        client_key: "k2".to_owned(),
        trigger: "identity_card".to_owned(),
        iin: Some(other.iin.as_str().to_owned()),
        typed: std::collections::BTreeMap::new(),
    };
    let encounter = again.open_encounter(&operator, &new).await.unwrap();
    for finger in tanba_formats::Finger::TEN {
        if crate::house::FINGERS.contains(&finger) {
            let image = crate::house::print(&aida, finger, 2);
            again.capture(&operator, encounter.id, tanba_registry::Capture { finger, image, ppi: None }).await.unwrap();
        } else {
            again.state_finger(&operator, encounter.id, finger, tanba_registry::FingerState::Unable).await.unwrap();
        }
    }
    let done = again.complete(&operator, encounter.id).await.unwrap();
    assert_eq!(done.encounter.state, EncounterState::Adjudication);
    drop(dir);
}

#[tokio::test]
async fn two_peoples_templates_exchanged_in_the_database_are_detected() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    let a = house.register(&aida, &aida, "k1", 1).await.unwrap().encounter.id.to_string();
    let b = house.register(&other, &other, "k2", 1).await.unwrap().encounter.id.to_string();
    let pool = database(&house).await;
    let template = |id: &str| {
        let (pool, id) = (pool.clone(), id.to_owned());
        async move {
            sqlx::query_scalar::<_, Vec<u8>>(
                "SELECT sealed_template FROM samples WHERE encounter_id = $1 AND finger = 2",
            )
            .bind(id)
            .fetch_one(&pool)
            .await
            .unwrap()
        }
    };
    let (ta, tb) = (template(&a).await, template(&b).await);
    for (id, bytes) in [(&a, tb), (&b, ta)] {
        sqlx::query("UPDATE samples SET sealed_template = $1 WHERE encounter_id = $2 AND finger = 2")
            .bind(bytes)
            .bind(id)
            .execute(&pool)
            .await
            .unwrap();
    }
    pool.close().await;
    let again = house.open(&aida, "passport", "k3").await.unwrap();
    house.capture_all(again.id, &aida, 2).await.unwrap();
    let done = house.registry.complete(&house.operator, again.id).await;
    assert!(matches!(done, Err(RegistryError::Seal(_))), "{done:?}");
}

#[tokio::test]
async fn a_log_row_changed_or_removed_is_found_by_fsck() {
    let aida = adult(11);
    for tampering in [
        "UPDATE log_entries SET leaf = X'7b7d' WHERE seq = 3",
        "DELETE FROM log_entries WHERE seq = (SELECT MAX(seq) FROM log_entries)",
        "DELETE FROM log_entries WHERE seq = 4",
        "UPDATE log_entries SET seq = 9000000000000000000 WHERE seq = 4",
    ] {
        let house = house(&[&aida]).await;
        house.open(&aida, "identity_card", "k1").await.unwrap();
        house.assert_log_is_sound().await;
        let pool = database(&house).await;
        sqlx::raw_sql(tampering).execute(&pool).await.unwrap();
        let report = house.registry.fsck().await.unwrap();
        assert!(!report.ok, "{tampering} went unnoticed");
    }
}

#[tokio::test]
async fn nothing_is_signed_over_a_gap_in_the_rows() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let before = house.registry.publish().await.unwrap().size;
    house.open(&aida, "identity_card", "k1").await.unwrap();
    house.open(&aida, "identity_card", "k1").await.unwrap();
    let pool = database(&house).await;
    let gap = i64::try_from(before).unwrap();
    sqlx::query("DELETE FROM log_entries WHERE seq = $1").bind(gap).execute(&pool).await.unwrap();
    assert!(matches!(house.registry.publish().await, Err(RegistryError::Damaged { .. })));
}

#[tokio::test]
async fn an_entry_can_be_proven_offline_and_the_folder_checked_cold() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.open(&aida, "identity_card", "k1").await.unwrap();
    house.registry.publish().await.unwrap();
    let verifier = tanba_seal::log::LogVerifier::parse(&house.registry.verifier_key()).unwrap();
    let proof = house.registry.prove(2).await.unwrap();
    let pool = database(&house).await;
    let leaf: Vec<u8> =
        sqlx::query_scalar("SELECT leaf FROM log_entries WHERE seq = 2").fetch_one(&pool).await.unwrap();
    proof.verify(&verifier, &leaf).unwrap();
    let cold = tanba_registry::fsck_cold(&house.data(), verifier).await.unwrap();
    assert!(cold.ok, "{:?}", cold.faults);
}

#[tokio::test]
async fn clusters_are_revised_by_two_officers_and_can_be_undone() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    let a = house.register(&aida, &aida, "k1", 1).await.unwrap().encounter;
    let b = house.register(&other, &other, "k2", 1).await.unwrap().encounter;
    let card = house.registry.apply_for_document(&house.operator, b.id, "identity_card").await.unwrap();
    let merge = Revision::Merge { from: b.person, into: a.person };
    let (second, other_officer) = (&house.second, &house.prosecution_clerk);
    let proposed = house.registry.propose_revision(second, &merge, "the same person").await.unwrap();
    assert_eq!(proposed.moves, [(b.id, b.person, a.person)]);
    assert_eq!(denied(house.registry.apply_revision(second, proposed.id).await), "four_eyes");
    house.registry.apply_revision(other_officer, proposed.id).await.unwrap();
    let view = |id| house.registry.view_document(&house.operator, id);
    assert_eq!(view(card.id).await.unwrap().person, a.person, "documents follow their encounter");
    let opened = house.registry.open_reviews(second).await.unwrap();
    assert!(opened.iter().any(|t| t.kind == "cluster_revised"), "what relied on it is looked at again");
    let twice = house.registry.apply_revision(other_officer, proposed.id).await;
    assert!(matches!(twice, Err(RegistryError::Conflict { .. })));

    let undo = Revision::Undo { revision: proposed.id };
    let undo = house.registry.propose_revision(second, &undo, "they are two people").await.unwrap();
    house.registry.apply_revision(other_officer, undo.id).await.unwrap();
    assert_eq!(view(card.id).await.unwrap().person, b.person);

    let split = Revision::Split { person: a.person, encounters: vec![a.id] };
    let whole = house.registry.propose_revision(second, &split, "all of it").await;
    assert!(matches!(whole, Err(RegistryError::Invalid { .. })), "splitting everything off splits nothing");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn a_folder_that_holds_a_register_is_not_founded_again_and_production_takes_no_draft_pack() {
    let house = house(&[]).await;
    let empty = || Arc::new(MemoryRegister::default());
    let again =
        Registry::found(&house.data(), PASSPHRASE, &crate::house::founding(), empty(), house.clock.clone()).await;
    assert!(matches!(again, Err(RegistryError::DataFolder { .. })));
    let elsewhere = house.dir.path().join("production");
    let production = tanba_registry::Founding { mode: tanba_registry::Mode::Production, ..crate::house::founding() };
    let refused = Registry::found(&elsewhere, PASSPHRASE, &production, empty(), house.clock.clone()).await;
    assert!(matches!(refused, Err(RegistryError::Pack(_))));
    assert!(!elsewhere.exists(), "a refused founding leaves nothing");
}

#[tokio::test]
async fn days_begin_by_the_clock_that_the_register_was_founded_with() {
    let house = house(&[]).await;
    let found = async |folder: &str, zone: Option<&str>, jurisdiction: &str| {
        let founding = tanba_registry::Founding {
            time_zone: zone.map(str::to_owned),
            jurisdiction: jurisdiction.to_owned(),
            ..crate::house::founding()
        };
        let register = Arc::new(MemoryRegister::default());
        Registry::found(&house.dir.path().join(folder), PASSPHRASE, &founding, register, house.clock.clone()).await
    };
    let midnight = |registry: &Registry| registry.zone().day_begins(registry.today()).to_rfc3339()[11..].to_owned();
    let own = found("own", None, "kz").await.unwrap();
    assert_eq!(midnight(&own), "19:00:00Z");
    drop(found("other", Some("Asia/Kolkata"), "kz").await.unwrap());
    let folder = house.dir.path().join("other");
    let register = Arc::new(MemoryRegister::default());
    let other = Registry::open(&folder, PASSPHRASE, register, house.clock.clone()).await.unwrap();
    assert_eq!(midnight(&other), "18:30:00Z", "and is kept");
    for (zone, jurisdiction) in [(Some("Asia/Nowhere"), "kz"), (None, "ru")] {
        let refused = found("none", zone, jurisdiction).await.map(drop);
        assert!(matches!(refused, Err(RegistryError::Invalid { field: "time_zone", .. })), "{refused:?}");
    }
    assert!(!house.dir.path().join("none").exists(), "a refused founding leaves nothing");
}
