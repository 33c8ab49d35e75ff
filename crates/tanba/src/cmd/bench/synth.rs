//! `tanba bench synth`: how fast people of nobody are made.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::{Map, json};
use tanba_formats::Finger;
use tanba_formats::image::encode_png_fast;
use tanba_synth::genetics::{AlleleTable, Diploid, ProfilePopulation};
use tanba_synth::{FingerSpec, ImpressionPreset, MasterFinger, Population, RidgeMethod, TemplateFinger};

use crate::cmd::synth::parse_preset;
use crate::console::Console;

/// The day at which ages are reckoned: a fixed one, as everywhere in the synthesis.
const AS_OF: (i16, u8, u8) = (2026, 1, 1);
/// Fingers that are touched again and again where the finger itself is not measured.
const FINGERS: u64 = 8;

/// Options of `tanba bench synth`.
#[derive(Args)]
pub(crate) struct Synth {
    /// Seconds for each figure.
    #[arg(long, default_value_t = 3.0, value_parser = seconds)]
    seconds: f64,
    /// What is made; the figures hardly depend on it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1024))]
    threads: u32,
    /// How impressions are taken.
    #[arg(long, value_parser = parse_preset, default_value = "fvc-like")]
    preset: ImpressionPreset,
}

fn seconds(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|s| (0.01..=3600.0).contains(s))
        .ok_or_else(|| "give seconds from 0.01 to 3600, such as 3".to_owned())
}

/// One figure: its key, whether it is given for one core, what is counted, and how item number `k` is made.
struct Figure<'a> {
    key: &'static str,
    per_core: bool,
    what: &'static str,
    make: Box<dyn Fn(u64) + Sync + 'a>,
}

impl<'a> Figure<'a> {
    fn new(key: &'static str, per_core: bool, what: &'static str, make: impl Fn(u64) + Sync + 'a) -> Self {
        Self { key, per_core, what, make: Box::new(make) }
    }
}

impl Synth {
    /// Measures.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let preset = self.preset;
        let seed = |k: u64| self.seed.wrapping_mul(1_000_000).wrapping_add(k);
        let spec = |k: u64| FingerSpec::of(Finger::TEN[(k % 10) as usize]);
        let master = |k: u64, method| MasterFinger::with_method(seed(k), spec(k), method);
        let impression = |k: u64, method| {
            std::hint::black_box(encode_png_fast(&master(k, method).touch(preset, seed(k)).image));
        };
        let masters: Vec<MasterFinger> = (0..FINGERS).map(|k| master(k, RidgeMethod::Phase)).collect();
        let fingers: Vec<TemplateFinger> = (0..FINGERS).map(|k| TemplateFinger::from_seed(seed(k), spec(k))).collect();
        let of_eight = |k: u64| (k % FINGERS) as usize;
        let people = Population::new(self.seed, u64::MAX, AS_OF);
        let profiles = ProfilePopulation::new(AlleleTable::illustration(), self.seed, 0.0, 1)?;

        let figures = [
            Figure::new("phase_masters_per_s_per_core", true, "fingers by phase", |k| {
                std::hint::black_box(master(k, RidgeMethod::Phase));
            }),
            Figure::new("growth_masters_per_s_per_core", true, "fingers grown", |k| {
                std::hint::black_box(master(k, RidgeMethod::Growth));
            }),
            Figure::new(
                "phase_impressions_per_s_per_core",
                true,
                "impressions as PNG, each of a finger by phase",
                |k| {
                    impression(k, RidgeMethod::Phase);
                },
            ),
            Figure::new("growth_impressions_per_s_per_core", true, "impressions as PNG, each of a finger grown", |k| {
                impression(k, RidgeMethod::Growth);
            }),
            Figure::new("further_impressions_per_s_per_core", true, "further impressions of a finger, as PNG", |k| {
                std::hint::black_box(encode_png_fast(&masters[of_eight(k)].touch(preset, seed(k)).image));
            }),
            Figure::new("touches_per_s_per_core", true, "further impressions of a finger, without PNG", |k| {
                std::hint::black_box(masters[of_eight(k)].touch(preset, seed(k)));
            }),
            Figure::new("templates_per_s_per_core", true, "templates, each of another finger", |k| {
                std::hint::black_box(TemplateFinger::from_seed(seed(k), spec(k)).touch(preset, seed(k)));
            }),
            Figure::new("further_templates_per_s_per_core", true, "further templates of a finger", |k| {
                std::hint::black_box(fingers[of_eight(k)].touch(preset, seed(k)));
            }),
            Figure::new("people_per_s", false, "people", |k| {
                std::hint::black_box(people.person(k));
            }),
            Figure::new("profiles_per_s", false, "DNA profiles of 20 loci", |k| {
                // A whole row at once: memory is used again, as where many are made.
                let mut profile = Diploid::empty();
                for i in 0..PROFILES_AT_ONCE {
                    profiles.draw_into(k * PROFILES_AT_ONCE + i, &mut profile);
                    std::hint::black_box(&profile);
                }
            }),
        ];

        let bar = console.progress(figures.len() as u64, "measuring");
        let mut keys = Map::new();
        let mut lines = String::new();
        for figure in &figures {
            let mut rate = self.rate(&figure.make);
            if figure.key == "profiles_per_s" {
                rate *= PROFILES_AT_ONCE as f64;
            }
            if figure.per_core {
                rate /= f64::from(self.threads);
            }
            let of = if figure.per_core { "a second and core" } else { "a second" };
            lines += &format!("\n{rate:12.1} {of:18} {}", figure.what);
            keys.insert(figure.key.to_owned(), json!(rate));
            bar.inc(1);
        }
        bar.finish_and_clear();
        keys.insert("threads".to_owned(), json!(self.threads));
        keys.insert("seconds".to_owned(), json!(self.seconds));
        keys.insert("seed".to_owned(), json!(self.seed));
        keys.insert("preset".to_owned(), json!(preset.name()));
        console.answer(
            &json!(keys),
            format_args!(
                "{} threads, {} seconds for each figure, preset {}:{lines}",
                self.threads,
                self.seconds,
                preset.name()
            ),
        );
        Ok(())
    }

    /// Items a second on all threads together, by the clock on the wall.
    fn rate(&self, make: &(dyn Fn(u64) + Sync)) -> f64 {
        let next = AtomicU64::new(0);
        let limit = Duration::from_secs_f64(self.seconds);
        // The first ones fill tables that are made once.
        make(0);
        let begun = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..self.threads {
                scope.spawn(|| {
                    // At least one each: a thread can begin later than a short time ends.
                    loop {
                        make(next.fetch_add(1, Ordering::Relaxed));
                        if begun.elapsed() >= limit {
                            break;
                        }
                    }
                });
            }
        });
        next.into_inner() as f64 / begun.elapsed().as_secs_f64()
    }
}

/// Profiles made between two looks at the clock.
const PROFILES_AT_ONCE: u64 = 64;
