//! Genomic registration over HTTP: from a specimen to what two examiners confirm, and to what is held back.

use serde_json::{Value, json};
use tanba_synth::{Person, StrGenotype};

use crate::house::{House, adult, house};

fn id(value: &Value) -> String {
    value["id"].as_str().expect("an id").to_owned()
}

pub(crate) async fn case(house: &House, number: &str, kind: &str) -> String {
    id(&house.post("dna", "/api/cases", json!({"number": number, "kind": kind})).await.made())
}

pub(crate) async fn specimen(
    house: &House,
    category: &str,
    case: &str,
    key: &str,
    donor: &Person,
    facts: Value,
) -> Value {
    let new = json!({
        "client_key": key, "category": category, "label": format!("tube {key}"), "case": case,
        "profile": donor.genotype.profile().to_csv(), "facts": facts,
    });
    house.post("dna", "/api/specimens", new).await.made()
}

pub(crate) fn relative() -> Value {
    json!({"written_consent": true, "relationship": "parent"})
}

/// Alleles of all loci, as the frequencies of people who do not exist.
pub(crate) fn frequencies() -> String {
    let table = StrGenotype::frequencies();
    let rows = tanba_dna::Locus::ALL.into_iter().flat_map(|locus| {
        table.alleles(locus).map(move |(allele, p)| format!("{locus},{allele},{p},1000\n")).collect::<Vec<_>>()
    });
    rows.collect()
}

#[tokio::test]
async fn a_body_gets_its_name_back_by_two_experts_twice() {
    let missing = adult(21);
    let house = house(&[]).await;
    let case = case(&house, "M-1", "missing_person").await;
    let brush = specimen(&house, "missing_person_reference", &case, "brush", &missing, relative()).await;
    let body = specimen(&house, "unidentified_body", &case, "body", &missing, json!({})).await;
    assert_eq!((&body["held"], &body["y_loci"]), (&json!(false), &json!(0)));
    let table = json!({"kind": "allele_frequencies", "name": "synthetic", "content": frequencies()});
    house.post("administrator", "/api/genomic-references", table.clone()).await.made();
    assert_eq!(house.post("administrator", "/api/genomic-references", table).await.problem(409), "conflict");

    let grounds = json!({"case": case, "purpose": "unidentified_body", "legal_basis": "order 3"});
    let path = format!("/api/specimens/{}/searches", id(&body));
    let answer = house.post("dna", &path, grounds.clone()).await.made();
    assert_eq!(answer["hits"].as_array().unwrap().len(), 1);
    assert_eq!(answer["hits"][0]["specimen"], brush["id"]);
    let chance = answer["expected_by_chance"].as_f64().unwrap();
    assert!(chance > 0.0 && chance < 1e-9, "{chance}");
    let lineage = format!("/api/specimens/{}/lineage-searches", id(&body));
    assert_eq!(house.post("dna", &lineage, grounds).await.problem(409), "conflict", "no such markers were typed");

    for login in ["dna-a", "dna-b"] {
        house.another(login, "dna_examiner").await;
    }
    let hit = format!("/api/genomic-hits/{}", id(&answer["hits"][0]));
    assert_eq!(house.get("dna", &hit).await.problem(403), "own_specimen");
    let before = house.get("dna-b", &hit).await.made();
    let words = "read again, peak by peak";
    let finding = json!({"verdict": "same", "notes": words});
    house.post("dna-a", &format!("{hit}/findings"), finding.clone()).await.made();
    // Whatever the second examiner is sent says nothing of the first one's finding.
    let seen = house.get("dna-b", &hit).await;
    assert_eq!(seen.made(), before);
    let tasks = house.get("dna-b", "/api/genomic-hits").await;
    for reply in [&seen, &tasks] {
        let text = String::from_utf8_lossy(&reply.body);
        assert!(!text.contains(words) && !text.contains("\"same\"") && !text.contains("dna-a"), "{text}");
    }
    let decided = house.post("dna-b", &format!("{hit}/findings"), finding).await.made();
    assert_eq!((&decided["state"], decided["findings"].as_array().unwrap().len()), (&json!("confirmed"), 2));

    let proposal = json!({
        "post_mortem": body["id"], "ante_mortem": brush["id"], "case": case, "hit": answer["hits"][0]["id"],
        "reason": "same profile, same place",
    });
    let proposal = house.post("dna", "/api/reconciliations", proposal).await.made();
    let path = format!("/api/reconciliations/{}", id(&proposal));
    let look = json!({"purpose": "unidentified_body", "legal_basis": "order 3"});
    let joined = format!("{path}/identification");
    assert_eq!(house.post("dna-a", &joined, look.clone()).await.problem(403), "not_reconciled");
    for (login, state) in [("dna-a", "open"), ("dna-b", "confirmed")] {
        let told = house.post(login, &format!("{path}/findings"), json!({"verdict": "same"})).await.made();
        assert_eq!(told["state"], state);
    }
    let both = house.post("dna-a", &joined, look).await.made();
    assert_eq!(
        (&both["post_mortem"]["label"], &both["ante_mortem"]["label"]),
        (&json!("tube body"), &json!("tube brush"))
    );
    let withdrawal = house.post("dna-a", &format!("{path}/withdrawal"), json!({"reason": "a twin lives"})).await.made();
    assert_eq!((&withdrawal["withdraws"], &withdrawal["barred"]), (&proposal["id"], &json!("own_proposal")));
    house.assert_log_is_discreet();
}

#[tokio::test]
async fn relatives_are_looked_for_with_the_number_of_unrelated_leads_in_the_sanction() {
    let (parent, other) = (adult(31), adult(32));
    let house = house(&[]).await;
    let case = case(&house, "DVI-1", "missing_person").await;
    let body = specimen(&house, "unidentified_body", &case, "body", &parent, json!({})).await;
    // Whoever shares all alleles shares one at every locus: the weakest test of "parent and child", enough for the way.
    let twin = specimen(&house, "relative_of_missing", &case, "twin", &parent, relative()).await;
    specimen(&house, "relative_of_missing", &case, "other", &other, relative()).await;
    let table = json!({"kind": "allele_frequencies", "name": "synthetic", "content": frequencies()});
    house.post("administrator", "/api/genomic-references", table).await.made();
    let question = json!({
        "relation": "parent_child", "frequencies": "synthetic", "theta": 0.01, "least_log10_lr": 2.0, "most": 10, "min_loci": 12
    });
    let new = json!({
        "specimen": body["id"], "case": case, "purpose": "missing_person", "legal_basis": "file 7", "question": question,
    });
    let asked = house.post("dna", "/api/lr-searches", new.clone()).await.made();
    let leads = asked["unrelated_leads"].as_f64().unwrap();
    assert!(leads > 0.0 && leads < 0.1 && asked["profiles"] == 2, "{asked}");
    let path = format!("/api/lr-searches/{}", id(&asked));
    assert_eq!(house.call("dna", "POST", &format!("{path}/search"), None).await.problem(409), "conflict");
    let waiting = house.get("clerk", "/api/lr-searches").await.made();
    assert_eq!(waiting[0]["unrelated_leads"], asked["unrelated_leads"]);
    let sanction = json!({"sanction": true, "reason": "the family waits"});
    house.post("clerk", &format!("{path}/decision"), sanction).await.made();
    let answer = house.call("dna", "POST", &format!("{path}/search"), None).await.made();
    assert_eq!((answer["hits"].as_array().unwrap().len(), &answer["hits"][0]["specimen"]), (1, &twin["id"]));
    assert_eq!(answer["expected_by_chance"], asked["unrelated_leads"]);

    // Not from a crime, whatever is asked.
    let order = json!({"investigator_order": true});
    let stain = specimen(&house, "crime_stain", &case, "stain", &parent, order).await;
    let mut crime = new;
    crime["specimen"] = stain["id"].clone();
    assert_eq!(house.post("dna", "/api/lr-searches", crime).await.problem(403), "not_for_finding");
}

#[tokio::test]
async fn a_contaminated_stain_is_held_and_only_the_quality_manager_learns_by_whom() {
    let staff = adult(21);
    let house = house(&[]).await;
    let case = case(&house, "A-1", "crime").await;
    specimen(&house, "elimination", &case, "staff", &staff, json!({})).await;
    let order = json!({"investigator_order": true});
    let stain = specimen(&house, "crime_stain", &case, "stain", &staff, order).await;
    assert_eq!(stain["held"], true);
    assert!(!stain.to_string().contains("staff"));
    let grounds = json!({"case": case, "purpose": "crime_investigation", "legal_basis": "order 3"});
    let path = format!("/api/specimens/{}/searches", id(&stain));
    assert_eq!(house.post("dna", &path, grounds.clone()).await.problem(409), "conflict");
    let open = house.get("quality", "/api/contaminations").await.made();
    assert_eq!((&open[0]["stain"], &open[0]["other_label"]), (&stain["id"], &json!("tube staff")));
    let decision = json!({"finding": "cleared", "reason": "another donor"});
    let decide = format!("/api/contaminations/{}/decision", id(&open[0]));
    assert_eq!(house.post("quality", &decide, decision).await.status, 204);
    assert!(house.post("dna", &path, grounds).await.made()["hits"].as_array().unwrap().is_empty());
}
