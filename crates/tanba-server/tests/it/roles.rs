//! Who may do what: one table of every route and every role. A route without a row fails the test.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::document::{document, operations};
use crate::house::{ANYONE, ROLES, UNKNOWN, adult, house};

/// One route.
pub(crate) struct Row {
    pub(crate) method: &'static str,
    pub(crate) template: &'static str,
    pub(crate) body: Value,
    /// Which roles get past the check of roles, and what they are then answered. Any other role is denied as such.
    pub(crate) allowed: &'static [(&'static str, u16)],
}

const EVERYONE: &str = "everyone";
pub(crate) const SIGNED_IN: &str = "signed in";

fn row(method: &'static str, template: &'static str, body: Value, allowed: &'static [(&'static str, u16)]) -> Row {
    Row { method, template, body, allowed }
}

/// A record that isn't there is answered with 404 to those who may know it; so 404 stands for "allowed" where the row's
/// path holds the id of nothing.
pub(crate) fn table() -> Vec<Row> {
    let none = || Value::Null;
    let organisation = json!({"code": "x", "name": "x", "body": "x"});
    let site = json!({"organisation": UNKNOWN, "code": "x", "name": "x", "kind": "office", "triggers": []});
    let account = json!({
        "login": "x", "password": "long enough for this", "organisation": UNKNOWN, "natural_person": "x", "roles": ["officer"]
    });
    let service = json!({"organisation": UNKNOWN, "code": "x", "purpose": "x", "legal_basis": "x"});
    let encounter =
        json!({"client_key": "x", "trigger": "identity_card", "typed": {"born": "1990-01-01", "status": "citizen"}});
    let consent = json!({
        "kind": "explanation", "given_by": "x", "text_version": "1", "language": "kk", "modality": "spoken", "evidence": "x"
    });
    let guardian = json!({"iin": NO_ONES_IIN, "document": "x", "language": "kk"});
    let postponement = json!({"code": "hand_injury", "come_again": "2026-12-24"});
    let sanction = json!({
        "case": UNKNOWN, "authority": "prosecutor", "issued_by": "x", "purposes": ["crime"], "acts": ["read"],
        "valid_from": "2026-01-01T00:00:00Z", "valid_to": "2027-01-01T00:00:00Z", "max_uses": 1
    });
    let office_key = json!({
        "verifier": "x", "level": "court", "valid_from": "2026-01-01T00:00:00Z", "valid_to": "2027-01-01T00:00:00Z"
    });
    let specimen = json!({
        "client_key": "x", "category": "crime_stain", "label": "x", "case": UNKNOWN, "profile": "no profile", "facts": {}
    });
    let search = json!({"case": UNKNOWN, "purpose": "crime", "legal_basis": "x"});
    let lr_search = json!({
        "specimen": UNKNOWN, "case": UNKNOWN, "purpose": "missing_person", "legal_basis": "x", "question": {
            "relation": "parent_child", "frequencies": "x", "theta": 0.01, "least_log10_lr": 3.0, "most": 10, "min_loci": 12
        }
    });
    let reconciliation = json!({"post_mortem": UNKNOWN, "ante_mortem": UNKNOWN, "case": UNKNOWN, "reason": "x"});
    let file = json!({"purpose": "exchange", "reference": "x", "file": ""});
    let conversion = json!({"purpose": "exchange", "reference": "x", "file": "", "to": "png"});
    let signature = json!({"credential": "", "client_data": "", "authenticator_data": "", "signature": ""});
    let to_sign = json!({"act": "revision", "subject": UNKNOWN});
    let openers = &[("fingerprint_examiner", 422), ("dna_examiner", 422), ("officer", 422), ("second_officer", 422)];
    vec![
        row("POST", "/api/sessions", json!({"login": "nobody", "password": "x"}), &[(EVERYONE, 401)]),
        row("GET", "/api/me", none(), &[(SIGNED_IN, 200)]),
        // Nobody has named the address that passkeys are for.
        row("POST", "/api/accounts/{account}/passkey-code", none(), &[("administrator", 404)]),
        row("GET", "/api/passkeys", none(), &[(SIGNED_IN, 200)]),
        row("POST", "/api/passkeys/challenge", json!({}), &[(SIGNED_IN, 409)]),
        row("POST", "/api/passkeys", json!({"client_data": "", "attestation": ""}), &[(SIGNED_IN, 409)]),
        row("DELETE", "/api/passkeys/{passkey}", none(), &[(SIGNED_IN, 404)]),
        row("POST", "/api/sessions/challenge", none(), &[(SIGNED_IN, 409)]),
        row("POST", "/api/sessions/proof", signature.clone(), &[(SIGNED_IN, 403)]),
        row("POST", "/api/approvals/challenge", to_sign.clone(), &[("second_officer", 404)]),
        row("POST", "/api/approvals", json!({"act": to_sign, "signature": signature}), &[("second_officer", 403)]),
        row("GET", "/api/approvals", none(), &[(SIGNED_IN, 200)]),
        row("GET", "/api/erasures", none(), &[("second_officer", 200)]),
        row("POST", "/api/erasures/{plan}/release", none(), &[("second_officer", 404)]),
        row("POST", "/api/organisations", organisation, &[("administrator", 201)]),
        row("POST", "/api/sites", site, &[("administrator", 404)]),
        row("POST", "/api/stations", json!({"site": UNKNOWN, "code": "x"}), &[("administrator", 404)]),
        row("POST", "/api/accounts", account, &[("administrator", 404)]),
        row("POST", "/api/accounts/{account}/disable", none(), &[("administrator", 404)]),
        row("POST", "/api/services", service, &[("administrator", 404)]),
        row("POST", "/api/services/{service}/end", none(), &[("administrator", 404)]),
        row(
            "POST",
            "/api/services/{service}/verifications",
            json!({"iin": NO_ONES_IIN, "prints": []}),
            &[("officer", 404)],
        ),
        row("POST", "/api/encounters", encounter, &[("operator", 201)]),
        row("GET", "/api/encounters/{encounter}", none(), &[("operator", 404)]),
        row("GET", "/api/consent-texts", none(), &[(SIGNED_IN, 200)]),
        row("POST", "/api/encounters/{encounter}/consents", consent, &[("operator", 404)]),
        row("POST", "/api/encounters/{encounter}/guardian", guardian, &[("operator", 404)]),
        row(
            "POST",
            "/api/encounters/{encounter}/guardian/confirmation",
            json!({"code": "000000"}),
            &[("operator", 404)],
        ),
        row("POST", "/api/encounters/{encounter}/postponement", postponement, &[("operator", 404)]),
        row(
            "POST",
            "/api/encounters/{encounter}/captures",
            json!({"finger": "left_thumb", "image": ""}),
            &[("operator", 404)],
        ),
        row("PUT", "/api/encounters/{encounter}/fingers/{finger}", json!({"state": "missing"}), &[("operator", 404)]),
        row("DELETE", "/api/encounters/{encounter}/fingers/{finger}", none(), &[("operator", 404)]),
        row(
            "POST",
            "/api/encounters/{encounter}/fingers/{finger}/acceptance",
            json!({"reason": "age"}),
            &[("operator", 404)],
        ),
        row("POST", "/api/encounters/{encounter}/hands", json!({"image": ""}), &[("operator", 404)]),
        row("POST", "/api/encounters/{encounter}/namesakes", none(), &[("operator", 404)]),
        row(
            "POST",
            "/api/encounters/{encounter}/namesakes/finding",
            json!({"finding": "nobody"}),
            &[("operator", 404)],
        ),
        row("POST", "/api/encounters/{encounter}/exemption", json!({"code": "x"}), &[("operator", 404)]),
        row("POST", "/api/encounters/{encounter}/biometric-lock", none(), &[("operator", 404)]),
        row("POST", "/api/encounters/{encounter}/biometric-lock/release", none(), &[("operator", 404)]),
        row("POST", "/api/encounters/{encounter}/completion", none(), &[("operator", 404)]),
        row("POST", "/api/encounters/{encounter}/refusal", none(), &[("operator", 404)]),
        row("POST", "/api/encounters/{encounter}/documents", json!({"kind": "passport"}), &[("operator", 404)]),
        row("GET", "/api/documents/{document}", none(), &[("operator", 404)]),
        row(
            "POST",
            "/api/documents/{document}/personalisation",
            json!({"number": "x", "valid_to": "2036-01-01"}),
            &[("operator", 404)],
        ),
        row("POST", "/api/documents/{document}/events", json!({"event": "lost"}), &[("operator", 404)]),
        row("POST", "/api/refusals/{refusal}/decision", none(), &[("officer", 404)]),
        row("POST", "/api/refusals/{refusal}/payment", none(), &[("officer", 404)]),
        row("POST", "/api/refusals/{refusal}/appeal", none(), &[("officer", 404), ("operator", 404)]),
        row("POST", "/api/refusals/{refusal}/appeal/outcome", json!({"outcome": "dismissed"}), &[("officer", 404)]),
        row("GET", "/api/candidates", none(), &[("fingerprint_examiner", 200)]),
        row("GET", "/api/candidates/{candidate}/material", none(), &[("fingerprint_examiner", 404)]),
        row(
            "POST",
            "/api/candidates/{candidate}/markings",
            json!({"fingers": [], "nothing_to_mark": true}),
            &[("fingerprint_examiner", 404)],
        ),
        row(
            "POST",
            "/api/candidates/{candidate}/judgements",
            json!({"verdict": "same"}),
            &[("fingerprint_examiner", 404)],
        ),
        row(
            "POST",
            "/api/revisions",
            json!({"change": {"kind": "undo", "revision": UNKNOWN}, "reason": "x"}),
            &[("second_officer", 404)],
        ),
        row("POST", "/api/revisions/{revision}/application", none(), &[("second_officer", 404)]),
        row("POST", "/api/revisions/{revision}/rejection", none(), &[("second_officer", 409)]),
        row("GET", "/api/reviews", none(), &[("second_officer", 200), ("supervisor", 200)]),
        row("POST", "/api/reviews/{review}/closure", json!({"outcome": "x"}), &[("second_officer", 409)]),
        row("POST", "/api/cases", json!({"number": "1", "kind": "crime"}), &[("officer", 201), ("dna_examiner", 201)]),
        row("POST", "/api/sanctions", sanction, &[("second_officer", 404)]),
        row("POST", "/api/signed-sanctions", json!({"case": UNKNOWN, "note": "x"}), &[("second_officer", 404)]),
        row("GET", "/api/sanction-keys", none(), &[("administrator", 200), ("supervisor", 200)]),
        row("POST", "/api/sanction-keys", office_key, &[("administrator", 422)]),
        row("POST", "/api/sanction-keys/{key}/decision", json!({"confirmed": true}), &[("supervisor", 404)]),
        row(
            "POST",
            "/api/sanction-keys/{key}/revocation",
            json!({"reason": "x"}),
            &[("administrator", 404), ("supervisor", 404)],
        ),
        row("GET", "/api/error-rates", none(), &[(EVERYONE, 200)]),
        row("POST", "/api/error-rates/counts", none(), &[("supervisor", 201)]),
        row("POST", "/api/evaluations", json!({"file": ""}), &[("administrator", 422), ("supervisor", 422)]),
        row("GET", "/api/thresholds", none(), &[("administrator", 200), ("supervisor", 200)]),
        row(
            "POST",
            "/api/thresholds",
            json!({"kind": "verification", "value": 3.2, "rate": 0.001, "evaluation": "x", "reason": "x"}),
            &[("administrator", 404)],
        ),
        row("POST", "/api/thresholds/{proposal}/decision", json!({"confirmed": true}), &[("supervisor", 404)]),
        row("POST", "/api/sanctions/{sanction}/revocation", json!({"reason": "x"}), &[("second_officer", 404)]),
        row(
            "POST",
            "/api/prior-searches",
            json!({"case": UNKNOWN, "searched": "prum", "reference": "x", "begun_at": "2026-01-01T00:00:00Z"}),
            &[("officer", 404)],
        ),
        row("GET", "/api/urgent-reviews", none(), &[("officer", 200), ("second_officer", 200), ("supervisor", 200)]),
        row(
            "POST",
            "/api/urgent-reviews/{review}/decision",
            json!({"justified": true, "decision": "x"}),
            &[("second_officer", 404)],
        ),
        row(
            "GET",
            "/api/recipient-orders",
            none(),
            &[("officer", 200), ("second_officer", 200), ("dna_examiner", 200), ("supervisor", 200)],
        ),
        row(
            "POST",
            "/api/recipient-orders/{order}/acknowledgement",
            none(),
            &[("officer", 404), ("second_officer", 404), ("dna_examiner", 404)],
        ),
        row(
            "POST",
            "/api/access-requests/{request}/exports",
            json!({"partner": "interpol", "purpose": "crime", "legal_basis": "x"}),
            &[("officer", 404)],
        ),
        row("GET", "/api/supervision/exports", none(), &[("supervisor", 200)]),
        row("GET", "/api/supervision/directions", none(), &[("supervisor", 200)]),
        row("POST", "/api/exports/check", json!({"record": "x"}), &[(EVERYONE, 422)]),
        // The role lets an officer ask; without grounds the law denies.
        row("POST", "/api/access-requests", json!({"act": "read", "iin": NO_ONES_IIN}), &[("officer", 403)]),
        row("POST", "/api/specimens", specimen, &[("dna_examiner", 403)]),
        row("POST", "/api/specimens/{specimen}/searches", search.clone(), &[("dna_examiner", 404)]),
        row("POST", "/api/specimens/{specimen}/lineage-searches", search, &[("dna_examiner", 404)]),
        row("POST", "/api/lr-searches", lr_search, &[("dna_examiner", 404)]),
        row("GET", "/api/lr-searches", none(), &[("dna_examiner", 200), ("second_officer", 200)]),
        row(
            "POST",
            "/api/lr-searches/{request}/decision",
            json!({"sanction": true, "reason": "x"}),
            &[("second_officer", 404)],
        ),
        row("POST", "/api/lr-searches/{request}/search", none(), &[("dna_examiner", 404)]),
        row("GET", "/api/genomic-hits", none(), &[("dna_examiner", 200)]),
        row("GET", "/api/genomic-hits/{hit}", none(), &[("dna_examiner", 404)]),
        row("POST", "/api/genomic-hits/{hit}/findings", json!({"verdict": "same"}), &[("dna_examiner", 404)]),
        row("GET", "/api/contaminations", none(), &[("quality_manager", 200)]),
        row(
            "POST",
            "/api/contaminations/{contamination}/decision",
            json!({"finding": "cleared", "reason": "x"}),
            &[("quality_manager", 404)],
        ),
        row("POST", "/api/reconciliations", reconciliation, &[("dna_examiner", 404)]),
        row("GET", "/api/reconciliations", none(), &[("dna_examiner", 200)]),
        row("GET", "/api/reconciliations/{reconciliation}", none(), &[("dna_examiner", 404)]),
        row(
            "POST",
            "/api/reconciliations/{reconciliation}/findings",
            json!({"verdict": "same"}),
            &[("dna_examiner", 404)],
        ),
        row(
            "POST",
            "/api/reconciliations/{reconciliation}/withdrawal",
            json!({"reason": "x"}),
            &[("dna_examiner", 404)],
        ),
        row(
            "POST",
            "/api/reconciliations/{reconciliation}/identification",
            json!({"purpose": "missing_person", "legal_basis": "x"}),
            &[("dna_examiner", 404)],
        ),
        row(
            "POST",
            "/api/genomic-references",
            json!({"kind": "allele_frequencies", "name": "x", "content": "TH01,6,2.0,100"}),
            &[("administrator", 422)],
        ),
        // An empty file is no file.
        row("POST", "/api/files", file, openers),
        row("POST", "/api/files/conversions", conversion, openers),
        // Without a header and a number.
        row("GET", "/api/data-tracker/v2/findUsage", none(), &[("portal", 400)]),
        row("GET", "/api/data-tracker/v2/usagePeriod", none(), &[("portal", 200)]),
        row("GET", "/api/data-tracker/v2/heartbeat", none(), &[("portal", 200)]),
        row("GET", "/api/me/record", none(), &[("citizen", 200)]),
        row("POST", "/api/me/biometric-lock", none(), &[("citizen", 200)]),
        // The role lets the person take the lock away; the second proof fails.
        row("POST", "/api/me/biometric-lock/release", json!({"password": "x"}), &[("citizen", 403)]),
        row("PUT", "/api/me/notices", json!({"wanted": false}), &[("citizen", 204)]),
        // No index is published here.
        row("GET", "/api/me/entries-proof", none(), &[("citizen", 409)]),
        // Nothing was registered by a consent.
        row(
            "POST",
            "/api/me/consent",
            json!({"text_version": "x", "text_hash": "x", "language": "kk"}),
            &[(SIGNED_IN, 422)],
        ),
        row("POST", "/api/me/consent/withdrawal", none(), &[("citizen", 404)]),
        row("POST", "/api/me/genomic-consent/withdrawal", none(), &[("citizen", 404)]),
        row("GET", "/api/supervision/log", none(), &[("supervisor", 200)]),
        row("GET", "/api/supervision/deletion-plans", none(), &[("supervisor", 200)]),
        row("GET", "/api/law-deliveries", none(), &[("supervisor", 200)]),
        row("POST", "/api/law-deliveries/{delivery}/acknowledgement", none(), &[("supervisor", 404)]),
        row("GET", "/api/breaches", none(), &[("supervisor", 200), ("administrator", 200)]),
        // Entries beyond the end of the log.
        row(
            "POST",
            "/api/breaches",
            json!({"what": "x", "entries": [9_999_999]}),
            &[("supervisor", 422), ("administrator", 422)],
        ),
        row(
            "POST",
            "/api/breaches/{breach}/steps",
            json!({"step": "closed", "words": "x"}),
            &[("supervisor", 404), ("administrator", 404)],
        ),
        row("GET", "/api/supervision/returns", none(), &[("supervisor", 200)]),
        row("GET", "/api/supervision/notes", none(), &[("supervisor", 200)]),
        row(
            "POST",
            "/api/supervision/note-answers",
            json!({"kind": "after_hours", "subject": "x", "entries": [9_999_999], "founded": false, "reason": "x"}),
            &[("supervisor", 422)],
        ),
        row("GET", "/api/watches", none(), &[("supervisor", 200)]),
        // Whether anybody has the number is not said.
        row(
            "POST",
            "/api/watches",
            json!({"who": {"iin": NO_ONES_IIN}, "reason": "x", "until": "2026-12-24"}),
            &[("supervisor", 201)],
        ),
        row(
            "POST",
            "/api/watches/{watch}/renewal",
            json!({"until": "2026-12-24", "reason": "x"}),
            &[("supervisor", 404)],
        ),
        row("POST", "/api/watches/{watch}/end", json!({"reason": "x"}), &[("supervisor", 404)]),
        row("GET", "/api/log/entries/{seq}/proof", none(), &[(EVERYONE, 200)]),
        // Last, because it ends the sessions.
        row("DELETE", "/api/sessions", none(), &[(SIGNED_IN, 204)]),
    ]
}

/// A synthetic number that the register of this test doesn't know.
const NO_ONES_IIN: &str = "900101100014";

pub(crate) fn path_of(template: &str) -> String {
    let part = |part: &str| match part {
        "{finger}" => "left_thumb".to_owned(),
        "{seq}" => "0".to_owned(),
        id if id.starts_with('{') => UNKNOWN.to_owned(),
        name => name.to_owned(),
    };
    template.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[test]
fn every_route_has_its_row() {
    let documented: BTreeSet<(String, String)> =
        operations(&document()).into_iter().map(|(method, path, _)| (method, path)).collect();
    let listed: BTreeSet<(String, String)> =
        table().iter().map(|row| (row.method.to_owned(), row.template.to_owned())).collect();
    assert_eq!(listed, documented, "every route of the API has exactly one row in the table of roles");
}

#[tokio::test]
async fn each_role_gets_what_the_table_says_on_every_route() {
    let person = adult(1);
    let house = house(&[&person]).await;
    let held = house.open(&person, "held").await;
    house.citizen(held["person"].as_str().unwrap()).await;
    let anyone = [(ANYONE, ANYONE)];
    let citizen = [("citizen", "citizen")];
    for row in table() {
        let path = path_of(row.template);
        let body = Some(&row.body).filter(|body| !body.is_null());
        for (login, role) in anyone.iter().chain(&ROLES).chain(&citizen) {
            let at = format!("{role:?} {} {path}", row.method);
            let reply = house.call(login, row.method, &path, body).await;
            let told = String::from_utf8_lossy(&reply.body);
            let expected = row.allowed.iter().find(|(who, _)| match *who {
                EVERYONE => true,
                SIGNED_IN => *role != ANYONE,
                who => who == *role,
            });
            match expected {
                Some((_, status)) => {
                    assert_eq!(reply.status, *status, "{at}: {told}");
                    assert!(*status != 403 || reply.problem(403) != "role", "{at}: {told}");
                }
                None if *role == ANYONE => assert_eq!(reply.problem(401), "unauthenticated", "{at}"),
                None => assert_eq!(reply.problem(403), "role", "{at}: {told}"),
            }
        }
    }
    house.assert_log_is_discreet();
}
