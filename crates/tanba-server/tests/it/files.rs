//! Files that people bring: opened on grounds, written down once, shown to the session that opened them and to no other, and
//! turned into other formats; by pages and by the API.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tanba_formats::Finger;
use tanba_formats::file::{self, Options, Target, convert};

use crate::browser::{Browser, between, text};
use crate::house::{House, adult, house, print};

/// A finger image record with a print, and what it is a record of.
fn record() -> (Vec<u8>, Vec<u8>) {
    let png = STANDARD.decode(print(&adult(41), Finger::RightIndex, 1)).unwrap();
    let opened = file::open(&png).unwrap().value;
    let options = Options { finger: Finger::RightIndex, ..Options::default() };
    (convert(&opened, Target::named("iso-19794-4-2011").unwrap(), &options).unwrap().value, png)
}

async fn entries(house: &House, event: &str) -> Vec<Value> {
    let log = house.get("supervisor", "/api/supervision/log?from=0&limit=1000").await.made();
    let entries = log.as_array().or_else(|| log["entries"].as_array()).unwrap();
    entries.iter().filter(|e| e["event"] == event).cloned().collect()
}

async fn open(browser: &mut Browser<'_>, reference: &str, name: &str, bytes: &[u8]) -> crate::house::Reply {
    let page = text(&browser.get("/files").await);
    let key = between(&page, "name=\"key\" value=\"", "\"").unwrap();
    let fields = [("key", key.as_str()), ("purpose", "exchange"), ("reference", reference)];
    browser.upload("/files", &fields, &[("file", name, bytes)]).await
}

#[tokio::test]
async fn a_file_is_opened_on_grounds_and_written_down_once() {
    let house = house(&[]).await;
    let (record, png) = record();
    let mut examiner = Browser::signed_in(&house, "examiner-a", "").await;
    let reply = open(&mut examiner, "INT-2026/17 <b>", "Ivanov Ivan.fir", &record).await;
    let page = text(&reply);
    assert_eq!(reply.status, 200, "{page}");
    assert!(page.contains("iso-19794-4-2011") && page.contains("right index"), "{page}");
    assert!(page.contains("This look is recorded. Purpose: exchange with another authority"), "{page}");
    assert!(page.contains("INT-2026/17 &#60;b&#62;"), "a reference is text, not markup: {page}");
    assert!(page.contains("<ul class=\"tree\"") && page.contains("<summary>"), "{page}");
    assert!(!page.contains("Ivanov"), "a file's name may name somebody: {page}");
    let at = examiner.at.clone();
    assert!(!at.contains("INT"), "{at}");

    let first = entries(&house, "file.opened").await;
    assert_eq!(first.len(), 1);
    assert_eq!((&first[0]["outcome"], &first[0]["purpose"]), (&json!("look"), &json!("exchange")));
    // Pressing again, reloading, and looking at its pictures are the same look.
    let thumbnail = examiner.get(&format!("{at}/thumbnails/0")).await;
    assert_eq!(thumbnail.headers["content-type"], "image/png");
    assert!(thumbnail.body.starts_with(b"\x89PNG"));
    let whole = examiner.get(&format!("{at}/pictures/0")).await;
    let pixels = |bytes: &[u8]| {
        let opened = file::open(bytes).unwrap().value;
        opened.pictures()[0].decode().unwrap().value.pixels().to_vec()
    };
    assert_eq!(pixels(&whole.body), pixels(&png));
    assert_eq!(examiner.get(&at).await.status, 200);
    assert_eq!(examiner.get(&format!("{at}/pictures/1")).await.status, 404);
    assert_eq!(entries(&house, "file.opened").await.len(), 1);

    let mut other = Browser::signed_in(&house, "examiner-a", "").await;
    for below in ["", "/thumbnails/0", "/pictures/0", "/converted"] {
        assert_eq!(other.get(&format!("{at}{below}")).await.status, 404, "a file is for the session that opened it");
    }
    house.assert_log_is_discreet();
}

#[tokio::test]
async fn it_becomes_another_format_and_that_is_written_down_too() {
    let house = house(&[]).await;
    let (record, png) = record();
    let mut officer = Browser::signed_in(&house, "officer", "").await;
    open(&mut officer, "no. 5", "a.fir", &record).await;
    let at = officer.at.clone();
    assert_eq!(officer.get(&format!("{at}/converted")).await.status, 404, "nothing was converted yet");
    officer.get(&at).await;
    let page = text(&officer.post(&format!("{at}/conversion"), &[("to", "wsq"), ("rate", "2.25")]).await);
    assert!(page.contains("Converted to wsq") && page.contains("recoded"), "{page}");
    let done = officer.get(&format!("{at}/converted")).await;
    assert_eq!(done.headers["content-type"], "application/octet-stream");
    assert!(done.headers["content-disposition"].to_str().unwrap().ends_with(".wsq\""));
    let wsq = file::open(&done.body).unwrap().value;
    assert_eq!(wsq.format(), "wsq");
    assert!(done.body.len() < png.len());
    assert_eq!(entries(&house, "file.converted").await.len(), 1);

    // What it has no place in is refused in words, with the file still there.
    officer.get(&at).await;
    let refused = officer.post(&format!("{at}/conversion"), &[("to", "genotypes")]).await;
    let told = text(&refused);
    assert_eq!(refused.status, 422, "{told}");
    assert!(told.contains("The file was not converted") && told.contains("no genotypes"), "{told}");
    assert!(told.contains(&format!("href=\"{at}\"")), "the way back is the file's page: {told}");
    assert_eq!(entries(&house, "file.converted").await.len(), 1);
    assert_eq!(officer.get(&at).await.status, 200);
}

#[tokio::test]
async fn what_cannot_be_read_says_why_and_is_written_down_too() {
    let house = house(&[]).await;
    let mut dna = Browser::signed_in(&house, "dna", "").await;
    assert_eq!(dna.at, "/genomic", "the desk of a DNA examiner");
    let refused = open(&mut dna, "no. 6", "a.gif", b"GIF89a and so on").await;
    let told = text(&refused);
    assert_eq!(refused.status, 422, "{told}");
    assert!(told.contains("The file was not read") && told.contains("GIF"), "{told}");
    assert!(told.contains("href=\"/files\""), "{told}");
    assert_eq!(entries(&house, "file.opened").await.len(), 1);
    for (fields, files) in [
        (vec![("purpose", "exchange"), ("reference", "1")], vec![]),
        (vec![("purpose", "curiosity"), ("reference", "1")], vec![("file", "a", &b"x"[..])]),
        (vec![("purpose", "exchange"), ("reference", " ")], vec![("file", "a", &b"x"[..])]),
    ] {
        let page = text(&dna.get("/files").await);
        let key = between(&page, "name=\"key\" value=\"", "\"").unwrap();
        let fields: Vec<_> = fields.into_iter().chain([("key", key.as_str())]).collect();
        assert_eq!(dna.upload("/files", &fields, &files).await.status, 422, "{fields:?}");
    }
    assert_eq!(entries(&house, "file.opened").await.len(), 1, "what never was opened is no look");
    for login in ["operator", "supervisor", "administrator"] {
        let mut someone = Browser::signed_in(&house, login, "").await;
        assert_eq!(someone.get("/files").await.status, 403, "{login}");
    }
}

#[tokio::test]
async fn markup_in_a_file_is_text_on_the_page() {
    let house = house(&[]).await;
    let table = b"sample,D3S1358_1,D3S1358_2,TH01_1,TH01_2\n<script>alert(1)</script>,15,16,6,9.3\n";
    let mut dna = Browser::signed_in(&house, "dna", "").await;
    // The browser of these tests fails on any inline script.
    let page = text(&open(&mut dna, "no. 7", "a.csv", table).await);
    assert!(page.contains("genotypes") && page.contains("&#60;script&#62;"), "{page}");
}

#[tokio::test]
async fn programs_open_and_convert_files_too() {
    let house = house(&[]).await;
    let (record, _) = record();
    let body = json!({"purpose": "quality", "reference": "lot 3", "file": STANDARD.encode(&record)});
    let told = house.post("dna", "/api/files", body.clone()).await.made();
    assert_eq!((&told["format"], &told["records"]), (&json!("iso-19794-4-2011"), &json!(1)));
    assert_eq!(told["pictures"][0]["finger"], "right_index");
    assert!(told["targets"].as_array().unwrap().contains(&json!("cbeff-xml")));
    assert!(told["outline"]["children"].as_array().is_some_and(|children| !children.is_empty()));
    assert_eq!(told["log_seq"], entries(&house, "file.opened").await[0]["seq"]);

    let mut asked = body;
    asked["to"] = json!("iso-19794-4-2005");
    let done = house.post("dna", "/api/files/conversions", asked.clone()).await.made();
    let file = STANDARD.decode(done["file"].as_str().unwrap()).unwrap();
    assert_eq!(file::open(&file).unwrap().value.format(), "iso-19794-4-2005");
    asked["to"] = json!("docx");
    assert_eq!(house.post("dna", "/api/files/conversions", asked).await.problem(422), "invalid");
    let unread = json!({"purpose": "quality", "reference": "lot 3", "file": STANDARD.encode(b"%PDF-1.7")});
    assert_eq!(house.post("dna", "/api/files", unread).await.problem(422), "file");
    house.assert_log_is_discreet();
}
