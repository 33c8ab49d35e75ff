//! `tanba dna lineage`: haplotypes and identity SNPs, on made-up people.

use serde_json::{Value, json};
use tempfile::tempdir;

use crate::program::{answer, refusal};

fn near(value: &Value, expected: f64) {
    let got = value.as_f64().unwrap_or_else(|| panic!("no number: {value}"));
    assert!((got - expected).abs() <= 1e-9 * expected.abs(), "{got} {expected}");
}

fn names(got: &Value) -> Vec<&str> {
    got["hits"].as_array().unwrap().iter().map(|hit| hit["specimen"].as_str().unwrap()).collect()
}

/// Ninety men of one haplotype, nine one step away, one far away, and one who lacks a locus.
const MEN: &str =
    "sample,DYS19,DYS390,DYS391,people\nmany,14,24,10,90\nnear,14,25,10,9\nfar,16,21,11,1\nlacking,14,24,,5\n";

#[test]
fn a_man_is_compared_weighed_and_searched() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    let write = |name: &str, text: &str| std::fs::write(here.join(name), text).unwrap();
    write("men.csv", MEN);
    write("stain.csv", "DYS19,15\nDYS390,24\nDYS391,10\n");
    write("suspect.json", r#"{"DYS19": ["15"], "DYS390": ["24"], "DYS391": ["10"], "DYS385": ["11", "14"]}"#);
    write("brother.csv", "DYS19,15\nDYS390,23\nDYS391,10\n");
    write("other.csv", "DYS19,14\nDYS390,22\nDYS391,10\n");
    write(
        "index.jsonl",
        "{\"specimen\":\"a\",\"haplotype\":{\"DYS19\":[\"15\"],\"DYS390\":[\"24\"],\"DYS391\":[\"10\"]}}\n\
         {\"specimen\":\"b\",\"haplotype\":{\"DYS19\":[\"14\"],\"DYS390\":[\"24\"],\"DYS391\":[\"10\"]}}\n\
         {\"specimen\":\"c\",\"haplotype\":{\"DYS19\":[\"12\"],\"DYS390\":[\"24\"],\"DYS391\":[\"10\"]}}\n\
         {\"specimen\":\"d\",\"haplotype\":{\"DYS19\":[\"12\"],\"DYS390\":[\"21\"],\"DYS391\":[\"10\"]}}\n",
    );
    let ask = |person: &'static str| ["dna", "lineage", "y", "stain.csv", person, "--sample", "men.csv"];
    let got = answer(here, &[&ask("suspect.json")[..], &["--search", "index.jsonl", "--clusters", "1"]].concat());
    assert_eq!((&got["conclusion"], &got["loci"]), (&json!("not_excluded"), &json!(3)));
    // Never seen among the hundred who have all three loci: 1 - 0.05^(1/100). Two of 101 have a haplotype of their own.
    let limit = 1.0 - 0.05_f64.powf(0.01);
    assert_eq!(got["estimates"]["count"], json!({ "seen": 0, "of": 100 }));
    near(&got["estimates"]["upper_limit"], limit);
    near(&got["estimates"]["kappa"]["match_probability"], (1.0 - 2.0 / 101.0) / 101.0);
    near(&got["log10_lr"], -limit.log10());
    assert_eq!(got["verbal"], "moderate support");
    assert!(got["discrete_laplace"]["match_probability"].as_f64().unwrap() > 0.0);
    assert_eq!(names(&got), ["a", "b", "c"]);
    let steps: Vec<&Value> = got["hits"].as_array().unwrap().iter().map(|hit| &hit["one_step"]).collect();
    assert_eq!(steps, [false, true, false]);
    // Ninety are within one locus: 4 x 91/101.
    near(&got["adventitious_hits_expected"]["counting"], 4.0 * 91.0 / 101.0);
    assert!(got["adventitious_hits_expected"]["discrete_laplace"].is_number());

    let theta = answer(here, &[&ask("suspect.json")[..], &["--theta", "0.02"]].concat());
    near(&theta["log10_lr"], -(0.02 + 0.98 * limit).log10());
    let brother = answer(here, &ask("brother.csv"));
    assert_eq!((&brother["conclusion"], &brother["log10_lr"]), (&json!("inconclusive"), &Value::Null));
    assert_eq!(brother["one_step"], json!(["DYS390"]));
    let other = answer(here, &ask("other.csv"));
    assert_eq!((&other["conclusion"], &other["impossible"]), (&json!("exclusion"), &json!(true)));

    write("autosomal.csv", "TH01,6,9.3\n");
    refusal(here, &ask("autosomal.csv"), "TH01");
    write("elsewhere.csv", "DYS385,11,14\n");
    refusal(here, &ask("elsewhere.csv"), "no locus in common");
    refusal(here, &["dna", "lineage", "y", "elsewhere.csv", "--sample", "men.csv"], "nobody in men.csv");
    write("men.csv", "sample,DYS19\n");
    refusal(here, &ask("suspect.json"), "holds nobody");
}

#[test]
fn a_mitochondrial_haplotype_is_compared_as_strings() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    let write = |name: &str, text: &str| std::fs::write(here.join(name), text).unwrap();
    write("reference.fasta", ">made up\nGGTTACACACGTCCCCCTAG\n");
    // The same missing AC, written at either end of the stretch.
    write("hair.txt", "1-20: 5d 6d");
    write("mother.json", r#"{"ranges": ["1-18"], "differences": ["9d", "10d"]}"#);
    write("stranger.txt", "1-20: 1A 2A");
    write(
        "people.csv",
        "sample,ranges,differences,n\na,1-20,7d 8d,3\nb,1-20,1A,16\nc,1-20,1A 2A 3A,80\nshort,1-9,,7\n",
    );
    let ask = |person: &'static str| {
        let files = ["--rcrs", "reference.fasta", "--sample", "people.csv"];
        [&["dna", "lineage", "mt", "hair.txt", person][..], &files[..]].concat()
    };
    let got = answer(here, &[&ask("mother.json")[..], &["--search", "people.csv", "--max-mismatches", "0"]].concat());
    assert_eq!(
        (&got["conclusion"], &got["identical"], &got["positions"]),
        (&json!("not_excluded"), &json!(true), &json!(18))
    );
    assert_eq!(got["ranges"], json!(["1-18"]), "what both have read");
    assert_eq!(got["estimates"]["count"], json!({ "seen": 3, "of": 99 }));
    near(&got["estimates"]["augmented"], 4.0 / 100.0);
    near(&got["adventitious_hits_expected"]["counting"], 99.0 * 4.0 / 100.0);
    assert_eq!((names(&got), &got["profiles_not_comparable"]), (vec!["a"], &json!(7)));
    assert_eq!(answer(here, &ask("stranger.txt"))["conclusion"], "exclusion");

    write("wrong.txt", "1-20: 5A");
    refusal(here, &ask("wrong.txt"), "position 5");
    write("people.csv", "sample,ranges,differences\na,1-20\n");
    refusal(here, &ask("mother.json"), "line 2");
}

/// Two SNPs, in the form of tables of SNPs.
const SNPS: &str = "CHROM,MARKER,MB,A1,A2,FREQ1\n1,rs10,1.0,A,G,0.2\n2,rs20,2.0,C,T,0.5\n";

#[test]
fn identity_snps_are_weighed_alone_and_among_relatives() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    let write = |name: &str, text: &str| std::fs::write(here.join(name), text).unwrap();
    write("snps.csv", SNPS);
    write("stain.csv", "rs10,A,G\nrs20,CC\n");
    write("person.json", r#"{"rs10": ["G", "A"], "rs20": ["C", "C"]}"#);
    write("other.csv", "rs10,A,G\nrs20,T,T\n");
    write("index.csv", "sample,rs10_1,rs10_2,rs20_1,rs20_2\nx,A,G,C,C\ny,G,G,C,C\nz,G,G,T,T\n");
    let ask = |person: &'static str| {
        ["dna", "lineage", "snp", "stain.csv", person, "--frequencies", "snps.csv", "--theta", "0"]
    };
    let got = answer(here, &[&ask("person.json")[..], &["--search", "index.csv"]].concat());
    // 2 · 0.2 · 0.8 · 0.25 = 0.08.
    near(&got["log10_lr"], -(0.08_f64.log10()));
    assert_eq!((&got["conclusion"], &got["snps"]), (&json!("not_excluded"), &json!(2)));
    assert_eq!(names(&got), ["x", "y"]);
    // Both, or all but one: 0.32 · 0.25 + 0.32 · 0.75 + 0.68 · 0.25.
    near(&got["adventitious_hits_expected"]["frequencies"], 3.0 * (0.08 + 0.24 + 0.17));
    assert_eq!(answer(here, &ask("other.csv"))["conclusion"], "exclusion");
    write("health.csv", "rs10,A,G\nrs12913832,A,G\n");
    refusal(here, &ask("health.csv"), "rs12913832");

    // The pedigree engine takes SNPs as any other marker. Father A/A with 0.2 and child A/G: (1/2 of the child's A) LR = 1/(2 · 0.2);
    // both C/C with 0.5: 1/0.5.
    write(
        "case.toml",
        "format = \"tanba-dna-case/1\"\nfrequencies = { file = \"snps.csv\" }\n\
         [profiles.father]\nrs10 = [\"A\", \"A\"]\nrs20 = [\"C\", \"C\"]\n\
         [profiles.child]\nrs10 = [\"A\", \"G\"]\nrs20 = [\"C\", \"C\"]\n\
         [[hypotheses]]\nname = \"H1\"\npersons = [{ id = \"father\", sex = \"male\" }, { id = \"mother\", sex = \"female\" }, { id = \"child\", father = \"father\", mother = \"mother\" }]\n\
         [[hypotheses]]\nname = \"H2\"\npersons = [{ id = \"father\", sex = \"male\" }, { id = \"child\" }]\n",
    );
    let got = answer(here, &["dna", "lr", "case.toml"]);
    near(&got["log10_lr"], (1.0 / 0.4 * 2.0_f64).log10());
}
