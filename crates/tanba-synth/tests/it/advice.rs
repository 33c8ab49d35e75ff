//! Each fault of a capture, made on purpose, gets its advice.

use tanba_finger::{QualityReport, assess};
use tanba_formats::{Finger, Gray8, Ppi};
use tanba_synth::{FingerSpec, ImpressionParams, ImpressionPreset, MasterFinger};

fn touched(seed: u64, fault: &dyn Fn(&mut ImpressionParams)) -> Gray8 {
    let finger = MasterFinger::from_seed(seed, FingerSpec::of(Finger::TEN[seed as usize % 10]));
    let mut params = ImpressionParams::draw(ImpressionPreset::Clean, seed);
    fault(&mut params);
    finger.impression(&params, seed).image
}

fn blur(image: &Gray8, dx: f32, dy: f32) -> Gray8 {
    let (w, h) = (image.width(), image.height());
    let n = 12;
    let px = (0..w * h)
        .map(|k| {
            let (x, y) = ((k % w) as f32, (k / w) as f32);
            let sum: u32 = (0..n)
                .map(|i| {
                    let t = i as f32 / (n - 1) as f32 - 0.5;
                    let (u, v) = ((x + t * dx).round().clamp(0.0, w as f32 - 1.0), (y + t * dy).round().clamp(0.0, h as f32 - 1.0));
                    u32::from(image.pixels()[v as usize * w + u as usize])
                })
                .sum();
            (sum / n as u32) as u8
        })
        .collect();
    Gray8::new(w, h, Ppi::NOMINAL, px).unwrap()
}

#[test]
fn explore() {
    let show = |name: &str, make: &dyn Fn(u64) -> Gray8| {
        println!("== {name}");
        for seed in 0..5 {
            let r: QualityReport = assess(&make(seed));
            let v = |n: &str| r.measures.iter().find(|m| m.name == n).map_or(-9.0, |m| m.value);
            let codes: Vec<_> = r.advice.iter().map(|a| a.code).collect();
            println!("q{:3} print {:5.0} read {:5.0} cert {:.2} clar {:.2} ocl {:.2} fp {:.2} flow {:4.1} contr {:5.1} dark {:5.2} unif {:.2} min {:3.0} cx {:5.2} cy {:5.2} cut {:.0} {:.0} {:.0} {:.0} {codes:?}",
                r.quality, v("print_area"), v("readable_area"), v("certainty"), v("ridge_clarity"), v("orientation_certainty"), v("frequency_peak"), v("orientation_flow"), v("contrast"), v("darkness"), v("uniformity"), v("minutiae"), v("centre_x"), v("centre_y"), v("cut_left"), v("cut_right"), v("cut_top"), v("cut_bottom"));
        }
    };
    show("clean", &|s| touched(s, &|_| {}));
    show("dry -.6", &|s| touched(s, &|p| p.moisture = -0.6));
    show("dry -.9", &|s| touched(s, &|p| p.moisture = -0.9));
    show("wet .6", &|s| touched(s, &|p| p.moisture = 0.6));
    show("wet .9", &|s| touched(s, &|p| p.moisture = 0.9));
    show("light -.9", &|s| touched(s, &|p| p.pressure = -0.9));
    show("heavy .9", &|s| touched(s, &|p| p.pressure = 0.9));
    show("left 110", &|s| touched(s, &|p| p.shift = (-110.0, 0.0)));
    show("right 110", &|s| touched(s, &|p| p.shift = (110.0, 0.0)));
    show("up 140", &|s| touched(s, &|p| p.shift = (0.0, -140.0)));
    show("down 140", &|s| touched(s, &|p| p.shift = (0.0, 140.0)));
    show("partial 70x90", &|s| touched(s, &|p| p.contact = (70.0, 90.0)));
    show("faint .06", &|s| touched(s, &|p| p.contrast = 0.06));
    show("dirt", &|s| touched(s, &|p| { p.dirt = 1.0; p.scratches = 30; }));
    show("grain+patch", &|s| touched(s, &|p| { p.grain = 1.0; p.patchiness = 1.0; }));
    show("blur 16,0", &|s| blur(&touched(s, &|_| {}), 16.0, 0.0));
    show("blur 0,16", &|s| blur(&touched(s, &|_| {}), 0.0, 16.0));
    show("blur 24,10", &|s| blur(&touched(s, &|_| {}), 24.0, 10.0));
    show("easy", &|s| MasterFinger::from_seed(s, FingerSpec::of(Finger::RightIndex)).touch(ImpressionPreset::Easy, s).image);
}
