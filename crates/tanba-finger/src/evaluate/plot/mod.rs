//! Plots as SVG: DET curves, scores, likelihood ratios claimed and found, and who is left out.
//!
//! Each is a picture of its own, fit for light and dark pages, with its title and a sentence for those who cannot see it. Colours are
//! those that the colour-blind tell apart, and curves differ by their dashes too.

mod chart;
mod det;
mod evidence;
mod histogram;
mod left_out;
mod lines;

pub use det::{BAND_FMR, Band, Curve, det_svg};
pub use evidence::{calibration_svg, tippett_svg};
pub use histogram::histogram_svg;
pub use left_out::left_out_svg;
pub use lines::{Axis, Line, lines_svg};

#[cfg(test)]
mod tests {
    use super::super::bootstrap::tests::noisy;
    use super::super::{LeftOut, Trials};
    use super::*;

    /// Every tag is closed, nothing is not a number, and the name cannot break out of its text.
    fn sound(svg: &str) {
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
        assert!(svg.contains("&lt;set&gt;&amp;") && !svg.contains("<set>"), "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        for tag in ["svg", "text", "title", "desc", "style"] {
            assert_eq!(svg.matches(&format!("<{tag}")).count(), svg.matches(&format!("</{tag}>")).count(), "{tag}");
        }
        for attribute in ["x", "y", "x1", "y1", "cx", "cy"] {
            for part in svg.split(&format!(" {attribute}=\"")).skip(1) {
                let value: f64 = part.split('"').next().unwrap().parse().unwrap();
                assert!((0.0..=chart::WIDTH).contains(&value), "{attribute} = {value}");
            }
        }
    }

    #[test]
    fn plots_are_well_formed_and_escape_names() {
        let name = "<set>&";
        let trials = noisy(12, 1.0);
        let empty = Trials::pooled(&[]);
        for trials in [&trials, &empty] {
            let drawn: Vec<_> = (0..50).map(|r| trials.fnmr_at(&BAND_FMR, &trials.draw(1, r))).collect();
            let curve = Curve { name, trials, band: Some(Band::of(&drawn)) };
            let lr = |s: f32| 3.0 * f64::from(s) - 3.0;
            let det = det_svg(name, &[curve.clone(), curve.clone()]);
            assert_eq!(det.matches("<polyline").count(), 3, "two curves and the line of equal errors");
            sound(&det);
            sound(&histogram_svg(name, trials, &[(0.4, "0.1 %")]));
            sound(&calibration_svg(name, &trials.calibration(lr, 20, 1)));
            sound(&tippett_svg(name, trials, lr));
            sound(&left_out_svg(name, "fingers", &LeftOut::of(&trials.shares(trials.threshold_at(0.001)))));
        }
    }

    #[test]
    fn lines_lie_within_their_axes_also_where_a_logarithm_has_no_place_for_them() {
        let x = Axis { label: "people", range: (1e4, 2e7), logarithmic: true };
        let line =
            |name| Line { name, points: vec![(1e4, 0.0), (2e7, 2.0)], intervals: vec![(1e5, 0.0, 1.0)], dots: true };
        for logarithmic in [true, false] {
            let y = Axis { label: "<set>&", range: (0.01, 3.0), logarithmic };
            let svg = lines_svg("<set>&", "about", x, y, &[line("a"), line("<set>&")]);
            assert_eq!((svg.matches("<polyline").count(), svg.matches("<circle").count()), (2, 4));
            sound(&svg);
        }
    }

    #[test]
    fn a_curve_of_many_scores_has_only_the_points_that_can_be_seen() {
        let trials = noisy(120, 1.0);
        let svg = det_svg("many", &[Curve { name: "many", trials: &trials, band: None }]);
        assert!(svg.len() < 40_000, "{} bytes", svg.len());
    }
}
