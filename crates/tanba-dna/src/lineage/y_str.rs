//! Y-STR haplotypes: one or more alleles a locus, all from the father.

use std::collections::BTreeMap;
use std::fmt;

use tanba_formats::genetic::marker::{Chromosome, Marker};

use crate::locus::shown;
use crate::{Allele, DnaError, Panel};

/// A haplotype: loci of the Y chromosome with their alleles. Never empty.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct YHaplotype {
    loci: BTreeMap<&'static str, YAlleles>,
}

/// What a locus shows.
#[derive(Clone, PartialEq, Eq, Hash)]
enum YAlleles {
    /// Typed, and nothing there: a deletion or a changed primer site.
    Null,
    /// The different alleles, sorted; a locus with two copies may show one or two.
    Seen(Vec<Allele>),
}

/// Two haplotypes held against each other, at the loci typed in both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YComparison {
    /// Loci typed in both.
    pub compared: usize,
    /// Those that differ, by name.
    pub differing: Vec<&'static str>,
}

/// Copies beyond those of the locus that are still accepted: duplications are known at most Y loci.
const EXTRA_COPIES: usize = 2;
/// Designations for a locus that was typed and showed nothing.
const NULL: [&str; 2] = ["null", "0"];

impl YHaplotype {
    /// A haplotype from locus names and designations: `9.3`, `<9`, `>20`, `null`; a locus without designations counts as not typed.
    ///
    /// # Errors
    /// [`DnaError::LocusNotPermitted`] where the panel does not permit Y loci or the name is none;
    /// [`DnaError::BadLineage`] for designations that cannot be read, too many of them, or a locus given twice;
    /// [`DnaError::EmptyProfile`].
    pub fn from_designations<'a, Names, Alleles>(rows: Names, panel: &Panel) -> Result<Self, DnaError>
    where
        Names: IntoIterator<Item = (&'a str, Alleles)>,
        Alleles: IntoIterator<Item = &'a str>,
    {
        let mut loci = BTreeMap::new();
        for (name, alleles) in rows {
            let marker = Marker::find(name)
                .filter(|marker| marker.chromosome == Chromosome::Y && panel.permits_y())
                .ok_or_else(|| DnaError::LocusNotPermitted { name: shown(name) })?;
            let bad = |reason| DnaError::BadLineage { place: marker.name.to_owned(), reason };
            let most = usize::from(marker.copies.max(1)) + EXTRA_COPIES;
            let texts: Vec<&str> =
                alleles.into_iter().map(str::trim).filter(|text| !text.is_empty()).take(2 * most + 1).collect();
            let null = texts.iter().any(|text| NULL.contains(&text.to_ascii_lowercase().as_str()));
            let value = match (texts.as_slice(), null) {
                ([], _) => continue,
                ([_], true) => YAlleles::Null,
                (_, true) => return Err(bad("a locus is either null or shows alleles")),
                (texts, false) => {
                    let alleles: Option<Vec<Allele>> = texts.iter().map(|text| Allele::parse(text)).collect();
                    let mut alleles = alleles.ok_or(bad("an allele cannot be read: write 9, 9.3, <9, >10 or null"))?;
                    alleles.sort_unstable();
                    alleles.dedup();
                    if alleles.len() > most {
                        return Err(bad("more alleles than one man's chromosome carries: is it a mixture?"));
                    }
                    YAlleles::Seen(alleles)
                }
            };
            if loci.insert(marker.name, value).is_some() {
                return Err(bad("the locus is given twice: decide which typing is right"));
            }
        }
        if loci.is_empty() { Err(DnaError::EmptyProfile) } else { Ok(Self { loci }) }
    }

    /// The names of the typed loci.
    pub fn loci(&self) -> impl Iterator<Item = &'static str> {
        self.loci.keys().copied()
    }

    /// Holds two haplotypes against each other. Null agrees with null alone; an off-ladder mark agrees with what it can stand for.
    pub fn compare(&self, other: &Self) -> YComparison {
        let both = self.loci.iter().filter_map(|(name, ours)| Some((*name, ours, other.loci.get(name)?)));
        let mut comparison = YComparison { compared: 0, differing: Vec::new() };
        for (name, ours, theirs) in both {
            comparison.compared += 1;
            if !ours.agrees(theirs) {
                comparison.differing.push(name);
            }
        }
        comparison
    }

    /// The repeat numbers at these loci in this order, for the discrete Laplace model: `None` where one was not typed, or shows
    /// anything but one whole number, for which the model has no distance.
    pub fn repeats(&self, loci: &[&str]) -> Option<Vec<i32>> {
        let number = |name: &&str| match self.loci.get(Marker::find(name)?.name)? {
            YAlleles::Seen(alleles) => match alleles.as_slice() {
                [one] if one.mark() == crate::AlleleMark::Exact && one.tenths() % 10 == 0 => {
                    Some(i32::from(one.tenths() / 10))
                }
                _ => None,
            },
            YAlleles::Null => None,
        };
        loci.iter().map(number).collect()
    }
}

impl YAlleles {
    fn agrees(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Seen(a), Self::Seen(b)) => {
                a.len() == b.len()
                    && a.iter().all(|x| b.iter().any(|y| x.could_be(*y)))
                    && b.iter().all(|x| a.iter().any(|y| x.could_be(*y)))
            }
            _ => false,
        }
    }
}

impl fmt::Debug for YHaplotype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "YHaplotype({} loci)", self.loci.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const Y: Panel = Panel::CODIS_20.with_y();

    fn read(rows: &[(&str, &[&str])], panel: &Panel) -> Result<YHaplotype, DnaError> {
        YHaplotype::from_designations(rows.iter().map(|(n, a)| (*n, a.iter().copied())), panel)
    }

    #[test]
    fn copies_null_and_off_ladder() {
        let a = read(&[("DYS385", &["11", "14"]), ("DYS390", &["24"]), ("DYS448", &["null"])], &Y).unwrap();
        let b = read(&[("DYS385", &["14", "11"]), ("dys 390", &[">23"]), ("DYS448", &["19"])], &Y).unwrap();
        let comparison = a.compare(&b);
        assert_eq!((comparison.compared, comparison.differing), (3, vec!["DYS448"]));
        let one = read(&[("DYS385", &["11"])], &Y).unwrap();
        assert_eq!(a.compare(&one).differing, ["DYS385"], "one copy seen is not two");
        assert_eq!(a.repeats(&["DYS390"]), Some(vec![24]));
        assert_eq!((a.repeats(&["DYS385"]), a.repeats(&["DYS448"]), a.repeats(&["DYS19"])), (None, None, None));
    }

    #[test]
    fn the_panel_is_the_door() {
        let rows: &[(&str, &[&str])] = &[("DYS390", &["24"])];
        assert!(matches!(read(rows, &Panel::CODIS_20), Err(DnaError::LocusNotPermitted { .. })));
        assert!(matches!(read(&[("TH01", &["6"])], &Y), Err(DnaError::LocusNotPermitted { .. })));
        for wrong in [
            &[("DYS390", &["x"] as &[&str])] as &[(&str, &[&str])],
            &[("DYS390", &["null", "24"])],
            &[("DYS390", &["21", "22", "23", "24"])],
            &[("DYS390", &["24"]), ("DYS390", &["24"])],
            &[("DYS390", &[])],
        ] {
            assert!(read(wrong, &Y).is_err());
        }
        assert!(!format!("{:?}", read(rows, &Y).unwrap()).contains("24"));
    }
}
