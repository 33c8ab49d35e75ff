//! One page that shows everything: tables, plots (within the page) and pictures (beside it).

use std::fmt::Write as _;

use tanba_finger::evaluate::{LeftOut, Measured};

use super::analysis::{AgainstOne, Analysis, LEFT_OUT_AT};
use super::answer::{Answer, rate_text, ratio_text};
use super::plots::{Drawn, Picture};

/// Plain, readable at any width, light and dark as the reader's machine is.
const STYLE: &str = "
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1b1b;--dim:#555;--line:#d5d5d5;--head:#f3f4f6;--link:#0b5cad}
@media(prefers-color-scheme:dark){:root{--bg:#14171c;--fg:#e6e6e6;--dim:#b0b0b0;--line:#363c46;--head:#1d2229;--link:#7cc0f5}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,sans-serif}
main{max-width:76rem;margin:0 auto;padding:1rem}
h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0}h2{font-size:1.3rem;margin:2.2rem 0 .6rem;border-top:1px solid var(--line);padding-top:1.2rem}
h3{font-size:1.08rem;margin:1.4rem 0 .4rem}p,ul{max-width:48rem}.dim{color:var(--dim)}
a{color:var(--link)}a:focus-visible,summary:focus-visible,.wide:focus-visible,.plot:focus-visible{outline:3px solid var(--link);outline-offset:2px}
nav ul{list-style:none;margin:.6rem 0;padding:0;display:flex;flex-wrap:wrap;gap:.3rem 1.1rem}
.wide{overflow-x:auto;margin:.6rem 0}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.92rem}
caption{text-align:left;font-weight:600;padding:.3rem 0}
th,td{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
thead th{background:var(--head)}th:first-child,td:first-child{text-align:left}tbody th{font-weight:500}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));gap:1rem;margin:1rem 0}
.plot{overflow-x:auto;border:1px solid var(--line);border-radius:6px}
.plot svg{width:100%;min-width:33rem;height:auto;display:block}
.pairs{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,24rem),1fr));gap:1rem;margin:1rem 0}
figure{margin:0;border:1px solid var(--line);border-radius:6px;overflow:hidden}
figure img{width:100%;height:auto;display:block;background:#fff}
figcaption{padding:.45rem .6rem;font-size:.88rem;overflow-wrap:anywhere}
";

/// The page. Plots stand in it; pictures lie beside it, and are fetched when they come into view.
pub(super) fn html(answer: &Answer<'_>, drawn: &Drawn) -> String {
    let mut page = Page { text: String::new() };
    page.put(format_args!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Accuracy on {} sets of prints</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Accuracy on {}</h1>",
        answer.sets.len(),
        if answer.sets.len() == 1 { escape(&answer.sets[0].source.name) } else { format!("{} sets of prints", answer.sets.len()) }
    ));
    page.put(format_args!(
        "<p>Rates are in percent. Brackets are 95 % intervals, from drawing fingers again with replacement. An impression without a \
         template scores 0. <strong>Pictures on this page show prints: keep the folder as safe as the prints themselves.</strong></p>"
    ));
    page.contents(answer, drawn);
    page.put(format_args!("<h2 id=\"figures\">Error rates</h2>"));
    page.figures(answer);
    if let Some(matcher) = answer.against {
        page.against(answer, matcher);
    }
    if answer.sets.len() > 1 {
        page.put(format_args!("<h2 id=\"together\">All sets together</h2>"));
        page.thresholds("what the thresholds do, all sets pooled", &answer.pooled.analysis);
        page.plots(&drawn.together);
        page.left_out("all sets pooled", &answer.pooled.analysis);
    }
    for (name, plots) in &drawn.sensors {
        page.put(format_args!("<h2 id=\"sensor-{0}\">Sensor {0}</h2>", escape(name)));
        if let Some(pool) = answer.sensors.iter().find(|p| p.name == *name) {
            page.thresholds(&format!("what the thresholds do, {name}"), &pool.analysis);
        }
        page.plots(plots);
    }
    for (k, (set, of_set)) in answer.sets.iter().zip(&drawn.sets).enumerate() {
        let name = &set.source.name;
        page.put(format_args!("<h2 id=\"set-{k}\">{}</h2>", escape(name)));
        let a = &set.analysis;
        page.put(format_args!(
            "<p class=\"dim\">{} fingers, {} genuine and {} impostor comparisons.</p>",
            a.fingers, a.genuine, a.impostors
        ));
        page.plots(&of_set.plots);
        page.thresholds(&format!("what the thresholds do, {name}"), a);
        page.left_out(name, a);
        page.pictures("Genuine pairs with the lowest scores", &of_set.genuine);
        page.pictures("Impostor pairs with the highest scores", &of_set.impostor);
    }
    page.put(format_args!("</main>\n</body>\n</html>"));
    page.text
}

/// A page under way.
struct Page {
    text: String,
}

impl Page {
    fn put(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{line}");
    }

    fn contents(&mut self, answer: &Answer<'_>, drawn: &Drawn) {
        self.put(format_args!("<nav aria-label=\"Contents\"><ul><li><a href=\"#figures\">Error rates</a></li>"));
        if answer.sets.len() > 1 {
            self.put(format_args!("<li><a href=\"#together\">All sets together</a></li>"));
        }
        for (name, _) in &drawn.sensors {
            self.put(format_args!("<li><a href=\"#sensor-{0}\">Sensor {0}</a></li>", escape(name)));
        }
        for (k, set) in answer.sets.iter().enumerate() {
            self.put(format_args!("<li><a href=\"#set-{k}\">{}</a></li>", escape(&set.source.name)));
        }
        self.put(format_args!("</ul></nav>"));
    }

    /// Opens a table that scrolls by itself where the page is narrow.
    fn table(&mut self, caption: &str, heads: &[&str]) {
        let caption = escape(caption);
        self.put(format_args!(
            "<div class=\"wide\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\"><table>\n<caption>{caption}</caption>\n<thead><tr>"
        ));
        for head in heads {
            self.put(format_args!("<th scope=\"col\">{}</th>", escape(head)));
        }
        self.put(format_args!("</tr></thead>\n<tbody>"));
    }

    fn row(&mut self, head: &str, cells: &[String]) {
        self.put(format_args!("<tr><th scope=\"row\">{}</th>", escape(head)));
        for cell in cells {
            self.put(format_args!("<td>{}</td>", escape(cell)));
        }
        self.put(format_args!("</tr>"));
    }

    fn end_table(&mut self) {
        self.put(format_args!("</tbody></table></div>"));
    }

    fn figures(&mut self, answer: &Answer<'_>) {
        let heads = [
            "set",
            "EER",
            "95 %",
            "FMR100",
            "FMR1000",
            "FMR10000",
            "ZeroFMR",
            "FTE",
            "rank 1",
            "Cllr",
            "least Cllr",
            "genuine",
            "impostors",
        ];
        let cells = |m: &Measured, analysis: Option<&Analysis>| {
            let (f, i) = (&m.figures, m.interval());
            let bits = |v: Option<f64>| v.map_or("-".to_owned(), |v| format!("{v:.3}"));
            let cost = analysis.and_then(|a| a.cost);
            let mut cells = vec![format!("{:.2}", f.eer), format!("[{:.2}, {:.2}]", i.low.eer, i.high.eer)];
            cells.extend([f.fmr100, f.fmr1000, f.fmr10000, f.zerofmr, f.fte, f.rank1].map(|v| format!("{v:.2}")));
            cells.extend([bits(cost.map(|c| c.cllr.value)), bits(cost.map(|c| c.cllr_min))]);
            cells.extend(match analysis {
                Some(a) => [a.genuine.to_string(), a.impostors.to_string()],
                None => ["-".to_owned(), "-".to_owned()],
            });
            cells
        };
        self.table("Error rates by set (Cllr in bits)", &heads);
        for set in answer.sets {
            self.row(&set.source.name, &cells(&set.analysis.measured, Some(&set.analysis)));
        }
        if answer.sets.len() > 1 {
            self.row("mean", &cells(&answer.mean().measured, None));
            self.row("all sets pooled", &cells(&answer.pooled.analysis.measured, Some(&answer.pooled.analysis)));
        }
        self.end_table();
        if answer.grouped {
            self.table("Error rates by sensor: the sets of a sensor share a threshold", &heads);
            for pool in answer.sensors {
                self.row(&pool.name, &cells(&pool.analysis.measured, Some(&pool.analysis)));
            }
            self.end_table();
        }
    }

    fn against(&mut self, answer: &Answer<'_>, matcher: &str) {
        let heads = ["set", "EER", "its EER", "difference", "ratio", "FMR1000", "its FMR1000", "difference"];
        let cells = |m: &Measured, a: &AgainstOne| {
            let (f, t, d, i) = (&m.figures, &a.theirs.figures, &a.versus.difference, &a.versus.interval);
            [
                format!("{:.2}", f.eer),
                format!("{:.2}", t.eer),
                format!("{:+.2} [{:+.2}, {:+.2}]", d.eer, i.low.eer, i.high.eer),
                ratio_text(&a.versus.eer_ratio()),
                format!("{:.2}", f.fmr1000),
                format!("{:.2}", t.fmr1000),
                format!("{:+.2} [{:+.2}, {:+.2}]", d.fmr1000, i.low.fmr1000, i.high.fmr1000),
            ]
        };
        self.table(&format!("Against {matcher}, on the same draws of fingers"), &heads);
        let mean = answer.mean();
        let rows =
            answer.sets.iter().map(|s| (s.source.name.as_str(), &s.analysis.measured, s.analysis.against.as_ref()));
        let below = (answer.sets.len() > 1).then_some(("mean", &mean.measured, mean.against.as_ref()));
        for (name, measured, against) in rows.chain(below) {
            if let Some(against) = against {
                self.row(name, &cells(measured, against));
            }
        }
        self.end_table();
    }

    fn thresholds(&mut self, caption: &str, analysis: &Analysis) {
        self.table(caption, &["claimed FMR", "score at least", "FMR", "false matches", "FNMR", "false non-matches"]);
        for (claimed, r) in &analysis.realised {
            self.row(
                &format!("{}", 100.0 * claimed),
                &[
                    format!("{:.3}", r.threshold),
                    rate_text(&r.fmr, 4),
                    format!("{} of {}", r.false_matches, analysis.impostors),
                    rate_text(&r.fnmr, 2),
                    format!("{} of {}", r.false_non_matches, analysis.genuine),
                ],
            );
        }
        self.end_table();
    }

    fn left_out(&mut self, name: &str, analysis: &Analysis) {
        let percent = |v: Option<f64>| v.map(|v| format!("{:.0} %", 100.0 * v));
        let mut say = |members: &str, left_out: &LeftOut| {
            let at = 100.0 * LEFT_OUT_AT;
            match (percent(left_out.worst_tenth_share), percent(left_out.worst_tenth_by_chance)) {
                (Some(share), Some(chance)) => self.put(format_args!(
                    "<p>{}: at FMR {at} % the worst tenth of the {members} bears {share} of all rejections; if they fell at random, it \
                     would be about {chance}.</p>",
                    escape(name)
                )),
                _ => self.put(format_args!("<p>{}: at FMR {at} % none of the {members} is rejected.</p>", escape(name))),
            }
        };
        say("fingers", &analysis.left_out);
        if let Some(persons) = &analysis.persons {
            say("persons", persons);
        }
        if !analysis.rejected_most.is_empty() {
            self.table(&format!("Fingers rejected most, {name}"), &["finger", "FNMR", "rejected", "of"]);
            for (finger, share) in &analysis.rejected_most {
                let cells =
                    [format!("{:.2}", 100.0 * share.fnmr()), share.rejected.to_string(), share.genuine.to_string()];
                self.row(finger, &cells);
            }
            self.end_table();
        }
    }

    fn plots(&mut self, plots: &[String]) {
        self.put(format_args!("<div class=\"plots\">"));
        for svg in plots {
            // Where the page is narrow a plot keeps its size, so that its words can be read, and scrolls.
            self.put(format_args!("<div class=\"plot\" tabindex=\"0\">{}</div>", svg.trim_end()));
        }
        self.put(format_args!("</div>"));
    }

    fn pictures(&mut self, title: &str, pictures: &[Picture]) {
        if pictures.is_empty() {
            return;
        }
        self.put(format_args!("<h3>{}</h3>\n<div class=\"pairs\">", escape(title)));
        for (rank, p) in pictures.iter().enumerate() {
            let (a, b) = (escape(&p.names.0), escape(&p.names.1));
            // A name may hold what a link may not.
            let path: String = p.path.bytes().fold(String::new(), |mut link, byte| {
                match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => link.push(char::from(byte)),
                    _ => {
                        let _ = write!(link, "%{byte:02X}");
                    }
                }
                link
            });
            self.put(format_args!(
                "<figure><a href=\"{path}\"><img loading=\"lazy\" src=\"{path}\" alt=\"Prints {a} and {b} side by side\"></a>\
                 <figcaption>{}. {a} and {b}: score {:.4}, log10 likelihood ratio {:+.1}, {} pairs of minutiae</figcaption></figure>",
                rank + 1,
                p.score,
                p.log10_lr,
                p.pairs
            ));
        }
        self.put(format_args!("</div>"));
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
