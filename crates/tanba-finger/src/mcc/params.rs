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
}

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
};

/// Cells along a side of the cylinder's base (MCC16b: 16).
pub(crate) const SIDE: usize = 16;
/// Sections of the cylinder's height (MCC16b: 6).
pub(crate) const SECTIONS: usize = 6;
/// 64-bit words of one section, and of the validity mask.
pub(crate) const SECTION_WORDS: usize = SIDE * SIDE / 64;
/// 64-bit words of a whole cylinder.
pub(crate) const WORDS: usize = SECTION_WORDS * SECTIONS;
