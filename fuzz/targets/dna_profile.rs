//! Profiles, haplotypes and identity SNPs: stored bytes are canonical; text forms are read or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_dna::{MtHaplotype, MtReference, Panel, Profile, SnpProfile, YHaplotype};

const LINEAGE: Panel = Panel::CODIS_20.with_y().with_mitochondrial();

fuzz_target!(|data: &[u8]| {
    // The checksum is supplied: a fuzzer that must guess it never reaches what it guards.
    let stored = [data, &crc32fast::hash(data).to_be_bytes()].concat();
    if let Ok(profile) = Profile::from_bytes(&stored) {
        assert_eq!(profile.to_bytes(), stored);
    }
    if let Ok(haplotype) = YHaplotype::from_bytes(&stored) {
        assert_eq!(haplotype.to_bytes(), stored);
    }
    let reference = MtReference::new("GATTACACACGTCCCCCTAGNACGT").expect("bases");
    if let Ok(haplotype) = MtHaplotype::from_bytes(&stored, &reference) {
        assert_eq!(haplotype.to_bytes(&reference), stored);
    }
    if let Ok(snps) = SnpProfile::from_bytes(&stored) {
        assert_eq!(snps.to_bytes(), stored);
    }
    if let Ok(text) = std::str::from_utf8(data) {
        for read in [Profile::from_json(text, &Panel::CODIS_20), Profile::from_csv(text, &Panel::CODIS_20)] {
            if let Ok(profile) = read {
                assert_eq!(Profile::from_bytes(&profile.to_bytes()), Ok(profile));
            }
        }
        for read in [YHaplotype::from_json(text, &LINEAGE), YHaplotype::from_csv(text, &LINEAGE)] {
            if let Ok(haplotype) = read {
                assert_eq!(YHaplotype::from_bytes(&haplotype.to_bytes()), Ok(haplotype));
            }
        }
        if let Ok(haplotype) = MtHaplotype::from_text(text, &reference, &LINEAGE) {
            assert_eq!(MtHaplotype::from_bytes(&haplotype.to_bytes(&reference), &reference), Ok(haplotype));
        }
        let _ = tanba_dna::FrequencyTable::from_csv("fuzz", text);
    }
});
