//! The sections of Familias for disaster victims: unidentified persons, and families that miss somebody.

use super::{FamiliasFile, SectionLine};
use crate::Outline;

/// What the section `[DVI]` says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dvi {
    /// Unidentified persons.
    pub unidentified: Vec<DviPerson>,
    /// A note for each family, where there are any; blank ones too.
    pub notes: Vec<String>,
    /// Families that miss somebody.
    pub families: Vec<DviFamily>,
}

/// A person with what was typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DviPerson {
    /// The name.
    pub name: String,
    /// Whether male; `None` where the file does not say.
    pub male: Option<bool>,
    /// Genotypes, by designation.
    pub genotypes: Vec<DviGenotype>,
    /// Entries of the person that mean nothing here.
    pub others: Vec<(String, String)>,
}

/// What one locus showed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DviGenotype {
    /// The locus, as the file spells it.
    pub locus: String,
    /// The designations, two as a rule.
    pub alleles: Vec<String>,
}

/// A family.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DviFamily {
    /// The name.
    pub name: String,
    /// Its members, without the missing person.
    pub persons: Vec<DviPerson>,
    /// Its pedigrees: Familias writes the one that it compares and a copy named `Reference pedigree`.
    pub pedigrees: Vec<DviPedigree>,
}

/// Who is whose parent; the one who is missing is called `Missing person`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DviPedigree {
    /// The name.
    pub name: String,
    /// Its relations.
    pub relations: Vec<DviRelation>,
}

/// A parent and a child, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DviRelation {
    /// The parent.
    pub parent: String,
    /// The child.
    pub child: String,
}

/// How the missing person is called in pedigrees.
pub const MISSING_PERSON: &str = "Missing person";

impl FamiliasFile {
    /// What the section `[DVI]` says; `None` where there is none. The lines stay the file's truth: change
    /// [`FamiliasFile::sections`] with [`Dvi::to_lines`].
    pub fn dvi(&self) -> Option<Dvi> {
        let is_dvi =
            |line: &SectionLine| matches!(line, SectionLine::Heading { depth: 1, title } if title.trim() == "DVI");
        let start = self.sections.iter().position(is_dvi)?;
        let mut dvi = Dvi::default();
        let mut path: Vec<&str> = vec!["DVI"];
        for line in self.sections.iter().skip(start + 1) {
            match line {
                SectionLine::Heading { depth: 1, .. } => break,
                SectionLine::Heading { depth, title } => {
                    path.truncate(depth - 1);
                    path.push(title.trim());
                    dvi.begin(&path);
                }
                SectionLine::Entry { key, value } => dvi.entry(&path, key, value),
                SectionLine::Text(text) => {
                    if path == ["DVI", "Notes"] {
                        dvi.notes.push(text.clone());
                    }
                }
            }
        }
        Some(dvi)
    }
}

impl Dvi {
    fn begin(&mut self, path: &[&str]) {
        match path {
            ["DVI", UNIDENTIFIED, _] => self.unidentified.push(DviPerson::default()),
            ["DVI", FAMILIES, _] => self.families.push(DviFamily::default()),
            ["DVI", FAMILIES, _, "Persons", _] => {
                if let Some(family) = self.families.last_mut() {
                    family.persons.push(DviPerson::default());
                }
            }
            ["DVI", FAMILIES, _, "Pedigrees", _] => {
                if let Some(family) = self.families.last_mut() {
                    family.pedigrees.push(DviPedigree::default());
                }
            }
            _ => {}
        }
    }

    fn entry(&mut self, path: &[&str], key: &str, value: &str) {
        match path {
            ["DVI", UNIDENTIFIED, _, rest @ ..] => {
                if let Some(person) = self.unidentified.last_mut() {
                    person.entry(rest, key, value);
                }
            }
            ["DVI", FAMILIES, _, rest @ ..] => {
                let Some(family) = self.families.last_mut() else { return };
                match rest {
                    [] if key == "Name" => value.clone_into(&mut family.name),
                    ["Persons", _, rest @ ..] => {
                        if let Some(person) = family.persons.last_mut() {
                            person.entry(rest, key, value);
                        }
                    }
                    ["Pedigrees", _] => {
                        if let Some(pedigree) = family.pedigrees.last_mut() {
                            pedigree.entry(key, value);
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// The section as Familias writes it.
    pub fn to_lines(&self) -> Vec<SectionLine> {
        let mut lines = vec![heading(1, "DVI"), heading(2, UNIDENTIFIED), count("nPersons", self.unidentified.len())];
        for (i, person) in self.unidentified.iter().enumerate() {
            lines.push(heading(3, &format!("Person {} ", i + 1)));
            person.to_lines(4, &mut lines);
        }
        lines.extend([heading(2, "Notes"), count("nFamilies", self.families.len())]);
        lines.extend(self.notes.iter().map(|note| SectionLine::Text(note.clone())));
        lines.extend([heading(2, FAMILIES), count("nFamilies", self.families.len())]);
        for (i, family) in self.families.iter().enumerate() {
            lines.extend([heading(3, &format!("Family {} ", i + 1)), entry("Name", &family.name)]);
            lines.extend([heading(4, "Persons"), count("nPersons", family.persons.len())]);
            for (i, person) in family.persons.iter().enumerate() {
                lines.push(heading(5, &format!("Person {}", i + 1)));
                person.to_lines(6, &mut lines);
            }
            lines.extend([heading(4, "Pedigrees"), count("nPedigrees", family.pedigrees.len())]);
            for (i, pedigree) in family.pedigrees.iter().enumerate() {
                lines.extend([heading(5, &format!("Pedigree {}", i + 1)), entry("Name", &pedigree.name)]);
                lines.push(count("nRelations", pedigree.relations.len()));
                let pairs = pedigree.relations.iter();
                lines.extend(pairs.flat_map(|pair| [entry("Parent", &pair.parent), entry("Child", &pair.child)]));
            }
        }
        lines
    }

    pub(super) fn outline(&self) -> Outline {
        let families = self.families.iter().map(|family| {
            let pedigrees = family.pedigrees.iter().map(|pedigree| {
                let pairs = pedigree.relations.iter();
                let pairs =
                    pairs.map(|pair| Outline::leaf("parent", format_args!("{} of {}", pair.parent, pair.child)));
                Outline::leaf("pedigree", &pedigree.name).with_all(pairs)
            });
            Outline::leaf("reference family", &family.name)
                .with_all(family.persons.iter().map(|person| person.outline("person")))
                .with_all(pedigrees)
        });
        Outline::of("DVI")
            .with_all(self.unidentified.iter().map(|person| person.outline("unidentified person")))
            .with_all(families)
    }
}

const UNIDENTIFIED: &str = "Unidentified persons";
const FAMILIES: &str = "Reference Families";
const DNA_DATA: &str = "DNA data";

impl DviPerson {
    fn entry(&mut self, path: &[&str], key: &str, value: &str) {
        match (path, key) {
            ([], "Name") => value.clone_into(&mut self.name),
            ([], "Gender") => match value.trim() {
                "Male" => self.male = Some(true),
                "Female" => self.male = Some(false),
                _ => self.others.push((key.to_owned(), value.to_owned())),
            },
            ([DNA_DATA], "nSystems") => {}
            ([DNA_DATA], "SystemName") => {
                self.genotypes.push(DviGenotype { locus: value.to_owned(), alleles: Vec::new() });
            }
            ([DNA_DATA], key) if key.starts_with("Allele") => {
                if let Some(genotype) = self.genotypes.last_mut() {
                    genotype.alleles.push(value.to_owned());
                }
            }
            _ => self.others.push((key.to_owned(), value.to_owned())),
        }
    }

    fn to_lines(&self, depth: usize, lines: &mut Vec<SectionLine>) {
        lines.push(entry("Name", &self.name));
        lines.extend(self.male.map(|male| entry("Gender", if male { "Male" } else { "Female" })));
        lines.extend(self.others.iter().map(|(key, value)| entry(key, value)));
        lines.extend([heading(depth, DNA_DATA), count("nSystems", self.genotypes.len())]);
        for genotype in &self.genotypes {
            lines.push(entry("SystemName", &genotype.locus));
            let numbered = genotype.alleles.iter().enumerate();
            lines.extend(numbered.map(|(i, allele)| entry(&format!("Allele{}", i + 1), allele)));
        }
    }

    fn outline(&self, label: &str) -> Outline {
        let sex = match self.male {
            Some(true) => "male",
            Some(false) => "female",
            None => "sex not stated",
        };
        let genotypes = self.genotypes.iter().map(|own| Outline::leaf(&own.locus, own.alleles.join(", ")));
        Outline::leaf(label, format_args!("{} ({sex})", self.name)).with_all(genotypes)
    }
}

impl DviPedigree {
    fn entry(&mut self, key: &str, value: &str) {
        match key {
            "Name" => value.clone_into(&mut self.name),
            "Parent" => self.relations.push(DviRelation { parent: value.to_owned(), child: String::new() }),
            "Child" => {
                if let Some(relation) = self.relations.last_mut() {
                    value.clone_into(&mut relation.child);
                }
            }
            _ => {}
        }
    }
}

impl DviFamily {
    /// Whether somebody of a pedigree is male: as the file says, or, of a parent whose sex it does not state (the missing person as
    /// a rule), from the other parent of a common child. `None` where neither says it, or they contradict each other.
    pub fn is_male(&self, pedigree: &DviPedigree, name: &str) -> Option<bool> {
        let stated = |name: &str| self.persons.iter().find(|person| person.name == name).and_then(|person| person.male);
        if let Some(male) = stated(name) {
            return Some(male);
        }
        let children = || pedigree.relations.iter().filter(|pair| pair.parent == name).map(|pair| pair.child.as_str());
        let partners =
            pedigree.relations.iter().filter(|pair| pair.parent != name && children().any(|own| own == pair.child));
        let mut sexes = partners.filter_map(|pair| stated(&pair.parent));
        let partner = sexes.next()?;
        sexes.all(|other| other == partner).then_some(!partner)
    }
}

fn heading(depth: usize, title: &str) -> SectionLine {
    SectionLine::Heading { depth, title: title.to_owned() }
}

fn count(key: &str, number: usize) -> SectionLine {
    entry(key, number.to_string())
}

fn entry(key: &str, value: impl Into<String>) -> SectionLine {
    SectionLine::Entry { key: key.to_owned(), value: value.into() }
}
