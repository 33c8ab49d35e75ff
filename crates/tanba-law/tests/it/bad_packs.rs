//! What is wrong with a pack, or with several together: refused, with the line and the reason.

use tanba_law::{Library, LibraryError, Pack};

const MCI: &str = include_str!("../../packs/indices/kz-mci.yaml");
const KZ_2016: &str = include_str!("../../packs/kz-2016-as-enacted.yaml");
const KZ_2024: &str = include_str!("../../packs/kz-2024-in-force.yaml");
const KZ_GENOMIC: &str = include_str!("../../packs/kz-genomic-2021.yaml");

/// The text with one passage changed, and the line of the passage `at` in the changed text.
fn changed(text: &str, from: &str, to: &str, at: &str) -> (String, usize) {
    assert!(text.contains(from), "{from}");
    let text = text.replacen(from, to, 1);
    let line = text.find(at).map(|found| text[..found].matches('\n').count() + 1).expect(at);
    (text, line)
}

/// What is said of the 2016 pack with one passage changed; the sentence must name the line of `at` and every word given.
fn refused(from: &str, to: &str, at: &str, words: &[&str]) {
    let (text, line) = changed(KZ_2016, from, to, at);
    let said = Pack::from_yaml(&text, Library::embedded().indices()).expect_err(from).to_string();
    assert!(said.contains(&format!("line {line}")), "line {line} in: {said}");
    for word in words {
        assert!(said.contains(word), "{word} in: {said}");
    }
}

#[test]
fn a_gap_between_ages_is_refused_unless_it_is_left_open_on_purpose() {
    // The rule for minors begins two years later: nobody speaks of passports of 12- and 13-year-olds.
    let words = ["child-under-12", "citizen", "[12,14)", "passport", "silence.left_open"];
    refused(
        "age: \"[12,16)\"\n    triggers: [passport]",
        "age: \"[14,16)\"\n    triggers: [passport]",
        "code: child-under-12",
        &words,
    );
    // The ages that are left open on purpose are no longer named.
    let open = "  left_open:\n    - {who: any, age: \"[12,16)\", triggers: any, except: [passport]}\n";
    refused(open, "", "code: child-under-12", &["[12,16)", "identity_card"]);
    // Named too narrowly is not named.
    refused(
        "{who: any, age: \"[12,16)\", triggers: any,",
        "{who: any, age: \"[13,16)\", triggers: any,",
        "code: child-under-12",
        &["[12,16)"],
    );
}

#[test]
fn control_a11_a_conflict_is_refused_with_both_lines() {
    let words = ["child-under-12", "minor-12-to-15", "age 12", "citizen", "passport", "narrow one"];
    refused("age: \"[0,12)\"", "age: \"[0,13)\"", "code: child-under-12", &words);
    refused("age: \"[0,12)\"", "age: \"[0,13)\"", "code: minor-12-to-15", &words);
}

#[test]
fn an_unknown_unit_is_refused() {
    refused("index: KZ_MCI", "index: KZ_MRP", "code: refusal-fine", &["KZ_MRP", "packs/indices"]);
    refused("{units: 5, index: KZ_MCI}", "{sum: 100, currency: TNG}", "code: refusal-fine", &["TNG", "ISO 4217"]);
    refused("{units: 5, index: KZ_MCI}", "{sum: 100}", "code: refusal-fine", &["{units, index} or {sum, currency}"]);
    let term = "amount: {units: 5, index: KZ_MCI}";
    refused(term, "term: \"5 years\"", "code: refusal-fine", &["5 years", "P25Y"]);
}

#[test]
fn a_period_without_a_unit_and_rows_that_compete_are_refused() {
    let genomic = |from: &str, to: &str, words: &[&str]| {
        let (text, line) = changed(KZ_GENOMIC, from, to, "code: profile-25-years");
        let said = Pack::from_yaml(&text, Library::embedded().indices()).unwrap_err().to_string();
        assert!(said.contains(&format!("line {line}")), "{said}");
        assert!(words.iter().all(|word| said.contains(word)), "{said}");
    };
    genomic("max_period: P25Y", "max_period: \"25\"", &["`25`", "P25Y"]);
    genomic("max_period: P25Y", "max_period: -P25Y", &["-P25Y"]);
    genomic("        max_period: P25Y\n", "", &["until_age", "review_interval"]);
    let rival = "code: rival, category: any, start_event: death, max_period: P1Y, text: {kk: a, ru: b, en: c}";
    let row = format!("      - {{{rival}}}\n      - code: profile-25-years");
    genomic("      - code: profile-25-years", &row, &["rival", "narrow one"]);
}

#[test]
fn two_rows_of_keeping_compete_where_both_say_equally_much_of_one_record_and_none_says_more() {
    let (start, end) =
        (KZ_GENOMIC.find("      - code: profile-25-years").unwrap(), KZ_GENOMIC.find("  sample:").unwrap());
    let ground = KZ_GENOMIC[start..end].find("    ground:").unwrap() + start;
    let keeping = |rows: &[&str]| {
        let row = |(at, row): (usize, &&str)| {
            format!("      - {{code: row-{at}, start_event: collection, text: {{kk: a, ru: b, en: c}}, {row}}}\n")
        };
        let rows: String = rows.iter().enumerate().map(row).collect();
        let text = format!("{}{rows}{}", &KZ_GENOMIC[..start], &KZ_GENOMIC[ground..]);
        Pack::from_yaml(&text, Library::embedded().indices()).map(|_| ()).map_err(|error| error.to_string())
    };
    let (any, convicted) = ("category: any, max_period: P1Y", "category: convicted, max_period: P1Y");
    let (grave, minor) =
        ("category: any, gravity: murder, max_period: P1Y", "category: any, minor: true, max_period: P1Y");
    let (convicted_grave, convicted_minor) =
        ("category: convicted, gravity: murder, max_period: P1Y", "category: convicted, minor: true, max_period: P1Y");
    let all = "category: convicted, gravity: murder, minor: true, max_period: P1Y";
    for (rows, rivals) in [
        (vec![any, any], true),
        (vec![any, convicted, convicted_grave, all], false),
        (vec![convicted, "category: suspect, max_period: P1Y"], false),
        (vec![grave, "category: any, gravity: theft, max_period: P1Y"], false),
        (vec![minor, "category: any, minor: false, max_period: P1Y"], false),
        (vec![convicted, grave], true),
        (vec![grave, convicted], true),
        (vec![convicted, minor], true),
        (vec![grave, minor], true),
        (vec![any, convicted, grave], true),
        (vec![convicted, grave, convicted_grave], false),
        (vec![convicted_grave, convicted_minor], true),
        (vec![convicted_minor, convicted_grave, convicted], true),
        (vec![convicted_minor, convicted_grave, all], false),
    ] {
        let said = keeping(&rows);
        assert_eq!(said.is_err(), rivals, "{rows:?}: {said:?}");
        assert!(said.is_ok() || said.is_err_and(|why| why.contains("narrow one")), "{rows:?}");
    }
    // Each of these ends a record by itself; without any of them nothing does.
    for end in ["max_period: P1Y", "review_interval: P1Y", "until_age: 100", "end_events: [death]"] {
        assert_eq!(keeping(&[&format!("category: any, {end}")]), Ok(()), "{end}");
    }
    assert!(keeping(&["category: any, notice_before: P1Y"]).is_err_and(|why| why.contains("until_age")));
}

#[test]
fn a_clause_id_that_stands_twice_is_named_where_it_stands_again() {
    let (text, _) = changed(KZ_2016, "code: expulsion", "code: domestic-worker", "rules:");
    let second = text.rfind("code: domestic-worker").unwrap();
    let line = text[..second].matches('\n').count() + 1;
    let said = Pack::from_yaml(&text, Library::embedded().indices()).unwrap_err().to_string();
    assert!(said.contains(&format!("line {line}")) && said.contains("twice"), "{said}");
}

#[test]
fn who_is_exempt_must_find_what_happens_instead() {
    refused("    when: [exempt]\n", "    when: [prohibited]\n", "code: exempt-no-fingers", &["instead", "obligation"]);
    refused("    when: [postponed]\n", "    when: [prohibited]\n", "code: injury-postpones", &["instead"]);
}

#[test]
fn dates_and_states_that_cannot_be_are_refused() {
    let ended = "valid_from: 2021-01-01\nvalid_to: 2020-01-01";
    refused("valid_from: 2021-01-01", ended, "valid_to:", &["after `valid_from`"]);
    refused(
        "known_from: 2016-12-30",
        "known_from: 2016-12-30\nsupersedes: [kz-2016-as-enacted]",
        "supersedes:",
        &["itself"],
    );
    refused("jurisdiction: KZ", "jurisdiction: Kazakhstan", "jurisdiction:", &["capital"]);
    refused("status: draft", "status: final", "code: explain-first", &["confidence C", "verified_by"]);
    refused("status: draft", "status: signed", "status: signed", &["draft"]);
}

fn together(packs: &[&str]) -> LibraryError {
    Library::read(&[MCI], packs, &[]).expect_err("must be refused")
}

#[test]
fn two_versions_for_one_day_are_refused() {
    let (alone, line) = changed(KZ_2024, "supersedes: [kz-2016-as-enacted]\n", "", "valid_from:");
    let error = together(&[KZ_2016, &alone]);
    let day = "2024-01-01".parse().unwrap();
    let (first, second) = ("kz-2016-as-enacted".to_owned(), "kz-2024-in-force".to_owned());
    assert_eq!(error, LibraryError::TwoVersions { first, second, line, day });
    assert!(error.to_string().contains("2024-01-01"), "{error}");
    // Ended the day the other begins, both are sound again.
    let ended = KZ_2016.replace("valid_from: 2021-01-01", "valid_from: 2021-01-01\nvalid_to: 2024-01-01");
    assert!(Library::read(&[MCI], &[&ended, &alone], &[]).is_ok());
    assert_eq!(together(&[KZ_2016, KZ_2016]), LibraryError::SameId { id: "kz-2016-as-enacted".to_owned() });
}

#[test]
fn a_circle_of_supersession_is_refused() {
    let back = "known_from: 2023-12-31\nsupersedes: [kz-2024-in-force]";
    let (circular, line) = changed(KZ_2016, "known_from: 2016-12-30", back, "supersedes:");
    match together(&[&circular, KZ_2024]) {
        LibraryError::Circle { circle, line: at, pack } => {
            assert_eq!(circle, ["kz-2016-as-enacted", "kz-2024-in-force", "kz-2016-as-enacted"]);
            let own = if pack == "kz-2016-as-enacted" { line } else { line_of(KZ_2024, "supersedes:") };
            assert_eq!(at, own);
        }
        other => panic!("{other}"),
    }
}

fn line_of(text: &str, at: &str) -> usize {
    text[..text.find(at).unwrap()].matches('\n').count() + 1
}

#[test]
fn only_earlier_versions_of_the_same_law_can_be_superseded() {
    let line = line_of(KZ_2024, "supersedes:");
    let pack = "kz-2024-in-force".to_owned();
    let named = |other: &str| KZ_2024.replace("supersedes: [kz-2016-as-enacted]", &format!("supersedes: [{other}]"));
    let missing = together(&[&named("kz-2017")]);
    assert_eq!(missing, LibraryError::SupersedesUnknown { pack: pack.clone(), line, other: "kz-2017".to_owned() });
    let other = "kz-genomic-2021".to_owned();
    let foreign = together(&[KZ_GENOMIC, &named("kz-genomic-2021")]);
    assert_eq!(foreign, LibraryError::SupersedesOther { pack: pack.clone(), line, other });
    let later = KZ_2016.replace("known_from: 2016-12-30", "known_from: 2024-01-01");
    let other = "kz-2016-as-enacted".to_owned();
    assert_eq!(together(&[&later, KZ_2024]), LibraryError::SupersedesLater { pack, line, other });
}

#[test]
fn a_panel_of_loci_stands_in_genomic_packs_alone_and_names_each_locus_once() {
    let panel = |loci: &str| {
        let ground = "{cite: \"c\", source: \"s\", confidence: A}";
        format!(
            "panel:\n  value: {{autosomal: [{loci}], sex_marker: true, y_str: false, mitochondrial: false, \
             identity_snps: []}}\n  ground: {ground}\n"
        )
    };
    let (start, end) = (KZ_GENOMIC.find("panel:\n").unwrap(), KZ_GENOMIC.find("withdrawal:\n").unwrap());
    let of = |loci| KZ_GENOMIC.replace(&KZ_GENOMIC[start..end], &panel(loci));
    assert!(Pack::from_yaml(&of("TH01, FGA"), &[]).is_ok());
    for (text, words) in [
        (of("TH01, th01"), "stands twice"),
        (of(""), "permits no locus"),
        (of("TH01, ' '"), "no name"),
        (format!("{KZ_2016}\n{}", panel("TH01")), "only a pack on genomic registration"),
    ] {
        let said = Pack::from_yaml(&text, Library::embedded().indices()).unwrap_err().to_string();
        assert!(said.contains("line ") && said.contains("`panel`") && said.contains(words), "{said}");
    }
}
