//! A scanner that is not there: it grows the fingers of people who do not exist when they are laid on it.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use tanba_formats::{Finger, Gray8};
use tanba_server::{VirtualDevice, VirtualHands};
use tanba_synth::{ImpressionPreset, Person};

/// Hands that the scanner knows.
pub(crate) struct Hands {
    pub(crate) name: String,
    /// Whose fingers they are.
    pub(crate) person: Person,
    /// The numbers under which they come: one, or two where somebody tries twice.
    pub(crate) numbers: Vec<String>,
    /// Fingers that cannot be laid on the glass.
    pub(crate) absent: BTreeSet<Finger>,
    /// Fingers whose first two attempts are poor.
    pub(crate) weak: BTreeSet<Finger>,
}

impl Hands {
    /// A person's own hands, as they are.
    pub(crate) fn of(person: &Person) -> Self {
        Self {
            name: name_of(person),
            person: person.clone(),
            numbers: vec![person.iin.as_str().to_owned()],
            absent: BTreeSet::new(),
            weak: BTreeSet::new(),
        }
    }
}

/// The name to call somebody by.
pub(crate) fn name_of(person: &Person) -> String {
    format!("{} {}", person.name.family.kk, person.name.given.kk)
}

/// Images that are kept, because people come back to a finger: some twelve hands.
const KEPT: usize = 120;
/// Hands that are offered, where the scanner knows more than fit a list: those whose number was asked for lately.
const OFFERED: usize = 40;

/// A touch of the glass: whose hands, which finger, which attempt.
type Touch = (usize, Finger, u32);

/// The scanner.
pub(crate) struct Scanner {
    hands: Vec<Hands>,
    made: Mutex<VecDeque<(Touch, Vec<u8>)>>,
    lately: Mutex<VecDeque<usize>>,
}

impl Scanner {
    pub(crate) fn new(hands: Vec<Hands>) -> Self {
        Self { hands, made: Mutex::default(), lately: Mutex::default() }
    }

    /// Hands are named by their place, which says nothing about anyone.
    fn place(&self, key: &str) -> Option<usize> {
        key.strip_prefix('h')?.parse().ok().filter(|place| *place < self.hands.len())
    }

    fn offered(&self) -> Vec<usize> {
        if self.hands.len() <= OFFERED {
            return (0..self.hands.len()).collect();
        }
        self.lately.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }
}

impl VirtualDevice for Scanner {
    fn hands(&self) -> Vec<VirtualHands> {
        self.offered()
            .into_iter()
            .map(|place| VirtualHands { key: format!("h{place}"), name: self.hands[place].name.clone() })
            .collect()
    }

    fn touch(&self, hands: &str, finger: Finger, attempt: u32) -> Option<Vec<u8>> {
        let place = self.place(hands)?;
        let known = &self.hands[place];
        if known.absent.contains(&finger) {
            return None;
        }
        let asked = (place, finger, attempt);
        {
            let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((_, png)) = made.iter().find(|(key, _)| *key == asked) {
                return Some(png.clone());
            }
        }
        let master = known.person.finger(finger)?;
        // No two touches of a finger are the same, and the same touch is the same every time.
        let touch = known.person.seed ^ (u64::from(attempt) << 32) ^ u64::from(finger.code());
        let mut image = master.touch(ImpressionPreset::Clean, touch).image;
        if known.weak.contains(&finger) && attempt < 3 {
            image = poor(&image);
        }
        let png = tanba_formats::image::encode_png(&image);
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if made.len() >= KEPT {
            made.pop_front();
        }
        made.push_back((asked, png.clone()));
        Some(png)
    }

    fn hands_of(&self, iin: &str) -> Option<String> {
        let place = self.hands.iter().position(|hands| hands.numbers.iter().any(|number| number == iin))?;
        let mut lately = self.lately.lock().unwrap_or_else(PoisonError::into_inner);
        lately.retain(|known| *known != place);
        lately.push_front(place);
        lately.truncate(OFFERED);
        Some(format!("h{place}"))
    }
}

/// A finger laid on too lightly: a small part of it touches, faintly, and not everywhere. Enough is left to be taken for a print, and too little
/// for a good one.
fn poor(image: &Gray8) -> Gray8 {
    let (width, height) = (image.width(), image.height());
    let ground = 245_i32;
    let pixels = image
        .pixels()
        .iter()
        .enumerate()
        .map(|(i, pixel)| {
            let (x, y) = ((i % width) as f64 / width as f64 - 0.5, (i / width) as f64 / height as f64 - 0.5);
            // About half of the skin hangs above the glass, in specks of four pixels that follow no pattern.
            let speck = (i % width / 4) * 73 + (i / width / 4) * 151;
            let touches = (speck * speck + speck * 7) % 101 >= 50;
            let inside = touches && (x / 0.170).powi(2) + (y / 0.150).powi(2) < 1.0;
            let faint = ground - (ground - i32::from(*pixel)) * 3 / 10;
            u8::try_from(if inside { faint } else { ground }).unwrap_or(u8::MAX)
        })
        .collect();
    // The same size as the image it comes from, so it is one.
    Gray8::new(width, height, image.ppi(), pixels).unwrap_or_else(|_| image.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adult(seed: u64) -> Person {
        Person::with(seed, (2026, 11, 23), tanba_synth::PersonSpec::ADULT)
    }

    fn quality(png: &[u8]) -> Option<u8> {
        let image = tanba_formats::image::read(png, &tanba_formats::image::ReadOptions::default()).unwrap().value;
        tanba_finger::extract(&image, &tanba_finger::ExtractParams::default(), &mut tanba_finger::NoSink)
            .ok()
            .map(|template| template.quality)
    }

    #[test]
    fn a_weak_finger_is_poor_twice_and_good_at_the_third_attempt() {
        for seed in 1..9 {
            let mut hands = Hands::of(&adult(seed));
            hands.weak.insert(Finger::RightMiddle);
            let scanner = Scanner::new(vec![hands]);
            let touches: Vec<Option<u8>> =
                (1..=3).map(|attempt| quality(&scanner.touch("h0", Finger::RightMiddle, attempt).unwrap())).collect();
            assert!(touches[0].is_some_and(|q| q < 30) && touches[1].is_some_and(|q| q < 30), "{seed}: {touches:?}");
            assert!(touches[2].is_some_and(|q| q >= 30), "{seed}: {touches:?}");
        }
    }

    #[test]
    fn hands_are_found_by_number_and_named_by_nothing_that_tells_it() {
        let (one, other) = (adult(5), adult(6));
        let mut hands = Hands::of(&one);
        hands.numbers.push(other.iin.as_str().to_owned());
        hands.absent.insert(Finger::LeftLittle);
        let scanner = Scanner::new(vec![hands]);
        let key = scanner.hands_of(other.iin.as_str()).unwrap();
        assert_eq!(key, scanner.hands()[0].key);
        assert!(!key.contains(one.iin.as_str()));
        assert!(scanner.hands_of("000000000000").is_none());
        assert!(scanner.touch(&key, Finger::LeftLittle, 1).is_none());
        assert!(
            scanner.touch("h9", Finger::RightIndex, 1).is_none() && scanner.touch("x", Finger::RightIndex, 1).is_none()
        );
        let first = scanner.touch(&key, Finger::RightIndex, 1).unwrap();
        assert_eq!(scanner.touch(&key, Finger::RightIndex, 1).unwrap(), first, "the same touch is the same");
        assert_ne!(scanner.touch(&key, Finger::RightIndex, 2).unwrap(), first);
    }
}
