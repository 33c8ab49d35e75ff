//! Pictures: the electropherogram with the heights that the model expects, and the model check.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Allele, MixtureCase, ModelCheck};

/// Colours that remain distinct for the colour-blind (Okabe-Ito): seen, expected.
const SEEN: &str = "#0072B2";
const EXPECTED: &str = "#D55E00";
const PER_ROW: usize = 4;
const CELL: (f64, f64) = (240.0, 170.0);

/// Peaks of every marker and replicate as bars, and beside them what the model expects under the first hypothesis; the dotted line is the
/// analytical threshold. `expected` is as [`Likelihood::expected_heights`](super::Likelihood::expected_heights) gives it.
pub fn electropherogram(case: &MixtureCase, expected: &[BTreeMap<Allele, f64>]) -> String {
    let markers = case.evidence.markers();
    let rows = markers.len().div_ceil(PER_ROW);
    let (width, height) = (CELL.0 * PER_ROW as f64, CELL.1 * rows as f64 + 40.0);
    let mut out = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="10">
<title>Peaks and expected heights</title>
<rect width="{width}" height="{height}" fill="white"/>
<rect x="12" y="10" width="10" height="10" fill="{SEEN}"/><text x="26" y="19" font-size="12">seen (one bar a replicate)</text>
<rect x="190" y="10" width="10" height="10" fill="{EXPECTED}"/><text x="204" y="19" font-size="12">expected (first proposition, or the second where the first is impossible); dotted: threshold (RFU)</text>
"##
    );
    // Writing to a string cannot fail.
    for (at, (marker, expected)) in markers.iter().zip(expected).enumerate() {
        let (x0, y0) = (CELL.0 * (at % PER_ROW) as f64 + 40.0, CELL.1 * (at / PER_ROW) as f64 + 46.0);
        let (inner, tall) = (CELL.0 - 52.0, CELL.1 - 52.0);
        let replicates: Vec<_> = marker.replicates.iter().flatten().collect();
        let seen = replicates.iter().flat_map(|peaks| peaks.iter().map(|peak| peak.height));
        let top = seen.chain(expected.values().copied()).fold(marker.threshold, f64::max) * 1.05;
        let y = |rfu: f64| y0 + tall * (1.0 - rfu / top);
        let dye = case.dyes.get(&marker.marker).map_or_else(String::new, |dye| format!(" ({dye})"));
        let _ = writeln!(
            out,
            r##"<text x="{x0}" y="{:.1}" font-size="12" font-weight="bold">{}{}</text><path d="M{x0} {y0}V{:.1}H{:.1}" fill="none" stroke="#888"/>
<path d="M{x0} {:.1}H{:.1}" stroke="#888" stroke-dasharray="2 3"/><text x="{:.1}" y="{:.1}" text-anchor="end">{:.0}</text><text x="{:.1}" y="{:.1}" text-anchor="end">0</text>"##,
            y0 - 6.0,
            crate::words::escaped(marker.marker.as_str()),
            crate::words::escaped(&dye),
            y0 + tall,
            x0 + inner,
            y(marker.threshold),
            x0 + inner,
            x0 - 4.0,
            y0 + 8.0,
            top,
            x0 - 4.0,
            y0 + tall
        );
        let alleles = marker.seen();
        let slot = inner / alleles.len().max(1) as f64;
        let bar = (slot * 0.8 / (replicates.len() + 1) as f64).min(14.0);
        for (i, allele) in alleles.iter().enumerate() {
            let left = x0 + slot * (i as f64 + 0.5) - bar * (replicates.len() + 1) as f64 / 2.0;
            let heights =
                replicates.iter().map(|peaks| peaks.iter().find(|peak| peak.allele == *allele).map(|p| p.height));
            let bars = heights.map(|h| (h, SEEN)).chain([(expected.get(allele).copied(), EXPECTED)]);
            for (k, (rfu, colour)) in bars.enumerate() {
                let Some(rfu) = rfu else { continue };
                let _ = writeln!(
                    out,
                    r##"<rect x="{:.1}" y="{:.1}" width="{:.1}" height="{:.1}" fill="{colour}"/>"##,
                    left + bar * k as f64,
                    y(rfu),
                    bar - 1.0,
                    y0 + tall - y(rfu)
                );
            }
            let _ = writeln!(
                out,
                r##"<text x="{:.1}" y="{:.1}" text-anchor="middle">{allele}</text>"##,
                x0 + slot * (i as f64 + 0.5),
                y0 + tall + 13.0
            );
        }
    }
    out.push_str("</svg>\n");
    out
}

/// Sorted probabilities of the peaks against those of a uniform distribution, with the band that 95 % of right models stay in
/// (Kolmogorov and Smirnov).
pub fn model_check_plot(title: &str, check: &ModelCheck) -> String {
    const SIDE: f64 = 360.0;
    const EDGE: f64 = 52.0;
    let mut sorted: Vec<f64> = check.peaks.iter().map(|peak| peak.probability).collect();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len().max(1) as f64;
    let (x, y) = (|p: f64| EDGE + p * SIDE, |p: f64| EDGE + (1.0 - p) * SIDE);
    let all = SIDE + 2.0 * EDGE;
    let band = 1.358 / (n.sqrt() + 0.12 + 0.11 / n.sqrt());
    let mut out = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {all} {all}" font-family="sans-serif" font-size="12">
<title>Model check</title>
<rect width="{all}" height="{all}" fill="white"/>
<text x="{:.1}" y="20" text-anchor="middle">{}</text>
<text x="{:.1}" y="38" text-anchor="middle">{} peaks, largest distance {:.3}, p = {:.3}</text>
<rect x="{EDGE}" y="{EDGE}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#888"/>
<path d="M{:.1} {:.1}L{:.1} {:.1}" stroke="#888"/>
<path d="M{:.1} {:.1}L{:.1} {:.1}M{:.1} {:.1}L{:.1} {:.1}" stroke="#888" stroke-dasharray="4 4"/>
<text x="{:.1}" y="{:.1}" text-anchor="middle">expected if the model is right</text>
<text x="14" y="{:.1}" text-anchor="middle" transform="rotate(-90 14 {:.1})">probability of a height up to the one seen</text>
"##,
        all / 2.0,
        crate::words::escaped(title),
        all / 2.0,
        sorted.len(),
        check.distance,
        check.p_value,
        x(0.0),
        y(0.0),
        x(1.0),
        y(1.0),
        x(0.0),
        y(band),
        x(1.0 - band),
        y(1.0),
        x(band),
        y(0.0),
        x(1.0),
        y(1.0 - band),
        x(0.5),
        all - 12.0,
        y(0.5),
        y(0.5)
    );
    for (i, p) in sorted.iter().enumerate() {
        let _ =
            writeln!(out, r##"<circle cx="{:.1}" cy="{:.1}" r="2.5" fill="{SEEN}"/>"##, x((i as f64 + 0.5) / n), y(*p));
    }
    for p in [0.0, 0.5, 1.0] {
        let _ = writeln!(
            out,
            r##"<text x="{:.1}" y="{:.1}" text-anchor="middle">{p}</text><text x="{:.1}" y="{:.1}" text-anchor="end">{p}</text>"##,
            x(p),
            y(0.0) + 16.0,
            EDGE - 6.0,
            y(p) + 4.0
        );
    }
    out.push_str("</svg>\n");
    out
}
