//! The packs, sheets and index tables that come with the program, and which version of a law counts on a day.

use crate::check::CheckError;
use crate::{AssumptionSheet, Calendar, Date, IndexTable, Modality, Pack, PackError};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use thiserror::Error;

const INDICES: &[&str] = &[include_str!("../packs/indices/kz-mci.yaml")];
const CALENDARS: &[&str] = &[include_str!("../packs/calendars/eu.yaml"), include_str!("../packs/calendars/kz.yaml")];
const PACKS: &[&str] = &[
    include_str!("../packs/by-fp-236z.yaml"),
    include_str!("../packs/by-fp-236z-2026.yaml"),
    include_str!("../packs/eu-ees-2017-2226.yaml"),
    include_str!("../packs/eu-ees-2017-2226-face.yaml"),
    include_str!("../packs/eu-eurodac-2024-1358.yaml"),
    include_str!("../packs/eu-eurodac-2024-1358-face.yaml"),
    include_str!("../packs/eu-prum2-2024-982.yaml"),
    include_str!("../packs/eu-prum2-2024-982-face.yaml"),
    include_str!("../packs/eu-prum2-2024-982-fingerprint.yaml"),
    include_str!("../packs/fr-fnaeg.yaml"),
    include_str!("../packs/fr-tes.yaml"),
    include_str!("../packs/in-aadhaar-2016.yaml"),
    include_str!("../packs/in-aadhaar-2016-face.yaml"),
    include_str!("../packs/in-aadhaar-2016-iris.yaml"),
    include_str!("../packs/in-cpia-2022.yaml"),
    include_str!("../packs/in-cpia-2022-genomic.yaml"),
    include_str!("../packs/kw-dna-78-2015.yaml"),
    include_str!("../packs/kz-2016-as-enacted.yaml"),
    include_str!("../packs/kz-2024-in-force.yaml"),
    include_str!("../packs/kz-genomic-2021.yaml"),
    include_str!("../packs/ru-dna-242fz-2025.yaml"),
    include_str!("../packs/ru-fp-128fz.yaml"),
    include_str!("../packs/us-codis-34usc12592.yaml"),
    include_str!("../packs/us-entry-8cfr.yaml"),
    include_str!("../packs/us-entry-8cfr-face.yaml"),
    include_str!("../packs/us-passport.yaml"),
];
const SHEETS: &[&str] =
    &[include_str!("../packs/assumptions/comparison-demo.yaml"), include_str!("../packs/assumptions/kz-demo.yaml")];

static EMBEDDED_CALENDARS: LazyLock<Vec<Calendar>> = LazyLock::new(|| {
    let read = CALENDARS.iter().map(|text| Calendar::from_yaml(text)).collect::<Result<_, _>>();
    read.expect("the embedded calendars are part of the program and are read by its tests")
});

static EMBEDDED: LazyLock<Library> = LazyLock::new(|| {
    Library::read(INDICES, PACKS, SHEETS).expect("the embedded packs are part of the program and are read by its tests")
});

/// Why a set of packs is not used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LibraryError {
    /// A file is not sound by itself.
    #[error(transparent)]
    File(#[from] PackError),
    /// Two packs share an id.
    #[error("two packs have the id {id}; give each version its own")]
    SameId {
        /// The id.
        id: String,
    },
    /// A pack takes the place of one that is not there.
    #[error(
        "{pack}, line {line}: it supersedes {other}, which is not among the packs; add that pack or correct the id"
    )]
    SupersedesUnknown {
        /// The later pack.
        pack: String,
        /// Line of its `supersedes`.
        line: usize,
        /// The id that was not found.
        other: String,
    },
    /// A pack takes the place of another law.
    #[error(
        "{pack}, line {line}: it supersedes {other}, which is another instrument or modality; only versions of one law do"
    )]
    SupersedesOther {
        /// The later pack.
        pack: String,
        /// Line of its `supersedes`.
        line: usize,
        /// The other pack.
        other: String,
    },
    /// A pack takes the place of one that was known later.
    #[error("{pack}, line {line}: it supersedes {other}, which became known later; check `known_from` of both")]
    SupersedesLater {
        /// The pack.
        pack: String,
        /// Line of its `supersedes`.
        line: usize,
        /// The other pack.
        other: String,
    },
    /// Packs supersede each other in a circle.
    #[error("{pack}, line {line}: the packs supersede each other in a circle ({}); one of them must come first", .circle.join(" -> "))]
    Circle {
        /// The pack at which the circle was noticed.
        pack: String,
        /// Line of its `supersedes`.
        line: usize,
        /// The circle, from that pack back to it.
        circle: Vec<String>,
    },
    /// Two versions of one law hold on one day, and neither takes the other's place.
    #[error(
        "{second}, line {line}: on {day} both it and {first} hold for the same law; end one (`valid_to`) or name it under `supersedes`"
    )]
    TwoVersions {
        /// One version.
        first: String,
        /// The other.
        second: String,
        /// Line of the second one's `valid_from`.
        line: usize,
        /// The first day on which both hold.
        day: Date,
    },
}

/// A set of packs with what belongs to them.
#[derive(Debug, Clone)]
pub struct Library {
    packs: Vec<Pack>,
    sheets: Vec<AssumptionSheet>,
    indices: Vec<IndexTable>,
    calendars: Vec<Calendar>,
}

impl Library {
    /// The packs that come with the program.
    pub fn embedded() -> &'static Library {
        &EMBEDDED
    }

    /// Reads a set: index tables, packs and sheets, each the text of one file. The packs must be sound one by one and
    /// together: of one law, one version on every day as it was known on any day.
    pub fn read(indices: &[&str], packs: &[&str], sheets: &[&str]) -> Result<Self, LibraryError> {
        let indices = indices.iter().map(|text| IndexTable::from_yaml(text)).collect::<Result<Vec<_>, _>>()?;
        let packs = packs.iter().map(|text| Pack::from_yaml(text, &indices)).collect::<Result<Vec<_>, _>>()?;
        let sheets = sheets.iter().map(|text| AssumptionSheet::from_yaml(text)).collect::<Result<Vec<_>, _>>()?;
        Self::of(indices, packs, sheets)
    }

    /// A set of packs, sheets and tables that were read one by one, such as packs that were signed; sound together as in
    /// [`Library::read`].
    pub fn of(indices: Vec<IndexTable>, packs: Vec<Pack>, sheets: Vec<AssumptionSheet>) -> Result<Self, LibraryError> {
        let library = Self { packs, sheets, indices, calendars: EMBEDDED_CALENDARS.clone() };
        library.versions_are_sound()?;
        Ok(library)
    }

    /// The set with one more pack, in the place of its own id where that is there; checked as a whole.
    pub fn with(&self, pack: Pack) -> Result<Self, LibraryError> {
        let mut library = self.clone();
        library.packs.retain(|known| known.id() != pack.id());
        library.packs.push(pack);
        library.versions_are_sound()?;
        Ok(library)
    }

    /// The set with other calendars beside those that come with the program; one of the same country takes the place of the program's.
    #[must_use]
    pub fn with_calendars(mut self, calendars: Vec<Calendar>) -> Self {
        self.calendars.retain(|known| calendars.iter().all(|other| other.jurisdiction != known.jurisdiction));
        self.calendars.extend(calendars);
        self
    }

    /// The working days of a country; `None` where no calendar knows them.
    pub fn calendar(&self, jurisdiction: &str) -> Option<&Calendar> {
        self.calendars.iter().find(|calendar| calendar.jurisdiction == jurisdiction)
    }

    /// All packs.
    pub fn packs(&self) -> &[Pack] {
        &self.packs
    }

    /// The pack with this id.
    pub fn pack(&self, id: &str) -> Option<&Pack> {
        self.packs.iter().find(|pack| pack.id() == id)
    }

    /// The version of the law on `modality` of `jurisdiction` that counts for `as_of`, as it was known on `known_on`. `None`
    /// where no pack holds, where the one that would was
    /// struck down, or where several laws hold (a country may have more than one on a modality).
    pub fn in_force(&self, jurisdiction: &str, modality: Modality, as_of: Date, known_on: Date) -> Option<&Pack> {
        let of_law = |pack: &&Pack| pack.jurisdiction() == jurisdiction && pack.modality() == modality;
        let in_force = |pack: &Pack| pack.in_force(as_of, Some(known_on));
        // A version that was struck down holds its place: a court that ends it does not bring an earlier one back.
        let stands = |pack: &&Pack| matches!(in_force(pack), Ok(()) | Err(CheckError::Struck { .. }));
        let candidates: Vec<_> = self.packs.iter().filter(of_law).filter(stands).collect();
        let mut left = candidates.iter().filter(|pack| !candidates.iter().any(|later| self.follows(later, pack)));
        match (left.next(), left.next()) {
            (Some(pack), None) if in_force(pack).is_ok() => Some(pack),
            _ => None,
        }
    }

    /// All assumption sheets.
    pub fn sheets(&self) -> &[AssumptionSheet] {
        &self.sheets
    }

    /// The assumption sheet with this id.
    pub fn sheet(&self, id: &str) -> Option<&AssumptionSheet> {
        self.sheets.iter().find(|sheet| sheet.id() == id)
    }

    /// All index tables.
    pub fn indices(&self) -> &[IndexTable] {
        &self.indices
    }

    /// Whether `later` supersedes `earlier`, itself or through versions between.
    fn follows(&self, later: &Pack, earlier: &Pack) -> bool {
        later
            .supersedes()
            .iter()
            .any(|id| id == earlier.id() || self.pack(id).is_some_and(|between| self.follows(between, earlier)))
    }

    fn versions_are_sound(&self) -> Result<(), LibraryError> {
        let mut ids = BTreeSet::new();
        if let Some(twice) = self.packs.iter().find(|pack| !ids.insert(pack.id())) {
            return Err(LibraryError::SameId { id: twice.id().to_owned() });
        }
        // Circles first: `follows` ends only where there is none.
        self.packs.iter().try_for_each(|pack| self.no_circle(pack, &mut vec![pack.id()]))?;
        self.packs.iter().try_for_each(|pack| self.supersedes_soundly(pack))?;
        for (at, second) in self.packs.iter().enumerate() {
            for first in &self.packs[..at] {
                if law(first) == law(second)
                    && let Some(day) = both_hold(first, second)
                    && !self.follows(first, second)
                    && !self.follows(second, first)
                {
                    let line = second.line("valid_from").unwrap_or(1);
                    let (first, second) = (first.id().to_owned(), second.id().to_owned());
                    return Err(LibraryError::TwoVersions { first, second, line, day });
                }
            }
        }
        Ok(())
    }

    fn no_circle<'a>(&'a self, pack: &'a Pack, path: &mut Vec<&'a str>) -> Result<(), LibraryError> {
        for earlier in pack.supersedes().iter().filter_map(|id| self.pack(id)) {
            if let Some(at) = path.iter().position(|id| *id == earlier.id()) {
                let circle = path[at..].iter().chain([&earlier.id()]).map(|id| (*id).to_owned()).collect();
                return Err(LibraryError::Circle { pack: pack.id().to_owned(), line: supersedes_line(pack), circle });
            }
            path.push(earlier.id());
            self.no_circle(earlier, path)?;
            path.pop();
        }
        Ok(())
    }

    fn supersedes_soundly(&self, pack: &Pack) -> Result<(), LibraryError> {
        for other in pack.supersedes() {
            let (id, line, named) = (pack.id().to_owned(), supersedes_line(pack), other.clone());
            match self.pack(other) {
                None => return Err(LibraryError::SupersedesUnknown { pack: id, line, other: named }),
                Some(earlier) if law(earlier) != law(pack) => {
                    return Err(LibraryError::SupersedesOther { pack: id, line, other: named });
                }
                Some(earlier) if earlier.known_from() > pack.known_from() => {
                    return Err(LibraryError::SupersedesLater { pack: id, line, other: named });
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

fn supersedes_line(pack: &Pack) -> usize {
    pack.line("supersedes").unwrap_or(1)
}

/// What makes two packs versions of one law: country, act and modality. The number alone is ambiguous, so the date counts.
fn law(pack: &Pack) -> (&str, &str, Option<Date>, Modality) {
    let act = pack.instrument();
    (pack.jurisdiction(), &act.number, act.date, pack.modality())
}

/// The first day on which two packs both hold, if there is one.
fn both_hold(first: &Pack, second: &Pack) -> Option<Date> {
    let day = first.valid_from().max(second.valid_from());
    [first, second].iter().all(|pack| pack.in_force(day, None).is_ok()).then_some(day)
}
