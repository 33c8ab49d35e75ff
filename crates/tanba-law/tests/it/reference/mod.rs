//! The slow obvious reference: reads a pack's canonical JSON word by word and shares no code with the engine.

mod evaluator;
mod subjects;
mod wrong;

use crate::zedland::{FACE, STRUCK, ZEDLAND};
use evaluator::{Answer, Law, evaluate};
use jiff::civil::Date;
use subjects::{Draw, Facts};
use tanba_law::{Basis, CheckError, Decision, Duty, Library, Mode, Pack, check};

/// Random subjects, shared out among the packs.
const SUBJECTS: u64 = 1_000_000;

/// What both evaluators must agree on.
fn said(result: Result<Decision, CheckError>) -> Answer {
    let decision = match result {
        Ok(decision) => decision,
        Err(CheckError::OutsideValidity { .. }) => return Answer::Refused("outside validity"),
        Err(CheckError::NotYetKnown { .. }) => return Answer::Refused("not yet known"),
        Err(CheckError::Struck { .. }) => return Answer::Refused("struck"),
        Err(CheckError::StartNotKnown { .. }) => return Answer::Refused("start not known"),
        Err(CheckError::BornInFuture) => return Answer::Refused("born later"),
        Err(CheckError::HistoryContradicts) => return Answer::Refused("history"),
    };
    let duty = match decision.decision {
        Duty::Must => "must",
        Duty::May => "may",
        Duty::MustNot => "must_not",
    };
    let mut missing: Vec<_> = decision.missing.into_iter().map(|item| item.code).collect();
    missing.sort();
    let mut reasons: Vec<_> = decision.reasons.into_iter().skip(1).map(|reason| reason.clause).collect();
    reasons.sort();
    Answer::Given {
        duty,
        clause: decision.clause,
        age: decision.age.map(u64::from),
        group: decision.group,
        missing,
        reasons,
        obligations: decision
            .obligations
            .into_iter()
            .map(|duty| (duty.code, duty.due.map(|day| day.to_string())))
            .collect(),
        consequences: decision
            .consequences
            .into_iter()
            .map(|step| (step.clause, step.possible_now, step.amount.and_then(|amount| amount.value)))
            .collect(),
    }
}

fn day((year, month, day): (i64, i64, i64)) -> Date {
    Date::new(year as i16, month as i8, day as i8).unwrap()
}

/// How many of the subjects of one pack got an answer, by duty: no category may be empty by accident.
fn compare(pack: &Pack, seed: u64, count: u64) -> [u64; 4] {
    let law = Law::of(pack);
    let mut draw = Draw::new(seed);
    let mut counts = [0; 4];
    for _ in 0..count {
        let facts = Facts::draw(&mut draw, &law);
        let real = said(check(pack, &facts.subject(), day(facts.as_of), facts.known_on.map(day), Mode::Production));
        let reference = evaluate(&law, &facts);
        assert_eq!(real, reference, "{}: {facts:?}", pack.id());
        counts[match reference {
            Answer::Refused(_) => 3,
            Answer::Given { duty: "must", .. } => 0,
            Answer::Given { duty: "may", .. } => 1,
            Answer::Given { .. } => 2,
        }] += 1;
    }
    counts
}

#[test]
fn control_a1_the_engine_agrees_with_the_slow_reference_on_a_million_subjects() {
    let embedded = Library::embedded().packs().iter();
    let packs: Vec<&Pack> = embedded.chain([&*ZEDLAND, &*FACE, &*STRUCK]).collect();
    let share = SUBJECTS / packs.len() as u64 + 1;
    std::thread::scope(|scope| {
        let running: Vec<_> = packs
            .iter()
            .zip(1..)
            .map(|(pack, seed)| scope.spawn(move || (*pack, compare(pack, seed, share))))
            .collect();
        for thread in running {
            let (pack, [must, may, must_not, refused]) = thread.join().expect("the comparison of a pack");
            // Whatever the pack can say is said to many: no category is empty by accident.
            let can = |basis| pack.rules().iter().any(|rule| rule.basis == basis);
            let holds = pack.in_force(pack.valid_from(), None).is_ok();
            for (count, expected) in [
                (must, holds && can(Basis::Mandatory)),
                (may, holds && can(Basis::Voluntary)),
                (must_not, holds),
                (refused, true),
            ] {
                let told = format!("{} {must} {may} {must_not} {refused}", pack.id());
                assert!(if expected { count > 20 } else { count == 0 }, "{told}");
            }
        }
    });
}
