//! Genomic registration: the four legal groups.

use crate::{DAY, codes, decide, is, pack, sheet};
use jiff::civil::date;
use tanba_law::{Duty, Fact, Mode, RetentionKind, RetentionRecord, Status, Subject, Trigger, panel, retention};

const PACK: &str = "kz-genomic-2021";

fn convict(offence: Option<&str>) -> Subject {
    let subject = Subject::new(Status::Citizen, date(1990, 1, 1), Trigger::Conviction);
    Subject { offence: offence.map(str::to_owned), ..subject }
}

#[test]
fn only_grave_convictions_oblige() {
    for (offence, duty) in [("grave", Duty::Must), ("especially_grave", Duty::Must), ("petty", Duty::MustNot)] {
        assert_eq!(decide(PACK, &convict(Some(offence))).decision, duty, "{offence}");
    }
    let open = decide(PACK, &convict(None));
    assert_eq!((open.decision, codes(&open)), (Duty::Must, vec!["offence", "judgment_final"]));
    let ready = decide(PACK, &convict(Some("grave")).with(Fact::JudgmentFinal, true));
    assert!(ready.allows_capture());
    assert_eq!(ready.group.as_deref(), Some("convicted"));
    assert!(
        ready.diagnostics.iter().any(|note| note.code == "refusal_not_known"),
        "the pack does not know what follows"
    );
}

#[test]
fn relatives_of_the_missing_come_freely_and_in_writing() {
    let relative = |kin: &str| Subject {
        relationship: Some(kin.to_owned()),
        ..Subject::new(Status::Foreigner, date(1990, 1, 1), Trigger::MissingRelative)
    };
    let brother = decide(PACK, &relative("full_sibling"));
    assert_eq!((brother.decision, codes(&brother)), (Duty::May, vec!["written_consent"]));
    let spoken = decide(PACK, &relative("full_sibling").with(Fact::Consent, true));
    assert_eq!(codes(&spoken), ["written_consent"], "a spoken consent is not a written one");
    let signed = decide(PACK, &relative("full_sibling").with(Fact::WrittenConsent, true));
    assert!(signed.allows_capture());
    assert_eq!(signed.group.as_deref(), Some("missing_relative"));
    assert!(is(&decide(PACK, &relative("neighbour")), Duty::MustNot, "no-basis"));
}

#[test]
fn bodies_and_seized_material_need_no_name_and_no_birth_date() {
    let body = Subject { trigger: Some(Trigger::UnidentifiedBody), ..Subject::default() };
    assert!(decide(PACK, &body).allows_capture());
    let trace = Subject { trigger: Some(Trigger::UnidentifiedMaterial), ..Subject::default() };
    assert_eq!(codes(&decide(PACK, &trace)), ["investigator_order"]);
    assert!(decide(PACK, &trace.with(Fact::InvestigatorOrder, true)).allows_capture());
    for trigger in [Trigger::Arrest, Trigger::IdentityCard, Trigger::BorderEntry] {
        assert!(is(
            &decide(PACK, &Subject::new(Status::Citizen, date(1990, 1, 1), trigger)),
            Duty::MustNot,
            "no-basis"
        ));
    }
}

#[test]
fn profiles_are_kept_for_25_years_and_what_is_not_known_is_said() {
    let keep = |kind, mode| {
        let day = date(2024, 2, 29);
        retention(pack(PACK), &RetentionRecord::collected(kind, "convicted", day), day, mode)
    };
    let profile = keep(RetentionKind::Profile, Mode::Production);
    assert_eq!((profile.until, profile.clause.as_str()), (Some(date(2049, 2, 28)), "profile-25-years"));
    assert!(profile.known && profile.assumed.is_none());
    let sample = keep(RetentionKind::Sample, Mode::Production);
    assert_eq!((sample.known, sample.until, sample.clause.as_str()), (false, None, "retention.sample"));
    let assumed = keep(RetentionKind::Sample, Mode::Demonstration(sheet()));
    assert_eq!(assumed.assumed.as_deref(), Some("kz-demo/samples-1-year"));
    assert_eq!(assumed.until, Some(date(2025, 2, 28)));
    assert!(pack(PACK).in_force(DAY, None).is_ok());
}

#[test]
fn which_loci_may_be_stored_is_not_known_and_only_a_demonstration_assumes_it() {
    let known = panel(pack(PACK), Mode::Production);
    assert!(known.panel.unwrap_err().en.contains("could not be read"));
    let assumed = panel(pack(PACK), Mode::Demonstration(sheet()));
    let loci = assumed.panel.unwrap();
    assert_eq!(assumed.assumed.as_deref(), Some("kz-demo/panel"));
    assert_eq!((loci.autosomal.len(), loci.identity_snps.len()), (20, 52));
    assert!(loci.sex_marker && loci.y_str && loci.mitochondrial);
    // A pack that says nothing of loci permits none.
    let silent = panel(pack("ru-dna-242fz-2025"), Mode::Demonstration(sheet()));
    assert!(silent.panel.is_err() && silent.assumed.is_none(), "the sheet was not written for that pack");
}
