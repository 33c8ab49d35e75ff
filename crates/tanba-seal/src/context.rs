//! Where an envelope belongs.

/// The place of one sealed value: it is authenticated together with the value, so a value opens only in its place.
///
/// The labels are not secret and are not stored in the envelope; the caller builds the same context again when it
/// opens. Use pseudonymous record identifiers, never an identity number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context<'a> {
    /// The key domain: which key-encryption key is in charge, for example `image` or `identity`.
    pub domain: &'a str,
    /// The table or collection that holds the value.
    pub table: &'a str,
    /// The record's identifier within the table.
    pub record: &'a str,
    /// The field within the record.
    pub field: &'a str,
}

impl Context<'_> {
    /// `prefix`, then the four labels, each behind its length as a big-endian `u64`: no two different contexts have
    /// the same bytes.
    pub(crate) fn associated_data(&self, prefix: &[u8]) -> Vec<u8> {
        let labels = [self.domain, self.table, self.record, self.field];
        let mut out = Vec::with_capacity(prefix.len() + labels.iter().map(|l| l.len() + 8).sum::<usize>());
        out.extend_from_slice(prefix);
        for label in labels {
            out.extend_from_slice(&(label.len() as u64).to_be_bytes());
            out.extend_from_slice(label.as_bytes());
        }
        out
    }
}
