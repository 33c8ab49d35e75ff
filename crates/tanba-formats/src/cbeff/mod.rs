//! CBEFF (ISO/IEC 19785): what is put around a biometric record so that others know what it is, from when, how good, and signed by
//! whom.
//!
//! Two patron formats are read and written:
//! - the XML of ISO/IEC 19785-3 as MOSIP has it ([`read_xml`], [`write_xml`]): a BIR of BIRs;
//! - the data objects of ISO/IEC 7816-11 that passports have in their data groups 2 to 4 (ICAO Doc 9303 part 10; [`lds`]).
//!
//! The biometric data block stays as it is: what it holds is read by the reader of its format, such as
//! [`iso19794_4::read`](crate::iso19794_4::read).
//!
//! ```
//! use tanba_formats::{cbeff, iso19794_4};
//!
//! fn fingers(file: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
//!     let list = cbeff::read_xml(file)?.value;
//!     for bir in list.all() {
//!         let finger = bir.bdb_info.as_ref().and_then(cbeff::BdbInfo::finger);
//!         if let (Some(finger), Some(block)) = (finger, &bir.bdb) {
//!             let images = iso19794_4::read(block)?.value.images;
//!             println!("{}: {} images", finger.name(), images.len());
//!         }
//!     }
//!     Ok(())
//! }
//! ```

mod bir;
mod bir_outline;
mod bir_xml;
pub mod lds;

pub use crate::xml::{Attribute, Element, XmlError};
pub use bir::{BdbInfo, Bir, BirInfo, Entry, Quality, RegistryId, SbInfo, Version};
pub use bir_xml::{NAMESPACE, ReadError, WriteError, is_xml, read_xml, write_xml};

use crate::{Outline, iso19794_4, minutiae};

/// A biometric data block as a tree, where it is a record that is read here; else what its first bytes say.
fn block_outline(label: &str, block: &[u8]) -> Outline {
    let node = Outline::leaf(label, format!("{} bytes", block.len()));
    let record = if iso19794_4::is_record(block) {
        iso19794_4::read(block).map(|got| got.value.outline()).map_err(|e| e.to_string())
    } else if minutiae::is_record(block) {
        minutiae::read(block).map(|got| got.value.outline()).map_err(|e| e.to_string())
    } else {
        let what = match block {
            [b'F', b'A', b'C', 0, ..] => "a face image record (ISO/IEC 19794-5)",
            [b'I', b'I', b'R', 0, ..] => "an iris image record (ISO/IEC 19794-6)",
            _ => return node,
        };
        Err(what.into())
    };
    match record {
        Ok(record) => node.with(record),
        Err(what) => node.with(Outline::leaf("contents", what)),
    }
}

#[cfg(test)]
mod tests;
