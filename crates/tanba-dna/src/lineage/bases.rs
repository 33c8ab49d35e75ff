//! Bases and strings of bases: the letters of IUPAC, and how far two strings are apart.

/// One letter of IUPAC, in upper case.
pub(super) fn letter(text: &str) -> Option<u8> {
    match text.as_bytes() {
        [one] => Some(one.to_ascii_uppercase()).filter(|letter| bases_of(*letter) != 0),
        _ => None,
    }
}

/// The bases a letter of IUPAC can be (NC-IUB 1984), as bits; 0 for no such letter.
pub(super) fn bases_of(letter: u8) -> u8 {
    const A: u8 = 1;
    const C: u8 = 2;
    const G: u8 = 4;
    const T: u8 = 8;
    match letter {
        b'A' => A,
        b'C' => C,
        b'G' => G,
        b'T' => T,
        b'R' => A | G,
        b'Y' => C | T,
        b'S' => C | G,
        b'W' => A | T,
        b'K' => G | T,
        b'M' => A | C,
        b'B' => C | G | T,
        b'D' => A | G | T,
        b'H' => A | C | T,
        b'V' => A | C | G,
        b'N' => A | C | G | T,
        _ => 0,
    }
}

/// Marks a letter of a repeat of two bases.
pub(super) const REPEAT: u8 = 0x80;

/// Levenshtein's distance, if it is at most `most`: Ukkonen's band (1985), which keeps the diagonals that can still reach it. Letters in
/// lower case come and go at no cost, and otherwise are what they are in upper case. Two different letters with [`REPEAT`] that stand
/// together come and go as one.
pub(super) fn edit_distance(a: &[u8], b: &[u8], most: usize) -> Option<usize> {
    let cost = |letter: &u8| usize::from(!letter.is_ascii_lowercase());
    let free = |string: &[u8]| string.iter().filter(|letter| cost(letter) == 0).count();
    let is_repeat = |string: &[u8], end: usize| {
        end >= 2 && string[end - 2] & string[end - 1] & REPEAT != 0 && string[end - 2] != string[end - 1]
    };
    let steps = if a.iter().chain(b).any(|letter| letter & REPEAT != 0) { 2 } else { 1 };
    // Free letters lead off the diagonal too, and repeats twice as far.
    let band = most * steps + free(a).max(free(b));
    if a.len().abs_diff(b.len()) > band {
        return None;
    }
    const FAR: usize = usize::MAX / 2;
    let bases = |letter: u8| bases_of((letter & !REPEAT).to_ascii_uppercase());
    let mut row = vec![0; b.len() + 1];
    for (j, letter) in (1_usize..).zip(b) {
        let single = row[j - 1] + cost(letter);
        let least = if is_repeat(b, j) { single.min(row[j - 2] + 1) } else { single };
        row[j] = if j <= band { least } else { FAR };
    }
    // The row before the last one, where a repeat may end.
    let mut before = vec![FAR; b.len() + 1];
    for (i, x) in (1_usize..).zip(a) {
        let (from, to) = (i.saturating_sub(band).max(1), (i + band).min(b.len()));
        let last = if steps == 2 { row.clone() } else { Vec::new() };
        let gone = |j: usize| if is_repeat(a, i) { before[j] + 1 } else { FAR };
        let mut diagonal = row[from - 1];
        row[from - 1] = if from == 1 && i <= band { (diagonal + cost(x)).min(gone(0)) } else { FAR };
        for j in from..=to {
            let y = &b[j - 1];
            let agrees = bases(*x) & bases(*y) != 0;
            let mut here =
                (diagonal + usize::from(!agrees)).min(row[j - 1] + cost(y)).min(row[j] + cost(x)).min(gone(j));
            // Left of `from` stands what an earlier row left there.
            if j > from && is_repeat(b, j) {
                here = here.min(row[j - 2] + 1);
            }
            diagonal = std::mem::replace(&mut row[j], here);
        }
        if to < b.len() {
            row[to + 1] = FAR;
        }
        if steps == 2 {
            before = last;
        }
    }
    Some(row[b.len()]).filter(|distance| *distance <= most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The band against the whole table; `1` and `2` stand for A and C of a repeat.
        #[test]
        fn the_band_is_levenshtein(a in "[ACGTc12]{0,14}", b in "[ACGTRc12]{0,14}", most in 0usize..8) {
            let marked = |text: &str| {
                let letter = |letter| match letter {
                    b'1' => b'A' | REPEAT,
                    b'2' => b'C' | REPEAT,
                    other => other,
                };
                text.bytes().map(letter).collect::<Vec<u8>>()
            };
            let (a, b) = (&marked(&a)[..], &marked(&b)[..]);
            let cost = |letter: u8| usize::from(letter != b'c');
            let pair = |string: &[u8], end: usize| {
                end >= 2 && string[end - 2..end].iter().all(|l| l & REPEAT != 0) && string[end - 2] != string[end - 1]
            };
            let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
            for i in 0..=a.len() {
                for j in 0..=b.len() {
                    let mut least = if i == 0 && j == 0 { 0 } else { usize::MAX };
                    if i > 0 {
                        least = least.min(table[i - 1][j] + cost(a[i - 1]));
                    }
                    if j > 0 {
                        least = least.min(table[i][j - 1] + cost(b[j - 1]));
                    }
                    if i > 0 && j > 0 {
                        let [x, y] = [a[i - 1], b[j - 1]].map(|l| bases_of((l & !REPEAT).to_ascii_uppercase()));
                        least = least.min(table[i - 1][j - 1] + usize::from(x & y == 0));
                    }
                    if pair(a, i) {
                        least = least.min(table[i - 2][j] + 1);
                    }
                    if pair(b, j) {
                        least = least.min(table[i][j - 2] + 1);
                    }
                    table[i][j] = least;
                }
            }
            let whole = table[a.len()][b.len()];
            prop_assert_eq!(edit_distance(a, b, most), (whole <= most).then_some(whole));
        }
    }
}
