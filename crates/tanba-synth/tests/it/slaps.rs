//! Slaps of nobody are cut into the fingers that they are made of. `tanba bench slaps` does the same at length.

use tanba_finger::slap::score::{TrueFinger, score};
use tanba_finger::slap::{Finding, SlapKind, SlapRequest, segment};
use tanba_formats::Finger;
use tanba_synth::{FingerSpec, ImpressionPreset, MasterFinger, Slap, SlapParams, SlapTaking};

fn slap(fingers: &[Finger], rotation: f32, preset: ImpressionPreset, joints: bool, seed: u64) -> Slap {
    let master = |f: &Finger| MasterFinger::from_seed(seed + u64::from(f.code()), FingerSpec::of(*f));
    let masters: Vec<MasterFinger> = fingers.iter().map(master).collect();
    let pose = SlapParams { rotation, ..SlapParams::draw(seed) };
    Slap::taken(&masters, &pose, SlapTaking { preset, joints }, seed)
}

fn assert_right(slap: &Slap, request: &SlapRequest, findings: &[Finding]) {
    let found = segment(&slap.image, request).unwrap();
    let truth = slap.fingers.iter().map(|f| TrueFinger { finger: f.impression.finger, outline: f.outline });
    let scored = score(&found.fingers, &truth.collect::<Vec<_>>(), 500.0);
    assert!(scored.right, "{scored:?}");
    assert_eq!(found.findings, findings);
}

#[test]
fn both_hands_and_the_thumbs_come_out_right() {
    let of = |kind| SlapRequest { kind, missing: Vec::new() };
    let right = slap(&Finger::TEN[1..5], 0.35, ImpressionPreset::SlapFinger, true, 71);
    assert_right(&right, &of(SlapKind::RightFour), &[]);
    let left = slap(&Finger::TEN[6..10], -0.2, ImpressionPreset::Ink, true, 72);
    assert_right(&left, &of(SlapKind::LeftFour), &[]);
    let thumbs = slap(&[Finger::RightThumb, Finger::LeftThumb], 0.1, ImpressionPreset::FvcLike, false, 73);
    assert_right(&thumbs, &of(SlapKind::Thumbs), &[]);
}

#[test]
fn three_fingers_offered_as_four_are_noticed() {
    let three = [Finger::RightIndex, Finger::RightMiddle, Finger::RightLittle];
    let slap = slap(&three, 0.0, ImpressionPreset::SlapFinger, false, 74);
    let absent = Finding::TooFewFingers { found: 3, expected: 4, absent: vec![Finger::RightRing] };
    assert_right(&slap, &SlapRequest { kind: SlapKind::RightFour, missing: Vec::new() }, &[absent]);
    assert_right(&slap, &SlapRequest { kind: SlapKind::RightFour, missing: vec![Finger::RightRing] }, &[]);
}

#[test]
fn middle_joints_change_no_truth_and_only_the_picture_below_the_tips() {
    let tips = slap(&Finger::TEN[1..5], 0.0, ImpressionPreset::SlapFinger, false, 75);
    let joints = slap(&Finger::TEN[1..5], 0.0, ImpressionPreset::SlapFinger, true, 75);
    let outlines = |s: &Slap| s.fingers.iter().map(|f| f.outline).collect::<Vec<_>>();
    assert_eq!(outlines(&tips), outlines(&joints));
    let differs = tips.image.pixels().iter().zip(joints.image.pixels()).enumerate().filter(|(_, (a, b))| a != b);
    let rows: Vec<usize> = differs.map(|(i, _)| i / tips.image.width()).collect();
    let highest_base = tips.fingers.iter().map(|f| f.outline[3].1).fold(f32::MAX, f32::min);
    assert!(rows.len() > 1000 && rows.iter().all(|y| *y as f32 > highest_base - 20.0), "{}", rows.len());
}
