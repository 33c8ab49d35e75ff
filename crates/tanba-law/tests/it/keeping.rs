//! How long records are kept: the controls of group H that belong to the evaluation of the law.

use crate::zedland::{STRUCK, ZEDLAND};
use crate::{pack, sheet};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use tanba_law::{LegalHold, Library, Mode, RetentionAnswer, RetentionKind, RetentionRecord, RetentionState, retention};

/// A record of `category` with its events, each on its day.
fn record(kind: RetentionKind, category: &str, events: &[(&str, Date)]) -> RetentionRecord {
    let events = events.iter().map(|(name, on)| ((*name).to_owned(), *on)).collect();
    RetentionRecord { events, ..RetentionRecord::collected(kind, category, Date::MIN) }
}

fn profile(category: &str, events: &[(&str, Date)]) -> RetentionRecord {
    record(RetentionKind::Profile, category, events)
}

fn on(day: Date, record: &RetentionRecord) -> RetentionAnswer {
    retention(&ZEDLAND, record, day, Mode::Production)
}

/// Category, gravity, minor, events, first day on which it may no longer be kept, clause.
type Row<'a> = (&'a str, Option<&'a str>, Option<bool>, &'a [(&'a str, Date)], Option<Date>, &'a str);

/// The matrix by hand: category, gravity, minor, events, and the first day on which it may no longer be kept.
#[test]
fn control_h1_the_matrix_of_category_gravity_and_majority() {
    let (taken, judged) = (date(2021, 3, 1), date(2022, 5, 20));
    let convict = [("collection", taken), ("judgment_final", judged)];
    let rows: [Row<'_>; 10] = [
        ("convicted", None, None, &convict, Some(date(2047, 5, 20)), "convict-25"),
        ("convicted", None, Some(false), &convict, Some(date(2047, 5, 20)), "convict-25"),
        ("convicted", None, Some(true), &convict, Some(date(2037, 5, 20)), "convict-minor-15"),
        ("convicted", Some("theft"), Some(true), &convict, Some(date(2037, 5, 20)), "convict-minor-15"),
        ("convicted", Some("murder"), Some(false), &convict, Some(date(2062, 5, 20)), "convict-grave-40"),
        ("convicted", Some("murder"), Some(true), &convict, Some(date(2047, 5, 20)), "convict-grave-minor-25"),
        ("suspect", None, None, &convict, Some(date(2036, 3, 1)), "suspect-review"),
        ("travel", None, None, &[("exit", date(2024, 2, 28))], Some(date(2027, 3, 1)), "travel-file"),
        ("no_exit", None, None, &[("end_of_stay", taken)], Some(date(2026, 3, 1)), "no-exit"),
        ("nobody", None, None, &convict, None, "retention.profile"),
    ];
    for (category, gravity, minor, events, until, clause) in rows {
        let mut record = profile(category, events);
        (record.gravity, record.minor) = (gravity.map(str::to_owned), minor);
        let answer = on(date(2023, 1, 1), &record);
        assert_eq!((answer.until, answer.clause.as_str()), (until, clause), "{category} {gravity:?} {minor:?}");
        assert_eq!(answer.known, until.is_some());
        assert!(ZEDLAND.clause(&answer.clause).is_some());
    }
    // Kazakhstan: 25 years from collection for profiles; nothing is known of samples, and production keeps none.
    let kz = |kind, mode| {
        retention(pack("kz-genomic-2021"), &RetentionRecord::collected(kind, "convicted", taken), taken, mode)
    };
    assert_eq!(kz(RetentionKind::Profile, Mode::Production).until, Some(date(2046, 3, 1)));
    let sample = kz(RetentionKind::Sample, Mode::Production);
    assert_eq!((sample.state, sample.usable), (RetentionState::NotKnown, false));
    assert_eq!(kz(RetentionKind::Sample, Mode::Demonstration(sheet())).until, Some(date(2022, 3, 1)));
}

#[test]
fn control_h1_the_clock_starts_with_the_event_that_the_row_names() {
    let taken = profile("convicted", &[("collection", date(2021, 3, 1))]);
    let open = on(date(2060, 1, 1), &taken);
    assert_eq!((open.state, open.until), (RetentionState::NotStarted, None), "no final judgment yet");
    assert!(open.usable);
    // What ends it, ends it before it has begun.
    let acquitted = profile("convicted", &[("collection", date(2021, 3, 1)), ("acquittal", date(2022, 5, 20))]);
    for (day, state) in [(date(2022, 5, 19), RetentionState::NotStarted), (date(2022, 5, 20), RetentionState::Erase)] {
        let answer = on(day, &acquitted);
        assert_eq!((answer.state, answer.until), (state, Some(date(2022, 5, 20))), "{day}");
        assert_eq!(answer.usable, state == RetentionState::NotStarted);
    }
    let twice = profile("convicted", &[("judgment_final", date(2021, 1, 1)), ("judgment_final", date(2024, 1, 1))]);
    assert_eq!(on(date(2024, 1, 1), &twice).until, Some(date(2049, 1, 1)), "the latest counts");
}

#[test]
fn control_h2_a_missed_review_blocks_use_until_it_is_made() {
    let mut suspect = profile("suspect", &[("collection", date(2021, 3, 1))]);
    let state = |record: &RetentionRecord, day| {
        let answer = on(day, record);
        (answer.state, answer.usable)
    };
    assert_eq!(on(date(2021, 3, 1), &suspect).review_by, Some(date(2024, 3, 1)));
    assert_eq!(state(&suspect, date(2024, 2, 29)), (RetentionState::Keep, true));
    assert_eq!(state(&suspect, date(2024, 3, 1)), (RetentionState::ReviewOverdue, false));
    suspect.reviewed = Some(date(2024, 3, 5));
    assert_eq!(state(&suspect, date(2024, 3, 5)), (RetentionState::Keep, true));
    assert_eq!(state(&suspect, date(2027, 3, 5)), (RetentionState::ReviewOverdue, false));
    // However often it is reviewed, the longest period ends it.
    suspect.reviewed = Some(date(2036, 2, 1));
    assert_eq!(state(&suspect, date(2036, 3, 1)), (RetentionState::Erase, false));
}

#[test]
fn control_h3_notice_comes_three_months_before_and_then_erasure() {
    let stayed = profile("no_exit", &[("end_of_stay", date(2021, 3, 1))]);
    for (day, state) in [
        (date(2025, 11, 30), RetentionState::Keep),
        (date(2025, 12, 1), RetentionState::Notice),
        (date(2026, 2, 28), RetentionState::Notice),
        (date(2026, 3, 1), RetentionState::Erase),
    ] {
        assert_eq!(on(day, &stayed).state, state, "{day}");
    }
    // A new entry stops the clock of a travel file; the next exit starts it again.
    let mut journeys = vec![("exit", date(2021, 1, 1)), ("entry", date(2023, 6, 1))];
    assert_eq!(on(date(2029, 1, 1), &profile("travel", &journeys)).until, None);
    journeys.push(("exit", date(2023, 7, 1)));
    assert_eq!(on(date(2026, 7, 1), &profile("travel", &journeys)).state, RetentionState::Keep);
    assert_eq!(on(date(2026, 7, 2), &profile("travel", &journeys)).state, RetentionState::Erase);
}

#[test]
fn control_h4_sample_and_profile_have_clocks_of_their_own() {
    let taken = [("collection", date(2021, 3, 1)), ("judgment_final", date(2021, 6, 1))];
    let day = date(2022, 3, 1);
    assert_eq!(on(day, &record(RetentionKind::Sample, "convicted", &taken)).state, RetentionState::Erase);
    assert_eq!(on(day, &profile("convicted", &taken)).state, RetentionState::Keep);
    // And the reverse: the travel file is over, its log is kept.
    let left = [("exit", date(2020, 1, 1)), ("entry", date(2019, 12, 1)), ("collection", date(2019, 12, 1))];
    assert_eq!(on(date(2023, 1, 2), &profile("travel", &left)).state, RetentionState::Erase);
    let log = RetentionRecord::collected(RetentionKind::Log, "travel", date(2020, 1, 1));
    assert_eq!(on(date(2023, 1, 2), &log).state, RetentionState::Keep);
    // Twelve hours are a day here: nothing is finer.
    let photo = record(RetentionKind::Sample, "travel", &[("collection", date(2024, 2, 28))]);
    assert_eq!(on(date(2024, 2, 28), &photo).until, Some(date(2024, 2, 29)));
}

#[test]
fn control_h7_a_hold_needs_a_sanction_of_the_right_authority_and_expires() {
    let mut held = profile("convicted", &[("judgment_final", date(2000, 1, 1))]);
    let hold = |authority: Option<&str>| {
        Some(LegalHold { authority: authority.map(str::to_owned), from: date(2025, 1, 1), until: date(2027, 1, 1) })
    };
    held.hold = hold(Some("court"));
    for (day, state) in [
        (date(2024, 12, 31), RetentionState::Keep),
        (date(2025, 1, 1), RetentionState::Held),
        (date(2026, 12, 31), RetentionState::Held),
        (date(2027, 1, 1), RetentionState::Erase),
    ] {
        let answer = on(day, &held);
        assert_eq!(answer.state, state, "{day}");
        assert_eq!(answer.usable, state == RetentionState::Keep, "kept is not used");
        let said = match state {
            RetentionState::Held => "Kept under a sanction",
            // Before and after its time an order is none.
            _ => "Keeping longer needs a sanction",
        };
        assert!(answer.text.en.starts_with(said), "{day}: {}", answer.text.en);
    }
    let without = RetentionRecord { hold: None, ..held.clone() };
    assert_eq!(on(date(2026, 1, 1), &without).text.en, "Convicts: 25 years from the final judgment.");
    for authority in [None, Some("police"), Some("prosecutor")] {
        held.hold = hold(authority);
        let answer = on(date(2026, 1, 1), &held);
        assert_eq!((answer.state, answer.hold_refused), (RetentionState::Erase, true), "{authority:?}");
    }
    // A row that names no authority allows no hold at all.
    let mut minor = profile("convicted", &[("judgment_final", date(2000, 1, 1))]);
    (minor.minor, minor.hold) = (Some(true), hold(Some("court")));
    assert_eq!(on(date(2026, 1, 1), &minor).state, RetentionState::Erase);
}

#[test]
fn control_h8_death_ends_it_and_the_hundredth_birthday_where_nobody_told() {
    let mut person = profile("civil", &[("collection", date(2021, 3, 1))]);
    let unborn = on(date(2024, 1, 1), &person);
    assert_eq!((unborn.state, unborn.usable, unborn.known), (RetentionState::NotKnown, false, false));
    for (born, last, erased) in [
        (date(1930, 7, 9), date(2030, 7, 8), date(2030, 7, 9)),
        // Born on 29 February: 2028 has one; 2024 + 100 has one, 2000 + 100 has none (the pack says 28 February).
        (date(1928, 2, 29), date(2028, 2, 28), date(2028, 2, 29)),
        (date(2000, 2, 29), date(2100, 2, 27), date(2100, 2, 28)),
    ] {
        person.born = Some(born);
        assert_eq!(on(last, &person).state, RetentionState::Keep, "{born}");
        assert_eq!(on(erased, &person).state, RetentionState::Erase, "{born}");
        assert_eq!(on(last, &person).until, Some(erased), "{born}");
    }
    person.events.push(("death".to_owned(), date(2024, 5, 5)));
    assert_eq!(on(date(2024, 5, 4), &person).state, RetentionState::Keep);
    assert_eq!(on(date(2024, 5, 5), &person).state, RetentionState::Erase);
}

#[test]
fn control_a8_what_a_struck_regime_kept_must_go_and_its_log_stays() {
    let taken = date(2024, 1, 1);
    let ask =
        |kind, day| retention(&STRUCK, &RetentionRecord::collected(kind, "suspect", taken), day, Mode::Production);
    assert_eq!(ask(RetentionKind::Profile, date(2025, 10, 4)).state, RetentionState::Keep);
    let gone = ask(RetentionKind::Profile, date(2025, 10, 5));
    assert_eq!(
        (gone.state, gone.until, gone.clause.as_str()),
        (RetentionState::Erase, Some(date(2025, 10, 5)), "struck")
    );
    assert_eq!(ask(RetentionKind::Log, date(2025, 10, 5)).state, RetentionState::Keep);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// On the first day after its time, and on every later one, a record without a hold is to be erased, and never before.
    #[test]
    fn control_h10_no_record_is_kept_or_used_beyond_its_time(
        category in prop::sample::select(vec!["convicted", "suspect", "civil", "travel", "no_exit"]),
        minor: Option<bool>, grave: bool, start in 0i32..7_000, later in 0i32..60_000, died in 0i32..90_000,
    ) {
        let day = |days: i32| date(2000, 1, 1).saturating_add(jiff::Span::new().days(days));
        let names = ["collection", "judgment_final", "exit", "end_of_stay"];
        let mut events: Vec<_> = names.iter().map(|name| (*name, day(start))).collect();
        events.push(("death", day(died)));
        let mut record = profile(category, &events);
        (record.minor, record.gravity) = (minor, grave.then(|| "murder".to_owned()));
        record.born = Some(date(1980, 2, 29));
        let asked = day(start + later);
        record.reviewed = Some(asked);
        let answer = on(asked, &record);
        let over = answer.until.is_some_and(|until| asked >= until);
        prop_assert_eq!(answer.state == RetentionState::Erase, over);
        prop_assert_eq!(answer.usable, !over);
        let once_more = on(asked, &record);
        prop_assert_eq!(answer, once_more);
    }
}

/// The words that stand behind a key in the files of the packs that come with the program.
fn words(key: &str) -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("packs");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts = files.filter(|path| path.is_file()).map(|path| std::fs::read_to_string(path).unwrap());
    let mut all: Vec<String> = texts
        .flat_map(|text| {
            let words = text
                .split(key)
                .skip(1)
                .map(|rest| rest.trim_start().split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next());
            words.flatten().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    all.sort();
    all.dedup();
    all
}

#[test]
fn control_h10_through_120_years_what_must_go_never_comes_back_in_any_pack() {
    let (categories, events) = (words("category:"), words("start_event:"));
    assert!(categories.len() > 5 && events.len() > 5, "{categories:?} {events:?}");
    let taken = date(2024, 2, 29);
    let mut gone = 0;
    for pack in Library::embedded().packs() {
        for category in &categories {
            for kind in [RetentionKind::Profile, RetentionKind::Sample, RetentionKind::Log] {
                let mut kept = record(kind, category, &[]);
                kept.events = events.iter().map(|event| (event.clone(), taken)).collect();
                (kept.born, kept.minor) = (Some(date(2004, 2, 29)), Some(false));
                let (mut day, end) = (taken, date(2144, 2, 29));
                let mut erased = None;
                while day < end {
                    let answer = retention(pack, &kept, day, Mode::Production);
                    let must_go = answer.state == RetentionState::Erase;
                    assert!(!(must_go && answer.usable), "{} {category} {kind:?} {day}", pack.id());
                    assert!(
                        must_go || erased.is_none(),
                        "{} {category} {kind:?} {day}: it was to go since {erased:?}",
                        pack.id()
                    );
                    if answer.until.is_some_and(|until| until <= day) {
                        assert!(must_go, "{} {category} {kind:?} {day}", pack.id());
                    }
                    if must_go && erased.is_none() {
                        erased = Some(day);
                        gone += 1;
                    }
                    // A prime number of days, so that every day of the year is asked for in some year.
                    day = day.saturating_add(jiff::Span::new().days(17));
                }
            }
        }
    }
    assert!(gone > 20, "{gone} clocks ran out");
}
