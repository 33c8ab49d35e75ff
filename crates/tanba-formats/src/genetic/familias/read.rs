//! Reading `.fam`.

use super::super::ReadError;
use super::super::notes::Notes;
use super::super::table::number;
use super::super::text::{Place, Text};
use super::{
    FamiliasFile, FamiliasGenotype, FamiliasLocus, FamiliasPedigree, FamiliasPerson, LocusOptions, MAX_DEPTH,
    MutationKind, MutationModel, Relation, Relations, SectionLine,
};
use crate::Decoded;

/// The largest file, in bytes: a database of 50 loci and ten thousand persons has some 20 MB.
const MAX_BYTES: usize = 64 * 1024 * 1024;
const TRUE: &str = "#TRUE#";
const FALSE: &str = "#FALSE#";
const KNOWN_RELATIONS: &str = "Known relations";

/// Reads a project of Familias. From the first line on that is not understood, lines are kept as they stand.
///
/// Diagnostic codes: `familias-unread`, `familias-probabilities` (their form is not known), `familias-direct` (relations that say
/// "the same person"), `familias-reference` (a relation or genotype points at nothing), `familias-silent`,
/// `familias-alleles-differ` (two numbers of alleles), `familias-model` (an unknown mutation model), `familias-sum`,
/// `latin-1-assumed`, `utf-16-damaged`, `more-diagnostics`.
///
/// # Errors
/// [`ReadError`] where it is another thing.
pub fn read(bytes: &[u8]) -> Result<Decoded<FamiliasFile>, ReadError> {
    if bytes.len() > MAX_BYTES {
        return Err(ReadError::TooMuch { what: "bytes", most: MAX_BYTES });
    }
    let mut notes = Notes::default();
    let text = Text::decode(bytes, &mut notes)?;
    if !is_project(&text.chars) {
        return Err(ReadError::NotThis {
            expected: "a project of Familias",
            instead: "neither its first line nor its \"Known relations\" are there; give a .fam file",
        });
    }
    let mut lines = Lines::new(&text);
    let mut file = FamiliasFile::default();
    let whole = main_part(&mut lines, &mut file, &mut notes);
    if whole.is_none() || file.has_probabilities {
        let (code, message) = if file.has_probabilities {
            (
                "familias-probabilities",
                "the file has computed probabilities, whose form is not known; from there on lines are kept as they stand",
            )
        } else {
            ("familias-unread", "a line is not what should stand there; from there on lines are kept as they stand")
        };
        notes.add(code, message, lines.offset());
        file.unread = lines.rest().map(str::to_owned).collect();
    } else {
        file.sections = lines.rest().map(section_line).collect();
    }
    check(&file, &mut notes);
    Ok(Decoded { value: file, diagnostics: notes.finish() })
}

fn is_project(text: &str) -> bool {
    let mut lines = text.lines();
    lines.next().is_some_and(|first| first.contains("Familias")) || lines.any(|line| unquoted(line) == KNOWN_RELATIONS)
}

/// The lines, with the one that is next. A reader that fails leaves it where its part began.
struct Lines<'a> {
    lines: Vec<&'a str>,
    starts: Vec<usize>,
    next: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a Text<'_>) -> Self {
        let chars: &str = &text.chars;
        let mut place = Place::new(text);
        let (mut lines, mut starts) = (Vec::new(), Vec::new());
        let mut at = 0;
        for line in chars.split_inclusive('\n') {
            starts.push(place.of(at as u64));
            lines.push(line.trim_end_matches(['\n', '\r']));
            at += line.len();
        }
        Self { lines, starts, next: 0 }
    }

    fn take(&mut self) -> Option<&'a str> {
        let line = self.lines.get(self.next)?;
        self.next += 1;
        Some(line)
    }

    fn peek(&self) -> Option<&'a str> {
        self.lines.get(self.next).copied()
    }

    fn offset(&self) -> Option<usize> {
        self.starts.get(self.next).copied()
    }

    fn rest(&self) -> impl Iterator<Item = &'a str> {
        self.lines.get(self.next..).unwrap_or_default().iter().copied()
    }

    fn name(&mut self) -> Option<String> {
        self.take().map(|line| unquoted(line).to_owned())
    }

    fn flag(&mut self) -> Option<bool> {
        match self.take()?.trim() {
            TRUE => Some(true),
            FALSE => Some(false),
            _ => None,
        }
    }

    fn whole(&mut self) -> Option<u32> {
        self.take()?.trim().parse().ok()
    }

    fn number(&mut self) -> Option<f64> {
        number(self.take()?)
    }

    /// As many of something as its number says, or `None` with the place before the one that fails.
    fn each(&mut self, mut one: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        let start = self.next;
        let Some(count) = self.whole() else {
            self.next = start;
            return None;
        };
        for _ in 0..count {
            self.whole_part(&mut one)?;
        }
        Some(())
    }

    fn whole_part<T>(&mut self, part: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let start = self.next;
        let read = part(self);
        if read.is_none() {
            self.next = start;
        }
        read
    }
}

fn unquoted(line: &str) -> &str {
    let line = line.trim();
    line.strip_prefix('"').and_then(|line| line.strip_suffix('"')).unwrap_or(line)
}

fn main_part(lines: &mut Lines<'_>, file: &mut FamiliasFile, notes: &mut Notes) -> Option<()> {
    file.title = lines.whole_part(|lines| Some([lines.name()?, lines.name()?]))?;
    file.version = lines.name()?;
    if lines.peek().is_some_and(|line| unquoted(line).is_empty()) {
        lines.take();
    }
    lines.each(|lines| {
        file.persons.push(person(lines)?);
        Some(())
    })?;
    lines.whole_part(|lines| (lines.name()? == KNOWN_RELATIONS).then_some(()))?;
    file.known = lines.whole_part(relations)?;
    lines.each(|lines| {
        let (number, name) = (lines.whole()?, lines.name()?);
        file.pedigrees.push(FamiliasPedigree { number, name, relations: relations(lines)? });
        Some(())
    })?;
    file.has_probabilities = lines.peek()?.trim_start().starts_with(TRUE);
    if file.has_probabilities {
        return Some(());
    }
    (file.databases, file.theta) = lines.whole_part(|lines| database_line(lines.take()?))?;
    lines
        .whole_part(|lines| {
            let count = lines.whole()?;
            file.database = if lines.flag()? { Some(lines.name()?) } else { None };
            // The number of loci stands before the name of their database; here it goes with the loci.
            for _ in 0..count {
                let at = lines.offset();
                let locus = locus(lines, at, notes)?;
                file.loci.push(locus);
            }
            Some(())
        })
        .or_else(|| {
            file.loci.clear();
            file.database = None;
            None
        })
}

fn person(lines: &mut Lines<'_>) -> Option<FamiliasPerson> {
    let name = lines.name()?;
    let first = lines.flag()?;
    let year = lines.take()?.trim();
    let (year, note) = year.split_once(' ').unwrap_or((year, ""));
    let year: i32 = year.parse().ok()?;
    let (second, male) = (lines.flag()?, lines.flag()?);
    let mut person = FamiliasPerson {
        name,
        male,
        born: (year != -1).then_some(year),
        considers_dropout: note.contains("Consider dropouts"),
        flags: [first, second],
        genotypes: Vec::new(),
    };
    let allele = |lines: &mut Lines<'_>| -> Option<Option<u32>> {
        let place: i64 = lines.take()?.trim().parse().ok()?;
        Some(u32::try_from(place).ok())
    };
    lines.each(|lines| {
        let alleles = [allele(lines)?, allele(lines)?];
        person.genotypes.push(FamiliasGenotype { alleles, locus: lines.whole()? });
        Some(())
    })?;
    Some(person)
}

fn relations(lines: &mut Lines<'_>) -> Option<Relations> {
    let mut relations = Relations { extra_females: lines.whole()?, extra_males: lines.whole()?, relations: Vec::new() };
    lines.each(|lines| {
        let parent = lines.take()?.trim();
        let digits = parent.find(|c: char| !c.is_ascii_digit()).unwrap_or(parent.len());
        let (parent, note) = parent.split_at(digits);
        let note = (!note.is_empty()).then(|| note.to_owned());
        relations.relations.push(Relation { parent: parent.parse().ok()?, child: lines.whole()?, note });
        Some(())
    })?;
    Some(relations)
}

/// `#FALSE# (#Databases: 1 ;Theta/Kinship/Fst: 0 )`; older files have the flag alone.
fn database_line(line: &str) -> Option<(u32, f64)> {
    let rest = line.trim().strip_prefix(FALSE)?;
    let after = |key: &str| Some(rest.split_once(key)?.1.split([';', ')']).next()?.trim());
    let databases = after("#Databases:").and_then(|text| text.parse().ok()).unwrap_or(1);
    Some((databases, after("Fst:").and_then(number).unwrap_or(0.0)))
}

fn locus(lines: &mut Lines<'_>, at: Option<usize>, notes: &mut Notes) -> Option<FamiliasLocus> {
    let name = lines.name()?;
    let rates = [lines.number()?, lines.number()?];
    let kinds = [lines.whole()?, lines.whole()?].map(MutationKind::from_code);
    let with_silent = lines.whole()?;
    let ranges = [lines.number()?, lines.number()?];
    let second_rates = [lines.number()?, lines.number()?];
    let (has_silent, silent) = (lines.flag()?, lines.number()?);
    let [female, male] = [0, 1].map(|sex: usize| MutationModel {
        kind: kinds[sex],
        rate: rates[sex],
        range: ranges[sex],
        second_rate: second_rates[sex],
    });
    let count = lines.take()?.trim();
    let (count, options) = count.split_once(|c: char| !c.is_ascii_digit()).unwrap_or((count, ""));
    let count: u32 = count.parse().ok()?;
    let mut locus = FamiliasLocus {
        name,
        female,
        male,
        silent: has_silent.then_some(silent),
        options: locus_options(options),
        alleles: Vec::new(),
    };
    for _ in 0..count {
        locus.alleles.push((lines.name()?, lines.number()?));
    }
    if with_silent != count.saturating_add(u32::from(has_silent)) {
        notes.add("familias-alleles-differ", "a locus states two numbers of alleles that do not go together", at);
    }
    if has_silent {
        notes.add("familias-silent", "a locus has a silent allele", at);
    }
    if kinds.iter().any(|kind| matches!(kind, MutationKind::Other(_))) {
        notes.add("familias-model", "a locus has a mutation model of an unknown number", at);
    }
    let sum: f64 = locus.alleles.iter().map(|(_, frequency)| frequency).sum::<f64>() + locus.silent.unwrap_or(0.0);
    if (sum - 1.0).abs() > super::super::frequencies::SUM_TOLERANCE {
        notes.add("familias-sum", "the frequencies of a locus do not add up to 1", at);
    }
    Some(locus)
}

/// `(DatabaseSize = 1000 , Dropout probability = 0 , Minor allele frequency = 0 )`
fn locus_options(text: &str) -> Option<LocusOptions> {
    let after = |key: &str| {
        let rest = text.split_once(key)?.1.trim_start().strip_prefix('=')?;
        number(rest.split([',', ')']).next()?)
    };
    Some(LocusOptions {
        database_size: after("DatabaseSize")?,
        dropout: after("Dropout probability")?,
        minor_allele_frequency: after("Minor allele frequency")?,
    })
}

fn section_line(line: &str) -> SectionLine {
    let depth = line.bytes().take_while(|b| *b == b'[').count();
    if (1..=MAX_DEPTH).contains(&depth)
        && let Some(title) = line.get(depth..).and_then(|rest| rest.strip_suffix(&"]".repeat(depth)))
        && !title.contains(['[', ']'])
    {
        return SectionLine::Heading { depth, title: title.to_owned() };
    }
    match line.split_once("= ") {
        Some((key, value)) if depth == 0 && !key.contains('=') => {
            SectionLine::Entry { key: key.to_owned(), value: value.to_owned() }
        }
        _ => SectionLine::Text(line.to_owned()),
    }
}

/// What points where there is nothing, and what says that two are one.
fn check(file: &FamiliasFile, notes: &mut Notes) {
    let whole = file.unread.is_empty();
    let known = file.persons.len() as u64 + u64::from(file.known.extra_females) + u64::from(file.known.extra_males);
    let outside = |relations: &Relations, count: u64| {
        relations.relations.iter().any(|r| u64::from(r.parent.max(r.child)) >= count)
    };
    let own = |pedigree: &FamiliasPedigree| {
        let extras = u64::from(pedigree.relations.extra_females) + u64::from(pedigree.relations.extra_males);
        outside(&pedigree.relations, known + extras)
    };
    if whole && (outside(&file.known, known) || file.pedigrees.iter().any(own)) {
        notes.add("familias-reference", "a relation names a person that the file does not have", None);
    }
    let nowhere = |genotype: &FamiliasGenotype| {
        let alleles = file
            .loci
            .get(genotype.locus as usize)
            .map(|locus| locus.alleles.len() + usize::from(locus.silent.is_some()));
        let mut places = genotype.alleles.iter().flatten();
        alleles.is_none_or(|alleles| places.any(|place| *place as usize >= alleles))
    };
    if whole && file.persons.iter().flat_map(|person| &person.genotypes).any(nowhere) {
        notes.add("familias-reference", "a genotype names a locus or an allele that the database does not have", None);
    }
    let pedigrees = file.pedigrees.iter().map(|pedigree| &pedigree.relations);
    if pedigrees.chain([&file.known]).flat_map(|own| &own.relations).any(Relation::is_direct) {
        notes.add(
            "familias-direct",
            "a relation says that two are the same person or identical twins, not parent and child",
            None,
        );
    }
}
