//! Answers of one-to-one comparisons on the line: what somebody learns who counts their bytes.

use std::collections::BTreeSet;

use serde_json::json;
use tanba_registry::LawFiles;
use tanba_synth::Person;

use crate::house::{FINGERS, House, PASSWORD, Reply, adult, house, print};

const KZ_DEMO: &str = include_str!("../../../tanba-law/packs/assumptions/kz-demo.yaml");

/// A rule for signing in with a finger, as no pack has it.
const SIGN_IN: &str = r#"
  - rule:
      code: campus
      bodies: [university]
      purposes: [education_sign_in]
      acts: [verify]
      data: [biometric_template]
      populations: [civil]
      sanction: []
      fields: [answer, pseudonym]
      notify: at_once
      ground: {cite: "invented", source: "a test", confidence: C}
      text: {kk: kk, ru: ru, en: "Signing in with a finger."}
    reason: {kk: kk, ru: ru, en: "A test."}
"#;

/// An authority at the border, and its case.
async fn border(house: &House) -> String {
    let new = json!({"code": "border", "name": "border", "body": "border_service"});
    let border = house.post("administrator", "/api/organisations", new).await.made();
    house.add_account("guard", "officer", border["id"].as_str().unwrap(), None).await;
    house.sign_in("guard", None).await;
    let case = house.post("guard", "/api/cases", json!({"number": "crossing 7", "kind": "border"})).await.made();
    case["id"].as_str().unwrap().to_owned()
}

async fn verify(house: &House, case: &str, claimed: &Person, hands: &Person, touch: u64, fingers: usize) -> Reply {
    let print = |finger| json!({"finger": finger, "image": print(hands, finger, touch)});
    let request = json!({
        "act": "verify", "purpose": "border_control", "case": case, "legal_basis": "Law on the state border",
        "iin": claimed.iin.as_str(), "prints": FINGERS[..fingers].iter().map(|finger| print(*finger)).collect::<Vec<_>>(),
    });
    house.post("guard", "/api/access-requests", request).await
}

#[tokio::test]
async fn control_c5_yes_and_every_no_have_one_length() {
    let (aida, other, begun, nobody) = (adult(11), adult(12), adult(13), adult(14));
    let house = house(&[&aida, &other, &begun]).await;
    house.register(&aida, &aida, "k1", 1).await;
    house.register(&other, &other, "k2", 1).await;
    house.open(&begun, "k3").await;
    let case = border(&house).await;
    let (claimed, hands) = ([&aida, &other, &begun, &nobody], [&aida, &other, &nobody]);
    let mut chance: u64 = 20_261_123;
    let mut draw = |below: usize| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(chance >> 33).unwrap() % below
    };
    let (mut lengths, mut heads, mut members) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let (mut yes, mut no) = (0, 0);
    let every = (0..4).flat_map(|claimed| (0..3).map(move |hands| (claimed, hands)));
    let cases: Vec<(usize, usize)> = every.chain((0..36).map(|_| (draw(4), draw(3)))).collect();
    for (who, whose) in cases {
        let (touch, fingers) = (2 + u64::try_from(draw(2)).unwrap(), 1 + draw(2));
        let reply = verify(&house, &case, claimed[who], hands[whose], touch, fingers).await;
        assert_eq!(reply.status, 201);
        lengths.insert(reply.body.len());
        heads.insert(format!("{:?}", reply.headers));
        let answer = reply.json();
        members.extend(answer.as_object().unwrap().keys().cloned());
        // Only a registered person's own hands are theirs.
        assert!(answer["same"] == false || (who == whose && who < 2), "{who} {whose}: {answer}");
        if answer["same"] == true { yes += 1 } else { no += 1 }
    }
    assert!(yes >= 4 && no >= 24, "{yes} times yes, {no} times no");
    assert_eq!((lengths.len(), heads.len()), (1, 1), "one length, the same headers: {lengths:?} {heads:?}");
    assert_eq!(members.iter().collect::<Vec<_>>(), ["assumed", "clause", "log_seq", "request", "same"]);
}

#[tokio::test]
async fn control_c5_a_service_is_not_told_that_somebody_is_locked() {
    let (aida, other, nobody) = (adult(11), adult(12), adult(14));
    let house = house(&[&aida, &other]).await;
    let done = house.register(&aida, &aida, "k1", 1).await;
    house.citizen(done["encounter"]["person"].as_str().unwrap()).await;
    let law = tempfile::tempdir().unwrap();
    let sheet = KZ_DEMO.replacen("\nretention:\n", &format!("{SIGN_IN}\nretention:\n"), 1);
    std::fs::write(law.path().join("sheet.yaml"), sheet).unwrap();
    let offered = house.registry.deliver_law(&LawFiles::read(law.path(), None).unwrap()).await.unwrap().unwrap();
    let path = format!("/api/law-deliveries/{}/acknowledgement", offered.id);
    assert_eq!(house.call("supervisor", "POST", &path, None).await.status, 204);
    let new = json!({"code": "campus", "name": "campus", "body": "university"});
    let campus = house.post("administrator", "/api/organisations", new).await.made()["id"].clone();
    house.add_account("porter", "officer", campus.as_str().unwrap(), None).await;
    house.sign_in("porter", None).await;
    let new = json!({"organisation": campus, "code": "door", "purpose": "education_sign_in", "legal_basis": "rules"});
    let service = house.post("administrator", "/api/services", new).await.made()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/services/{service}/verifications");
    let ask = async |claimed: &Person, hands: &Person| {
        let print = |finger| json!({"finger": finger, "image": print(hands, finger, 2)});
        let claim = json!({"iin": claimed.iin.as_str(), "prints": FINGERS.map(print)});
        let reply = house.post("porter", &path, claim).await;
        assert_eq!(reply.status, 201);
        let mut answer = reply.json();
        for of_this_request in ["request", "log_seq"] {
            assert!(answer.as_object_mut().unwrap().remove(of_this_request).is_some());
        }
        (reply.body.len(), format!("{:?}", reply.headers), answer)
    };
    let yes = ask(&aida, &aida).await;
    assert_eq!((&yes.2["same"], yes.2["pseudonym"].as_str().unwrap().len()), (&json!(true), 64));
    let no = ask(&aida, &other).await;
    assert_eq!((&no.2["same"], no.2.get("pseudonym")), (&json!(false), None));
    assert_eq!((yes.0, &yes.1), (no.0, &no.1), "one length, the same headers");
    assert_eq!(ask(&nobody, &nobody).await, no);
    assert!(house.post("citizen", "/api/me/biometric-lock", json!({})).await.made()["locked_at"].is_string());
    assert_eq!(ask(&aida, &aida).await, no, "a locked person is answered as nobody is");
    let release = "/api/me/biometric-lock/release";
    house.post("citizen", release, json!({"password": "not the password"})).await.problem(403);
    assert_eq!(house.post("citizen", release, json!({"password": PASSWORD})).await.status, 204);
    assert_eq!(ask(&aida, &aida).await, yes, "and told the same name as before");
    house.assert_log_is_discreet();
}
