//! `tanba bench persons`: what the evidence of a whole person is worth. Fingers of one person are not independent, so their sum is held
//! against what is seen: how often people of one kind and the other reach it, and which threshold so many people take. Synthetic.

use std::fmt::Write as _;

use clap::Args;
use rayon::prelude::*;
use serde_json::json;
use tanba_finger::{Prepared, Scratch};
use tanba_formats::Finger;
use tanba_gallery::{Probe, evidence_of};
use tanba_synth::ImpressionPreset;

use super::identify::{Found, Made, Mated, People, Projection, coded};
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
    /// Whether images are made, or templates without ridges.
    #[arg(long, value_enum, default_value_t = Made::Templates)]
    made: Made,
    /// Hold hands against each other as if the operator may have exchanged them.
    #[arg(long)]
    exchanged: bool,
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
        let people = People::new(self.seed, self.people, self.fingers as usize, self.preset, self.made);
        let bar = console.progress(self.people, "making prints");
        type Hand = Vec<(Finger, Prepared)>;
        let hands: Vec<[Hand; 2]> = (0..self.people)
            .into_par_iter()
            .map(|place| {
                interrupt.check()?;
                let made = people.touches(place, [0, 1]).map(|touch| coded(&touch));
                bar.inc(1);
                Ok(made)
            })
            .collect::<anyhow::Result<_>>()?;
        bar.finish_and_clear();
        // Whoever lacks a finger has less to say, and would be of another kind.
        let whole: Vec<(u64, Hand, Probe)> = (0..)
            .zip(hands)
            .filter(|(_, hands)| hands.iter().all(|hand| hand.len() == self.fingers as usize))
            .map(|(place, [enrolled, fingers])| (place, enrolled, Probe { fingers }))
            .collect();
        let bar = console.progress(whole.len() as u64, "holding people against each other");
        let of_one = |at: usize, scratch: &mut Scratch| -> anyhow::Result<(Mated, Vec<f64>)> {
            interrupt.check()?;
            let (place, _, probe) = &whole[at];
            let mut against = |other: usize| evidence_of(probe, &whole[other].1, self.exchanged, scratch);
            let mate = against(at);
            let mut others: Vec<f64> = (0..whole.len()).filter(|other| *other != at).map(&mut against).collect();
            others.sort_by(|a, b| b.total_cmp(a));
            bar.inc(1);
            let first = others.first().is_none_or(|most| mate > *most);
            Ok((Mated { place: *place, mate: Some(mate), first, ..Mated::default() }, others))
        };
        let found: Vec<(Mated, Vec<f64>)> = (0..whole.len())
            .into_par_iter()
            .map_init(Scratch::default, |s, at| of_one(at, s))
            .collect::<anyhow::Result<_>>()?;
        bar.finish_and_clear();
        let (mated, strangers) = found.into_iter().unzip();
        self.tell(console, &Found { mated, strangers });
        Ok(())
    }

    fn tell(&self, console: &Console, found: &Found) {
        let mated: Vec<f64> = found.mated.iter().filter_map(|mated| mated.mate).collect();
        let others: Vec<f64> = found.strangers.iter().flatten().copied().collect();
        let most = others.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let least = mated.iter().copied().fold(f64::INFINITY, f64::min);
        // Rule of 3: what was never seen in n is rarer than 3/n.
        let claims = (-(mated.len() as f64 / 3.0).log10(), (others.len() as f64 / 3.0).log10());
        let mut text = format!(
            "synthetic ({}, {}): {} touches of the same {} fingers, the least evidence {least:.2}; {} pairs of different people, the most {most:.2}\n\
             so no more may be claimed than {:.2}, and no less than {:.2}\n\
             evidence summed      same people   different people   log10 LR seen",
            self.preset.name(),
            self.made.words(),
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
            let (same, different) = (within(&mated), within(&others));
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
        let projection = Projection::of(found, (found.mated.len() as u64).saturating_sub(1));
        for line in projection.lines() {
            let _ = write!(text, "\n{line}");
        }
        let answer = json!({
            "synthetic": true,
            "made": self.made.words(),
            "exchanged": self.exchanged,
            "preset": self.preset.name(),
            "seed": self.seed,
            "fingers": self.fingers,
            "mated": mated.len(),
            "different": others.len(),
            "most_of_different": number(most),
            "least_of_mated": number(least),
            "claims": [claims.0, claims.1],
            "rows": rows,
            "projection": projection.to_json(None),
        });
        console.answer(&answer, text);
    }
}

/// JSON has no infinity.
fn number(v: f64) -> Option<f64> {
    v.is_finite().then_some(v)
}
