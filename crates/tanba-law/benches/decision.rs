//! How long one decision takes: `cargo bench -p tanba-law`.

use divan::{Bencher, black_box};
use jiff::civil::{Date, date};
use tanba_law::{Library, Mode, Pack, RetentionKind, RetentionRecord, Status, Subject, Trigger, check, retention};

const DAY: Date = date(2026, 6, 15);

fn main() {
    divan::main();
}

fn pack(id: &str) -> &'static Pack {
    Library::embedded().pack(id).expect("an embedded pack")
}

/// Must, with two consequences and their sums: the longest answer that a pack gives.
#[divan::bench]
fn citizen_who_refused(bencher: Bencher) {
    let (pack, subject) =
        (pack("kz-2016-as-enacted"), Subject::new(Status::Citizen, date(1990, 1, 1), Trigger::Passport));
    let subject = Subject { prior_refusals: 1, ..subject };
    bencher.bench(|| check(black_box(pack), black_box(&subject), DAY, None, Mode::Production));
}

/// May, with what is missing.
#[divan::bench]
fn minor_without_guardian(bencher: Bencher) {
    let (pack, subject) =
        (pack("kz-2024-in-force"), Subject::new(Status::Citizen, date(2012, 2, 29), Trigger::Passport));
    bencher.bench(|| check(black_box(pack), black_box(&subject), DAY, None, Mode::Production));
}

/// Must not, where no rule speaks: every rule was tried.
#[divan::bench]
fn nobody_meant(bencher: Bencher) {
    let (pack, subject) =
        (pack("kz-2024-in-force"), Subject::new(Status::Refugee, date(1990, 1, 1), Trigger::BorderExit));
    bencher.bench(|| check(black_box(pack), black_box(&subject), DAY, None, Mode::Production));
}

/// How long a genomic profile is kept.
#[divan::bench]
fn retention_of_a_profile(bencher: Bencher) {
    let (pack, record) =
        (pack("kz-genomic-2021"), RetentionRecord::collected(RetentionKind::Profile, "convicted", date(2024, 2, 29)));
    bencher.bench(|| retention(black_box(pack), black_box(&record), DAY, Mode::Production));
}
