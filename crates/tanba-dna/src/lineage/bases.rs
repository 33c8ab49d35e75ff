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

/// Levenshtein's distance, if it is at most `most`: Ukkonen's band (1985), which keeps the diagonals that can still reach it. Letters in
/// lower case come and go at no cost, and otherwise are what they are in upper case.
pub(super) fn edit_distance(a: &[u8], b: &[u8], most: usize) -> Option<usize> {
    let cost = |letter: &u8| usize::from(!letter.is_ascii_lowercase());
    let free = |string: &[u8]| string.iter().filter(|letter| cost(letter) == 0).count();
    // Free letters lead off the diagonal too.
    let band = most + free(a).max(free(b));
    if a.len().abs_diff(b.len()) > band {
        return None;
    }
    const FAR: usize = usize::MAX / 2;
    let mut row = vec![0; b.len() + 1];
    for (j, letter) in (1_usize..).zip(b) {
        row[j] = if j <= band { row[j - 1] + cost(letter) } else { FAR };
    }
    for (i, x) in (1_usize..).zip(a) {
        let (from, to) = (i.saturating_sub(band).max(1), (i + band).min(b.len()));
        let mut diagonal = row[from - 1];
        row[from - 1] = if from == 1 && i <= band { diagonal + cost(x) } else { FAR };
        for j in from..=to {
            let y = &b[j - 1];
            let agrees = bases_of(x.to_ascii_uppercase()) & bases_of(y.to_ascii_uppercase()) != 0;
            let here = (diagonal + usize::from(!agrees)).min(row[j - 1] + cost(y)).min(row[j] + cost(x));
            diagonal = std::mem::replace(&mut row[j], here);
        }
        if to < b.len() {
            row[to + 1] = FAR;
        }
    }
    Some(row[b.len()]).filter(|distance| *distance <= most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The band against the whole table.
        #[test]
        fn the_band_is_levenshtein(a in "[ACGTc]{0,14}", b in "[ACGTRc]{0,14}", most in 0usize..8) {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            let cost = |letter: u8| usize::from(letter != b'c');
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
                        let [x, y] = [a[i - 1], b[j - 1]].map(|letter| bases_of(letter.to_ascii_uppercase()));
                        least = least.min(table[i - 1][j - 1] + usize::from(x & y == 0));
                    }
                    table[i][j] = least;
                }
            }
            let whole = table[a.len()][b.len()];
            prop_assert_eq!(edit_distance(a, b, most), (whole <= most).then_some(whole));
        }
    }
}
