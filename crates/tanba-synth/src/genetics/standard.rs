//! The usual questions about relationship, as pedigrees by name.

use crate::person::Sex;

use super::{GeneticsError, Member, Pedigree, PedigreeText};

/// A row: id, sex, mother, father, typed. Ids `A` and `B` are the pair that is asked about, `MP` is missing.
type Row = (&'static str, char, &'static str, &'static str, bool);

const MOTHER_CHILD: &[Row] = &[("A", 'f', "", "", true), ("F", 'm', "", "", false), ("B", '?', "A", "F", true)];
const FATHER_CHILD: &[Row] = &[("A", 'm', "", "", true), ("M", 'f', "", "", false), ("B", '?', "M", "A", true)];
const TRIO: &[Row] = &[("M", 'f', "", "", true), ("A", 'm', "", "", true), ("B", '?', "M", "A", true)];
const FULL_SIBLINGS: &[Row] =
    &[("M", 'f', "", "", false), ("F", 'm', "", "", false), ("A", '?', "M", "F", true), ("B", '?', "M", "F", true)];
const HALF_SIBLINGS: &[Row] = &[
    ("M", 'f', "", "", false),
    ("F1", 'm', "", "", false),
    ("F2", 'm', "", "", false),
    ("A", '?', "M", "F1", true),
    ("B", '?', "M", "F2", true),
];
const GRANDPARENT: &[Row] = &[
    ("A", 'm', "", "", true),
    ("GM", 'f', "", "", false),
    ("F", 'm', "GM", "A", false),
    ("M", 'f', "", "", false),
    ("B", '?', "M", "F", true),
];
const AVUNCULAR: &[Row] = &[
    ("GM", 'f', "", "", false),
    ("GF", 'm', "", "", false),
    ("A", 'm', "GM", "GF", true),
    ("F", 'm', "GM", "GF", false),
    ("M", 'f', "", "", false),
    ("B", '?', "M", "F", true),
];
const FIRST_COUSINS: &[Row] = &[
    ("GM", 'f', "", "", false),
    ("GF", 'm', "", "", false),
    ("F1", 'm', "GM", "GF", false),
    ("F2", 'm', "GM", "GF", false),
    ("M1", 'f', "", "", false),
    ("M2", 'f', "", "", false),
    ("A", '?', "M1", "F1", true),
    ("B", '?', "M2", "F2", true),
];
const DOUBLE_FIRST_COUSINS: &[Row] = &[
    ("GM1", 'f', "", "", false),
    ("GF1", 'm', "", "", false),
    ("GM2", 'f', "", "", false),
    ("GF2", 'm', "", "", false),
    ("F1", 'm', "GM1", "GF1", false),
    ("F2", 'm', "GM1", "GF1", false),
    ("M1", 'f', "GM2", "GF2", false),
    ("M2", 'f', "GM2", "GF2", false),
    ("A", '?', "M1", "F1", true),
    ("B", '?', "M2", "F2", true),
];
const SECOND_COUSINS: &[Row] = &[
    ("GM", 'f', "", "", false),
    ("GF", 'm', "", "", false),
    ("P1", 'm', "GM", "GF", false),
    ("P2", 'm', "GM", "GF", false),
    ("Q1", 'f', "", "", false),
    ("Q2", 'f', "", "", false),
    ("F1", 'm', "Q1", "P1", false),
    ("F2", 'm', "Q2", "P2", false),
    ("M1", 'f', "", "", false),
    ("M2", 'f', "", "", false),
    ("A", '?', "M1", "F1", true),
    ("B", '?', "M2", "F2", true),
];
const SIBLINGS_OF_COUSINS: &[Row] = &[
    ("GM", 'f', "", "", false),
    ("GF", 'm', "", "", false),
    ("P1", 'm', "GM", "GF", false),
    ("P2", 'm', "GM", "GF", false),
    ("Q1", 'f', "", "", false),
    ("Q2", 'f', "", "", false),
    ("F", 'm', "Q1", "P1", false),
    ("M", 'f', "Q2", "P2", false),
    ("A", '?', "M", "F", true),
    ("B", '?', "M", "F", true),
];
const UNRELATED: &[Row] = &[("A", '?', "", "", true), ("B", '?', "", "", true)];
/// `B` is the twin of `A`, by [`TWINS`]'s name.
const MONOZYGOTIC: &[Row] =
    &[("M", 'f', "", "", false), ("F", 'm', "", "", false), ("A", '?', "M", "F", true), ("B", '?', "M", "F", true)];
const MISSING_CHILD: &[Row] = &[("M", 'f', "", "", true), ("F", 'm', "", "", true), ("MP", '?', "M", "F", false)];
const MISSING_SIBLING: &[Row] = &[
    ("M", 'f', "", "", false),
    ("F", 'm', "", "", false),
    ("S1", '?', "M", "F", true),
    ("S2", '?', "M", "F", true),
    ("MP", '?', "M", "F", false),
];
const MISSING_PARENT: &[Row] =
    &[("MP", 'm', "", "", false), ("W", 'f', "", "", true), ("C1", '?', "W", "MP", true), ("C2", '?', "W", "MP", true)];
const MISSING_GRANDCHILD: &[Row] = &[
    ("GM1", 'f', "", "", true),
    ("GF1", 'm', "", "", true),
    ("GM2", 'f', "", "", true),
    ("GF2", 'm', "", "", true),
    ("M", 'f', "GM1", "GF1", false),
    ("F", 'm', "GM2", "GF2", false),
    ("MP", '?', "M", "F", false),
];
const MISSING_INBRED: &[Row] = &[
    ("GM", 'f', "", "", false),
    ("GF", 'm', "", "", true),
    ("P1", 'm', "GM", "GF", false),
    ("P2", 'm', "GM", "GF", false),
    ("Q1", 'f', "", "", false),
    ("Q2", 'f', "", "", false),
    ("F", 'm', "Q1", "P1", false),
    ("M", 'f', "Q2", "P2", false),
    ("S1", '?', "M", "F", true),
    ("MP", '?', "M", "F", false),
];
/// Two siblings missing together.
const MISSING_TWO: &[Row] = &[
    ("M", 'f', "", "", true),
    ("F", 'm', "", "", false),
    ("S1", '?', "M", "F", true),
    ("MP", '?', "M", "F", false),
    ("MP2", '?', "M", "F", false),
];

const TWINS: &str = "twins";

/// All by name.
const ALL: [(&str, &[Row]); 18] = [
    ("mother-child", MOTHER_CHILD),
    ("father-child", FATHER_CHILD),
    ("trio", TRIO),
    ("full-siblings", FULL_SIBLINGS),
    ("half-siblings", HALF_SIBLINGS),
    (TWINS, MONOZYGOTIC),
    ("grandparent", GRANDPARENT),
    ("avuncular", AVUNCULAR),
    ("first-cousins", FIRST_COUSINS),
    ("double-first-cousins", DOUBLE_FIRST_COUSINS),
    ("second-cousins", SECOND_COUSINS),
    ("siblings-of-cousins", SIBLINGS_OF_COUSINS),
    ("unrelated", UNRELATED),
    ("missing-child", MISSING_CHILD),
    ("missing-sibling", MISSING_SIBLING),
    ("missing-parent", MISSING_PARENT),
    ("missing-grandchild", MISSING_GRANDCHILD),
    ("missing-inbred", MISSING_INBRED),
];

impl Pedigree {
    /// The names of the standard pedigrees. Those that begin with `missing-` have a missing person `MP`; the others ask about the
    /// pair `A` and `B`. Beside them `missing-siblings-<k>` and `missing-children-<k>` have k typed siblings or children of the
    /// missing person, 1 to 20.
    pub fn standard_names() -> impl Iterator<Item = &'static str> {
        ALL.iter().map(|(name, _)| *name)
    }

    /// A standard pedigree by its name.
    ///
    /// # Errors
    /// [`GeneticsError::BadPedigree`] for a name that is none.
    pub fn standard(name: &str) -> Result<Self, GeneticsError> {
        for (prefix, is_parent, child) in [("missing-siblings-", false, "S"), ("missing-children-", true, "C")] {
            if let Some(k) = name.strip_prefix(prefix).and_then(|k| k.parse().ok()).filter(|k| (1..=20).contains(k)) {
                return Self::with_relatives(name, is_parent, child, k);
            }
        }
        let known = ALL.iter().find(|(known, _)| *known == name);
        let (name, rows) =
            known.ok_or(GeneticsError::BadPedigree { reason: "there is no standard one of that name" })?;
        Self::of_rows(name, rows)
    }

    /// A missing person with so many typed full siblings, or children of one untyped mother.
    fn with_relatives(name: &str, is_parent: bool, child: &str, k: u32) -> Result<Self, GeneticsError> {
        let father = if is_parent { "MP" } else { "F" };
        let founder = |id: &str, sex| Member {
            id: id.to_owned(),
            sex: Some(sex),
            mother: None,
            father: None,
            twin_of: None,
            typed: false,
        };
        let of_both = |id: String, typed| Member {
            id,
            sex: None,
            mother: Some("M".to_owned()),
            father: Some(father.to_owned()),
            twin_of: None,
            typed,
        };
        let mut members = vec![founder("M", Sex::Female), founder(father, Sex::Male)];
        members.extend((1..=k).map(|i| of_both(format!("{child}{i}"), true)));
        if !is_parent {
            members.push(of_both("MP".to_owned(), false));
        }
        Self::new(PedigreeText { name: name.to_owned(), members, missing: vec!["MP".to_owned()] })
    }

    /// The families of a disaster: somebody of each is missing, of one of them two.
    pub(super) fn of_disaster() -> Vec<Self> {
        let rows = [MISSING_CHILD, MISSING_SIBLING, MISSING_PARENT, MISSING_GRANDCHILD, MISSING_TWO];
        let of = |rows: &[Row]| Self::of_rows("family", rows).expect("the table holds pedigrees");
        rows.into_iter().map(of).collect()
    }

    fn of_rows(name: &str, rows: &[Row]) -> Result<Self, GeneticsError> {
        let some = |id: &str| (!id.is_empty()).then(|| id.to_owned());
        let members = rows.iter().map(|&(id, sex, mother, father, typed)| Member {
            id: id.to_owned(),
            sex: match sex {
                'f' => Some(Sex::Female),
                'm' => Some(Sex::Male),
                _ => None,
            },
            mother: some(mother),
            father: some(father),
            twin_of: (name == TWINS && id == "B").then(|| "A".to_owned()),
            typed,
        });
        let missing = rows.iter().filter(|row| row.0.starts_with("MP")).map(|row| row.0.to_owned()).collect();
        Self::new(PedigreeText { name: name.to_owned(), members: members.collect(), missing })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genetics::{AlleleTable, Diploid, Families, Meiosis, MutationModels, ProfilePopulation};

    /// Probabilities that a pair shares 0, 1 and 2 alleles identical by descent, counted on families where no two founder alleles
    /// are alike. (Genotypes of the inbred are not covered by these three.)
    fn shared(name: &str) -> [f64; 3] {
        // Marker M has 200 equally frequent alleles: two founder alleles are alike with probability 0.005.
        let rows: String = (0..40)
            .flat_map(|m| (1..=200).map(move |a| format!("M{m},{a2}.{a1},0.005\n", a2 = a / 10, a1 = a % 10)))
            .collect();
        let table = AlleleTable::from_csv("t", &rows).unwrap();
        let meiosis = Meiosis::new(&table, MutationModels::NONE, false).unwrap();
        let population = ProfilePopulation::new(table, 1, 0.0, 1).unwrap();
        let pedigree = Pedigree::standard(name).unwrap();
        let place = |id: &str| pedigree.members().iter().position(|m| m.id == id).unwrap();
        let (a, b) = (place("A"), place("B"));
        let families = Families::new(&pedigree, &population, &meiosis, 5, "test");
        let mut counts = [0_u32; 3];
        for k in 0..1000 {
            let family = families.family(k);
            for m in 0..40 {
                let pair = |d: &Diploid| [d.maternal[m], d.paternal[m]];
                let (one, mut two) = (pair(&family.people[a]), pair(&family.people[b]).to_vec());
                let mut alike = 0;
                for allele in one {
                    if let Some(i) = two.iter().position(|x| *x == allele) {
                        two.remove(i);
                        alike += 1;
                    }
                }
                counts[alike] += 1;
            }
        }
        counts.map(|c| f64::from(c) / 40_000.0)
    }

    #[test]
    fn standard_pairs_share_alleles_by_descent_as_their_relationship_says() {
        for (name, expected) in [
            ("mother-child", [0.0, 1.0, 0.0]),
            ("father-child", [0.0, 1.0, 0.0]),
            ("trio", [0.0, 1.0, 0.0]),
            ("full-siblings", [0.25, 0.5, 0.25]),
            ("half-siblings", [0.5, 0.5, 0.0]),
            ("twins", [0.0, 0.0, 1.0]),
            ("grandparent", [0.5, 0.5, 0.0]),
            ("avuncular", [0.5, 0.5, 0.0]),
            ("first-cousins", [0.75, 0.25, 0.0]),
            ("double-first-cousins", [0.5625, 0.375, 0.0625]),
            ("second-cousins", [0.9375, 0.0625, 0.0]),
            ("unrelated", [1.0, 0.0, 0.0]),
        ] {
            let got = shared(name);
            // Chance likeness of founder alleles adds at most some 2 %.
            assert!(got.iter().zip(expected).all(|(g, e)| (g - e).abs() < 0.035), "{name}: {got:?}");
        }
    }

    #[test]
    fn children_of_first_cousins_are_inbred_by_a_sixteenth() {
        let rows: String =
            (0..50).flat_map(|m| (1..=200).map(move |a| format!("M{m},{}.{},0.005\n", a / 10, a % 10))).collect();
        let table = AlleleTable::from_csv("t", &rows).unwrap();
        let meiosis = Meiosis::new(&table, MutationModels::NONE, false).unwrap();
        let population = ProfilePopulation::new(table, 1, 0.0, 1).unwrap();
        let pedigree = Pedigree::standard("siblings-of-cousins").unwrap();
        let families = Families::new(&pedigree, &population, &meiosis, 6, "test");
        let a = pedigree.members().iter().position(|m| m.id == "A").unwrap();
        let homozygous: usize = (0..1000)
            .map(|k| {
                let person = families.family(k).people.swap_remove(a);
                person.maternal.iter().zip(&person.paternal).filter(|(x, y)| x == y).count()
            })
            .sum();
        let expected = 1.0 / 16.0 + 15.0 / 16.0 * 0.005;
        let got = homozygous as f64 / 50_000.0;
        assert!((got - expected).abs() < 5.0 * (expected / 50_000.0_f64).sqrt(), "{got} {expected}");
    }

    #[test]
    fn every_name_is_a_pedigree() {
        for name in Pedigree::standard_names() {
            let pedigree = Pedigree::standard(name).unwrap();
            let has = |id: &str| pedigree.members().iter().any(|m| m.id == id);
            assert_ne!(name.starts_with("missing-"), pedigree.missing().is_empty(), "{name}");
            assert!(!pedigree.missing().is_empty() || (has("A") && has("B")), "{name}");
        }
        for name in ["aunt", "missing-siblings-0", "missing-siblings-21", "missing-children-x"] {
            assert!(Pedigree::standard(name).is_err(), "{name}");
        }
        for (name, members) in [("missing-siblings-3", 6), ("missing-children-20", 22)] {
            let pedigree = Pedigree::standard(name).unwrap();
            assert_eq!((pedigree.members().len(), pedigree.missing().len()), (members, 1), "{name}");
        }
        assert_eq!(Pedigree::of_disaster().len(), 5);
    }
}
