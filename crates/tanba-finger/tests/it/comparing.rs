//! What a comparison promises to everyone who calls it.

use proptest::prelude::*;
use tanba_finger::{Minutia, MinutiaKind, Prepared, Recipe, Scratch, Template, compare, score_only};

/// A template of `n` minutiae with at least 12 px between them, all from one number.
pub(crate) fn finger(seed: u64, n: usize) -> Template {
    let mut state = seed;
    let mut next = move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        ((z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB) >> 40) as f32 / (1u64 << 24) as f32
    };
    let mut minutiae: Vec<Minutia> = Vec::new();
    while minutiae.len() < n {
        let (x, y) = (20.0 + 300.0 * next(), 20.0 + 400.0 * next());
        if minutiae.iter().all(|m| (m.x - x).hypot(m.y - y) > 12.0) {
            let kind = if next() < 0.5 { MinutiaKind::Ending } else { MinutiaKind::Bifurcation };
            let quality = (100.0 * next()) as u8;
            minutiae.push(Minutia { x, y, direction: next() * 6.0, kind, quality });
        }
    }
    Template { recipe: Recipe::Unknown, width: 340, height: 440, quality: 60, minutiae, ridges: None }
}

/// The same finger laid down turned by `angle` (counter-clockwise as seen) and moved, every `drop`-th minutia lost, the others
/// a little off.
pub(crate) fn again(of: &Template, angle: f32, drop: usize) -> Template {
    let (sin, cos) = angle.sin_cos();
    let minutiae = of
        .minutiae
        .iter()
        .enumerate()
        .filter(|(i, _)| i % drop != 0)
        .map(|(i, m)| {
            let wobble = ((i * 37 % 7) as f32 - 3.0) * 0.5;
            let (x, y) = (m.x - 170.0, m.y - 220.0);
            Minutia {
                x: 185.0 + cos * x + sin * y + wobble,
                y: 210.0 - sin * x + cos * y - wobble,
                direction: (m.direction + angle + 0.02 * wobble).rem_euclid(core::f32::consts::TAU),
                ..*m
            }
        })
        .collect();
    Template { minutiae, ..of.clone() }
}

#[test]
fn another_impression_of_the_finger_scores_above_other_fingers() {
    let mated = finger(1, 40);
    let probe = Prepared::new(&again(&mated, 0.4, 5));
    let own = compare(&Prepared::new(&mated), &probe);
    let best_other = (2..40).map(|s| compare(&Prepared::new(&finger(s, 40)), &probe).score).fold(0.0, f32::max);
    assert!(own.score > 2.0 * best_other, "own {} other {best_other}", own.score);
    // The pairs name the minutiae: number i of the probe is number i of the finger with each fifth left out.
    let right = own.pairs.iter().filter(|(i, j, _)| *i == j + j / 4 + 1).count();
    assert!(right >= 28 && right * 10 >= own.pairs.len() * 9, "{right} of {}", own.pairs.len());
}

#[test]
fn templates_of_two_extractors_are_compared_as_those_of_one() {
    let by = |recipe, template: &Template| Prepared::new(&Template { recipe, ..template.clone() });
    let (one, two) = (finger(1, 40), again(&finger(1, 40), 0.4, 5));
    let alike = compare(&by(Recipe::FilteredRidges2, &one), &by(Recipe::FilteredRidges2, &two));
    assert!(alike.score > 0.3, "{}", alike.score);
    assert_eq!(compare(&by(Recipe::FilteredRidges2, &one), &by(Recipe::Learned1, &two)), alike);
    assert_eq!(compare(&by(Recipe::Unknown, &one), &by(Recipe::Learned1, &two)), alike);
}

#[test]
fn templates_of_few_minutiae_score_nothing() {
    let full = Prepared::new(&finger(1, 40));
    for n in 0..3 {
        let few = Prepared::new(&finger(1, n));
        assert_eq!(compare(&few, &full).score, 0.0);
        assert_eq!(compare(&few, &few).score, 0.0);
    }
}

#[test]
fn the_best_minutiae_are_kept_where_there_are_too_many() {
    let many = finger(3, 300);
    assert_eq!(Prepared::new(&many).minutiae(), 128);
    let mut best = many;
    best.minutiae.sort_by_key(|m| core::cmp::Reverse(m.quality));
    best.minutiae.truncate(128);
    assert_eq!(Prepared::new(&best).minutiae(), 128);
}

fn any_minutia() -> impl Strategy<Value = Minutia> {
    let coordinate = prop_oneof![8 => 0f32..500.0, 1 => Just(f32::NAN), 1 => Just(1e30f32), 1 => -1e4f32..1e4];
    (
        coordinate.clone(),
        coordinate,
        prop_oneof![8 => 0f32..6.0, 1 => Just(f32::INFINITY), 1 => -100f32..100.0],
        any::<u8>(),
    )
        .prop_map(|(x, y, direction, quality)| Minutia { x, y, direction, kind: MinutiaKind::Other, quality })
}

fn any_template() -> impl Strategy<Value = Template> {
    prop::collection::vec(any_minutia(), 0..60).prop_map(|minutiae| Template {
        recipe: Recipe::Unknown,
        width: 500,
        height: 500,
        quality: 50,
        minutiae,
        ridges: None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn comparison_is_symmetric_repeatable_and_bounded(a in any_template(), b in any_template()) {
        let (a, b) = (Prepared::new(&a), Prepared::new(&b));
        let (ab, ba) = (compare(&a, &b), compare(&b, &a));
        prop_assert_eq!(ab.score.to_bits(), ba.score.to_bits());
        prop_assert!((0.0..=1.0).contains(&ab.score));
        let mirrored: Vec<_> = ba.pairs.iter().map(|&(i, j, w)| (j, i, w)).collect();
        prop_assert_eq!(&ab.pairs, &mirrored);
        // Memory that has seen other comparisons changes nothing.
        let mut scratch = Scratch::default();
        score_only(&b, &b, &mut scratch);
        prop_assert_eq!(score_only(&a, &b, &mut scratch).to_bits(), ab.score.to_bits());
    }

    #[test]
    fn pairs_are_one_to_one_and_inside_the_templates(seed in 0u64..1000, n in 3usize..60) {
        let (a, b) = (finger(seed, n), again(&finger(seed, n), 0.2, 4));
        let pairs = compare(&Prepared::new(&a), &Prepared::new(&b)).pairs;
        let mut left: Vec<usize> = pairs.iter().map(|p| p.0).collect();
        let mut right: Vec<usize> = pairs.iter().map(|p| p.1).collect();
        left.sort_unstable();
        right.sort_unstable();
        prop_assert!(left.windows(2).all(|w| w[0] < w[1]) && right.windows(2).all(|w| w[0] < w[1]));
        prop_assert!(left.last().is_none_or(|&i| i < a.minutiae.len()));
        prop_assert!(right.last().is_none_or(|&j| j < b.minutiae.len()));
    }
}

#[test]
fn the_alignment_lays_paired_minutiae_on_each_other_either_way_round() {
    let mated = finger(1, 40);
    let moved = again(&mated, 0.4, 5);
    let (a, b) = (Prepared::new(&mated), Prepared::new(&moved));
    for (first, second, from, to, turn) in [(&a, &b, &mated, &moved, 0.4_f32), (&b, &a, &moved, &mated, -0.4)] {
        let found = compare(first, second);
        let alignment = found.alignment.expect("two impressions of one finger can be aligned");
        assert!((alignment.rotation - turn).abs() < 0.03, "{}", alignment.rotation);
        for (i, j, _) in &found.pairs {
            let (x, y) = alignment.apply(from.minutiae[*i].x, from.minutiae[*i].y);
            let off = (x - to.minutiae[*j].x).hypot(y - to.minutiae[*j].y);
            assert!(off < 12.0, "pair {i} {j} lies {off} px apart");
        }
    }
}
