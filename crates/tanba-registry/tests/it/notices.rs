//! Notices of looks: whoever was looked at is told, once, in order, when it may be told; whatever the messaging service does.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::SignedDuration;
use sqlx::Row as _;
use tanba_dna::Category;
use tanba_registry::{
    Act, Actor, AnomalyKind, CivilRecord, ConsentKind, Delivery, Grounds, KEY_PERIOD_S, KnownBy, Messenger,
    NewSanction, Notice, NoticeRound, OpenEncounter, PersonId, RegistryError, Revision, RowId, Sending, Target,
};
use tanba_synth::Person;

use crate::access::{case, grounds, guard, prints_of, sanction};
use crate::citizen::citizen;
use crate::house::{House, address_of, adult, consent, denied, house, house_under, record, today};
use crate::key_process::{count, entrusted};
use crate::law_in_use::{KZ_2024, KZ_GENOMIC, folder};
use crate::retention::{Killed, pool, travel};

/// A messaging service that notes down what it takes, and has a mood.
pub(crate) struct Service {
    mood: Mutex<Delivery>,
    /// Every try, with whom it was for.
    tried: Mutex<Vec<(RowId, String, u64)>>,
    /// What it has taken, by the key: a second time is no second notice.
    taken: Mutex<BTreeMap<RowId, Notice>>,
    /// The order in which it took them.
    order: Mutex<Vec<RowId>>,
}

impl Messenger for Service {
    fn send<'a>(&'a self, notice: &'a Notice) -> Sending<'a> {
        self.tried.lock().unwrap().push((notice.key, notice.recipient.clone(), notice.entry));
        let mood = self.mood.lock().unwrap().clone();
        if mood == Delivery::Taken && self.taken.lock().unwrap().insert(notice.key, notice.clone()).is_none() {
            self.order.lock().unwrap().push(notice.key);
        }
        // Whoever waits for an answer may be killed meanwhile.
        Box::pin(async move {
            tokio::task::yield_now().await;
            mood
        })
    }
}

impl Service {
    pub(crate) fn new() -> Self {
        Self {
            mood: Mutex::new(Delivery::Taken),
            tried: Mutex::default(),
            taken: Mutex::default(),
            order: Mutex::default(),
        }
    }

    fn is(&self, mood: Delivery) {
        *self.mood.lock().unwrap() = mood;
    }

    fn away(&self) {
        self.is(Delivery::Again("connection refused".to_owned()));
    }

    /// What was taken, in order.
    fn told(&self) -> Vec<Notice> {
        let taken = self.taken.lock().unwrap();
        self.order.lock().unwrap().iter().map(|key| taken[key].clone()).collect()
    }

    /// The places of the looks that somebody was told of, in order.
    pub(crate) fn entries_of(&self, person: &Person) -> Vec<u64> {
        let address = address_of(person);
        self.told().iter().filter(|notice| notice.recipient == address).map(|notice| notice.entry).collect()
    }
}

/// Rounds until nothing is due.
pub(crate) async fn send(house: &House, service: &Service) -> NoticeRound {
    for _ in 0..100 {
        let round = house.registry.send_notices(service).await.unwrap();
        if !round.more {
            return round;
        }
    }
    panic!("a hundred rounds, and there is still something due");
}

/// An officer with a sanction that opens as often as wanted.
async fn investigation(house: &House) -> Grounds {
    let case = case(house, &house.officer).await;
    grounds(Some(case), Some(sanction(house, case, None, 1000).await))
}

async fn read(house: &House, officer: &Actor, grounds: &Grounds, person: &Person) -> u64 {
    let target = Target::Iin(person.iin.as_str().to_owned());
    house.registry.ask(officer, Act::Read, grounds, &target).await.unwrap().log_seq
}

/// A look that the prosecutor lets be told in ten days.
async fn read_in_secret(house: &House, person: &Person) -> u64 {
    let start = house.registry.now();
    let case = case(house, &house.officer).await;
    let secret = NewSanction {
        case,
        authority: "prosecutor".to_owned(),
        issued_by: "decision 9".to_owned(),
        issuer: None,
        purposes: ["crime_investigation".to_owned()].into(),
        acts: vec![Act::Read],
        subject_iin: Some(person.iin.as_str().to_owned()),
        valid_from: start,
        valid_to: start.plus_seconds(30 * 86_400),
        max_uses: 2,
        tell_person_at: Some(start.plus_seconds(10 * 86_400)),
    };
    let secret = house.registry.enter_sanction(&house.prosecution_clerk, &secret).await.unwrap();
    read(house, &house.officer, &grounds(Some(case), Some(secret)), person).await
}

fn a_day_later(house: &House) {
    house.clock.advance(SignedDuration::from_hours(24));
}

/// One byte of the key of an entry's words is another one.
async fn damage_entry(house: &House, seq: u64) {
    let pool = pool(house).await;
    let seq = i64::try_from(seq).unwrap();
    let mut key: Vec<u8> = sqlx::query_scalar("SELECT wrapped_key FROM log_entries WHERE seq = $1")
        .bind(seq)
        .fetch_one(&pool)
        .await
        .unwrap();
    *key.last_mut().unwrap() ^= 1;
    let damage = sqlx::query("UPDATE log_entries SET wrapped_key = $1 WHERE seq = $2").bind(key).bind(seq);
    assert_eq!(damage.execute(&pool).await.unwrap().rows_affected(), 1);
}

async fn waiting(house: &House) -> i64 {
    count(house, "SELECT COUNT(*) FROM notices WHERE state = 'waiting'").await
}

/// People who are registered and were told of it, and grounds on which they may be looked at.
async fn told_of_registration(seeds: Range<u64>) -> (House, Vec<Person>, Service, Grounds) {
    let people: Vec<Person> = seeds.map(adult).collect();
    let house = house(&people.iter().collect::<Vec<_>>()).await;
    for (n, person) in people.iter().enumerate() {
        house.register(person, person, &format!("k{n}"), 1).await.unwrap();
    }
    let service = Service::new();
    send(&house, &service).await;
    let open = investigation(&house).await;
    (house, people, service, open)
}

#[tokio::test]
async fn control_f10_whoever_is_looked_at_is_told_once_and_of_a_deferred_look_not_before_its_time() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let visit = house.open(&aida, "identity_card", "k1").await.unwrap();
    house
        .registry
        .record_consent(&house.operator, visit.id, &consent(ConsentKind::Explanation, aida.iin.as_str()))
        .await
        .unwrap();
    house.capture_all(visit.id, &aida, 1).await.unwrap();
    house.registry.complete(&house.operator, visit.id).await.unwrap();
    let service = Service::new();
    assert_eq!(house.registry.notice_standing().await.unwrap(), None, "nobody has begun to tell");
    send(&house, &service).await;
    assert_eq!(service.told(), [], "what was before nobody promised to tell");
    let own = citizen(&house, "aida", visit.person).await;

    let open = investigation(&house).await;
    let first = read(&house, &house.officer, &open, &aida).await;
    house.registry.own_page(&own, None, 10).await.unwrap();
    denied(
        house
            .registry
            .ask(&house.officer, Act::Read, &Grounds::default(), &Target::Iin(aida.iin.as_str().to_owned()))
            .await,
    );
    assert_eq!(send(&house, &service).await, NoticeRound::default(), "the last round found nothing to do");
    let told = service.told();
    let expected = Notice {
        key: told[0].key,
        recipient: address_of(&aida),
        language: "kk".to_owned(),
        kind: "access.granted".to_owned(),
        authority: "mia".to_owned(),
        authority_name: "mia".to_owned(),
        day: house.registry.today(),
        entry: first,
    };
    assert_eq!(told, [expected], "neither the own look nor what was denied");

    // The same again on this day is told already; another organisation's look and the next day's are not.
    read(&house, &house.officer, &open, &aida).await;
    let (border, crossing) = guard(&house).await;
    let claimed = Target::IinAndPrints(aida.iin.as_str().to_owned(), prints_of(&aida));
    let second = house.registry.ask(&border, Act::Verify, &crossing, &claimed).await.unwrap().log_seq;
    a_day_later(&house);
    let third = read(&house, &house.officer, &open, &aida).await;
    send(&house, &service).await;
    assert_eq!(service.entries_of(&aida), [first, second, third]);

    // A look that the prosecutor lets be told in ten days, on the day of others: it is told in ten days, and by itself.
    let hidden = read_in_secret(&house, &aida).await;
    let page = async || house.registry.own_page(&own, None, 10).await.unwrap().notices;
    send(&house, &service).await;
    assert_eq!((page().await.waiting, page().await.sent), (0, 3), "the page does not even count it");
    house.clock.advance(SignedDuration::from_secs(10 * 86_400 - 1));
    send(&house, &service).await;
    assert_eq!(service.entries_of(&aida).len(), 3, "a second too early");
    assert_eq!(house.registry.notice_standing().await.unwrap().unwrap().waiting, 0);
    house.clock.advance(SignedDuration::from_secs(1));
    send(&house, &service).await;
    assert_eq!(service.entries_of(&aida), [first, second, third, hidden]);
    house.registry.own_entry(&own, hidden).await.unwrap();
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_f10_an_outage_of_days_and_a_restart_drop_nothing_and_change_no_order() {
    let (house, people, service, open) = told_of_registration(11..15).await;
    let mut looks: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    service.away();
    let mut keys: BTreeMap<(String, u64), BTreeSet<RowId>> = BTreeMap::new();
    let late = async |house: &House| {
        let summary = house.registry.oversight_summary(&house.supervisor, 30).await.unwrap();
        summary.notes.into_iter().find(|note| note.kind == AnomalyKind::NoticesLate)
    };
    for day in 0..3 {
        for person in &people {
            let seq = read(&house, &house.officer, &open, person).await;
            looks.entry(person.seed).or_default().push(seq);
        }
        // It is asked until it is taken to be away, and then no further.
        let before = service.tried.lock().unwrap().len();
        let round = send(&house, &service).await;
        assert_eq!((round.again, round.sent, round.away.as_deref()), (3, 0, Some("connection refused")), "day {day}");
        assert_eq!(service.tried.lock().unwrap().len(), before + 3);
        // At once nothing of these is tried again: the first wait is over in five seconds.
        let again = send(&house, &service).await;
        assert!(again.again <= 1, "{again:?}");
        assert_eq!(late(&house).await.is_some(), day > 0, "day {day}: later than a day is an alarm");
        a_day_later(&house);
        house.clock.advance(SignedDuration::from_secs(60));
    }
    let standing = house.registry.notice_standing().await.unwrap().unwrap();
    assert_eq!((standing.waiting, standing.sent, standing.oldest_seconds / 86_400), (12, 0, 3));
    assert_eq!(late(&house).await.unwrap().entries.len(), 12, "every look of the three days");

    let register = house.register.clone();
    let house = house.reopened_beside(register).await;
    service.is(Delivery::Taken);
    send(&house, &service).await;
    for person in &people {
        assert_eq!(service.entries_of(person), looks[&person.seed], "everything, in order");
    }
    for (key, recipient, entry) in service.tried.lock().unwrap().iter() {
        keys.entry((recipient.clone(), *entry)).or_default().insert(*key);
    }
    assert!(keys.values().all(|keys| keys.len() == 1), "a look has one key with every try");
    assert_eq!(keys.values().flatten().collect::<BTreeSet<_>>().len(), keys.len(), "and no other look has it");
    assert_eq!(late(&house).await, None);
    assert_eq!(waiting(&house).await, 0);
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_f10_killed_anywhere_everybody_is_told_under_one_key() {
    let (house, people, service, open) = told_of_registration(11..14).await;
    let (mut looks, mut killed, mut polls, mut given) = (BTreeSet::new(), 0, 1, 0);
    // Where a round waits is for the scheduler to say: it is killed until it was killed after it had told somebody.
    let mut rounds = 0;
    while killed < 20 || given == 0 {
        rounds += 1;
        assert!(rounds < 5000, "killed {killed} times, never after it had told somebody");
        if service.told().len() == looks.len() && waiting(&house).await == 0 {
            a_day_later(&house);
            for person in &people {
                looks.insert((address_of(person), read(&house, &house.officer, &open, person).await));
            }
        }
        let before = service.tried.lock().unwrap().len();
        let done = Killed(pin!(house.registry.send_notices(&service)), polls).await.transpose().unwrap();
        if done.is_none() {
            killed += 1;
            given += service.tried.lock().unwrap().len() - before;
        }
        polls = if done.is_some() { 1 } else { polls + 1 };
    }
    send(&house, &service).await;
    let told: Vec<_> = service.told().into_iter().map(|notice| (notice.recipient, notice.entry)).collect();
    assert_eq!(told.len(), looks.len(), "a second try is no second notice");
    assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), looks);
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_f10_what_is_refused_says_why_and_holds_nothing_up() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    house.register(&other, &other, "k2", 1).await.unwrap();
    let own = citizen(&house, "aida", done.encounter.person).await;
    let service = Service::new();
    send(&house, &service).await;
    let open = investigation(&house).await;
    let first = read(&house, &house.officer, &open, &aida).await;
    service.is(Delivery::Refused("unknown_recipient".to_owned()));
    assert_eq!(house.registry.send_notices(&service).await.unwrap().refused, 1);
    a_day_later(&house);
    let second = read(&house, &house.officer, &open, &aida).await;
    service.is(Delivery::Refused("<b>Aida</b>".to_owned()));
    send(&house, &service).await;
    a_day_later(&house);
    service.is(Delivery::Taken);
    // The population register knows no address any more: nobody is asked.
    house.register.put(CivilRecord { message_address: None, ..record(&aida, &[]) });
    let third = read(&house, &house.officer, &open, &aida).await;
    let of_other = read(&house, &house.officer, &open, &other).await;
    send(&house, &service).await;
    let page = house.registry.own_page(&own, None, 10).await.unwrap().notices;
    let shown: Vec<_> = page.refused.iter().map(|notice| (notice.seq, notice.reason.as_str())).collect();
    assert_eq!(shown, [(third, "no_address"), (second, "refused"), (first, "unknown_recipient")]);
    assert_eq!((page.sent, page.waiting), (0, 0));
    assert_eq!((service.entries_of(&aida), service.entries_of(&other)), (vec![], vec![of_other]));
    assert_eq!(service.tried.lock().unwrap().len(), 3, "what was refused is not tried again");
    let standing = house.registry.notice_standing().await.unwrap().unwrap();
    assert_eq!((standing.waiting, standing.sent, standing.refused), (0, 1, 3));
}

#[tokio::test]
async fn control_f10_only_the_person_says_no_and_it_is_in_the_log() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    let own = citizen(&house, "aida", done.encounter.person).await;
    let service = Service::new();
    send(&house, &service).await;
    let open = investigation(&house).await;
    for actor in [&house.operator, &house.administrator, &house.second, &house.supervisor] {
        assert_eq!(denied(house.registry.choose_notices(actor, false).await), "role");
    }
    read(&house, &house.officer, &open, &aida).await;
    house.registry.choose_notices(&own, false).await.unwrap();
    house.registry.choose_notices(&own, false).await.unwrap();
    send(&house, &service).await;
    assert_eq!((service.told(), waiting(&house).await), (vec![], 0), "what waited is not sent either");
    let page = house.registry.own_page(&own, None, 20).await.unwrap();
    assert!(page.notices.offered && !page.notices.wanted && page.notices.chosen_at.is_some());
    let chosen =
        page.looks.iter().filter(|look| look.event == "notices.chosen").map(|look| look.entries.len()).sum::<usize>();
    assert_eq!(chosen, 1, "a choice that holds already is no new one");
    a_day_later(&house);
    house.registry.choose_notices(&own, true).await.unwrap();
    let told = read(&house, &house.officer, &open, &aida).await;
    send(&house, &service).await;
    assert_eq!(service.entries_of(&aida), [told]);
    // Who writes a choice into the database by hand is found.
    house.assert_log_is_sound().await;
    let statement =
        "INSERT INTO notice_choices SELECT 'x', person_id, 0, chosen_at + 1 FROM notice_choices WHERE wanted = 1";
    sqlx::query(statement).execute(&pool(&house).await).await.unwrap();
    let findings = house.registry.reconcile_rows().await.unwrap();
    assert_eq!(findings.iter().map(|f| (f.rows.as_str(), f.unspoken)).collect::<Vec<_>>(), [("notice_choices", true)]);
}

#[tokio::test]
async fn control_f10_what_waits_goes_with_the_person_and_with_the_words_of_the_log() {
    let (aida, other) = (adult(11), adult(12));
    let people = [&aida, &other].map(|p| record(p, &[])).into();
    let house = house_under(people, "kz", &folder(&[("kz-2024", KZ_2024)]), today()).await;
    let mut owners = Vec::new();
    for (key, person) in [("k1", &aida), ("k2", &other)] {
        let visit = house.open(person, "identity_card", key).await.unwrap();
        crate::law_in_use::consent(&house, visit.id, person).await;
        house.capture_all(visit.id, person, 1).await.unwrap();
        house.registry.complete(&house.operator, visit.id).await.unwrap();
        owners.push(visit.person);
    }
    let own = citizen(&house, "aida", owners[0]).await;
    let service = Service::new();
    send(&house, &service).await;
    service.away();
    let look = async |person: &Person| {
        let known = KnownBy::Iin(person.iin.as_str().to_owned());
        house.registry.locate_person(&house.second, &known).await.unwrap();
    };
    look(&aida).await;
    look(&other).await;
    house.registry.send_notices(&service).await.unwrap();
    let of = async |person: PersonId| -> i64 {
        sqlx::query_scalar("SELECT COUNT(*) FROM notices WHERE person_id = $1")
            .bind(person.to_string())
            .fetch_one(&pool(&house).await)
            .await
            .unwrap()
    };
    assert!(of(owners[0]).await > 0 && of(owners[1]).await > 0);
    // A look that no round has seen yet goes as well.
    a_day_later(&house);
    look(&aida).await;
    house.registry.withdraw_consent(&own).await.unwrap();
    house.registry.send_notices(&service).await.unwrap();
    assert_eq!(of(owners[0]).await, 0);
    assert!(of(owners[1]).await > 0, "nobody else's");
    assert!(
        house.registry.own_page(&own, None, 50).await.unwrap().looks.iter().any(|look| look.event == "person.located")
    );
    // Entries that lose their words lose what says whom they were about, sent or not.
    travel(&house, jiff::civil::date(2036, 11, 25));
    house.registry.run_retention().await.unwrap();
    let old: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM notices n JOIN log_entries l ON l.seq = n.log_seq WHERE l.wrapped_key IS NULL",
    )
    .fetch_one(&pool(&house).await)
    .await
    .unwrap();
    let erased: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM log_entries WHERE wrapped_key IS NULL")
        .fetch_one(&pool(&house).await)
        .await
        .unwrap();
    assert!(old == 0 && erased > 10 && of(owners[1]).await == 0, "{old} {erased}");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_f10_records_that_became_one_are_told_in_one_order() {
    let (aida, again) = (adult(11), adult(12));
    let house = house(&[&aida, &again]).await;
    let first = house.register(&aida, &aida, "k1", 1).await.unwrap().encounter.person;
    let second = house.open(&again, "passport", "k2").await.unwrap().person;
    let service = Service::new();
    send(&house, &service).await;
    service.away();
    let open = investigation(&house).await;
    let one = read(&house, &house.officer, &open, &aida).await;
    let merge = Revision::Merge { from: second, into: first };
    let plan = house.registry.propose_revision(&house.second, &merge, "one human being").await.unwrap();
    // Looked at while nobody knew that they are one: it is about both.
    house.registry.revision(&house.prosecution_clerk, plan.id).await.unwrap();
    house.registry.send_notices(&service).await.unwrap();
    let rows: i64 = sqlx::query_scalar("SELECT COUNT(*) - COUNT(DISTINCT log_seq) FROM notices")
        .fetch_one(&pool(&house).await)
        .await
        .unwrap();
    assert!(rows > 0, "a look at both waits for each");
    house.registry.apply_revision(&house.prosecution_clerk, plan.id).await.unwrap();
    a_day_later(&house);
    let last = read(&house, &house.officer, &open, &aida).await;
    service.is(Delivery::Taken);
    send(&house, &service).await;
    let told: Vec<u64> = service.told().iter().map(|notice| notice.entry).collect();
    assert!(told.windows(2).all(|pair| pair[0] < pair[1]), "in order, and each once: {told:?}");
    assert!(told.contains(&one) && told.contains(&last) && told.len() >= 3, "{told:?}");
    assert_eq!(waiting(&house).await, 0);
}

#[tokio::test]
async fn control_f10_after_a_merge_is_undone_each_is_told_of_their_own_again() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    let first = house.register(&aida, &aida, "k1", 1).await.unwrap().encounter.person;
    let second = house.register(&other, &other, "k2", 1).await.unwrap().encounter.person;
    let service = Service::new();
    send(&house, &service).await;
    let hidden = read_in_secret(&house, &other).await;
    let merge = Revision::Merge { from: second, into: first };
    let plan = house.registry.propose_revision(&house.second, &merge, "one human being").await.unwrap();
    // About both, and told as one while they are held to be one.
    let at_both = house.registry.now();
    house.registry.revision(&house.prosecution_clerk, plan.id).await.unwrap();
    house.registry.apply_revision(&house.prosecution_clerk, plan.id).await.unwrap();
    send(&house, &service).await;
    let rows: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM notices WHERE person_id = $1 AND log_seq = $2")
        .bind(first.to_string())
        .bind(i64::try_from(hidden).unwrap())
        .fetch_one(&pool(&house).await)
        .await
        .unwrap();
    assert_eq!(rows, 1, "it waits for whoever the record is part of");
    let both: Vec<i64> = sqlx::query_scalar(
        "SELECT n.log_seq FROM notices n JOIN log_entries l ON l.seq = n.log_seq WHERE l.happened_at >= $1 \
         GROUP BY n.log_seq HAVING COUNT(*) = 2 AND SUM(n.state = 'sent') = 1 AND SUM(n.state = 'joined') = 1",
    )
    .bind(at_both.micros())
    .fetch_all(&pool(&house).await)
    .await
    .unwrap();
    assert!(!both.is_empty(), "a look at both is told once");
    let told =
        |person: &Person| both.iter().all(|seq| service.entries_of(person).contains(&u64::try_from(*seq).unwrap()));
    assert!(told(&aida) && !told(&other), "at the address of the record that goes on");
    let undo = Revision::Undo { revision: plan.id };
    let undone = house.registry.propose_revision(&house.second, &undo, "two human beings").await.unwrap();
    house.registry.apply_revision(&house.prosecution_clerk, undone.id).await.unwrap();
    house.clock.advance(SignedDuration::from_hours(24 * 10));
    send(&house, &service).await;
    assert!(service.entries_of(&other).contains(&hidden), "{:?}", service.entries_of(&other));
    assert!(!service.entries_of(&aida).contains(&hidden), "it is nothing of hers");
    for seq in both {
        let seq = u64::try_from(seq).unwrap();
        assert!(service.entries_of(&aida).contains(&seq) && service.entries_of(&other).contains(&seq), "{seq}");
    }
    assert_eq!(waiting(&house).await, 0);
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_f10_what_cannot_be_read_holds_up_nobody_else() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    let person = house.register(&aida, &aida, "k1", 1).await.unwrap().encounter.person;
    house.register(&other, &other, "k2", 1).await.unwrap();
    let service = Service::new();
    send(&house, &service).await;
    let open = investigation(&house).await;
    let of_aida = read(&house, &house.officer, &open, &aida).await;
    let of_other = read(&house, &house.officer, &open, &other).await;
    let pool = pool(&house).await;
    let whole: Vec<u8> = sqlx::query_scalar(
        "SELECT sealed_value FROM identity_attributes WHERE name = 'iin' AND encounter_id IN (SELECT id FROM encounters WHERE person_id = $1)",
    )
        .bind(person.to_string())
        .fetch_one(&pool)
        .await
        .unwrap();
    let put = async |value: &[u8]| {
        sqlx::query(
            "UPDATE identity_attributes SET sealed_value = $2 \
             WHERE name = 'iin' AND encounter_id IN (SELECT id FROM encounters WHERE person_id = $1)",
        )
        .bind(person.to_string())
        .bind(value)
        .execute(&pool)
        .await
        .unwrap()
    };
    assert_eq!(put(&whole[..whole.len() - 1]).await.rows_affected(), 1);
    let round = house.registry.send_notices(&service).await.unwrap();
    assert_eq!((round.sent, round.unreadable, round.again, &round.away), (1, 1, 0, &None));
    assert_eq!(service.entries_of(&other), [of_other]);
    // What was sent is kept as sent, and what was not is tried later.
    assert_eq!(house.registry.send_notices(&service).await.unwrap(), NoticeRound::default());
    assert_eq!((waiting(&house).await, service.tried.lock().unwrap().len()), (1, 1));
    put(&whole).await;
    house.clock.advance(SignedDuration::from_secs(5));
    send(&house, &service).await;
    assert_eq!(service.entries_of(&aida), [of_aida]);

    // Where an entry of the log cannot be read, what stands before it is told, and whoever runs the service hears of it.
    a_day_later(&house);
    let before = read(&house, &house.officer, &open, &aida).await;
    let damaged = read(&house, &house.officer, &open, &other).await;
    damage_entry(&house, damaged).await;
    for _ in 0..2 {
        let round = house.registry.send_notices(&service).await;
        assert!(matches!(round, Err(RegistryError::Seal(_))), "{round:?}");
        assert_eq!(service.entries_of(&aida), [of_aida, before]);
    }
    assert_eq!(service.entries_of(&other), [of_other]);
}

#[tokio::test]
async fn control_f10_a_damaged_entry_keeps_nobody_from_being_erased() {
    let (aida, other) = (adult(11), adult(12));
    let people = [&aida, &other].map(|p| record(p, &[])).into();
    let house = house_under(people, "kz", &folder(&[("kz-2024", KZ_2024)]), today()).await;
    let visit = house.open(&aida, "identity_card", "k1").await.unwrap();
    crate::law_in_use::consent(&house, visit.id, &aida).await;
    house.capture_all(visit.id, &aida, 1).await.unwrap();
    house.registry.complete(&house.operator, visit.id).await.unwrap();
    house.open(&other, "identity_card", "k2").await.unwrap();
    let own = citizen(&house, "aida", visit.person).await;
    let service = Service::new();
    send(&house, &service).await;
    for person in [&aida, &other] {
        let known = KnownBy::Iin(person.iin.as_str().to_owned());
        house.registry.locate_person(&house.second, &known).await.unwrap();
    }
    let last: i64 = sqlx::query_scalar("SELECT MAX(seq) FROM log_entries WHERE event = 'person.located'")
        .fetch_one(&pool(&house).await)
        .await
        .unwrap();
    // Counted for whom it was about, and damaged after that: the index of own entries takes nothing off that it cannot read.
    house.registry.publish_index().await.unwrap();
    damage_entry(&house, u64::try_from(last).unwrap()).await;
    let proof = house.registry.withdraw_consent(&own).await.unwrap();
    assert_eq!((proof.erased.len(), house.registry.people_searchable()), (2, 0));
    assert_eq!(waiting(&house).await, 0, "what stood before it was found, and went");
    assert!(house.registry.send_notices(&service).await.is_err());
    assert_eq!(service.told(), []);
    // Nor do entries keep their words for ever because of one.
    travel(&house, jiff::civil::date(2036, 11, 25));
    house.registry.run_retention().await.unwrap();
    let kept: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM log_entries WHERE seq <= $1 AND wrapped_key IS NOT NULL")
        .bind(last)
        .fetch_one(&pool(&house).await)
        .await
        .unwrap();
    assert_eq!(kept, 0);
    send(&house, &service).await;
}

#[tokio::test]
async fn control_f10_whoever_has_a_profile_left_is_told_and_goes_with_the_profile() {
    let aida = adult(11);
    let laws = folder(&[("kz-2024", KZ_2024), ("kz-genomic", KZ_GENOMIC)]);
    let house = house_under(vec![record(&aida, &[])], "kz", &laws, today()).await;
    let visit = house.open(&aida, "identity_card", "k1").await.unwrap();
    crate::law_in_use::consent(&house, visit.id, &aida).await;
    house.capture_all(visit.id, &aida, 1).await.unwrap();
    house.registry.complete(&house.operator, visit.id).await.unwrap();
    let own = citizen(&house, "aida", visit.person).await;
    let case = crate::genomic::case(&house, "M-3").await;
    let profile = crate::genomic::profile(11);
    let mut relative = crate::genomic::specimen(Category::RelativeOfMissing, case, "r", Some(&profile));
    relative.iin = Some(aida.iin.as_str().to_owned());
    house.specimen(&relative).await.unwrap();
    let service = Service::new();
    send(&house, &service).await;
    service.away();
    let known = KnownBy::Iin(aida.iin.as_str().to_owned());
    house.registry.locate_person(&house.second, &known).await.unwrap();
    send(&house, &service).await;
    assert_eq!(waiting(&house).await, 1);
    house.registry.withdraw_consent(&own).await.unwrap();
    assert_eq!(house.registry.people_searchable(), 0);
    house.registry.send_notices(&service).await.unwrap();
    assert_eq!(waiting(&house).await, 1, "a profile is a registration too");
    a_day_later(&house);
    house.registry.locate_person(&house.second, &known).await.unwrap();
    house.registry.withdraw_genomic_consent(&own).await.unwrap();
    house.registry.send_notices(&service).await.unwrap();
    assert_eq!(
        waiting(&house).await,
        0,
        "it goes with the last that was registered of her, and so does what no round had seen"
    );
}

#[tokio::test]
async fn control_f10_a_restored_backup_tells_nobody_twice() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let service = Service::new();
    send(&house, &service).await;
    let open = investigation(&house).await;
    let seq = read(&house, &house.officer, &open, &aida).await;
    send(&house, &service).await;
    // As the database of a backup that was made after the look and before anybody went through the log for it.
    let pool = pool(&house).await;
    sqlx::query("DELETE FROM notices").execute(&pool).await.unwrap();
    let back = sqlx::query("UPDATE notice_progress SET next_seq = $1").bind(i64::try_from(seq).unwrap());
    back.execute(&pool).await.unwrap();
    a_day_later(&house);
    let next = read(&house, &house.officer, &open, &aida).await;
    send(&house, &service).await;
    let tried = service.tried.lock().unwrap().iter().map(|(key, _, entry)| (*entry, *key)).collect::<Vec<_>>();
    assert_eq!(tried.iter().map(|(entry, _)| *entry).collect::<Vec<_>>(), [seq, seq, next]);
    assert!(tried[0].1 == tried[1].1 && tried[1].1 != tried[2].1, "one look, one key: {tried:?}");
    assert_eq!(service.entries_of(&aida), [seq, next]);
}

#[tokio::test]
async fn control_f10_whoever_goes_in_the_middle_of_a_round_is_not_told() {
    /// Takes one, and all others go meanwhile.
    struct Slow(sqlx::SqlitePool, Mutex<Vec<RowId>>);
    impl Messenger for Slow {
        fn send<'a>(&'a self, notice: &'a Notice) -> Sending<'a> {
            self.1.lock().unwrap().push(notice.key);
            Box::pin(async {
                let others = sqlx::query("DELETE FROM notices WHERE id <> $1").bind(notice.key.to_string());
                others.execute(&self.0).await.unwrap();
                Delivery::Taken
            })
        }
    }
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    house.register(&other, &other, "k2", 1).await.unwrap();
    let slow = Slow(pool(&house).await, Mutex::default());
    house.registry.send_notices(&slow).await.unwrap();
    let open = investigation(&house).await;
    read(&house, &house.officer, &open, &aida).await;
    read(&house, &house.officer, &open, &other).await;
    let round = house.registry.send_notices(&slow).await.unwrap();
    assert_eq!((round.sent, slow.1.lock().unwrap().len()), (1, 1));
}

#[tokio::test]
async fn control_f10_without_keys_it_waits_and_that_is_no_try() {
    let aida = adult(11);
    let (house, outside) = entrusted(&[&aida], &["registration"]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let service = Service::new();
    send(&house, &service).await;
    let open = investigation(&house).await;
    let seq = read(&house, &house.officer, &open, &aida).await;
    outside.keyd_away.store(true, Ordering::Relaxed);
    house.clock.advance(SignedDuration::from_secs(KEY_PERIOD_S + 1));
    house.registry.end_key_period().await;
    let round = house.registry.send_notices(&service).await.unwrap();
    assert_eq!(round, NoticeRound { without_keys: true, ..NoticeRound::default() });
    let row = sqlx::query("SELECT state, tries FROM notices WHERE log_seq = $1")
        .bind(i64::try_from(seq).unwrap())
        .fetch_one(&pool(&house).await)
        .await
        .unwrap();
    assert_eq!((row.get::<String, _>("state").as_str(), row.get::<i64, _>("tries")), ("waiting", 0));
    outside.keyd_away.store(false, Ordering::Relaxed);
    house.registry.begin_key_period().await.unwrap();
    send(&house, &service).await;
    assert_eq!(service.entries_of(&aida), [seq]);
}

#[tokio::test]
async fn control_f10_a_number_that_no_register_confirmed_is_nobodys_address() {
    let (aida, typed) = (adult(11), adult(12));
    let house = house(&[&aida]).await;
    // The population register did not know them at the counter, and does now: the number may be somebody else's all the same.
    let new = OpenEncounter {
        client_key: "k2".to_owned(),
        trigger: "identity_card".to_owned(),
        iin: Some(typed.iin.as_str().to_owned()),
        typed: BTreeMap::from([
            ("born".to_owned(), "1990-01-01".to_owned()),
            ("status".to_owned(), "citizen".to_owned()),
        ]),
    };
    let visit = house.registry.open_encounter(&house.operator, &new).await.unwrap();
    house.register.put(record(&typed, &[]));
    let service = Service::new();
    send(&house, &service).await;
    house.registry.view_encounter(&house.operator, visit.id).await.unwrap();
    let round = house.registry.send_notices(&service).await.unwrap();
    assert_eq!((round.refused, service.tried.lock().unwrap().len()), (1, 0));
    let reason: String = sqlx::query_scalar("SELECT reason FROM notices").fetch_one(&pool(&house).await).await.unwrap();
    assert_eq!(reason, "no_confirmed_number");
}

#[tokio::test]
async fn a_service_without_an_answer_is_tried_again() {
    struct Silent;
    impl Messenger for Silent {
        fn send<'a>(&'a self, _: &'a Notice) -> Sending<'a> {
            Box::pin(std::future::pending())
        }
    }
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    house.registry.send_notices(&Silent).await.unwrap();
    let open = investigation(&house).await;
    read(&house, &house.officer, &open, &aida).await;
    let round = house.registry.send_notices(&Silent).await.unwrap();
    assert_eq!((round.again, round.away, waiting(&house).await), (1, None, 1));
}

#[tokio::test]
async fn the_worker_begins_by_itself_and_tells_what_came() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let service = Arc::new(Service::new());
    send(&house, &service).await;
    let open = investigation(&house).await;
    let seq = read(&house, &house.officer, &open, &aida).await;
    let worker = house.registry.keep_notices_going(service.clone());
    let told = async {
        while service.told().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), told).await.expect("the worker tells within a minute");
    worker.abort();
    assert_eq!(service.entries_of(&aida), [seq]);
}
