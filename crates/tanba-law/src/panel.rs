//! The identification panel of a pack on genomic registration: which loci may be stored, and nothing else may.

use crate::validate::Fault;
use crate::{Mode, Pack, Text, phrases};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The loci that may be stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct GenomicPanel {
    /// Autosomal STR loci, by their usual names (`D8S1179`, `TH01`).
    pub autosomal: Vec<String>,
    /// Whether amelogenin may be stored.
    pub sex_marker: bool,
    /// Whether haplotypes of Y-STR loci may be stored.
    pub y_str: bool,
    /// Whether mitochondrial haplotypes may be stored.
    pub mitochondrial: bool,
    /// Identity SNPs, by the number of the reference SNP (`rs1490413` is 1490413).
    pub identity_snps: Vec<u32>,
}

/// What the law in use says of the panel.
#[derive(Debug, Clone)]
pub struct PanelAnswer<'a> {
    /// The permitted loci; where the law is not known, the reason, and then nothing may be stored.
    pub panel: Result<&'a GenomicPanel, Text>,
    /// The assumption that the answer rests on (`sheet/panel`), where the pack does not know it.
    pub assumed: Option<String>,
}

impl GenomicPanel {
    pub(crate) fn validate(&self) -> Result<(), Fault> {
        if self.autosomal.is_empty() && !self.y_str && !self.mitochondrial && self.identity_snps.is_empty() {
            return Err(Fault::new(
                "panel",
                "permits no locus; where none may be stored, the pack has no rules either",
            ));
        }
        if self.autosomal.iter().any(|name| name.trim().is_empty()) {
            return Err(Fault::new("panel", "a locus has no name"));
        }
        let loci: BTreeSet<String> = self.autosomal.iter().map(|name| name.to_ascii_uppercase()).collect();
        let snps: BTreeSet<u32> = self.identity_snps.iter().copied().collect();
        if loci.len() < self.autosomal.len() || snps.len() < self.identity_snps.len() {
            return Err(Fault::new("panel", "a locus stands twice"));
        }
        Ok(())
    }
}

/// The panel under a pack: its own, or in a demonstration the sheet's where the pack does not know it.
pub fn panel<'a>(pack: &'a Pack, mode: Mode<'a>) -> PanelAnswer<'a> {
    let own = pack.panel();
    if let Some(known) = own.and_then(|field| field.known()) {
        return PanelAnswer { panel: Ok(known), assumed: None };
    }
    let sheet = mode.sheet_for(pack);
    if let Some((sheet, row)) = sheet.and_then(|sheet| Some((sheet, sheet.doc.panel.as_ref()?))) {
        return PanelAnswer { panel: Ok(&row.value), assumed: Some(format!("{}/panel", sheet.id())) };
    }
    let reason = own.and_then(|field| field.reason()).cloned().unwrap_or_else(phrases::panel_not_known);
    PanelAnswer { panel: Err(reason), assumed: None }
}
