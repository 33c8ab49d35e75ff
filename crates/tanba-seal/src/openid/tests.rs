//! Every way in which a provider's answer must not be taken, from a provider in software.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256, Sha512};

use super::software::{fresh_pkcs8, jwk};
use super::*;

const ISSUER: &str = "https://id.example/v1";
const CLIENT: &str = "tanba";
const NONCE: &str = "n-1";
const ACCESS: &str = "an access token";
/// 2026-11-27.
const NOW: i64 = 1_795_737_600;
/// A key that was made for these tests.
const RSA: &[u8] = include_bytes!("../../tests/it/fixtures/openid-rsa.pk8");

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn ec() -> (EcdsaKeyPair, Vec<u8>) {
    let (random, pkcs8) = (SystemRandom::new(), fresh_pkcs8());
    (EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8, &random).unwrap(), pkcs8)
}

fn set(keys: &[Value]) -> KeySet {
    KeySet::read(json!({"keys": keys}).to_string().as_bytes()).unwrap()
}

fn claims() -> Value {
    json!({"iss": ISSUER, "sub": "pairwise-1", "aud": CLIENT, "azp": CLIENT, "exp": NOW + 300, "iat": NOW, "auth_time": NOW - 5,
        "nonce": NONCE, "acr": "high", "at_hash": b64(&Sha256::digest(ACCESS)[..16]), "individual_id": "a number"})
}

fn expected(acr: &[String]) -> Expected<'_> {
    Expected { issuer: ISSUER, client: CLIENT, nonce: NONCE, acr, recognised_since: None, now: NOW }
}

/// A token whose parts before the signature are these.
fn token(head: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let text = format!("{}.{}", b64(head.to_string()), b64(claims.to_string()));
    format!("{text}.{}", b64(sign(text.as_bytes())))
}

fn es256(key: &EcdsaKeyPair) -> impl Fn(&[u8]) -> Vec<u8> {
    |text| key.sign(&SystemRandom::new(), text).unwrap().as_ref().to_vec()
}

fn changed(name: &str, value: Value) -> Value {
    let mut said = claims();
    said[name] = value;
    said
}

fn without(name: &str) -> Value {
    let mut said = claims();
    said.as_object_mut().unwrap().remove(name);
    said
}

#[test]
fn control_f9_a_token_is_good_by_each_of_the_four_signatures() {
    let (key, _) = ec();
    let ed = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let rsa = RsaKeyPair::from_pkcs8(RSA).unwrap();
    let rsa_jwk = |alg: Option<&str>, kid: &str| {
        let public = RsaPublicKeyComponents::<Vec<u8>>::from(rsa.public());
        let mut jwk = json!({"kty": "RSA", "kid": kid, "n": b64(public.n), "e": b64(public.e)});
        if let Some(alg) = alg {
            jwk["alg"] = json!(alg);
        }
        jwk
    };
    let keys = set(&[
        jwk("e", &key),
        json!({"kty": "OKP", "crv": "Ed25519", "kid": "o", "x": b64(ed.public_key().as_ref())}),
        rsa_jwk(Some("RS256"), "r"),
        rsa_jwk(None, "both"),
        json!({"kty": "oct", "kid": "secret", "k": b64("shared")}),
        json!({"kty": "EC", "crv": "P-521", "kid": "large", "x": "AA", "y": "AA"}),
    ]);
    let by_rsa = |how: &'static dyn ring::signature::RsaEncoding| {
        let rsa = &rsa;
        move |text: &[u8]| {
            let mut signature = vec![0; rsa.public().modulus_len()];
            rsa.sign(how, &SystemRandom::new(), text, &mut signature).unwrap();
            signature
        }
    };
    let high = ["high".to_owned()];
    let mut by_ed = claims();
    by_ed["at_hash"] = json!(b64(&Sha512::digest(ACCESS)[..32]));
    for token in [
        token(&json!({"alg": "ES256", "kid": "e"}), &claims(), es256(&key)),
        // Without a name where one key alone can be meant.
        token(&json!({"alg": "ES256"}), &claims(), es256(&key)),
        token(&json!({"alg": "EdDSA", "kid": "o"}), &by_ed, |text| ed.sign(text).as_ref().to_vec()),
        token(&json!({"alg": "RS256", "kid": "r"}), &claims(), by_rsa(&RSA_PKCS1_SHA256)),
        token(&json!({"alg": "PS256", "kid": "both"}), &claims(), by_rsa(&RSA_PSS_SHA256)),
    ] {
        let good = IdToken::verify(&token, ACCESS, &keys, &expected(&high)).unwrap();
        assert_eq!((good.claim("sub"), good.claim("individual_id")), (Some("pairwise-1"), Some("a number")));
        assert!(!format!("{good:?}").contains("number"));
    }
    for (head, sign) in [
        // A key is for the algorithm that its provider names.
        (json!({"alg": "PS256", "kid": "r"}), by_rsa(&RSA_PSS_SHA256)),
        // Two keys could be meant.
        (json!({"alg": "RS256"}), by_rsa(&RSA_PKCS1_SHA256)),
    ] {
        let refused = IdToken::verify(&token(&head, &claims(), sign), ACCESS, &keys, &expected(&high));
        assert_eq!(refused.unwrap_err(), OpenIdError::UnknownKey, "{head}");
    }
}

#[test]
fn control_f9_a_token_with_one_thing_wrong_is_refused_for_that() {
    use OpenIdError as E;
    let ((key, _), (other, _)) = (ec(), ec());
    let keys = set(&[jwk("1", &key)]);
    let head = json!({"alg": "ES256", "kid": "1"});
    let high = ["high".to_owned()];
    let verify = |token: &str| IdToken::verify(token, ACCESS, &keys, &expected(&high)).map(drop);
    let public = key.public_key().as_ref();
    let hs256 =
        |text: &[u8]| ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, public), text).as_ref().to_vec();
    let good = token(&head, &claims(), es256(&key));
    assert_eq!(verify(&good), Ok(()));
    let mut flipped = good.clone();
    let at = flipped.find('.').unwrap() + 3;
    flipped.replace_range(at..=at, if &flipped[at..=at] == "A" { "B" } else { "A" });
    for (token, why) in [
        (flipped, E::BadSignature),
        (token(&head, &claims(), es256(&other)), E::BadSignature),
        (token(&json!({"alg": "none"}), &claims(), |_| Vec::new()), E::WrongAlgorithm),
        (token(&json!({"alg": "None", "kid": "1"}), &claims(), |_| Vec::new()), E::WrongAlgorithm),
        (token(&json!({"alg": "HS256", "kid": "1"}), &claims(), hs256), E::WrongAlgorithm),
        (token(&json!({"alg": "ES256", "kid": "1"}), &claims(), hs256), E::BadSignature),
        (token(&json!({"alg": "RS256", "kid": "1"}), &claims(), es256(&key)), E::UnknownKey),
        (token(&json!({"alg": "ES256", "kid": "2"}), &claims(), es256(&key)), E::UnknownKey),
        (token(&json!({"alg": "ES256", "kid": "1", "crit": ["x"], "x": 1}), &claims(), es256(&key)), E::WrongAlgorithm),
        (token(&json!({"alg": "ES256", "kid": "1", "b64": false}), &claims(), es256(&key)), E::WrongAlgorithm),
        (good.replace('.', ".."), E::BadSignature),
        (format!("{good}."), E::BadSignature),
        (format!("{good}="), E::Unreadable("token")),
        (String::new(), E::Unreadable("token")),
        ("A".repeat(1 << 20), E::Unreadable("token")),
    ] {
        assert_eq!(verify(&token), Err(why), "{token:.80}");
    }
    for (said, why) in [
        (changed("iss", json!("https://other.example")), E::WrongIssuer),
        (changed("iss", json!(format!("{ISSUER}/"))), E::WrongIssuer),
        (changed("aud", json!("another")), E::WrongAudience),
        (changed("aud", json!([])), E::WrongAudience),
        (changed("aud", json!([CLIENT, "another"])), E::WrongAudience),
        (changed("azp", json!("another")), E::WrongAudience),
        (changed("exp", json!(NOW - SKEW_SECONDS)), E::Expired),
        (changed("exp", json!(-1e300)), E::Expired),
        (changed("iat", json!(NOW + SKEW_SECONDS + 1)), E::NotYet),
        (changed("nbf", json!(NOW + SKEW_SECONDS + 1)), E::NotYet),
        (changed("auth_time", json!(NOW + SKEW_SECONDS + 1)), E::NotYet),
        (changed("nonce", json!("n-2")), E::WrongNonce),
        (without("nonce"), E::WrongNonce),
        (changed("acr", json!("low")), E::TooWeak),
        (without("acr"), E::TooWeak),
        (changed("at_hash", json!("AAAA")), E::WrongAccessToken),
        (changed("sub", json!("")), E::Unreadable("token")),
        (without("exp"), E::Unreadable("token")),
        (without("iat"), E::Unreadable("token")),
        (without("aud"), E::Unreadable("token")),
        (json!([]), E::Unreadable("token")),
    ] {
        assert_eq!(verify(&token(&head, &said, es256(&key))), Err(why), "{said}");
    }
    // What may be left out, and clocks that differ a little.
    for said in [
        without("azp"),
        without("at_hash"),
        without("auth_time"),
        changed("aud", json!([CLIENT])),
        changed("exp", json!(NOW - SKEW_SECONDS + 1)),
        changed("iat", json!(NOW + SKEW_SECONDS)),
    ] {
        assert_eq!(verify(&token(&head, &said, es256(&key))), Ok(()), "{said}");
    }
    // The same claim twice, one for each of two readers.
    let text = claims().to_string().replacen('{', r#"{"aud": "another", "#, 1);
    let signed = format!("{}.{}", b64(head.to_string()), b64(text));
    let twice = format!("{signed}.{}", b64(es256(&key)(signed.as_bytes())));
    assert_eq!(verify(&twice), Err(E::Unreadable("token")));
    // Recognised anew.
    for (since, said, why) in [
        (NOW - 5, claims(), None),
        (NOW + SKEW_SECONDS - 5, claims(), None),
        (NOW + SKEW_SECONDS - 4, claims(), Some(E::TooLongAgo)),
        (NOW, without("auth_time"), Some(E::TooLongAgo)),
    ] {
        let expected = Expected { recognised_since: Some(since), ..expected(&high) };
        let token = token(&head, &said, es256(&key));
        assert_eq!(IdToken::verify(&token, ACCESS, &keys, &expected).err(), why);
    }
}

#[test]
fn control_f9_a_further_answer_is_about_the_same_person() {
    let (key, _) = ec();
    let keys = set(&[jwk("1", &key)]);
    let head = json!({"alg": "ES256"});
    let high = ["high".to_owned()];
    let id = IdToken::verify(&token(&head, &claims(), es256(&key)), ACCESS, &keys, &expected(&high)).unwrap();
    let read = |body: &str, signed| {
        let read = UserInfo::read(body.as_bytes(), signed, &keys, &id, &expected(&high))?;
        assert!(!format!("{read:?}").contains('7'));
        Ok(read.claim("number").map(str::to_owned))
    };
    let said = json!({"iss": ISSUER, "aud": CLIENT, "sub": "pairwise-1", "number": "7"});
    assert_eq!(read(&said.to_string(), false), Ok(Some("7".to_owned())));
    assert_eq!(read(&token(&head, &said, es256(&key)), true), Ok(Some("7".to_owned())));
    let but = |name: &str| {
        let mut said = said.clone();
        said[name] = json!("another");
        said
    };
    assert_eq!(read(&but("sub").to_string(), false), Err(OpenIdError::AnotherPerson));
    for (name, why) in
        [("sub", OpenIdError::AnotherPerson), ("iss", OpenIdError::WrongIssuer), ("aud", OpenIdError::WrongAudience)]
    {
        assert_eq!(read(&token(&head, &but(name), es256(&key)), true), Err(why));
    }
    assert_eq!(read(&token(&head, &said, |_| vec![0; 64]), true), Err(OpenIdError::BadSignature));
    assert!(matches!(read("<html>", false), Err(OpenIdError::Unreadable(_))));
}

#[test]
fn control_f9_a_description_names_its_own_issuer_and_its_own_hosts() {
    let hosts = ["id.example".to_owned(), "api.example".to_owned()].into();
    let description = json!({
        "issuer": ISSUER, "authorization_endpoint": "https://id.example/authorize", "token_endpoint": "https://api.example:8443/token",
        "jwks_uri": "https://id.example/jwks", "userinfo_endpoint": "https://id.example/userinfo", "code_challenge_methods_supported": ["S256"]
    });
    let read = |name: &str, value: Value| {
        let mut said = description.clone();
        said[name] = value;
        Discovery::read(said.to_string().as_bytes(), ISSUER, &hosts).map(drop)
    };
    assert_eq!(read("x", json!(1)), Ok(()));
    assert_eq!(read("issuer", json!("https://other.example")), Err(OpenIdError::AnotherProvider));
    assert_eq!(read("code_challenge_methods_supported", json!(["plain"])), Err(OpenIdError::NoPkce));
    for name in ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint"] {
        for foreign in [
            "https://elsewhere.example/x",
            "http://id.example/x",
            "https://id.example@elsewhere.example/x",
            "https://id.example:x/",
            "https://id.example\\@elsewhere.example/",
            "https://ID.example/",
            "https://169.254.169.254/latest",
            "https://id.example/x#fragment",
            "file:///etc/passwd",
            "//id.example/",
            "",
        ] {
            assert_eq!(read(name, json!(foreign)), Err(OpenIdError::ForeignAddress), "{name} {foreign}");
        }
    }
    assert_eq!(host_of("http://127.0.0.1:8080/x"), Some("127.0.0.1"));
    assert_eq!(host_of("http://[::1]:8080/x"), Some("::1"));
    assert_eq!(host_of("https://id.example?x=https://y"), Some("id.example"));
    assert_eq!(Discovery::place("https://id.example/v1/"), Discovery::place("https://id.example/v1"));
}

#[test]
fn control_f9_what_the_browser_brings_back_is_read_in_one_way() {
    let read = |query: &str| Callback::read(query);
    let good = read("code=a%2Bb+c&state=s&session_state=x&iss=https%3A%2F%2Fid.example%2Fv1").unwrap();
    assert_eq!((good.code.as_deref(), good.state.as_deref()), (Some("a+b c"), Some("s")));
    assert_eq!((good.iss.as_deref(), good.error), (Some(ISSUER), None));
    assert_eq!(read("").unwrap(), Callback::default());
    for bad in ["code=a&code=b", "state=a&st%61te=b", "code=", "code", "iss=%", "iss=%4", "iss=%zz", "iss=%ff"] {
        assert!(read(bad).is_err(), "{bad}");
    }
    assert!(read(&format!("code={}", "a".repeat(9000))).is_err());
}

#[test]
fn control_f9_the_service_signs_who_it_is() {
    let random = SystemRandom::new();
    let (key, pkcs8) = ec();
    let said = Assertion { client: CLIENT, audience: ISSUER, id: "once", now: NOW };
    let signed = ClientKey::read(&pkcs8, ClientAlgorithm::Es256, Some("mine".to_owned()), &random).unwrap();
    let text = signed.assertion(&said, &random).unwrap();
    let (message, signature) = text.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.public_key().as_ref().to_vec());
    public.verify(message.as_bytes(), &signature).unwrap();
    let parts: Vec<Value> = message
        .split('.')
        .map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
        .collect();
    assert_eq!(parts[0], json!({"alg": "ES256", "typ": "JWT", "kid": "mine"}));
    assert_eq!(
        parts[1],
        json!({"iss": CLIENT, "sub": CLIENT, "aud": ISSUER, "jti": "once", "iat": NOW, "exp": NOW + 120})
    );
    let rsa = ClientKey::read(RSA, ClientAlgorithm::Rs256, None, &random).unwrap();
    let text = rsa.assertion(&said, &random).unwrap();
    let (message, signature) = text.rsplit_once('.').unwrap();
    let pair = RsaKeyPair::from_pkcs8(RSA).unwrap();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref())
        .verify(message.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap())
        .unwrap();
    for (pkcs8, algorithm) in
        [(RSA, ClientAlgorithm::Es256), (&pkcs8, ClientAlgorithm::Ps256), (b"", ClientAlgorithm::Rs256)]
    {
        assert!(ClientKey::read(pkcs8, algorithm, None, &random).is_err());
    }
    let shown = format!("{signed:?}");
    assert!(!shown.contains(&STANDARD.encode(&pkcs8)[..8]) && shown.contains("Es256"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400), text in "[a-z=&%.+{}\":0-9]{0,200}") {
        let (key, _) = ec();
        let keys = set(&[jwk("1", &key)]);
        let _ = KeySet::read(&bytes);
        let _ = Discovery::read(&bytes, ISSUER, &[].into());
        let _ = Callback::read(&text);
        let _ = host_of(&text);
        for token in [text.clone(), String::from_utf8_lossy(&bytes).into_owned()] {
            prop_assert!(IdToken::verify(&token, ACCESS, &keys, &expected(&[])).is_err());
        }
    }

    #[test]
    fn a_token_that_is_cut_or_changed_anywhere_is_refused(at in any::<prop::sample::Index>(), to in any::<u8>(), cut in any::<bool>()) {
        let (key, _) = ec();
        let keys = set(&[jwk("1", &key)]);
        let mut token = token(&json!({"alg": "ES256"}), &claims(), es256(&key)).into_bytes();
        let (at, before) = (at.index(token.len()), token.clone());
        if cut { token.truncate(at) } else { token[at] = to }
        prop_assume!(token != before);
        let token = String::from_utf8_lossy(&token).into_owned();
        prop_assert!(IdToken::verify(&token, ACCESS, &keys, &expected(&[])).is_err());
    }
}
