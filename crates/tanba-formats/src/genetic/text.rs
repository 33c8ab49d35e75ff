//! Bytes of a text file as characters: UTF-8 with or without a mark, UTF-16 with one, otherwise Latin-1.

use std::borrow::Cow;
use std::ops::Range;

use super::notes::Notes;
use super::{MAX_BYTES, ReadError};

/// The characters of a file, and how to find their bytes again.
pub(super) struct Text<'a> {
    pub(super) chars: Cow<'a, str>,
    encoding: Encoding,
    /// Bytes of a byte-order mark.
    mark: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16,
    Latin1,
}

impl<'a> Text<'a> {
    /// Diagnostic codes: `latin-1-assumed`, `utf-16-damaged`.
    ///
    /// # Errors
    /// [`ReadError::TooMuch`] above [`MAX_BYTES`].
    pub(super) fn decode(bytes: &'a [u8], notes: &mut Notes) -> Result<Self, ReadError> {
        if bytes.len() > MAX_BYTES {
            return Err(ReadError::TooMuch { what: "bytes", most: MAX_BYTES });
        }
        Ok(match bytes {
            [0xef, 0xbb, 0xbf, rest @ ..] => Self::utf8_or_latin1(rest, 3, notes),
            [0xff, 0xfe, rest @ ..] => Self::utf16(rest, u16::from_le_bytes, notes),
            [0xfe, 0xff, rest @ ..] => Self::utf16(rest, u16::from_be_bytes, notes),
            _ => Self::utf8_or_latin1(bytes, 0, notes),
        })
    }

    fn utf8_or_latin1(bytes: &'a [u8], mark: usize, notes: &mut Notes) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self { chars: Cow::Borrowed(text), encoding: Encoding::Utf8, mark },
            Err(error) => {
                let at = mark + error.valid_up_to();
                notes.add("latin-1-assumed", "the file is not UTF-8; it was read as ISO 8859-1 (Latin-1)", at);
                let chars = bytes.iter().map(|b| char::from(*b)).collect::<String>();
                Self { chars: Cow::Owned(chars), encoding: Encoding::Latin1, mark }
            }
        }
    }

    fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16, notes: &mut Notes) -> Self {
        let (units, rest) = bytes.as_chunks::<2>();
        let mut damaged = !rest.is_empty();
        let chars = char::decode_utf16(units.iter().map(|pair| unit(*pair)))
            .map(|c| {
                c.unwrap_or_else(|_| {
                    damaged = true;
                    char::REPLACEMENT_CHARACTER
                })
            })
            .collect::<String>();
        if damaged {
            notes.add("utf-16-damaged", "some characters of the UTF-16 text cannot be read", None);
        }
        Self { chars: Cow::Owned(chars), encoding: Encoding::Utf16, mark: 2 }
    }

    /// The byte of the file at which the character at `at` (bytes in [`Text::chars`]) begins.
    fn offset(&self, at: usize) -> usize {
        self.mark + self.length(0..at)
    }

    /// How many bytes of the file a range of [`Text::chars`] takes.
    fn length(&self, range: Range<usize>) -> usize {
        let text = || self.chars.get(range.clone()).unwrap_or_default();
        match self.encoding {
            Encoding::Utf8 => range.len(),
            Encoding::Latin1 => text().chars().count(),
            Encoding::Utf16 => 2 * text().chars().map(char::len_utf16).sum::<usize>(),
        }
    }
}

/// Places in the file, for places in its characters that only grow: counting from the start each time would take time that grows
/// with the square of the length wherever a character is not as long as its bytes.
pub(super) struct Place<'a> {
    text: &'a Text<'a>,
    chars: usize,
    bytes: usize,
}

impl<'a> Place<'a> {
    pub(super) fn new(text: &'a Text<'a>) -> Self {
        Self { text, chars: 0, bytes: text.offset(0) }
    }

    /// The byte of the file at which the character at `chars` begins; not before that of an earlier call.
    pub(super) fn of(&mut self, chars: u64) -> usize {
        let chars = usize::try_from(chars).unwrap_or(usize::MAX);
        self.bytes += self.text.length(self.chars..chars);
        self.chars = chars;
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (String, usize, Vec<&'static str>) {
        let mut notes = Notes::default();
        let text = Text::decode(bytes, &mut notes).unwrap();
        let at = text.chars.find('x').map_or(0, |at| text.offset(at));
        (text.chars.into_owned(), at, notes.finish().iter().map(|d| d.code).collect())
    }

    #[test]
    fn encodings_are_told_apart_and_offsets_are_of_the_file() {
        assert_eq!(read("яx".as_bytes()), ("яx".into(), 2, vec![]));
        assert_eq!(read(b"\xef\xbb\xbf\xd1\x8fx"), ("яx".into(), 5, vec![]));
        assert_eq!(read(b"\xe6x"), ("æx".into(), 1, vec!["latin-1-assumed"]));
        assert_eq!(read(b"\xff\xfe\x4f\x04x\0"), ("яx".into(), 4, vec![]));
        assert_eq!(read(b"\xfe\xff\x04\x4f\0x"), ("яx".into(), 4, vec![]));
        assert_eq!(read(b"\xff\xfe\x00\xd8x"), ("\u{fffd}".into(), 0, vec!["utf-16-damaged"]));
    }
}
