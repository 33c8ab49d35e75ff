//! Prints, slaps and templates of nobody: every form of the output holds what the generator knows, and nothing is half written.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tanba_finger::{MinutiaKind, Template, iso};
use tanba_formats::{Finger, image, iso19794_2};
use tanba_synth::{
    FingerState, Impression, ImpressionParams, ImpressionPreset, MasterFinger, PatternClass, Population, RidgeMethod,
    TruthRecord,
};
use tempfile::tempdir;

use crate::program::{answer, refusal, stderr, tanba};

/// Every file of a folder by name.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap());
    entries.map(|e| (e.file_name().into_string().unwrap(), std::fs::read(e.path()).unwrap())).collect()
}

fn args(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// `tanba synth ...` with so many threads.
fn synth(here: &Path, threads: &str, text: &str) -> std::process::Output {
    let output = Command::new(env!("CARGO_BIN_EXE_tanba"))
        .current_dir(here)
        .arg("synth")
        .args(args(text))
        .env("RAYON_NUM_THREADS", threads)
        .env_remove("RUST_LOG")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    output
}

/// Impression `k` of finger `i`, both from 0, made by the library as the command promises.
fn made(seed: u64, i: u64, k: u64, preset: ImpressionPreset, ppi: u16) -> (MasterFinger, Impression) {
    let person = Population::new(seed, 1000, (2026, 1, 1)).person(i);
    let FingerState::Present { spec, seed } = person.fingers[(i % 10) as usize] else {
        panic!("choose a seed whose people have these fingers")
    };
    let master = MasterFinger::with_method(seed, spec, RidgeMethod::Phase);
    let touch = seed.wrapping_add((k + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let params = ImpressionParams { ppi, ..ImpressionParams::draw(preset, touch) };
    let impression = master.impression(&params, touch);
    (master, impression)
}

/// An array as NumPy's format 1.0 has it: type, shape, values.
fn npy(bytes: &[u8]) -> (String, (usize, usize), &[u8]) {
    assert_eq!((&bytes[..8], bytes.len() >= 64), (&b"\x93NUMPY\x01\x00"[..], true));
    let end = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    assert_eq!(end % 64, 0);
    let heading = std::str::from_utf8(&bytes[10..end]).unwrap();
    assert!(heading.contains("'fortran_order': False"), "{heading}");
    let between = |from: &str, to: char| heading.split_once(from).unwrap().1.split_once(to).unwrap().0.to_owned();
    let shape: Vec<usize> = between("'shape': (", ')').split(", ").map(|n| n.parse().unwrap()).collect();
    (between("'descr': '", '\''), (shape[0], shape[1]), &bytes[end..])
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect()
}

#[test]
fn every_form_of_the_truth_says_what_the_generator_knows() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    let got = answer(
        here,
        &args("synth prints --count 2 --impressions 2 --seed 21 --ppi 800 --cell 12 --truth json,fmr,npy --out a"),
    );
    assert_eq!((&got["fingers"], &got["impressions"], &got["ppi"]), (&json!(2), &json!(4), &json!(800)));
    let a = files(&here.join("a"));
    assert_eq!(a.len(), 4 * (2 + 1 + 4));
    let mut visible = 0;
    for (i, k) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let (master, impression) = made(21, i, k, ImpressionPreset::FvcLike, 800);
        let file = |ending: &str| &a[&format!("{:03}_{}{ending}", i + 1, k + 1)];
        let read = image::read(file(".png"), &Default::default()).unwrap().value;
        assert_eq!(read.pixels(), impression.image.pixels());
        assert!((read.ppi().get() - 800.0).abs() < 0.1);

        let record = impression.truth_record();
        assert!(serde_json::from_slice::<TruthRecord>(file(".json")).unwrap() == record);
        let told: Value = serde_json::from_slice(file(".json")).unwrap();
        assert_eq!((&told["mode"], &told["preset"]), (&json!("fast"), &json!("fvc-like")));

        let template = iso::from_record(&iso19794_2::read(file(".fmr")).unwrap().value, 0).unwrap();
        let seen: Vec<_> = record.minutiae.iter().filter(|m| m.visible).collect();
        visible += seen.len();
        assert_eq!((template.minutiae.len(), template.width), (seen.len(), 388));
        for (m, t) in template.minutiae.iter().zip(&seen) {
            assert!((m.x - t.x / 1.6).abs() < 0.51 && (m.y - t.y / 1.6).abs() < 0.51, "{m:?} {t:?}");
        }

        let fields = impression.fields(&master, 12);
        let shape = (fields.rows, fields.columns);
        assert_eq!(shape, (665_usize.div_ceil(12), 620_usize.div_ceil(12)));
        for (name, values) in [("_orientation", &fields.orientation), ("_period", &fields.period)] {
            let (descr, given, bytes) = npy(file(&format!("{name}.npy")));
            assert_eq!((&*descr, given, floats(bytes)), ("<f4", shape, values.clone()), "{name}");
        }
        assert_eq!(npy(file("_mask.npy")), ("|u1".to_owned(), shape, &fields.mask[..]));
        let (descr, given, bytes) = npy(file("_minutiae.npy"));
        assert_eq!((&*descr, given), ("<f4", (record.minutiae.len(), 5)));
        for (row, m) in floats(bytes).chunks(5).zip(&record.minutiae) {
            let kind = if m.kind == MinutiaKind::Ending { 1.0 } else { 2.0 };
            assert_eq!(row, [m.x, m.y, m.direction, kind, f32::from(u8::from(m.visible))]);
        }
    }
    assert_eq!(got["minutiae"], visible);
}

#[test]
fn raw_rows_hold_the_pixels_of_the_picture_and_none_leaves_the_truth_alone() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    answer(here, &args("synth prints --count 1 --seed 4 --image raw --out raw"));
    answer(here, &args("synth prints --count 1 --seed 4 --out png"));
    answer(here, &args("synth prints --count 1 --seed 4 --image none --out none"));
    let (raw, png, none) = (files(&here.join("raw")), files(&here.join("png")), files(&here.join("none")));
    let told: Value = serde_json::from_slice(&raw["001_1.json"]).unwrap();
    let picture = image::read(&png["001_1.png"], &Default::default()).unwrap().value;
    assert_eq!(raw["001_1.raw"], picture.pixels());
    assert_eq!(told["width"].as_u64().unwrap() * told["height"].as_u64().unwrap(), raw["001_1.raw"].len() as u64);
    assert_eq!(none.keys().collect::<Vec<_>>(), ["001_1.json"]);
    assert!(none["001_1.json"] == raw["001_1.json"] && none["001_1.json"] == png["001_1.json"]);
    refusal(here, &args("synth prints --count 1 --seed 4 --image raw --truth npy --out x"), "--truth json");
}

/// What one record of a stream holds.
struct Record<'a> {
    finger: u64,
    impression: u32,
    position: u8,
    class: u8,
    name: &'a str,
    size: (usize, usize),
    ppi: u32,
    grid: (usize, usize, usize),
    pixels: &'a [u8],
    ridges: Vec<i8>,
    orientation: Vec<f32>,
    period: Vec<f32>,
    mask: &'a [u8],
    minutiae: Vec<(f32, f32, f32, u8, u8, u16)>,
    cores: Vec<(f32, f32)>,
    deltas: Vec<(f32, f32)>,
}

/// Reads a stream by its description alone; whether its end is there.
fn read_stream(mut bytes: &[u8]) -> (Vec<Record<'_>>, bool) {
    fn take<'a>(bytes: &mut &'a [u8], n: usize) -> &'a [u8] {
        bytes.split_off(..n).expect("a whole record")
    }
    fn number(bytes: &mut &[u8]) -> usize {
        u32::from_le_bytes(take(bytes, 4).try_into().unwrap()) as usize
    }
    assert_eq!(take(&mut bytes, 12), b"TANBASYN\x03\0\0\0");
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let length = number(&mut bytes);
        if length == 0 {
            assert!(bytes.is_empty());
            return (records, true);
        }
        let r = &mut take(&mut bytes, length);
        let finger = u64::from_le_bytes(take(r, 8).try_into().unwrap());
        let impression = number(r) as u32;
        let (position, class) = (take(r, 1)[0], take(r, 1)[0]);
        let name = usize::from(u16::from_le_bytes(take(r, 2).try_into().unwrap()));
        let (width, height, ppi) = (number(r), number(r), number(r) as u32);
        let (cell, columns, rows) = (number(r), number(r), number(r));
        let (minutiae, cores, deltas) = (number(r), number(r), number(r));
        let points = |bytes: &[u8]| bytes.chunks(8).map(|b| (floats(b)[0], floats(b)[1])).collect();
        records.push(Record {
            finger,
            impression,
            position,
            class,
            name: std::str::from_utf8(take(r, name)).unwrap(),
            size: (width, height),
            ppi,
            grid: (cell, columns, rows),
            pixels: take(r, width * height),
            ridges: take(r, width * height).iter().map(|v| v.cast_signed()).collect(),
            orientation: floats(take(r, 4 * columns * rows)),
            period: floats(take(r, 4 * columns * rows)),
            mask: take(r, columns * rows),
            minutiae: take(r, 16 * minutiae)
                .chunks(16)
                .map(|b| {
                    let number = u16::from_le_bytes([b[14], b[15]]);
                    (floats(&b[..4])[0], floats(&b[4..8])[0], floats(&b[8..12])[0], b[12], b[13], number)
                })
                .collect(),
            cores: points(take(r, 8 * cores)),
            deltas: points(take(r, 8 * deltas)),
        });
        assert!(r.is_empty());
    }
    (records, false)
}

#[test]
fn a_stream_reads_back_as_the_generator_made_it_in_order_on_any_number_of_threads() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    let what = "prints --count 3 --impressions 40 --seed 31 --preset capacitive --cell 10";
    let one = synth(here, "1", &format!("{what} --stream -")).stdout;
    let three = synth(here, "3", &format!("{what} --stream whole"));
    assert!(one == std::fs::read(here.join("whole")).unwrap());
    assert!(String::from_utf8_lossy(&three.stdout).contains("120 prints"));
    let (records, whole) = read_stream(&one);
    assert!(whole);
    let order: Vec<_> = records.iter().map(|r| (r.finger, r.impression)).collect();
    assert_eq!(order, (1..=3).flat_map(|i| (1..=40).map(move |k| (i, k))).collect::<Vec<_>>());
    for r in records.iter().filter(|r| [1, 33, 40].contains(&r.impression)) {
        let (master, impression) =
            made(31, r.finger - 1, u64::from(r.impression) - 1, ImpressionPreset::Capacitive, 500);
        let (fields, truth) = (impression.fields(&master, 10), impression.truth_record());
        assert_eq!(r.name, format!("{:03}_{}", r.finger, r.impression));
        assert_eq!((r.position, r.ppi), (truth.finger.code(), 500));
        assert_eq!(PatternClass::ALL[usize::from(r.class)], truth.class);
        assert_eq!(r.size, (impression.image.width(), impression.image.height()));
        assert_eq!(r.pixels, impression.image.pixels());
        assert_eq!(r.ridges, impression.true_ridges());
        assert_eq!(r.grid, (10, fields.columns, fields.rows));
        assert!(r.orientation == fields.orientation && r.period == fields.period && r.mask == fields.mask);
        let kind = |m: MinutiaKind| if m == MinutiaKind::Ending { 1 } else { 2 };
        let minutiae: Vec<_> = truth
            .minutiae
            .iter()
            .map(|m| (m.x, m.y, m.direction, kind(m.kind), u8::from(m.visible), m.number))
            .collect();
        assert_eq!((&r.minutiae, &r.cores, &r.deltas), (&minutiae, &truth.cores, &truth.deltas));
    }

    // The last finger alone is the end of the whole.
    let last = synth(here, "2", &format!("{what} --first 3 --stream -")).stdout;
    let (last, _) = read_stream(&last);
    assert_eq!(last.len(), 40);
    assert!(last.iter().zip(&records[80..]).all(|(a, b)| a.name == b.name && a.pixels == b.pixels));
}

#[test]
fn standard_output_carries_the_stream_alone_and_may_be_closed() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    let output = tanba(here, &args("synth prints --count 1 --seed 2 --stream - --json"));
    assert!(output.status.success() && read_stream(&output.stdout).1);
    let told: Value = serde_json::from_str(stderr(&output).trim()).unwrap();
    assert_eq!(told["impressions"], 1);

    let mut child = Command::new(env!("CARGO_BIN_EXE_tanba"))
        .current_dir(here)
        .args(args("synth prints --count 1000000 --seed 2 --preset capacitive --stream -"))
        .env_remove("RUST_LOG")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut begin = [0; 5000];
    child.stdout.take().unwrap().read_exact(&mut begin).unwrap();
    assert!(begin.starts_with(b"TANBASYN"));
    // The pipe is closed now.
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", stderr(&output));
}

#[test]
fn a_part_of_a_population_is_that_part_of_the_whole() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    for (command, endings) in
        [("prints --impressions 2 --truth json,npy", 6 * 2), ("slaps --hand left", 2), ("templates --impressions 3", 3)]
    {
        synth(here, "1", &format!("{command} --count 3 --seed 8 --out whole"));
        synth(here, "2", &format!("{command} --count 3 --seed 8 --first 2 --out part"));
        let (mut whole, part) = (files(&here.join("whole")), files(&here.join("part")));
        whole.retain(|name, _| !name.starts_with("001"));
        assert_eq!(part.len(), 2 * endings, "{command}");
        assert!(whole == part, "{command}");
        refusal(here, &args(&format!("synth {command} --count 3 --seed 8 --first 4 --out part")), "give 1 to 3");
        std::fs::remove_dir_all(here.join("whole")).unwrap();
        std::fs::remove_dir_all(here.join("part")).unwrap();
    }
}

#[test]
fn what_an_interrupted_run_left_is_kept_and_the_rest_is_made() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    for (command, lost, other) in [
        ("prints --impressions 2 --truth json,fmr", ["001_2.json", "003_1.fmr"], "prints --impressions 2 --ppi 300"),
        ("slaps --hand thumbs", ["001_thumbs.json", "002_thumbs.png"], "slaps --hand thumbs --mode growth"),
        ("templates --impressions 2", ["002_2.tanba", "003_2.tanba"], "templates --impressions 2 --preset hard"),
    ] {
        let run = |rest: &str| answer(here, &args(&format!("synth {command} --count 3 --seed 8 --out set {rest}")));
        let all = run("");
        assert_eq!(all["kept"], 0);
        let whole = files(&here.join("set"));
        lost.iter().for_each(|name| std::fs::remove_file(here.join("set").join(name)).unwrap());
        let untouched =
            here.join("set").join(whole.keys().find(|n| n.starts_with("002_1") || n.starts_with("003_t")).unwrap());
        let before = std::fs::metadata(&untouched).unwrap().modified().unwrap();
        let again = run("--resume");
        assert!(files(&here.join("set")) == whole, "{command}");
        let each = if command.starts_with("slaps") { 1 } else { 2 };
        assert_eq!((&again["kept"], &again["minutiae"]), (&json!(3 * each - 2), &all["minutiae"]), "{command}");
        assert_eq!(std::fs::metadata(&untouched).unwrap().modified().unwrap(), before);
        // Two runs are never mixed.
        let mixed = format!("synth {other} --count 3 --seed 8 --out set --resume");
        refusal(here, &args(&mixed), "is of a run with another --seed");
        std::fs::remove_dir_all(here.join("set")).unwrap();
    }
}

#[test]
fn a_slap_tells_where_each_finger_lies() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    let got = answer(here, &args("synth slaps --count 2 --seed 12 --ppi 300 --out s --sheet s.png"));
    assert_eq!((&got["slaps"], &got["people"]), (&json!(4), &json!(2)));
    let s = files(&here.join("s"));
    assert_eq!(s.len(), 8);
    let population = Population::new(12, 2, (2026, 1, 1));
    for (person, hand) in [(0, "right"), (0, "left"), (1, "right"), (1, "left")] {
        let name = format!("{:03}_{hand}", person + 1);
        let picture = image::read(&s[&format!("{name}.png")], &Default::default()).unwrap().value;
        assert_eq!((picture.width(), picture.height()), (960, 900));
        let told: Value = serde_json::from_slice(&s[&format!("{name}.json")]).unwrap();
        assert_eq!((&told["width"], &told["height"], &told["hand"]), (&json!(960), &json!(900), &json!(hand)));
        let fingers = told["fingers"].as_array().unwrap();
        let shown: Vec<&str> = fingers.iter().map(|f| f["finger"].as_str().unwrap()).collect();
        let own: Vec<&str> = population.person(person).capturable_fingers().map(Finger::name).collect();
        let missing =
            [told["missing"].as_array().unwrap().clone(), told["unable"].as_array().unwrap().clone()].concat();
        assert_eq!(shown.len() + missing.len(), 4);
        assert!(shown.iter().all(|f| f.starts_with(hand) && own.contains(f)), "{shown:?}");
        assert!(missing.iter().all(|f| !own.contains(&f.as_str().unwrap())), "{missing:?}");
        for finger in fingers {
            let at = |v: &Value, i: usize| v[i].as_f64().unwrap();
            // Visible minutiae lie on dark skin inside the outline.
            let corners: Vec<(f64, f64)> =
                finger["outline"].as_array().unwrap().iter().map(|c| (at(c, 0), at(c, 1))).collect();
            let inside = |x: f64, y: f64| {
                (0..4).all(|i| {
                    let (a, b) = (corners[i], corners[(i + 1) % 4]);
                    (b.0 - a.0) * (y - a.1) - (b.1 - a.1) * (x - a.0) > -8.0 * 200.0
                })
            };
            let (mut seen, mut gray) = (0, 0.0);
            for m in finger["minutiae"].as_array().unwrap().iter().filter(|m| m["visible"] == true) {
                let (x, y) = (m["x"].as_f64().unwrap(), m["y"].as_f64().unwrap());
                assert!(inside(x, y), "{name} {} ({x}, {y}) {corners:?}", finger["finger"]);
                let (column, row) = (x as usize, y as usize);
                let near = (row.max(4) - 4..(row + 5).min(900))
                    .flat_map(|r| (column.max(4) - 4..(column + 5).min(960)).map(move |c| (r, c)));
                gray += f64::from(near.map(|(r, c)| picture.pixels()[r * 960 + c]).min().unwrap());
                seen += 1;
            }
            assert!(seen > 5 && gray / f64::from(seen) < 160.0, "{name} {seen} {gray}");
        }
    }
    assert!(image::read(&std::fs::read(here.join("s.png")).unwrap(), &Default::default()).unwrap().value.width() > 960);
}

#[test]
fn one_file_holds_the_templates_of_the_many() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    let what = "templates --count 150 --impressions 2 --seed 5 --first 3";
    synth(here, "1", &format!("{what} --out many"));
    synth(here, "3", &format!("{what} --form bin --out one"));
    synth(here, "1", &format!("{what} --form bin --out again"));
    let (many, one) = (files(&here.join("many")), files(&here.join("one")));
    assert!(one == files(&here.join("again")));
    let mut bytes = one["templates.bin"].strip_prefix(b"TANBATPL\x01\0\0\0").unwrap();
    let mut names = Vec::new();
    loop {
        let (length, rest) = bytes.split_first_chunk::<4>().unwrap();
        let (record, rest) = rest.split_at(u32::from_le_bytes(*length) as usize);
        bytes = rest;
        if record.is_empty() {
            break;
        }
        let finger = u64::from_le_bytes(record[..8].try_into().unwrap());
        let impression = u32::from_le_bytes(record[8..12].try_into().unwrap());
        let name = format!("{finger:03}_{impression}.tanba");
        assert_eq!(&many[&name], &record[13..]);
        assert!((1..=10).contains(&record[12]) && Template::from_bytes(&record[13..]).is_ok());
        names.push(name);
    }
    assert!(bytes.is_empty());
    assert_eq!(names, many.keys().cloned().collect::<Vec<_>>());
    refusal(here, &args(&format!("synth {what} --form bin --resume --out one")), "--first");
}

#[test]
fn a_place_that_cannot_be_written_is_told_before_the_work() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    std::fs::write(here.join("file"), "x").unwrap();
    std::fs::create_dir(here.join("folder")).unwrap();
    // These would take days.
    for command in ["prints --impressions 1000", "slaps", "templates --impressions 1000"] {
        let days = format!("synth {command} --count 1000000 --seed 1");
        refusal(here, &args(&format!("{days} --out file")), "cannot make the folder file");
        refusal(here, &args(&format!("{days} --out file/a")), "cannot make the folder file/a");
    }
    for command in ["prints --impressions 1000", "slaps"] {
        let days = format!("synth {command} --count 1000000 --seed 1 --out set");
        refusal(here, &args(&format!("{days} --sheet no/such.png")), "no/such.png");
        refusal(here, &args(&format!("{days} --sheet folder")), "is a folder");
    }
    refusal(here, &args("synth prints --count 1000000 --seed 1 --stream no/such"), "no/such");
    refusal(here, &args("synth prints --count 1000000 --seed 1 --stream folder"), "is a folder");
    assert!(files(&here.join("set")).is_empty());
}

#[test]
fn numbers_out_of_range_are_refused_with_the_range() {
    let folder = tempdir().unwrap();
    for (given, range) in [
        ("prints --count 0", "1..=1000000"),
        ("prints --count 1 --impressions 1001", "1..=1000"),
        ("prints --count 1 --ppi 249", "250..=1000"),
        ("prints --count 1 --ppi 1001", "250..=1000"),
        ("prints --count 1 --cell 0", "1..=64"),
        ("prints --count 1 --cell 65", "1..=64"),
        ("prints --count 1 --truth xml", "json, fmr, npy"),
        ("prints --count 1 --image bmp", "png, raw, none"),
        ("prints --count 1 --mode slow", "fast, growth"),
        ("prints --count 1 --preset nice", "fvc-like"),
        ("slaps --count 1 --ppi 2000", "250..=1000"),
        ("slaps --count 1 --hand middle", "right, left, both, thumbs"),
        ("templates --count 1 --form xml", "tanba, fmr, bin"),
    ] {
        let output = tanba(folder.path(), &args(&format!("synth {given} --seed 1 --out x")));
        assert_eq!(output.status.code(), Some(2), "{given}");
        assert!(stderr(&output).contains(range), "{given}: {}", stderr(&output));
    }
    for wrong in ["--out x --stream -", "--resume --stream -", "--sheet a --stream -", ""] {
        let output = tanba(folder.path(), &args(&format!("synth prints --count 1 --seed 1 {wrong}")));
        assert_eq!(output.status.code(), Some(2), "{wrong}");
    }
    assert!(files(folder.path()).is_empty());
}
