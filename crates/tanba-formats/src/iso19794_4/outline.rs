//! A finger image record as a tree.

use super::{FingerImage, FingerImageRecord, ScaleUnits};
use crate::Outline;

impl FingerImageRecord {
    /// The record as a tree in the words of the standards: header, images with what is stated of each.
    pub fn outline(&self) -> Outline {
        let product = self.product.map(|p| Outline::leaf("CBEFF product", format!("{:#06x} {:#06x}", p.owner, p.kind)));
        let device = (self.capture_device != 0).then(|| Outline::leaf("capture device", self.capture_device));
        let level =
            (self.acquisition_level != 0).then(|| Outline::leaf("image acquisition level", self.acquisition_level));
        Outline::leaf("finger image record", self.edition)
            .with_all(product)
            .with_all(device)
            .with_all(level)
            .with_all(self.images.iter().map(FingerImage::outline))
    }
}

impl FingerImage {
    /// The image as a tree: what is stated of it, not its pixels.
    pub fn outline(&self) -> Outline {
        let units = match self.scale_units {
            ScaleUnits::PerInch => "pixels per inch",
            ScaleUnits::PerCentimetre => "pixels per centimetre",
            ScaleUnits::Reserved(_) => "in reserved units",
        };
        let resolution = |(across, down)| format!("{across} x {down} {units}");
        Outline::leaf("finger image", self.number)
            .with(Outline::leaf("position", format!("{} ({})", self.position.name(), self.position.0)))
            .with(Outline::leaf("impression type", format!("{} ({})", self.impression.name(), self.impression.0)))
            .with_all(self.capture.outline())
            .with(Outline::leaf("image size", format!("{} x {} pixels", self.width, self.height)))
            .with(Outline::leaf("capture resolution", resolution(self.capture_resolution)))
            .with(Outline::leaf("image resolution", resolution(self.resolution)))
            .with(Outline::leaf("bit depth", self.depth))
            .with(Outline::leaf("compression", self.compression.name()))
            .with(Outline::leaf("image data", format!("{} bytes", self.data.len())))
            .with_all(self.blocks.iter().map(super::ImageBlock::outline))
    }
}
