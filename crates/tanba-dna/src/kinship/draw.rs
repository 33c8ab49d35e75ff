//! A pedigree as a picture (SVG): squares are male, circles female, diamonds of unknown sex; who is typed is filled.

use std::fmt::Write as _;

use super::pedigree::{Pedigree, Sex};
use crate::words::{escaped, in_lines};

/// Room of one person, in pixels.
const WIDTH: f64 = 110.0;
/// Room of one generation whose ids take one line.
const HEIGHT: f64 = 110.0;
/// Half the size of a symbol.
const HALF: f64 = 16.0;
/// The most persons of one picture: more cannot be read.
pub const MAX_DRAWN: usize = 300;
/// The longest line of an id, characters.
const MAX_LINE: usize = 12;
/// Height of a line of an id.
const LINE: f64 = 15.0;
/// What the signs mean.
const KEY: [&str; 2] = ["filled: typed; dashed: missing", "square: male; circle: female; diamond: sex not known"];
/// Room for a character of the key, pixels: more than fonts without serifs take at its size on average.
const KEY_CHARACTER: f64 = 7.0;
/// Left margin of the key, pixels.
const KEY_LEFT: f64 = 8.0;

/// The picture, or `None` for more persons than can be read. `typed` and `missing` say of each person what to mark.
pub fn draw(pedigree: &Pedigree, typed: &[bool], missing: &[bool]) -> Option<String> {
    let n = pedigree.len();
    if n > MAX_DRAWN || n == 0 || typed.len() != n || missing.len() != n {
        return None;
    }
    let generations = generations(pedigree);
    let places = places(pedigree, &generations);
    let (mut columns, mut rows) = (0.0f64, 0usize);
    for person in 0..n {
        columns = columns.max(places[person] + 1.0);
        rows = rows.max(generations[person] + 1);
    }
    let names: Vec<Vec<String>> = pedigree.ids().iter().map(|id| in_lines(id, MAX_LINE)).collect();
    let longest = names.iter().map(Vec::len).max().unwrap_or(1);
    let generation = HEIGHT + LINE * (longest - 1) as f64;
    let at = |person: usize| (WIDTH * (places[person] + 0.5), generation * generations[person] as f64 + HEIGHT / 2.0);
    // The key below takes two lines, and more room than one couple.
    let characters = KEY.iter().map(|line| line.len()).max().unwrap_or(0);
    let key_width = 2.0 * KEY_LEFT + KEY_CHARACTER * characters as f64;
    let (width, height) = ((WIDTH * columns).max(key_width), generation * rows as f64 + 40.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"sans-serif\" font-size=\"13\">\n<title>Pedigree of {n} persons</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    lines(&mut svg, pedigree, &at);
    for person in 0..n {
        let (x, y) = at(person);
        let fill = if typed[person] { "#9fb8d8" } else { "#fff" };
        let dash = if missing[person] { " stroke-dasharray=\"4 3\"" } else { "" };
        let style = format!("fill=\"{fill}\" stroke=\"#222\" stroke-width=\"2\"{dash}");
        // Writing to a string cannot fail, here and below.
        let _ = match pedigree.sex(person) {
            Sex::Male => writeln!(
                svg,
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{s}\" height=\"{s}\" {style}/>",
                x - HALF,
                y - HALF,
                s = 2.0 * HALF
            ),
            Sex::Female => writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{HALF}\" {style}/>"),
            Sex::Unknown => writeln!(
                svg,
                "<path d=\"M{x:.1} {:.1}l{HALF} {HALF}l-{HALF} {HALF}l-{HALF} -{HALF}z\" {style}/>",
                y - HALF
            ),
        };
        for (number, line) in names[person].iter().enumerate() {
            let _ = writeln!(
                svg,
                "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                y + HALF + 16.0 + LINE * number as f64,
                escaped(line)
            );
        }
    }
    for (line, y) in KEY.iter().zip([height - 24.0, height - 8.0]) {
        let _ = writeln!(svg, "<text x=\"{KEY_LEFT}\" y=\"{y:.1}\" font-size=\"11\" fill=\"#555\">{line}</text>");
    }
    svg.push_str("</svg>\n");
    Some(svg)
}

/// Lines between parents, and from there to their children.
fn lines(svg: &mut String, pedigree: &Pedigree, at: &dyn Fn(usize) -> (f64, f64)) {
    let mut couples: Vec<([usize; 2], Vec<usize>)> = Vec::new();
    for child in 0..pedigree.len() {
        let Some(parents) = pedigree.parents(child) else { continue };
        match couples.iter_mut().find(|(of, _)| *of == parents) {
            Some((_, children)) => children.push(child),
            None => couples.push((parents, vec![child])),
        }
    }
    let mut line = |x1: f64, y1: f64, x2: f64, y2: f64| {
        let _ = writeln!(
            svg,
            "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"#222\" stroke-width=\"1.5\"/>"
        );
    };
    for (number, (parents, children)) in couples.iter().enumerate() {
        let [(fx, fy), (mx, my)] = parents.map(at);
        line(fx, fy, mx, my);
        let (middle, from) = ((fx + mx) / 2.0, (fy + my) / 2.0);
        // Couples of one generation get bars of different height, so that crossing families can be told apart.
        let bar =
            children.iter().map(|c| at(*c).1).fold(f64::INFINITY, f64::min) - HALF - 8.0 - 6.0 * (number % 4) as f64;
        line(middle, from, middle, bar);
        for &child in children {
            let (x, y) = at(child);
            line(middle, bar, x, bar);
            line(x, bar, x, y - HALF);
        }
    }
}

/// The generation of each person: below both parents; founders beside those with whom they have children.
fn generations(pedigree: &Pedigree) -> Vec<usize> {
    let n = pedigree.len();
    let mut generations = vec![0usize; n];
    // Each round moves somebody down by one at least; a chain of n persons needs n rounds.
    for _ in 0..2 * n {
        let before = generations.clone();
        for child in 0..n {
            let Some([father, mother]) = pedigree.parents(child) else { continue };
            let couple = generations[father].max(generations[mother]);
            for parent in [father, mother] {
                // Descendants of different generations may marry; then the line between them slants.
                if pedigree.parents(parent).is_none() {
                    generations[parent] = generations[parent].max(couple);
                }
            }
            generations[child] = generations[child].max(couple + 1);
        }
        if before == generations {
            break;
        }
    }
    generations
}

/// The column of each person: children in the order of their parents, partners beside each other.
fn places(pedigree: &Pedigree, generations: &[usize]) -> Vec<f64> {
    let n = pedigree.len();
    let mut places = vec![0.0; n];
    let rows = generations.iter().max().map_or(0, |g| g + 1);
    let partners = |person: usize| {
        (0..n)
            .filter_map(move |c| pedigree.parents(c))
            .filter(move |p| p.contains(&person))
            .map(move |[f, m]| if f == person { m } else { f })
    };
    for row in 0..rows {
        let mut people: Vec<usize> = (0..n).filter(|p| generations[*p] == row).collect();
        let key = |person: usize| pedigree.parents(person).map(|[f, m]| (places[f] + places[m]) / 2.0);
        let keys: Vec<Option<f64>> = (0..n).map(key).collect();
        // Who married in stands where the partner stands.
        let of = |p: usize| keys[p].or_else(|| partners(p).find_map(|o| keys[o]).map(|k| k + 1e-3)).unwrap_or(f64::MAX);
        people.sort_by(|a, b| of(*a).total_cmp(&of(*b)));
        let mut ordered: Vec<usize> = Vec::new();
        for person in people {
            if ordered.contains(&person) {
                continue;
            }
            ordered.push(person);
            for partner in partners(person) {
                if generations[partner] == row && !ordered.contains(&partner) && pedigree.parents(partner).is_none() {
                    ordered.push(partner);
                }
            }
        }
        let mut next = 0.0f64;
        for person in ordered {
            let wish = keys[person].map_or(next, |k| k.max(next));
            places[person] = wish;
            next = wish + 1.0;
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinship::person;

    #[test]
    fn everybody_is_drawn_once_and_nothing_of_an_id_is_markup() {
        let pedigree = Pedigree::new(
            &[
                person("F", None, Sex::Male),
                person("<b>&", None, Sex::Female),
                person("C", Some(("F", "<b>&")), Sex::Unknown),
            ],
            &[],
        )
        .unwrap();
        let svg = draw(&pedigree, &[true, false, false], &[false, false, true]).unwrap();
        assert!(svg.contains("&lt;b&gt;&amp;") && !svg.contains("<b>"));
        assert_eq!(
            (svg.matches("<circle").count(), svg.matches("<path").count(), svg.matches("dasharray").count()),
            (1, 1, 1)
        );
        assert!(draw(&pedigree, &[], &[]).is_none());
    }
}
