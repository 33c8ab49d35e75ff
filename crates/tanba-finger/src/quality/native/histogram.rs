//! Values of many blocks as ten bins, mean and standard deviation (ISO/IEC 29794-4).

/// How one family of measures is told.
pub(super) struct Family {
    /// Ten bins, `Mean`, `StdDev`.
    names: [&'static str; 12],
    /// Limits between the bins; a value on a limit belongs to the bin above it.
    limits: [f64; 9],
}

macro_rules! names {
    ($family:literal) => {
        [
            concat!($family, "_Bin10_0"),
            concat!($family, "_Bin10_1"),
            concat!($family, "_Bin10_2"),
            concat!($family, "_Bin10_3"),
            concat!($family, "_Bin10_4"),
            concat!($family, "_Bin10_5"),
            concat!($family, "_Bin10_6"),
            concat!($family, "_Bin10_7"),
            concat!($family, "_Bin10_8"),
            concat!($family, "_Bin10_9"),
            concat!($family, "_Bin10_Mean"),
            concat!($family, "_Bin10_StdDev"),
        ]
    };
}

/// Frequency domain analysis.
pub(super) const FREQUENCY: Family =
    Family { names: names!("FDA"), limits: [0.268, 0.304, 0.33, 0.355, 0.38, 0.407, 0.44, 0.5, 1.0] };
/// Local clarity.
pub(super) const CLARITY: Family =
    Family { names: names!("LCS"), limits: [0.0, 0.7, 0.74, 0.77, 0.79, 0.81, 0.83, 0.85, 0.87] };
/// Orientation certainty.
pub(super) const CERTAINTY: Family =
    Family { names: names!("OCL"), limits: [0.337, 0.479, 0.579, 0.655, 0.716, 0.766, 0.81, 0.852, 0.898] };
/// Orientation flow.
pub(super) const FLOW: Family =
    Family { names: names!("OF"), limits: [0.01715, 0.035, 0.0557, 0.081, 0.115, 0.1718, 0.2569, 0.4758, 0.748] };
/// Ridge-valley uniformity.
pub(super) const UNIFORMITY: Family =
    Family { names: names!("RVUP"), limits: [0.5, 0.667, 0.8, 1.0, 1.25, 1.5, 2.0, 24.0, 30.0] };

impl Family {
    /// Says every measure of the family.
    pub(super) fn tell(&self, values: &[f64], say: &mut impl FnMut(&'static str, f64)) {
        let mut bins = [0.0; 10];
        for v in values {
            bins[self.limits.iter().filter(|limit| v >= limit).count()] += 1.0;
        }
        let n = values.len().max(1) as f64;
        let mean = values.iter().sum::<f64>() / n;
        let deviation = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
        for (name, value) in self.names.into_iter().zip(bins.into_iter().chain([mean, deviation])) {
            say(name, value);
        }
    }
}
