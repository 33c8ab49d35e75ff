//! Answers of one-to-one comparisons on the line: what somebody learns who counts their bytes.

use std::collections::BTreeSet;

use serde_json::json;
use tanba_synth::Person;

use crate::house::{FINGERS, House, Reply, adult, house, print};

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
