//! The person concerned: the own page.

use tanba_registry::{Act, Actor, ConsentKind, Grounds, NewAccount, RegistryError, Revision, Role, Target};
use tanba_synth::Person;

use crate::house::{House, account, adult, denied, house, sign_in};

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
