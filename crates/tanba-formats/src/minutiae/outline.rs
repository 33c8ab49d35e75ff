//! A minutiae record as a tree.

use super::{FingerMinutiaeRecord, FingerView, ImpressionType, RecordMinutiaKind};
use crate::Outline;

impl FingerMinutiaeRecord {
    /// The record as a tree in the words of the standards: header, views, minutiae by kind, extended data.
    pub fn outline(&self) -> Outline {
        let product = self.product.map(|p| Outline::leaf("CBEFF product", format!("{:#06x} {:#06x}", p.owner, p.kind)));
        let device = Outline::leaf("capture device", self.capture_device.id);
        let views = self.views.iter().map(|v| self.view_outline(v));
        Outline::leaf("finger minutiae record", self.edition).with_all(product).with(device).with_all(views)
    }

    fn view_outline(&self, view: &FingerView) -> Outline {
        let many = |kind| view.minutiae.iter().filter(|m| m.kind == kind).count();
        let minutiae = format!(
            "{} ({} endings, {} bifurcations, {} others)",
            view.minutiae.len(),
            many(RecordMinutiaKind::Ending),
            many(RecordMinutiaKind::Bifurcation),
            many(RecordMinutiaKind::Other)
        );
        let quality = view.quality.map_or_else(|| "not reported".into(), |q| q.to_string());
        Outline::leaf("finger view", view.view_number)
            .with(Outline::leaf("finger position", view.position.name()))
            .with(Outline::leaf("impression type", view.impression.name()))
            .with(Outline::leaf("finger quality", quality))
            .with_all(view.capture.outline())
            .with(Outline::leaf("image size", format!("{} x {} pixels", view.width, view.height)))
            .with(Outline::leaf("resolution", format!("{} x {} pixels per centimetre", view.x_per_cm, view.y_per_cm)))
            .with(Outline::leaf("minutiae", minutiae))
            .with_all(view.extended.iter().map(|block| block.outline(self.edition)))
    }
}

impl ImpressionType {
    /// What the code stands for, in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::LiveScanPlain => "live-scan plain",
            Self::LiveScanRolled => "live-scan rolled",
            Self::NonliveScanPlain => "nonlive-scan plain",
            Self::NonliveScanRolled => "nonlive-scan rolled",
            Self::Swipe => "swipe",
            Self::Reserved(_) => "reserved",
        }
    }
}
