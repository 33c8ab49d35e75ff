//! Invented people for the tests.

use tanba_finger::{Minutia, MinutiaKind, Prepared, Recipe, Template};
use tanba_formats::Finger;
use tanba_gallery::{Effort, Enrolment, EntryId, Gallery, Population, Probe, SearchOptions};

pub(crate) const CIVIL: Population = Population(1);
pub(crate) const CRIMINAL: Population = Population(2);

/// A template of 25 minutiae with at least 12 px between them, all from one number.
pub(crate) fn finger(seed: u64) -> Template {
    let mut state = seed.wrapping_mul(0xD129_0D3B);
    let mut next = move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        ((z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB) >> 40) as f32 / (1u64 << 24) as f32
    };
    let mut minutiae: Vec<Minutia> = Vec::new();
    while minutiae.len() < 25 {
        let (x, y) = (20.0 + 200.0 * next(), 20.0 + 250.0 * next());
        if minutiae.iter().all(|m| (m.x - x).hypot(m.y - y) > 12.0) {
            let kind = MinutiaKind::Ending;
            minutiae.push(Minutia { x, y, direction: next() * 6.0, kind, quality: (100.0 * next()) as u8 });
        }
    }
    let template = Template { recipe: Recipe::Unknown, width: 240, height: 300, quality: 70, minutiae, ridges: None };
    // As it is kept: places and directions are rounded in a file.
    Template::from_bytes(&template.to_bytes()).unwrap()
}

/// Another impression: a little turned and shifted, every fifth minutia lost.
pub(crate) fn again(of: &Template) -> Template {
    let (sin, cos) = 0.15f32.sin_cos();
    let minutiae = of
        .minutiae
        .iter()
        .enumerate()
        .filter(|(i, _)| i % 5 != 0)
        .map(|(_, m)| Minutia {
            x: 10.0 + cos * m.x + sin * m.y,
            y: 40.0 - sin * m.x + cos * m.y,
            direction: (m.direction + 0.15).rem_euclid(core::f32::consts::TAU),
            ..*m
        })
        .collect();
    Template { minutiae, ..of.clone() }
}

/// Finger `position` of person `person`.
pub(crate) fn finger_of(person: u64, position: Finger) -> Template {
    finger(1000 * person + u64::from(position.code()))
}

/// A probe of new impressions of a person's fingers.
pub(crate) fn probe_of(person: u64, positions: &[Finger]) -> Probe {
    Probe { fingers: positions.iter().map(|&p| (p, Prepared::new(&again(&finger_of(person, p))))).collect() }
}

/// People 1 to `n` with two index fingers each: odd ones civil, even ones criminal.
pub(crate) fn gallery(n: u64) -> Gallery {
    let mut gallery = Gallery::new();
    for person in 1..=n {
        gallery.insert(&enrolment(person)).unwrap();
    }
    gallery
}

/// Person `n` with two index fingers.
pub(crate) fn enrolment(person: u64) -> Enrolment {
    let fingers = [Finger::RightIndex, Finger::LeftIndex].map(|p| (p, finger_of(person, p))).to_vec();
    let population = if person % 2 == 1 { CIVIL } else { CRIMINAL };
    Enrolment::new(EntryId(person.into()), population, fingers)
}

pub(crate) fn options(populations: &[Population]) -> SearchOptions {
    SearchOptions { effort: Effort::Exhaustive, ..SearchOptions::new(populations.iter().copied(), 2.0) }
}
