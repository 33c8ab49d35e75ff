//! Files that people bring: only on grounds, only by those whose work it is, written down whether or not they can be read.

use tanba_formats::Finger;
use tanba_formats::file::Options;
use tanba_registry::{FileGrounds, FilePurpose, RegistryError};
use zeroize::Zeroizing;

use crate::house::{adult, all_files, denied, house, print};

fn grounds(reference: &str) -> FileGrounds {
    FileGrounds { purpose: FilePurpose::Exchange, reference: reference.to_owned() }
}

#[tokio::test]
async fn what_a_file_holds_is_for_whoever_opened_it_and_its_grounds_are_sealed() {
    let house = house(&[]).await;
    let registry = &house.registry;
    let bytes = || Zeroizing::new(print(&adult(51), Finger::RightIndex, 1));
    let opened = registry.open_file(&house.examiner_a, &grounds("letter of Serikov 9871"), bytes()).await.unwrap();
    assert_eq!((opened.format, opened.pictures.len()), ("png", 1));
    assert!(opened.pictures[0].seen.is_ok());
    assert!(!format!("{opened:?}").contains("Serikov"), "{opened:?}");

    let others = registry.file_picture(&house.examiner_b, &opened, 0).await;
    assert!(matches!(others, Err(RegistryError::NotFound { .. })));
    let done = registry.convert_file(&house.examiner_a, &opened, "wsq", Options::default()).await.unwrap();
    assert_eq!((done.format, done.ending, done.log_seq), ("wsq", "wsq", opened.log_seq + 1));
    let no_way = registry.convert_file(&house.examiner_a, &opened, "familias", Options::default()).await;
    assert!(matches!(no_way, Err(RegistryError::Convert(_))));

    for actor in [&house.operator, &house.supervisor, &house.administrator] {
        assert_eq!(denied(registry.open_file(actor, &grounds("x"), bytes()).await), "role");
    }
    house.assert_log_is_sound().await;
    for (path, bytes) in all_files(&house.data()) {
        assert!(!bytes.windows(7).any(|w| w == b"Serikov"), "{}", path.display());
    }
}

#[tokio::test]
async fn without_a_reference_nothing_is_opened_and_a_file_that_is_none_is_written_down() {
    let house = house(&[]).await;
    let open = |reference: &'static str, bytes: &'static [u8]| async {
        house.registry.open_file(&house.dna_examiner, &grounds(reference), Zeroizing::new(bytes.to_vec())).await
    };
    assert!(matches!(open("  ", b"x").await, Err(RegistryError::Invalid { field: "reference", .. })));
    // A picture cut off: what it is can be told, its pixels not.
    let cut = Zeroizing::new(b"P5 200 200 255\n".to_vec());
    let cut = house.registry.open_file(&house.officer, &grounds("1"), cut).await.unwrap();
    assert!(cut.pictures[0].seen.is_err());
    assert!(matches!(open("1", b"%PDF-1.7").await, Err(RegistryError::File(_))));
    let after = open("2", b"sample,TH01_1,TH01_2,D3S1358_1,D3S1358_2\nA,6,9.3,15,16\n").await.unwrap();
    assert_eq!(after.log_seq, cut.log_seq + 2, "the file that could not be read has its place between");
    assert_eq!((after.format, after.records), ("genotypes", 1));
}
