//! The registry's numbers, each with its unit and where it comes from.

/// Attempts at one finger; the best is kept (the console's rule of three).
pub(crate) const ATTEMPTS: u32 = 3;

/// Unified quality below which a kept capture is flagged for the supervisor's statistics.
pub(crate) const QUALITY_FLAG: u8 = 30;

/// log10 LR over all fingers from which a registered person is shown to examiners as a candidate. With a national
/// register of 10^7 people the prior odds are 10^-7, so a lone finger at the engine's cap does not reach it, two do.
pub(crate) const DEDUPLICATION_LOG10_LR: f32 = 4.0;

/// log10 LR from which prints are taken to be those registered for the identity that was claimed.
pub(crate) const VERIFY_LOG10_LR: f32 = 3.0;

/// log10 LR of two single fingers from which one is taken to be offered twice.
pub(crate) const SAME_FINGER_LOG10_LR: f32 = 2.5;

/// Candidates shown for one search.
pub(crate) const CANDIDATES_SHOWN: usize = 10;

/// Examiners who must agree before a candidate is decided.
pub(crate) const EXAMINERS_NEEDED: usize = 2;
