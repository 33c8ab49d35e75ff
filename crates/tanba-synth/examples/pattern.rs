//! Cores, deltas and pattern class of the finger crate against the truth of synthetic prints, by preset.
//!
//! `cargo run -p tanba-synth --example pattern -- [FINGERS] [PRESET ...]`: fingers of the five classes in turn, one touch of each.

use std::collections::BTreeMap;

use tanba_finger::{ExtractParams, Mask, Pattern, PatternClass as Found, Stage, StageData, extract};
use tanba_formats::Finger;
use tanba_synth::{FingerSpec, Impression, ImpressionPreset, MasterFinger, PatternClass, RidgeMethod};

/// A found point is the true one when it is this near, pixels: about three ridges.
const NEAR: f32 = 28.0;
/// A true point counts as shown when the print is readable this far from it, pixels.
const MARGIN: f32 = 20.0;

/// Seed of the first finger: the weights of the class were fitted on those below 1000.
const FIRST_SEED: u64 = 50_000;

type Points = Vec<(f32, f32)>;

#[derive(Default)]
struct Tally {
    shown: usize,
    recalled: usize,
    found: usize,
    right: usize,
    away: Vec<f32>,
}

impl Tally {
    fn add(&mut self, truth: &Points, shown: impl Fn((f32, f32)) -> bool, found: &Points) {
        let nearest = |p: (f32, f32), all: &Points| {
            all.iter().map(|q| (p.0 - q.0).hypot(p.1 - q.1)).fold(f32::INFINITY, f32::min)
        };
        for &p in truth.iter().filter(|p| shown(**p)) {
            self.shown += 1;
            let away = nearest(p, found);
            if away < NEAR {
                self.recalled += 1;
                self.away.push(away);
            }
        }
        self.found += found.len();
        self.right += found.iter().filter(|p| nearest(**p, truth) < NEAR).count();
    }

    fn show(&mut self) -> String {
        self.away.sort_by(f32::total_cmp);
        let median = self.away.get(self.away.len() / 2).copied().unwrap_or(f32::NAN);
        let share = |a: usize, b: usize| 100.0 * a as f32 / b.max(1) as f32;
        format!(
            "shown {:3} found {:5.1} % of them, {:5.1} % of the found are true, median {median:4.1} px",
            self.shown,
            share(self.recalled, self.shown),
            share(self.right, self.found)
        )
    }
}

fn agree(found: Found, truth: PatternClass) -> bool {
    found.name() == truth.name()
}

fn look(print: &Impression) -> Option<(Pattern, Mask)> {
    let (mut pattern, mut readable) = (None, None);
    let template = extract(&print.image, &ExtractParams::default(), &mut |stage: Stage<'_>| match stage.data {
        StageData::Pattern(p) => pattern = Some(p.clone()),
        StageData::Mask(mask) if stage.name == "readable" => readable = Some(mask.clone()),
        _ => {}
    });
    template.ok().and(pattern.zip(readable))
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let fingers: u64 = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(50);
    let mut presets: Vec<ImpressionPreset> = arguments.filter_map(|name| ImpressionPreset::from_name(&name)).collect();
    if presets.is_empty() {
        presets = ImpressionPreset::ALL.to_vec();
    }
    let masters: Vec<MasterFinger> = (0..fingers)
        .map(|seed| {
            let class = PatternClass::ALL[seed as usize % PatternClass::ALL.len()];
            let finger = Finger::TEN[(seed as usize / PatternClass::ALL.len()) % Finger::TEN.len()];
            MasterFinger::with_method(FIRST_SEED + seed, FingerSpec::of(finger).with_class(class), RidgeMethod::Phase)
        })
        .collect();
    for preset in presets {
        let (mut cores, mut deltas) = (Tally::default(), Tally::default());
        let mut confusion: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
        let (mut shown, mut told, mut right, mut all_told, mut all_right) = (0, 0, 0, 0, 0);
        for (seed, master) in masters.iter().enumerate() {
            let print = master.touch(preset, FIRST_SEED + seed as u64);
            let Some((pattern, readable)) = look(&print) else { continue };
            let scale = (500.0 / print.image.ppi().get()) as f32;
            let scaled = |points: &Points| -> Points { points.iter().map(|p| (p.0 * scale, p.1 * scale)).collect() };
            let reads = |p: (f32, f32)| {
                [(0.0, 0.0), (MARGIN, 0.0), (-MARGIN, 0.0), (0.0, MARGIN), (0.0, -MARGIN)]
                    .iter()
                    .all(|(u, v)| readable.at((p.0 + u) as isize, (p.1 + v) as isize))
            };
            let (true_cores, true_deltas) = (scaled(&print.cores), scaled(&print.deltas));
            cores.add(&true_cores, reads, &pattern.cores.iter().map(|c| (c.x, c.y)).collect());
            deltas.add(&true_deltas, reads, &pattern.deltas.iter().map(|d| (d.x, d.y)).collect());
            let is_told = pattern.class != Found::Unknown;
            let is_right = agree(pattern.class, print.class);
            all_told += usize::from(is_told);
            all_right += usize::from(is_right);
            // The class can be seen where all cores are, and of a tented arch the delta.
            let needed = if print.class == PatternClass::TentedArch { true_deltas.clone() } else { Vec::new() };
            if true_cores.iter().chain(&needed).all(|p| reads(*p)) {
                shown += 1;
                told += usize::from(is_told);
                right += usize::from(is_right);
                *confusion.entry(print.class.name()).or_default().entry(pattern.class.name()).or_default() += 1;
            }
            if std::env::var_os("ROWS").is_some() {
                let list = |p: Points| p.iter().map(|p| format!("{:.0},{:.0}", p.0, p.1)).collect::<Vec<_>>().join(" ");
                println!(
                    "row {} {seed} {} {} {:.2} cores [{}] true [{}] deltas [{}] true [{}]",
                    preset.name(),
                    print.class.name(),
                    pattern.class.name(),
                    pattern.confidence,
                    pattern.cores.iter().map(|c| format!("{:.0},{:.0},{:.2}", c.x, c.y, c.confidence)).collect::<Vec<_>>().join(" "),
                    list(true_cores),
                    pattern.deltas.iter().map(|c| format!("{:.0},{:.0},{:.2}", c.x, c.y, c.confidence)).collect::<Vec<_>>().join(" "),
                    list(true_deltas),
                );
            }
        }
        println!("{}", preset.name());
        println!("  cores  {}", cores.show());
        println!("  deltas {}", deltas.show());
        println!(
            "  class  shown {shown}: told {told}, of these right {right} ({:.1} %); of all prints told {all_told}, right {all_right} ({:.1} %)",
            100.0 * right as f32 / told.max(1) as f32,
            100.0 * all_right as f32 / all_told.max(1) as f32
        );
        for (truth, found) in &confusion {
            println!("    {truth:12} {found:?}");
        }
    }
}
