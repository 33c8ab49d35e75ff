//! The law as data while a register runs: which version holds on a day, files that are put into use, and a law that ends.

use std::sync::Arc;

use ed25519_dalek::{Signer as _, SigningKey};
use jiff::SignedDuration;
use jiff::civil::date;
use serde_json::{Map, json};
use tanba_dna::{Category, Locus};
use tanba_law::{Library, Pack, SignerRole, signed_message};
use tanba_registry::{
    Act, Actor, ConsentKind, EncounterId, Founding, Grounds, LawFiles, MemoryRegister, Mode, NewCase, NewOrganisation,
    NewSpecimen, Registry, RegistryError, Role, SearchGrounds, SetClock, Target,
};
use tanba_synth::Person;

use crate::genomic::specimen;
use crate::house::{
    House, PASSPHRASE, account, adult, denied, founding, house, house_under, production_house, record, sign_in, today,
};

pub(crate) const KZ_2016: &str = include_str!("../../../tanba-law/packs/kz-2016-as-enacted.yaml");
pub(crate) const KZ_2024: &str = include_str!("../../../tanba-law/packs/kz-2024-in-force.yaml");
pub(crate) const KZ_DEMO: &str = include_str!("../../../tanba-law/packs/assumptions/kz-demo.yaml");
pub(crate) const KZ_GENOMIC: &str = include_str!("../../../tanba-law/packs/kz-genomic-2021.yaml");
const KW: &str = include_str!("../../../tanba-law/packs/kw-dna-78-2015.yaml");

/// A folder of law with these files.
pub(crate) fn folder(files: &[(&str, &str)]) -> LawFiles {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(dir.path().join(format!("{name}.yaml")), text).unwrap();
    }
    LawFiles::read(dir.path(), None).unwrap()
}

/// A person's own consent.
pub(crate) async fn consent(house: &House, id: EncounterId, person: &Person) {
    house.say(id, ConsentKind::SubjectConsent, person).await.unwrap();
}

/// Kazakhstan's first pack, struck down from a day on.
fn struck(on: &str) -> String {
    struck_pack(KZ_2016, on)
}

pub(crate) fn struck_pack(pack: &str, on: &str) -> String {
    let by = format!(
        "struck:\n  on: {on}\n  still_read: [court, supervisory_authority]\n  ground: {{cite: \"a judgment\", source: \"a test\", confidence: C}}\n  text: {{kk: kk, ru: ru, en: \"A court struck it down.\"}}\n"
    );
    pack.replacen("instrument:\n", &format!("{by}instrument:\n"), 1)
}

#[tokio::test]
async fn control_a2_the_version_of_the_day_decides() {
    let (aida, other) = (adult(11), adult(12));
    let people = [&aida, &other].map(|p| record(p, &[])).into();
    let house = house_under(people, "kz", &folder(&[("kz-2024", KZ_2024)]), date(2023, 12, 30)).await;
    let old = house.open(&aida, "identity_card", "k1").await.unwrap();
    assert_eq!((old.law.pack.as_str(), old.law.category.as_str()), ("kz-2016-as-enacted", "must"));
    // Known from 31 December, in force from 1 January.
    house.clock.advance(SignedDuration::from_hours(48));
    let operator = sign_in(&house.registry, "operator", Some("csc-1-a")).await;
    let house = House { operator, ..house };
    let new = house.open(&other, "identity_card", "k2").await.unwrap();
    assert_eq!((new.law.pack.as_str(), new.law.category.as_str()), ("kz-2024-in-force", "may"));
    let begun = house.registry.view_encounter(&house.operator, old.id).await.unwrap();
    assert_eq!(begun.law.category, "may", "an act of today is judged by the law of today");
    // The files stay with the register: nobody has to name them at the next start.
    let (data, clock) = (house.data(), house.clock.clone());
    let packs = house.registry.law_in_use();
    let House { dir, registry, .. } = house;
    drop(registry);
    let again = Registry::open(&data, PASSPHRASE, Arc::new(MemoryRegister::default()), clock).await.unwrap();
    assert_eq!(again.law_in_use(), packs);
    drop(dir);
}

#[tokio::test]
async fn control_a4_files_that_are_not_sound_are_refused_and_the_law_stays() {
    let house = house(&[]).await;
    let before = house.registry.law_in_use();
    for (name, text) in [
        ("half a pack", KZ_2016.lines().take(40).collect::<Vec<_>>().join("\n")),
        ("no law", "format: shopping/1\n".to_owned()),
        (
            "a draft with signatures",
            "format: tanba-law-signatures/1\npack: kz-2016-as-enacted\nhash: x\nsignatures: []\n".to_owned(),
        ),
    ] {
        let refused = house.registry.deliver_law(&folder(&[("file", &text)])).await;
        assert!(matches!(refused, Err(RegistryError::LawFiles { .. })), "{name}: {refused:?}");
    }
    assert_eq!(house.registry.law_in_use(), before);
    assert_eq!(house.registry.denials().await.unwrap(), 3, "each refusal is in the log");
    assert!(house.registry.deliver_law(&LawFiles::default()).await.unwrap().is_none(), "what is in use is in use");
}

#[tokio::test]
async fn control_a3_production_takes_no_drafts_from_a_folder() {
    let dir = tempfile::tempdir().unwrap();
    let founding = Founding { mode: Mode::Production, ..founding() };
    let (register, clock) = (Arc::new(MemoryRegister::default()), Arc::new(SetClock::at(today())));
    let data = dir.path().join("data");
    let law = folder(&[("kz-2016", KZ_2016)]);
    let refused = Registry::found_under(&data, PASSPHRASE, &founding, &law, register, clock).await;
    assert!(matches!(refused, Err(RegistryError::Pack(_))), "{:?}", refused.err());
    assert!(!data.exists(), "nothing was founded");
}

/// The files of two packs that two people signed, and the keys to check them by. The packs are test data: no lawyer has seen them.
pub(crate) fn signed_folder(change_after_signing: bool) -> LawFiles {
    let dir = tempfile::tempdir().unwrap();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let key = |seed: u8| SigningKey::from_bytes(&[seed; 32]);
    let public = |seed| hex(key(seed).verifying_key().as_bytes());
    let trusted = format!(
        "format: tanba-law-keys/1\nkeys:\n  - {{name: lawyer, role: legal, jurisdiction: KZ, public: \"{}\", valid_from: 2026-01-01}}\n  - {{name: engineer, role: technical, public: \"{}\", valid_from: 2026-01-01}}\n",
        public(1),
        public(2)
    );
    let keys = dir.path().join("keys");
    std::fs::write(&keys, trusted).unwrap();
    for (name, text) in [("kz-2016", KZ_2016), ("kz-genomic", KZ_GENOMIC)] {
        let mut text = text.replace("status: draft", "status: final").replace("confidence: C}", "confidence: B}");
        let pack = Pack::from_yaml(&text, Library::embedded().indices()).unwrap();
        let on = "2026-05-01".parse().unwrap();
        let rows =
            [(SignerRole::Legal, "lawyer", 1), (SignerRole::Technical, "engineer", 2)].map(|(role, name, seed)| {
                let message = signed_message(pack.id(), pack.hash(), role, on);
                let signature = hex(&key(seed).sign(message.as_bytes()).to_bytes());
                format!("  - {{role: {}, key: {name}, on: {on}, signature: \"{signature}\"}}\n", role.name())
            });
        let signatures = format!(
            "format: tanba-law-signatures/1\npack: {}\nhash: \"{}\"\nsignatures:\n{}",
            pack.id(),
            pack.hash(),
            rows.concat()
        );
        if change_after_signing {
            text = text.replacen("P25Y", "P26Y", 1);
        }
        std::fs::write(dir.path().join(format!("{name}.yaml")), text).unwrap();
        std::fs::write(dir.path().join(format!("{name}-signatures.yaml")), signatures).unwrap();
    }
    LawFiles::read(dir.path(), Some(&keys)).unwrap()
}

#[tokio::test]
async fn control_a3_a4_production_takes_signed_packs_and_stores_nothing_that_nobody_knows_how_long_to_keep() {
    let changed = Registry::may_be_founded("kz", Mode::Production, &signed_folder(true));
    assert!(matches!(changed, Err(RegistryError::LawFiles { .. })), "changed after it was signed: {changed:?}");
    let aida = adult(11);
    let house = production_house([&aida].map(|p| record(p, &[])).into(), &signed_folder(false)).await;
    assert_eq!(house.registry.mode(), Mode::Production);
    // The pack says who must be registered, and not how long templates are kept.
    let refused = house.open(&aida, "identity_card", "k1").await;
    let denial = refused.as_ref().err().and_then(RegistryError::denial).unwrap();
    assert_eq!((denial.code.as_str(), denial.clause.as_str()), ("must_not_register", "retention.profile"));
}

#[tokio::test]
async fn control_a8_a_law_that_is_struck_while_the_register_runs_ends_everything_at_once() {
    let people: Vec<Person> = (11..17).map(adult).collect();
    let house = house(&people.iter().collect::<Vec<_>>()).await;
    house.register(&people[0], &people[0], "k0", 1).await.unwrap();
    // One has been captured, and one was only opened, when the judgment comes.
    let ready = house.open(&people[1], "identity_card", "k1").await.unwrap();
    house.capture_all(ready.id, &people[1], 1).await.unwrap();
    let opened = house.open(&people[2], "identity_card", "k2").await.unwrap();

    let struck = folder(&[("kz-2016", &struck("2026-11-23"))]);
    let activation = house.registry.deliver_law(&struck).await.unwrap().unwrap();
    assert_eq!((activation.blocked, house.registry.people_searchable()), (1, 0));
    assert_eq!(denied(house.registry.complete(&house.operator, ready.id).await), "must_not_register");
    assert_eq!(denied(house.capture_all(opened.id, &people[2], 1).await), "must_not_register");
    let refused = house.open(&people[3], "identity_card", "k3").await;
    let denial = refused.as_ref().err().and_then(RegistryError::denial).unwrap();
    assert_eq!((denial.code.as_str(), denial.clause.as_str()), ("must_not_register", "struck"));
    // Reads are over too, but for whoever watches the end.
    let iin = || Target::Iin(people[0].iin.as_str().to_owned());
    let new = NewCase { number: "A-1".to_owned(), kind: "crime".to_owned() };
    let case = house.registry.open_case(&house.officer, &new).await.unwrap();
    let grounds = Grounds {
        purpose: Some("crime_investigation".to_owned()),
        case: Some(case),
        legal_basis: Some("code".to_owned()),
        sanction: None,
        urgent: None,
    };
    assert_eq!(denied(house.registry.ask(&house.officer, Act::Read, &grounds, &iin()).await), "pack_struck");

    let run = house.registry.run_retention().await.unwrap();
    assert_eq!((run.erased, run.overdue), (4, 0), "images and templates of the one registered and the one captured");
    let again = house.registry.run_retention().await.unwrap();
    assert_eq!((again.erased, again.blocked), (0, 0));
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_a8_a_later_version_that_is_struck_brings_no_earlier_one_back() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    // Collected under the first version; the second is put into use, and struck.
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    house.put_into_use(&folder(&[("kz-2024", KZ_2024)])).await;
    assert_eq!(house.registry.people_searchable(), 1, "a new version ends nothing");
    let ended = folder(&[("kz-2024", &struck_pack(KZ_2024, "2026-11-23"))]);
    assert_eq!(house.registry.deliver_law(&ended).await.unwrap().unwrap().blocked, 1);
    let refused = house.open(&other, "identity_card", "k2").await;
    assert_eq!(refused.err().unwrap().denial().unwrap().clause, "struck");
    let run = house.registry.run_retention().await.unwrap();
    assert_eq!(
        (run.erased, house.registry.people_searchable()),
        (0, 0),
        "kept by the first version's time, used by nobody"
    );
    // The court's decision is set aside: what was blocked may be used again.
    house.put_into_use(&folder(&[("kz-2024", KZ_2024)])).await;
    assert_eq!(house.registry.run_retention().await.unwrap().unblocked, 1);
    assert_eq!(house.registry.people_searchable(), 1);
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_a8_no_registration_is_later_than_the_end_of_its_law() {
    let people: Vec<Person> = (41..53).map(adult).collect();
    let house = house(&people.iter().collect::<Vec<_>>()).await;
    let mut ready = Vec::new();
    for (n, person) in people.iter().enumerate() {
        let id = house.open(person, "identity_card", &format!("k{n}")).await.unwrap().id;
        house.capture_all(id, person, 1).await.unwrap();
        ready.push(id);
    }
    let struck = folder(&[("kz-2016", &struck("2026-11-23"))]);
    let registrations = ready.iter().map(|id| {
        let (registry, operator, id) = (house.registry.clone(), house.operator.clone(), *id);
        tokio::spawn(async move { registry.complete(&operator, id).await })
    });
    let registrations: Vec<_> = registrations.collect();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(house.data().join("tanba.sqlite"));
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    // The end comes while somebody's row says registered and the gallery may not have heard of it yet.
    while sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM registrations").fetch_one(&pool).await.unwrap() < 3 {}
    let end = house.registry.deliver_law(&struck).await.unwrap().unwrap();
    for registration in registrations {
        // Before it, or denied, or told to ask again: never registered after it.
        drop(registration.await.unwrap());
    }
    let later: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM log_entries WHERE seq > $1 AND event IN ('registration.activated', 'finger.captured', 'encounter.opened')",
    )
    .bind(i64::try_from(end.log_seq).unwrap())
    .fetch_one(&pool)
    .await
    .unwrap();
    let active: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM registrations WHERE state = 'active'").fetch_one(&pool).await.unwrap();
    assert_eq!((later, active, house.registry.people_searchable()), (0, 0, 0));
}

#[tokio::test]
async fn control_a8_the_kuwaiti_law_ends_and_what_it_took_goes() {
    // As if the law had named convicts: the register's specimens come by such events. A test, not the law.
    let events = "[border_entry, residence_permit, identity_card, passport, own_request]";
    let begin = KW.find("struck:\n").unwrap();
    let end = KW.find("instrument:\n").unwrap();
    let standing = format!("{}{}", &KW[..begin], &KW[end..])
        .replace(events, "[conviction, border_entry, residence_permit, identity_card, passport, own_request]");
    // Nor is it known which loci it would have had stored.
    let loci: Vec<_> = Locus::ALL.iter().map(|locus| locus.name()).collect();
    let standing = format!(
        "{standing}\npanel:\n  value: {{autosomal: [{}], sex_marker: true, y_str: false, mitochondrial: false, identity_snps: []}}\n  \
         ground: {{cite: \"invented\", source: \"a test\", confidence: C}}\n",
        loci.join(", ")
    );
    let donor = adult(21);
    let house = house_under(Vec::new(), "kw", &folder(&[("kw", &standing)]), today()).await;
    let new = NewCase { number: "A-1".to_owned(), kind: "crime".to_owned() };
    let case = house.registry.open_case(&house.dna_examiner, &new).await.unwrap();
    let facts: Map<String, serde_json::Value> =
        [("born".to_owned(), json!("1990-01-01")), ("status".to_owned(), json!("citizen"))].into_iter().collect();
    let profile = donor.genotype.profile();
    let specimen = |key: &str| NewSpecimen {
        facts: facts.clone(),
        ..specimen(Category::ConvictedPerson, case, key, Some(&profile))
    };
    let first = house.registry.register_specimen(&house.dna_examiner, &specimen("s1")).await.unwrap();
    let activation = house.registry.deliver_law(&folder(&[("kw", KW)])).await.unwrap().unwrap();
    assert_eq!(activation.blocked, 1);
    let second = house.registry.register_specimen(&house.dna_examiner, &specimen("s2")).await;
    let denial = second.as_ref().err().and_then(RegistryError::denial).unwrap();
    assert_eq!(denial.clause, "struck");
    let grounds = SearchGrounds { case, purpose: "crime_investigation", legal_basis: "order" };
    let search = house.registry.search_specimen(&house.dna_examiner, first.id, grounds).await;
    assert!(matches!(search, Err(RegistryError::NotFound { .. })), "{search:?}");
    let run = house.registry.run_retention().await.unwrap();
    assert_eq!((run.erased, run.overdue), (2, 0), "the profile, and the order to destroy the material");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn a_law_that_has_expired_without_another_ends_like_one_that_was_struck() {
    let (aida, other) = (adult(11), adult(12));
    let ending = KZ_2016.replacen("valid_from: 2021-01-01\n", "valid_from: 2021-01-01\nvalid_to: 2026-12-01\n", 1);
    assert_ne!(ending, KZ_2016);
    let people = [&aida, &other].map(|p| record(p, &[])).into();
    let house = house_under(people, "kz", &folder(&[("kz-2016", &ending)]), today()).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    house.clock.advance(SignedDuration::from_hours(24 * 7));
    assert_eq!(house.registry.run_retention().await.unwrap().erased, 0, "the last day");
    house.clock.advance(SignedDuration::from_hours(24));
    let operator = sign_in(&house.registry, "operator", Some("csc-1-a")).await;
    let house = House { operator, ..house };
    let refused = house.open(&other, "identity_card", "k2").await;
    assert_eq!(refused.err().unwrap().denial().unwrap().clause, "validity");
    let run = house.registry.run_retention().await.unwrap();
    assert_eq!((run.erased, run.overdue, house.registry.people_searchable()), (2, 0, 0));
}

#[test]
fn several_laws_on_one_modality_need_a_folder() {
    let refused = Registry::may_be_founded("in", Mode::Demonstration, &LawFiles::default());
    assert!(refused.is_err_and(|why| why.to_string().contains("--law")));
    let nowhere = Registry::may_be_founded("xx", Mode::Demonstration, &LawFiles::default());
    assert!(nowhere.is_err_and(|why| why.to_string().contains("no law pack of XX")));
    for country in ["kz", "kw", "by", "ru"] {
        Registry::may_be_founded(country, Mode::Demonstration, &LawFiles::default()).unwrap();
    }
}

#[tokio::test]
async fn control_a8_a_struck_pack_says_who_may_still_read_and_the_register_follows() {
    let aida = adult(11);
    // The same rule for three bodies; only those that the judgment names read on.
    let rule = "access:\n  value:\n    - code: watch-the-end\n      bodies: [court, supervisory_authority, ministry_of_interior]\n      \
         purposes: [control_of_deletion]\n      acts: [read, verify]\n      data: [identity, biometric_template]\n      populations: [civil]\n      \
         sanction: []\n      fields: [birth_date, iin]\n      notify: at_once\n      \
         ground: {cite: \"a judgment\", source: \"a test\", confidence: C}\n      text: {kk: kk, ru: ru, en: \"Whoever watches the end may read.\"}\n  \
         ground: {cite: \"a judgment\", source: \"a test\", confidence: C}\n";
    let (begin, end) = (KZ_2016.find("access:\n").unwrap(), KZ_2016.find("transfers:\n").unwrap());
    let standing = format!("{}{rule}\n{}", &KZ_2016[..begin], &KZ_2016[end..]);
    let house = house_under(vec![record(&aida, &[])], "kz", &folder(&[("kz-2016", &standing)]), today()).await;
    // The law in force has no rule for the search at a registration, so the record is one of a visit that was begun.
    house.open(&aida, "identity_card", "k1").await.unwrap();
    let court = NewOrganisation { code: "court".to_owned(), name: "Court".to_owned(), body: "court".to_owned() };
    let court = house.registry.add_organisation(&house.administrator, &court).await.unwrap();
    house.registry.add_account(&house.administrator, &account("judge", court, Role::Officer)).await.unwrap();
    let judge = sign_in(&house.registry, "judge", None).await;
    let ask = |actor: Actor, act: Act| {
        let (house, aida) = (&house, &aida);
        async move {
            let new = NewCase { number: "A-1".to_owned(), kind: "administrative".to_owned() };
            let case = house.registry.open_case(&actor, &new).await.unwrap();
            let grounds = Grounds {
                purpose: Some("control_of_deletion".to_owned()),
                case: Some(case),
                legal_basis: Some("a judgment".to_owned()),
                sanction: None,
                urgent: None,
            };
            let iin = aida.iin.as_str().to_owned();
            let target = if act == Act::Read { Target::Iin(iin) } else { Target::IinAndPrints(iin, Vec::new()) };
            house.registry.ask(&actor, act, &grounds, &target).await
        }
    };
    for actor in [&judge, &house.officer] {
        ask(actor.clone(), Act::Read).await.expect("while the law stands, its rule holds for all three");
    }
    let ended = folder(&[("kz-2016", &struck_pack(&standing, "2026-11-23"))]);
    house.registry.deliver_law(&ended).await.unwrap();
    let seen = ask(judge.clone(), Act::Read).await.unwrap().identity.unwrap();
    assert_eq!(seen.keys().collect::<Vec<_>>(), ["born", "iin"], "no more than the rule's fields");
    assert_eq!(denied(ask(judge, Act::Verify).await), "pack_struck", "a read is no use");
    assert_eq!(denied(ask(house.officer.clone(), Act::Read).await), "pack_struck", "the judgment does not name it");
    house.assert_log_is_sound().await;
}
