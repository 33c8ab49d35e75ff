//! The gallery on disk: sealed, made from the database, and never trusted over it.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tanba_finger::{Minutia, MinutiaKind, Recipe, Template};
use tanba_formats::Finger;
use tanba_gallery::{Enrolment, EntryId, Population};
use tanba_registry::{MemoryRegister, Registry, RegistryError, Save, ScratchGallery};
use tanba_synth::Person;

use crate::house::*;

pub(crate) async fn pool_of(data: &Path) -> sqlx::SqlitePool {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(data.join("tanba.sqlite"));
    sqlx::SqlitePool::connect_with(options).await.unwrap()
}

/// Changes the database of a register that is not open.
async fn change(data: &Path, statement: &'static str) {
    let pool = pool_of(data).await;
    sqlx::query(statement).execute(&pool).await.unwrap();
    pool.close().await;
}

/// A register of two people, closed with its gallery on disk.
async fn closed(people: &[Person; 2]) -> (tempfile::TempDir, PathBuf, Arc<tanba_registry::SetClock>) {
    let house = house(&[&people[0], &people[1]]).await;
    for (key, person) in ["k1", "k2"].iter().zip(people) {
        house.register(person, person, key, 1).await.unwrap();
    }
    assert_eq!(house.registry.keep_gallery(Save::Everyone).await.unwrap().saved, 2);
    let stats = house.registry.gallery_stats();
    assert_eq!((stats.segments, stats.unsaved, stats.dead), (1, 0, 0));
    let data = house.data();
    let House { dir, registry, clock, .. } = house;
    drop(registry);
    (dir, data, clock)
}

async fn again(data: &Path, clock: &Arc<tanba_registry::SetClock>) -> Registry {
    Registry::open(data, PASSPHRASE, Arc::new(MemoryRegister::default()), clock.clone()).await.unwrap()
}

fn segments(data: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(data.join("gallery")).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|e| e == "segment")).collect()
}

pub(crate) async fn events(data: &Path, event: &str) -> i64 {
    let pool = pool_of(data).await;
    let count = sqlx::query_scalar("SELECT COUNT(*) FROM log_entries WHERE event = $1").bind(event).fetch_one(&pool);
    let count = count.await.unwrap();
    pool.close().await;
    count
}

#[tokio::test]
async fn people_are_read_from_sealed_segments_and_a_damaged_one_is_made_anew() {
    let people = [adult(1), adult(2)];
    let (dir, data, clock) = closed(&people).await;
    let [segment] = &segments(&data)[..] else { panic!("one segment") };
    let sealed = fs::read(segment).unwrap();
    for secret in [&b"TANBAseg"[..], b"TANBAfmt"] {
        assert!(!sealed.windows(8).any(|w| w == secret), "a segment is encrypted");
    }
    let registry = again(&data, &clock).await;
    assert_eq!((registry.people_searchable(), registry.gallery_stats().unsaved), (2, 0));
    drop(registry);

    // Damaged, and then under another name: refused, made anew from the database, and said so in the log.
    fs::write(segment, &sealed[..sealed.len() - 1]).unwrap();
    let registry = again(&data, &clock).await;
    let stats = registry.gallery_stats();
    assert_eq!((registry.people_searchable(), stats.unsaved, stats.refused.len()), (2, 2, 0));
    registry.keep_gallery(Save::Everyone).await.unwrap();
    drop(registry);
    assert_eq!(events(&data, "gallery.made_anew").await, 1);
    let [anew] = &segments(&data)[..] else { panic!("one segment") };
    assert_ne!(anew, segment);
    fs::write(anew, &sealed).unwrap();
    let registry = again(&data, &clock).await;
    assert_eq!((registry.people_searchable(), registry.gallery_stats().unsaved), (2, 2));
    drop(registry);
    // All of it may be lost.
    fs::remove_dir_all(data.join("gallery")).unwrap();
    assert_eq!(again(&data, &clock).await.people_searchable(), 2);
    drop(dir);
}

#[tokio::test]
async fn whoever_is_not_registered_any_more_is_forgotten_and_the_key_of_their_segment_destroyed() {
    let people = [adult(3), adult(4)];
    let (dir, data, clock) = closed(&people).await;
    let [segment] = &segments(&data)[..] else { panic!("one segment") };
    // Whoever holds a copy of the directory entry of the old file sees what becomes of it.
    let kept = data.join("kept");
    fs::hard_link(segment, &kept).unwrap();
    let before = fs::read(&kept).unwrap();
    change(&data, "UPDATE registrations SET state = 'withdrawn' WHERE id = (SELECT MIN(id) FROM registrations)").await;
    let registry = again(&data, &clock).await;
    assert_eq!((registry.people_searchable(), registry.gallery_stats().dead), (1, 1));
    assert_eq!(registry.keep_gallery(Save::WhenWorthIt).await.unwrap().forgotten, 1);
    assert_eq!(registry.gallery_stats().dead, 0);
    let now = fs::read(&kept).unwrap();
    let length = usize::from(u16::from_le_bytes([before[0], before[1]]));
    assert!(before[2..2 + length].iter().any(|b| *b != 0) && now[2..2 + length].iter().all(|b| *b == 0));
    assert!(!segment.exists());
    drop(registry);
    assert_eq!(events(&data, "gallery.forgotten").await, 1);
    let registry = again(&data, &clock).await;
    assert_eq!((registry.people_searchable(), registry.gallery_stats().unsaved), (1, 0));
    drop(registry);
    // Whose key is destroyed is not findable by what a segment still holds.
    change(&data, "UPDATE data_keys SET wrapped = NULL, destroyed_at = 1 WHERE domain = 'template'").await;
    let registry = again(&data, &clock).await;
    assert_eq!((registry.people_searchable(), registry.gallery_stats().dead), (0, 1));
    registry.keep_gallery(Save::WhenWorthIt).await.unwrap();
    assert!(segments(&data).is_empty());
    drop(dir);
}

#[tokio::test]
async fn nobody_is_registered_while_the_gallery_cannot_be_kept_and_searches_go_on() {
    let people = [adult(5), adult(6)];
    let house = house(&[&people[0], &people[1]]).await;
    house.register(&people[0], &people[0], "k1", 1).await.unwrap();
    // In the place of the file that every write begins with.
    let obstacle = house.data().join("gallery/.unfinished");
    fs::create_dir(&obstacle).unwrap();
    let failed = house.registry.keep_gallery(Save::Everyone).await.unwrap_err();
    assert!(matches!(failed, RegistryError::Gallery(_)), "{failed}");
    let encounter = house.open(&people[1], "identity_card", "k2").await.unwrap();
    house.capture_all(encounter.id, &people[1], 1).await.unwrap();
    let refused = house.registry.complete(&house.operator, encounter.id).await.unwrap_err();
    assert!(refused.to_string().contains("searches go on"), "{refused}");
    assert_eq!(house.registry.people_searchable(), 1);
    fs::remove_dir(&obstacle).unwrap();
    house.registry.keep_gallery(Save::Everyone).await.unwrap();
    house.registry.complete(&house.operator, encounter.id).await.unwrap();
    assert_eq!(house.registry.people_searchable(), 2);
}

/// Where the child works; absent, the test of this name has nothing to do.
const CHILD: &str = "TANBA_GALLERY_CHILD";
const EVERYONE: Population = Population(1);

/// A person of one finger with a few minutiae.
fn somebody(number: u32) -> Enrolment {
    let minutia = |k: u32| Minutia {
        x: 60.0 + ((k * 37 + number * 13) % 200) as f32,
        y: 60.0 + ((k * 61 + number * 29) % 260) as f32,
        direction: ((k * 7 + number) % 6) as f32,
        kind: MinutiaKind::Ending,
        quality: 80,
    };
    let minutiae = (0..20).map(minutia).collect();
    let template = Template { recipe: Recipe::Unknown, width: 400, height: 500, quality: 70, minutiae, ridges: None };
    Enrolment::new(EntryId(number.into()), EVERYONE, vec![(Finger::RightIndex, template)])
}

/// Whoever is enrolled in step `k` has number `k`; whoever was in step `k - 5` goes, where `k` is a multiple of three.
fn alive_after(steps: u32) -> BTreeSet<EntryId> {
    let gone = |k: &u32| (k + 5).is_multiple_of(3) && k + 5 <= steps;
    (0..=steps).filter(|k| !gone(k)).map(|k| EntryId(k.into())).collect()
}

/// Not a test of its own: what the next one starts and kills.
#[test]
fn child_that_is_killed() {
    let Ok(dir) = std::env::var(CHILD) else { return };
    let scratch = ScratchGallery::within(Path::new(&dir), PASSPHRASE).unwrap();
    let (archive, _) = scratch.open().unwrap();
    for step in 0..10_000u32 {
        archive.insert(&somebody(step)).unwrap();
        if step.is_multiple_of(3) && step >= 5 {
            archive.remove(EntryId((step - 5).into()));
        }
        archive.upkeep(Save::Everyone).unwrap();
        writeln!(std::io::stdout(), "kept {step}").unwrap();
    }
}

#[test]
fn killed_at_any_moment_it_leaves_what_it_said_was_kept() {
    for round in 0..8 {
        let dir = tempfile::tempdir().unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "gallery::child_that_is_killed", "--nocapture"])
            .env(CHILD, dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut kept = None;
        for line in lines {
            // A line may be cut, and libtest writes its own.
            let step = line.unwrap().rsplit_once("kept ").and_then(|(_, step)| step.trim().parse::<u32>().ok());
            kept = step.or(kept);
            if step == Some(12 + round) {
                std::thread::sleep(Duration::from_micros(u64::from(round) * 1700));
                // SIGKILL: nothing is put in order.
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        let kept = kept.unwrap();
        let (archive, refused) = ScratchGallery::within(dir.path(), PASSPHRASE).unwrap().open().unwrap();
        assert_eq!(refused, []);
        // All of the last step that it told, and of the next nothing, or all, or one of its two changes.
        let here = archive.snapshot().entries(EVERYONE);
        let (before, after) = (alive_after(kept), alive_after(kept + 1));
        assert!(here.is_superset(&before.intersection(&after).copied().collect()), "{kept}: {here:?}");
        assert!(here.is_subset(&before.union(&after).copied().collect()), "{kept}: {here:?}");
        archive.upkeep(Save::Everyone).unwrap();
        let files = segments(dir.path()).len();
        assert_eq!(files, archive.snapshot().stats().segments, "nothing is left over");
    }
}
