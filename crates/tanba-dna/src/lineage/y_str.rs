//! Y-STR haplotypes: one or more alleles a locus, all from the father.

use std::collections::BTreeMap;
use std::fmt;

use tanba_formats::genetic::marker::{Chromosome, Marker};

use super::{Apart, Conclusion};
use crate::locus::shown;
use crate::{Allele, DnaError, Panel};

/// A haplotype: loci of the Y chromosome with their alleles. Never empty.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct YHaplotype {
    pub(super) loci: BTreeMap<&'static str, YAlleles>,
}

/// What a locus shows.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum YAlleles {
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
    /// Of those, the ones that differ by one repeat in one copy, as one mutation makes them.
    pub one_step: Vec<&'static str>,
}

/// Copies beyond those of the locus that are still accepted: duplications are known at most Y loci.
pub(super) const EXTRA_COPIES: usize = 2;
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
        let mut comparison = YComparison { compared: 0, differing: Vec::new(), one_step: Vec::new() };
        for (name, ours, theirs) in both {
            comparison.compared += 1;
            if !ours.agrees(theirs) {
                comparison.differing.push(name);
                if ours.one_step_from(theirs, name) {
                    comparison.one_step.push(name);
                }
            }
        }
        comparison
    }

    /// How far another one is at the loci of this one; `None` where it was not typed at all of them.
    pub fn apart(&self, other: &Self) -> Option<Apart> {
        let YComparison { compared, differing, one_step } = self.compare(other);
        let beyond_one_step = differing.len() - one_step.len();
        (compared == self.loci.len()).then_some(Apart { differences: differing.len(), beyond_one_step })
    }

    /// The haplotype at the loci that the other has too; `None` where there are none.
    pub fn in_common_with(&self, other: &Self) -> Option<Self> {
        let both = self.loci.iter().filter(|(name, _)| other.loci.contains_key(*name));
        let loci: BTreeMap<_, _> = both.map(|(name, alleles)| (*name, alleles.clone())).collect();
        (!loci.is_empty()).then_some(Self { loci })
    }

    /// Names and designations of the loci, `null` where a locus shows nothing.
    pub fn designations(&self) -> impl Iterator<Item = (&'static str, Vec<String>)> {
        self.loci.iter().map(|(name, alleles)| {
            let texts = match alleles {
                YAlleles::Null => vec![NULL[0].to_owned()],
                YAlleles::Seen(alleles) => alleles.iter().map(ToString::to_string).collect(),
            };
            (*name, texts)
        })
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

    /// Whether one copy of one repeat more or less leads from the one to the other.
    fn one_step_from(&self, other: &Self, name: &str) -> bool {
        let (Self::Seen(a), Self::Seen(b)) = (self, other) else { return false };
        let step = |x: &Allele, y: &Allele| {
            x.mark() == crate::AlleleMark::Exact && y.mark() == x.mark() && x.tenths().abs_diff(y.tenths()) == 10
        };
        let own =
            |a: &[Allele], b: &[Allele]| -> Vec<Allele> { a.iter().copied().filter(|x| !b.contains(x)).collect() };
        let copies = Marker::find(name).map_or(1, |marker| marker.copies);
        match (own(a, b).as_slice(), own(b, a).as_slice()) {
            ([x], [y]) => step(x, y),
            // Of two equal copies one moved: 11 and 11 beside 11 and 12.
            ([x], []) | ([], [x]) => copies > 1 && a.iter().chain(b).any(|y| step(x, y)),
            _ => false,
        }
    }
}

impl YComparison {
    /// What the differences say of one man: none does not exclude him; one locus by one repeat is inconclusive, because a mutation
    /// between two tissues makes it, and so does a father or a brother; anything else excludes him.
    pub fn conclusion(&self) -> Conclusion {
        match (self.compared, self.differing.len(), self.one_step.len()) {
            (0, _, _) => Conclusion::NotComparable,
            (_, 0, _) => Conclusion::NotExcluded,
            (_, 1, 1) => Conclusion::Inconclusive,
            _ => Conclusion::Exclusion,
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
    fn one_repeat_of_one_copy_is_a_step() {
        let of = |rows: &[(&str, &[&str])]| read(rows, &Y).unwrap();
        let own = of(&[("DYS385", &["11", "14"]), ("DYS390", &["24"]), ("DYS19", &["14"])]);
        for (other, conclusion) in [
            (&[("DYS390", &["24"] as &[&str])] as &[(&str, &[&str])], Conclusion::NotExcluded),
            (&[("DYS390", &["25"]), ("DYS19", &["14"])], Conclusion::Inconclusive),
            (&[("DYS385", &["11", "13"])], Conclusion::Inconclusive),
            (&[("DYS390", &["26"])], Conclusion::Exclusion),
            (&[("DYS390", &["24.1"])], Conclusion::Exclusion),
            (&[("DYS390", &["null"])], Conclusion::Exclusion),
            (&[("DYS390", &["25"]), ("DYS19", &["13"])], Conclusion::Exclusion),
            (&[("DYS391", &["10"])], Conclusion::NotComparable),
        ] {
            let other = of(other);
            assert_eq!(own.compare(&other).conclusion(), conclusion, "{:?}", other.designations().collect::<Vec<_>>());
            assert_eq!(other.compare(&own).conclusion(), conclusion);
        }
        // Two copies of which one moved; the locus of one copy cannot.
        assert_eq!(of(&[("DYS385", &["11"])]).compare(&of(&[("DYS385", &["11", "12"])])).one_step, ["DYS385"]);
        assert!(of(&[("DYS390", &["23"])]).compare(&of(&[("DYS390", &["23", "24"])])).one_step.is_empty());
        assert_eq!(own.apart(&of(&[("DYS385", &["11", "14"]), ("DYS390", &["24"])])), None, "DYS19 is missing");
        let near = of(&[("DYS385", &["11", "15"]), ("DYS390", &["22"]), ("DYS19", &["14"]), ("DYS391", &["10"])]);
        assert_eq!(own.apart(&near), Some(Apart { differences: 2, beyond_one_step: 1 }));
        assert_eq!(
            own.in_common_with(&of(&[("DYS390", &["1"]), ("DYS391", &["9"])])),
            Some(of(&[("DYS390", &["24"])]))
        );
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
