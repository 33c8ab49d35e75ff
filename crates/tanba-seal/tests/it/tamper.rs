//! Whatever is done to a file of the log, the check notices.

use tanba_seal::log::{
    FsckReport, LogVerifier, MAX_FILE_BYTES, MemoryStore, SourceRows, TileKind, TilePath, TlogProof, VERIFIER_KEY_PATH,
    fsck, integrate,
};

use crate::log_cycle::{entries, signer};

const SIZE: u64 = 600;

/// A log of 600 entries grown in steps, so that it has superseded partial tiles, and its verifier key beside it.
fn log() -> (MemoryStore, LogVerifier) {
    let signer = signer();
    let mut store = MemoryStore::default();
    for range in [0..0, 0..3, 3..256, 256..520, 520..555, 555..SIZE] {
        integrate(&mut store, &signer, range.start, &entries(range)).unwrap();
    }
    store.files.insert(VERIFIER_KEY_PATH.to_owned(), format!("{}\n", signer.verifier()).into_bytes());
    (store, signer.verifier().clone())
}

fn check(store: &MemoryStore, verifier: &LogVerifier) -> FsckReport {
    fsck(store, verifier, None).unwrap()
}

#[test]
fn the_untouched_log_has_superseded_partial_tiles_and_no_fault() {
    let (store, verifier) = log();
    let report = check(&store, &verifier);
    assert!(report.ok, "{report:?}");
    assert!(store.files.contains_key("tile/0/002.p/8") && store.files.contains_key("tile/entries/002.p/43"));
    assert!(!store.files.keys().any(|path| path.starts_with("tile/0/000.p")), "a full tile replaces its partial ones");
}

#[test]
fn control_e3_a_flipped_bit_in_any_file_is_a_fault() {
    let (store, verifier) = log();
    for (path, bytes) in &store.files {
        // Every byte of small files, a prime stride through large ones, always both ends.
        let stride = if bytes.len() < 600 { 1 } else { 211 };
        for at in (0..bytes.len()).step_by(stride).chain([bytes.len() - 1]) {
            let mut damaged = store.clone();
            damaged.files.get_mut(path).unwrap()[at] ^= 1 << (at % 8);
            let report = check(&damaged, &verifier);
            assert!(!report.ok && report.fault_count > 0, "{path}, byte {at}");
        }
    }
}

#[test]
fn control_e3_every_single_bit_of_the_hash_tiles_counts() {
    let signer = signer();
    let mut store = MemoryStore::default();
    integrate(&mut store, &signer, 0, &entries(0..40)).unwrap();
    let mut flipped = 0;
    for path in ["tile/0/000.p/40", "tile/entries/000.p/40"] {
        for bit in 0..store.files[path].len() * 8 {
            let mut damaged = store.clone();
            damaged.files.get_mut(path).unwrap()[bit / 8] ^= 1 << (bit % 8);
            assert!(!check(&damaged, signer.verifier()).ok, "{path}, bit {bit}");
            flipped += 1;
        }
    }
    assert!(flipped > 40 * 32 * 8);
}

#[test]
fn a_missing_cut_or_longer_file_is_a_fault() {
    let (store, verifier) = log();
    let needed = ["checkpoint", "tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/000"];
    for path in needed.into_iter().chain(["tile/entries/001", "tile/entries/002.p/88"]) {
        let mut damaged = store.clone();
        damaged.files.remove(path).unwrap();
        let report = check(&damaged, &verifier);
        assert!(!report.ok, "{path}");
        assert_eq!(report.faults[0].path, path, "the first fault names the missing file");
        let alone = path == "checkpoint" || path.starts_with("tile/0/002") || path.starts_with("tile/1");
        assert_eq!(report.fault_count, if alone { 1 } else { report.fault_count }, "{path}: {report:?}");
    }
    for path in store.files.keys() {
        for change in [
            |b: &mut Vec<u8>| b.truncate(b.len() - 1),
            |b: &mut Vec<u8>| b.push(0),
            |b: &mut Vec<u8>| {
                b.clear();
            },
        ] {
            let mut damaged = store.clone();
            change(damaged.files.get_mut(path).unwrap());
            assert!(!check(&damaged, &verifier).ok, "{path}");
        }
    }
    let mut huge = store.clone();
    huge.files.insert("tile/0/000".to_owned(), vec![0; MAX_FILE_BYTES + 1]);
    assert!(!check(&huge, &verifier).ok);
}

#[test]
fn a_file_that_no_log_has_is_a_fault() {
    let (store, verifier) = log();
    let tile = store.files["tile/0/002.p/88"].clone();
    let strays = [
        "tile/0/002",
        "tile/0/003",
        "tile/0/003.p/1",
        "tile/0/002.p/89",
        "tile/2/000.p/1",
        "tile/1/001.p/1",
        "tile/entries/003",
        "tile/entries/009.p/1",
        "tile/0/x000/001",
        "tile/0/0000",
        "tile/0/2.p/88",
        "tile/00/002.p/88",
        "tile/0/002.p/088",
        "tile/0/002.p/0",
        "tile/0/002.p/256",
        "tile/+0/002.p/88",
        "tile/8/000.p/1",
        "tile/data/000",
        "tile/0/002.P/88",
        "tile/0/002.p/88/x",
        "Checkpoint",
        "checkpoint.bak",
        "tile",
        "a\nb",
        "",
    ];
    for path in strays {
        let mut with = store.clone();
        with.files.insert(path.to_owned(), tile.clone());
        let report = check(&with, &verifier);
        assert!(!report.ok, "{path:?}");
        assert!(report.faults.iter().any(|f| f.path == path.escape_debug().to_string()), "{path:?}: {report:?}");
        assert!(!report.faults.iter().any(|f| f.path.contains('\n')), "control characters do not reach the terminal");
    }
}

#[test]
fn entries_beyond_the_checkpoint_are_unpublished_only_if_their_tiles_agree() {
    let (store, verifier) = log();
    let mut longer = store.clone();
    integrate(&mut longer, &signer(), SIZE, &entries(SIZE..SIZE + 10)).unwrap();
    longer.files.insert("checkpoint".to_owned(), store.files["checkpoint"].clone());
    let report = check(&longer, &verifier);
    assert!(report.ok, "{report:?}");
    assert_eq!((report.size, report.unpublished), (SIZE, 10));
    for path in ["tile/0/002.p/98", "tile/entries/002.p/98"] {
        let mut damaged = longer.clone();
        *damaged.files.get_mut(path).unwrap().last_mut().unwrap() ^= 1;
        assert!(!check(&damaged, &verifier).ok, "{path}");
    }
    // A broken bundle far beyond the checkpoint is a fault like any other.
    let mut longer = store.clone();
    integrate(&mut longer, &signer(), SIZE, &entries(SIZE..1100)).unwrap();
    longer.files.insert("checkpoint".to_owned(), store.files["checkpoint"].clone());
    assert_eq!(check(&longer, &verifier).unpublished, 500);
    longer.files.insert("tile/entries/003".to_owned(), vec![0xff; 5]);
    let report = check(&longer, &verifier);
    assert!(report.faults.iter().any(|f| f.path == "tile/entries/003"), "{report:?}");
}

#[test]
fn another_key_or_another_history_is_a_fault() {
    let (store, verifier) = log();
    let mut other = verifier.to_string();
    other.replace_range(..3, "LOG");
    assert!(LogVerifier::parse(&other).is_err(), "the hash in the key binds its name");

    let domains: [&str; 0] = [];
    let kdf = tanba_seal::KdfParams::MINIMUM;
    let (_, ring) =
        tanba_seal::KeyRing::create("a test passphrase", &domains, "log.example/t", kdf, &mut crate::entropy(8))
            .unwrap();
    let stranger = ring.log_signer();
    let report = check(&store, stranger.verifier());
    assert!(!report.ok && report.faults.iter().any(|f| f.path == "checkpoint"), "{report:?}");

    // A whole, well-formed log in which one entry was replaced and everything made again, but the old signature kept.
    let mut history = entries(0..SIZE);
    history[17] = b"never happened".to_vec();
    let mut rewritten = MemoryStore::default();
    integrate(&mut rewritten, &signer(), 0, &history).unwrap();
    rewritten.files.insert("checkpoint".to_owned(), store.files["checkpoint"].clone());
    assert!(!check(&rewritten, &verifier).ok);
}

#[test]
fn faults_beyond_a_thousand_are_counted_and_not_kept() {
    let (mut store, verifier) = log();
    for stray in 0..1001 {
        store.files.insert(format!("stray/{stray}"), Vec::new());
    }
    let mut report = check(&store, &verifier);
    assert_eq!((report.faults.len(), report.fault_count), (1000, 1001));
    report.add(report.faults[0].clone());
    assert_eq!((report.faults.len(), report.fault_count), (1000, 1002));
    let mut whole = check(&log().0, &verifier);
    whole.add(report.faults[0].clone());
    assert_eq!((whole.ok, whole.faults.len(), whole.fault_count), (false, 1, 1));
}

#[test]
fn a_tile_of_a_wrong_length_proves_nothing() {
    let (store, verifier) = log();
    for (path, index) in [("tile/0/002.p/88", 590), ("tile/0/000", 3), ("tile/1/000.p/2", 590)] {
        for change in [
            |b: &mut Vec<u8>| b.truncate(b.len() - 32),
            |b: &mut Vec<u8>| b.extend([0; 32]),
            |b: &mut Vec<u8>| b.push(0),
        ] {
            let mut damaged = store.clone();
            change(damaged.files.get_mut(path).unwrap());
            let proof = TlogProof::make(&damaged, &verifier, index);
            assert!(matches!(proof, Err(tanba_seal::log::LogError::BadFile { .. })), "{path}: {proof:?}");
        }
    }
}

#[test]
fn rows_and_log_must_agree_one_by_one() {
    let (store, verifier) = log();
    let check = |rows: Vec<Vec<u8>>| {
        fsck(&store, &verifier, Some(SourceRows { first: 0, rows: &mut rows.into_iter().map(Ok) })).unwrap()
    };
    let rows = entries(0..SIZE);
    assert!(check(rows.clone()).ok);
    assert_eq!(check(entries(0..SIZE + 7)).rows_waiting, 7);

    let mut changed = rows.clone();
    changed[300].push(b'!');
    let report = check(changed);
    assert_eq!((report.fault_count, report.faults[0].path.as_str()), (1, "row 300"));

    let mut deleted = rows.clone();
    deleted.remove(598);
    let faults = check(deleted).faults;
    assert_eq!(faults.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["row 598", "row 599"]);
    assert!(faults[1].what.contains("1 entries more"), "{faults:?}");
    let none = check(Vec::new()).faults;
    assert_eq!((none.len(), none[0].path.as_str()), (1, "row 0"));
    assert!(none[0].what.contains("600 entries more"), "{none:?}");

    let mut inserted = rows.clone();
    inserted.insert(5, b"not in the log".to_vec());
    assert!(!check(inserted).ok);

    // A broken bundle does not shift the rows after it.
    let mut damaged = store.clone();
    damaged.files.insert("tile/entries/000".to_owned(), vec![0xff; 5]);
    let report = fsck(&damaged, &verifier, Some(SourceRows { first: 0, rows: &mut rows.into_iter().map(Ok) })).unwrap();
    assert_eq!((report.fault_count, report.faults[0].path.as_str()), (1, "tile/entries/000"));

    let mut broken = std::iter::once(Err(std::io::Error::other("database gone")));
    assert!(fsck(&store, &verifier, Some(SourceRows { first: 0, rows: &mut broken })).is_err());
}

#[test]
fn an_empty_folder_is_no_log_and_an_empty_log_is_one() {
    let (_, verifier) = log();
    let report = check(&MemoryStore::default(), &verifier);
    assert_eq!((report.ok, report.size, report.faults[0].path.as_str()), (false, 0, "checkpoint"));
    let mut store = MemoryStore::default();
    integrate(&mut store, &signer(), 0, &entries(0..0)).unwrap();
    let report = check(&store, &verifier);
    assert!(report.ok);
    assert_eq!((report.size, report.root), (0, tanba_seal::log::empty_root()));
}

#[test]
fn tile_paths_are_those_of_the_specification() {
    let path = TilePath { kind: TileKind::Hashes(0), index: 1_234_067, width: 256 };
    assert_eq!(path.to_string(), "tile/0/x001/x234/067");
    let path = TilePath { kind: TileKind::Entries, index: 273, width: 112 };
    assert_eq!(path.to_string(), "tile/entries/273.p/112");
    for text in ["tile/0/x001/x234/067", "tile/entries/273.p/112", "tile/7/x100/000.p/255", "tile/1/x001/000"] {
        assert_eq!(TilePath::parse(text).unwrap().to_string(), text);
    }
    // A number that grows beyond every bound does not overflow.
    assert_eq!(TilePath::parse(&format!("tile/0/{}999", "x999/".repeat(100))), None);
}

#[test]
fn a_changed_proof_text_never_convinces() {
    let (store, verifier) = log();
    let mut proof = TlogProof::make(&store, &verifier, 555).unwrap();
    proof.extra = Some(b"case 7".to_vec());
    let (bytes, entry) = (proof.to_bytes(), &entries(555..556)[0]);
    assert!(std::str::from_utf8(&bytes).unwrap().starts_with("c2sp.org/tlog-proof@v1\nextra Y2FzZSA3\nindex 555\n"));
    let parsed = TlogProof::parse(&bytes).unwrap();
    assert_eq!(parsed, proof);
    assert_eq!(parsed.verify(&verifier, entry).unwrap().size, SIZE);
    assert!(parsed.verify(&verifier, b"another entry").is_err());
    let authenticated = bytes.windows(6).position(|w| w == b"index ").unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 7);
        let convinces = TlogProof::parse(&changed).is_ok_and(|p| p.verify(&verifier, entry).is_ok());
        // The extra data is the one part that nothing authenticates.
        let extra = (b"c2sp.org/tlog-proof@v1\nextra ".len()..authenticated - 1).contains(&at);
        assert!(!convinces || extra, "byte {at}");
    }
    for cut in 0..bytes.len() {
        assert!(!TlogProof::parse(&bytes[..cut]).is_ok_and(|p| p.verify(&verifier, entry).is_ok()), "cut at {cut}");
    }
    // As long as a proof may be, with as many hashes as a tree may have levels; and one more of either.
    let longest = |hashes: usize, bytes: usize| {
        let head = format!(
            "c2sp.org/tlog-proof@v1\nindex 1\n{}\n",
            format!("{}\n", tanba_seal::log::empty_root()).repeat(hashes)
        );
        TlogProof::parse((head.clone() + &"x".repeat(bytes - head.len())).as_bytes())
    };
    assert_eq!(longest(63, 256 * 1024).unwrap().hashes.len(), 63);
    assert!(longest(64, 256 * 1024).is_err() && longest(63, 256 * 1024 + 1).is_err());
    for bad in ["index 01", "index +1", "index -1", "index 18446744073709551616", "Index 1", "index 1\nnot base64"] {
        let text = format!("c2sp.org/tlog-proof@v1\n{bad}\n\nx\n");
        assert!(TlogProof::parse(text.as_bytes()).is_err(), "{bad}");
    }
}

#[test]
fn a_malformed_note_is_refused_and_strangers_signatures_are_passed_over() {
    use tanba_seal::log::Checkpoint;
    let (store, verifier) = log();
    let note = String::from_utf8(store.files["checkpoint"].clone()).unwrap();
    let witnessed = format!("{note}\u{2014} witness.example AAAAAAECAwQ=\n");
    assert_eq!(Checkpoint::open(witnessed.as_bytes(), &verifier).unwrap().size, SIZE);
    let (text, signature) = note.split_once("\n\n").unwrap();
    let bad = [
        String::new(),
        "\n\n".to_owned(),
        text.to_owned(),
        format!("{text}\n\n"),
        format!("{text}\n\n{}", signature.trim_end()),
        format!("{text}\n{signature}"),
        format!("{text}\n\n{signature}\n"),
        format!("{text}\n\n{signature}garbage\n"),
        format!("{text}\r\n\n{signature}"),
        format!("{text}\nextension\n\n{signature}"),
        format!("{text}\n\n\u{2014} witness.example AAAAAAECAwQ=\n"),
        // A stranger's line without a signature, and one under no name.
        format!("{note}\u{2014} witness.example AAAAAA==\n"),
        format!("{note}\u{2014} witness+example AAAAAAECAwQ=\n"),
        format!("{text}\n\n{}", "\u{2014} x AAAAAAA=\n".repeat(20_000)),
    ];
    for note in bad {
        assert!(Checkpoint::open(note.as_bytes(), &verifier).is_err(), "{note:?}");
    }
    assert!(Checkpoint::open(&[0xff, 0xfe, 10, 10], &verifier).is_err());
    // As long as a note may be, and a byte longer.
    let of_length = |bytes: usize| {
        let unsigned = format!("{text}\n{}\n\n", "x".repeat(bytes - text.len() - 3));
        Checkpoint::open(unsigned.as_bytes(), &verifier).unwrap_err().to_string()
    };
    assert!(!of_length(128 * 1024).contains("longer") && of_length(128 * 1024 + 1).contains("longer"));
}
