//! A biometric information record as a tree.

use super::{BdbInfo, Bir, Quality, RegistryId, Version};
use crate::Outline;

impl Bir {
    /// The record as a tree in the words of the schema; biometric data blocks that are finger records are shown too.
    pub fn outline(&self) -> Outline {
        let version = |v: Version| format!("{}.{}", v.major, v.minor);
        let text = |label, value: &Option<String>| value.as_ref().map(|v| Outline::leaf(label, v));
        let block =
            |label, value: &Option<Vec<u8>>| value.as_ref().map(|b| Outline::leaf(label, format!("{} bytes", b.len())));
        Outline::of("biometric information record (CBEFF)")
            .with_all(self.version.map(|v| Outline::leaf("version", version(v))))
            .with_all(self.cbeff_version.map(|v| Outline::leaf("CBEFF version", version(v))))
            .with_all(text("creator", &self.info.creator))
            .with_all(text("index", &self.info.index))
            .with_all(self.info.integrity.map(|i| Outline::leaf("integrity", i)))
            .with_all(text("creation date", &self.info.creation_date))
            .with_all(text("not valid before", &self.info.not_valid_before))
            .with_all(text("not valid after", &self.info.not_valid_after))
            .with_all(block("payload", &self.info.payload))
            .with_all(self.bdb_info.as_ref().map(BdbInfo::outline))
            .with_all(self.children.iter().map(Self::outline))
            .with_all(self.bdb.as_deref().map(|b| match self.bdb_info.as_ref().and_then(|i| i.encryption) {
                Some(true) => Outline::leaf("biometric data block, encrypted", format!("{} bytes", b.len())),
                _ => super::block_outline("biometric data block", b),
            }))
            .with_all(self.sb_info.as_ref().and_then(|i| i.format.as_ref()).map(|f| f.outline("signature format")))
            .with_all(block("signature block", &self.sb))
            .with_all(self.others.iter().map(|e| Outline::leaf(e.key.clone(), &e.value)))
            .with_all(self.unknown.iter().map(|e| Outline::leaf("unknown element", &e.name)))
    }
}

impl BdbInfo {
    fn outline(&self) -> Outline {
        let text = |label, value: &Option<String>| value.as_ref().map(|v| Outline::leaf(label, v));
        let words = |label, value: &Option<Vec<String>>| value.as_ref().map(|v| Outline::leaf(label, v.join(" ")));
        let id = |label, value: &Option<RegistryId>| value.as_ref().map(|v| v.outline(label));
        Outline::of("biometric data block information")
            .with_all(id("format", &self.format))
            .with_all(self.encryption.map(|e| Outline::leaf("encryption", e)))
            .with_all(text("creation date", &self.creation_date))
            .with_all(words("type", &self.types))
            .with_all(words("subtype", &self.subtypes))
            .with_all(text("level", &self.level))
            .with_all(id("product", &self.product))
            .with_all(id("capture device", &self.capture_device))
            .with_all(id("compression algorithm", &self.compression_algorithm))
            .with_all(text("purpose", &self.purpose))
            .with_all(self.quality.as_ref().map(Quality::outline))
            .with_all(self.unknown.iter().map(|e| Outline::leaf("unknown element", &e.name)))
    }
}

impl Quality {
    fn outline(&self) -> Outline {
        let said = match (&self.score, &self.failed) {
            (Some(score), _) => score.to_string(),
            (None, Some(why)) => format!("failed: {why}"),
            (None, None) => "not stated".into(),
        };
        Outline::leaf("quality", said).with_all(self.algorithm.as_ref().map(|a| a.outline("algorithm")))
    }
}

impl RegistryId {
    fn outline(&self, label: &str) -> Outline {
        let part = |v: &Option<String>| v.clone().unwrap_or_else(|| "not stated".into());
        Outline::leaf(label, format!("{} of {}", part(&self.kind), part(&self.organization)))
    }
}
