//! Keys of groups of specimens: what one purpose opens, another does not, whoever holds the whole folder.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use jiff::SignedDuration;
use serde_json::{Value, json};
use sqlx::{Row as _, SqlitePool};
use tanba_dna::{Category, Relation};
use tanba_registry::{
    ContaminationFinding, ENTRUSTED_KEYS, KEY_PERIOD_S, NewReconciliation, NewSpecimen, Registry, RegistryError, Role,
    Verdict,
};
use tanba_seal::keyd::{KeyPlace, Release, Rules, WantedKey};
use tanba_seal::{KdfParams, KeyRing};

use crate::genomic::{case, likelihood, lineage, profile, specimen};
use crate::house::{FINGERS, House, PASSPHRASE, adult, house};
use crate::key_process::{Outside, code, connect, count, entropy, entrusted, looks, one_finger, outside};
use crate::retention::{Killed, pool};

const CONVICTED: &str = "genomic-convicted-person";
const STAIN: &str = "genomic-crime-stain";
const BODY: &str = "genomic-unidentified-body";

/// The rules of the house, but that a purpose opens these and nothing else.
fn rules(purpose: &str, opens: &[&str]) -> Rules {
    let mut rules = Outside::rules(&["registration", "document_verification"]);
    rules.purposes.insert(purpose.to_owned(), opens.iter().map(|domain| (*domain).to_owned()).collect());
    rules
}

fn over(house: &House) {
    house.clock.advance(SignedDuration::from_secs(KEY_PERIOD_S));
}

/// The keys of a group as they lie in the database, and where they belong.
async fn lent(pool: &SqlitePool, label: &str) -> WantedKey {
    let wrapped: Vec<u8> = sqlx::query_scalar("SELECT wrapped FROM domain_keys WHERE domain = $1")
        .bind(label)
        .fetch_one(pool)
        .await
        .unwrap();
    WantedKey {
        domain: label.to_owned(),
        table: "domain_keys".to_owned(),
        record: format!("domain-keys/{label}"),
        field: "wrapped".to_owned(),
        wrapped: BASE64.encode(wrapped),
    }
}

#[tokio::test]
async fn control_c2_a_search_opens_the_groups_that_the_rule_of_its_purpose_names() {
    let aida = adult(11);
    let (house, outside) = entrusted(&[&aida], &["registration"]).await;
    let registry = &house.registry;
    let case = case(&house, "A-1").await;
    let of = |category, key| specimen(category, case, key, Some(&profile(1)));
    house.specimen(&of(Category::ConvictedPerson, "s1")).await.unwrap();
    let stain = house.specimen(&of(Category::CrimeStain, "s2")).await.unwrap().id;
    let other = house.another("dna-b", Role::DnaExaminer).await;
    let search = async || house.profile_search(stain, case, "crime_investigation").await;
    let periods = async || looks(&house, "keys.period").await;
    let last_domains = || -> BTreeSet<String> {
        let asked = outside.releases.lock().unwrap().last().unwrap().clone();
        asked.keys.iter().map(|key| key.domain.clone()).collect()
    };

    // The keys of convicted people are in memory for the purpose of registration; that is no leave to search among them.
    outside.restart(rules("crime_investigation", &[STAIN, BODY]));
    assert_eq!(code(search().await), "not_permitted");
    over(&house);
    registry.end_key_period().await;
    registry.begin_key_period().await.unwrap();
    assert_eq!(last_domains(), ["case", "identity", "template"].map(str::to_owned).into(), "daily work");
    assert_eq!(code(search().await), "not_permitted");

    outside.restart(rules("crime_investigation", &[STAIN, BODY, CONVICTED]));
    let found = search().await.unwrap();
    assert_eq!((found.profiles_compared, found.hits.len()), (1, 1));
    assert_eq!(last_domains(), [STAIN, CONVICTED].map(str::to_owned).into(), "the law lets no body be searched for it");
    let asked = outside.releases.lock().unwrap().last().unwrap().clone();
    let entry: Value = serde_json::from_str(&asked.entry).unwrap();
    assert_eq!((&entry["event"], &entry["purpose"]), (&json!("keys.period"), &json!("crime_investigation")));
    assert!(entry["pack"].is_string() && entry["actor"].is_string(), "who needs them, and on which clause");
    // A second search within the period asks for nothing; another purpose does.
    let before = periods().await;
    search().await.unwrap();
    assert_eq!(periods().await, before);
    registry.genomic_hit(&other, found.hits[0].id).await.unwrap();
    assert_eq!(periods().await, before + 1);

    // When it is over nobody asks for them again but whoever needs them.
    over(&house);
    registry.begin_key_period().await.unwrap();
    registry.end_key_period().await;
    assert_eq!(last_domains().len(), 3);
    outside.restart(rules("crime_investigation", &[]));
    assert_eq!(code(search().await), "not_permitted");
    assert_eq!(count(&house, "SELECT COUNT(*) FROM searches WHERE kind = 'genomic'").await, 2);
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_c2_document_verification_opens_no_criminal_profile_to_whoever_holds_everything() {
    let aida = adult(11);
    let (house, outside) = entrusted(&[&aida], &["registration"]).await;
    outside.restart(rules("document_verification", &["image", "template", "identity"]));
    let case = case(&house, "A-1").await;
    let of = |category, key| specimen(category, case, key, Some(&profile(1)));
    let convicted = house.specimen(&of(Category::ConvictedPerson, "s1")).await.unwrap().id.to_string();
    let id = one_finger(&house, &aida, "k1").await;
    let pool = pool(&house).await;

    // The key file, its passphrase and the database: the profile's key lies under one that is not there.
    let ring = KeyRing::open(&std::fs::read(house.data().join("keys.json")).unwrap(), PASSPHRASE).unwrap();
    let row = sqlx::query("SELECT wrapped, data_group FROM data_keys WHERE owner_id = $1").bind(&convicted);
    let row = row.fetch_one(&pool).await.unwrap();
    assert_eq!(row.get::<String, _>("data_group"), "convicted_person");
    let wrapped: Vec<u8> = row.get("wrapped");
    for domain in ENTRUSTED_KEYS.into_iter().chain(["log-payload"]) {
        let place = KeyPlace {
            domain: domain.to_owned(),
            table: "data_keys".to_owned(),
            record: convicted.clone(),
            field: "wrapped".to_owned(),
        };
        assert!(ring.unwrap_data_key(&place.context(), &wrapped).is_err());
    }

    // With an honest entry of a look, which is in the witnessed log and was not used: it names another record.
    outside.keyd_away.store(true, Ordering::Relaxed);
    assert_eq!(code(house.registry.sample_view(&house.operator, id, FINGERS[0]).await), "away");
    outside.keyd_away.store(false, Ordering::Relaxed);
    let honest = outside.releases.lock().unwrap().last().unwrap().clone();
    let group = lent(&pool, CONVICTED).await;
    let ask = |request: &Release| outside.keyd.lock().unwrap().release(request, outside.now());
    let forged = Release { keys: vec![group.clone()], ..honest.clone() };
    assert_eq!(ask(&forged).unwrap_err().code(), "not_permitted");
    let renamed = WantedKey { record: id.to_string(), ..group.clone() };
    assert_eq!(ask(&Release { keys: vec![renamed], ..honest.clone() }).unwrap_err().code(), "not_permitted");
    // The keys of another group in the place of those that are opened are none of that place.
    let images = WantedKey { domain: "image".to_owned(), wrapped: group.wrapped.clone(), ..honest.keys[0].clone() };
    assert_eq!(ask(&Release { keys: vec![images], ..honest.clone() }).unwrap_err().code(), "key");

    // The same of a period: its entry names what it opens, and its purpose has a rule for no more.
    outside.keyd_away.store(true, Ordering::Relaxed);
    assert_eq!(code(house.registry.begin_key_period().await), "away");
    outside.keyd_away.store(false, Ordering::Relaxed);
    let period = outside.releases.lock().unwrap().last().unwrap().clone();
    let forged = Release { keys: vec![group], ..period };
    assert_eq!(ask(&forged).unwrap_err().code(), "not_permitted");
    ask(&honest).unwrap();
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_c2_a_key_in_another_group_opens_nothing() {
    let house = house(&[]).await;
    let case = case(&house, "A-1").await;
    let of = |category, key| specimen(category, case, key, Some(&profile(1)));
    let stain = house.specimen(&of(Category::CrimeStain, "s1")).await.unwrap().id;
    let view = async || house.registry.genomic_case(&house.dna_examiner, case).await;
    let pool = pool(&house).await;
    for (group, opens) in [
        (Some("convicted_person"), false),
        (Some("elimination"), false),
        (Some("nobody"), false),
        (None, false),
        (Some("crime_stain"), true),
    ] {
        sqlx::query("UPDATE data_keys SET data_group = $1 WHERE owner_id = $2")
            .bind(group)
            .bind(stain.to_string())
            .execute(&pool)
            .await
            .unwrap();
        assert_eq!(view().await.is_ok(), opens, "{group:?}");
    }
    house.assert_log_is_sound().await;
}

/// As an older version left it: one key for all genetic data in the ring, and every specimen's key under it.
async fn one_key_for_all(pool: &SqlitePool, ring: &mut KeyRing) {
    ring.add_domain("genomic", &mut entropy).unwrap();
    let rows = sqlx::query("SELECT owner_id, wrapped, data_group FROM data_keys WHERE domain = 'genomic'");
    for row in rows.fetch_all(pool).await.unwrap() {
        let (record, group): (String, String) = (row.get("owner_id"), row.get("data_group"));
        let place = |domain: String| KeyPlace {
            domain,
            table: "data_keys".to_owned(),
            record: record.clone(),
            field: "wrapped".to_owned(),
        };
        let (from, to) = (place(format!("genomic-{}", group.replace('_', "-"))), place("genomic".to_owned()));
        let wrapped: Vec<u8> = row.get("wrapped");
        let anew = ring.move_data_key(&from.context(), &to.context(), &wrapped, &mut entropy).unwrap();
        sqlx::query("UPDATE data_keys SET wrapped = $1, data_group = NULL WHERE owner_id = $2 AND domain = 'genomic'")
            .bind(anew)
            .bind(&record)
            .execute(pool)
            .await
            .unwrap();
    }
    for label in ENTRUSTED_KEYS.iter().filter(|label| label.starts_with("genomic-")) {
        ring.remove_domain(label).unwrap();
    }
}

#[tokio::test]
async fn control_c2_a_register_of_an_older_version_is_separated_wherever_it_is_broken_off() {
    let house = house(&[]).await;
    let case = case(&house, "A-1").await;
    let of = |category, key| specimen(category, case, key, Some(&profile(1)));
    house.specimen(&of(Category::ConvictedPerson, "s1")).await.unwrap();
    let stain = house.specimen(&of(Category::CrimeStain, "s2")).await.unwrap().id;
    let (data, pool) = (house.data(), pool(&house).await);
    let file = data.join("keys.json");
    let mut ring = KeyRing::open(&std::fs::read(&file).unwrap(), PASSPHRASE).unwrap();
    one_key_for_all(&pool, &mut ring).await;
    std::fs::write(&file, ring.rewrap(PASSPHRASE, KdfParams::MINIMUM, &mut entropy).unwrap()).unwrap();
    let House { registry, register, clock, dna_examiner, dir, .. } = house;
    drop(registry);
    let mut opened = None;
    for polls in 1.. {
        let run = Registry::open(&data, PASSPHRASE, register.clone(), clock.clone());
        opened = Killed(Box::pin(run), polls).await;
        // All keys are under the one or all under those of groups, and the key file has whichever it is.
        let of_groups = "SELECT COUNT(*) FROM data_keys WHERE domain = 'genomic' AND data_group IS NOT NULL";
        let moved: i64 = sqlx::query_scalar(of_groups).fetch_one(&pool).await.unwrap();
        assert!(moved == 0 || moved == 2, "{moved} after {polls} polls");
        let ring = KeyRing::open(&std::fs::read(&file).unwrap(), PASSPHRASE).unwrap();
        assert!(ring.has_domain("genomic") && (moved == 0 || ring.has_domain(CONVICTED)));
        if opened.is_some() {
            assert!(polls > 1 && moved == 2);
            break;
        }
    }
    let registry = opened.unwrap().unwrap();
    let grounds = tanba_registry::SearchGrounds { case, purpose: "crime_investigation", legal_basis: "order 12" };
    let found = registry.search_specimen(&dna_examiner, stain, grounds).await.unwrap();
    assert_eq!(found.hits.len(), 1);
    // The case was sealed under the same key before it was moved.
    let labels: Vec<_> = registry.genomic_case(&dna_examiner, case).await.unwrap().specimens;
    assert!(labels.iter().all(|specimen| specimen.label.is_some()));
    let separated = "SELECT COUNT(*) FROM log_entries WHERE event = 'keys.separated'";
    assert_eq!(sqlx::query_scalar::<_, i64>(separated).fetch_one(&pool).await.unwrap(), 1);
    drop((registry, dir));
}

#[tokio::test]
async fn control_c2_keys_that_an_older_version_entrusted_are_separated_with_the_first_period() {
    let house = house(&[]).await;
    let case = case(&house, "A-1").await;
    let of = |category, key| specimen(category, case, key, Some(&profile(1)));
    house.specimen(&of(Category::ConvictedPerson, "s1")).await.unwrap();
    let stain = house.specimen(&of(Category::CrimeStain, "s2")).await.unwrap().id;
    let outside = outside(&house, &["registration"]);
    let pool = pool(&house).await;
    let mut ring = KeyRing::open(&std::fs::read(house.data().join("keys.json")).unwrap(), PASSPHRASE).unwrap();
    house.registry.move_keys_to(outside.clone(), PASSPHRASE, KdfParams::MINIMUM, |_| ()).await.unwrap();

    // As an older version has it: the one key of all genetic data, sealed under a key of the process.
    one_key_for_all(&pool, &mut ring).await;
    outside.restart_with_one_key_for_all();
    let place = |field: &str| KeyPlace {
        domain: "genomic".to_owned(),
        table: "domain_keys".to_owned(),
        record: "domain-keys/genomic".to_owned(),
        field: field.to_owned(),
    };
    let (key, wrapped) = outside.keyd.lock().unwrap().new_key(&place("wrapped").context(), &mut entropy).unwrap();
    let sealed = ring.seal_domain(&place("keys").context(), &key.open().unwrap(), &mut entropy).unwrap();
    sqlx::query("DELETE FROM domain_keys WHERE domain LIKE 'genomic%'").execute(&pool).await.unwrap();
    sqlx::query(
        "INSERT INTO domain_keys (domain, wrapped, keeper, sealed, created_at) VALUES ('genomic', $1, 'keyd.test/1', $2, 0)",
    )
    .bind(wrapped)
    .bind(sealed)
    .execute(&pool)
    .await
    .unwrap();

    // Broken off before the change is made, it is as before; with the next period all is in groups.
    outside.keyd_away.store(true, Ordering::Relaxed);
    let one = "SELECT COUNT(*) FROM domain_keys WHERE domain = 'genomic'";
    assert_eq!(count(&house, one).await, 1);
    outside.keyd_away.store(false, Ordering::Relaxed);
    connect(&house.registry, &outside).await;
    assert_eq!(count(&house, one).await, 0, "nothing opens all groups any more");
    assert_eq!(count(&house, "SELECT COUNT(*) FROM domain_keys WHERE domain LIKE 'genomic-%'").await, 7);
    let ungrouped = "SELECT COUNT(*) FROM data_keys WHERE domain = 'genomic' AND data_group IS NULL";
    assert_eq!(count(&house, ungrouped).await, 0);
    assert_eq!(looks(&house, "keys.separated").await, 1);

    // The daily period has separated them, and holds none of them.
    let rule = |opens: &[&str]| rules("crime_investigation", opens);
    outside.restart(rule(&[STAIN]));
    let search = async || house.profile_search(stain, case, "crime_investigation").await;
    assert_eq!(code(search().await), "not_permitted");
    outside.restart(rule(&[STAIN, CONVICTED, BODY]));
    assert_eq!(search().await.unwrap().hits.len(), 1);
    assert!(matches!(house.registry.needs_key_period().await, Ok::<_, RegistryError>(true)));
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn every_act_of_genomic_work_asks_for_the_groups_that_it_needs() {
    let (house, _outside) = entrusted(&[], &["registration"]).await;
    let registry = &house.registry;
    let manager = house.another("quality", Role::QualityManager).await;
    let (a, b) = (house.another("dna-a", Role::DnaExaminer).await, house.another("dna-b", Role::DnaExaminer).await);
    let case = case(&house, "DVI-1").await;
    // Before each act all groups are closed: what it needs it asks for.
    let anew = async || {
        over(&house);
        registry.begin_key_period().await.unwrap();
        registry.end_key_period().await;
    };
    let with = |category, key: &str, seed| NewSpecimen {
        y: Some(lineage::Y.to_owned()),
        ..specimen(category, case, key, Some(&profile(seed)))
    };
    house.enter_frequencies().await;
    let body = with(Category::UnidentifiedBody, "body", 21);
    anew().await;
    let id = house.specimen(&body).await.unwrap().id;
    anew().await;
    assert_eq!(house.specimen(&body).await.unwrap().y_loci, 8, "sent again");
    anew().await;
    let brush = house.specimen(&with(Category::MissingPersonReference, "brush", 21)).await.unwrap().id;
    anew().await;
    house.specimen(&with(Category::RelativeOfMissing, "mother", 31)).await.unwrap();

    anew().await;
    assert_eq!(lineage::search(&house, id, case).await.unwrap().hits.len(), 2);
    anew().await;
    let new = likelihood::asked(id, case, Relation::Same);
    let request = registry.ask_lr_search(&house.dna_examiner, &new).await.unwrap().id;
    anew().await;
    registry.decide_lr_search(&house.prosecution_clerk, request, true, "family waits").await.unwrap();
    anew().await;
    let found = registry.make_lr_search(&house.dna_examiner, request).await.unwrap();
    assert_eq!(found.hits.iter().map(|hit| hit.specimen).collect::<Vec<_>>(), [brush]);
    let hit = found.hits[0].id;
    for examiner in [&a, &b] {
        anew().await;
        registry.genomic_hit(examiner, hit).await.unwrap();
        anew().await;
        registry.judge_genomic_hit(examiner, hit, Verdict::Same, Some("all loci")).await.unwrap();
    }

    let reason = "same profile, same scar".to_owned();
    let new = NewReconciliation { post_mortem: id, ante_mortem: brush, case, hit: Some(hit), reason };
    anew().await;
    let proposal = registry.propose_reconciliation(&house.dna_examiner, &new).await.unwrap().id;
    anew().await;
    assert!(registry.open_reconciliations(&a).await.unwrap()[0].reason.is_some());
    for expert in [&a, &b] {
        anew().await;
        registry.reconciliation(expert, proposal).await.unwrap();
        anew().await;
        registry.judge_reconciliation(expert, proposal, Verdict::Same, Some("the scar too")).await.unwrap();
    }
    anew().await;
    let joined = registry.identification(&a, proposal, "unidentified_body", "order 3").await.unwrap();
    assert!(joined.ante_mortem.label.is_some() && joined.post_mortem.label.is_some());
    anew().await;
    registry.propose_withdrawal(&b, proposal, "a twin was found alive").await.unwrap();

    anew().await;
    house.specimen(&specimen(Category::Elimination, case, "staff", Some(&profile(41)))).await.unwrap();
    anew().await;
    assert!(house.specimen(&specimen(Category::CrimeStain, case, "stain", Some(&profile(41)))).await.unwrap().held);
    anew().await;
    let held = registry.open_contaminations(&manager).await.unwrap();
    assert!(held[0].stain_label.is_some() && held[0].other_label.is_some());
    anew().await;
    registry.decide_contamination(&manager, held[0].id, ContaminationFinding::Cleared, "worn gloves").await.unwrap();
    anew().await;
    let shown = registry.genomic_case(&house.dna_examiner, case).await.unwrap().specimens;
    assert_eq!(shown.iter().filter(|specimen| specimen.label.is_some()).count(), 5);
    house.assert_log_is_sound().await;
}
