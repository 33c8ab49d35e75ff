//! Lines over any two axes, with intervals: what has no plot of its own.

use super::chart::{Chart, Mark, round_step};

/// An axis: what is on it, and from where to where.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis<'a> {
    /// What is told.
    pub label: &'a str,
    /// The ends that are seen at least.
    pub range: (f64, f64),
    /// Whether each step is a factor of ten; what is not above 0 then lies at the lower end.
    pub logarithmic: bool,
}

/// A named line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line<'a> {
    /// Label in the legend.
    pub name: &'a str,
    /// Places, from left to right.
    pub points: Vec<(f64, f64)>,
    /// At some places, where the line may lie: place, lower and upper limit.
    pub intervals: Vec<(f64, f64, f64)>,
    /// Whether each place is marked.
    pub dots: bool,
}

/// Draws lines over two axes; `about` says in a sentence what is to be seen.
pub fn lines_svg(title: &str, about: &str, x: Axis<'_>, y: Axis<'_>, lines: &[Line<'_>]) -> String {
    let (across, up) = (Scale::of(x), Scale::of(y));
    let mut chart = Chart::new(title, about, (x.label, y.label), across.range, up.range);
    for (at, label) in across.ticks() {
        chart.vertical(at, &label);
    }
    for (at, label) in up.ticks() {
        chart.horizontal(at, &label);
    }
    for (look, line) in lines.iter().enumerate() {
        chart.line(line.points.iter().map(|(x, y)| (across.place(*x), up.place(*y))), look);
        for (x, low, high) in &line.intervals {
            chart.interval(across.place(*x), Some(up.place(*low)), Some(up.place(*high)), look);
        }
        for (x, y) in line.points.iter().filter(|_| line.dots) {
            chart.dot(across.place(*x), up.place(*y), look, &format!("{}: {y:.3} at {x}", line.name));
        }
        chart.legend(&Mark::Line(look), line.name);
    }
    if lines.iter().any(|line| !line.intervals.is_empty()) {
        chart.legend(&Mark::None, "with 95 % intervals");
    }
    if y.logarithmic && lines.iter().any(|line| line.points.iter().any(|(_, y)| *y <= 0.0)) {
        chart.legend(&Mark::None, "none: on the lower edge");
    }
    chart.close()
}

/// Places on an axis.
struct Scale {
    range: (f64, f64),
    logarithmic: bool,
}

impl Scale {
    fn of(axis: Axis<'_>) -> Self {
        let (low, high) = axis.range;
        let range = if axis.logarithmic {
            let low = low.max(f64::MIN_POSITIVE).log10().floor();
            (low, high.max(f64::MIN_POSITIVE).log10().ceil().max(low + 1.0))
        } else {
            let step = round_step(high - low);
            ((low / step).floor() * step, (high / step).ceil() * step)
        };
        Self { range, logarithmic: axis.logarithmic }
    }

    fn place(&self, value: f64) -> f64 {
        match self.logarithmic {
            true if value > 0.0 => value.log10().max(self.range.0),
            true => self.range.0,
            false => value,
        }
    }

    fn ticks(&self) -> Vec<(f64, String)> {
        let (low, high) = self.range;
        if self.logarithmic {
            return (low as i32..=high as i32).map(|power| (f64::from(power), power_of_ten(power))).collect();
        }
        let step = round_step(high - low);
        let decimals = (-step.log10().floor()).max(0.0) as usize;
        (0..=((high - low) / step).round() as u32)
            .map(|k| low + step * f64::from(k))
            .map(|at| (at, format!("{at:.decimals$}")))
            .collect()
    }
}

/// A power of ten as it is read: up to a million, and down to a thousandth, in full.
fn power_of_ten(power: i32) -> String {
    match power {
        -3..=0 => format!("{:.*}", power.unsigned_abs() as usize, 10f64.powi(power)),
        1..=3 => format!("{:.0}", 10f64.powi(power)),
        _ => format!("1e{power}"),
    }
}
