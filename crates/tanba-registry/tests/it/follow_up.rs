//! What follows a look: the check of one in danger to life, what those who were told must delete or correct, what goes abroad, and what the
//! log must not say. Named by the control that each shows.

use jiff::SignedDuration;
use jiff::civil::date;
use tanba_dna::{Category, Relation};
use tanba_registry::{
    Act, Actor, AnomalyKind, CaseId, ContaminationFinding, CorrectionKind, GenomicHitId, Grounds, NewAccount, NewCase,
    NewExport, NewSpecimen, RegistryError, RetentionEvent, Role, Target, Verdict, check_export,
};
use tanba_seal::log::LogVerifier;
use tanba_synth::Person;

use crate::access::{case, grounds, prints_of, sanction};
use crate::citizen::citizen;
use crate::genomic;
use crate::genomic::likelihood::asked;
use crate::genomic::lineage::{Y, search};
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
        ("delete", "urgent_unjustified", Some(bad.request))
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
    assert_eq!(orders.iter().filter(|o| o.cause == "urgent_lapsed" && o.request == Some(forgotten.request)).count(), 1);

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
    assert_eq!(
        (order.kind.as_str(), order.cause.as_str(), order.request),
        ("correct", "corrected", Some(told.request))
    );
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
    about.sort_by_key(|(_, _, request)| *request != Some(found.request));
    // Not what was found of somebody else, nor what was read by number and came from no print.
    assert_eq!(about, [("delete", "erased", Some(found.request)), ("delete", "erased", Some(named.request))]);
    house.registry.run_retention().await.unwrap();
    assert_eq!(house.registry.recipient_orders(&house.officer).await.unwrap().len(), 2, "once");
    house.assert_log_is_sound().await;
}

/// Two examiners, who entered none of the specimens, find that a hit holds.
async fn confirm(house: &House, (a, b): (&Actor, &Actor), hit: GenomicHitId) {
    for examiner in [a, b] {
        house.registry.judge_genomic_hit(examiner, hit, Verdict::Same, None).await.unwrap();
    }
}

/// Orders about hits that an actor is shown: what to do, why, about which hit.
async fn about_hits(house: &House, actor: &Actor) -> Vec<(String, String, Option<GenomicHitId>)> {
    let orders = house.registry.recipient_orders(actor).await.unwrap();
    orders.into_iter().map(|order| (order.kind, order.cause, order.hit)).collect()
}

#[tokio::test]
async fn control_f5_h5_genomic_hits_that_a_human_decision_released_are_deleted_by_whoever_was_told() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let person = house.register(&aida, &aida, "k1", 1).await.unwrap().encounter.person;
    let own = citizen(&house, "aida", person).await;
    let (a, b) = (house.another("dna-a", Role::DnaExaminer).await, house.another("dna-b", Role::DnaExaminer).await);
    let case = genomic::case(&house, "DVI-1").await;
    house.enter_frequencies().await;
    let (mother, father) = (genomic::profile(31), genomic::profile(32));
    let with_y = |category, key: &str, profile| NewSpecimen {
        y: Some(Y.to_owned()),
        ..genomic::specimen(category, case, key, Some(profile))
    };
    let dead = genomic::child_of(&mother, &father);
    let body = house.specimen(&with_y(Category::UnidentifiedBody, "body", &dead)).await.unwrap().id;
    let relative = NewSpecimen {
        iin: Some(aida.iin.as_str().to_owned()),
        ..with_y(Category::RelativeOfMissing, "mother", &mother)
    };
    let relative = house.specimen(&relative).await.unwrap().id;
    // A lead of a search that an officer sanctioned; a hit by lineage that two confirm; the same from the other side, which nobody judged.
    let request =
        house.registry.ask_lr_search(&house.dna_examiner, &asked(body, case, Relation::ParentChild)).await.unwrap();
    house.registry.decide_lr_search(&house.prosecution_clerk, request.id, true, "family waits").await.unwrap();
    let leads = house.registry.make_lr_search(&house.dna_examiner, request.id).await.unwrap();
    let found = search(&house, body, case).await.unwrap();
    let unjudged = search(&house, relative, case).await.unwrap();
    let (lead, kin) = (leads.hits[0].id, found.hits[0].id);
    assert_eq!((leads.hits.len(), found.hits.len(), unjudged.hits.len()), (1, 1, 1));
    confirm(&house, (&a, &b), kin).await;
    assert_eq!(about_hits(&house, &a).await, [], "nothing is erased");

    house.registry.withdraw_genomic_consent(&own).await.unwrap();
    let deleted = |hit| ("delete".to_owned(), "erased".to_owned(), Some(hit));
    let mut orders = house.registry.recipient_orders(&a).await.unwrap();
    orders.sort_by_key(|order| order.hit != Some(lead));
    let about: Vec<_> = orders.iter().map(|o| (o.kind.clone(), o.cause.clone(), o.hit)).collect();
    assert_eq!(about, [deleted(lead), deleted(kin)]);
    assert_eq!(orders.iter().map(|o| o.answered_seq).collect::<Vec<_>>(), [leads.log_seq, found.log_seq].map(Some));
    assert!(orders.iter().all(|o| o.request.is_none() && o.partner.is_none() && o.organisation == "mia"));
    house.registry.run_retention().await.unwrap();
    assert_eq!(
        about_hits(&house, &house.officer).await.len(),
        2,
        "once, and officers of the organisation see them too"
    );
    assert_eq!(about_hits(&house, &house.second).await, [], "another organisation was told nothing");

    // Nobody says so in time: the supervisor's note. An examiner of the organisation acknowledges, once.
    travel(&house, orders[0].due_on.tomorrow().unwrap());
    let supervisor = sign_in(&house.registry, "supervisor", None).await;
    let notes = async || {
        let summary = house.registry.oversight_summary(&supervisor, 1).await.unwrap();
        summary.notes.into_iter().find(|note| note.kind == AnomalyKind::OrdersOverdue)
    };
    let note = notes().await.unwrap();
    assert_eq!((note.count, note.organisations.as_slice()), (2, ["mia".to_owned()].as_slice()));
    let foreign = house.registry.acknowledge_order(&house.second, orders[0].id).await;
    assert!(matches!(foreign, Err(RegistryError::NotFound { .. })));
    assert_eq!(denied(house.registry.acknowledge_order(&house.operator, orders[0].id).await), "role");
    for order in &orders {
        house.registry.acknowledge_order(&b, order.id).await.unwrap();
    }
    let twice = house.registry.acknowledge_order(&b, orders[0].id).await;
    assert!(matches!(twice, Err(RegistryError::Conflict { .. })));
    assert!(notes().await.is_none());
    let own = sign_in(&house.registry, "aida", None).await;
    let seen = house.registry.own_record(&own, None, 200).await.unwrap();
    for event in ["recipient.ordered", "recipient_order.acknowledged"] {
        assert_eq!(seen.looks.iter().filter(|look| look.event == event).count(), 2, "the donor sees {event}");
    }
    assert_eq!(house.registry.reconcile_rows().await.unwrap(), []);
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_f5_h5_a_genomic_hit_with_a_contaminated_stain_or_an_expired_profile_is_deleted_too() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let (a, b) = (house.another("dna-a", Role::DnaExaminer).await, house.another("dna-b", Role::DnaExaminer).await);
    let manager = house.another("quality", Role::QualityManager).await;
    let crime = genomic::case(&house, "A-1").await;
    let mut hits = Vec::new();
    for seed in [21, 22, 23] {
        let of = |category, key: &str| {
            genomic::specimen(category, crime, &format!("{key}{seed}"), Some(&genomic::profile(seed)))
        };
        house.specimen(&of(Category::ConvictedPerson, "c")).await.unwrap();
        let stain = house.specimen(&of(Category::CrimeStain, "s")).await.unwrap().id;
        hits.push(house.profile_search(stain, crime, "crime_investigation").await.unwrap().hits[0].id);
    }
    let [contaminated, expired, unjudged] = hits[..] else { unreachable!("three searches") };
    confirm(&house, (&a, &b), contaminated).await;
    confirm(&house, (&a, &b), expired).await;
    // An officer's answer is nothing that a DNA examiner reads or acknowledges.
    let person = house.register(&aida, &aida, "k1", 1).await.unwrap().encounter.person;
    let one_case = case(&house, &house.officer).await;
    let grounds = grounds(Some(one_case), Some(sanction(&house, one_case, None, 9).await));
    house.registry.ask(&house.officer, Act::Read, &grounds, &iin(&aida)).await.unwrap();
    let renamed = change(CorrectionKind::NameChange, &[("family_name_latin", "Serikova")]);
    let proposed = house.registry.propose_correction(&house.second, person, &renamed).await.unwrap();
    house.registry.apply_correction(&house.prosecution_clerk, proposed.id).await.unwrap();
    let of_name = house.registry.recipient_orders(&house.officer).await.unwrap().remove(0);
    assert_eq!((of_name.kind.as_str(), of_name.hit), ("correct", None));
    assert_eq!(about_hits(&house, &a).await, []);
    let foreign = house.registry.acknowledge_order(&a, of_name.id).await;
    assert!(matches!(foreign, Err(RegistryError::NotFound { .. })));

    // A member of staff has the profile of one of the stains.
    let lab = genomic::case(&house, "LAB").await;
    let staff = genomic::specimen(Category::Elimination, lab, "staff", Some(&genomic::profile(21)));
    house.specimen(&staff).await.unwrap();
    let open = house.registry.open_contaminations(&manager).await.unwrap();
    let contamination = ContaminationFinding::Contamination;
    house.registry.decide_contamination(&manager, open[0].id, contamination, "worn gloves, log 3").await.unwrap();
    let voided = ("delete".to_owned(), "corrected".to_owned(), Some(contaminated));
    assert_eq!(about_hits(&house, &a).await, std::slice::from_ref(&voided));
    // After 25 years the convicts' profiles go: what is void was ordered away before, and of the unjudged one nothing was released.
    travel(&house, date(2051, 11, 23));
    house.registry.run_retention().await.unwrap();
    let a = sign_in(&house.registry, "dna-a", None).await;
    let orders = about_hits(&house, &a).await;
    assert!(orders.contains(&("delete".to_owned(), "erased".to_owned(), Some(expired))), "{orders:?}");
    assert!(orders.contains(&voided) && orders.len() == 2 && !orders.iter().any(|o| o.2 == Some(unjudged)));
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
