use std::time::Instant;
use tanba_finger::slap::{self, SlapKind, SlapRequest, score::*};
use tanba_formats::image::{encode_png_fast, encode_png_rgb};
use tanba_formats::{Finger, Gray8};
use tanba_synth::*;

fn draw(image: &Gray8, boxes: &[(Vec<(f32, f32)>, [u8; 3])], path: &str) {
    let z = 3usize;
    let (w, h) = (image.width() / z, image.height() / z);
    let mut px = vec![0u8; w * h * 3];
    for y in 0..h { for x in 0..w {
        let mut s = 0u32; for j in 0..z { for i in 0..z { s += image.pixels()[(y*z+j) * image.width() + x*z+i] as u32; } }
        for k in 0..3 { px[3*(y*w+x)+k] = (s / (z*z) as u32) as u8; } } }
    for (b, c) in boxes { for k in 0..b.len() { let (p, q) = (b[k], b[(k+1) % b.len()]);
        let n = 600; for t in 0..=n { let f = t as f32 / n as f32; let (x, y) = (((p.0 + (q.0-p.0)*f)/z as f32) as i32, ((p.1 + (q.1-p.1)*f)/z as f32) as i32);
        let wd = if k == 0 { 2 } else { 1 };
        for dy in 0..wd { for dx in 0..wd { let (x, y) = (x+dx, y+dy); if x >= 0 && y >= 0 && (x as usize) < w && (y as usize) < h { let i = 3*(y as usize*w+x as usize); px[i..i+3].copy_from_slice(c); } } } } } }
    std::fs::write(path, encode_png_rgb(w as u32, h as u32, &px).unwrap()).unwrap();
}

fn main() {
    let a: Vec<String> = std::env::args().collect();
    if a[1] == "synth" {
        let s = 77; let fs = &Finger::TEN[1..5];
        let ms: Vec<MasterFinger> = fs.iter().map(|f| MasterFinger::from_seed(s*10+f.code() as u64, FingerSpec::of(*f))).collect();
        let preset = ImpressionPreset::from_name(&a[3]).unwrap();
        let slap = Slap::taken(&ms, &SlapParams::draw(s), SlapTaking { preset, joints: true }, s);
        std::fs::write(&a[2], encode_png_fast(&slap.image)).unwrap();
        println!("{:?}", slap.fingers[1].outline);
        return;
    }
    if a[1] == "real" {
        for f in &a[3..] {
            let kind = match a[2].as_str() { "right" => SlapKind::RightFour, "left" => SlapKind::LeftFour, "thumbs" => SlapKind::Thumbs, "single" => SlapKind::Single, _ => SlapKind::Unknown };
            let img = tanba_formats::image::read(&std::fs::read(f).unwrap(), &Default::default()).unwrap().value;
            let t = Instant::now();
            if a[2] == "card" {
                let card = slap::card::segment_card(&img, &[]).unwrap();
                println!("{f} {}ms", t.elapsed().as_millis());
                for g in card.rolled.iter().chain(&card.plain) { println!("   {:?} {:?} {:?} r{:.2} c{:.2}", g.finger, g.centre, g.half, g.rotation, g.confidence); }
                for g in &card.findings { println!("   ! {}", g.message()); }
                let mut b: Vec<_> = card.boxes.iter().map(|b| (vec![(b[0],b[1]),(b[2],b[1]),(b[2],b[3]),(b[0],b[3])], [0u8, 0, 220])).collect();
                b.extend(card.rolled.iter().chain(&card.plain).map(|g| (g.polygon().to_vec(), [220, 0, 0])));
                draw(&img, &b, "/tmp/slaps/out/card.png");
                continue;
            }
            let seg = slap::segment(&img, &SlapRequest { kind, missing: vec![] }).unwrap();
            println!("{f} {}ms {:?} rot {:.2}", t.elapsed().as_millis(), seg.kind, seg.rotation);
            for g in &seg.fingers { println!("   {:?} {:?} {:?} r{:.2} c{:.2}", g.finger, g.centre, g.half, g.rotation, g.confidence); }
            for g in &seg.findings { println!("   ! {}", g.message()); }
            let name = std::path::Path::new(f).file_stem().unwrap().to_str().unwrap().to_owned();
            draw(&img, &seg.fingers.iter().map(|g| (g.polygon().to_vec(), [220, 0, 0])).collect::<Vec<_>>(), &format!("/tmp/slaps/out/{name}.png"));
        }
        return;
    }
    let seed: u64 = a[1].parse().unwrap(); let n: u64 = a[2].parse().unwrap(); let ask = a.get(3).map(|s| s.as_str()) == Some("ask");
    let only: Option<u64> = a.get(4).and_then(|s| s.parse().ok());
    let (mut ok, mut kindok, mut noticed, mut short, mut ms) = (0, 0, 0, 0, Vec::new());
    for k in only.map_or(0..n, |o| o..o+1) {
        let s = seed * 1000 + k;
        let which = k % 3;
        let all: Vec<Finger> = match which { 0 => Finger::TEN[1..5].to_vec(), 1 => Finger::TEN[6..10].to_vec(), _ => vec![Finger::TEN[0], Finger::TEN[5]] };
        let h = |m: u64| s.wrapping_mul(0x9E3779B97F4A7C15).rotate_left(17).wrapping_mul(0xD6E8FEB86659FD93).rotate_left(m as u32 * 7) >> 40;
        let rot = (h(1) % 1000) as f32 / 1000.0 * 1.05 - 0.525;
        let preset = [ImpressionPreset::SlapFinger, ImpressionPreset::Ink, ImpressionPreset::FvcLike, ImpressionPreset::Hard][(h(2) % 4) as usize];
        let joints = h(3) % 2 == 0;
        let miss: Vec<Finger> = if h(4) % 4 == 0 { vec![all[(h(5) % all.len() as u64) as usize]] } else { vec![] };
        let told = h(6) % 2 == 0;
        let ms_: Vec<MasterFinger> = all.iter().filter(|f| !miss.contains(f)).map(|f| MasterFinger::from_seed(s*10+f.code() as u64, FingerSpec::of(*f))).collect();
        let mut p = SlapParams::draw(s); p.rotation = rot;
        let slap = Slap::taken(&ms_, &p, SlapTaking { preset, joints }, s);
        let truth: Vec<TrueFinger> = slap.fingers.iter().map(|f| TrueFinger { finger: f.impression.finger, outline: f.outline }).collect();
        let t = Instant::now();
        let kind = [SlapKind::RightFour, SlapKind::LeftFour, SlapKind::Thumbs][which as usize];
        let req = SlapRequest { kind: if ask { SlapKind::Unknown } else { kind }, missing: if told { miss.clone() } else { vec![] } };
        let seg = slap::segment(&slap.image, &req).unwrap();
        ms.push(t.elapsed().as_millis());
        let sc = score(&seg.fingers, &truth, 500.0);
        ok += sc.right as u64; kindok += (seg.kind == kind) as u64;
        let n_few = seg.findings.iter().any(|f| matches!(f, slap::Finding::TooFewFingers{..}));
        if !miss.is_empty() && !told { short += 1; noticed += n_few as u64; }
        if !sc.right || only.is_some() {
            println!("{k} {kind:?}->{:?} {} joints {joints} rot {rot:.2}->{:.2} spread {:.2} miss {:?} told {told}", seg.kind, preset.name(), seg.rotation, p.spread, miss);
            for f in &sc.fingers { println!("    {:?} -> {:?} {:?} {}", f.finger, f.given, f.sides.map(|v| (v*500.0) as i32), f.right); }
            println!("    false {} conf {:?} {:?}", sc.false_fingers, seg.fingers.iter().map(|f| (f.confidence*100.0) as i32).collect::<Vec<_>>(), seg.findings);
            let mut b: Vec<_> = truth.iter().map(|t| (t.outline.to_vec(), [0, 160, 0])).collect();
            b.extend(seg.fingers.iter().map(|g| (g.polygon().to_vec(), [220, 0, 0])));
            draw(&slap.image, &b, &format!("/tmp/slaps/out/s{seed}_{k}.png"));
            let _ = encode_png_fast;
        }
    }
    ms.sort();
    println!("{ok} of {n} right, kind {kindok}, short noticed {noticed}/{short}, ms median {}", ms[ms.len()/2]);
}
