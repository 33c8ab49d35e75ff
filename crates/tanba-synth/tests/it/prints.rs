//! Masters and impressions.

use tanba_finger::{Minutia, MinutiaKind, Template};
use tanba_formats::{Finger, Gray8};
use tanba_synth::{
    FingerSpec, Impression, ImpressionParams, ImpressionPreset, MasterFinger, PatternClass, RidgeMethod, Sensor, Slap,
    SlapParams, TemplateFinger, TruthMinutia, TruthRecord, sheet,
};

fn master(seed: u64) -> MasterFinger {
    MasterFinger::from_seed(seed, FingerSpec::of(Finger::RightIndex))
}

/// Mean gray of the image along a ray from a minutia.
fn gray_along(image: &Gray8, x: f32, y: f32, direction: f32) -> f64 {
    let steps = [3.0_f32, 4.0, 5.0, 6.0];
    let at = |d: f32| {
        let (px, py) = (x + d * direction.cos() + 0.5, y - d * direction.sin() + 0.5);
        f64::from(image.pixels()[py as usize * image.width() + px as usize])
    };
    steps.iter().map(|&d| at(d)).sum::<f64>() / steps.len() as f64
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (a, b) = (master(11), master(11));
    assert_eq!(a.render(), b.render());
    assert_eq!(a.minutiae(), b.minutiae());
    let (i, j) = (a.touch(ImpressionPreset::FvcLike, 5), b.touch(ImpressionPreset::FvcLike, 5));
    assert_eq!(i.image, j.image);
    assert_eq!(i.minutiae, j.minutiae);
    assert_ne!(i.image, a.touch(ImpressionPreset::FvcLike, 6).image);
    assert_ne!(a.render(), master(12).render());
}

#[test]
fn minutiae_have_the_density_and_the_mix_of_kinds_of_real_fingers() {
    let (mut count, mut endings) = (0, 0);
    for seed in 0..6 {
        let m = master(seed);
        for t in m.touch(ImpressionPreset::Clean, seed).minutiae.iter().filter(|t| t.visible) {
            count += 1;
            endings += usize::from(t.kind == MinutiaKind::Ending);
        }
    }
    let mean = count as f64 / 6.0;
    assert!((30.0..75.0).contains(&mean), "{mean} visible minutiae on a clean impression");
    let share = endings as f64 / count as f64;
    assert!((0.35..0.75).contains(&share), "{share} endings");
}

#[test]
fn an_ending_has_its_ridge_ahead_and_a_bifurcation_its_valley() {
    for method in [RidgeMethod::Growth, RidgeMethod::Phase] {
        ridges_agree_with_minutiae(method);
    }
}

fn ridges_agree_with_minutiae(method: RidgeMethod) {
    let (mut right, mut all) = (0, 0);
    for seed in 0..4 {
        let m = MasterFinger::with_method(seed, FingerSpec::of(Finger::RightIndex), method);
        let print = m.impression(&ImpressionParams::ideal(), seed);
        // Beside another minutia, the line ahead may be that one's.
        let alone =
            |t: &TruthMinutia| print.minutiae.iter().filter(|o| (o.x - t.x).hypot(o.y - t.y) < 12.0).count() == 1;
        for t in print.minutiae.iter().filter(|t| t.visible && alone(t)) {
            let ahead = gray_along(&print.image, t.x, t.y, t.direction);
            let behind = gray_along(&print.image, t.x, t.y, t.direction + std::f32::consts::PI);
            all += 1;
            right += usize::from((ahead < behind) == (t.kind == MinutiaKind::Ending));
        }
    }
    // A few lie half-way between the kinds, where the gray levels ahead and behind hardly differ.
    assert!(all > 100 && right * 100 > all * 93, "{right} of {all}");
}

#[test]
fn truth_moves_with_a_known_rigid_motion() {
    let m = master(3);
    let ideal = m.impression(&ImpressionParams::ideal(), 1);
    let turned = ImpressionParams { rotation: 0.4, shift: (12.0, -9.0), ..ImpressionParams::ideal() };
    let moved = m.impression(&turned, 1);
    assert_eq!(ideal.minutiae.len(), m.minutiae().len());
    let (s, c) = 0.4_f32.sin_cos();
    for (a, b) in ideal.minutiae.iter().zip(&moved.minutiae) {
        let (dx, dy) = (a.x - 194.0, a.y - 208.0);
        let (x, y) = (194.0 + 12.0 + c * dx + s * dy, 208.0 - 9.0 + c * dy - s * dx);
        assert!((x - b.x).abs() < 1e-3 && (y - b.y).abs() < 1e-3, "({x}, {y}) is not ({}, {})", b.x, b.y);
        let turn = (b.direction - a.direction - 0.4).rem_euclid(std::f32::consts::TAU);
        assert!(turn.min(std::f32::consts::TAU - turn) < 1e-4);
        assert_eq!(a.kind, b.kind);
    }
}

fn phase(seed: u64) -> MasterFinger {
    MasterFinger::with_method(seed, FingerSpec::of(Finger::RightIndex), RidgeMethod::Phase)
}

/// A touch with much geometry and no noise.
fn twisted(sensor: Sensor, ppi: u16) -> ImpressionParams {
    ImpressionParams {
        sensor,
        ppi,
        rotation: 0.5,
        shift: (10.0, -14.0),
        drag: (12.0, -9.0),
        torsion: 0.12,
        size: 0.85,
        stretch: 1.03,
        ..ImpressionParams::ideal()
    }
}

/// Gray at a point, bilinear; `None` near the border.
fn gray(image: &Gray8, x: f32, y: f32) -> Option<f32> {
    let (w, h) = (image.width(), image.height());
    if !(x >= 1.0 && y >= 1.0 && x < (w - 2) as f32 && y < (h - 2) as f32) {
        return None;
    }
    let (i, j) = (x as usize, y as usize);
    let (u, v) = (x - i as f32, y - j as f32);
    let at = |dx: usize, dy: usize| f32::from(image.pixels()[(j + dy) * w + i + dx]);
    Some((at(0, 0) * (1.0 - u) + at(1, 0) * u) * (1.0 - v) + (at(0, 1) * (1.0 - u) + at(1, 1) * u) * v)
}

/// Share of the clear cells whose ridges run as the fields say: along the direction the gray hardly changes, and half a period
/// across it dark has turned to bright or the reverse.
fn share_in_accord(print: &Impression, master: &MasterFinger) -> f32 {
    let fields = print.fields(master, 8);
    let (mut right, mut all) = (0, 0);
    for i in 0..fields.mask.len() {
        let (x, y) = ((i % fields.columns) as f32 * 8.0 + 3.5, (i / fields.columns) as f32 * 8.0 + 3.5);
        let near = |m: &&TruthMinutia| (m.x - x).hypot(m.y - y) < 1.5 * fields.period[i];
        if fields.mask[i] == 0 || print.minutiae.iter().any(|m| near(&m)) {
            continue;
        }
        let (s, c) = fields.orientation[i].sin_cos();
        let half = fields.period[i] / 2.0;
        // To the crest nearest the cell's middle, along the normal (s, c).
        let across = |d: f32| gray(&print.image, x + d * s, y + d * c);
        let steps: Option<Vec<f32>> = (0..16).map(|k| across((k as f32 / 16.0 - 0.5) * 2.0 * half)).collect();
        let Some(steps) = steps else { continue };
        let darkest = (0..16).min_by(|a, b| steps[*a].total_cmp(&steps[*b])).unwrap();
        let d = (darkest as f32 / 16.0 - 0.5) * 2.0 * half;
        let (cx, cy) = (x + d * s, y + d * c);
        // A whole period along: as far as the ridge is straight enough.
        let along = [-2.0 * half, 2.0 * half].map(|k| gray(&print.image, cx + k * c, cy - k * s));
        let beside = [-half, half].map(|k| gray(&print.image, cx + k * s, cy + k * c));
        if let ([Some(a), Some(b)], [Some(p), Some(q)]) = (along, beside) {
            all += 1;
            right += usize::from(a.max(b) < p.min(q));
        }
    }
    assert!(all > 200, "{all} clear cells");
    right as f32 / all as f32
}

#[test]
fn direction_and_period_of_the_fields_are_those_of_the_picture() {
    for (sensor, ppi) in [(Sensor::Optical, 500), (Sensor::Optical, 1000), (Sensor::Sweep, 500)] {
        let m = phase(21);
        let share = share_in_accord(&m.impression(&twisted(sensor, ppi), 3), &m);
        // The sweep sensor's slices are half a period off here and there.
        assert!(share > 0.93, "{share} for {sensor:?} at {ppi} ppi");
    }
    // And not those of another touch.
    let m = phase(21);
    let mut print = m.impression(&twisted(Sensor::Optical, 500), 3);
    print.params.rotation = 1.2;
    assert!(share_in_accord(&print, &m) < 0.7);
}

#[test]
fn a_child_has_the_grown_fingers_minutiae_closer_together() {
    let grown = FingerSpec::of(Finger::RightIndex);
    let child = MasterFinger::with_method(8, FingerSpec { size: 0.8, ..grown }, RidgeMethod::Phase);
    let grown = MasterFinger::with_method(8, grown, RidgeMethod::Phase);
    assert_eq!(child.minutiae(), grown.minutiae());
    let (a, b) = (child.impression(&ImpressionParams::ideal(), 1), grown.impression(&ImpressionParams::ideal(), 1));
    for (c, g) in a.minutiae.iter().zip(&b.minutiae) {
        assert!((c.x - 194.0 - 0.8 * (g.x - 194.0)).abs() < 1e-2 && (c.y - 208.0 - 0.8 * (g.y - 208.0)).abs() < 1e-2);
    }
}

#[test]
fn twice_the_resolution_is_the_same_finger_with_twice_the_pixels() {
    let m = phase(4);
    let (a, b) = (m.impression(&twisted(Sensor::Optical, 500), 2), m.impression(&twisted(Sensor::Optical, 1000), 2));
    assert_eq!((b.image.width(), b.image.height()), (2 * a.image.width(), 2 * a.image.height()));
    assert!((b.image.ppi().get() - 1000.0).abs() < 1e-9);
    for (p, q) in a.minutiae.iter().zip(&b.minutiae) {
        assert!(
            (2.0 * p.x - q.x).abs() < 1e-2
                && (2.0 * p.y - q.y).abs() < 1e-2
                && (p.direction - q.direction).abs() < 1e-4
        );
    }
}

#[test]
fn every_preset_makes_its_own_picture_and_shows_some_ridges() {
    for preset in ImpressionPreset::ALL {
        assert_eq!(ImpressionPreset::from_name(preset.name()), Some(preset));
        let seen: usize = (0..4).map(|k| phase(2).touch(preset, k).truth_template().minutiae.len()).sum();
        assert!(seen >= 20, "{seen} minutiae in four prints of {}", preset.name());
    }
}

#[test]
fn wear_scars_and_wrinkles_hide_ridges_and_leave_minutiae_in_place() {
    let spec = FingerSpec { creases: Some(0.0), ..FingerSpec::of(Finger::RightIndex) };
    let of = |spec| MasterFinger::with_method(6, spec, RidgeMethod::Phase).impression(&ImpressionParams::ideal(), 1);
    let whole = of(spec);
    let visible = |p: &Impression| p.visible_pixels().iter().filter(|v| **v == 1).count();
    for worse in
        [FingerSpec { wear: 0.95, ..spec }, FingerSpec { scars: 6, ..spec }, FingerSpec { creases: Some(1.0), ..spec }]
    {
        let print = of(worse);
        assert!(visible(&print) < visible(&whole), "{worse:?}");
        assert!(print.minutiae.iter().zip(&whole.minutiae).all(|(a, b)| (a.x, a.y) == (b.x, b.y)));
    }
}

#[test]
fn a_slap_shows_the_fingers_of_a_hand_in_their_order() {
    let hand = |fingers: &[Finger]| -> Vec<MasterFinger> {
        let make = |f: &Finger| MasterFinger::with_method(u64::from(f.code()), FingerSpec::of(*f), RidgeMethod::Phase);
        fingers.iter().map(make).collect()
    };
    let right = [Finger::RightIndex, Finger::RightMiddle, Finger::RightRing, Finger::RightLittle];
    let left = [Finger::LeftLittle, Finger::LeftRing, Finger::LeftMiddle, Finger::LeftIndex];
    for (fingers, order) in [(right, right), (left, left)] {
        let slap = Slap::of(&hand(&fingers), &SlapParams::draw(3), 3);
        let shown: Vec<Finger> = slap.fingers.iter().map(|f| f.impression.finger).collect();
        assert_eq!(shown, order);
        for f in &slap.fingers {
            // Every visible minutia lies on the glass inside its finger's outline, a little more given for the uneven rim.
            let ((ax, ay), (bx, by), (dx, dy)) = (f.outline[0], f.outline[1], f.outline[3]);
            for m in f.impression.minutiae.iter().filter(|m| m.visible) {
                let (x, y) = (m.x + f.corner.0 as f32 - ax, m.y + f.corner.1 as f32 - ay);
                let along = |u: f32, v: f32| (x * u + y * v) / (u * u + v * v);
                let (a, b) = (along(bx - ax, by - ay), along(dx - ax, dy - ay));
                assert!((-0.15..1.15).contains(&a) && (-0.15..1.15).contains(&b), "({a}, {b})");
            }
        }
    }
    let thumbs = Slap::of(&hand(&[Finger::RightThumb, Finger::LeftThumb]), &SlapParams::draw(3), 3);
    let shown: Vec<Finger> = thumbs.fingers.iter().map(|f| f.impression.finger).collect();
    assert_eq!(shown, [Finger::LeftThumb, Finger::RightThumb]);
    assert_eq!(Slap::of(&[], &SlapParams::draw(1), 1).image.width(), 1600);
}

#[test]
fn every_class_can_be_asked_for_and_has_its_singular_points() {
    for class in PatternClass::ALL {
        let m = MasterFinger::from_seed(9, FingerSpec::of(Finger::LeftRing).with_class(class));
        let expected = match class {
            PatternClass::Arch => 0,
            PatternClass::Whorl => 2,
            _ => 1,
        };
        assert_eq!((m.class(), m.cores().len(), m.deltas().len()), (class, expected, expected));
    }
}

#[test]
fn no_parameters_make_it_panic() {
    let m = MasterFinger::from_seed(
        u64::MAX,
        FingerSpec {
            period: Some(f32::NAN),
            wear: f32::INFINITY,
            size: f32::NAN,
            creases: Some(f32::NAN),
            scars: 255,
            ..FingerSpec::of(Finger::Unknown)
        },
    );
    let strange = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, -1e9, 0.0];
    for (i, &v) in strange.iter().enumerate() {
        let sensors = [Sensor::Optical, Sensor::Capacitive, Sensor::Sweep, Sensor::Ink, Sensor::Latent];
        let params = ImpressionParams {
            sensor: sensors[i % sensors.len()],
            ppi: 500,
            squareness: v,
            size: v,
            pressure: v,
            pores: v,
            tone: v,
            width: if i % 2 == 0 { 0 } else { u16::MAX },
            height: 1,
            rotation: v,
            shift: (v, -v),
            contact_shift: (v, v),
            contact: (v, v),
            drag: (v, v),
            torsion: v,
            plasticity: v,
            stretch: v,
            moisture: v,
            patchiness: v,
            grain: v,
            scratches: 255,
            contrast: v,
            background: 0,
            sensor_noise: v,
            dirt: v,
        };
        let print = m.impression(&params, 1);
        assert_eq!(print.image.height(), 64);
        assert!(print.truth_template().minutiae.len() <= m.minutiae().len());
    }
}

#[test]
fn a_sheet_holds_every_print() {
    let prints: Vec<Gray8> = (0..3).map(|i| master(1).touch(ImpressionPreset::Ink, i).image).collect();
    let all = sheet(&prints);
    let found = |print: &Gray8| {
        let row = &print.pixels()[200 * print.width()..201 * print.width()];
        all.pixels().chunks_exact(all.width()).any(|line| line.windows(row.len()).any(|w| w == row))
    };
    assert!(prints.iter().all(found));
    assert_eq!((sheet(&[]).width(), sheet(&[]).height()), (1, 1));
}

#[test]
fn the_truth_record_survives_json_and_names_nothing_outside_the_image() {
    let print = master(4).touch(ImpressionPreset::Hard, 4);
    let record = print.truth_record();
    let text = serde_json::to_string(&record).unwrap();
    assert_eq!(serde_json::from_str::<TruthRecord>(&text).unwrap(), record);
    assert!(record.minutiae.iter().all(|m| m.x >= 0.0 && m.x < 388.0 && m.y >= 0.0 && m.y < 416.0));
    let visible = record.minutiae.iter().filter(|m| m.visible).count();
    assert_eq!(visible, print.truth_template().minutiae.len());
}

#[test]
fn no_drag_folds_the_skin() {
    let m = master(5);
    for (i, drag) in [(60.0, 60.0), (-60.0, 0.0), (0.0, 60.0)].into_iter().enumerate() {
        let params = ImpressionParams {
            drag,
            torsion: 0.8,
            plasticity: 0.2,
            contact: (60.0, 200.0),
            ..ImpressionParams::ideal()
        };
        let print = m.impression(&params, i as u64);
        assert_eq!(print.minutiae.len(), m.minutiae().len(), "every minutia has its one place in the image");
    }
}

/// Best number of minutiae of `a` that fall on minutiae of `b` under one of the motions that lay some pair on another.
fn agreement(a: &Template, b: &Template) -> usize {
    let turn = |x: f32| {
        let t = x.rem_euclid(std::f32::consts::TAU);
        t.min(std::f32::consts::TAU - t)
    };
    let mut best = 0;
    for p in &a.minutiae {
        for q in &b.minutiae {
            let angle = q.direction - p.direction;
            if turn(angle) > 0.8 {
                continue;
            }
            let (s, c) = angle.sin_cos();
            let on = |m: &&Minutia| {
                let (dx, dy) = (m.x - p.x, m.y - p.y);
                let (x, y) = (q.x + c * dx + s * dy, q.y + c * dy - s * dx);
                let near =
                    |n: &Minutia| (n.x - x).hypot(n.y - y) < 8.0 && turn(n.direction - m.direction - angle) < 0.35;
                b.minutiae.iter().any(near)
            };
            best = best.max(a.minutiae.iter().filter(on).count());
        }
    }
    best
}

#[test]
fn impressions_of_one_finger_agree_and_of_two_do_not() {
    let truth = |finger: u64, touch: u64| master(finger).touch(ImpressionPreset::Clean, touch).truth_template();
    let alone = |finger: u64, touch: u64| {
        TemplateFinger::from_seed(finger, FingerSpec::of(Finger::RightIndex)).touch(ImpressionPreset::Clean, touch)
    };
    for make in [&truth as &dyn Fn(u64, u64) -> Template, &alone] {
        let (a, same, other) = (make(1, 10), make(1, 11), make(2, 12));
        let (genuine, impostor) = (agreement(&a, &same), agreement(&a, &other));
        assert!(genuine >= 18 && impostor <= 12 && genuine > 2 * impostor, "{genuine} and {impostor}");
    }
}

#[test]
fn templates_without_ridges_look_like_those_with() {
    let mean = |count: &dyn Fn(u64) -> usize| (0..12).map(count).sum::<usize>() as f64 / 12.0;
    let with = mean(&|s| master(s).touch(ImpressionPreset::Clean, s).truth_template().minutiae.len());
    let without = mean(&|s| {
        TemplateFinger::from_seed(s, FingerSpec::of(Finger::RightIndex))
            .touch(ImpressionPreset::Clean, s)
            .minutiae
            .len()
    });
    assert!((without / with - 1.0).abs() < 0.3, "{without} and {with}");
}
