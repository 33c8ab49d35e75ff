//! Cores, deltas, class and ridge period of one print as the extractor itself sees them: the same estimate for a real image, of which
//! nobody knows the truth, and for a synthetic one, against whose truth it is measured.

use tanba_finger::{Flow, Mask, Pattern, Plane, Stage, StageData};

/// The stages that are looked at, as they come.
#[derive(Default)]
pub(super) struct Seen {
    flow: Option<Flow>,
    period: Option<Plane>,
    readable: Option<Mask>,
    pattern: Option<Pattern>,
}

impl Seen {
    /// Keeps a stage that is wanted.
    pub(super) fn take(&mut self, stage: Stage<'_>) {
        match (stage.name, stage.data) {
            ("orientation", StageData::Flow(flow)) => self.flow = Some(flow.clone()),
            ("period", StageData::Map(period)) => self.period = Some(period.clone()),
            ("readable", StageData::Mask(readable)) => self.readable = Some(readable.clone()),
            (_, StageData::Pattern(pattern)) => self.pattern = Some(pattern.clone()),
            _ => {}
        }
    }

    /// Whether ridges can be read at a place, pixels.
    pub(super) fn reads(&self, x: f32, y: f32) -> bool {
        self.readable.as_ref().is_some_and(|mask| mask.at(x as isize, y as isize))
    }

    /// Median ridge period where ridges can be read, pixels at 500 ppi.
    pub(super) fn period(&self) -> Option<f32> {
        let (period, flow) = (self.period.as_ref()?, self.flow.as_ref()?);
        let centre = |i: usize| (i as f32 + 0.5) * flow.cell as f32;
        let mut read: Vec<f32> = (0..period.data.len())
            .filter(|k| self.reads(centre(k % period.width), centre(k / period.width)))
            .map(|k| period.data[k])
            .collect();
        read.sort_by(f32::total_cmp);
        read.get(read.len() / 2).copied()
    }

    /// Cores, deltas and class.
    pub(super) fn pattern(&self) -> Option<Pattern> {
        self.pattern.clone()
    }
}

pub(super) fn distance(a: (f32, f32), b: (f32, f32)) -> f32 {
    (a.0 - b.0).hypot(a.1 - b.1)
}
