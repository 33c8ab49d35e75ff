//! Transactions of domains: which records and fields each of their types has, as far as that is public.
//!
//! EBTS: what public pages say of it (fields of MAP, the change history of 9.4), the rest of general knowledge and not compared with the
//! specification. INT-I: the published samples of version 6 and, for its older
//! version that the Prüm decision uses, the appendices of Council Decision 2008/616/JHA.

use super::{Findings, has, text};
use crate::ansi_nist::dictionary::Domain;
use crate::ansi_nist::header::number::{KIND, PRIORITY, REFERENCE, TIME};
use crate::ansi_nist::{Record, Transaction};

/// What a type of transaction consists of.
struct Kind {
    name: &'static str,
    /// Mandatory fields of its Type-2 record.
    mandatory: &'static [u16],
    /// One of these, where there are any.
    one_of: &'static [u16],
    /// The least and most records of some types: the types, then both numbers.
    records: &'static [(&'static [u8], usize, usize)],
    /// Whether it answers another.
    answer: bool,
}

const NONE: Kind = Kind { name: "", mandatory: &[], one_of: &[], records: &[], answer: false };
const FINGERPRINTS: &[u8] = &[4, 14];
const LATENTS: &[u8] = &[9, 13];
const MANY: usize = 99;
/// A card has ten rolled prints and four plain ones.
const CARD: usize = 14;

/// Fields of a person on a card: RET, NAM, POB, DOB, SEX, RAC, HGT, WGT, EYE, HAI, DPR, CRI.
const CRIMINAL: &[u16] = &[5, 18, 20, 22, 24, 25, 27, 29, 31, 32, 38, 73];
/// The same with RFP.
const CIVIL: &[u16] = &[5, 18, 20, 22, 24, 25, 27, 29, 31, 32, 37, 38, 73];
const CARD_PRINTS: &[(&[u8], usize, usize)] = &[(FINGERPRINTS, 1, CARD)];
const NO_PRINTS: &[(&[u8], usize, usize)] = &[(FINGERPRINTS, 0, CARD)];

const EBTS: [Kind; 22] = [
    Kind { name: "CAR", mandatory: CRIMINAL, records: CARD_PRINTS, ..NONE },
    Kind { name: "CNA", mandatory: CRIMINAL, records: CARD_PRINTS, ..NONE },
    Kind { name: "CPDR", mandatory: CRIMINAL, records: CARD_PRINTS, ..NONE },
    Kind { name: "CPNU", mandatory: CRIMINAL, records: CARD_PRINTS, ..NONE },
    Kind { name: "DOCE", mandatory: CRIMINAL, records: CARD_PRINTS, ..NONE },
    Kind { name: "DEK", records: CARD_PRINTS, ..NONE },
    Kind { name: "DEU", records: CARD_PRINTS, ..NONE },
    Kind { name: "MPR", records: CARD_PRINTS, ..NONE },
    Kind { name: "AMN", records: CARD_PRINTS, ..NONE },
    Kind { name: "FANC", mandatory: CIVIL, records: CARD_PRINTS, ..NONE },
    Kind { name: "FAUF", mandatory: CIVIL, records: CARD_PRINTS, ..NONE },
    Kind { name: "MAP", mandatory: CIVIL, records: CARD_PRINTS, ..NONE },
    Kind { name: "NFAP", mandatory: CIVIL, records: CARD_PRINTS, ..NONE },
    Kind { name: "NFUF", mandatory: CIVIL, records: CARD_PRINTS, ..NONE },
    Kind { name: "NFUE", mandatory: CIVIL, records: CARD_PRINTS, ..NONE },
    Kind { name: "LFFS", mandatory: &[6], records: &[(&[9], 1, MANY)], ..NONE },
    Kind { name: "LFIS", mandatory: &[6], records: &[(&[4, 7, 13, 14, 15], 1, MANY)], ..NONE },
    Kind { name: "SRE", mandatory: &[59], records: NO_PRINTS, answer: true, ..NONE },
    Kind { name: "SRL", mandatory: &[6], records: NO_PRINTS, answer: true, ..NONE },
    Kind { name: "ERRT", mandatory: &[60], records: NO_PRINTS, answer: true, ..NONE },
    Kind { name: "ERRL", mandatory: &[60], records: NO_PRINTS, answer: true, ..NONE },
    Kind { name: "ERRI", mandatory: &[60], records: NO_PRINTS, answer: true, ..NONE },
];

/// CRN or ORN; CNO or ORN.
const PERSON: &[u16] = &[10, 11];
const CASE: &[u16] = &[7, 11];
const PERSON_PRINTS: &[(&[u8], usize, usize)] = &[(&[4, 14, 15], 1, MANY), (LATENTS, 0, 0)];
const MARK: &[(&[u8], usize, usize)] = &[(LATENTS, 1, MANY), (&[4, 14], 0, 0)];
/// RLS and ERM.
const RESPONDENTS: &[u16] = &[64];
const ERROR: &[u16] = &[74];
const TEXT_ONLY: &[(&[u8], usize, usize)] = &[(LATENTS, 0, MANY)];

const INTERPOL: [Kind; 8] = [
    Kind { name: "NPS", one_of: PERSON, records: PERSON_PRINTS, ..NONE },
    Kind { name: "CPS", one_of: PERSON, records: PERSON_PRINTS, ..NONE },
    Kind { name: "PMS", one_of: PERSON, records: PERSON_PRINTS, ..NONE },
    Kind { name: "MPS", one_of: CASE, records: MARK, ..NONE },
    Kind { name: "MMS", one_of: CASE, records: MARK, ..NONE },
    Kind { name: "SRE", mandatory: RESPONDENTS, records: TEXT_ONLY, answer: true, ..NONE },
    Kind { name: "ERR", mandatory: ERROR, records: TEXT_ONLY, answer: true, ..NONE },
    Kind { name: "ACK", answer: true, ..NONE },
];

pub(super) fn ebts(transaction: &Transaction<'_>, findings: &mut Findings) {
    let Some(header) = transaction.records.first() else { return };
    // The domain may be left out here: North America is then meant.
    if has(header, 13) && Domain::of(transaction) != Some(Domain::Ebts) {
        findings.field("domain-unexpected", header, 13, "the domain is not NORAM");
    }
    of_kind(transaction, header, &EBTS, findings);
    // The unit of resolution must be one (EBTS 9.4).
    for record in transaction.records.iter().filter(|r| matches!(r.kind, 13..=15)) {
        if text(record, 8).is_some_and(|unit| !matches!(unit, "1" | "2")) {
            findings.field("value-out-of-range", record, 8, "the resolution is per inch or per centimetre");
        }
    }
}

pub(super) fn interpol(transaction: &Transaction<'_>, findings: &mut Findings) {
    let Some(header) = transaction.records.first() else { return };
    if Domain::of(transaction) != Some(Domain::IntI) {
        findings.field("domain-unexpected", header, 13, "the domain is not INT-I");
    }
    findings.require(header, &[PRIORITY, TIME]);
    of_kind(transaction, header, &INTERPOL, findings);
}

fn of_kind(transaction: &Transaction<'_>, header: &Record<'_>, kinds: &[Kind], findings: &mut Findings) {
    let stated = text(header, KIND).unwrap_or_default();
    let Some(kind) = kinds.iter().find(|k| k.name == stated) else {
        findings.field(
            "transaction-unknown",
            header,
            KIND,
            "this type of transaction is not one whose rules are known",
        );
        return;
    };
    if kind.answer {
        findings.require(header, &[REFERENCE]);
    }
    let texts: Vec<_> = transaction.records.iter().filter(|r| r.kind == 2).collect();
    match &texts[..] {
        [text] => {
            findings.require(text, kind.mandatory);
            if !kind.one_of.is_empty() && !kind.one_of.iter().any(|n| has(text, *n)) {
                let numbers: Vec<_> = kind.one_of.iter().map(|n| format!("2.{n:03}")).collect();
                let message = format!("one of the fields {} is mandatory here", numbers.join(" and "));
                findings.record("field-missing", text, &message);
            }
        }
        _ => findings.record("record-cardinality", header, "one record of Type 2 belongs to this transaction"),
    }
    for (types, least, most) in kind.records {
        let there = transaction.records.iter().filter(|r| types.contains(&r.kind)).count();
        if !(*least..=*most).contains(&there) {
            let names: Vec<_> = types.iter().map(u8::to_string).collect();
            let message = match most {
                0 => format!("no records of Types {} belong to this transaction", names.join(", ")),
                _ => format!("{least} to {most} records of Types {} belong to this transaction", names.join(", ")),
            };
            findings.record("record-cardinality", header, &message);
        }
    }
}
