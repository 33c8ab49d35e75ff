//! Genomic registration through the pages: from a specimen to an identification and back, searches for relatives, stains that are
//! held back; and what nobody is shown.

use serde_json::json;
use tanba_synth::Person;

use crate::browser::{Browser, between, text};
use crate::genomic::{case, frequencies, relative, specimen};
use crate::house::{House, PASSWORD, ROLES, Reply, UNKNOWN, adult, house};

/// The key of the first form of a page that has one.
fn key(page: &str) -> String {
    between(page, "name=\"key\" value=\"", "\"").expect("a form with a key")
}

fn page(reply: &Reply) -> String {
    let told = text(reply);
    assert!(reply.status.is_success(), "{}: {told}", reply.status);
    told
}

/// The first link of a page below this path.
fn link(page: &str, below: &str) -> String {
    format!("{below}{}", between(page, &format!("href=\"{below}"), "\"").unwrap_or_else(|| panic!("{below}: {page}")))
}

async fn examiner<'h>(house: &'h House, login: &str) -> Browser<'h> {
    Browser::signed_in(house, login, "").await
}

/// Opens a case at the desk; tells its page.
async fn open_case(browser: &mut Browser<'_>, number: &str, kind: &str) -> String {
    browser.get("/genomic").await;
    page(&browser.post("/genomic", &[("number", number), ("kind", kind)]).await);
    browser.at.clone()
}

/// Sends the form of a specimen; tells the answer.
async fn register(
    browser: &mut Browser<'_>,
    case: &str,
    category: &str,
    label: &str,
    profile: &str,
    facts: &[(&str, &str)],
) -> Reply {
    let at = format!("{case}/specimens");
    let key = key(&page(&browser.get(&at).await));
    let mut fields =
        vec![("key", key.as_str()), ("category", category), ("label", label), ("profile", profile), ("iin", "")];
    fields.extend(facts);
    browser.upload(&at, &fields, &[]).await
}

/// The number of a specimen by its label.
fn number(case: &str, label: &str) -> String {
    let row = &case[case.find(&format!("{label}<br>")).unwrap_or_else(|| panic!("{label}: {case}"))..];
    between(row, "<code>", "</code>").unwrap()
}

fn csv(person: &Person) -> String {
    person.genotype.profile().to_csv()
}

/// Nothing of a profile stands on a page or in an address.
fn without_alleles(page: &str, person: &Person) {
    for row in csv(person).lines().skip(1).filter(|row| row.matches(',').count() == 2) {
        assert!(!page.contains(row), "{row} in {page}");
    }
}

const RELATED: [(&str, &str); 2] = [("written_consent", "yes"), ("relationship", "parent")];

#[tokio::test]
async fn a_body_gets_its_name_back_through_the_pages() {
    let missing = adult(21);
    let house = house(&[]).await;
    let mut dna = examiner(&house, "dna").await;
    assert_eq!(dna.at, "/genomic");
    let case = open_case(&mut dna, "M-1 <b>", "missing_person").await;
    register(&mut dna, &case, "missing_person_reference", "brush", &csv(&missing), &RELATED).await;
    let shown = page(&register(&mut dna, &case, "unidentified_body", "body", &csv(&missing), &[]).await);
    assert!(shown.contains("The specimen is registered") && shown.contains("M-1 &#60;b&#62;"), "{shown}");
    without_alleles(&shown, &missing);

    let at = format!("{case}/search");
    let form = page(&dna.get(&at).await);
    let (body, once) = (number(&shown, "body"), key(&form));
    let search = [
        ("key", once.as_str()),
        ("specimen", body.as_str()),
        ("by", "rule"),
        ("purpose", "unidentified_body"),
        ("legal_basis", "order 3"),
    ];
    let answer = page(&dna.post(&at, &search).await);
    assert!(answer.contains("1 hit") && answer.contains("Hits to expect by chance"), "{answer}");
    assert!(answer.contains("of the searched profiles themselves") && answer.contains("others examine it"), "{answer}");
    let kept = dna.at.clone();
    page(&dna.post(&at, &search).await);
    assert_eq!(dna.at, kept, "pressed twice it is one search");
    let desk = page(&dna.get("/genomic").await);
    assert_eq!(desk.matches("you entered one of the specimens").count(), 1, "{desk}");
    assert!(!desk.contains("href=\"/genomic/hits/"));

    for login in ["dna-a", "dna-b"] {
        house.another(login, "dna_examiner").await;
    }
    let mut a = examiner(&house, "dna-a").await;
    assert_eq!(a.get(&kept).await.status, 404, "an answer is for the session that asked");
    let hit = link(&page(&a.get("/genomic").await), "/genomic/hits/");
    assert_eq!(dna.get(&hit).await.status, 403);
    let mut b = examiner(&house, "dna-b").await;
    let before = page(&b.get(&hit).await);
    let shown = page(&a.get(&hit).await);
    assert!(shown.contains("TH01") && shown.contains("the same alleles") && shown.contains("one person"), "{shown}");
    without_alleles(&shown, &missing);
    let words = "read again, peak by peak";
    let finding = |key: &str| [("key", key.to_owned()), ("verdict", "same".to_owned()), ("notes", words.to_owned())];
    let mine = finding(&key(&shown));
    let fields: Vec<(&str, &str)> = mine.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let empty = [fields[0], fields[1], ("notes", " ")];
    let refused = a.post(&format!("{hit}/finding"), &empty).await;
    assert_eq!(refused.status, 422);
    assert!(text(&refused).contains("Say what your finding rests on"));
    page(&a.post(&format!("{hit}/finding"), &fields).await);
    assert_eq!(a.at, "/genomic?done=genomic-found");
    page(&a.post(&format!("{hit}/finding"), &fields).await);
    assert_eq!(a.at, "/genomic?done=genomic-found", "pressed twice it is one finding, and no denial");
    assert!(page(&a.get(&hit).await).contains("You have given your finding"));

    // Whatever the second examiner is sent says nothing of the first one's finding.
    let strip = |page: &str| page.replace(&key(page), "KEY");
    assert_eq!(strip(&page(&b.get(&hit).await)), strip(&before));
    for path in ["/genomic", case.as_str()] {
        let seen = page(&b.get(path).await);
        assert!(!seen.contains(words) && !seen.contains("dna-a") && !seen.contains("it holds"), "{seen}");
    }
    let yours = finding(&key(&page(&b.get(&hit).await)));
    let fields: Vec<(&str, &str)> = yours.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let decided = page(&b.post(&format!("{hit}/finding"), &fields).await);
    assert!(decided.contains("confirmed") && decided.contains(words) && decided.contains("Examiner 2"), "{decided}");

    identification(&mut dna, [&mut a, &mut b], &hit, &case).await;
    house.assert_log_is_discreet();
}

/// From a confirmed hit to both sides seen together, and to the proposal that they be parted.
async fn identification<'h>(dna: &mut Browser<'h>, [a, b]: [&mut Browser<'h>; 2], hit: &str, case: &str) {
    let form = page(&dna.get(hit).await);
    let hidden = |name: &str| between(&form, &format!("name=\"{name}\" value=\""), "\"").unwrap();
    let (key_, dead, sought, of) = (hidden("key"), hidden("post_mortem"), hidden("ante_mortem"), hidden("hit"));
    let proposal = [
        ("key", key_.as_str()),
        ("post_mortem", dead.as_str()),
        ("ante_mortem", sought.as_str()),
        ("hit", of.as_str()),
        ("case", case.rsplit('/').next().unwrap()),
        ("reason", "same profile, same place"),
    ];
    let proposed = page(&dna.post("/genomic/reconciliations", &proposal).await);
    assert!(proposed.contains("you proposed it") || proposed.contains("you entered one"), "{proposed}");
    let at = dna.at.split('?').next().unwrap().to_owned();
    let look = |key: &str| {
        [("key", key.to_owned()), ("purpose", "unidentified_body".to_owned()), ("legal_basis", "order 3".to_owned())]
    };
    let early = look("00000000000000000000000000000000");
    let fields: Vec<(&str, &str)> = early.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let denied = a.post(&format!("{at}/identification"), &fields).await;
    assert_eq!(denied.status, 403);
    assert!(text(&denied).contains("until two experts have reconciled them"));
    for browser in [&mut *a, &mut *b] {
        assert_eq!(link(&page(&browser.get("/genomic").await), "/genomic/reconciliations/"), at);
        let shown = page(&browser.get(&at).await);
        let key = key(&shown);
        let finding = [("key", key.as_str()), ("verdict", "same"), ("notes", "teeth agree too")];
        page(&browser.post(&format!("{at}/finding"), &finding).await);
    }
    let stands = page(&a.get(&at).await);
    assert!(stands.contains("confirmed") && stands.contains("See both sides"), "{stands}");
    let grounds = look(&key(&stands));
    let fields: Vec<(&str, &str)> = grounds.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let both = page(&a.post(&format!("{at}/identification"), &fields).await);
    assert!(both.contains("body") && both.contains("brush") && both.contains("identification of a body"), "{both}");
    let back = page(&a.get(&at).await);
    let second = back.rsplit("name=\"key\" value=\"").next().unwrap().split('"').next().unwrap();
    let withdrawal = [("key", second), ("reason", "a twin lives")];
    let taken = page(&a.post(&format!("{at}/withdrawal"), &withdrawal).await);
    assert!(taken.contains("Withdrawal of an identification") && taken.contains("you proposed it"), "{taken}");
    assert!(page(&a.get(case).await).contains("withdrawal"));
}

#[tokio::test]
async fn what_may_not_be_stored_is_refused_in_the_laws_words_and_nothing_is_kept() {
    let person = adult(22);
    let house = house(&[]).await;
    let mut dna = examiner(&house, "dna").await;
    let case = open_case(&mut dna, "C-1", "crime").await;
    let outside = format!("{}\nSE33,20,21", csv(&person));
    let order = [("investigator_order", "yes")];
    let refused = register(&mut dna, &case, "crime_stain", "stain", &outside, &order).await;
    let told = text(&refused);
    assert_eq!(refused.status, 422, "{told}");
    assert!(told.contains("SE33 is not in the panel that the law permits") && !told.contains("20,21"), "{told}");
    let bad = register(&mut dna, &case, "crime_stain", "stain", "TH01,x,9", &order).await;
    assert!(text(&bad).contains("An allele at TH01 cannot be read"), "{}", text(&bad));
    let none = register(&mut dna, &case, "crime_stain", "stain", "", &order).await;
    assert!(text(&none).contains("Nothing is typed"), "{}", text(&none));

    dna.set_cookie("tanba_language", "ru");
    let unlawful = register(&mut dna, &case, "crime_stain", "stain", &csv(&person), &[]).await;
    let told = text(&unlawful);
    assert_eq!(unlawful.status, 403, "{told}");
    assert!(told.contains("Материал должен быть изъят при следственном действии"), "the law's own words: {told}");
    dna.set_cookie("tanba_language", "en");
    let shown = page(&dna.get(&case).await);
    assert!(shown.contains("No specimen is registered"), "{shown}");

    // As a file it is the same, and not both at once.
    let at = format!("{case}/specimens");
    let key_ = key(&page(&dna.get(&at).await));
    let profile = csv(&person);
    let mut fields = vec![
        ("key", key_.as_str()),
        ("category", "crime_stain"),
        ("label", "from a file"),
        ("profile", profile.as_str()),
        ("investigator_order", "yes"),
    ];
    let file: [(&str, &str, &[u8]); 1] = [("profile-file", "a.csv", profile.as_bytes())];
    assert_eq!(dna.upload(&at, &fields, &file).await.status, 422);
    fields.retain(|(name, _)| *name != "profile");
    let shown = page(&dna.upload(&at, &fields, &file).await);
    assert!(shown.contains("from a file") && shown.contains("20 loci"), "{shown}");
    let again = page(&dna.upload(&at, &fields, &file).await);
    assert_eq!(again.matches("from a file").count(), 1, "pressed twice it is one specimen: {again}");
    house.assert_log_is_discreet();
}

#[tokio::test]
async fn relatives_are_searched_for_after_another_officer_has_seen_the_number() {
    let parent = adult(31);
    let house = house(&[]).await;
    let id = case(&house, "DVI-1", "missing_person").await;
    let body = specimen(&house, "unidentified_body", &id, "body", &parent, json!({})).await;
    specimen(&house, "relative_of_missing", &id, "twin", &parent, relative()).await;
    let mut dna = examiner(&house, "dna").await;
    let at = format!("/genomic/cases/{id}/relatives");
    assert!(page(&dna.get(&at).await).contains("no table of allele frequencies"));
    let table = json!({"kind": "allele_frequencies", "name": "synthetic", "content": frequencies()});
    house.post("administrator", "/api/genomic-references", table).await.made();
    let once = key(&page(&dna.get(&at).await));
    let mut ask = vec![
        ("key", once.as_str()),
        ("specimen", body["id"].as_str().unwrap()),
        ("purpose", "missing_person"),
        ("legal_basis", "file 7"),
        ("relation", "parent-child"),
        ("frequencies", "synthetic"),
        ("theta", "much"),
        ("mutation_rate", ""),
        ("query_is", ""),
        ("least_log10_lr", "2"),
        ("most", "10"),
        ("min_loci", "12"),
    ];
    let refused = dna.post(&at, &ask).await;
    assert!(refused.status == 422 && text(&refused).contains("A number cannot be read"));
    ask.retain(|(name, _)| *name != "theta");
    ask.push(("theta", "0,01"));
    let asked = page(&dna.post(&at, &ask).await);
    assert!(
        asked.contains("such searches") && asked.contains("Another officer, who is another human being"),
        "{asked}"
    );
    let request = dna.at.split('?').next().unwrap().to_owned();
    page(&dna.post(&at, &ask).await);
    assert_eq!(dna.at.split('?').next().unwrap(), request, "pressed twice it is one request");
    let early = [("key", "00000000000000000000000000000000")];
    assert_eq!(dna.post(&format!("{request}/search"), &early).await.status, 409);
    let own = dna.post(&format!("{request}/decision"), &[("decision", "sanction"), ("reason", "x")]).await;
    assert_eq!(own.status, 403);

    let mut clerk = examiner(&house, "clerk").await;
    assert_eq!(link(&page(&clerk.get("/genomic").await), "/genomic/relatives/"), request);
    let seen = page(&clerk.get(&request).await);
    assert!(seen.contains("Unrelated people to expect among the leads") && seen.contains("such searches"), "{seen}");
    let decision = [("decision", "sanction"), ("reason", "the family waits")];
    page(&clerk.post(&format!("{request}/decision"), &decision).await);
    let make = page(&dna.get(&request).await);
    let once = key(&make);
    let answer = page(&dna.post(&format!("{request}/search"), &[("key", once.as_str())]).await);
    assert!(answer.contains("1 hit") && !answer.contains("log10"), "{answer}");
    let gone = dna.get(&request).await;
    assert_eq!(gone.status, 404);
    house.assert_log_is_discreet();
}

#[tokio::test]
async fn a_held_stain_is_decided_by_the_quality_manager_alone() {
    let staff = adult(21);
    let house = house(&[]).await;
    let mut dna = examiner(&house, "dna").await;
    let case = open_case(&mut dna, "A-1", "crime").await;
    register(&mut dna, &case, "elimination", "technician", &csv(&staff), &[]).await;
    let order = [("investigator_order", "yes")];
    let held = page(&register(&mut dna, &case, "crime_stain", "stain", &csv(&staff), &order).await);
    assert!(held.contains("registered and held back") && held.contains("held back: possible contamination"), "{held}");
    let form = page(&dna.get(&format!("{case}/search")).await);
    assert!(!form.contains(&number(&held, "stain")), "a held stain is not offered");
    let mut quality = examiner(&house, "quality").await;
    assert_eq!(quality.at, "/genomic");
    let at = link(&page(&quality.get("/genomic").await), "/genomic/contaminations/");
    assert_eq!(dna.get(&at).await.status, 403);
    let seen = page(&quality.get(&at).await);
    assert!(seen.contains("technician") && seen.contains("agrees with a profile of the laboratory"), "{seen}");
    let decision = [("finding", "cleared"), ("reason", "another donor")];
    let left = page(&quality.post(&format!("{at}/decision"), &decision).await);
    assert!(left.contains("Nothing waits for you"), "{left}");
    assert_eq!(quality.get(&at).await.status, 404);
    assert!(page(&dna.get(&format!("{case}/search")).await).contains(&number(&held, "stain")));
}

#[tokio::test]
async fn each_page_is_for_its_roles_alone_and_speaks_three_languages() {
    let missing = adult(21);
    let house = house(&[]).await;
    let id = case(&house, "M-1", "missing_person").await;
    specimen(&house, "unidentified_body", &id, "body", &missing, json!({})).await;
    let of_case = ["", "/specimens", "/search", "/relatives", "/identification"];
    let mut paths: Vec<(String, &[&str])> =
        of_case.iter().map(|below| (format!("/genomic/cases/{id}{below}"), &["dna_examiner"] as &[&str])).collect();
    paths.push(("/genomic".to_owned(), &["dna_examiner", "second_officer", "quality_manager"]));
    for (what, roles) in [
        ("hits", &["dna_examiner"] as &[&str]),
        ("reconciliations", &["dna_examiner"]),
        ("relatives", &["dna_examiner", "second_officer"]),
        ("contaminations", &["quality_manager"]),
    ] {
        paths.push((format!("/genomic/{what}/{UNKNOWN}"), roles));
    }
    for (login, role) in ROLES {
        let station = if login == "operator" { "csc-1-a" } else { "" };
        let mut browser = Browser::signed_in(&house, login, station).await;
        for (path, roles) in &paths {
            let reply = browser.get(path).await;
            let expected = match roles.contains(&role) {
                false => 403,
                // Another organisation's officer has the role, and not this organisation's case.
                true if path.contains(UNKNOWN) => 404,
                true => 200,
            };
            assert_eq!(reply.status, expected, "{role} {path}: {}", text(&reply));
        }
        let desk = text(&browser.get("/").await);
        let meant = ["dna_examiner", "second_officer", "quality_manager"].contains(&role);
        assert_eq!(desk.contains("href=\"/genomic\""), meant, "{role}: {desk}");
    }
    let mut dna = examiner(&house, "dna").await;
    for lang in ["kk", "ru", "en"] {
        dna.set_cookie("tanba_language", lang);
        for (path, _) in paths.iter().filter(|(path, roles)| roles.contains(&"dna_examiner") && !path.contains(UNKNOWN))
        {
            let shown = page(&dna.get(path).await);
            assert!(
                shown.contains(&format!("<html lang=\"{lang}\"")) && !shown.contains(">genomic-"),
                "{path}: {shown}"
            );
        }
    }
}

#[tokio::test]
async fn a_case_is_its_organisations_own_and_looking_at_it_is_written_down() {
    let house = house(&[]).await;
    let id = case(&house, "M-1", "missing_person").await;
    let institute = json!({"code": "cfs", "name": "Institute", "body": "forensic_institute"});
    let institute = house.post("administrator", "/api/organisations", institute).await.made();
    let account = json!({
        "login": "stranger", "password": PASSWORD, "organisation": institute["id"], "natural_person": "P-stranger",
        "roles": ["dna_examiner"],
    });
    house.post("administrator", "/api/accounts", account).await.made();
    let mut stranger = examiner(&house, "stranger").await;
    assert!(page(&stranger.get("/genomic").await).contains("There is no case yet"));
    for below in ["", "/specimens", "/search", "/relatives", "/identification"] {
        assert_eq!(stranger.get(&format!("/genomic/cases/{id}{below}")).await.status, 404, "{below}");
    }
    page(&examiner(&house, "dna").await.get(&format!("/genomic/cases/{id}")).await);
    let log = house.get("supervisor", "/api/supervision/log?from=0&limit=1000").await.made();
    let entries = log.as_array().or_else(|| log["entries"].as_array()).unwrap();
    let looks = entries.iter().filter(|entry| entry["event"] == "genomic_case.viewed").count();
    assert_eq!(looks, 1, "the look, and none of the stranger's");
}

#[tokio::test]
async fn a_form_of_another_site_registers_nothing() {
    let person = adult(23);
    let house = house(&[]).await;
    let mut dna = examiner(&house, "dna").await;
    let case = open_case(&mut dna, "C-9", "crime").await;
    let at = format!("{case}/specimens");
    let body = "------x\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\nforged\r\n------x--\r\n";
    let forged = dna.post_raw(&at, "multipart/form-data; boundary=----x", body.as_bytes().to_vec()).await;
    assert_eq!(forged.status, 403);
    let kind = "application/x-www-form-urlencoded";
    for path in [format!("{case}/search"), format!("/genomic/hits/{UNKNOWN}/finding"), "/genomic".to_owned()] {
        let forged = dna.post_raw(&path, kind, b"csrf=forged&number=X&kind=crime".to_vec()).await;
        assert_eq!(forged.status, 403, "{path}");
        assert!(text(&forged).contains("does not come from a page of your session"));
    }
    // A key that is not one of ours begins nothing.
    let stray = [("key", "x"), ("category", "crime_stain"), ("label", "x"), ("investigator_order", "yes")];
    let profile = csv(&person);
    let file: [(&str, &str, &[u8]); 1] = [("profile-file", "a.csv", profile.as_bytes())];
    page(&dna.get(&at).await);
    assert_eq!(dna.upload(&at, &stray, &file).await.status, 422);
    assert!(page(&dna.get(&case).await).contains("No specimen is registered"));
}
