//! Rows of cells: separated text as laboratories export it, RFC 4180 where it is quoted.

use super::notes::Notes;
use super::text::{Place, Text};
use super::{ReadError, WriteError};

/// The most rows of a table: a million samples of thirty markers in long form, and more.
const MAX_ROWS: usize = 40_000_000;
/// The most cells of a row: eight alleles with size and height for some 160 markers.
const MAX_COLUMNS: usize = 4096;
/// The longest cell in bytes; what is longer is no name and no allele.
const MAX_CELL: usize = 4096;
/// How many lines are looked at for the separator.
const LINES_LOOKED_AT: usize = 20;

/// What stands between two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    /// A comma.
    Comma,
    /// A semicolon, as spreadsheets write it where the comma is the decimal sign.
    Semicolon,
    /// A tab.
    Tab,
}

impl Separator {
    fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }

    /// The one that most of the first rows have, outside quoted cells, which may hold line breaks too. A comma may also be a decimal
    /// sign, and titles may stand before the headings: where two are on as many rows, the tab comes before the semicolon, and that
    /// before the comma.
    fn of(text: &str) -> Self {
        let mut lines = [0usize; 3];
        let (mut has, mut blank, mut looked_at) = ([false; 3], true, 0);
        let (mut quoted, mut cell_begins) = (false, true);
        for byte in text.bytes().chain([b'\n']) {
            if quoted {
                // A doubled quote closes the cell and opens it again, which comes to the same.
                quoted = byte != b'"';
                cell_begins = !quoted;
                continue;
            }
            let separator = [b'\t', b';', b','].iter().position(|s| *s == byte);
            match byte {
                b'\r' | b'\n' => {
                    if !blank {
                        for (count, has) in lines.iter_mut().zip(has) {
                            *count += usize::from(has);
                        }
                        looked_at += 1;
                        if looked_at == LINES_LOOKED_AT {
                            break;
                        }
                    }
                    (has, blank, cell_begins) = ([false; 3], true, true);
                    continue;
                }
                // Inside a cell that does not begin with one, a quote is a letter like any other.
                b'"' => quoted = cell_begins,
                _ => {}
            }
            if let Some(which) = separator {
                has[which] = true;
            }
            blank &= byte.is_ascii_whitespace();
            cell_begins = separator.is_some();
        }
        let [tabs, semicolons, commas] = lines;
        if tabs > 0 && tabs >= semicolons.max(commas) {
            Self::Tab
        } else if semicolons > 0 && semicolons >= commas {
            Self::Semicolon
        } else {
            Self::Comma
        }
    }
}

/// A row with its place.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) cells: Vec<String>,
    /// Bytes from the start of the file.
    pub(super) at: usize,
}

impl Row {
    /// The trimmed text of a cell; empty where there is none.
    pub(super) fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", |cell| cell.trim())
    }
}

/// Goes through the rows of a text; blank rows are passed over.
///
/// Diagnostic codes: `cell-too-long`.
///
/// # Errors
/// [`ReadError::TooMuch`] for too many rows or columns; what `each` returns.
pub(super) fn for_each_row(
    text: &Text<'_>,
    notes: &mut Notes,
    mut each: impl FnMut(Row, &mut Notes) -> Result<(), ReadError>,
) -> Result<Separator, ReadError> {
    let separator = Separator::of(&text.chars);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator.byte())
        .from_reader(text.chars.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut rows = 0usize;
    let mut place = Place::new(text);
    while let Ok(true) = reader.read_record(&mut record) {
        rows += 1;
        if rows > MAX_ROWS {
            return Err(ReadError::TooMuch { what: "rows", most: MAX_ROWS });
        }
        if record.len() > MAX_COLUMNS {
            return Err(ReadError::TooMuch { what: "columns", most: MAX_COLUMNS });
        }
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let at = place.of(record.position().map_or(0, csv::Position::byte));
        let mut cells = Vec::with_capacity(record.len());
        for cell in &record {
            if cell.len() > MAX_CELL {
                notes.add("cell-too-long", "a cell is longer than any name or allele and was left out", at);
                cells.push(String::new());
            } else {
                cells.push(cell.to_owned());
            }
        }
        each(Row { cells, at }, notes)?;
    }
    Ok(separator)
}

/// Rows as text, with line feeds, quoted where a cell needs it.
///
/// # Errors
/// [`WriteError::TooMuch`] where a cell is longer than one that is read.
pub(super) fn write_rows<'a, R>(separator: Separator, rows: impl IntoIterator<Item = R>) -> Result<Vec<u8>, WriteError>
where
    R: IntoIterator<Item = &'a str>,
{
    let mut text = Vec::new();
    // Other separators are quoted too, so that a reader that guesses cannot take them for this one.
    let special = |b: u8| matches!(b, b',' | b';' | b'\t' | b'"' | b'\r' | b'\n');
    for row in rows {
        let mut first = true;
        for cell in row {
            if cell.len() > MAX_CELL {
                return Err(WriteError::TooMuch { what: "bytes in a cell", most: MAX_CELL });
            }
            if !first {
                text.push(separator.byte());
            }
            first = false;
            if cell.bytes().any(special) {
                text.push(b'"');
                text.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
                text.push(b'"');
            } else {
                text.extend_from_slice(cell.as_bytes());
            }
        }
        text.push(b'\n');
    }
    Ok(text)
}

/// A number as a file writes it, with a point or a decimal comma.
pub(super) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    // Rust reads `inf`, `nan` and signs as numbers; no size, height or frequency is one of them.
    if !text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'e' | b'E' | b'-' | b'+')) {
        return None;
    }
    let value: f64 = if text.contains('.') { text.parse() } else { text.replacen(',', ".", 1).parse() }.ok()?;
    (value.is_finite() && value >= 0.0).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_told_by_what_stands_outside_quoted_cells() {
        let told = [
            ("a,b\n1,2\n", Separator::Comma),
            ("a;b\n1,5;2,5\n", Separator::Semicolon),
            ("a\tb\n1;2\t3\n", Separator::Tab),
            // A quoted cell goes over lines, with doubled quotes and every other separator in it.
            ("a,b\n\"x;\"\"y;\n;;\n;\t;\nz\",1\n", Separator::Comma),
            // A quote inside a cell quotes nothing.
            ("a;b\n5\" tape;1,5\n6\" tape;2,5\n", Separator::Semicolon),
            ("", Separator::Comma),
            ("only\n", Separator::Comma),
        ];
        for (text, separator) in told {
            assert_eq!(Separator::of(text), separator, "{text:?}");
        }
    }
}
