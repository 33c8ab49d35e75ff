//! `tanba synth people`.

use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use indicatif::ProgressBar;
use rayon::prelude::*;
use serde::Serialize;
use serde_json::json;
use tanba_formats::image::encode_png;
use tanba_formats::{Finger, Gray8, Ppi};
use tanba_synth::{CalendarDate, Family, FingerState, ImpressionPreset, MasterFinger, Person, Population};

use super::prints::{Mode, write_impression};
use super::{AS_OF, Interrupt, OutFile, make_folder, numbered, parse_date, parse_preset, touch_seed, write};
use crate::console::Console;

/// People whose lines are in memory at once.
const CHUNK: u64 = 2048;
/// People on a sheet at most: more rows than that nobody looks at.
const MOST_ON_SHEET: u64 = 40;
/// Children of a family at most.
const CHILDREN: u64 = 4;
/// Ages of the children of a family.
const CHILD_AGES: (u8, u8) = (0, 17);

/// Options of `tanba synth people`.
#[derive(Args)]
pub(crate) struct People {
    /// How many the population has.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    count: u64,
    /// The same seed gives the same bytes.
    #[arg(long)]
    seed: u64,
    /// Folder for `people.jsonl`, one person a line, `families.jsonl`, and the prints.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Make only the people from this one on, counted from 1: their lines are those of the whole population.
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    first: u64,
    /// The day at which ages are reckoned.
    #[arg(long, value_parser = parse_date, default_value = AS_OF)]
    as_of: CalendarDate,
    /// Least and greatest completed age, within 0-104.
    #[arg(long, value_name = "LO-HI", value_parser = parse_ages, default_value = "16-79")]
    age: (u8, u8),
    /// Write a picture of the first people's hands, up to 40, to this PNG: a row for each with number, age and ten fingers.
    #[arg(long, value_name = "FILE")]
    sheet: Option<PathBuf>,
    /// Impressions of each finger that can be laid on a scanner, in a folder per person, named `<finger>_<impression>.png`.
    #[arg(long, value_name = "K", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=1000))]
    prints: u32,
    /// How ridges are made.
    #[arg(long, value_enum, default_value_t = Mode::Fast)]
    mode: Mode,
    /// How impressions are taken: clean, easy, fvc-like, hard, capacitive, sweep, ink, rolled, slap-finger or latent.
    #[arg(long, value_parser = parse_preset, default_value = "fvc-like")]
    preset: ImpressionPreset,
    /// Families, one a line of `families.jsonl`: mother, father and one to four children under 18.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=1_000_000))]
    families: u64,
    /// Leave prints that are there already, as an interrupted run with the same options left them.
    #[arg(long)]
    resume: bool,
}

/// A line of `people.jsonl`.
#[derive(Serialize)]
struct Line<'a> {
    /// The folder of the prints.
    person: &'a str,
    #[serde(flatten)]
    whole: &'a Person,
}

impl People {
    /// Runs it.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        if self.first > self.count {
            bail!("--first is {}, but the population has {} people; give 1 to {}", self.first, self.count, self.count);
        }
        make_folder(&self.out)?;
        let interrupt = Interrupt::listen();
        let population = Population::residents(self.seed, self.count, self.as_of, self.age);
        self.write_people(&population, console, &interrupt)?;
        self.write_families(&interrupt)?;
        let (made, kept) = self.write_prints(&population, console, &interrupt)?;
        let people = self.count - self.first + 1;
        console.answer(
            &json!({
                "people": people,
                "first": self.first,
                "families": self.families,
                "impressions": made + kept,
                "kept": kept,
                "seed": self.seed,
            }),
            format_args!("{people} people who do not exist, {} families, {} prints", self.families, made + kept),
        );
        Ok(())
    }

    fn write_people(&self, population: &Population, console: &Console, interrupt: &Interrupt) -> anyhow::Result<()> {
        let bar = console.progress(self.count - self.first + 1, "making people");
        let line = |i: u64| {
            let name = numbered(i, self.count);
            json_line(&Line { person: &name, whole: &population.person(i) })
        };
        let made = write_lines(&self.out.join("people.jsonl"), self.first - 1..self.count, interrupt, &bar, line);
        bar.finish_and_clear();
        made
    }

    fn write_families(&self, interrupt: &Interrupt) -> anyhow::Result<()> {
        if self.families == 0 {
            return Ok(());
        }
        let line = |n: u64| {
            // The generator hashes it: being different is all that is asked of it. At most a million, so it fits.
            let seed = touch_seed(self.seed, n as u32);
            let children = (seed >> 33) % CHILDREN + 1;
            json_line(&Family::from_seed(seed, self.as_of, children as usize, CHILD_AGES))
        };
        let path = self.out.join("families.jsonl");
        write_lines(&path, 0..self.families, interrupt, &ProgressBar::hidden(), line)
    }

    /// Prints made and prints left as they were; the sheet on the way.
    fn write_prints(
        &self,
        population: &Population,
        console: &Console,
        interrupt: &Interrupt,
    ) -> anyhow::Result<(u64, u64)> {
        let first = self.first - 1;
        let shown = if self.sheet.is_some() { (self.count - first).min(MOST_ON_SHEET) } else { 0 };
        let printed = if self.prints > 0 { self.count } else { first + shown };
        if printed == first {
            return Ok((0, 0));
        }
        let bar = console.progress(printed - first, "growing fingers");
        let work = |i: u64, show: bool| {
            interrupt.check()?;
            let hands = self.hands(population, i, show)?;
            bar.inc(1);
            Ok(hands)
        };
        let rows =
            (first..first + shown).into_par_iter().map(|i| work(i, true)).collect::<anyhow::Result<Vec<Hands>>>()?;
        let sum = |a: (u64, u64), b: (u64, u64)| (a.0 + b.0, a.1 + b.1);
        let rest = (first + shown..printed)
            .into_par_iter()
            .map(|i| work(i, false).map(|hands| hands.prints))
            .try_reduce(|| (0, 0), |a, b| anyhow::Ok(sum(a, b)))?;
        bar.finish_and_clear();
        if let Some(path) = &self.sheet {
            write(path, &encode_png(&sheet(&rows)))?;
        }
        Ok(rows.iter().map(|r| r.prints).fold(rest, sum))
    }

    fn hands(&self, population: &Population, i: u64, show: bool) -> anyhow::Result<Hands> {
        let person = population.person(i);
        let folder = self.out.join(numbered(i, self.count));
        if self.prints > 0 {
            make_folder(&folder)?;
        }
        let laid: Vec<Finger> = person.capturable_fingers().collect();
        let mut hands = Hands {
            number: i + 1,
            age: person.born.age_at(self.as_of).max(0).unsigned_abs(),
            cells: std::array::from_fn(|_| Cell::Missing),
            prints: (0, 0),
        };
        for (state, cell) in person.fingers.iter().zip(&mut hands.cells) {
            let FingerState::Present { spec, seed } = state else { continue };
            if !laid.contains(&spec.finger) {
                *cell = Cell::Covered;
                continue;
            }
            let names = (0..self.prints).map(|k| (k, format!("{}_{}", spec.finger.name(), k + 1)));
            // The truth is written last: where it is, the print is whole.
            let (there, wanted): (Vec<_>, Vec<_>) =
                names.partition(|(_, name)| self.resume && folder.join(format!("{name}.json")).exists());
            hands.prints.1 += there.len() as u64;
            if wanted.is_empty() && !show {
                continue;
            }
            let master = MasterFinger::with_method(*seed, *spec, self.mode.method());
            for (k, name) in wanted {
                write_impression(&master.touch(self.preset, touch_seed(*seed, k)), &folder, &name)?;
                hands.prints.0 += 1;
            }
            if show {
                *cell = Cell::Print(reduced(&master.touch(self.preset, touch_seed(*seed, 0)).image));
            }
        }
        Ok(hands)
    }
}

/// Lines made in any order and written in their own.
fn write_lines(
    path: &Path,
    numbers: Range<u64>,
    interrupt: &Interrupt,
    bar: &ProgressBar,
    line: impl Fn(u64) -> anyhow::Result<Vec<u8>> + Sync,
) -> anyhow::Result<()> {
    let mut file = OutFile::create(path)?;
    let mut begin = numbers.start;
    while begin < numbers.end {
        interrupt.check()?;
        let end = (begin + CHUNK).min(numbers.end);
        for line in (begin..end).into_par_iter().map(&line).collect::<anyhow::Result<Vec<_>>>()? {
            file.write_all(&line).with_context(|| format!("cannot write {}; is the disk full?", path.display()))?;
        }
        bar.inc(end - begin);
        begin = end;
    }
    file.finish()
}

fn json_line(value: &impl Serialize) -> anyhow::Result<Vec<u8>> {
    let mut line = Vec::with_capacity(8192);
    serde_json::to_writer(&mut line, value)?;
    line.push(b'\n');
    Ok(line)
}

/// Ages as `LO-HI`.
fn parse_ages(text: &str) -> Result<(u8, u8), String> {
    let age = |part: &str| part.parse::<u8>().ok().filter(|a| *a <= 104);
    match text.split_once('-').map(|(low, high)| (age(low), age(high))) {
        Some((Some(low), Some(high))) if low <= high => Ok((low, high)),
        _ => Err("ages are written as 16-79: the least, a hyphen and the greatest, within 0 and 104".to_owned()),
    }
}

/// One person's row.
struct Hands {
    number: u64,
    age: u32,
    cells: [Cell; 10],
    /// Prints made, and prints left as they were.
    prints: (u64, u64),
}

/// What is shown of a finger.
enum Cell {
    Print(Gray8),
    /// There, but bandaged or stiff.
    Covered,
    Missing,
}

/// The side of a finger's cell, pixels: prints are shown at a third of their size.
const CELL: (usize, usize) = (112, 136);
/// Times that a print is made smaller.
const REDUCTION: usize = 3;
const GAP: usize = 4;
/// Between the hands, and before the first, where number and age stand.
const HAND_GAP: usize = 20;
const MARGIN: usize = 104;
const PAPER: u8 = 255;
const FRAME: u8 = 205;
const INK: u8 = 60;
/// Dots to a side of the font's dot, for the number and for the age.
const NUMBER_SCALE: usize = 2;

/// A third of the size, each pixel the mean of nine.
fn reduced(image: &Gray8) -> Gray8 {
    let (width, height) = ((image.width() / REDUCTION).max(1), (image.height() / REDUCTION).max(1));
    let pixels = (0..width * height)
        .map(|i| {
            let (left, top) = (i % width * REDUCTION, i / width * REDUCTION);
            let mut sum = 0;
            let mut count = 0;
            for y in top..(top + REDUCTION).min(image.height()) {
                for x in left..(left + REDUCTION).min(image.width()) {
                    sum += u32::from(image.pixels()[y * image.width() + x]);
                    count += 1;
                }
            }
            (sum / count) as u8
        })
        .collect();
    // One byte for each of at least one pixel.
    Gray8::new(width, height, Ppi::NOMINAL, pixels).unwrap_or_else(|_| image.clone())
}

/// A row for each person: the number, the age under it, the right hand from the thumb on, the left hand likewise. A missing finger is crossed out,
/// a covered one is hatched.
fn sheet(rows: &[Hands]) -> Gray8 {
    let step = (CELL.0 + GAP, CELL.1 + GAP);
    let width = MARGIN + 10 * step.0 + HAND_GAP + GAP;
    let height = rows.len().max(1) * step.1 + GAP;
    let mut canvas = Canvas { width, height, pixels: vec![PAPER; width * height] };
    for (r, row) in rows.iter().enumerate() {
        let top = GAP + r * step.1;
        canvas.digits(&row.number.to_string(), (10, top + CELL.1 / 2 - 24), NUMBER_SCALE, INK);
        canvas.digits(&row.age.to_string(), (10, top + CELL.1 / 2 + 6), NUMBER_SCALE, 150);
        for (f, cell) in row.cells.iter().enumerate() {
            let left = MARGIN + f * step.0 + if f >= 5 { HAND_GAP } else { 0 };
            canvas.frame((left, top), CELL);
            match cell {
                Cell::Print(image) => canvas.paste(image, (left, top)),
                Cell::Covered => canvas.fill((left, top), |x, y| (x + y) % 10 < 2),
                Cell::Missing => canvas.fill((left, top), |x, y| {
                    // Both diagonals, two pixels wide.
                    let along = x * CELL.1;
                    along.abs_diff(y * CELL.0) < CELL.1 || along.abs_diff((CELL.1 - y) * CELL.0) < CELL.1
                }),
            }
        }
    }
    Gray8::new(width, height, Ppi::NOMINAL, canvas.pixels).expect("one byte per pixel, no empty side")
}

struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Canvas {
    fn set(&mut self, x: usize, y: usize, gray: u8) {
        if x < self.width && y < self.height {
            self.pixels[y * self.width + x] = gray;
        }
    }

    fn frame(&mut self, (left, top): (usize, usize), (width, height): (usize, usize)) {
        for x in left..left + width {
            self.set(x, top, FRAME);
            self.set(x, top + height - 1, FRAME);
        }
        for y in top..top + height {
            self.set(left, y, FRAME);
            self.set(left + width - 1, y, FRAME);
        }
    }

    /// In the middle of a cell, cut to it.
    fn paste(&mut self, image: &Gray8, (left, top): (usize, usize)) {
        let (wide, high) = (image.width().min(CELL.0 - 2), image.height().min(CELL.1 - 2));
        let (dx, dy) = (left + (CELL.0 - wide) / 2, top + (CELL.1 - high) / 2);
        let (sx, sy) = ((image.width() - wide) / 2, (image.height() - high) / 2);
        for y in 0..high {
            for x in 0..wide {
                self.set(dx + x, dy + y, image.pixels()[(sy + y) * image.width() + sx + x]);
            }
        }
    }

    fn fill(&mut self, (left, top): (usize, usize), inked: impl Fn(usize, usize) -> bool) {
        for y in 1..CELL.1 - 1 {
            for x in 1..CELL.0 - 1 {
                if inked(x, y) {
                    self.set(left + x, top + y, FRAME);
                }
            }
        }
    }

    /// Digits of five dots by seven.
    fn digits(&mut self, text: &str, (left, top): (usize, usize), scale: usize, gray: u8) {
        for (n, digit) in text.bytes().filter(u8::is_ascii_digit).enumerate() {
            for (row, dots) in DIGITS[usize::from(digit - b'0')].iter().enumerate() {
                for column in (0..5).filter(|c| dots >> (4 - c) & 1 == 1) {
                    for i in 0..scale * scale {
                        let x = left + (n * 6 + column) * scale + i % scale;
                        self.set(x, top + row * scale + i / scale, gray);
                    }
                }
            }
        }
    }
}

/// Rows of each digit, the leftmost dot the highest of five bits.
const DIGITS: [[u8; 7]; 10] = [
    [0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110],
    [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
    [0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111],
    [0b01110, 0b10001, 0b00001, 0b00110, 0b00001, 0b10001, 0b01110],
    [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010],
    [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110],
    [0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110],
    [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000],
    [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110],
    [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_read_or_refused_with_what_is_allowed() {
        assert_eq!(parse_ages("0-104"), Ok((0, 104)));
        for wrong in ["16", "79-16", "16-105", "a-b", "-", ""] {
            assert!(parse_ages(wrong).unwrap_err().contains("within 0 and 104"), "{wrong}");
        }
    }

    #[test]
    fn a_sheet_shows_what_there_is_of_each_finger() {
        let print = Gray8::new(330, 400, Ppi::NOMINAL, vec![7; 330 * 400]).unwrap();
        let mut cells: [Cell; 10] = std::array::from_fn(|_| Cell::Missing);
        cells[0] = Cell::Print(reduced(&print));
        cells[1] = Cell::Covered;
        let image = sheet(&[Hands { number: 1234, age: 56, cells, prints: (0, 0) }]);
        let dark = |finger: usize| {
            let left = MARGIN + finger * (CELL.0 + GAP);
            let at = |i: usize| image.pixels()[(GAP + i / CELL.0) * image.width() + left + i % CELL.0];
            (0..CELL.0 * CELL.1).filter(|&i| at(i) == 7).count()
        };
        assert_eq!((dark(0), dark(1)), (110 * 133, 0));
        assert!(image.pixels().iter().filter(|p| **p == INK).count() > 100);
    }
}
