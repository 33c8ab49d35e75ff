//! Drawn fingers: ellipses of curved waves whose places are known.

use proptest::prelude::*;
use tanba_formats::{Finger, Gray8, Ppi};

use super::card::segment_card;
use super::score::{TrueFinger, score};
use super::*;

/// A patch of waves, pixels at 500 ppi.
#[derive(Clone, Copy)]
struct Drawn {
    finger: Finger,
    centre: (f32, f32),
    half: (f32, f32),
    rotation: f32,
    /// Darkness of the ridges, gray levels.
    ink: f32,
}

/// The fingers of a right hand laid flat in a glass of 1600 x 1000.
const RIGHT: [Drawn; 4] = [
    drawn(Finger::RightIndex, (430.0, 480.0), (105.0, 150.0)),
    drawn(Finger::RightMiddle, (740.0, 370.0), (108.0, 160.0)),
    drawn(Finger::RightRing, (1040.0, 420.0), (104.0, 150.0)),
    drawn(Finger::RightLittle, (1320.0, 600.0), (88.0, 130.0)),
];

const fn drawn(finger: Finger, centre: (f32, f32), half: (f32, f32)) -> Drawn {
    Drawn { finger, centre, half, rotation: 0.0, ink: 160.0 }
}

impl Drawn {
    fn truth(&self) -> TrueFinger {
        let as_found = SlapFinger {
            finger: self.finger,
            centre: self.centre,
            half: self.half,
            rotation: self.rotation,
            confidence: 1.0,
        };
        TrueFinger { finger: self.finger, outline: as_found.polygon() }
    }

    /// The same hand seen in a mirror.
    fn mirrored(self, width: f32) -> Self {
        Self {
            finger: other_side(self.finger),
            centre: (width - self.centre.0, self.centre.1),
            rotation: -self.rotation,
            ..self
        }
    }

    /// Turned with the hand about a place.
    fn turned(self, by: f32, (x, y): (f32, f32)) -> Self {
        let (dx, dy) = blobs::turned_back((self.centre.0 - x, self.centre.1 - y), by);
        Self { centre: (x + dx, y + dy), rotation: self.rotation + by, ..self }
    }
}

fn image(width: usize, height: usize, ppi: f64, fingers: &[Drawn]) -> Gray8 {
    let scale = (500.0 / ppi) as f32;
    let pixels = (0..width * height).map(|i| {
        let at = ((i % width) as f32 + 0.5, (i / width) as f32 + 0.5);
        let at = (at.0 * scale, at.1 * scale);
        let mut gray = 240.0f32;
        for f in fingers {
            let (u, v) = blobs::turned((at.0 - f.centre.0, at.1 - f.centre.1), f.rotation);
            if (u / f.half.0).powi(2) + (v / f.half.1).powi(2) < 1.0 {
                let wave = (TAU * (v + u * u / (2.4 * f.half.0)) / 9.0).cos();
                gray -= f.ink * (0.5 + 0.5 * wave);
            }
        }
        gray.clamp(0.0, 255.0) as u8
    });
    Gray8::new(width, height, Ppi::new(ppi).unwrap(), pixels.collect()).unwrap()
}

fn found(image: &Gray8, kind: SlapKind, missing: &[Finger]) -> Segmentation {
    segment(image, &SlapRequest { kind, missing: missing.to_vec() }).unwrap()
}

fn assert_right(found: &Segmentation, fingers: &[Drawn]) {
    let truth: Vec<TrueFinger> = fingers.iter().map(Drawn::truth).collect();
    let scored = score(&found.fingers, &truth, 500.0);
    assert!(scored.right, "{scored:?}\n{:?}", found.findings);
}

#[test]
fn four_fingers_are_found_told_apart_and_boxed() {
    let found = found(&image(1600, 1000, 500.0, &RIGHT), SlapKind::RightFour, &[]);
    assert_right(&found, &RIGHT);
    assert!(found.findings.is_empty() && found.fingers.iter().all(|f| f.confidence > 0.8), "{found:?}");
}

#[test]
fn resolution_does_not_matter() {
    for ppi in [300.0, 1000.0] {
        let side = |n: f64| (n * ppi / 500.0) as usize;
        let mut found = found(&image(side(1600.0), side(1000.0), ppi, &RIGHT), SlapKind::RightFour, &[]);
        found = found.scaled((500.0 / ppi) as f32);
        assert_right(&found, &RIGHT);
    }
}

#[test]
fn hands_may_be_turned_and_their_kind_unknown() {
    for degrees in [-30.0f32, 0.0, 30.0] {
        let hand = RIGHT.map(|f| f.turned(degrees.to_radians(), (850.0, 800.0)));
        let left = hand.map(|f| f.mirrored(1700.0));
        for (fingers, kind) in [(hand, SlapKind::RightFour), (left, SlapKind::LeftFour)] {
            let found = found(&image(1700, 1500, 500.0, &fingers), SlapKind::Unknown, &[]);
            assert_eq!(found.kind, kind, "{degrees} degrees");
            assert_right(&found, &fingers);
        }
    }
}

#[test]
fn three_offered_as_four_are_noticed_unless_one_is_said_to_be_missing() {
    let three = [RIGHT[0], RIGHT[1], RIGHT[3]];
    let picture = image(1600, 1000, 500.0, &three);
    let silent = found(&picture, SlapKind::RightFour, &[]);
    let absent = vec![Finger::RightRing];
    assert_eq!(silent.findings, [Finding::TooFewFingers { found: 3, expected: 4, absent }]);
    assert_right(&silent, &three);
    let told = found(&picture, SlapKind::RightFour, &[Finger::RightRing]);
    assert!(told.findings.is_empty(), "{told:?}");
    assert_right(&told, &three);
}

#[test]
fn the_other_hand_and_a_fifth_finger_are_noticed() {
    let picture = image(1600, 1000, 500.0, &RIGHT);
    let seen = Finding::OtherHand { seen: Hand::Right };
    assert!(found(&picture, SlapKind::LeftFour, &[]).findings.contains(&seen));
    let fifth = [&RIGHT[..], &[drawn(Finger::Unknown, (170.0, 700.0), (105.0, 150.0))]].concat();
    let five = found(&image(1600, 1000, 500.0, &fifth), SlapKind::RightFour, &[]);
    assert!(five.findings.contains(&Finding::TooManyFingers { found: 5, expected: 4 }), "{five:?}");
}

#[test]
fn lower_joints_traces_and_lines_are_no_fingers() {
    let joint =
        |f: Drawn| Drawn { centre: (f.centre.0 + 10.0, f.centre.1 + 300.0), half: (80.0, 100.0), ink: 120.0, ..f };
    let trace = Drawn { ink: 12.0, ..drawn(Finger::Unknown, (150.0, 250.0), (100.0, 150.0)) };
    let all = [&RIGHT[..], &[joint(RIGHT[1]), joint(RIGHT[2]), trace]].concat();
    let picture = image(1600, 1000, 500.0, &all);
    let (width, mut pixels) = (picture.width(), picture.pixels().to_vec());
    for x in 0..width {
        for y in [40, 41, 42, 90, 91, 92] {
            pixels[y * width + x] = 20;
        }
    }
    let found = found(&Gray8::new(width, 1000, Ppi::NOMINAL, pixels).unwrap(), SlapKind::RightFour, &[]);
    assert_right(&found, &RIGHT);
    assert!(found.findings.is_empty(), "{found:?}");
}

#[test]
fn a_joint_that_touches_the_tip_is_cut_off_at_the_crease() {
    let tip = drawn(Finger::RightMiddle, (300.0, 300.0), (108.0, 160.0));
    // Deeper than wide, and with a crease of 2 mm: 40 pixels.
    let joint = Drawn { centre: (300.0, 620.0), half: (90.0, 130.0), ..tip };
    let found = found(&image(600, 900, 500.0, &[tip, joint]), SlapKind::Single, &[]);
    let bottom = found.fingers[0].centre.1 + found.fingers[0].half.1;
    assert!((440.0..=500.0).contains(&bottom), "{found:?}");
}

#[test]
fn fingers_that_touch_are_cut_apart() {
    let near = RIGHT.map(|f| Drawn { centre: (740.0 + (f.centre.0 - 740.0) * 0.68, f.centre.1), ..f });
    assert!(near[2].centre.0 - near[1].centre.0 < near[1].half.0 + near[2].half.0);
    let found = found(&image(1600, 1000, 500.0, &near), SlapKind::RightFour, &[]);
    assert_right(&found, &near);
}

#[test]
fn thumbs_and_single_fingers() {
    let thumbs = [
        drawn(Finger::LeftThumb, (300.0, 400.0), (130.0, 180.0)),
        drawn(Finger::RightThumb, (680.0, 410.0), (130.0, 180.0)),
    ];
    let both = image(1000, 800, 500.0, &thumbs);
    assert_right(&found(&both, SlapKind::Thumbs, &[]), &thumbs);
    assert_eq!(found(&both, SlapKind::Unknown, &[]).kind, SlapKind::Thumbs);
    let one = found(&image(1000, 800, 500.0, &thumbs[1..]), SlapKind::Thumbs, &[]);
    assert_right(&one, &thumbs[1..]);
    assert!(matches!(one.findings[..], [Finding::TooFewFingers { found: 1, expected: 2, .. }]), "{one:?}");
    let single = found(&image(1000, 800, 500.0, &thumbs[1..]), SlapKind::Unknown, &[]);
    assert_eq!((single.kind, single.fingers[0].finger), (SlapKind::Single, Finger::Unknown));
}

#[test]
fn a_finger_that_the_edge_cuts_is_said_to_be() {
    let up = RIGHT.map(|f| Drawn { centre: (f.centre.0, f.centre.1 - 240.0), ..f });
    let found = found(&image(1600, 800, 500.0, &up), SlapKind::RightFour, &[]);
    assert_eq!(found.findings, [Finding::AtEdge { finger: Finger::RightMiddle }]);
}

#[test]
fn nothing_is_found_where_nothing_is() {
    let flat = Gray8::new(800, 600, Ppi::NOMINAL, vec![200; 480_000]).unwrap();
    let mut state = 1u64;
    let noise = (0..480_000).map(|_| {
        // A 64-bit linear congruential generator (Knuth's MMIX); its upper bits are good enough for noise.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    });
    let noise = noise.collect();
    let noise = Gray8::new(800, 600, Ppi::NOMINAL, noise).unwrap();
    for picture in [flat, noise] {
        for kind in [SlapKind::Unknown, SlapKind::RightFour] {
            assert_eq!(found(&picture, kind, &[]).findings, [Finding::NothingFound]);
        }
        assert_eq!(segment_card(&picture, &[]).unwrap().findings, [Finding::NothingFound]);
    }
}

#[test]
fn an_image_larger_than_a_card_is_refused() {
    let large = Gray8::new(5200, 10, Ppi::NOMINAL, vec![255; 52_000]).unwrap();
    let refused = segment(&large, &SlapRequest::default());
    assert_eq!(refused, Err(SegmentError::TooLarge { width: 5200, height: 10, max: 5000 }));
}

#[test]
fn a_finger_cut_out_stands_upright_without_its_neighbour() {
    let fingers = RIGHT.map(|f| f.turned(0.5, (850.0, 500.0)));
    let picture = image(1700, 1500, 500.0, &fingers);
    let boxes = fingers.map(|f| SlapFinger {
        finger: f.finger,
        centre: f.centre,
        half: f.half,
        rotation: f.rotation,
        confidence: 1.0,
    });
    let cut = crop(&picture, &boxes[1], &boxes);
    assert_eq!((cut.width(), cut.height(), cut.ppi()), (248, 352, Ppi::NOMINAL));
    let upright = Drawn { centre: (124.0, 176.0), rotation: 0.0, ..RIGHT[1] };
    let expected = image(248, 352, 500.0, &[upright]);
    let off = cut.pixels().iter().zip(expected.pixels()).filter(|(a, b)| a.abs_diff(**b) > 40).count();
    // The rim of the ellipse and what bilinear sampling takes off crests.
    assert!(off < cut.pixels().len() / 50, "{off} pixels differ");
}

#[test]
fn all_twenty_prints_of_a_card_are_found_in_their_boxes() {
    let mut prints = Vec::new();
    for (k, finger) in Finger::TEN.into_iter().enumerate() {
        let centre = (130.0 + 400.0 + 800.0 * (k % 5) as f32, 100.0 + 400.0 + 750.0 * (k / 5) as f32);
        prints.push(drawn(finger, centre, (260.0, 240.0)));
    }
    let rolled = prints.clone();
    let plain = |f: Drawn, x: f32| Drawn { centre: (130.0 + x + f.centre.0, 1600.0 + f.centre.1), ..f };
    prints.extend(RIGHT.map(|f| plain(f.mirrored(1600.0), 0.0)));
    for (finger, x) in [(Finger::LeftThumb, 1800.0), (Finger::RightThumb, 2200.0)] {
        prints.push(plain(drawn(finger, (0.0, 500.0), (130.0, 180.0)), x));
    }
    prints.extend(RIGHT.map(|f| plain(f, 2400.0)));
    // At the working resolution the picture is made fast and not resampled.
    let picture = image(2130, 1400, 250.0, &prints);
    let card = segment_card(&picture, &[]).unwrap().scaled(2.0);
    assert!(card.findings.is_empty(), "{:?}", card.findings);
    let truth = |all: &[Drawn]| all.iter().map(Drawn::truth).collect::<Vec<_>>();
    let scored = score(&card.rolled, &truth(&rolled), 500.0);
    assert!(scored.right, "{scored:?}");
    let scored = score(&card.plain, &truth(&prints[10..]), 500.0);
    assert!(scored.right, "{scored:?}");

    let without: Vec<Drawn> = prints.iter().copied().filter(|p| p.finger != Finger::RightLittle).collect();
    let lost = image(2130, 1400, 250.0, &without);
    let silent = segment_card(&lost, &[]).unwrap();
    assert!(silent.findings.contains(&Finding::EmptyBox { finger: Finger::RightLittle }), "{:?}", silent.findings);
    assert!(segment_card(&lost, &[Finger::RightLittle]).unwrap().findings.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_image_makes_it_panic(
        width in 1usize..90,
        height in 1usize..90,
        ppi in 60.0..1200.0f64,
        cell in 1usize..20,
        bytes in proptest::collection::vec(any::<u8>(), 64),
        kind in 0usize..5,
    ) {
        // Blocks of one gray, so that there are large structures too.
        let pixels = (0..width * height).map(|i| bytes[(i % width / cell + 7 * (i / width / cell)) % 64]).collect();
        let picture = Gray8::new(width, height, Ppi::new(ppi).unwrap(), pixels).unwrap();
        let kinds = [SlapKind::Unknown, SlapKind::RightFour, SlapKind::LeftFour, SlapKind::Thumbs, SlapKind::Single];
        if let Ok(found) = segment(&picture, &SlapRequest { kind: kinds[kind], missing: vec![Finger::RightRing] }) {
            for f in &found.fingers {
                prop_assert!(f.polygon().iter().all(|(x, y)| x.is_finite() && y.is_finite()));
                prop_assert!((0.0..=1.0).contains(&f.confidence));
                crop(&picture, f, &found.fingers);
            }
        }
        let _ = segment_card(&picture, &[]);
    }
}
