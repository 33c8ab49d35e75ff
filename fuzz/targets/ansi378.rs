//! ANSI INCITS 378 records: what is read must be written and read again as the same, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_formats::{ansi378, minutiae::Edition};

fuzz_target!(|data: &[u8]| {
    let Ok(read) = ansi378::read(data) else { return };
    let written = match read.value.edition {
        Edition::Ansi2004 => ansi378::write_2004(&read.value),
        Edition::Ansi2009 => ansi378::write_2009(&read.value),
        _ => ansi378::write_2009_am1(&read.value),
    };
    // A record of 2009 can be made that has the lengths of ISO/IEC 19794-2:2011 too; there it is refused.
    if let Ok(again) = ansi378::read(&written.expect("what was read fits")) {
        assert_eq!(again.value, read.value);
    }
});
