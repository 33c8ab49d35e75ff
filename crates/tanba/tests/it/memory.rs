//! What a running service holds in its memory, read as root reads it.

use std::collections::HashMap;
use std::fs;
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tanba_finger::default_extractor;
use tanba_formats::Finger;
use tanba_synth::Person;

use crate::client::{PASSPHRASE, PASSWORD, Service, fsck, tanba};
use crate::kill::{FINGERS, applicant, population, set_up};

/// Bytes of each thing that is looked for: few enough that a rest of it is found too, too many to be there by chance.
const SOUGHT: usize = 64;
const WORD: usize = 8;
/// Whatever of [`SOUGHT`] bytes lies in memory has a whole word at one of the places this far apart.
const STEP: usize = SOUGHT - WORD + 1;

/// Things that are looked for in memory, by name, and where their words are in them.
#[derive(Default)]
struct Sought {
    things: Vec<(String, [u8; SOUGHT])>,
    words: HashMap<[u8; WORD], Vec<(usize, usize)>>,
}

impl Sought {
    /// Adds bytes of the middle of a thing.
    fn add(&mut self, name: String, thing: &[u8]) {
        let middle = (thing.len() - SOUGHT) / 2;
        let part: [u8; SOUGHT] = thing[middle..middle + SOUGHT].try_into().unwrap();
        for (at, word) in part.windows(WORD).enumerate() {
            self.words.entry(word.try_into().unwrap()).or_default().push((self.things.len(), at));
        }
        self.things.push((name, part));
    }

    /// What is found, once for each time; or why memory cannot be read.
    fn found(&self, process: u32) -> std::io::Result<Vec<&str>> {
        let maps = fs::read_to_string(format!("/proc/{process}/maps"))?;
        let mut memory = fs::File::open(format!("/proc/{process}/mem"))?;
        let mut found = Vec::new();
        let mut bytes = Vec::new();
        for line in maps.lines() {
            let mut fields = line.split_whitespace();
            let (Some(range), Some(rights)) = (fields.next(), fields.next()) else { continue };
            let Some((begin, end)) = range.split_once('-').filter(|_| rights.starts_with("rw")) else { continue };
            let [begin, end] = [begin, end].map(|place| u64::from_str_radix(place, 16).unwrap());
            bytes.resize((end - begin) as usize, 0);
            memory.seek(SeekFrom::Start(begin))?;
            match memory.read_exact(&mut bytes) {
                Ok(()) => found.extend(self.found_in(&bytes)),
                // What a thread gave back between the list and this look.
                Err(error) if error.raw_os_error() == Some(5) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    fn found_in(&self, bytes: &[u8]) -> Vec<&str> {
        let mut found = Vec::new();
        for place in (0..bytes.len().saturating_sub(WORD)).step_by(STEP) {
            for &(thing, at) in self.words.get(&bytes[place..place + WORD]).map_or(&[][..], Vec::as_slice) {
                let (name, part) = &self.things[thing];
                let there = place.checked_sub(at).and_then(|begin| bytes.get(begin..begin + SOUGHT));
                if there == Some(&part[..]) {
                    found.push(name.as_str());
                }
            }
        }
        found
    }

    /// What is still found when a request's end has had its time: what was answered is let go a moment later.
    fn left(&self, process: u32) -> std::io::Result<Vec<&str>> {
        let begun = Instant::now();
        loop {
            let found = self.found(process)?;
            if found.is_empty() || begun.elapsed() > Duration::from_secs(20) {
                return Ok(found);
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

#[test]
fn what_lies_anywhere_in_memory_is_found() {
    let thing: Vec<u8> = (0..=255).collect();
    let mut sought = Sought::default();
    sought.add("thing".to_owned(), &thing);
    for before in 0..2 * STEP {
        let memory = [&vec![7; before][..], &thing, &[7; STEP]].concat();
        assert_eq!(sought.found_in(&memory), ["thing"], "{before}");
    }
    assert_eq!(sought.found_in(&thing[..150]), [""; 0], "a part of it is not all");
}

#[test]
#[allow(clippy::print_stderr)] // says why nothing was tested
fn control_i5_b5_memory_holds_templates_of_the_registered_and_nothing_that_is_done_with() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (data, law) = (at("data"), at("law"));
    fs::create_dir(&law).unwrap();
    // The law by which a registration is a choice, so that it can be taken back.
    fs::write(law.join("kz.yaml"), include_str!("../../../tanba-law/packs/kz-2024-in-force.yaml")).unwrap();
    let secrets =
        [("TANBA_PASSPHRASE", PASSPHRASE), ("TANBA_ADMIN_LOGIN", "administrator"), ("TANBA_ADMIN_PASSWORD", PASSWORD)];
    let mut command = tanba(&secrets);
    command.args(["init", "--demonstration", "--dir"]).arg(&data).arg("--law").arg(&law);
    assert!(command.output().unwrap().status.success());
    let person = Person::from_seed(1, (2026, 11, 23));
    let people = population(at("population.json"), std::slice::from_ref(&person));
    let service = Service::start(&data, &secrets[..1], Some(&people));
    let process = service.child.id();
    set_up(&service);

    let applicant = applicant(&person);
    let (mut images, mut templates) = (Sought::default(), Sought::default());
    for (finger, image) in &applicant.prints {
        let file = STANDARD.decode(image).unwrap();
        let read = tanba_formats::image::read(&file, &tanba_formats::image::ReadOptions::with_ppi(None)).unwrap().value;
        let template = default_extractor().extract_and_assess(&read).unwrap().0;
        images.add(format!("text of {}", finger.name()), image.as_bytes());
        images.add(format!("file of {}", finger.name()), &file);
        images.add(format!("pixels of {}", finger.name()), read.pixels());
        templates.add(format!("template of {}", finger.name()), &template.to_bytes());
    }

    let operator = service.sign_in("operator", Some("counter"));
    let new = json!({"client_key": "k", "trigger": "identity_card", "iin": applicant.iin});
    let encounter = service.made(&operator, "POST", "/api/encounters", &new);
    let visit = format!("/api/encounters/{}", encounter["id"].as_str().unwrap());
    let texts = service.made(&operator, "GET", "/api/consent-texts", &Value::Null);
    let of_kind = |text: &&Value| text["kind"] == "subject_consent" && text["language"] == "kk";
    let text = texts.as_array().unwrap().iter().find(of_kind).unwrap();
    let consent = json!({
        "kind": "subject_consent", "given_by": applicant.iin, "text_version": text["text_version"],
        "text_hash": text["text_hash"], "language": "kk", "modality": "written", "evidence": "signature_on_paper",
        "reference": "sheet 17"
    });
    let encounter = service.made(&operator, "POST", &format!("{visit}/consents"), &consent);
    let capture = |finger: Finger, image: &str, permit: &Value| {
        let print = json!({"finger": finger, "image": image, "permit": permit});
        service.ask(&operator, "POST", &format!("{visit}/captures"), &print).0
    };
    // Once without the permit: what may not be taken is not kept in memory either.
    for (finger, image) in &applicant.prints {
        assert_eq!(capture(*finger, image, &json!("no permit")), 403);
    }
    match images.left(process) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            eprintln!("skipped: this machine lets nobody read the memory of another process");
            return;
        }
        left => assert_eq!(left.unwrap(), [""; 0], "of what was refused"),
    }
    for (finger, image) in &applicant.prints {
        assert_eq!(capture(*finger, image, &encounter["capture_permit"]), 201);
    }
    for finger in Finger::TEN.into_iter().filter(|finger| !FINGERS.contains(finger)) {
        service.made(&operator, "PUT", &format!("{visit}/fingers/{}", finger.name()), &json!({"state": "unable"}));
    }
    let done = service.made(&operator, "POST", &format!("{visit}/completion"), &Value::Null);
    assert_eq!(done["encounter"]["state"], "registered");
    assert_eq!(images.left(process).unwrap(), [""; 0], "images are on disk, sealed, and nowhere else");
    let found = templates.found(process).unwrap();
    for (name, _) in &templates.things {
        assert!(
            found.contains(&name.as_str()),
            "{name}: whoever is registered is compared with, so this look sees something"
        );
    }

    let administrator = service.sign_in("administrator", None);
    let organisation = json!({"code": "people", "name": "People", "body": "service_centre"});
    let organisation = service.made(&administrator, "POST", "/api/organisations", &organisation)["id"].clone();
    let account = json!({"login": "citizen", "password": PASSWORD, "organisation": organisation, "natural_person": "citizen", "roles": ["citizen"], "person": encounter["person"]});
    service.made(&administrator, "POST", "/api/accounts", &account);
    let citizen = service.sign_in("citizen", None);
    let withdrawn = service.made(&citizen, "POST", "/api/me/consent/withdrawal", &Value::Null);
    assert_eq!(withdrawn["erased"].as_array().map(Vec::len), Some(2), "{withdrawn}");
    assert_eq!(templates.left(process).unwrap(), [""; 0], "of what was erased");
    service.kill();
    assert_eq!(fsck(&data)["ok"], true);
}
