//! `tanba bench persons`: what the evidence of a whole person is worth. Fingers of one person are not independent, so their sum is held
//! against what is seen: how often people of one kind and the other reach it. Synthetic, without ridges.

use std::fmt::Write as _;

use clap::Args;
use rayon::prelude::*;
use serde_json::json;
use tanba_finger::{Prepared, Scratch};
use tanba_formats::Finger;
use tanba_gallery::{Probe, evidence_of};
use tanba_synth::ImpressionPreset;

use super::identify::{People, coded};
use crate::cmd::synth::output::Interrupt;
use crate::cmd::synth::parse_preset;
use crate::console::Console;

/// Ends of the rows in which evidence is told.
const ROWS: [f64; 10] = [-4.0, -2.0, -1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0];

/// Options of `tanba bench persons`.
#[derive(Args)]
pub(crate) struct Persons {
    /// People; each is held against each other and against another touch of the own hands.
    #[arg(long, default_value_t = 1500, value_parser = clap::value_parser!(u64).range(20..=20_000))]
    people: u64,
    /// Fingers of each: the index fingers first.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=10))]
    fingers: u64,
    /// Which people.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How impressions are taken.
    #[arg(long, value_parser = parse_preset, default_value = "fvc-like")]
    preset: ImpressionPreset,
}

impl Persons {
    /// Measures.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let interrupt = Interrupt::listen();
        let people = People::new(self.seed, self.people, self.fingers as usize, self.preset);
        let bar = console.progress(self.people, "holding people against each other");
        let hands = |place: u64, touch: u32| coded(&people.prints(place, touch));
        let enrolled: Vec<Vec<(Finger, Prepared)>> =
            (0..self.people).into_par_iter().map(|place| hands(place, 0)).collect();
        let of_one = |place: u64, scratch: &mut Scratch| -> anyhow::Result<(Option<f64>, Vec<f64>)> {
            interrupt.check()?;
            let probe = Probe { fingers: hands(place, 1) };
            let all = self.fingers as usize;
            let mut against = |other: u64| {
                let theirs = &enrolled[other as usize];
                // Whoever lacks a finger has less to say, and would be of another kind.
                let whole = probe.fingers.len() == all && theirs.len() == all;
                whole.then(|| evidence_of(&probe, theirs, scratch))
            };
            let mated = against(place);
            let others = (place + 1..self.people).filter_map(&mut against).collect();
            bar.inc(1);
            Ok((mated, others))
        };
        let found: Vec<(Option<f64>, Vec<f64>)> = (0..self.people)
            .into_par_iter()
            .map_init(Scratch::default, |s, place| of_one(place, s))
            .collect::<anyhow::Result<_>>()?;
        bar.finish_and_clear();
        let mated: Vec<f64> = found.iter().filter_map(|(mated, _)| *mated).collect();
        let others: Vec<f64> = found.into_iter().flat_map(|(_, others)| others).collect();
        self.tell(console, &mated, &others);
        Ok(())
    }

    fn tell(&self, console: &Console, mated: &[f64], others: &[f64]) {
        let most = others.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let least = mated.iter().copied().fold(f64::INFINITY, f64::min);
        // Rule of 3: what was never seen in n is rarer than 3/n.
        let claims = (-(mated.len() as f64 / 3.0).log10(), (others.len() as f64 / 3.0).log10());
        let mut text = format!(
            "synthetic ({}): {} touches of the same {} fingers, the least evidence {least:.2}; {} pairs of different people, the most {most:.2}\n\
             so no more may be claimed than {:.2}, and no less than {:.2}\n\
             evidence summed      same people   different people   log10 LR seen",
            self.preset.name(),
            mated.len(),
            self.fingers,
            others.len(),
            claims.1,
            claims.0,
        );
        let mut rows = Vec::new();
        for at in 0..=ROWS.len() {
            let low = at.checked_sub(1).map_or(f64::NEG_INFINITY, |at| ROWS[at]);
            let high = ROWS.get(at).copied().unwrap_or(f64::INFINITY);
            let within = |of: &[f64]| of.iter().filter(|lr| (low..high).contains(*lr)).count();
            let (same, different) = (within(mated), within(others));
            let share = |n: usize, of: usize| n as f64 / of.max(1) as f64;
            let seen = (same > 0 && different > 0)
                .then(|| (share(same, mated.len()) / share(different, others.len())).log10());
            // Writing to a string cannot fail.
            let _ = write!(
                text,
                "\n{low:>6.1} to {high:>5.1}   {same:>14} {different:>18}   {}",
                seen.map_or_else(|| "-".to_owned(), |lr| format!("{lr:.2}"))
            );
            rows.push(json!({ "from": number(low), "to": number(high), "same": same, "different": different, "log10_lr_seen": seen }));
        }
        let answer = json!({
            "synthetic": true,
            "preset": self.preset.name(),
            "seed": self.seed,
            "fingers": self.fingers,
            "mated": mated.len(),
            "different": others.len(),
            "most_of_different": number(most),
            "least_of_mated": number(least),
            "claims": [claims.0, claims.1],
            "rows": rows,
        });
        console.answer(&answer, text);
    }
}

/// JSON has no infinity.
fn number(v: f64) -> Option<f64> {
    v.is_finite().then_some(v)
}
