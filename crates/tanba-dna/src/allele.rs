//! An allele designation: a repeat number with tenths, or an off-ladder mark.

use std::fmt;

/// How a designation stands to the allelic ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlleleMark {
    /// `<9`: shorter than the ladder's first allele, which is the number.
    Below,
    /// `9.3`: this repeat number.
    Exact,
    /// `>20`: longer than the ladder's last allele, which is the number.
    Above,
}

/// One allele designation, such as `9.3`. The order is that of CODIS CMF 3.2: `<9`, `9`, `9.1`, ... `>10`.
///
/// Held as mark and tenths of a repeat (`9.3` is 93): designations are labels, never measured numbers, so they are
/// compared as integers. The tenths digit counts the bases of an incomplete repeat (Bär et al. 1997, DNA recommendations
/// of the ISFG), hence 0 to 9.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Allele(u16);

/// The largest repeat number: SE33 and FGA, the longest in forensic use, stay below 60.
const MAX_TENTHS: u16 = 999;
/// The longest text, as in CODIS CMF 3.2 (`alleleValueType`).
const MAX_TEXT: usize = 10;
/// One band of codes per mark; bands in the order of [`AlleleMark`].
const BAND: u16 = 1024;

impl Allele {
    /// The allele of so many tenths of a repeat, 1 to 999 (0.1 to 99.9 repeats).
    pub fn from_tenths(tenths: u16) -> Option<Self> {
        Self::with_mark(AlleleMark::Exact, tenths)
    }

    /// The allele of a mark and tenths of a repeat, 1 to 999.
    pub fn with_mark(mark: AlleleMark, tenths: u16) -> Option<Self> {
        ((1..=MAX_TENTHS).contains(&tenths)).then(|| Self(mark as u16 * BAND + tenths))
    }

    /// Reads `9`, `9.3`, `9.0`, `<9`, `>10`. Nothing else: no sign, no exponent, no blank inside.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > MAX_TEXT {
            return None;
        }
        let (mark, number) = match text.as_bytes().first()? {
            b'<' => (AlleleMark::Below, &text[1..]),
            b'>' => (AlleleMark::Above, &text[1..]),
            _ => (AlleleMark::Exact, text),
        };
        let (whole, tenth) = number.split_once('.').unwrap_or((number, "0"));
        let digits = |s: &str, most: usize| (1..=most).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole, 2) || !digits(tenth, 1) {
            return None;
        }
        Self::with_mark(mark, whole.parse::<u16>().ok()? * 10 + tenth.parse::<u16>().ok()?)
    }

    /// Tenths of a repeat: 93 for `9.3`.
    pub fn tenths(self) -> u16 {
        self.0 % BAND
    }

    /// How the designation stands to the ladder.
    pub fn mark(self) -> AlleleMark {
        match self.0 / BAND {
            0 => AlleleMark::Below,
            1 => AlleleMark::Exact,
            _ => AlleleMark::Above,
        }
    }

    /// The stored and packed code; never 0.
    pub(crate) fn code(self) -> u16 {
        self.0
    }

    /// The allele of a stored code.
    pub(crate) fn from_code(code: u16) -> Option<Self> {
        let mark = match code / BAND {
            0 => AlleleMark::Below,
            1 => AlleleMark::Exact,
            2 => AlleleMark::Above,
            _ => return None,
        };
        Self::with_mark(mark, code % BAND)
    }

    /// Whether two designations can be the same allele: equal, or off-ladder marks whose ranges meet.
    pub(crate) fn could_be(self, other: Self) -> bool {
        use AlleleMark::{Above, Below, Exact};
        let (a, b) = (self.tenths(), other.tenths());
        match (self.mark(), other.mark()) {
            (Exact, Exact) => a == b,
            (Below, Below) | (Above, Above) => true,
            (Below, Exact) => b < a,
            (Exact, Below) => a < b,
            (Above, Exact) => b > a,
            (Exact, Above) => a > b,
            // Strictly between the two bounds there must be room for one designation.
            (Below, Above) => b + 1 < a,
            (Above, Below) => a + 1 < b,
        }
    }
}

impl fmt::Display for Allele {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mark() {
            AlleleMark::Below => f.write_str("<")?,
            AlleleMark::Exact => {}
            AlleleMark::Above => f.write_str(">")?,
        }
        match (self.tenths() / 10, self.tenths() % 10) {
            (whole, 0) => write!(f, "{whole}"),
            (whole, tenth) => write!(f, "{whole}.{tenth}"),
        }
    }
}

impl fmt::Debug for Allele {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A single designation beside a locus is already genomic data: it is shown by `Display`, on purpose, only.
        f.write_str("Allele(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn allele(text: &str) -> Allele {
        Allele::parse(text).unwrap()
    }

    #[test]
    fn the_order_is_that_of_cmf() {
        let texts = ["<9", "9", "9.1", "9.3", "10", ">10"];
        let mut alleles: Vec<_> = texts.iter().rev().map(|t| allele(t)).collect();
        alleles.sort();
        assert_eq!(alleles.iter().map(ToString::to_string).collect::<Vec<_>>(), texts);
    }

    #[test]
    fn what_is_not_a_designation_is_refused() {
        for text in
            ["", " ", "0", "-9", "9.", ".3", "9.33", "100", "9,3", "1e1", "<", "<<9", "X", "9 3", "NaN", "٣", "9.٣"]
        {
            assert_eq!(Allele::parse(text), None, "{text:?}");
        }
        assert_eq!(allele("09.0"), allele("9"));
    }

    #[test]
    fn an_off_ladder_mark_stands_for_a_range() {
        assert!(allele("<9").could_be(allele("8.3")) && !allele("<9").could_be(allele("9")));
        assert!(allele(">20").could_be(allele("21")) && !allele("20").could_be(allele(">20")));
        assert!(!allele("<9").could_be(allele(">9")) && allele("<12").could_be(allele(">9")));
    }

    proptest! {
        #[test]
        fn text_and_code_lead_back(code in 0u16..=u16::MAX) {
            if let Some(allele) = Allele::from_code(code) {
                prop_assert_eq!(allele.code(), code);
                prop_assert_eq!(Allele::parse(&allele.to_string()), Some(allele));
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,14}") {
            if let Some(allele) = Allele::parse(&text) {
                prop_assert_eq!(Allele::parse(&allele.to_string()), Some(allele));
            }
        }
    }
}
