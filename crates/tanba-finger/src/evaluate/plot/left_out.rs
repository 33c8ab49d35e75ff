//! Who is left out: false non-matches by tenths.

use super::super::LeftOut;
use super::chart::{Chart, Mark, round_step};

/// False non-match rate of each tenth of the fingers or persons (`members` says which), least rejected first.
pub fn left_out_svg(title: &str, members: &str, left_out: &LeftOut) -> String {
    let groups = left_out.tenths.len();
    let most = left_out.tenths.iter().map(|t| t.share.fnmr()).fold(0.01, f64::max);
    let about = format!(
        "False non-match rate by tenths of the {members}, from those who are rejected least to those who are rejected most."
    );
    let mut chart = Chart::new(
        &format!("Who is left out: {title}"),
        &about,
        (&format!("{members}, from those rejected least to those rejected most"), "false non-match rate"),
        (0.0, groups.max(1) as f64),
        (0.0, most * 1.12),
    );
    let step = round_step(most);
    for k in 0..=(most / step).floor() as u32 {
        let rate = step * f64::from(k);
        let decimals = usize::from(step < 0.01);
        chart.horizontal(rate, &format!("{:.decimals$} %", 100.0 * rate));
    }
    let (rejected, genuine) =
        left_out.tenths.iter().fold((0, 0), |(r, g), t| (r + t.share.rejected, g + t.share.genuine));
    let mean = rejected as f64 / genuine.max(1) as f64;
    for (k, tenth) in left_out.tenths.iter().enumerate() {
        let (at, rate) = (k as f64, tenth.share.fnmr());
        let tip = format!(
            "{} {members}: {} of {} genuine comparisons rejected",
            tenth.members, tenth.share.rejected, tenth.share.genuine
        );
        let look = usize::from(k + 1 == groups);
        chart.bar((at + 0.12, at + 0.88), rate, look, &tip);
        chart.note(at + 0.5, rate, &if rate == 0.0 { "0".to_owned() } else { format!("{:.1} %", 100.0 * rate) });
        chart.label_x(at + 0.5, 0, &format!("{}", k + 1));
    }
    chart.guide([(0.0, mean), (groups.max(1) as f64, mean)].into_iter());
    chart.legend(&Mark::Box(0), "a tenth");
    chart.legend(&Mark::Box(1), "the worst tenth");
    let percent = |share: Option<f64>| share.map(|s| format!("{:.0} %", 100.0 * s));
    if let (Some(share), Some(chance)) = (percent(left_out.worst_tenth_share), percent(left_out.worst_tenth_by_chance))
    {
        chart.legend(&Mark::None, &format!("bears {share} of all rejections,"));
        chart.legend(&Mark::None, &format!("by chance alone {chance}"));
    }
    chart.legend(&Mark::Guide, &format!("all: {:.2} %", 100.0 * mean));
    chart.close()
}
