//! The searches: many at once for the rates of error, and some alone, as a register would ask them, for their time.

use std::time::{Duration, Instant};

use rayon::prelude::*;
use tanba_finger::Prepared;
use tanba_formats::Finger;
use tanba_gallery::{Candidate, EntryId, Gallery, Outcome, Probe, SearchAnswer, SearchControl, SearchOptions};

use super::look::{Ranks, Sample};
use super::people::{People, coded};
use crate::cmd::synth::output::Interrupt;
use crate::console::Console;

/// Searches of each kind that run at once; between two such lots it is asked whether to stop.
const LOT: u64 = 32;
/// Evidence for strangers that is kept of each search, the strongest.
const KEPT: usize = 256;

/// A search for somebody who is enrolled.
#[derive(Clone, Default)]
pub(in super::super) struct Mated {
    /// Place of the person among all.
    pub(in super::super) place: u64,
    /// The evidence for them; absent where the first look left them out or they have no print.
    pub(in super::super) mate: Option<f64>,
    /// The same if everyone were compared in full.
    pub(in super::super) in_full: Option<f64>,
    /// Whether they came first.
    pub(in super::super) first: bool,
    pub(in super::super) ranks: Ranks,
}

/// What the searches came to.
#[derive(Default)]
pub(in super::super) struct Found {
    pub(in super::super) mated: Vec<Mated>,
    /// The strongest evidence for anybody, strongest first, in each search for somebody who is not enrolled.
    pub(in super::super) strangers: Vec<Vec<f64>>,
}

/// Searches that were asked one after another, alone, at a register's threshold.
#[derive(Default)]
pub(super) struct Timed {
    /// Sorted.
    pub(super) ms: Vec<f64>,
    /// Searches for people who are enrolled, and how many of these were widened; the same for people who are not.
    pub(super) widened: [(u64, u64); 2],
    /// People compared in full, all searches together.
    pub(super) weighed: u64,
}

impl Timed {
    /// Mean seconds of a search.
    pub(super) fn mean_s(&self) -> Option<f64> {
        let searches = self.ms.len();
        (searches > 0).then(|| self.ms.iter().sum::<f64>() / 1e3 / searches as f64)
    }
}

/// When to stop.
pub(super) struct Until<'a> {
    pub(super) interrupt: &'a Interrupt,
    pub(super) end: Instant,
}

impl Until<'_> {
    pub(super) fn over(&self) -> bool {
        self.interrupt.pressed() || Instant::now() >= self.end
    }
}

/// Whose searches: everyone who is enrolled has the first places, whoever comes after them is not.
pub(super) struct Searches<'a> {
    pub(super) people: &'a People,
    pub(super) gallery: &'a Gallery,
    pub(super) sample: &'a Sample,
    pub(super) enrolled: u64,
    pub(super) count: u64,
    /// Searches for people who are not enrolled: these at most.
    pub(super) strangers: u64,
    pub(super) options: SearchOptions,
}

impl Searches<'_> {
    /// Spread over everyone who is enrolled.
    fn place(&self, k: u64) -> u64 {
        k * self.enrolled / self.count
    }

    /// All of them, or as many as there is time for.
    pub(super) fn run(&self, until: &Until<'_>, console: &Console) -> anyhow::Result<Found> {
        let mut found = Found::default();
        let bar = console.progress(2 * self.count, "searching");
        let mut done = 0;
        while done < self.count && !until.over() {
            let lot = done..self.count.min(done + LOT);
            let of_lot = lot.clone().into_par_iter().map(|k| self.pair(k)).collect::<anyhow::Result<Vec<_>>>()?;
            for (mated, strangers) in of_lot {
                found.mated.push(mated);
                found.strangers.extend(strangers);
            }
            bar.inc(2 * (lot.end - lot.start));
            done = lot.end;
        }
        bar.finish_and_clear();
        Ok(found)
    }

    /// A search for somebody who is enrolled, and one for somebody who is not, as long as such are wanted.
    fn pair(&self, k: u64) -> anyhow::Result<(Mated, Option<Vec<f64>>)> {
        let place = self.place(k);
        let [probe, enrolled] = self.people.touches(place, [1, 0]).map(|touch| coded(&touch));
        let ranks = self.sample.ranks(&probe, &enrolled, Some(place));
        let probe = Probe { fingers: probe };
        let in_full = if comparable(&probe.fingers) {
            // As was said of the fingers: mates have not exchanged their hands here.
            let said = self.gallery.verify(EntryId(place.into()), &probe)?;
            said.iter().find(|verified| !verified.fingers.is_empty()).map(|verified| verified.log10_lr)
        } else {
            None
        };
        let answer = ask(self.gallery, probe.fingers, &self.options)?;
        let candidates = answer.as_ref().map_or(&[][..], candidates);
        let at = candidates.iter().position(|c| c.entry == EntryId(place.into()));
        let mate = at.map(|at| candidates[at].log10_lr);
        let mated = Mated { place, mate, in_full, first: at == Some(0), ranks };
        if k >= self.strangers {
            return Ok((mated, None));
        }
        let answer = ask(self.gallery, coded(&self.people.prints(self.enrolled + k, 1)), &self.options)?;
        Ok((mated, Some(strangers(answer.as_ref()))))
    }

    /// Some of them one after another, as a register would ask them.
    pub(super) fn timed(
        &self,
        each: u64,
        threshold: f64,
        pool: &rayon::ThreadPool,
        until: &Until<'_>,
        console: &Console,
    ) -> anyhow::Result<Timed> {
        let options = SearchOptions { threshold, limit: 10, ..self.options.clone() };
        let mut timed = Timed::default();
        let each = each.min(self.count);
        let bar = console.progress(2 * each, "timing");
        for n in 0..each {
            // At least one, so that there is a time to tell.
            if n > 0 && until.over() {
                break;
            }
            let k = n * self.count / each;
            let places = [(self.place(k), 1), (self.enrolled + k, 1)];
            for ((place, touch), widened) in places.into_iter().zip(&mut timed.widened) {
                let probe = coded(&self.people.prints(place, touch));
                let begun = Instant::now();
                let answer = pool.install(|| ask(self.gallery, probe, &options))?;
                let Some(answer) = answer else { continue };
                timed.ms.push(begun.elapsed().as_secs_f64() * 1e3);
                widened.0 += 1;
                widened.1 += u64::from(answer.coverage().widened);
                timed.weighed += answer.coverage().people_weighed;
            }
            bar.inc(2);
        }
        bar.finish_and_clear();
        timed.ms.sort_by(f64::total_cmp);
        Ok(timed)
    }
}

/// Whether there is anything to search with.
fn comparable(fingers: &[(Finger, Prepared)]) -> bool {
    fingers.iter().any(|(_, print)| print.comparable())
}

/// Asks; a probe with nothing to compare finds nobody.
pub(super) fn ask(
    gallery: &Gallery,
    fingers: Vec<(Finger, Prepared)>,
    options: &SearchOptions,
) -> anyhow::Result<Option<SearchAnswer>> {
    if !comparable(&fingers) {
        return Ok(None);
    }
    Ok(Some(gallery.search(&Probe { fingers }, options, &SearchControl::default())?))
}

/// Whoever reached the threshold.
pub(super) fn candidates(answer: &SearchAnswer) -> &[Candidate] {
    match answer.outcome() {
        Outcome::NoHit => &[],
        Outcome::Hits(found) => found,
        Outcome::Incomplete { so_far } => so_far,
    }
}

/// The strongest evidence of a search for somebody who is not enrolled.
pub(super) fn strangers(answer: Option<&SearchAnswer>) -> Vec<f64> {
    answer.map_or(&[][..], candidates).iter().take(KEPT).map(|c| c.log10_lr).collect()
}

/// Time that searches may take.
pub(super) fn minutes(minutes: f64) -> Duration {
    Duration::from_secs_f64((60.0 * minutes).clamp(0.0, 1e9))
}
