//! A profile: for each typed locus the set of alleles that were seen.

use std::collections::BTreeMap;
use std::fmt;

use crate::locus::{is_sex_marker, shown};
use crate::{Allele, AlleleMark, DnaError, Locus, Panel, SexMarker};

/// The alleles at one locus: a set of 1 to 8, sorted. A homozygote is one allele, however often it was written.
///
/// One allele alone may carry a drop-out mark (`16,F`): its partner may have been lost, so that it is a homozygote or not.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Genotype {
    alleles: Vec<Allele>,
    /// Only ever beside one allele.
    partner_may_be_lost: bool,
}

/// What one locus of one person says to be weighed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Typing {
    /// Both alleles, in order; a homozygote's twice.
    Pair([Allele; 2]),
    /// One of the two: the other can be any allele, this one among them.
    One(Allele),
}

/// An STR profile: loci with their alleles, and amelogenin where it may be kept. Never empty.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Profile {
    loci: BTreeMap<Locus, Genotype>,
    sex_marker: Option<SexMarker>,
}

/// What stands in place of an allele that may have dropped out: `F` as casework laboratories write it, or a question mark.
const DROPOUT_MARKS: [&str; 2] = ["F", "?"];

/// Whether a text is a drop-out mark.
pub(crate) fn is_dropout_mark(text: &str) -> bool {
    DROPOUT_MARKS.iter().any(|mark| text.trim().eq_ignore_ascii_case(mark))
}

/// How profiles come in, before they are judged: names and designations as somebody wrote them.
#[derive(Default)]
pub(crate) struct ProfileDraft {
    loci: BTreeMap<Locus, Genotype>,
    sex_marker: Option<SexMarker>,
}

impl Profile {
    /// A profile from locus names and designations, in any order: the door that every text form goes through.
    ///
    /// Aliases and repeated equal loci are normalised; a locus without designations counts as not typed.
    ///
    /// # Errors
    /// [`DnaError`] for a locus outside the panel, an unreadable designation, contradictory loci, or no typed locus.
    pub fn from_designations<'a, Names, Alleles>(rows: Names, panel: &Panel) -> Result<Self, DnaError>
    where
        Names: IntoIterator<Item = (&'a str, Alleles)>,
        Alleles: IntoIterator<Item = &'a str>,
    {
        let mut draft = ProfileDraft::default();
        for (name, alleles) in rows {
            draft.add(name, alleles, panel)?;
        }
        draft.finish()
    }

    /// A profile of genotypes that are already values; the later of two genotypes at one locus wins.
    ///
    /// # Errors
    /// [`DnaError::EmptyProfile`] where there is none.
    pub fn from_genotypes(
        genotypes: impl IntoIterator<Item = (Locus, Genotype)>,
        sex_marker: Option<SexMarker>,
    ) -> Result<Self, DnaError> {
        ProfileDraft { loci: genotypes.into_iter().collect(), sex_marker }.finish()
    }

    /// The alleles at a locus; `None` where it was not typed.
    pub fn at(&self, locus: Locus) -> Option<&Genotype> {
        self.loci.get(&locus)
    }

    /// The typed loci with their alleles, in the order of the codes.
    pub fn genotypes(&self) -> impl Iterator<Item = (Locus, &Genotype)> {
        self.loci.iter().map(|(locus, genotype)| (*locus, genotype))
    }

    /// How many loci were typed.
    pub fn typed_loci(&self) -> usize {
        self.loci.len()
    }

    /// What amelogenin showed, if it was typed and may be kept.
    pub fn sex_marker(&self) -> Option<SexMarker> {
        self.sex_marker
    }
}

impl Genotype {
    /// The most alleles at one locus, as in CODIS CMF 3.2.
    pub const MAX_ALLELES: usize = 8;

    /// A genotype of these alleles, in any order, repeated or not. `None` where there are none or more than eight.
    pub fn new(alleles: impl IntoIterator<Item = Allele>) -> Option<Self> {
        let mut set: Vec<Allele> = alleles.into_iter().take(2 * Self::MAX_ALLELES + 1).collect();
        set.sort_unstable();
        set.dedup();
        let fits = (1..=Self::MAX_ALLELES).contains(&set.len());
        fits.then_some(Self { alleles: set, partner_may_be_lost: false })
    }

    /// One allele whose partner may have dropped out: written `16,F`.
    pub fn with_dropout_mark(allele: Allele) -> Self {
        Self { alleles: vec![allele], partner_may_be_lost: true }
    }

    /// Whether a second allele may have dropped out.
    pub fn partner_may_be_lost(&self) -> bool {
        self.partner_may_be_lost
    }

    /// The different alleles, sorted.
    pub fn alleles(&self) -> &[Allele] {
        &self.alleles
    }

    /// What a person's typing says; `None` for three or more alleles and for off-ladder marks, which name no allele that has a
    /// frequency.
    pub(crate) fn typing(&self) -> Option<Typing> {
        let typing = match *self.alleles.as_slice() {
            [a] if self.partner_may_be_lost => Typing::One(a),
            [a] => Typing::Pair([a, a]),
            [a, b] => Typing::Pair([a, b]),
            _ => return None,
        };
        self.alleles.iter().all(|allele| allele.mark() == AlleleMark::Exact).then_some(typing)
    }

    /// The designations as texts, a homozygote once; a drop-out mark as `F` behind its allele.
    pub fn designations(&self) -> Vec<String> {
        let mark = self.partner_may_be_lost.then(|| DROPOUT_MARKS[0].to_owned());
        self.alleles.iter().map(ToString::to_string).chain(mark).collect()
    }
}

impl Typing {
    /// The alleles that it names, a homozygote's twice.
    pub(crate) fn alleles(&self) -> impl Iterator<Item = Allele> {
        let named = match *self {
            Self::Pair([a, b]) => [Some(a), Some(b)],
            Self::One(a) => [Some(a), None],
        };
        named.into_iter().flatten()
    }
}

impl ProfileDraft {
    pub(crate) fn add<'a>(
        &mut self,
        name: &str,
        alleles: impl IntoIterator<Item = &'a str>,
        panel: &Panel,
    ) -> Result<(), DnaError> {
        // The door: what the panel does not name is refused before its alleles are looked at.
        if is_sex_marker(name) && panel.permits_sex_marker() {
            return self.add_sex_marker(alleles);
        }
        let locus = Locus::parse(name)
            .filter(|locus| panel.permits(*locus))
            .ok_or_else(|| DnaError::LocusNotPermitted { name: shown(name) })?;
        let (mut read, mut marked) = (Vec::new(), false);
        for text in alleles {
            if text.trim().is_empty() {
                continue;
            }
            if is_dropout_mark(text) {
                marked = true;
                continue;
            }
            if read.len() == 2 * Genotype::MAX_ALLELES {
                return Err(DnaError::TooManyAlleles { locus, limit: Genotype::MAX_ALLELES });
            }
            read.push(Allele::parse(text).ok_or(DnaError::BadAllele { locus })?);
        }
        let genotype = match (read.as_slice(), marked) {
            ([], false) => return Ok(()),
            // Two alleles, the same or not, are a complete typing: nothing is lost beside them.
            ([one], true) => Genotype::with_dropout_mark(*one),
            (_, true) => return Err(DnaError::BadDropoutMark { locus }),
            (_, false) => {
                Genotype::new(read).ok_or(DnaError::TooManyAlleles { locus, limit: Genotype::MAX_ALLELES })?
            }
        };
        match self.loci.get(&locus) {
            Some(before) if *before != genotype => Err(DnaError::ContradictoryLocus { locus }),
            Some(_) => Ok(()),
            None => {
                self.loci.insert(locus, genotype);
                Ok(())
            }
        }
    }

    fn add_sex_marker<'a>(&mut self, alleles: impl IntoIterator<Item = &'a str>) -> Result<(), DnaError> {
        let (mut x, mut y) = (false, false);
        for text in alleles {
            match text.trim() {
                "" => {}
                "X" | "x" => x = true,
                "Y" | "y" => y = true,
                _ => return Err(DnaError::BadSexMarker),
            }
        }
        let marker = match (x, y) {
            (false, false) => return Ok(()),
            (true, false) => SexMarker::X,
            (true, true) => SexMarker::Xy,
            (false, true) => SexMarker::Y,
        };
        match self.sex_marker.replace(marker) {
            Some(before) if before != marker => Err(DnaError::ContradictorySexMarker),
            _ => Ok(()),
        }
    }

    pub(crate) fn finish(self) -> Result<Profile, DnaError> {
        if self.loci.is_empty() {
            return Err(DnaError::EmptyProfile);
        }
        Ok(Profile { loci: self.loci, sex_marker: self.sex_marker })
    }
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Profile({} loci)", self.loci.len())
    }
}

impl fmt::Debug for Genotype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Genotype({} alleles)", self.alleles.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rows: &[(&str, &[&str])], panel: &Panel) -> Result<Profile, DnaError> {
        Profile::from_designations(rows.iter().map(|(n, a)| (*n, a.iter().copied())), panel)
    }

    #[test]
    fn order_aliases_repetition_and_homozygotes_do_not_matter() {
        let a = read(&[("THO1", &["9.3", "6"]), ("vWA", &["17", "17"]), ("AMEL", &["X", "Y"])], &Panel::CODIS_20);
        let b = read(
            &[("VWA", &["17"]), ("amelogenin", &["Y", "X"]), ("TH01", &["6", "9.3"]), ("TH01", &["9.3", "6.0"])],
            &Panel::CODIS_20,
        );
        assert_eq!(a, b);
        assert_eq!(a.unwrap().sex_marker(), Some(SexMarker::Xy));
    }

    #[test]
    fn a_locus_outside_the_panel_refuses_the_whole_profile() {
        let narrow = Panel::new([Locus::Th01], false);
        assert!(read(&[("TH01", &["6"])], &narrow).is_ok());
        for outside in ["SE33", "rs12913832", "vWA", "AMEL"] {
            let refused = read(&[("TH01", &["6"]), (outside, &["9"])], &narrow);
            assert_eq!(refused, Err(DnaError::LocusNotPermitted { name: outside.into() }));
        }
    }

    #[test]
    fn contradictions_and_emptiness_are_refused() {
        let panel = &Panel::CODIS_20;
        assert_eq!(
            read(&[("TH01", &["6"]), ("THO1", &["7"])], panel),
            Err(DnaError::ContradictoryLocus { locus: Locus::Th01 })
        );
        assert_eq!(read(&[("AMEL", &["X"]), ("AMEL", &["X", "Y"])], panel), Err(DnaError::ContradictorySexMarker));
        assert_eq!(read(&[("AMEL", &["Z"])], panel), Err(DnaError::BadSexMarker));
        assert_eq!(read(&[("AMEL", &["X"]), ("TH01", &["", " "])], panel), Err(DnaError::EmptyProfile));
        let nine: Vec<String> = (1..=9).map(|n| n.to_string()).collect();
        let nine: Vec<&str> = nine.iter().map(String::as_str).collect();
        assert!(matches!(read(&[("TH01", &nine)], panel), Err(DnaError::TooManyAlleles { .. })));
        assert!(read(&[("TPOX", &["8", "10", "11"])], panel).is_ok(), "tri-allelic loci exist");
    }

    #[test]
    fn a_dropout_mark_stands_beside_one_allele() {
        let panel = &Panel::CODIS_20;
        let profile = read(&[("TH01", &["6", "F"]), ("vWA", &["?", "17"]), ("FGA", &["20", "f", ""])], panel).unwrap();
        assert!(profile.genotypes().all(|(_, genotype)| genotype.partner_may_be_lost()));
        assert_eq!(profile.at(Locus::Vwa).unwrap().designations(), ["17", "F"]);
        for wrong in [&["F"] as &[&str], &["F", "F"], &["6", "7", "F"], &["6", "6", "F"]] {
            assert_eq!(
                read(&[("TH01", wrong)], panel),
                Err(DnaError::BadDropoutMark { locus: Locus::Th01 }),
                "{wrong:?}"
            );
        }
        let twice = read(&[("TH01", &["6", "F"]), ("TH01", &["6"])], panel);
        assert_eq!(twice, Err(DnaError::ContradictoryLocus { locus: Locus::Th01 }));
    }

    #[test]
    fn debug_shows_no_allele() {
        let profile = read(&[("TH01", &["6", "9.3"])], &Panel::CODIS_20).unwrap();
        let shown = format!("{profile:?} {:?}", profile.at(Locus::Th01).unwrap());
        assert!(!shown.contains("9.3"), "{shown}");
    }
}
