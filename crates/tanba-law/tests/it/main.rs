//! The law crate through its public face.

mod access;
mod bad_packs;
mod constraints;
mod controls;
mod countries;
mod differences;
mod folder;
mod golden;
mod keeping;
mod kz_2016;
mod kz_2024;
mod kz_genomic;
mod packs;
mod reference;
mod refusal;
mod sanctions;
mod signatures;
mod zedland;

use jiff::civil::{Date, date};
use tanba_law::{AssumptionSheet, Decision, Duty, Library, Mode, Pack, Status, Subject, Trigger, check};

/// A day on which every embedded pack is in force.
const DAY: Date = date(2026, 6, 15);

fn pack(id: &str) -> &'static Pack {
    Library::embedded().pack(id).expect("an embedded pack")
}

fn sheet() -> &'static AssumptionSheet {
    Library::embedded().sheet("kz-demo").expect("the embedded sheet")
}

/// Decision under a pack on `DAY`.
fn decide(pack_id: &str, subject: &Subject) -> Decision {
    check(pack(pack_id), subject, DAY, None, Mode::Demonstration(sheet())).expect("in force")
}

/// A person of `age` completed years on `DAY`.
fn person(status: Status, age: i16, trigger: Trigger) -> Subject {
    Subject::new(status, date(DAY.year() - age, 6, 15), trigger)
}

fn codes(decision: &Decision) -> Vec<&str> {
    decision.missing.iter().map(|missing| missing.code.as_str()).collect()
}

fn is(decision: &Decision, duty: Duty, clause: &str) -> bool {
    (decision.decision, decision.clause.as_str()) == (duty, clause)
}
