//! Every number of the print synthesis. Lengths are pixels at 500 ppi, angles radians.

/// Width of a master, pixels: 26 mm of skin, from nail edge to nail edge.
pub(super) const MASTER_WIDTH: usize = 512;
/// Height of a master, pixels: 27.6 mm, from the nail edge to the distal crease.
pub(super) const MASTER_HEIGHT: usize = 544;
/// Column of the finger's axis.
pub(super) const AXIS_X: f64 = 256.0;
/// Half axes of the ellipse round the usual contact outside which nothing is grown: past it no roller or glass reaches.
pub(super) const SKIN_REACH: (f64, f64) = (262.0, 300.0);

/// Pixels between the nodes of the lattice on which direction and period are known.
pub(super) const LATTICE_STEP: usize = 8;
/// Passes over the phase lattice. More of them leave fewer minutiae, as with [`GROWTH_PASSES`]. At 3 some ridges still break off in
/// a row and go on half a period aside, as nobody's do; at 5 hardly any. The minutiae that are then too few are [`PHASE_ISLANDS`].
pub(super) const PHASE_PASSES: usize = 5;
/// Islands (see [`super::islands`]) per pixel of skin: with them the extractor's count and the distance of nearest neighbours (21
/// pixels) are those of real sets, and so is how often two minutiae 24 to 50 pixels apart point to the same side (0.54; real 0.55
/// to 0.61, without islands 0.61 to 0.65). More than half of them grow together again, in the growth from noise half.
pub(super) const PHASE_ISLANDS: f64 = 3.5e-4;
/// See [`PHASE_ISLANDS`].
pub(super) const GROWTH_ISLANDS: f64 = 2.35e-4;
/// Weight of a node's own phase and of its diagonal neighbours', against 1 for those beside, above and below.
pub(super) const PHASE_OWN: f32 = 1.0;
/// See [`PHASE_OWN`].
pub(super) const PHASE_DIAGONAL: f32 = 0.5;
/// Amplification per pass, before clipping at a modulus of 1; the weights add up to 7.
pub(super) const PHASE_GAIN: f32 = 2.0 / 7.0;
/// Passes of the growth filter over the image made from the lattice: they round the ridges where its nodes show.
pub(super) const PHASE_REFINING_PASSES: usize = 1;

/// The growth runs at half the resolution: a period of 6-12 pixels becomes 3-6, still above Nyquist's 2.
pub(super) const GROWTH_SCALE: usize = 2;
/// Directions in the filter bank, over half a turn: 3.75 degrees apart, below what the eye sees as a seam.
pub(super) const BANK_DIRECTIONS: usize = 48;
/// Periods in the filter bank.
pub(super) const BANK_PERIODS: usize = 12;
/// Shortest and longest period in the bank, in pixels of the growth grid.
pub(super) const BANK_PERIOD_RANGE: (f64, f64) = (3.0, 6.6);
/// Half side of a filter, pixels of the growth grid: three standard deviations of the longest envelope.
pub(super) const FILTER_RADIUS: usize = 6;
/// Standard deviation of the envelope across ridges, in periods: three effective peaks (science C4.5).
pub(super) const FILTER_SIGMA_ACROSS: f64 = 0.42;
/// Standard deviation of the envelope along ridges, in periods.
pub(super) const FILTER_SIGMA_ALONG: f64 = 0.50;
/// Amplification per pass, before clipping at +-1: above 1 so that ridges grow from noise.
pub(super) const GROWTH_GAIN: f32 = 2.0;
/// Passes. More of them let minutiae of opposite sign meet and vanish, until only those that the flow needs are left.
pub(super) const GROWTH_PASSES: usize = 11;
/// Passes after the islands are placed: they round the ridges, and few enough leave most islands as they are.
pub(super) const GROWTH_REFINING_PASSES: usize = 1;

/// Pixels between the nodes on which direction and period are eased: well below the 100 pixels and more over which they are.
pub(super) const EASING_STEP: usize = 16;
/// Distance from a core or delta at which spreading weighs half, pixels: three ridges, within which the turn has to be.
pub(super) const EASING_SOFT: f64 = 30.0;
/// Steps of the conjugate gradients: more of them change an angle by less than 0.005 radians, and the period by less than a half percent.
pub(super) const EASING_ITERATIONS: usize = 40;
/// Stiffness of the eased direction against spreading ridges. Fitted to real prints (U.are.U and FVC sets, the extractor's own flow): the product of how much
/// ridges spread at two points 48 pixels apart, over the squared period, is 0.77e-7 to 0.84e-7 on optical sets; 0.7e-7 with this, 1.4e-7 without
/// easing.
pub(super) const DIRECTION_STIFFNESS: f64 = 0.2;
/// Stiffness of the eased period. Fitted likewise: within a print the period's logarithm deviates by 0.064 to 0.072 on optical sets; 0.064 with
/// this, 0.054 without.
pub(super) const PERIOD_STIFFNESS: f64 = 1.5;
/// Pull back to the field as drawn, per square pixel: the reach of an easing is the root of its stiffness over this, 45 pixels for
/// directions and 120 for the period (own choice).
pub(super) const EASING_HOLD: f64 = 1e-4;

/// Distance between the two ends of an island, pixels: from short ridges to some that end far apart (own choice).
pub(super) const ISLAND_LENGTH: (f64, f64) = (12.0, 60.0);
/// Deviation of its direction from the ridges', radians.
pub(super) const ISLAND_TURN: f64 = 0.3;
/// Chance that the next ridge but one or two has an island beside it, and how many periods away (own choice: ends of neighbouring ridges often lie
/// side by side).
pub(super) const ISLAND_TWIN: f64 = 0.2;
/// See [`ISLAND_TWIN`].
pub(super) const ISLAND_GAP: (f64, f64) = (0.9, 1.6);
/// How far an island moves the ridges round it, as a multiple of its length, and over which share of that it fades.
pub(super) const ISLAND_REACH: f64 = 1.5;
/// See [`ISLAND_REACH`].
pub(super) const ISLAND_FADE: f64 = 0.5;
/// No island nearer to a core or delta, pixels: there ridges have no common normal.
pub(super) const ISLAND_CLEAR: f64 = 45.0;
/// Deviation of a finger's richness in islands, as a share.
pub(super) const ISLAND_RICHNESS: f64 = 0.3;

/// Mean ridge period of an adult, pixels (science C4.4: 9, by person 7 to 12).
pub(super) const PERIOD_MEAN: f64 = 9.0;
/// Standard deviation of a finger's mean period, pixels.
pub(super) const PERIOD_DEVIATION: f64 = 0.55;
/// Least and greatest mean period of a finger.
pub(super) const PERIOD_RANGE: (f64, f64) = (6.5, 11.5);

/// Share of fingers with lasting creases where the spec does not say how creased the skin is (own choice after looking at scanner
/// prints of adults), and most creases on one such finger.
pub(super) const CREASE_CHANCE: f64 = 0.35;
/// See [`CREASE_CHANCE`].
pub(super) const CREASE_COUNT_MAX: u32 = 5;
/// Fine wrinkles of a finger whose skin is creased all over (crease density 1), as in high age.
pub(super) const WRINKLES: f32 = 26.0;
/// Pixels between pores along and across ridges: about three in a millimetre of ridge (own choice, from published counts of 9 to 18
/// in a centimetre and photographs at 1000 ppi; it makes 4 to 6 a square millimetre).
pub(super) const PORE_SPACING: f64 = 9.0;
/// Radius of an open pore, pixels: 0.04 to 0.09 mm.
pub(super) const PORE_RADIUS: (f64, f64) = (0.8, 1.8);
/// Pixels of the smooth field that makes wear patchy.
pub(super) const WEAR_CELL: f64 = 64.0;
/// Wear from which ridges count as invisible.
pub(super) const WORN_AWAY: f32 = 0.82;

/// Row of the master that lies under the middle of a usual contact.
pub(super) const CONTACT_CENTRE_Y: f64 = 262.0;
/// Least and greatest side of an impression, pixels at 500 ppi.
pub(super) const IMPRESSION_SIDE_MIN: u16 = 64;
/// See [`IMPRESSION_SIDE_MIN`].
pub(super) const IMPRESSION_SIDE_MAX: u16 = 2048;
/// Least and greatest resolution of an impression, pixels per inch.
pub(super) const PPI_RANGE: (u16, u16) = (250, 1000);
/// Rows of a sweep sensor's slice, pixels at 500 ppi.
pub(super) const SWEEP_SLICE: usize = 8;
/// Deviation of the speed that a slice is thought to have, as a share; of the sideways drift of each slice, and of the slip at
/// each seam, pixels (own choice, after pictures of swept prints).
pub(super) const SWEEP_SPEED: f64 = 0.035;
/// See [`SWEEP_SPEED`].
pub(super) const SWEEP_DRIFT: f64 = 0.35;
/// See [`SWEEP_SPEED`].
pub(super) const SWEEP_SLIP: f64 = 0.3;
/// The warp is computed on every fourth pixel and interpolated for shading; truth points use the warp itself.
pub(super) const WARP_LATTICE: usize = 4;
/// Steepness of the step between ridge and valley.
pub(super) const RIDGE_GAIN: f32 = 4.0;
/// Contact from which ridges can be seen, 0 to 1.
pub(super) const VISIBLE_CONTACT: f32 = 0.5;
/// Semi-axes of the region that does not slip, as a share of the whole contact's.
pub(super) const CLOSE_CONTACT: f64 = 0.42;
/// Greatest local strain of the skin: above 1 it would fold, and no pixel would lie over some of its points.
pub(super) const STRAIN_MAX: f64 = 0.4;
/// Two minutiae that point apart or at each other within so many periods are no event that anybody could see.
pub(super) const PAIR_DISTANCE: f64 = 0.7;
/// Weight of the patches against the mean moisture of a touch.
pub(super) const PATCH_WEIGHT: f32 = 0.45;
/// How far cracking or sweating skin moves the moisture of a touch, against usual skin half-way between.
pub(super) const DRYNESS_WEIGHT: f32 = 0.8;
/// Minutiae per pixel of skin in templates without ridges (0.25 per square millimetre): a little fewer than the masters have, since
/// extractors take many of their closest pairs for accidents; found ones are then as many as on images.
pub(super) const MINUTIA_DENSITY: f64 = 6.5e-4;
/// Usual least distance of two minutiae in such templates, pixels.
pub(super) const MINUTIA_CORE: f64 = 11.5;
