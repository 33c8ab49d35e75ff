//! `tanba enrol` and `tanba identify`: a gallery in one file, without a registry.
//!
//! The file is a line of text, the length of the names (8 bytes, little-endian), the names as a JSON array, and the gallery file
//! of `tanba_gallery`; person `i` of the gallery has name `i`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, anyhow, bail};
use clap::Args;
use rayon::prelude::*;
use serde_json::{Value, json};
use tanba_finger::{Extractor, Prepared, Template};
use tanba_formats::{Finger, Ppi};
use tanba_gallery::{
    Candidate, Effort, Enrolment, EntryId, Gallery, Outcome, Population, Probe, SearchControl, SearchOptions,
};

use crate::console::Console;
use crate::input::{ByExtractor, parse_ppi, read_print, to_template};

/// First bytes of the file.
const MARK: &[u8] = b"TANBA science gallery with names, not a registry\n";
/// First bytes of a registry's database.
const SQLITE: &[u8] = b"SQLite format 3\0";
/// A registry's database in its data folder.
const REGISTRY: &str = "tanba.sqlite";
/// The one population of a science gallery.
const EVERYONE: Population = Population(0);

/// Options of `tanba enrol`.
#[derive(Args)]
pub(crate) struct Enrol {
    /// The gallery file; made where it does not exist.
    gallery: PathBuf,
    /// Images or templates named `<person>_<impression>.<ext>`: all before the last `_` names the person.
    #[arg(required_unless_present = "people")]
    prints: Vec<PathBuf>,
    /// A folder with a folder for each person, holding prints named `<finger>_<impression>.<ext>`, such as right_index_1.png.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["prints", "finger"])]
    people: Option<PathBuf>,
    /// Which finger all prints are of, such as right_index; unknown otherwise, which is compared with all ten.
    #[arg(long, value_parser = parse_finger, default_value = "unknown")]
    finger: Finger,
    /// Resolution in pixels per inch, over what the files state.
    #[arg(long, value_parser = parse_ppi)]
    ppi: Option<Ppi>,
    #[command(flatten)]
    by: ByExtractor,
}

/// Options of `tanba identify`.
#[derive(Args)]
pub(crate) struct Identify {
    /// The gallery file.
    gallery: PathBuf,
    /// Images or templates to search with, each by itself.
    #[arg(required = true)]
    prints: Vec<PathBuf>,
    /// All prints are of one person: search once, with the evidence of all of them. Their names say which finger each is, such as
    /// right_index_1.png.
    #[arg(long)]
    together: bool,
    /// Which finger all prints are of.
    #[arg(long, value_parser = parse_finger, conflicts_with = "together")]
    finger: Option<Finger>,
    /// Candidates named at most.
    #[arg(long, default_value_t = 10)]
    limit: usize,
    /// log10 likelihood ratio at which a person becomes a candidate.
    #[arg(long, default_value_t = 3.0, allow_negative_numbers = true)]
    threshold: f64,
    /// Share of the people that are compared in full after a first look at everyone, never fewer than 100 people; 0.002 unless said otherwise.
    /// `tanba bench identify` tells whom that misses.
    #[arg(long, value_name = "SHARE", conflicts_with = "exhaustive")]
    first_look: Option<f64>,
    /// Compare everyone in full: slower by far, and what the first look is measured by.
    #[arg(long)]
    exhaustive: bool,
    /// Look for the fingers on the other hand too: the hands may have been exchanged when they were captured.
    #[arg(long, requires = "together")]
    exchanged: bool,
    /// Resolution in pixels per inch, over what the files state.
    #[arg(long, value_parser = parse_ppi)]
    ppi: Option<Ppi>,
    #[command(flatten)]
    by: ByExtractor,
}

impl Enrol {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let mut store = Store::open_or_new(&self.gallery)?;
        let files = match &self.people {
            Some(folder) => people_in(folder)?,
            None => self.prints.iter().map(|p| (person_of(p), self.finger, p.clone())).collect(),
        };
        let bar = console.progress(files.len() as u64, "extracting");
        let templates: Vec<anyhow::Result<Template>> = files
            .par_iter()
            .map(|(_, _, path)| {
                let template = template_of(path, self.ppi, self.by.extractor);
                bar.inc(1);
                template
            })
            .collect();
        bar.finish_and_clear();

        let mut people: BTreeMap<String, Vec<(Finger, Template)>> = BTreeMap::new();
        for ((person, finger, _), template) in files.into_iter().zip(templates) {
            let prints = people.entry(person).or_default();
            match template {
                Ok(template) => prints.push((finger, template)),
                Err(e) => console.note(format_args!("note: left out: {e:#}")),
            }
        }
        let (mut enrolled, mut replaced, mut failed) = (0, 0, Vec::new());
        for (person, prints) in people {
            match store.enrol(&person, prints) {
                Ok(true) => replaced += 1,
                Ok(false) => enrolled += 1,
                Err(e) => failed.push(json!({ "person": person, "reason": e.to_string() })),
            }
        }
        store.save(&self.gallery)?;
        console.answer(
            &json!({
                "enrolled": enrolled,
                "replaced": replaced,
                "failed": failed,
                "people": store.gallery.people(),
                "impressions": store.gallery.impressions(),
            }),
            format_args!(
                "{enrolled} people enrolled, {replaced} replaced; the gallery holds {} people with {} impressions",
                store.gallery.people(),
                store.gallery.impressions()
            ),
        );
        match failed.len() {
            0 => Ok(()),
            n => Err(anyhow!(
                "{n} people could not be enrolled, the first is {}: capture them again",
                failed[0]["person"]
            )),
        }
    }
}

impl Identify {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let store = Store::open(&self.gallery)?
            .with_context(|| format!("there is no gallery {}: make one with tanba enrol", self.gallery.display()))?;
        let prints = self.prints.iter().map(|path| {
            let finger = self.finger.unwrap_or_else(|| finger_of(path));
            Ok((finger, Prepared::new(&template_of(path, self.ppi, self.by.extractor)?)))
        });
        let prints = prints.collect::<anyhow::Result<Vec<_>>>()?;
        let probes: Vec<(String, Probe)> = if self.together {
            vec![("all prints".to_owned(), Probe { fingers: prints })]
        } else {
            let named = self.prints.iter().map(|p| p.display().to_string());
            named.zip(prints).map(|(name, print)| (name, Probe { fingers: vec![print] })).collect()
        };
        let effort = match self.first_look {
            _ if self.exhaustive => Effort::Exhaustive,
            Some(share) => Effort::Cascade { share },
            None => Effort::default(),
        };
        let options = SearchOptions {
            limit: self.limit,
            effort,
            hands_may_be_exchanged: self.exchanged,
            ..SearchOptions::new([EVERYONE], self.threshold)
        };
        let (mut searches, mut human, mut incomplete) = (Vec::new(), String::new(), false);
        for (name, probe) in probes {
            let started = Instant::now();
            let answer = store.gallery.search(&probe, &options, &SearchControl::default())?;
            let ms = started.elapsed().as_secs_f64() * 1e3;
            let (outcome, candidates) = match answer.outcome() {
                Outcome::NoHit => ("no_hit", &[][..]),
                Outcome::Hits(found) => ("hits", found),
                Outcome::Incomplete { so_far } => ("incomplete", so_far),
            };
            incomplete |= outcome == "incomplete";
            // Writing to a string cannot fail.
            let _ = write!(human, "{}{name}: {}", if human.is_empty() { "" } else { "\n" }, outcome.replace('_', " "));
            for c in candidates {
                let _ = write!(human, "\n  {:+6.1} {}", c.log10_lr, store.name(c.entry));
            }
            let coverage = answer.coverage();
            searches.push(json!({
                "probe": name,
                "outcome": outcome,
                "candidates": candidates.iter().map(|c| store.candidate(c)).collect::<Vec<_>>(),
                "above_threshold": answer.above_threshold(),
                "coverage": {
                    "complete": coverage.complete(),
                    "people_compared": coverage.people_compared,
                    "people_weighed": coverage.people_weighed,
                    "people_not_comparable": coverage.people_not_comparable,
                    "widened": coverage.widened,
                    "fingers_compared": coverage.fingers_compared,
                },
                "ms": ms,
            }));
        }
        console.answer(&json!({ "people": store.gallery.people(), "searches": searches }), human);
        if incomplete {
            bail!("part of the gallery was not searched, so nothing follows from what was not found: search again");
        }
        Ok(())
    }
}

/// A gallery and the names of its people.
struct Store {
    gallery: Gallery,
    /// Name of the person with each entry id, from 0.
    names: Vec<String>,
}

impl Store {
    fn open_or_new(path: &Path) -> anyhow::Result<Self> {
        if let Some(store) = Self::open(path)? {
            return Ok(store);
        }
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if folder.join(REGISTRY).exists() {
            bail!("{} is a registry's data folder: keep a gallery elsewhere", folder.display());
        }
        Ok(Self { gallery: Gallery::new(), names: Vec::new() })
    }

    /// `None` where there is no such file.
    fn open(path: &Path) -> anyhow::Result<Option<Self>> {
        if path.is_dir() {
            bail!(
                "{} is a folder, and a registry's data folder can never be opened as a gallery: name a file",
                path.display()
            );
        }
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e).with_context(|| format!("cannot read {}", path.display())),
        };
        if bytes.starts_with(SQLITE) {
            bail!("{} is a database: a registry's data can never be opened as a gallery", path.display());
        }
        Self::parse(&bytes).map(Some).with_context(|| format!("cannot open the gallery {}", path.display()))
    }

    fn parse(bytes: &[u8]) -> anyhow::Result<Self> {
        const CUT: &str = "the file is cut short: restore it from a copy";
        let rest =
            bytes.strip_prefix(MARK).context("it does not begin as a gallery does: name a file made by tanba enrol")?;
        let (length, rest) = rest.split_first_chunk::<8>().context(CUT)?;
        let length = usize::try_from(u64::from_le_bytes(*length)).context(CUT)?;
        let (names, gallery) = rest.split_at_checked(length).context(CUT)?;
        let names: Vec<String> = serde_json::from_slice(names).context("its names cannot be read")?;
        let gallery = Gallery::from_bytes(gallery)?;
        if (0..names.len()).filter(|i| gallery.contains(EntryId(*i as u128))).count() != gallery.people() {
            bail!("its names are not those of its people: restore it from a copy");
        }
        Ok(Self { gallery, names })
    }

    /// Writes the file whole or not at all.
    fn save(&self, path: &Path) -> anyhow::Result<()> {
        let names = serde_json::to_vec(&self.names)?;
        let mut beside = path.as_os_str().to_owned();
        beside.push(".new");
        let write = || -> std::io::Result<()> {
            let mut file = std::fs::File::create(&beside)?;
            file.write_all(MARK)?;
            file.write_all(&(names.len() as u64).to_le_bytes())?;
            file.write_all(&names)?;
            file.write_all(&self.gallery.to_bytes())?;
            file.sync_all()?;
            std::fs::rename(&beside, path)
        };
        write().with_context(|| format!("cannot write {}", path.display()))
    }

    /// Enrols a person, or replaces what was enrolled under the name; tells whether it was replaced.
    fn enrol(&mut self, name: &str, prints: Vec<(Finger, Template)>) -> anyhow::Result<bool> {
        let known = self.names.iter().position(|n| n == name);
        let id = known.unwrap_or(self.names.len());
        self.gallery.insert(&Enrolment::new(EntryId(id as u128), EVERYONE, prints))?;
        if known.is_none() {
            self.names.push(name.to_owned());
        }
        Ok(known.is_some())
    }

    fn name(&self, entry: EntryId) -> &str {
        usize::try_from(entry.0).ok().and_then(|i| self.names.get(i)).map_or("?", String::as_str)
    }

    fn candidate(&self, c: &Candidate) -> Value {
        let fingers = c.fingers.iter().map(|f| {
            json!({
                "probe": f.probe.name(),
                "enrolled": f.enrolled.name(),
                "score": f.score,
                "log10_lr": f.log10_lr,
            })
        });
        json!({ "person": self.name(c.entry), "log10_lr": c.log10_lr, "fingers": fingers.collect::<Vec<_>>() })
    }
}

fn template_of(path: &Path, ppi: Option<Ppi>, extractor: &dyn Extractor) -> anyhow::Result<Template> {
    to_template(read_print(path, ppi)?.value, path, extractor).map(|(template, _)| template)
}

/// The prints of every person's folder, in sorted order.
fn people_in(folder: &Path) -> anyhow::Result<Vec<(String, Finger, PathBuf)>> {
    let list = |folder: &Path| -> anyhow::Result<Vec<PathBuf>> {
        let failed = || format!("cannot list the folder {}", folder.display());
        let entries = std::fs::read_dir(folder).with_context(failed)?;
        let mut paths = entries.map(|e| Ok(e?.path())).collect::<std::io::Result<Vec<_>>>().with_context(failed)?;
        paths.sort();
        Ok(paths)
    };
    let mut prints = Vec::new();
    for person in list(folder)?.into_iter().filter(|p| p.is_dir()) {
        let name = person.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // Ground truth and notes lie beside the prints.
        let is_print = |p: &PathBuf| p.is_file() && p.extension().is_none_or(|e| e != "json" && e != "txt");
        prints.extend(list(&person)?.into_iter().filter(is_print).map(|p| (name.clone(), finger_of(&p), p)));
    }
    if prints.is_empty() {
        bail!("{} holds no people: give a folder with a folder of prints for each person", folder.display());
    }
    Ok(prints)
}

/// All before the last `_` of the name, without folder and ending.
fn before_underscore(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    stem.rsplit_once('_').map_or(&*stem, |(before, _)| before).to_owned()
}

fn person_of(path: &Path) -> String {
    before_underscore(path)
}

fn finger_of(path: &Path) -> Finger {
    parse_finger(&before_underscore(path)).unwrap_or(Finger::Unknown)
}

pub(super) fn parse_finger(text: &str) -> Result<Finger, String> {
    let all = [Finger::Unknown].into_iter().chain(Finger::TEN);
    all.into_iter()
        .find(|f| f.name() == text)
        .ok_or_else(|| "a finger is unknown, or right_ or left_ with thumb, index, middle, ring or little".to_owned())
}
