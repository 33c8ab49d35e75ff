//! One image, one template: whatever the processor, and however many are extracted at once.

use tanba_finger::{NoSink, Recipe};
use tanba_formats::Finger;
use tanba_synth::{FingerSpec, ImpressionPreset, MasterFinger, RidgeMethod};

/// CRC-32 of the native files of five touches, written down once: they hold on every machine that these tests run on. After a
/// deliberate change of extractor or generator the failing test prints the new ones.
const FILTERED: [u32; 5] = [3_661_074_988, 3_370_091_133, 4_080_241_568, 2_048_819_610, 1_088_522_747];

const LEARNED: [u32; 5] = [2_937_812_225, 471_258_566, 1_742_417_376, 3_710_721_648, 84_263_018];

fn checksum(recipe: Recipe, touch: u64) -> u32 {
    let master = MasterFinger::with_method(77, FingerSpec::of(Finger::LeftThumb), RidgeMethod::Phase);
    let presets = [
        ImpressionPreset::Clean,
        ImpressionPreset::FvcLike,
        ImpressionPreset::Capacitive,
        ImpressionPreset::Ink,
        ImpressionPreset::Rolled,
    ];
    let image = master.touch(presets[touch as usize], touch).image;
    // A native file ends with its own checksum.
    let extractor = recipe.extractor().expect("it is in this program");
    let file = extractor.extract(&image, &mut NoSink).expect("a readable touch").to_bytes();
    u32::from_le_bytes(*file.last_chunk().expect("a file has a checksum"))
}

#[test]
fn the_same_image_gives_the_template_that_was_written_down_on_any_number_of_threads() {
    for (recipe, written) in [(Recipe::FilteredRidges2, FILTERED), (Recipe::Learned1, LEARNED)] {
        let alone: Vec<u32> = (0..5).map(|touch| checksum(recipe, touch)).collect();
        assert_eq!(alone, written, "if this is on purpose, write the new ones down");
        let together: Vec<u32> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..5).map(|touch| scope.spawn(move || checksum(recipe, touch))).collect();
            threads.into_iter().map(|t| t.join().expect("a thread that does not panic")).collect()
        });
        assert_eq!(together, alone);
    }
}
