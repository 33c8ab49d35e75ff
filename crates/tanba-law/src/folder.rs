//! The packs of one register: those that come with the program, and those of a folder that its operator gives.

use crate::read::PackError;
use crate::signature::{KeyFile, SignatureError, SignatureFile};
use crate::{AssumptionSheet, Calendar, IndexTable, Library, LibraryError, Modality, Pack};
use thiserror::Error;

/// The packs by which a register of Kazakhstan without a folder works: the regime that its demonstration tells of.
const KAZAKHSTAN: &[&str] = &["kz-2016-as-enacted", "kz-genomic-2021"];

/// One file of a folder: its name, for messages, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LawFile {
    /// Name of the file.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Why the files of a folder are not used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FolderError {
    /// A file is not sound by itself.
    #[error("{name}: {why}")]
    File {
        /// The file.
        name: String,
        /// What is wrong with it.
        why: PackError,
    },
    /// A file is none of law.
    #[error(
        "{name}: its `format` names no file of law; packs, sheets, tables, calendars and signatures belong into this folder"
    )]
    Foreign {
        /// The file.
        name: String,
    },
    /// Signatures do not approve their pack.
    #[error("{name}: {why}")]
    Signature {
        /// The file of signatures.
        name: String,
        /// What is wrong.
        why: SignatureError,
    },
    /// Signatures of a pack that is not in the folder.
    #[error("{name}: it signs {pack}, which is not in the folder; add the pack or take the signatures out")]
    NothingSigned {
        /// The file of signatures.
        name: String,
        /// The pack it names.
        pack: String,
    },
    /// Signatures without the keys to check them by.
    #[error("{name}: there are no trusted keys to check it by; give the file of keys (tanba-law-keys/1)")]
    NoKeys {
        /// The file of signatures.
        name: String,
    },
    /// The packs do not go together.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// No pack of this country.
    #[error("there is no law pack of {jurisdiction}; give a folder with its packs")]
    NoPack {
        /// ISO 3166 code.
        jurisdiction: String,
    },
}

/// The packs of `jurisdiction` for one register: all of `files`, and of those that come with the program the ones on a
/// modality that the folder has no pack on, and those that packs of the folder supersede. A final pack with signatures in the folder
/// is checked against `trusted` and carries its approval.
///
/// # Errors
/// A file that is not sound or not of law; signatures that do not verify; packs that do not go together; no pack at all.
pub fn packs_of(jurisdiction: &str, files: &[LawFile], trusted: Option<&KeyFile>) -> Result<Library, FolderError> {
    let program = Library::embedded();
    let mut indices = program.indices().to_vec();
    let mut sheets = program.sheets().to_vec();
    let named = |file: &LawFile| {
        let name = file.name.clone();
        move |why: PackError| FolderError::File { name, why }
    };
    // Tables first: packs are read with them.
    for file in files.iter().filter(|file| format_of(&file.text) == "tanba-index/1") {
        let table = IndexTable::from_yaml(&file.text).map_err(named(file))?;
        indices.retain(|known| known.code != table.code);
        indices.push(table);
    }
    let mut packs = Vec::new();
    let mut signatures = Vec::new();
    let mut calendars = Vec::new();
    for file in files {
        match format_of(&file.text) {
            "tanba-index/1" => {}
            "tanba-calendar/1" => calendars.push(Calendar::from_yaml(&file.text).map_err(named(file))?),
            "tanba-law-pack/2" => packs.push(Pack::from_yaml(&file.text, &indices).map_err(named(file))?),
            "tanba-assumptions/1" => {
                let sheet = AssumptionSheet::from_yaml(&file.text).map_err(named(file))?;
                sheets.retain(|known| known.id() != sheet.id());
                sheets.push(sheet);
            }
            "tanba-law-signatures/1" => {
                signatures.push((file, SignatureFile::from_yaml(&file.text).map_err(named(file))?));
            }
            _ => return Err(FolderError::Foreign { name: file.name.clone() }),
        }
    }
    for (file, signed) in signatures {
        let name = file.name.clone();
        let Some(at) = packs.iter().position(|pack: &Pack| pack.id() == signed.pack) else {
            return Err(FolderError::NothingSigned { name, pack: signed.pack });
        };
        let trusted = trusted.ok_or_else(|| FolderError::NoKeys { name: name.clone() })?;
        packs[at] = packs[at].clone().approved(&signed, trusted).map_err(|why| FolderError::Signature { name, why })?;
    }
    let given: Vec<(String, Modality)> =
        packs.iter().map(|pack| (pack.jurisdiction().to_owned(), pack.modality())).collect();
    for pack in program.packs().iter().filter(|pack| pack.jurisdiction() == jurisdiction) {
        let chosen = jurisdiction != "KZ" || KAZAKHSTAN.contains(&pack.id());
        if chosen && !given.contains(&(jurisdiction.to_owned(), pack.modality())) {
            packs.push(pack.clone());
        }
    }
    // The list grows while it is gone through: what an earlier version superseded belongs to it too.
    let mut at = 0;
    while let Some(pack) = packs.get(at) {
        for earlier in pack.supersedes().to_vec() {
            if let Some(earlier) = program.pack(&earlier).filter(|_| packs.iter().all(|pack| pack.id() != earlier)) {
                packs.push(earlier.clone());
            }
        }
        at += 1;
    }
    if !packs.iter().any(|pack| pack.jurisdiction() == jurisdiction) {
        return Err(FolderError::NoPack { jurisdiction: jurisdiction.to_owned() });
    }
    Ok(Library::of(indices, packs, sheets)?.with_calendars(calendars))
}

/// The `format` that a file names for itself.
fn format_of(text: &str) -> &str {
    let named = text.lines().find_map(|line| line.strip_prefix("format:"));
    named.map_or("", |value| value.split('#').next().unwrap_or_default().trim())
}
