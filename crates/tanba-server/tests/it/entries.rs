//! Which entry of the log each route writes: one table of every route. A route without a row fails the test, and so does one that writes
//! something else where it can be called here.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::date;
use tanba_registry::Notice;
use tanba_server::notice_text;

use crate::document::{document, operations};
use crate::house::{ANYONE, House, PASSWORD, ROLES, adult, house};
use crate::roles::{SIGNED_IN, path_of, table};

/// The entry of a success, or why there is none.
enum Written {
    Event(&'static str),
    /// Where something of a person is shown.
    Shown(&'static str),
    Nothing(&'static str),
}
use Written::{Event, Nothing, Shown};

const PUBLIC: &str = "what everybody may read, of nobody";
const WORK: &str = "a list of work without anything of a person; whatever is opened from it is an entry";
const OWN: &str = "the own account";

fn written() -> Vec<(&'static str, &'static str, Written)> {
    vec![
        ("POST", "/api/access-requests", Event("access.granted")),
        ("POST", "/api/access-requests/{request}/exports", Event("answer.exported")),
        ("POST", "/api/accounts", Event("account.created")),
        ("POST", "/api/accounts/{account}/disable", Event("account.disabled")),
        ("POST", "/api/accounts/{account}/passkey-code", Event("passkey.code_issued")),
        ("GET", "/api/approvals", Nothing(WORK)),
        ("POST", "/api/approvals", Event("approval.given")),
        ("POST", "/api/approvals/challenge", Event("passkey.asked")),
        ("GET", "/api/breaches", Event("breach.viewed")),
        ("POST", "/api/breaches", Event("breach.opened")),
        ("POST", "/api/breaches/{breach}/steps", Event("breach.closed")),
        ("GET", "/api/candidates", Nothing(WORK)),
        ("POST", "/api/candidates/{candidate}/judgements", Event("judgement.given")),
        ("POST", "/api/candidates/{candidate}/markings", Event("markings.locked")),
        ("GET", "/api/candidates/{candidate}/material", Event("candidate.viewed")),
        ("POST", "/api/cases", Event("case.opened")),
        ("GET", "/api/consent-texts", Nothing(PUBLIC)),
        ("GET", "/api/contaminations", Event("contaminations.viewed")),
        ("POST", "/api/contaminations/{contamination}/decision", Event("contamination.decided")),
        ("GET", "/api/data-tracker/v2/findUsage", Event("usages.viewed")),
        ("GET", "/api/data-tracker/v2/heartbeat", Nothing("whether the log can be read, and nothing of it")),
        ("GET", "/api/data-tracker/v2/usagePeriod", Nothing("since when there are entries, and whose is not told")),
        ("GET", "/api/documents/{document}", Event("document.viewed")),
        ("POST", "/api/documents/{document}/events", Event("document.changed")),
        ("POST", "/api/documents/{document}/personalisation", Event("document.personalised")),
        ("POST", "/api/encounters", Event("encounter.opened")),
        ("GET", "/api/encounters/{encounter}", Event("encounter.viewed")),
        ("POST", "/api/encounters/{encounter}/biometric-lock", Event("biometrics.locked")),
        ("POST", "/api/encounters/{encounter}/biometric-lock/release", Event("biometrics.unlocked")),
        ("POST", "/api/encounters/{encounter}/captures", Event("finger.captured")),
        ("POST", "/api/encounters/{encounter}/completion", Event("registration.activated")),
        ("POST", "/api/encounters/{encounter}/consents", Event("consent.recorded")),
        ("POST", "/api/encounters/{encounter}/documents", Event("document.applied")),
        ("POST", "/api/encounters/{encounter}/exemption", Event("exemption.recorded")),
        ("PUT", "/api/encounters/{encounter}/fingers/{finger}", Event("finger.stated")),
        ("DELETE", "/api/encounters/{encounter}/fingers/{finger}", Event("finger.unstated")),
        ("POST", "/api/encounters/{encounter}/fingers/{finger}/acceptance", Event("quality.accepted")),
        ("POST", "/api/encounters/{encounter}/guardian", Event("guardian.identified")),
        ("POST", "/api/encounters/{encounter}/guardian/confirmation", Event("consent.recorded")),
        ("POST", "/api/encounters/{encounter}/hands", Event("hands.photographed")),
        ("POST", "/api/encounters/{encounter}/namesakes", Event("namesakes.searched")),
        ("POST", "/api/encounters/{encounter}/namesakes/finding", Event("namesakes.judged")),
        ("POST", "/api/encounters/{encounter}/postponement", Event("prints.postponed")),
        ("POST", "/api/encounters/{encounter}/refusal", Event("refusal.recorded")),
        ("GET", "/api/erasures", Nothing(WORK)),
        ("POST", "/api/erasures/{plan}/release", Event("retention.released")),
        ("POST", "/api/exports/check", Nothing("a signature is checked, and nothing of the register is read")),
        ("POST", "/api/files", Event("file.opened")),
        ("POST", "/api/files/conversions", Event("file.converted")),
        ("GET", "/api/genomic-hits", Nothing(WORK)),
        ("GET", "/api/genomic-hits/{hit}", Event("genomic_hit.viewed")),
        ("POST", "/api/genomic-hits/{hit}/findings", Event("genomic_hit.judged")),
        ("POST", "/api/genomic-references", Event("genomic_reference.entered")),
        ("GET", "/api/law-deliveries", Nothing("the law, which is nobody's data")),
        ("POST", "/api/law-deliveries/{delivery}/acknowledgement", Event("law.acknowledged")),
        ("GET", "/api/log/entries/{seq}/proof", Nothing(PUBLIC)),
        ("GET", "/api/lr-searches", Nothing(WORK)),
        ("POST", "/api/lr-searches", Event("lr_search.asked")),
        ("POST", "/api/lr-searches/{request}/decision", Event("lr_search.decided")),
        ("POST", "/api/lr-searches/{request}/search", Event("lr_search.made")),
        ("GET", "/api/me", Nothing(OWN)),
        ("POST", "/api/me/biometric-lock", Event("biometrics.locked")),
        ("POST", "/api/me/biometric-lock/release", Event("biometrics.unlocked")),
        ("POST", "/api/me/consent", Event("consent.recorded")),
        ("POST", "/api/me/consent/withdrawal", Event("consent.withdrawn")),
        ("GET", "/api/me/entries-proof", Event("own_record.viewed")),
        ("POST", "/api/me/genomic-consent/withdrawal", Event("consent.withdrawn")),
        ("PUT", "/api/me/notices", Event("notices.chosen")),
        ("GET", "/api/me/record", Event("own_record.viewed")),
        ("POST", "/api/organisations", Event("organisation.created")),
        ("GET", "/api/passkeys", Nothing(OWN)),
        ("POST", "/api/passkeys", Event("passkey.bound")),
        ("POST", "/api/passkeys/challenge", Event("passkey.asked")),
        ("DELETE", "/api/passkeys/{passkey}", Event("passkey.removed")),
        ("POST", "/api/prior-searches", Event("prior_search.recorded")),
        ("GET", "/api/recipient-orders", Shown("recipient_orders.viewed")),
        ("POST", "/api/recipient-orders/{order}/acknowledgement", Event("recipient_order.acknowledged")),
        ("GET", "/api/reconciliations", Event("reconciliations.viewed")),
        ("POST", "/api/reconciliations", Event("reconciliation.proposed")),
        ("GET", "/api/reconciliations/{reconciliation}", Event("reconciliation.viewed")),
        ("POST", "/api/reconciliations/{reconciliation}/findings", Event("reconciliation.judged")),
        ("POST", "/api/reconciliations/{reconciliation}/identification", Event("identification.viewed")),
        ("POST", "/api/reconciliations/{reconciliation}/withdrawal", Event("reconciliation.withdrawal_proposed")),
        ("POST", "/api/refusals/{refusal}/appeal", Event("refusal.appealed")),
        ("POST", "/api/refusals/{refusal}/appeal/outcome", Event("refusal.appeal_closed")),
        ("POST", "/api/refusals/{refusal}/decision", Event("refusal.decided")),
        ("POST", "/api/refusals/{refusal}/payment", Event("refusal.fine_paid")),
        ("GET", "/api/reviews", Nothing(WORK)),
        ("POST", "/api/reviews/{review}/closure", Event("review.closed")),
        ("POST", "/api/revisions", Event("revision.proposed")),
        ("POST", "/api/revisions/{revision}/application", Event("revision.applied")),
        ("POST", "/api/revisions/{revision}/rejection", Event("revision.rejected")),
        ("GET", "/api/error-rates", Nothing(PUBLIC)),
        ("POST", "/api/error-rates/counts", Event("rates.counted")),
        ("POST", "/api/evaluations", Event("evaluation.added")),
        ("GET", "/api/thresholds", Nothing(WORK)),
        ("POST", "/api/thresholds", Event("threshold.proposed")),
        ("POST", "/api/thresholds/{proposal}/decision", Event("threshold.set")),
        ("GET", "/api/sanction-keys", Nothing("the public keys of offices")),
        ("POST", "/api/sanction-keys", Event("sanction_key.proposed")),
        ("POST", "/api/sanction-keys/{key}/decision", Event("sanction_key.confirmed")),
        ("POST", "/api/sanction-keys/{key}/revocation", Event("sanction_key.revoked")),
        ("POST", "/api/sanctions", Event("sanction.entered")),
        ("POST", "/api/sanctions/{sanction}/revocation", Event("sanction.revoked")),
        ("POST", "/api/sessions", Event("session.opened")),
        ("DELETE", "/api/sessions", Event("session.closed")),
        ("POST", "/api/sessions/challenge", Event("passkey.asked")),
        ("POST", "/api/sessions/proof", Event("session.proved")),
        ("POST", "/api/signed-sanctions", Event("sanction.entered")),
        ("POST", "/api/sites", Event("site.created")),
        ("POST", "/api/services", Event("service.added")),
        ("POST", "/api/services/{service}/end", Event("service.ended")),
        ("POST", "/api/services/{service}/verifications", Event("access.granted")),
        ("POST", "/api/specimens", Event("specimen.registered")),
        ("POST", "/api/specimens/{specimen}/lineage-searches", Event("lineage.searched")),
        ("POST", "/api/specimens/{specimen}/searches", Event("genomic.searched")),
        ("POST", "/api/stations", Event("station.created")),
        ("GET", "/api/supervision/deletion-plans", Event("retention.plans_viewed")),
        ("GET", "/api/supervision/directions", Event("directions.viewed")),
        ("GET", "/api/supervision/exports", Event("exports.viewed")),
        ("GET", "/api/supervision/log", Event("log.supervised")),
        ("POST", "/api/supervision/note-answers", Event("note.answered")),
        ("GET", "/api/supervision/notes", Event("oversight.viewed")),
        ("GET", "/api/supervision/returns", Event("returns.viewed")),
        ("GET", "/api/urgent-reviews", Nothing("a gap: reasons that officers gave are shown without an entry")),
        ("POST", "/api/urgent-reviews/{review}/decision", Event("urgent_review.decided")),
        ("GET", "/api/watches", Event("watches.viewed")),
        ("POST", "/api/watches", Event("watch.begun")),
        ("POST", "/api/watches/{watch}/end", Event("watch.ended")),
        ("POST", "/api/watches/{watch}/renewal", Event("watch.renewed")),
    ]
}

/// The registry's sources, file by file.
fn sources_of_the_registry() -> Vec<String> {
    let mut sources = Vec::new();
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tanba-registry/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                sources.push(std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    sources
}

/// Every event that they write: every piece between two quotes, which are more than the literals, and none of those is missed.
fn events_of_the_registry() -> BTreeSet<String> {
    sources_of_the_registry().iter().flat_map(|text| text.split('"')).map(str::to_owned).collect()
}

#[test]
fn every_kind_of_look_has_words_in_every_language() {
    let sources = sources_of_the_registry();
    let looks = sources.iter().flat_map(|text| text.split("Entry::look(\"").skip(1));
    let looks: BTreeSet<&str> = looks.map(|rest| rest.split('"').next().unwrap_or_default()).collect();
    assert!(looks.len() > 30, "the search finds them: {}", looks.len());
    for kind in looks {
        for language in ["kk", "ru", "en"] {
            let text = notice_text(&Notice {
                key: "0190b5d4-0000-7000-8000-000000000000".parse().unwrap(),
                recipient: "r".to_owned(),
                language: language.to_owned(),
                kind: kind.to_owned(),
                authority: "mia".to_owned(),
                authority_name: "MIA".to_owned(),
                day: date(2026, 11, 25),
                entry: 1234,
            });
            assert!(!text.contains(kind), "{kind} has no words in {language}: {text}");
        }
    }
}

async fn size(house: &House) -> u64 {
    house.registry.publish().await.unwrap().size
}

#[tokio::test]
async fn control_e2_every_route_writes_the_entry_that_the_table_says_or_says_why_none() {
    let expected: BTreeMap<(String, String), Written> =
        written().into_iter().map(|(method, path, entry)| ((method.to_owned(), path.to_owned()), entry)).collect();
    let documented: BTreeSet<(String, String)> =
        operations(&document()).into_iter().map(|(method, path, _)| (method, path)).collect();
    assert_eq!(expected.keys().cloned().collect::<BTreeSet<_>>(), documented, "every route has one row");
    let known = events_of_the_registry();
    for ((method, path), entry) in &expected {
        match entry {
            Event(event) | Shown(event) => assert!(known.contains(*event), "{method} {path}: nobody writes {event}"),
            Nothing(why) => assert!(!why.is_empty(), "{method} {path}"),
        }
    }
    // What can be called without anything prepared is called: by whoever may, and by whoever may not.
    let person = adult(1);
    let house = house(&[&person]).await;
    let held = house.open(&person, "held").await;
    house.citizen(held["person"].as_str().unwrap()).await;
    let token = house.registry.sign_in("supervisor", PASSWORD, None).await.unwrap();
    let supervisor = house.registry.authenticate(token.reveal()).await.unwrap();
    let (mut called, mut denied) = (0, 0);
    for row in table().into_iter().filter(|row| row.method != "DELETE" || row.template != "/api/sessions") {
        let (path, body) = (path_of(row.template), Some(&row.body).filter(|body| !body.is_null()));
        let at = format!("{} {path}", row.method);
        let may = row
            .allowed
            .iter()
            .find(|(who, status)| *who != SIGNED_IN && *who != "everyone" && (200..300).contains(status));
        if let Some((role, _)) = may {
            let login = ROLES.iter().find(|(_, its)| its == role).map_or(*role, |(login, _)| login);
            let before = size(&house).await;
            assert!(house.call(login, row.method, &path, body).await.status.is_success(), "{at}");
            let now = size(&house).await;
            let log = house.registry.supervise(&supervisor, before, 100).await.unwrap();
            let events: Vec<_> = log.iter().filter(|e| e.look.seq < now).map(|e| e.look.event.clone()).collect();
            match &expected[&(row.method.to_owned(), row.template.to_owned())] {
                Event(event) => assert!(events.iter().any(|written| written == event), "{at}: {events:?}"),
                Shown(event) => assert!(events.iter().all(|written| written == event), "{at}: {events:?}"),
                Nothing(_) => assert!(events.is_empty(), "{at}: {events:?}"),
            }
            called += 1;
        }
        let listed = |role: &str| row.allowed.iter().any(|(who, _)| [role, SIGNED_IN, "everyone"].contains(who));
        if let Some((login, _)) = ROLES.iter().find(|(login, role)| *login != ANYONE && !listed(role)) {
            let before = house.registry.denials().await.unwrap();
            assert_eq!(house.call(login, row.method, &path, body).await.problem(403), "role", "{at}");
            assert_eq!(house.registry.denials().await.unwrap(), before + 1, "{at}: the denial is an entry");
            denied += 1;
        }
    }
    assert!(called > 20 && denied > 80, "{called} were called, {denied} denied");
}
