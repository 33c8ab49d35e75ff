//! Which format a file is of.

use super::{Decoded, File, ansi_nist, cbeff, cmf, familias, frequencies, genotypes, image, iso19794_4, lds, minutiae};
use crate::genetic;
use crate::image::ImageError;
use crate::xml;

/// Why a file was not read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There are no bytes.
    #[error("the file is empty: copy or export it again")]
    Empty,
    /// Known, and not for here.
    #[error("this is {what}, which is not read here: {instead}")]
    NotRead {
        /// What it is, with its article.
        what: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// Of no format that is known.
    #[error(
        "this is no format that is known here: give an image, a finger record, an ANSI/NIST-ITL transaction, a CBEFF record, or a genetic table"
    )]
    Unknown,
    /// A picture that cannot be read.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// A minutiae record that cannot be read.
    #[error(transparent)]
    Minutiae(#[from] minutiae::ReadError),
    /// A finger image record that cannot be read.
    #[error(transparent)]
    FingerImages(#[from] iso19794_4::ReadError),
    /// A transaction that cannot be read.
    #[error(transparent)]
    Transaction(#[from] ansi_nist::TransactionError),
    /// A transaction in XML that cannot be read.
    #[error(transparent)]
    TransactionXml(#[from] ansi_nist::xml::XmlError),
    /// A biometric information record that cannot be read.
    #[error(transparent)]
    Bir(#[from] cbeff::ReadError),
    /// A passport's templates that cannot be read.
    #[error(transparent)]
    Templates(#[from] lds::ReadError),
    /// A genetic file that cannot be read.
    #[error(transparent)]
    Genetic(#[from] genetic::ReadError),
}

/// What is known by its first bytes and is not read.
const NOT_READ: [(&[u8], &str, &str); 7] = [
    (b"FAC\0", "a face image record (ISO/IEC 19794-5)", "give the finger records"),
    (b"IIR\0", "an iris image record (ISO/IEC 19794-6)", "give the finger records"),
    (b"GIF8", "a GIF image", "export the scan as PNG or TIFF without loss"),
    (b"RIFF", "a WebP image or another RIFF file", "export the scan as PNG or TIFF without loss"),
    (b"%PDF", "a PDF document", "export the scan in it as PNG or TIFF without loss"),
    (b"PK\x03\x04", "a ZIP archive or an office document", "unpack it, or export the table as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old office document", "export the table as CSV"),
];

/// How much of a file is looked at to tell whether it is text.
const SNIFFED_BYTES: usize = 4096;

/// How many genotypes are looked at for one of a marker that is known.
const SNIFFED_GENOTYPES: usize = 10_000;

pub(super) fn open(bytes: &[u8]) -> Result<Decoded<File<'_>>, OpenError> {
    if bytes.is_empty() {
        return Err(OpenError::Empty);
    }
    if let Some((_, what, instead)) = NOT_READ.iter().find(|(magic, ..)| bytes.starts_with(magic)) {
        return Err(OpenError::NotRead { what, instead });
    }
    if let Ok(format) = image::detect(bytes) {
        // Whether its pixels can be read is told when they are asked for; a header that is none at all is told now.
        return Ok(Decoded { value: File::Image { format, bytes }, diagnostics: Vec::new() });
    }
    if minutiae::is_record(bytes) {
        return Ok(map(minutiae::read(bytes)?, File::Minutiae));
    }
    if iso19794_4::is_record(bytes) {
        return Ok(map(iso19794_4::read(bytes)?, File::FingerImages));
    }
    if ansi_nist::is_transaction(bytes) {
        return Ok(map(ansi_nist::read(bytes)?, |transaction| File::Transaction { transaction, xml: false }));
    }
    if lds::is_templates(bytes) {
        return Ok(map(lds::read(bytes)?, File::Templates));
    }
    if let Some(root) = xml::root_name(bytes) {
        return by_root(bytes, root);
    }
    if is_text(bytes) { table(bytes) } else { Err(OpenError::Unknown) }
}

fn map<T, U>(read: Decoded<T>, into: impl FnOnce(T) -> U) -> Decoded<U> {
    Decoded { value: into(read.value), diagnostics: read.diagnostics }
}

/// XML, by the name of its root.
fn by_root<'a>(bytes: &'a [u8], root: &str) -> Result<Decoded<File<'a>>, OpenError> {
    match root {
        "BIR" => Ok(map(cbeff::read_xml(bytes)?, |bir| File::Bir(Box::new(bir)))),
        "NISTBiometricInformationExchangePackage" => {
            Ok(map(ansi_nist::xml::read(bytes)?, |transaction| File::Transaction { transaction, xml: true }))
        }
        "CODISImportFile" => Ok(map(cmf::read(bytes)?, File::Cmf)),
        "CODISRapidImportFile" => Ok(map(cmf::read_rapid(bytes)?, File::RapidCmf)),
        _ => Err(OpenError::NotRead {
            what: "XML of another kind",
            instead: "give an ANSI/NIST-ITL transaction, a CBEFF record or a CODIS message",
        }),
    }
}

/// No text holds a zero byte, unless it is in UTF-16 and says so.
fn is_text(bytes: &[u8]) -> bool {
    let utf_16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    utf_16 || !bytes.iter().take(SNIFFED_BYTES).any(|b| matches!(b, 0..=8 | 14..=31 if *b != 0x1b))
}

/// Genetic tables have no first bytes of their own: each reader says whether it is one of its kind.
fn table(bytes: &[u8]) -> Result<Decoded<File<'_>>, OpenError> {
    type Reader = fn(&[u8]) -> Result<Decoded<File<'static>>, genetic::ReadError>;
    let kinds: [Reader; 3] = [
        |bytes| familias::read(bytes).map(|read| map(read, File::Familias)),
        |bytes| {
            let read = genotypes::read(bytes)?;
            let genotypes = read.value.samples.iter().flat_map(|s| &s.genotypes);
            // Whoever asks for genotypes gets them; here it could be any table whose columns come in twos.
            let plausible = genotypes.take(SNIFFED_GENOTYPES).any(|g| g.marker.is_plausible());
            let instead = "none of its columns is named as a marker";
            let other = genetic::ReadError::NotThis { expected: "a table of genotypes", instead };
            if plausible { Ok(map(read, File::Genotypes)) } else { Err(other) }
        },
        |bytes| frequencies::read(bytes).map(|read| map(read, File::Frequencies)),
    ];
    for read in kinds {
        match read(bytes) {
            Err(genetic::ReadError::NotThis { .. }) => {}
            other => return Ok(other?),
        }
    }
    Err(OpenError::Unknown)
}
