//! Sanctions as signed objects: what a court or a prosecutor permits, in words that nobody can change afterwards.
//!
//! A signed note (C2SP signed-note, Ed25519) whose text has exactly these lines, in this order:
//!
//! ```text
//! tanba-sanction/1
//! register <origin of the register's log, for which alone it is>
//! serial <the office's own number; never given twice>
//! office <name of the key that signs>
//! level <level of authority, by the law pack's code>
//! judge <personnel reference or name of whoever decided>
//! for <code of the organisation that may use it>
//! case <that organisation's number of the case>
//! subject <commitment to the person's number, base64> | unknown
//! modalities <labels, in order of the alphabet>
//! acts <labels, in order of the alphabet>
//! purposes <labels, in order of the alphabet>
//! valid-from <POSIX seconds>
//! valid-to <POSIX seconds, the first that is too late>
//! uses <how many>
//! tell-at <POSIX seconds from which the person is told> | at-once
//!
//! — <office> <signature>
//! ```
//!
//! A sanction has one text: what is read is written again and must be the same bytes. It names nobody who is looked for: the
//! number stands in it as a salted [`commit`]ment, and the [`Subject`] that opens it travels beside it. So a note can be kept,
//! and its signature checked, after the register has forgotten the person.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, Serialize};

use crate::commit;
use crate::log::{LogSigner, LogVerifier, claimed_statement, open_statement, sign_statement, valid_key_name};

const FORMAT_LINE: &str = "tanba-sanction/1";

/// The names of the lines after the first, in their order.
const LINES: [&str; 15] = [
    "register",
    "serial",
    "office",
    "level",
    "judge",
    "for",
    "case",
    "subject",
    "modalities",
    "acts",
    "purposes",
    "valid-from",
    "valid-to",
    "uses",
    "tell-at",
];

/// The longest free text of a line, and the most labels in one.
const MAX_CHARS: usize = 200;
const MAX_LABELS: usize = 32;

/// Why a sanction was not signed, or not accepted. Nothing here repeats what stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("sanction refused: {what}")]
pub struct SanctionError {
    /// What is wrong.
    pub what: &'static str,
}

/// Whom a sanction is about: what opens its commitment.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// 16 fresh random bytes, base64.
    pub salt: String,
    /// The identification number.
    pub number: String,
}

impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subject").finish_non_exhaustive()
    }
}

impl Subject {
    /// A person by number, under a salt that nobody has used before.
    #[must_use]
    pub fn new(number: &str, salt: &[u8; 16]) -> Self {
        Self { salt: BASE64.encode(salt), number: number.to_owned() }
    }

    /// [`commit`]`(salt, "sanction-subject", number)`.
    ///
    /// # Errors
    /// A salt that is not 16 bytes in base64.
    pub fn commitment(&self) -> Result<[u8; 32], SanctionError> {
        let salt = BASE64.decode(&self.salt).ok().and_then(|salt| <[u8; 16]>::try_from(salt).ok());
        let salt = salt.ok_or(refuse("the subject's salt is not 16 bytes in base64"))?;
        Ok(commit(&salt, "sanction-subject", self.number.as_bytes()))
    }
}

/// A sanction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sanction {
    /// The origin of the register that it is for.
    pub register: String,
    /// The office's number of it.
    pub serial: String,
    /// The name of the office's key.
    pub office: String,
    /// The level of authority.
    pub level: String,
    /// Who decided.
    pub judge: String,
    /// The organisation that may use it.
    pub organisation: String,
    /// Its number of the case.
    pub case: String,
    /// The commitment to whom it is about; none for an unknown person.
    pub subject: Option<[u8; 32]>,
    /// What kinds of data it covers.
    pub modalities: Vec<String>,
    /// What may be done.
    pub acts: Vec<String>,
    /// What for.
    pub purposes: Vec<String>,
    /// From when, POSIX seconds.
    pub valid_from: u64,
    /// Until when, POSIX seconds; no longer at that second.
    pub valid_to: u64,
    /// How often.
    pub uses: u32,
    /// From when on the person is told of looks under it, POSIX seconds; at once without it.
    pub tell_at: Option<u64>,
}

impl Sanction {
    /// The signed note. Lists are put into the order of the alphabet.
    ///
    /// # Errors
    /// A value that may not stand in a sanction; a key of another name than the office's.
    pub fn sign(&self, office: &LogSigner) -> Result<String, SanctionError> {
        if office.verifier().name() != self.office {
            return Err(refuse("its office is not the name of the key that signs"));
        }
        let mut ordered = self.clone();
        for list in [&mut ordered.modalities, &mut ordered.acts, &mut ordered.purposes] {
            list.sort();
            list.dedup();
        }
        let text = ordered.text();
        Self::parse(&text)?;
        sign_statement(office, &text).map_err(|_| refuse("it cannot be the text of a note"))
    }

    /// Reads a sanction that `office` has signed.
    ///
    /// # Errors
    /// Anything but the one text of a sanction of this office, with a signature by its key that verifies.
    pub fn open(note: &[u8], office: &LogVerifier) -> Result<Self, SanctionError> {
        let text =
            open_statement(office, note).map_err(|_| refuse("the office's key has not signed it as it stands"))?;
        let sanction = Self::parse(&text)?;
        if sanction.office != office.name() {
            return Err(refuse("it names another office than the one that has signed it"));
        }
        Ok(sanction)
    }

    /// What a note says, before anybody has checked who signed it: to find the key, or to show it as unchecked.
    ///
    /// # Errors
    /// Anything but a note with the one text of a sanction.
    pub fn claimed(note: &[u8]) -> Result<Self, SanctionError> {
        let text = claimed_statement(note).map_err(|_| refuse("it is no signed note, or is cut off"))?;
        Self::parse(&text)
    }

    fn text(&self) -> String {
        let subject = self.subject.map_or_else(|| "unknown".to_owned(), |hash| BASE64.encode(hash));
        let tell = self.tell_at.map_or_else(|| "at-once".to_owned(), |at| at.to_string());
        let values = [
            self.register.clone(),
            self.serial.clone(),
            self.office.clone(),
            self.level.clone(),
            self.judge.clone(),
            self.organisation.clone(),
            self.case.clone(),
            subject,
            self.modalities.join(" "),
            self.acts.join(" "),
            self.purposes.join(" "),
            self.valid_from.to_string(),
            self.valid_to.to_string(),
            self.uses.to_string(),
            tell,
        ];
        let lines = LINES.iter().zip(values).map(|(name, value)| format!("{name} {value}\n"));
        std::iter::once(format!("{FORMAT_LINE}\n")).chain(lines).collect()
    }

    fn parse(text: &str) -> Result<Self, SanctionError> {
        let lines = text.strip_prefix(FORMAT_LINE).and_then(|rest| rest.strip_prefix('\n'));
        let lines = lines.ok_or(refuse("it is no tanba-sanction/1"))?;
        let lines: Vec<&str> = lines.split_terminator('\n').collect();
        if lines.len() != LINES.len() {
            return Err(refuse("it has more or fewer lines than a sanction"));
        }
        let mut values = [""; LINES.len()];
        for ((value, line), name) in values.iter_mut().zip(lines).zip(LINES) {
            let rest = line.strip_prefix(name).and_then(|rest| rest.strip_prefix(' '));
            *value = rest.ok_or(refuse("its lines are not those of a sanction, in their order"))?;
        }
        let [
            register,
            serial,
            office,
            level,
            judge,
            organisation,
            case,
            subject,
            modalities,
            acts,
            purposes,
            from,
            to,
            uses,
            tell,
        ] = values;
        let sanction = Self {
            register: name(register)?,
            serial: label(serial)?,
            office: name(office)?,
            level: label(level)?,
            judge: words(judge)?,
            organisation: label(organisation)?,
            case: words(case)?,
            subject: if subject == "unknown" { None } else { Some(hash(subject)?) },
            modalities: labels(modalities)?,
            acts: labels(acts)?,
            purposes: labels(purposes)?,
            valid_from: seconds(from)?,
            valid_to: seconds(to)?,
            uses: uses.parse().map_err(|_| refuse("its number of uses is not one"))?,
            tell_at: if tell == "at-once" { None } else { Some(seconds(tell)?) },
        };
        if sanction.valid_to <= sanction.valid_from || sanction.uses == 0 {
            return Err(refuse("it ends before it begins, or allows no use"));
        }
        if sanction.text() != text {
            return Err(refuse("it is not written the one way that a sanction is written"));
        }
        Ok(sanction)
    }
}

fn name(text: &str) -> Result<String, SanctionError> {
    if valid_key_name(text) { Ok(text.to_owned()) } else { Err(refuse("a name in it is not one")) }
}

/// A code: what law packs and this register use for levels, acts and purposes, and offices for their numbers.
fn label(text: &str) -> Result<String, SanctionError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    if text.is_empty() || text.len() > MAX_CHARS || !text.chars().all(fits) {
        return Err(refuse("a code in it is not one: letters, digits and _ - . / alone"));
    }
    Ok(text.to_owned())
}

fn words(text: &str) -> Result<String, SanctionError> {
    if text.trim() != text || text.is_empty() || text.chars().count() > MAX_CHARS || text.chars().any(char::is_control)
    {
        return Err(refuse("its judge or case is empty, too long, or has blanks around it"));
    }
    Ok(text.to_owned())
}

fn labels(text: &str) -> Result<Vec<String>, SanctionError> {
    let found: Vec<String> = text.split(' ').map(label).collect::<Result<_, _>>()?;
    if found.len() > MAX_LABELS || !found.is_sorted_by(|a, b| a < b) {
        return Err(refuse("a list in it is not in order, repeats itself, or is too long"));
    }
    Ok(found)
}

fn hash(text: &str) -> Result<[u8; 32], SanctionError> {
    let found = BASE64.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    found.ok_or(refuse("its subject is neither a commitment nor unknown"))
}

/// Up to the year 9999: later instants have no date anywhere.
fn seconds(text: &str) -> Result<u64, SanctionError> {
    const END: u64 = 253_402_300_800;
    text.parse().ok().filter(|at| *at < END).ok_or(refuse("a time in it is not POSIX seconds"))
}

const fn refuse(what: &'static str) -> SanctionError {
    SanctionError { what }
}
