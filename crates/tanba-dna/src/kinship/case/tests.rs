//! Case files: read, refused, and as published.

use super::familias::{Part, import};
use super::*;
use crate::kinship::dvi::{Joint, JointLimits, MutationUse, pair_table};

const TRIO: &str = r#"{
  "format": "tanba-dna-case/1",
  "markers": { "TH01": { "alleles": { "6": 0.05, "7": 0.95 } } },
  "profiles": { "F": { "THO1": ["6", "6"] }, "C": { "TH01": ["6.0"] } },
  "hypotheses": [
    { "name": "H1", "text": "F is the father of C", "persons": [
      { "id": "F", "sex": "male" }, { "id": "M", "sex": "female" }, { "id": "C", "father": "F", "mother": "M" } ] },
    { "name": "H2", "persons": [ { "id": "F", "sex": "male" }, { "id": "C" } ] } ]
}"#;

fn read(text: &str) -> CaseFile {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_case_of_paternity_gives_twenty() {
    let answer = read(TRIO).kinship(None).unwrap().answer().unwrap();
    assert!((answer.ln_lr[0].unwrap().exp() - 20.0).abs() < 1e-12);
}

#[test]
fn what_is_wrong_is_refused_by_name() {
    for (from, to, says) in [
        ("tanba-dna-case/1", "other", "format"),
        ("\"7\": 0.95", "\"7\": 0.9", "add up to 1"),
        ("[\"6.0\"]", "[\"8\"]", "TH01, person `C`: an allele has no frequency"),
        ("[\"6.0\"]", "[\"6\", \"7\", \"6\"]", "TH01, person `C`: more than two"),
        ("\"mother\": \"M\"", "\"mother\": \"X\"", "`C`: a parent is not"),
        ("\"id\": \"M\", \"sex\": \"female\"", "\"id\": \"M\", \"sex\": \"male\"", "`M`: a father must be male"),
        ("{ \"id\": \"F\", \"sex\": \"male\" }, { \"id\": \"C\" }", "{ \"id\": \"C\" }", "F in H2"),
        ("\"name\": \"H2\"", "\"name\": \"H1\"", "two hypotheses"),
        ("\"TH01\": [\"6.0\"]", "\"TH01\": [\"6.0\"], \"thO1\": [\"6\"]", "given twice"),
        ("\"markers\": {", "\"markers\": { \"SE33\": {},", ""),
        ("\"TH01\": [\"6.0\"]", "\"SE33\": [\"6.0\"]", "SE33: no frequencies"),
        ("\"profiles\"", "\"theta\": 1.0, \"profiles\"", "theta"),
        ("\"profiles\"", "\"against\": \"H3\", \"profiles\"", "H3"),
    ] {
        let changed = TRIO.replace(from, to);
        assert_ne!(changed, TRIO, "{from}");
        match read(&changed).kinship(None).and_then(|case| case.answer()) {
            Ok(_) => assert_eq!(says, "", "{to}"),
            Err(error) => assert!(!says.is_empty() && error.to_string().contains(says), "{to}: {error}"),
        }
    }
    assert!(serde_json::from_str::<CaseFile>(&TRIO.replace("\"text\"", "\"txet\"")).is_err());
}

#[test]
fn a_grandparent_at_two_linked_markers_by_hand() {
    // A/A and A/A with p = 0.1: 10 if an allele is shared by descent, 1 if not. Shared at both or at neither with (1 - r)/2 each.
    let lr = |linked: &str| {
        let case = r#"{ "format": "tanba-dna-case/1", LINKED
          "markers": { "VWA": { "alleles": { "16": 0.1, "17": 0.9 } }, "D12S391": { "alleles": { "18": 0.1, "19": 0.9 } } },
          "profiles": { "G": { "vWA": ["16"], "D12S391": ["18"] }, "C": { "vWA": ["16"], "D12S391": ["18"] } },
          "hypotheses": [
            { "name": "H1", "persons": [ { "id": "G", "sex": "male" }, { "id": "W", "sex": "female" },
              { "id": "P", "father": "G", "mother": "W", "sex": "female" }, { "id": "M", "sex": "male" },
              { "id": "C", "father": "M", "mother": "P" } ] },
            { "name": "H2", "persons": [ { "id": "G", "sex": "male" }, { "id": "C" } ] } ] }"#;
        Ok::<_, crate::kinship::KinshipError>(
            read(&case.replace("LINKED", linked)).kinship(None)?.answer()?.ln_lr[0].unwrap().exp(),
        )
    };
    let group =
        |markers: &str, r: &str| format!("\"linked\": [{{ \"markers\": [{markers}], \"recombination\": [{r}] }}],");
    let pair = "\"D12S391\", \"vWA\"";
    for (linked, hand) in [
        (String::new(), 5.5 * 5.5),
        (group(pair, "0.5"), 5.5 * 5.5),
        (group(pair, "0.1"), 0.45 * (1.0 + 100.0) + 0.05 * 20.0),
        (group(pair, "0"), 0.5 * (1.0 + 100.0)),
        // A marker between the two that nobody is typed at: 0.1 + 0.2 - 2 * 0.1 * 0.2.
        (group("\"VWA\", \"D12S1000\", \"D12S391\"", "0.1, 0.2"), 0.37 * (1.0 + 100.0) + 0.13 * 20.0),
    ] {
        let lr = lr(&linked).unwrap();
        assert!((lr / hand - 1.0).abs() < 1e-12, "{linked}: {lr} {hand}");
    }
    for (markers, r) in
        [(pair, "0.6"), (pair, "-0.1"), (pair, "0.1, 0.1"), ("\"vWA\"", ""), ("\"vWA\", \"VWA\"", "0.1")]
    {
        assert!(lr(&group(markers, r)).is_err(), "{markers} {r}");
    }
}

#[test]
fn linked_markers_of_a_victim_by_hand() {
    let case = r#"{ "format": "tanba-dna-case/1",
      "linked": [ { "markers": ["D12S391", "VWA"], "recombination": [0.1] } ],
      "markers": { "VWA": { "alleles": { "16": 0.1, "17": 0.9 } }, "D12S391": { "alleles": { "18": 0.1, "19": 0.9 } } },
      "profiles": { "G": { "vWA": ["16"], "D12S391": ["18"] }, "V": { "vWA": ["16"], "D12S391": ["18"] } },
      "victims": [ { "id": "V" } ],
      "families": [ { "name": "F", "missing": ["C"], "persons": [ { "id": "G", "sex": "male" }, { "id": "W", "sex": "female" },
        { "id": "P", "father": "G", "mother": "W", "sex": "female" }, { "id": "M", "sex": "male" },
        { "id": "C", "father": "M", "mother": "P" } ] } ] }"#;
    let pairs = pair_table(&read(case).dvi(None).unwrap(), MutationUse::Everywhere, &|| true).unwrap();
    assert!((pairs.ln_lr[0][0].unwrap().exp() / 46.45 - 1.0).abs() < 1e-12);
}

#[test]
fn a_drop_out_mark_is_weighed() {
    let lr = |text: &str| read(text).kinship(None).unwrap().answer().unwrap().ln_lr[0].unwrap().exp();
    // Father 6/6, child 6 and another: certain of his child, and of others with p (2 - p).
    for mark in ["F", "?", "f"] {
        let marked = TRIO.replace("[\"6.0\"]", &format!("[\"6.0\", \"{mark}\"]"));
        assert!((lr(&marked) - 1.0 / (0.05 * 1.95)).abs() < 1e-10);
        let unseen = marked.replace("\"markers\"", "\"frequencies\": { \"unseen\": 0.5 }, \"markers\"");
        assert!((lr(&unseen) - lr(&marked)).abs() < 1e-12, "a mark is no unseen allele");
    }
    for wrong in ["[\"F\"]", "[\"6\", \"6\", \"F\"]", "[\"F\", \"F\"]"] {
        let error = read(&TRIO.replace("[\"6.0\"]", wrong)).kinship(None).unwrap_err().to_string();
        assert!(error.contains("TH01, person `C`: a drop-out mark"), "{wrong}: {error}");
    }
    // Where an allele is called so, it is one.
    let named = TRIO.replace("\"7\"", "\"F\"").replace("[\"6.0\"]", "[\"6\", \"F\"]");
    assert!((lr(&named) - 10.0).abs() < 1e-10);
}

#[test]
fn rules_for_gaps_do_what_they_say() {
    let of = |rules: &str| {
        let text = TRIO
            .replace("\"7\": 0.95", "\"7\": 0.75")
            .replace("\"markers\"", &format!("\"frequencies\": {rules}, \"markers\""));
        read(&text).kinship(None)
    };
    let lr = |rules: &str| of(rules).unwrap().answer().unwrap().ln_lr[0].unwrap().exp();
    assert!(of("{}").is_err());
    assert!((lr("{ \"sum\": \"rest\" }") - 20.0).abs() < 1e-12);
    assert!((lr("{ \"sum\": \"scale\" }") - 16.0).abs() < 1e-12);
    let unseen = TRIO
        .replace("[\"6\", \"6\"]", "[\"6\", \"8\"]")
        .replace("\"markers\"", "\"frequencies\": { \"unseen\": 0.01, \"sum\": \"scale\" }, \"markers\"");
    // Father 6/8, child 6/6: 1 / (2 p), p = 0.05 / 1.01.
    let answer = read(&unseen).kinship(None).unwrap().answer().unwrap();
    assert!((answer.ln_lr[0].unwrap().exp() - 1.01 / 0.1).abs() < 1e-12);
}

#[test]
fn the_published_schema_is_that_of_the_reader() {
    let schema = schemars::schema_for!(CaseFile);
    let ours = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/dna/case.schema.json");
    if std::env::var_os("TANBA_UPDATE").is_some() {
        std::fs::write(&path, &ours).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap();
    assert_eq!(published, ours, "write the schema anew: TANBA_UPDATE=1 cargo test -p tanba-dna schema");
}

const DISASTER: &str = r#"{
  "format": "tanba-dna-case/1",
  "markers": { "L1": { "alleles": { "1": 0.05, "2": 0.05, "3": 0.9 } } },
  "profiles": { "V1": { "L1": ["1"] }, "V2": { "L1": ["2"] }, "R": { "L1": ["1", "1"] } },
  "victims": [ { "id": "V1", "sex": "male" }, { "id": "V2", "sex": "male" } ],
  "families": [ { "name": "F", "missing": ["M"], "persons": [
    { "id": "R", "sex": "male" }, { "id": "W", "sex": "female" }, { "id": "M", "father": "R", "mother": "W", "sex": "male" } ] } ]
}"#;

#[test]
fn a_disaster_by_hand() {
    // V1 as the son of R (both 1/1, p = 0.05): 1 / p = 20. V2 is excluded. Nobody or V1: 20 / 21.
    let case = read(DISASTER).dvi(None).unwrap();
    let pairs = pair_table(&case, MutationUse::Everywhere, &|| true).unwrap();
    assert!((pairs.ln_lr[0][0].unwrap().exp() - 20.0).abs() < 1e-12);
    assert_eq!((pairs.ln_lr[1][0], pairs.exclusions[1][0]), (Some(f64::NEG_INFINITY), Some(1)));
    let joint = Joint::new(&case, &pairs, JointLimits::default(), &|| true).unwrap();
    assert_eq!(joint.number(), 2.0);
    assert!((joint.best(1)[0].posterior - 20.0 / 21.0).abs() < 1e-12);
    assert!((joint.marginals()[0][1] - 1.0 / 21.0).abs() < 1e-12);
    // With theta R, M's other allele and V1 are of one pool: 1 over the probability of a fourth allele 1.
    let with = read(&DISASTER.replace("\"profiles\"", "\"theta\": 0.03, \"profiles\"")).dvi(None).unwrap();
    let pairs = pair_table(&with, MutationUse::Everywhere, &|| true).unwrap();
    let lr = (1.0 + 2.0 * 0.03) / (3.0 * 0.03 + 0.97 * 0.05);
    assert!((pairs.ln_lr[0][0].unwrap().exp() - lr).abs() < 1e-12);
    assert_eq!((pairs.ln_lr[1][0], pairs.exclusions[1][0]), (Some(f64::NEG_INFINITY), Some(1)));
    for (from, to, says) in [
        ("\"missing\": [\"M\"]", "\"missing\": [\"R\"]", "a missing person is typed"),
        ("\"missing\": [\"M\"]", "\"missing\": [\"Q\"]", "not in the family: Q"),
        ("\"missing\": [\"M\"]", "\"missing\": []", "misses nobody"),
        ("\"R\": { \"L1\"", "\"Z\": { \"L1\"", "belongs to nobody in the case: Z"),
        ("\"id\": \"V2\"", "\"id\": \"V1\"", "V2"),
    ] {
        let error = read(&DISASTER.replace(from, to)).dvi(None).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn a_project_of_familias_becomes_a_case() {
    let mut file = tanba_formats::genetic::examples::familias_file();
    for locus in &mut file.loci {
        locus.alleles = vec![("6".into(), 0.25), ("9.3".into(), 0.75)];
        locus.silent = None;
        for model in [&mut locus.male, &mut locus.female] {
            model.kind = tanba_formats::genetic::familias::MutationKind::StepwiseExtended;
        }
    }
    let case = import(&file, Part::Pedigrees).unwrap();
    assert_eq!(case.theta, 0.02);
    let [h1, twins] = &case.hypotheses[..] else { panic!("{:?}", case.hypotheses) };
    let of = |h: &HypothesisEntry, id: &str| h.persons.iter().find(|p| p.id == id).cloned().unwrap();
    assert_eq!((of(h1, "CH").father.as_deref(), of(h1, "CH").mother.as_deref()), (Some("AF"), Some("MO")));
    // One sample of the child is also called the man's: they share the parents, one of whom was not entered.
    assert_eq!(twins.twins, [["AF", "CH"]]);
    assert_eq!(
        (of(twins, "AF").father.as_deref(), of(twins, "AF").mother.as_deref()),
        (Some("father of CH"), Some("MO"))
    );
    let answer = case.kinship(None).unwrap().answer().unwrap();
    assert!(answer.ln_likelihoods.iter().flatten().all(|ln| ln.is_finite()));

    let mut stationary = file.clone();
    for locus in &mut stationary.loci {
        locus.male.kind = tanba_formats::genetic::familias::MutationKind::StepwiseStationary;
    }
    let case = import(&stationary, Part::Pedigrees).unwrap();
    let entry = case.markers.values().next().unwrap().mutation.clone().unwrap();
    assert!(matches!(entry.male, MutationEntry::StepwiseStationary { rate, .. } if rate > 0.0), "{entry:?}");
    let stationary = case.kinship(None).unwrap();
    let marker = &stationary.markers()[0];
    assert!(!marker.male().is_identity() && marker.male().stationarity_error(marker.frequencies()) < 1e-15);
    let of_stationary = stationary.answer().unwrap();
    assert!(of_stationary.ln_likelihoods.iter().flatten().all(|ln| ln.is_finite()));
    assert_ne!(of_stationary.ln_likelihoods, answer.ln_likelihoods);

    let victims = import(&file, Part::Victims).unwrap();
    let family = &victims.families[0];
    assert_eq!(family.missing, ["F14: Missing person"]);
    let missing = family.persons.iter().find(|p| p.id == "F14: Missing person").unwrap();
    assert_eq!(missing.sex, SexEntry::Male, "the wife is the other parent");
    let case = victims.dvi(None).unwrap();
    assert_eq!(case.theta(), 0.02);
    assert!(case.sexes_agree(0, 0) && case.sexes_agree(1, 0));
    file.sections.clear();
    assert!(import(&file, Part::Victims).is_err());
}
