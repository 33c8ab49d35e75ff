//! Refusals: one step at a time, never by itself.

use crate::{pack, sheet};
use jiff::civil::{Date, date};
use tanba_law::{
    CheckError, ConsequenceKind, Mode, RefusalAnswer, RefusalEvent, RefusalHistory, RefusalKind, RefusalState, Status,
    Trigger, refusal_step,
};

fn day(n: i8) -> Date {
    date(2026, 3, n)
}

fn ask(trigger: Trigger, events: Vec<RefusalKind>) -> Result<RefusalAnswer, CheckError> {
    let events = events.into_iter().zip(1..).map(|(kind, n)| RefusalEvent { on: day(n), kind }).collect();
    let history = RefusalHistory { status: Status::Citizen, trigger, obliged: true, events };
    refusal_step(pack("kz-2016-as-enacted"), &history, date(2026, 4, 1), Mode::Demonstration(sheet()))
}

fn state(events: Vec<RefusalKind>) -> Result<RefusalState, CheckError> {
    ask(Trigger::IdentityCard, events).map(|answer| answer.state)
}

fn decided(step: &str) -> RefusalKind {
    RefusalKind::Decided { step: step.to_owned() }
}

fn fulfilled(step: &str) -> RefusalKind {
    RefusalKind::Fulfilled { step: step.to_owned() }
}

#[test]
fn the_document_can_be_denied_only_after_the_fine_was_paid_and_a_second_refusal() {
    use RefusalKind::Refused;
    assert_eq!(state(vec![]), Ok(RefusalState::NoRefusal));
    let first = ask(Trigger::IdentityCard, vec![Refused]).unwrap();
    assert_eq!((first.state, first.clause.as_str()), (RefusalState::MayDecide, "refusal-fine"));
    let fine = first.step.unwrap();
    assert_eq!((fine.kind, fine.automatic, fine.possible_now), (ConsequenceKind::Fine, false, true));
    assert_eq!(fine.amount.unwrap().value, Some(21_625));
    assert!(first.interim_document);

    // Unpaid: no further step, however often the person refuses.
    let unpaid = vec![Refused, decided("refusal-fine"), Refused, Refused, Refused];
    assert_eq!(state(unpaid.clone()), Ok(RefusalState::AwaitingFulfilment));
    let denial_too_early = unpaid.into_iter().chain([decided("refusal-document")]).collect();
    assert_eq!(state(denial_too_early), Err(CheckError::HistoryContradicts));

    // Paid, and the earlier refusals do not count again.
    let paid = vec![Refused, decided("refusal-fine"), Refused, fulfilled("refusal-fine")];
    assert_eq!(state(paid.clone()), Ok(RefusalState::AwaitingRefusal));
    let denial_without_refusal = paid.clone().into_iter().chain([decided("refusal-document")]).collect();
    assert_eq!(state(denial_without_refusal), Err(CheckError::HistoryContradicts));

    let again: Vec<_> = paid.into_iter().chain([Refused]).collect();
    let second = ask(Trigger::IdentityCard, again.clone()).unwrap();
    assert_eq!((second.state, second.step.unwrap().kind), (RefusalState::MayDecide, ConsequenceKind::DenyDocument));
    let denied: Vec<_> = again.into_iter().chain([decided("refusal-document")]).collect();
    let last = ask(Trigger::IdentityCard, denied).unwrap();
    assert_eq!((last.state, last.interim_document), (RefusalState::Exhausted, false));
}

#[test]
fn an_appeal_suspends_and_a_revoked_fine_starts_over() {
    use RefusalKind::{AppealDismissed, AppealOpened, Complied, Refused};
    let fined = [Refused, decided("refusal-fine")];
    let with = |more: Vec<RefusalKind>| state(fined.iter().cloned().chain(more).collect());
    assert_eq!(with(vec![AppealOpened]), Ok(RefusalState::Suspended));
    assert_eq!(with(vec![AppealOpened, AppealDismissed]), Ok(RefusalState::AwaitingFulfilment));
    let revoked = RefusalKind::Revoked { step: "refusal-fine".to_owned() };
    assert_eq!(with(vec![AppealOpened, revoked.clone()]), Ok(RefusalState::AwaitingRefusal));
    assert_eq!(with(vec![revoked, Refused]), Ok(RefusalState::MayDecide));
    assert_eq!(with(vec![Complied]), Ok(RefusalState::Closed));
    assert_eq!(state(vec![Refused, AppealOpened, decided("refusal-fine")]), Err(CheckError::HistoryContradicts));
}

#[test]
fn where_there_is_no_duty_or_no_document_nothing_more_can_follow() {
    let history = RefusalHistory {
        status: Status::Citizen,
        trigger: Trigger::Passport,
        obliged: false,
        events: vec![RefusalEvent { on: day(1), kind: RefusalKind::Refused }],
    };
    let answer = |id| refusal_step(pack(id), &history, date(2026, 4, 1), Mode::Production).unwrap();
    assert_eq!(answer("kz-2016-as-enacted").state, RefusalState::NoDuty);
    let obliged = RefusalHistory { obliged: true, ..history.clone() };
    let unknown = refusal_step(pack("kz-genomic-2021"), &obliged, date(2026, 4, 1), Mode::Production).unwrap();
    assert_eq!((unknown.state, unknown.step), (RefusalState::NotKnown, None));
    let worker = vec![RefusalKind::Refused, decided("refusal-fine"), fulfilled("refusal-fine"), RefusalKind::Refused];
    assert_eq!(ask(Trigger::DomesticWorkerPermit, worker).unwrap().state, RefusalState::Exhausted);
}

#[test]
fn a_history_out_of_order_or_from_the_future_is_refused() {
    let refused = |on| RefusalEvent { on, kind: RefusalKind::Refused };
    let ask = |events| {
        let history = RefusalHistory { status: Status::Citizen, trigger: Trigger::Passport, obliged: true, events };
        refusal_step(pack("kz-2016-as-enacted"), &history, day(10), Mode::Production)
    };
    assert_eq!(ask(vec![refused(day(2)), refused(day(1))]), Err(CheckError::HistoryContradicts));
    assert_eq!(ask(vec![refused(day(11))]), Err(CheckError::HistoryContradicts));
    assert!(ask(vec![refused(day(10))]).is_ok());
}
