//! What was erased stays erased when a backup comes back.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use tanba_registry::{Capture, EncounterId, MemoryRegister, Registry, RegistryError, RetentionEvent, Save};

use crate::house::{FINGERS, House, PASSPHRASE, adult, house_under, print, record, today};
use crate::law_in_use::folder;
use crate::retention::{pool, record_id, sheet};

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let there = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &there) } else { fs::copy(&path, &there).map(drop).unwrap() }
    }
}

/// The database, the gallery and the log of a backup; the list of erased keys as it is now.
fn restore(backup: &Path, data: &Path) {
    for name in fs::read_dir(backup).unwrap().map(|entry| entry.unwrap().file_name()) {
        let (from, to) = (backup.join(&name), data.join(&name));
        if name == "erased" {
            continue;
        }
        if to.is_dir() {
            fs::remove_dir_all(&to).unwrap();
        } else if to.exists() {
            fs::remove_file(&to).unwrap();
        }
        if from.is_dir() { copy(&from, &to) } else { fs::copy(&from, &to).map(drop).unwrap() }
    }
}

/// The same folder after something was done to it while it was closed.
async fn after(house: House, copy: Option<&Path>, work: impl FnOnce(&Path)) -> House {
    let (data, clock) = (house.data(), house.clock.clone());
    let House { registry, .. } = house;
    registry.close().await.unwrap();
    drop(registry);
    work(&data);
    let register = Arc::new(MemoryRegister::new([]));
    let registry = Registry::open_beside(&data, PASSPHRASE, register, clock, copy).await.unwrap();
    House { registry, ..house }
}

/// A register of two, one of whom was acquitted and erased after a backup was made.
async fn erased_after_a_backup(copy_at: Option<&Path>, backup: &Path) -> (House, EncounterId) {
    let (aida, other) = (adult(11), adult(12));
    let row =
        "      category: any\n      start_event: collection\n      max_period: P40Y\n      end_events: [acquittal]\n";
    let records = [&aida, &other].map(|person| record(person, &[])).into();
    let house = house_under(records, "kz", &folder(&[("sheet", &sheet(row))]), today()).await;
    let gone = house.register(&aida, &aida, "k1", 1).await.unwrap().encounter.id;
    house.register(&other, &other, "k2", 1).await.unwrap();
    house.registry.keep_gallery(Save::Everyone).await.unwrap();
    let house = after(house, copy_at, |data| copy(data, backup)).await;
    let acquittal =
        RetentionEvent { event: "acquittal".to_owned(), on: today(), gravity: None, evidence: "judgment 3".to_owned() };
    house.registry.record_retention_event(&house.second, record_id(gone), &acquittal).await.unwrap();
    assert_eq!(house.registry.run_retention().await.unwrap().erased, 2);
    house.registry.publish().await.unwrap();
    (house, gone)
}

/// How many keys of prints a record has, and how often keys were destroyed again.
async fn standing(house: &House, of: EncounterId) -> (i64, i64) {
    let keys = "SELECT COUNT(*) FROM data_keys WHERE owner_id = $1 AND domain IN ('image', 'template') AND wrapped IS NOT NULL";
    let again = "SELECT COUNT(*) FROM log_entries WHERE event = 'keys.destroyed_again'";
    let pool = pool(house).await;
    let keys = sqlx::query_scalar(keys).bind(of.to_string()).fetch_one(&pool).await.unwrap();
    (keys, sqlx::query_scalar(again).fetch_one(&pool).await.unwrap())
}

#[tokio::test]
async fn control_h5_h6_a_backup_that_is_restored_forgets_what_was_erased_since() {
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup");
    let (house, gone) = erased_after_a_backup(None, &backup).await;
    let house = after(house, None, |data| restore(&backup, data)).await;
    assert_eq!((standing(&house, gone).await, house.registry.people_searchable()), ((0, 1), 1));
    // Nobody of the other's is touched, nothing is said twice, and nothing is written for whoever was erased.
    let house = after(house, None, |_| ()).await;
    assert_eq!((standing(&house, gone).await, house.registry.people_searchable()), ((0, 1), 1));
    let capture = Capture { finger: FINGERS[0], image: print(&adult(11), FINGERS[0], 2), ppi: None };
    assert!(house.registry.capture(&house.operator, gone, capture).await.is_err());
    let erased = fs::read_to_string(house.data().join("erased")).unwrap();
    let lines: Vec<&str> = erased.lines().collect();
    assert_eq!((lines.len(), lines[0]), (3, "tanba erased keys v1"));
    assert!(!erased.contains(&gone.to_string()));
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn a_folder_that_is_restored_as_a_whole_forgets_by_the_copy_of_the_list() {
    let folder = tempfile::tempdir().unwrap();
    let (backup, beside) = (folder.path().join("backup"), folder.path().join("erased-copy"));
    let (house, gone) = erased_after_a_backup(Some(&beside), &backup).await;
    let whole = |data: &Path| {
        restore(&backup, data);
        // The backup was made before anything was erased.
        fs::remove_file(data.join("erased")).unwrap();
    };
    let house = after(house, Some(&beside), whole).await;
    assert_eq!((standing(&house, gone).await, house.registry.people_searchable()), ((0, 1), 1));
    let read = |path: &Path| fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect::<BTreeSet<_>>();
    assert_eq!(read(&house.data().join("erased")), read(&beside), "both lists have all of it again");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn a_list_that_was_cut_off_is_made_whole_and_one_that_was_changed_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (house, gone) = erased_after_a_backup(None, &folder.path().join("backup")).await;
    let list = house.data().join("erased");
    let whole = fs::read(&list).unwrap();
    let sorted = |bytes: &[u8]| {
        let mut lines: Vec<_> = String::from_utf8(bytes.to_vec()).unwrap().lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    // A crash at any moment of writing, or before it: the database knows what belongs on the list.
    let mut house = house;
    for length in [0, 5, 21, 22, 60, 86, 87, whole.len() - 1] {
        house = after(house, None, |_| fs::write(&list, &whole[..length]).unwrap()).await;
        assert_eq!(sorted(&fs::read(&list).unwrap()), sorted(&whole), "cut off after {length} bytes");
    }
    assert_eq!(standing(&house, gone).await, (0, 0));
    let (data, clock) = (house.data(), house.clock.clone());
    house.registry.close().await.unwrap();
    drop(house.registry);
    for bad in [
        "another file\n".to_owned(),
        format!("tanba erased keys v1\n{}\n", "z".repeat(64)),
        "tanba erased keys v1\n12\n".to_owned(),
    ] {
        fs::write(&list, &bad).unwrap();
        let register = Arc::new(MemoryRegister::new([]));
        let refused = Registry::open(&data, PASSPHRASE, register, clock.clone()).await.err().unwrap();
        assert!(refused.to_string().contains("list of erased keys"), "{refused}");
        assert_eq!(fs::read_to_string(&list).unwrap(), bad, "it stays as it was found");
    }
}

#[tokio::test]
async fn a_database_that_is_older_than_its_log_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup");
    let (house, _) = erased_after_a_backup(None, &backup).await;
    let (data, clock) = (house.data(), house.clock.clone());
    house.registry.close().await.unwrap();
    drop(house.registry);
    fs::remove_dir_all(backup.join("log")).unwrap();
    restore(&backup, &data);
    let register = Arc::new(MemoryRegister::new([]));
    let refused = Registry::open(&data, PASSPHRASE, register, clock).await.err().unwrap();
    assert!(matches!(refused, RegistryError::DataFolder { .. }), "{refused}");
    assert!(refused.to_string().contains("same backup"), "{refused}");
}
