//! The engine against vectors that other programs computed, where a reference folder is at hand.

mod examples;
mod kinship;
mod mixture;
mod properties;
mod reference;

use std::path::PathBuf;

use serde_json::Value;
use tanba_dna::kinship::MutationModel;
use tanba_dna::{
    Agreement, Allele, BrennerKappa, Category, Cluster, Database, DiscreteLaplace, Formula, FrequencyTable, Genotype,
    HaplotypeCount, HaplotypeSample, Hypothesis, Locus, MinimumFrequency, Mutation, Panel, ParentRole, Profile,
    ProfileComparison, Relation, Rule, SpecimenId, Stringency, Theta, TwoPeople, genotype_probability,
    match_probability,
};

/// A vector file of the reference folder, or `None` (said on standard error) where there is no such folder.
fn vectors(name: &str) -> Option<Value> {
    let Some(folder) = std::env::var_os("TANBA_REFERENCE") else {
        report(&format!("skipped: TANBA_REFERENCE is not set, {name} was not run"));
        return None;
    };
    let path = PathBuf::from(folder).join("dna/given").join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        report(&format!("skipped: {} is not there", path.display()));
        return None;
    };
    Some(serde_json::from_str(&text).expect("a vector file is JSON"))
}

#[allow(clippy::print_stderr)] // a skipped test says so
fn report(line: &str) {
    eprintln!("{line}");
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn genotype(alleles: &Value) -> Genotype {
    Genotype::new(list(alleles).iter().map(|a| Allele::parse(text(a)).unwrap())).unwrap()
}

#[test]
fn codis_stringency_is_as_printed() {
    let Some(vectors) = vectors("codis_stringency.json") else { return };
    let (mut target, mut candidate) = (Vec::new(), Vec::new());
    for case in list(&vectors["locus_cases"]) {
        let (a, b) = (genotype(&case["target"]), genotype(&case["candidate"]));
        let agreement = Agreement::between(&a, &b);
        assert_eq!(serde_json::to_value(agreement).unwrap(), case["expected"], "{case}");
        let locus: Locus = text(&case["locus"]).parse().unwrap();
        // One locus stands twice in the source; a profile keeps its first row.
        if !target.iter().any(|(seen, _)| *seen == locus) {
            target.push((locus, a));
            candidate.push((locus, b));
        }
    }
    let comparison = ProfileComparison::between(
        &Profile::from_genotypes(target, None).unwrap(),
        &Profile::from_genotypes(candidate, None).unwrap(),
    );
    let expected = &vectors["profile_level"][0]["expected_match"];
    for (name, stringency) in [("high", Stringency::High), ("moderate", Stringency::Moderate), ("low", Stringency::Low)]
    {
        let rule = Rule::new(stringency, 0, 8).unwrap();
        assert_eq!(rule.accepts(&comparison), expected[name].as_bool().unwrap(), "{name}");
    }
}

#[test]
fn every_search_of_twenty_thousand_is_exact() {
    let Some(vectors) = vectors("search_20k.json") else { return };
    let loci: Vec<Locus> = list(&vectors["loci"]).iter().map(|name| text(name).parse().unwrap()).collect();
    let profile = |row: &Value| {
        let tenths = list(row).iter().map(|t| Allele::from_tenths(t.as_u64().unwrap() as u16).unwrap());
        let tenths: Vec<Allele> = tenths.collect();
        let genotypes = loci.iter().zip(tenths.chunks(2)).map(|(l, pair)| (*l, Genotype::new(pair.to_vec()).unwrap()));
        Profile::from_genotypes(genotypes, None).unwrap()
    };
    let mut database = Database::investigative();
    for (n, row) in list(&vectors["database"]).iter().enumerate() {
        database.insert(SpecimenId(n as u128), Category::ConvictedPerson, &profile(row)).unwrap();
    }
    let mut searches = 0;
    for query in list(&vectors["queries"]) {
        let asked = profile(&query["profile"]);
        for (name, rows) in query["expected"].as_object().unwrap() {
            let (level, mismatches) = name.split_once('/').unwrap();
            let level: Stringency = serde_json::from_value(level.into()).unwrap();
            let rule = Rule::new(level, mismatches.parse().unwrap(), 20).unwrap();
            let answer = database.search(&asked, Category::CrimeStain, &rule, &[Category::ConvictedPerson]).unwrap();
            let mut found: Vec<u64> = answer.hits.iter().map(|hit| hit.specimen.0 as u64).collect();
            found.sort_unstable();
            let mut expected: Vec<u64> = list(rows).iter().map(|row| row.as_u64().unwrap()).collect();
            expected.sort_unstable();
            assert_eq!(found, expected, "{name} of {}", query["cls"]);
            assert_eq!(answer.profiles_searched, list(&vectors["database"]).len());
            searches += 1;
        }
        // The person again after drop-out or one altered allele; a parent of the child, if relatives are what is asked for.
        let rule = match text(&query["cls"]) {
            "child_of_member" => Rule::PARENT_CHILD_SCREEN,
            _ => Rule::SAME_PROFILE,
        };
        let answer = database.search(&asked, Category::CrimeStain, &rule, &[Category::ConvictedPerson]).unwrap();
        assert_eq!(
            answer.hits.first().map(|hit| hit.specimen.0 as u64),
            query["truth_row"].as_u64(),
            "{} stands first",
            query["cls"]
        );
    }
    assert!(searches > 0);
}

#[test]
fn match_probabilities_agree_to_nine_digits() {
    let Some(vectors) = vectors("rmp.json") else { return };
    let formulas = [("hwe", Formula::HardyWeinberg), ("nrc4_1", Formula::Nrc41), ("nrc4_10", Formula::Nrc410)];
    let close = |got: f64, expected: &Value, what: &str| {
        let expected = expected.as_f64().unwrap();
        assert!((got - expected).abs() <= 1e-9 * expected.abs(), "{what}: {got} is not {expected}");
    };
    for case in list(&vectors["cases"]) {
        let theta = Theta::new(case["theta"].as_f64().unwrap()).unwrap();
        let minimum = match text(&case["min_freq_rule"]) {
            "none" => MinimumFrequency::None,
            "5/2N" => MinimumFrequency::FiveOverTwoN,
            other => panic!("unknown rule {other}"),
        };
        // Every locus of the file, also those outside the core set, through the closed form alone.
        for (locus, expected) in case["expected"]["per_locus"].as_object().unwrap() {
            let alleles = list(&case["profile"][locus]);
            let (p, q) = (expected["p"].as_f64().unwrap(), expected["q"].as_f64().unwrap());
            let q = (alleles[0] != alleles[1]).then_some(q);
            for (name, formula) in formulas {
                close(genotype_probability(p, q, formula, theta), &expected[name], locus);
            }
        }
        // The core loci through profile and table.
        let population = &vectors["populations"][text(&case["population"])];
        let mut rows = Vec::new();
        for (name, alleles) in population["freqs"].as_object().unwrap() {
            let Some(locus) = Locus::parse(name) else { continue };
            let chromosomes = population["n_chromosomes"][name].as_u64().unwrap() as u32;
            for (allele, frequency) in alleles.as_object().unwrap() {
                rows.push((locus, Allele::parse(allele).unwrap(), frequency.as_f64().unwrap(), chromosomes));
            }
        }
        let table = FrequencyTable::new("reference", rows).unwrap();
        let core: Vec<(&str, Vec<&str>)> = case["profile"]
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, _)| Locus::parse(name).is_some())
            .map(|(name, alleles)| (name.as_str(), list(alleles).iter().map(text).collect()))
            .collect();
        let profile = Profile::from_designations(core, &Panel::CODIS_20).unwrap();
        for (name, formula) in formulas {
            let got = match_probability(&profile, &table, formula, theta, minimum).unwrap();
            close(got.log10, &case["expected"]["log10_rmp_codis20"][name], text(&case["id"]));
        }
    }
}

/// A table of the core loci of a vector file's population.
fn population(vectors: &Value, name: &str) -> FrequencyTable {
    let rows = vectors["populations"][name].as_object().unwrap().iter().flat_map(|(marker, at)| {
        Locus::parse(marker).into_iter().flat_map(move |locus| {
            let alleles = list(&at["alleles"]).iter().zip(list(&at["freqs"]));
            alleles.map(move |(a, p)| (locus, Allele::parse(text(a)).unwrap(), p.as_f64().unwrap(), 1000))
        })
    });
    FrequencyTable::new(name, rows).unwrap()
}

#[test]
fn pairs_are_as_pedigree_programs_have_them() {
    let Some(vectors) = vectors("kinship_pairs.json") else { return };
    let mut checked = 0;
    for case in list(&vectors["cases"]) {
        let relation = match text(&case["relation"]) {
            "PO" => Relation::ParentChild,
            "FS" => Relation::FullSiblings,
            "HS" => Relation::HalfSiblings,
            "GP" => Relation::Grandparent,
            "AV" => Relation::Avuncular,
            "FC" => Relation::FirstCousins,
            "SC" => Relation::SecondCousins,
            // Siblings of related parents are inbred, and not for a closed form.
            _ => continue,
        };
        let table = population(&vectors, text(&case["population"]));
        let theta = Theta::new(case["theta"].as_f64().unwrap()).unwrap();
        let model = kinship::model(&case["mutation"]);
        let (hypothesis, tolerance) = match model {
            MutationModel::None => (Hypothesis::Kinship { kappa: relation.kappa() }, 1e-9),
            // A is the older one in all of the pedigrees.
            model => {
                (Hypothesis::Related { relation, mutation: Mutation { model, first_is: ParentRole::Parent } }, 1e-6)
            }
        };
        let two = TwoPeople::new(hypothesis, &table, theta, MinimumFrequency::None).unwrap();
        for (marker, expected) in case["expected"]["LR_per_marker"].as_object().unwrap() {
            let Some(locus) = Locus::parse(marker) else { continue };
            let [a, b] = ["A", "B"].map(|person| genotype(&case["profiles"][person][marker]));
            let lr = two.lr(locus, &a, &b).unwrap().unwrap();
            let expected = expected.as_f64().unwrap();
            assert!((lr - expected).abs() <= tolerance * expected, "{} {marker}: {lr} is not {expected}", case["id"]);
            checked += 1;
        }
    }
    assert!(checked > 0);
}

#[test]
fn haplotypes_are_counted_and_modelled_as_published() {
    let Some(vectors) = vectors("ystr.json") else { return };
    let repeats = |row: &Value| -> Vec<i32> { list(row).iter().map(|r| r.as_i64().unwrap() as i32).collect() };
    let database = &vectors["database"];
    let counts = list(&database["counts"]).iter().map(|count| count.as_u64().unwrap());
    let sample = HaplotypeSample::new(list(&database["haplotypes"]).iter().map(repeats).zip(counts)).unwrap();
    let people = database["N"].as_u64().unwrap();
    assert_eq!(sample.people(), people);
    let close = |got: f64, expected: &Value, what: &str| {
        let expected = expected.as_f64().unwrap();
        assert!((got - expected).abs() <= 1e-9 * expected.abs(), "{what}: {got} is not {expected}");
    };
    let kappa = BrennerKappa::of_unseen(database["singletons"].as_u64().unwrap(), people).unwrap();
    close(kappa.kappa, &vectors["unseen"]["kappa_aug"], "kappa");
    close(kappa.match_probability, &vectors["unseen"]["match_prob"], "kappa");
    let never = HaplotypeCount::new(0, people).unwrap();
    close(never.upper_limit(0.95).unwrap(), &vectors["unseen"]["upper95_zero"], "never seen");
    for (name, fit) in vectors["disclap_fits"].as_object().unwrap() {
        let weights = fit["tau"].as_array().cloned().unwrap_or_else(|| vec![fit["tau"].clone()]);
        let clusters = list(&fit["centers"]).iter().zip(list(&fit["disclap_p"])).zip(&weights);
        let clusters = clusters.map(|((centre, p), weight)| Cluster {
            weight: weight.as_f64().unwrap(),
            centre: repeats(centre),
            p: list(p).iter().map(|p| p.as_f64().unwrap()).collect(),
        });
        let given = DiscreteLaplace::new(clusters.collect()).unwrap();
        for case in list(&vectors["cases"]) {
            let got = given.probability(&repeats(&case["haplotype"])).unwrap();
            close(got, &case["expected"]["disclap"][name], name);
        }
        let own = DiscreteLaplace::fit(&sample, given.clusters().len(), 8, 1).unwrap();
        let [own, given] = [own, given].map(|model| model.log_likelihood(&sample).unwrap());
        report(&format!("{name} clusters: log-likelihood {own}, of the given fit {given}"));
        assert!(own >= given - 0.01, "{name} clusters: {own} is below {given}");
    }
    for case in list(&vectors["cases"]) {
        let count = HaplotypeCount::new(case["count"].as_u64().unwrap(), people).unwrap();
        close(count.frequency(), &case["expected"]["count_freq"], "count");
        close(count.augmented(), &case["expected"]["augmented_count"], "augmented");
        close(count.upper_limit(0.95).unwrap(), &case["expected"]["clopper_pearson_upper95"], "Clopper-Pearson");
    }
}
