//! The gallery on disk: sealed, made from the database, and never trusted over it.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use tanba_registry::{MemoryRegister, Registry, RegistryError, Save};
use tanba_synth::Person;

use crate::house::*;

async fn pool_of(data: &std::path::Path) -> sqlx::SqlitePool {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(data.join("tanba.sqlite"));
    sqlx::SqlitePool::connect_with(options).await.unwrap()
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

async fn again(data: &std::path::Path, clock: &Arc<tanba_registry::SetClock>) -> Registry {
    Registry::open(data, PASSPHRASE, Arc::new(MemoryRegister::default()), clock.clone()).await.unwrap()
}

fn segments(data: &std::path::Path) -> Vec<PathBuf> {
    let files = fs::read_dir(data.join("gallery")).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|e| e == "segment")).collect()
}

async fn events(data: &std::path::Path, event: &str) -> i64 {
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
    let pool = pool_of(&data).await;
    sqlx::query("UPDATE registrations SET state = 'withdrawn' WHERE id = (SELECT MIN(id) FROM registrations)")
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;
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
