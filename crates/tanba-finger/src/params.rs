//! Every number of the extraction in one table, each with its unit and where it comes from.
//!
//! "Pixels" are pixels at 500 ppi throughout (one pixel = 50.8 micrometres). "Chosen" means chosen by looking at the
//! stages of real and synthetic prints, not taken from a paper.

/// Numbers of the extraction. [`Default`] is what is used and measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExtractParams {
    /// Spread of the window that local mean and contrast are taken in, pixels (Hong, Wan and Jain 1998, made local).
    pub normalise_sigma: f32,
    /// Normalised values are cut at this many local standard deviations.
    pub normalise_clip: f32,
    /// Local standard deviations below this are treated as this, gray levels: keeps blank skin from becoming noise.
    pub normalise_floor: f32,
    /// A cell belongs to the print when its smoothed gradient energy reaches this share of the print's typical one.
    pub segment_share: f32,
    /// ... and at least this mean squared gradient, (gray levels per pixel)^2: below is sensor noise.
    pub segment_floor: f32,
    /// Spread of the energy map before the threshold, pixels.
    pub segment_sigma: f32,
    /// A cell is blank when its range of gray levels stays below this share of the print's median range.
    pub flat_share: f32,
    /// Shortest ridge period searched for, pixels (adult range 5.5-14; children are finer).
    pub period_min: f32,
    /// Longest ridge period searched for, pixels.
    pub period_max: f32,
    /// Period used where none could be measured, pixels (adult mean, SFinGe).
    pub period_typical: f32,
    /// Spread of the orientation smoothing where ridges are clear, window steps (8 pixels each).
    pub flow_sigma_fine: f32,
    /// Spread of the orientation smoothing where they are not, window steps.
    pub flow_sigma_coarse: f32,
    /// Spread of the smoothing for the second opinion on the orientation, window steps (about four ridge periods).
    pub flow_sigma_second: f32,
    /// The second opinion is taken where its filter answers so many times stronger than the first one's.
    pub second_gain: f32,
    /// Spread over which answers are compared, pixels.
    pub second_sigma: f32,
    /// Spread of the period smoothing, window steps.
    pub period_sigma: f32,
    /// Spread of the contextual filter, across and along ridges alike, pixels (Hong, Wan and Jain 1998: 4).
    pub gabor_sigma: f32,
    /// Spread of the structure tensor of the second pass, pixels.
    pub tensor_sigma: f32,
    /// Share of the enhanced image in the input of the second pass; the rest is the normalised image.
    pub second_pass_share: f32,
    /// Orientation certainty that a cell needs to count as readable, 0-1.
    pub readable_certainty: f32,
    /// Blank spots up to this area inside the print are bridged by the filter, pixels.
    pub blot_area: usize,
    /// Readable patches smaller than this stand too alone to be read, pixels.
    pub patch_area: usize,
    /// Readable pieces smaller than this share of the largest one are not of this finger.
    pub piece_share: f32,
    /// Unreadable gaps smaller than this do not interrupt the readable area, pixels.
    pub gap_area: usize,
    /// Ridge pieces smaller than this vanish, pixels.
    pub island_area: usize,
    /// Holes in ridges smaller than this are filled, pixels.
    pub hole_area: usize,
    /// Skeleton branches shorter than this are hairs, pixels.
    pub spur_length: usize,
    /// How far a ridge is followed for its direction, pixels.
    pub trace_length: usize,
    /// How far past the ridge's true end the thinned line ends, pixels (measured on drawn waves with known events: the
    /// dislocation itself lies halfway between the end of the ridge and that of the valley beside it).
    pub ending_shift: f32,
    /// How far before the true fork the thinned line forks: this many ridge periods ...
    pub fork_shift: f32,
    /// ... less this many pixels (measured likewise, at periods of 7 to 13 pixels).
    pub fork_shift_less: f32,
    /// Two endings facing each other closer than this are one broken ridge, ridge periods.
    pub broken_ridge: f32,
    /// Two opposite forks closer than this are a pore or a touching of two ridges, ridge periods.
    pub lake: f32,
    /// Minutiae closer than this to the edge of the readable area are dropped, pixels.
    pub border: f32,
    /// Minutiae closer than this to another one are a knot, pixels.
    pub knot: f32,
    /// Orientation certainty of the unfiltered image below this speaks against ridges, 0-1 (two of the four signs
    /// refuse the image; real prints, wet and dry, measure 0.3 and more, noise and printed text 0.2 and less).
    pub ridge_orientation_min: f32,
    /// Share of one clear wave in the spectrum below this speaks against ridges, 0-1 (prints 0.45 and more).
    pub ridge_frequency_min: f32,
    /// Mean turn of the flow over 16 pixels above this speaks against ridges, degrees (prints 13 and less).
    pub ridge_turn_max: f32,
    /// ... and below this, degrees: lines of print run straight, no fingertip does (prints 2.8 and more).
    pub ridge_turn_min: f32,
    /// An image whose ground is darker than the print by more than this is inverted, gray levels (prints -11 and more, most 30 to 90).
    pub ground_min: f32,
    /// Fewer minutiae than this refuse the image.
    pub minutiae_min: usize,
    /// The best ones are kept up to this many (ISO/IEC 19794-2 holds 255).
    pub minutiae_max: usize,
    /// Smallest side of an image, pixels (about 3 mm: less carries no pattern).
    pub side_min: usize,
    /// Largest side of an image, pixels (40 inches of palm scanner is no finger).
    pub side_max: usize,
    /// Smallest readable area, pixels (about 10 square millimetres).
    pub area_min: usize,
}

impl Default for ExtractParams {
    fn default() -> Self {
        Self {
            normalise_sigma: 12.0,
            normalise_clip: 3.0,
            normalise_floor: 4.0,
            segment_share: 0.12,
            segment_floor: 6.0,
            segment_sigma: 8.0,
            flat_share: 0.25,
            period_min: 5.0,
            period_max: 16.0,
            period_typical: 9.0,
            flow_sigma_fine: 1.0,
            flow_sigma_coarse: 2.5,
            flow_sigma_second: 4.5,
            second_gain: 0.8,
            second_sigma: 12.0,
            period_sigma: 3.0,
            gabor_sigma: 4.0,
            tensor_sigma: 6.0,
            second_pass_share: 0.6,
            readable_certainty: 0.2,
            blot_area: 400,
            patch_area: 2000,
            piece_share: 0.2,
            gap_area: 1000,
            island_area: 40,
            hole_area: 20,
            spur_length: 9,
            trace_length: 14,
            ending_shift: 1.7,
            fork_shift: 0.55,
            fork_shift_less: 2.0,
            broken_ridge: 1.6,
            lake: 0.6,
            border: 10.0,
            knot: 5.0,
            ridge_orientation_min: 0.2,
            ridge_frequency_min: 0.36,
            ridge_turn_max: 18.0,
            ridge_turn_min: 1.5,
            ground_min: -25.0,
            minutiae_min: 4,
            minutiae_max: 120,
            side_min: 64,
            side_max: 4096,
            area_min: 64 * 64,
        }
    }
}

/// How the answers of the learned network are read; chosen on synthetic prints.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReadParams {
    /// Pixels around the print that the network sees beside it.
    pub margin: usize,
    /// How well ridges must be seen to count as readable, 0-1.
    pub sure: f32,
    /// How sure a minutia must be, 0-1.
    pub minutia: f32,
    /// Minutiae closer than this to the edge of the readable area are dropped, pixels.
    pub border: f32,
}

impl Default for ReadParams {
    fn default() -> Self {
        Self { margin: 24, sure: 0.2, minutia: 0.3, border: 1.0 }
    }
}
