//! Sanctions: whose, for how long, after what; and the working days until an urgent look is checked.

use crate::{pack, zedland::ZEDLAND};
use jiff::civil::{Date, date};
use tanba_law::{
    AccessAct, AccessRequest, Calendar, DataClass, Library, Mode, Pack, RulesOf, SanctionFacts, SanctionTerm, Searched,
    access, access_rules, working_days_after,
};

const NOW: i64 = 1_781_500_000_000_000;
const DAY: Date = date(2026, 6, 15);

fn order(authority: &str, purpose: &str) -> SanctionFacts {
    SanctionFacts {
        authority: authority.to_owned(),
        valid_from: NOW - 1_000_000,
        valid_to: NOW + 1_000_000,
        uses_left: 1,
        purposes: vec![purpose.to_owned()],
        subject_matches: true,
        separate_persons: true,
        within_term: true,
    }
}

fn of_aadhaar(body: &str, purpose: &str, data: DataClass, sanction: SanctionFacts) -> AccessRequest {
    AccessRequest {
        body: Some(body.to_owned()),
        officer_present: true,
        purpose: Some(purpose.to_owned()),
        legal_basis: Some("s. 33".to_owned()),
        case_present: true,
        data,
        act: AccessAct::Read,
        population: "resident".to_owned(),
        sanction: Some(sanction),
        urgent: false,
        searched: Vec::new(),
        at: NOW,
    }
}

fn asked(request: &AccessRequest) -> (bool, &'static str) {
    let decision = access(pack("in-aadhaar-2016"), request, DAY, Mode::Production);
    (decision.permit, decision.reason_code)
}

#[test]
fn control_d2_only_the_level_that_the_pack_names_and_core_biometrics_never() {
    let by = |authority, data| of_aadhaar("order_holder", "court_order", data, order(authority, "court_order"));
    assert_eq!(asked(&by("district_judge", DataClass::Identity)), (false, "sanction_wrong_authority"));
    assert_eq!(asked(&by("high_court_judge", DataClass::Identity)), (true, "permitted"));
    for core in [DataClass::BiometricImage, DataClass::BiometricTemplate, DataClass::Genomic] {
        assert_eq!(asked(&by("high_court_judge", core)), (false, "act_not_listed"), "{core:?}");
    }
}

#[test]
fn control_d6_a_sanction_ends_on_the_instant() {
    let mut request = of_aadhaar(
        "order_holder",
        "court_order",
        DataClass::Identity,
        SanctionFacts { valid_to: NOW + 1, ..order("high_court_judge", "court_order") },
    );
    assert_eq!(asked(&request), (true, "permitted"));
    for late in [1, 1_000_000] {
        request.at = NOW + late;
        assert_eq!(asked(&request), (false, "sanction_not_in_force"));
    }
}

fn term() -> SanctionTerm {
    let rules = access_rules(pack("in-aadhaar-2016"), RulesOf::Access, Mode::Production);
    rules.into_iter().find_map(|rule| rule.term.clone()).expect("a direction has a term")
}

#[test]
fn control_d7_three_months_and_once_more() {
    let term = term();
    assert_eq!((term.extensions, term.told.as_slice()), (1, ["oversight_committee".to_owned()].as_slice()));
    let from = date(2026, 1, 31);
    // Three months from 31 January end with April.
    assert!(term.allows(from, date(2026, 4, 30), 0) && !term.allows(from, date(2026, 5, 1), 0));
    assert!(term.allows(date(2026, 4, 30), date(2026, 7, 30), 1), "one extension");
    assert!(!term.allows(date(2026, 7, 30), date(2026, 8, 1), 2), "the third attempt");
    let beyond = SanctionFacts { within_term: false, ..order("secretary_level_officer", "national_security") };
    let with = |sanction| of_aadhaar("national_security_body", "national_security", DataClass::Identity, sanction);
    assert_eq!(asked(&with(beyond)), (false, "sanction_beyond_term"));
    assert_eq!(asked(&with(order("secretary_level_officer", "national_security"))), (true, "permitted"));
}

fn kazakhstan() -> &'static Calendar {
    Library::embedded().calendar("KZ").expect("the calendar of Kazakhstan")
}

#[test]
fn control_d5_working_days_leave_out_weekends_and_holidays() {
    let after = |from, days| working_days_after(Some(kazakhstan()), from, days);
    // Friday 13 March 2026; Nauryz from Saturday 21 to Wednesday 25 March.
    let week = after(date(2026, 3, 13), 7);
    assert_eq!((week.last, week.holidays_known), (date(2026, 3, 27), true));
    assert_eq!(after(date(2026, 3, 13), 5).last, date(2026, 3, 20));
    // The day itself never counts, whatever day it is.
    assert_eq!(after(date(2026, 3, 21), 1).last, date(2026, 3, 26));
    // Sunday 5 January 2025 was worked.
    assert_eq!(after(date(2025, 1, 2), 1).last, date(2025, 1, 5));
    assert_eq!(after(date(2025, 1, 2), 2).last, date(2025, 1, 6));
    // 9 May 2026 is a Saturday, and Monday was given free for it.
    assert_eq!(after(date(2026, 5, 8), 1).last, date(2026, 5, 12));
}

#[test]
fn control_d5_where_holidays_are_not_known_the_end_comes_earlier_and_says_so() {
    // Into a year without holidays: New Year counts, as every day but the weekend does.
    let over = working_days_after(Some(kazakhstan()), date(2026, 12, 30), 7);
    assert_eq!((over.last, over.holidays_known), (date(2027, 1, 8), false));
    let europe = working_days_after(Library::embedded().calendar("EU"), date(2026, 3, 13), 7);
    assert_eq!((europe.last, europe.holidays_known), (date(2026, 3, 24), false));
    // No calendar at all: every day.
    let none = working_days_after(None, date(2026, 3, 13), 7);
    assert_eq!((none.last, none.holidays_known), (date(2026, 3, 20), false));
    assert!(Library::embedded().calendar("ZZ").is_none());
    // Nothing is ever longer than with the holidays.
    for offset in 0..700 {
        let from = date(2025, 1, 1).saturating_add(jiff::Span::new().days(offset));
        let weekends = Calendar { years: Vec::new(), ..kazakhstan().clone() };
        let (with, without) =
            (working_days_after(Some(kazakhstan()), from, 7), working_days_after(Some(&weekends), from, 7));
        // But where a day of the weekend was worked instead of another.
        assert!(with.last >= without.last || from.year() == 2025, "{from}");
    }
}

#[test]
fn a_search_that_must_come_first_is_what_is_needed() {
    let search = AccessRequest {
        act: AccessAct::Identify,
        population: "individual_file".to_owned(),
        ..of_aadhaar("europol", "terrorism", DataClass::Identity, order("central_access_point", "terrorism"))
    };
    let no = access(pack("eu-ees-2017-2226"), &search, DAY, Mode::Production);
    let needs: Vec<&str> = no.needs.iter().map(|need| need.code.as_str()).collect();
    assert_eq!((no.reason_code, needs), ("narrower_search_first", vec!["prior_search"]));
    // Two whole days, and not an hour less, after which the second answer need not be waited for.
    const HOUR: i64 = 3_600_000_000;
    for (hours, permit) in [(47, false), (48, true), (49, true), (-1, false)] {
        let begun = |what: &str, answered| Searched { what: what.to_owned(), begun: NOW - hours * HOUR, answered };
        let searched = vec![Searched { begun: NOW, ..begun("national_database", true) }, begun("prum", hours < 0)];
        let asked = AccessRequest { searched, ..search.clone() };
        let decision = access(pack("eu-ees-2017-2226"), &asked, DAY, Mode::Production);
        assert_eq!(decision.permit, permit, "{hours} hours ago: {}", decision.reason_code);
    }
}

#[test]
fn a_calendar_that_contradicts_itself_is_refused() {
    let text = include_str!("../../packs/calendars/kz.yaml");
    for (from, to, why) in [
        ("worked: [2025-01-05]", "worked: [2025-01-07]", "closed and worked"),
        ("worked: [2025-01-05]", "worked: [2026-01-05]", "does not lie"),
        ("- year: 2026", "- year: 2025", "in order"),
        ("[saturday, sunday]", "[friday, saturday, sunday, monday]", "three days"),
    ] {
        let error = Calendar::from_yaml(&text.replace(from, to)).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn conditions_of_a_rule_that_mean_nothing_are_refused() {
    let text = include_str!("../packs/zz-prints.yaml");
    let with = |line: &str| {
        let text = text.replacen("      notify: deferred\n", &format!("      notify: deferred\n      {line}\n"), 1);
        Pack::from_yaml(&text, Library::embedded().indices())
            .map(|pack| pack.id().to_owned())
            .map_err(|error| error.to_string())
    };
    let sign_in = text.replacen("acts: [identify, read]", "acts: [verify, identify]", 1);
    let sign_in = sign_in.replacen("purposes: [", "purposes: [education_sign_in, ", 1);
    assert_ne!(sign_in, text);
    let refused = Pack::from_yaml(&sign_in, Library::embedded().indices()).err().map(|error| error.to_string());
    assert!(refused.is_some_and(|why| why.contains("one to one")), "a finger signs in one to one only");
    for line in ["term: {longest: P3M, extensions: 1}", "volume: {requests: 1, hours: 24, in_a_case: 2, of_a_body: 3}"]
    {
        assert_eq!(with(line).as_deref(), Ok(ZEDLAND.id()), "{line}");
    }
    for line in [
        "term: {longest: soon, extensions: 1}",
        "volume: {requests: 0, hours: 24}",
        "volume: {requests: 1, hours: 24, in_a_case: 0}",
        "volume: {requests: 1, hours: 24, of_a_body: 0}",
        "urgent: {review_working_days: 0}",
        "before: [{searched: elsewhere, acts: [verify]}]",
        "holder_lock: true",
    ] {
        assert!(with(line).is_err(), "{line}");
    }
}
