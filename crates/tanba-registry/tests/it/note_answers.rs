//! Notes are answered, and the share of those with nothing to them is reported.

use jiff::SignedDuration;
use tanba_registry::{AnomalyKind, AnomalyNote, FalseAlarms, NewNoteAnswer, RegistryError};

use crate::house::{House, adult, denied, house, sign_in};

async fn notes(house: &House) -> (Vec<AnomalyNote>, Vec<FalseAlarms>) {
    let supervisor = sign_in(&house.registry, "supervisor", None).await;
    let summary = house.registry.oversight_summary(&supervisor, 7).await.unwrap();
    (summary.notes, summary.false_alarms)
}

fn answer(note: &AnomalyNote, founded: bool) -> NewNoteAnswer {
    NewNoteAnswer {
        kind: note.kind,
        subject: note.subject(),
        entries: note.entries.clone(),
        founded,
        reason: "asked the head of the centre".to_owned(),
    }
}

#[tokio::test]
async fn control_g6_seeded_incidents_are_found_answered_and_their_false_alarms_counted() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let encounter = house.open(&aida, "identity_card", "k1").await.unwrap();
    assert_eq!(notes(&house).await, (Vec::new(), Vec::new()), "an ordinary day");
    // Two accounts run into denial after denial, and one looks by night.
    for actor in [&house.operator, &house.officer] {
        for _ in 0..5 {
            denied(house.registry.candidate_tasks(actor).await);
        }
    }
    house.clock.advance(SignedDuration::from_hours(6)); // 23:00
    house.registry.view_encounter(&house.operator, encounter.id).await.unwrap();
    let (found, _) = notes(&house).await;
    let kinds: Vec<_> = found.iter().map(|note| note.kind).collect();
    assert_eq!(kinds, [AnomalyKind::DenialsInARow, AnomalyKind::DenialsInARow, AnomalyKind::AfterHours]);

    let give = async |new: &NewNoteAnswer| house.registry.answer_note(&house.supervisor, new).await;
    for actor in [&house.operator, &house.administrator] {
        assert_eq!(denied(house.registry.answer_note(actor, &answer(&found[0], true)).await), "role");
    }
    for wrong in [
        NewNoteAnswer { reason: String::new(), ..answer(&found[0], true) },
        NewNoteAnswer { entries: vec![9_999_999], ..answer(&found[0], true) },
        NewNoteAnswer { entries: vec![0; 501], ..answer(&found[0], true) },
    ] {
        assert!(matches!(give(&wrong).await, Err(RegistryError::Invalid { .. })), "{wrong:?}");
    }
    give(&answer(&found[0], true)).await.unwrap();
    give(&answer(&found[1], false)).await.unwrap();
    let (left, counted) = notes(&house).await;
    assert_eq!(left, found[2..], "what was answered is gone");
    let of = |kind| counted.iter().find(|counts| counts.kind == kind).copied();
    let denials = of(AnomalyKind::DenialsInARow).unwrap();
    assert_eq!((denials.founded, denials.unfounded, denials.rate()), (1, 1, Some(0.5)));
    assert_eq!(of(AnomalyKind::AfterHours), None);
    let again = give(&answer(&found[0], false)).await;
    assert!(matches!(again, Err(RegistryError::Conflict { .. })), "{again:?}");

    // One denial more is a new note about the same account, and only about it.
    house.clock.advance(SignedDuration::from_secs(1));
    let returned = found[0].account.clone().unwrap();
    let actor = if returned == "operator" { &house.operator } else { &house.officer };
    let before = house.registry.denials().await.unwrap();
    for _ in 0..5 {
        denied(house.registry.candidate_tasks(actor).await);
    }
    assert_eq!(house.registry.denials().await.unwrap(), before + 5);
    let (left, _) = notes(&house).await;
    let back: Vec<_> = left.iter().filter(|note| note.kind == AnomalyKind::DenialsInARow).collect();
    assert_eq!(back.iter().map(|note| note.account.clone()).collect::<Vec<_>>(), [Some(returned)]);
    // What a supervisor found out is in the log, as an act.
    let log = house.registry.supervise(&house.supervisor, 0, 1000).await.unwrap();
    assert_eq!(log.iter().filter(|entry| entry.look.event == "note.answered").count(), 2);
    house.assert_log_is_sound().await;
}
