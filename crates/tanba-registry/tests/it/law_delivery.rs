//! Changes of the law reach the supervisor before they count.

use tanba_law::Modality;
use tanba_registry::{
    Act, Grounds, LawDeliveryState, LawFiles, MemoryRegister, NewCase, Registry, RegistryError, Target,
};

use crate::house::{House, PASSPHRASE, adult, denied, house};
use crate::integrity::database;
use crate::law_in_use::{KZ_2016, KZ_2024, folder, struck_pack};

const IMPACT: &str = "Nobody is obliged any more; those registered may have it erased.";

/// The second version of the law, with what it means for people.
fn assessed() -> LawFiles {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("kz-2024.yaml"), KZ_2024).unwrap();
    std::fs::write(dir.path().join("impact-assessment.md"), IMPACT).unwrap();
    LawFiles::read(dir.path(), None).unwrap()
}

async fn waiting(house: &House) -> Option<u64> {
    let summary = house.registry.oversight_summary(&house.supervisor, 1).await.unwrap();
    summary.waiting.into_iter().find(|w| w.kind == "law_delivery").map(|w| w.count)
}

#[tokio::test]
async fn control_g4_a_change_of_the_law_counts_after_the_supervisor_acknowledged_it_and_not_before() {
    let people: Vec<_> = (11..14).map(adult).collect();
    let house = house(&people.iter().collect::<Vec<_>>()).await;
    let before = house.registry.law_in_use();
    let delivery = house.registry.deliver_law(&assessed()).await.unwrap().unwrap();
    assert_eq!(house.registry.deliver_law(&assessed()).await.unwrap(), None, "the same is delivered once");
    assert_eq!((house.registry.law_in_use(), waiting(&house).await), (before.clone(), Some(1)));
    assert_eq!(house.open(&people[0], "identity_card", "k1").await.unwrap().law.category, "must", "the law of now");
    for actor in [&house.administrator, &house.operator, &house.officer] {
        assert_eq!(denied(house.registry.acknowledge_law(actor, delivery.id).await), "role");
        assert_eq!(denied(house.registry.law_deliveries(actor).await.map(drop)), "role");
    }
    // A supervisor who is silent changes nothing, over a restart neither.
    let house = house.reopened().await;
    assert!(house.registry.activate_acknowledged().await.unwrap().is_none());
    assert_eq!(house.registry.law_in_use(), before);

    let seen = house.registry.law_deliveries(&house.supervisor).await.unwrap().remove(0);
    assert_eq!((seen.id, seen.state, seen.impact.as_deref()), (delivery.id, LawDeliveryState::Waiting, Some(IMPACT)));
    assert!(seen.ends.is_empty() && seen.files.contains(&"impact-assessment.md".to_owned()));
    let changed: Vec<_> = seen.changes.iter().map(|change| (change.pack.as_str(), change.kind.as_str())).collect();
    assert_eq!(changed, [("kz-2024-in-force", "added")]);

    let activation = house.registry.acknowledge_law(&house.supervisor, delivery.id).await.unwrap().unwrap();
    assert_eq!(activation.set_hash, delivery.set_hash);
    let seen = house.registry.law_deliveries(&house.supervisor).await.unwrap().remove(0);
    assert_eq!(seen.state, LawDeliveryState::InUse);
    let (acknowledged, activated) = (seen.acknowledged_at.unwrap(), seen.activated_at.unwrap());
    assert!(seen.delivered_at < acknowledged && acknowledged < activated && activated == activation.at);
    let log = house.registry.supervise(&house.supervisor, 0, 500).await.unwrap();
    let at =
        |event: &str| log.iter().find(|entry| entry.look.event == event).map(|entry| (entry.look.seq, entry.look.at));
    let (given, read, counts) =
        (at("law.delivered").unwrap(), at("law.acknowledged").unwrap(), at("law.activated").unwrap());
    assert!(given < read && read < counts && read.1 < counts.1, "{given:?} {read:?} {counts:?}");
    assert_eq!(waiting(&house).await, None);
    let again = house.registry.acknowledge_law(&house.supervisor, delivery.id).await;
    assert!(matches!(again, Err(RegistryError::Conflict { .. })), "{again:?}");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_g4_what_is_offered_waits_and_what_it_ends_does_not() {
    let people: Vec<_> = (11..16).map(adult).collect();
    let house = house(&people.iter().collect::<Vec<_>>()).await;
    house.register(&people[0], &people[0], "k0", 1).await.unwrap();
    // A judgment, and with it a reading by somebody who could not read so far: one set.
    let rule = "access:\n  value:\n    - code: watch-the-end\n      bodies: [ministry_of_interior]\n      purposes: [control_of_deletion]\n      \
         acts: [read]\n      data: [identity]\n      populations: [civil]\n      sanction: []\n      fields: [birth_date, iin]\n      notify: at_once\n      \
         ground: {cite: \"a judgment\", source: \"a test\", confidence: C}\n      text: {kk: kk, ru: ru, en: \"May read.\"}\n  \
         ground: {cite: \"a judgment\", source: \"a test\", confidence: C}\n";
    let (begin, end) = (KZ_2016.find("access:\n").unwrap(), KZ_2016.find("transfers:\n").unwrap());
    let wider = format!("{}{rule}\n{}", &KZ_2016[..begin], &KZ_2016[end..]);
    let wider = struck_pack(&wider, "2026-11-23")
        .replace("still_read: [court, supervisory_authority]", "still_read: [ministry_of_interior]");
    let delivery = house.registry.deliver_law(&folder(&[("kz-2016", &wider)])).await.unwrap().unwrap();
    assert_eq!((delivery.blocked, house.registry.people_searchable()), (1, 0));
    let seen = house.registry.law_deliveries(&house.supervisor).await.unwrap().remove(0);
    assert_eq!(seen.ends, ["kz-2016-as-enacted"]);
    assert!(seen.changes[0].changes.iter().any(|told| told.en.contains("struck")), "{:?}", seen.changes);
    let refused = house.open(&people[1], "identity_card", "k1").await;
    assert_eq!(refused.err().unwrap().denial().unwrap().clause, "struck");
    let case = NewCase { number: "A-1".to_owned(), kind: "administrative".to_owned() };
    let case = house.registry.open_case(&house.officer, &case).await.unwrap();
    let grounds = Grounds {
        purpose: Some("control_of_deletion".to_owned()),
        case: Some(case),
        legal_basis: Some("a judgment".to_owned()),
        sanction: None,
        urgent: None,
    };
    let read = async |house: &House| {
        let target = Target::Iin(people[0].iin.as_str().to_owned());
        house.registry.ask(&house.officer, Act::Read, &grounds, &target).await
    };
    denied(read(&house).await);
    // Taking the set back lets nothing begin again: that is a change too, and waits.
    let back = house.registry.deliver_law(&LawFiles::default()).await.unwrap().unwrap();
    let refused = house.open(&people[2], "identity_card", "k2").await;
    assert_eq!(refused.err().unwrap().denial().unwrap().clause, "struck");
    let house = house.reopened().await;
    let told = house.registry.law_today().into_iter().find(|law| law.modality == Modality::Fingerprint).unwrap();
    assert!(told.ended.is_some(), "over a restart");
    let replaced = house.registry.acknowledge_law(&house.supervisor, delivery.id).await;
    assert!(matches!(replaced, Err(RegistryError::Conflict { .. })), "the last one is read, or none: {replaced:?}");
    house.registry.acknowledge_law(&house.supervisor, back.id).await.unwrap().unwrap();
    assert_eq!(house.registry.run_retention().await.unwrap().unblocked, 1);
    assert_eq!(house.registry.people_searchable(), 1);
    // Acknowledged, the judgment lets those read whom it names.
    let delivery = house.registry.deliver_law(&folder(&[("kz-2016", &wider)])).await.unwrap().unwrap();
    denied(read(&house).await);
    house.registry.acknowledge_law(&house.supervisor, delivery.id).await.unwrap().unwrap();
    read(&house).await.unwrap();
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_g4_an_acknowledgement_that_is_only_a_row_makes_no_law() {
    let house = house(&[]).await;
    let before = house.registry.law_in_use();
    let pool = database(&house).await;
    let changed = format!("{KZ_2024}\n# read again\n");
    let delivery = house.registry.deliver_law(&folder(&[("kz-2024", KZ_2024)])).await.unwrap().unwrap();
    let supervisor = house.supervisor.account().to_string();
    let forge = "UPDATE law_deliveries SET state = 'acknowledged', acknowledged_by = $1, acknowledged_at = 1, ack_seq = log_seq";
    sqlx::query(forge).bind(&supervisor).execute(&pool).await.unwrap();
    let forged = house.registry.activate_acknowledged().await;
    assert!(matches!(forged, Err(RegistryError::Damaged { .. })), "{forged:?}");
    sqlx::query(
        "UPDATE law_deliveries SET state = 'waiting', acknowledged_by = NULL, acknowledged_at = NULL, ack_seq = NULL",
    )
    .execute(&pool)
    .await
    .unwrap();
    // Another set under the name of the one that was delivered, and other files under its hash.
    let set = delivery.set_hash.clone();
    for (by_hand, undone) in [
        ("UPDATE law_deliveries SET set_hash = 'x'", "UPDATE law_deliveries SET set_hash = $1"),
        (
            "UPDATE law_files SET content = content || ' '",
            "UPDATE law_files SET content = trim(content, ' ') WHERE set_hash = $1",
        ),
    ] {
        sqlx::query(by_hand).execute(&pool).await.unwrap();
        let swapped = house.registry.acknowledge_law(&house.supervisor, delivery.id).await;
        assert!(matches!(swapped, Err(RegistryError::Damaged { .. })), "{by_hand}: {swapped:?}");
        sqlx::query(undone).bind(&set).execute(&pool).await.unwrap();
    }
    assert_eq!(house.registry.law_in_use(), before);
    // A law that somebody wrote into the rows is found, and does not open.
    house.registry.deliver_law(&folder(&[("kz-2024", &changed)])).await.unwrap().unwrap();
    let forge = "INSERT INTO law_activations (id, set_hash, activated_at, log_seq) SELECT 'x', set_hash, 7, MAX(log_seq) FROM law_deliveries";
    sqlx::query(forge).execute(&pool).await.unwrap();
    let found = house.registry.reconcile_rows().await.unwrap();
    assert!(found.iter().any(|finding| finding.rows == "law_activations" && finding.unspoken), "{found:?}");
    let (data, clock) = (house.data(), house.clock.clone());
    let House { dir, registry, .. } = house;
    drop(registry);
    let opened = Registry::open(&data, PASSPHRASE, std::sync::Arc::new(MemoryRegister::default()), clock).await;
    assert!(matches!(opened, Err(RegistryError::Damaged { .. })), "{:?}", opened.err());
    drop(dir);
}
