//! The person concerned: the own page, and the request to put something right.

use tanba_registry::{
    Act, Actor, ConsentKind, Grounds, NewAccount, NewCorrectionRequest, RegistryError, Revision, Role, Target,
};
use tanba_synth::Person;

use crate::house::{House, account, adult, denied, house, sign_in};
use crate::retention::travel;

pub(crate) async fn citizen(house: &House, login: &str, person: tanba_registry::PersonId) -> Actor {
    let new = NewAccount { person: Some(person), ..account(login, house.centre, Role::Citizen) };
    house.registry.add_account(&house.administrator, &new).await.unwrap();
    sign_in(&house.registry, login, None).await
}

fn iin(person: &Person) -> Target {
    Target::Iin(person.iin.as_str().to_owned())
}

#[tokio::test]
async fn the_own_page_tells_what_is_held_from_where_and_who_looked_in_groups() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let encounter = house.open(&aida, "identity_card", "k1").await.unwrap();
    house.say(encounter.id, ConsentKind::Explanation, &aida).await.unwrap();
    house.capture_all(encounter.id, &aida, 1).await.unwrap();
    let done = house.registry.complete(&house.operator, encounter.id).await.unwrap();
    house.registry.apply_for_document(&house.operator, encounter.id, "identity_card").await.unwrap();
    for _ in 0..3 {
        denied(house.registry.ask(&house.officer, Act::Read, &Grounds::default(), &iin(&aida)).await);
    }
    let own = citizen(&house, "aida", done.encounter.person).await;
    let page = house.registry.own_page(&own, None, 100).await.unwrap();
    let number = page.attributes.iter().find(|a| a.name == "iin").unwrap();
    assert_eq!((number.value.as_str(), number.source.as_str()), (aida.iin.as_str(), "population_register"));
    assert!(!number.provisional);
    assert_eq!((page.prints_held, page.documents.len(), page.consents.len()), (2, 1, 1));
    assert_eq!(page.documents[0].kind, "identity_card");
    assert_eq!(page.consents[0].language, "kk");
    assert!(page.looks[0].own && page.looks[0].event == "own_record.viewed", "this very look comes first");
    let denials = page.looks.iter().find(|g| g.event == "access.denied").unwrap();
    assert_eq!((denials.entries.len(), denials.organisation.as_deref()), (3, Some("mia")), "told as one");
    assert!(!denials.own && denials.clause.is_some());

    // Pages do not lose or repeat an entry.
    let mut places: Vec<u64> = Vec::new();
    let mut before = None;
    loop {
        let part = house.registry.own_page(&own, before, 3).await.unwrap();
        places.extend(part.looks.iter().flat_map(|g| g.entries.iter().map(|(seq, _)| *seq)));
        before = places.last().copied();
        if !part.more {
            break;
        }
    }
    assert!(places.windows(2).all(|w| w[0] > w[1]));
    let all: usize = page.looks.iter().map(|g| g.entries.len()).sum();
    assert_eq!(places.len(), all + 1, "and the first page of these was an entry itself");
    assert_eq!(denied(house.registry.own_page(&house.operator, None, 10).await), "role");

    let seq = denials.entries[0].0;
    assert_eq!(house.registry.own_entry(&own, seq).await.unwrap().event, "access.denied");
    assert!(matches!(house.registry.own_entry(&own, 0).await, Err(RegistryError::NotFound { .. })));
}

#[tokio::test]
async fn control_f7_a_request_that_nobody_answers_by_its_day_is_put_before_the_supervisor() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let person = house.open(&aida, "identity_card", "k1").await.unwrap().person;
    let own = citizen(&house, "aida", person).await;
    let ask = async |text: &str| {
        let new = NewCorrectionRequest { attribute: "other".to_owned(), text: text.to_owned() };
        house.registry.request_correction(&own, &new).await.unwrap()
    };
    let (late, in_time) = (ask("a name is wrong").await, ask("a date is wrong").await);
    let request = async |id| {
        let page = house.registry.own_page(&own, None, 100).await.unwrap();
        page.corrections.into_iter().find(|c| c.id == id).unwrap()
    };
    let overdue = async || {
        let waiting = house.registry.oversight_summary(&house.supervisor, 1).await.unwrap().waiting;
        waiting.iter().find(|w| w.kind == "correction_overdue").map_or(0, |w| w.count)
    };
    let due = request(late).await.due_on.expect("a request has a day");
    assert!(due > house.registry.today());
    // On the last day it is not late yet.
    travel(&house, due);
    house.registry.run_retention().await.unwrap();
    assert_eq!((overdue().await, request(late).await.escalated_at), (0, None));
    let tasks = house.registry.open_reviews(&house.second).await.unwrap();
    let answered = tasks.iter().find(|task| task.subject_id == in_time.to_string()).unwrap();
    house.registry.close_review(&house.second, answered.id, "the date is that of the birth certificate").await.unwrap();
    travel(&house, due.tomorrow().unwrap());
    house.registry.run_retention().await.unwrap();
    assert_eq!(overdue().await, 1, "the one that was answered is not late");
    let seen = house.registry.own_page(&own, None, 100).await.unwrap();
    assert_eq!(seen.looks.iter().filter(|g| g.event == "correction.overdue").count(), 1, "the person sees it too");
    assert!(request(late).await.escalated_at.is_some() && request(in_time).await.escalated_at.is_none());
    // Once, and until it is answered.
    assert_eq!(house.registry.escalate_requests().await.unwrap(), 0);
    let tasks = house.registry.open_reviews(&house.second).await.unwrap();
    let task = tasks.iter().find(|task| task.subject_id == late.to_string()).unwrap();
    house.registry.close_review(&house.second, task.id, "corrected, with apologies").await.unwrap();
    assert_eq!(overdue().await, 0);
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn looks_at_a_record_that_was_merged_are_seen_from_either_account() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    let first = house.register(&aida, &aida, "k1", 1).await.unwrap().encounter.person;
    let second = house.open(&other, "passport", "k2").await.unwrap().person;
    let (of_first, of_second) = (citizen(&house, "aida", first).await, citizen(&house, "again", second).await);
    denied(house.registry.ask(&house.officer, Act::Read, &Grounds::default(), &iin(&other)).await);
    let merge = Revision::Merge { from: second, into: first };
    let plan = house.registry.propose_revision(&house.second, &merge, "one human being").await.unwrap();
    house.registry.apply_revision(&house.prosecution_clerk, plan.id).await.unwrap();
    for actor in [&of_first, &of_second] {
        let page = house.registry.own_page(actor, None, 100).await.unwrap();
        assert_eq!(page.encounters.len(), 2);
        assert_eq!(page.prints_held, 2);
        assert!(page.looks.iter().any(|g| g.event == "access.denied"));
        let mut places: Vec<u64> = page.looks.iter().flat_map(|g| g.entries.iter().map(|(seq, _)| *seq)).collect();
        let entries = places.len();
        places.dedup();
        assert_eq!(entries, places.len(), "an entry about both records is one entry");
        let record = house.registry.own_record(actor, None, 100).await.unwrap();
        assert_eq!(record.looks.len(), entries + 1);
    }
}

#[tokio::test]
async fn a_request_for_correction_is_sealed_reviewed_by_an_officer_and_answered() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let person = house.open(&aida, "identity_card", "k1").await.unwrap().person;
    let own = citizen(&house, "aida", person).await;
    let wrong = NewCorrectionRequest {
        attribute: "family_name_latin".to_owned(),
        text: "My name ends on -ova, not on -eva.\nThe passport has it right.".to_owned(),
    };
    let id = house.registry.request_correction(&own, &wrong).await.unwrap();
    let task = house.registry.open_reviews(&house.second).await.unwrap().remove(0);
    assert_eq!((task.kind.as_str(), task.subject_id.clone()), ("correction_requested", id.to_string()));
    let seen = house.registry.correction_request(&house.second, id).await.unwrap();
    assert_eq!((seen.person, seen.text.as_str(), seen.open), (person, wrong.text.as_str(), true));
    assert_eq!(denied(house.registry.correction_request(&house.operator, id).await), "role");
    assert_eq!(denied(house.registry.request_correction(&house.second, &wrong).await), "role");
    house.registry.close_review(&house.second, task.id, "corrected after the passport was seen").await.unwrap();
    let page = house.registry.own_page(&own, None, 100).await.unwrap();
    assert_eq!(page.corrections[0].answer.as_deref(), Some("corrected after the passport was seen"));
    assert_eq!(page.corrections[0].text, wrong.text);
    for event in ["correction.requested", "correction.viewed"] {
        assert!(page.looks.iter().any(|g| g.event == event), "{event}");
    }
    let files = crate::house::all_files(&house.data());
    assert!(files.iter().all(|(_, bytes)| !bytes.windows(12).any(|w| w == b"ends on -ova")), "the words are sealed");

    for bad in ["", "   ", &"x".repeat(1001), "a\u{0}b"] {
        let new = NewCorrectionRequest { attribute: "other".to_owned(), text: (*bad).to_owned() };
        let refused = house.registry.request_correction(&own, &new).await;
        assert!(matches!(refused, Err(RegistryError::Invalid { field: "text", .. })));
    }
    let numbered = |n: u32| NewCorrectionRequest { text: format!("{} {n}", wrong.text), ..wrong.clone() };
    for n in 0..5 {
        let id = house.registry.request_correction(&own, &numbered(n)).await.unwrap();
        let twice = house.registry.request_correction(&own, &numbered(n)).await.unwrap();
        assert_eq!(id, twice, "the same words sent twice are one request");
    }
    let sixth = house.registry.request_correction(&own, &numbered(5)).await;
    assert!(matches!(sixth, Err(RegistryError::Conflict { .. })));
    house.assert_log_is_sound().await;
}
