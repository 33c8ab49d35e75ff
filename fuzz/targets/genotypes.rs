//! Tables of genotypes: what is read and can be written must be read again as the same; profiles go to the Prüm form and back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_formats::genetic::{genotypes, pruem};

fuzz_target!(|data: &[u8]| {
    let Ok(read) = genotypes::read(data) else { return };
    let _ = read.value.outline();
    for sample in &read.value.samples {
        if let Ok(sent) = pruem::to_transmitted(sample) {
            let _ = pruem::from_transmitted(&sample.id, &sent.value);
        }
    }
    let mut table = read.value;
    if let Ok(wide) = genotypes::write_wide(&table, genotypes::Separator::Comma) {
        let again = genotypes::read(&wide).expect("what was written is a table").value;
        assert_eq!(genotypes::write_wide(&again, genotypes::Separator::Comma).expect("it was written before"), wide);
    }
    table.samples.iter_mut().for_each(|sample| sample.fields.clear());
    if let Ok(exported) = genotypes::write_gene_mapper(&table) {
        let again = genotypes::read(&exported).expect("what was written is a table").value;
        assert_eq!(genotypes::write_gene_mapper(&again).expect("it was written before"), exported);
    }
});
