use std::f32::consts::{FRAC_PI_2, PI, TAU};

use tanba_formats::minutiae::{Edition, ExtendedBlock};
use tanba_formats::{Finger, iso19794_2};

use super::field::Field;
use super::*;
use crate::{Minutia, MinutiaKind, Recipe, Template, iso};

const SIDE: usize = 360;
const CELL: usize = 4;

/// A place in pixels.
type Place = (f32, f32);

/// A flow that turns round cores and deltas as a zero-pole model does (Sherlock and Monro 1993), turned on by `offset` of the doubled angle.
fn flow(cores: &[Place], deltas: &[Place], offset: f32) -> Flow {
    let mut flow = Flow::covering(SIDE, SIDE, CELL);
    for j in 0..flow.height {
        for i in 0..flow.width {
            let (x, y) = ((i as f32 + 0.5) * CELL as f32, (j as f32 + 0.5) * CELL as f32);
            let about = |p: &Place| (y - p.1).atan2(x - p.0);
            let doubled = offset + cores.iter().map(about).sum::<f32>() - deltas.iter().map(about).sum::<f32>();
            flow.cos2[j * flow.width + i] = doubled.cos();
            flow.sin2[j * flow.width + i] = doubled.sin();
        }
    }
    flow
}

fn everywhere() -> Mask {
    Mask { width: SIDE, height: SIDE, data: vec![true; SIDE * SIDE] }
}

fn seen(cores: &[Place], deltas: &[Place], offset: f32, readable: &Mask) -> Pattern {
    Pattern::of(&flow(cores, deltas, offset), readable, &Mask::none(SIDE, SIDE))
}

fn near(x: f32, y: f32, place: Place, pixels: f32) -> bool {
    (x - place.0).hypot(y - place.1) < pixels
}

fn turn(a: f32, b: f32) -> f32 {
    let d = (a - b).rem_euclid(TAU);
    d.min(TAU - d)
}

#[test]
fn a_drawn_core_is_where_it_was_drawn_and_opens_as_it_was_turned() {
    for (x, y, opening) in [(181.3, 140.9, 2.2), (150.0, 202.6, 0.9), (200.5, 133.25, 1.57)] {
        let found = seen(&[(x, y)], &[], opening, &everywhere());
        assert_eq!((found.cores.len(), found.deltas.len()), (1, 0));
        let core = found.cores[0];
        // A quarter of a cell: the place is between the cells.
        assert!(near(core.x, core.y, (x, y), 1.0), "{core:?}");
        assert!(turn(core.direction, -opening) < 0.02, "{core:?}");
        assert!(core.confidence > 0.95);
    }
}

#[test]
fn a_delta_has_three_ways_a_third_of_a_turn_apart_along_its_ridges() {
    let found = seen(&[], &[(170.7, 190.2)], 0.6, &everywhere());
    assert_eq!((found.cores.len(), found.deltas.len()), (0, 1));
    let delta = found.deltas[0];
    assert!(near(delta.x, delta.y, (170.7, 190.2), 1.0), "{delta:?}");
    for direction in delta.directions {
        // Rows grow downward: along the way, twice the angle is the flow's.
        let way = -direction;
        assert!(turn(2.0 * way, 0.6 - way) < 0.05, "{delta:?}");
    }
    assert!(delta.directions.is_sorted() && delta.directions[2] < TAU);
}

#[test]
fn pairs_too_near_points_at_the_rim_and_points_outside_are_not_told() {
    let found = seen(&[(180.6, 180.3)], &[(190.1, 189.2)], 0.3, &everywhere());
    assert_eq!((found.cores.len(), found.deltas.len()), (0, 0));
    let mut left = everywhere();
    left.data.iter_mut().enumerate().for_each(|(k, v)| *v = k % SIDE < 188);
    assert_eq!(seen(&[(180.6, 180.3)], &[], 1.5, &left).cores.len(), 0);
    assert_eq!(seen(&[(230.6, 180.3)], &[], 1.5, &left).cores.len(), 0);
    assert_eq!(seen(&[(130.6, 180.3)], &[], 1.5, &left).cores.len(), 1);
}

/// The classes of drawn flows, each also turned by half a radian with its points.
#[test]
fn classes_of_drawn_flows_do_not_depend_on_the_turn_of_the_finger() {
    let core = (180.0f32, 150.0f32);
    let below = |dx: f32, dy: f32| (core.0 + dx, core.1 + dy);
    // Far below and far up the flow is level: the offset makes it so at the bottom left.
    let level = |cores: &[Place], deltas: &[Place]| {
        let at = (180.0f32, 1.0e6f32);
        let about = |p: &Place| (at.1 - p.1).atan2(at.0 - p.0);
        -(cores.iter().map(about).sum::<f32>() - deltas.iter().map(about).sum::<f32>())
    };
    let lower = (196.0, 190.0);
    let cases: [(Vec<Place>, Vec<Place>, PatternClass); 5] = [
        (vec![core], vec![below(95.0, 110.0)], PatternClass::LeftLoop),
        (vec![core], vec![below(-95.0, 110.0)], PatternClass::RightLoop),
        (vec![core], vec![below(6.0, 70.0)], PatternClass::TentedArch),
        (vec![core, lower], vec![below(-110.0, 120.0), below(120.0, 120.0)], PatternClass::Whorl),
        (vec![core, lower], vec![(-40.0, 330.0), (420.0, 330.0)], PatternClass::Whorl),
    ];
    for (cores, deltas, class) in cases {
        for angle in [-0.4f32, 0.0, 0.4] {
            let (sin, cos) = angle.sin_cos();
            let turned = |p: &Place| {
                let (dx, dy) = (p.0 - 180.0, p.1 - 180.0);
                (180.0 + cos * dx - sin * dy, 180.0 + sin * dx + cos * dy)
            };
            let (c, d): (Vec<_>, Vec<_>) = (cores.iter().map(turned).collect(), deltas.iter().map(turned).collect());
            // Every direction turns by the angle, the doubled one by twice; the ways to the points turn with them.
            let offset = level(&cores, &deltas) + 2.0 * angle - angle * (c.len() as f32 - d.len() as f32);
            let found = seen(&c, &d, offset, &everywhere());
            assert_eq!(found.class, class, "turned by {angle}: {found:?}");
            assert!(found.confidence > 0.4);
        }
    }
}

#[test]
fn an_arch_is_told_where_its_turn_is_seen_to_fall_and_only_there() {
    // Ridges of the height y = c + bump: their slope rises and falls from the tip down.
    let drawn = |peak: f32| {
        let mut flow = Flow::covering(SIDE, SIDE, CELL);
        for j in 0..flow.height {
            for i in 0..flow.width {
                let (x, y) = ((i as f32 + 0.5) * CELL as f32 - 180.0, (j as f32 + 0.5) * CELL as f32);
                let slope = 1.4 * (x / 60.0) * (-0.5 * ((y - peak) / 80.0).powi(2)).exp() / (1.0 + (x / 90.0).powi(2));
                let (sin, cos) = (2.0 * slope.atan()).sin_cos();
                flow.cos2[j * flow.width + i] = cos;
                flow.sin2[j * flow.width + i] = sin;
            }
        }
        Pattern::of(&flow, &everywhere(), &Mask::none(SIDE, SIDE))
    };
    let found = drawn(150.0);
    assert_eq!(found.class, PatternClass::Arch, "{found:?}");
    // The tip alone could be of any class.
    assert_eq!(drawn(420.0).class, PatternClass::Unknown);
    assert_eq!(drawn(420.0).confidence, 0.0);
}

#[test]
fn a_single_point_of_noise_and_an_empty_print_have_no_class() {
    let blank = Pattern::of(&Flow::covering(SIDE, SIDE, CELL), &Mask::none(SIDE, SIDE), &Mask::none(SIDE, SIDE));
    assert_eq!((blank.class, blank.cores.len(), blank.deltas.len()), (PatternClass::Unknown, 0, 0));
    let tiny = Flow::covering(1, 1, CELL);
    assert_eq!(Pattern::of(&tiny, &Mask::none(1, 1), &Mask::none(1, 1)).class, PatternClass::Unknown);
    let field = Field::new(&tiny, &Mask::none(1, 1));
    assert!(field.fine.zeros().is_empty());
}

/// Ridges of a period of ten pixels whose crests lie at multiples of ten along the way `angle`.
fn stripes(angle: f32) -> Mask {
    let (sin, cos) = angle.sin_cos();
    let data = (0..SIDE * SIDE)
        .map(|k| {
            let (x, y) = ((k % SIDE) as f32, (k / SIDE) as f32);
            ((x * cos + y * sin) * TAU / 10.0).cos() > 0.0
        })
        .collect();
    Mask { width: SIDE, height: SIDE, data }
}

#[test]
fn ridges_between_two_valleys_are_counted_at_any_angle() {
    for angle in [0.0f32, 0.3, 0.8, FRAC_PI_2, 2.2] {
        let ridges = stripes(angle);
        let (sin, cos) = angle.sin_cos();
        for n in 1..8u16 {
            // From the middle of a valley to that of the valley n ridges on, straight across and obliquely.
            for along in [0.0f32, 40.0, -75.0] {
                let across = 10.0 * f32::from(n);
                let from = (
                    180.0 + 5.0 * cos - ((180.0 * cos + 180.0 * sin) % 10.0) * cos,
                    180.0 + 5.0 * sin - ((180.0 * cos + 180.0 * sin) % 10.0) * sin,
                );
                let to = (from.0 + across * cos - along * sin, from.1 + across * sin + along * cos);
                assert_eq!(ridge_count(&ridges, &everywhere(), from, to), Some(n), "{angle} {n} {along}");
            }
        }
    }
}

#[test]
fn own_ridges_are_not_counted_nor_crumbs_along_an_edge() {
    let ridges = stripes(0.0);
    // From crest to crest: three ridges on, two lie between.
    assert_eq!(ridge_count(&ridges, &everywhere(), (100.0, 80.0), (130.0, 80.0)), Some(2));
    // Along the frayed edge of a ridge.
    let mut frayed = stripes(0.0);
    for y in (0..SIDE).step_by(3) {
        frayed.data[y * SIDE + 103] = true;
    }
    assert_eq!(ridge_count(&frayed, &everywhere(), (103.0, 50.0), (103.4, 300.0)), Some(0));
    assert_eq!(ridge_count(&ridges, &everywhere(), (105.0, 80.0), (105.0, 80.0)), Some(0));
}

#[test]
fn a_line_that_leaves_what_can_be_read_has_no_count() {
    let mut holed = everywhere();
    holed.data[180 * SIDE + 180] = false;
    let ridges = stripes(0.0);
    assert_eq!(ridge_count(&ridges, &holed, (100.0, 180.5), (250.0, 180.5)), None);
    assert!(ridge_count(&ridges, &holed, (100.0, 170.5), (250.0, 170.5)).is_some());
    for bad in [(f32::NAN, 10.0), (-5.0, 10.0), (f32::INFINITY, 10.0), (400.0, 10.0)] {
        assert_eq!(ridge_count(&ridges, &holed, (100.0, 100.0), bad), None);
    }
}

#[test]
fn neighbours_are_the_nearest_of_each_sector_from_the_direction_on() {
    let at = |x: f32, y: f32| Minutia { x, y, direction: PI / 2.0, kind: MinutiaKind::Ending, quality: 50 };
    // The first points up; one neighbour ahead to the left (its first quadrant), a farther one there, one below right.
    let minutiae = [at(185.0, 180.0), at(165.0, 150.0), at(145.0, 140.0), at(215.0, 230.0)];
    let ridges = stripes(0.0);
    let of_first: Vec<_> = ridge_counts(&minutiae, &ridges, &everywhere(), Neighbours::Quadrants)
        .into_iter()
        .filter(|c| c.a == 0)
        .collect();
    let expected = [NeighbourCount { a: 0, b: 1, count: 2 }, NeighbourCount { a: 0, b: 3, count: 3 }];
    assert_eq!(of_first, expected);
    let octants = ridge_counts(&minutiae, &ridges, &everywhere(), Neighbours::Octants);
    assert!(octants.len() >= of_first.len());
}

#[test]
fn a_record_holds_points_and_counts_and_gives_them_back() {
    let minutia = |k: usize| Minutia {
        x: 60.0 + 30.0 * k as f32,
        y: 100.0 + 20.0 * k as f32,
        direction: 1.0,
        kind: MinutiaKind::Ending,
        quality: 60,
    };
    let minutiae: Vec<_> = (0..5).map(minutia).collect();
    let template = Template { recipe: Recipe::Unknown, width: 360, height: 360, quality: 50, minutiae, ridges: None };
    let pattern = seen(&[(180.0, 150.0)], &[(275.0, 260.0)], 0.0, &everywhere());
    let counts = ridge_counts(&template.minutiae, &stripes(0.0), &everywhere(), Neighbours::Octants);
    let mut record = iso::to_record_of(&template, Finger::LeftThumb, Edition::Iso2005);
    add_pattern(&mut record, &pattern);
    add_pattern(&mut record, &pattern);
    add_ridge_counts(&mut record, &counts, Neighbours::Octants);
    let read = iso19794_2::read(&iso19794_2::write(&record).unwrap()).unwrap();
    assert_eq!(read.value.views[0].extended, record.views[0].extended);
    assert_eq!(record.views[0].extended.len(), 2);
    let [ExtendedBlock::CoresAndDeltas { cores, deltas }, ExtendedBlock::RidgeCounts { method: 2, counts: written }] =
        &record.views[0].extended[..]
    else {
        panic!("{:?}", record.views[0].extended)
    };
    assert_eq!((cores[0].x, cores[0].y, deltas[0].x, deltas[0].y), (180, 150, 275, 260));
    let back = f32::from(cores[0].angle.unwrap()) * TAU / 256.0;
    assert!(turn(back, pattern.cores[0].direction) < TAU / 512.0 + 1e-4);
    assert_eq!(written.len(), counts.len());
}
