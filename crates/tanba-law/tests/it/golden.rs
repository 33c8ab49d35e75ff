//! Decision tables of every pack, committed to be read by a lawyer: who, on which event, at which age, on which clause.
//!
//! Written anew by `TANBA_UPDATE=1 cargo test -p tanba-law golden`; a change of a table is a change of the law, and reviewed
//! as one.

use crate::zedland::{FACE, ZEDLAND};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::Offset;
use std::fmt::Write as _;
use std::path::Path;
use tanba_law::{Library, Mode, Pack, Selector, Status, Subject, Trigger, check};

/// A day without any odd birthday of its own, inside every pack.
const TABLE_DAY: Date = date(2026, 6, 15);

/// What the law says, in one cell: `may minor-12-to-15 (guardian_consent, guardian_presence)`.
fn cell(pack: &Pack, subject: &Subject, day: Date) -> String {
    match check(pack, subject, day, None, Mode::Production) {
        Err(error) => error.to_string(),
        Ok(decision) => {
            let duty = serde_json::to_value(decision.decision).unwrap();
            let missing: Vec<_> = decision.missing.iter().map(|item| item.code.as_str()).collect();
            let missing = if missing.is_empty() { String::new() } else { format!(" ({})", missing.join(", ")) };
            format!("{} {}{missing}", duty.as_str().unwrap(), decision.clause)
        }
    }
}

/// Events that the pack speaks of, and one that it does not, if there is one.
fn events(pack: &Pack) -> Vec<Trigger> {
    let named = |trigger: &Trigger| {
        pack.rules().iter().any(|rule| {
            matches!(&rule.triggers, Selector::Only(events) if events.contains(trigger))
                || rule.occasions.contains(trigger)
        })
    };
    let (mut spoken, others): (Vec<_>, Vec<_>) = Trigger::ALL.iter().partition(|trigger| named(trigger));
    spoken.extend(others.first());
    spoken
}

/// For every status and event, the ages from birth to 131 with one answer each, asked on the birthday itself; and the day
/// before each change, where the earlier answer must still hold.
fn by_age(pack: &Pack, out: &mut String) {
    for &status in Status::ALL {
        for trigger in events(pack) {
            let at = |age: i16| cell(pack, &Subject::new(status, date(2026 - age, 6, 15), trigger), TABLE_DAY);
            let eve = |age: i16| cell(pack, &Subject::new(status, date(2026 - age, 6, 16), trigger), TABLE_DAY);
            let mut runs = vec![(0, at(0))];
            for age in 1..=131 {
                let now = at(age);
                let before = &runs.last().unwrap().1;
                assert_eq!(&eve(age), before, "{} {status} {trigger}: a day before the age of {age}", pack.id());
                if now != *before {
                    runs.push((age, now));
                }
            }
            let told: Vec<_> = runs.iter().map(|(age, said)| format!("from {age}: {said}")).collect();
            let _ = writeln!(out, "{status}\t{trigger}\t{}", told.join("\t"));
        }
    }
}

/// Every age at which an answer of the pack changes, and those that laws like.
fn boundaries(pack: &Pack) -> Vec<u16> {
    let bands = pack.rules().iter().flat_map(|rule| [Some(rule.age.from), rule.age.to]).flatten();
    let mut ages: Vec<u16> = bands.chain([5, 12, 14, 16, 79, 80]).filter(|age| *age > 0).collect();
    ages.sort_unstable();
    ages.dedup();
    ages
}

/// Births on 29 February, on the days around the birthday in the year of each boundary.
fn leap_births(pack: &Pack, out: &mut String) {
    let trigger = events(pack)[0];
    for age in boundaries(pack) {
        for born_year in [1920i16, 1960, 2008, 2012, 2016] {
            let born = date(born_year, 2, 29);
            let year = born_year + i16::try_from(age).unwrap();
            for day in [date(year, 2, 28), date(year, 2, 28).tomorrow().unwrap(), date(year, 3, 1)] {
                if pack.in_force(day, None).is_ok() {
                    for status in [Status::Citizen, Status::Foreigner] {
                        let said = cell(pack, &Subject::new(status, born, trigger), day);
                        let _ = writeln!(out, "{status}\t{trigger}\tborn {born}\ton {day}\t{said}");
                    }
                }
            }
        }
    }
}

/// One instant, the day it is where the person stands, and what the law says there.
fn time_zones(pack: &Pack, out: &mut String) {
    let trigger = events(pack)[0];
    for age in boundaries(pack) {
        let born = date(2026 - i16::try_from(age).unwrap(), 6, 15);
        // 19:30 UTC on the eve of the birthday: already the birthday five hours east, not yet in London or New York.
        let instant: Timestamp = "2026-06-14T19:30:00Z".parse().unwrap();
        for minutes in [-4 * 60, 0, 4 * 60 + 29, 4 * 60 + 30, 5 * 60, 14 * 60] {
            let day = Offset::from_seconds(minutes * 60).unwrap().to_datetime(instant).date();
            let said = cell(pack, &Subject::new(Status::Citizen, born, trigger), day);
            let (sign, hours, rest) = (if minutes < 0 { '-' } else { '+' }, minutes.abs() / 60, minutes.abs() % 60);
            let _ = writeln!(
                out,
                "citizen\t{trigger}\tborn {born}\t{instant} at {sign}{hours:02}:{rest:02} is {day}\t{said}"
            );
        }
    }
}

#[test]
fn control_a5_the_decision_tables_are_those_committed() {
    for pack in Library::embedded().packs().iter().chain([&*ZEDLAND, &*FACE]) {
        let mut ours =
            format!("# {}: what the law says on {TABLE_DAY} by completed years, status and event\n", pack.id());
        by_age(pack, &mut ours);
        ours.push_str("# births on 29 February\n");
        leap_births(pack, &mut ours);
        ours.push_str("# one instant in several places\n");
        time_zones(pack, &mut ours);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{}.tsv", pack.id()));
        if std::env::var_os("TANBA_UPDATE").is_some() {
            std::fs::write(&path, &ours).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == ours,
            "{} differs; review it: TANBA_UPDATE=1 cargo test -p tanba-law golden",
            path.display()
        );
    }
}

/// The edges that the tables rest on, by hand.
#[test]
fn control_a5_boundaries_by_hand() {
    let kz = Library::embedded().pack("kz-2016-as-enacted").unwrap();
    let on = |pack, status, born, day| cell(pack, &Subject::new(status, born, Trigger::Passport), day);
    let born = date(2010, 6, 15);
    assert!(on(kz, Status::Citizen, born, date(2022, 6, 14)).starts_with("must_not child-under-12"));
    assert!(on(kz, Status::Citizen, born, date(2022, 6, 15)).starts_with("may minor-12-to-15"));
    assert!(on(kz, Status::Citizen, born, date(2026, 6, 14)).starts_with("may minor-12-to-15"));
    assert_eq!(on(kz, Status::Citizen, born, date(2026, 6, 15)), "must citizen-from-16");
    let enters = |born, day| cell(&ZEDLAND, &Subject::new(Status::Foreigner, born, Trigger::BorderEntry), day);
    for (born, day, said) in [
        (date(2012, 6, 15), date(2026, 6, 14), "must_not child-at-border"),
        (date(2012, 6, 15), date(2026, 6, 15), "must traveller"),
        (date(1946, 6, 15), date(2026, 6, 14), "must traveller"),
        (date(1946, 6, 15), date(2026, 6, 15), "must_not aged-traveller"),
        // Zedland counts 28 February as the birthday of those born on the 29th.
        (date(2012, 2, 29), date(2026, 2, 27), "must_not child-at-border"),
        (date(2012, 2, 29), date(2026, 2, 28), "must traveller"),
    ] {
        assert_eq!(enters(born, day), said, "{born} {day}");
    }
}
