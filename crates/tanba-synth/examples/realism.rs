//! How real do the prints look to the project's own extractor and matcher? Prints figures for synthetic fingers and, for comparison,
//! for folders of real images named `<finger>_<impression>.<ext>`:
//! `cargo run --release -p tanba-synth --example realism -- FINGERS IMPRESSIONS PRESET SEED [DIR...]`.

use std::io::Write;
use std::time::Instant;

use tanba_finger::evaluate::{Impostors, ImpressionSet, ScoreMatrix, Trials};
use tanba_finger::{ExtractParams, MinutiaKind, NoSink, Prepared, Scratch, Template, extract, score_only};
use tanba_formats::image::{ReadOptions, read};
use tanba_formats::{Finger, Gray8};
use tanba_synth::{
    FingerSpec, FingerState, Impression, ImpressionPreset, MasterFinger, Population, RidgeMethod, TemplateFinger,
};

/// A found minutia is true when a true one is this near, pixels and radians.
const NEAR: f32 = 9.0;
const ALIGNED: f32 = std::f32::consts::FRAC_PI_6;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize, default: u64| arguments.get(i).and_then(|a| a.parse().ok()).unwrap_or(default);
    let (fingers, impressions, seed) = (number(0, 30), number(1, 4), number(3, 1));
    let preset = arguments.get(2).and_then(|n| ImpressionPreset::from_name(n)).unwrap_or(ImpressionPreset::FvcLike);
    let method = if std::env::var_os("PHASE").is_some() { RidgeMethod::Phase } else { RidgeMethod::Growth };
    let mut out = std::io::stdout().lock();

    let mut names = Vec::new();
    let mut templates = Vec::new();
    let mut truths = Vec::new();
    let mut hits = Hits::default();
    let (mut master_ms, mut impression_ms) = (0.0, 0.0);
    for f in 0..fingers {
        let start = Instant::now();
        let master =
            MasterFinger::with_method(seed * 100_000 + f, FingerSpec::of(Finger::TEN[f as usize % 10]), method);
        master_ms += start.elapsed().as_secs_f64() * 1e3 / fingers as f64;
        for i in 0..impressions {
            let start = Instant::now();
            let print = master.touch(preset, seed * 100_000 + f * 100 + i);
            impression_ms += start.elapsed().as_secs_f64() * 1e3 / (fingers * impressions) as f64;
            names.push(format!("{f:04}_{i:02}.png"));
            let template = found(&print.image);
            if let Some(t) = &template {
                hits.count(&print, t);
            }
            truths.push(Some(print.truth_template()));
            templates.push(template);
        }
    }
    writeln!(out, "{} master {master_ms:.1} ms, impression {impression_ms:.1} ms", preset.name())?;
    hits.write(&mut out)?;
    report(&mut out, "  truth    ", &names, &truths)?;
    report(&mut out, "  extracted", &names, &templates)?;
    let (mut names, mut templates, mut template_us) = (Vec::new(), Vec::new(), 0.0);
    for f in 0..2 * fingers {
        let start = Instant::now();
        let (finger_seed, spec) = finger_of(seed, f);
        let finger = TemplateFinger::from_seed(finger_seed, spec);
        for i in 0..impressions {
            names.push(format!("{f:04}_{i:02}.fmr"));
            templates.push(Some(finger.touch(preset, seed * 100_000 + f * 100 + i)));
        }
        template_us += start.elapsed().as_secs_f64() * 1e6 / (2 * fingers) as f64;
    }
    writeln!(out, "  templates alone: {template_us:.0} us for a finger with {impressions} impressions")?;
    report(&mut out, "  templates", &names, &templates)?;
    for dir in arguments.iter().skip(4) {
        let mut files: Vec<_> = std::fs::read_dir(dir)?.filter_map(Result::ok).map(|e| e.path()).collect();
        files.sort();
        let (mut names, mut templates) = (Vec::new(), Vec::new());
        for file in files {
            let image = read(&std::fs::read(&file)?, &ReadOptions::default())?.value;
            names.push(file.file_name().unwrap_or_default().to_string_lossy().into_owned());
            templates.push(found(&image));
        }
        report(&mut out, dir, &names, &templates)?;
    }
    Ok(())
}

/// The finger that `tanba synth prints` would take.
fn finger_of(seed: u64, i: u64) -> (u64, FingerSpec) {
    let person = Population::new(seed, i + 1, (2026, 1, 1)).person(i);
    match person.fingers[i as usize % 10] {
        FingerState::Present { spec, seed } => (seed, spec),
        FingerState::Missing { finger } => (person.seed, FingerSpec::of(finger)),
    }
}

fn found(image: &Gray8) -> Option<Template> {
    extract(image, &ExtractParams::default(), &mut NoSink).ok()
}

/// How the extractor did against the truth.
#[derive(Default)]
struct Hits {
    truth: usize,
    found: usize,
    recalled: usize,
    right: usize,
    same_kind: usize,
    off: Vec<f32>,
    turned: Vec<f32>,
    /// Signed offset along the true direction, endings and bifurcations.
    ahead: [Vec<f32>; 2],
}

impl Hits {
    fn count(&mut self, print: &Impression, template: &Template) {
        let visible: Vec<_> = print.minutiae.iter().filter(|m| m.visible).collect();
        let near = |x: f32, y: f32, d: f32, u: f32, v: f32, e: f32| {
            let off = ((x - u) * (x - u) + (y - v) * (y - v)).sqrt();
            let turn = (d - e).rem_euclid(std::f32::consts::TAU);
            let turn = turn.min(std::f32::consts::TAU - turn);
            (off <= NEAR && turn <= ALIGNED).then_some((off, turn))
        };
        self.truth += visible.len();
        self.found += template.minutiae.len();
        for t in &visible {
            let best = template
                .minutiae
                .iter()
                .filter_map(|m| near(m.x, m.y, m.direction, t.x, t.y, t.direction).map(|n| (n, m)))
                .min_by(|a, b| a.0.0.total_cmp(&b.0.0));
            if let Some(((off, turn), m)) = best {
                self.recalled += 1;
                self.same_kind += usize::from(m.kind == t.kind);
                let ahead = (m.x - t.x) * t.direction.cos() - (m.y - t.y) * t.direction.sin();
                self.ahead[usize::from(t.kind == MinutiaKind::Bifurcation)].push(ahead);
                self.off.push(off);
                self.turned.push(turn);
            }
        }
        let is_true = |m: &&tanba_finger::Minutia| {
            print.minutiae.iter().any(|t| near(m.x, m.y, m.direction, t.x, t.y, t.direction).is_some())
        };
        self.right += template.minutiae.iter().filter(is_true).count();
    }

    fn write(&mut self, out: &mut impl Write) -> std::io::Result<()> {
        let share = |a: usize, b: usize| 100.0 * a as f64 / b.max(1) as f64;
        self.off.sort_by(f32::total_cmp);
        self.turned.sort_by(f32::total_cmp);
        for v in &mut self.ahead {
            v.sort_by(f32::total_cmp);
        }
        let median = |v: &[f32]| v.get(v.len() / 2).copied().unwrap_or(0.0);
        writeln!(
            out,
            "  extractor: recall {:.1} %, precision {:.1} %, same kind {:.1} %, median offset {:.2} px (along the direction: endings {:.2}, bifurcations {:.2}), {:.1} degrees",
            share(self.recalled, self.truth),
            share(self.right, self.found),
            share(self.same_kind, self.recalled),
            median(&self.off),
            median(&self.ahead[0]),
            median(&self.ahead[1]),
            median(&self.turned).to_degrees()
        )
    }
}

fn report(
    out: &mut impl Write,
    label: &str,
    names: &[String],
    templates: &[Option<Template>],
) -> Result<(), Box<dyn std::error::Error>> {
    let mut counts: Vec<usize> = templates.iter().flatten().map(|t| t.minutiae.len()).collect();
    counts.sort_unstable();
    let at = |q: f64| counts.get(((counts.len() as f64 - 1.0) * q) as usize).copied().unwrap_or(0);
    let all = counts.iter().sum::<usize>().max(1);
    let endings =
        templates.iter().flatten().flat_map(|t| &t.minutiae).filter(|m| m.kind == MinutiaKind::Ending).count();
    let mut spacing: Vec<f32> = templates.iter().flatten().flat_map(nearest).collect();
    spacing.sort_by(f32::total_cmp);
    let mut quality: Vec<u8> = templates.iter().flatten().map(|t| t.quality).collect();
    quality.sort_unstable();
    writeln!(
        out,
        "{label} minutiae p10 {} median {} p90 {}, endings {:.0} %, nearest neighbour p10 {:.1} median {:.1} px, quality median {}",
        at(0.1),
        at(0.5),
        at(0.9),
        100.0 * endings as f64 / all as f64,
        spacing.get(spacing.len() / 10).copied().unwrap_or(0.0),
        spacing.get(spacing.len() / 2).copied().unwrap_or(0.0),
        quality.get(quality.len() / 2).copied().unwrap_or(0),
    )?;
    let set = ImpressionSet::from_names(names)?;
    let prepared: Vec<Option<Prepared>> = templates.iter().map(|t| t.as_ref().map(Prepared::new)).collect();
    let mut scores = ScoreMatrix::zero(names.len());
    let mut scratch = Scratch::default();
    for i in 0..names.len() {
        for j in i + 1..names.len() {
            if let (Some(a), Some(b)) = (&prepared[i], &prepared[j]) {
                scores.set(i, j, score_only(a, b, &mut scratch));
            }
        }
    }
    let failed: Vec<bool> = templates.iter().map(Option::is_none).collect();
    let trials = Trials::of(&set, &scores, &failed, Impostors::All);
    let figures = trials.figures();
    let (genuine, impostor) = (trials.scores(true), trials.scores(false));
    let quantile = |v: &[f32], q: f64| v.get(((v.len() as f64 - 1.0) * (1.0 - q)) as usize).copied().unwrap_or(0.0);
    writeln!(
        out,
        "{label} EER {:.2} %, FMR100 {:.2}, FMR1000 {:.2}, ZeroFMR {:.2}, FTE {:.2}; genuine p5 {:.3} median {:.3}; impostor median {:.3} p99 {:.3} max {:.3} ({} / {})",
        figures.eer,
        figures.fmr100,
        figures.fmr1000,
        figures.zerofmr,
        figures.fte,
        quantile(&genuine, 0.05),
        quantile(&genuine, 0.5),
        quantile(&impostor, 0.5),
        quantile(&impostor, 0.99),
        quantile(&impostor, 1.0),
        genuine.len(),
        impostor.len(),
    )?;
    Ok(())
}

/// Distance of each minutia to its nearest neighbour.
fn nearest(template: &Template) -> Vec<f32> {
    let m = &template.minutiae;
    (0..m.len())
        .filter_map(|i| {
            let away =
                |j: usize| ((m[i].x - m[j].x) * (m[i].x - m[j].x) + (m[i].y - m[j].y) * (m[i].y - m[j].y)).sqrt();
            (0..m.len()).filter(|&j| j != i).map(away).min_by(f32::total_cmp)
        })
        .collect()
}
