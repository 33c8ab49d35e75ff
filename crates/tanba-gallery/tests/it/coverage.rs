//! An answer with gaps never reads as "no hit".

use crate::people::*;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use tanba_formats::Finger;
use tanba_gallery::{
    Outcome, Population, Probe, Progress, SearchControl, SearchOptions, Shard, ShardAnswer, ShardFailure, search_shards,
};

/// A shard of 10 people that does what it is told.
enum Injected {
    Answers,
    Fails(ShardFailure),
    Panics,
}

impl Shard for Injected {
    fn people(&self, _: &BTreeSet<Population>) -> u64 {
        10
    }

    fn search(
        &self,
        _: u64,
        _: &Probe,
        _: &SearchOptions,
        _: &SearchControl<'_>,
        _: &(dyn Fn(u64) + Sync),
    ) -> Result<ShardAnswer, ShardFailure> {
        match self {
            Self::Answers => Ok(ShardAnswer { people_compared: 10, ..ShardAnswer::default() }),
            Self::Fails(why) => Err(*why),
            Self::Panics => panic!("injected"),
        }
    }
}

fn ask(shards: &[&dyn Shard]) -> tanba_gallery::SearchAnswer {
    let probe = probe_of(1, &[Finger::RightIndex]);
    search_shards(shards, 5, &probe, &options(&[CIVIL]), &SearchControl::default()).unwrap()
}

#[test]
fn one_failing_shard_makes_the_answer_incomplete() {
    assert_eq!(ask(&[&Injected::Answers, &Injected::Answers]).outcome(), Outcome::NoHit);
    for failing in [Injected::Fails(ShardFailure::Failed), Injected::Panics] {
        let answer = ask(&[&Injected::Answers, &failing, &Injected::Answers]);
        assert_eq!(answer.outcome(), Outcome::Incomplete { so_far: &[] });
        let coverage = answer.coverage();
        assert!(!coverage.complete());
        assert_eq!((coverage.shards_expected, coverage.shards_answered, coverage.people_compared), (3, 2, 20));
        assert_eq!(coverage.failures, [ShardFailure::Failed]);
    }
}

#[test]
fn a_shard_at_another_version_is_a_gap() {
    let failure = ShardFailure::OtherVersion { wanted: 5, found: 4 };
    assert!(matches!(ask(&[&Injected::Fails(failure)]).outcome(), Outcome::Incomplete { .. }));
}

#[test]
fn a_cancelled_search_is_incomplete_even_where_it_found_someone() {
    let gallery = gallery(30);
    let probe = probe_of(3, &[Finger::RightIndex]);
    let cancel = AtomicBool::new(false);
    // Stops itself as soon as anything was done.
    let stop = |_: Progress| cancel.store(true, Ordering::Relaxed);
    let control = SearchControl { cancel: Some(&cancel), progress: Some(&stop) };
    let answer = gallery.search(&probe, &options(&[CIVIL]), &control).unwrap();
    assert!(matches!(answer.outcome(), Outcome::Incomplete { .. }));
    assert!(answer.coverage().failures.contains(&ShardFailure::Cancelled));
}

#[test]
fn progress_ends_with_everyone_done() {
    let gallery = gallery(30);
    let told = Mutex::new(Vec::new());
    let tell = |p: Progress| told.lock().unwrap().push(p);
    let control = SearchControl { cancel: None, progress: Some(&tell) };
    gallery.search(&probe_of(3, &[Finger::RightIndex]), &options(&[CIVIL, CRIMINAL]), &control).unwrap();
    let most = told.lock().unwrap().iter().map(|p| p.done).max();
    assert_eq!(most, Some(30));
}
