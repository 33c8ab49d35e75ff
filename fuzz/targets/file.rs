//! Any file: told, described, decoded, and converted where it can be.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_formats::file::{self, Options, Target, convert};

fuzz_target!(|bytes: &[u8]| {
    let Ok(opened) = file::open(bytes) else { return };
    let file = opened.value;
    let _ = (file.format(), file.records(), file.outline().to_string());
    for picture in file.pictures().iter().take(3) {
        let _ = picture.decode();
    }
    let options = Options { picture: Some(1), ..Options::default() };
    for name in
        ["png", "iso-19794-2-2011", "iso-19794-4-2011", "ansi-nist", "ansi-nist-xml", "cbeff-xml", "gene-mapper"]
    {
        let target = Target::named(name).expect("a name of a format");
        // What one writer makes, the readers read; but a cell of a table can hold what makes no text file.
        if let Ok(done) = convert(&file, target, &options) {
            assert!(file::open(&done.value).is_ok() || name == "gene-mapper", "{name}");
        }
    }
});
