//! Card formats of ISO/IEC 19794-2 and the parameters of cards: what is read must be written and read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_formats::Finger;
use tanba_formats::iso19794_2::card::{self, CardFormat, CardParameters, MinutiaOrder};

fuzz_target!(|data: &[u8]| {
    let Some((order, data)) = data.split_first() else { return };
    let order = MinutiaOrder::from_code(*order);
    for format in [CardFormat::Normal, CardFormat::Compact] {
        let Ok(read) = card::read(data, format, order) else { continue };
        let _ = read.value.outline();
        let _ = read.value.to_view(Finger::Unknown, 197, 197);
        // Minutiae of extended coordinates that were read one list after another cannot always be written as one.
        if let Ok(written) = read.value.write_template() {
            assert_eq!(card::read(&written, format, order).expect("our own bytes").value, read.value);
        }
    }
    if let Some(parameters) = CardParameters::read(data) {
        assert_eq!(CardParameters::read(&parameters.write()), Some(parameters));
    }
});
