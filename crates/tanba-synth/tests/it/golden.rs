//! What a seed gives, written down: the same on every machine and with any number of threads.
//!
//! `TANBA_UPDATE=1 cargo test -p tanba-synth golden` writes the file anew when the method is changed on purpose; the change log says so.

use std::fmt::Write as _;
use std::path::Path;

use sha2::{Digest, Sha256};
use tanba_finger::MinutiaKind;
use tanba_formats::Finger;
use tanba_synth::{FingerSpec, Impression, ImpressionPreset, MasterFinger, RidgeMethod, TemplateFinger};

const SEED: u64 = 20_260_101;

/// Every bit of an impression and its truth.
fn digest(print: &Impression) -> String {
    let mut hash = Sha256::new();
    let mut number = |v: f32| hash.update(v.to_bits().to_le_bytes());
    number(print.period);
    for m in &print.minutiae {
        [m.x, m.y, m.direction].into_iter().for_each(&mut number);
    }
    for (x, y) in print.cores.iter().chain(&print.deltas) {
        number(*x);
        number(*y);
    }
    for m in &print.minutiae {
        hash.update([u8::from(m.kind == MinutiaKind::Ending), u8::from(m.visible)]);
    }
    hash.update(print.width().to_le_bytes());
    hash.update(print.height().to_le_bytes());
    hash.update(print.image.pixels());
    hash.update(print.visible_pixels());
    hex(hash)
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A line for each thing: what it is, and the SHA-256 of all its bits.
fn made() -> String {
    let spec = FingerSpec::of(Finger::RightIndex);
    let phase = MasterFinger::with_method(SEED, spec, RidgeMethod::Phase);
    let grown = MasterFinger::with_method(SEED, spec, RidgeMethod::Growth);
    let alone = TemplateFinger::from_seed(SEED, spec);
    let mut lines = String::new();
    for preset in ImpressionPreset::ALL {
        let name = preset.name();
        let template = alone.touch(preset, SEED);
        let _ = writeln!(lines, "phase/{name} {}", digest(&phase.touch(preset, SEED)));
        let _ = writeln!(lines, "template/{name} {}", hex(Sha256::new_with_prefix(template.to_bytes())));
    }
    let _ = writeln!(lines, "growth/fvc-like {}", digest(&grown.touch(ImpressionPreset::FvcLike, SEED)));
    lines
}

#[test]
fn a_seed_gives_the_bits_that_were_written_down() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/digests.txt");
    let made = made();
    if std::env::var_os("TANBA_UPDATE").is_some() {
        std::fs::write(&path, made).expect("the golden file can be written");
        return;
    }
    let golden = std::fs::read_to_string(&path).expect("the golden file can be read");
    for (made, golden) in made.lines().zip(golden.lines()) {
        assert_eq!(made, golden, "if this is on purpose: TANBA_UPDATE=1 cargo test -p tanba-synth golden");
    }
    assert_eq!(made.lines().count(), golden.lines().count());
}
