//! Numbers of genetics, in words.

use super::super::{Lang, arg};

/// How many to expect by chance: a number where there are some, one in so many searches where there are hardly any.
pub(super) fn chance(lang: Lang, expected: f64) -> String {
    /// Beyond it a number says nothing to anybody.
    const MOST: f64 = 1e15;
    if expected <= 0.0 {
        lang.t("genomic-chance-none")
    } else if expected < 0.1 {
        let one_in = (1.0 / expected).min(MOST);
        // Two figures are all that the frequencies carry.
        let step = 10_f64.powf(one_in.log10().floor() - 1.0).max(1.0);
        let rounded = (one_in / step).round() * step;
        let key = if one_in < MOST { "genomic-chance-rare" } else { "genomic-chance-never" };
        lang.tn(key, &[arg("text", lang.number(rounded as u64))])
    } else if expected < 10.0 {
        lang.tn("genomic-chance-some", &[arg("text", lang.decimal(expected, 1))])
    } else {
        lang.tn("genomic-chance-some", &[arg("text", lang.number(expected.round() as u64))])
    }
}

/// A share as a percentage.
pub(super) fn share(lang: Lang, share: f64) -> String {
    let apart = if lang == Lang::En { "" } else { "\u{a0}" };
    format!("{}{apart}%", lang.decimal(100.0 * share, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_a_number_or_one_in_so_many_and_never_a_power_of_ten() {
        assert_eq!(chance(Lang::En, 12.4), "about 12");
        assert_eq!(chance(Lang::En, 0.26), "about 0.3");
        assert_eq!(chance(Lang::En, 0.02), "one in about 50 such searches");
        assert_eq!(chance(Lang::En, 3.21e-7), "one in about 3,100,000 such searches");
        assert_eq!(chance(Lang::En, 1e-30), "less than one in 1,000,000,000,000,000 such searches");
        assert_eq!(chance(Lang::En, 0.0), "none: nothing was compared");
        assert_eq!(share(Lang::Ru, 0.876), "87,6\u{a0}%");
    }
}
