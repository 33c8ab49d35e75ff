//! Transactions and profiles: the readers' own examples, which their tests begin with too; and what the house itself writes.

use tanba_dna::{MtHaplotype, MtReference, Panel, Profile, SnpProfile, YHaplotype};
use tanba_finger::{Minutia, MinutiaKind, Recipe, Template};
use tanba_formats::{ansi_nist, genetic};
use tanba_gallery::Gallery;

use crate::Seed;

/// A transaction goes to both encodings' targets: each reads the other's.
pub fn seeds() -> Vec<Seed> {
    let transactions = ansi_nist::build::examples();
    let both = |bytes: Vec<u8>| [("ansi_nist", bytes.clone()), ("ansi_nist_xml", bytes)];
    transactions.into_iter().flat_map(both).chain(genetic::examples::seeds()).collect()
}

/// Templates, galleries and profiles as they are stored, and law packs. Targets that supply a checksum get the bytes without it.
pub fn of_the_house() -> Vec<Seed> {
    let minutia = |k: u8| Minutia {
        x: 20.0 + 9.0 * f32::from(k),
        y: 300.0 - 11.0 * f32::from(k),
        direction: f32::from(k) / 4.0,
        kind: [MinutiaKind::Ending, MinutiaKind::Bifurcation][usize::from(k) % 2],
        quality: 90 - k,
    };
    let minutiae = (0..20).map(minutia).collect();
    let recipe = Recipe::FilteredRidges2;
    let template = Template { recipe, width: 300, height: 400, quality: 70, minutiae, ridges: None }.to_bytes();
    let gallery = Gallery::new().to_bytes();
    let csv = "locus,allele1,allele2\nTH01,6,9.3\nD3S1358,15,16\nvWA,17,17\n";
    let profile = Profile::from_csv(csv, &Panel::CODIS_20).expect("a profile").to_bytes();
    let lineage = Panel::CODIS_20.with_y().with_mitochondrial();
    let y = YHaplotype::from_csv("DYS19,14\nDYS385,11,14\nDYS448,null\n", &lineage).expect("a haplotype").to_bytes();
    // The reference of the target.
    let reference = MtReference::new("GATTACACACGTCCCCCTAGNACGT").expect("bases");
    let mt_text = "1-8 10-14: 3d 4.1C 5R 10T";
    let mt = MtHaplotype::from_text(mt_text, &reference, &lineage).expect("a haplotype").to_bytes(&reference);
    let snps = SnpProfile::from_csv("rs3,T,T\nrs12,A,G\n", &[3, 12].into()).expect("SNPs").to_bytes();
    let unsigned = |bytes: &[u8]| bytes[..bytes.len() - 4].to_vec();
    vec![
        ("template", unsigned(&template)),
        ("gallery", unsigned(&gallery)),
        ("dna_profile", unsigned(&profile)),
        ("dna_profile", csv.into()),
        ("dna_profile", unsigned(&y)),
        ("dna_profile", unsigned(&mt)),
        ("dna_profile", mt_text.into()),
        ("dna_profile", unsigned(&snps)),
        ("law_pack", include_bytes!("../../crates/tanba-law/packs/kz-2024-in-force.yaml").to_vec()),
        ("law_pack", include_bytes!("../../crates/tanba-law/packs/kz-genomic-2021.yaml").to_vec()),
        ("checkpoint", b"fuzz.example/log\n12\nq1cWnSuS4j5FTPEfVm1aO3AcfKkVlQl3NIu5s0PLGNk=\n\n\xe2\x80\x94 fuzz.example/log N5g9sA==\n".into()),
        ("checkpoint", b"tanba-log-key/1\nlog fuzz.example/log\nafter 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nkey 1\nfrom 0 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\ned25519 fuzz.example/log+37983db0+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea\n\n\xe2\x80\x94 fuzz.example/log N5g9sA==\n".into()),
        ("witness", b"old 7\nq1cWnSuS4j5FTPEfVm1aO3AcfKkVlQl3NIu5s0PLGNk=\n\nfuzz.example/log\n12\nq1cWnSuS4j5FTPEfVm1aO3AcfKkVlQl3NIu5s0PLGNk=\n\n\xe2\x80\x94 fuzz.example/log N5g9sA==\n".into()),
        ("witness", b"log fuzz.example/log+37983db0+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea\ngroup g any w\nquorum none\n".into()),
        ("witness", br#"{"proof":"","entry":"{}","old":0,"consistency":[],"opening":{"salt":"","records":["r"]},"keys":[]}"#.into()),
        ("own_entries", b"tanba-own-entries/1\nrecord q1cWnSuS4j5FTPEfVm1aO3AcfKkVlQl3NIu5s0PLGNk=\nerased 2 q1cWnSuS4j5FTPEfVm1aO3AcfKkVlQl3NIu5s0PLGNk=\nentry eyJzZXEiOjN9\npath -\npath q1cWnSuS4j5FTPEfVm1aO3AcfKkVlQl3NIu5s0PLGNk=\nrecord q2cWnSuS4j5FTPEfVm1aO3AcfKkVlQl3NIu5s0PLGNk=\npath -\nbeside q1cWnSuS4j5FTPEfVm1aO3AcfKkVlQl3NIu5s0PLGNk= q1cWnSuS4j5FTPEfVm1aO3AcfKkVlQl3NIu5s0PLGNk=\n\nc2sp.org/tlog-proof@v1\nextra e30=\nindex 5\nq1cWnSuS4j5FTPEfVm1aO3AcfKkVlQl3NIu5s0PLGNk=\n\nfuzz.example/log\n12\nq1cWnSuS4j5FTPEfVm1aO3AcfKkVlQl3NIu5s0PLGNk=\n\n\xe2\x80\x94 fuzz.example/log N5g9sA==\n".into()),
        // An attestation object of the format `none`, with the key of RFC 8032, section 7.1, test 1.
        ("passkey", b"\xa3cfmtdnonegattStmt\xa0hauthDataXq\xaf-#\x17\x84\xf5\xd9g\xf4N\xbeu\x94\xf7\xf2\x06\x0eX\x1c{\xe7G\xb3\x10\x1d\x17\xc4\x7ft\xafdjE\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x10a credential id.\xa4\x01\x01\x03' \x06!X \xd7Z\x98\x01\x82\xb1\x0a\xb7\xd5K\xfe\xd3\xc9d\x07:\x0e\xe1r\xf3\xda\xa6#%\xaf\x02\x1ah\xf7\x07Q\x1a".into()),
        ("key_file", b"{}".into()),
        ("sanction", b"tanba-sanction/1\nregister r.example/log\nserial 7\noffice fuzz.example/log\nlevel court\njudge J-4\nfor mia\ncase 17\nsubject unknown\nmodalities fingerprint\nacts identify read\npurposes crime\nvalid-from 1\nvalid-to 2\nuses 3\ntell-at at-once\n\n\xe2\x80\x94 fuzz.example/log N5g9sA==\n".into()),
        ("openid", br#"{"issuer":"https://fuzz.example","authorization_endpoint":"https://fuzz.example/a","token_endpoint":"https://fuzz.example/t","jwks_uri":"https://fuzz.example/k"}"#.into()),
        ("openid", br#"{"keys":[{"kty":"RSA","kid":"r","n":"AQAB","e":"AQAB"},{"kty":"EC","crv":"P-256","x":"AA","y":"AA"},{"kty":"oct","k":"AA"}]}"#.into()),
        ("openid", b"code=a%2Bb&state=s&iss=https%3A%2F%2Ffuzz.example&session_state=x".into()),
        // The token of RFC 8037, appendix A.4.
        ("openid", b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg".into()),
        ("sanction", br#"{"salt":"AAAAAAAAAAAAAAAAAAAAAA==","number":"1"}"#.into()),
    ]
}
