//! The numbers of the genetic part, each with unit and source. "Own choice" means that nothing was measured.

/// Markers that a table may have at most; the largest published STR tables have some fifty (own choice).
pub(super) const MAX_MARKERS: usize = 500;
/// Alleles of one marker at most, so that an index fits a byte; SE33 has some sixty.
pub(super) const MAX_ALLELES: usize = 255;
/// How far the frequencies of a marker may sum from 1 before they are refused. Published tables miss it by rounding and by the
/// floor that some of them put under rare alleles (own choice).
pub(super) const SUM_TOLERANCE: f64 = 0.1;
/// The longest marker name and member id, bytes: the specimen id of CODIS CMF 3.2 has 24.
pub(super) const MAX_NAME: usize = 24;

/// Largest coancestry coefficient: far above any human subpopulation (0.01 to 0.05; NRC 1996, chapter 4), and far enough below 1
/// for gamma draws.
pub(super) const MAX_THETA: f64 = 0.5;
/// Most gene pools of one population (own choice).
pub(super) const MAX_POOLS: u32 = 10_000;

/// Members of a pedigree at most (own choice).
pub(super) const MAX_MEMBERS: usize = 10_000;

/// Linked pairs: the markers, the recombination fraction, sex-averaged. Pairs that are not here recombine freely.
///
/// - vWA and D12S391, 6.3 Mb apart on 12p: 0.089, 95 % interval 0.044 to 0.158 (O'Connor and Tillmar 2012, counted meioses).
/// - CSF1PO and D5S818, some 26 Mb apart on 5q: about 0.25 (Phillips et al. 2012, from genetic maps; second decimal uncertain).
/// - SE33 and D6S1043, some 3.5 Mb apart on 6q: about 0.04 (from their distance on genetic maps; rough).
pub(super) const LINKED: [(&str, &str, f64); 3] =
    [("vWA", "D12S391", 0.089), ("CSF1PO", "D5S818", 0.25), ("SE33", "D6S1043", 0.04)];

/// Mutations per meiosis of fathers and mothers. Fathers' rates of the core loci lie between 0.0002 and 0.003, about 3.5 times
/// mothers' (AABB annual report 2008, appendix); rounded.
pub(super) const MALE_RATE: f64 = 0.002;
/// See [`MALE_RATE`].
pub(super) const FEMALE_RATE: f64 = 0.000_6;
/// Rate of steps to a microvariant (own choice, the usual order of magnitude).
pub(super) const MICROVARIANT_RATE: f64 = 1e-6;
/// How much rarer each further step is (the usual choice: nine of ten mutations are single steps).
pub(super) const STEP_RANGE: f64 = 0.1;

/// Peak heights: expected height of one allele of a sole contributor, RFU (own choice).
pub(super) const PEAK_HEIGHT: f64 = 1000.0;
/// Coefficient of variation of that height (own choice; well-amplified samples show 0.1 to 0.3).
pub(super) const PEAK_VARIATION: f64 = 0.2;
/// Factor of the expected height per 100 bases beyond 125 (own choice; 1 is no degradation).
pub(super) const DEGRADATION: f64 = 0.85;
/// Share of a peak that appears one repeat below (own choice, the usual order of magnitude).
pub(super) const BACK_STUTTER: f64 = 0.07;
/// Share of a peak that appears one repeat above (own choice).
pub(super) const FORWARD_STUTTER: f64 = 0.01;
/// Analytical threshold, RFU (own choice, a common one).
pub(super) const ANALYTICAL_THRESHOLD: f64 = 50.0;
/// Drop-ins per marker (own choice).
pub(super) const PEAK_DROP_IN: f64 = 0.02;
/// Rate of the exponential height of a drop-in above the threshold, per RFU (own choice: 100 RFU on average).
pub(super) const DROP_IN_LAMBDA: f64 = 0.01;
/// Below this many RFU a lone allele is not called a homozygote, since its partner may have dropped out (own choice).
pub(super) const STOCHASTIC_THRESHOLD: f64 = 300.0;
/// Two peaks whose heights differ by more than this ratio are not called a heterozygote (own choice).
pub(super) const LEAST_BALANCE: f64 = 0.35;
/// A peak lower than this share of the peak one repeat above it is taken for stutter (own choice, a common filter).
pub(super) const STUTTER_FILTER: f64 = 0.15;

/// Smallest share of a contributor to a mixture (own choice).
pub(super) const LEAST_PROPORTION: f64 = 0.05;
/// Ranges from which crime stains draw height in RFU (evenly in its logarithm), variation and degradation (own choice).
pub(super) const STAIN_HEIGHT: (f64, f64) = (300.0, 3000.0);
/// See [`STAIN_HEIGHT`].
pub(super) const STAIN_VARIATION: (f64, f64) = (0.1, 0.3);
/// See [`STAIN_HEIGHT`].
pub(super) const STAIN_DEGRADATION: (f64, f64) = (0.6, 1.0);
/// The same for remains: little material, long fragments mostly gone (own choice).
pub(super) const BONE_HEIGHT: (f64, f64) = (150.0, 2000.0);
/// See [`BONE_HEIGHT`].
pub(super) const BONE_VARIATION: (f64, f64) = (0.2, 0.4);
/// See [`BONE_HEIGHT`].
pub(super) const BONE_DEGRADATION: (f64, f64) = (0.25, 0.9);
/// Share of remains that belong to none of the families, and of missing people who are not among the remains (own choice).
pub(super) const UNRELATED_REMAINS: f64 = 0.1;
/// See [`UNRELATED_REMAINS`].
pub(super) const NOT_FOUND: f64 = 0.1;
