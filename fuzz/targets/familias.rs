//! Projects of Familias: what is read and can be written must be read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_formats::genetic::familias;

fuzz_target!(|data: &[u8]| {
    let Ok(read) = familias::read(data) else { return };
    let _ = (read.value.outline(), read.value.genotypes(), read.value.frequencies());
    if let Some(dvi) = read.value.dvi() {
        for family in &dvi.families {
            for pedigree in &family.pedigrees {
                let _ = pedigree.relations.iter().map(|pair| family.is_male(pedigree, &pair.parent)).count();
            }
        }
        let _ = dvi.to_lines();
    }
    if let Ok(written) = familias::write(&read.value) {
        let again = familias::read(&written).expect("what was written is a project").value;
        assert_eq!(familias::write(&again).expect("it was written before"), written);
    }
});
