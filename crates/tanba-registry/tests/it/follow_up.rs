//! What follows a look: the check of one in danger to life, what those who were told must delete or correct, what goes abroad, and what the
//! log must not say. Named by the control that each shows.

use jiff::SignedDuration;
use jiff::civil::date;
use tanba_registry::{
    Act, Actor, AnomalyKind, CaseId, CorrectionKind, Grounds, NewAccount, NewCase, NewExport, RegistryError,
    RetentionEvent, Role, Target, check_export,
};
use tanba_seal::log::LogVerifier;
use tanba_synth::Person;

use crate::access::{case, grounds, prints_of, sanction};
use crate::citizen::citizen;
use crate::house::{House, account, adult, denied, house, house_under, record, sign_in, today};
use crate::law_in_use::{KZ_2016, folder};
use crate::persons::change;
use crate::retention::{record_id, sheet, travel};
use crate::sanctions::iin;

/// A body with the urgent path, its officer and the one who checks.
pub(crate) struct Security {
    pub(crate) officer: Actor,
    checker: Actor,
    pub(crate) case: CaseId,
}

pub(crate) async fn security(house: &House) -> Security {
    let accounts = [("agent", Role::Officer), ("checker", Role::SecondOfficer)];
    let mut actors = house.authority("knb", "national_security_committee", &accounts).await.into_iter();
    let (officer, checker) = (actors.next().unwrap(), actors.next().unwrap());
    let new = NewCase { number: "T-1".to_owned(), kind: "counter_terrorism".to_owned() };
    let case = house.registry.open_case(&officer, &new).await.unwrap();
    Security { officer, checker, case }
}

pub(crate) fn danger(case: CaseId, reason: Option<&str>) -> Grounds {
    Grounds {
        purpose: Some("counter_terrorism".to_owned()),
        urgent: reason.map(str::to_owned),
        ..grounds(Some(case), None)
    }
}

#[tokio::test]
async fn control_d5_danger_to_life_opens_first_and_another_officer_checks_it() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let knb = security(&house).await;
    let ask = async |grounds: &Grounds| house.registry.ask(&knb.officer, Act::Read, grounds, &iin(&aida)).await;
    assert_eq!(denied(ask(&danger(knb.case, None)).await), "sanction_missing", "no danger is declared");
    let silent = ask(&danger(knb.case, Some(" "))).await;
    assert!(matches!(silent, Err(RegistryError::Invalid { field: "urgent", .. })), "a danger without a word");
    // A body without that path declares what it likes.
    let police = case(&house, &house.officer).await;
    let declared = Grounds { urgent: Some("x".to_owned()), ..grounds(Some(police), None) };
    assert_eq!(denied(house.registry.ask(&house.officer, Act::Read, &declared, &iin(&aida)).await), "sanction_missing");

    let reason = "a bomb, tonight";
    let look = ask(&danger(knb.case, Some(reason))).await.unwrap();
    assert_eq!(look.identity.unwrap()["iin"], aida.iin.as_str());
    // Monday 23 November; seven working days are over on Wednesday 2 December.
    assert_eq!(look.review_due, Some(date(2026, 12, 2)));
    let mine = house.registry.urgent_reviews(&knb.officer).await.unwrap();
    assert_eq!((mine.len(), mine[0].own, mine[0].reason.as_deref()), (1, true, Some(reason)));
    assert_eq!((mine[0].state.as_str(), mine[0].due_on, mine[0].holidays_known), ("open", date(2026, 12, 2), true));
    let all = house.registry.urgent_reviews(&house.supervisor).await.unwrap();
    assert_eq!((all.len(), all[0].reason.as_deref()), (1, None), "a supervisor reads the case's words nowhere");
    assert!(house.registry.urgent_reviews(&house.officer).await.unwrap().is_empty(), "another authority's");
    let waiting = house.registry.oversight_summary(&house.supervisor, 1).await.unwrap().waiting;
    assert!(waiting.iter().any(|w| w.kind == "urgent_review" && w.count == 1));

    let id = mine[0].id;
    let decide = async |actor: &Actor, justified| {
        house.registry.decide_urgent_review(actor, id, justified, "the calls were heard").await
    };
    assert_eq!(denied(decide(&knb.officer, true).await), "role");
    let twin =
        NewAccount { natural_person: "P-agent".to_owned(), ..account("twin", house.ministry, Role::SecondOfficer) };
    let elsewhere = decide(&house.prosecution_clerk, true).await;
    assert!(matches!(elsewhere, Err(RegistryError::NotFound { .. })), "another authority's");
    let twin = NewAccount { organisation: knb.officer_organisation(&house).await, ..twin };
    house.registry.add_account(&house.administrator, &twin).await.unwrap();
    let twin = sign_in(&house.registry, "twin", None).await;
    assert_eq!(denied(decide(&twin, true).await), "four_eyes", "the same human being");
    assert_eq!(decide(&knb.checker, true).await.unwrap().state, "justified");
    assert!(matches!(decide(&knb.checker, false).await, Err(RegistryError::Conflict { .. })), "once");
    assert!(house.registry.recipient_orders(&knb.officer).await.unwrap().is_empty());
    house.assert_log_is_sound().await;
}

impl Security {
    async fn officer_organisation(&self, house: &House) -> tanba_registry::OrganisationId {
        let institutions = house.registry.institutions(&house.administrator).await.unwrap();
        institutions.organisations.iter().find(|o| o.code == "knb").unwrap().id
    }
}

#[tokio::test]
async fn control_d5_working_days_leave_the_countrys_holidays_out() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    // Thursday 10 December; Wednesday 16 is Independence Day.
    travel(&house, date(2026, 12, 10));
    let knb = security(&house).await;
    let look = house.registry.ask(&knb.officer, Act::Read, &danger(knb.case, Some("x")), &iin(&aida)).await.unwrap();
    assert_eq!(look.review_due, Some(date(2026, 12, 22)));
    // Of 2027 the holidays are not known here: the day comes earlier, and says so.
    travel(&house, date(2026, 12, 30));
    house.registry.ask(&knb.officer, Act::Read, &danger(knb.case, Some("x")), &iin(&aida)).await.unwrap();
    let reviews = house.registry.urgent_reviews(&knb.checker).await.unwrap();
    let late = reviews.iter().find(|r| r.state == "open").unwrap();
    assert_eq!((late.due_on, late.holidays_known), (date(2027, 1, 8), false));
}

#[tokio::test]
async fn control_d5_an_unjustified_or_unchecked_look_is_deleted_by_whoever_has_the_answer_and_they_say_so() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    let own = citizen(&house, "aida", done.encounter.person).await;
    let knb = security(&house).await;
    let ask = async || {
        house.registry.ask(&knb.officer, Act::Read, &danger(knb.case, Some("a danger")), &iin(&aida)).await.unwrap()
    };
    let (bad, forgotten) = (ask().await, ask().await);
    let reviews = house.registry.urgent_reviews(&knb.checker).await.unwrap();
    let id = reviews.iter().find(|r| r.request == bad.request).unwrap().id;
    house.registry.decide_urgent_review(&knb.checker, id, false, "nobody was in danger").await.unwrap();
    let orders = house.registry.recipient_orders(&knb.officer).await.unwrap();
    assert_eq!(orders.len(), 1);
    let order = &orders[0];
    assert_eq!(
        (order.kind.as_str(), order.cause.as_str(), order.request),
        ("delete", "urgent_unjustified", bad.request)
    );
    assert_eq!((order.organisation.as_str(), order.due_on, order.values.len()), ("knb", date(2026, 11, 30), 0));

    let notes = async || {
        let summary = house.registry.oversight_summary(&house.supervisor, 1).await.unwrap();
        summary.notes.into_iter().find(|n| n.kind == AnomalyKind::OrdersOverdue)
    };
    // The second look is checked by nobody: on the day after its last it lapses by itself.
    travel(&house, date(2026, 12, 2));
    assert_eq!(house.registry.lapse_urgent_reviews().await.unwrap(), 0, "the last day");
    assert_eq!(notes().await.unwrap().count, 1, "the first order is overdue, and nobody acknowledged it");
    travel(&house, date(2026, 12, 3));
    assert_eq!(house.registry.lapse_urgent_reviews().await.unwrap(), 1);
    assert_eq!(house.registry.lapse_urgent_reviews().await.unwrap(), 0, "once");
    let lapsed = house.registry.urgent_reviews(&knb.checker).await.unwrap();
    let lapsed = lapsed.iter().find(|r| r.request == forgotten.request).unwrap();
    assert_eq!(lapsed.state, "lapsed");
    let late = house.registry.decide_urgent_review(&knb.checker, lapsed.id, true, "too late").await;
    assert!(matches!(late, Err(RegistryError::Conflict { .. })));
    let orders = house.registry.recipient_orders(&knb.officer).await.unwrap();
    assert_eq!(orders.iter().filter(|o| o.cause == "urgent_lapsed" && o.request == forgotten.request).count(), 1);

    let note = notes().await.unwrap();
    assert_eq!((note.count, note.organisations.as_slice()), (1, ["knb".to_owned()].as_slice()));
    let foreign = house.registry.acknowledge_order(&house.officer, orders[0].id).await;
    assert!(matches!(foreign, Err(RegistryError::NotFound { .. })), "another authority's");
    assert_eq!(denied(house.registry.acknowledge_order(&house.supervisor, orders[0].id).await), "role");
    for order in &orders {
        house.registry.acknowledge_order(&knb.officer, order.id).await.unwrap();
    }
    let twice = house.registry.acknowledge_order(&knb.officer, orders[0].id).await;
    assert!(matches!(twice, Err(RegistryError::Conflict { .. })));
    assert!(notes().await.is_none());
    let seen = house.registry.own_record(&own, None, 200).await.unwrap();
    for event in ["urgent_review.decided", "urgent_review.lapsed", "recipient.ordered", "recipient_order.acknowledged"]
    {
        assert!(seen.looks.iter().any(|l| l.event == event), "the person sees {event}");
    }
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_f5_whoever_was_told_a_name_is_told_the_new_one() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    let person = house.register(&aida, &aida, "k1", 1).await.unwrap().encounter.person;
    house.register(&other, &other, "k2", 1).await.unwrap();
    let one_case = case(&house, &house.officer).await;
    let grounds = grounds(Some(one_case), Some(sanction(&house, one_case, None, 9).await));
    let told = house.registry.ask(&house.officer, Act::Read, &grounds, &iin(&aida)).await.unwrap();
    house.registry.ask(&house.officer, Act::Read, &grounds, &iin(&other)).await.unwrap();
    let apply = async |new: &tanba_registry::NewCorrection| {
        let proposed = house.registry.propose_correction(&house.second, person, new).await.unwrap();
        house.registry.apply_correction(&house.prosecution_clerk, proposed.id).await.unwrap();
    };
    apply(&change(CorrectionKind::NameChange, &[("family_name_latin", "Serikova")])).await;
    let orders = house.registry.recipient_orders(&house.officer).await.unwrap();
    assert_eq!(orders.len(), 1, "{orders:?}");
    let order = &orders[0];
    assert_eq!((order.kind.as_str(), order.cause.as_str(), order.request), ("correct", "corrected", told.request));
    assert_eq!(order.values, [("family_name_latin".to_owned(), Some("Serikova".to_owned()))].into());
    let watched = house.registry.recipient_orders(&house.supervisor).await.unwrap();
    assert!(watched[0].values.is_empty(), "a supervisor sees that, and not what");
    // What they were not told, they are not told now: the rule gives no sex.
    let sex = if aida.sex == tanba_synth::Sex::Male { "female" } else { "male" };
    apply(&change(CorrectionKind::Correction, &[("sex", sex)])).await;
    assert_eq!(house.registry.recipient_orders(&house.officer).await.unwrap().len(), 1);
    house.registry.acknowledge_order(&house.officer, order.id).await.unwrap();
    // The new value stands nowhere in the clear.
    let plain = crate::house::all_files(&house.data());
    assert!(plain.iter().all(|(_, bytes)| !bytes.windows(8).any(|w| w == b"Serikova")));
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_f5_h5_what_came_from_erased_prints_is_deleted_by_whoever_was_told() {
    let (aida, other) = (adult(11), adult(12));
    let row =
        "      category: any\n      start_event: collection\n      max_period: P40Y\n      end_events: [acquittal]\n";
    let records = [&aida, &other].map(|p| record(p, &[])).into();
    let house = house_under(records, "kz", &folder(&[("sheet", &sheet(row))]), today()).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    house.register(&other, &other, "k2", 1).await.unwrap();
    let one_case = case(&house, &house.officer).await;
    let grounds = grounds(Some(one_case), Some(sanction(&house, one_case, None, 9).await));
    let ask = async |act, target: Target| house.registry.ask(&house.officer, act, &grounds, &target).await.unwrap();
    let found = ask(Act::Identify, Target::Prints(prints_of(&aida), None)).await;
    let release = Target::Candidate(done.encounter.id, "compared by hand".to_owned());
    let named = ask(Act::ReleaseIdentity, release).await;
    ask(Act::Identify, Target::Prints(prints_of(&other), None)).await;
    ask(Act::Read, iin(&aida)).await;
    let event =
        RetentionEvent { event: "acquittal".to_owned(), on: today(), gravity: None, evidence: "judgment 3".to_owned() };
    house.registry.record_retention_event(&house.second, record_id(done.encounter.id), &event).await.unwrap();
    assert_eq!(house.registry.run_retention().await.unwrap().erased, 2);
    let orders = house.registry.recipient_orders(&house.officer).await.unwrap();
    let mut about: Vec<_> = orders.iter().map(|o| (o.kind.as_str(), o.cause.as_str(), o.request)).collect();
    about.sort_by_key(|(_, _, request)| *request != found.request);
    // Not what was found of somebody else, nor what was read by number and came from no print.
    assert_eq!(about, [("delete", "erased", found.request), ("delete", "erased", named.request)]);
    house.registry.run_retention().await.unwrap();
    assert_eq!(house.registry.recipient_orders(&house.officer).await.unwrap().len(), 2, "once");
    house.assert_log_is_sound().await;
}

/// The law of 2016 with one partner abroad.
fn with_partner() -> String {
    let (before, rest) = KZ_2016.split_once("transfers:\n").unwrap();
    let (_, after) = rest.split_once("\nretention:").unwrap();
    let text = "{kk: kk, ru: ru, en: en}";
    let ground = "{cite: a, source: invented for tests, confidence: B}";
    format!(
        "{before}transfers:\n  value:\n    - code: to-interpol\n      bodies: [interpol]\n      purposes: [crime_investigation]\n      \
         acts: [read]\n      data: [identity]\n      populations: [civil]\n      sanction: [court]\n      fields: [full_name]\n      \
         notify: deferred\n      ground: {ground}\n      text: {text}\n  ground: {ground}\n\nretention:{after}"
    )
}

#[tokio::test]
async fn control_j9_an_answer_goes_abroad_only_to_a_listed_partner_under_a_signed_record() {
    let aida = adult(11);
    let house =
        house_under([&aida].map(|p| record(p, &[])).into(), "kz", &folder(&[("law", &with_partner())]), today()).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    let own = citizen(&house, "aida", done.encounter.person).await;
    let one_case = case(&house, &house.officer).await;
    let home = sanction(&house, one_case, Some(&aida), 9).await;
    let answer =
        house.registry.ask(&house.officer, Act::Read, &grounds(Some(one_case), Some(home)), &iin(&aida)).await.unwrap();
    let abroad = tanba_registry::NewSanction {
        case: one_case,
        authority: "court".to_owned(),
        issued_by: "court of the city, 12".to_owned(),
        issuer: None,
        purposes: ["crime_investigation".to_owned()].into(),
        acts: vec![Act::Read],
        subject_iin: Some(aida.iin.as_str().to_owned()),
        valid_from: tanba_registry::Instant::from_micros(0),
        valid_to: house.registry.now().plus_seconds(86_400),
        max_uses: 1,
        tell_person_at: None,
    };
    let abroad = house.registry.enter_sanction(&house.prosecution_clerk, &abroad).await.unwrap();
    let to = |partner: &str, purpose: &str, sanction| NewExport {
        partner: partner.to_owned(),
        purpose: purpose.to_owned(),
        legal_basis: "treaty (demonstration)".to_owned(),
        sanction,
    };
    let export = async |new: &NewExport| house.registry.export_answer(&house.officer, answer.request, new).await;
    for (new, code) in [
        (to("other_country", "crime_investigation", Some(abroad)), "body_not_listed"),
        (to("interpol", "curiosity", Some(abroad)), "purpose_not_listed"),
        (to("interpol", "crime_investigation", None), "sanction_missing"),
        (to("interpol", "crime_investigation", Some(home)), "sanction_wrong_authority"),
    ] {
        assert_eq!(denied(export(&new).await), code);
    }
    let colleague = house.another("colleague", Role::Officer).await;
    let new = to("interpol", "crime_investigation", Some(abroad));
    let foreign = house.registry.export_answer(&colleague, answer.request, &new).await;
    assert!(matches!(foreign, Err(RegistryError::NotFound { .. })), "somebody else's answer");
    let sent = export(&new).await.unwrap();
    let identity = sent.identity.unwrap();
    assert!(identity.contains_key("family_name_latin") && !identity.contains_key("iin"), "no more than is listed");
    assert_eq!(denied(export(&new).await), "sanction_used_up");

    // Anybody can check the record with the public key, and a changed one is none.
    let key = LogVerifier::parse(&house.registry.verifier_key()).unwrap();
    let text = check_export(&sent.record, &key).unwrap();
    for line in ["tanba-export/1", "to interpol", "act read", "fields full_name", "clause to-interpol"] {
        assert!(text.lines().any(|l| l == line), "{text}");
    }
    assert!(!text.contains(aida.iin.as_str()) && !text.contains(&aida.name.family.latin));
    assert!(check_export(&sent.record.replace("to interpol", "to nobody"), &key).is_err());
    let checkpoint = std::fs::read_to_string(house.data().join("log/checkpoint")).unwrap();
    assert!(check_export(&checkpoint, &key).is_err(), "a checkpoint is no record");
    let shown = house.registry.exports(&house.supervisor).await.unwrap();
    assert_eq!((shown.len(), shown[0].record.as_str(), shown[0].log_seq), (1, sent.record.as_str(), sent.log_seq));
    assert_eq!(denied(house.registry.exports(&house.officer).await), "role");
    assert_eq!(house.registry.own_entry(&own, sent.log_seq).await.unwrap().event, "answer.exported");
    // What was passed on follows the original: a correction reaches the partner through whoever passed it on.
    let renamed = change(CorrectionKind::NameChange, &[("family_name_latin", "Serikova")]);
    let proposed = house.registry.propose_correction(&house.second, done.encounter.person, &renamed).await.unwrap();
    house.registry.apply_correction(&house.prosecution_clerk, proposed.id).await.unwrap();
    let orders = house.registry.recipient_orders(&house.officer).await.unwrap();
    let partners: Vec<_> = orders.iter().map(|o| o.partner.as_deref()).collect();
    assert!(partners.len() == 2 && partners.contains(&None) && partners.contains(&Some("interpol")), "{partners:?}");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_j9_where_no_partner_is_known_nothing_goes_abroad() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let one_case = case(&house, &house.officer).await;
    let home = sanction(&house, one_case, Some(&aida), 9).await;
    let answer =
        house.registry.ask(&house.officer, Act::Read, &grounds(Some(one_case), Some(home)), &iin(&aida)).await.unwrap();
    let new = NewExport {
        partner: "interpol".to_owned(),
        purpose: "crime_investigation".to_owned(),
        legal_basis: "x".to_owned(),
        sanction: Some(home),
    };
    assert_eq!(denied(house.registry.export_answer(&house.officer, answer.request, &new).await), "access_unknown");
}

#[tokio::test]
async fn where_the_law_forbids_it_the_log_does_not_say_what_a_look_was_for() {
    let aida = adult(11);
    let forbidden = KZ_2016.replacen(
        "deletion:\n",
        "log_purpose:\n  value: forbidden\n  ground: {cite: a, source: invented for tests, confidence: B}\n\ndeletion:\n",
        1,
    );
    let records: Vec<_> = [&aida].map(|p: &Person| record(p, &[])).into();
    let house = house_under(records, "kz", &folder(&[("law", &forbidden)]), today()).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let one_case = case(&house, &house.officer).await;
    let id = sanction(&house, one_case, None, 9).await;
    let look =
        house.registry.ask(&house.officer, Act::Read, &grounds(Some(one_case), Some(id)), &iin(&aida)).await.unwrap();
    let no = house.registry.ask(&house.officer, Act::Read, &grounds(Some(one_case), None), &iin(&aida)).await;
    let Err(RegistryError::Denied(no)) = no else { panic!("{no:?}") };
    for seq in [look.log_seq, no.log_seq] {
        let entry = house.registry.supervise_entry(&house.supervisor, seq).await.unwrap();
        assert_eq!(entry.entry.look.purpose, "withheld");
        assert!(entry.leaf.contains("\"purpose\":\"withheld\"") && !entry.leaf.contains("crime_investigation"));
        assert_eq!(entry.entry.details["policy_decision"].as_str().map(str::len), Some(64), "the decision stays");
        assert!(!entry.entry.details.to_string().contains("crime_investigation"));
    }
    let desk = house.registry.case_desk(&house.officer, one_case).await.unwrap();
    assert_eq!(desk.requests[0].purpose, "withheld");
    house.clock.advance(SignedDuration::from_secs(1));
    house.assert_log_is_sound().await;
}
