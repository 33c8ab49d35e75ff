//! The text form of [`OwnEntries`]: one form for each value, so that a file cannot be changed without notice.
//!
//! ```text
//! tanba-own-entries/1
//! record <label>                     once for each record
//! erased <count> <head>              where retention has taken entries off
//! entry <entry>                      for each entry, in the order of the index
//! path <hash>                        for each depth from the root; "path -" where nothing is there
//! beside <label> <digest>            where another label stands in the place
//! <empty line>
//! c2sp.org/tlog-proof@v1 ...         the proof of the entry that publishes the index, which is its extra data
//! ```
//!
//! Labels, hashes and entries are in base64; lines end in a newline.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

use super::{
    MapPath, OwnEntries, RecordEntries,
    hash::{CHAIN_START, EMPTY, Label},
};
use crate::log::{Hash, LogError, TlogProof, parse_decimal};

const FORMAT_LINE: &str = "tanba-own-entries/1";

/// The longest text read.
pub const MAX_OWN_ENTRIES_BYTES: usize = 64 * 1024 * 1024;

impl OwnEntries {
    /// The text form; by convention a file that ends in `.own-entries`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!("{FORMAT_LINE}\n");
        for record in &self.records {
            text += &format!("record {}\n", record.label);
            if record.erased > 0 {
                text += &format!("erased {} {}\n", record.erased, record.start);
            }
            for entry in &record.entries {
                text += &format!("entry {}\n", BASE64.encode(entry));
            }
            for sibling in &record.path.siblings {
                text += &if *sibling == EMPTY { "path -\n".to_owned() } else { format!("path {sibling}\n") };
            }
            if let Some((label, digest)) = &record.path.beside {
                text += &format!("beside {label} {digest}\n");
            }
        }
        text.push('\n');
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(&self.published.to_bytes());
        bytes
    }

    /// Reads the text form. Nothing is believed yet: that is what [`OwnEntries::verify`] is for.
    ///
    /// # Errors
    /// [`LogError::BadProof`].
    pub fn parse(bytes: &[u8]) -> Result<Self, LogError> {
        let refuse = |what| LogError::BadProof { what };
        if bytes.len() > MAX_OWN_ENTRIES_BYTES {
            return Err(refuse("it is longer than 64 MiB"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| refuse("it is not text"))?;
        let (own, published) = text.split_once("\n\n").ok_or(refuse("it has no proof of the index"))?;
        let mut lines = own.split('\n').peekable();
        if lines.next() != Some(FORMAT_LINE) {
            return Err(refuse("its first line is not tanba-own-entries/1"));
        }
        let mut records = Vec::new();
        while let Some(line) = lines.next() {
            let label = line.strip_prefix("record ").and_then(label).ok_or(refuse("a record line was expected"))?;
            let (erased, start) = match lines.next_if(|line| line.starts_with("erased ")) {
                Some(line) => erased(line).ok_or(refuse("a line of erased entries is malformed"))?,
                None => (0, CHAIN_START),
            };
            let mut entries = Vec::new();
            while let Some(line) = lines.next_if(|line| line.starts_with("entry ")) {
                entries.push(BASE64.decode(&line["entry ".len()..]).map_err(|_| refuse("an entry is not base64"))?);
            }
            let mut siblings = Vec::new();
            while let Some(line) = lines.next_if(|line| line.starts_with("path ")) {
                siblings.push(sibling(&line["path ".len()..]).ok_or(refuse("a path line is not a hash"))?);
                if siblings.len() > Label::BITS {
                    return Err(refuse("the index path is longer than a label"));
                }
            }
            let beside = lines
                .next_if(|line| line.starts_with("beside "))
                .map(|line| beside(line).ok_or(refuse("a line of another label is malformed")))
                .transpose()?;
            records.push(RecordEntries { label, erased, start, entries, path: MapPath { siblings, beside } });
        }
        Ok(Self { records, published: TlogProof::parse(published.as_bytes())? })
    }
}

fn label(text: &str) -> Option<Label> {
    Hash::from_base64(text).map(|hash| Label(hash.0))
}

fn erased(line: &str) -> Option<(u64, Hash)> {
    let (count, head) = line.strip_prefix("erased ")?.split_once(' ')?;
    // None erased is said by no line.
    let count = parse_decimal(count).filter(|count| *count > 0)?;
    Some((count, Hash::from_base64(head)?))
}

fn sibling(text: &str) -> Option<Hash> {
    match text {
        "-" => Some(EMPTY),
        // Nothing is said by a dash, and by it alone.
        text => Hash::from_base64(text).filter(|hash| *hash != EMPTY),
    }
}

fn beside(line: &str) -> Option<(Label, Hash)> {
    let (other, digest) = line.strip_prefix("beside ")?.split_once(' ')?;
    Some((label(other)?, Hash::from_base64(digest)?))
}
