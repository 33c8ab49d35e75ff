//! Victims against missing persons as a picture (SVG): a cell a pair, with numbers, shaded.
//!
//! One hue from light to dark, so that the shading says the same in print and to the colour-blind; what is excluded or proposed is
//! marked by form and not by colour.

use std::fmt::Write as _;

use super::case::DviCase;
use super::joint::{JointLimits, may_be};
use super::pairs::PairTable;
use super::solve::{Conclusion, Solution};
use crate::words::{escaped, in_lines};

/// Width and half the height of a cell, pixels.
const CELL: f64 = 66.0;
const HALF: f64 = 19.0;
/// The longest line of a name, characters.
const MAX_LINE: usize = 28;
/// Width of a character of a name, which stand in a monospaced font of 13 pixels: its width is known without the font.
const CHARACTER: f64 = 7.9;
/// Height of a line of a name.
const LINE: f64 = 15.0;
const MARGIN: f64 = 10.0;
const TITLE: f64 = 28.0;
/// Lines below the table, and the room of one.
const KEY: [&str; 5] = [
    "in each cell log10 of the likelihood ratio of the pair alone (above), posterior probability of all assignments together (below)",
    "darker: likelihood ratio from 1 to 10^8 and more, probability from 0 to 1",
    "thick frame: undisputed; dashed frame: proposed otherwise (see the report)",
    "hatched: excluded, with the number of excluding markers (below); grey: the sexes differ",
    "proposals for two experts, who decide",
];
const KEY_LINE: f64 = 16.0;
/// Room for the longest line of the key.
const KEY_WIDTH: f64 = 780.0;
/// The log10 likelihood ratio that is darkest.
const DARKEST: f64 = 8.0;

/// What is drawn.
#[derive(Debug, Clone, Copy)]
pub struct DviPicture<'a> {
    /// The case.
    pub case: &'a DviCase,
    /// Its pairs.
    pub pairs: &'a PairTable,
    /// Posterior probabilities as [`super::Joint::marginals`] gives them.
    pub marginals: &'a [Vec<f64>],
    /// What is proposed.
    pub solution: &'a Solution,
    /// From when on a pair was excluded.
    pub limits: JointLimits,
}

impl DviPicture<'_> {
    /// All victims against these missing persons, by place in the case, and a last column for nobody of the case. No name is cut.
    /// What is no place in the case is passed over.
    pub fn sheet(&self, title: &str, missing: &[usize]) -> String {
        let missing: Vec<usize> = missing.iter().copied().filter(|m| *m < self.case.number_missing()).collect();
        let rows: Vec<Vec<String>> = self.case.victims().iter().map(|v| in_lines(&v.id, MAX_LINE)).collect();
        let columns: Vec<(Vec<String>, Vec<String>)> = missing
            .iter()
            .map(|m| {
                let family = format!("family {}", self.case.families()[self.case.family_of(*m)].name);
                (in_lines(self.case.missing_id(*m), MAX_LINE), in_lines(&family, MAX_LINE))
            })
            .chain([(vec!["nobody of the case".to_owned()], Vec::new())])
            .collect();
        let width_of = |lines: &[String]| lines.iter().map(|line| wide(line)).fold(0.0, f64::max);
        let left = MARGIN * 2.0 + rows.iter().map(|lines| width_of(lines)).fold(0.0, f64::max);
        let heads = columns.iter().map(|(name, family)| width_of(name).max(width_of(family))).fold(0.0, f64::max);
        let top = TITLE + heads + MARGIN;
        let most = |lines: usize, least: f64| least.max(LINE * lines as f64 + 8.0);
        let height = most(rows.iter().map(Vec::len).max().unwrap_or(1), 2.0 * HALF);
        let width = most(columns.iter().map(|(name, family)| name.len() + family.len()).max().unwrap_or(1), CELL);
        let (right, bottom) = (left + width * columns.len() as f64, top + height * rows.len() as f64);
        let title_width = MARGIN * 2.0 + 9.0 * title.chars().count() as f64;
        let (all, whole) =
            (right.max(KEY_WIDTH).max(title_width) + MARGIN, bottom + KEY_LINE * KEY.len() as f64 + 2.0 * MARGIN);
        // Writing to a string cannot fail, here and below.
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{all:.0}\" height=\"{whole:.0}\" viewBox=\"0 0 {all:.0} {whole:.0}\" font-family=\"sans-serif\" font-size=\"13\">\n<title>{title}</title>\n<defs><pattern id=\"out\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect width=\"7\" height=\"7\" fill=\"#fff\"/><line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"7\" stroke=\"#bbb\" stroke-width=\"1.5\"/></pattern></defs>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n<text x=\"{MARGIN}\" y=\"19\" font-size=\"15\" font-weight=\"bold\">{title}</text>\n",
            title = escaped(title)
        );
        for (c, (name, family)) in columns.iter().enumerate() {
            let lines = name.len() + family.len();
            for (number, line) in name.iter().chain(family).enumerate() {
                let x = left + width * (c as f64 + 0.5) + LINE * (number as f64 - (lines as f64 - 1.0) / 2.0) + 4.0;
                let y = top - 5.0;
                let colour = if number < name.len() { "#000" } else { "#555" };
                let _ = writeln!(
                    svg,
                    "<text x=\"{x:.1}\" y=\"{y:.1}\" transform=\"rotate(-90 {x:.1} {y:.1})\" font-family=\"monospace\" fill=\"{colour}\">{}</text>",
                    escaped(line)
                );
            }
        }
        let mut frames = String::new();
        for (v, lines) in rows.iter().enumerate() {
            let y = top + height * v as f64;
            for (number, line) in lines.iter().enumerate() {
                let at = y + height / 2.0 + LINE * (number as f64 - (lines.len() as f64 - 1.0) / 2.0) + 4.0;
                let _ = writeln!(
                    svg,
                    "<text x=\"{:.1}\" y=\"{at:.1}\" text-anchor=\"end\" font-family=\"monospace\">{}</text>",
                    left - 6.0,
                    escaped(line)
                );
            }
            for (c, m) in missing.iter().enumerate() {
                let at = Cell { x: left + width * c as f64, y, width, height };
                self.pair(&mut svg, &mut frames, at, v, *m);
            }
            let at = Cell { x: left + width * missing.len() as f64, y, width, height };
            let nobody = self.marginals.get(v).and_then(|row| row.get(self.case.number_missing()));
            at.one(&mut svg, nobody.copied());
        }
        // Frames lie over the neighbours' lines.
        svg.push_str(&frames);
        for (number, line) in KEY.iter().enumerate() {
            let y = bottom + MARGIN + KEY_LINE * (number as f64 + 0.8);
            let _ = writeln!(svg, "<text x=\"{MARGIN}\" y=\"{y:.1}\" font-size=\"12\" fill=\"#333\">{line}</text>");
        }
        svg.push_str("</svg>\n");
        svg
    }

    fn pair(&self, svg: &mut String, frames: &mut String, at: Cell, v: usize, m: usize) {
        let Some(ln) = self.pairs.ln_lr[v][m] else {
            at.area(svg, at.y, at.height, "#e4e4e4");
            return at.text(svg, at.y + at.height / 2.0, "#000", "sex");
        };
        let log10 = ln / std::f64::consts::LN_10;
        let posterior = self.marginals.get(v).and_then(|row| row.get(m)).copied();
        if may_be(self.pairs, self.limits, v, m) {
            at.half(svg, 0, log10 / DARKEST, &format!("{log10:.2}"));
            at.half(svg, 1, posterior.unwrap_or(0.0), &posterior.map(probability).unwrap_or_default());
        } else {
            let lr = if log10.is_finite() { format!("{log10:.2}") } else { "−∞".to_owned() };
            let excluding = self.pairs.exclusions[v][m].unwrap_or(0);
            at.plain(svg, "url(#out)", [&lr, &format!("× {excluding}")]);
        }
        let finding = &self.solution.missing[m];
        if finding.others.contains(&v) {
            let style = match finding.conclusion {
                Conclusion::Undisputed => "stroke-width=\"4\"",
                _ => "stroke-width=\"2.5\" stroke-dasharray=\"6 4\"",
            };
            let Cell { x, y, width, height } = at;
            let _ = writeln!(
                frames,
                "<rect class=\"{}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"none\" stroke=\"#000\" {style}/>",
                if finding.conclusion == Conclusion::Undisputed { "undisputed" } else { "proposed" },
                x + 1.0,
                y + 1.0,
                width - 2.0,
                height - 2.0
            );
        }
    }
}

/// Where a cell lies.
#[derive(Clone, Copy)]
struct Cell {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

impl Cell {
    /// The upper (0) or lower (1) half.
    fn half(self, svg: &mut String, which: usize, shade: f64, text: &str) {
        let (fill, ink) = shaded(shade);
        let height = self.height / 2.0;
        let y = self.y + height * which as f64;
        self.area(svg, y, height, &fill);
        self.text(svg, y + height / 2.0, ink, text);
    }

    /// A probability over the whole cell.
    fn one(self, svg: &mut String, shade: Option<f64>) {
        let (fill, ink) = shaded(shade.unwrap_or(0.0));
        self.area(svg, self.y, self.height, &fill);
        self.text(svg, self.y + self.height / 2.0, ink, &shade.map(probability).unwrap_or_default());
    }

    fn plain(self, svg: &mut String, fill: &str, [above, below]: [&str; 2]) {
        self.area(svg, self.y, self.height, fill);
        self.text(svg, self.y + self.height * 0.25, "#000", above);
        self.text(svg, self.y + self.height * 0.75, "#000", below);
    }

    fn area(self, svg: &mut String, y: f64, height: f64, fill: &str) {
        let _ = writeln!(
            svg,
            "<rect x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{height:.1}\" fill=\"{fill}\" stroke=\"#999\" stroke-width=\"0.7\"/>",
            self.x, self.width
        );
    }

    fn text(self, svg: &mut String, middle: f64, ink: &str, text: &str) {
        if !text.is_empty() {
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"12\" text-anchor=\"middle\" fill=\"{ink}\">{text}</text>",
                self.x + self.width / 2.0,
                middle + 4.0
            );
        }
    }
}

/// Fill and ink for a share from 0 to 1: white to dark blue, so that lightness alone tells the order.
fn shaded(share: f64) -> (String, &'static str) {
    let share = share.clamp(0.0, 1.0);
    let [r, g, b] = [(255.0, 8.0), (255.0, 48.0), (255.0, 107.0)].map(|(from, to)| from + share * (to - from));
    (format!("#{:02x}{:02x}{:02x}", r as u8, g as u8, b as u8), if share > 0.5 { "#fff" } else { "#000" })
}

/// A probability of which no rounding makes a certainty.
fn probability(p: f64) -> String {
    match p {
        0.0 => "0".to_owned(),
        1.0 => "1".to_owned(),
        p if p < 0.0001 => "&lt;0.0001".to_owned(),
        p if p > 0.9999 => "&gt;0.9999".to_owned(),
        p => format!("{p:.4}"),
    }
}

/// Width of a line of a name; what is not of an alphabet takes two places.
fn wide(line: &str) -> f64 {
    line.chars().map(|c| if u32::from(c) < 0x1100 { CHARACTER } else { 2.0 * CHARACTER }).sum()
}

#[cfg(test)]
mod tests {
    use super::super::{Family, Joint, MutationUse, SolveRules, Victim, pair_table, solve};
    use super::*;
    use crate::kinship::{Marker, Pedigree, Sex, person};

    #[test]
    fn what_is_undisputed_excluded_or_of_the_other_sex_is_marked_and_names_stand_in_full() {
        // A father typed 1/1 at two markers misses a son: V1 is 1/1 (LR 1 / p each), the second victim 2/2, the third a woman.
        let label = |n: usize| n.to_string();
        let markers: Vec<Marker> = ["L1", "L2"]
            .map(|name| Marker::new(name, (1..4).map(label).collect(), vec![0.001, 0.05, 0.949]).unwrap())
            .to_vec();
        let pair = |allele: &str| markers.iter().map(|m| Some(m.pair(allele, allele).unwrap())).collect::<Vec<_>>();
        let long = "a body with a name of more than forty characters <7>";
        let victim = |id: &str, sex, allele| Victim { id: id.to_owned(), sex, genotypes: pair(allele) };
        let victims = vec![victim("V1", Sex::Male, "1"), victim(long, Sex::Male, "2"), victim("V3", Sex::Female, "1")];
        let persons =
            [person("R", None, Sex::Male), person("W", None, Sex::Female), person("M", Some(("R", "W")), Sex::Male)];
        let pedigree = Pedigree::new(&persons, &[]).unwrap();
        let genotypes = pair("1").into_iter().map(|father| vec![father, None, None]).collect();
        let family = Family { name: "F".to_owned(), pedigree, genotypes, missing: vec![2] };
        let case = DviCase::new(markers.clone(), victims, vec![family]).unwrap();
        let limits = JointLimits::default();
        let pairs = pair_table(&case, MutationUse::Everywhere, &|| true).unwrap();
        let marginals = Joint::new(&case, &pairs, limits, &|| true).unwrap().marginals();
        let solution = solve(&case, SolveRules::default(), &|| true).unwrap();
        let picture = DviPicture { case: &case, pairs: &pairs, marginals: &marginals, solution: &solution, limits };
        let svg = picture.sheet("All & everybody", &[0, 7]);
        assert!(
            svg.contains(">6.00<") && svg.contains(">&gt;0.9999<") && svg.contains(">−∞<") && svg.contains(">× 2<")
        );
        assert_eq!((svg.matches("class=\"undisputed\"").count(), svg.matches(">sex<").count()), (1, 1));
        assert!(svg.contains("a body with a name of more<") && svg.contains("than forty characters &lt;7&gt;<"));
        assert!(svg.contains("All &amp; everybody") && !svg.contains("NaN") && svg.ends_with("</svg>\n"));
    }

    #[test]
    fn lightness_falls_and_rounding_makes_no_certainty() {
        let light = |share: f64| {
            let fill = shaded(share).0;
            let part = |at: usize| f64::from(u8::from_str_radix(&fill[at..at + 2], 16).unwrap());
            0.299 * part(1) + 0.587 * part(3) + 0.114 * part(5)
        };
        assert!((0..20).all(|i| light(f64::from(i) / 20.0) > light(f64::from(i + 1) / 20.0)));
        assert_eq!([0.99999, 1.0, 1e-9, 0.25].map(probability), ["&gt;0.9999", "1", "&lt;0.0001", "0.2500"]);
    }
}
