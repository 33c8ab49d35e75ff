//! The answer: JSON for scripts, tables for people. Rates are in percent throughout.

use std::fmt::Write;

use serde_json::{Map, Value, json};
use tanba_finger::evaluate::{CalibrationBin, Figures, Interval, LeftOut, Measured, Rate, Ratio, Realised, Versus};

use super::analysis::{AgainstOne, Analysis};
use super::prints::Times;
use super::{Pool, Set};

/// Everything that was measured.
pub(super) struct Answer<'a> {
    pub(super) sets: &'a [Set],
    pub(super) sensors: &'a [Pool],
    pub(super) pooled: &'a Pool,
    /// The other matcher.
    pub(super) against: Option<&'a str>,
    /// Sensors were named.
    pub(super) grouped: bool,
}

/// The mean over the sets.
pub(super) struct Mean {
    pub(super) measured: Measured,
    pub(super) against: Option<AgainstOne>,
    pub(super) times: Times,
    pub(super) genuine: usize,
    pub(super) impostors: usize,
    /// What the threshold of each claimed rate does, set by set of the same weight: where one set has most of the pairs, all
    /// pooled tell of that set's sensor.
    pub(super) realised: Vec<MeanRealised>,
}

/// A claimed false match rate and what its threshold does; fractions.
pub(super) struct MeanRealised {
    pub(super) claimed: f64,
    pub(super) threshold: f32,
    pub(super) fmr: f64,
    pub(super) fnmr: f64,
}

impl Answer<'_> {
    /// The mean over the sets, each of the same weight.
    pub(super) fn mean(&self) -> Mean {
        let measured = Measured::mean(&self.sets.iter().map(|s| &s.analysis.measured).collect::<Vec<_>>());
        let theirs: Option<Vec<&Measured>> =
            self.sets.iter().map(|s| s.analysis.against.as_ref().map(|a| &a.theirs)).collect();
        let against = theirs.map(|theirs| {
            let theirs = Measured::mean(&theirs);
            AgainstOne { versus: Versus::of(&measured, &theirs), theirs }
        });
        Mean {
            measured,
            against,
            times: Times::mean(self.sets),
            genuine: self.sets.iter().map(|s| s.analysis.genuine).sum(),
            impostors: self.sets.iter().map(|s| s.analysis.impostors).sum(),
            realised: self.mean_realised(),
        }
    }

    fn mean_realised(&self) -> Vec<MeanRealised> {
        // The claimed rates are the same for every set.
        let of = |(k, (claimed, r)): (usize, &(f64, Realised))| {
            let mean = |rate: fn(&Realised) -> f64| {
                let all = self.sets.iter().filter_map(|s| s.analysis.realised.get(k)).map(|(_, r)| rate(r));
                all.sum::<f64>() / self.sets.len().max(1) as f64
            };
            MeanRealised {
                claimed: *claimed,
                threshold: r.threshold,
                fmr: mean(|r| r.fmr.value),
                fnmr: mean(|r| r.fnmr.value),
            }
        };
        self.pooled.analysis.realised.iter().enumerate().map(of).collect()
    }

    /// For scripts.
    pub(super) fn to_json(&self) -> Value {
        let sets: Vec<Value> = self
            .sets
            .iter()
            .map(|set| {
                let mut keys = analysis_json(&set.analysis);
                keys.insert("name".into(), json!(set.source.name));
                keys.insert("sensor".into(), json!(set.source.sensor));
                set.times.add_to(&mut keys);
                Value::Object(keys)
            })
            .collect();
        let pool = |pool: &Pool| {
            let mut keys = analysis_json(&pool.analysis);
            keys.insert("name".into(), json!(pool.name));
            let names: Vec<&str> = pool.sets.iter().map(|&k| self.sets[k].source.name.as_str()).collect();
            keys.insert("sets".into(), json!(names));
            Value::Object(keys)
        };
        let mean = self.mean();
        let mut keys = figures_json(&mean.measured.figures, &mean.measured.interval());
        mean.times.add_to(&mut keys);
        // Counts are of all sets together.
        keys.insert("genuine".into(), json!(mean.genuine));
        keys.insert("impostors".into(), json!(mean.impostors));
        let realised = mean.realised.iter().map(|r| {
            json!({ "claimed": 100.0 * r.claimed, "threshold": r.threshold, "fmr": 100.0 * r.fmr, "fnmr": 100.0 * r.fnmr })
        });
        keys.insert("realised".into(), realised.collect());
        keys.extend(mean.against.iter().flat_map(against_json));
        json!({
            "sets": sets,
            "mean": keys,
            "sensors": self.sensors.iter().map(pool).collect::<Vec<_>>(),
            "pooled": pool(self.pooled),
            "matcher_against": self.against,
        })
    }

    /// For people.
    pub(super) fn table(&self) -> String {
        let mean = self.mean();
        let names = self.sets.iter().map(|s| &s.source.name).chain(self.sensors.iter().map(|s| &s.name));
        let width = names.map(|n| n.chars().count()).max().unwrap_or(0).max("all sets".len());
        let mut out = format!(
            "{:width$} {:>5} {:>14} {:>7} {:>8} {:>9} {:>8} {:>6} {:>6} {:>8} {:>6}   (percent; times in ms and us)",
            "set", "EER", "95 %", "FMR100", "FMR1000", "FMR10000", "ZeroFMR", "FTE", "rank1", "extract", "match"
        );
        let against = |a: Option<&AgainstOne>| {
            a.map_or(String::new(), |a| against_line(width, self.against.unwrap_or_default(), a))
        };
        // Writing to a string cannot fail.
        for s in self.sets {
            let _ = write!(out, "\n{}", row(width, &s.source.name, &s.analysis.measured, Some(&s.times)));
            out.push_str(&against(s.analysis.against.as_ref()));
        }
        if self.sets.len() > 1 {
            let _ = write!(out, "\n{}", row(width, "mean", &mean.measured, Some(&mean.times)));
            out.push_str(&against(mean.against.as_ref()));
        }
        if self.grouped {
            out.push_str("\n\nby sensor (sets of one sensor share a threshold)");
            for pool in self.sensors {
                let _ = write!(out, "\n{}", row(width, &pool.name, &pool.analysis.measured, None));
                out.push_str(&against(pool.analysis.against.as_ref()));
            }
        }
        let _ = write!(
            out,
            "\n\n{:width$} {:>5} {:>14} {:>8}   {:>6} {:>6} {:>6}   (likelihood ratios in bits; the worst tenth of the fingers: its \
             FNMR, its share of all rejections, that share by chance)",
            "set", "Cllr", "95 %", "least", "FNMR", "share", "chance"
        );
        let rows = self.sets.iter().map(|s| (s.source.name.as_str(), &s.analysis));
        for (name, analysis) in rows.chain((self.sets.len() > 1).then_some(("all sets", &self.pooled.analysis))) {
            let _ = write!(out, "\n{}", evidence_row(width, name, analysis));
        }
        out.push_str("\n\nwhat the thresholds do, all sets (percent):");
        for ((claimed, r), of_sets) in self.pooled.analysis.realised.iter().zip(&mean.realised) {
            let _ = write!(
                out,
                "\n  claimed FMR {:>7}: FMR {}, FNMR {}",
                format!("{}", 100.0 * claimed),
                rate_text(&r.fmr, 4),
                rate_text(&r.fnmr, 2)
            );
            if self.sets.len() > 1 {
                let _ = write!(out, "; mean of the sets {:.4}, {:.2}", 100.0 * of_sets.fmr, 100.0 * of_sets.fnmr);
            }
        }
        out
    }
}

fn row(width: usize, name: &str, measured: &Measured, times: Option<&Times>) -> String {
    let time = |t: Option<f64>| t.map_or("-".to_owned(), |t| format!("{t:.0}"));
    let (f, i) = (&measured.figures, measured.interval());
    format!(
        "{name:width$} {:5.2} [{:5.2}, {:5.2}] {:7.2} {:8.2} {:9.2} {:8.2} {:6.2} {:6.2} {:>8} {:>6}",
        f.eer,
        i.low.eer,
        i.high.eer,
        f.fmr100,
        f.fmr1000,
        f.fmr10000,
        f.zerofmr,
        f.fte,
        f.rank1,
        time(times.and_then(|t| t.extract_ms_median)),
        time(times.and_then(|t| t.match_us_median))
    )
}

fn against_line(width: usize, name: &str, a: &AgainstOne) -> String {
    let (theirs, d, i) = (&a.theirs.figures, &a.versus.difference, &a.versus.interval);
    format!(
        "\n{:width$} {name}: EER {:.2}, difference {:+.2} [{:+.2}, {:+.2}], ratio {}; FMR1000 {:.2}: {:+.2} [{:+.2}, {:+.2}]",
        "",
        theirs.eer,
        d.eer,
        i.low.eer,
        i.high.eer,
        ratio_text(&a.versus.eer_ratio()),
        theirs.fmr1000,
        d.fmr1000,
        i.low.fmr1000,
        i.high.fmr1000
    )
}

/// `0.29 [0.12, 0.48]`; without a limit where there is none.
pub(super) fn ratio_text(ratio: &Ratio) -> String {
    let text = |v: Option<f64>| v.map_or("-".to_owned(), |v| format!("{v:.2}"));
    format!("{} [{:.2}, {}]", text(ratio.value), ratio.low, text(ratio.high))
}

/// `0.12 [0.01, 0.30]`, percent.
pub(super) fn rate_text(rate: &Rate, decimals: usize) -> String {
    let [value, low, high] = [rate.value, rate.low, rate.high].map(|v| 100.0 * v);
    format!("{value:.decimals$} [{low:.decimals$}, {high:.decimals$}]")
}

fn evidence_row(width: usize, name: &str, analysis: &Analysis) -> String {
    let cost = match &analysis.cost {
        Some(c) => format!("{:5.3} [{:5.3}, {:5.3}] {:8.3}", c.cllr.value, c.cllr.low, c.cllr.high, c.cllr_min),
        None => format!("{:>5} {:>14} {:>8}", "-", "-", "-"),
    };
    let worst = |l: &LeftOut| {
        let fnmr = l.tenths.last().map_or(0.0, |t| 100.0 * t.share.fnmr());
        let percent = |v: Option<f64>| v.map_or("-".to_owned(), |v| format!("{:.0}", 100.0 * v));
        let (share, chance) = (percent(l.worst_tenth_share), percent(l.worst_tenth_by_chance));
        format!("{fnmr:6.2} {share:>6} {chance:>6}")
    };
    let persons = analysis.persons.as_ref().map_or(String::new(), |p| format!("   persons: {}", worst(p)));
    format!("{name:width$} {cost}   {}{persons}", worst(&analysis.left_out))
}

fn analysis_json(analysis: &Analysis) -> Map<String, Value> {
    let mut keys = figures_json(&analysis.measured.figures, &analysis.measured.interval());
    let mut put = |key: &str, value: Value| keys.insert(key.to_owned(), value);
    put("genuine", json!(analysis.genuine));
    put("impostors", json!(analysis.impostors));
    put("fingers", json!(analysis.fingers));
    put("realised", analysis.realised.iter().map(|(claimed, r)| realised_json(*claimed, r)).collect());
    put("cllr", json!(analysis.cost.map(|c| c.cllr.value)));
    put("cllr_ci95", json!(analysis.cost.map(|c| [c.cllr.low, c.cllr.high])));
    put("cllr_min", json!(analysis.cost.map(|c| c.cllr_min)));
    put("calibration", analysis.calibration.iter().map(bin_json).collect());
    if let Some(persons) = &analysis.persons {
        put("persons", Value::Object(left_out_json(persons, "persons")));
    }
    let rejected_most = analysis.rejected_most.iter().map(|(name, share)| {
        json!({
            "finger": name, "genuine": share.genuine, "errors": share.rejected, "fnmr": 100.0 * share.fnmr()
        })
    });
    put("rejected_most", rejected_most.collect());
    keys.extend(left_out_json(&analysis.left_out, "fingers"));
    keys.extend(analysis.against.iter().flat_map(against_json));
    keys
}

/// `against`, `difference`, `ratio` (of the equal error rates) and the ratios of the other error rates.
fn against_json(a: &AgainstOne) -> Map<String, Value> {
    let mut keys = Map::new();
    let theirs = figures_json(&a.theirs.figures, &a.theirs.interval());
    keys.insert("against".into(), Value::Object(theirs));
    keys.insert("difference".into(), Value::Object(figures_json(&a.versus.difference, &a.versus.interval)));
    for (name, ratio) in a.versus.ratios.iter().filter(|(name, _)| !["rank1", "fte"].contains(name)) {
        let key = if *name == "eer" { "ratio".to_owned() } else { format!("ratio_{name}") };
        keys.insert(format!("{key}_ci95"), json!([ratio.low, ratio.high]));
        keys.insert(key, json!(ratio.value));
    }
    keys
}

fn realised_json(claimed: f64, r: &Realised) -> Value {
    json!({
        "claimed": 100.0 * claimed,
        "threshold": r.threshold,
        "fmr": 100.0 * r.fmr.value,
        "fmr_ci95": [100.0 * r.fmr.low, 100.0 * r.fmr.high],
        "fnmr": 100.0 * r.fnmr.value,
        "fnmr_ci95": [100.0 * r.fnmr.low, 100.0 * r.fnmr.high],
        "false_matches": r.false_matches,
        "false_non_matches": r.false_non_matches,
    })
}

fn bin_json(bin: &CalibrationBin) -> Value {
    json!({
        "claimed": [bin.claimed.0, bin.claimed.1],
        "genuine": bin.genuine,
        "impostors": bin.impostors,
        "log10_lr": bin.log10_lr,
        "log10_lr_ci95": [bin.low, bin.high],
    })
}

fn left_out_json(left_out: &LeftOut, members: &str) -> Map<String, Value> {
    let tenths = left_out.tenths.iter().map(|t| {
        json!({
            members: t.members,
            "genuine": t.share.genuine,
            "errors": t.share.rejected,
            "fnmr": 100.0 * t.share.fnmr(),
            "fmr": 100.0 * t.share.fmr(),
        })
    });
    let percent = |share: Option<f64>| json!(share.map(|s| 100.0 * s));
    let mut keys = Map::new();
    keys.insert("deciles".into(), tenths.collect());
    keys.insert("worst_tenth_share".into(), percent(left_out.worst_tenth_share));
    keys.insert("worst_tenth_share_by_chance".into(), percent(left_out.worst_tenth_by_chance));
    keys
}

fn figures_json(figures: &Figures, interval: &Interval) -> Map<String, Value> {
    let mut keys = Map::new();
    let (low, high) = (interval.low.named(), interval.high.named());
    for (i, (name, value)) in figures.named().into_iter().enumerate() {
        keys.insert(name.to_owned(), json!(value));
        keys.insert(format!("{name}_ci95"), json!([low[i].1, high[i].1]));
    }
    keys
}
