//! What was seen and what is known: peaks, references, allele frequencies, settings; checked once, here.

use std::collections::BTreeMap;
use std::fmt;

use tanba_formats::genetic::MarkerName;

use super::MixtureError;
use crate::{Allele, AlleleMark};

/// The most markers of a case: kits type some 30.
pub const MAX_MARKERS: usize = 100;
/// The most replicates.
pub const MAX_REPLICATES: usize = 8;
/// The most different alleles of all replicates at one marker.
pub const MAX_ALLELES: usize = 40;
/// The most contributors.
pub const MAX_CONTRIBUTORS: usize = 6;
/// The most unknown contributors under one hypothesis.
pub const MAX_UNKNOWNS: usize = 5;
/// The most alleles of a frequency table at one marker.
const MAX_TABLE: usize = 2_000;
/// The highest peak that any instrument shows, RFU.
const MAX_HEIGHT: f64 = 1e6;
/// How far a fragment may be from the size at which the expected height is defined, bases.
const MAX_SIZE: f64 = 2_000.0;

/// A peak: a designation on the ladder and a height in relative fluorescence units (RFU).
#[derive(Clone, Copy, PartialEq)]
pub struct Peak {
    /// Which allele.
    pub allele: Allele,
    /// How high, RFU.
    pub height: f64,
}

impl fmt::Debug for Peak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Peak(..)")
    }
}

/// One marker of a stain.
#[derive(Clone, PartialEq)]
pub struct MarkerEvidence {
    /// Which.
    pub marker: MarkerName,
    /// The peaks of each amplification; `None` where this marker was not typed in it, an empty list where nothing was seen.
    pub replicates: Vec<Option<Vec<Peak>>>,
    /// Analytical threshold, RFU: a lower peak is not seen.
    pub threshold: f64,
    /// Allele frequencies of the population.
    pub frequencies: BTreeMap<Allele, f64>,
    /// Fragment lengths in bases; needed of every allele seen where degradation is modelled.
    pub sizes: BTreeMap<Allele, f64>,
    /// Fragment length in bases of the alleles that nobody saw, taken together.
    pub rest_size: Option<f64>,
    /// Where the laboratory found the marker to differ from the others.
    pub own: OwnSettings,
}

/// What a marker can have of its own; what is `None` is that of [`Settings`].
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct OwnSettings {
    /// Coancestry coefficient.
    pub theta: Option<f64>,
    /// Probability of drop-in, at a replicate.
    pub drop_in: Option<f64>,
    /// Rate of the exponential height of a drop-in above the threshold, per RFU.
    pub drop_in_rate: Option<f64>,
}

impl fmt::Debug for MarkerEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let peaks: Vec<_> = self.replicates.iter().map(|peaks| peaks.as_ref().map(Vec::len)).collect();
        write!(f, "MarkerEvidence({}, peaks {peaks:?})", self.marker.as_str())
    }
}

/// A person's genotypes.
#[derive(Clone, PartialEq)]
pub struct Reference {
    /// The name in the case.
    pub id: String,
    /// Two alleles a marker, the same twice for a homozygote. At a marker that is not here the person counts as unknown.
    pub genotypes: BTreeMap<MarkerName, [Allele; 2]>,
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reference({:?}, {} markers)", self.id, self.genotypes.len())
    }
}

/// Which effects are modelled, and what the laboratory knows of its own process.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Longer fragments are weaker.
    pub degradation: bool,
    /// Peaks one repeat below an allele.
    pub back_stutter: bool,
    /// Peaks one repeat above an allele.
    pub forward_stutter: bool,
    /// Peaks two repeats below an allele; asks for those one below it.
    pub double_back_stutter: bool,
    /// Whether each replicate has an expected height of its own.
    pub height_by_replicate: bool,
    /// Coancestry coefficient, 0 to below 1.
    pub theta: f64,
    /// Probability of drop-in, at a marker and replicate, 0 to below 1.
    pub drop_in: f64,
    /// Rate of the exponential height of a drop-in above the threshold, per RFU.
    pub drop_in_rate: f64,
    /// Frequency of an allele that the table does not have; the smallest frequency of all tables of the case otherwise.
    pub minimum_frequency: Option<f64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            degradation: true,
            back_stutter: true,
            forward_stutter: true,
            double_back_stutter: false,
            height_by_replicate: false,
            theta: 0.01,
            drop_in: 0.05,
            drop_in_rate: 0.01,
            minimum_frequency: None,
        }
    }
}

/// A stain with everything that its likelihood needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    pub(super) settings: Settings,
    pub(super) markers: Vec<MarkerEvidence>,
    pub(super) references: Vec<Reference>,
    /// What stands in for the frequency of an allele that is in no table.
    pub(super) minimum: f64,
}

impl Evidence {
    /// Checks everything.
    ///
    /// # Errors
    /// [`MixtureError`] with the marker, the replicate or the person, and what to do.
    pub fn new(
        settings: Settings,
        markers: Vec<MarkerEvidence>,
        references: Vec<Reference>,
    ) -> Result<Self, MixtureError> {
        settings.check()?;
        let size = |what, fits, range| if fits { Ok(()) } else { Err(MixtureError::OutOfRange { what, range }) };
        size("the number of markers", (1..=MAX_MARKERS).contains(&markers.len()), "from 1 to 100")?;
        size("the number of references", references.len() <= 20, "at most 20")?;
        for (at, marker) in markers.iter().enumerate() {
            marker.check(&settings)?;
            settings.at(marker).check().map_err(|_| {
                marker.bad("theta or drop-in of its own is out of range: as for all markers (theta and drop_in at least 0 and below 1)")
            })?;
            if markers[..at].iter().any(|other| other.marker == marker.marker) {
                return Err(marker.bad("it is given twice: keep one"));
            }
        }
        let typed = markers.iter().map(|marker| marker.replicates.len()).max().unwrap_or(0);
        size("the number of replicates", (1..=MAX_REPLICATES).contains(&typed), "from 1 to 8")?;
        for (at, reference) in references.iter().enumerate() {
            if references[..at].iter().any(|other| other.id == reference.id) {
                return Err(MixtureError::BadHypothesis { reason: "two references have the same name: rename one" });
            }
            for (marker, alleles) in &reference.genotypes {
                if alleles.iter().any(|allele| allele.mark() != AlleleMark::Exact) {
                    return Err(MixtureError::BadReference {
                        person: reference.id.clone(),
                        marker: marker.clone(),
                        reason: "an allele beside the ladder (< or >) has no frequency: designate it or leave the marker out",
                    });
                }
            }
        }
        let smallest = markers.iter().flat_map(|marker| marker.frequencies.values().copied()).filter(|f| *f > 0.0);
        let minimum = settings.minimum_frequency.unwrap_or_else(|| smallest.fold(1.0, f64::min));
        Ok(Self { settings, markers, references, minimum })
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The markers.
    pub fn markers(&self) -> &[MarkerEvidence] {
        &self.markers
    }

    /// How many replicates have an expected height of their own, beside the first.
    pub(super) fn replicate_factors(&self) -> usize {
        let most = self.markers.iter().map(|marker| marker.replicates.len()).max().unwrap_or(0);
        if self.settings.height_by_replicate { most.saturating_sub(1) } else { 0 }
    }

    /// The references.
    pub fn references(&self) -> &[Reference] {
        &self.references
    }
}

/// The size of an allele from a table of sizes: its own, or that of the nearest allele so many repeats and bases away. `repeat` is the
/// length of one repeat in bases.
pub(super) fn fragment_size(allele: Allele, known: &BTreeMap<Allele, f64>, repeat: Option<f64>) -> Option<f64> {
    known.get(&allele).copied().or_else(|| {
        let repeat = repeat?;
        let bases = |a: Allele| f64::from(a.tenths() / 10) * repeat + f64::from(a.tenths() % 10);
        let (near, size) = known.iter().min_by_key(|(near, _)| near.tenths().abs_diff(allele.tenths()))?;
        Some(size + bases(allele) - bases(*near))
    })
}

impl Settings {
    /// The settings with those that a marker has of its own.
    pub(super) fn at(&self, marker: &MarkerEvidence) -> Self {
        let OwnSettings { theta, drop_in, drop_in_rate } = marker.own;
        Self {
            theta: theta.unwrap_or(self.theta),
            drop_in: drop_in.unwrap_or(self.drop_in),
            drop_in_rate: drop_in_rate.unwrap_or(self.drop_in_rate),
            ..*self
        }
    }

    /// Which stutter is modelled: back, forward, two repeats back.
    pub(super) fn stutter(&self) -> [bool; 3] {
        [self.back_stutter, self.forward_stutter, self.double_back_stutter]
    }

    fn check(&self) -> Result<(), MixtureError> {
        if self.double_back_stutter && !self.back_stutter {
            return Err(MixtureError::OutOfRange {
                what: "stutter of two repeats",
                range: "modelled together with back stutter only: switch both on, or both off",
            });
        }
        for (what, fits, range) in [
            ("theta", (0.0..1.0).contains(&self.theta), "at least 0 and below 1"),
            ("the probability of drop-in", (0.0..1.0).contains(&self.drop_in), "at least 0 and below 1"),
            ("the rate of drop-in heights", (1e-6..=10.0).contains(&self.drop_in_rate), "from 0.000001 to 10 per RFU"),
            ("the minimum frequency", self.minimum_frequency.is_none_or(|f| f > 0.0 && f < 1.0), "above 0 and below 1"),
        ] {
            if !fits {
                return Err(MixtureError::OutOfRange { what, range });
            }
        }
        Ok(())
    }
}

impl MarkerEvidence {
    fn bad(&self, reason: &'static str) -> MixtureError {
        MixtureError::BadMarker { marker: self.marker.clone(), reason }
    }

    /// The alleles seen in any replicate, ascending.
    pub fn seen(&self) -> Vec<Allele> {
        let mut all: Vec<Allele> = self.replicates.iter().flatten().flatten().map(|peak| peak.allele).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn check(&self, settings: &Settings) -> Result<(), MixtureError> {
        if !(self.threshold > 0.0 && self.threshold <= MAX_HEIGHT) {
            return Err(self.bad("the analytical threshold must be above 0 RFU"));
        }
        for (at, peaks) in self.replicates.iter().enumerate() {
            let bad = |reason| MixtureError::BadPeaks { marker: self.marker.clone(), replicate: at + 1, reason };
            for (i, peak) in peaks.iter().flatten().enumerate() {
                if peak.allele.mark() != AlleleMark::Exact {
                    return Err(bad(
                        "a peak beside the ladder has no place in the model: designate it or remove it knowingly",
                    ));
                }
                if !(peak.height > 0.0 && peak.height <= MAX_HEIGHT) {
                    return Err(bad("a height is not above 0 RFU, or beyond any instrument: correct it"));
                }
                if peak.height < self.threshold {
                    return Err(bad(
                        "a peak lies below the analytical threshold: lower the threshold or remove the peak",
                    ));
                }
                if peaks.iter().flatten().take(i).any(|other| other.allele == peak.allele) {
                    return Err(bad("an allele has two peaks: keep one"));
                }
            }
        }
        let seen = self.seen();
        if seen.len() > MAX_ALLELES {
            return Err(
                self.bad("it shows more than 40 different alleles, which no mixture does: check the designations")
            );
        }
        if self.frequencies.is_empty() || self.frequencies.len() > MAX_TABLE {
            return Err(self.bad("it has no allele frequencies (or more than 2000): give a table that covers it"));
        }
        if self.frequencies.values().any(|f| !(0.0..=1.0).contains(f)) {
            return Err(self.bad("an allele frequency lies outside 0 to 1"));
        }
        if self.frequencies.keys().any(|allele| allele.mark() != AlleleMark::Exact) {
            return Err(self.bad("the frequency table lumps alleles together (< or >): use one that does not"));
        }
        let sum: f64 = self.frequencies.values().sum();
        // A table without its rare alleles sums to less than 1 and one that is rounded to a little more.
        if !(0.97..=1.02).contains(&sum) {
            return Err(self.bad("the allele frequencies do not add up to 1 (0.97 to 1.02 is taken): check the table"));
        }
        if settings.degradation {
            let known = |size: Option<&f64>| size.is_some_and(|size| (1.0..=MAX_SIZE).contains(size));
            if !seen.iter().all(|allele| known(self.sizes.get(allele))) {
                return Err(self.bad(
                    "degradation needs the size in bases of every peak, 1 to 2000: give sizes or a kit, or switch degradation off",
                ));
            }
            if !known(self.rest_size.as_ref()) {
                return Err(
                    self.bad("degradation needs the size of the longest allele of the kit: give the kit's sizes")
                );
            }
        }
        Ok(())
    }
}
