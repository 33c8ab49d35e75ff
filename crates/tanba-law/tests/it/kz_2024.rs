//! The regime in force: voluntary for citizens, compulsory for foreigners.

use crate::{codes, decide, is, pack, person};
use jiff::civil::date;
use tanba_law::{CheckError, ConsequenceKind, Duty, Fact, Mode, Status, Subject, Trigger, check};

const PACK: &str = "kz-2024-in-force";

#[test]
fn citizens_come_freely_and_nothing_follows_if_they_do_not() {
    let citizen = person(Status::Citizen, 30, Trigger::IdentityCard);
    let asked = decide(PACK, &Subject { prior_refusals: 3, ..citizen.clone() });
    assert_eq!((asked.decision, codes(&asked)), (Duty::May, vec!["consent"]));
    assert!(asked.consequences.is_empty());
    assert!(decide(PACK, &citizen.with(Fact::Consent, true)).allows_capture());
    assert!(is(&decide(PACK, &person(Status::Citizen, 30, Trigger::BorderEntry)), Duty::MustNot, "no-basis"));
    assert!(is(&decide(PACK, &person(Status::Citizen, 13, Trigger::Passport)), Duty::May, "minor-12-to-15"));
}

#[test]
fn foreigners_must_on_the_listed_events() {
    for status in [Status::Foreigner, Status::Stateless, Status::AsylumSeeker, Status::Refugee] {
        let visa = decide(PACK, &person(status, 16, Trigger::Visa));
        assert!(is(&visa, Duty::Must, "foreigner-from-16"), "{status}");
        assert!(is(&decide(PACK, &person(status, 15, Trigger::Visa)), Duty::MustNot, "no-basis"), "{status}");
        assert!(is(&decide(PACK, &person(status, 30, Trigger::BorderEntry)), Duty::MustNot, "no-basis"), "{status}");
        let expelled = matches!(status, Status::Foreigner | Status::Stateless);
        let kinds: Vec<_> = visa.consequences.iter().map(|step| step.kind).collect();
        assert_eq!(kinds, if expelled { vec![ConsequenceKind::Expel] } else { vec![] }, "{status}");
    }
}

#[test]
fn diplomats_are_exempt_for_visas_only() {
    let diplomat = |trigger| Subject { diplomatic: true, ..person(Status::Foreigner, 40, trigger) };
    assert!(is(&decide(PACK, &diplomat(Trigger::Visa)), Duty::MustNot, "visa-reciprocity"));
    assert!(is(&decide(PACK, &diplomat(Trigger::ResidencePermit)), Duty::Must, "foreigner-from-16"));
}

/// The same citizen on the last day of 2023 and the first of 2024, and as it was known before the amendment.
#[test]
fn the_two_regimes_stand_beside_each_other_in_time() {
    let citizen = Subject::new(Status::Citizen, date(1990, 1, 1), Trigger::IdentityCard);
    let ask =
        |id, day, known| check(pack(id), &citizen, day, known, Mode::Production).map(|decision| decision.decision);
    assert_eq!(ask("kz-2016-as-enacted", date(2023, 12, 31), None), Ok(Duty::Must));
    assert!(matches!(ask(PACK, date(2023, 12, 31), None), Err(CheckError::OutsideValidity { .. })));
    assert_eq!(ask(PACK, date(2024, 1, 1), None), Ok(Duty::May));
    let before = Some(date(2023, 12, 30));
    assert!(matches!(ask(PACK, date(2024, 1, 1), before), Err(CheckError::NotYetKnown { .. })));
    assert_eq!(ask("kz-2016-as-enacted", date(2024, 1, 1), before), Ok(Duty::Must), "what was known then");
}
