//! Two inked slaps of a real ten-print card, with print over the tips, handwriting, a punched hole in a finger, lower joints and scraps of the
//! boxes beside them. Needs the reference material (`TANBA_REFERENCE`).

use tanba_finger::slap::score::{TrueFinger, score};
use tanba_finger::slap::{SlapKind, SlapRequest, segment};
use tanba_formats::image::{ReadOptions, read};
use tanba_formats::{Finger, Ppi};

/// Finger, middle, half width and length, turn in degrees: marked by eye on the image, the lower side at the distal crease.
type Marked = (Finger, (f32, f32), (f32, f32), f32);

const RIGHT: [Marked; 4] = [
    (Finger::RightIndex, (255.0, 720.0), (148.0, 235.0), 4.0),
    (Finger::RightMiddle, (555.0, 263.0), (146.0, 250.0), 4.0),
    (Finger::RightRing, (932.0, 222.0), (122.0, 222.0), 9.0),
    (Finger::RightLittle, (1357.0, 578.0), (122.0, 182.0), 16.0),
];
const LEFT: [Marked; 4] = [
    (Finger::LeftLittle, (288.0, 782.0), (108.0, 145.0), 8.0),
    (Finger::LeftRing, (588.0, 317.0), (155.0, 245.0), 4.0),
    (Finger::LeftMiddle, (918.0, 170.0), (124.0, 172.0), 12.0),
    (Finger::LeftIndex, (1280.0, 375.0), (125.0, 225.0), 12.0),
];

fn outline((_, (x, y), (a, b), degrees): Marked) -> [(f32, f32); 4] {
    let (s, c) = degrees.to_radians().sin_cos();
    [(-a, -b), (a, -b), (a, b), (-a, b)].map(|(u, v)| (x + c * u + s * v, y + c * v - s * u))
}

#[test]
fn slaps_of_a_real_card_are_cut_into_their_fingers() {
    let root = std::env::var_os("TANBA_REFERENCE").map(std::path::PathBuf::from);
    let Some(folder) = root.map(|r| r.join("formats/jnbis_samples")).filter(|f| f.is_dir()) else {
        eprintln!("skipped: TANBA_REFERENCE is not set to a folder with formats/jnbis_samples");
        return;
    };
    for (file, kind, marked) in [("fp-13.png", SlapKind::RightFour, RIGHT), ("fp-14.png", SlapKind::LeftFour, LEFT)] {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        let image = read(&bytes, &ReadOptions::with_ppi(Some(Ppi::NOMINAL))).unwrap().value;
        let truth = marked.map(|m| TrueFinger { finger: m.0, outline: outline(m) });
        for asked in [kind, SlapKind::Unknown] {
            let found = segment(&image, &SlapRequest { kind: asked, missing: Vec::new() }).unwrap();
            assert_eq!(found.kind, kind, "{file}");
            let scored = score(&found.fingers, &truth, 500.0);
            assert_eq!(scored.false_fingers, 0, "{file}");
            for f in &scored.fingers {
                assert_eq!(f.given, Some(f.finger), "{file}: {f:?}");
                // The evaluations' 64 pixels; 80 at the crease, which pale ends of fingers on paper hardly show to the eye either.
                let [left, top, right, bottom] = f.sides.map(|s| (500.0 * s).abs());
                assert!(left <= 64.0 && top <= 64.0 && right <= 64.0 && bottom <= 80.0, "{file}: {f:?}");
            }
        }
    }
}
