//! The first look on a device: the answers of the processor, whatever the device does.

use crate::archive::Memory;
use crate::people::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tanba_finger::scan::{ScanPrint, scan};
use tanba_formats::Finger;
use tanba_gallery::{
    Archive, Coverage, DeviceError, DevicePrints, Enrolment, EntryId, Gallery, LookDevice, Outcome, Probe, Save,
    SearchControl, SearchOptions,
};

/// Scores as the processor does, and breaks when told to. Clones are the same device.
#[derive(Debug, Clone, Default)]
struct Invented {
    /// Prints that it holds now.
    held: Arc<AtomicUsize>,
    /// Prints that were ever sent to it.
    sent: Arc<AtomicUsize>,
    broken: Arc<AtomicBool>,
    full: Arc<AtomicBool>,
}

#[derive(Debug)]
struct Held {
    device: Invented,
    prints: Vec<ScanPrint>,
}

impl LookDevice for Invented {
    fn name(&self) -> &str {
        "invented"
    }

    fn upload(&self, prints: &[ScanPrint]) -> Result<Box<dyn DevicePrints>, DeviceError> {
        if self.full.load(Ordering::Relaxed) {
            return Err(DeviceError("no memory left".to_owned()));
        }
        self.held.fetch_add(prints.len(), Ordering::Relaxed);
        self.sent.fetch_add(prints.len(), Ordering::Relaxed);
        Ok(Box::new(Held { device: self.clone(), prints: prints.to_vec() }))
    }
}

impl DevicePrints for Held {
    fn scan(&self, probes: &[ScanPrint], scores: &mut [u32]) -> Result<(), DeviceError> {
        assert_eq!(scores.len(), probes.len() * self.prints.len());
        for (probe, scores) in probes.iter().zip(scores.chunks_exact_mut(self.prints.len())) {
            scan(probe, &self.prints, scores);
        }
        match self.device.broken.load(Ordering::Relaxed) {
            true => Err(DeviceError("fell off the bus".to_owned())),
            false => Ok(()),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.device.held.fetch_sub(self.prints.len(), Ordering::Relaxed);
    }
}

/// A person with all ten fingers, the right index finger twice.
fn ten(person: u64) -> Enrolment {
    let mut fingers = Finger::TEN.map(|finger| (finger, finger_of(person, finger))).to_vec();
    fingers.push((Finger::RightIndex, again(&finger_of(person, Finger::RightIndex))));
    Enrolment::new(EntryId(person.into()), CIVIL, fingers)
}

/// Prints of one person; a search by all fingers begins with four of them, one of which has two.
const OF_ONE: usize = 11;

/// An archive of people, all of them in segments.
fn archive(people: u64) -> Archive {
    let (archive, _) = Archive::open(Box::new(Memory::default())).unwrap();
    archive.insert_all(&(1..=people).map(ten).collect::<Vec<_>>()).unwrap();
    archive.upkeep(Save::Everyone).unwrap();
    archive
}

fn ask(gallery: &Gallery, probe: &Probe, exchanged: bool) -> (Option<u64>, Coverage) {
    let options = SearchOptions { hands_may_be_exchanged: exchanged, ..SearchOptions::new([CIVIL], 3.0) };
    let answer = gallery.search(probe, &options, &SearchControl::default()).unwrap();
    let found = match answer.outcome() {
        Outcome::Hits([one]) => Some(one.entry.0 as u64),
        Outcome::NoHit => None,
        other => panic!("{other:?}"),
    };
    (found, answer.coverage().clone())
}

/// What was covered, but for who looked.
fn covered(coverage: &Coverage) -> Coverage {
    Coverage { fingers_on_device: 0, device_failures: Vec::new(), ..coverage.clone() }
}

#[test]
fn a_device_gives_the_answers_of_the_processor_and_the_coverage_says_who_looked() {
    let archive = archive(600);
    let before = archive.snapshot();
    let device = Invented::default();
    archive.look_on(Arc::new(device.clone())).unwrap();
    assert_eq!(archive.snapshot().stats().on_device.map(|on| on.prints), Some(600 * OF_ONE));
    // Somebody who came since: the processor looks at them.
    archive.insert(&ten(601)).unwrap();
    let before_and_one = {
        let mut gallery = before;
        gallery.insert(&ten(601)).unwrap();
        gallery
    };
    let hands = |person| Probe {
        fingers: probe_of(person, &Finger::TEN.map(Finger::of_other_hand))
            .fingers
            .into_iter()
            .map(|(finger, print)| (finger.of_other_hand(), print))
            .collect(),
    };
    let unknown = |person| {
        let probe = probe_of(person, &[Finger::RightIndex, Finger::LeftThumb]);
        Probe { fingers: probe.fingers.into_iter().map(|(_, print)| (Finger::Unknown, print)).collect() }
    };
    for person in [7, 300, 601, 999] {
        let probes =
            [probe_of(person, &Finger::TEN), probe_of(person, &[Finger::LeftLittle]), hands(person), unknown(person)];
        for probe in &probes {
            for exchanged in [false, true] {
                let (expected, by_processor) = ask(&before_and_one, probe, exchanged);
                let (found, with_device) = ask(&archive.snapshot(), probe, exchanged);
                assert_eq!(found, expected);
                assert_eq!(
                    covered(&with_device),
                    Coverage {
                        version: with_device.version,
                        segments_searched: with_device.segments_searched,
                        ..by_processor
                    }
                );
                assert!(with_device.fingers_on_device >= 600 && with_device.device_failures.is_empty());
                assert!(with_device.fingers_on_device < with_device.fingers_compared);
            }
        }
    }
    assert_eq!(ask(&archive.snapshot(), &probe_of(601, &Finger::TEN), false).0, Some(601));
}

#[test]
fn a_device_that_breaks_in_a_search_leaves_no_gap() {
    let archive = archive(300);
    let device = Invented::default();
    archive.look_on(Arc::new(device.clone())).unwrap();
    device.broken.store(true, Ordering::Relaxed);
    let (found, coverage) = ask(&archive.snapshot(), &probe_of(123, &Finger::TEN), false);
    assert_eq!((found, coverage.fingers_on_device), (Some(123), 0));
    assert_eq!(coverage.device_failures, [DeviceError("fell off the bus".to_owned())]);
    assert!(coverage.complete());
    device.broken.store(false, Ordering::Relaxed);
    let (found, coverage) = ask(&archive.snapshot(), &probe_of(123, &Finger::TEN), false);
    assert_eq!((found, coverage.fingers_on_device, coverage.device_failures.len()), (Some(123), 5 * 300, 0));
}

#[test]
fn upkeep_sends_whoever_came_and_takes_off_whoever_is_gone() {
    let archive = archive(300);
    let device = Invented::default();
    archive.look_on(Arc::new(device.clone())).unwrap();
    assert_eq!(device.held.load(Ordering::Relaxed), 300 * OF_ONE);
    assert_eq!(archive.upkeep(Save::Everyone).unwrap().device_failure, None);
    assert_eq!(device.sent.load(Ordering::Relaxed), 300 * OF_ONE, "what is there is not sent again");
    archive.remove(EntryId(7));
    assert_eq!(ask(&archive.snapshot(), &probe_of(7, &Finger::TEN), false).0, None, "at once");
    archive.insert_all(&(301..=350).map(ten).collect::<Vec<_>>()).unwrap();
    assert_eq!(archive.upkeep(Save::Everyone).unwrap().forgotten, 1);
    assert_eq!(device.held.load(Ordering::Relaxed), 349 * OF_ONE);
    let (found, coverage) = ask(&archive.snapshot(), &probe_of(333, &Finger::TEN), false);
    assert_eq!((found, coverage.fingers_on_device), (Some(333), 5 * 349));
}

#[test]
fn a_device_without_room_leaves_the_search_to_the_processor_until_it_has() {
    let archive = archive(50);
    let device = Invented::default();
    device.full.store(true, Ordering::Relaxed);
    let full = DeviceError("no memory left".to_owned());
    assert_eq!(archive.look_on(Arc::new(device.clone())), Err(full.clone()));
    let (found, coverage) = ask(&archive.snapshot(), &probe_of(5, &Finger::TEN), false);
    assert_eq!((found, coverage.fingers_on_device, coverage.device_failures.len()), (Some(5), 0, 0));
    assert_eq!(archive.upkeep(Save::Everyone).unwrap().device_failure, Some(full));
    device.full.store(false, Ordering::Relaxed);
    assert_eq!(archive.upkeep(Save::Everyone).unwrap().device_failure, None);
    assert_eq!(
        archive.snapshot().stats().on_device.map(|on| (on.device, on.prints)),
        Some(("invented".to_owned(), 50 * OF_ONE))
    );
}
