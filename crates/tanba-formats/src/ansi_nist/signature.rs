//! Signatures of Type 8.

use std::borrow::Cow;

use super::{Body, Record};

/// Fixed fields after the IDC: whose, representation, resolution (1 each), width, height (2 each).
const HEADER_BYTES: usize = 7;
/// Type of the record.
const KIND: u8 = 8;

/// A signature with the fixed fields of its record (section 8.8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature<'a> {
    /// Information designation character.
    pub idc: u8,
    /// Whose it is: 0 the subject's, 1 an official's.
    pub signer: u8,
    /// 0: an image without compression, 1: a fax image, 2: vectors.
    pub representation: u8,
    /// 0: scanned at the least resolution allowed, 1: at that of field 1.011.
    pub scanning_resolution: u8,
    /// Pixels in a row; 0 of vectors.
    pub width: u16,
    /// Rows; 0 of vectors.
    pub height: u16,
    /// The image; of vectors five bytes each: x, y (2 each), pressure of the pen.
    pub data: Cow<'a, [u8]>,
}

impl<'a> Signature<'a> {
    /// The signature of a record, if it is one with all its fixed fields.
    pub fn of(record: &'a Record<'_>) -> Option<Self> {
        let (Body::Opaque { idc: Some(idc), data }, KIND) = (&record.body, record.kind) else { return None };
        let (header, data) = data.split_first_chunk::<HEADER_BYTES>()?;
        let [signer, representation, scanning_resolution, w1, w0, h1, h0] = *header;
        Some(Self {
            idc: *idc,
            signer,
            representation,
            scanning_resolution,
            width: u16::from_be_bytes([w1, w0]),
            height: u16::from_be_bytes([h1, h0]),
            data: data.into(),
        })
    }

    /// The signature as a record.
    pub fn into_record(self) -> Record<'static> {
        let body = Body::Opaque { idc: Some(self.idc), data: self.data_of_record().into() };
        Record::new(KIND, body)
    }

    /// What follows the IDC in the record.
    pub(super) fn data_of_record(&self) -> Vec<u8> {
        let mut data = vec![self.signer, self.representation, self.scanning_resolution];
        data.extend(self.width.to_be_bytes());
        data.extend(self.height.to_be_bytes());
        data.extend(&*self.data);
        data
    }

    /// The fixed fields by number, but for the IDC.
    pub(super) fn fields(&self) -> [(u16, String); 5] {
        [
            (3, self.signer.to_string()),
            (4, self.representation.to_string()),
            (5, self.scanning_resolution.to_string()),
            (6, self.width.to_string()),
            (7, self.height.to_string()),
        ]
    }
}
