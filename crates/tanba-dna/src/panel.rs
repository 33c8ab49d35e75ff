//! Which loci the law permits to be stored.

use crate::Locus;

/// The permitted identification loci. Whatever is not in it never becomes part of a [`Profile`](crate::Profile).
///
/// Markers of the Y chromosome and mitochondrial DNA are not permitted unless the panel says so; identity SNPs come with a list of
/// their own. A panel can only narrow the twenty core loci, which lie in non-coding regions and were chosen for identification:
/// a locus that could tell something about health has no representation in this crate at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Panel {
    loci: u32,
    sex_marker: bool,
    y: bool,
    mitochondrial: bool,
}

impl Panel {
    /// The 20 CODIS core loci and amelogenin.
    pub const CODIS_20: Self = Self { loci: (1 << Locus::COUNT) - 1, sex_marker: true, y: false, mitochondrial: false };

    /// A panel of these loci, with or without amelogenin.
    pub fn new(loci: impl IntoIterator<Item = Locus>, sex_marker: bool) -> Self {
        let loci = loci.into_iter().fold(0, |set, locus| set | 1 << locus.index());
        Self { loci, sex_marker, y: false, mitochondrial: false }
    }

    /// The panel with Y-STR haplotypes.
    #[must_use]
    pub const fn with_y(self) -> Self {
        Self { y: true, ..self }
    }

    /// The panel with mitochondrial DNA.
    #[must_use]
    pub const fn with_mitochondrial(self) -> Self {
        Self { mitochondrial: true, ..self }
    }

    /// Whether Y-STR haplotypes may be stored.
    pub fn permits_y(&self) -> bool {
        self.y
    }

    /// Whether mitochondrial haplotypes may be stored.
    pub fn permits_mitochondrial(&self) -> bool {
        self.mitochondrial
    }

    /// Whether a locus may be stored.
    pub fn permits(&self, locus: Locus) -> bool {
        self.loci >> locus.index() & 1 == 1
    }

    /// Whether amelogenin may be stored.
    pub fn permits_sex_marker(&self) -> bool {
        self.sex_marker
    }

    /// The permitted loci, in the order of their codes.
    pub fn loci(&self) -> impl Iterator<Item = Locus> {
        let panel = *self;
        Locus::ALL.into_iter().filter(move |locus| panel.permits(*locus))
    }
}
