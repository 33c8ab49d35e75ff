//! Data objects of ISO/IEC 7816-4 (BER-TLV): tag, length, value, one after another or one in another.

/// Biometric information template, a group of them, and the header of one (ISO/IEC 7816-11).
pub(crate) const INFORMATION_TEMPLATE: u32 = 0x7f60;
pub(crate) const INFORMATION_GROUP: u32 = 0x7f61;
pub(crate) const INFORMATION_HEADER: u32 = 0xa1;
/// Biometric data template: biometric data made of data objects.
pub(crate) const DATA_TEMPLATE: u32 = 0x7f2e;

/// Bytes of a tag that are read: the tags of cards and passports have at most three.
const MOST_TAG_BYTES: usize = 3;
/// The tag goes on in further bytes.
const TAG_GOES_ON: u8 = 0x1f;

/// A data object and where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tlv<'a> {
    /// The bytes of the tag as a number: 0x7f2e.
    pub(crate) tag: u32,
    pub(crate) value: &'a [u8],
    /// Where the tag lies.
    pub(crate) at: usize,
    /// Where the value lies.
    pub(crate) value_at: usize,
}

/// A data object that is kept as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataObject {
    /// Its tag, the bytes as a number: 0x7f2e.
    pub tag: u32,
    /// Its value.
    pub value: Vec<u8>,
}

impl From<Tlv<'_>> for DataObject {
    fn from(read: Tlv<'_>) -> Self {
        Self { tag: read.tag, value: read.value.to_vec() }
    }
}

/// The data objects of a value one after another, up to the first bytes that are none.
pub(crate) struct Objects<'a> {
    bytes: &'a [u8],
    /// How far they are read.
    at: usize,
    /// Where the bytes lie in the file.
    base: usize,
}

impl<'a> Objects<'a> {
    pub(crate) fn new(bytes: &'a [u8], base: usize) -> Self {
        Self { bytes, at: 0, base }
    }

    /// What no data object was found in, and where it lies.
    pub(crate) fn rest(&self) -> (&'a [u8], usize) {
        (self.bytes.get(self.at..).unwrap_or_default(), self.base + self.at)
    }
}

impl<'a> Iterator for Objects<'a> {
    type Item = Tlv<'a>;

    fn next(&mut self) -> Option<Tlv<'a>> {
        let left = self.bytes.get(self.at..)?;
        let (tag, tag_bytes) = tag(left)?;
        let (length, length_bytes) = length(left.get(tag_bytes..)?)?;
        let head = tag_bytes + length_bytes;
        let value = left.get(head..)?.get(..length)?;
        let at = self.base + self.at;
        self.at += head + length;
        Some(Tlv { tag, value, at, value_at: at + head })
    }
}

fn tag(bytes: &[u8]) -> Option<(u32, usize)> {
    let first = *bytes.first()?;
    let mut tag = u32::from(first);
    if first & TAG_GOES_ON != TAG_GOES_ON {
        return (first != 0).then_some((tag, 1));
    }
    for i in 1..MOST_TAG_BYTES {
        let next = *bytes.get(i)?;
        tag = tag << 8 | u32::from(next);
        if next & 0x80 == 0 {
            return Some((tag, i + 1));
        }
    }
    None
}

fn length(bytes: &[u8]) -> Option<(usize, usize)> {
    let first = *bytes.first()?;
    let more = usize::from(first & 0x7f);
    match first {
        0..=0x7f => Some((more, 1)),
        // Zero further bytes would be a length that nobody knows.
        0x81..=0x84 => {
            let length = bytes.get(1..=more)?.iter().fold(0_u64, |n, b| n << 8 | u64::from(*b));
            Some((usize::try_from(length).ok()?, 1 + more))
        }
        _ => None,
    }
}

/// Writes a data object, with the shortest length; `None` above 4 GiB.
pub(crate) fn write(tag: u32, value: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let significant = |n: u32| n.to_be_bytes().into_iter().skip_while(|b| *b == 0);
    let length = u32::try_from(value.len()).ok()?;
    out.extend(significant(tag));
    match length {
        0..=0x7f => out.push(length as u8),
        _ => {
            out.push(0x80 | significant(length).count() as u8);
            out.extend(significant(length));
        }
    }
    out.extend(value);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_read_as_they_are_written() {
        let mut bytes = Vec::new();
        for (tag, n) in [(0x81, 0), (0x7f2e, 127), (0x5f2e, 128), (0x02, 255), (0xa1, 256), (0x63, 70_000)] {
            write(tag, &vec![7; n], &mut bytes).unwrap();
        }
        let mut objects = Objects::new(&bytes, 100);
        let read: Vec<_> = objects.by_ref().map(|t| (t.tag, t.value.len())).collect();
        assert_eq!(read, [(0x81, 0), (0x7f2e, 127), (0x5f2e, 128), (0x02, 255), (0xa1, 256), (0x63, 70_000)]);
        assert_eq!(objects.rest(), (&[][..], 100 + bytes.len()));
    }

    #[test]
    fn what_is_no_object_is_left() {
        // A length without end, one beyond the bytes, a tag of four bytes, a null tag.
        for bytes in [&b"\x81\x80\0\0"[..], b"\x81\x03\0", b"\x7f\x81\x81\x01\0", b"\0\0", b"\x81\x85\0\0\0\0\0"] {
            let mut objects = Objects::new(bytes, 5);
            assert_eq!(objects.next(), None);
            assert_eq!(objects.rest(), (bytes, 5));
        }
    }
}
