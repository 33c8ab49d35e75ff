//! Every number of the segmentation. Lengths are pixels at 500 ppi unless said otherwise. Those without a source were chosen on synthetic
//! slaps (seeds 1 to 3 and 11); what concerns print, handwriting, punched holes and pale ends of fingers by looking at one real inked card,
//! since the synthesis has none of these.

// Ridge energy.

/// Resolution at which ridges are looked for, pixels per inch: a ridge of 9 pixels has 4.5 here, and the work is a quarter.
pub(super) const WORKING_PPI: f64 = 250.0;
/// Side of a cell, pixels at [`WORKING_PPI`]: 8 at 500 ppi (science C5: down-sample by 8).
pub(super) const CELL: usize = 4;
/// Pixels at 500 ppi in a cell.
pub(super) const PER_CELL: f32 = 8.0;
/// Largest side of an image that is taken, pixels at 500 ppi: a sheet of 10 inches (a ten-print card has 8).
pub(super) const SIDE_MAX: usize = 5000;
/// Frequencies of the ridge band, waves per pixel at [`WORKING_PPI`]: periods of 5.3 to 13.3 pixels at 500 ppi (children's ridges to wide
/// adult ones), so near each other that no wave falls between them.
pub(super) const BANDS: [f32; 5] = [0.38, 0.32, 0.26, 0.20, 0.15];
/// Deviation of a filter's envelope, pixels at [`WORKING_PPI`]: two ridge periods wide at half height.
pub(super) const ENVELOPE: f32 = 4.0;
/// What the bank makes of a pure wave of the ridge band, against half its variance: its filters overlap.
pub(super) const WAVE_ENERGY: f32 = 1.4;
/// Deviation over which directions must agree, cells.
pub(super) const TENSOR_SIGMA: f32 = 1.2;
/// Agreement on a direction (0 to 1) from which a cell counts at all, and from which it counts in full: white noise has about 0.2.
pub(super) const AGREEMENT: (f32, f32) = (0.18, 0.40);
/// Share of the contrast that lies in the ridge band: the same two bounds. Clear ridges have 0.8 and more, the rims of fingers and blots 0.4.
pub(super) const BAND_SHARE: (f32, f32) = (0.40, 0.70);
/// The same where print and lines must not count at all: thin lines of print have 0.75 in the middle.
pub(super) const BAND_SHARE_STRICT: (f32, f32) = (0.62, 0.90);
/// Mean gray below which a cell may be black.
pub(super) const BLACK_GRAY: f32 = 32.0;
/// Half the variance of gray below which nothing is drawn on a cell.
pub(super) const BLACK_VARIANCE: f32 = 60.0;

// Patches.

/// Ridge contrast below this is noise or a trace, gray levels.
pub(super) const RIDGE_FLOOR: f32 = 4.0;
/// Which of the cells above the floor is typical of skin here: a rank, 0 lowest to 1 highest.
pub(super) const MASK_TYPICAL: f32 = 0.7;
/// A cell is skin from this share of the typical ridge contrast on: a print of an earlier finger left on the glass has a tenth or less.
pub(super) const MASK_SHARE: f32 = 0.24;
/// Smoothing of the energy before the threshold, cells.
pub(super) const MASK_SIGMA: f32 = 0.8;
/// Holes up to this many cells are scars, blots or punched holes (a hole of 7 mm has 230 cells, 400 with its rim).
pub(super) const HOLE_CELLS: usize = 600;
/// Least side of a hole that was punched, cells: 3 mm.
pub(super) const PUNCHED_CELLS: usize = 7;
/// Cells of a punched hole that are black all through (a hole of 5 to 8 mm without its rim).
pub(super) const PUNCHED_BLACK: (usize, usize) = (16, 400);
/// How far from these the edge of a hole keeps the bank from seeing ridges, cells.
pub(super) const PUNCHED_RIM: u32 = 7;
/// Holes that are looked at on an image; cards have two to four.
pub(super) const PUNCHED_MAX: usize = 16;
/// Radius of the opening, cells: strokes and print are up to 28 pixels thick with the blur of the bank, fingers 100 and more.
pub(super) const OPENING_CELLS: i32 = 3;
/// Smallest patch, cells: 80 by 80 pixels, a third of a child's little finger.
pub(super) const PATCH_CELLS: usize = 100;
/// Patches that are looked at; more than any card has.
pub(super) const PATCHES_MAX: usize = 64;
/// What is thinner than this share of a patch's own thickness is trimmed off it.
pub(super) const TRIM_SHARE: f32 = 0.4;
/// How far the energy reaches beyond the skin at the threshold, pixels (measured on synthetic fingers).
pub(super) const BLUR: f32 = 9.0;

// Fingers that touch.

/// A patch narrower than this is not two fingers side by side, pixels: two children's little fingers.
pub(super) const SINGLE_WIDTH: f32 = 260.0;
/// A patch wider than this across its long axis may be several fingers, pixels (thumbs of adults have up to 20 mm).
pub(super) const MERGED_WIDTH: f32 = 330.0;
/// A cut is at least so far from the sides of the patch, pixels.
pub(super) const CUT_SIDE: f32 = 96.0;
/// A cut crosses at most this share of the skin that columns of the fingers beside it have (chosen).
pub(super) const CUT_VALLEY: f32 = 0.66;
/// Slopes tried to each side of the hand's direction, 0.08 apart.
pub(super) const CUT_ANGLES: i32 = 3;
/// Cuts in a patch, one inside another: up to eight parts.
pub(super) const CUT_DEPTH: usize = 3;

// Turns.

/// Elongation of a usual fingertip, as [`super::blobs::Moments::axis`] has it: a third longer than wide.
pub(super) const USUAL_ELONGATION: f32 = 0.3;
/// Weight of upright hands: a tenth of what a usual fingertip's own axis has.
pub(super) const UPRIGHT_PRIOR: f32 = 0.009;
/// Weight of a patch's axis where the edge cuts the patch.
pub(super) const CUT_AXIS_WEIGHT: f32 = 0.15;
/// Weight of the hand's turn beside a finger's own axis, which has about 0.3 where the finger is a third longer than wide.
pub(super) const HAND_PRIOR: f32 = 0.10;
/// Greatest turn of a finger against its hand, radians.
pub(super) const FINGER_TURN_MAX: f32 = 0.40;

// Fingertips and lower joints.

/// A lower joint lies at most this share of the fingertip's width beside its middle, and this much more for each pixel below (15 degrees).
pub(super) const BELOW_SIDE: f32 = 0.5;
/// See [`BELOW_SIDE`].
pub(super) const BELOW_LEAN: f32 = 0.25;
/// A tip has at least this share of the weight (area times contrast) of the joint below it.
pub(super) const JOINT_WEIGHT: f32 = 0.6;
/// Least length, in widths, of what may be the tip of a finger whose lower joint lies below it.
pub(super) const COVER_FORM_MIN: f32 = 0.7;
/// Least width and length of a fingertip, pixels: 5 and 5.6 mm, of small children.
pub(super) const FINGER_WIDTH_MIN: f32 = 100.0;
/// See [`FINGER_WIDTH_MIN`].
pub(super) const FINGER_LENGTH_MIN: f32 = 110.0;
/// Least length of a fingertip in widths: rolled ones have 0.65 and more, lines of print less.
pub(super) const FINGER_FORM_MIN: f32 = 0.5;
/// Widest that a flat fingertip counts as, pixels: 20 mm.
pub(super) const FINGER_WIDTH_MAX: f32 = 400.0;
/// Skin so near the edge of the image reaches it, pixels.
pub(super) const EDGE: f32 = 10.0;

// Boxes.

/// Share of the skin that may lie beyond each side of the box.
pub(super) const BOX_SHARE: f32 = 0.004;
/// How far the tip may be extended where print runs over it, in widths.
pub(super) const TIP_EXTENSION: f32 = 0.25;
/// A fingertip goes on toward the crease while the ridges in its middle have this share of the contrast above.
pub(super) const PALE_SHARE: f32 = 0.22;
/// The distal crease is looked for from here to there below the tip, in widths of the finger (0.6 to 1.2 inch of an adult, science C5).
pub(super) const CREASE_FIRST: f32 = 0.85;
/// See [`CREASE_FIRST`].
pub(super) const CREASE_LAST: f32 = 2.3;
/// At the crease the ridges fall to this share of those above it ...
pub(super) const CREASE_DIP: f32 = 0.5;
/// ... and of those that follow below.
pub(super) const CREASE_REST: f32 = 0.8;
/// What follows below the crease has at least this share of the contrast above it, or it is no skin.
pub(super) const CREASE_BELOW: f32 = 0.25;
/// Length of a fingertip without a visible crease, in widths.
pub(super) const LENGTH_USUAL: f32 = 1.6;
/// A patch longer than this holds more than a fingertip, in widths.
pub(super) const LENGTH_LONGEST: f32 = 2.5;
/// Longest side of a finger that is cut out, pixels: at 1000 ppi and more than any rolled finger.
pub(super) const CROP_SIDE_MAX: usize = 4096;

// Positions.

/// Fingertips that positions are sought for; the largest ones.
pub(super) const CANDIDATES_MAX: usize = 7;
/// Cost of a place without a fingertip that nobody said is missing.
pub(super) const MISSING_COST: f32 = 3.0;
/// Cost of leaving a fingertip out, and what it costs more for the largest one.
pub(super) const LEAVE_OUT_BASE: f32 = 1.0;
/// See [`LEAVE_OUT_BASE`].
pub(super) const LEAVE_OUT_WHOLE: f32 = 12.0;
/// How far a fingertip lies from its place in a hand of the right size and turn, across and along the hand, pixels.
pub(super) const PLACE_SIGMA: (f32, f32) = (60.0, 60.0);
/// Most that the place of one fingertip can cost: hands bend.
pub(super) const PLACE_COST_MAX: f32 = 5.0;
/// How much the relative widths of fingertips differ, logarithm.
pub(super) const SIZE_SIGMA: f32 = 0.13;
/// How far the turn of the hand is from what the axes of its fingers say, radians.
pub(super) const TURN_SIGMA: f32 = 0.10;
/// Turns tried to each side, 0.035 radians apart.
pub(super) const TURNS: i32 = 9;
/// Sizes of a hand: least, greatest, and how many are tried (children of five have about 0.6).
pub(super) const SCALES: (f32, f32, usize) = (0.6, 1.2, 13);
/// How much dearer the stated hand must be than the other one before the statement is doubted (chosen so that it is not said of right ones).
pub(super) const OTHER_HAND_MARGIN: f32 = 4.0;
/// Cheapest assignment that differs in one finger by this much: even odds that it is the right one, in the confidence.
pub(super) const MARGIN_SCALE: f32 = 2.0;
/// Confidence is full at this ridge contrast, gray levels.
pub(super) const STRENGTH_FULL: f32 = 24.0;
/// A fingertip that speaks for itself less than this share of the others' typical one is a scrap: it is not counted as one finger too many.
pub(super) const SCRAP: f32 = 0.4;

// Ten-print cards.

/// Columns of rolled boxes on a ten-print card.
pub(super) const CARD_COLUMNS: usize = 5;
/// Width and height of a rolled box, pixels: 1.6 by 1.5 inches.
pub(super) const CARD_ROLLED: (f32, f32) = (800.0, 750.0);
/// Height of the plain boxes, pixels: 2 inches.
pub(super) const CARD_PLAIN: f32 = 1000.0;
/// Sizes of a card against the nominal one: least, greatest, and how many are tried.
pub(super) const CARD_SIZES: (f32, f32, usize) = (0.90, 1.10, 11);
/// What a printed line on a border of the grid counts, beside all the skin of the rolled fingers; there are six borders.
pub(super) const CARD_LINE_WEIGHT: f32 = 0.15;
/// Radius of the opening where the grid is laid, cells: lines of print are thinner, rolled prints much wider.
pub(super) const CARD_OPENING_CELLS: i32 = 6;
/// How far prints are followed over the border of their box, pixels.
pub(super) const CARD_OVERLAP: f32 = 24.0;
/// A card has at least this many cells of skin: two fingers.
pub(super) const CARD_MASS_MIN: f32 = 1000.0;
