//! Writing `.fam`.

use std::fmt::Write as _;

use super::super::WriteError;
use super::{FamiliasFile, FamiliasLocus, FamiliasPerson, MAX_DEPTH, Relations, SectionLine};

/// Writes a project as Familias 3 does. What Familias wrote comes back byte for byte.
///
/// # Errors
/// [`WriteError`] for names with quotation marks or line ends, numbers that are none, and lines that were not understood (unless
/// they are probabilities, which end the part that is).
pub fn write(file: &FamiliasFile) -> Result<Vec<u8>, WriteError> {
    if !file.unread.is_empty() && !file.has_probabilities {
        let reason = "they were not understood, and what they belong to is not known: take them out";
        return Err(WriteError::Unfit { field: "the unread lines", reason });
    }
    let mut out = Lines::default();
    for title in &file.title {
        out.name(title)?;
    }
    if file.version.contains('"') {
        return Err(WriteError::Unfit { field: "the version", reason: "it has a quotation mark in it" });
    }
    out.line(&file.version)?;
    out.name("")?;
    out.whole(file.persons.len());
    for person in &file.persons {
        write_person(person, &mut out)?;
    }
    out.name("Known relations")?;
    write_relations(&file.known, &mut out)?;
    out.whole(file.pedigrees.len());
    for pedigree in &file.pedigrees {
        out.whole(pedigree.number as usize);
        out.name(&pedigree.name)?;
        write_relations(&pedigree.relations, &mut out)?;
    }
    if file.has_probabilities {
        file.unread.iter().try_for_each(|line| out.line(line))?;
        return Ok(out.text.into_bytes());
    }
    let theta = decimal(file.theta)?;
    out.line(&format!("#FALSE# (#Databases: {} ;Theta/Kinship/Fst: {theta} )", file.databases))?;
    out.whole(file.loci.len());
    out.flag(file.database.is_some());
    if let Some(database) = &file.database {
        out.name(database)?;
    }
    for locus in &file.loci {
        write_locus(locus, &mut out)?;
    }
    for line in &file.sections {
        match line {
            SectionLine::Heading { depth, title } => {
                let depth = (*depth).clamp(1, MAX_DEPTH);
                out.line(&format!("{}{title}{}", "[".repeat(depth), "]".repeat(depth)))?;
            }
            SectionLine::Entry { key, value } => out.line(&format!("{key}= {value}"))?,
            SectionLine::Text(text) => out.line(text)?,
        }
    }
    Ok(out.text.into_bytes())
}

fn write_person(person: &FamiliasPerson, out: &mut Lines) -> Result<(), WriteError> {
    out.name(&person.name)?;
    out.flag(person.flags[0]);
    let born = person.born.unwrap_or(-1);
    out.line(&format!("{born}{}", if person.considers_dropout { " (Consider dropouts)" } else { "" }))?;
    out.flag(person.flags[1]);
    out.flag(person.male);
    out.whole(person.genotypes.len());
    for genotype in &person.genotypes {
        for allele in genotype.alleles {
            out.line(&allele.map_or("-1".to_owned(), |place| place.to_string()))?;
        }
        out.whole(genotype.locus as usize);
    }
    Ok(())
}

fn write_relations(relations: &Relations, out: &mut Lines) -> Result<(), WriteError> {
    out.whole(relations.extra_females as usize);
    out.whole(relations.extra_males as usize);
    out.whole(relations.relations.len());
    for relation in &relations.relations {
        let note = relation.note.as_deref().unwrap_or_default();
        if note.starts_with(|c: char| c.is_ascii_digit())
            || note.trim_end() != note
            || relation.note.as_deref() == Some("")
        {
            return Err(WriteError::Unfit {
                field: "the note of a relation",
                reason: "it begins with a digit or ends with a blank",
            });
        }
        out.line(&format!("{}{note}", relation.parent))?;
        out.whole(relation.child as usize);
    }
    Ok(())
}

fn write_locus(locus: &FamiliasLocus, out: &mut Lines) -> Result<(), WriteError> {
    let (female, male) = (&locus.female, &locus.male);
    out.name(&locus.name)?;
    out.decimal(female.rate)?;
    out.decimal(male.rate)?;
    out.whole(female.kind.code() as usize);
    out.whole(male.kind.code() as usize);
    out.whole(locus.alleles.len() + usize::from(locus.silent.is_some()));
    out.decimal(female.range)?;
    out.decimal(male.range)?;
    out.decimal(female.second_rate)?;
    out.decimal(male.second_rate)?;
    out.flag(locus.silent.is_some());
    out.decimal(locus.silent.unwrap_or(0.0))?;
    let alleles = locus.alleles.len();
    match &locus.options {
        Some(options) => {
            let (size, dropout) = (decimal(options.database_size)?, decimal(options.dropout)?);
            let least = decimal(options.minor_allele_frequency)?;
            out.line(&format!(
                "{alleles}\t(DatabaseSize = {size} , Dropout probability = {dropout} , Minor allele frequency = {least} )"
            ))?;
        }
        None => out.whole(alleles),
    }
    for (allele, frequency) in &locus.alleles {
        out.name(allele)?;
        out.decimal(*frequency)?;
    }
    Ok(())
}

#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn line(&mut self, line: &str) -> Result<(), WriteError> {
        if line.contains(['\n', '\r']) {
            return Err(WriteError::Unfit { field: "a line", reason: "it has a line end in it" });
        }
        self.text.push_str(line);
        self.text.push('\n');
        Ok(())
    }

    fn name(&mut self, name: &str) -> Result<(), WriteError> {
        if name.contains('"') {
            return Err(WriteError::Unfit { field: "a name", reason: "it has a quotation mark in it" });
        }
        self.line(&format!("\"{name}\""))
    }

    fn flag(&mut self, flag: bool) {
        self.text.push_str(if flag { "#TRUE#\n" } else { "#FALSE#\n" });
    }

    fn whole(&mut self, number: usize) {
        let _ = writeln!(self.text, "{number}");
    }

    fn decimal(&mut self, number: f64) -> Result<(), WriteError> {
        let text = decimal(number)?;
        self.line(&text)
    }
}

/// A number as the C library of Windows prints it with `%.10g`: exponents of three digits, below 1e-4 and from 1e10 on. Digits are as
/// many as the number needs, so that it comes back as it is.
fn decimal(number: f64) -> Result<String, WriteError> {
    if !number.is_finite() || number < 0.0 {
        return Err(WriteError::Unfit { field: "a number", reason: "it must be at least 0 and finite" });
    }
    let shortest = format!("{number:e}");
    let (digits, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number != 0.0 && !(-4..10).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return Ok(format!("{digits}e{sign}{:03}", exponent.unsigned_abs()));
    }
    Ok(format!("{number}"))
}
