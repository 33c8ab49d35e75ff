//! Every number of the comparison half, with unit and source.

/// Numbers of cylinders, local similarity, relaxation and alignment.
///
/// Sources: MCC = Cappelli, Ferrara, Maltoni, "Minutia Cylinder-Code", TPAMI 32(12), 2010; "own" = chosen here by method,
/// see the note at each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct MccParams {
    /// Minutiae compared at most; the best by quality are kept (own: bounds time and memory, real prints rarely have more).
    pub(crate) max_minutiae: usize,
    /// Cylinder radius, pixels at 500 ppi (MCC: R = 70).
    pub(crate) radius: f32,
    /// Standard deviation of the spatial contribution, pixels (MCC: 28/3).
    pub(crate) sigma_space: f32,
    /// Standard deviation of the directional contribution, radians (MCC: 2 pi / 9).
    pub(crate) sigma_direction: f32,
    /// Contribution at which a cell's bit is set (MCC: mu_psi = 0.01).
    pub(crate) cell_threshold: f32,
    /// Enlargement of the convex hull inside which cells are valid, pixels (MCC: 50).
    pub(crate) hull_margin: f32,
    /// Least valid fraction of the cells inside the circle (MCC: 0.75).
    pub(crate) min_valid_cells: f32,
    /// Least other minutiae within `radius + 3 sigma_space` (MCC: 2).
    pub(crate) min_neighbours: usize,
    /// Least jointly valid fraction of two cylinders (MCC: 0.60).
    pub(crate) min_matchable: f32,
    /// Largest direction difference of two minutiae that may pair, radians (MCC: pi / 2).
    pub(crate) max_direction_difference: f32,
    /// Least number of pairs in the global score (MCC: 4).
    pub(crate) min_pairs: f32,
    /// Largest number of pairs in the global score (MCC: 12).
    pub(crate) max_pairs: f32,
    /// Centre of the sigmoid that chooses the number of pairs, minutiae (MCC: 20).
    pub(crate) pairs_centre: f32,
    /// Slope of that sigmoid, 1/minutiae (MCC: 2/5).
    pub(crate) pairs_slope: f32,
    /// Rounds of relaxation (MCC: 5).
    pub(crate) relaxation_rounds: usize,
    /// Weight of a pair's own similarity in a round (MCC: 1/2).
    pub(crate) relaxation_own: f32,
    /// Tolerance of the distance between two minutiae, pixels (MCC: mu_1 = 5) ...
    pub(crate) distance_tolerance: f32,
    /// ... and its growth with that distance, which allows for stretched skin (own).
    pub(crate) distance_share: f32,
    /// Tolerance of direction differences, radians (MCC: mu_2 = pi / 12).
    pub(crate) direction_tolerance: f32,
    /// Tolerance of radial angles, radians (MCC: mu_3 = pi / 12).
    pub(crate) radial_tolerance: f32,
}

/// Numbers of the alignment after relaxation; all own, chosen where neighbouring values made no difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct AlignParams {
    /// Pairs from which an alignment is tried.
    pub(crate) seeds: usize,
    /// Compatibility with the seed from which on a pair joins the first fit.
    pub(crate) seed_compatibility: f32,
    /// Tolerance of position in each round, pixels.
    pub(crate) tolerances: [f32; 5],
    /// Tolerance of position where ridges carry a minutia over, pixels.
    pub(crate) tolerance: f32,
    /// Tolerance of direction, radians.
    pub(crate) direction_tolerance: f32,
    /// Length over which a direction counts like a position, pixels.
    pub(crate) direction_lever: f32,
    /// Reach of a matched minutia's displacement on its neighbours, pixels.
    pub(crate) stretch_radius: f32,
    /// Weight of "not displaced", in minutiae.
    pub(crate) stretch_stiffness: f32,
    /// Weight of "not sheared", in minutiae times square pixels: square of a minutia's error over that of a usual shear.
    pub(crate) shear_stiffness: f32,
    /// Least weight of the anchors around a place, in minutiae, for them to say how the skin is displaced there.
    pub(crate) support: f32,
    /// How deep inside the other print a minutia must lie to be missed there, pixels.
    pub(crate) inside: f32,
}

/// The numbers in use.
pub(crate) const ALIGN: AlignParams = AlignParams {
    seeds: 3,
    seed_compatibility: 0.3,
    tolerances: [14.0, 13.0, 12.0, 11.0, 10.0],
    tolerance: 9.0,
    direction_tolerance: 0.5,
    direction_lever: 30.0,
    stretch_radius: 100.0,
    stretch_stiffness: 0.2,
    shear_stiffness: 1000.0,
    support: 0.2,
    inside: 4.0,
};

/// How the parts of a comparison make one score: weights in natural log odds of the numbers that [`crate::fusion::NUMBERS`] names,
/// as `tanba bench fusion --fingers 150 --seed 1` fits them on prints of nobody.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ScoreParams {
    /// Global score of the relaxation below which prints are not laid on each other: four of five impostors (own).
    pub(crate) align_from: f32,
    /// Weights where the ridges of both prints were compared.
    pub(crate) with_ridges: [f32; 13],
    /// Weights where they were not. That of the alignment is lowered so that a threshold means the same false match rate with and
    /// without ridges: as fitted, it took 0.9 less to reach the rates of 1 in 100 to 1 in 1,000 (fresh synthetic prints).
    pub(crate) without_ridges: [f32; 13],
    /// Log odds that make a score of 1/2.
    pub(crate) middle: f32,
    /// Log odds from there to a score of 1 / (1 + e): spreads the scores over 0 to 1.
    pub(crate) spread: f32,
}

/// The numbers in use.
pub(crate) const SCORE: ScoreParams = ScoreParams {
    align_from: 0.0145,
    with_ridges: [0.971, 1.784, 0.0, 0.531, 0.098, -1.056, 0.0, 0.304, 0.128, -0.091, 2.493, 1.495, -0.054],
    without_ridges: [6.026, 2.935, 0.865, 1.225, 0.211, -2.087, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    middle: 0.0,
    spread: 4.0,
};

/// The numbers in use.
pub(crate) const MCC: MccParams = MccParams {
    max_minutiae: 128,
    radius: 70.0,
    sigma_space: 28.0 / 3.0,
    sigma_direction: core::f32::consts::TAU / 9.0,
    cell_threshold: 0.01,
    hull_margin: 50.0,
    min_valid_cells: 0.75,
    min_neighbours: 2,
    min_matchable: 0.60,
    max_direction_difference: core::f32::consts::FRAC_PI_2,
    min_pairs: 4.0,
    max_pairs: 12.0,
    pairs_centre: 20.0,
    pairs_slope: 0.4,
    relaxation_rounds: 5,
    relaxation_own: 0.5,
    distance_tolerance: 5.0,
    distance_share: 0.04,
    direction_tolerance: core::f32::consts::PI / 12.0,
    radial_tolerance: core::f32::consts::PI / 12.0,
};

/// Cells along a side of the cylinder's base (MCC16b: 16).
pub(crate) const SIDE: usize = 16;
/// Sections of the cylinder's height (MCC16b: 6).
pub(crate) const SECTIONS: usize = 6;
/// 64-bit words of one section, and of the validity mask.
pub(crate) const SECTION_WORDS: usize = SIDE * SIDE / 64;
/// 64-bit words of a whole cylinder.
pub(crate) const WORDS: usize = SECTION_WORDS * SECTIONS;
