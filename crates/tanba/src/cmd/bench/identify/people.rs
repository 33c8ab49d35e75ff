//! People who do not exist, enrolled batch by batch, so that no more than a batch of them is ever there as templates.

use std::time::Instant;

use anyhow::Context as _;
use rayon::prelude::*;
use tanba_finger::{ExtractParams, Extractor, NoSink, Prepared, Template, extract};
use tanba_formats::image::resample;
use tanba_formats::{Finger, Gray8, Ppi};
use tanba_gallery::{Enrolment, EntryId, Gallery, Population, Save};
use tanba_registry::ScratchGallery;
use tanba_synth::{CalendarDate, FingerState, ImpressionPreset, MasterFinger, Person, TemplateFinger};

use super::look::Sample;
use crate::cmd::synth::output::Interrupt;
use crate::cmd::synth::touch_seed;
use crate::console::Console;

/// The order in which fingers are offered: what a border lane takes first.
pub(super) const ORDER: [Finger; 10] = [
    Finger::RightIndex,
    Finger::LeftIndex,
    Finger::RightThumb,
    Finger::LeftThumb,
    Finger::RightMiddle,
    Finger::LeftMiddle,
    Finger::RightRing,
    Finger::LeftRing,
    Finger::RightLittle,
    Finger::LeftLittle,
];
/// Where everyone is enrolled.
pub(super) const EVERYONE: Population = Population(0);
/// The day at which ages are reckoned: a fixed one, as everywhere in the synthesis.
pub(in super::super) const AS_OF: CalendarDate = (2026, 1, 1);
/// Prints that are there as templates at once, while people are enrolled.
const BATCH: usize = 20_000;

/// People of a seed, by their places.
pub(in super::super) struct People {
    population: tanba_synth::Population,
    fingers: usize,
    preset: ImpressionPreset,
    made: Made,
    extractor: Option<&'static dyn Extractor>,
}

/// How the prints of people are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in super::super) enum Made {
    /// Minutiae scattered as a touch would scatter them, without ridges: a fraction of a millisecond each.
    Templates,
    /// Images, from which templates are extracted, with their ridges: a tenth of a second each.
    Images,
}

impl Made {
    /// In words.
    pub(in super::super) fn words(self) -> &'static str {
        match self {
            Self::Templates => "scattered templates without ridges",
            Self::Images => "images",
        }
    }
}

impl People {
    pub(in super::super) fn new(seed: u64, size: u64, fingers: usize, preset: ImpressionPreset, made: Made) -> Self {
        Self { population: tanba_synth::Population::new(seed, size, AS_OF), fingers, preset, made, extractor: None }
    }

    /// The same read by another extractor than the classical one.
    pub(in super::super) fn read_by(self, extractor: &'static dyn Extractor) -> Self {
        Self { extractor: Some(extractor), ..self }
    }

    pub(in super::super) fn person(&self, place: u64) -> Person {
        self.population.person(place)
    }

    /// The fingers that a person offers, touched once.
    pub(in super::super) fn prints(&self, place: u64, touch: u32) -> Vec<(Finger, Template)> {
        let [prints] = self.touches(place, [touch]);
        prints
    }

    /// The fingers that a person offers, touch by touch: what is dear to make of a finger is made once. A finger of whose image nothing
    /// can be extracted is not there.
    pub(in super::super) fn touches<const N: usize>(
        &self,
        place: u64,
        touches: [u32; N],
    ) -> [Vec<(Finger, Template)>; N] {
        let person = self.person(place);
        let offered = ORDER.iter().filter_map(|finger| {
            person.fingers.iter().find_map(|state| match state {
                FingerState::Present { spec, seed } if spec.finger == *finger => Some((*spec, *seed)),
                _ => None,
            })
        });
        let mut hands = [const { Vec::new() }; N];
        for (spec, seed) in offered.take(self.fingers) {
            let mut put = |touch: &dyn Fn(u64) -> Option<Template>| {
                for (hand, k) in hands.iter_mut().zip(touches) {
                    hand.extend(touch(touch_seed(seed, k)).map(|template| (spec.finger, template)));
                }
            };
            match self.made {
                Made::Templates => {
                    let finger = TemplateFinger::from_seed(seed, spec);
                    put(&|touch| Some(finger.touch(self.preset, touch)));
                }
                Made::Images => {
                    let finger = MasterFinger::from_seed(seed, spec);
                    put(&|touch| self.extracted(&finger.touch(self.preset, touch).image));
                }
            }
        }
        hands
    }

    /// How many fingers a person offers.
    pub(in super::super) fn offered(&self, place: u64) -> usize {
        let person = self.person(place);
        let present = person.fingers.iter().filter(|state| matches!(state, FingerState::Present { .. }));
        present.count().min(self.fingers)
    }

    /// What the extractor makes of an image; `None` where it refuses.
    fn extracted(&self, image: &Gray8) -> Option<Template> {
        let image = resample(image, Ppi::NOMINAL);
        match self.extractor {
            Some(extractor) => extractor.extract(&image, &mut NoSink).ok(),
            None => extract(&image, &ExtractParams::default(), &mut NoSink).ok(),
        }
    }
}

/// A gallery, and what is kept of it for the measurements.
pub(super) struct Enrolled {
    pub(super) gallery: Gallery,
    /// The first so many people were offered; those without any finger are not in the gallery.
    pub(super) people: u64,
    pub(super) sample: Sample,
    /// Seconds of enrolling people: coding their prints, without making them up.
    pub(super) enrol_s: f64,
    /// Seconds of opening the gallery from its encrypted segments, as at the start of a register.
    pub(super) load_s: f64,
    /// Bytes of these.
    pub(super) segment_bytes: u64,
}

impl Enrolled {
    /// Enrols people; fewer of them once somebody has pressed Ctrl-C.
    pub(super) fn of(people: &People, wanted: u64, interrupt: &Interrupt, console: &Console) -> anyhow::Result<Self> {
        let bar = console.progress(wanted, "enrolling");
        let folder = tempfile::tempdir().context("no temporary folder for the segments")?;
        let scratch = ScratchGallery::within(folder.path(), "people who do not exist")?;
        let (archive, _) = scratch.open()?;
        let mut enrolled = Self {
            gallery: Gallery::new(),
            people: 0,
            sample: Sample::of_every(wanted),
            enrol_s: 0.0,
            load_s: 0.0,
            segment_bytes: 0,
        };
        let batch = (BATCH / people.fingers.max(1)) as u64;
        while enrolled.people < wanted && !interrupt.pressed() {
            let places = enrolled.people..wanted.min(enrolled.people + batch);
            let made: Vec<Enrolment> = places
                .clone()
                .into_par_iter()
                .map(|place| Enrolment::new(EntryId(place.into()), EVERYONE, people.prints(place, 0)))
                .collect();
            let sampled: Vec<(u64, &Enrolment)> =
                places.clone().zip(&made).filter(|(place, _)| enrolled.sample.takes(*place)).collect();
            let sampled: Vec<_> =
                sampled.into_par_iter().map(|(place, person)| (place, coded(&person.fingers))).collect();
            for (place, prints) in sampled {
                enrolled.sample.add(place, &prints);
            }
            let made: Vec<Enrolment> = made.into_iter().filter(|person| !person.fingers.is_empty()).collect();
            let begun = Instant::now();
            archive.insert_all(&made)?;
            enrolled.enrol_s += begun.elapsed().as_secs_f64();
            bar.inc(places.end - places.start);
            enrolled.people = places.end;
        }
        bar.finish_and_clear();
        let bar = console.progress(1, "writing and reading segments");
        archive.upkeep(Save::Everyone)?;
        drop(archive);
        let begun = Instant::now();
        let (archive, _) = scratch.open()?;
        enrolled.load_s = begun.elapsed().as_secs_f64();
        bar.finish_and_clear();
        enrolled.gallery = archive.snapshot();
        let segments = std::fs::read_dir(folder.path().join("gallery"))?;
        enrolled.segment_bytes = segments.map(|file| Ok(file?.metadata()?.len())).sum::<std::io::Result<u64>>()?;
        Ok(enrolled)
    }
}

/// Prints ready to be compared.
pub(in super::super) fn coded(prints: &[(Finger, Template)]) -> Vec<(Finger, Prepared)> {
    prints.iter().map(|(finger, template)| (*finger, Prepared::new(template))).collect()
}
