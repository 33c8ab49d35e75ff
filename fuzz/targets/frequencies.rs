//! Tables of allele frequencies: what is read and can be written must be read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_formats::genetic::{frequencies, genotypes::Separator};

fuzz_target!(|data: &[u8]| {
    let Ok(read) = frequencies::read(data) else { return };
    if let Ok(long) = frequencies::write_long(&read.value, Separator::Comma) {
        assert_eq!(frequencies::read(&long).expect("what was written is a table").value, read.value);
    }
    for population in &read.value {
        let _ = population.outline();
        let _ = frequencies::write_wide(population, Separator::Tab).map(|wide| frequencies::read(&wide));
        let _ = frequencies::write_familias_text(population).map(|text| frequencies::read(&text));
    }
});
