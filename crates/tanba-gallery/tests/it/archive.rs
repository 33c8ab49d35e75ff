//! The gallery on disk: what is read back, and what is left when the power fails, the disk is full or a file is damaged.

use crate::people::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tanba_finger::crc32;
use tanba_formats::Finger;
use tanba_gallery::{
    Archive, Effort, EntryId, Folder, FolderError, Gallery, Outcome, Save, SearchControl, SearchOptions, Sex, Traits,
};
use zeroize::Zeroizing;

/// What happens at an operation that changes the folder, and at every later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The power fails before it.
    Before,
    /// The power fails after it.
    After,
    /// No room is left; removing still works.
    Full,
}

/// A folder in memory that fails on demand. Clones are the same folder.
#[derive(Clone, Default)]
pub(crate) struct Memory {
    files: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    operations: Arc<AtomicUsize>,
    fault: Option<(usize, Fault)>,
}

impl Memory {
    /// The same files after a new start, with nothing wrong.
    fn again(&self) -> Self {
        Self { files: Arc::clone(&self.files), ..Self::default() }
    }

    fn failing(&self, at: usize, fault: Fault) -> Self {
        Self { fault: Some((at, fault)), ..self.again() }
    }

    fn operation(&self, removes: bool, change: impl FnOnce(&mut BTreeMap<String, Vec<u8>>)) -> Result<(), FolderError> {
        let now = self.operations.fetch_add(1, Ordering::Relaxed);
        let mut files = self.files.lock().unwrap();
        let off = || FolderError::Failed("no power".to_owned());
        match self.fault {
            Some((at, Fault::Full)) if now >= at && !removes => return Err(FolderError::Full),
            Some((at, Fault::Before)) if now >= at => return Err(off()),
            Some((at, Fault::After)) if now > at => return Err(off()),
            Some((at, Fault::After)) if now == at => {
                change(&mut files);
                return Err(off());
            }
            _ => change(&mut files),
        }
        Ok(())
    }

    fn names(&self) -> Vec<String> {
        self.files.lock().unwrap().keys().cloned().collect()
    }

    fn damage(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        change(self.files.lock().unwrap().get_mut(name).unwrap());
    }
}

impl Folder for Memory {
    fn names(&self) -> Result<Vec<String>, FolderError> {
        Ok(self.names())
    }

    fn read(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, FolderError> {
        self.files.lock().unwrap().get(name).cloned().map(Zeroizing::new).ok_or(FolderError::Missing)
    }

    fn write(&self, name: &str, content: &[u8]) -> Result<(), FolderError> {
        self.operation(false, |files| {
            files.insert(name.to_owned(), content.to_vec());
        })
    }

    fn remove(&self, name: &str) -> Result<(), FolderError> {
        self.operation(true, |files| {
            files.remove(name);
        })
    }
}

fn open(folder: &Memory) -> Archive {
    let (archive, refused) = Archive::open(Box::new(folder.clone())).unwrap();
    assert_eq!(refused, []);
    archive
}

fn enrol(archive: &Archive, people: impl IntoIterator<Item = u64>) {
    for person in people {
        archive.insert(&enrolment(person)).unwrap();
    }
}

fn everyone(gallery: &Gallery) -> BTreeSet<u128> {
    [CIVIL, CRIMINAL].into_iter().flat_map(|p| gallery.entries(p)).map(|entry| entry.0).collect()
}

fn found(gallery: &Gallery, person: u64) -> bool {
    let probe = probe_of(person, &[Finger::RightIndex, Finger::LeftIndex]);
    let answer =
        gallery.search(&probe, &SearchOptions::new([CIVIL, CRIMINAL], 2.0), &SearchControl::default()).unwrap();
    matches!(answer.outcome(), Outcome::Hits([hit]) if hit.entry == EntryId(person.into()))
}

#[test]
fn whoever_gets_other_prints_is_found_by_these_and_whoever_is_gone_stays_gone() {
    let folder = Memory::default();
    let archive = open(&folder);
    enrol(&archive, [1, 3, 5]);
    archive.upkeep(Save::Everyone).unwrap();
    archive.remove(EntryId(5));
    let with_prints_of =
        |person: u64, other: u64| tanba_gallery::Enrolment { entry: EntryId(person.into()), ..enrolment(other) };
    let version = archive.snapshot().version();
    assert_eq!(archive.replace(&with_prints_of(5, 7)), Ok(false));
    assert_eq!(archive.replace(&with_prints_of(1, 8)), Ok(false), "not in that population");
    assert_eq!(archive.snapshot().version(), version);
    assert_eq!(archive.replace(&with_prints_of(1, 9)), Ok(true));
    let by = |gallery: &Gallery, prints: u64| {
        let probe = probe_of(prints, &[Finger::RightIndex, Finger::LeftIndex]);
        let answer =
            gallery.search(&probe, &SearchOptions::new([CIVIL, CRIMINAL], 2.0), &SearchControl::default()).unwrap();
        match answer.outcome() {
            Outcome::Hits([hit]) => Some(hit.entry.0),
            _ => None,
        }
    };
    let found = |gallery: &Gallery| [1, 3, 5, 7, 8, 9].map(|prints| by(gallery, prints));
    let expected = [None, Some(3), None, None, None, Some(1)];
    assert_eq!(found(&archive.snapshot()), expected);
    // Only one of the two is forgotten: the other one got something new.
    let did = archive.upkeep(Save::Everyone).unwrap();
    assert_eq!((did.forgotten, did.saved), (1, 1));
    assert_eq!(found(&open(&folder.again()).snapshot()), expected);
}

#[test]
fn people_are_found_after_a_new_start_with_all_that_was_known_of_them() {
    let folder = Memory::default();
    let archive = open(&folder);
    for person in 1..=30 {
        let traits = Traits { sex: Some(Sex::Female), born: Some(1970 + person as u16), region: None };
        archive.insert(&tanba_gallery::Enrolment { traits, ..enrolment(person) }).unwrap();
    }
    // Too few for a segment of their own, until the gallery is closed.
    assert_eq!(archive.upkeep(Save::WhenWorthIt).unwrap().saved, 0);
    assert_eq!(folder.names(), ["catalogue"]);
    assert_eq!(archive.upkeep(Save::Everyone).unwrap().saved, 30);
    assert_eq!(archive.upkeep(Save::Everyone).unwrap(), tanba_gallery::Upkeep::default());
    let before = archive.snapshot();
    let after = open(&folder.again()).snapshot();
    assert_eq!((after.version(), everyone(&after)), (before.version(), everyone(&before)));
    assert_eq!(after.to_bytes(), before.to_bytes());
    let (stats, segments) = (after.stats(), folder.names().len() - 1);
    assert_eq!((stats.impressions, stats.segments, stats.unsaved, stats.dead), (60, segments, 0, 0));
    // What is known of them is back too, and every answer is the same.
    let narrow = SearchOptions {
        filter: tanba_gallery::Filter { born: Some(1971..=1980), ..Default::default() },
        effort: Effort::Exhaustive,
        ..SearchOptions::new([CIVIL, CRIMINAL], -100.0)
    };
    let ask = |g: &Gallery| g.search(&probe_of(5, &[Finger::RightIndex]), &narrow, &SearchControl::default()).unwrap();
    assert_eq!((ask(&after).coverage().people_weighed, ask(&after).coverage().people_filtered_out), (10, 20));
    assert_eq!(ask(&after).outcome(), ask(&before).outcome());
}

#[test]
fn what_is_said_anew_of_a_person_replaces_what_was_said_and_forgets_nobody() {
    let folder = Memory::default();
    let archive = open(&folder);
    for person in 1..=6 {
        archive.insert(&tanba_gallery::Enrolment { traits: of(Sex::Female), ..enrolment(person) }).unwrap();
    }
    archive.upkeep(Save::Everyone).unwrap();
    let before = archive.snapshot();
    assert!(!archive.set_traits(EntryId(3), of(Sex::Female)), "that was known");
    assert!(!archive.set_traits(EntryId(99), of(Sex::Male)), "nobody");
    assert_eq!(archive.snapshot().version(), before.version());
    assert!(archive.set_traits(EntryId(3), of(Sex::Male)));
    let men = |gallery: &Gallery| {
        let narrow = SearchOptions {
            filter: tanba_gallery::Filter { sex: Some(Sex::Male), ..Default::default() },
            ..SearchOptions::new([CIVIL, CRIMINAL], 2.0)
        };
        let probe = probe_of(3, &[Finger::RightIndex, Finger::LeftIndex]);
        let answer = gallery.search(&probe, &narrow, &SearchControl::default()).unwrap();
        (
            matches!(answer.outcome(), Outcome::Hits([hit]) if hit.entry == EntryId(3)),
            answer.coverage().people_filtered_out,
        )
    };
    assert_eq!((men(&before), men(&archive.snapshot())), ((false, 6), (true, 5)));
    let did = archive.upkeep(Save::Everyone).unwrap();
    assert_eq!((did.saved, did.forgotten), (1, 0));
    let after = open(&folder.again()).snapshot();
    assert_eq!((men(&after), everyone(&after)), ((true, 5), (1..=6).collect()));
    assert!((1..=6).all(|person| found(&after, person)), "the fingers are as they were");
}

fn of(sex: Sex) -> Traits {
    Traits { sex: Some(sex), ..Traits::default() }
}

#[test]
fn of_the_dead_nothing_is_left() {
    let folder = Memory::default();
    let archive = open(&folder);
    // One whose id is told from everything else in the files.
    let seven = EntryId(0x7777_1234_5678_9abc_def0_1234_5678_7777);
    let ids = |person: u64| if person == 7 { seven } else { EntryId(person.into()) };
    let enrolments = (1..=20).map(|person| tanba_gallery::Enrolment { entry: ids(person), ..enrolment(person) });
    archive.insert_all(&enrolments.collect::<Vec<_>>()).unwrap();
    archive.upkeep(Save::Everyone).unwrap();
    let before = folder.names();
    let holds = |bytes: &Vec<u8>| bytes.windows(16).any(|w| w == seven.0.to_le_bytes());
    assert!(folder.files.lock().unwrap().values().any(holds));
    assert!(archive.remove(seven) && !archive.snapshot().contains(seven));
    // Out of every answer at once; on disk until the next round.
    assert_eq!(archive.snapshot().stats().dead, 1);
    assert_eq!(archive.upkeep(Save::WhenWorthIt).unwrap().forgotten, 1);
    let snapshot = archive.snapshot();
    assert_eq!((snapshot.stats().dead, snapshot.people()), (0, 19));
    assert!(found(&snapshot, 8) && !found(&snapshot, 7));
    // The segment of the odd people is another file now, and no file holds the id.
    assert_ne!(before, folder.names());
    assert!(!folder.files.lock().unwrap().values().any(holds));
    // Everyone of a population: the file goes and none comes.
    for person in 1..=20 {
        archive.remove(EntryId(person));
    }
    assert_eq!(archive.upkeep(Save::WhenWorthIt).unwrap().forgotten, 19);
    assert_eq!(folder.names(), ["catalogue"]);
    assert_eq!(open(&folder.again()).snapshot().people(), 0);
}

#[test]
fn whoever_is_erased_before_they_are_in_a_segment_is_gone_from_memory() {
    let archive = open(&Memory::default());
    enrol(&archive, 1..=3);
    let bytes = |archive: &Archive| {
        let stats = archive.snapshot().stats();
        (stats.code_bytes, stats.other_bytes)
    };
    archive.remove(EntryId(2));
    let others = open(&Memory::default());
    enrol(&others, [1, 3]);
    assert_eq!(bytes(&archive), bytes(&others));
    // The one who comes next takes no place of theirs.
    enrol(&archive, [4]);
    let snapshot = archive.snapshot();
    assert_eq!(everyone(&snapshot), [1, 3, 4].into());
    assert!(found(&snapshot, 3) && found(&snapshot, 4) && !found(&snapshot, 2));
}

#[test]
fn many_small_segments_become_one() {
    let folder = Memory::default();
    let archive = open(&folder);
    for person in 1..=18 {
        archive.insert(&enrolment(person)).unwrap();
        archive.upkeep(Save::Everyone).unwrap();
    }
    let stats = archive.snapshot().stats();
    // Nine of each population: eight were merged.
    assert_eq!((stats.segments, stats.people[&CIVIL], stats.people[&CRIMINAL]), (4, 9, 9));
    let again = open(&folder.again()).snapshot();
    assert!((1..=18).all(|person| found(&again, person)));
}

/// Enrols, removes, replaces and merges; tells who must be there after everything, and calls `sure` with who is alive after each finished round.
fn story(archive: &Archive, mut sure: impl FnMut(BTreeSet<u128>, BTreeSet<u128>)) {
    let mut alive = BTreeSet::new();
    let mut dead = BTreeSet::new();
    for step in 0..10u64 {
        for person in [3 * step + 1, 3 * step + 2, 3 * step + 3] {
            archive.insert(&enrolment(person)).unwrap();
            alive.insert(u128::from(person));
        }
        if step % 3 == 2 {
            let gone = u128::from(3 * step - 2);
            archive.remove(EntryId(gone));
            alive.remove(&gone);
            dead.insert(gone);
        }
        if archive.upkeep(Save::Everyone).is_ok() {
            sure(alive.clone(), dead.clone());
        }
    }
}

#[test]
fn wherever_the_power_fails_a_consistent_gallery_is_left() {
    let whole = Memory::default();
    story(&open(&whole), |_, _| ());
    let operations = whole.operations.load(Ordering::Relaxed);
    assert!(operations > 40, "{operations}");
    for at in 0..operations {
        for fault in [Fault::Before, Fault::After] {
            let folder = Memory::default().failing(at, fault);
            let (mut saved, mut gone) = (BTreeSet::new(), BTreeSet::new());
            story(&open(&folder), |alive, dead| (saved, gone) = (alive, dead));
            let archive = open(&folder.again());
            let here = everyone(&archive.snapshot());
            // Whoever was told to be saved is there, unless they were removed later; whoever was told to be forgotten is not.
            let removed_later: BTreeSet<u128> =
                (0..10u64).filter(|s| s % 3 == 2).map(|s| u128::from(3 * s - 2)).collect();
            assert!(saved.difference(&here).all(|p| removed_later.contains(p)), "{at} {fault:?}: {saved:?} {here:?}");
            assert!(here.is_disjoint(&gone), "{at} {fault:?}: {here:?} {gone:?}");
            // The register says who is alive; afterwards memory and files agree, and no file is left over.
            enrol(&archive, (1..=30).filter(|p| !here.contains(&u128::from(*p))));
            archive.upkeep(Save::Everyone).unwrap();
            let end = open(&folder.again()).snapshot();
            assert_eq!(everyone(&end), (1..=30).collect());
            assert_eq!(folder.names().len() - 1, end.stats().segments, "{at} {fault:?}");
        }
    }
}

#[test]
fn a_full_disk_stops_whoever_asks_before_enrolling_and_no_search() {
    for at in 0..12 {
        let folder = Memory::default().failing(at, Fault::Full);
        let archive = open(&folder);
        let mut full = false;
        for person in 1..=12 {
            archive.insert(&enrolment(person)).unwrap();
            let done = archive.upkeep(Save::Everyone);
            full |= done.is_err();
            assert_eq!(archive.demand_room().is_err(), done.is_err());
            if let Err(e) = done {
                assert!(e.to_string().contains("no room is left"), "{e}");
            }
            assert!(found(&archive.snapshot(), person));
        }
        assert!(full);
        // What is on disk is sound; when there is room again the rest follows.
        let (archive, refused) = Archive::open(Box::new(folder.again())).unwrap();
        assert_eq!(refused, []);
        enrol(&archive, 1..=12);
        archive.upkeep(Save::Everyone).unwrap();
        assert_eq!(everyone(&open(&folder.again()).snapshot()), (1..=12).collect());
    }
}

#[test]
fn a_damaged_segment_is_refused_by_name_and_the_rest_serves_with_a_gap_that_is_told() {
    let folder = Memory::default();
    let archive = open(&folder);
    enrol(&archive, 1..=20);
    archive.upkeep(Save::Everyone).unwrap();
    let segment = folder.names()[0].clone();
    folder.damage(&segment, |bytes| *bytes.last_mut().unwrap() ^= 1);
    let (archive, refused) = Archive::open(Box::new(folder.again())).unwrap();
    assert_eq!(refused.iter().map(|r| r.segment.as_str()).collect::<Vec<_>>(), [segment.as_str()]);
    let probe = probe_of(99, &[Finger::RightIndex]);
    let ask = || archive.snapshot().search(&probe, &options(&[CIVIL, CRIMINAL]), &SearchControl::default()).unwrap();
    assert!(matches!(ask().outcome(), Outcome::Incomplete { .. }));
    assert_eq!((ask().coverage().segments_refused.clone(), ask().coverage().people_weighed), (vec![segment], 10));
    // The register enrols whom the segment held; from then on "no hit" may be said again.
    enrol(&archive, 1..=20);
    archive.complete();
    assert_eq!(ask().outcome(), Outcome::NoHit);
    archive.upkeep(Save::Everyone).unwrap();
    assert_eq!(everyone(&open(&folder.again()).snapshot()).len(), 20);
}

#[test]
fn without_its_catalogue_nothing_is_believed() {
    let folder = Memory::default();
    let archive = open(&folder);
    enrol(&archive, 1..=4);
    archive.upkeep(Save::Everyone).unwrap();
    folder.files.lock().unwrap().remove("catalogue");
    let (archive, refused) = Archive::open(Box::new(folder.again())).unwrap();
    assert_eq!((refused.len(), archive.snapshot().people()), (1, 0));
    archive.upkeep(Save::Everyone).unwrap();
    assert_eq!(folder.names(), ["catalogue"]);
}

/// The files of a folder of fixtures.
fn kept_in(name: &str) -> Memory {
    let kept = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    let folder = Memory::default();
    for entry in std::fs::read_dir(&kept).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        folder.files.lock().unwrap().insert(name, std::fs::read(path).unwrap());
    }
    folder
}

/// Files of the version before prints had codes of their ridges: nobody is searched by what cannot be compared; the register enrols them anew.
#[test]
fn files_with_codes_of_another_kind_are_refused_by_name() {
    let folder = kept_in("other-codes");
    let (archive, refused) = Archive::open(Box::new(folder)).unwrap();
    let names: Vec<&str> = refused.iter().map(|refused| refused.segment.as_str()).collect();
    assert_eq!(names, ["000000000000.segment", "000000000001.segment"]);
    assert!(refused.iter().all(|refused| refused.why.contains("made with other parameters")));
    assert!(everyone(&archive.snapshot()).is_empty());
}

/// Files that an earlier version wrote (with `TANBA_UPDATE` set, that this one writes). A change of the format or of the codes' parameters
/// makes this fail: then either this version reads both, or these files move to a test that they are refused and made anew.
#[test]
fn files_of_format_1_are_read() {
    let kept = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/format-1");
    let traits = Traits { sex: Some(Sex::Male), born: Some(1999), region: Some(12) };
    if std::env::var_os("TANBA_UPDATE").is_some() {
        let folder = Memory::default();
        let archive = open(&folder);
        for person in 1..=4 {
            archive.insert(&tanba_gallery::Enrolment { traits, ..enrolment(person) }).unwrap();
        }
        archive.upkeep(Save::Everyone).unwrap();
        std::fs::create_dir_all(&kept).unwrap();
        for (name, content) in folder.files.lock().unwrap().iter() {
            std::fs::write(kept.join(name), content).unwrap();
        }
    }
    let folder = kept_in("format-1");
    let gallery = open(&folder).snapshot();
    assert_eq!((everyone(&gallery), gallery.version()), ((1..=4).collect(), 4));
    assert!((1..=4).all(|person| found(&gallery, person)));
    let only = SearchOptions {
        filter: tanba_gallery::Filter { region: Some(13), ..Default::default() },
        ..SearchOptions::new([CIVIL, CRIMINAL], 2.0)
    };
    let answer = gallery.search(&probe_of(1, &[Finger::RightIndex]), &only, &SearchControl::default()).unwrap();
    assert_eq!(answer.coverage().people_filtered_out, 4);
}

#[test]
fn segments_of_another_kind_are_told_apart() {
    let folder = Memory::default();
    let archive = open(&folder);
    archive.insert(&enrolment(1)).unwrap();
    archive.upkeep(Save::Everyone).unwrap();
    let segment = folder.names()[0].clone();
    let good = folder.files.lock().unwrap()[&segment].clone();
    let why = |change: &dyn Fn(&mut Vec<u8>)| {
        let other = Memory { files: Arc::new(Mutex::new(folder.files.lock().unwrap().clone())), ..Memory::default() };
        other.damage(&segment, change);
        Archive::open(Box::new(other)).unwrap().1.pop().unwrap().why
    };
    let header_end = 24 + 12;
    let signed = |bytes: &mut Vec<u8>| {
        let checksum = crc32(&bytes[..header_end]).to_le_bytes();
        bytes[header_end..header_end + 4].copy_from_slice(&checksum);
    };
    assert!(why(&|b| *b = b"SQLite format 3\0".to_vec()).contains("does not begin with its mark"));
    assert!(why(&|b| b.truncate(good.len() - 1)).contains("cut short"));
    assert!(why(&|b| b.push(0)).contains("goes on after its end"));
    assert!(why(&|b| b[8] = 2).contains("format 2"));
    assert!(why(&|b| b[10] ^= 1).contains("damaged"));
    assert!(
        why(&|b| {
            b[10] ^= 1;
            signed(b);
        })
        .contains("other parameters")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Bytes changed in a chunk whose checksum fits again.
    #[test]
    fn no_bytes_panic_even_with_right_checksums(at in 0usize..4000, value in any::<u8>(), cut in 0usize..20) {
        let folder = Memory::default();
        let archive = open(&folder);
        archive.insert(&enrolment(1)).unwrap();
        archive.upkeep(Save::Everyone).unwrap();
        let segment = folder.names()[0].clone();
        folder.damage(&segment, |bytes| {
            let body = 24 + 12 + 4;
            let at = body + at % (bytes.len() - body);
            bytes[at] = value;
            bytes.truncate(bytes.len() - cut);
            let (length, checksum) = ((bytes.len() - body) as u64, crc32(&bytes[body..]));
            bytes[24..32].copy_from_slice(&length.to_le_bytes());
            bytes[32..36].copy_from_slice(&checksum.to_le_bytes());
            let header = crc32(&bytes[..36]).to_le_bytes();
            bytes[36..40].copy_from_slice(&header);
        });
        let (archive, _) = Archive::open(Box::new(folder.again())).unwrap();
        let probe = probe_of(1, &[Finger::RightIndex]);
        let _ = archive.snapshot().search(&probe, &options(&[CIVIL]), &SearchControl::default());
    }
}
