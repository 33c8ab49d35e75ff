//! Services that ask one to one, the names that they are told, and the person's own lock.

use tanba_law::{Library, Mode, RulesOf, access_rules};
use tanba_registry::{
    Act, Actor, Answer, EncounterState, NewService, OrganisationId, RegistryError, Result, Role, ServiceId, Target,
};
use tanba_synth::Person;

use crate::access::{case, grounds, guard, mark, prints_of, sanction};
use crate::citizen::citizen;
use crate::house::{House, PASSWORD, adult, denied, house, house_under, record, today};
use crate::law_in_use::{KZ_DEMO, folder};

/// A rule for signing in with a finger, as no pack has it.
const SIGN_IN: &str = r#"
  - rule:
      code: campus-and-ward
      bodies: [university, hospital]
      purposes: [education_sign_in, health_sign_in]
      acts: [verify]
      data: [biometric_template]
      populations: [civil]
      sanction: []
      fields: [answer, pseudonym]
      notify: at_once
      ground: {cite: "invented", source: "a test", confidence: C}
      text: {kk: kk, ru: ru, en: "Signing in with a finger."}
    reason: {kk: kk, ru: ru, en: "A test."}
"#;

/// A service with the officer who asks for it.
struct Desk {
    officer: Actor,
    id: ServiceId,
}

async fn house_with_sign_in(people: &[&Person], change: impl Fn(String) -> String) -> House {
    let sheet = change(KZ_DEMO.replacen("\nretention:\n", &format!("{SIGN_IN}\nretention:\n"), 1));
    assert_ne!(sheet, KZ_DEMO);
    house_under(people.iter().map(|p| record(p, &[])).collect(), "kz", &folder(&[("sheet", &sheet)]), today()).await
}

async fn service(house: &House, organisation: OrganisationId, purpose: &str) -> Result<ServiceId> {
    let new = NewService {
        organisation,
        code: "door".to_owned(),
        purpose: purpose.to_owned(),
        legal_basis: "Rules of the house (demonstration)".to_owned(),
    };
    house.registry.add_service(&house.administrator, &new).await
}

async fn desk(house: &House, body: &str, purpose: &str) -> Desk {
    let login = format!("{body}-desk");
    let officer = house.authority(body, body, &[(login.as_str(), Role::Officer)]).await.remove(0);
    let id = service(house, officer.organisation(), purpose).await.unwrap();
    Desk { officer, id }
}

impl Desk {
    async fn ask(&self, house: &House, claimed: &Person, hands: &Person) -> Result<Answer> {
        house.registry.verify_for_service(&self.officer, self.id, claimed.iin.as_str(), &prints_of(hands)).await
    }

    async fn yes(&self, house: &House, claimed: &Person, hands: &Person) -> Option<bool> {
        self.ask(house, claimed, hands).await.unwrap().same
    }
}

#[tokio::test]
async fn a_service_is_told_a_name_that_no_other_service_knows() {
    let (aida, other) = (adult(11), adult(12));
    let house = house_with_sign_in(&[&aida, &other], |sheet| sheet).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    house.register(&other, &other, "k2", 1).await.unwrap();
    let (campus, ward) =
        (desk(&house, "university", "education_sign_in").await, desk(&house, "hospital", "health_sign_in").await);
    let name = async |desk: &Desk, person: &Person| desk.ask(&house, person, person).await.unwrap().pseudonym.unwrap();
    let first = name(&campus, &aida).await;
    assert_eq!((first.len(), name(&campus, &aida).await), (64, first.clone()), "stable for one service");
    let names = [first.clone(), name(&ward, &aida).await, name(&campus, &other).await, name(&ward, &other).await];
    for (at, one) in names.iter().enumerate() {
        assert!(names.iter().skip(at + 1).all(|another| another != one), "{names:?}");
        assert!(!one.contains(aida.iin.as_str()) && !one.contains(&done.encounter.person.to_string()));
    }
    // A no tells no name.
    let no = campus.ask(&house, &aida, &other).await.unwrap();
    assert_eq!((no.same, no.pseudonym, no.identity), (Some(false), None, None));
    // Each asks for its own service alone.
    let foreign =
        house.registry.verify_for_service(&ward.officer, campus.id, aida.iin.as_str(), &prints_of(&aida)).await;
    assert!(matches!(foreign, Err(RegistryError::NotFound { what: "service" })), "{foreign:?}");
    // Ended and set up anew it is told other names.
    house.registry.end_service(&house.administrator, campus.id).await.unwrap();
    let ended = campus.ask(&house, &aida, &aida).await;
    assert!(matches!(ended, Err(RegistryError::NotFound { what: "service" })), "{ended:?}");
    let id = service(&house, campus.officer.organisation(), "education_sign_in").await.unwrap();
    let anew = Desk { officer: campus.officer, id };
    assert!(!names.contains(&name(&anew, &aida).await));
    let twice = service(&house, anew.officer.organisation(), "education_sign_in").await;
    assert!(matches!(twice, Err(RegistryError::Conflict { .. })), "{twice:?}");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn a_finger_signs_in_nowhere_that_a_pack_does_not_name() {
    let library = Library::embedded();
    for pack in library.packs() {
        let sheet = library.sheets().iter().find(|sheet| sheet.covers(pack.id())).unwrap();
        let rules = access_rules(pack, RulesOf::Access, Mode::Demonstration(sheet));
        let named = rules.iter().flat_map(|rule| &rule.purposes).find(|purpose| purpose.ends_with("_sign_in"));
        assert_eq!(named, None, "{}", pack.id());
    }
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    for (body, purpose, code) in [
        ("university", "education_sign_in", "body_not_listed"),
        ("hospital", "health_sign_in", "body_not_listed"),
        ("border_service", "attendance_sign_in", "purpose_not_listed"),
    ] {
        let desk = desk(&house, body, purpose).await;
        let before = house.registry.denials().await.unwrap();
        assert_eq!(denied(desk.ask(&house, &aida, &aida).await), code, "{body}");
        assert_eq!(house.registry.denials().await.unwrap(), before + 1, "and it is in the log");
    }
    let by_officer = NewService {
        organisation: house.ministry,
        code: "door".to_owned(),
        purpose: "education_sign_in".to_owned(),
        legal_basis: "x".to_owned(),
    };
    assert_eq!(denied(house.registry.add_service(&house.officer, &by_officer).await), "role");
}

#[tokio::test]
async fn the_holders_lock_answers_services_no_and_leaves_what_a_law_orders() {
    let (aida, other) = (adult(11), adult(12));
    let house = house_with_sign_in(&[&aida, &other], |sheet| sheet).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    let campus = desk(&house, "university", "education_sign_in").await;
    let own = citizen(&house, "aida", done.encounter.person).await;
    assert_eq!(campus.yes(&house, &aida, &aida).await, Some(true));
    let since = house.registry.lock_own_biometrics(&own).await.unwrap();
    house.clock.advance(jiff::SignedDuration::from_secs(60));
    assert_eq!(house.registry.lock_own_biometrics(&own).await.unwrap(), since, "locked twice is locked once");
    let (locked, strange) =
        (campus.ask(&house, &aida, &aida).await.unwrap(), campus.ask(&house, &aida, &other).await.unwrap());
    assert_eq!((locked.same, locked.pseudonym.as_ref()), (Some(false), None));
    let said = |answer: &Answer| {
        let mut said = serde_json::to_value(answer).unwrap();
        said["request"] = "".into();
        said["log_seq"] = 0.into();
        said
    };
    assert_eq!(said(&locked), said(&strange), "nobody learns of the lock");
    assert_eq!(house.registry.own_page(&own, None, 50).await.unwrap().locked_since, Some(since));

    // The border asks by a law that does not heed the lock, and so does a search in a criminal investigation.
    let (guard, at_border) = guard(&house).await;
    let claimed = Target::IinAndPrints(aida.iin.as_str().to_owned(), prints_of(&aida));
    assert_eq!(house.registry.ask(&guard, Act::Verify, &at_border, &claimed).await.unwrap().same, Some(true));
    let case = case(&house, &house.officer).await;
    let sanctioned = grounds(Some(case), Some(sanction(&house, case, None, 2).await));
    let found = house.registry.ask(&house.officer, Act::Identify, &sanctioned, &mark(&aida)).await.unwrap();
    assert_eq!(found.candidates.unwrap().len(), 1);

    // Whoever finds the person's browser open does not have the password.
    let wrong = house.registry.release_own_lock(&own, "not the password at all").await;
    assert_eq!(denied(wrong), "second_proof");
    assert_eq!(campus.yes(&house, &aida, &aida).await, Some(false));
    house.registry.release_own_lock(&own, PASSWORD).await.unwrap();
    assert_eq!(campus.yes(&house, &aida, &aida).await, Some(true));
    let page = house.registry.own_page(&own, None, 50).await.unwrap();
    assert_eq!(page.locked_since, None);
    for event in ["biometrics.locked", "biometrics.unlock_denied", "biometrics.unlocked", "access.granted"] {
        assert!(page.looks.iter().any(|look| look.event == event), "{event} is not on the own page");
    }
    assert_eq!(denied(house.registry.lock_own_biometrics(&house.officer).await), "role");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn wrong_second_proofs_rest_the_account() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    let own = citizen(&house, "aida", done.encounter.person).await;
    house.registry.lock_own_biometrics(&own).await.unwrap();
    for _ in 0..5 {
        assert_eq!(denied(house.registry.release_own_lock(&own, "not the password at all").await), "second_proof");
    }
    let resting = house.registry.release_own_lock(&own, PASSWORD).await;
    assert!(matches!(resting, Err(RegistryError::TooManyAttempts { .. })), "{resting:?}");
}

#[tokio::test]
async fn a_pack_may_let_the_lock_hold_elsewhere_too() {
    let aida = adult(11);
    let at_the_border = |sheet: String| {
        let (before, rule) = sheet.split_once("code: border-verification\n").unwrap();
        let rule = rule.replacen("      notify: at_once\n", "      notify: at_once\n      holder_lock: true\n", 1);
        format!("{before}code: border-verification\n{rule}").replacen(
            "fields: [answer, pseudonym]\n",
            "fields: [answer, pseudonym]\n      holder_lock: false\n",
            1,
        )
    };
    let house = house_with_sign_in(&[&aida], at_the_border).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    let campus = desk(&house, "university", "education_sign_in").await;
    let own = citizen(&house, "aida", done.encounter.person).await;
    house.registry.lock_own_biometrics(&own).await.unwrap();
    let (guard, grounds) = guard(&house).await;
    let claimed = Target::IinAndPrints(aida.iin.as_str().to_owned(), prints_of(&aida));
    assert_eq!(house.registry.ask(&guard, Act::Verify, &grounds, &claimed).await.unwrap().same, Some(false));
    assert_eq!(campus.yes(&house, &aida, &aida).await, Some(true), "this rule lets the lock pass");
}

#[tokio::test]
async fn at_the_counter_the_finger_is_the_second_proof() {
    let aida = adult(11);
    let house = house_with_sign_in(&[&aida], |sheet| sheet).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let campus = desk(&house, "university", "education_sign_in").await;
    let visit = house.open(&aida, "passport", "k2").await.unwrap();
    house.registry.lock_at_counter(&house.operator, visit.id).await.unwrap();
    assert_eq!(campus.yes(&house, &aida, &aida).await, Some(false));
    let early = house.registry.release_at_counter(&house.operator, visit.id).await;
    assert!(matches!(early, Err(RegistryError::Conflict { .. })), "{early:?}");
    house.capture_all(visit.id, &aida, 2).await.unwrap();
    let ended = house.registry.complete(&house.operator, visit.id).await.unwrap();
    assert_eq!(ended.encounter.state, EncounterState::Verified);
    house.registry.release_at_counter(&house.operator, visit.id).await.unwrap();
    assert_eq!(campus.yes(&house, &aida, &aida).await, Some(true));
    // Nobody locks or unlocks for somebody who has left.
    house.clock.advance(jiff::SignedDuration::from_mins(31));
    let late = house.registry.lock_at_counter(&house.operator, visit.id).await;
    assert!(matches!(late, Err(RegistryError::Conflict { what: "this visit is over", .. })), "{late:?}");
    assert_eq!(denied(house.registry.lock_at_counter(&house.officer, visit.id).await), "role");
    house.assert_log_is_sound().await;
}
