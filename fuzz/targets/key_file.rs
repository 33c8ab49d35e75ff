//! Key files. The passphrase is wrong on purpose: nobody can forge a file that opens.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    assert!(tanba_seal::KeyRing::open(data, "correct horse battery staple").is_err());
});
